//! Two results of the fixture's trio, changed one thing at a time.

use super::super::fixture;
use super::*;
use crate::model::candidate::Tier;
use crate::model::comparison::{Cause, CauseKind, Scope};
use crate::model::panel::Confidence;

fn given(change: impl FnOnce(&mut CaseResults)) -> Given {
    let mut results = fixture::trio();
    change(&mut results);
    Given { results, run: None }
}

fn compared(old: &Given, new: &Given) -> Comparison {
    compare(old, new, false).unwrap()
}

fn causes(moved: &Moved, scope: Scope) -> Vec<&Cause> {
    moved.causes.iter().filter(|cause| cause.scope == scope).collect()
}

#[test]
fn a_result_does_not_differ_from_itself() {
    let same = compared(&given(|_| ()), &given(|_| ()));
    assert_eq!((same.moved.len(), same.runs.len()), (0, 0));
    assert_eq!(same.counts.unchanged, 4);
    assert_eq!(same.not_recorded, [""; 0]);
}

#[test]
fn a_move_without_a_recorded_difference_is_said_to_have_no_cause() {
    let new = given(|results| {
        results.candidates.remove(0);
    });
    let found = compared(&given(|_| ()), &new);
    assert_eq!((found.moved.len(), found.counts.lost, found.counts.out_of_best), (1, 1, 1));
    assert_eq!(found.moved[0].change, Change::Lost);
    assert_eq!(found.moved[0].causes, []);
    assert!(table(&found).contains("cause not found in the records"));
    assert!(found.moved[0].look.as_deref().unwrap().starts_with("was Tier 1"));
    let back = compared(&new, &given(|_| ()));
    assert_eq!((back.moved[0].change, back.counts.into_best), (Change::Gained, 1));
}

#[test]
fn every_cause_is_named_and_the_nearest_comes_first() {
    let new = given(|results| {
        results.tool.version = "9.9.9".into();
        let panel = &mut results.panels[0];
        panel.version = "8.0".into();
        let genes = panel.genes.as_mut().unwrap();
        genes[0].rating = Some(Confidence::Amber);
        genes[0].mode = "BIALLELIC, autosomal or pseudoautosomal".into();
        let candidate = &mut results.candidates[0];
        assert_eq!(candidate.events[0].gene.shown(), "KIF1A");
        candidate.clinvar = None;
        candidate.events[0].tier = Some(Tier::Tier3);
        candidate.events[0].label = Some("amber_or_red".into());
        candidate.frequencies.iter_mut().find(|f| f.population == "NFE").unwrap().value = Some(0.1);
        candidate.frequencies.iter_mut().find(|f| f.population == "NFE").unwrap().status =
            crate::model::results::FrequencyStatus::Observed;
        let policy = results.policy.values.as_mut().unwrap();
        policy["de_novo"]["min_depth"]["value"] = 20.into();
        policy["call"]["callable_depth"]["value"] = 20.into();
        policy["mode"][0]["frequency"] = "dominant".into();
        results.policy.digest = "other".into();
    });
    let found = compared(&given(|_| ()), &new);
    assert_eq!(found.moved.len(), 1, "{:?}", found.moved);
    let moved = &found.moved[0];
    assert_eq!((moved.change, moved.old), (Change::Down, Some(Grade::Tier(Tier::Tier1))));
    let kinds = |scope| causes(moved, scope).iter().map(|c| c.kind).collect::<Vec<_>>();
    assert_eq!(kinds(Scope::Variant), [CauseKind::Clinvar, CauseKind::Frequency]);
    assert_eq!(kinds(Scope::Gene), [CauseKind::Panel, CauseKind::Panel]);
    let run: Vec<&str> = causes(moved, Scope::Run).iter().map(|c| c.what.as_str()).collect();
    // The mode's limit class belongs to biallelic events; this one is de novo.
    assert_eq!(run, ["call.callable_depth", "de_novo.min_depth", "program that wrote the results"]);
    assert!(found.runs.iter().any(|r| r.cause.what == "mode[biallelic].frequency" && !r.may_move));
    assert!(
        found.runs.iter().any(|r| r.cause.what.starts_with("panel Intellectual") && !r.may_move)
    );
    assert!(
        moved.events_changed[0].contains("tier Tier 1 > Tier 3, "),
        "{:?}",
        moved.events_changed
    );
}

