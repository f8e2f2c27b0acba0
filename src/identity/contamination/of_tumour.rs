//! Contamination of a tumour, given the normal sample of the same person.

use super::frequencies::{Frequencies, hardy_weinberg, weighted};
use super::likelihood;
use super::profile::search;
use super::reads::Reads;
use crate::identity::sites;
use crate::model::identity::{Estimate, Measured};
use crate::model::sketch::Sketch;
use crate::policy::identity::ContaminationLimits;

/// Share of the tumour's reads that come from another person. `ancestry` is that of the normal sample, as
/// [`super::freemix()`] fitted it. A tumour that was taken at another list counts where both were.
///
/// METHOD: Bergmann et al. 2016 (Conpair): only sites where the normal sample is homozygous with great certainty, since
/// gains and losses of the tumour leave them alone; there the sample's genotype is weighted by the normal's posterior
/// probabilities and the contaminant's by the frequencies of the population. Shares go up to 1: a tumour of another
/// person is all contamination.
pub fn of_tumour(
    tumour: &Sketch,
    normal: &Sketch,
    ancestry: &[f64],
    limits: &ContaminationLimits,
) -> Estimate {
    let tumour = &*sites::at(tumour, &normal.sites);
    let Some(posteriors) = posteriors(normal, ancestry, limits) else {
        return Estimate::NotAssessed;
    };
    let is_homozygous = |posterior: &[f64; 3]| {
        posterior[0].max(posterior[2]) >= limits.min_homozygous_posterior.value
    };
    let keep = |i: usize| posteriors[i].as_ref().is_some_and(is_homozygous);
    let Some(reads) = Reads::of(tumour, limits.depth_deviations.value, keep) else {
        return Estimate::NotAssessed;
    };
    let sites = reads.sites.len() as u32;
    let needed = limits.min_tumour_sites.value;
    if sites < needed {
        return Estimate::TooFewSites { sites, needed };
    }
    let frequencies = Frequencies::of(&tumour.sites, &reads.sites);
    let priors: Vec<([f64; 3], [f64; 3])> = reads
        .sites
        .iter()
        .enumerate()
        .map(|(i, &site)| {
            let of_sample = posteriors[site as usize].unwrap_or_default();
            (hardy_weinberg(frequencies.at(i, ancestry)), of_sample)
        })
        .collect();
    let peak = search(1.0, |share| {
        let likelihoods = likelihood::sites(&reads, share);
        let both = likelihoods.iter().zip(&priors);
        both.map(|(site, (foreign, own))| site.scale + weighted(site, foreign, own).ln()).sum()
    });
    Estimate::Measured(Measured {
        value: peak.share,
        low: peak.interval.0,
        high: peak.interval.1,
        sites,
        reads: reads.bases,
    })
}

/// What a genotype of the normal sample keeps however deep it was read.
///
/// METHOD: ours. Reads are not independent, and a tumour may have changed the very base: without a floor one such site in a
/// deep panel would outweigh all others.
const LEAST_POSTERIOR: f64 = 1e-6;

/// Posterior probabilities of the three genotypes at every site of the list; `None` for sites without bases or of odd
/// depth.
fn posteriors(
    normal: &Sketch,
    ancestry: &[f64],
    limits: &ContaminationLimits,
) -> Option<Vec<Option<[f64; 3]>>> {
    let reads = Reads::of(normal, limits.depth_deviations.value, |_| true)?;
    let frequencies = Frequencies::of(&normal.sites, &reads.sites);
    let likelihoods = likelihood::genotypes(&reads);
    let mut all = vec![None; normal.counts.len()];
    for (i, (&site, likelihood)) in reads.sites.iter().zip(&likelihoods).enumerate() {
        let prior = hardy_weinberg(frequencies.at(i, ancestry));
        let joint = [0, 1, 2].map(|genotype| likelihood[genotype] * prior[genotype]);
        let sum: f64 = joint.iter().sum();
        if sum > 0.0 {
            all[site as usize] = Some(joint.map(|share| (share / sum).max(LEAST_POSTERIOR)));
        }
    }
    Some(all)
}
