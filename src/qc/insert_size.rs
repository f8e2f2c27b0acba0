//! Insert sizes by orientation, with the definitions of Picard's CollectInsertSizeMetrics (2.27.5, its defaults).
//!
//! A pair counts once, by its second read: primary, mapped with a mapped mate, no duplicate, with a template length other
//! than 0. An orientation with less than 5 % of the pairs is left out. Mean and standard deviation leave out sizes above
//! the median and ten median absolute deviations. Without a pair there is no result.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::problem::Problem;
use crate::model::qc::insert_size::{InsertSizes, PairOrientation, WIDTH_PERCENTS};
use crate::model::qc::{DepthHistogram, SampleQc};
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, flag};
use crate::model::read_columns::STEP;

use super::vectors::{Task, Vectors, dispatch};
use super::{Count, Counting, Metric, MetricContext, tally};

/// The metric's name.
pub const ID: &str = "insert_size";
/// What it is, in one line.
pub const ABOUT: &str = "insert sizes, as Picard CollectInsertSizeMetrics";
/// Least share of pairs for an orientation to be told: Picard's MINIMUM_PCT, which it holds in single precision.
const LEAST_SHARE: f32 = 0.05;
/// Median absolute deviations above the median that belong to the core of the distribution: Picard's DEVIATIONS.
const CORE_DEVIATIONS: f64 = 10.0;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(_: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    Ok(Box::new(Counting::new(InsertSize)))
}

/// The metric.
#[derive(Debug)]
pub struct InsertSize;

/// Sizes below this are counted in rows.
const ROW: usize = 1 << 12;
/// The row of reads that do not count.
const NO_ROW: usize = 3;

/// Pairs by size.
#[derive(Debug, Default)]
pub struct Counts {
    /// A row of sizes for each of [`PairOrientation::ALL`], and one of reads that do not count; empty before the first block.
    /// What is counted at size 0 does not count either.
    rows: Vec<u64>,
    /// Those from [`ROW`] on.
    large: [DepthHistogram; 3],
}

impl Counts {
    /// The pairs of each of [`PairOrientation::ALL`].
    fn histograms(self) -> [DepthHistogram; 3] {
        let mut all = self.large;
        for (histogram, row) in all.iter_mut().zip(self.rows.chunks(ROW)) {
            for (size, &pairs) in row.iter().enumerate().skip(1).filter(|(_, pairs)| **pairs > 0) {
                histogram.add(size as u32, pairs);
            }
        }
        all
    }
}

/// For each value of the flags where the row begins that a read belongs to: with the mate's start before the read's end the
/// last two count, with a template length above 0 the second and the last. First and second reads, and reverse and forward
/// ones, come in no order: so nothing has to be guessed.
static ROWS: [[u16; 4]; flag::VALUES] = rows();

#[allow(clippy::large_stack_arrays, reason = "worked out when the program is compiled")]
const fn rows() -> [[u16; 4]; flag::VALUES] {
    const OUT: u16 = flag::UNMAPPED
        | flag::MATE_UNMAPPED
        | flag::FIRST
        | flag::SECONDARY
        | flag::SUPPLEMENTARY
        | flag::DUPLICATE;
    let mut rows = [[(NO_ROW * ROW) as u16; 4]; flag::VALUES];
    let mut flags = 0;
    while flags < flag::VALUES as u16 {
        let mut case = 0;
        while case < 4 && flags & (OUT | flag::PAIRED) == flag::PAIRED {
            let orientation = of_flags(flags, case >= 2, case % 2 == 1);
            rows[flags as usize][case] = (orientation as usize * ROW) as u16;
            case += 1;
        }
        flags += 1;
    }
    rows
}

/// How a mapped read with a mapped mate lies towards it, as htsjdk tells it from one of the two.
#[inline]
pub fn orientation(read: ReadView<'_>, facts: &ReadFacts) -> PairOrientation {
    of_flags(read.flags(), before_end(read, facts), read.template_length() > 0)
}

/// Whether the 1-based start of the mate lies before the 1-based end of the read.
#[inline]
fn before_end(read: ReadView<'_>, facts: &ReadFacts) -> bool {
    i64::from(read.mate_position()) + 1 < i64::from(facts.end)
}

