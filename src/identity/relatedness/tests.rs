//! Simulated families, as they should be and with one thing wrong.

use super::bits::GenotypeBits;
use super::family::{GroupChecks, check};
use super::pedigree::Person;
use super::tiles;
use crate::identity::mixture::{Random, child, list, person, reads};
use crate::model::identity::PairCounts;
use crate::model::identity::Relation::{self, FullSiblings, ParentChild, TooFewSites, Unrelated};
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;

/// Genotypes of father, mother, two sons, an uncle's child's worth of others: as drawn.
struct Simulated {
    father: Vec<u8>,
    mother: Vec<u8>,
    son: Vec<u8>,
    daughter: Vec<u8>,
    stranger: Vec<u8>,
}

const SITES: usize = 6_000;

fn simulated(seed: u64) -> Simulated {
    let sites = list(SITES, 40);
    let mut random = Random::new(seed);
    let father = person(&sites, true, &mut random);
    let mother = person(&sites, false, &mut random);
    let son = child(&sites, (&father, &mother), true, &mut random);
    let daughter = child(&sites, (&father, &mother), false, &mut random);
    let stranger = person(&sites, true, &mut random);
    Simulated { father, mother, son, daughter, stranger }
}

/// The genotypes as reads at 30x show them.
fn bits(genotypes: &[u8], random: &mut Random) -> GenotypeBits {
    let sites = list(SITES, 40);
    let sketch = reads(&sites, (genotypes, genotypes), (30.0, 0.0), random);
    GenotypeBits::of_sketch(&sketch, &IdentityLimits::preset().unwrap().genotype)
}

fn member(number: u16, label: &str, sex: Sex, parents: Option<(usize, usize)>) -> Person {
    Person {
        number,
        label: label.into(),
        key: format!("K{number}"),
        father: parents.map(|(father, _)| father),
        mother: parents.map(|(_, mother)| mother),
        sex,
        ..Person::default()
    }
}

/// Proband (male), mother, father, sister with these genotypes.
fn checked(files: [&[u8]; 4]) -> GroupChecks {
    let people = [
        member(1, "proband", Sex::Male, Some((2, 1))),
        member(2, "mother", Sex::Female, None),
        member(3, "father", Sex::Male, None),
        member(4, "sibling", Sex::Female, Some((2, 1))),
    ];
    let mut random = Random::new(77);
    let bits = files.map(|genotypes| bits(genotypes, &mut random));
    check(&people, &bits, IdentityLimits::preset().unwrap())
}

fn texts(checks: &GroupChecks) -> Vec<&str> {
    checks.suspicions.iter().map(|suspicion| suspicion.text.as_str()).collect()
}

#[test]
fn a_family_as_it_should_be_is_named_and_passes() {
    let s = simulated(1);
    let found = checked([&s.son, &s.mother, &s.father, &s.daughter]);
    assert_eq!(texts(&found), Vec::<&str>::new());
    let relations: Vec<Relation> = found.pairs.iter().map(|pair| pair.relation).collect();
    assert_eq!(
        relations,
        [ParentChild, ParentChild, FullSiblings, Unrelated, ParentChild, ParentChild]
    );
    assert!(found.pairs.iter().all(|pair| pair.outcome == Outcome::Pass));
    assert!(found.families.iter().all(|family| family.outcome == Outcome::Pass), "{found:?}");
    assert!(found.families.iter().all(|f| f.counts.x_sites > 100 && f.counts.x_errors < 5));
    assert_eq!(found.sexes, [Sex::Male, Sex::Female, Sex::Male, Sex::Female]);
}

#[test]
fn exchanged_files_are_named() {
    let s = simulated(2);
    let parents = checked([&s.son, &s.father, &s.mother, &s.daughter]);
    assert_eq!(texts(&parents)[0], "the files of mother and father look swapped");
    let child = checked([&s.father, &s.mother, &s.son, &s.daughter]);
    assert_eq!(texts(&child)[0], "the files of proband and father look swapped");
    assert_eq!(child.suspicions[0].members, [1, 3]);
}

