//! Finished pieces become values: a histogram lives only while pieces of its value are missing.

use std::collections::HashMap;

use crate::model::coord::Span;
use crate::model::gene_coverage::{Coverage, DepthStats, GeneCoverage};
use crate::model::problem::Problem;
use crate::model::qc::{DepthHistogram, SampleQc};

use super::super::depth::{DepthCollector, SpanDetails};
use super::super::{Collector, Parcel};
use super::plan::Plan;

/// The collector.
#[derive(Debug)]
pub(super) struct GenesCollector {
    depth: DepthCollector,
    plan: Plan,
    gap_min: u32,
    /// The first value that is a block: blocks keep their gaps.
    first_block: usize,
    open: HashMap<u32, Open>,
    done: Vec<Coverage>,
}

/// A value of which some pieces are known.
#[derive(Debug, Default)]
struct Open {
    histogram: DepthHistogram,
    pieces: u32,
    /// The run below the threshold that reaches the end of the last piece, or ended before.
    gap: Option<(u32, Span)>,
    gaps: Vec<Span>,
    count: u64,
    bases: u64,
}

impl Open {
    /// Takes the gap that is open when it ended; short ones do not count.
    fn end_gap(&mut self, least: u32, keep: bool) {
        let Some((_, gap)) = self.gap.take() else { return };
        if gap.len() < least.max(1) {
            return;
        }
        self.count += 1;
        self.bases += u64::from(gap.len());
        if keep {
            self.gaps.push(gap);
        }
    }
}

impl GenesCollector {
    pub(super) fn new(depth: DepthCollector, plan: Plan, gap_min: u32) -> Self {
        let slots = plan.pieces.count.len();
        let first_block = slots - plan.results.blocks.len();
        let done = vec![Coverage::default(); slots];
        Self { depth, plan, gap_min, first_block, open: HashMap::new(), done }
    }

    fn add(&mut self, piece: &SpanDetails) {
        let Plan { pieces, results } = &mut self.plan;
        let contig = pieces.contigs.get(piece.span).copied().unwrap_or_default();
        for &value in pieces.users(piece.span) {
            let block = (value as usize).checked_sub(self.first_block);
            let open = self.open.entry(value).or_default();
            open.histogram.merge(&piece.histogram);
            for &(start, end) in &piece.gaps {
                match &mut open.gap {
                    // Pieces that touch are parts of one stretch.
                    Some((same, gap)) if *same == contig && gap.end == start => gap.end = end,
                    _ => {
                        open.end_gap(self.gap_min, block.is_some());
                        open.gap = Some((contig, Span::new(start, end)));
                    }
                }
            }
            open.pieces += 1;
            if open.pieces < pieces.count[value as usize] {
                continue;
            }
            let Some(mut open) = self.open.remove(&value) else { continue };
            open.end_gap(self.gap_min, block.is_some());
            let done = &mut self.done[value as usize];
            done.stats = DepthStats::of(&open.histogram);
            (done.gaps, done.gap_bases) = (open.count, open.bases);
            if let Some(block) = block {
                open.gaps.shrink_to_fit();
                results.blocks[block].gaps = open.gaps;
            }
        }
    }
}

impl Collector for GenesCollector {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        self.depth.collect(parcel)?;
        for piece in self.depth.take_finished() {
            self.add(&piece);
        }
        Ok(())
    }

    fn finish(self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        let mut results = self.plan.results;
        let listed = self.plan.pieces.listed;
        for ((slot, done), listed) in results.slots().zip(self.done).zip(listed) {
            *slot = Coverage { listed, ..done };
        }
        let behind = |gene: &&GeneCoverage| gene.has_contig && gene.whole.not_assessed() > 0;
        let behind = results.genes.iter().filter(behind).count();
        if behind > 0 {
            qc.notes.push(format!(
                "{behind} genes have exons behind the end of their contig: the gene model may be of another assembly"
            ));
        }
        qc.genes = Some(results);
        Ok(())
    }
}
