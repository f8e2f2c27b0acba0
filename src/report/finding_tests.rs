//! What is neither a small variant nor a question of the case: that every report tells of it, and only with consent.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Wanted, fixture, manifest, render, write_all};
use crate::io::digest;
use crate::model::results::additional::AdditionalResults;
use crate::model::results::pertinent::{PertinentDecision, PertinentFinding, PertinentResults};
use crate::model::results::structural::{RepeatResult, StructuralResult};
use crate::model::results::{AnalysisDecision, CaseResults, Zygosity};
use crate::model::sample::Role;

/// All text reports, by name.
fn files(results: &CaseResults) -> Vec<(&'static str, String)> {
    let rendered = render(results, Some(&fixture::run()), &Wanted::default()).unwrap();
    rendered
        .into_iter()
        .map(|file| (file.name, String::from_utf8_lossy(&file.bytes).into_owned()))
        .collect()
}

fn file(results: &CaseResults, name: &str) -> String {
    files(results).into_iter().find(|(own, _)| *own == name).unwrap().1
}

fn observations(results: &CaseResults, profile: &str) -> Vec<Value> {
    let bundle: Value = serde_json::from_str(&file(results, "fhir.json")).unwrap();
    let entries = bundle["entry"].as_array().unwrap().iter().map(|entry| &entry["resource"]);
    let of = |one: &&Value| {
        one["meta"]["profile"][0].as_str().is_some_and(|name| name.ends_with(profile))
    };
    entries.filter(of).cloned().collect()
}

fn answer(observation: &Value) -> &Value {
    &observation["valueCodeableConcept"]["coding"][0]["code"]
}

/// A tumour with one germline finding of Tier 1 and nothing else.
fn with_germline() -> CaseResults {
    let mut results = fixture::tumour();
    let candidate = results.candidates.remove(0);
    let finding: PertinentFinding = serde_json::from_value(json!({
        "tier": "TIER1",
        "variant": candidate.variant,
        "gene": { "ensembl": "ENSG00000012048", "hgnc": "HGNC:1100", "symbol": "BRCA1" },
        "transcript": "ENST00000002.2",
        "terms": [],
        "hgvs_c": "c.68_69del",
        "hgvs_p": "p.Glu23ValfsTer17",
        "genotype": "0/1",
        "zygosity": "heterozygous",
        "clinvar": null,
        "panel": { "source": "PanelApp", "id": "1", "name": "Breast cancer", "version": "2.0" },
        "mode": "MONOALLELIC",
        "partners": [],
        "possible": false,
        "missing": [],
        "reasons": [],
    }))
    .unwrap();
    results.pertinent = Some(PertinentResults {
        looked_for: PertinentDecision::Yes,
        panels: Vec::new(),
        wider_panels: Vec::new(),
        genes_not_annotated: Vec::new(),
        doubtful_calls: 0,
        unfiltered: 0,
        findings: vec![finding],
    });
    results.consent.iter_mut().for_each(|record| record.germline = true);
    results
}

#[test]
fn a_germline_finding_is_no_empty_report() {
    let results = with_germline();
    let variants = observations(&results, "/variant");
    assert_eq!(variants.len(), 1);
    assert_eq!(answer(&variants[0]), "LA9633-4", "present");
    let text = variants[0].to_string();
    assert!(
        text.contains("LA6683-2") && text.contains("Tier 1, panel Breast cancer 2.0"),
        "{text}"
    );
    let fhir = file(&results, "fhir.json");
    assert!(fhir.contains("germline findings in the normal sample: 1"));
    assert!(!fhir.contains("Nothing met the rules"));
    let line = "Germline findings in the normal sample: 1 in Tier 1.";
    assert!(file(&results, "report.html").contains(line));
    assert!(super::index_page(&[("x".into(), results.clone())]).contains(line));
    let packet = file(&results, "phenopacket.json");
    assert!(packet.contains("germline finding in the normal sample, Tier 1"));
    assert!(packet.contains("ENST00000002.2:c.68_69del") && !packet.contains("p.Glu23"));
}

#[test]
fn germline_findings_without_recorded_consent_are_in_no_report() {
    for change in [
        |results: &mut CaseResults| results.consent[0].germline = false,
        |results: &mut CaseResults| results.consent[1].analysis = AnalysisDecision::Withdrawn,
        |results: &mut CaseResults| results.consent.clear(),
        |results: &mut CaseResults| {
            results.pertinent.as_mut().unwrap().looked_for = PertinentDecision::NoConsent;
        },
    ] {
        let mut results = with_germline();
        change(&mut results);
        for (name, text) in files(&results).iter().filter(|(name, _)| *name != "results.json") {
            assert!(!text.contains("BRCA1"), "{name}");
        }
    }
}

