//! The words of sex chromosomes that records of several models share.

use crate::model::sample::Sex;

/// Copies of X, and the sex that a Y, or its absence, shows.
const KARYOTYPES: [(&str, Option<(u8, Sex)>); 9] = [
    ("XX", Some((2, Sex::Female))),
    ("XY", Some((1, Sex::Male))),
    ("XO", Some((1, Sex::Female))),
    ("XXY", Some((2, Sex::Male))),
    ("XXX", Some((3, Sex::Female))),
    ("XXYY", Some((2, Sex::Male))),
    ("XXXY", Some((3, Sex::Male))),
    ("XXXX", Some((4, Sex::Female))),
    ("XYY", Some((1, Sex::Male))),
];

/// All words, after a model's own two for a karyotype that is not known and one that is none of these.
pub(super) fn words(unknown: [&'static str; 2]) -> Vec<(&'static str, Option<(u8, Sex)>)> {
    unknown.map(|word| (word, None)).into_iter().chain(KARYOTYPES).collect()
}
