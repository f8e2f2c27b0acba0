//! Which samples are checked together, and as whom.

use std::collections::BTreeMap;

use super::Sample;
use crate::case::ped::PedRow;
use crate::identity::relatedness::pedigree::Person;
use crate::model::karyotype::SexCheck;
use crate::model::problem::Problem;
use crate::model::sample::Sex;

/// Without a pedigree groups up to this size are checked as one family of strangers.
const GROUP_OF: usize = 60;

/// Samples that are checked together, with their people: `people[i]` has sample `samples[i]`, those behind have none.
pub(super) struct Group {
    pub(super) samples: Vec<usize>,
    pub(super) people: Vec<Person>,
}

/// What a pedigree leaves open: samples that it does not name, individuals without a sample.
///
/// # Errors
///
/// When it names none of the samples: it is one of other people.
pub(super) fn outside(samples: &[Sample], pedigree: &[PedRow]) -> Result<Vec<String>, Problem> {
    if pedigree.is_empty() {
        return Ok(Vec::new());
    }
    let is_named = |sample: &Sample| pedigree.iter().any(|row| row.id == sample.name);
    let without: Vec<String> = (1..)
        .zip(samples)
        .filter(|(_, sample)| !is_named(sample))
        .map(|(number, _): (usize, _)| number.to_string())
        .collect();
    if without.len() == samples.len() {
        let problem = Problem::bad_data("the pedigree names none of the samples");
        return Err(problem.help("its individuals are found by the names of the samples"));
    }
    let mut notes = Vec::new();
    if !without.is_empty() {
        let (count, list) = (without.len(), without.join(", "));
        notes.push(format!(
            "{count} of {} samples are not in the pedigree and have no expected relation: {list}",
            samples.len()
        ));
    }
    let has_sample = |row: &&PedRow| samples.iter().any(|sample| sample.name == row.id);
    let absent = pedigree.iter().filter(|row| !has_sample(row)).count();
    if absent > 0 {
        notes.push(format!("{absent} individuals of the pedigree have no sample here"));
    }
    let mut families: BTreeMap<&str, &str> = BTreeMap::new();
    for row in pedigree.iter().filter(has_sample) {
        if families.insert(&row.id, &row.family).is_some() {
            let message = "one name stands in two families of the pedigree, and a sample bears it";
            return Err(Problem::bad_data(message).help("give the individuals names of their own"));
        }
    }
    Ok(notes)
}

/// The families of the pedigree; without one, all samples of a small group together. Two samples of one name that belong to
/// no such group are a group of their own.
pub(super) fn of(samples: &[Sample], pedigree: &[PedRow]) -> Vec<Group> {
    let mut by_name: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, sample) in samples.iter().enumerate() {
        by_name.entry(&sample.name).or_default().push(i);
    }
    let person = |&i: &usize| Person { key: samples[i].name.clone(), ..bare(i, &samples[i]) };
    let strangers =
        |samples: Vec<usize>| Group { people: samples.iter().map(person).collect(), samples };
    let mut groups = if pedigree.is_empty() && samples.len() <= GROUP_OF {
        vec![strangers((0..samples.len()).collect())]
    } else {
        families(samples, pedigree, &by_name)
    };
    let mut is_grouped = vec![false; samples.len()];
    groups.iter().flat_map(|group| &group.samples).for_each(|&i| is_grouped[i] = true);
    let twice = by_name.into_values().filter(|own| own.len() > 1 && !is_grouped[own[0]]);
    groups.extend(twice.map(strangers));
    groups
}

fn bare(i: usize, sample: &Sample) -> Person {
    Person {
        number: i as u16 + 1,
        label: format!("sample {}", i + 1),
        shown: sample.shown(),
        sex_in_doubt: sample.chromosomes.as_ref().is_some_and(SexCheck::is_in_doubt),
        ..Person::default()
    }
}

fn families(
    samples: &[Sample],
    pedigree: &[PedRow],
    by_name: &BTreeMap<&str, Vec<usize>>,
) -> Vec<Group> {
    let mut families: BTreeMap<&str, Vec<&PedRow>> = BTreeMap::new();
    for row in pedigree {
        families.entry(&row.family).or_default().push(row);
    }
    let own = |row: &PedRow| by_name.get(row.id.as_str()).map_or(&[][..], Vec::as_slice);
    let group = |rows: Vec<&PedRow>| {
        // One entry a sample, then the individuals without one.
        let with = rows.iter().flat_map(|row| own(row).iter().map(move |&i| (*row, Some(i))));
        let others = rows.iter().filter(|row| own(row).is_empty()).map(|row| (*row, None));
        let entries: Vec<(&PedRow, Option<usize>)> = with.chain(others).collect();
        let places: BTreeMap<&str, usize> = entries
            .iter()
            .enumerate()
            .rev()
            .map(|(place, (row, _))| (row.id.as_str(), place))
            .collect();
        let place = |id: &Option<String>| places.get(id.as_deref()?).copied();
        let person = |&(row, sample): &(&PedRow, Option<usize>)| Person {
            key: row.id.clone(),
            family: row.family.clone(),
            father: place(&row.father),
            mother: place(&row.mother),
            sex: row.sex,
            identical_twins: row.identical_twins.clone(),
            ..sample.map_or_else(Person::default, |i| bare(i, &samples[i]))
        };
        Group {
            people: entries.iter().map(person).collect(),
            samples: entries.iter().filter_map(|(_, sample)| *sample).collect(),
        }
    };
    let groups = families.into_values().map(group);
    groups.filter(|group| !group.samples.is_empty()).collect()
}

/// The stated sex of a sample.
pub(super) fn stated(sample: &str, pedigree: &[PedRow]) -> Sex {
    pedigree.iter().find(|row| row.id == sample).map_or(Sex::Unknown, |row| row.sex)
}
