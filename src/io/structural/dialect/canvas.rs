//! Canvas: copy number by depth. `<CNV>` with FORMAT CN; the ID says GAIN, LOSS or REF. Illumina's `SV.vcf.gz` holds Manta's
//! records beside Canvas's, which the IDs tell apart.

use super::{Dialect, source_says};

pub(super) const DIALECT: Dialect = Dialect {
    id: "canvas",
    recognises: |header| source_says(header, "canvas"),
    evidence: None,
    quality: &["QS", "GQ"],
};
