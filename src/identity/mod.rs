//! Is it the right sample? Contamination, relations, tumour against normal, from what samples look like at known sites
//! ([`crate::model::sketch::Sketch`]) or from the genotypes of a joint file.
//!
//! One estimator a file: [`contamination`] looks at one sample (or a tumour with its normal), [`relatedness`] at pairs
//! and families, [`sex`] at the chromosomes X and Y, [`chromosomes`] at whole ones; [`case`] brings them together. Limits are data
//! ([`crate::policy::identity`], [`crate::policy::karyotype`]). Where the data hold too few sites the answer is "too few
//! sites", never a number. Nothing here reads a file or starts a thread.

pub mod case;
pub mod chromosomes;
pub mod concordance;
pub mod contamination;
pub mod genotype;
pub mod relatedness;
pub mod sample;
pub mod sex;
pub mod sites;

#[cfg(any(test, feature = "simulate"))]
pub mod mixture;
