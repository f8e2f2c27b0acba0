//! Coverage by GC content, with the definitions of Picard's CollectGcBiasMetrics (2.27.5, its defaults).
//!
//! A window is 100 bp; one with more than four N has no GC content. A forward read belongs to the window at its first
//! aligned base, a reverse read to that which ends with its last one. Every aligned read counts: duplicates, secondary and
//! supplementary alignments too. Reproduced as they are:
//!
//! - The window of a forward read begins one base after the read does.
//! - Reads whose window would begin in the last 100 bases of a contig count for 0 % GC, although those windows do not.
//! - The first base of a contig begins no window.
//!
//! # Differences from Picard
//!
//! | what Picard 2.27.5 does | where | here |
//! |---|---|---|
//! | leaves out the first 100 reads without bases, then stops with an error | secondary alignments with `*` for bases | all are left out |
//! | stops with an error | reads that hang over the end of their contig; a dictionary that differs from the header | compares what there is; windows are those of the header's contigs that the reference has |
//! | takes letters that are no IUPAC code for bases of their own | such references | they are N |
//!
//! Windows are counted over the whole reference, cell by cell: by the worker that first has the cell in memory for the
//! reads, and those where no reads are afterwards, by all workers.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::io::reference::CODE_N;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::qc::gc_bias::{GcBias, GcBin};
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, ReferenceSpan, flag};
use crate::model::read_columns::STEP;

use super::vectors::{Task, Vectors, WINDOW_BYTES, dispatch};
use super::{Count, Counting, Metric, MetricContext, Scratch};

/// The metric's name.
pub const ID: &str = "gc_bias";
/// What it is, in one line.
pub const ABOUT: &str = "coverage by GC content, as Picard CollectGcBiasMetrics";
/// Length of a window, bp: Picard's SCAN_WINDOW_SIZE.
const WINDOW_BP: u32 = 2 * WINDOW_BYTES as u32;
/// N that a window may hold.
const MOST_N: u8 = 4;
/// Windows that are looked at together: few enough to stay in the first-level cache.
const STARTS: usize = 1 << 11;
/// Their codes and what makes it whole vectors.
const PART: usize = STARTS + 160;
/// Bins: 0 to 100 percent.
const BINS: usize = 101;
/// Windows that are counted together: those that begin in a cell of this length.
const CELL_BP: u32 = 1 << 14;
/// Cells of one piece of work.
const PIECE_CELLS: u32 = 1 << 4;
/// The greatest GC content, percent, that counts for the AT side.
const AT_SIDE: u32 = 50;
/// First and last GC content of each range of the summary, percent.
const RANGES: [(usize, usize); 5] = [(0, 19), (20, 39), (40, 59), (60, 79), (80, 100)];

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    let (mut pieces, mut cells) = (Vec::new(), Vec::new());
    for (contig, (_, length)) in context.contigs.iter().enumerate() {
        let has = context.reference.is_some_and(|reference| reference.has(contig));
        let own = if has { window_end(*length).div_ceil(CELL_BP) } else { 0 };
        pieces.extend((0..own).step_by(PIECE_CELLS as usize).map(|cell| (contig, cell)));
        cells.push((0..own).map(|_| AtomicBool::default()).collect());
    }
    let lengths = context.contigs.iter().map(|(_, length)| *length).collect();
    Ok(Box::new(Counting::new(Gc { lengths, pieces, cells })))
}

/// The metric.
#[derive(Debug)]
pub struct Gc {
    /// Length of each contig, bp.
    lengths: Vec<u32>,
    /// Contig and first cell of each piece.
    pieces: Vec<(usize, u32)>,
    /// For each contig whether the windows of its cells were counted, or are being counted by some worker.
    cells: Vec<Box<[AtomicBool]>>,
}

/// Where no window begins any more on a contig of this length, bp.
fn window_end(length: u32) -> u32 {
    length.saturating_sub(WINDOW_BP)
}

