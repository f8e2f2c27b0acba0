//! Judges every base of a stretch whose reads are all there, and sums up by region.

use std::collections::HashMap;
use std::sync::Arc;

use crate::io::reference::{CODE_N, ReferenceWindow};
use crate::model::problem::Problem;
use crate::model::qc::wgs::WgsBases;
use crate::model::read::ReadView;

use super::super::super::{Job, Parcel, Scratch};
use super::super::kept::Link;
use super::super::segments::PASSES;
use super::super::{COVERAGE_CAP, MIN_BASE_QUALITY};
use super::shard::Stretch;
use super::{Part, Shared};

/// Bases looked at in one go.
const STEP_BP: u32 = 1 << 16;

/// What a base of a read that counts is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Base {
    /// Of low quality, or N.
    Low,
    /// Passing.
    Passes,
    /// Passing, as one of an earlier record of the same name does there.
    Overlaps,
}

/// Bases of an aligned block from a 0-based position on.
#[derive(Debug)]
struct Run {
    start: u32,
    bases: Vec<Base>,
}

/// A stretch of a contig with every read over it.
pub(super) struct ExcludedJob {
    shared: Arc<Shared>,
    stretch: Stretch,
    /// The bases that are counted now, 0-based half-open.
    range: (u32, u32),
}

impl ExcludedJob {
    pub(super) fn new(shared: Arc<Shared>, stretch: Stretch, range: (u32, u32)) -> Self {
        Self { shared, stretch, range }
    }

    fn count(&self, reference: &mut ReferenceWindow) -> Result<Vec<Part>, Problem> {
        let (mut parts, reads) = (Vec::new(), self.reads());
        let (mut start, end) = self.range;
        while start < end {
            let stop = start.saturating_add(STEP_BP).min(end);
            let regions = || self.shared.regions.over(self.stretch.contig, start, stop);
            if regions().next().is_some() {
                let sums = self.sums((start, stop), &reads, reference)?;
                for region in regions() {
                    let from = region.start.max(start) - start;
                    let to = region.end.min(stop) - start;
                    let (mut known, mut bases) = (0, WgsBases::default());
                    for place in &sums[from as usize..to as usize] {
                        known += u64::from(place.known);
                        bases.merge(&place.bases());
                    }
                    parts.push((region.listed, known, bases));
                }
            }
            start = stop;
        }
        Ok(parts)
    }

    /// The bases of every read that counts.
    fn reads(&self) -> Vec<Run> {
        let mut reads: Vec<(&Link, Vec<Run>)> = Vec::new();
        let mut by_name: HashMap<Vec<u8>, Vec<usize>> = HashMap::new();
        for (link, read) in self.stretch.counted.iter() {
            let mut own = runs(read);
            let earlier = by_name.entry(read.name().to_vec()).or_default();
            for &i in earlier.iter() {
                let (other, theirs) = &reads[i];
                if link.follows(other) {
                    let near = link.end.min(other.end);
                    for theirs in theirs {
                        overlap(&mut own, theirs, near);
                    }
                }
            }
            earlier.push(reads.len());
            reads.push((link, own));
        }
        reads.into_iter().flat_map(|(_, runs)| runs).collect()
    }

    /// What lies over every base of `start..end`.
    fn sums(
        &self,
        (start, end): (u32, u32),
        reads: &[Run],
        reference: &mut ReferenceWindow,
    ) -> Result<Vec<Place>, Problem> {
        let mut places = vec![Place::default(); (end - start) as usize];
        let span = reference.cover(self.stretch.contig as i32, start, end)?;
        if let Some(codes) = span.and_then(|span| span.slice(start, end)) {
            for (place, &code) in places.iter_mut().zip(codes) {
                place.known = code != CODE_N;
            }
        }
        for &(from, to, reason) in &self.stretch.lost {
            let (from, to) = (from.max(start), to.min(end));
            for place in places.get_mut(range(from, to, start)).unwrap_or_default() {
                place.lost[usize::from(reason)] += 1;
            }
        }
        for run in reads {
            let run_end = run.start + run.bases.len() as u32;
            let (from, to) = (run.start.max(start), run_end.min(end));
            let own = run.bases.get(range(from, to, run.start)).unwrap_or_default();
            let places = places.get_mut(range(from, to, start)).unwrap_or_default();
            for (place, base) in places.iter_mut().zip(own).filter(|(place, _)| place.known) {
                match base {
                    Base::Low => place.low += 1,
                    Base::Passes => place.passing += 1,
                    Base::Overlaps => place.overlap += 1,
                }
            }
        }
        Ok(places)
    }
}

/// `from..to` counted from `origin`; empty when it ends before it begins.
fn range(from: u32, to: u32, origin: u32) -> std::ops::Range<usize> {
    if from >= to {
        return 0..0;
    }
    (from - origin) as usize..(to - origin) as usize
}

/// The reads over one base.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    known: bool,
    lost: [u32; 4],
    low: u32,
    passing: u32,
    overlap: u32,
}

impl Place {
    fn bases(&self) -> WgsBases {
        let counted = self.passing.min(u32::from(COVERAGE_CAP));
        let [adapter, mapq, duplicate, unpaired] = self.lost.map(u64::from);
        WgsBases {
            counted: u64::from(counted),
            adapter,
            mapq,
            duplicate,
            unpaired,
            base_quality: u64::from(self.low),
            overlap: u64::from(self.overlap),
            capped: u64::from(self.passing - counted),
        }
    }
}

/// The aligned bases of a read.
fn runs(read: ReadView<'_>) -> Vec<Run> {
    let (qualities, packed) = (read.qualities(), read.packed_sequence());
    let unknown = qualities.first() == Some(&u8::MAX);
    let base = |i: usize| {
        let quality = qualities.get(i).copied().filter(|&quality| quality < PASSES && !unknown);
        let pair = packed.get(i / 2).copied().unwrap_or(u8::MAX);
        let code = if i.is_multiple_of(2) { pair >> 4 } else { pair & 15 };
        let passes = quality.unwrap_or(0) >= MIN_BASE_QUALITY && code != CODE_N;
        if passes { Base::Passes } else { Base::Low }
    };
    let (mut at, mut from, mut runs) = (read.position().max(0) as u32, 0, Vec::new());
    for op in read.cigar().iter() {
        let length = op.length as usize;
        if op.is_aligned() {
            runs.push(Run { start: at, bases: (from..from + length).map(base).collect() });
        }
        at = if op.consumes_reference() { at.saturating_add(op.length) } else { at };
        from += if op.consumes_read() { length } else { 0 };
    }
    runs
}

/// Marks the bases that pass in both, before a position.
fn overlap(own: &mut [Run], theirs: &Run, before: u32) {
    for run in own {
        let their_end = theirs.start + theirs.bases.len() as u32;
        let from = run.start.max(theirs.start);
        let to = (run.start + run.bases.len() as u32).min(their_end).min(before);
        let here = theirs.bases.get(range(from, to, theirs.start)).unwrap_or_default();
        let own = run.bases.get_mut(range(from, to, run.start)).unwrap_or_default();
        for (own, theirs) in own.iter_mut().zip(here) {
            if *own == Base::Passes && *theirs != Base::Low {
                *own = Base::Overlaps;
            }
        }
    }
}

impl Job for ExcludedJob {
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel {
        Box::new(self.count(&mut scratch.reference))
    }
}
