//! Insert sizes by orientation, with the definitions of Picard's CollectInsertSizeMetrics (2.27.5, its defaults).
//!
//! A pair counts once, by its second read: primary, mapped with a mapped mate, no duplicate, with a template length other
//! than 0. An orientation with less than 5 % of the pairs is left out. Mean and standard deviation leave out sizes above
//! the median and ten median absolute deviations. Without a pair there is no result.

use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::qc::insert_size::{InsertSizes, PairOrientation, WIDTH_PERCENTS};
use crate::model::qc::{DepthHistogram, SampleQc};
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, flag};

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
    Ok(Box::new(Counting(Arc::new(InsertSize))))
}

/// The metric.
#[derive(Debug)]
pub struct InsertSize;

/// Pairs by size, for each of [`PairOrientation::ALL`].
#[derive(Debug, Default)]
pub struct Counts([DepthHistogram; 3]);

/// How a mapped read with a mapped mate lies towards it, as htsjdk tells it from one of the two.
#[inline]
pub fn orientation(read: ReadView<'_>, facts: &ReadFacts) -> PairOrientation {
    let flags = read.flags();
    let reverse = flags & flag::REVERSE != 0;
    if reverse == (flags & flag::MATE_REVERSE != 0) {
        return PairOrientation::Tandem;
    }
    // The 1-based start of the mate lies before the 1-based end of the read.
    let before_end = i64::from(read.mate_position()) + 1 < i64::from(facts.end);
    // Reverse and forward reads come in no order: both are looked at, so that nothing has to be guessed.
    let towards = reverse & before_end | !reverse & (read.template_length() > 0);
    if towards { PairOrientation::Fr } else { PairOrientation::Rf }
}

impl Count for InsertSize {
    type Counts = Counts;

    fn needs(&self) -> Fields {
        Fields::MATE | Fields::TEMPLATE_LENGTH | Fields::SPAN_FACTS
    }

    fn block(&self, counts: &mut Counts, block: &ReadBlock<'_>) {
        let out = flag::UNMAPPED
            | flag::MATE_UNMAPPED
            | flag::FIRST
            | flag::SECONDARY
            | flag::SUPPLEMENTARY
            | flag::DUPLICATE;
        for (read, facts) in block.with_facts() {
            // First and second reads come in no order. A first one adds nothing to size 0, so that nothing has to be guessed.
            let counts_here = read.flags() & (out | flag::PAIRED) == flag::PAIRED;
            let size =
                read.template_length().unsigned_abs() & u32::from(counts_here).wrapping_neg();
            counts.0[orientation(read, facts) as usize].add(size, u64::from(size > 0));
        }
    }

    fn merge(whole: &mut Counts, part: Counts) {
        for (sum, more) in whole.0.iter_mut().zip(&part.0) {
            sum.merge(more);
        }
    }

    fn finish(&self, counts: Counts, qc: &mut SampleQc) {
        let total: u64 = counts.0.iter().map(DepthHistogram::total).sum();
        if total == 0 {
            return;
        }
        let least = total as f64 * f64::from(LEAST_SHARE);
        let all = PairOrientation::ALL.into_iter().zip(&counts.0);
        let told = all.filter(|(_, sizes)| sizes.total() as f64 >= least);
        qc.insert_size =
            Some(told.map(|(orientation, sizes)| summarise(orientation, sizes)).collect());
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

    #[test]
    fn widths_grow_around_the_whole_part_of_the_median() {
        let bins = [(100, 1), (101, 8), (104, 1)];
        let found = widths(&bins, 101.0, 10);
        assert_eq!(found, [1, 1, 1, 1, 1, 1, 1, 1, 3, 7, 7]);
        assert_eq!(widths(&[(3, 1), (4, 1)], 3.5, 2)[4..6], [1, 3]);
    }

    #[test]
    fn rare_orientations_are_left_out() {
        let mut counts = Counts::default();
        counts.0[0].add(300, 96);
        counts.0[1].add(5000, 4);
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
