//! Genotypes of a sample as bits, and the counts of a pair of samples.
//!
//! METHOD: three bits a site (homozygous reference, heterozygous, homozygous alternate; none for unknown), so that a
//! pair is counted 64 sites at a time (Pedersen et al. 2020).

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::identity::genotype;
use crate::model::contig::ContigClass;
use crate::model::identity::PairCounts;
use crate::model::sketch::{Site, SiteGenotype, SiteRegion, Sketch};
use crate::policy::identity::GenotypeLimits;

/// Least number of genotypes that make a contig count as seen.
const CONTIG_SITES: u32 = 10;

/// One bit vector a genotype.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Planes {
    /// Homozygous reference.
    pub(super) hom_ref: Vec<u64>,
    /// Heterozygous.
    pub(super) het: Vec<u64>,
    /// Homozygous alternate.
    pub(super) hom_alt: Vec<u64>,
    sites: usize,
}

impl Planes {
    fn push(&mut self, genotype: SiteGenotype) {
        if self.sites.is_multiple_of(64) {
            for plane in [&mut self.hom_ref, &mut self.het, &mut self.hom_alt] {
                plane.push(0);
            }
        }
        let (word, bit) = (self.sites / 64, 1_u64 << (self.sites % 64));
        match genotype {
            SiteGenotype::Unknown => {}
            SiteGenotype::HomRef => self.hom_ref[word] |= bit,
            SiteGenotype::Het => self.het[word] |= bit,
            SiteGenotype::HomAlt => self.hom_alt[word] |= bit,
        }
        self.sites += 1;
    }

    /// Words of the three planes, as many as both have.
    #[inline(always)]
    pub(super) fn zip<'a>(
        &'a self,
        other: &'a Self,
    ) -> impl Iterator<Item = ([u64; 3], [u64; 3])> + 'a {
        self.words().zip(other.words())
    }

    /// Words of the three planes: homozygous reference, heterozygous, homozygous alternate.
    #[inline(always)]
    pub(super) fn words(&self) -> impl Iterator<Item = [u64; 3]> + '_ {
        let pairs = self.hom_ref.iter().zip(&self.het).zip(&self.hom_alt);
        pairs.map(|((&hom_ref, &het), &hom_alt)| [hom_ref, het, hom_alt])
    }

    fn counts(&self) -> [u32; 3] {
        [&self.hom_ref, &self.het, &self.hom_alt]
            .map(|plane| plane.iter().map(|word| word.count_ones()).sum())
    }
}

/// Genotypes of one sample. Only samples of the same sites may be compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GenotypeBits {
    pub(super) autosomes: Planes,
    pub(super) x: Planes,
    /// Number of genotypes by autosome; the first counts those of other contigs.
    by_contig: Vec<u32>,
    /// The contig being filled.
    contig: usize,
    /// One bit for each stretch of X that holds a homozygous alternate genotype.
    x_stretches: [u64; 3],
}

/// Length of a stretch of X, bp: variants of one stretch are inherited together and count as one witness.
const STRETCH_BP: u32 = 1_000_000;

impl GenotypeBits {
    /// Says on what contig the sites to come lie.
    pub fn begin_contig(&mut self, class: ContigClass) {
        self.contig = match class {
            ContigClass::Autosome(number) => usize::from(number),
            _ => 0,
        };
        if self.by_contig.len() <= self.contig {
            self.by_contig.resize(self.contig + 1, 0);
        }
    }

    /// Adds a site of the contig that was begun last, at this position.
    pub fn push(&mut self, region: SiteRegion, position: u32, genotype: SiteGenotype) {
        match region {
            SiteRegion::Autosome => {
                self.autosomes.push(genotype);
                if let Some(count) = self.by_contig.get_mut(self.contig) {
                    *count += u32::from(genotype != SiteGenotype::Unknown);
                }
            }
            SiteRegion::X => {
                self.x.push(genotype);
                if genotype == SiteGenotype::HomAlt {
                    let stretch = ((position / STRETCH_BP) as usize).min(191);
                    self.x_stretches[stretch / 64] |= 1 << (stretch % 64);
                }
            }
            SiteRegion::Y => {}
        }
    }

    /// The genotypes of a sketch.
    pub fn of_sketch(sketch: &Sketch, limits: &GenotypeLimits) -> Self {
        Self::of_sites(&sketch.sites.sites, genotype::of_sketch(sketch, limits).into_iter())
    }

    /// Genotypes at sites, in order of both.
    pub fn of_sites(sites: &[Site], genotypes: impl Iterator<Item = SiteGenotype>) -> Self {
        let mut bits = Self::default();
        let mut last: Option<&str> = None;
        for (site, genotype) in sites.iter().zip(genotypes) {
            if last != Some(&site.contig) {
                bits.begin_contig(ContigClass::of_name(&site.contig));
                last = Some(&site.contig);
            }
            bits.push(site.region, site.position, genotype);
        }
        bits
    }

