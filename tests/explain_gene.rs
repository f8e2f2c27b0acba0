//! `tierline explain CASE --gene`: panels, every variant with what keeps it from a tier, depth, and what would change.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use common::{root, run, scratch, stdout_of, tierline};

fn told(more: &[&str]) -> String {
    let case = root().join("test-data/trio/case.toml");
    stdout_of(tierline().arg("explain").arg(case).args(more))
}

#[test]
fn a_gene_s_story_holds_every_variant_and_what_drops_it() {
    let text = told(&["--gene", "SIMG01"]);
    assert!(text.contains("panel Simulated developmental panel 1.4: green, MONOALLELIC"), "{text}");
    // The common variant of the gene in one line, with the filter that drops it; the de novo in full.
    let line = text.lines().find(|line| line.starts_with("chr20:10737868:G:C")).unwrap();
    assert!(line.contains("no  frequency:"), "{line}");
    assert!(text.contains("\nchr20:10738026:A:G\nTier1: SIMG01 deNovo"), "{text}");
    assert!(!text.contains("SIMG02"), "{text}");
    let all = told(&["--gene", "SIMG01", "--all"]);
    assert!(all.contains("\nchr20:10737868:G:C\ndropped by the filter frequency, the first that does:\n  no  frequency:"), "{all}");
    assert!(all.len() > text.len());
    // By another name of the panel.
    assert_eq!(told(&["--gene", "HGNC:99001"]).lines().count(), text.lines().count());
    assert_eq!(told(&["--gene", "ENSG99000000001"]).lines().count(), text.lines().count());
}

#[test]
fn depth_comes_from_results_and_faults_are_told() {
    let folder = scratch();
    let out = folder.path().join("out");
    let case = root().join("test-data/trio/case.toml");
    run(tierline().arg("tier").arg(&case).arg("-o").arg(&out));
    let results = out.display().to_string();
    let text = told(&["--gene", "SIMG02", "--results", &results]);
    assert!(text.contains("depth The results hold no depth over the gene"), "{text}");
    let output = tierline().arg("explain").arg(&case).args(["--gene", "SIMG0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(
        fault.contains("name a gene \"SIMG0\"") && fault.contains("did you mean \"SIMG0"),
        "{fault}"
    );
}
