//! LoFreq's files have no sample columns: who the sample is the case says, who wrote the file its header.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{gunzip_text, root, run, scratch, tierline};
use serde_json::{Value, json};

/// The committed somatic calls as LoFreq writes them: eight columns, reads in INFO.
fn calls(source: &str) -> String {
    let text = gunzip_text(&root().join("test-data/tumour-normal/somatic.vcf.gz"));
    let mut out = Vec::new();
    for line in text.lines() {
        if line.starts_with("##source") {
            out.push(format!("##source={source}"));
        } else if line.contains("_sample=") || line.starts_with("##FORMAT") {
        } else if line.starts_with("#CHROM") {
            out.push("##INFO=<ID=AF,Number=1,Type=Float,Description=\"Allele Frequency\">".into());
            out.push("##INFO=<ID=SB,Number=1,Type=Integer,Description=\"Strand bias\">".into());
            out.push(
                "##INFO=<ID=DP4,Number=4,Type=Integer,Description=\"Counts by strand\">".into(),
            );
            out.push(line.split('\t').take(8).collect::<Vec<_>>().join("\t"));
        } else if line.starts_with('#') {
            out.push(line.to_owned());
        } else {
            let mut cells: Vec<String> = line.split('\t').take(8).map(str::to_owned).collect();
            let kept =
                cells[7].split(';').filter(|item| !item.starts_with("DP=")).collect::<Vec<_>>();
            cells[7] = format!("DP=102;AF=0.196078;SB=3;DP4=40,38,11,9;{}", kept.join(";"));
            out.push(cells.join("\t"));
        }
    }
    out.join("\n") + "\n"
}

fn case(folder: &Path, kind: &str) -> PathBuf {
    let from = root().join("test-data/tumour-normal");
    let member = |sample: &str, role: &str| {
        format!(
            "[[member]]\nid = \"S\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"female\"\n[member.consent]\nprimary = true\n"
        )
    };
    let normal =
        if kind == "tumour-normal" { member("SIMNORMAL", "normal") } else { String::new() };
    let text = format!(
        "[case]\nid = \"S\"\nkind = \"{kind}\"\nassembly = \"GRCh38\"\nvariants = [\"lofreq.vcf\"]\ndomain1 = \"{}\"\ndomain2 = \"{}\"\n{}{normal}",
        from.join("domain1.tsv").display(),
        from.join("domain2.tsv").display(),
        member("SIMTUMOUR", "tumour"),
    );
    let path = folder.join("case.toml");
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn reads_are_the_tumour_s() {
    let folder = scratch();
    fs::write(folder.path().join("lofreq.vcf"), calls("lofreq call -f ref.fa")).unwrap();
    for kind in ["tumour-normal", "tumour-only"] {
        let path = case(folder.path(), kind);
        let out = folder.path().join(kind);
        run(tierline().arg("tier").arg(&path).arg("-o").arg(&out));
        let found: Value =
            serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
        let candidates = found["candidates"].as_array().unwrap();
        assert!(candidates.len() > 5);
        for one in candidates {
            let tumour =
                one["calls"].as_array().unwrap().iter().find(|c| c["role"] == "tumour").unwrap();
            // The caller's own share is of all reads at the site: 20 of 102.
            let seen =
                ["depth", "reference_depth", "alternate_depth", "fraction"].map(|key| &tumour[key]);
            assert_eq!(seen, [&json!(102), &json!(78), &json!(20), &json!(0.1961)]);
        }
        assert_eq!(found["biomarkers"]["calls"]["without_reads"], 0);
        let told = found["notices"].as_array().unwrap().iter();
        assert_eq!(told.filter(|n| n["text"].as_str().unwrap().contains("LoFreq")).count(), 1);
    }
}

#[test]
fn another_caller_without_columns_is_refused() {
    let folder = scratch();
    fs::write(folder.path().join("lofreq.vcf"), calls("mycaller 1.0")).unwrap();
    let path = case(folder.path(), "tumour-only");
    let output =
        tierline().arg("tier").arg(&path).arg("-o").arg(folder.path().join("x")).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && told.contains("none of the 0 columns"), "{told}");
    assert!(told.contains("only LoFreq is read"), "{told}");
}

#[test]
fn counts_beyond_all_numbers_are_missing() {
    let folder = scratch();
    let text = calls("lofreq call").replace("DP4=40,38,11,9", "DP4=4294967295,38,11,9");
    fs::write(folder.path().join("lofreq.vcf"), text).unwrap();
    let out = folder.path().join("out");
    run(tierline().arg("tier").arg(case(folder.path(), "tumour-only")).arg("-o").arg(&out));
    let found: Value =
        serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
    let call = &found["candidates"][0]["calls"][0];
    let seen = ["reference_depth", "alternate_depth"].map(|key| &call[key]);
    assert_eq!(seen, [&Value::Null, &json!(20)]);
}
