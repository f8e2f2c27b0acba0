//! A chunk of a contig whose depth changes are all known becomes lines, runs and counts. Runs on any worker.

use std::sync::Arc;

use crate::io::track::{Piece, PieceWriter};
use crate::model::qc::DepthHistogram;

use super::super::{Job, Parcel, Scratch};
use super::deltas::Deltas;
use super::regions::{Part, RegionSet};
use super::shard::Arenas;
use super::{Compat, DepthSettings, Quantize};

/// What all chunks share.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    pub(super) contigs: Arc<[(String, u32)]>,
    pub(super) settings: Arc<DepthSettings>,
    pub(super) sets: Arc<[RegionSet]>,
    pub(super) arenas: Arenas,
    /// Whether the lines of the per-base track are wanted.
    pub(super) lines: bool,
}

impl Shared {
    /// Length of a contig, bp.
    pub(super) fn length(&self, contig: u32) -> u32 {
        self.contigs.get(contig as usize).map_or(0, |(_, length)| *length)
    }

    /// Keeps the memory of finished changes.
    pub(super) fn recycle(&self, deltas: Deltas) {
        if let Ok(mut arenas) = self.arenas.lock()
            && arenas.len() < 16
        {
            arenas.push(deltas.into_arena());
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
    /// Depth before `start`.
    pub(super) carry: i64,
    /// Where the run of equal depth that reaches `start` begins.
    pub(super) run_start: u32,
    /// Whether the contig ends here.
    pub(super) last: bool,
    /// Whether any record lies on the contig.
    pub(super) has_records: bool,
    pub(super) deltas: Deltas,
}

/// What a chunk amounts to.
#[derive(Debug)]
pub(super) struct ChunkResult {
    pub(super) contig: u32,
    pub(super) last: bool,
    pub(super) has_records: bool,
    pub(super) histogram: DepthHistogram,
    pub(super) per_base: Option<Piece>,
    /// Runs within one bin: start, end, bin.
    pub(super) quantized: Vec<(u32, u32, usize)>,
    /// How many bases of regions have each depth, when regions are listed.
    pub(super) region_histogram: Option<DepthHistogram>,
    /// For each set of regions, what the chunk adds to each.
    pub(super) parts: Vec<Vec<Part>>,
}

struct ChunkJob {
    shared: Shared,
    chunk: Chunk,
}

impl Job for ChunkJob {
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel {
        let Self { shared, chunk } = *self;
        let Scratch { lines, runs, .. } = scratch;
        runs.clear();
        let wants_runs = !shared.sets.is_empty() || shared.settings.quantize.is_some();
        let mut histogram = DepthHistogram::default();
        let mut per_base = shared.lines.then(|| {
            let name = shared.contigs.get(chunk.contig as usize).map_or("", |(name, _)| name);
            Lines::new(lines, name, chunk.run_start)
        });
        let (mut depth, mut from) = (chunk.carry, chunk.start);
        let mut run = |from: u32, to: u32, depth: i64| {
            if to > from {
                let depth = depth.max(0) as u32;
                histogram.add(depth, u64::from(to - from));
                if wants_runs {
                    runs.push((to, depth));
                }
            }
        };
        chunk.deltas.walk(|position, change| {
            // Reads that hang over the end of the contig leave changes behind it.
            if position < chunk.end {
                run(from, position, depth);
                if let Some(lines) = &mut per_base {
                    lines.end_run(position, depth);
                }
                from = position;
                depth += i64::from(change);
            }
        });
        run(from, chunk.end, depth);
        if let Some(lines) = &mut per_base
            && chunk.last
        {
            lines.end_run(chunk.end, depth);
        }
        let per_base = per_base.map(Lines::finish);
        let listed =
            shared.settings.by.is_some() && shared.sets.first().is_some_and(|s| !s.is_windows());
        let mut region_histogram = listed.then(DepthHistogram::default);
        let parts = shared.sets.iter().enumerate().map(|(i, set)| {
            let histogram = region_histogram.as_mut().filter(|_| i == 0);
            set.parts(chunk.contig, chunk.start, runs, histogram)
        });
        let parts = parts.collect();
        let result = ChunkResult {
            contig: chunk.contig,
            last: chunk.last,
            has_records: chunk.has_records,
            per_base,
            quantized: shared.quantized(&chunk, runs),
            parts,
            region_histogram,
            histogram,
        };
        shared.recycle(chunk.deltas);
        Box::new(result)
    }
}

impl Shared {
    fn quantized(&self, chunk: &Chunk, runs: &[(u32, u32)]) -> Vec<(u32, u32, usize)> {
        let Some(quantize) = &self.settings.quantize else { return Vec::new() };
        let length = self.length(chunk.contig);
        // mosdepth stops before the last base; the collector then lets the last run go on to the end.
        let stop = match self.settings.compat {
            Compat::Mosdepth if length > 1 => length - 1,
            _ => length,
        };
        merge_bins(quantize, chunk.start, runs, stop)
    }
}

fn merge_bins(
    quantize: &Quantize,
    start: u32,
    runs: &[(u32, u32)],
    stop: u32,
) -> Vec<(u32, u32, usize)> {
    let mut merged: Vec<(u32, u32, usize)> = Vec::new();
    let mut from = start;
    for &(end, depth) in runs {
        let to = end.min(stop);
        if let Some(bin) = quantize.bin(depth)
            && to > from
        {
            match merged.last_mut() {
                Some(last) if last.1 == from && last.2 == bin => last.1 = to,
                _ => merged.push((from, to, bin)),
            }
        }
        from = end;
    }
    merged
}

/// Bytes copied at once for a contig name; longer names are copied in a second step.
const SHORT_NAME: usize = 16;
/// Bytes of a number.
const DIGITS: usize = 12;

/// Formats the lines of the per-base track: the end of one line is the start of the next, and only the last four digits of
/// a position are formatted anew.
struct Lines<'a> {
    writer: &'a mut PieceWriter,
    /// Contig name and tab, filled up to [`SHORT_NAME`].
    prefix: Vec<u8>,
    prefix_length: usize,
    run_start: u32,
    start: Digits,
    end: Digits,
}

#[derive(Clone, Copy)]
struct Digits {
    bytes: [u8; DIGITS],
    length: usize,
    /// The number without its last four digits, and how many digits that has.
    high: u32,
    high_length: usize,
}

const fn digit(value: usize) -> u8 {
    b'0' + (value % 10) as u8
}

static FOUR_DIGITS: [[u8; 4]; 10_000] = {
    let mut table = [[0; 4]; 10_000];
    let mut i = 0;
    while i < 10_000 {
        table[i] = [digit(i / 1000), digit(i / 100), digit(i / 10), digit(i)];
        i += 1;
    }
    table
};

impl Digits {
    fn new() -> Self {
        Self { bytes: [0; DIGITS], length: 0, high: u32::MAX, high_length: 0 }
    }

