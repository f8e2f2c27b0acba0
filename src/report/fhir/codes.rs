//! Codes and small elements. LOINC answers are those of the answer lists that Genomics Reporting 3.0.0 binds.

use serde_json::Number;

use super::types::{
    Annotation, CodeableConcept, Coding, Component, Extension, Identifier, Meta, Quantity, Range,
    Reference,
};
use crate::model::annotation::GeneRef;
use crate::model::contig::ContigClass;

/// Where the profiles of Genomics Reporting live.
const PROFILES: &str = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/";
/// Codes of Genomics Reporting that LOINC has not.
const TBD: &str = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs";
pub(super) const LOINC: &str = "http://loinc.org";
const SO: &str = "http://www.sequenceontology.org";
const HGVS: &str = "http://varnomen.hgvs.org";
const CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/observation-category";
const DIAGNOSTIC_SECTION: &str = "http://terminology.hl7.org/CodeSystem/v2-0074";
const UCUM: &str = "http://unitsofmeasure.org";

/// A LOINC answer with its name.
pub(super) type Answer = (&'static str, &'static str);

pub(super) const PRESENT: Answer = ("LA9633-4", "Present");
pub(super) const ABSENT: Answer = ("LA9634-2", "Absent");
pub(super) const NO_CALL: Answer = ("LA18198-4", "No call");
pub(super) const INDETERMINATE: Answer = ("LA11884-6", "Indeterminate");
pub(super) const GERMLINE: Answer = ("LA6683-2", "Germline");
pub(super) const SOMATIC: Answer = ("LA6684-0", "Somatic");
pub(super) const HETEROZYGOUS: Answer = ("LA6706-1", "Heterozygous");
pub(super) const HOMOZYGOUS: Answer = ("LA6705-3", "Homozygous");
pub(super) const HEMIZYGOUS: Answer = ("LA6707-9", "Hemizygous");
pub(super) const HETEROPLASMIC: Answer = ("LA6703-8", "Heteroplasmic");
pub(super) const HOMOPLASMIC: Answer = ("LA6704-6", "Homoplasmic");
pub(super) const MATERNAL: Answer = ("LA26320-4", "Maternal");
pub(super) const PATERNAL: Answer = ("LA26321-2", "Paternal");
pub(super) const DE_NOVO: Answer = ("LA26807-0", "De novo");
pub(super) const MEASURED: Answer = ("LA26426-9", "Directly measured");
pub(super) const SEQUENCING: Answer = ("LA26398-0", "Sequencing");
pub(super) const ONE_BASED: Answer = ("LA30102-0", "1-based character counting");

/// Chromosomes 1 to 22, X and Y of answer list LL2938-0.
const CHROMOSOMES: [&str; 24] = [
    "LA21254-0",
    "LA21255-7",
    "LA21256-5",
    "LA21257-3",
    "LA21258-1",
    "LA21259-9",
    "LA21260-7",
    "LA21261-5",
    "LA21262-3",
    "LA21263-1",
    "LA21264-9",
    "LA21265-6",
    "LA21266-4",
    "LA21267-2",
    "LA21268-0",
    "LA21269-8",
    "LA21270-6",
    "LA21271-4",
    "LA21272-2",
    "LA21273-0",
    "LA21274-8",
    "LA21275-5",
    "LA21276-3",
    "LA21277-1",
];

/// The answer that stands for a chromosome; `None` for the mitochondrial genome and other contigs.
pub(super) fn chromosome(class: ContigClass) -> Option<CodeableConcept> {
    let (index, name) = match class {
        ContigClass::Autosome(n) => (usize::from(n).checked_sub(1)?, n.to_string()),
        ContigClass::X => (22, "X".into()),
        ContigClass::Y => (23, "Y".into()),
        _ => return None,
    };
    let code = CHROMOSOMES.get(index)?;
    Some(concept(Coding { display: Some(format!("Chromosome {name}")), ..coding(LOINC, code) }))
}

pub(super) fn profile(name: &str) -> Meta {
    Meta { profile: vec![url(name)] }
}

/// Address of a profile or extension of Genomics Reporting.
pub(super) fn url(name: &str) -> String {
    format!("{PROFILES}{name}")
}

pub(super) fn coding(system: &str, code: &str) -> Coding {
    Coding { system: Some(system.into()), code: Some(code.into()), display: None }
}

pub(super) fn concept(coding: Coding) -> CodeableConcept {
    CodeableConcept { coding: vec![coding], text: None }
}