/// As [`orientation`], of a read whose mate starts before its end or not, and whose template length is above 0 or not.
#[inline(always)]
pub(super) const fn of_flags(flags: u16, before_end: bool, ahead: bool) -> PairOrientation {
    let reverse = flags & flag::REVERSE != 0;
    if reverse == (flags & flag::MATE_REVERSE != 0) {
        return PairOrientation::Tandem;
    }
    // Reverse and forward reads come in no order: both are looked at, so that nothing has to be guessed.
    let towards = reverse as u8 & before_end as u8 | !reverse as u8 & ahead as u8;
    if towards > 0 { PairOrientation::Fr } else { PairOrientation::Rf }
}

/// The work on a block.
struct Work<'a> {
    counts: &'a mut Counts,
    block: &'a ReadBlock<'a>,
}

impl Task for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        let Counts { rows, large } = self.counts;
        for (_, step) in self.block.steps() {
            let (mut cases, mut sizes) = ([0; STEP], [0; STEP]);
            for (i, &length) in step.lengths.iter().enumerate() {
                // As `before_end`, of those that count: they are aligned, and lie where the specification allows.
                let before_end = u32::from(step.mates[i] < step.lasts[i]);
                let flags = step.marks[i] % flag::VALUES as u32;
                cases[i] = flags * 4 + before_end * 2 + u32::from(length > 0);
                sizes[i] = length.unsigned_abs();
            }
            for (&case, &size) in cases.iter().zip(&sizes) {
                let row = usize::from(ROWS.as_flattened()[case as usize % (4 * flag::VALUES)]);
                if size as usize >= ROW {
                    add_large(large, row / ROW, size);
                } else if let Some(pairs) = rows.get_mut(row + size as usize) {
                    *pairs += 1;
                }
            }
        }
    }
}

impl Count for InsertSize {
    type Counts = Counts;

    fn needs(&self) -> Fields {
        Fields::MATE | Fields::TEMPLATE_LENGTH | Fields::SPAN_FACTS
    }

    fn block(&self, counts: &mut Counts, block: &ReadBlock<'_>) {
        if counts.rows.is_empty() {
            counts.rows = vec![0; (NO_ROW + 1) * ROW];
        }
        dispatch(Work { counts, block });
    }

    fn merge(whole: &mut Counts, part: Counts) {
        tally::merge(&mut whole.rows, part.rows);
        for (sum, more) in whole.large.iter_mut().zip(&part.large) {
            sum.merge(more);
        }
    }

    fn finish(&self, counts: Counts, qc: &mut SampleQc) {
        let counts = counts.histograms();
        let total: u64 = counts.iter().map(DepthHistogram::total).sum();
        if total == 0 {
            return;
        }
        let least = total as f64 * f64::from(LEAST_SHARE);
        let all = PairOrientation::ALL.into_iter().zip(&counts);
        let told = all.filter(|(_, sizes)| sizes.total() as f64 >= least);
        qc.insert_size =
            Some(told.map(|(orientation, sizes)| summarise(orientation, sizes)).collect());
    }
}

/// Counts a pair of a large size into one of the histograms, or nowhere.
#[cold]
#[inline(never)]
fn add_large(large: &mut [DepthHistogram; 3], which: usize, size: u32) {
    if let Some(histogram) = large.get_mut(which) {
        histogram.add(size, 1);
    }
}

fn summarise(orientation: PairOrientation, sizes: &DepthHistogram) -> InsertSizes {
    let mut bins: Vec<(u32, u64)> = sizes.iter().collect();
    let (median, pairs) = (tally::median(&bins), tally::count(&bins));
    let deviation = tally::median_absolute_deviation(&bins);
    let (min, max) = (bins.first().map_or(0, |b| b.0), bins.last().map_or(0, |b| b.0));
    let (mode, widths) = (tally::mode(&bins), widths(&bins, median, pairs));
    let core = (median + CORE_DEVIATIONS * deviation) as u32;
    bins.retain(|&(size, _)| size <= core);
    InsertSizes {
        orientation,
        pairs,
        median,
        mode,
        median_absolute_deviation: deviation,
        min,
        max,
        mean: tally::mean(&bins),
        standard_deviation: tally::standard_deviation(&bins),
        widths,
        histogram: bins,
    }
}

