//! Families and groups of samples against their pedigree.

use super::bits::GenotypeBits;
use super::mendel::{self, Trio};
use super::pedigree::{Expected, Pedigree, Person};
use super::{relation, suspicion};
use crate::model::identity::{MendelIdentity, PairCounts, PairIdentity, Relation, Suspicion};
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;

/// What was found about a group of people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupChecks {
    /// Every pair, in order of both numbers.
    pub pairs: Vec<PairIdentity>,
    /// Children with their parents.
    pub families: Vec<MendelIdentity>,
    /// Sex that each sample shows; unknown where it does not tell.
    pub sexes: Vec<Sex>,
    /// What does not fit, gravest first.
    pub suspicions: Vec<Suspicion>,
}

/// Checks people against each other, one sample each, all of the same sites. `bits[i]` is the sample of
/// `people[i]`; people behind the last sample have none and only connect others.
pub fn check(people: &[Person], bits: &[GenotypeBits], limits: &IdentityLimits) -> GroupChecks {
    let pedigree = Pedigree::new(people);
    let n = people.len().min(bits.len());
    let mut relations = vec![vec![Relation::SamePerson; n]; n];
    let mut spread = vec![vec![true; n]; n];
    let mut counted: Vec<((usize, usize), PairCounts)> = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            let counts = bits[a].pair(&bits[b]);
            let contigs = bits[a].shared_contigs(&bits[b]);
            let found = relation::classify(&counts, contigs, &limits.relation);
            (relations[a][b], relations[b][a]) = (found, found);
            let suffices = contigs >= limits.relation.min_contigs.value;
            (spread[a][b], spread[b][a]) = (suffices, suffices);
            counted.push(((a, b), counts));
        }
    }
    relation::resolve(&mut relations);
    let expected: Vec<Vec<Expected>> =
        (0..n).map(|a| (0..n).map(|b| pedigree.expected(a, b)).collect()).collect();
    let pairs = counted
        .into_iter()
        .map(|((a, b), counts)| PairIdentity {
            members: [people[a].number, people[b].number],
            counts,
            kinship: counts.kinship(),
            relation: relations[a][b],
            expected_kinship: expected[a][b].kinship,
            expected: expected[a][b].relation,
            outcome: agreement(expected[a][b].relation, relations[a][b], spread[a][b]),
        })
        .collect();
    let families = families(people, bits, limits);
    let shown = |(person, bits): (&Person, &GenotypeBits)| match person.shown {
        // Where depths contradict themselves, or are those of neither sex, calls of X do not overrule them.
        Sex::Unknown if !person.sex_in_doubt => sex_by_x(bits, limits),
        shown => shown,
    };
    let sexes: Vec<Sex> = people.iter().zip(bits).map(shown).collect();
    let group = suspicion::Group {
        people,
        expected: &expected,
        relations: &relations,
        spread: &spread,
        sexes: &sexes,
    };
    let suspicions = suspicion::all(&group, &families);
    GroupChecks { pairs, families, sexes, suspicions }
}

/// Whether a relation is the one that the pedigree says.
///
/// METHOD: ours. What would mislead the reading of inheritance fails: a parent that is none, one person twice. What a
/// pedigree may well not know warns: identical twins, half-siblings, related parents. Too few sites never fail. On few
/// autosomes (`spread` is false) relatives other than parent and child may share everything or nothing by chance.
pub(super) fn agreement(expected: Option<Relation>, found: Relation, spread: bool) -> Outcome {
    use Relation as R;
    if found == R::TooFewSites {
        return Outcome::NotAssessed;
    }
    let by_chance = matches!(expected, Some(R::FullSiblings | R::SecondDegree | R::ThirdDegree));
    if by_chance && !spread && expected != Some(found) {
        return Outcome::NotAssessed;
    }
    match (expected, found) {
        (None | Some(R::Unrelated), R::SamePerson) => Outcome::Fail,
        (None | Some(R::FirstDegree | R::TooFewSites), _) => Outcome::Reported,
        (Some(wanted), found) if wanted == found => Outcome::Pass,
        (Some(R::ParentChild | R::FullSiblings), R::FirstDegree)
        | (Some(R::ThirdDegree), R::Unrelated) => Outcome::Pass,
        (Some(R::FullSiblings), R::SamePerson | R::SecondDegree)
        | (Some(R::ParentChild), R::FullSiblings)
        | (
            Some(R::SecondDegree),
            R::FirstDegree | R::FullSiblings | R::ParentChild | R::ThirdDegree,
        )
        | (Some(R::ThirdDegree), R::SecondDegree)
        | (Some(R::Unrelated), _) => Outcome::Warn,
        _ => Outcome::Fail,
    }
}

/// Every child of whom a parent is among the samples.
fn families(
    people: &[Person],
    bits: &[GenotypeBits],
    limits: &IdentityLimits,
) -> Vec<MendelIdentity> {
    let mut families = Vec::new();
    for (person, child) in people.iter().zip(bits) {
        let of = |parent: Option<usize>| parent.and_then(|parent| bits.get(parent));
        let (father, mother) = (of(person.father), of(person.mother));
        if father.is_none() && mother.is_none() {
            continue;
        }
        let counts = mendel::count(&Trio { child, sex: person.sex, father, mother });
        let blind = [Some(child), father, mother].into_iter().flatten().any(|bits| {
            let [reference, _, alternate] = bits.autosomal();
            relation::is_blind([reference, alternate])
        });
        let enough = counts.sites >= limits.mendel.min_sites.value && !blind;
        let rate = counts.rate().filter(|_| enough);
        let sampled = |parent: &usize| *parent < bits.len();
        let number = |parent: Option<usize>| Some(people.get(parent.filter(sampled)?)?.number);
        families.push(MendelIdentity {
            child: person.number,
            father: number(person.father),
            mother: number(person.mother),
            counts,
            rate,
            outcome: match rate {
                None => Outcome::NotAssessed,
                Some(rate) if rate > limits.mendel.fail_rate.value => Outcome::Fail,
                Some(rate) if rate > limits.mendel.warn_rate.value => Outcome::Warn,
                Some(_) => Outcome::Pass,
            },
        });
    }
    families
}

/// Sex by heterozygous X genotypes for each homozygous alternate one (Pedersen et al. 2020).
///
/// METHOD: the homozygous ones have to lie apart from each other: all calls of one gene may be homozygous in a woman.
fn sex_by_x(bits: &GenotypeBits, limits: &IdentityLimits) -> Sex {
    let [_, het, hom_alt] = bits.on_x();
    if hom_alt.min(bits.x_stretches()) < limits.sex.min_hom_alts.value {
        return Sex::Unknown;
    }
    let ratio = f64::from(het) / f64::from(hom_alt);
    if ratio < limits.sex.max_male_ratio.value {
        Sex::Male
    } else if ratio > limits.sex.min_female_ratio.value {
        Sex::Female
    } else {
        Sex::Unknown
    }
}
