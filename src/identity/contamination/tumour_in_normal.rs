//! Tumour cells in the normal sample, from somatic variants.

use super::profile::search;
use crate::model::identity::{Estimate, Measured};
use crate::policy::identity::TumourInNormalLimits;

/// Reads of one somatic single-nucleotide variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SomaticReads {
    /// Reads of the tumour that show the variant.
    pub tumour_alternate: u32,
    /// Reads of the tumour that show either allele.
    pub tumour_depth: u32,
    /// Reads of the normal sample that show the variant.
    pub normal_alternate: u32,
    /// Reads of the normal sample that show either allele.
    pub normal_depth: u32,
}

/// One part of a binomial mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cluster {
    weight: f64,
    fraction: f64,
}

/// Most clusters that are tried.
const MAX_CLUSTERS: usize = 4;

/// Rounds of expectation and maximisation.
const ROUNDS: usize = 200;

/// Share of the normal sample's reads, at clonal somatic variants, that show the tumour's allele. In a diploid region with
/// a heterozygous variant it is half the share of tumour cells in the normal sample.
///
/// METHOD: after Mitchell et al. 2024 (TINC). A binomial mixture (one to four clusters, by the Bayesian information
/// criterion) over the tumour's reads gives the clonal cluster: the one of greatest fraction that a heterozygous variant
/// can have. Its variants' reads in the normal sample are binomial with the share sought; some of them may be germline
/// variants that the caller took for somatic, so a second part at one half takes any weight. Callers that drop variants
/// seen in the normal sample make the share too small.
pub fn tumour_in_normal(variants: &[SomaticReads], limits: &TumourInNormalLimits) -> Estimate {
    let least = limits.min_depth.value;
    let deep: Vec<SomaticReads> = variants
        .iter()
        .filter(|v| v.tumour_depth >= least && v.normal_depth >= least)
        .copied()
        .collect();
    let needed = limits.min_variants.value;
    let too_few = |sites: usize| Estimate::TooFewSites { sites: sites as u32, needed };
    if deep.len() < needed as usize {
        return too_few(deep.len());
    }
    let clusters = clusters(&deep);
    let is_clonal = |cluster: &&Cluster| {
        cluster.weight >= limits.min_clonal_share.value
            && cluster.fraction <= limits.max_clonal_fraction.value
    };
    let Some(clonal) =
        clusters.iter().filter(is_clonal).max_by(|a, b| a.fraction.total_cmp(&b.fraction)).copied()
    else {
        return too_few(0);
    };
    let belongs = |v: &&SomaticReads| {
        let part = |cluster: &Cluster| {
            cluster.weight.ln() + log_binomial(v.tumour_alternate, v.tumour_depth, cluster.fraction)
        };
        let own = part(&clonal);
        clusters.iter().all(|other| part(other) <= own)
    };
    let members: Vec<SomaticReads> = deep.iter().filter(belongs).copied().collect();
    if members.len() < needed as usize {
        return too_few(members.len());
    }
    let peak = search(0.5, |share| of_normal(&members, share, limits.error_share.value));
    Estimate::Measured(Measured {
        value: peak.share,
        low: peak.interval.0,
        high: peak.interval.1,
        sites: members.len() as u32,
        reads: members.iter().map(|v| u64::from(v.normal_depth)).sum(),
    })
}

/// Log-likelihood of the normal sample's reads at this share, at the best weight of germline variants.
fn of_normal(variants: &[SomaticReads], share: f64, error: f64) -> f64 {
    let shown = share * (1.0 - error) + (1.0 - share) * error;
    let parts: Vec<[f64; 2]> = variants
        .iter()
        .map(|v| [shown, 0.5].map(|p| log_binomial(v.normal_alternate, v.normal_depth, p)))
        .collect();
    let mut germline = 0.01;
    for _ in 0..30 {
        let sum: f64 = parts
            .iter()
            .map(|[own, leaked]| {
                let odds = (leaked - own).exp() * germline / (1.0 - germline);
                if odds.is_finite() { odds / (1.0 + odds) } else { 1.0 }
            })
            .sum();
        germline = (sum / parts.len() as f64).clamp(1e-9, 0.5);
    }
    parts
        .iter()
        .map(|[own, leaked]| {
            let top = own.max(*leaked);
            top + ((1.0 - germline) * (own - top).exp() + germline * (leaked - top).exp()).ln()
        })
        .sum()
}

/// Logarithm of the binomial probability without its coefficient, which no comparison needs.
fn log_binomial(hits: u32, of: u32, p: f64) -> f64 {
    let p = p.clamp(1e-9, 1.0 - 1e-9);
    f64::from(hits) * p.ln() + f64::from(of.saturating_sub(hits)) * (1.0 - p).ln()
}

/// The mixture of the tumour's fractions with the least Bayesian information criterion.
fn clusters(variants: &[SomaticReads]) -> Vec<Cluster> {
    let mut best: Option<(f64, Vec<Cluster>)> = None;
    for count in 1..=MAX_CLUSTERS {
        let (value, found) = mixture(variants, count);
        let parameters = (2 * count - 1) as f64;
        let criterion = parameters * (variants.len() as f64).ln() - 2.0 * value;
        if best.as_ref().is_none_or(|(least, _)| criterion < *least) {
            best = Some((criterion, found));
        }
    }
    best.map(|(_, found)| found).unwrap_or_default()
}

/// Expectation and maximisation from evenly spread quantiles.
fn mixture(variants: &[SomaticReads], count: usize) -> (f64, Vec<Cluster>) {
    let fraction = |v: &SomaticReads| f64::from(v.tumour_alternate) / f64::from(v.tumour_depth);
    let mut sorted: Vec<f64> = variants.iter().map(fraction).collect();
    sorted.sort_by(f64::total_cmp);
    let start = |i: usize| sorted[(2 * i + 1) * sorted.len() / (2 * count)];
    let mut parts: Vec<Cluster> =
        (0..count).map(|i| Cluster { weight: 1.0 / count as f64, fraction: start(i) }).collect();
    let mut value = f64::NEG_INFINITY;
    for _ in 0..ROUNDS {
        let before = value;
        value = improve(variants, &mut parts);
        if value - before < 1e-6 {
            break;
        }
    }
    (value, parts)
}

/// One round; the log-likelihood is that of the parts before it.
fn improve(variants: &[SomaticReads], parts: &mut [Cluster]) -> f64 {
    let mut sums = vec![[0.0; 3]; parts.len()];
    let mut value = 0.0;
    for v in variants {
        let logs: Vec<f64> = parts
            .iter()
            .map(|c| c.weight.ln() + log_binomial(v.tumour_alternate, v.tumour_depth, c.fraction))
            .collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = logs.iter().map(|log| (log - top).exp()).sum();
        value += top + total.ln();
        for (sum, log) in sums.iter_mut().zip(&logs) {
            let share = (log - top).exp() / total;
            sum[0] += share;
            sum[1] += share * f64::from(v.tumour_alternate);
            sum[2] += share * f64::from(v.tumour_depth);
        }
    }
    for (part, [members, hits, depth]) in parts.iter_mut().zip(sums) {
        part.weight = (members / variants.len() as f64).max(1e-9);
        if depth > 0.0 {
            part.fraction = hits / depth;
        }
    }
    value
}
