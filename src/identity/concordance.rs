//! Whether a tumour and its normal sample are one person.

use super::{genotype, sites};
use crate::model::identity::Concordance;
use crate::model::sketch::{
    QualityCount, SiteAllele, SiteCounts, SiteGenotype, SiteRegion, Sketch,
};
use crate::model::verdict::Outcome;
use crate::policy::identity::{ConcordanceLimits, IdentityLimits};

/// Agreement of the most likely genotypes of two samples at autosomal sites deep enough in both; at all sites, and at
/// those where the normal sample is homozygous. A tumour that was taken at another list counts where both were.
///
/// METHOD: Bergmann et al. 2016 (Conpair): the genotype of greatest probability, its likelihood by the qualities of the
/// bases times its frequency in the population.
pub fn concordance(
    tumour: &Sketch,
    normal: &Sketch,
    limits: &IdentityLimits,
) -> (Concordance, Concordance) {
    let tumour = sites::at(tumour, &normal.sites);
    let least = limits.concordance.min_depth.value;
    let sites = tumour.sites.sites.iter().zip(tumour.counts.iter().zip(&normal.counts));
    let mut all = Concordance { sites: 0, of_sites: 0, agreeing: 0, min_depth: least };
    let mut homozygous = all;
    for (site, (of_tumour, of_normal)) in sites.filter(|(s, _)| s.region == SiteRegion::Autosome) {
        all.of_sites += 1;
        homozygous.of_sites += 1;
        let is_deep = |counts: &SiteCounts| counts.called.is_some() || counts.depth() >= least;
        if !is_deep(of_tumour) || !is_deep(of_normal) {
            continue;
        }
        let own = most_likely(of_tumour, site.frequency, limits);
        let wanted = most_likely(of_normal, site.frequency, limits);
        if own == SiteGenotype::Unknown || wanted == SiteGenotype::Unknown {
            continue;
        }
        let agrees = u32::from(own == wanted);
        all.sites += 1;
        all.agreeing += agrees;
        if wanted != SiteGenotype::Het {
            homozygous.sites += 1;
            homozygous.agreeing += agrees;
        }
    }
    (all, homozygous)
}

/// Whether the share of agreeing homozygous sites is that of one person.
pub fn outcome(homozygous: &Concordance, limits: &ConcordanceLimits) -> Outcome {
    match homozygous.share() {
        Some(share) if homozygous.sites >= limits.min_sites.value => {
            if share < limits.fail_share.value {
                Outcome::Fail
            } else if share < limits.warn_share.value {
                Outcome::Warn
            } else {
                Outcome::Pass
            }
        }
        _ => Outcome::NotAssessed,
    }
}

fn most_likely(counts: &SiteCounts, frequency: f64, limits: &IdentityLimits) -> SiteGenotype {
    if counts.qualities.is_empty() {
        return genotype::of_counts(counts, &limits.genotype);
    }
    let other = 1.0 - frequency;
    let prior = [other * other, 2.0 * frequency * other, frequency * frequency];
    let mut logs = prior.map(|share| share.max(1e-9).ln());
    for &counted in &counts.qualities {
        for (log, more) in logs.iter_mut().zip(log_probabilities(counted)) {
            *log += f64::from(counted.count) * more;
        }
    }
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match logs.iter().position(|&log| log >= best) {
        Some(0) => SiteGenotype::HomRef,
        Some(1) => SiteGenotype::Het,
        Some(2) => SiteGenotype::HomAlt,
        _ => SiteGenotype::Unknown,
    }
}

/// Logarithm of the probability of a base under 0, 1 and 2 alternate alleles; nothing for a third allele.
fn log_probabilities(counted: QualityCount) -> [f64; 3] {
    let error = 10_f64.powf(-f64::from(counted.quality) / 10.0).clamp(1e-9, 0.75);
    let (right, wrong) = ((1.0 - error).ln(), (error / 3.0).ln());
    let half = (0.5 - error / 3.0).ln();
    match counted.allele {
        SiteAllele::Reference => [right, half, wrong],
        SiteAllele::Alternate => [wrong, half, right],
        SiteAllele::Other => [0.0; 3],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::identity::mixture::{Random, list, person, reads};

    #[test]
    fn one_person_agrees_and_two_do_not() {
        let limits = IdentityLimits::preset().unwrap();
        let sites = list(3_000, 20);
        let mut random = Random::new(21);
        let own = person(&sites, false, &mut random);
        let other = person(&sites, false, &mut random);
        let normal = reads(&sites, (&own, &own), (30.0, 0.0), &mut random);
        let tumour = reads(&sites, (&own, &own), (60.0, 0.0), &mut random);
        let (all, homozygous) = concordance(&tumour, &normal, limits);
        assert!(all.share().unwrap() > 0.995 && homozygous.share().unwrap() > 0.995, "{all:?}");
        assert_eq!(outcome(&homozygous, &limits.concordance), Outcome::Pass);
        let stranger = reads(&sites, (&other, &other), (60.0, 0.0), &mut random);
        let (all, homozygous) = concordance(&stranger, &normal, limits);
        assert!((0.3..0.6).contains(&all.share().unwrap()), "{all:?}");
        assert_eq!(outcome(&homozygous, &limits.concordance), Outcome::Fail);
    }

    #[test]
    fn lost_alleles_leave_homozygous_sites_alone() {
        let limits = IdentityLimits::preset().unwrap();
        let sites = list(3_000, 22);
        let mut random = Random::new(23);
        let own = person(&sites, false, &mut random);
        let lost: Vec<u8> = own.iter().map(|&g| if g == 1 { 2 } else { g }).collect();
        let normal = reads(&sites, (&own, &own), (30.0, 0.0), &mut random);
        let tumour = reads(&sites, (&lost, &lost), (60.0, 0.0), &mut random);
        let (all, homozygous) = concordance(&tumour, &normal, limits);
        assert!(all.share().unwrap() < 0.8, "{all:?}");
        assert!(homozygous.share().unwrap() > 0.99, "{homozygous:?}");
        assert_eq!(outcome(&homozygous, &limits.concordance), Outcome::Pass);
    }

    #[test]
    fn shallow_sites_and_other_lists_do_not_count() {
        let limits = IdentityLimits::preset().unwrap();
        let sites = list(1_000, 24);
        let mut random = Random::new(25);
        let own = person(&sites, false, &mut random);
        let shallow = reads(&sites, (&own, &own), (4.0, 0.0), &mut random);
        let (_, homozygous) = concordance(&shallow, &shallow, limits);
        assert_eq!(outcome(&homozygous, &limits.concordance), Outcome::NotAssessed);
        // The tumour was taken at another list, which has 600 of the sites and others beside them.
        let mut elsewhere = (*sites).clone();
        elsewhere.sites.iter_mut().skip(600).for_each(|site| site.position += 1);
        elsewhere.digest = "another".into();
        let other = reads(&Arc::new(elsewhere), (&own, &own), (40.0, 0.0), &mut random);
        let deep = reads(&sites, (&own, &own), (40.0, 0.0), &mut random);
        let (all, homozygous) = concordance(&other, &deep, limits);
        assert_eq!((all.sites, all.of_sites), (600, 900));
        assert!(all.share().unwrap() > 0.99);
        assert_eq!(outcome(&homozygous, &limits.concordance), Outcome::NotAssessed);
    }
}
