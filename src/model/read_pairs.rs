//! Which records of a block may share bases with their mates, told from mate fields and spans: a quarter of the records of
//! usual libraries, so that who pairs mates need not look at the others. And whether the block is sorted, which pairing
//! asks for.

use std::hint::cold_path;

use super::read::{Chosen, ReadFacts, ReadView, flag};

/// Places of the records of a block that may lie over their mates.
///
/// A record is near its mate when both are said to lie on one contig, the mate starts before the record ends, and not
/// farther behind than any record so far reached that lay over a mate that was still to come. A record over no base counts
/// as one base long. What is near depends on the records that were seen before, but no record is left out that lies over
/// its mate: who asks looks at each again.
#[derive(Debug, Default)]
pub struct ReadPairs {
    near: Chosen,
    /// The longest span of a record of a proper pair over the start of its mate so far, bp.
    longest: i64,
    /// The least mate position of a proper pair.
    first_mate: i32,
    sorted: bool,
}

impl ReadPairs {
    /// Looks at the records of a block, whose spans are known.
    ///
    /// A function of its own: among other loops the compiler would not keep all of this in registers.
    #[inline(never)]
    pub fn find(&mut self, reads: &[ReadView<'_>], facts: &[ReadFacts]) {
        let (mut near, mut longest) = (std::mem::take(&mut self.near), self.longest);
        near.begin(reads.len());
        // Below 0 once a record starts before the one before it.
        let (mut first_mate, mut last, mut steps) = (i32::MAX, i64::from(i32::MIN), 0_i64);
        // Not a loop of its own, of which the compiler would make two where it goes on early.
        reads.iter().zip(facts).enumerate().for_each(|(place, (read, facts))| {
            let (start, mate) = (i64::from(read.position()), read.mate_position());
            steps |= start - last;
            last = start;
            // Few mates lie on another contig.
            if read.contig() != read.mate_contig() {
                return;
            }
            let (flags, length) = (read.flags(), i64::from(facts.end) - start);
            let length = if length > 0 && flags & flag::UNMAPPED == 0 {
                length
            } else {
                odd_length(*read, facts)
            };
            // Mates may be said to lie anywhere.
            let ahead = i64::from(mate) - start;
            let proper = flags & flag::PROPER_PAIR != 0;
            // Most are as long as others before.
            if length > longest {
                cold_path();
                let reaches = proper && ahead >= 0 && ahead < length;
                longest = if reaches { length } else { longest };
            }
            // Which records are near is as good as random: no branch. From `-longest` to `length`, exclusive.
            near.add(place, ((ahead + longest) as u64) < (length + longest) as u64);
            first_mate = first_mate.min(if proper { mate } else { i32::MAX });
        });
        (self.near, self.longest) = (near, longest);
        (self.first_mate, self.sorted) = (first_mate, steps >= 0);
    }

    /// Whether no record starts before the one before it.
    pub fn is_sorted(&self) -> bool {
        self.sorted
    }

    /// The places of records that are near their mates; `None` when a proper pair's mate starts at `first` or before, so
    /// that any record may have its mate there.
    pub fn near(&self, first: u32) -> Option<&[u32]> {
        (i64::from(self.first_mate) > i64::from(first)).then_some(self.near.places())
    }
}

/// How far the CIGAR of a record reaches that is said not to be aligned, or aligned over no base: one base at least.
#[cold]
#[inline(never)]
fn odd_length(read: ReadView<'_>, facts: &ReadFacts) -> i64 {
    let unmapped = read.flags() & flag::UNMAPPED != 0;
    let more = if unmapped { i64::from(read.cigar().span()) } else { 0 };
    (i64::from(facts.end) + more - i64::from(read.position())).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::FIXED_BYTES;
    use proptest::prelude::*;

    /// Start, mate's start and contig, flags, aligned bases.
    type Fields = (i32, i32, i32, u16, u32);

    fn record((start, mate, mate_contig, flags, aligned): Fields) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[4..8].copy_from_slice(&start.to_le_bytes());
        (bytes[8], bytes[12]) = (1, 1);
        bytes[14..16].copy_from_slice(&flags.to_le_bytes());
        bytes[20..24].copy_from_slice(&mate_contig.to_le_bytes());
        bytes[24..28].copy_from_slice(&mate.to_le_bytes());
        bytes.push(0);
        bytes.extend((aligned << 4).to_le_bytes());
        bytes
    }

    fn fields() -> impl Strategy<Value = Fields> {
        let start = prop_oneof![40 => 0_i32..300, 1 => Just(-1), 1 => Just(i32::MAX)];
        let mate = prop_oneof![
            40 => -1_i32..300,
            1 => prop::sample::select(vec![i32::MIN, i32::MAX]),
        ];
        let flags = prop::sample::select(vec![1_u16, 3, 3, 3, 7]);
        let aligned = prop_oneof![40 => 0_u32..80, 1 => Just((1 << 28) - 1)];
        (start, mate, 0_i32..2, flags, aligned)
    }

    proptest! {
        #[test]
        fn no_record_over_its_mate_is_left_out(
            blocks in prop::collection::vec(prop::collection::vec(fields(), 1..30), 1..4),
            first in 0_u32..40,
        ) {
            let mut pairs = ReadPairs::default();
            let mut longest = 0;
            for block in blocks {
                let bytes: Vec<_> = block.iter().map(|&fields| record(fields)).collect();
                let views: Vec<_> = bytes.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
                let facts: Vec<_> = block
                    .iter()
                    .map(|&(start, _, _, flags, aligned)| {
                        let end = start.max(0) as u32 + if flags & flag::UNMAPPED == 0 { aligned } else { 0 };
                        ReadFacts { end, ..ReadFacts::default() }
                    })
                    .collect();
                pairs.find(&views, &facts);
                let mut expected = Vec::new();
                for (place, &(start, mate, contig, flags, aligned)) in block.iter().enumerate() {
                    let (start, mate) = (i64::from(start), i64::from(mate));
                    let end = (start.max(0) + i64::from(aligned)).max(start + 1);
                    if contig == 0 && mate < end {
                        if flags & 2 > 0 && mate >= start {
                            longest = longest.max(end - start);
                        }
                        if start - mate <= longest {
                            expected.push(place as u32);
                        }
                    }
                }
                let early = |&(_, mate, contig, flags, _): &Fields| {
                    contig == 0 && flags & 2 > 0 && i64::from(mate) <= i64::from(first)
                };
                let any = block.iter().any(early);
                prop_assert_eq!(pairs.near(first), (!any).then_some(&expected[..]));
                prop_assert_eq!(pairs.is_sorted(), block.is_sorted_by_key(|fields| fields.0));
            }
        }
    }
}
