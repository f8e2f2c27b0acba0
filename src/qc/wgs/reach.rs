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
            // No more than the read has: a CIGAR may claim any number.
            let bases = op.length.min(view.base_count().saturating_sub(from) as u32);
            for (position, i) in (at..u32::MAX).zip(0..bases) {
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

#[cfg(test)]
mod tests {
    use super::super::kept::tests::record;
    use super::*;
    use crate::model::read::ReadFacts;

    fn far(ops: &[(u32, u32)], bases: usize) -> FarBases {
        let bytes = record(ops, &vec![1; bases], &vec![30; bases]);
        let view = ReadView::new(&bytes).unwrap();
        let end = view.cigar().span() as u32;
        let link = Link::of(view, &ReadFacts { end, ..ReadFacts::default() });
        let mut far = FarBases::new();
        far_bases(view, &link, &mut far);
        far
    }

    #[test]
    fn no_base_is_far_that_the_read_does_not_have() {
        const LONGEST: u32 = (1 << 28) - 1;
        let found = far(&[(0, 6000)], 5000);
        let expected: Vec<_> =
            (super::super::NEAR_BP..5000).map(|position| (position, 3)).collect();
        assert_eq!(found, expected);
        assert_eq!(far(&[(0, LONGEST)], 1), []);
        // Nor behind the last position that there is.
        let skips = [[(3, LONGEST); 17].as_slice(), &[(0, 1)]].concat();
        assert_eq!(far(&skips, 1), []);
    }
}
