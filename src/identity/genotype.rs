//! The genotype of one site, from a call or from counts of bases.

use crate::model::sketch::{SiteCounts, SiteGenotype, Sketch};
use crate::policy::identity::GenotypeLimits;

/// The genotype, or unknown where the counts say no clear one.
///
/// METHOD: Pedersen et al. 2020 (somalier): by depth and share of alternate bases; sites with many bases of neither
/// allele are unknown. A call counts as it is.
pub fn of_counts(counts: &SiteCounts, limits: &GenotypeLimits) -> SiteGenotype {
    if let Some(called) = counts.called {
        return called;
    }
    let depth = counts.depth();
    if depth == 0 || depth < limits.min_depth.value {
        return SiteGenotype::Unknown;
    }
    let others = f64::from(counts.other) / (f64::from(depth) + f64::from(counts.other));
    let share = f64::from(counts.alternate) / f64::from(depth);
    if others > limits.max_other_share.value {
        SiteGenotype::Unknown
    } else if share < limits.max_homozygous_share.value {
        SiteGenotype::HomRef
    } else if share > 1.0 - limits.max_homozygous_share.value {
        SiteGenotype::HomAlt
    } else if (limits.min_heterozygous_share.value..=limits.max_heterozygous_share.value)
        .contains(&share)
    {
        SiteGenotype::Het
    } else {
        SiteGenotype::Unknown
    }
}

/// The genotype of every site of a sketch.
pub fn of_sketch(sketch: &Sketch, limits: &GenotypeLimits) -> Vec<SiteGenotype> {
    sketch.counts.iter().map(|counts| of_counts(counts, limits)).collect()
}

/// Probability that at most `few` of `depth` bases show one allele of a heterozygous site.
pub fn tail_of_half(depth: u32, few: u32) -> f64 {
    let mut term = 0.5_f64.powi(depth as i32);
    let mut sum = term;
    for k in 0..few.min(depth) {
        term *= f64::from(depth - k) / f64::from(k + 1);
        sum += term;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::identity::IdentityLimits;

    #[test]
    fn shares_and_depth_decide() {
        let limits = &IdentityLimits::preset().unwrap().genotype;
        let of = |reference, alternate, other| {
            let counts = SiteCounts { reference, alternate, other, ..SiteCounts::default() };
            of_counts(&counts, limits)
        };
        assert_eq!(of(7, 0, 0), SiteGenotype::HomRef);
        assert_eq!(of(6, 0, 0), SiteGenotype::Unknown, "too shallow");
        assert_eq!(of(0, 30, 0), SiteGenotype::HomAlt);
        assert_eq!(of(15, 15, 0), SiteGenotype::Het);
        assert_eq!(of(9, 21, 0), SiteGenotype::Het);
        assert_eq!(of(27, 3, 0), SiteGenotype::Unknown, "neither");
        assert_eq!(of(30, 0, 2), SiteGenotype::Unknown, "a third allele");
        let called = Some(SiteGenotype::Het);
        let counts = SiteCounts { reference: 30, called, ..SiteCounts::default() };
        assert_eq!(of_counts(&counts, limits), SiteGenotype::Het);
    }

    #[test]
    fn the_tail_is_that_of_the_binomial() {
        assert!((tail_of_half(4, 1) - 5.0 / 16.0).abs() < 1e-12);
        assert!((tail_of_half(3, 3) - 1.0).abs() < 1e-12);
        assert!((tail_of_half(30, 4) - 2.974e-5).abs() < 1e-8);
    }
}
