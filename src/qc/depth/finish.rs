//! A chunk of a contig whose depth changes are all known becomes lines, runs and counts. Runs on any worker.

use std::sync::Arc;

use crate::io::bed_piece::{Piece, PieceWriter};
use crate::io::reference::ReferenceWindow;
use crate::model::problem::Problem;
use crate::model::qc::DepthHistogram;

use super::super::{Job, Parcel, Scratch};
use super::bins::BinRuns;
use super::by::{ByChunk, Values};
use super::deltas::Deltas;
use super::known_bases;
use super::regions::{Part, RegionSet};
use super::shard::Pool;
use super::unevenness::Windows;
use super::{Compat, DepthSettings, Second};

/// What all chunks share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) contigs: Arc<[(String, u32)]>,
    pub(super) settings: Arc<DepthSettings>,
    pub(super) sets: Arc<[RegionSet]>,
    pub(super) pool: Arc<Pool>,
    /// Whether tracks are written.
    pub(super) files: bool,
    /// Whether bases that are N in the reference are left out of histograms.
    pub(super) without_n: bool,
    /// The second track, if there is one.
    pub(super) second: Option<Second>,
}

impl Shared {
    /// Length of a contig, bp.
    pub(super) fn length(&self, contig: u32) -> u32 {
        self.contigs.get(contig as usize).map_or(0, |(_, length)| *length)
    }

    /// Name of a contig.
    pub(super) fn name(&self, contig: u32) -> &str {
        self.contigs.get(contig as usize).map_or("", |(name, _)| name)
    }

    fn lists_regions(&self) -> bool {
        self.settings.by.is_some() && self.sets.first().is_some_and(|set| !set.is_windows())
    }

    /// Where the last bin of a contig ends: mosdepth stops before the last base; the collector then lets the last run go
    /// on to the end.
    fn last_bin_end(&self, contig: u32) -> u32 {
        let length = self.length(contig);
        match self.settings.compat {
            Compat::Mosdepth if length > 1 => length - 1,
            _ => length,
        }
    }

    /// Keeps the memory of finished changes.
    pub(super) fn recycle(&self, deltas: Deltas, low: Deltas) {
        self.pool.keep(deltas);
        if self.second.is_some() {
            self.pool.keep(low);
        }
    }

    pub(super) fn job(&self, chunk: Chunk) -> Box<dyn Job> {
        Box::new(ChunkJob { shared: self.clone(), chunk })
    }
}

/// A stretch of a contig with all its changes.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) contig: u32,
    /// First base, 0-based.
    pub(super) start: u32,
    /// One past the last base.
    pub(super) end: u32,
    /// Depth before `start`, and that which the second track lacks.
    pub(super) carry: i64,
    pub(super) low_carry: i64,
    /// Where the run of equal depth that reaches `start` begins.
    pub(super) run_start: u32,
    /// Whether the contig ends here.
    pub(super) last: bool,
    /// Whether any record lies on the contig.
    pub(super) has_records: bool,
    pub(super) deltas: Deltas,
    /// The changes that the second track lacks.
    pub(super) low: Deltas,
}

/// What a chunk amounts to.
#[derive(Debug)]
pub(super) struct ChunkResult {
    pub(super) contig: u32,
    pub(super) last: bool,
    pub(super) has_records: bool,
    pub(super) histogram: DepthHistogram,
    /// How many bases have each depth in the second track.
    pub(super) second: DepthHistogram,
    /// Known bases by window, when bases that are N are left out.
    pub(super) windows: Windows,
    pub(super) per_base: Option<Piece>,
    pub(super) quantized: Option<BinRuns>,
    /// How many bases of regions have each depth, when regions are listed.
    pub(super) region_histogram: Option<DepthHistogram>,
    /// The regions of `--by`.
    pub(super) by: Option<ByChunk>,
    /// For each set of spans asked for by the program, what the chunk adds to each.
    pub(super) asked: Vec<Vec<Part>>,
    /// What went wrong.
    pub(super) fault: Option<Problem>,
}

impl Chunk {
    /// Goes through the runs of equal depth: counts them, writes their lines when wanted, and notes them in `runs`.
    fn runs(
        &self,
        shared: &Shared,
        lines: &mut PieceWriter,
        mut runs: Option<&mut Vec<(u32, u32)>>,
    ) -> (DepthHistogram, Option<Piece>) {
        let mut histogram = DepthHistogram::default();
        let mut per_base = (shared.files && shared.settings.per_base).then(|| {
            lines.begin(shared.name(self.contig));
            lines
        });
        let mut run_start = self.run_start;
        let (mut depth, mut from) = (self.carry, self.start);
        let mut run = |from: u32, to: u32, depth: i64| {
            if to > from {
                let depth = depth.max(0) as u32;
                histogram.add(depth, u64::from(to - from));
                if let Some(runs) = &mut runs {
                    runs.push((to, depth));
                }
            }
        };
        self.deltas.walk(|position, change| {
            // Reads that hang over the end of the contig leave changes behind it.
            if position < self.end {
                run(from, position, depth);
                if let Some(lines) = &mut per_base
                    && position > run_start
                {
                    lines.value(run_start, position, depth.max(0) as u32);
                    run_start = position;
                }
                from = position;
                depth += i64::from(change);
            }
        });
        run(from, self.end, depth);
        if let Some(lines) = &mut per_base
            && self.last
            && self.end > run_start
        {
            lines.value(run_start, self.end, depth.max(0) as u32);
        }
        let per_base = per_base.map(PieceWriter::finish);
        (histogram, per_base)
    }
}

