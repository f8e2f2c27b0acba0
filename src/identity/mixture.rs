//! Simulated samples at sites for tests: genotypes by Hardy and Weinberg, reads with qualities and errors, two people in
//! one tube, families. Counts and qualities are drawn directly, without reads and alignments.

use std::sync::Arc;

use crate::model::sketch::{
    QualityCount, Site, SiteAllele, SiteCounts, SiteList, SiteRegion, Sketch, SketchSource,
};

/// SplitMix64 (Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66_D1CE_4E5B)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Poisson by multiplication, as Knuth; of a great mean part by part, since its limit would be 0.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        let (mut left, mut k) = (mean, 0);
        loop {
            let part = left.min(500.0);
            let (limit, mut product) = ((-part).exp(), self.unit());
            while product > limit {
                product *= self.unit();
                k += 1;
            }
            left -= part;
            if left <= 0.0 {
                return k;
            }
        }
    }
}

/// Sites on 20 contigs with frequencies from 0.05 to 0.95; the last tenth on X.
pub fn list(count: usize, seed: u64) -> Arc<SiteList> {
    let mut random = Random::new(seed);
    let site = |i: usize| Site {
        contig: if i >= count * 9 / 10 { "X".into() } else { (1 + i * 22 / count).to_string() },
        position: if i >= count * 9 / 10 {
            (i - count * 9 / 10) as u32 * (150_000_000 / count as u32)
        } else {
            i as u32 * 1000
        },
        reference: b'A',
        alternate: b'G',
        frequency: 0.05 + 0.9 * random.unit(),
        region: if i >= count * 9 / 10 { SiteRegion::X } else { SiteRegion::Autosome },
    };
    let mut site = site;
    Arc::new(SiteList {
        name: "simulated".into(),
        build: None,
        digest: format!("simulated-{count}-{seed}"),
        sites: (0..count).map(&mut site).collect(),
        ancestry: None,
    })
}

/// Numbers of alternate alleles of a person, site by site; of a male on X 0 or 2.
pub fn person(list: &SiteList, male: bool, random: &mut Random) -> Vec<u8> {
    let one = |site: &Site, random: &mut Random| u8::from(random.unit() < site.frequency);
    list.sites
        .iter()
        .map(|site| match (site.region, male) {
            (SiteRegion::X, true) => 2 * one(site, random),
            _ => one(site, random) + one(site, random),
        })
        .collect()
}

/// A child; alleles of neighbouring sites are passed on independently.
pub fn child(
    list: &SiteList,
    (father, mother): (&[u8], &[u8]),
    male: bool,
    random: &mut Random,
) -> Vec<u8> {
    let pass = |genotype: u8, random: &mut Random| match genotype {
        1 => u8::from(random.unit() < 0.5),
        other => other / 2,
    };
    let sites = list.sites.iter().zip(father.iter().zip(mother));
    sites
        .map(|(site, (&father, &mother))| match (site.region, male) {
            (SiteRegion::X, true) => 2 * pass(mother, random),
            _ => pass(father, random) + pass(mother, random),
        })
        .collect()
}

/// Qualities of bases with their shares, as recent instruments bin them.
const QUALITIES: [(u8, f64); 4] = [(37, 0.86), (25, 0.08), (12, 0.05), (2, 0.01)];

/// Reads of a sample at mean `depth`, of which this share comes from another person. Wrong bases are as frequent as
/// their qualities say.
pub fn reads(
    list: &Arc<SiteList>,
    (sample, foreign): (&[u8], &[u8]),
    (depth, share): (f64, f64),
    random: &mut Random,
) -> Sketch {
    let counts = sample
        .iter()
        .zip(foreign)
        .map(|(&own, &other)| {
            let mut counted = std::collections::BTreeMap::<(SiteAllele, u8), u16>::new();
            for _ in 0..random.poisson(depth) {
                let genotype = if random.unit() < share { other } else { own };
                *counted.entry(base(genotype, random)).or_default() += 1;
            }
            counts(&counted)
        })
        .collect();
    let source = SketchSource::Reads { min_base_quality: 0, min_mapping_quality: 20 };
    Sketch { sample: "S".into(), source, sites: Arc::clone(list), counts, depth: None }
}

fn base(genotype: u8, random: &mut Random) -> (SiteAllele, u8) {
    let mut draw = random.unit();
    let mut quality = QUALITIES[0].0;
    for (value, share) in QUALITIES {
        if draw < share {
            quality = value;
            break;
        }
        draw -= share;
    }
    let alternate = random.unit() < f64::from(genotype) / 2.0;
    let error = 10_f64.powf(-f64::from(quality) / 10.0).min(0.75);
    let is_wrong = random.unit() < error;
    let allele = match (alternate, is_wrong, random.unit() < 1.0 / 3.0) {
        (_, true, false) => SiteAllele::Other,
        (false, false, _) | (true, true, true) => SiteAllele::Reference,
        (true, false, _) | (false, true, true) => SiteAllele::Alternate,
    };
    (allele, quality)
}

fn counts(counted: &std::collections::BTreeMap<(SiteAllele, u8), u16>) -> SiteCounts {
    let of = |wanted| {
        let matching = counted.iter().filter(|((allele, _), _)| *allele == wanted);
        matching.map(|(_, &count)| u32::from(count)).sum()
    };
    SiteCounts {
        reference: of(SiteAllele::Reference),
        alternate: of(SiteAllele::Alternate),
        other: of(SiteAllele::Other),
        qualities: counted
            .iter()
            .map(|(&(allele, quality), &count)| QualityCount { allele, quality, count })
            .collect(),
        called: None,
    }
}
