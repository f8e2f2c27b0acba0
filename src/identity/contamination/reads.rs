//! The bases of a sample at the sites that an estimate looks at, packed for many passes over them.

use crate::model::sketch::{SiteAllele, SiteCounts, SiteRegion, Sketch, SketchSource};

/// Greatest phred quality that is told apart; SAM prints no greater one.
const MAX_QUALITY: u8 = 93;

/// No quality makes a base worse than a guess.
const MAX_ERROR: f64 = 0.75;

/// Standard errors by which bases of neither allele have to exceed what a quality states before it is disbelieved.
const DEVIATIONS: f64 = 4.0;

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
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    /// Index of each chosen site in the list.
    pub(super) sites: Vec<u32>,
    /// End of each site's entries.
    ends: Vec<u32>,
    /// Code and number of equal bases.
    entries: Vec<(u8, u16)>,
    /// All bases.
    pub(super) bases: u64,
    /// Probability that a base is wrong, by quality.
    pub(super) errors: Vec<f64>,
}

/// The error that a quality states.
pub(super) fn stated_error(quality: u8) -> f64 {
    10_f64.powf(-f64::from(quality) / 10.0).min(MAX_ERROR)
}

/// Bases by quality, and those of neither allele among them.
struct Seen {
    all: Vec<u64>,
    third: Vec<u64>,
}

impl Default for Seen {
    fn default() -> Self {
        let none = vec![0; usize::from(MAX_QUALITY) + 1];
        Self { all: none.clone(), third: none }
    }
}

impl Seen {
    /// Adds a site, unless so many of its bases are of neither allele that the site itself may have a third one.
    fn add(&mut self, counts: &SiteCounts) {
        if counts.other > 1 && 4 * u64::from(counts.other) > u64::from(counts.depth()) {
            return;
        }
        for kind in &counts.qualities {
            let quality = usize::from(kind.quality.min(MAX_QUALITY));
            self.all[quality] += u64::from(kind.count);
            if kind.allele == SiteAllele::Other {
                self.third[quality] += u64::from(kind.count);
            }
        }
    }

    /// METHOD: ours. A base is wrong as often as its quality states, unless bases of neither allele, two thirds of the wrong
    /// ones, refute that: instruments state less than what happens before sequencing, and the wrong bases that are left over
    /// would count as a tenth or two of a percent of another person.
    fn errors(&self) -> Vec<f64> {
        let one = |quality: usize| {
            let stated = stated_error(quality as u8);
            let (all, third) = (self.all[quality] as f64, self.third[quality] as f64);
            let expected = stated * all * 2.0 / 3.0;
            let is_refuted = third > expected + DEVIATIONS * expected.max(1.0).sqrt();
            if is_refuted { (1.5 * third / all).clamp(stated, MAX_ERROR) } else { stated }
        };
        (0..=usize::from(MAX_QUALITY)).map(one).collect()
    }
}

impl Reads {
    /// The same with every base as often wrong as its quality states; `None` where that is so already.
    pub(super) fn as_stated(&self) -> Option<Self> {
        let errors: Vec<f64> = (0..=MAX_QUALITY).map(stated_error).collect();
        (errors != self.errors).then(|| Self { errors, ..self.clone() })
    }

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
        let mut seen = Seen::default();
        for (i, depth) in depths() {
            if (f64::from(depth) - mean).abs() <= spread.max(1.0) {
                seen.add(&sketch.counts[i]);
                if keep(i) {
                    reads.push(i, sketch);
                }
            }
        }
        reads.errors = seen.errors();
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
    use crate::model::sketch::QualityCount;

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
    fn a_quality_stands_until_third_bases_refute_it() {
        let site = |other: u16, quality: u8| {
            let kind = |allele, count| QualityCount { allele, quality, count };
            SiteCounts {
                reference: 30,
                other: u32::from(other),
                qualities: vec![kind(SiteAllele::Reference, 30), kind(SiteAllele::Other, other)],
                ..SiteCounts::default()
            }
        };
        let mut seen = Seen::default();
        // One base in 1,000 is wrong at Q30, as stated; one in 500 at Q37, ten times what is stated.
        (0..3_000).for_each(|i| seen.add(&site(u16::from(i % 50 == 0), 30)));
        (0..3_000).for_each(|i| seen.add(&site(u16::from(i % 25 == 0), 37)));
        // A real third allele is no error.
        seen.add(&site(15, 30));
        let errors = seen.errors();
        assert!((errors[30] - 1e-3).abs() < 1e-12);
        assert!((errors[37] - 0.002).abs() < 1e-5, "{}", errors[37]);
        assert!((errors[20] - 0.01).abs() < 1e-12, "never seen");
    }

    #[test]
    fn moments_of_a_few_numbers() {
        assert_eq!(moments([2, 4, 4, 4, 5, 5, 7, 9].into_iter()), (5.0, 2.0));
        assert_eq!(moments(std::iter::empty()), (0.0, 0.0));
    }
}