pub(super) fn text(text: impl Into<String>) -> CodeableConcept {
    CodeableConcept { coding: Vec::new(), text: Some(text.into()) }
}

/// A LOINC code.
pub(super) fn loinc((code, display): Answer) -> CodeableConcept {
    concept(Coding { display: Some(display.into()), ..coding(LOINC, code) })
}

/// A code of the guide's own.
pub(super) fn own(code: &str) -> CodeableConcept {
    concept(coding(TBD, code))
}

pub(super) fn so(id: &str, name: &str) -> CodeableConcept {
    concept(Coding { display: Some(name.into()), ..coding(SO, id) })
}

pub(super) fn hgvs(name: &str) -> CodeableConcept {
    concept(Coding { display: Some(name.into()), ..coding(HGVS, name) })
}

/// A transcript or protein by its accession.
pub(super) fn accession(id: &str) -> CodeableConcept {
    let system = if id.starts_with("ENS") {
        "http://www.ensembl.org"
    } else {
        "http://www.ncbi.nlm.nih.gov/refseq"
    };
    concept(coding(system, id))
}

/// A gene by its HGNC id, else as text.
pub(super) fn gene(gene: &GeneRef) -> CodeableConcept {
    let Some(id) = &gene.hgnc else { return text(gene.shown()) };
    let display = gene.symbol.clone();
    CodeableConcept {
        coding: vec![Coding { display, ..coding("http://www.genenames.org", id) }],
        text: None,
    }
}

/// The two categories of every finding.
pub(super) fn categories() -> Vec<CodeableConcept> {
    vec![concept(coding(CATEGORY, "laboratory")), genetics()]
}

/// The three categories of a biomarker.
pub(super) fn biomarker_categories() -> Vec<CodeableConcept> {
    vec![concept(coding(CATEGORY, "laboratory")), own("biomarker-category"), genetics()]
}

pub(super) fn laboratory() -> CodeableConcept {
    concept(coding(CATEGORY, "laboratory"))
}

pub(super) fn genetics() -> CodeableConcept {
    concept(coding(DIAGNOSTIC_SECTION, "GE"))
}

/// A number that JSON can hold.
pub(super) fn number(value: f64) -> Option<Number> {
    // Whole numbers are written as such.
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// A number of the unit of UCUM, `1` for a plain one.
pub(super) fn quantity(value: f64, unit: &str, code: &str) -> Quantity {
    Quantity {
        value: number(value),
        unit: Some(unit.into()),
        system: Some(UCUM.into()),
        code: Some(code.into()),
    }
}

/// From first to last, both included.
pub(super) fn range(first: u32, last: u32) -> Range {
    let bound = |n: u32| Some(Quantity { value: Some(Number::from(n)), ..Quantity::default() });
    Range { low: bound(first), high: bound(last) }
}

/// A part of an observation whose value is a code.
pub(super) fn coded(code: CodeableConcept, value: CodeableConcept) -> Component {
    Component { code: Some(code), value_codeable_concept: Some(value), ..Component::default() }
}

/// A part of an observation whose value is a number.
pub(super) fn counted(code: CodeableConcept, value: Quantity) -> Component {
    Component { code: Some(code), value_quantity: Some(value), ..Component::default() }
}

/// A part of an observation whose value is text.
pub(super) fn told(code: CodeableConcept, value: impl Into<String>) -> Component {
    Component { code: Some(code), value_string: Some(value.into()), ..Component::default() }
}

pub(super) fn note(text: impl Into<String>) -> Annotation {
    Annotation { text: Some(text.into()), extension: Vec::new() }
}

pub(super) fn to(full_url: &str) -> Reference {
    Reference { reference: Some(full_url.into()), ..Reference::default() }
}

/// An extension of Genomics Reporting without a value yet.
pub(super) fn extension(name: &str) -> Extension {
    Extension { url: Some(url(name)), ..Extension::default() }
}

/// A part of an extension.
pub(super) fn part(name: &str) -> Extension {
    Extension { url: Some(name.into()), ..Extension::default() }
}

/// A pseudonymous identifier, as the case has it; its issuer is not known here, so that no system is named.
pub(super) fn pseudonym(value: &str) -> Identifier {
    let kind = "http://terminology.hl7.org/CodeSystem/v2-0203";
    Identifier {
        r#type: Some(concept(Coding {
            display: Some("Anonymous identifier".into()),
            ..coding(kind, "ANON")
        })),
        system: None,
        value: Some(value.into()),
        assigner: None,
    }
}
