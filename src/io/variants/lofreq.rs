//! LoFreq writes no sample columns: the reads of its one sample stand in INFO. Which member that is the case says (the tumour);
//! who wrote the file its header says (`##source=lofreq`), never the order of columns.
//!
//! `DP` holds all reads at the site, `DP4` those that LoFreq used: reference forward and reverse, ALT forward and reverse; `AF` is
//! LoFreq's own share, ALT reads of all of `DP`.

use super::calls::failed;
use super::dialect::source_says;
use super::header::Header;

use super::record::{RawRecord, parse_u32};
use crate::model::genotype::{Call, CallOrigin};

/// The name that stands for the sample of a file without sample columns.
pub const ONLY_SAMPLE: &str = "INFO";

/// True for a file of LoFreq without sample columns.
pub fn is_lofreq(header: &Header) -> bool {
    header.samples.is_empty() && source_says(header, "lofreq")
}

/// The call of the one sample. LoFreq writes one ALT a record: of others nothing is known.
pub(super) fn call(record: &RawRecord<'_>, number: usize) -> Call {
    let (mut depth, mut share, mut strands) = (None, None, [None; 4]);
    for item in record.info().split(|&b| b == b';') {
        let Some(at) = item.iter().position(|&b| b == b'=') else { continue };
        let value = &item[at + 1..];
        match &item[..at] {
            b"DP" => depth = parse_u32(value),
            b"AF" => {
                let number = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
                share = number.filter(|share| (0.0_f32..=1.0).contains(share));
            }
            b"DP4" => {
                let mut counts = value.split(|&b| b == b',').map(parse_u32);
                strands = [(); 4].map(|()| counts.next().flatten());
            }
            _ => {}
        }
    }
    let is_single = number == 1 && !record.alternates_text().contains(&b',');
    let sum = |a: Option<u32>, b: Option<u32>| a?.checked_add(b?);
    Call {
        depth,
        reference_depth: sum(strands[0], strands[1]),
        alternate_depth: sum(strands[2], strands[3]).filter(|_| is_single),
        alternate_fraction: share.filter(|_| is_single),
        record_filter: failed(record.filter()),
        origin: CallOrigin::Record,
        ..Call::default()
    }
}
