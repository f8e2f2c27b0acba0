//! `tierline compare` on runs of the committed trio: a panel that changed, a limit that changed, a case of another family.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{root, run, scratch, stdout_of, tierline};
use serde_json::Value;

/// A copy of the trio's case without alignments, changed by `edit(case, panel)`.
fn case(folder: &Path, name: &str, edit: impl FnOnce(&mut String, &mut Value)) -> PathBuf {
    let trio = root().join("test-data/trio");
    let case = folder.join(name);
    fs::create_dir(&case).unwrap();
    let mut text = fs::read_to_string(trio.join("case.toml")).unwrap();
    let reference = root().join("test-data/reference/sim.fa.gz").display().to_string();
    text = text.replace("../reference/sim.fa.gz", &reference);
    text = text
        .lines()
        .filter(|l| !l.starts_with("alignment"))
        .fold(String::new(), |all, l| all + l + "\n");
    let mut panel: Value =
        serde_json::from_str(&fs::read_to_string(trio.join("panel.json")).unwrap()).unwrap();
    edit(&mut text, &mut panel);
    fs::write(case.join("case.toml"), text).unwrap();
    fs::write(case.join("panel.json"), serde_json::to_string_pretty(&panel).unwrap()).unwrap();
    for file in ["trio.vcf.gz", "trio.vcf.gz.tbi"] {
        fs::copy(trio.join(file), case.join(file)).unwrap();
    }
    case.join("case.toml")
}

fn tiered(case: &Path, more: &[&str]) -> PathBuf {
    let out = case.with_file_name("out");
    run(tierline().arg("tier").arg(case).args(more).arg("-o").arg(&out));
    out
}

fn compared(old: &Path, new: &Path) -> Value {
    let file = old.join("compare.json");
    run(tierline().arg("compare").arg(old).arg(new).arg("-o").arg(&file));
    serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap()
}

/// The gene's entry in a PanelApp document.
fn entry<'a>(panel: &'a mut Value, symbol: &str) -> &'a mut Value {
    let genes = panel["genes"].as_array_mut().unwrap();
    genes.iter_mut().find(|gene| gene["gene_data"]["gene_symbol"] == symbol).unwrap()
}

#[test]
fn a_panel_that_changed_is_the_cause_and_new_tier_1_comes_first() {
    let folder = scratch();
    let new = tiered(&case(folder.path(), "new", |_, panel| panel["version"] = "9.9".into()), &[]);
    let old = tiered(
        &case(folder.path(), "old", |_, panel| {
            entry(panel, "SIMG01")["confidence_level"] = "2".into();
            let genes = panel["genes"].as_array_mut().unwrap();
            genes.retain(|gene| gene["gene_data"]["gene_symbol"] != "SIMG04");
        }),
        &[],
    );
    let found = compared(&old, &new);
    let moved = found["moved"].as_array().unwrap();
    let genes: Vec<&str> = moved.iter().map(|m| m["gene"]["symbol"].as_str().unwrap()).collect();
    assert_eq!(genes, ["SIMG01", "SIMG04"]);
    for (i, what) in [(0, "gene rating"), (1, "gene added")] {
        let causes = moved[i]["causes"].as_array().unwrap();
        assert_eq!(causes.len(), 1, "nothing else differs: {causes:?}");
        let cause = &causes[0];
        assert_eq!((&cause["scope"], &cause["kind"]), (&"gene".into(), &"panel".into()));
        assert!(cause["what"].as_str().unwrap().ends_with(what), "{cause}");
        assert!(moved[i]["look"].as_str().unwrap().contains("Tier 1: assess it"), "{}", moved[i]);
    }
    assert_eq!(found["counts"]["into_best"], 2);
    // The other way they leave Tier 1.
    let back = compared(&new, &old);
    assert_eq!(back["counts"]["out_of_best"], 2);
    // The text says the same; a folder gets both files.
    let both = folder.path().join("both");
    let text = stdout_of(tierline().arg("compare").arg(&old).arg(&new).arg("-o").arg(&both));
    assert!(text.contains("panel Simulated developmental panel"), "{text}");
    let rows = fs::read_to_string(both.join("compare.tsv")).unwrap();
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(both.join("compare.json").is_file());
}

#[test]
fn a_changed_policy_and_nothing_changed_are_told_apart() {
    let folder = scratch();
    let one = case(folder.path(), "one", |_, _| ());
    let old = tiered(&one, &[]);
    let same = tiered(&case(folder.path(), "same", |_, _| ()), &[]);
    assert_eq!(compared(&old, &same)["moved"].as_array().unwrap().len(), 0);
    let strict = case(folder.path(), "strict", |_, _| ());
    let strict = tiered(
        &strict,
        &["--set", "de_novo.max_parental_alternate_reads=0", "--set", "de_novo.min_depth=500"],
    );
    let found = compared(&old, &strict);
    let moved = found["moved"].as_array().unwrap();
    assert!(!moved.is_empty());
    for one in moved {
        let whats: Vec<&str> =
            one["causes"].as_array().unwrap().iter().map(|c| c["what"].as_str().unwrap()).collect();
        assert_eq!(whats, ["de_novo.max_parental_alternate_reads", "de_novo.min_depth"], "{one}");
    }
}

#[test]
fn other_cases_and_other_files_are_refused_without_identifiers() {
    let folder = scratch();
    let old = tiered(&case(folder.path(), "a", |_, _| ()), &[]);
    let secret = "SECRET-CASE";
    let new = tiered(
        &case(folder.path(), "b", |text, _| *text = text.replace("SIM-TRIO-1", secret)),
        &[],
    );
    let output = tierline().arg("compare").arg(&old).arg(&new).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("the id of the case") && !told.contains(secret), "{told}");
    let output = tierline().arg("compare").arg(&old).arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(66));
    let later = fs::read_to_string(old.join("results.json")).unwrap();
    let later = later.replacen("\"schemaVersion\": \"1.", "\"schemaVersion\": \"2.", 1);
    fs::write(folder.path().join("later.json"), later).unwrap();
    let output =
        tierline().arg("compare").arg(&old).arg(folder.path().join("later.json")).output().unwrap();
    assert_eq!(output.status.code(), Some(65));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be read"));
    // No output takes the place of an input.
    let input = old.join("results.json");
    let output =
        tierline().arg("compare").arg(&old).arg(&old).arg("-o").arg(&input).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
