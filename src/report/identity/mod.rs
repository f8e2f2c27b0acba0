//! Identity checks in the formats of other programs, which stock MultiQC reads. One format a file.

pub mod case_files;
pub mod conpair;
pub mod self_sm;
pub mod somalier;

#[cfg(test)]
mod tests;

/// A name as a cell of a table: no tab, no line end.
fn cell(name: &str) -> String {
    name.replace(['\t', '\n', '\r'], " ")
}
