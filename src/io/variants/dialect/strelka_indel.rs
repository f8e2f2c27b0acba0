//! Strelka2 somatic indels: TAR and TIR hold reference and ALT reads as tier 1, tier 2; tier 1 counts.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct StrelkaIndel;

impl Dialect for StrelkaIndel {
    fn id(&self) -> &'static str {
        "strelka2-somatic-indel"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["TAR", "TIR"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        Counts {
            depth: sample.count("DP", 0),
            reference: sample.count("TAR", 0),
            alternate: sample.count("TIR", 0),
            fraction: None,
        }
    }

    fn unused_share(&self, sample: &SampleView) -> Option<f32> {
        // Both are means over a window of 50 bp on each side, with two decimals; later releases write the share too.
        let mean = |key| std::str::from_utf8(sample.get(key)?).ok()?.parse::<f32>().ok();
        match (mean("FDP50"), mean("DP50")) {
            (Some(unused), Some(depth)) if depth > 0.0 && unused >= 0.0 => Some(unused / depth),
            _ => sample.share("BCN50", 0),
        }
    }
}
