//! The likelihood of bases at a site under a share of foreign reads, for every pair of genotypes.
//!
//! METHOD: Zhang et al. 2020 (VerifyBamID2). With `r` the share of reference alleles of a genotype (1, 1/2, 0), a read
//! comes from a reference allele with probability `p = share * r(contaminant) + (1 - share) * r(sample)`. A base of
//! quality Q is read wrongly with probability `e = 10^(-Q/10)` (or what `reads` found instead), and then shows each other base a third of the time:
//! `P(reference) = p (1 - e) + (1 - p) e / 3`, `P(alternate) = (1 - p) (1 - e) + p e / 3`.

use super::reads::{CODES, Reads, decode};

/// Pairs of genotypes, as `3 * contaminant + sample`; genotypes are numbers of alternate alleles.
pub(super) const PAIRS: usize = 9;

/// The likelihood of one site: `exp(scale) * pairs`, the greatest of which is 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct SiteLikelihood {
    pub(super) scale: f64,
    pub(super) pairs: [f64; PAIRS],
}

/// Logarithms of the probability of one base, by code and pair of genotypes.
fn table(share: f64, errors: &[f64]) -> Vec<[f64; PAIRS]> {
    let one = |code: usize| {
        let (alternate, quality) = decode(code);
        let error = errors[usize::from(quality)];
        let mut row = [0.0; PAIRS];
        for (pair, value) in row.iter_mut().enumerate() {
            let of_allele = |genotype: usize| 1.0 - genotype as f64 / 2.0;
            let from_reference = share * of_allele(pair / 3) + (1.0 - share) * of_allele(pair % 3);
            let from_alternate = 1.0 - from_reference;
            let (own, other) = if alternate {
                (from_alternate, from_reference)
            } else {
                (from_reference, from_alternate)
            };
            *value = (own * (1.0 - error) + other * error / 3.0).ln();
        }
        row
    };
    (0..CODES).map(one).collect()
}

/// The likelihood of every site under this share of foreign reads. The table makes a site a sum of a few rows.
pub(super) fn sites(reads: &Reads, share: f64) -> Vec<SiteLikelihood> {
    let table = table(share, &reads.errors);
    let one = |entries: &[(u8, u16)]| {
        let mut logs = [0.0; PAIRS];
        for &(code, count) in entries {
            let count = f64::from(count);
            for (sum, log) in logs.iter_mut().zip(&table[usize::from(code)]) {
                *sum += count * log;
            }
        }
        let scale = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        SiteLikelihood { scale, pairs: logs.map(|log| (log - scale).exp()) }
    };
    reads.iter().map(one).collect()
}

/// Likelihoods of the sample's own genotypes without contamination, the greatest of each site 1.
pub(super) fn genotypes(reads: &Reads) -> Vec<[f64; 3]> {
    let own = |site: &SiteLikelihood| [site.pairs[0], site.pairs[1], site.pairs[2]];
    sites(reads, 0.0).iter().map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::contamination::reads::stated_error;

    fn stated() -> Vec<f64> {
        (0..94).map(stated_error).collect()
    }

    #[test]
    fn bases_of_one_quality_are_as_likely_as_the_formula_says() {
        let table = table(0.1, &stated());
        let clean = |row: &[f64; PAIRS], pair: usize| row[pair].exp();
        let reference = &table[30];
        let error = 1e-3;
        // Sample AA, contaminant BB: nine of ten reads come from a reference allele.
        let expected = 0.9 * (1.0 - error) + 0.1 * error / 3.0;
        assert!((clean(reference, 2 * 3) - expected).abs() < 1e-12);
        // Sample BB, contaminant AB: 0.05.
        let expected = 0.05 * (1.0 - error) + 0.95 * error / 3.0;
        assert!((clean(reference, 3 + 2) - expected).abs() < 1e-12);
        // Both heterozygous: half, whatever the share.
        let alternate = &table[94 + 30];
        assert!((clean(alternate, 4) - (0.5 * (1.0 - error) + 0.5 * error / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn quality_0_is_no_certainty() {
        let table = table(0.0, &stated());
        assert!(table.iter().flatten().all(|log| log.is_finite()));
    }
}