impl Gc {
    /// What the windows that begin in a cell hold (0-based half-open).
    fn codes(&self, contig: usize, cell: u32) -> Range<u32> {
        let end = self.lengths.get(contig).map_or(0, |&length| window_end(length));
        let start = cell.saturating_mul(CELL_BP);
        // The first base of a contig begins no window.
        start.max(1)..start.saturating_add(CELL_BP).min(end).saturating_add(WINDOW_BP)
    }

    fn cell(&self, contig: usize, cell: u32) -> Option<&AtomicBool> {
        self.cells.get(contig)?.get(cell as usize)
    }

    /// Whether nobody has begun to count the windows of a cell.
    fn is_left(&self, contig: usize, cell: u32) -> bool {
        self.cell(contig, cell).is_some_and(|done| !done.load(Ordering::Relaxed))
    }

    /// Whether nobody has counted the windows of a cell: the caller does, then.
    fn claim(&self, contig: usize, cell: u32) -> bool {
        self.cell(contig, cell).is_some_and(|done| !done.swap(true, Ordering::Relaxed))
    }

    /// Counts the windows of the cells in that a stretch of the reference holds, unless that was done.
    #[inline(never)]
    fn count_cells(&self, counts: &mut Counts, span: ReferenceSpan<'_>) {
        let contig = span.contig as usize;
        for cell in span.start / CELL_BP..span.end().div_ceil(CELL_BP) {
            let Range { start, end } = self.codes(contig, cell);
            if let Some(codes) = span.slice(start, end)
                && self.claim(contig, cell)
            {
                dispatch(Windows { codes, bins: &mut counts.windows });
            }
        }
    }
}

/// What is counted, by GC content.
#[derive(Debug)]
pub struct Counts {
    clusters: u64,
    aligned: u64,
    windows: [u64; BINS],
    reads: [u64; BINS],
    bases: [u64; BINS],
    errors: [u64; BINS],
    /// Contig, start and end of the reference whose windows were looked at last.
    looked_at: (i32, u32, u32),
}

impl Default for Counts {
    fn default() -> Self {
        let none = [0; BINS];
        Self {
            clusters: 0,
            aligned: 0,
            windows: none,
            reads: none,
            bases: none,
            errors: none,
            looked_at: (-1, 0, 0),
        }
    }
}

/// The work on a block.
struct Work<'a> {
    metric: &'a Gc,
    counts: &'a mut Counts,
    block: &'a ReadBlock<'a>,
}

impl Task for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(mut self, vectors: V) {
        let reference = self.block.reference();
        if let Some(span) = reference {
            let here = (span.contig, span.start, span.end());
            if here != self.counts.looked_at {
                self.counts.looked_at = here;
                self.metric.count_cells(self.counts, span);
            }
        }
        let length = reference.and_then(|span| self.metric.lengths.get(span.contig as usize));
        let end = length.map_or(0, |&length| window_end(length));
        let under = (reference.as_ref(), end);
        self.plain(vectors, under);
        for (read, facts) in self.block.others() {
            count(vectors, self.counts, (read, facts), under);
        }
    }
}

/// The reference under a block, and where no window begins any more.
type Under<'a> = (Option<&'a ReferenceSpan<'a>>, u32);

impl Work<'_> {
    /// Counts the plain reads of the block.
    #[inline(always)]
    fn plain<V: Vectors>(&mut self, vectors: V, under: Under<'_>) {
        let Self { counts, block, .. } = self;
        for group in block.groups() {
            counts.clusters += if is_second(group.flags) { 0 } else { group.reads };
            counts.aligned += group.reads;
        }
        let bases = u64::from(block.plain_bases());
        for (number, step) in block.steps() {
            let mut starts = [0; STEP];
            for (i, &mark) in step.marks.iter().enumerate() {
                // As in `count`. Of another record none.
                let behind = step.lasts[i].wrapping_sub(WINDOW_BP as i32 - 1).max(0) as u32;
                let after = (step.starts[i] as u32).wrapping_add(1);
                let start = if mark & u32::from(flag::REVERSE) != 0 { behind } else { after };
                starts[i] = if step.groups[i] > 0 { start } else { 0 };
            }
            for (place, &start) in (number * STEP..).zip(&starts) {
                let (1.., Some(gc)) = (start, gc_at(vectors, start, under)) else { continue };
                let errors = block.facts(place).map_or(0, |facts| facts.mismatches);
                counts.reads[gc] += 1;
                counts.bases[gc] += bases;
                counts.errors[gc] += u64::from(errors);
            }
        }
    }
}

