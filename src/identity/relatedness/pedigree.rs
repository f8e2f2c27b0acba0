//! What a pedigree says about two of its people.

use std::collections::BTreeMap;

use crate::model::identity::Relation;
use crate::model::sample::Sex;

/// One sample and whose it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Number of the sample for results, from 1.
    pub number: u16,
    /// What the person is, in words without a name: `father`, `sample 3`.
    pub label: String,
    /// Samples of one key are of one person.
    pub key: String,
    /// Family; people of different families are taken to be unrelated.
    pub family: String,
    /// Father, by index in the list of people.
    pub father: Option<usize>,
    /// Mother, by index in the list of people.
    pub mother: Option<usize>,
    /// Stated sex.
    pub sex: Sex,
    /// Group of identical twins, within the family.
    pub identical_twins: Option<String>,
    /// Sex that the sample shows; where unknown, X sites may tell.
    pub shown: Sex,
    /// The sample's depths were looked at and leave its sex open: a karyotype of neither sex, or a contradiction.
    pub sex_in_doubt: bool,
}

/// What a pedigree says about a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Expected {
    /// Relation; `None` where the pedigree leaves it open.
    pub relation: Option<Relation>,
    /// Kinship; `None` where the pedigree leaves it open.
    pub kinship: Option<f64>,
}

impl Expected {
    fn of(relation: Relation, kinship: f64) -> Self {
        Self { relation: Some(relation), kinship: Some(kinship) }
    }
}

/// Kinship coefficients of all people, computed once each.
#[derive(Debug)]
pub struct Pedigree<'a> {
    people: &'a [Person],
    /// Generation: parents have a smaller one.
    depth: Vec<usize>,
    /// For each entry the first one of the same person, through whom relatives are found.
    first: Vec<usize>,
}

impl<'a> Pedigree<'a> {
    /// The pedigree of these people.
    pub fn new(people: &'a [Person]) -> Self {
        let mut depth = vec![0_usize; people.len()];
        // A pedigree without circles settles in as many rounds as it has people.
        for _ in 0..people.len() {
            let mut is_settled = true;
            for (i, person) in people.iter().enumerate() {
                let parents = [person.father, person.mother].into_iter().flatten();
                let wanted = parents.map(|parent| depth[parent] + 1).max().unwrap_or(0);
                if depth[i] < wanted && wanted <= people.len() {
                    depth[i] = wanted;
                    is_settled = false;
                }
            }
            if is_settled {
                break;
            }
        }
        let same = |own: &Person| {
            people.iter().position(|other| (&other.key, &other.family) == (&own.key, &own.family))
        };
        let first = people.iter().enumerate().map(|(i, own)| same(own).unwrap_or(i)).collect();
        Self { people, depth, first }
    }

    /// What it says about two people. Where a parent is not in the pedigree, relations through that parent are open:
    /// siblings with one common parent may be full or half ones.
    pub fn expected(&self, a: usize, b: usize) -> Expected {
        let (one, other) = (&self.people[a], &self.people[b]);
        if one.key == other.key || self.are_twins(a, b) {
            return Expected::of(Relation::SamePerson, 0.5);
        }
        if one.family != other.family {
            return Expected::of(Relation::Unrelated, 0.0);
        }
        let (a, b) = (self.first[a], self.first[b]);
        let is_parent =
            |parent: usize, child: &Person| [child.father, child.mother].contains(&Some(parent));
        let kinship = self.kinship(a, b, &mut BTreeMap::new());
        if is_parent(a, other) || is_parent(b, one) {
            return Expected::of(Relation::ParentChild, kinship);
        }
        let shared = |x: Option<usize>, y: Option<usize>| x.is_some() && x == y;
        let (fathers, mothers) =
            (shared(one.father, other.father), shared(one.mother, other.mother));
        if fathers && mothers {
            return Expected::of(Relation::FullSiblings, kinship);
        }
        let lacks_parent = |p: &Person| p.father.is_none() || p.mother.is_none();
        if (fathers || mothers) && (lacks_parent(one) || lacks_parent(other)) {
            return Expected::default();
        }
        if kinship > 0.0 {
            // Powers of two between the degrees: 1/8 second, 1/16 third.
            return match kinship {
                k if k >= 0.177 => Expected { relation: None, kinship: Some(k) },
                k if k >= 0.0884 => Expected::of(Relation::SecondDegree, k),
                k if k >= 0.0442 => Expected::of(Relation::ThirdDegree, k),
                k => Expected { relation: None, kinship: Some(k) },
            };
        }
        let have_child = self.people.iter().any(|child| is_parent(a, child) && is_parent(b, child));
        if have_child { Expected::of(Relation::Unrelated, 0.0) } else { Expected::default() }
    }

