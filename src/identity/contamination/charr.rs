//! Contamination from reference bases at homozygous alternate sites (CHARR): needs counts only, so it works on calls.

use crate::identity::genotype::tail_of_half;
use crate::model::identity::{Estimate, Measured};
use crate::model::sketch::{Site, SiteAllele, SiteCounts, SiteGenotype, SiteRegion, Sketch};
use crate::policy::identity::CharrLimits;

/// Normal deviate of a two-sided 95 % interval.
const DEVIATE: f64 = 1.959_963_984_540_054;

/// Mean over homozygous alternate sites of `reference bases / (reference frequency * depth)`.
///
/// METHOD: Lu et al. 2023. The frequency is that of the whole list, not of an ancestry. Errors of sequencing count as
/// contamination, about a third of their rate over the frequency, and nothing is taken off for them. The interval is
/// that of a mean. At 10 % and more the sites most hit no longer look homozygous, and the value is too small.
pub fn charr(sketch: &Sketch, limits: &CharrLimits) -> Estimate {
    let (mut n, mut sum, mut squares, mut reads) = (0_u32, 0.0, 0.0, 0_u64);
    for (site, counts) in sketch.sites.sites.iter().zip(&sketch.counts) {
        let reference_frequency = 1.0 - site.frequency;
        let seen = good_bases(counts, limits.min_base_quality.value);
        if counts_for(site, &seen, reference_frequency, limits) {
            let share = f64::from(seen.reference) / (reference_frequency * f64::from(seen.depth()));
            n += 1;
            sum += share;
            squares += share * share;
            reads += u64::from(seen.depth());
        }
    }
    let needed = limits.min_sites.value;
    if n < needed.max(2) {
        return Estimate::TooFewSites { sites: n, needed };
    }
    let count = f64::from(n);
    let mean = sum / count;
    let variance = (squares - sum * mean) / (count - 1.0);
    let half = DEVIATE * (variance.max(0.0) / count).sqrt();
    Estimate::Measured(Measured {
        value: mean.min(1.0),
        low: (mean - half).clamp(0.0, 1.0),
        high: (mean + half).min(1.0),
        sites: n,
        reads,
    })
}

/// The counts of bases of this quality, where qualities are known.
fn good_bases(counts: &SiteCounts, least: u8) -> SiteCounts {
    if counts.qualities.is_empty() {
        return counts.clone();
    }
    let of = |allele| {
        let good = counts.qualities.iter().filter(|q| q.allele == allele && q.quality >= least);
        good.map(|q| u32::from(q.count)).sum()
    };
    SiteCounts {
        reference: of(SiteAllele::Reference),
        alternate: of(SiteAllele::Alternate),
        other: of(SiteAllele::Other),
        qualities: Vec::new(),
        called: counts.called,
    }
}

fn counts_for(site: &Site, counts: &SiteCounts, frequency: f64, limits: &CharrLimits) -> bool {
    let depth = counts.depth();
    let is_hom_alt = match counts.called {
        Some(called) => called == SiteGenotype::HomAlt,
        None => {
            counts.alternate > counts.reference
                && tail_of_half(depth, counts.reference) <= limits.max_heterozygous_tail.value
        }
    };
    site.region == SiteRegion::Autosome
        && is_hom_alt
        && (limits.min_depth.value..=limits.max_depth.value).contains(&depth)
        && (limits.min_reference_frequency.value..=limits.max_reference_frequency.value)
            .contains(&frequency)
}
