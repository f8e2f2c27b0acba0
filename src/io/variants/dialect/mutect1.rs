//! MuTect (the first): AD as GATK, FA the share of ALT reads. The normal's GT may be a lone 0 and its BQ a dot.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct Mutect1;

impl Dialect for Mutect1 {
    fn id(&self) -> &'static str {
        "mutect1"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["AD", "FA"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let fraction = sample.share("FA", sample.number - 1);
        Counts { fraction, ..sample.by_allele() }
    }
}
