//! Which records of a block may share bases with their mates: told from mate fields alone, false for most. And whether the
//! block is sorted, which those ask who pair them.

use super::read::{Chosen, ReadFacts, ReadView, flag};

/// Places of the records of a block that may lie over their mates.
///
/// A record is near its mate when both are said to lie on one contig, the mate starts before the record ends, and not
/// farther behind than the longest record so far is long. A record over no base counts as one base long.
#[derive(Debug, Default)]
pub struct ReadPairs {
    near: Chosen,
    /// The longest aligned stretch so far, bp.
    longest: i32,
    /// The least mate position of a proper pair.
    first_mate: i32,
    sorted: bool,
}

impl ReadPairs {
    /// Looks at the records of a block, whose spans are known.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a few instructions for every record")]
    pub fn find(&mut self, reads: &[ReadView<'_>], facts: &[ReadFacts]) {
        let (mut near, mut longest) = (std::mem::take(&mut self.near), self.longest);
        near.begin(reads.len());
        let (mut first_mate, mut last, mut sorted) = (i32::MAX, i32::MIN, true);
        for (place, (read, facts)) in reads.iter().zip(facts).enumerate() {
            let (start, mate) = (read.position(), read.mate_position());
            let end = end_of(*read, facts).max(start.saturating_add(1));
            longest = longest.max(end - start);
            // Which records are near is as good as random: no branch.
            let here = u32::from(read.contig() == read.mate_contig());
            let over = u32::from(mate < end) & u32::from(start - mate <= longest);
            near.add(place, here & over > 0);
            let proper = here & u32::from(read.flags() & flag::PROPER_PAIR != 0);
            first_mate = first_mate.min(if proper > 0 { mate } else { i32::MAX });
            sorted &= start >= last;
            last = start;
        }
        (self.near, self.longest) = (near, longest);
        (self.first_mate, self.sorted) = (first_mate, sorted);
    }

    /// Whether no record starts before the one before it.
    pub fn is_sorted(&self) -> bool {
        self.sorted
    }

    /// The places of records that are near their mates; `None` when a proper pair's mate starts at `first` or before, so
    /// that any record may have its mate there.
    pub fn near(&self, first: u32) -> Option<&[u32]> {
        if i64::from(self.first_mate) <= i64::from(first) {
            return None;
        }
        Some(self.near.places())
    }
}

/// The end of a record's CIGAR (0-based exclusive), also of one that is said not to be aligned.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as `find`")]
fn end_of(read: ReadView<'_>, facts: &ReadFacts) -> i32 {
    let more = if read.flags() & flag::UNMAPPED == 0 { 0 } else { read.cigar().span() };
    facts.end.saturating_add(more).min(i32::MAX as u32) as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::FIXED_BYTES;
    use proptest::prelude::*;

    fn record((start, mate, mate_contig, flags): (i32, i32, i32, u16)) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[4..8].copy_from_slice(&start.to_le_bytes());
        bytes[14..16].copy_from_slice(&flags.to_le_bytes());
        bytes[20..24].copy_from_slice(&mate_contig.to_le_bytes());
        bytes[24..28].copy_from_slice(&mate.to_le_bytes());
        bytes
    }

    proptest! {
        #[test]
        fn near_records_are_those_that_may_lie_over_their_mates(
            mut records in prop::collection::vec(
                ((0_i32..300, -1_i32..300, 0_i32..2, prop::sample::select(vec![1_u16, 3])), 0_u32..80),
                1..40,
            ),
            first in 0_u32..40,
        ) {
            records.sort_unstable();
            let bytes: Vec<_> = records.iter().map(|&(fields, _)| record(fields)).collect();
            let views: Vec<_> = bytes.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
            let ends = records.iter().map(|&((start, ..), length)| start as u32 + length);
            let facts: Vec<_> = ends.map(|end| ReadFacts { end, ..ReadFacts::default() }).collect();
            let mut pairs = ReadPairs::default();
            pairs.find(&views, &facts);
            let mut longest = 1;
            let mut expected = Vec::new();
            for (place, &((start, mate, contig, _), length)) in records.iter().enumerate() {
                longest = longest.max(length as i32);
                let end = start + (length as i32).max(1);
                if contig == 0 && mate < end && start - mate <= longest {
                    expected.push(place as u32);
                }
            }
            let far = records.iter().any(|&((_, mate, contig, flags), _)| {
                contig == 0 && flags == 3 && mate <= first as i32
            });
            prop_assert_eq!(pairs.near(first), if far { None } else { Some(&expected[..]) });
            prop_assert!(pairs.is_sorted());
            let last = records[records.len() - 1].0.0;
            let two = [last, last - 1].map(|start| record((start, 0, 0, 0)));
            let two = [&two[0], &two[1]].map(|bytes| ReadView::new(bytes).unwrap());
            pairs.find(&two, &[ReadFacts { end: 500, ..ReadFacts::default() }; 2]);
            prop_assert!(!pairs.is_sorted());
        }
    }
}
