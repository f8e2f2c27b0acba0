use std::sync::Arc;

use super::*;
use crate::model::sample::{Affected, Role};
use crate::model::sketch::{Site, SiteCounts, SiteList, SketchSource};
use crate::policy::identity::IdentityLimits;
use crate::policy::karyotype::limits;

fn check(sketch: &Sketch, stated: Sex) -> SexCheck {
    let genotypes = &IdentityLimits::preset().unwrap().genotype;
    super::check(sketch, stated, limits().unwrap(), genotypes)
}

/// A sample of these depths (autosomes, X, Y) and genotypes at sites of X.
fn sample(depth: Option<[f64; 3]>, x: &[SiteGenotype]) -> Sketch {
    let site = |i: u32| Site {
        contig: "X".into(),
        position: 3_000_000 + i,
        reference: b'A',
        alternate: b'G',
        frequency: 0.5,
        region: SiteRegion::X,
    };
    let counts = x.iter().map(|genotype| {
        let (reference, alternate) = match genotype {
            SiteGenotype::HomRef => (30, 0),
            SiteGenotype::Het => (14, 16),
            SiteGenotype::HomAlt => (0, 30),
            SiteGenotype::Unknown => (3, 3),
        };
        SiteCounts { reference, alternate, ..SiteCounts::default() }
    });
    let list = SiteList { sites: (0..x.len() as u32).map(site).collect(), ..SiteList::default() };
    Sketch {
        sample: "s".into(),
        source: SketchSource::Reads { min_base_quality: 13, min_mapping_quality: 10 },
        sites: Arc::new(list),
        counts: counts.collect(),
        depth: depth.map(|[autosomes, x, y]| ChromosomeDepth {
            autosomes,
            x,
            y,
            mitochondrial: 2000.0,
        }),
    }
}

fn of(depth: [f64; 3], stated: Sex) -> SexCheck {
    check(&sample(Some(depth), &[]), stated)
}