    /// Stated to be identical twins.
    pub(super) fn are_twins(&self, a: usize, b: usize) -> bool {
        let (one, other) = (&self.people[a], &self.people[b]);
        let group = &one.identical_twins;
        group.is_some() && *group == other.identical_twins && one.family == other.family
    }

    /// The first of identical twins, who stands for all of them.
    fn genome(&self, a: usize) -> usize {
        (0..a).find(|&b| self.are_twins(a, b)).unwrap_or(a)
    }

    /// METHOD: the kinship of two people is the mean of that of the younger one's parents with the other; founders are
    /// unrelated (Lange 2002, Mathematical and Statistical Methods for Genetic Analysis, chapter 5).
    fn kinship(&self, a: usize, b: usize, known: &mut BTreeMap<(usize, usize), f64>) -> f64 {
        let (a, b) = (self.genome(a), self.genome(b));
        let pair = (a.min(b), a.max(b));
        if let Some(&kinship) = known.get(&pair) {
            return kinship;
        }
        // A person in a circle of parents would recurse for ever: this value stands meanwhile.
        known.insert(pair, 0.0);
        let (young, old) = if self.depth[a] >= self.depth[b] { (a, b) } else { (b, a) };
        let Person { father, mother, .. } = self.people[young];
        let kinship = if a == b {
            let of_parents = match (father, mother) {
                (Some(father), Some(mother)) => self.kinship(father, mother, known),
                _ => 0.0,
            };
            f64::midpoint(1.0, of_parents)
        } else {
            let parents = [father, mother].into_iter().flatten();
            parents.map(|parent| self.kinship(parent, old, known) / 2.0).sum()
        };
        known.insert(pair, kinship);
        kinship
    }
}

#[cfg(test)]
mod unit {
    use super::*;

    fn person(i: usize, father: Option<usize>, mother: Option<usize>) -> Person {
        let key = format!("P{i}");
        Person { number: i as u16 + 1, key, father, mother, ..Person::default() }
    }

    #[test]
    fn relations_of_three_generations() {
        let people = [
            person(0, None, None),
            person(1, None, None),
            person(2, Some(0), Some(1)),
            person(3, Some(0), Some(1)),
            person(4, None, None),
            person(5, Some(2), Some(4)),
            person(6, Some(3), None),
            person(7, Some(2), None),
        ];
        let pedigree = Pedigree::new(&people);
        let relation = |a, b| pedigree.expected(a, b).relation;
        assert_eq!(relation(0, 1), Some(Relation::Unrelated), "they have children");
        assert_eq!(relation(2, 3), Some(Relation::FullSiblings));
        assert_eq!(relation(5, 2), Some(Relation::ParentChild));
        assert_eq!(relation(5, 0), Some(Relation::SecondDegree));
        assert_eq!(pedigree.expected(5, 3).kinship, Some(0.125), "uncle");
        assert_eq!(relation(5, 6), Some(Relation::ThirdDegree), "cousins");
        assert_eq!(relation(5, 7), None, "full or half siblings");
        assert_eq!(relation(4, 0), None, "in-laws are left open");
    }

    #[test]
    fn a_second_sample_of_a_person_has_the_same_relatives() {
        let mut people = vec![
            person(0, None, None),
            person(1, None, None),
            person(2, Some(0), Some(1)),
            person(3, Some(0), Some(1)),
        ];
        people.push(Person { number: 5, ..people[0].clone() });
        people.push(Person { number: 6, ..people[2].clone() });
        let pedigree = Pedigree::new(&people);
        let relation = |a, b| pedigree.expected(a, b).relation;
        assert_eq!(relation(0, 4), Some(Relation::SamePerson));
        assert_eq!((relation(4, 5), relation(2, 4)), (relation(0, 2), Some(Relation::ParentChild)));
        assert_eq!(relation(5, 3), Some(Relation::FullSiblings));
        assert_eq!(relation(4, 1), Some(Relation::Unrelated), "they have children");
    }

    #[test]
    fn identical_twins_are_one_genome() {
        let mut people = [
            person(0, None, None),
            person(1, None, None),
            person(2, Some(0), Some(1)),
            person(3, Some(0), Some(1)),
            person(4, Some(3), None),
        ];
        for twin in &mut people[2..4] {
            twin.identical_twins = Some("A".into());
        }
        let pedigree = Pedigree::new(&people);
        assert_eq!(pedigree.expected(2, 3), Expected::of(Relation::SamePerson, 0.5));
        assert_eq!(pedigree.expected(4, 2).kinship, Some(0.25), "as a child of the own");
        people[3].family = "other".into();
        let expected = Pedigree::new(&people).expected(2, 3);
        assert_ne!(expected.relation, Some(Relation::SamePerson), "groups are those of a family");
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let people = [person(0, Some(1), None), person(1, Some(0), None)];
        let pedigree = Pedigree::new(&people);
        assert_eq!(pedigree.expected(0, 1).relation, Some(Relation::ParentChild));
    }
}
