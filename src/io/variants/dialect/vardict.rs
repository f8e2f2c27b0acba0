//! VarDict: VD holds the ALT reads, AF their share; AD, where written, as GATK.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct VarDict;

impl Dialect for VarDict {
    fn id(&self) -> &'static str {
        "vardict"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["VD"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        Counts {
            alternate: sample.count("VD", sample.number - 1),
            fraction: sample.share("AF", sample.number - 1),
            ..sample.by_allele()
        }
    }
}
