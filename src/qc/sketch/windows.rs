//! Depth by kind of chromosome from windows.

use std::collections::BTreeMap;

use crate::model::contig::ContigClass;
use crate::model::sketch::ChromosomeDepth;

use super::plan::{ContigPlan, Plan};

/// Bits of a position within a window: 16,384 bp hold about a hundred reads of 150 bases at 1x, so that a window is rarely empty
/// or far from the mean, and Y still has more than a thousand of them.
const WINDOW_BITS: u32 = 14;
const WINDOW_BP: u32 = 1 << WINDOW_BITS;

/// The number of the window of a position.
#[inline]
pub(super) fn window(position: u32) -> u32 {
    position >> WINDOW_BITS
}

/// Where the window behind this one begins.
#[inline]
pub(super) fn window_end(number: u32) -> u32 {
    (number + 1).saturating_mul(WINDOW_BP)
}

/// Aligned bases of the reads that start in a window.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct WindowSum {
    /// Contig and number of the window.
    pub(super) at: (u32, u32),
    pub(super) sum: u64,
}

/// The sums of all windows with reads.
pub(super) type Windows = BTreeMap<(u32, u32), u64>;

/// Depth by kind of chromosome; `None` for too few windows of autosomes.
// METHOD: medians over windows with reads, so that neither gaps nor repeats nor targets shift them.
pub(super) fn depth(plan: &Plan, windows: &Windows, min_windows: u32) -> Option<ChromosomeDepth> {
    let (mut autosomes, mut x, mut y) = (Vec::new(), Vec::new(), Vec::new());
    let (mut mitochondrial, mut length) = (0, 0);
    for (&(contig, number), &sum) in windows {
        let Some(contig) = plan.contigs.get(contig as usize) else { continue };
        let group = match contig.class {
            ContigClass::Autosome(_) => &mut autosomes,
            ContigClass::X => &mut x,
            ContigClass::Y => &mut y,
            ContigClass::Mitochondrial => {
                mitochondrial += sum;
                length = contig.length;
                continue;
            }
            ContigClass::Other => continue,
        };
        if is_whole(contig, number) {
            group.push(sum);
        }
    }
    (autosomes.len() >= min_windows as usize).then(|| ChromosomeDepth {
        autosomes: median(&mut autosomes),
        x: median(&mut x),
        y: median(&mut y),
        mitochondrial: if length == 0 { 0.0 } else { mitochondrial as f64 / f64::from(length) },
    })
}

/// True for a window that lies on its contig whole and touches no pseudo-autosomal region.
fn is_whole(contig: &ContigPlan, number: u32) -> bool {
    let start = u64::from(number) << WINDOW_BITS;
    let end = start + u64::from(WINDOW_BP);
    let touches = |span: &crate::model::coord::Span| {
        u64::from(span.start) < end && start < u64::from(span.end)
    };
    end <= u64::from(contig.length) && !contig.par.iter().any(touches)
}

/// Median depth of windows; 0 without any.
fn median(sums: &mut [u64]) -> f64 {
    sums.sort_unstable();
    let Some(high) = sums.get(sums.len() / 2) else { return 0.0 };
    let low = sums[(sums.len() - 1) / 2];
    (low + high) as f64 / f64::from(2 * WINDOW_BP)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contig::Assembly;
    use std::sync::Arc;

    #[test]
    fn medians_leave_out_gaps_repeats_and_par() {
        let contigs =
            [("chr1", 1 << 20), ("chrX", 156_040_895), ("chrY", 100_000), ("chrM", 16_569)];
        let contigs = contigs.map(|(name, length)| (name.to_owned(), length));
        let plan = Plan::new(&contigs, Arc::default(), Some(Assembly::GRCh38));
        let mut windows = Windows::new();
        let full = u64::from(WINDOW_BP);
        // Windows 30 to 63 have no read; window 3 collects reads; the last one lies half outside.
        windows.extend((0..30).map(|i| ((0, i), if i == 3 { 900 * full } else { 30 * full })));
        // PAR 1 of X ends at 2,781,479, in window 169.
        windows.extend((160..175).map(|i| ((1, i), if i <= 169 { 30 * full } else { 15 * full })));
        windows.extend([((2, 6), 77 * full), ((3, 0), 5 * 16_569), ((3, 1), 16_569)]);
        let depth = depth(&plan, &windows, 30).unwrap();
        let expected = ChromosomeDepth { autosomes: 30.0, x: 15.0, y: 0.0, mitochondrial: 6.0 };
        assert_eq!(depth, expected);
        assert_eq!(super::depth(&plan, &windows, 31), None, "too few windows");
    }
}
