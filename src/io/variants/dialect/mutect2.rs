//! GATK Mutect2: AD as GATK; FORMAT AF is the caller's own estimate of the allele fraction, kept beside the counts.

use super::{Counts, Dialect, SampleView, has, source_says};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct Mutect2;

impl Dialect for Mutect2 {
    fn id(&self) -> &'static str {
        "mutect2"
    }

    fn speaks(&self, header: &Header, keys: &[Vec<u8>]) -> bool {
        // Files merged from several callers keep the fields, not the source line.
        has(keys, &["AF"])
            && (source_says(header, "mutect2") || has(keys, &["F1R2"]) || has(keys, &["ALT_F1R2"]))
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let fraction = sample.share("AF", sample.number - 1);
        Counts { fraction, ..sample.by_allele() }
    }
}
