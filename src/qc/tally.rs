//! Statistics over counts by value, as htsjdk's `Histogram` defines them.
//!
//! Values come ascending and once each, with counts above 0.

use std::collections::BTreeMap;

/// A value and how often it occurs.
type Bin = (u32, u64);

/// All counts.
pub(super) fn count(bins: &[Bin]) -> u64 {
    bins.iter().map(|&(_, count)| count).sum()
}

/// Sum of all values.
pub(super) fn sum(bins: &[Bin]) -> u64 {
    bins.iter().map(|&(value, count)| u64::from(value) * count).sum()
}

/// Adds counts place by place; none yet are taken over.
pub(super) fn merge(whole: &mut Vec<u64>, more: Vec<u64>) {
    if whole.is_empty() {
        *whole = more;
    } else {
        whole.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
    }
}

/// Median: the mean of the two middle values when the count is even; 0 without values.
pub(super) fn median(bins: &[Bin]) -> f64 {
    middle(bins.iter().map(|&(value, count)| (u64::from(value), count)), count(bins)) as f64 / 2.0
}

/// Twice the median.
fn middle(bins: impl Iterator<Item = Bin64>, total: u64) -> u64 {
    let (low, high) = (total.div_ceil(2), total / 2 + 1);
    let (mut seen, mut first) = (0, None);
    for (value, count) in bins {
        seen += count;
        if first.is_none() && seen >= low {
            first = Some(value);
        }
        if let Some(first) = first
            && seen >= high
        {
            return first + value;
        }
    }
    0
}

type Bin64 = (u64, u64);

/// Median absolute deviation from the median.
pub(super) fn median_absolute_deviation(bins: &[Bin]) -> f64 {
    let twice = (median(bins) * 2.0) as u64;
    let mut deviations: BTreeMap<u64, u64> = BTreeMap::new();
    for &(value, count) in bins {
        *deviations.entry((2 * u64::from(value)).abs_diff(twice)).or_default() += count;
    }
    middle(deviations.into_iter(), count(bins)) as f64 / 4.0
}

/// Mean; no number without values.
pub(super) fn mean(bins: &[Bin]) -> f64 {
    sum(bins) as f64 / count(bins) as f64
}

/// Sample standard deviation; no number for fewer than two values.
pub(super) fn standard_deviation(bins: &[Bin]) -> f64 {
    let mean = mean(bins);
    let mut total = 0.0;
    for &(value, count) in bins {
        let deviation = f64::from(value) - mean;
        total += count as f64 * (deviation * deviation);
    }
    (total / (count(bins) as f64 - 1.0)).sqrt()
}

/// The value of most; the least of several; 0 without values.
pub(super) fn mode(bins: &[Bin]) -> u32 {
    let mut best = (0, 0);
    for &(value, count) in bins {
        if count > best.1 {
            best = (value, count);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn middles_of_even_and_odd_counts() {
        assert_eq!((median(&[]), median(&[(7, 1)]), median(&[(1, 1), (4, 1)])), (0.0, 7.0, 2.5));
        let (two, five) = ([(1, 1), (4, 1)], [(1, 2), (4, 1), (9, 2)]);
        let deviations = [two.as_slice(), &five].map(median_absolute_deviation);
        assert_eq!((median(&five), deviations), (4.0, [1.5, 3.0]));
    }

    #[test]
    fn spread_and_mode() {
        let bins = [(2, 2), (6, 2)];
        assert_eq!((mean(&bins), mode(&bins), sum(&bins)), (4.0, 2, 16));
        assert!((standard_deviation(&bins) - (16.0_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert!(standard_deviation(&[(3, 1)]).is_nan());
    }
}
