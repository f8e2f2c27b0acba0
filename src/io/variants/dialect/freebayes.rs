//! FreeBayes: RO holds the reference reads, AO the reads with each ALT.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct FreeBayes;

impl Dialect for FreeBayes {
    fn id(&self) -> &'static str {
        "freebayes"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["RO", "AO"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        Counts {
            depth: sample.count("DP", 0),
            reference: sample.count("RO", 0),
            alternate: sample.count("AO", sample.number - 1),
            fraction: None,
        }
    }
}
