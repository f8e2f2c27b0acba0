//! How uneven depth is within short stretches: the local RMSD of gel-coverage.
//!
//! Of each window of 100 kb of the known bases the standard deviation of their depth is taken; a contig's value is the
//! median of its windows, that of several contigs their mean weighted by known bases. Large events and the bias of whole
//! arms do not show, what amplification and fragmentation do to depth does.
//!
//! Source: genomicsengland/gel-coverage, `coverage_stats.py` (`rmsd`), which begins its windows at the start of each
//! stretch without N, where these lie on a grid from the start of the contig.

use std::collections::BTreeMap;

/// Length of a window, bp.
pub(super) const WINDOW_BP: u32 = 100_000;

/// Known bases of one window, the sum of their depths and that of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    bases: u64,
    sum: u64,
    squares: u128,
}

/// The windows of one contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::qc) struct Windows(BTreeMap<u32, Window>);

impl Windows {
    /// Counts bases in that lie in the window of a position.
    pub(super) fn add(&mut self, position: u32, more: Window) {
        if more.bases > 0 {
            self.0.entry(position / WINDOW_BP).or_default().merge(&more);
        }
    }

    /// Counts a part of the same contig in.
    pub(super) fn merge(&mut self, other: &Self) {
        for (place, more) in &other.0 {
            self.0.entry(*place).or_default().merge(more);
        }
    }

    /// The median of the windows' standard deviations (the lower one of two in the middle), and how many bases they hold.
    fn median(&self) -> Option<(f64, u64)> {
        let mut values: Vec<f64> = self.0.values().map(Window::deviation).collect();
        values.sort_unstable_by(f64::total_cmp);
        let bases = self.0.values().map(|window| window.bases).sum();
        values.get(values.len().checked_sub(1)? / 2).map(|&value| (value, bases))
    }
}

impl Window {
    /// Counts bases of one depth in.
    #[inline]
    pub(super) fn add(&mut self, depth: u32, bases: u64) {
        let sum = bases * u64::from(depth);
        self.bases += bases;
        self.sum += sum;
        self.squares += u128::from(sum) * u128::from(depth);
    }

    fn merge(&mut self, more: &Self) {
        self.bases += more.bases;
        self.sum += more.sum;
        self.squares += more.squares;
    }

    fn deviation(&self) -> f64 {
        let (bases, sum) = (u128::from(self.bases), u128::from(self.sum));
        let spread = (bases * self.squares).saturating_sub(sum * sum);
        (spread as f64).sqrt() / self.bases as f64
    }
}

/// The value over contigs; `None` without a known base.
pub(in crate::qc) fn local_rmsd<'a>(contigs: impl Iterator<Item = &'a Windows>) -> Option<f64> {
    let (mut sum, mut all) = (0.0, 0);
    for (value, bases) in contigs.filter_map(Windows::median) {
        sum += value * bases as f64;
        all += bases;
    }
    (all > 0).then(|| sum / all as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_window_counts_and_contigs_weigh_by_their_bases() {
        let add = |windows: &mut Windows, position, depth, bases| {
            let mut window = Window::default();
            window.add(depth, bases);
            windows.add(position, window);
        };
        let mut a = Windows::default();
        // Deviations 0, 5 and 10.
        add(&mut a, 0, 30, 7);
        add(&mut a, WINDOW_BP, 10, 2);
        add(&mut a, WINDOW_BP + 9, 20, 2);
        add(&mut a, 2 * WINDOW_BP, 0, 1);
        let mut rest = Windows::default();
        add(&mut rest, 3 * WINDOW_BP - 1, 20, 1);
        a.merge(&rest);
        let mut b = Windows::default();
        add(&mut b, 5, 0, 13);
        add(&mut b, 5, 4, 13);
        assert_eq!(local_rmsd([&a].into_iter()), Some(5.0));
        assert_eq!(local_rmsd([&a, &b].into_iter()), Some((5.0 * 13.0 + 2.0 * 26.0) / 39.0));
        assert_eq!(local_rmsd([&Windows::default()].into_iter()), None);
    }
}
