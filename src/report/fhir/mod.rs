//! `fhir.json`: a bundle of HL7 FHIR R4 after the guide Genomics Reporting STU3 (3.0.0): report, study with its analyses,
//! variants, molecular consequences, diagnostic implications, biomarkers.
//!
//! Where the guide leaves room, the habits of the North West GMSA's draft guide are followed: the report has an identifier,
//! names the order by its identifier, names its subject by an identifier too and says in which form people read it. What only
//! the laboratory knows (NHS number, ODS code, dates, who signs) is left to the system that takes the bundle, or comes with an
//! order, by which the bundle follows that draft wholly ([`nw_gmsa`]). Everything is `preliminary`. Nothing here classifies a
//! variant.

use std::collections::BTreeSet;

use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::model::sample::Role;

use super::{
    OutputFile, Rendered, Source, Writer, chromosomes, index_member as index, limits, pretty, shown,
};

mod biomarkers;
mod builder;
mod codes;
mod implication;
mod nw_gmsa;
mod order;
mod people;
mod structural;
mod study;
#[cfg(test)]
mod tests;
mod types;
mod variant;

use builder::Builder;
use codes::{genetics, loinc, note, profile, pseudonym, to};
pub(super) use nw_gmsa::fill_task;
pub use order::FhirOrder;
use people::People;
use types::{
    Attachment, DiagnosticReport, Extension, Identifier, Observation, Reference, Resource,
};

/// Writes `fhir.json`.
#[derive(Debug)]
pub(super) struct Fhir;

const FILES: &[OutputFile] = &[OutputFile {
    name: "fhir.json",
    deterministic: true,
    doc: "HL7 FHIR R4 bundle after Genomics Reporting 3.0.0: report, study, variants, implications",
}];

impl Writer for Fhir {
    fn id(&self) -> &'static str {
        "fhir"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let form = source.fhir.map_or(Form::GenomicsReporting, Form::NwGmsa);
        let bundle = bundle_as(source.results, form)?;
        Ok(vec![Rendered { name: FILES[0].name, bytes: pretty(&bundle)? }])
    }
}

/// Status of everything: found by rule, not signed by anybody.
const STATUS: &str = "preliminary";

/// What every finding refers to.
struct Context<'a> {
    results: &'a CaseResults,
    people: People,
    /// Address of the study.
    study: String,
}

impl Context<'_> {
    /// What all findings have in common; those of somebody whose ids may not be shown have no subject of their own.
    fn observation(&self, profile_name: &str, member: u16) -> Option<Observation> {
        Some(Observation {
            meta: Some(profile(profile_name)),
            part_of: vec![to(&self.study)],
            status: Some(STATUS.into()),
            category: codes::categories(),
            subject: Some(self.people.patient(member)?.clone()),
            specimen: self.people.specimen(member).cloned(),
            ..Observation::default()
        })
    }

    /// RefSeq accession of a contig, when the case's sequence has the length of the assembly's.
    fn accession(&self, contig: &str) -> Option<&'static str> {
        self.results.accession(contig)
    }
}

/// Which guide is followed.
#[derive(Clone, Copy, Debug)]
enum Form<'a> {
    /// Genomics Reporting alone.
    GenomicsReporting,
    /// The North West GMSA's draft on top of it, of an order.
    NwGmsa(&'a FhirOrder),
}

impl Form<'_> {
    /// What sets its ids apart.
    fn mark(self) -> &'static str {
        match self {
            Self::GenomicsReporting => "",
            Self::NwGmsa(_) => "/nw-gmsa",
        }
    }
}

#[cfg(test)]
fn bundle(results: &CaseResults) -> Result<Resource, Problem> {
    bundle_as(results, Form::GenomicsReporting)
}

fn bundle_as(results: &CaseResults, form: Form<'_>) -> Result<Resource, Problem> {
    let mut builder = Builder::new(&results.case.id, form.mark());
    let people = people::add(&mut builder, results)?;
    let study = study::add(&mut builder, results, &people)?;
    let context = Context { results, people, study };
    let mut findings = Vec::new();
    variant::add(&mut builder, &context, &mut findings)?;
    variant::add_germline(&mut builder, &context, &mut findings)?;
    variant::add_secondary(&mut builder, &context, &mut findings)?;
    biomarkers::add(&mut builder, &context, &mut findings)?;
    // One that follows from several variants alike was added once.
    let mut known = BTreeSet::new();
    findings.retain(|one| known.insert(one.reference.clone()));
    builder.add(Resource::DiagnosticReport(Box::new(report(&context, findings, form))))?;
    let mut bundle = builder.finish();
    if let Form::NwGmsa(order) = form {
        let person = index(results).and_then(|one| context.people.patient(one.number));
        nw_gmsa::apply(&mut bundle, (results, person), order)?;
    }
    Ok(Resource::Bundle(bundle))
}

