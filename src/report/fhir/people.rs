//! Patients and specimens of the members whose ids the results hold; nothing of the others.

use std::collections::BTreeMap;

use super::builder::Builder;
use super::codes::{pseudonym, text, to};
use super::types::{Patient, Reference, Resource, Specimen};
use crate::model::problem::Problem;
use crate::model::results::{AnalysisDecision, CaseResults, MemberSummary};
use crate::model::sample::{Role, Sex};

/// Addresses of patients and specimens by the number of the member.
#[derive(Debug, Default)]
pub(super) struct People {
    patients: BTreeMap<u16, Reference>,
    specimens: BTreeMap<u16, Reference>,
}

impl People {
    /// The person, with the identifier beside the address.
    pub(super) fn patient(&self, member: u16) -> Option<&Reference> {
        self.patients.get(&member)
    }

    /// What was sequenced.
    pub(super) fn specimen(&self, member: u16) -> Option<&Reference> {
        self.specimens.get(&member)
    }

    /// All who are there.
    pub(super) fn all(&self) -> impl Iterator<Item = (u16, &Reference)> {
        self.patients.iter().map(|(number, patient)| (*number, patient))
    }
}

/// True when the member consented to be analysed; no record is no consent.
pub(super) fn allowed(results: &CaseResults, member: &MemberSummary) -> bool {
    let mut records = results.consent.iter();
    records.any(|own| own.member == member.number && own.analysis == AnalysisDecision::Allowed)
}

/// Adds the people. Tumour and normal are of one person, the tumour's.
pub(super) fn add(builder: &mut Builder, results: &CaseResults) -> Result<People, Problem> {
    let mut people = People::default();
    let mut tumour: Option<Reference> = None;
    let members = results.case.members.iter().filter(|member| allowed(results, member));
    let mut members: Vec<&MemberSummary> = members.collect();
    // A case may name the normal sample before its tumour.
    members.sort_by_key(|member| member.role == Role::Normal);
    for member in members {
        let Some(id) = &member.id else { continue };
        let of_tumour = tumour.clone().filter(|_| member.role == Role::Normal);
        let patient = if let Some(person) = of_tumour {
            person
        } else {
            let patient = Patient {
                identifier: vec![pseudonym(id)],
                gender: Some(gender(member.sex).into()),
                ..Patient::default()
            };
            let mut reference = to(&builder.add(Resource::Patient(patient))?);
            reference.identifier = Some(pseudonym(id));
            reference
        };
        if member.role == Role::Tumour {
            tumour = Some(patient.clone());
        }
        if let Some(sample) = &member.sample {
            let specimen = Specimen {
                identifier: vec![pseudonym(sample)],
                r#type: Some(text(kind(member.role))),
                subject: Some(to(patient.reference.as_deref().unwrap_or_default())),
                ..Specimen::default()
            };
            let specimen = to(&builder.add(Resource::Specimen(specimen))?);
            people.specimens.insert(member.number, specimen);
        }
        people.patients.insert(member.number, patient);
    }
    if people.patients.is_empty() {
        nobody(builder, results, &mut people)?;
    }
    Ok(people)
}

/// Where nobody's ids may be shown, the report still needs somebody to speak of.
fn nobody(
    builder: &mut Builder,
    results: &CaseResults,
    people: &mut People,
) -> Result<(), Problem> {
    let Some(member) = super::index(results) else { return Ok(()) };
    let patient = Patient { gender: Some(gender(member.sex).into()), ..Patient::default() };
    let reference = to(&builder.add(Resource::Patient(patient))?);
    people.patients.insert(member.number, reference);
    Ok(())
}

fn gender(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "female",
        Sex::Male => "male",
        Sex::Unknown => "unknown",
    }
}

fn kind(role: Role) -> &'static str {
    match role {
        Role::Tumour => "tumour sample",
        Role::Normal => "normal sample",
        _ => "germline sample",
    }
}