#[test]
fn a_tumours_call_without_genotype_is_present() {
    let mut results = fixture::tumour();
    results.candidates[0].calls[0].zygosity = Zygosity::Missing;
    assert_eq!(answer(&observations(&results, "/variant")[0]), "LA9633-4");
    let genome = file(&results, "interpreted_genome.json");
    assert!(genome.contains("\"zygosity\": \"na\"") && !genome.contains("\"missing\""));
    results.candidates[0].calls[0].role = Role::Proband;
    assert_eq!(answer(&observations(&results, "/variant")[0]), "LA18198-4", "no call");
}

fn structural(kind: &str, role: &str, group: Option<u32>) -> StructuralResult {
    serde_json::from_value(json!({
        "contig": "chr20", "start": 5_000_000, "end": 5_300_000, "kind": kind, "evidence": "depth",
        "length": 300_001, "caller": "x", "id": "s", "file": 1, "position": 4_999_999,
        "reference": "N", "alternate": "<CNV>", "filters": [], "values": [], "confirmed_by": [],
        "events": [{
            "id": "S1.1", "entity": { "kind": "gene", "name": "GENE" },
            "mode_of_inheritance": "na", "segregation": "", "possible": false, "missing": [],
            "group": group, "members": [1], "reasons": [],
        }],
        "calls": [{ "member": 1, "role": role, "genotype": ".", "expected_copies": 2, "copy_number": 2.0 }],
    }))
    .unwrap()
}

/// A trio with one finding of every kind that inherited disease has.
pub(super) fn trio_of_all_kinds() -> CaseResults {
    let mut results = fixture::trio();
    add_beside(&mut results);
    results.candidates.drain(2..);
    results.candidates[0].hgvs_g = Some("NC_000002.12:g.240775991G>A".into());
    let group = results.candidates[1].events[0].group;
    let [mut loss, mut gain, mut inversion, mut breakend, mut insertion] =
        ["loss", "gain", "inversion", "breakend", "insertion"]
            .map(|kind| structural(kind, "proband", None));
    loss.events[0].group = group;
    loss.calls[0].copy_number = Some(1.0);
    loss.start_interval = Some([-50, 50]);
    loss.end_interval = Some([-20, 20]);
    gain.calls[0].copy_number = Some(4.0);
    for variant in [&mut inversion, &mut breakend, &mut insertion] {
        variant.evidence = crate::model::structural::Evidence::Breakpoints;
        variant.calls[0].copy_number = None;
        variant.calls[0].genotype = "0/1".into();
    }
    inversion.events[0].entity = crate::model::grade::Entity::Region("R1".into());
    breakend.alternate = "N]chr4:1000]".into();
    breakend.mate = Some(
        serde_json::from_value(json!({
            "contig": "chr4", "position": 1_000, "runs_right": false, "joined_after": true, "recorded": true,
        }))
        .unwrap(),
    );
    results.structural = vec![loss, gain, inversion, breakend, insertion];
    results.repeats = vec![repeat()];
    results.looked_for = Some(crate::model::grade::LookedFor {
        copy_number: true,
        breakpoints: true,
        repeats: true,
        ..crate::model::grade::LookedFor::default()
    });
    results
}

/// A tumour with a somatic variant, a germline finding, a copy-neutral loss and what is measured in tumours.
pub(super) fn tumour_of_all_kinds() -> CaseResults {
    let mut results = with_germline();
    results.candidates = fixture::tumour().candidates;
    results.structural = vec![structural("neutral-loss", "tumour", None)];
    let burden = json!({
        "id": "wgs", "title": "Whole genome", "source": "ours",
        "value": {
            "status": "measured", "mutations": 30_000, "megabases": 2_875.0, "denominator": "reference without N",
            "per_megabase": 10.43, "low": 10.3, "high": 10.6, "label": null,
        },
    });
    let reads = json!({
        "status": "measured", "sites_from": "file", "sites": 1_000, "assessed": 900, "unstable_sites": 300,
        "score": 33.3, "threshold": 3.5, "unstable": true, "min_reads": 20, "max_fdr": 0.05, "source": "ours",
        "listed": [],
    });
    results.biomarkers = Some(crate::model::biomarkers::BiomarkerResults {
        burden: vec![serde_json::from_value(burden).unwrap()],
        instability_of_reads: serde_json::from_value(reads).unwrap(),
        ..crate::model::biomarkers::BiomarkerResults::default()
    });
    results
}

