//! Refit of known signatures to the mutations of samples, with intervals from resamples.

pub mod nnls;

use super::draw::{multinomial, percentile};
use crate::io::mutation_table::MutationTable;
use crate::model::biomarkers::signatures::{Contribution, SignatureFit};
use crate::model::mutation_type::MatrixKind;
use crate::model::rng::Rng;
use nnls::{Gram, Workspace};

/// Signatures over the types of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct SignatureSet {
    /// Kind of their types.
    pub kind: MatrixKind,
    /// Names, in the file's order.
    pub names: Vec<String>,
    /// Probability of each type (rows in the order of the kind) in each signature (columns), row by row; columns sum to 1.
    pub values: Vec<f64>,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}

impl From<MutationTable> for SignatureSet {
    /// Of a file that was read as signatures.
    fn from(table: MutationTable) -> Self {
        let MutationTable { kind, columns: names, values, sha256 } = table;
        Self { kind, names, values, sha256 }
    }
}

/// How to fit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RefitRules {
    /// Fewer mutations make a fit unsure.
    pub min_mutations: u64,
    /// Contributions below this share are dropped, 0 to 1.
    pub min_share: f64,
    /// Resamples behind an interval; 0 for none.
    pub bootstraps: u32,
    /// Decides the resamples.
    pub seed: u64,
}

/// A set of signatures, prepared for many samples.
#[derive(Clone, Debug)]
pub struct Refit {
    set: SignatureSet,
    gram: Gram,
    rules: RefitRules,
}

/// Buffers of one worker.
#[derive(Clone, Debug)]
pub struct RefitBuffers {
    work: Workspace,
    correlation: Vec<f64>,
    resample: Vec<u64>,
    /// Shares of each signature over resamples, one signature after the other.
    shares: Vec<f64>,
}

impl Refit {
    /// Multiplies the signatures once.
    pub fn new(set: SignatureSet, rules: RefitRules) -> Self {
        let gram = Gram::new(&set.values, set.names.len());
        Self { set, gram, rules }
    }

    /// The signatures.
    pub fn set(&self) -> &SignatureSet {
        &self.set
    }

    /// Buffers for one worker.
    pub fn buffers(&self) -> RefitBuffers {
        let columns = self.set.names.len();
        RefitBuffers {
            work: Workspace::new(columns),
            correlation: vec![0.0; columns],
            resample: vec![0; self.set.kind.types().len()],
            shares: vec![0.0; columns * self.rules.bootstraps as usize],
        }
    }

    /// Fits one sample. `counts` are mutations by type in the order of the kind; `label` tells samples of one run apart, so
    /// that the resamples of each depend on nothing else.
    // METHOD: least squares without negative coefficients; contributions below the policy's share are dropped and the others
    // fitted again until none is below. Each resample (a multinomial draw of as many mutations) goes through the same, and
    // the interval is that of the shares between their 2.5th and 97.5th percentiles.
    pub fn fit(&self, counts: &[u32], label: u64, buffers: &mut RefitBuffers) -> SignatureFit {
        let observed: Vec<f64> = counts.iter().map(|&n| f64::from(n)).collect();
        buffers.work.reset();
        let total: f64 = observed.iter().sum();
        self.solve(&observed, buffers);
        let x = buffers.work.x.clone();
        self.resample(&observed, label, buffers);
        let assigned: f64 = x.iter().sum();
        let (rss, dot, modelled) = self.residual(&observed, &x);
        let square: f64 = observed.iter().map(|b| b * b).sum();
        let norms = (square * modelled).sqrt();
        let contributions = (0..x.len())
            .filter(|&i| x[i] > 0.0)
            .map(|i| self.contribution(i, x[i], assigned, buffers))
            .collect();
        SignatureFit {
            kind: self.set.kind,
            signatures_sha256: self.set.sha256.clone(),
            offered: self.set.names.clone(),
            mutations: total as u64,
            few_mutations: (total as u64) < self.rules.min_mutations,
            contributions,
            unassigned: (total - assigned).max(0.0),
            cosine: if norms > 0.0 { (dot / norms).min(1.0) } else { 0.0 },
            rss,
            relative_error: if square > 0.0 { (rss / square).sqrt() } else { 0.0 },
            bootstraps: if total > 0.0 { self.rules.bootstraps } else { 0 },
        }
    }

    /// Fits and prunes into the workspace.
    fn solve(&self, observed: &[f64], buffers: &mut RefitBuffers) {
        let RefitBuffers { work, correlation, .. } = buffers;
        correlation.fill(0.0);
        let rows = self.set.values.chunks_exact(self.set.names.len().max(1));
        for (row, &b) in rows.zip(observed).filter(|(_, b)| **b > 0.0) {
            for (h, &a) in correlation.iter_mut().zip(row) {
                *h += a * b;
            }
        }
        work.fit(&self.gram, correlation);
        loop {
            let least = self.rules.min_share * work.x.iter().sum::<f64>();
            if work.passive().len() < 2 || work.passive().iter().all(|&i| work.x[i] >= least) {
                break;
            }
            work.drop_and_refit(&self.gram, correlation, |_, x| x < least);
        }
    }

