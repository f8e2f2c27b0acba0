//! Reports of the committed cases: rendered again they are the same bytes, and they hold the quality of every member.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{root, run, scratch, tierline};

const CASES: [&str; 2] = ["trio", "tumour-normal"];

fn run_case(name: &str, folder: &Path) -> PathBuf {
    let out = folder.join(name);
    let case = root().join("test-data").join(name).join("case.toml");
    run(tierline().arg("run").arg(case).arg("-o").arg(&out).args(["-t", "2"]));
    out
}

/// Names of the files directly in a folder, sorted.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn reports_rendered_again_are_the_same_bytes() {
    let folder = scratch();
    for name in CASES {
        let first = run_case(name, folder.path());
        let again = folder.path().join(format!("{name} again"));
        run(tierline().arg("report").arg(first.join("results.json")).arg("-o").arg(&again));
        let mut expected = files(&first);
        // What speaks of the run is not made again.
        let of_run = ["run.json", "status.jsonl", "manifest.sha256", "ro-crate-metadata.json"];
        expected.retain(|file| !of_run.contains(&file.as_str()));
        assert_eq!(files(&again), expected);
        for file in expected {
            let same = fs::read(first.join(&file)).unwrap() == fs::read(again.join(&file)).unwrap();
            assert!(same, "{name}: {file} differs");
        }
    }
}

#[test]
fn quality_in_results_is_that_of_the_files_beside_them() {
    let folder = scratch();
    for name in CASES {
        let out = run_case(name, folder.path());
        let results: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
        let qc = results["qc"].as_array().unwrap();
        assert_eq!(qc.len(), results["case"]["members"].as_array().unwrap().len());
        for entry in qc {
            let sample = entry["sample"].as_str().unwrap();
            let file = |suffix: &str| {
                fs::read_to_string(out.join(format!("qc/{sample}.{suffix}"))).unwrap()
            };
            let flagstat = file("flagstat.txt");
            let total = &entry["reads"]["total"];
            let line = format!("{} + {} in total", total[0], total[1]);
            assert!(flagstat.starts_with(&line), "{line} in {flagstat}");
            let summary = file("mosdepth.summary.txt");
            let row = summary.lines().find(|line| line.starts_with("total\t")).unwrap();
            let row: Vec<f64> = row.split('\t').skip(1).map(|n| n.parse().unwrap()).collect();
            let [length, sum, _, least, greatest] = row[..] else { panic!("{summary}") };
            let total = &entry["depth"]["total"];
            let figure = |key: &str| total[key].as_f64().unwrap();
            for (key, expected) in [("bases", length), ("min", least), ("max", greatest)] {
                assert!((figure(key) - expected).abs() < 0.5, "{sample} {key} in {summary}");
            }
            assert!((figure("mean") - sum / length).abs() < 5.1e-5 && sum > 0.0, "{summary}");
            let reached = total["reached"].as_array().unwrap();
            let shares: Vec<f64> = reached.iter().map(|r| r["share"].as_f64().unwrap()).collect();
            assert!(shares[0] > 0.0 && shares.is_sorted_by(|a, b| a >= b), "{shares:?}");
        }
    }
}

#[test]
fn an_order_reaches_fhir_alone_and_its_faults_show_no_value() {
    let folder = scratch();
    // What the reads say is no part of it.
    let out = folder.path().join("out");
    let case = root().join("test-data/trio/case.toml");
    run(tierline().arg("tier").arg(case).arg("-o").arg(&out));
    let order = root().join("test-data/referrals/nw-gmsa-order.toml");
    let secrets = ["9449305552", "CHISLETT", "Octavia", "2008-09-20"];
    let write = |to: &Path, order: &Path| {
        let mut command = tierline();
        command.arg("report").arg(&out).arg("-o").arg(to).arg("--fhir-order").arg(order);
        command.args(["--fhir-profile", "nw-gmsa"]).env("RUST_LOG", "trace");
        command.output().unwrap()
    };
    let named = folder.path().join("named");
    let done = write(&named, &order);
    assert!(done.status.success());
    for words in [&done.stdout, &done.stderr] {
        let words = String::from_utf8_lossy(words);
        assert!(secrets.iter().all(|secret| !words.contains(secret)), "{words}");
    }
    for file in files(&named) {
        let text = String::from_utf8_lossy(&fs::read(named.join(&file)).unwrap()).into_owned();
        let holds = secrets.iter().any(|secret| text.contains(secret));
        assert_eq!(holds, file == "fhir.json", "{file}");
    }
    let wrong = folder.path().join("wrong.toml");
    let text = fs::read_to_string(order).unwrap();
    for (from, to, told) in [
        ("\"9449305552\"", "9449305552", "`patient.nhs_number` is not NHS number"),
        ("\"2008-09-20\"", "\"2008-09-20T\"", "`patient.birth_date` is not"),
        ("family = \"CHISLETT\"", "family = \"CHISLETT", "line 4: is no TOML"),
        ("test = \"R27.3\"\n", "", "`test` is missing from [order]: code of the National"),
    ] {
        fs::write(&wrong, text.replacen(from, to, 1)).unwrap();
        let failed = write(&folder.path().join("none"), &wrong);
        assert_eq!(failed.status.code(), Some(65));
        let words = String::from_utf8_lossy(&failed.stderr).into_owned();
        assert!(words.contains(told), "{words}");
        assert!(secrets.iter().all(|secret| !words.contains(secret)), "{words}");
        assert!(!folder.path().join("none/fhir.json").exists());
    }
    let without = tierline()
        .arg("report")
        .arg(&out)
        .arg("-o")
        .arg(&named)
        .args(["--fhir-profile", "nw-gmsa"])
        .output();
    let without = without.unwrap();
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&without.stderr).contains("needs --fhir-order"));
}
