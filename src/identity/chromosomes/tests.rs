//! Simulated families: planted answers are found, and nothing else is.

use super::copies::tests::depth_of;
use super::*;
use crate::model::contig::Assembly;
use crate::model::results::chromosomes::DisomyKind;
use crate::model::rng::Rng;
use crate::model::sketch::SiteGenotype;
use crate::policy::Policy;

fn limits() -> ChromosomePolicy {
    Policy::preset("gms-rd").unwrap().chromosomes.unwrap()
}

/// How a child came by a stretch.
#[derive(Clone, Copy, PartialEq)]
enum Planted {
    Both,
    MotherTwice,
    MotherBoth,
    FatherTwice,
    FatherBoth,
    /// The mother's copy is gone: the father's looks homozygous.
    Deleted,
    /// The father has no calls, and something wrote the reference for him.
    FatherUnread,
}

/// A simulated family.
struct Family<'p> {
    seed: u64,
    /// Sites for each Mb.
    density: u32,
    /// Share of genotypes that are read wrong.
    error: f64,
    /// Whether father and mother are counted.
    parents: [bool; 2],
    /// Share of stretches of 10 Mb in which the parents share a haplotype that the child has twice.
    shared: f64,
    planted: &'p dyn Fn(u8, u32) -> Planted,
}

impl Default for Family<'_> {
    fn default() -> Self {
        Self {
            seed: 1,
            density: 300,
            error: 0.003,
            parents: [true; 2],
            shared: 0.0,
            planted: &|_, _| Planted::Both,
        }
    }
}

const GENOTYPES: [SiteGenotype; 3] =
    [SiteGenotype::HomRef, SiteGenotype::Het, SiteGenotype::HomAlt];

impl Family<'_> {
    fn counts(&self) -> ChildCounts {
        let mut counts = ChildCounts::new(1_000_000);
        for number in 1..=22 {
            let class = ContigClass::Autosome(number);
            let length = Assembly::GRCh38.length(class).unwrap();
            self.chromosome(number, length, &mut counts);
        }
        counts
    }

    fn chromosome(&self, number: u8, length: u32, counts: &mut ChildCounts) {
        let mut rng = Rng::new(self.seed, &[u64::from(number)]);
        let step = 1_000_000 / self.density;
        // Which of its copies a parent passes on, switched by crossovers.
        let (mut from_father, mut from_mother) = (rng.chance(0.5), rng.chance(0.5));
        let mut is_shared = false;
        for (serial, position) in
            (16_000_000_u32.min(length / 4)..length).step_by(step as usize).enumerate()
        {
            if serial.is_multiple_of(10 * self.density as usize) {
                is_shared = rng.chance(self.shared);
                from_father ^= rng.chance(0.1);
                from_mother ^= rng.chance(0.1);
            }
            let frequency = [0.01, 0.1, 0.3, 0.5][rng.below(4) as usize];
            let mut copy = || u8::from(rng.chance(frequency));
            let (mut father, mother) = ([copy(), copy()], [copy(), copy()]);
            if is_shared {
                father[usize::from(from_father)] = mother[usize::from(from_mother)];
            }
            let (f, m) = (father[usize::from(from_father)], mother[usize::from(from_mother)]);
            let child = match (self.planted)(number, position) {
                Planted::Both | Planted::FatherUnread => f + m,
                Planted::MotherTwice => 2 * m,
                Planted::FatherTwice | Planted::Deleted => 2 * f,
                Planted::MotherBoth => mother[0] + mother[1],
                Planted::FatherBoth => father[0] + father[1],
            };
            if (self.planted)(number, position) == Planted::FatherUnread {
                father = [0; 2];
            }
            let family = [father[0] + father[1], mother[0] + mother[1], child];
            if family == [0; 3] {
                continue;
            }
            let mut shown = family.map(|alleles| {
                let wrong = rng.chance(self.error);
                let drawn = rng.below(3) as usize;
                GENOTYPES[if wrong { drawn } else { usize::from(alleles) }]
            });
            for (place, seen) in self.parents.into_iter().enumerate() {
                if !seen {
                    shown[place] = SiteGenotype::Unknown;
                }
            }
            counts.add(number, position, shown);
        }
    }

    fn assess(&self, losses: Option<&[Loss]>, depth: Option<&DepthQc>) -> MemberChromosomes {
        let counts = self.counts();
        let person = Person {
            member: MemberId(0),
            father: self.parents[0].then_some(MemberId(1)),
            mother: self.parents[1].then_some(MemberId(2)),
            counts: Some(&counts),
            losses,
            depth,
            sex: None,
        };
        assess(&person, &|class| Assembly::GRCh38.length(class), &limits())
    }
}