#[test]
fn a_father_who_is_none_is_named() {
    let s = simulated(3);
    let found = checked([&s.son, &s.mother, &s.stranger, &s.daughter]);
    let told = texts(&found);
    assert!(told.contains(&"proband is unrelated to its father"), "{told:?}");
    assert!(told.contains(&"sibling is unrelated to its father"), "{told:?}");
    assert!(!told.iter().any(|text| text.contains("swapped")), "{told:?}");
    assert!(told.iter().any(|text| text.contains("cannot come from father and mother")));
    let half = half_sibling();
    let told = texts(&half);
    assert!(told.contains(&"sibling is unrelated to its father"), "{told:?}");
    let half =
        "proband and sibling look like second-degree relatives; the pedigree says full siblings";
    assert!(told.contains(&half), "{told:?}");
}

/// A daughter of another father.
fn half_sibling() -> GroupChecks {
    let s = simulated(4);
    let sites = list(SITES, 40);
    let daughter = child(&sites, (&s.stranger, &s.mother), false, &mut Random::new(5));
    checked([&s.son, &s.mother, &s.father, &daughter])
}

#[test]
fn twins_and_one_person_twice_are_named() {
    let s = simulated(6);
    let people = [
        member(1, "proband", Sex::Male, Some((2, 1))),
        member(2, "mother", Sex::Female, None),
        member(3, "father", Sex::Male, None),
        member(4, "sibling", Sex::Male, Some((2, 1))),
    ];
    let mut random = Random::new(78);
    let files = [&s.son, &s.mother, &s.father, &s.son].map(|g| bits(g, &mut random));
    let found = check(&people, &files, IdentityLimits::preset().unwrap());
    assert_eq!(
        texts(&found),
        ["proband and sibling are identical twins, or one sample was taken twice"]
    );
    assert_eq!(found.suspicions[0].outcome, Outcome::Warn);
    let mut stated = people.clone();
    for i in [0, 3] {
        stated[i].identical_twins = Some("A".into());
    }
    let found = check(&stated, &files, IdentityLimits::preset().unwrap());
    assert_eq!(texts(&found), [""; 0], "the pedigree says so");
    let brothers = [&s.son, &s.mother, &s.father, &s.daughter].map(|g| bits(g, &mut random));
    let found = check(&stated, &brothers, IdentityLimits::preset().unwrap());
    let expected =
        "proband and sibling are stated to be identical twins and look like full siblings";
    assert!(texts(&found).contains(&expected), "{:?}", texts(&found));
    let twice = checked([&s.son, &s.mother, &s.son, &s.daughter]);
    let told = texts(&twice);
    assert!(
        told.contains(&"proband and its father are the same person or identical twins"),
        "{told:?}"
    );
}

/// A parent with a child and two siblings are told apart without anybody else.
#[test]
fn pairs_alone_are_named_rightly() {
    let s = simulated(11);
    let mut random = Random::new(79);
    let mut alone = |one: &[u8], other: &[u8], parents: Option<(usize, usize)>| {
        let mut people =
            vec![member(1, "proband", Sex::Male, parents), member(2, "other", Sex::Unknown, None)];
        people[0].mother = None;
        let files = [one, other].map(|g| bits(g, &mut random));
        check(&people, &files, IdentityLimits::preset().unwrap())
    };
    let duo = alone(&s.son, &s.father, Some((1, 1)));
    assert_eq!((duo.pairs[0].relation, duo.pairs[0].outcome), (ParentChild, Outcome::Pass));
    assert_eq!(duo.families[0].outcome, Outcome::Pass);
    let siblings = alone(&s.son, &s.daughter, None);
    assert_eq!(siblings.pairs[0].relation, FullSiblings);
    assert_eq!(siblings.pairs[0].outcome, Outcome::Reported, "the pedigree leaves it open");
    let no_father = alone(&s.son, &s.daughter, Some((1, 1)));
    assert_eq!(no_father.pairs[0].relation, FullSiblings);
    assert_eq!(texts(&no_father)[0], "proband and its father, other look like full siblings");
    let strangers = alone(&s.son, &s.stranger, None);
    assert_eq!(strangers.pairs[0].relation, Unrelated);
}

