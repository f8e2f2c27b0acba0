//! The best share of foreign reads and its interval, from the log-likelihood as a function of the share.

use super::optimise::{crossing, peak};

/// Shares at which the search begins; the best one and its neighbours bracket the peak.
const GRID: [f64; 15] =
    [0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0];

/// Shares are found to this.
const TOLERANCE: f64 = 1e-6;

/// Half the 95 % point of chi-squared with one degree of freedom: what a profile likelihood may fall.
const FALL: f64 = 1.920_729_410_347;

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peak {
    /// The best share.
    pub(super) share: f64,
    /// Its 95 % interval.
    pub(super) interval: (f64, f64),
    /// Log-likelihood of the best share.
    pub(super) value: f64,
    /// Log-likelihood without foreign reads.
    pub(super) null: f64,
}

/// Finds the best share from 0 to `most`.
pub(super) fn search(most: f64, mut f: impl FnMut(f64) -> f64) -> Peak {
    let grid: Vec<f64> = GRID.iter().copied().filter(|&share| share <= most).collect();
    let values: Vec<f64> = grid.iter().map(|&share| f(share)).collect();
    let mut top = 0;
    for (i, value) in values.iter().enumerate() {
        if *value > values[top] {
            top = i;
        }
    }
    let bracket = (grid[top.saturating_sub(1)], grid[(top + 1).min(grid.len() - 1)]);
    let (mut share, mut value) = peak(bracket, TOLERANCE, &mut f);
    // The ends themselves are no points of the search.
    if values[top] >= value {
        (share, value) = (grid[top], values[top]);
    }
    let level = (value - FALL, TOLERANCE);
    let low = crossing((share, 0.0), level, &mut f);
    // Far beyond the peak the function may rise again: step outwards first.
    let high = match grid.iter().zip(&values).find(|&(&at, &v)| at > share && v < level.0) {
        Some((&outside, _)) => crossing((share, outside), level, &mut f),
        None => most,
    };
    Peak { share, interval: (low, high), value, null: values[0] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parabola_gives_its_top_and_the_places_1_92_below() {
        let found = search(0.5, |x| -1e4 * (x - 0.03) * (x - 0.03));
        assert!((found.share - 0.03).abs() < 1e-5);
        let half = (FALL / 1e4).sqrt();
        assert!((found.interval.0 - (0.03 - half)).abs() < 1e-5, "{found:?}");
        assert!((found.interval.1 - (0.03 + half)).abs() < 1e-5, "{found:?}");
    }

    #[test]
    fn a_function_that_only_falls_begins_at_nothing() {
        let found = search(0.5, |x| -100.0 * x);
        assert_eq!((found.share, found.interval.0, found.null), (0.0, 0.0, 0.0));
        assert!((found.interval.1 - FALL / 100.0).abs() < 1e-5);
    }
}
