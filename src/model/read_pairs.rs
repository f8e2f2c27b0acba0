//! Which records of a block may share bases with their mates, told from mate fields and spans: a quarter of the records of
//! usual libraries, so that who pairs mates need not look at the others.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched closure is compiled for the machine's vectors"
)]

use super::couples::{Candidates, Couples};
use super::read::{Chosen, ReadFacts, ReadView, flag};
use super::read_columns::{HAS_SUPPLEMENTARY, OTHER_CONTIG, ReadColumns, Step, Steps, places_of};

/// Which records of a block may lie over their mates.
///
/// A record is near its mate when both are said to lie on one contig, the mate starts before the record ends, and not
/// farther behind than any record so far reached that lay over a mate that was still to come. A record over no base counts
/// as one base long. What is near depends on the records that were seen before and together with it, but no record is left
/// out that lies over its mate: who asks looks at each again.
#[derive(Debug, Default)]
pub struct ReadPairs {
    near: Chosen,
    special: Vec<u32>,
    couples: Couples,
    single: Vec<u32>,
    /// The longest span of a record over the start of its mate so far, bp.
    longest: i32,
    /// The least mate position of a proper pair.
    first_mate: i32,
}

impl ReadPairs {
    /// Looks at the records of a block, of which all is known but for this.
    #[inline(always)]
    pub fn find(&mut self, reads: &[ReadView<'_>], facts: &[ReadFacts], columns: &ReadColumns) {
        self.near.begin(reads.len());
        self.special.clear();
        self.first_mate = i32::MAX;
        for (number, step) in Steps::of(Some(columns)) {
            self.look_ahead(step);
            for place in places_of(number, self.near_in(step)) {
                self.near.add(place, true);
            }
            self.special.extend(places_of(number, special_in(step)).map(|place| place as u32));
        }
        let Self { near, special, couples, single, .. } = self;
        let candidates = Candidates { reads, facts, columns, near: near.places(), special };
        couples.find(&candidates, single);
    }

    /// How far records reach over mates that are still to come, and where the first mate starts.
    #[inline(always)]
    fn look_ahead(&mut self, step: Step<'_>) {
        let (mut longest, mut first_mate) = (self.longest as u32, self.first_mate);
        for (i, (&start, &mate)) in step.starts.iter().zip(step.mates).enumerate() {
            let last = step.lasts[i].max(start);
            let same = step.marks[i] & OTHER_CONTIG == 0;
            let proper = same & (step.marks[i] & u32::from(flag::PROPER_PAIR) != 0);
            let reaches = same & (start..=last).contains(&mate);
            let length = (last.wrapping_sub(start) as u32).wrapping_add(1);
            longest = longest.max(if reaches { length } else { 0 });
            first_mate = first_mate.min(if proper { mate } else { i32::MAX });
        }
        (self.longest, self.first_mate) = (longest.min(i32::MAX as u32) as i32, first_mate);
    }

    /// A bit for each record of a step that is near its mate, the first one lowest.
    #[inline(always)]
    fn near_in(&self, step: Step<'_>) -> u32 {
        let longest = self.longest;
        step.bits(
            #[inline(always)]
            |i| {
                let (start, mate) = (step.starts[i], step.mates[i]);
                // Starts are at least -1: nothing wraps.
                let before_end = u32::from(mate <= step.lasts[i].max(start));
                let reached = u32::from(mate >= start.wrapping_sub(longest));
                before_end & reached & u32::from(step.marks[i] & OTHER_CONTIG == 0) != 0
            },
        )
    }

    /// The places of records that are near their mates and of no couple, but for those without a mate; `None` when a proper
    /// pair's mate starts at `first` or before, so that any record may have its mate there.
    pub fn single(&self, first: u32) -> Option<&[u32]> {
        (i64::from(self.first_mate) > i64::from(first)).then_some(&self.single)
    }

    /// The records that are each other's only mates.
    pub fn couples(&self) -> &Couples {
        &self.couples
    }
}

/// A bit for each record of a step that is a supplementary alignment or has one, the first one lowest.
#[inline(always)]
fn special_in(step: Step<'_>) -> u32 {
    step.bits(
        #[inline(always)]
        |i| step.marks[i] & (u32::from(flag::SUPPLEMENTARY) | HAS_SUPPLEMENTARY) != 0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::FIXED_BYTES;
    use crate::model::read_columns::STEP;
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
            blocks in prop::collection::vec(prop::collection::vec(fields(), 1..70), 1..4),
            first in 0_u32..40,
        ) {
            let mut pairs = ReadPairs::default();
            let mut longest = 0;
            for block in blocks {
                let bytes: Vec<_> = block.iter().map(|&fields| record(fields)).collect();
                let views: Vec<_> = bytes.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
                let mut columns = ReadColumns::default();
                columns.gather(&views, &vec![ReadFacts::default(); views.len()], 1);
                for (place, &(start, _, _, _, aligned)) in block.iter().enumerate() {
                    columns.correct(place, i64::from(start.max(0)) + i64::from(aligned), 0);
                }
                pairs.find(&views, &vec![ReadFacts::default(); views.len()], &columns);
                let mut expected = Vec::new();
                let of = |&(start, mate, contig, _, aligned): &Fields| {
                    let (start, mate) = (i64::from(start), i64::from(mate));
                    // Columns know no base behind the last position that there can be.
                    let end = (start.max(0) + i64::from(aligned)).max(start + 1).min(1 << 31);
                    (start, mate, end, contig == 0 && mate < end)
                };
                for (number, step) in block.chunks(STEP).enumerate() {
                    for (start, mate, end, before_end) in step.iter().map(of) {
                        if before_end && mate >= start {
                            longest = longest.max(end - start);
                        }
                    }
                    for (place, (start, mate, _, before_end)) in step.iter().map(of).enumerate() {
                        if before_end && start - mate <= longest {
                            expected.push((number * STEP + place) as u32);
                        }
                    }
                }
                let early = |&(_, mate, contig, flags, _): &Fields| {
                    contig == 0 && flags & 2 > 0 && i64::from(mate) <= i64::from(first)
                };
                let any = block.iter().any(early);
                prop_assert_eq!(pairs.near.places(), &expected[..]);
                prop_assert_eq!(pairs.single(first).is_none(), any);
                prop_assert_eq!(columns.is_sorted(), block.is_sorted_by_key(|fields| fields.0));
            }
        }
    }
}
