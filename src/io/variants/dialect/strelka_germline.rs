//! Strelka2 germline: AD as GATK; the depth of indels is DPI, not DP.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct StrelkaGermline;

impl Dialect for StrelkaGermline {
    fn id(&self) -> &'static str {
        "strelka2-germline"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["AD", "GQX"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let depth = sample.count("DP", 0).or_else(|| sample.count("DPI", 0));
        Counts { depth, ..sample.by_allele() }
    }
}
