//! What a task amounts to, which the join puts together with its neighbours.

use super::super::order::Places;
use super::edge::Edge;
use super::filter::REASONS;
use super::firsts::Firsts;
use super::reach::FarBases;
use super::segments::Segments;

/// The reads of one contig that count within one task.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) contig: u32,
    /// Start of the first and of the last read.
    pub(super) reads: (u32, u32),
    pub(super) segments: Segments,
    pub(super) far: FarBases,
    /// Reads that may lie over reads of an earlier task.
    pub(super) head: Edge,
    /// The bases of those of them that are packed.
    pub(super) firsts: Firsts,
    /// Reads that a read of a later task may lie over.
    pub(super) tail: Edge,
}

impl Stretch {
    /// A stretch whose first read starts here, with an empty log for its head.
    pub(super) fn new(contig: u32, start: u32, head: Edge) -> Self {
        Self {
            contig,
            reads: (start, start),
            segments: Segments::default(),
            far: FarBases::new(),
            head,
            firsts: Firsts::default(),
            tail: Edge::default(),
        }
    }
}

/// Sums that do not depend on where bases lie.
#[derive(Debug, Default)]
pub(super) struct Sums {
    /// Aligned bases of excluded reads, by reason.
    pub(super) excluded: [u64; REASONS],
    /// Aligned bases of reads that count, over known reference bases.
    pub(super) aligned: u64,
    pub(super) overlap: u64,
    /// Depth above the cap; below 0 while parts of it are still to come.
    pub(super) capped: i64,
}

impl Sums {
    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, more) in self.excluded.iter_mut().zip(other.excluded) {
            *sum += more;
        }
        self.aligned += other.aligned;
        self.overlap += other.overlap;
        self.capped += other.capped;
    }
}

/// What a task amounts to.
#[derive(Debug, Default)]
pub(in crate::qc) struct TaskWgs {
    pub(super) stretches: Vec<Stretch>,
    pub(super) sums: Sums,
    /// Where its placed records lie, counted or not.
    pub(super) places: Places,
}

#[cfg(test)]
impl TaskWgs {
    /// What it amounts to on the first positions, in words that can be compared.
    pub(in crate::qc) fn told(mut self, positions: u32) -> String {
        let mut told = vec![format!("{:?} {:?}", self.sums, self.places)];
        for stretch in &mut self.stretches {
            let depth = (0..positions).map(|position| {
                let at = stretch.segments.at(position);
                at.map_or([0; 2], |(segment, i)| [segment.passing[i], segment.seen[i]])
            });
            let depth: Vec<_> = depth.collect();
            // How many reads are kept at the end depends on how they were shown.
            let Stretch { contig, reads, far, head, .. } = stretch;
            told.push(format!("{contig} {reads:?} {far:?} {} {depth:?}", head.iter().count()));
        }
        told.join(" ")
    }
}
