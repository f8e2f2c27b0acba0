//! From the blocks of a reader to those that metrics see: one contig each (and one stretch of it where the reference is
//! looked at), with facts and reference.

use std::sync::Arc;

use crate::io::reference::{Reference, ReferenceWindow};
use crate::model::problem::Problem;
use crate::model::read::{Fields, Known, ReadBlock, ReadView};
use crate::model::read_block::REFERENCE_MARGIN_BP;
use crate::qc::{Shard, compare, facts};

/// What one worker needs to prepare blocks.
#[derive(Debug)]
pub(super) struct Prepare {
    needs: Fields,
    found: facts::Found,
    window: ReferenceWindow,
}

impl Prepare {
    pub(super) fn new(needs: Fields, reference: Option<&Arc<Reference>>) -> Self {
        let reference = reference.filter(|_| needs.contains(Fields::REFERENCE));
        Self { needs, found: facts::Found::default(), window: ReferenceWindow::new(reference) }
    }

    /// Shows a block to every shard, contig by contig.
    pub(super) fn show(
        &mut self,
        block: &ReadBlock<'_>,
        shards: &mut [Box<dyn Shard>],
    ) -> Result<(), Problem> {
        let mut from = 0;
        while let Some(first) = block.get(from) {
            let contig = first.contig();
            let to = from + self.together(block, from);
            let bare = block.prepared(from..to, Known::default());
            let (looks, compares) = (
                self.needs.contains(Fields::REFERENCE) && contig >= 0,
                self.needs.contains(Fields::MISMATCH_FACTS),
            );
            let likely = if looks && compares {
                let (start, end) = likely_extent(&bare);
                self.window.cover(contig, start, end)?
            } else {
                None
            };
            facts::prepare(self.needs, &bare, likely, &mut self.found);
            let facts::Found { facts, groups, .. } = &self.found;
            let known = Known { facts, groups: Some(groups), ..Known::default() };
            let reference = if looks {
                let (start, end) = extent(&block.prepared(from..to, known));
                self.window.cover(contig, start, end)?
            } else {
                None
            };
            if let Some(reference) = reference
                && compares
            {
                compare::prepare(&bare, reference, &mut self.found);
            }
            let facts::Found { facts, groups, columns, pairs, looked_at, .. } = &self.found;
            let (groups, looked_at) = (Some(groups), looked_at.places());
            let columns = self.needs.contains(Fields::SPAN_FACTS).then_some(columns);
            let pairs = self.needs.contains(Fields::PAIR_FACTS).then_some(pairs);
            let known = Known { facts, groups, columns, looked_at, pairs, reference };
            let part = block.prepared(from..to, known);
            shards.iter_mut().try_for_each(|shard| shard.block(&part))?;
            from = to;
        }
        Ok(())
    }

    /// How many records from this one on are shown together.
    fn together(&self, block: &ReadBlock<'_>, from: usize) -> usize {
        let Some(first) = block.get(from) else { return 0 };
        let all = !self.needs.contains(Fields::REFERENCE);
        // Most blocks are shown whole: all of their records are looked at without a branch.
        let apart = |read: &ReadView<'_>| {
            let away = read.position().wrapping_sub(first.position());
            let far = u32::from(away as u32 >= TOGETHER_BP) & u32::from(!all);
            far | u32::from(read.contig() != first.contig())
        };
        let rest = block.reads().get(from..).unwrap_or_default();
        if rest.iter().fold(0, |any, read| any | apart(read)) == 0 {
            return rest.len();
        }
        rest.iter().take_while(|read| apart(read) == 0).count()
    }
}

/// Bases from the first to the last start of records that share a window of the reference: far below the longest window,
/// so that the reads fit too. Records of targets or of a few stretches lie further apart.
const TOGETHER_BP: u32 = 1 << 20;

/// The stretch of reference that records in order lie on, if all are like most; a guess for others.
fn likely_extent(block: &ReadBlock<'_>) -> (u32, u32) {
    let place = |read: Option<ReadView<'_>>| read.map_or(0, |read| read.position().max(0) as u32);
    let (first, last) = (place(block.get(0)), place(block.iter().next_back()));
    let end = first.max(last).saturating_add(facts::usual_length(block));
    with_margins(first.min(last), end)
}