fn report(context: &Context<'_>, findings: Vec<Reference>, form: Form<'_>) -> DiagnosticReport {
    let results = context.results;
    let order = pseudonym(&results.case.id);
    let member = index(results);
    let specimens = results
        .case
        .members
        .iter()
        .filter(|one| matches!(one.role, Role::Proband | Role::Tumour | Role::Normal));
    let gaps = limits::not_assessed(results).into_iter();
    let notes = gaps.map(|gap| Extension {
        value_annotation: Some(note(format!("Not assessed: {gap}"))),
        ..codes::extension("genomic-report-note")
    });
    let study = Extension {
        value_reference: Some(to(&context.study)),
        ..codes::extension("genomic-study-reference")
    };
    DiagnosticReport {
        meta: Some(profile("genomic-report")),
        extension: std::iter::once(study).chain(notes).collect(),
        identifier: vec![Identifier {
            value: Some(results.case.id.clone()),
            ..Identifier::default()
        }],
        based_on: vec![Reference {
            r#type: Some("ServiceRequest".into()),
            identifier: Some(order),
            ..Reference::default()
        }],
        status: Some(STATUS.into()),
        category: vec![genetics()],
        code: Some(loinc(("51969-4", "Genetic analysis report"))),
        subject: member.and_then(|one| context.people.patient(one.number)).cloned(),
        specimen: specimens
            .filter_map(|one| context.people.specimen(one.number))
            .cloned()
            .collect(),
        result: findings,
        conclusion: Some(conclusion(results, form)),
        presented_form: vec![Attachment {
            content_type: Some("text/html".into()),
            language: Some("en-GB".into()),
            title: Some("report.html".into()),
            ..Attachment::default()
        }],
        ..DiagnosticReport::default()
    }
}

/// What was found, in one sentence; what was not assessed stands in the notes.
fn conclusion(results: &CaseResults, form: Form<'_>) -> String {
    // The draft's report is of one person's record alone.
    let person = index(results).map(|one| one.number);
    let told = |member: u16| matches!(form, Form::GenomicsReporting) || person == Some(member);
    let found = if stopped(results) {
        "Identity checks failed: nothing was assessed.".to_owned()
    } else {
        let numbers = [
            (results.candidates.len(), "small variants"),
            (results.structural.len(), "copy-number or structural variants"),
            (results.repeats.len(), "short tandem repeats"),
            (shown::pertinent(results).len(), "germline findings in the normal sample"),
        ];
        let counts: Vec<String> = numbers
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, what)| format!("{what}: {n}"))
            .collect();
        if counts.is_empty() {
            "Nothing met the rules in what was assessed.".to_owned()
        } else {
            format!("Reported by rule: {}.", counts.join("; "))
        }
    };
    let beside = shown::additional(results).filter(|finding| told(finding.member)).count();
    let beside = match beside {
        0 => String::new(),
        n => format!(" Findings beside the question: {n}."),
    };
    let whole = shown::chromosomes(results).filter(|own| told(own.member));
    let whole: String = whole
        .flat_map(|own| chromosomes::findings(own).into_iter().map(|found| (own.member, found)))
        .map(|(member, found)| {
            // The report speaks of the person of the case where it names nobody.
            if person == Some(member) {
                format!(" {found}")
            } else {
                format!(" Member {member}: {found}")
            }
        })
        .collect();
    let policy = &results.policy;
    format!(
        "{found}{whole}{beside} Policy {} {}; {} {}. Decision support: no variant is classified here, and what was not assessed is \
         listed in the notes.",
        policy.id, policy.version, results.tool.name, results.tool.version
    )
}

/// True when identity checks stopped the case before anything was tiered.
fn stopped(results: &CaseResults) -> bool {
    results.identity.as_ref().is_some_and(|identity| identity.stopped)
}
