//! Platypus (100,000 Genomes Project): for each ALT, NR reads at the site and NV reads with the ALT.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct Platypus;

impl Dialect for Platypus {
    fn id(&self) -> &'static str {
        "platypus"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["NR", "NV"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        let (depth, alternate) =
            (sample.count("NR", sample.number - 1), sample.count("NV", sample.number - 1));
        let reference = match (sample.number, depth, alternate) {
            // With several ALTs the rest of the reads is not all reference.
            (1, Some(depth), Some(alternate)) if sample.count("NV", 1).is_none() => {
                depth.checked_sub(alternate)
            }
            _ => None,
        };
        Counts { depth, reference, alternate, fraction: None }
    }
}