fn with_margins(start: u32, end: u32) -> (u32, u32) {
    (start.saturating_sub(REFERENCE_MARGIN_BP), end.saturating_add(REFERENCE_MARGIN_BP))
}

/// The stretch of reference that the records lie on, with margins.
fn extent(block: &ReadBlock<'_>) -> (u32, u32) {
    let placed = |read: &ReadView<'_>| u32::try_from(read.position()).ok();
    // No record that is shown together with others starts before the first, when that is placed.
    let first = block.get(0).and_then(|read| placed(&read));
    let start = first.or_else(|| block.iter().filter_map(|read| placed(&read)).min());
    let start = start.unwrap_or(u32::MAX);
    let mut end = block.groups().iter().map(|group| group.farthest).max().unwrap_or(0);
    for (read, facts) in block.others() {
        if placed(&read).is_some() {
            end = end.max(facts.end);
        }
    }
    with_margins(start.min(end), end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::FIXED_BYTES;
    use proptest::prelude::*;

    /// A record of this contig, position and length, with clipped bases or without.
    fn record((contig, position, bases, clipped): (i32, i32, u8, bool)) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[..4].copy_from_slice(&contig.to_le_bytes());
        bytes[4..8].copy_from_slice(&position.to_le_bytes());
        (bytes[8], bytes[9], bytes[12], bytes[16]) = (1, 60, 1 + u8::from(clipped), bases);
        bytes[20..24].copy_from_slice(&contig.to_le_bytes());
        bytes.push(0);
        if clipped {
            bytes.extend((1_u32 << 4 | 4).to_le_bytes());
        }
        bytes.extend((u32::from(bases - u8::from(clipped)) << 4).to_le_bytes());
        bytes.extend(vec![0x11; usize::from(bases).div_ceil(2)]);
        bytes.extend(vec![30; bases.into()]);
        bytes
    }

    proptest! {
        #[test]
        fn records_are_shown_together_over_their_stretch(
            records in prop::collection::vec(
                (
                    prop_oneof![30 => Just(0), 1 => Just(1), 1 => Just(-1)],
                    prop_oneof![
                        30 => 1000_i32..3000, 1 => Just(-1), 1 => Just(999 + (1 << 20)),
                        1 => Just(5 << 20), 1 => Just(i32::MAX),
                    ],
                    prop::sample::select(vec![50_u8, 50, 50, 81]),
                    any::<bool>(),
                ),
                1..12,
            ),
            sorted in any::<bool>(),
            reference in any::<bool>(),
        ) {
            let mut records = records;
            if sorted {
                records.sort_unstable();
            }
            let all: Vec<_> = records.iter().map(|&fields| record(fields)).collect();
            let views: Vec<_> = all.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
            let block = ReadBlock::new(&views);
            let needs = if reference { Fields::REFERENCE | Fields::GROUPS } else { Fields::GROUPS };
            let prepare = Prepare::new(needs, None);
            for (from, &(contig, first, ..)) in records.iter().enumerate() {
                let same = |&&(own, position, ..): &&(i32, i32, u8, bool)| {
                    let apart = i64::from(position) - i64::from(first);
                    own == contig && (!reference || (0..1 << 20).contains(&apart))
                };
                let expected = records[from..].iter().take_while(same).count();
                prop_assert_eq!(prepare.together(&block, from), expected);
                if !reference || contig < 0 {
                    continue;
                }
                let to = from + expected;
                let mut found = facts::Found::default();
                facts::prepare(needs, &block.prepared(from..to, Known::default()), None, &mut found);
                let known = Known { facts: &found.facts, groups: Some(&found.groups), ..Known::default() };
                let placed = records[from..to].iter().filter(|record| record.1 >= 0);
                let ends = placed.clone().map(|&(_, position, bases, clipped)| {
                    position as u32 + u32::from(bases - u8::from(clipped))
                });
                let end = ends.max().unwrap_or(0);
                let start = placed.map(|record| record.1 as u32).min().unwrap_or(0);
                let margin = REFERENCE_MARGIN_BP;
                prop_assert_eq!(
                    extent(&block.prepared(from..to, known)),
                    (start.saturating_sub(margin), end + margin)
                );
            }
        }
    }
}
