//! GATK HaplotypeCaller and every caller with its fields: AD with one value for each allele, DP.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct Gatk;

impl Dialect for Gatk {
    fn id(&self) -> &'static str {
        "gatk"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["AD"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        sample.by_allele()
    }
}