fn findings(found: &MemberChromosomes) -> Vec<(&str, Inheritance)> {
    let with = found.chromosomes.iter().filter(|own| own.inheritance.is_finding());
    with.map(|own| (own.chromosome.as_str(), own.inheritance)).collect()
}

#[test]
fn families_that_follow_mendel_have_no_finding() {
    let (mut chromosomes, mut assessed) = (0, 0);
    for seed in 0..60 {
        // From an exome's sites with clean genotypes to a genome's with bad ones.
        let density = [12, 60, 300][seed as usize % 3];
        let error = [0.001, 0.005, 0.02][seed as usize / 3 % 3];
        let parents = [[true, true], [true, true], [true, false], [false, true]][seed as usize % 4];
        let found =
            Family { seed, density, error, parents, ..Family::default() }.assess(None, None);
        assert_eq!(findings(&found), [], "seed {seed}");
        let runs = found.chromosomes_with_runs;
        assert_eq!(runs, 0, "seed {seed}");
        chromosomes += found.chromosomes.len();
        let both = |own: &&ChromosomeResult| own.inheritance == Inheritance::Biparental;
        assessed += found.chromosomes.iter().filter(both).count();
    }
    assert!(assessed * 20 > chromosomes * 17, "{assessed} of {chromosomes}");
}

#[test]
fn parents_who_share_ancestors_are_no_disomy() {
    for seed in 0..10 {
        let family = Family { seed, shared: 0.25, ..Family::default() };
        let found = family.assess(None, None);
        assert_eq!(findings(&found), [], "seed {seed}");
        assert!(found.chromosomes_with_runs >= 8, "{}", found.chromosomes_with_runs);
        let told = found.notes.iter().any(|note| note.contains("ancestors that the parents share"));
        assert!(told, "{:?}", found.notes);
    }
}

#[test]
fn planted_disomies_are_found_with_origin_and_kind() {
    use DisomyKind::{Heterodisomy, Isodisomy};
    use Origin::{Maternal, Paternal};
    for seed in 0..6 {
        for (planted, origin, kind) in [
            (Planted::MotherTwice, Maternal, Isodisomy),
            (Planted::MotherBoth, Maternal, Heterodisomy),
            (Planted::FatherTwice, Paternal, Isodisomy),
            (Planted::FatherBoth, Paternal, Heterodisomy),
        ] {
            for density in [25, 300] {
                let own = |number, _| if number == 15 { planted } else { Planted::Both };
                let family = Family { seed, density, planted: &own, ..Family::default() };
                let found = family.assess(None, None);
                assert_eq!(findings(&found), [("15", Inheritance::Complete)], "seed {seed}");
                let own = &found.chromosomes[14];
                assert!(own.imprinted && own.segments.len() == 1, "{:?}", own.segments);
                let segment = &own.segments[0];
                assert_eq!((segment.origin, segment.kind), (origin, kind), "seed {seed}");
            }
        }
    }
}

#[test]
fn a_segment_is_found_where_it_lies_and_both_kinds_are_told() {
    let own = |number, position| match (number, position) {
        (11, ..20_000_000) => Planted::FatherTwice,
        (7, 50_000_000..80_000_000) => Planted::MotherTwice,
        (7, 80_000_000..) => Planted::MotherBoth,
        _ => Planted::Both,
    };
    let family = Family { planted: &own, ..Family::default() };
    let found = family.assess(Some(&[]), None);
    let expected = [("7", Inheritance::Segmental)];
    // Sites of chromosome 11 begin at 16 Mb here: 4 Mb are too short for a segment.
    assert_eq!(findings(&found), expected);
    let segment = &found.chromosomes[6].segments[0];
    assert_eq!((segment.origin, segment.kind), (Origin::Maternal, DisomyKind::Both));
    assert!((50_000_000..51_000_000).contains(&segment.start), "{}", segment.start);
    assert!(segment.end > 158_000_000, "{}", segment.end);
}