impl Count for Gc {
    type Counts = Counts;

    fn needs(&self) -> Fields {
        Fields::SPAN_FACTS | Fields::MISMATCH_FACTS
    }

    fn block(&self, counts: &mut Counts, block: &ReadBlock<'_>) {
        dispatch(Work { metric: self, counts, block });
    }

    fn merge(whole: &mut Counts, part: Counts) {
        whole.clusters += part.clusters;
        whole.aligned += part.aligned;
        for i in 0..BINS {
            whole.windows[i] += part.windows[i];
            whole.reads[i] += part.reads[i];
            whole.bases[i] += part.bases[i];
            whole.errors[i] += part.errors[i];
        }
    }

    fn pieces(&self) -> usize {
        self.pieces.len()
    }

    fn piece(&self, i: usize, scratch: &mut Scratch) -> Result<Counts, Problem> {
        let mut counts = Counts::default();
        let Some(&(contig, first)) = self.pieces.get(i) else { return Ok(counts) };
        for cell in first..first + PIECE_CELLS {
            if self.is_left(contig, cell) {
                let Range { start, end } = self.codes(contig, cell);
                if let Some(span) = scratch.reference.cover(contig as i32, start, end)? {
                    self.count_cells(&mut counts, span);
                }
            }
        }
        Ok(counts)
    }

    fn finish(&self, counts: Counts, qc: &mut SampleQc) {
        if counts.aligned > 0 {
            qc.gc_bias = Some(summarise(&counts));
        }
    }
}

/// Counts a read.
#[inline(always)]
fn count<V: Vectors>(
    vectors: V,
    counts: &mut Counts,
    (read, facts): (ReadView<'_>, &ReadFacts),
    under: Under<'_>,
) {
    let (flags, bases) = (read.flags(), read.base_count());
    if bases == 0 {
        return;
    }
    counts.clusters += u64::from(!is_second(flags));
    if flags & flag::UNMAPPED != 0 {
        return;
    }
    counts.aligned += 1;
    // Half of the reads are reverse, in no order: both are worked out, so that nothing has to be guessed.
    let behind = i64::from(facts.end) - i64::from(WINDOW_BP);
    let after = i64::from(read.position()) + 1;
    let start = if flags & flag::REVERSE != 0 { behind } else { after };
    let Ok(start @ 1..) = u32::try_from(start) else { return };
    let Some(gc) = gc_at(vectors, start, under) else { return };
    counts.reads[gc] += 1;
    counts.bases[gc] += bases as u64;
    counts.errors[gc] += u64::from(facts.mismatches + facts.inserted + facts.deleted);
}

/// Whether a read is the second of its pair.
fn is_second(flags: u16) -> bool {
    flags & (flag::PAIRED | flag::FIRST) == flag::PAIRED
}

/// GC content, percent, of the window that begins here; `None` without a reference or where it holds too many N.
#[inline(always)]
fn gc_at<V: Vectors>(vectors: V, start: u32, (reference, end): Under<'_>) -> Option<usize> {
    let reference = reference?;
    if start >= end {
        return Some(0);
    }
    gc_of(vectors, reference.packed_from(start)?.first_chunk()?)
}

/// GC content, percent, of a window; `None` when it holds too many N.
#[inline(always)]
fn gc_of<V: Vectors>(vectors: V, packed: &[u8; WINDOW_BYTES]) -> Option<usize> {
    let (gc, n) = vectors.window(packed);
    (n <= u32::from(MOST_N)).then_some(gc as usize)
}

/// Counting windows by GC content.
struct Windows<'a> {
    codes: &'a [u8],
    bins: &'a mut [u64; BINS],
}

