//! Threads: the only room that starts any. Passes over files, in order; progress.

pub mod batches;
pub mod evidence;
pub mod filtering;
pub mod identity;
pub mod microsatellites;
pub mod pictures;
mod prepare;
pub mod progress;
pub mod qc;
pub mod refget;
pub mod scan;
pub mod signatures;
pub mod stores;
pub mod stream;

/// How many threads the process may use, by CPU affinity and cgroup limits; at least one.
pub fn allowed_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Waits, for those who look again and again at something that others write.
pub fn pause(time: std::time::Duration) {
    std::thread::sleep(time);
}
