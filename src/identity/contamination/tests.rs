//! Estimates against simulated mixtures whose shares are known.

use super::charr::charr;
use super::tumour_in_normal::{SomaticReads, tumour_in_normal};
use super::*;
use crate::identity::mixture::{Random, list, person, reads};
use crate::model::identity::{Estimate, Measured};
use crate::model::sketch::{AncestryModel, SiteCounts, SiteList, Sketch, SketchSource};
use crate::policy::identity::IdentityLimits;

use std::sync::Arc;

fn limits() -> &'static IdentityLimits {
    IdentityLimits::preset().unwrap()
}

fn measured(estimate: &Estimate) -> Measured {
    *estimate.measured().unwrap_or_else(|| panic!("{estimate:?}"))
}

/// A sketch of one person with this share of another, and both people's genotypes.
fn mixed(sites: &Arc<SiteList>, depth: f64, share: f64, seed: u64) -> Sketch {
    let mut random = Random::new(seed);
    let own = person(sites, false, &mut random);
    let foreign = person(sites, true, &mut random);
    reads(sites, (&own, &foreign), (depth, share), &mut random)
}

#[test]
fn mixtures_are_estimated_and_intervals_hold_the_truth() {
    let sites = list(3_600, 1);
    let (mut inside, mut all) = (0, 0);
    for (number, share) in [0.0, 0.005, 0.01, 0.03, 0.1].into_iter().enumerate() {
        for seed in 0..4 {
            let sketch = mixed(&sites, 30.0, share, 100 * number as u64 + seed);
            let found = freemix(&sketch, &limits().contamination).unwrap();
            let found = measured(&found.estimate);
            let allowed = (0.15 * share).max(0.003);
            assert!((found.value - share).abs() <= allowed, "{share}: {found:?}");
            all += 1;
            inside += i32::from((found.low..=found.high).contains(&share));
        }
    }
    assert!(inside * 100 >= all * 85, "{inside} of {all} intervals hold the truth");
}

#[test]
fn the_reference_is_found_among_ancestries() {
    // Two populations whose frequencies differ by one component.
    let pooled = list(4_000, 2);
    let mut random = Random::new(3);
    let loadings: Vec<f64> = pooled.sites.iter().map(|_| random.unit() - 0.5).collect();
    let mean: Vec<f64> = pooled.sites.iter().map(|site| 2.0 * site.frequency).collect();
    let place = 0.5;
    let mut own_list = (*pooled).clone();
    for (site, loading) in own_list.sites.iter_mut().zip(&loadings) {
        site.frequency = (site.frequency + place * loading / 2.0).clamp(0.01, 0.99);
    }
    let mut with_model = (*pooled).clone();
    with_model.ancestry = Some(AncestryModel { mean, loadings, components: 1 });
    let with_model = Arc::new(with_model);
    let mut sketch = mixed(&Arc::new(own_list), 30.0, 0.03, 4);
    sketch.sites = with_model;
    let found = freemix(&sketch, &limits().contamination).unwrap();
    assert!((measured(&found.estimate).value - 0.03).abs() < 0.003, "{found:?}");
    assert!((found.ancestry[0] - place).abs() < 0.1, "{:?}", found.ancestry);
}

#[test]
fn a_tumour_is_judged_where_its_normal_is_homozygous() {
    let sites = list(3_600, 5);
    let mut random = Random::new(6);
    let own = person(&sites, false, &mut random);
    let foreign = person(&sites, false, &mut random);
    let normal = reads(&sites, (&own, &own), (30.0, 0.0), &mut random);
    // The tumour lost one allele of every heterozygous site: its own share of alleles misleads FREEMIX.
    let lost: Vec<u8> =
        own.iter().map(|&genotype| if genotype == 1 { 2 } else { genotype }).collect();
    for share in [0.0, 0.01, 0.05] {
        let tumour = reads(&sites, (&lost, &foreign), (60.0, share), &mut random);
        let found = measured(&of_tumour(&tumour, &normal, &[], &limits().contamination));
        assert!((found.value - share).abs() < 0.002, "{share}: {found:?}");
    }
    let other = reads(&sites, (&foreign, &foreign), (60.0, 0.0), &mut random);
    let swapped = measured(&of_tumour(&other, &normal, &[], &limits().contamination));
    assert!(swapped.value > 0.9, "another person's tumour: {swapped:?}");
}

#[test]
fn too_few_sites_give_no_number() {
    let sites = list(200, 7);
    let sketch = mixed(&sites, 30.0, 0.05, 8);
    let found = freemix(&sketch, &limits().contamination).unwrap();
    assert_eq!(found.estimate, Estimate::TooFewSites { sites: 180, needed: 1000 });
    let charr = charr(&sketch, &limits().charr);
    assert!(matches!(charr, Estimate::TooFewSites { needed: 200, .. }), "{charr:?}");
    let of_tumour = of_tumour(&sketch, &sketch, &[], &limits().contamination);
    assert!(matches!(of_tumour, Estimate::TooFewSites { needed: 500, .. }), "{of_tumour:?}");
    let empty = Sketch { counts: vec![SiteCounts::default(); 200], ..sketch };
    let found = freemix(&empty, &limits().contamination).unwrap();
    assert_eq!(found.estimate, Estimate::TooFewSites { sites: 0, needed: 1000 });
}

#[test]
fn calls_have_no_freemix_but_charr() {
    let sites = list(3_600, 9);
    let reads = mixed(&sites, 30.0, 0.02, 10);
    let limits = limits();
    let found = measured(&charr(&reads, &limits.charr));
    assert!((found.value - 0.02).abs() < 0.006, "{found:?}");
    let calls = Sketch { source: SketchSource::Calls, ..reads };
    assert!(freemix(&calls, &limits.contamination).is_none());
    assert_eq!(of_tumour(&calls, &calls, &[], &limits.contamination), Estimate::NotAssessed);
}

/// Somatic variants: clonal heterozygous ones in a tumour of this purity, subclonal ones, and germline ones by mistake.
fn somatic(purity: f64, in_normal: f64, random: &mut Random) -> Vec<SomaticReads> {
    let draw = |p: f64, mean: f64, random: &mut Random| {
        let depth = random.poisson(mean);
        let hits = (0..depth).filter(|_| random.unit() < p).count();
        (hits as u32, depth)
    };
    (0..600)
        .map(|i| {
            let (clonal, germline) = (i % 3 != 0, i % 100 == 0);
            let fraction = if clonal { purity / 2.0 } else { purity / 8.0 };
            let in_normal = if clonal { in_normal / 2.0 } else { in_normal / 8.0 };
            let p = if germline { 0.5 } else { in_normal + 0.001 };
            let (tumour_alternate, tumour_depth) = draw(fraction, 90.0, random);
            let (normal_alternate, normal_depth) = draw(p, 35.0, random);
            SomaticReads { tumour_alternate, tumour_depth, normal_alternate, normal_depth }
        })
        .collect()
}

#[test]
fn tumour_cells_in_the_normal_sample_show_by_clonal_variants() {
    let mut random = Random::new(11);
    for cells in [0.0, 0.05, 0.2] {
        let variants = somatic(0.7, cells, &mut random);
        let found = measured(&tumour_in_normal(&variants, &limits().tumour_in_normal));
        assert!((found.value - cells / 2.0).abs() < 0.006, "{cells}: {found:?}");
    }
    let few = &somatic(0.7, 0.1, &mut random)[..40];
    let found = tumour_in_normal(few, &limits().tumour_in_normal);
    assert_eq!(found, Estimate::TooFewSites { sites: 40, needed: 50 });
}
