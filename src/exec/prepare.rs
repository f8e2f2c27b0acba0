//! From the blocks of a reader to those that metrics see: one contig each (and one stretch of it where the reference is
//! looked at), with facts and reference.

use std::sync::Arc;

use crate::io::reference::{Reference, ReferenceWindow};
use crate::model::problem::Problem;
use crate::model::read::{Fields, Known, ReadBlock, ReadFacts, ReadView};
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
            facts::prepare(self.needs, &bare, &mut self.found);
            let reference = if self.needs.contains(Fields::REFERENCE) && contig >= 0 {
                let (start, end) = extent(&bare, &self.found.facts);
                self.window.cover(contig, start, end)?
            } else {
                None
            };
            if let Some(reference) = reference
                && self.needs.contains(Fields::MISMATCH_FACTS)
            {
                compare::prepare(&bare, reference, &mut self.found);
            }
            let facts::Found { facts, groups, pairs, .. } = &self.found;
            let pairs = self.needs.contains(Fields::PAIR_FACTS).then_some(pairs);
            let known = Known { facts, groups: Some(groups), pairs, reference };
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
        let near = |read: &ReadView<'_>| {
            let apart = read.position().saturating_sub(first.position());
            all || (0..TOGETHER_BP).contains(&apart)
        };
        let same = block.iter().skip(from);
        same.take_while(|read| read.contig() == first.contig() && near(read)).count()
    }
}

/// Bases from the first to the last start of records that share a window of the reference: far below the longest window,
/// so that the reads fit too. Records of targets or of a few stretches lie further apart.
const TOGETHER_BP: i32 = 1 << 20;

/// The stretch of reference that the records lie on, with margins.
fn extent(block: &ReadBlock<'_>, facts: &[ReadFacts]) -> (u32, u32) {
    let (mut start, mut end) = (u32::MAX, 0);
    for (read, facts) in block.iter().zip(facts) {
        if let Ok(position) = u32::try_from(read.position()) {
            start = start.min(position);
            end = end.max(facts.end);
        }
    }
    let start = start.min(end);
    (start.saturating_sub(REFERENCE_MARGIN_BP), end.saturating_add(REFERENCE_MARGIN_BP))
}
