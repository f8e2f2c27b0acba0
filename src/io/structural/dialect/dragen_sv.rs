//! DRAGEN's structural-variant caller, which grew out of Manta: the same fields, other IDs.

use super::{Dialect, is_dragen};
use crate::model::structural::Evidence;

pub(super) const DIALECT: Dialect = Dialect {
    id: "dragen-sv",
    recognises: |header| is_dragen(header) && header.format("PR").is_some(),
    evidence: Some(Evidence::Breakpoints),
    quality: &["GQ"],
};
