//! How much of a sample comes from another person.
//!
//! | file | estimate | needs |
//! |---|---|---|
//! | [`freemix()`] | share of foreign reads by likelihood, ancestry fitted along | base qualities |
//! | [`of_tumour()`] | the same of a tumour, where its normal sample is homozygous | base qualities of both |
//! | [`charr`] | reference bases at homozygous alternate sites | counts or calls with depths |
//! | [`tumour_in_normal`] | tumour cells in the normal sample | somatic calls with depths of both |
//!
//! The others are parts: `reads` picks sites, `likelihood` has the model, `frequencies` the priors, `profile` the search
//! and the interval, `optimise` one-dimensional searches.

pub mod charr;
mod freemix;
mod frequencies;
mod likelihood;
mod of_tumour;
mod optimise;
mod profile;
mod reads;
pub mod tumour_in_normal;

pub use freemix::freemix;
pub use of_tumour::of_tumour;

#[cfg(test)]
mod tests;