#[test]
fn a_deletion_is_never_asserted_as_disomy() {
    let own = |number, position| match (number, position) {
        (4, 60_000_000..75_000_000) => Planted::Deleted,
        _ => Planted::Both,
    };
    let family = Family { planted: &own, ..Family::default() };
    for (losses, expected) in [
        (None, Inheritance::Possible),
        (Some(&[(4, 59_990_000, 75_010_000)][..]), Inheritance::PossibleDeletion),
        (
            Some(&[(4, 60_000_000, 67_000_000), (4, 62_000_000, 73_000_000)][..]),
            Inheritance::PossibleDeletion,
        ),
        (Some(&[(5, 60_000_000, 75_000_000)][..]), Inheritance::Segmental),
    ] {
        let found = family.assess(losses, None);
        assert_eq!(findings(&found), [("4", expected)]);
    }
    let whole = |number, _| if number == 21 { Planted::Deleted } else { Planted::Both };
    let monosomy = Family { planted: &whole, ..Family::default() };
    let found = monosomy.assess(None, Some(&depth_of(21, 15)));
    assert_eq!(findings(&found), [("21", Inheritance::PossibleDeletion)]);
}

#[test]
fn calls_that_a_parent_lacks_are_no_disomy() {
    let own = |number, position| match (number, position) {
        (15, _) | (2, 100_000_000..130_000_000) => Planted::FatherUnread,
        _ => Planted::Both,
    };
    for seed in 0..6 {
        let found = Family { seed, planted: &own, ..Family::default() }.assess(Some(&[]), None);
        assert_eq!(findings(&found), [], "seed {seed}");
        let own = &found.chromosomes[14];
        assert_eq!(own.inheritance, Inheritance::NotAssessed);
        assert!(own.why.ends_with("calls of a parent look incomplete"), "{}", own.why);
    }
}

#[test]
fn one_parent_alone_never_asserts_anything() {
    let own = |number, _| if number == 15 { Planted::MotherTwice } else { Planted::Both };
    for (parents, expected) in
        [([true, false], vec![("15", Inheritance::Possible)]), ([false, true], vec![])]
    {
        let found = Family { parents, planted: &own, ..Family::default() }.assess(None, None);
        assert_eq!(findings(&found), expected, "{parents:?}");
        let origins: Vec<_> =
            found.chromosomes[14].segments.iter().map(|segment| segment.origin).collect();
        assert!(origins.iter().all(|origin| *origin == Origin::Maternal), "{origins:?}");
    }
    let alone = Family { parents: [false; 2], planted: &own, ..Family::default() };
    let found = alone.assess(None, None);
    assert_eq!(findings(&found), []);
    assert_eq!(found.chromosomes_with_runs, 1);
    let hint = found.notes.iter().any(|note| note.starts_with("Chromosome 15 holds a run"));
    assert!(hint, "{:?}", found.notes);
}

#[test]
fn a_wrong_parent_puts_the_relation_in_doubt_and_no_chromosome() {
    let own = |_, _| Planted::MotherBoth;
    let found = Family { planted: &own, ..Family::default() }.assess(None, None);
    assert_eq!(findings(&found), []);
    assert!(found.chromosomes.iter().all(|own| own.inheritance == Inheritance::NotAssessed));
    // Three chromosomes do not raise the median, but are too many.
    let three = |number, _| if number <= 3 { Planted::MotherBoth } else { Planted::Both };
    let found = Family { planted: &three, ..Family::default() }.assess(None, None);
    assert_eq!(findings(&found), []);
    assert!(found.notes[0].contains("3 chromosomes lack"), "{:?}", found.notes);
}

#[test]
fn chromosomes_are_counted_only_where_all_are_known() {
    let sex = |name: &str, x_copies, y_copies| Karyotype { name: name.into(), x_copies, y_copies };
    for (depth, sex, expected) in [
        (depth_of(21, 45), Some(sex("XY", 1, 1)), Some(47)),
        (depth_of(21, 30), Some(sex("XX", 2, 0)), Some(46)),
        (depth_of(21, 30), Some(sex("XXY", 2, 1)), Some(47)),
        (depth_of(21, 30), Some(sex("X0", 1, 0)), Some(45)),
        (depth_of(21, 37), Some(sex("XX", 2, 0)), None),
        (depth_of(21, 45), None, None),
    ] {
        let person = Person {
            member: MemberId(0),
            father: None,
            mother: None,
            counts: None,
            losses: None,
            depth: Some(&depth),
            sex: sex.as_ref(),
        };
        let found = assess(&person, &|_| None, &limits());
        assert_eq!(found.number_of_chromosomes, expected, "{sex:?}");
        let name = sex.map(|sex| sex.name.replace('0', "O"));
        assert_eq!(found.sex_chromosomes, name);
        assert!(found.chromosomes.iter().all(|own| !own.inheritance.is_finding()));
    }
}
