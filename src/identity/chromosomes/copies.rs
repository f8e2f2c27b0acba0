//! Numbers of autosomes by depth.
//!
//! METHOD: the median depth of a contig's bases with reads, interpolated within its step, over the median of these medians of all
//! autosomes. Bases without reads are left out, so that gaps of the reference do not count. DRAGEN's ploidy estimator compares
//! medians too.

use std::collections::BTreeMap;

use crate::model::contig::ContigClass;
use crate::model::qc::{DepthHistogram, DepthQc};
use crate::policy::chromosomes::ChromosomePolicy;

/// Fewest autosomes that tell the depth of two copies.
const MIN_AUTOSOMES: usize = 12;

/// Depth as a share of that of autosomes, by contig; empty when too few contigs are covered.
pub(super) fn ratios(depth: &DepthQc, limits: &ChromosomePolicy) -> BTreeMap<ContigClass, f64> {
    let covered = |histogram: &DepthHistogram, length: u32| {
        let total: u64 = histogram.iter().filter(|(depth, _)| *depth > 0).map(|(_, n)| n).sum();
        total as f64 >= limits.min_depth_covered.value * f64::from(length) && total > 0
    };
    let medians: BTreeMap<ContigClass, f64> = depth
        .contigs
        .iter()
        .map(|contig| (ContigClass::of_name(&contig.name), contig))
        .filter(|(class, contig)| {
            matches!(class, ContigClass::Autosome(_)) && covered(&contig.histogram, contig.length)
        })
        .filter_map(|(class, contig)| Some((class, median(&contig.histogram)?)))
        .collect();
    if medians.len() < MIN_AUTOSOMES {
        return BTreeMap::new();
    }
    let mut sorted: Vec<f64> = medians.values().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let middle = f64::midpoint(sorted[sorted.len() / 2], sorted[(sorted.len() - 1) / 2]);
    medians.into_iter().map(|(class, own)| (class, own / middle)).collect()
}

/// Number of copies, when the depth lies near enough to that of a whole number.
pub(super) fn copies(ratio: f64, limits: &ChromosomePolicy) -> Option<u8> {
    let twice = 2.0 * ratio;
    let near = (twice - twice.round()).abs() <= limits.copies_tolerance.value;
    (near && (0.0..=8.0).contains(&twice)).then(|| twice.round() as u8)
}

/// Median depth of the bases with reads: within the step of one depth as if its bases were spread evenly over it.
fn median(histogram: &DepthHistogram) -> Option<f64> {
    let total: u64 = histogram.iter().filter(|(depth, _)| *depth > 0).map(|(_, n)| n).sum();
    let half = total as f64 / 2.0;
    let mut below = 0;
    for (depth, bases) in histogram.iter().filter(|(depth, _)| *depth > 0) {
        if (below + bases) as f64 >= half {
            let within = (half - below as f64) / bases as f64;
            return Some(f64::from(depth) - 0.5 + within);
        }
        below += bases;
    }
    None
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::qc::ContigDepth;
    use crate::policy::Policy;

    /// 22 autosomes of 1 Mb at 30x, a third of each without reads; `odd` has another depth.
    pub(crate) fn depth_of(odd: u8, odd_depth: u32) -> DepthQc {
        let contigs = (1..=22).map(|number| {
            let depth = if number == odd { odd_depth } else { 30 };
            let mut histogram = DepthHistogram::default();
            for (depth, bases) in
                [(0, 333_000), (depth - 2, 160_000), (depth, 347_000), (depth + 2, 160_000)]
            {
                histogram.add(depth, bases);
            }
            ContigDepth {
                name: format!("chr{number}"),
                length: 1_000_000,
                histogram,
                ..ContigDepth::default()
            }
        });
        DepthQc { contigs: contigs.collect(), ..DepthQc::default() }
    }

    #[test]
    fn a_third_copy_is_told_and_what_lies_between_is_not() {
        let limits = Policy::preset("gms-rd").unwrap().chromosomes.unwrap();
        for (depth, expected) in [(30, Some(2)), (45, Some(3)), (15, Some(1)), (37, None)] {
            let ratios = ratios(&depth_of(21, depth), &limits);
            assert_eq!(ratios.len(), 22);
            let own = ratios[&ContigClass::Autosome(21)];
            assert_eq!(copies(own, &limits), expected, "{depth}: {own}");
            assert_eq!(copies(ratios[&ContigClass::Autosome(1)], &limits), Some(2));
        }
    }

    #[test]
    fn few_or_bare_contigs_tell_nothing() {
        let limits = Policy::preset("gms-rd").unwrap().chromosomes.unwrap();
        let mut few = depth_of(21, 45);
        few.contigs.truncate(11);
        assert!(ratios(&few, &limits).is_empty());
        let mut targeted = depth_of(21, 45);
        targeted.contigs.iter_mut().for_each(|contig| contig.length = 50_000_000);
        assert!(ratios(&targeted, &limits).is_empty());
    }

    #[test]
    fn the_median_lies_within_its_step() {
        let mut histogram = DepthHistogram::default();
        for (depth, bases) in [(0, 1_000), (10, 4), (11, 4)] {
            histogram.add(depth, bases);
        }
        assert!((median(&histogram).unwrap() - 10.5).abs() < 1e-12);
        assert_eq!(median(&DepthHistogram::default()), None);
    }
}
