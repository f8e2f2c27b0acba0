//! Genomics England's models of a case (GelReportModels builds 7.0 to 7.8: reports 6.0.0 to 6.2.0, participant 1.1 to
//! 1.3), one file a record: interpretation requests, referrals, and the pedigrees and cancer participants within. All keys
//! of all these versions pass; nullable fields may be absent or null.

use std::path::PathBuf;

use serde_json::Value;

use super::consent::Answers;
use super::json::{Node, Reader};
use super::{PanelOrder, PenetranceRequest};
use crate::model::sample::{Consent, ConsentAnswer, ConsentSource, Sex};

mod cancer;
mod files;
mod pedigree;
pub mod referral;
pub mod request;

/// Finds the file of a URI; `None` when it is nowhere on this machine.
pub type Locate<'a> = &'a dyn Fn(&str) -> Option<PathBuf>;

/// How a referral is read.
#[derive(Clone, Copy)]
pub struct Choice<'a> {
    /// Finds files.
    pub locate: Locate<'a>,
    /// Id or code of the one test wanted of a referral with several.
    pub test: Option<&'a str>,
    /// Sample of the one tumour wanted of a patient with several.
    pub tumour: Option<&'a str>,
}

const SEXES: &[(&str, Sex)] =
    &[("MALE", Sex::Male), ("FEMALE", Sex::Female), ("UNKNOWN", Sex::Unknown)];

const GENERIC_CONSENT: &[(&str, ConsentAnswer)] = &[
    ("yes", ConsentAnswer::Yes),
    ("no", ConsentAnswer::No),
    ("undefined", ConsentAnswer::NotStated),
    ("not_applicable", ConsentAnswer::NotStated),
];

/// What a pedigree member or cancer participant consented to: `consentStatus`, `testConsentStatus` or both.
fn consent(reader: &mut Reader<'_>, person: &Node<'_>) -> Consent {
    let mut answers = Answers::default();
    let old = person.get("consentStatus");
    let new = person.get("testConsentStatus");
    if let Some(record) = &old {
        consent_status(reader, record, &mut answers);
    }
    if let Some(record) = &new {
        gms_consent_status(reader, record, &mut answers);
    }
    if answers.contradict() {
        reader.note("consent records of two generations differ: the stricter answer counts");
    }
    answers.consent(match (old, new) {
        (None, None) => ConsentSource::Nowhere,
        (Some(_), None) => ConsentSource::ConsentStatus,
        (None, Some(_)) => ConsentSource::GmsConsentStatus,
        (Some(_), Some(_)) => ConsentSource::BothGenerations,
    })
}

/// The 100,000 Genomes Project: four booleans, each false where the record leaves it out.
fn consent_status(reader: &mut Reader<'_>, record: &Node<'_>, answers: &mut Answers) {
    const KEYS: &[&str] = &[
        "programmeConsent",
        "primaryFindingConsent",
        "secondaryFindingConsent",
        "carrierStatusConsent",
    ];
    reader.object(record, "ConsentStatus", KEYS);
    let mut answer = |key: &str| match reader.flag(record, key) {
        Some(true) => ConsentAnswer::Yes,
        Some(false) | None => ConsentAnswer::No,
    };
    answers.programme.push(answer("programmeConsent"));
    answers.primary.push(answer("primaryFindingConsent"));
    answers.secondary.push(answer("secondaryFindingConsent"));
    answers.carrier.push(answer("carrierStatusConsent"));
}

/// The Genomic Medicine Service: six words, of which only `yes` allows.
fn gms_consent_status(reader: &mut Reader<'_>, record: &Node<'_>, answers: &mut Answers) {
    const KEYS: &[&str] = &[
        "programmeConsent",
        "primaryFindingConsent",
        "researchConsent",
        "healthRelatedFindingConsent",
        "carrierStatusConsent",
        "pharmacogenomicsFindingConsent",
    ];
    reader.object(record, "GmsConsentStatus", KEYS);
    let mut answer = |key: &str| reader.word(record, key, GENERIC_CONSENT).unwrap_or_default();
    answers.programme.push(answer("programmeConsent"));
    answers.primary.push(answer("primaryFindingConsent"));
    let _ = answer("researchConsent");
    answers.secondary.push(answer("healthRelatedFindingConsent"));
    answers.carrier.push(answer("carrierStatusConsent"));
    answers.pharmacogenomics.push(answer("pharmacogenomicsFindingConsent"));
}

/// A sample of DNA.
#[derive(Clone, Debug)]
struct Sample {
    /// Its name in headers and files.
    id: String,
    /// The person's id, where the record has one.
    participant: Option<String>,
    /// Every name that it and its person go by, the id first.
    names: Vec<String>,
}

