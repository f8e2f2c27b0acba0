//! Illumina DRAGEN: AD and DP as GATK; its AF is a rounded ratio of AD and is not used.

use super::{Counts, Dialect, SampleView, has, source_says};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct Dragen;

impl Dialect for Dragen {
    fn id(&self) -> &'static str {
        "dragen"
    }

    fn speaks(&self, header: &Header, keys: &[Vec<u8>]) -> bool {
        source_says(header, "dragen") && has(keys, &["AD"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        sample.by_allele()
    }
}