#[test]
fn a_limit_is_a_cause_where_the_variant_lies_between() {
    let limit = |value: f64| {
        given(move |results| {
            let policy = results.policy.values.as_mut().unwrap();
            let populations =
                policy["frequency"]["dataset"][1]["population"].as_array_mut().unwrap();
            let nfe = populations.iter_mut().find(|p| p["name"] == "NFE").unwrap();
            nfe["limits"]["recessive"] = value.into();
            results.policy.digest = value.to_string();
            if value < 0.000_012 {
                results.candidates.retain(|c| c.events[0].segregation != "CompoundHeterozygous");
            }
        })
    };
    let found = compared(&limit(0.01), &limit(0.000_001));
    assert_eq!(found.counts.lost, 2);
    for moved in &found.moved {
        let variant = causes(moved, Scope::Variant);
        assert_eq!(variant.len(), 1);
        assert!(variant[0].what.contains("limit of gnomad_genomes NFE (the variant has 0.000012)"));
    }
    let found = compared(&limit(0.01), &limit(0.000_1));
    assert_eq!(found.moved, []);
}

#[test]
fn older_layouts_say_what_they_do_not_hold() {
    let old = given(|results| {
        results.schema_version = "1.2".into();
        results.policy.values = None;
        results.policy.digest = "older".into();
        results.panels[0].genes = None;
        results.panels[0].sha256 = "ffff".into();
        results.candidates.remove(0);
    });
    let found = compared(&old, &given(|_| ()));
    assert_eq!(found.not_recorded.len(), 2);
    let run: Vec<&str> =
        causes(&found.moved[0], Scope::Run).iter().map(|c| c.what.as_str()).collect();
    assert_eq!(run, ["panel Intellectual disability", "policy digest"]);
    // The record of the same run knows the policy.
    let mut run = fixture::run();
    run.policy = fixture::trio().policy.values.unwrap();
    run.policy_digest = "older".into();
    let found = compared(&Given { run: Some(run.clone()), ..old.clone() }, &given(|_| ()));
    assert_eq!(found.not_recorded.len(), 1);
    run.policy_digest = "of another run".into();
    let found = compared(&Given { run: Some(run), ..old }, &given(|_| ()));
    assert_eq!(found.not_recorded.len(), 2);
}

#[test]
fn contig_names_do_not_move_variants_and_order_is_by_urgency() {
    let new = given(|results| {
        for contig in &mut results.contigs {
            contig.name = contig.name.replace("chr", "");
        }
        for candidate in &mut results.candidates {
            candidate.variant.contig = candidate.variant.contig.replace("chr", "");
        }
    });
    assert_eq!(compared(&given(|_| ()), &new).moved, []);
    let old = given(|results| {
        results.candidates[1].events[0].tier = Some(Tier::Tier3);
        results.candidates.remove(0);
    });
    let new = given(|results| results.candidates.truncate(3));
    let found = compared(&old, &new);
    let order: Vec<_> = found.moved.iter().map(|m| (m.change, m.new.map(Grade::shown))).collect();
    assert_eq!(
        order,
        [(Change::Gained, Some("Tier 1")), (Change::Up, Some("Tier 1")), (Change::Lost, None)]
    );
}

#[test]
fn other_cases_are_refused_without_their_names() {
    let base = given(|_| ());
    let faults = |new: &Given, other: bool| match compare(&base, new, other) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.into_iter().map(|p| p.message).collect::<Vec<_>>(),
    };
    let id = given(|results| results.case.id = "SECRET".into());
    assert_eq!(faults(&id, false), ["the two results differ in the id of the case"]);
    let build = given(|r| r.case.assembly = crate::model::contig::Assembly::GRCh37);
    assert!(faults(&build, false)[0].contains("assembly"));
    let person = given(|results| results.case.members[1].id = Some("SECRET".into()));
    assert_eq!(faults(&person, false), ["the two results differ in who member 2 is"]);
    assert_eq!(faults(&person, true), [""; 0]);
    let proband = given(|results| results.case.members[0].id = Some("SECRET".into()));
    assert_eq!(faults(&proband, true), ["the two results differ in who the proband is"]);
    let fewer = given(|results| {
        results.case.members.pop();
    });
    assert!(faults(&fewer, false)[0].contains("4 and 3 members"));
    assert_eq!(faults(&fewer, true), [""; 0]);
}

#[test]
fn tables_hold_no_loose_control_characters_and_json_can_be_read_again() {
    let old = given(|results| {
        results.candidates.truncate(1);
    });
    let hostile = Given { results: fixture::hostile(), run: None };
    let hostile = Given {
        results: CaseResults { case: old.results.case.clone(), ..hostile.results },
        run: None,
    };
    let found = compared(&old, &hostile);
    assert!(!found.moved.is_empty());
    let lines = tsv(&found);
    let width = lines.lines().next().unwrap().split('\t').count();
    assert!(lines.lines().all(|line| line.split('\t').count() == width));
    assert!(!table(&found).contains('\t'));
    let written: Comparison = serde_json::from_slice(&json(&found).unwrap()).unwrap();
    assert_eq!(written, found);
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/compare.schema.json");
    let mut generated = serde_json::to_string_pretty(&schema()).unwrap();
    generated.push('\n');
    if std::env::var_os("TIERLINE_UPDATE_SCHEMA").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == generated, "compare.schema.json is out of date");
}