    fn resample(&self, observed: &[f64], label: u64, buffers: &mut RefitBuffers) {
        let total = observed.iter().sum::<f64>() as u64;
        let count = self.rules.bootstraps as usize;
        buffers.shares.fill(0.0);
        if total == 0 {
            return;
        }
        let mut rng = Rng::new(self.rules.seed, &[label]);
        let mut drawn = vec![0.0; observed.len()];
        for number in 0..count {
            multinomial(&mut rng, total, observed, &mut buffers.resample);
            for (drawn, &n) in drawn.iter_mut().zip(&buffers.resample) {
                *drawn = n as f64;
            }
            self.solve(&drawn, buffers);
            let assigned: f64 = buffers.work.x.iter().sum();
            for &i in buffers.work.passive() {
                buffers.shares[i * count + number] = buffers.work.x[i] / assigned;
            }
        }
    }

    fn contribution(
        &self,
        i: usize,
        mutations: f64,
        assigned: f64,
        buffers: &mut RefitBuffers,
    ) -> Contribution {
        let count = self.rules.bootstraps as usize;
        let shares = &mut buffers.shares[i * count..(i + 1) * count];
        shares.sort_unstable_by(f64::total_cmp);
        Contribution {
            signature: self.set.names[i].clone(),
            mutations,
            share: mutations / assigned,
            median: percentile(shares, 0.5),
            low: percentile(shares, 0.025),
            high: percentile(shares, 0.975),
        }
    }

    /// Residual sum of squares, dot product with the observed counts, and sum of squares of the model.
    fn residual(&self, observed: &[f64], x: &[f64]) -> (f64, f64, f64) {
        let rows = self.set.values.chunks_exact(self.set.names.len().max(1));
        rows.zip(observed).fold((0.0, 0.0, 0.0), |(rss, dot, square), (row, &b)| {
            let model: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
            (rss + (b - model).powi(2), dot + b * model, square + model * model)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: RefitRules =
        RefitRules { min_mutations: 200, min_share: 0.01, bootstraps: 50, seed: 1 };

    /// Signatures of a few types each, drawn.
    fn signatures(columns: usize) -> SignatureSet {
        let mut rng = Rng::new(17, &[]);
        let mut values = vec![0.0; 96 * columns];
        for column in 0..columns {
            let weights: Vec<f64> = (0..96).map(|_| rng.unit().powi(6)).collect();
            let sum: f64 = weights.iter().sum();
            for (row, weight) in weights.iter().enumerate() {
                values[row * columns + column] = weight / sum;
            }
        }
        let names = (1..=columns).map(|i| format!("SIM{i}")).collect();
        SignatureSet { kind: MatrixKind::Sbs96, names, values, sha256: String::new() }
    }

    fn mixture(set: &SignatureSet, shares: &[(usize, f64)], total: u64) -> Vec<u32> {
        let columns = set.names.len();
        let weights: Vec<f64> = set
            .values
            .chunks(columns)
            .map(|row| shares.iter().map(|&(i, share)| row[i] * share).sum())
            .collect();
        let mut counts = vec![0; 96];
        multinomial(&mut Rng::new(23, &[]), total, &weights, &mut counts);
        counts.iter().map(|&n| n as u32).collect()
    }

    #[test]
    fn a_mixture_is_found_again_with_its_intervals() {
        let set = signatures(12);
        let counts = mixture(&set, &[(0, 0.5), (4, 0.3), (9, 0.2)], 5_000);
        let refit = Refit::new(set, RULES);
        let fit = refit.fit(&counts, 0, &mut refit.buffers());
        assert!(fit.cosine >= 0.98, "{}", fit.cosine);
        let share = |name: &str| fit.contributions.iter().find(|c| c.signature == name).unwrap();
        for (name, planted) in [("SIM1", 0.5), ("SIM5", 0.3), ("SIM10", 0.2)] {
            let found = share(name);
            assert!((found.share - planted).abs() < 0.05, "{found:?}");
            assert!(found.low.unwrap() < found.share && found.share < found.high.unwrap());
        }
        assert!(fit.contributions.iter().all(|c| c.share >= 0.01));
    }

    #[test]
    fn a_sample_does_not_depend_on_the_one_before() {
        let set = signatures(8);
        let (one, two) = (mixture(&set, &[(1, 1.0)], 900), mixture(&set, &[(6, 1.0)], 150));
        let refit = Refit::new(set, RULES);
        let mut buffers = refit.buffers();
        let alone = refit.fit(&two, 2, &mut refit.buffers());
        refit.fit(&one, 1, &mut buffers);
        assert_eq!(refit.fit(&two, 2, &mut buffers), alone);
        assert!(alone.few_mutations);
    }

    #[test]
    fn no_mutation_is_no_signature() {
        let refit = Refit::new(signatures(3), RULES);
        let fit = refit.fit(&[0; 96], 0, &mut refit.buffers());
        assert!(fit.contributions.is_empty() && fit.cosine == 0.0 && fit.bootstraps == 0);
    }
}
