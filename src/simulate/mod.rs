//! Cases with known answers: references, trios, tumour-normal pairs, and bulk data for benchmarks.
//!
//! Everything is drawn from a seed; the bytes do not depend on the number of threads. Every file says that it is simulated.

pub mod bulk_calls;
pub mod bulk_genes;
pub mod bulk_reads;
pub mod bulk_records;
pub mod bulk_trio;
pub mod calls;
pub mod csq;
pub mod family;
pub mod gene;
pub mod haplotype;
pub mod mixture;
pub mod pair;
pub mod panel;
pub mod plan;
pub mod quality;
pub mod reads;
pub mod reference;
pub mod sample;
mod segment;
pub mod sequence;
pub mod trio;
pub mod tumour;
pub mod windows;

pub use crate::model::rng;
