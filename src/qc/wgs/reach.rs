//! Aligned bases of one read: those near its start, which depth by position holds, and those far behind it.

use crate::io::reference::CODE_N;
use crate::model::read::{ReadFacts, ReadView, ReferenceSpan};

use super::ground::is_known;
use super::kept::Link;
use super::segments::PASSES;
use super::{MIN_BASE_QUALITY, UNFILTERED_ABOVE};

/// Bases far behind their read's start: position, and whether the base passes (1) and is in the unfiltered depth (2).
pub(super) type FarBases = Vec<(u32, u8)>;

/// Aligned bases near the start over known reference bases.
pub(super) fn near_bases(
    (view, facts): (ReadView<'_>, &ReadFacts),
    link: &Link,
    unknown: Option<ReferenceSpan<'_>>,
) -> u64 {
    if unknown.is_none() && facts.end == link.end {
        return u64::from(facts.aligned);
    }
    let (mut at, mut sum) = (link.start, 0);
    for op in view.cigar().iter() {
        let end = at.saturating_add(op.length);
        if op.is_aligned() {
            let range = at.min(link.end)..end.min(link.end);
            sum += match unknown {
                None => u64::from(range.end - range.start),
                Some(span) => range.filter(|&at| is_known(span, at)).count() as u64,
            };
        }
        at = if op.consumes_reference() { end } else { at };
    }
    sum
}

/// Takes down the bases that lie far behind their read's start.
#[cold]
pub(super) fn far_bases(view: ReadView<'_>, link: &Link, far: &mut FarBases) {
    let (qualities, packed) = (view.qualities(), view.packed_sequence());
    let unknown = qualities.first() == Some(&u8::MAX);
    let (mut at, mut from) = (link.start, 0);
    for op in view.cigar().iter() {
        let length = op.length as usize;
        if op.is_aligned() {
            for i in 0..op.length {
                let position = at.saturating_add(i);
                if position < link.end {
                    continue;
                }
                let read = from + i as usize;
                let quality = qualities.get(read).copied().filter(|&q| q < PASSES && !unknown);
                let quality = quality.unwrap_or(0);
                let pair = packed.get(read / 2).copied().unwrap_or(0);
                let base = if read.is_multiple_of(2) { pair >> 4 } else { pair & 15 };
                let passes = quality >= MIN_BASE_QUALITY && base != CODE_N;
                let seen = quality as i8 > UNFILTERED_ABOVE;
                far.push((position, u8::from(passes) | u8::from(seen) << 1));
            }
        }
        at = if op.consumes_reference() { at.saturating_add(op.length) } else { at };
        from += if op.consumes_read() { length } else { 0 };
    }
}
