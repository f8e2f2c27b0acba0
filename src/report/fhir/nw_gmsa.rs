//! The bundle after the draft guide of the North West Genomic Medicine Service Alliance (fhir.nwgenomics.nhs.uk 0.0.7, of
//! September 2025): what it demands of report, patient, variants and implications beside Genomics Reporting, filled from the
//! order. The draft builds on UK Core, whose profiles are not checked here.

use serde_json::{Value, json};

use super::codes::{coding, concept};
use super::order::FhirOrder;
use super::people::allowed;
use super::types::{
    Attachment, Bundle, DiagnosticReport, Extension, HumanName, Identifier, Meta, Observation,
    Patient, Reference, Resource,
};
use super::{codes, index};
use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::report::{chromosomes, shown};

const PROFILES: &str = "https://fhir.nwgenomics.nhs.uk/StructureDefinition/";
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
const ODS_CODE: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const TEST_DIRECTORY: &str = "https://fhir.nhs.uk/CodeSystem/England-GenomicTestDirectory";
/// Types of identifiers: NH of the NHS number, RI of a report, FILL and PLAC of orders.
const IDENTIFIERS: &str = "http://terminology.hl7.org/CodeSystem/v2-0203";

/// Profiles of Genomics Reporting with those of the draft that are made of them.
const OBSERVATIONS: [(&str, &str); 2] = [
    ("variant", "Observation-Variant"),
    ("diagnostic-implication", "Observation-DiagnosticImplication"),
];

/// Makes a bundle of Genomics Reporting one of the draft.
///
/// # Errors
///
/// When the person of the case did not consent: then nobody is named.
pub(super) fn apply(
    bundle: &mut Bundle,
    (results, person): (&CaseResults, Option<&Reference>),
    order: &FhirOrder,
) -> Result<(), Problem> {
    let address = person
        .filter(|_| index(results).is_some_and(|one| one.id.is_some() && allowed(results, one)))
        .and_then(|person| person.reference.clone());
    let Some(address) = address else {
        let message =
            "the person of the case did not consent to the analysis: no report names anybody";
        return Err(Problem::bad_data(message).help("leave out the profile nw-gmsa"));
    };
    // Those of whole chromosomes are sentences of the conclusion, which leaves them out.
    let person = index(results).map(|one| one.number);
    let others = shown::chromosomes(results).filter(|own| Some(own.member) != person);
    let of_chromosomes: usize = others.map(|own| chromosomes::findings(own).len()).sum();
    let left_out = leave_out_others(bundle, &address) + of_chromosomes;
    let mut number = 0;
    for entry in &mut bundle.entry {
        let at_person = entry.full_url.as_ref() == Some(&address);
        match &mut entry.resource {
            Some(Resource::Patient(patient)) if at_person => name(patient, order),
            Some(Resource::Observation(one)) => {
                number += 1;
                observation(one, (&address, number), order);
            }
            Some(Resource::DiagnosticReport(one)) => report(one, (&address, left_out), order),
            Some(Resource::Procedure(one)) => of_person(one.subject.as_mut(), &address, order),
            Some(Resource::DocumentReference(one)) => {
                of_person(one.subject.as_mut(), &address, order);
            }
            _ => {}
        }
    }
    Ok(())
}

/// Takes the findings of relatives out of the report of the person: they are not that person's record. Returns their number.
fn leave_out_others(bundle: &mut Bundle, address: &str) -> usize {
    let is_others = |resource: &Resource| match resource {
        Resource::Observation(one) => {
            one.subject.as_ref().is_some_and(|who| who.reference.as_deref() != Some(address))
        }
        _ => false,
    };
    let taken: Vec<String> = bundle
        .entry
        .iter()
        .filter(|entry| entry.resource.as_ref().is_some_and(is_others))
        .filter_map(|entry| entry.full_url.clone())
        .collect();
    let is_taken = |url: &Option<String>| url.as_ref().is_some_and(|url| taken.contains(url));
    bundle.entry.retain(|entry| !is_taken(&entry.full_url));
    for entry in &mut bundle.entry {
        if let Some(Resource::DiagnosticReport(report)) = &mut entry.resource {
            report.result.retain(|one| !is_taken(&one.reference));
        }
    }
    taken.len()
}

fn of_person(subject: Option<&mut Reference>, address: &str, order: &FhirOrder) {
    let own = subject.filter(|who| who.reference.as_deref() == Some(address));
    if let Some(subject) = own {
        subject.identifier = Some(nhs_number(order));
    }
}

