//! VarScan 2: RD holds the reference reads, AD the ALT reads alone, FREQ their share in percent.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct VarScan;

impl Dialect for VarScan {
    fn id(&self) -> &'static str {
        "varscan"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["RD", "AD", "FREQ"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        Counts {
            depth: sample.count("DP", 0),
            reference: sample.count("RD", 0),
            alternate: sample.count("AD", sample.number - 1),
            fraction: sample.share("FREQ", sample.number - 1),
        }
    }
}
