//! A chunk of a contig whose depth changes are all known becomes lines, runs and counts. Runs on any worker.

use std::sync::Arc;

use crate::io::bed_piece::{Piece, PieceWriter};
use crate::io::reference::ReferenceWindow;
use crate::model::problem::Problem;
use crate::model::qc::DepthHistogram;

use super::super::{Job, Parcel, Scratch};
use super::bins::BinRuns;
use super::by::{ByCell, Values};
use super::count::Counts;
use super::deltas::Deltas;
use super::listed::Listed;
use super::regions::{Part, RegionSet};
use super::sections::{self, Section};
use super::shard::Pool;
use super::unevenness::Windows;
use super::{CELL, Compat, DepthSettings, Second, WithoutN};

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
    pub(super) fn recycle(&self, deltas: Deltas) {
        self.pool.keep(deltas);
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
    pub(super) low: Listed,
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
    /// The runs within bins, cell by cell.
    pub(super) quantized: Vec<BinRuns>,
    /// How many bases of regions have each depth, when regions are listed.
    pub(super) region_histogram: Option<DepthHistogram>,
    /// The regions of `--by`, cell by cell.
    pub(super) by: Vec<ByCell>,
    /// For each set of spans asked for by the program, what the chunk adds to each.
    pub(super) asked: Vec<Vec<Part>>,
    /// What went wrong.
    pub(super) fault: Option<Problem>,
}

impl Chunk {
    /// Counts bases by depth. On the way it writes the lines of the runs of equal depth when they are wanted, and notes the
    /// runs in `runs`.
    fn count(
        &self,
        sections: &[Section],
        name: &str,
        mut lines: Option<&mut PieceWriter>,
        runs: Option<&mut Vec<(u32, u32)>>,
    ) -> (Counts, Option<Piece>) {
        if lines.is_none() && runs.is_none() {
            return (Counts::of_chunk(self, sections, |_, _| {}), None);
        }
        if let Some(lines) = &mut lines {
            lines.begin(name);
        }
        let (from, run_start, cell_end) = (self.start, self.run_start, cell_end(self.start));
        let mut tracks = Tracks { from, run_start, cell_end, lines, runs };
        let counts = Counts::of_chunk(self, sections, |to, depth| {
            // Where the contig goes on the next chunk ends the last run.
            tracks.run(to, depth, to < self.end || self.last);
        });
        (counts, tracks.lines.map(PieceWriter::finish_cells))
    }
}

/// What the runs of equal depth are noted in.
struct Tracks<'a> {
    /// Where the next run begins in the chunk, and where it really begins.
    from: u32,
    run_start: u32,
    /// End of the cell of the last line: lines belong to the cell of their end.
    cell_end: u32,
    lines: Option<&'a mut PieceWriter>,
    runs: Option<&'a mut Vec<(u32, u32)>>,
}

impl Tracks<'_> {
    #[inline]
    fn run(&mut self, to: u32, depth: u32, ends: bool) {
        if let Some(runs) = &mut self.runs
            && to > self.from
        {
            runs.push((to, depth));
        }
        self.from = to;
        if let Some(lines) = &mut self.lines
            && ends
            && to > self.run_start
        {
            if to >= self.cell_end {
                lines.end_cell();
                self.cell_end = cell_end(to);
            }
            lines.value(self.run_start, to, depth);
            self.run_start = to;
        }
    }
}

/// The end of the cell that holds a base.
fn cell_end(position: u32) -> u32 {
    (position - position % CELL).saturating_add(CELL)
}

/// Calls `each` with the runs of every cell of a chunk that begins at `start`, as those of a chunk of their own.
fn by_cell(start: u32, mut runs: &[(u32, u32)], mut each: impl FnMut(u32, &[(u32, u32)])) {
    let (mut from, mut own) = (start, Vec::new());
    while let Some(&(end, _)) = runs.last() {
        let to = end.min(cell_end(from));
        let whole = runs.partition_point(|run| run.0 < to);
        own.clear();
        own.extend_from_slice(&runs[..whole]);
        own.push((to, runs[whole].1));
        each(from, &own);
        // A run that goes on is part of the next cell too.
        runs = &runs[whole + usize::from(runs[whole].0 == to)..];
        from = to;
    }
}

impl Shared {
    /// Where the tracks differ along the chunk, and which of its bases are N where that matters.
    fn sections(
        &self,
        chunk: &Chunk,
        reference: &mut ReferenceWindow,
    ) -> Result<Vec<Section>, Problem> {
        let without_n = self.without_n
            || self.second.is_some_and(|second| second.without_n != WithoutN::Nowhere);
        sections::of_chunk(chunk, without_n.then_some(reference))
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
        let (name, settings) = (shared.name(chunk.contig), &*shared.settings);
        let (sections, fault) = match shared.sections(&chunk, reference) {
            Ok(sections) => (sections, None),
            Err(problem) => (Vec::new(), Some(problem)),
        };
        let wants_runs = !shared.sets.is_empty() || settings.quantize.is_some();
        let (counts, per_base) = chunk.count(
            &sections,
            name,
            (shared.files && settings.per_base).then_some(&mut *lines),
            wants_runs.then_some(&mut *runs),
        );
        let mut region_histogram = shared.lists_regions().then(DepthHistogram::default);
        let (by, asked) = shared.sets.split_at(usize::from(settings.by.is_some()));
        let mut by_cells = Vec::new();
        if let Some(set) = by.first() {
            let values = Values { settings, set, contig: chunk.contig };
            by_cell(chunk.start, runs, |start, runs| {
                let writers = shared.files.then_some([&mut *regions, &mut *thresholds]);
                let histogram = region_histogram.as_mut();
                by_cells.push(values.of_cell(name, (start, runs), histogram, writers));
            });
        }
        let asked = asked.iter().map(|set| {
            let mut parts = Vec::new();
            set.parts(chunk.contig, (chunk.start, runs), None, |part| parts.push(part));
            parts
        });
        let mut quantized = Vec::new();
        if let Some(quantize) = &settings.quantize {
            let stop = shared.last_bin_end(chunk.contig);
            by_cell(chunk.start, runs, |start, runs| {
                quantized.push(BinRuns::of_cell(quantize, (start, runs), stop, (name, lines)));
            });
        }
        let asked = asked.collect();
        let (histogram, second) = match shared.second {
            Some(_) => (counts.first, counts.second),
            None if shared.without_n => (counts.second, DepthHistogram::default()),
            None => (counts.first, DepthHistogram::default()),
        };
        let result = ChunkResult {
            fault,
            contig: chunk.contig,
            last: chunk.last,
            has_records: chunk.has_records,
            per_base,
            by: by_cells,
            asked,
            quantized,
            region_histogram,
            histogram,
            second,
            windows: counts.windows,
        };
        shared.recycle(chunk.deltas);
        Box::new(result)
    }
}
