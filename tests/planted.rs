//! What is planted is found: whole runs of the simulated cases against their truth tables, in both directions, and the
//! same bytes from any number of threads.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::{root, run, scratch, tierline};

fn case(name: &str) -> PathBuf {
    root().join("test-data").join(name)
}

/// Rows of a table as maps from column to value.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| {
            head.iter().map(|h| (*h).to_owned()).zip(line.split('\t').map(str::to_owned)).collect()
        })
        .collect()
}

/// The chosen columns of the rows whose `answer` column is neither `NONE` nor empty.
fn answers(path: &Path, answer: &str, columns: &[&str]) -> BTreeSet<String> {
    table(path)
        .iter()
        .filter(|row| !matches!(row[answer].as_str(), "NONE" | "."))
        .map(|row| columns.iter().map(|c| row[*c].as_str()).collect::<Vec<_>>().join(" "))
        .collect()
}

fn whole_run(name: &str, threads: &str, output: &Path) {
    run(tierline()
        .arg("run")
        .arg(case(name).join("case.toml"))
        .arg("-o")
        .arg(output)
        .args(["-t", threads]));
}

/// Runs a case and compares its tiers with the truth; `found` rows must be answered.
fn compare(name: &str, answer: &str, columns: &[&str], found: usize) {
    let folder = scratch();
    let output = folder.path().join("out");
    whole_run(name, "2", &output);
    let truth = answers(&case(name).join("truth.tsv"), answer, columns);
    let told = answers(&output.join("tiers.tsv"), answer, columns);
    let missing: Vec<_> = truth.difference(&told).collect();
    let extra: Vec<_> = told.difference(&truth).collect();
    assert!(missing.is_empty() && extra.is_empty(), "missing: {missing:#?}, extra: {extra:#?}");
    assert_eq!(truth.len(), found);
}

#[test]
fn a_trio_gets_the_planted_tiers_and_no_others() {
    let columns = [
        "chrom",
        "pos",
        "ref",
        "alt",
        "tier",
        "gene",
        "mode_of_inheritance",
        "segregation",
        "possible",
    ];
    compare("trio", "tier", &columns, 22);
}

#[test]
fn a_tumour_gets_the_planted_domains_and_no_others() {
    compare("tumour-normal", "domain", &["chrom", "pos", "ref", "alt", "domain", "gene"], 10);
}

/// Every file below a folder, by its path in it.
fn bytes(folder: &Path, below: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        if folder.join(&path).is_dir() {
            bytes(folder, &path, into);
        } else {
            into.insert(path.clone(), std::fs::read(folder.join(&path)).unwrap());
        }
    }
}

#[test]
fn all_results_are_the_same_bytes_with_any_number_of_threads() {
    for name in ["trio", "tumour-normal"] {
        let folder = scratch();
        let mut first: Option<BTreeMap<PathBuf, Vec<u8>>> = None;
        for threads in ["1", "2", "5"] {
            let output = folder.path().join(threads);
            whole_run(name, threads, &output);
            let mut made = BTreeMap::new();
            bytes(&output, Path::new(""), &mut made);
            // These tell the run's times, its command line and its threads, or sums of files that do.
            for of_run in ["run.json", "status.jsonl", "manifest.sha256", "ro-crate-metadata.json"]
            {
                assert!(made.remove(Path::new(of_run)).is_some(), "{of_run}");
            }
            if let Some(packet) = made.get_mut(Path::new("phenopacket.json")) {
                let mut value: serde_json::Value = serde_json::from_slice(packet).unwrap();
                assert!(value["metaData"]["created"].take().is_string());
                *packet = value.to_string().into_bytes();
            }
            let Some(first) = &first else {
                assert!(made.contains_key(Path::new("tiers.tsv")));
                assert!(made.contains_key(Path::new("results.json")));
                first = Some(made);
                continue;
            };
            assert!(made.keys().eq(first.keys()), "{name}: other files with {threads} threads");
            for (path, content) in &made {
                let path_shown = path.display();
                assert!(*content == first[path], "{name}: {path_shown} with {threads} threads");
            }
        }
    }
}
