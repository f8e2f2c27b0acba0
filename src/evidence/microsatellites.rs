//! Lengths of a microsatellite in single reads.

use crate::model::cigar::OpKind;
use crate::model::coord::Span;
use crate::model::microsatellite::{Lengths, Microsatellite};
use crate::model::read::{ReadView, flag};

/// Which reads tell a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanLimits {
    /// Bases that a read must align on each side of the repeat, bp.
    pub flank_bp: u32,
    /// Least mapping quality, phred.
    pub min_mapping_quality: u8,
}

/// Adds what a read tells of a microsatellite, if it spans it.
pub fn add(read: ReadView<'_>, site: &Microsatellite, limits: SpanLimits, lengths: &mut Lengths) {
    const NOT_COUNTED: u16 =
        flag::UNMAPPED | flag::DUPLICATE | flag::SECONDARY | flag::SUPPLEMENTARY | flag::QC_FAIL;
    if read.flags() & NOT_COUNTED != 0 || read.mapq() < limits.min_mapping_quality {
        return;
    }
    let repeat = Span::new(site.start0, site.end0());
    if let Some(length) = length(read, repeat, limits.flank_bp) {
        lengths.add(length);
    }
}

/// Length of the repeat in a read, bp; `None` when the read does not span it, or when its alignment is broken in a flank.
// METHOD: the length in the reference, more what the read inserts and less what it deletes from the repeat's first base up
// to the base behind it. Aligners put a change of a repeat at either end, so both ends belong to it.
fn length(read: ReadView<'_>, repeat: Span, flank_bp: u32) -> Option<u32> {
    let (first, last) = (repeat.start.checked_sub(flank_bp)?, repeat.end.saturating_add(flank_bp));
    let mut at = u32::try_from(read.position()).ok()?;
    if at > first {
        return None;
    }
    let mut length = i64::from(repeat.len());
    for op in read.cigar().iter() {
        let end = at + if op.consumes_reference() { op.length } else { 0 };
        if op.consumes_reference() && !op.is_aligned() {
            // A deletion or a skip of the reference.
            let (from, to) = (at.max(repeat.start), end.min(repeat.end));
            let in_flank = (at < repeat.start && end > first) || (end > repeat.end && at < last);
            if in_flank {
                return None;
            }
            length -= i64::from(to.saturating_sub(from));
        } else if op.kind == OpKind::Insertion {
            if (repeat.start..=repeat.end).contains(&at) {
                length += i64::from(op.length);
            } else if (first + 1..last).contains(&at) {
                return None;
            }
        }
        at = end;
    }
    if at < last { None } else { u32::try_from(length).ok() }
}