/// A small generator of numbers, so that depths scatter as those of samples do.
fn scatter(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    ((*seed >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 0.2
}

#[test]
fn each_of_the_seven_karyotypes_is_told_at_any_depth() {
    let mut seed = 7;
    for (name, x, y) in [
        ("XX", 2, 0),
        ("XY", 1, 1),
        ("X0", 1, 0),
        ("XXY", 2, 1),
        ("XYY", 1, 2),
        ("XXX", 3, 0),
        ("XXXY", 3, 1),
    ] {
        for depth in [2.0, 15.0, 31.0, 120.0] {
            for _ in 0..50 {
                // Up to a tenth more or less than half a genome's depth for each chromosome; a few stray reads on Y.
                let of_copies = |copies: u8, stray: f64, by: f64| {
                    depth * (f64::from(copies) / 2.0 * (1.0 + by) + stray)
                };
                let depths = [
                    depth,
                    of_copies(x, 0.0, scatter(&mut seed)),
                    of_copies(y, 0.01, scatter(&mut seed)),
                ];
                let found = of(depths, Sex::Unknown);
                assert_eq!(super::name(&found), name, "{depths:?}");
                let copies = found.karyotype.map(|own| (own.x_copies, own.y_copies));
                assert_eq!((copies, found.x_copies), (Some((x, y)), Some(x)));
            }
        }
    }
}

#[test]
fn ratios_between_the_ranges_and_shallow_data_are_undetermined() {
    for depths in [
        [30.0, 60.0, 0.0],
        [30.0, 6.0, 6.0],
        [30.0, 0.0, 0.0],
        [30.0, 30.0, 45.0],
        [1.9, 1.9, 0.0],
        [0.0, 0.0, 0.0],
    ] {
        let found = of(depths, Sex::Female);
        assert_eq!(super::name(&found), UNDETERMINED, "{depths:?}");
        assert_eq!((found.x_copies, found.outcome), (None, Outcome::NotAssessed));
    }
    let none = check(&sample(None, &[]), Sex::Male);
    assert_eq!((none.outcome, none.x_ratio), (Outcome::NotAssessed, None));
}

#[test]
fn a_contradiction_of_the_stated_sex_fails() {
    let (xx, xy) = ([30.0, 30.0, 0.1], [30.0, 15.0, 14.0]);
    let (xxy, x0, xxx) = ([30.0, 30.0, 14.0], [30.0, 15.0, 0.0], [30.0, 45.0, 0.0]);
    for (depths, stated, outcome) in [
        (xx, Sex::Female, Outcome::Pass),
        (xx, Sex::Male, Outcome::Fail),
        (xx, Sex::Unknown, Outcome::Reported),
        (xy, Sex::Male, Outcome::Pass),
        (xy, Sex::Female, Outcome::Fail),
        (xxy, Sex::Male, Outcome::Warn),
        (xxy, Sex::Female, Outcome::Fail),
        (x0, Sex::Female, Outcome::Warn),
        (x0, Sex::Male, Outcome::Warn),
        (xxx, Sex::Female, Outcome::Warn),
        (xxx, Sex::Male, Outcome::Fail),
    ] {
        let found = of(depths, stated);
        assert_eq!(found.outcome, outcome, "{stated:?} {}", found.message);
    }
    assert!(of(x0, Sex::Male).message.contains("Y may have been lost"));
}

#[test]
fn sites_of_x_confirm_contradict_or_speak_alone() {
    use SiteGenotype::{Het, HomAlt, HomRef, Unknown};
    let one = [[HomAlt; 12].as_slice(), &[HomRef; 9], &[Unknown; 5]].concat();
    let two = [[HomAlt; 6].as_slice(), &[Het; 6], &[HomRef; 6]].concat();
    let between = [[HomAlt; 10].as_slice(), &[Het; 2]].concat();
    let few = [[HomAlt; 5].as_slice(), &[Het; 5]].concat();
    let (xx, xy) = (Some([30.0, 30.0, 0.0]), Some([30.0, 15.0, 15.0]));
    for (depth, sites, stated, copies, outcome) in [
        (xx, &two, Sex::Female, Some(2), Outcome::Pass),
        (xx, &one, Sex::Female, None, Outcome::Warn),
        (xy, &one, Sex::Male, Some(1), Outcome::Pass),
        (xy, &two, Sex::Male, None, Outcome::Warn),
        (xy, &between, Sex::Male, Some(1), Outcome::Pass),
        (xy, &few, Sex::Male, Some(1), Outcome::Pass),
        (None, &one, Sex::Male, Some(1), Outcome::Pass),
        (None, &one, Sex::Female, Some(1), Outcome::Fail),
        (None, &one, Sex::Unknown, Some(1), Outcome::Reported),
        (None, &two, Sex::Female, None, Outcome::Pass),
        (None, &two, Sex::Male, None, Outcome::Fail),
        (None, &between, Sex::Male, None, Outcome::NotAssessed),
        (None, &few, Sex::Male, None, Outcome::NotAssessed),
    ] {
        let found = check(&sample(depth, sites), stated);
        assert_eq!((found.x_copies, found.outcome), (copies, outcome), "{}", found.message);
    }
    let found = check(&sample(xy, &one), Sex::Male);
    assert_eq!((found.x_sites, found.x_heterozygosity), (21, Some(0.0)));
}

#[test]
fn pseudo_autosomal_sites_say_nothing() {
    let mut sketch = sample(None, &[SiteGenotype::Het; 30]);
    for site in &mut Arc::get_mut(&mut sketch.sites).unwrap().sites {
        site.region = SiteRegion::Autosome;
    }
    assert_eq!(check(&sketch, Sex::Male).x_sites, 0);
}

#[test]
fn tiering_gets_a_number_that_is_certain_and_no_other() {
    let member =
        |sex, x_copies| Member { sex, x_copies, ..Member::of("p", Role::Proband, Affected::Yes) };
    let (xx, xxy, odd) = ([30.0, 30.0, 0.0], [30.0, 30.0, 15.0], [30.0, 60.0, 0.0]);
    for (depths, sex, stated, taken, copies) in [
        (xxy, Sex::Male, None, true, Some(2)),
        (xx, Sex::Unknown, None, true, Some(2)),
        // A contradiction may be a swapped sample: the stated sex stays.
        (xx, Sex::Male, None, false, Some(1)),
        (odd, Sex::Male, None, false, Some(1)),
        // A number that the case states stays.
        (xxy, Sex::Male, Some(1), false, Some(1)),
    ] {
        let mut member = member(sex, stated);
        assert_eq!(adopt(&mut member, &of(depths, sex)), taken);
        assert_eq!(member.x_copies(), copies);
    }
}
