//! The bundle as a reader of the guide would check it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::bundle;
use super::types::Resource;
use crate::model::results::CaseResults;
use crate::model::sample::ConsentAnswer;
use crate::report::fixture;

fn json(results: &CaseResults) -> Value {
    serde_json::to_value(bundle(results).unwrap()).unwrap()
}

fn resources(bundle: &Value) -> Vec<&Value> {
    bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]).collect()
}

/// Resources with this profile.
fn with_profile<'a>(bundle: &'a Value, name: &str) -> Vec<&'a Value> {
    let ends = |one: &&Value| {
        let profile = one["meta"]["profile"][0].as_str().unwrap_or_default();
        profile.ends_with(&format!("/{name}"))
    };
    resources(bundle).into_iter().filter(ends).collect()
}

/// The value of an observation's component.
fn component<'a>(observation: &'a Value, code: &str) -> Option<&'a Value> {
    let all = observation["component"].as_array()?;
    all.iter().find(|one| one["code"]["coding"][0]["code"] == code)
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "reference" => found.push(text.clone()),
                    other => references(other, found),
                }
            }
        }
        Value::Array(all) => all.iter().for_each(|one| references(one, found)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_to_an_entry_and_every_id_is_its_own() {
    for results in [fixture::trio(), fixture::tumour(), fixture::hostile()] {
        let bundle = json(&results);
        let entries = bundle["entry"].as_array().unwrap();
        let addresses: BTreeSet<&str> =
            entries.iter().map(|entry| entry["fullUrl"].as_str().unwrap()).collect();
        assert_eq!(addresses.len(), entries.len());
        for entry in entries {
            let id = entry["resource"]["id"].as_str().unwrap();
            assert_eq!(entry["fullUrl"], format!("urn:uuid:{id}"));
        }
        let mut found = Vec::new();
        references(&bundle, &mut found);
        assert!(found.len() > 10);
        for reference in found {
            assert!(addresses.contains(reference.as_str()), "{reference}");
        }
        assert_eq!(entries[0]["resource"]["resourceType"], "DiagnosticReport");
        assert_eq!(bundle, json(&results), "the same results, the same bundle");
    }
}

#[test]
fn a_de_novo_has_its_names_and_its_origin() {
    let bundle = json(&fixture::trio());
    let variants = with_profile(&bundle, "variant");
    assert_eq!(variants.len(), 4);
    let de_novo = variants[0];
    assert_eq!(de_novo["valueCodeableConcept"]["coding"][0]["code"], "LA9633-4");
    for (code, value) in [
        ("81290-9", "NC_000002.12:g.240775991G>A"),
        ("48004-6", "ENST00000001.5:c.946C>T"),
        ("48005-3", "ENSP00000001.3:p.Arg316Ter"),
        ("53034-5", "LA6706-1"),
        ("94186-4", "LA26807-0"),
        ("48000-4", "LA21255-7"),
        ("48018-6", "HGNC:888"),
        ("81252-9", "rs240775991"),
    ] {
        let own = component(de_novo, code).unwrap();
        assert_eq!(own["valueCodeableConcept"]["coding"][0]["code"], value, "{code}");
    }
    let range = &component(de_novo, "81254-5").unwrap()["valueRange"];
    assert_eq!(
        (&range["low"]["value"], &range["high"]["value"]),
        (&240_775_991.into(), &240_775_991.into())
    );
    assert_eq!(
        component(variants[1], "94186-4").unwrap()["valueCodeableConcept"]["coding"][0]["code"],
        "LA26321-2"
    );
    assert_eq!(
        component(variants[1], "81290-9"),
        None,
        "a deletion's place in HGVS needs the reference"
    );
    assert_eq!(
        component(variants[3], "53034-5").unwrap()["valueCodeableConcept"]["coding"][0]["code"],
        "LA6707-9"
    );
}

#[test]
fn what_is_no_base_has_no_name_on_a_chromosome() {
    let mut results = fixture::trio();
    let one = &mut results.candidates[0];
    one.hgvs_g = None;
    one.variant.reference = "A".into();
    let mut named = |alternate: &str| {
        results.candidates[0].variant.alternate = alternate.into();
        let bundle = json(&results);
        component(with_profile(&bundle, "variant")[0], "81290-9").is_some()
    };
    assert!(named("C"));
    assert!(!named("*") && !named("R"));
}

#[test]
fn a_normal_sample_is_of_the_tumours_person_in_either_order() {
    let mut results = fixture::tumour();
    let patients = |results: &CaseResults| json(results).to_string().matches("\"Patient\"").count();
    assert_eq!(patients(&results), 1);
    results.case.members.reverse();
    assert_eq!(patients(&results), 1);
}

#[test]
fn partners_are_one_implication_in_trans() {
    let bundle = json(&fixture::trio());
    let implications = with_profile(&bundle, "diagnostic-implication");
    assert_eq!(implications[1]["derivedFrom"].as_array().unwrap().len(), 2);
    let phase = with_profile(&bundle, "sequence-phase-relationship");
    assert_eq!(phase.len(), 1);
    assert_eq!(phase[0]["valueCodeableConcept"]["coding"][0]["code"], "Trans");
    let told =
        component(implications[3], "conclusion-string").unwrap()["valueString"].as_str().unwrap();
    assert!(told.contains("possible, not certain: mother: no call"), "{told}");
}

#[test]
fn nothing_found_is_told_with_what_was_assessed_and_a_stopped_case_calls_nothing() {
    let mut results = fixture::trio();
    results.candidates.clear();
    let bundle = json(&results);
    let variants = with_profile(&bundle, "variant");
    assert_eq!(variants.len(), 1);
    assert_eq!(variants[0]["valueCodeableConcept"]["coding"][0]["code"], "LA9634-2");
    let told =
        component(variants[0], "conclusion-string").unwrap()["valueString"].as_str().unwrap();
    assert!(told.contains("Intellectual disability 7.12 (2 green genes)"), "{told}");
    results.identity.as_mut().unwrap().stopped = true;
    let bundle = json(&results);
    let variants = with_profile(&bundle, "variant");
    assert_eq!(variants[0]["valueCodeableConcept"]["coding"][0]["code"], "LA18198-4");
    assert_eq!(with_profile(&bundle, "genomic-study")[0]["status"], "stopped");
    let analyses = with_profile(&bundle, "genomic-study-analysis");
    assert_eq!(analyses.len(), 3, "the alignments, which were read");
    assert!(analyses.iter().all(|one| one["status"] == "completed"));
}

#[test]
fn a_refused_proband_is_nobody() {
    let results =
        fixture::trio_with(|family| family.members[0].consent.primary = ConsentAnswer::No);
    let text = serde_json::to_string(&json(&results)).unwrap();
    assert!(!text.contains("trio-child") && text.contains("trio-mother"));
}

#[test]
fn analyses_tell_depth_gaps_and_genes() {
    let bundle = json(&fixture::trio());
    let analyses = with_profile(&bundle, "genomic-study-analysis");
    assert_eq!(analyses.len(), 3 + 1, "three alignments, small variants");
    let text = analyses[0].to_string();
    assert!(text.contains("genomic-study-analysis-metrics") && text.contains("read-depth"));
    let small = analyses[3].to_string();
    assert!(small.contains("\"url\":\"studied\"") && small.contains("KIF1A"));
    assert!(small.contains("\"url\":\"uncalled\"") && small.contains("ASXL3"));
    assert!(!small.contains("ZNF41"), "a red gene is not what was studied");
}

/// Where the guide's package lies; `.ci/env.sh` names it.
fn examples() -> Option<PathBuf> {
    let folder = std::env::var_os("TIERLINE_FHIR_GUIDE").map(PathBuf::from)?.join("example");
    folder.is_dir().then_some(folder)
}

/// True when everything of one value stands in another.
fn within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|other| within(value, other)))
        }
        (Value::Array(part), Value::Array(whole)) => {
            part.len() == whole.len() && part.iter().zip(whole).all(|(a, b)| within(a, b))
        }
        (Value::Number(part), Value::Number(whole)) => part.as_f64() == whole.as_f64(),
        _ => part == whole,
    }
}

#[test]
fn our_structures_read_the_examples_of_the_guide() {
    let Some(folder) = examples() else {
        let required = std::env::var_os("TIERLINE_REQUIRE_ORACLES").is_some_and(|v| v == "1");
        assert!(!required, "TIERLINE_FHIR_GUIDE names no package of the guide");
        println!("skipped: TIERLINE_FHIR_GUIDE names no package of the guide");
        return;
    };
    let (mut read, mut all) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(example) = serde_json::from_str::<Value>(&text) else { continue };
        all += 1;
        let kind = example["resourceType"].as_str().unwrap();
        let ours = [
            "Patient",
            "Specimen",
            "Device",
            "DocumentReference",
            "Procedure",
            "Observation",
            "DiagnosticReport",
        ];
        if !ours.contains(&kind) {
            continue;
        }
        let resource: Resource = serde_json::from_value(example.clone())
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let again = serde_json::to_value(&resource).unwrap();
        assert!(within(&again, &example), "{} reads otherwise", path.display());
        read += 1;
    }
    assert!(all >= 204 && read > 150, "{read} of {all}");
}
