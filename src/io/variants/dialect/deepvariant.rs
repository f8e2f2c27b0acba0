//! DeepVariant and DeepSomatic: AD as GATK; VAF is the caller's own share, of all reads at the site.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct DeepVariant;

impl Dialect for DeepVariant {
    fn id(&self) -> &'static str {
        "deepvariant"
    }

    fn speaks(&self, header: &Header, keys: &[Vec<u8>]) -> bool {
        let named = ["DeepVariant_version", "DeepSomatic_version"];
        has(keys, &["AD", "VAF"]) && named.iter().any(|name| header.values(name).next().is_some())
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let fraction = sample.share("VAF", sample.number - 1);
        Counts { fraction, ..sample.by_allele() }
    }
}