#[test]
fn a_copy_neutral_loss_is_present_and_no_deletion() {
    let mut results = fixture::tumour();
    results.candidates.clear();
    results.structural = vec![structural("neutral-loss", "tumour", None)];
    let variants = observations(&results, "/variant");
    assert_eq!(answer(&variants[0]), "LA9633-4");
    for name in ["fhir.json", "phenopacket.json"] {
        let text = file(&results, name);
        assert!(text.contains("SO:0001786") && !text.contains("SO:0000159"), "{name}");
    }
    let genome = file(&results, "interpreted_genome.json");
    assert!(genome.contains("Copy-neutral losses of heterozygosity"));
    results.structural = vec![structural("loss", "proband", None)];
    assert_eq!(answer(&observations(&results, "/variant")[0]), "LA18198-4");
}

#[test]
fn a_pair_of_a_small_variant_and_a_loss_names_both() {
    let mut results = fixture::trio();
    let small = results.candidates.remove(1);
    results.candidates = vec![small];
    let group = results.candidates[0].events[0].group;
    assert!(group.is_some());
    results.structural = vec![structural("loss", "proband", group)];
    for implication in observations(&results, "/diagnostic-implication") {
        assert_eq!(implication["derivedFrom"].as_array().unwrap().len(), 2);
    }
    assert_eq!(observations(&results, "/sequence-phase-relationship").len(), 1);
    let page = file(&results, "report.html");
    assert!(page.contains("loss chr20:5000000-5300000"));
    assert!(page.contains("by the genotypes of the family"));
    results.candidates[0].calls.truncate(1);
    assert!(!file(&results, "report.html").contains("by the genotypes of the family"));
}

#[test]
fn no_result_is_named_twice() {
    let bundle: Value = serde_json::from_str(&file(&fixture::trio(), "fhir.json")).unwrap();
    let named = bundle["entry"][0]["resource"]["result"].as_array().unwrap();
    let known: std::collections::BTreeSet<&str> =
        named.iter().map(|one| one["reference"].as_str().unwrap()).collect();
    assert_eq!(known.len(), named.len());
}

fn repeat() -> RepeatResult {
    serde_json::from_value(json!({
        "contig": "chr4", "start": 3_074_877, "end": 3_074_933, "unit": "CAG", "id": "HTT",
        "reference": "C", "caller": "x", "file": 1, "tier": "TIER1",
        "events": [{
            "id": "R1.1", "tier": "TIER1", "entity": { "kind": "repeat", "name": "HTT_CAG" },
            "gene": { "symbol": "HTT", "hgnc": "HGNC:4851", "ensembl": null },
            "mode_of_inheritance": "na", "segregation": "", "possible": false, "missing": [],
            "members": [1], "reasons": [],
        }],
        "calls": [{ "member": 1, "role": "proband", "alleles": [{ "units": 45 }], "filters": [] }],
    }))
    .unwrap()
}

#[test]
fn a_repeat_is_in_the_phenopacket() {
    let mut results = fixture::trio();
    results.repeats = vec![repeat()];
    let packet = file(&results, "phenopacket.json");
    assert!(packet.contains("chr4:3074877-3074933 CAG 45") && packet.contains("HGNC:4851"));
}

#[test]
fn a_withdrawn_member_and_removed_variants_are_told() {
    let mut results = fixture::trio();
    results.consent[2].analysis = AnalysisDecision::Withdrawn;
    results.case.members[2].sample = None;
    assert!(file(&results, "report.html").contains("withdrawn, data not used"));
    assert!(super::index_page(&[("x".into(), results)]).contains("1 withdrawn, data not used"));
    let mut tumour = fixture::tumour();
    let variant = tumour.candidates[0].variant.clone();
    tumour.removed = vec![crate::model::results::RemovedResult {
        variant,
        domain: None,
        genes: Vec::new(),
        removed_by: Vec::new(),
        flags: Vec::new(),
    }];
    for name in ["fhir.json", "interpreted_genome.json"] {
        assert!(file(&tumour, name).contains("1 somatic variants were removed by marks"), "{name}");
    }
}

