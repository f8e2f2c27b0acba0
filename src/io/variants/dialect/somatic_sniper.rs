//! SomaticSniper: BCOUNT holds the reads with A, C, G and T; DP4 splits reference and all else by strand and does not tell
//! several ALTs apart.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct SomaticSniper;

impl Dialect for SomaticSniper {
    fn id(&self) -> &'static str {
        "somatic-sniper"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["BCOUNT", "DP4", "SSC"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let reads = |allele: &[u8]| {
            let place = match allele {
                b"A" | b"a" => 0,
                b"C" | b"c" => 1,
                b"G" | b"g" => 2,
                b"T" | b"t" => 3,
                _ => return None,
            };
            sample.count("BCOUNT", place)
        };
        Counts {
            depth: sample.count("DP", 0),
            reference: reads(sample.reference),
            alternate: reads(sample.alternate),
            fraction: None,
        }
    }
}
