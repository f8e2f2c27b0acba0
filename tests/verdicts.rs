//! Acceptance limits on simulated reads: what falls short fails, in words a person understands, and only then does the
//! program end with exit code 3.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::path::Path;

use common::{root, scratch, tierline};

/// Runs `qc` on the simulated child at low depth; gives exit code, log and `qc.json`.
fn judged(out: &Path, more: &[&str]) -> (Option<i32>, String, serde_json::Value) {
    let data = root().join("test-data");
    let mut command = tierline();
    command.arg("qc").arg(data.join("trio/child.bam")).args(["--prefix", "m", "-n", "-o"]).arg(out);
    let output = command.args(more).output().expect("the program runs");
    let json = std::fs::read(out.join("m.qc.json")).expect("qc.json");
    let json = serde_json::from_slice(&json).expect("JSON");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), json)
}

#[test]
fn a_sample_that_falls_short_fails_and_says_why() {
    let folder = scratch();
    let fasta = root().join("test-data/reference/sim.fa.gz");
    let fasta = fasta.to_str().expect("a path");
    let strict = ["--accept", "gel-germline", "--fail-on-qc", "-f", fasta];
    let (code, log, json) = judged(folder.path(), &strict);
    assert_eq!(code, Some(3), "{log}");
    let told = "FAIL share of the reference at 15x or more: 47.155 %; wanted >= 95 %";
    assert!(log.contains(told), "{log}");
    assert!(log.contains("FAIL by gel-germline 0.2.0 (1 check not assessed)"), "{log}");
    assert_eq!(json["verdict"]["outcome"], "FAIL");
    let check = &json["verdict"]["checks"][0];
    assert_eq!(check["limit"]["at_least"], 95.0);
    assert_eq!(check["sourceHost"], "pipeline-rd-help.genomicsengland.co.uk");
    assert_eq!(json["verdict"]["checks"][2]["outcome"], "NOT_ASSESSED");
    let table = std::fs::read_to_string(folder.path().join("m.verdicts_mqc.tsv")).expect("a table");
    assert!(table.contains("\tFAIL\tgel-germline 0.2.0\t"), "{table}");
}

#[test]
fn saliva_is_spared_and_a_failure_is_no_error_unless_asked() {
    let folder = scratch();
    let fasta = root().join("test-data/reference/sim.fa.gz");
    let fasta = fasta.to_str().expect("a path");
    let (code, log, json) =
        judged(folder.path(), &["--accept", "gel-germline", "--saliva", "-f", fasta]);
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(json["verdict"]["checks"][0]["outcome"], "WARN");
    assert!(log.contains("saliva is exempt from this limit"), "{log}");
}

#[test]
fn without_the_reference_too_little_coverage_is_not_known() {
    let folder = scratch();
    let (_, log, json) = judged(folder.path(), &["--accept", "gel-newborn"]);
    assert_eq!(json["verdict"]["checks"][0]["outcome"], "NOT_ASSESSED", "{log}");
}

#[test]
fn a_set_that_only_reports_neither_passes_nor_fails() {
    let folder = scratch();
    let (code, log, json) =
        judged(folder.path(), &["--accept", "ga4gh-wgs", "--fail-on-qc", "-t", "5"]);
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(json["verdict"]["checks"][0]["outcome"], "REPORTED");
    let text = std::fs::read(folder.path().join("m.ga4gh.json")).expect("the metrics");
    let metrics: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let metrics = &metrics["wgs_qc_metrics"]["aln_metrics"];
    assert_eq!(metrics["yield_bp_q30"], json["q30"]["all"]);
    assert!(metrics["mean_insert_size"].as_f64().is_some_and(|size| size > 0.0));
}

/// Runs a committed case; gives exit code, log and `results.json` when there is one.
fn case(name: &str, out: &Path, more: &[&str]) -> (Option<i32>, String, serde_json::Value) {
    let mut command = tierline();
    command.arg("run").arg(root().join("test-data").join(name)).arg("-o").arg(out).args(more);
    let output = command.output().expect("the program runs");
    let json = std::fs::read(out.join("results.json")).unwrap_or_else(|_| b"null".into());
    let json = serde_json::from_slice(&json).expect("JSON");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), json)
}

#[test]
fn a_case_is_compared_with_the_limits_of_its_policy() {
    let folder = scratch();
    let (code, log, json) = case("trio/case.toml", folder.path(), &["--fail-on-qc"]);
    assert_eq!(code, Some(3), "{log}");
    let members = json["qc"].as_array().expect("the members");
    assert_eq!(members.len(), 3);
    for member in members {
        assert_eq!(member["verdict"]["set"], "gel-germline");
        assert_eq!(member["verdict"]["outcome"], "FAIL", "{log}");
    }
    let page = std::fs::read_to_string(folder.path().join("report.html")).expect("the page");
    assert!(page.contains("<strong class=\"flag\">FAIL</strong>"));
    let (code, log, _) = case("trio/case.toml", folder.path(), &[]);
    assert_eq!(code, Some(0), "a failure is an exit code only when asked for: {log}");
}

#[test]
fn another_set_or_none_takes_the_place_of_the_policys() {
    let folder = scratch();
    let more = ["--fail-on-qc", "--accept", "ga4gh-wgs"];
    let (code, log, json) = case("trio/case.toml", folder.path(), &more);
    assert_eq!((code, &json["qc"][0]["verdict"]["set"]), (Some(0), &"ga4gh-wgs".into()), "{log}");
    let (code, log, json) = case("trio/case.toml", folder.path(), &["--accept", "none"]);
    assert_eq!((code, &json["qc"][0]["verdict"]), (Some(0), &serde_json::Value::Null), "{log}");
    let out = folder.path().join("new");
    let (code, log, _) = case("trio/case.toml", &out, &["--accept", "gel-germlin"]);
    assert!(code == Some(2) && log.contains("did you mean gel-germline?"), "{code:?} {log}");
    assert!(!out.exists(), "nothing is written");
}

#[test]
fn a_tumour_has_limits_of_its_own() {
    let folder = scratch();
    let (code, log, json) = case("tumour-normal/case.toml", folder.path(), &[]);
    assert_eq!(code, Some(0), "{log}");
    for member in json["qc"].as_array().expect("the members") {
        let set = if member["role"] == "tumour" { "gel-tumour" } else { "gel-normal" };
        assert_eq!(member["verdict"]["set"], set, "{member}");
    }
}
