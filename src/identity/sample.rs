//! Everything that one sample says about itself.

use super::contamination::{charr::charr, freemix};
use super::genotype;
use crate::model::identity::{GenotypeCounts, SampleIdentity};
use crate::model::sketch::{SiteCounts, SiteGenotype, SiteRegion, Sketch};
use crate::policy::identity::{GenotypeLimits, IdentityLimits};

/// Shares of alternate bases that are neither homozygous nor heterozygous, towards either end.
const MIDDLING: [std::ops::Range<f64>; 2] = [0.02..0.1, 0.9..0.98];

/// Contamination and genotypes of one sample.
pub fn identity(sketch: &Sketch, limits: &IdentityLimits) -> SampleIdentity {
    let contamination = freemix(sketch, &limits.contamination);
    SampleIdentity { contamination, ..counts_only(sketch, limits) }
}

/// The same without the likelihood of contamination, which takes a hundred times as long as all the rest.
pub fn counts_only(sketch: &Sketch, limits: &IdentityLimits) -> SampleIdentity {
    SampleIdentity {
        site_list: sketch.sites.name.clone(),
        contamination: None,
        charr: charr(sketch, &limits.charr),
        tumour_contamination: None,
        tumour_in_normal: None,
        genotypes: genotypes(sketch, &limits.genotype),
    }
}

fn genotypes(sketch: &Sketch, limits: &GenotypeLimits) -> GenotypeCounts {
    let mut found = GenotypeCounts::default();
    let [mut depths, mut genotyped, mut shares, mut on_x, mut on_y] = [const { Vec::new() }; 5];
    let mut middling = 0_u32;
    for (site, counts) in sketch.sites.sites.iter().zip(&sketch.counts) {
        let genotype = genotype::of_counts(counts, limits);
        let depth = f64::from(counts.depth());
        match site.region {
            SiteRegion::Autosome => {
                *of_genotype(&mut found, genotype) += 1;
                depths.push(depth);
                if genotype != SiteGenotype::Unknown {
                    genotyped.push(depth);
                }
                if let Some(share) = alternate_share(counts, limits) {
                    middling += u32::from(MIDDLING.iter().any(|range| range.contains(&share)));
                    shares.push(share);
                }
            }
            SiteRegion::X => {
                match genotype {
                    SiteGenotype::HomRef => found.x[0] += 1,
                    SiteGenotype::Het => found.x[1] += 1,
                    SiteGenotype::HomAlt => found.x[2] += 1,
                    SiteGenotype::Unknown => {}
                }
                on_x.push(depth);
            }
            SiteRegion::Y => on_y.push(depth),
        }
    }
    found.middling_share = f64::from(middling) / shares.len().max(1) as f64;
    found.depth = moments(&depths);
    found.genotyped_depth = moments(&genotyped);
    found.alternate_share = moments(&shares);
    found.x_depth = moments(&on_x)[0];
    found.y_depth = moments(&on_y)[0];
    found.xy_sites =
        [&on_x, &on_y].map(|all| all.iter().filter(|depth| **depth > 0.0).count() as u32);
    found
}

fn of_genotype(found: &mut GenotypeCounts, genotype: SiteGenotype) -> &mut u32 {
    match genotype {
        SiteGenotype::HomRef => &mut found.hom_ref,
        SiteGenotype::Het => &mut found.het,
        SiteGenotype::HomAlt => &mut found.hom_alt,
        SiteGenotype::Unknown => &mut found.unknown,
    }
}

fn alternate_share(counts: &SiteCounts, limits: &GenotypeLimits) -> Option<f64> {
    let depth = counts.depth();
    (depth > 0 && depth >= limits.min_depth.value)
        .then(|| f64::from(counts.alternate) / f64::from(depth))
}

/// Mean and standard deviation, 0 of nothing.
fn moments(values: &[f64]) -> [f64; 2] {
    if values.is_empty() {
        return [0.0; 2];
    }
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    [mean, variance.sqrt()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::mixture::{Random, list, person, reads};

    #[test]
    fn genotypes_and_depths_are_counted() {
        let limits = IdentityLimits::preset().unwrap();
        let sites = list(1_000, 33);
        let mut random = Random::new(34);
        let own = person(&sites, true, &mut random);
        let found =
            identity(&reads(&sites, (&own, &own), (30.0, 0.0), &mut random), limits).genotypes;
        let hets: f64 = own[..900].iter().map(|&genotype| f64::from(genotype % 2)).sum();
        assert!((f64::from(found.het) / hets - 1.0).abs() < 0.1, "{found:?}");
        assert_eq!(found.hom_ref + found.het + found.hom_alt + found.unknown, 900);
        assert_eq!((found.x[1], found.xy_sites[0]), (0, 100), "one X has no heterozygous site");
        assert!((found.depth[0] - 30.0).abs() < 1.0 && (found.x_depth - 30.0).abs() < 2.0);
    }
}
