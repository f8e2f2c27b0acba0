//! The bases of a sample at the sites that an estimate looks at, packed for many passes over them.

use crate::model::sketch::{SiteAllele, SiteRegion, Sketch, SketchSource};

/// Greatest phred quality that is told apart; SAM prints no greater one.
const MAX_QUALITY: u8 = 93;

/// Number of codes: two alleles with every quality.
pub(super) const CODES: usize = 2 * (MAX_QUALITY as usize + 1);

/// Allele and quality of a base as one number below [`CODES`].
pub(super) fn code(alternate: bool, quality: u8) -> u8 {
    quality.min(MAX_QUALITY) + if alternate { MAX_QUALITY + 1 } else { 0 }
}

/// Whether a code stands for an alternate base, and its quality.
pub(super) fn decode(code: usize) -> (bool, u8) {
    let half = usize::from(MAX_QUALITY) + 1;
    (code >= half, (code % half) as u8)
}

/// Bases of the two alleles at chosen sites. Bases of neither allele are as likely under every genotype and drop out.
#[derive(Debug, Default)]
pub(super) struct Reads {
    /// Index of each chosen site in the list.
    pub(super) sites: Vec<u32>,
    /// End of each site's entries.
    ends: Vec<u32>,
    /// Code and number of equal bases.
    entries: Vec<(u8, u16)>,
    /// All bases.
    pub(super) bases: u64,
}

impl Reads {
    /// The autosomal sites with bases whose depth lies within so many standard deviations of the mean, as far as
    /// `keep` wants them; `None` for calls, which hold no base qualities.
    ///
    /// METHOD: sites of odd depth are where reads of other places align (Zhang et al. 2020).
    pub(super) fn of(
        sketch: &Sketch,
        deviations: f64,
        keep: impl Fn(usize) -> bool,
    ) -> Option<Self> {
        if sketch.source == SketchSource::Calls {
            return None;
        }
        let depths = || {
            let sites = sketch.sites.sites.iter().zip(&sketch.counts).enumerate();
            let autosomal = sites.filter(|(_, (site, _))| site.region == SiteRegion::Autosome);
            autosomal.map(|(i, (_, counts))| (i, counts.depth())).filter(|&(_, depth)| depth > 0)
        };
        let (mean, deviation) = moments(depths().map(|(_, depth)| depth));
        let spread = deviations * deviation;
        let mut reads = Self::default();
        for (i, depth) in depths() {
            if (f64::from(depth) - mean).abs() <= spread.max(1.0) && keep(i) {
                reads.push(i, sketch);
            }
        }
        Some(reads)
    }

    fn push(&mut self, site: usize, sketch: &Sketch) {
        for counted in &sketch.counts[site].qualities {
            let alternate = match counted.allele {
                SiteAllele::Reference => false,
                SiteAllele::Alternate => true,
                SiteAllele::Other => continue,
            };
            self.entries.push((code(alternate, counted.quality), counted.count));
            self.bases += u64::from(counted.count);
        }
        self.sites.push(site as u32);
        self.ends.push(self.entries.len() as u32);
    }

    /// The entries of each site.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[(u8, u16)]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.entries[start as usize..end as usize])
    }

    /// Mean depth of the chosen sites.
    pub(super) fn mean_depth(&self) -> f64 {
        if self.sites.is_empty() { 0.0 } else { self.bases as f64 / self.sites.len() as f64 }
    }
}

/// Mean and standard deviation, 0 of nothing.
pub(crate) fn moments(values: impl Iterator<Item = u32>) -> (f64, f64) {
    // Squares of 32 bits would not fit 64 after a few of them.
    let (mut n, mut sum, mut squares) = (0_u64, 0_u64, 0_u128);
    for value in values {
        let value = u64::from(value);
        n += 1;
        sum += value;
        squares += u128::from(value) * u128::from(value);
    }
    if n == 0 {
        return (0.0, 0.0);
    }
    let mean = sum as f64 / n as f64;
    (mean, (squares as f64 / n as f64 - mean * mean).max(0.0).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_keep_allele_and_quality() {
        for (alternate, quality) in [(false, 0), (true, 0), (false, 93), (true, 93), (true, 37)] {
            let code = usize::from(code(alternate, quality));
            assert!(code < CODES);
            assert_eq!(decode(code), (alternate, quality));
        }
        assert_eq!(code(true, 255), code(true, 93));
    }

    #[test]
    fn moments_of_a_few_numbers() {
        assert_eq!(moments([2, 4, 4, 4, 5, 5, 7, 9].into_iter()), (5.0, 2.0));
        assert_eq!(moments(std::iter::empty()), (0.0, 0.0));
    }
}
