//! DRAGEN's copy-number caller: `<DEL>`, `<DUP>`, both with CN; IDs `DRAGEN:LOSS:...`, FORMAT SM (segment mean), CN, BC.

use super::{Dialect, is_dragen};
use crate::model::structural::Evidence;

pub(super) const DIALECT: Dialect = Dialect {
    id: "dragen-cnv",
    recognises: |header| {
        is_dragen(header) && header.format("CN").is_some() && header.format("PR").is_none()
    },
    evidence: Some(Evidence::Depth),
    quality: &["GQ", "QS"],
};
