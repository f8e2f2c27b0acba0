//! Building a store with several threads: a file after the other, each in stretches. Memory is bounded by the stretches in
//! flight.

use std::path::{Path, PathBuf};

use super::stream::for_each_stretch;
use crate::io::store::Meta;
use crate::io::variants::{Lines, StoreBuild};
use crate::model::problem::Problem;

/// Reads the files and writes the store; its bytes are the same for any number of threads.
///
/// # Errors
///
/// As [`StoreBuild::to_file`].
pub fn build(
    plan: &StoreBuild,
    inputs: &[PathBuf],
    output: &Path,
    threads: usize,
) -> Result<Meta, Problem> {
    plan.to_file(inputs, output, &|source, sink| {
        let worker = || {
            let mut reader = source.reader();
            move |lines: &mut Lines<'_>| reader.batch(lines)
        };
        for_each_stretch(source.file, threads, worker, sink)?;
        Ok(())
    })
}
