//! The second look at the reads: what those of one member show of one variant.
//!
//! | variant | read by |
//! |---|---|
//! | as many bases as before (SNV, MNV) | the bases at the site |
//! | another length, with a reference | the likelihood of each read under both haplotypes |
//! | another length, without a reference | the operations of its CIGAR, as the aligner placed them |
//!
//! Nothing here reads a file of reads: records come as [`ReadView`](crate::model::read::ReadView)s, by place, from `exec`.
//! Counts are whole numbers and reads come in the order of the file, so that they do not depend on threads.

mod fragments;
pub mod haplotypes;
pub mod limits;
pub mod microsatellites;
pub mod picture;
mod place;
pub mod site;
#[cfg(test)]
mod tests;

pub use limits::Limits;
pub use site::{Counter, Site};
