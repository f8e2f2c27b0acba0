//! The reads of a block that lie close together, added at once: where one array of changes has room for all of them, nothing
//! has to be asked read by read.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::read::{ReadBlock, ReadFacts, ReadView};
use crate::model::read_columns::{Step, mapq, places_of};

use super::super::vectors::{Task, Vectors};
use super::listed::Listed;
use super::mate_list::Blocks;
use super::shard::aligned_blocks;

/// Where reads go that the second track lacks.
pub(super) struct Low<'a> {
    pub(super) track: &'a mut Listed,
    pub(super) blocks: &'a mut Blocks,
    /// Mapping quality below which they are.
    pub(super) below: u32,
    /// Those with any of these flags do not count.
    pub(super) excluded: u16,
}

impl Low<'_> {
    /// A bit for each record of a step that is one of them by its mapping quality, the first one lowest; also where there is
    /// none.
    #[inline(always)]
    fn bits(&self, step: Step<'_>) -> u32 {
        step.bits(
            #[inline(always)]
            |i| mapq(step.marks[i]) < self.below,
        )
    }

    #[inline(never)]
    fn add(&mut self, read: ReadView<'_>, facts: &ReadFacts) {
        let start = read.position() as u32;
        if read.flags() & self.excluded != 0 {
            return;
        }
        if facts.group > 0 {
            self.track.add_read(start, facts.end);
        } else {
            aligned_blocks(read.cigar(), start, self.blocks);
            self.track.add_blocks(self.blocks);
        }
    }
}

/// Adds the plain records of a block, as often as each of their groups counts, to the changes from a position on, and all
/// that the second track lacks to those.
pub(super) struct AddPlain<'a> {
    pub(super) changes: (&'a mut [i32], u32),
    pub(super) block: &'a ReadBlock<'a>,
    /// How often each group counts, by number; those of no group never.
    pub(super) by_group: &'a [i32],
    pub(super) low: Low<'a>,
}

impl Task for AddPlain<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        let Self { changes: (changes, from), block, by_group, mut low } = self;
        let bases = block.plain_bases() as usize;
        for (number, step) in block.steps() {
            for place in places_of(number, low.bits(step)) {
                if let (Some(read), Some(facts)) = (block.get(place), block.facts(place)) {
                    low.add(read, facts);
                }
            }
            for (&start, &group) in step.starts.iter().zip(step.groups) {
                let Some(&by) = by_group.get(usize::from(group)) else { continue };
                let start = (start as u32).wrapping_sub(from) as usize;
                // Those outside do not count.
                if let Some(change) = changes.get_mut(start) {
                    *change += by;
                }
                if let Some(change) = changes.get_mut(start + bases) {
                    *change -= by;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::DepthSettings;
    use super::super::mate_list::MateList;
    use super::super::shard::{DepthShard, Pool, Stretch, TaskDepth};
    use crate::model::read::{FIXED_BYTES, Fields, Known, ReadBlock, ReadView};
    use crate::qc::facts::{self, Found};
    use crate::qc::{Shard, unpack};
    use proptest::prelude::*;
    use std::sync::Arc;

    const BASES: u32 = 40;

    /// Gap to the start before, mate's start from there, flags, mapping quality, which CIGAR, which name.
    type Fields6 = (u32, i32, u16, u8, usize, u8);

    fn record(start: u32, (_, mate, flags, mapq, cigar, name): Fields6) -> Vec<u8> {
        let ops: &[u32] = match cigar {
            1 => &[10 << 4 | 4, 30 << 4],
            2 => &[20 << 4, 7 << 4 | 2, 20 << 4],
            3 => &[20 << 4, 5000 << 4 | 3, 20 << 4],
            4 => &[40 << 4 | 4],
            5 => &[15 << 4, 5 << 4 | 1, 20 << 4 | 8, 1 << 4 | 2],
            _ => &[BASES << 4],
        };
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[4..8].copy_from_slice(&start.to_le_bytes());
        (bytes[8], bytes[9], bytes[12], bytes[16]) = (2, mapq, ops.len() as u8, BASES as u8);
        bytes[14..16].copy_from_slice(&flags.to_le_bytes());
        bytes[24..28].copy_from_slice(&(start as i32 + mate).to_le_bytes());
        bytes.extend([name, 0]);
        bytes.extend(ops.iter().flat_map(|op| op.to_le_bytes()));
        bytes.extend([0x11; BASES as usize / 2]);
        bytes.extend([30; BASES as usize]);
        bytes
    }

    /// Contig, reads, changes, those that the second track lacks, reads that wait, reads without their mates.
    type Shown =
        (u32, Option<(u32, u32)>, Vec<(u32, i32)>, Vec<(u32, i32)>, Vec<String>, Vec<String>);

    /// All that is kept of each read.
    fn mates(list: &MateList) -> Vec<String> {
        list.iter().map(|mate| format!("{mate:?}")).collect()
    }

    fn shown(stretch: Stretch) -> Shown {
        let Stretch { contig, reads, deltas, low, waiting, orphans, .. } = stretch;
        let mut changes = [Vec::new(), Vec::new()];
        deltas.walk(|position, by| changes[0].push((position, by)));
        changes[1].extend_from_slice(low.changes());
        let [deltas, low] = changes;
        (contig, reads, deltas, low, mates(&waiting), mates(&orphans))
    }

    /// What a task of these blocks amounts to, with mates known block by block or not; `None` when it is not sorted.
    fn task(blocks: &[Vec<Vec<u8>>], known: bool, second: u32) -> Option<Vec<Shown>> {
        let settings = Arc::new(DepthSettings::default());
        let mut shard = Box::new(DepthShard::new(settings, second, Arc::new(Pool::default())));
        let mut found = Found::default();
        for block in blocks {
            let views: Vec<_> = block.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
            let all = ReadBlock::new(&views);
            facts::prepare(Fields::GROUPS | Fields::PAIR_FACTS, &all, None, &mut found);
            let Found { facts, groups, columns, pairs, .. } = &found;
            let prepared = Known {
                facts,
                groups: Some(groups),
                columns: Some(columns),
                pairs: Some(pairs),
                ..Known::default()
            };
            let prepared = if known { prepared } else { Known::default() };
            shard.block(&all.prepared(0..views.len(), prepared)).ok()?;
        }
        let done = unpack::<TaskDepth>(shard.close()).unwrap();
        Some(done.stretches.into_iter().map(shown).collect())
    }

    proptest! {
        #[test]
        fn a_block_at_once_adds_as_its_reads_one_by_one(
            blocks in prop::collection::vec(
                prop::collection::vec(
                    (
                        prop_oneof![20 => 0_u32..30, 2 => 0_u32..4000, 1 => 0_u32..40_000],
                        -60_i32..60,
                        prop::sample::select(vec![99_u16, 147, 147, 1123, 77, 2147, 4096 + 99]),
                        0_u8..20,
                        0_usize..12,
                        b'a'..b'f',
                    ),
                    1..70,
                ),
                1..4,
            ),
            second in prop::sample::select(vec![0_u32, 11]),
            backwards in 0_u32..20,
        ) {
            let mut start = 1000;
            let mut made = Vec::new();
            for block in &blocks {
                let place = |fields: &Fields6| {
                    start += fields.0;
                    record(start, *fields)
                };
                made.push(block.iter().map(place).collect::<Vec<_>>());
            }
            if backwards == 0 && let Some(last) = made.last_mut() {
                last.reverse();
            }
            prop_assert_eq!(task(&made, true, second), task(&made, false, second));
        }
    }
}