/// The narrowest odd widths around the median that hold enough of the pairs.
fn widths(bins: &[(u32, u64)], median: f64, pairs: u64) -> [u32; WIDTH_PERCENTS.len()] {
    let middle = median as u32;
    let mut by_distance: Vec<(u32, u64)> =
        bins.iter().map(|&(size, count)| (size.abs_diff(middle), count)).collect();
    by_distance.sort_unstable();
    let (mut widths, mut covered) = ([0; WIDTH_PERCENTS.len()], 0);
    for (i, &(distance, count)) in by_distance.iter().enumerate() {
        covered += count;
        if by_distance.get(i + 1).is_some_and(|next| next.0 == distance) {
            continue;
        }
        let share = covered as f64 / pairs as f64;
        for (width, percent) in widths.iter_mut().zip(WIDTH_PERCENTS) {
            if *width == 0 && share >= f64::from(percent) / 100.0 {
                *width = distance.saturating_mul(2).saturating_add(1);
            }
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::{FIXED_BYTES, Known};
    use crate::qc::facts::{self, Found};
    use proptest::prelude::*;

    #[test]
    fn widths_grow_around_the_whole_part_of_the_median() {
        let bins = [(100, 1), (101, 8), (104, 1)];
        let found = widths(&bins, 101.0, 10);
        assert_eq!(found, [1, 1, 1, 1, 1, 1, 1, 1, 3, 7, 7]);
        assert_eq!(widths(&[(3, 1), (4, 1)], 3.5, 2)[4..6], [1, 3]);
    }

    proptest! {
        #[test]
        fn second_reads_count_by_size_and_orientation(
            reads in prop::collection::vec(
                (any::<u16>(), prop_oneof![-600_i32..600, any::<i32>()], 0_i32..300, 0_u32..99),
                1..30,
            ),
        ) {
            let made = reads.iter().map(|&(flags, length, mate, aligned)| {
                let mut bytes = vec![0; FIXED_BYTES];
                (bytes[4], bytes[8], bytes[12]) = (100, 1, 1);
                bytes[14..16].copy_from_slice(&flags.to_le_bytes());
                bytes[24..28].copy_from_slice(&mate.to_le_bytes());
                bytes[28..].copy_from_slice(&length.to_le_bytes());
                bytes.push(0);
                bytes.extend((aligned << 4).to_le_bytes());
                bytes
            });
            let made: Vec<Vec<u8>> = made.collect();
            let views: Vec<_> = made.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
            let mut found = Found::default();
            let block = ReadBlock::new(&views);
            facts::prepare(Fields::SPAN_FACTS, &block, None, &mut found);
            let facts = found.facts.clone();
            let mut whole = Counts::default();
            for half in [0..views.len() / 2, views.len() / 2..views.len()] {
                let mut counts = Counts::default();
                let part = block.prepared(half, Known::default());
                facts::prepare(Fields::SPAN_FACTS, &part, None, &mut found);
                let known = Known { facts: &found.facts, columns: Some(&found.columns), ..Known::default() };
                InsertSize.block(&mut counts, &part.prepared(0..part.len(), known));
                InsertSize::merge(&mut whole, counts);
            }
            let mut expected: [DepthHistogram; 3] = Default::default();
            for (read, facts) in views.iter().zip(&facts) {
                let (flags, size) = (read.flags(), read.template_length().unsigned_abs());
                if flags & 1 > 0 && flags & (4 | 8 | 64 | 256 | 1024 | 2048) == 0 && size > 0 {
                    expected[orientation(*read, facts) as usize].add(size, 1);
                }
            }
            let pairs = |sizes: &DepthHistogram| sizes.iter().collect::<Vec<_>>();
            prop_assert_eq!(whole.histograms().each_ref().map(pairs), expected.each_ref().map(pairs));
        }
    }

    #[test]
    fn rare_orientations_are_left_out() {
        let mut counts = Counts::default();
        counts.large[0].add(300, 96);
        counts.large[1].add(5000, 4);
        let mut qc = SampleQc::default();
        InsertSize.finish(counts, &mut qc);
        let found = qc.insert_size.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].orientation, found[0].pairs), (PairOrientation::Fr, 96));
        let mut none = SampleQc::default();
        InsertSize.finish(Counts::default(), &mut none);
        assert_eq!(none.insert_size, None);
    }
}