    /// Genotypes of one list among the sites of several; `places` are those of its sites.
    pub fn of_places(sites: &[Site], places: &[u32], genotypes: &[SiteGenotype]) -> Self {
        let mut all = vec![SiteGenotype::Unknown; sites.len()];
        for (&place, &genotype) in places.iter().zip(genotypes) {
            if let Some(own) = all.get_mut(place as usize) {
                *own = genotype;
            }
        }
        Self::of_sites(sites, all.into_iter())
    }

    /// Number of stretches of X with a homozygous alternate genotype.
    pub fn x_stretches(&self) -> u32 {
        self.x_stretches.iter().map(|word| word.count_ones()).sum()
    }

    /// Number of autosomes on which both have genotypes.
    pub fn shared_contigs(&self, other: &Self) -> u32 {
        let both = self.by_contig.iter().zip(&other.by_contig).skip(1);
        both.filter(|(own, others)| **own.min(others) >= CONTIG_SITES).count() as u32
    }

    /// Numbers of homozygous reference, heterozygous and homozygous alternate genotypes on autosomes.
    pub fn autosomal(&self) -> [u32; 3] {
        self.autosomes.counts()
    }

    /// The same of X.
    pub fn on_x(&self) -> [u32; 3] {
        self.x.counts()
    }

    /// Counts of a pair, at sites where both have a genotype.
    #[inline(always)]
    pub fn pair(&self, other: &Self) -> PairCounts {
        let mut counts = PairCounts::default();
        for ([ref_a, het_a, alt_a], [ref_b, het_b, alt_b]) in self.autosomes.zip(&other.autosomes) {
            let (known_a, known_b) = (ref_a | het_a | alt_a, ref_b | het_b | alt_b);
            counts.sites += (known_a & known_b).count_ones();
            counts.ibs0 += (ref_a & alt_b | alt_a & ref_b).count_ones();
            counts.ibs2 += (ref_a & ref_b | het_a & het_b | alt_a & alt_b).count_ones();
            counts.hets_a += (het_a & known_b).count_ones();
            counts.hets_b += (het_b & known_a).count_ones();
            counts.shared_hets += (het_a & het_b).count_ones();
            counts.hom_alts_a += (alt_a & known_b).count_ones();
            counts.hom_alts_b += (alt_b & known_a).count_ones();
            counts.shared_hom_alts += (alt_a & alt_b).count_ones();
        }
        for ([ref_a, het_a, alt_a], [ref_b, het_b, alt_b]) in self.x.zip(&other.x) {
            let known = (ref_a | het_a | alt_a) & (ref_b | het_b | alt_b);
            counts.x_sites += known.count_ones();
            counts.x_ibs0 += (ref_a & alt_b | alt_a & ref_b).count_ones();
            counts.x_ibs2 += (ref_a & ref_b | het_a & het_b | alt_a & alt_b).count_ones();
        }
        counts
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn of(genotypes: &str) -> GenotypeBits {
        let mut bits = GenotypeBits::default();
        bits.begin_contig(ContigClass::Autosome(7));
        for letter in genotypes.chars() {
            let genotype = match letter {
                '0' => SiteGenotype::HomRef,
                '1' => SiteGenotype::Het,
                '2' => SiteGenotype::HomAlt,
                _ => SiteGenotype::Unknown,
            };
            bits.push(SiteRegion::Autosome, 0, genotype);
        }
        bits
    }

    #[test]
    fn a_pair_is_counted_as_by_hand() {
        let (a, b) = ("0012201.2".repeat(10), "0212001110".repeat(9));
        let counts = of(&a).pair(&of(&b));
        let mut expected = PairCounts::default();
        for (x, y) in a.chars().zip(b.chars()).filter(|&(x, y)| x != '.' && y != '.') {
            expected.sites += 1;
            expected.ibs0 += u32::from(x.abs_diff(y) == 2);
            expected.ibs2 += u32::from(x == y);
            expected.hets_a += u32::from(x == '1');
            expected.hets_b += u32::from(y == '1');
            expected.shared_hets += u32::from(x == '1' && y == '1');
            expected.hom_alts_a += u32::from(x == '2');
            expected.hom_alts_b += u32::from(y == '2');
            expected.shared_hom_alts += u32::from(x == '2' && y == '2');
        }
        assert_eq!(counts, expected);
        assert!(expected.ibs0 > 0 && expected.shared_hom_alts > 0 && expected.sites == 80);
    }

    trait AbsDiff {
        fn abs_diff(self, other: Self) -> u32;
    }

    impl AbsDiff for char {
        fn abs_diff(self, other: Self) -> u32 {
            u32::from(self).abs_diff(u32::from(other))
        }
    }

    #[test]
    fn contigs_count_once_and_with_genotypes_of_both() {
        let few = of("0".repeat(9).as_str());
        assert_eq!(few.shared_contigs(&few), 0);
        let mut enough = few.clone();
        enough.begin_contig(ContigClass::X);
        enough.push(SiteRegion::Autosome, 0, SiteGenotype::Het);
        enough.begin_contig(ContigClass::Autosome(7));
        enough.push(SiteRegion::Autosome, 0, SiteGenotype::Het);
        assert_eq!((enough.shared_contigs(&enough), enough.autosomal()), (1, [9, 2, 0]));
        assert_eq!(enough.shared_contigs(&few), 0, "only one of them has enough");
    }
}
