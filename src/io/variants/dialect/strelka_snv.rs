//! Strelka2 somatic SNVs: AU, CU, GU, TU hold the reads with each base as tier 1, tier 2; tier 1 counts.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct StrelkaSnv;

impl Dialect for StrelkaSnv {
    fn id(&self) -> &'static str {
        "strelka2-somatic-snv"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["AU", "CU", "GU", "TU"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let reads = |allele: &[u8]| {
            let key = match allele {
                b"A" | b"a" => "AU",
                b"C" | b"c" => "CU",
                b"G" | b"g" => "GU",
                b"T" | b"t" => "TU",
                _ => return None,
            };
            sample.count(key, 0)
        };
        Counts {
            depth: sample.count("DP", 0),
            reference: reads(sample.reference),
            alternate: reads(sample.alternate),
            fraction: None,
        }
    }
}
