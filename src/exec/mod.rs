//! Threads: the only room that starts any. Passes over files, in order.

pub mod stream;