fn profiled(meta: &mut Option<Meta>, name: &str) {
    meta.get_or_insert_default().profile.push(format!("{PROFILES}{name}"));
}

fn nhs_number(order: &FhirOrder) -> Identifier {
    Identifier {
        r#type: Some(concept(coding(IDENTIFIERS, "NH"))),
        system: Some(NHS_NUMBER.into()),
        value: Some(order.text("patient.nhs_number")),
        assigner: None,
    }
}

fn organisation(code: &str) -> Identifier {
    Identifier { system: Some(ODS_CODE.into()), value: Some(code.into()), ..Identifier::default() }
}

/// A number with the address and the organisation that it is of.
fn correlation(kind: &str, (system, value): (String, String), assigner: &str) -> Identifier {
    let assigner = Reference { identifier: Some(organisation(assigner)), ..Reference::default() };
    Identifier {
        r#type: Some(concept(coding(IDENTIFIERS, kind))),
        system: Some(system),
        value: Some(value),
        assigner: Some(Box::new(assigner)),
    }
}

/// Adds what the draft demands of a Task (its Task.fsh): code, patient, requester, owner and the order that it fulfils. Requester
/// is the hospital where the order names it, else the laboratory itself.
pub(in crate::report) fn fill_task(task: &mut Value, order: &FhirOrder) {
    let laboratory = order.text("laboratory.ods_code");
    let placer = placer(order);
    let requester = order.get("order.placer_ods_code").unwrap_or(&laboratory);
    let organisation =
        |code: &str| json!({ "type": "Organization", "identifier": organisation(code) });
    for (key, value) in [
        ("meta", json!({ "profile": [format!("{PROFILES}Task")] })),
        (
            "code",
            json!({ "coding": [coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill")] }),
        ),
        ("for", json!({ "type": "Patient", "identifier": nhs_number(order) })),
        ("requester", organisation(requester)),
        ("owner", organisation(&laboratory)),
        (
            "focus",
            json!({ "type": "ServiceRequest", "identifier": placer.unwrap_or_else(|| filler(order)) }),
        ),
    ] {
        task[key] = value;
    }
}

fn filler(order: &FhirOrder) -> Identifier {
    let numbered = (order.text("order.system"), order.text("order.number"));
    correlation("FILL", numbered, &order.text("laboratory.ods_code"))
}

fn placer(order: &FhirOrder) -> Option<Identifier> {
    let hospital = order.get("order.placer_ods_code")?;
    let numbered = (order.text("order.placer_system"), order.text("order.placer_number"));
    Some(correlation("PLAC", numbered, hospital))
}

fn name(patient: &mut Patient, order: &FhirOrder) {
    profiled(&mut patient.meta, "Patient");
    patient.identifier.insert(0, nhs_number(order));
    patient.name = vec![HumanName {
        family: Some(order.text("patient.family")),
        given: vec![order.text("patient.given")],
    }];
    patient.birth_date = Some(order.text("patient.birth_date"));
}

fn observation(one: &mut Observation, (address, number): (&str, usize), order: &FhirOrder) {
    of_person(one.subject.as_mut(), address, order);
    one.identifier = vec![Identifier {
        system: Some(order.text("report.system")),
        value: Some(format!("{}.{number}", order.text("report.number"))),
        ..Identifier::default()
    }];
    for (base, own) in OBSERVATIONS {
        let is_base = |meta: &Meta| meta.profile.contains(&codes::url(base));
        if one.meta.as_ref().is_some_and(is_base) {
            profiled(&mut one.meta, own);
        }
    }
}

fn report(one: &mut DiagnosticReport, (address, left_out): (&str, usize), order: &FhirOrder) {
    profiled(&mut one.meta, "DiagnosticReport");
    of_person(one.subject.as_mut(), address, order);
    let laboratory = order.text("laboratory.ods_code");
    let numbered = (order.text("report.system"), order.text("report.number"));
    one.identifier = vec![correlation("RI", numbered, &laboratory), filler(order)];
    let request = |identifier| Reference {
        r#type: Some("ServiceRequest".into()),
        identifier: Some(identifier),
        ..Reference::default()
    };
    one.based_on = std::iter::once(filler(order)).chain(placer(order)).map(request).collect();
    let test = coding(TEST_DIRECTORY, &order.text("order.test"));
    one.code.get_or_insert_default().coding.push(test);
    one.performer = vec![Reference {
        r#type: Some("Organization".into()),
        identifier: Some(organisation(&laboratory)),
        display: order.get("laboratory.name").map(str::to_owned),
        ..Reference::default()
    }];
    // The draft's list of kinds of documents has no page of HTML.
    one.presented_form = vec![Attachment {
        content_type: Some("application/pdf".into()),
        language: Some("en-GB".into()),
        url: Some(order.text("report.document")),
        title: Some("Genomic report".into()),
        ..Attachment::default()
    }];
    if left_out > 0 {
        let told = format!(
            "Not in this report: {left_out} findings of relatives, which are of their own records"
        );
        one.extension.push(Extension {
            value_annotation: Some(codes::note(told)),
            ..codes::extension("genomic-report-note")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::ORDER;
    use super::super::{Form, bundle_as};
    use super::*;
    use crate::model::results::AnalysisDecision;
    use crate::model::results::chromosomes::{ChromosomeResults, MemberChromosomes};
    use crate::model::sample::ConsentAnswer;
    use crate::report::finding_tests::trio_of_all_kinds;
    use crate::report::fixture;

    fn written(results: &CaseResults) -> Result<Value, Problem> {
        let order = FhirOrder::parse(ORDER).unwrap();
        Ok(serde_json::to_value(bundle_as(results, Form::NwGmsa(&order))?).unwrap())
    }

    #[test]
    fn the_report_has_what_the_draft_demands() {
        let bundle = written(&fixture::trio()).unwrap();
        let report = &bundle["entry"][0]["resource"];
        assert!(report["meta"]["profile"][1].as_str().unwrap().ends_with("/DiagnosticReport"));
        assert_eq!(report["subject"]["identifier"]["value"], "9449305552");
        assert_eq!(report["performer"][0]["identifier"]["value"], "699X0");
        assert_eq!(report["code"]["coding"][1]["code"], "R27.3");
        assert_eq!(report["identifier"][0]["assigner"]["identifier"]["value"], "699X0");
        assert_eq!(report["basedOn"][0]["identifier"]["type"]["coding"][0]["code"], "FILL");
        assert_eq!(report["basedOn"][1]["identifier"]["assigner"]["identifier"]["value"], "R0A");
        assert_eq!(report["presentedForm"][0]["contentType"], "application/pdf");
        // One patient is named, and the pseudonym stands for that person nowhere but there.
        let text = bundle.to_string();
        assert_eq!(text.matches("CHISLETT").count(), 1);
        assert_eq!(text.matches("\"P-trio-child\"").count(), 1, "{text}");
    }

    #[test]
    fn findings_of_relatives_are_left_to_their_own_records() {
        let mut results = trio_of_all_kinds();
        results.additional.as_mut().unwrap().findings[0].member = 2;
        results.consent[1].secondary = true;
        assert!(
            serde_json::to_string(&super::super::bundle(&results).unwrap())
                .unwrap()
                .contains("LDLR")
        );
        let text = written(&results).unwrap().to_string();
        assert!(!text.contains("LDLR") && text.contains("1 findings of relatives"), "{text}");
    }

    #[test]
    fn whole_chromosomes_of_relatives_are_told_as_theirs_or_not_at_all() {
        let mut results = fixture::trio();
        let of = |member, name: &str| MemberChromosomes {
            member,
            sex_chromosomes: Some(name.into()),
            ..MemberChromosomes::default()
        };
        let members = vec![of(1, "XXY"), of(2, "XXX")];
        results.chromosomes = Some(ChromosomeResults { members, ..ChromosomeResults::default() });
        let all = serde_json::to_string(&super::super::bundle(&results).unwrap()).unwrap();
        assert!(all.contains(". Sex chromosomes: XXY by depth."), "{all}");
        assert!(all.contains(" Member 2: Sex chromosomes: XXX by depth."), "{all}");
        let own = written(&results).unwrap().to_string();
        assert!(own.contains("XXY by depth") && !own.contains("XXX by depth"), "{own}");
        assert!(own.contains("1 findings of relatives"), "{own}");
    }

    #[test]
    fn who_did_not_consent_is_not_named() {
        let results =
            fixture::trio_with(|family| family.members[0].consent.primary = ConsentAnswer::No);
        assert!(written(&results).unwrap_err().to_string().contains("did not consent"));
        // Results that were edited: ids alone are no consent.
        let mut results = fixture::trio();
        for record in &mut results.consent {
            record.analysis = AnalysisDecision::Refused;
        }
        assert!(written(&results).unwrap_err().to_string().contains("did not consent"));
    }
}
