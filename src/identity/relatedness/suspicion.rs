//! What does not fit, in words. People are named by what they are, never by the name of a sample.

use super::family::agreement;
use super::pedigree::{Expected, Person};
use crate::model::identity::{MendelIdentity, Relation, Suspicion};
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;

/// Larger families are not searched for exchanged files: every exchange is tried on every pair.
const MOST: usize = 40;

/// A group of people, what is expected and what was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Group<'a> {
    pub(super) people: &'a [Person],
    pub(super) expected: &'a [Vec<Expected>],
    pub(super) relations: &'a [Vec<Relation>],
    /// Whether two samples have genotypes on enough autosomes.
    pub(super) spread: &'a [Vec<bool>],
    pub(super) sexes: &'a [Sex],
}

/// Every sentence, gravest first.
pub(super) fn all(group: &Group<'_>, families: &[MendelIdentity]) -> Vec<Suspicion> {
    let mut found = swaps(group);
    found.extend(pairs(group));
    found.extend(sexes(group));
    found.extend(families.iter().filter_map(|family| mendel(group, family)));
    found.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.outcome));
    found
}

impl Group<'_> {
    /// How many things fail when person `i` has the sample of person `order[i]`.
    fn failures(&self, order: &[usize]) -> usize {
        let n = self.relations.len();
        let mut count = (0..n).filter(|&i| self.is_other_sex(i, order[i])).count();
        for a in 0..n {
            for b in a + 1..n {
                let (one, other) = (order[a], order[b]);
                let (found, spread) = (self.relations[one][other], self.spread[one][other]);
                let outcome = agreement(self.expected[a][b].relation, found, spread);
                count += usize::from(outcome == Outcome::Fail);
            }
        }
        count
    }

    /// Whether the person's stated sex differs from the one that a sample shows.
    fn is_other_sex(&self, person: usize, sample: usize) -> bool {
        match (self.people[person].sex, self.sexes.get(sample)) {
            (Sex::Unknown, _) | (_, None | Some(Sex::Unknown)) => false,
            (stated, Some(shown)) => stated != *shown,
        }
    }

    fn suspicion(&self, outcome: Outcome, of: &[usize], text: String) -> Suspicion {
        let members = of.iter().map(|&i| self.people[i].number).collect();
        Suspicion { outcome, members, text }
    }
}

/// Exchanges of two files that would make everything fit.
///
/// METHOD: ours. Every exchange of two samples of one family is tried; named are those after which nothing fails any
/// more. Father and mother are told apart by the sex that their X sites show.
fn swaps(group: &Group<'_>) -> Vec<Suspicion> {
    let n = group.relations.len();
    let mut order: Vec<usize> = (0..n).collect();
    if n > MOST || group.failures(&order) == 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            let is_one_person = group.people[a].key == group.people[b].key;
            if is_one_person || group.relations[a][b] == Relation::SamePerson {
                continue;
            }
            order.swap(a, b);
            if group.failures(&order) == 0 {
                let (one, other) = (&group.people[a].label, &group.people[b].label);
                let text = format!("the files of {one} and {other} look swapped");
                found.push(group.suspicion(Outcome::Fail, &[a, b], text));
            }
            order.swap(a, b);
        }
    }
    found
}

fn pairs(group: &Group<'_>) -> Vec<Suspicion> {
    let n = group.relations.len();
    let mut found = Vec::new();
    for a in 0..n {
        for b in a + 1..n {
            let (expected, relation) = (group.expected[a][b].relation, group.relations[a][b]);
            let outcome = agreement(expected, relation, group.spread[a][b]);
            if matches!(outcome, Outcome::Warn | Outcome::Fail) {
                let text = sentence(group, (a, b), expected, relation);
                found.push(group.suspicion(outcome, &[a, b], text));
            }
        }
    }
    found
}

fn sentence(
    group: &Group<'_>,
    (a, b): (usize, usize),
    expected: Option<Relation>,
    found: Relation,
) -> String {
    let (one, other) = (&group.people[a], &group.people[b]);
    let both = format!("{} and {}", one.label, other.label);
    match (expected, found) {
        (Some(Relation::ParentChild), _) => {
            // By key: the parent may have two samples.
            let is = |own: Option<usize>, parent: usize| {
                own.is_some_and(|own| group.people[own].key == group.people[parent].key)
            };
            let is_child = |person: &Person, parent: usize| {
                is(person.father, parent) || is(person.mother, parent)
            };
            let (child, parent) = if is_child(one, b) { (one, b) } else { (other, a) };
            let role = if is(child.father, parent) { "father" } else { "mother" };
            let label = &group.people[parent].label;
            let its =
                if label == role { format!("its {role}") } else { format!("its {role}, {label}") };
            match found {
                Relation::Unrelated => format!("{} is unrelated to {its}", child.label),
                Relation::SamePerson => {
                    format!("{} and {its} are {}", child.label, found.words())
                }
                _ => format!("{} and {its} look like {}", child.label, found.words()),
            }
        }
        (Some(Relation::FullSiblings), Relation::SamePerson) => {
            format!("{both} are identical twins, or one sample was taken twice")
        }
        (Some(Relation::SamePerson), _) if one.key != other.key => {
            format!("{both} are stated to be identical twins and look like {}", found.words())
        }
        (Some(Relation::SamePerson), _) => {
            format!("{both} should be one person and are {}", found.words())
        }
        (_, Relation::SamePerson) => format!("{both} are {}", found.words()),
        (Some(wanted), _) => {
            format!("{both} look like {}; the pedigree says {}", found.words(), wanted.words())
        }
        (None, _) => format!("{both} look like {}", found.words()),
    }
}

fn sexes(group: &Group<'_>) -> Vec<Suspicion> {
    let n = group.relations.len();
    (0..n)
        .filter(|&i| group.is_other_sex(i, i))
        .map(|i| {
            let shown = if group.sexes[i] == Sex::Male { "male" } else { "female" };
            let text = format!("the sample of {} looks {shown}", group.people[i].label);
            group.suspicion(Outcome::Fail, &[i], text)
        })
        .collect()
}

fn mendel(group: &Group<'_>, family: &MendelIdentity) -> Option<Suspicion> {
    let rate = family.rate.filter(|_| matches!(family.outcome, Outcome::Warn | Outcome::Fail))?;
    let of = |number: u16| group.people.iter().position(|person| person.number == number);
    let numbers = [Some(family.child), family.father, family.mother];
    let members: Vec<usize> = numbers.into_iter().flatten().filter_map(of).collect();
    let labels: Vec<&str> = members.iter().map(|&i| &*group.people[i].label).collect();
    let (child, parents) = labels.split_first()?;
    let percent = 100.0 * rate;
    let parents = parents.join(" and ");
    let text = format!("{percent:.1} % of the sites of {child} cannot come from {parents}");
    Some(group.suspicion(family.outcome, &members, text))
}
