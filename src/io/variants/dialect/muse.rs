//! MuSE: AD with the reference and one ALT, DP; tumour and normal columns in either order.

use super::{Counts, Dialect, SampleView, has};
use crate::io::variants::header::Header;

/// The dialect.
pub(super) struct Muse;

impl Dialect for Muse {
    fn id(&self) -> &'static str {
        "muse"
    }

    fn speaks(&self, _header: &Header, keys: &[Vec<u8>]) -> bool {
        has(keys, &["AD", "BQ", "SS"])
    }

    fn counts(&self, sample: &SampleView) -> Counts {
        sample.by_allele()
    }
}