impl Chunk {
    /// Puts the runs of equal depth of the second track into `runs` and counts them.
    fn second_runs(&self, runs: &mut Vec<(u32, u32)>) -> DepthHistogram {
        let mut low = Vec::new();
        self.low.walk(|position, change| low.push((position, change)));
        let mut low = low.into_iter().peekable();
        let mut histogram = DepthHistogram::default();
        let (mut depth, mut from) = (self.carry - self.low_carry, self.start);
        let end = self.end;
        runs.clear();
        let mut change_at = |position: u32, change: i64| {
            let position = position.min(end);
            if change != 0 && position > from {
                let here = depth.max(0) as u32;
                histogram.add(here, u64::from(position - from));
                runs.push((position, here));
                from = position;
            }
            depth += change;
        };
        self.deltas.walk(|position, change| {
            while let Some((before, by)) = low.next_if(|&(place, _)| place < position) {
                change_at(before, -i64::from(by));
            }
            let by = low.next_if(|&(place, _)| place == position).map_or(0, |(_, by)| by);
            change_at(position, i64::from(change) - i64::from(by));
        });
        for (position, by) in low {
            change_at(position, -i64::from(by));
        }
        if end > from {
            let here = depth.max(0) as u32;
            histogram.add(here, u64::from(end - from));
            runs.push((end, here));
        }
        histogram
    }
}

impl Shared {
    /// Takes the bases that are N out of the histogram, if that is wanted, and gives the others by window.
    fn leave_out_n(
        &self,
        chunk: &Chunk,
        runs: &[(u32, u32)],
        reference: &mut ReferenceWindow,
        histogram: &mut DepthHistogram,
    ) -> Result<Windows, Problem> {
        if !self.without_n && self.second.is_none_or(|second| !second.without_n) {
            return Ok(Windows::default());
        }
        let (known, windows) = known_bases::histogram(chunk, runs, reference)?;
        *histogram = known;
        Ok(windows)
    }
}

struct ChunkJob {
    shared: Shared,
    chunk: Chunk,
}

impl Job for ChunkJob {
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel {
        let Self { shared, chunk } = *self;
        let Scratch { lines, regions, thresholds, runs, reference, .. } = scratch;
        runs.clear();
        let wants_runs =
            !shared.sets.is_empty() || shared.settings.quantize.is_some() || shared.without_n;
        let (mut histogram, per_base) =
            chunk.runs(&shared, lines, wants_runs.then_some(&mut *runs));
        let mut region_histogram = shared.lists_regions().then(DepthHistogram::default);
        let (name, settings) = (shared.name(chunk.contig), &*shared.settings);
        let (by, asked) = shared.sets.split_at(usize::from(settings.by.is_some()));
        let by = by.first().map(|set| {
            let values = Values { settings, set, contig: chunk.contig };
            let writers = shared.files.then_some([regions, thresholds]);
            values.of_chunk(name, (chunk.start, runs), region_histogram.as_mut(), writers)
        });
        let asked = asked.iter().map(|set| {
            let mut parts = Vec::new();
            set.parts(chunk.contig, (chunk.start, runs), None, |part| parts.push(part));
            parts
        });
        let quantized = settings.quantize.as_ref().map(|quantize| {
            let stop = shared.last_bin_end(chunk.contig);
            BinRuns::of_chunk(quantize, (chunk.start, runs), stop, (name, lines))
        });
        let (asked, mut second) = (asked.collect(), DepthHistogram::default());
        let known = if shared.second.is_some() {
            second = chunk.second_runs(runs);
            shared.leave_out_n(&chunk, runs, reference, &mut second)
        } else {
            shared.leave_out_n(&chunk, runs, reference, &mut histogram)
        };
        let (windows, fault) = match known {
            Ok(windows) => (windows, None),
            Err(problem) => (Windows::default(), Some(problem)),
        };
        let result = ChunkResult {
            fault,
            windows,
            contig: chunk.contig,
            last: chunk.last,
            has_records: chunk.has_records,
            per_base,
            by,
            asked,
            quantized,
            region_histogram,
            histogram,
            second,
        };
        shared.recycle(chunk.deltas, chunk.low);
        Box::new(result)
    }
}
