//! Consequence annotations in one shape, whoever wrote them: VEP `CSQ`, SnpEff `ANN`, bcftools `BCSQ`.

mod bcsq;
mod ids;
pub mod schema;
mod snpeff;
mod vep;

pub use schema::{AlleleContext, Reading, Schema};
