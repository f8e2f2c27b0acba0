//! Plain data that passes between rooms: no I/O, no threads, no third-party genomics types.

pub mod contig;
pub mod coord;
pub mod problem;
