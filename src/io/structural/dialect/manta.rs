//! Manta: breakpoints by read pairs (PR) and split reads (SR); somatic files have no genotype.

use super::{Dialect, source_says};
use crate::model::structural::Evidence;

pub(super) const DIALECT: Dialect = Dialect {
    id: "manta",
    recognises: |header| {
        source_says(header, "generatesvcandidates") || source_says(header, "manta")
    },
    evidence: Some(Evidence::Breakpoints),
    quality: &["GQ"],
};
