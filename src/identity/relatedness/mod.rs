//! How samples are related, and whether a family is the one that the pedigree says.
//!
//! | file | holds |
//! |---|---|
//! | [`bits`] | genotypes of a sample, three bits a site, and the counts of a pair |
//! | [`tiles`] | counts of many pairs: a row of samples against all that follow |
//! | [`relation`] | the relation that counts say, and what a group of samples adds to it |
//! | [`pedigree`] | the relation and kinship that a pedigree says |
//! | [`mendel`] | genotypes of a child that its parents cannot have passed on |
//! | [`family`] | all of it together, outcomes and sentences |
//! | `suspicion` | the sentences |

pub mod bits;
pub mod family;
pub mod mendel;
pub mod pedigree;
pub mod relation;
mod suspicion;
pub mod tiles;

#[cfg(test)]
mod tests;
