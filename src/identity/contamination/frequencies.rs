//! Frequencies of the alternate allele at the chosen sites: pooled, or after the sample's ancestry.
//!
//! METHOD: with an ancestry model the frequency of site `i` is `(mean[i] + loadings[i] . components) / 2` (Zhang et al.
//! 2020), and the components are fitted to the reads. Pooled frequencies underestimate contamination of samples whose
//! population differs from the pool. The contaminant is taken to be of the sample's own ancestry: at a few percent its
//! own components cannot be told.

use super::likelihood::SiteLikelihood;
use crate::model::sketch::SiteList;

/// No site is believed to be without one of its alleles.
const LEAST: f64 = 5e-5;

/// Rounds of the fit at most; a handful suffices.
const MAX_ROUNDS: usize = 40;

/// A fit that gains less log-likelihood has arrived; intervals look at differences of 1.92.
const ENOUGH: f64 = 1e-4;

/// Where frequencies come from, for the chosen sites only.
#[derive(Debug)]
pub(super) enum Frequencies {
    /// One for each site.
    Fixed(Vec<f64>),
    /// Mean and loadings for each site.
    Ancestry { mean: Vec<f64>, loadings: Vec<f64>, components: usize },
}

fn clamped(frequency: f64) -> f64 {
    frequency.clamp(LEAST, 1.0 - LEAST)
}

/// Genotype frequencies by Hardy and Weinberg.
pub(super) fn hardy_weinberg(frequency: f64) -> [f64; 3] {
    let other = 1.0 - frequency;
    [other * other, 2.0 * frequency * other, frequency * frequency]
}

impl Frequencies {
    /// Those of a list, for the sites of these indices.
    pub(super) fn of(list: &SiteList, sites: &[u32]) -> Self {
        match &list.ancestry {
            Some(model) if model.components > 0 => {
                let k = model.components;
                let loadings = |&i: &u32| &model.loadings[i as usize * k..(i as usize + 1) * k];
                Self::Ancestry {
                    mean: sites.iter().map(|&i| model.mean[i as usize]).collect(),
                    loadings: sites.iter().flat_map(loadings).copied().collect(),
                    components: k,
                }
            }
            _ => Self::Fixed(
                sites.iter().map(|&i| clamped(list.sites[i as usize].frequency)).collect(),
            ),
        }
    }

    /// Number of ancestry components.
    pub(super) fn components(&self) -> usize {
        match self {
            Self::Fixed(_) => 0,
            Self::Ancestry { components, .. } => *components,
        }
    }

    /// The frequency of chosen site number `i` at these components.
    pub(super) fn at(&self, i: usize, components: &[f64]) -> f64 {
        match self {
            Self::Fixed(all) => all[i],
            Self::Ancestry { mean, .. } => {
                let shift: f64 = self.loadings(i).iter().zip(components).map(|(u, p)| u * p).sum();
                clamped(f64::midpoint(mean[i], shift))
            }
        }
    }

    fn loadings(&self, i: usize) -> &[f64] {
        match self {
            Self::Fixed(_) => &[],
            Self::Ancestry { loadings, components, .. } => {
                &loadings[i * components..(i + 1) * components]
            }
        }
    }

    /// The log-likelihood of sites whose sample and contaminant both come from this population.
    pub(super) fn log_likelihood(&self, sites: &[SiteLikelihood], components: &[f64]) -> f64 {
        let one = |(i, site): (usize, &SiteLikelihood)| {
            let prior = hardy_weinberg(self.at(i, components));
            site.scale + weighted(site, &prior, &prior).ln()
        };
        sites.iter().enumerate().map(one).sum()
    }