    #[inline]
    fn set(&mut self, value: u32) {
        let high = value / 10_000;
        if high != self.high {
            self.high = high;
            self.high_length = if high == 0 { 0 } else { write_number(high, &mut self.bytes) };
        }
        if high == 0 {
            self.length = write_number(value, &mut self.bytes);
        } else {
            let low = FOUR_DIGITS[(value % 10_000) as usize];
            self.bytes[self.high_length..self.high_length + 4].copy_from_slice(&low);
            self.length = self.high_length + 4;
        }
    }
}

#[inline]
fn write_number(value: u32, bytes: &mut [u8; DIGITS]) -> usize {
    let length = value.checked_ilog10().map_or(1, |log| log as usize + 1);
    let mut rest = value;
    for byte in bytes[..length].iter_mut().rev() {
        *byte = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    length
}

impl<'a> Lines<'a> {
    fn new(writer: &'a mut PieceWriter, contig: &str, run_start: u32) -> Self {
        let mut prefix = format!("{contig}\t").into_bytes();
        // A name that leaves no room for the numbers cannot come from a file that samtools would index.
        prefix.truncate(2048);
        let prefix_length = prefix.len();
        prefix.resize(prefix_length.max(SHORT_NAME), 0);
        let mut start = Digits::new();
        start.set(run_start);
        Self { writer, prefix, prefix_length, run_start, start, end: Digits::new() }
    }

    /// Ends the open run before `position`, if it has bases; its depth was `depth`.
    #[inline]
    fn end_run(&mut self, position: u32, depth: i64) {
        if position <= self.run_start {
            return;
        }
        self.end.set(position);
        let depth = depth.max(0) as u32;
        let out = self.writer.room();
        out[..SHORT_NAME].copy_from_slice(&self.prefix[..SHORT_NAME]);
        if self.prefix_length > SHORT_NAME {
            out[..self.prefix_length].copy_from_slice(&self.prefix);
        }
        let mut at = self.prefix_length;
        for number in [&self.start, &self.end] {
            out[at..at + DIGITS].copy_from_slice(&number.bytes);
            at += number.length;
            out[at] = b'\t';
            at += 1;
        }
        at += put_depth(depth, &mut out[at..at + DIGITS]);
        out[at] = b'\n';
        self.writer.commit(at + 1, self.run_start, position);
        self.run_start = position;
        self.start = self.end;
    }

    fn finish(self) -> Piece {
        self.writer.finish()
    }
}

#[inline]
fn put_depth(depth: u32, out: &mut [u8]) -> usize {
    let low = FOUR_DIGITS[(depth % 10_000) as usize];
    if depth < 10 {
        out[0] = low[3];
        1
    } else if depth < 100 {
        out[..2].copy_from_slice(&low[2..]);
        2
    } else {
        let mut digits = [0; DIGITS];
        let length = write_number(depth, &mut digits);
        out[..DIGITS].copy_from_slice(&digits);
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        let mut digits = Digits::new();
        for value in [0, 7, 9_999, 10_000, 10_001, 19_999, 20_000, 248_956_422, u32::MAX, 3] {
            digits.set(value);
            assert_eq!(&digits.bytes[..digits.length], value.to_string().as_bytes());
            let mut out = [0; DIGITS];
            let length = put_depth(value, &mut out);
            assert_eq!(&out[..length], value.to_string().as_bytes());
        }
    }

    #[test]
    fn neighbouring_runs_of_one_bin_are_one() {
        let quantize = Quantize::parse("1:10:20", |_| None).unwrap();
        let runs = [(5, 0), (7, 3), (9, 4), (12, 15), (20, 3)];
        assert_eq!(merge_bins(&quantize, 0, &runs, 20), [(5, 9, 0), (9, 12, 1), (12, 20, 0)]);
        assert_eq!(merge_bins(&quantize, 0, &runs, 19).last(), Some(&(12, 19, 0)));
    }
}