/// One person as reads and as calls, and a file of somebody else among them.
#[test]
fn two_samples_of_one_person_have_one_place_in_the_pedigree() {
    let s = simulated(12);
    let mut random = Random::new(80);
    let people = |second: u16| {
        let mut people = vec![
            member(1, "proband", Sex::Male, Some((2, 1))),
            member(2, "mother", Sex::Female, None),
            member(3, "father", Sex::Male, None),
        ];
        let twin = people[usize::from(second) - 1].clone();
        people.push(Person { number: 4, label: "the same, called".into(), ..twin });
        people
    };
    let mut checked = |second: u16, last: &[u8]| {
        let files = [&s.son[..], &s.mother, &s.father, last].map(|g| bits(g, &mut random));
        check(&people(second), &files, IdentityLimits::preset().unwrap())
    };
    for (second, genotypes) in [(1, &s.son), (2, &s.mother), (3, &s.father)] {
        let found = checked(second, genotypes);
        assert_eq!(texts(&found), Vec::<&str>::new());
        assert!(found.pairs.iter().all(|pair| pair.outcome == Outcome::Pass));
    }
    let told = checked(3, &s.stranger);
    let told = texts(&told);
    assert!(
        told.contains(&"father and the same, called should be one person and are unrelated"),
        "{told:?}"
    );
    let other = "proband is unrelated to its father, the same, called";
    assert!(told.contains(&other), "{told:?}");
}

#[test]
fn too_few_sites_are_no_relation_and_no_failure() {
    let s = simulated(7);
    let few = |genotypes: &[u8]| {
        let mut bits = GenotypeBits::default();
        for _ in 0..300.min(genotypes.len()) {
            bits.push(
                crate::model::sketch::SiteRegion::Autosome,
                0,
                crate::model::sketch::SiteGenotype::Het,
            );
        }
        bits
    };
    let people =
        [member(1, "proband", Sex::Male, Some((1, 1))), member(2, "father", Sex::Male, None)];
    let found = check(&people, &[few(&s.son), few(&s.stranger)], IdentityLimits::preset().unwrap());
    assert_eq!(found.pairs[0].relation, TooFewSites);
    assert_eq!(found.pairs[0].outcome, Outcome::NotAssessed);
    assert_eq!(found.families[0].outcome, Outcome::NotAssessed);
    assert!(found.suspicions.is_empty());
}

#[test]
fn pieces_hold_every_pair_once_and_the_limit_drops_the_distant() {
    let mut random = Random::new(9);
    let s = simulated(8);
    let mut samples: Vec<GenotypeBits> =
        [&s.father, &s.mother, &s.son, &s.daughter].map(|g| bits(g, &mut random)).to_vec();
    while samples.len() < 70 {
        let sites = list(SITES, 40);
        let other = person(&sites, true, &mut random);
        samples.push(bits(&other, &mut random));
    }
    let all = |least| -> Vec<tiles::Pair> {
        (0..tiles::pieces(samples.len())).flat_map(|i| tiles::piece(&samples, i, least)).collect()
    };
    let whole = all(None);
    assert_eq!(whole.len(), 70 * 69 / 2);
    assert!(whole.is_sorted_by(|x, y| (x.a, x.b) < (y.a, y.b)));
    let by_hand: PairCounts = samples[3].pair(&samples[66]);
    assert!(whole.iter().any(|pair| (pair.a, pair.b) == (3, 66) && pair.counts == by_hand));
    let near: Vec<(u32, u32)> = all(Some(0.1)).iter().map(|pair| (pair.a, pair.b)).collect();
    assert_eq!(near, [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
}
