//! Small made-up files with something wrong or missing: what tiering makes of them is an error or a reported count, never
//! silence.
#![allow(clippy::unwrap_used, reason = "a test program stops at what it cannot set up")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{scratch, tierline};
use serde_json::Value;

const CSQ: &str = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: \
                   Allele|Consequence|SYMBOL|Gene|Feature|BIOTYPE\">";
const RECORD: &str =
    "20\t100\t.\tA\tG\t50\tPASS\tCSQ=G|missense_variant|AAA|ENSG1|ENST1|protein_coding";

/// Runs `tier` on a child with both parents; `header` and `lines` go into the file as they are.
fn tier(folder: &Path, (header, lines): (&str, &[String]), more: &[&str]) -> Output {
    let vcf = format!(
        "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n##FILTER=<ID=PASS,Description=\"ok\">\n{header}\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         ##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\tF\tM\n{}\n",
        lines.join("\n")
    );
    fs::write(folder.join("in.vcf"), vcf).unwrap();
    fs::write(folder.join("in.ped"), "f\tC\tF\tM\t1\t2\nf\tF\t0\t0\t1\t1\nf\tM\t0\t0\t2\t1\n")
        .unwrap();
    fs::write(folder.join("genes.txt"), "symbol\tmoi\nAAA\tmonoallelic\nZZZ\tbiallelic\n").unwrap();
    tierline()
        .arg("tier")
        .arg(folder.join("in.vcf"))
        .arg("--ped")
        .arg(folder.join("in.ped"))
        .arg("--panel")
        .arg(folder.join("genes.txt"))
        .args(["--assembly", "GRCh37", "--consent", "primary", "--allow-unannotated", "-o"])
        .arg(folder.join("out"))
        .args(more)
        .output()
        .unwrap()
}

fn results(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("out/results.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn notices(results: &Value) -> Vec<String> {
    let all = results["notices"].as_array().unwrap().iter();
    all.map(|notice| notice["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn calls_without_depth_and_quality_stay_possible() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT\t0/1\t0/0\t0/0");
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let events = results["candidates"][0]["events"].as_array().unwrap();
    let new = events.iter().find(|event| event["segregation"] == "deNovo").unwrap();
    assert_eq!((&new["possible"], &new["tier"]), (&Value::Bool(true), &"TIER2".into()));
    let missing = new["missing"].to_string();
    for word in ["proband: no genotype quality", "father: no depth", "no share of ALT reads"] {
        assert!(missing.contains(word), "{missing}");
    }
}

#[test]
fn a_consequence_header_without_its_format_is_told() {
    let folder = scratch();
    let bare = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequences\">";
    let line = format!("{RECORD}\tGT:DP\t0/1:30\t0/0:30\t0/0:30");
    let output = tier(folder.path(), (bare, &[line]), &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        let told = notices(&results(folder.path())).join("\n");
        assert!(told.contains("onsequence"), "{told}");
    } else {
        assert!(told.contains("in.vcf") && told.contains("onsequence"), "{told}");
    }
}

#[test]
fn unknown_words_and_genes_are_counted_once() {
    let folder = scratch();
    let line = format!(
        "{RECORD},G|odd_word|AAA|ENSG1|ENST2|protein_coding\tGT:DP\t0/1:30\t0/0:30\t0/0:30"
    );
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let told = notices(&results);
    assert_eq!(told.iter().filter(|text| text.contains("odd_word")).count(), 1, "{told:?}");
    let unseen = results["genes_not_annotated"].to_string();
    assert!(unseen.contains("ZZZ") && !unseen.contains("AAA"), "{unseen}");
}

#[test]
fn a_homozygous_child_of_one_carrier_is_named() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT:DP\t1/1:30\t0/1:30\t0/0:30");
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let events = results["candidates"][0]["events"].as_array().unwrap();
    let words: Vec<&str> = events.iter().map(|e| e["segregation"].as_str().unwrap()).collect();
    assert!(!words.contains(&"deNovo") && words.contains(&"UniparentalIsodisomy"), "{words:?}");
    let told = events[0]["reasons"].to_string();
    assert!(told.contains("possible uniparental isodisomy"), "{told}");
}

#[test]
fn gatk_s_labels_reach_the_model() {
    let folder = scratch();
    let header = format!(
        "{CSQ}\n##INFO=<ID=hiConfDeNovo,Number=.,Type=String,Description=\"x\">\n\
         ##INFO=<ID=loConfDeNovo,Number=.,Type=String,Description=\"x\">"
    );
    let with = |label: &str| {
        let line = format!("{RECORD};{label}=C\tGT\t0/1\t0/0\t0/0");
        let output = tier(folder.path(), (&header, &[line]), &[]);
        assert!(output.status.success(), "{output:?}");
        let results = results(folder.path());
        let events = results["candidates"][0]["events"].as_array().unwrap().clone();
        let new = events.into_iter().find(|event| event["segregation"] == "deNovo").unwrap();
        (new["possible"].as_bool().unwrap(), new["tier"].as_str().unwrap().to_owned())
    };
    assert_eq!(with("hiConfDeNovo"), (false, "TIER1".to_owned()));
    assert_eq!(with("loConfDeNovo"), (true, "TIER2".to_owned()));
}

#[test]
fn a_pedigree_that_contradicts_itself_is_refused() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT\t0/1\t0/0\t0/0");
    let first = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(first.status.success(), "{first:?}");
    for (ped, word) in [
        ("f\tC\tF\tM\t1\t2\nf\tF\t0\t0\t2\t1\nf\tM\t0\t0\t2\t1\n", "father"),
        ("f\tC\tF\tM\t1\t2\nf\tF\tC\t0\t1\t1\nf\tM\t0\t0\t2\t1\n", "circle"),
    ] {
        fs::write(folder.path().join("in.ped"), ped).unwrap();
        let output = tierline()
            .arg("tier")
            .arg(folder.path().join("in.vcf"))
            .arg("--ped")
            .arg(folder.path().join("in.ped"))
            .args(["--assembly", "GRCh37", "--consent", "primary", "--allow-unannotated", "-o"])
            .arg(folder.path().join("other"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(word), "{told}");
    }
}