impl Task for Windows<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        windows(self.codes, self.bins);
    }
}

/// Counts the windows in that begin at each of the codes but the last 100.
#[inline(always)]
fn windows(codes: &[u8], bins: &mut [u64; BINS]) {
    // By GC content. Neighbours have nearly the same; several tables keep them from waiting for each other.
    let mut tables = [[0_u32; 256]; 4];
    let starts = codes.len().saturating_sub(WINDOW_BP as usize);
    let (mut gc, mut n) = (Sums::default(), Sums::default());
    for start in (0..starts).step_by(STARTS) {
        let here = &codes[start..codes.len().min(start + STARTS + WINDOW_BP as usize)];
        let counts = gc.count(here, |code| code == 2 || code == 4);
        if memchr::memchr(CODE_N, here).is_some() {
            for (gc, n) in counts.iter_mut().zip(n.count(here, |code| code == CODE_N)) {
                *gc = if *n > MOST_N { u8::MAX } else { *gc };
            }
        }
        let (fours, last) = counts[..STARTS.min(starts - start)].as_chunks::<4>();
        for four in fours {
            for (table, &gc) in tables.iter_mut().zip(four) {
                table[usize::from(gc)] += 1;
            }
        }
        for &gc in last {
            tables[0][usize::from(gc)] += 1;
        }
    }
    for table in tables {
        for (bin, count) in bins.iter_mut().zip(table) {
            *bin += u64::from(count);
        }
    }
}

/// How many codes of a kind there are from each place on: among 1, 2, 4 and so on to 64, and among 100. Memory that is
/// written over again and again.
struct Sums {
    doubled: [[u8; PART]; 7],
    whole: [u8; STARTS],
}

impl Default for Sums {
    fn default() -> Self {
        Self { doubled: [[0; PART]; 7], whole: [0; STARTS] }
    }
}

impl Sums {
    /// How many codes of a kind the 100 from each place on hold; places behind the codes hold anything.
    #[inline(always)]
    fn count(&mut self, codes: &[u8], is_kind: impl Fn(u8) -> bool) -> &mut [u8; STARTS] {
        let Self { doubled: [ones, two, four, eight, sixteen, long, longest], whole } = self;
        for (one, &code) in ones.iter_mut().zip(codes) {
            *one = u8::from(is_kind(code));
        }
        double::<1>(ones, two);
        double::<2>(two, four);
        double::<4>(four, eight);
        double::<8>(eight, sixteen);
        double::<16>(sixteen, long);
        double::<32>(long, longest);
        for (i, sum) in whole.iter_mut().enumerate() {
            *sum = longest[i] + long[i + 64] + four[i + 96];
        }
        whole
    }
}

/// The sums of twice as many, from the sums of that many; those at the very end stay as they are.
#[inline(always)]
fn double<const MANY: usize>(sums: &[u8; PART], doubled: &mut [u8; PART]) {
    for i in 0..PART - 32 {
        doubled[i] = sums[i] + sums[i + MANY];
    }
}

fn summarise(counts: &Counts) -> GcBias {
    let reads: u64 = counts.reads.iter().sum();
    let windows: u64 = counts.windows.iter().sum();
    let mean = reads as f64 / windows as f64;
    let bins: Vec<GcBin> = (0..BINS).map(|gc| bin(counts, gc, mean)).collect();
    let (mut at_dropout, mut gc_dropout) = (0.0, 0.0);
    for bin in &bins {
        let own_reads = bin.read_starts as f64 / reads as f64;
        let own_windows = bin.windows as f64 / windows as f64;
        let dropout = (own_windows - own_reads) * 100.0;
        if dropout > 0.0 {
            *(if bin.gc <= AT_SIDE { &mut at_dropout } else { &mut gc_dropout }) += dropout;
        }
    }
    GcBias {
        window_size: WINDOW_BP,
        total_clusters: counts.clusters,
        aligned_reads: counts.aligned,
        at_dropout,
        gc_dropout,
        quintile_coverage: RANGES.map(|range| coverage(counts, range, mean)),
        bins,
    }
}