/// Names in the values of these keys, for a withdrawal to be held against. Numbers of laboratories and registers with less
/// than three characters name nobody.
fn names(of: &Node<'_>, keys: &[&str]) -> Vec<String> {
    let named = |key: &&str| {
        let text = match of.get(key)?.value {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        let is_number = *key == "labSampleId" || key.ends_with("Uid");
        let is_name = !text.is_empty() && (!is_number || text.chars().count() >= 3);
        is_name.then_some(text)
    };
    keys.iter().filter_map(named).collect()
}

const SAMPLE_NAMES: &[&str] =
    &["sampleId", "participantId", "labSampleId", "sampleUid", "participantUid"];

/// The names in a list of samples, those of RNA too.
fn names_of_samples(of: &Node<'_>, key: &str) -> Vec<String> {
    let items = of.get(key).map(|list| list.items()).unwrap_or_default();
    items.iter().flat_map(|item| names(item, SAMPLE_NAMES)).collect()
}

const SAMPLE_KEYS: &[&str] = &[
    "sampleId",
    "labSampleId",
    "LDPCode",
    "source",
    "product",
    "preparationMethod",
    "programmePhase",
    "clinicalSampleDateTime",
    "participantId",
    "participantUid",
    "sampleUid",
    "maskedPid",
    "method",
    "storageMedium",
    "sampleType",
    "sampleState",
];
const TUMOUR_KEYS: &[&str] = &[
    "tumourId",
    "diseaseType",
    "diseaseSubType",
    "haematologicalCancer",
    "haematologicalCancerLineage",
    "tumourType",
    "tumourContent",
    "tumourContentPercentage",
    "tissueSource",
    "sampleMorphologies",
    "sampleTopographies",
    "morphologyICD",
    "morphologySnomedCT",
    "morphologySnomedRT",
    "topographyICD",
    "topographySnomedCT",
    "topographySnomedRT",
];

/// The DNA samples of a list of samples; those of RNA are told and passed over.
fn samples(reader: &mut Reader<'_>, of: &Node<'_>, key: &str) -> Vec<Sample> {
    const PRODUCTS: &[(&str, bool)] = &[("DNA", true), ("RNA", false)];
    let known = [SAMPLE_KEYS, TUMOUR_KEYS].concat();
    let keys = if key == "tumourSamples" { known.as_slice() } else { SAMPLE_KEYS };
    let mut found: Vec<Sample> = Vec::new();
    for item in reader.list(of, key) {
        if !reader.object(&item, "a sample", keys) {
            continue;
        }
        reader.required(&item, "a sample", &["sampleId"]);
        if reader.word(&item, "product", PRODUCTS) == Some(false) {
            reader.note("samples of RNA were passed over");
            continue;
        }
        let participant = reader.text(&item, "participantId");
        let Some(id) = reader.text(&item, "sampleId") else { continue };
        if found.iter().all(|known| known.id != id) {
            found.push(Sample { id, participant, names: names(&item, SAMPLE_NAMES) });
        }
    }
    found
}

/// The panels that `analysisPanels` asks for.
fn panels(reader: &mut Reader<'_>, of: &Node<'_>) -> Vec<PanelOrder> {
    const KEYS: &[&str] = &[
        "specificDisease",
        "panelName",
        "panelId",
        "panelVersion",
        "reviewOutcome",
        "multipleGeneticOrigins",
    ];
    let mut orders: Vec<PanelOrder> = Vec::new();
    for item in reader.list(of, "analysisPanels") {
        if !reader.object(&item, "AnalysisPanel", KEYS) {
            continue;
        }
        reader.required(&item, "AnalysisPanel", &["panelName"]);
        let (id, version) = (reader.text(&item, "panelId"), reader.text(&item, "panelVersion"));
        let Some(name) = reader.text(&item, "panelName") else { continue };
        let order = PanelOrder { id, name, version, place: item.path };
        let same = |known: &PanelOrder| {
            (&known.id, &known.name, &known.version) == (&order.id, &order.name, &order.version)
        };
        if !orders.iter().any(same) {
            orders.push(order);
        }
    }
    orders
}

/// The penetrance that `diseasePenetrances` asks for, of all diseases together: where any is incomplete both runs are made
/// over every panel, since panels and diseases are joined by free text alone.
fn penetrance(reader: &mut Reader<'_>, of: &Node<'_>) -> Option<PenetranceRequest> {
    const KEYS: &[&str] = &["specificDisease", "penetrance"];
    const WORDS: &[(&str, bool)] = &[("complete", true), ("incomplete", false)];
    let (mut complete, mut incomplete) = (false, false);
    for item in reader.list(of, "diseasePenetrances") {
        if reader.object(&item, "DiseasePenetrance", KEYS) {
            reader.required(&item, "DiseasePenetrance", &["penetrance"]);
            match reader.word(&item, "penetrance", WORDS) {
                Some(true) => complete = true,
                Some(false) => incomplete = true,
                None => {}
            }
        }
    }
    match (complete, incomplete) {
        (false, false) => None,
        (true, false) => Some(PenetranceRequest::Complete),
        (false, true) => Some(PenetranceRequest::Incomplete),
        (true, true) => {
            reader.note("complete and incomplete penetrance of single diseases: both runs are made over all panels");
            Some(PenetranceRequest::Both)
        }
    }
}