#[test]
fn reports_rendered_again_in_the_folder_of_their_run_keep_time_and_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let results = fixture::trio();
    let mut run = fixture::run();
    run.policy_digest.clone_from(&results.policy.digest);
    run.inputs.clone_from(&results.provenance.inputs);
    write_all(&results, Some(&run), &Wanted::default(), folder.path()).unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let (packet, tiers) = (read("phenopacket.json"), read("tiers.tsv"));
    let created = super::run::beside(folder.path(), &results).map(|run| run.ended);
    assert_eq!(created.as_deref(), Some("2026-01-02T03:09:59Z"));
    // One file of the folder is that of an older program.
    std::fs::write(folder.path().join("tiers.tsv"), "old").unwrap();
    let line = |text: &str| format!("{}  tiers.tsv\n", digest::sha256_hex(text.as_bytes()));
    let [new, old] = [line(&tiers), line("old")];
    let aged = read(manifest::FILE).replace(&new, &old);
    assert!(aged.contains(&old));
    std::fs::write(folder.path().join(manifest::FILE), aged).unwrap();
    let wanted = Wanted { created, ..Wanted::default() };
    let names = write_all(&results, None, &wanted, folder.path()).unwrap();
    assert_eq!(names.last(), Some(&manifest::FILE));
    assert_eq!(read("phenopacket.json"), packet);
    let found = manifest::compare(folder.path(), &[manifest::FILE.into()]).unwrap();
    assert!(found.is_none(), "{found:?}");
    let mut other = results;
    other.policy.digest = "0".into();
    assert!(super::run::beside(folder.path(), &other).is_none());
}

#[test]
fn a_comparison_counts_germline_findings_that_moved() {
    use super::compare::{Given, compare};
    let given = |results| Given { results, run: None };
    let old = given(with_germline());
    let same = compare(&old, &old, false).unwrap();
    assert!(same.not_recorded.iter().all(|told| !told.starts_with("germline")));
    let mut results = with_germline();
    results.pertinent.as_mut().unwrap().findings.clear();
    let found = compare(&old, &given(results), false).unwrap();
    assert!(found.not_recorded.iter().any(|told| told.contains("0 gained, 1 lost")));
}

/// An additional finding of the proband, who said yes to them.
fn add_beside(results: &mut CaseResults) {
    let variant = results.candidates[0].variant.clone();
    let panel = json!({ "source": "PanelApp", "id": "9", "name": "Beside", "version": "1.0" });
    let finding = serde_json::from_value(json!({
        "member": 1, "role": "proband", "kind": "additional_finding", "variant": variant,
        "gene": { "ensembl": null, "hgnc": null, "symbol": "LDLR" }, "terms": [],
        "genotype": "0/1", "zygosity": "heterozygous", "panel": panel,
        "mode": "MONOALLELIC", "possible": false, "missing": [], "reasons": [],
    }));
    results.additional = Some(AdditionalResults {
        additional_panel: Some(serde_json::from_value(panel).unwrap()),
        findings: vec![finding.unwrap()],
        ..AdditionalResults::default()
    });
    results.consent[0].secondary = true;
}

#[test]
fn findings_beside_the_question_need_the_consent_of_their_member() {
    let mut results = fixture::trio();
    add_beside(&mut results);
    for name in ["additional.tsv", "report.html", "fhir.json"] {
        assert!(file(&results, name).contains("LDLR"), "{name}");
    }
    assert!(file(&results, "fhir.json").contains("Findings beside the question: 1."));
    assert!(file(&results, "phenopacket.json").contains("additional.tsv alone: 1."));
    results.consent[0].secondary = false;
    for (name, text) in files(&results).iter().filter(|(name, _)| *name != "results.json") {
        assert!(!text.contains("LDLR"), "{name}");
    }
}

#[test]
fn every_row_of_a_table_has_the_cells_of_its_header() {
    let mut trio = fixture::trio();
    add_beside(&mut trio);
    for (results, wanted) in [(with_germline(), "germline.tsv"), (trio, "additional.tsv")] {
        let tables = files(&results)
            .into_iter()
            .filter(|(name, _)| matches!(name.rsplit_once('.'), Some((_, "tsv"))));
        let mut rows = BTreeMap::new();
        for (name, text) in tables {
            let cells = |line: &str| line.split('\t').count();
            let header = cells(text.lines().next().unwrap());
            assert!(text.lines().all(|line| cells(line) == header), "{name}: {text}");
            rows.insert(name, text.lines().count() - 1);
        }
        assert!(rows[wanted] > 0, "{rows:?}");
    }
}