    /// The best components from a start, with their log-likelihood.
    ///
    /// METHOD: scoring with the outer products of the sites' gradients (Berndt, Hall, Hall and Hausman 1974), steps
    /// halved until they gain.
    pub(super) fn fit(&self, sites: &[SiteLikelihood], start: &[f64]) -> (f64, Vec<f64>) {
        let mut best = (self.log_likelihood(sites, start), start.to_vec());
        if self.components() == 0 {
            return best;
        }
        for _ in 0..MAX_ROUNDS {
            let (gradient, information) = self.score(sites, &best.1);
            let Some(step) = solve(information, gradient) else { break };
            let before = best.0;
            for halvings in 0..12 {
                let scale = 0.5_f64.powi(halvings);
                let tried: Vec<f64> =
                    best.1.iter().zip(&step).map(|(from, by)| from + scale * by).collect();
                let value = self.log_likelihood(sites, &tried);
                if value > best.0 {
                    best = (value, tried);
                    break;
                }
            }
            if best.0 - before < ENOUGH {
                break;
            }
        }
        best
    }

    /// Gradient of the log-likelihood by the components, and the sum of the outer products of the sites' gradients.
    fn score(&self, sites: &[SiteLikelihood], components: &[f64]) -> (Vec<f64>, Vec<Vec<f64>>) {
        let k = self.components();
        let (mut gradient, mut information) = (vec![0.0; k], vec![vec![0.0; k]; k]);
        for (i, site) in sites.iter().enumerate() {
            let frequency = self.at(i, components);
            if frequency <= LEAST || frequency >= 1.0 - LEAST {
                continue;
            }
            let prior = hardy_weinberg(frequency);
            let slope = [2.0 * frequency - 2.0, 2.0 - 4.0 * frequency, 2.0 * frequency];
            let by_frequency = (weighted(site, &slope, &prior) + weighted(site, &prior, &slope))
                / weighted(site, &prior, &prior);
            let loadings = self.loadings(i);
            for (row, a) in loadings.iter().enumerate() {
                let own = by_frequency * a / 2.0;
                gradient[row] += own;
                for (column, b) in loadings.iter().enumerate() {
                    information[row][column] += own * by_frequency * b / 2.0;
                }
            }
        }
        (gradient, information)
    }
}

/// The likelihood of a site summed over pairs of genotypes with these weights.
pub(super) fn weighted(site: &SiteLikelihood, contaminant: &[f64; 3], sample: &[f64; 3]) -> f64 {
    let mut sum = 0.0;
    for (row, of_contaminant) in site.pairs.chunks_exact(3).zip(contaminant) {
        sum += of_contaminant * (row[0] * sample[0] + row[1] * sample[1] + row[2] * sample[2]);
    }
    sum
}

/// Solves a small symmetric system by elimination with pivots; `None` when it has no single answer.
fn solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let n = right.len();
    for column in 0..n {
        let pivot = (column..n)
            .max_by(|&a, &b| matrix[a][column].abs().total_cmp(&matrix[b][column].abs()))?;
        if matrix[pivot][column].abs() < 1e-12 {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..n {
            let factor = matrix[row][column] / matrix[column][column];
            let (above, below) = matrix.split_at_mut(row);
            for (own, pivot) in below[0].iter_mut().zip(&above[column]) {
                *own -= factor * pivot;
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|i| matrix[row][i] * right[i]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_system_is_solved() {
        let answer = solve(vec![vec![0.0, 2.0], vec![3.0, 1.0]], vec![4.0, 5.0]).unwrap();
        assert!((answer[0] - 1.0).abs() < 1e-12 && (answer[1] - 2.0).abs() < 1e-12);
        assert_eq!(solve(vec![vec![1.0, 2.0], vec![2.0, 4.0]], vec![1.0, 1.0]), None);
    }

    #[test]
    fn genotypes_follow_hardy_and_weinberg() {
        let [a, b, c] = hardy_weinberg(0.2);
        assert!((a - 0.64).abs() < 1e-12 && (b - 0.32).abs() < 1e-12 && (c - 0.04).abs() < 1e-12);
    }
}
