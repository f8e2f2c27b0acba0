//! Threads: the only room that starts any. Passes over files, in order; progress.

pub mod progress;
pub mod qc;
pub mod scan;
pub mod stream;