fn bin(counts: &Counts, gc: usize, mean: f64) -> GcBin {
    let (windows, reads) = (counts.windows[gc], counts.reads[gc]);
    let quality = if counts.errors[gc] > 0 {
        let share = counts.errors[gc] as f64 / counts.bases[gc] as f64;
        // Halves go up, as in Java.
        (-10.0 * share.log10() + 0.5).floor() as i32
    } else {
        0
    };
    let by_window = |value: f64| if windows > 0 { value / windows as f64 / mean } else { 0.0 };
    GcBin {
        gc: gc as u32,
        windows,
        read_starts: reads,
        mean_base_quality: quality,
        normalized_coverage: by_window(reads as f64),
        error_bar_width: by_window((reads as f64).sqrt()),
    }
}

fn coverage(counts: &Counts, (first, last): (usize, usize), mean: f64) -> f64 {
    let bins = (first..=last).filter(|&gc| counts.windows[gc] > 0);
    let (reads, windows) = bins.fold((0, 0), |(reads, windows), gc| {
        (reads + counts.reads[gc], windows + counts.windows[gc])
    });
    if windows == 0 { 0.0 } else { reads as f64 / (windows as f64 * mean) }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::Portable;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_window_counts_once_whoever_holds_its_cell() {
        let length = 3 * CELL_BP + 500;
        let codes: Vec<u8> =
            (0..length).map(|i| 1 << (i.wrapping_mul(0x9e37_79b9) >> 30)).collect();
        let span = |range: Range<u32>| ReferenceSpan {
            contig: 0,
            start: range.start,
            codes: &codes[range.start as usize..range.end as usize],
            packed: [&[]; 2],
        };
        let mut expected = [0; BINS];
        windows(&codes[1..], &mut expected);
        // The last cell of a stretch lacks what follows it.
        for ends in [[CELL_BP * 2, length], [CELL_BP + 99, CELL_BP * 3], [length, length]] {
            let cells = (0..window_end(length).div_ceil(CELL_BP)).map(|_| AtomicBool::default());
            let gc = Gc { lengths: vec![length], pieces: Vec::new(), cells: vec![cells.collect()] };
            let mut counts = Counts::default();
            for (start, end) in [0, CELL_BP].into_iter().zip(ends) {
                gc.count_cells(&mut counts, span(start..end));
            }
            assert!(counts.windows.iter().sum::<u64>() > 0 || ends[0] < CELL_BP + WINDOW_BP);
            gc.count_cells(&mut counts, span(0..length));
            assert_eq!(counts.windows, expected);
            gc.count_cells(&mut counts, span(0..length));
            assert_eq!(counts.windows, expected, "none twice");
            assert!(!gc.claim(0, 0) && !gc.claim(0, 4) && !gc.claim(1, 0));
        }
    }

    proptest! {
        #[test]
        fn sliding_and_single_windows_agree(
            codes in prop::collection::vec(prop::sample::select(vec![1_u8, 2, 4, 8, 15, 6]), 101..3000),
            clean in any::<bool>(),
        ) {
            // A few N a window.
            let plain = |i: usize, code: u8| code != CODE_N || i.is_multiple_of(7) && !clean;
            let codes: Vec<u8> =
                codes.iter().enumerate().map(|(i, &code)| if plain(i, code) { code } else { 2 }).collect();
            let mut expected = [0; BINS];
            for window in codes.windows(WINDOW_BP as usize).rev().skip(1) {
                let pack: Vec<u8> = window.chunks(2).map(|two| two[0] << 4 | two[1]).collect();
                let plain = window.iter().filter(|&&code| code == 2 || code == 4).count();
                let n = window.split(|&code| code == 15).count() - 1;
                let own = gc_of(Portable, pack.first_chunk().unwrap());
                prop_assert_eq!(own, (n <= usize::from(MOST_N)).then_some(plain));
                if let Some(gc) = own {
                    expected[gc] += 1;
                }
            }
            let mut found = [0; BINS];
            windows(&codes, &mut found);
            prop_assert_eq!(found, expected);
        }
    }
}
