//! Real somatic files from end to end: callers' own columns, a file of several callers, single-sample sets, reads of a pair. The
//! numbers of records were counted with `bcftools view` and `bcftools norm -m-any`, reads with `samtools view -c`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::{gunzip_text, run, scratch, shared_file, tierline};
use serde_json::Value;

/// A case of a tumour, with its normal where one is named.
fn case(folder: &Path, assembly: &str, files: &[&Path], samples: &[(&str, &str)]) -> PathBuf {
    let kind = if samples.len() == 2 { "tumour-normal" } else { "tumour-only" };
    let list: Vec<String> = files.iter().map(|path| format!("\"{}\"", path.display())).collect();
    let mut text = format!(
        "[case]\nid = \"R\"\nkind = \"{kind}\"\nassembly = \"{assembly}\"\nvariants = [{}]\n",
        list.join(", ")
    );
    for (role, keys) in samples {
        let _ = write!(
            text,
            "[[member]]\nid = \"R\"\nrole = \"{role}\"\n{keys}\n[member.consent]\nprimary = true\n"
        );
    }
    let path = folder.join("case.toml");
    fs::write(&path, text).unwrap();
    path
}

fn results(case: &Path, out: &Path, more: &[&str]) -> Value {
    run(tierline().arg("run").arg(case).arg("-o").arg(out).args(more));
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

fn count(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

#[test]
fn strelka_indels_and_muse_substitutions_of_one_pair() {
    let at = "somatic/callers-grch38/tumor_5_vs_normal_5";
    let Some(muse) = shared_file(&format!("{at}.muse_VEP.ann.vcf.gz")) else { return };
    let Some(strelka) = shared_file(&format!("{at}.strelka.somatic_indels_VEP.ann.vcf.gz")) else {
        return;
    };
    let folder = scratch();
    let samples = [("tumour", "sample = \"tumor_5\""), ("normal", "sample = \"normal_5\"")];
    let path = case(folder.path(), "GRCh38", &[&muse, &strelka], &samples);
    let out = folder.path().join("out");
    let found = results(&path, &out, &[]);
    // 2,030 and 6,203 records; 108 of MuSE pass, 111 alleles; 1,637 of Strelka.
    assert_eq!(count(&found["filter_counts"]["records"]), 2_030 + 6_203);
    let calls = &found["biomarkers"]["calls"];
    assert_eq!((count(&calls["variants"]), count(&calls["snvs"])), (111 + 1_637, 111));
    assert_eq!(count(&calls["insertions"]) + count(&calls["deletions"]), 1_637);
    assert_eq!(count(&calls["without_reads"]), 0);
    // Depths in the MAF are those of the file, by allele: TAR and TIR, tier 1, whatever the order of columns.
    let text = gunzip_text(&strelka);
    let written: BTreeMap<&str, Vec<&str>> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .map(|record| (record[1], record))
        .collect();
    let maf = fs::read_to_string(out.join("candidates.maf")).unwrap();
    let names: Vec<&str> = maf.lines().nth(1).unwrap().split('\t').collect();
    let mut rows = 0;
    for line in maf.lines().skip(2) {
        let row: Vec<&str> = line.split('\t').collect();
        let get = |name: &str| row[names.iter().position(|known| *known == name).unwrap()];
        let record = &written[get("vcf_pos")];
        let keys: Vec<&str> = record[8].split(':').collect();
        for (prefix, column) in [("n", 9), ("t", 10)] {
            let values: Vec<&str> = record[column].split(':').collect();
            let first = |key: &str| {
                values[keys.iter().position(|k| *k == key).unwrap()].split(',').next().unwrap()
            };
            assert_eq!(get(&format!("{prefix}_ref_count")), first("TAR"), "{line}");
            assert_eq!(get(&format!("{prefix}_alt_count")), first("TIR"), "{line}");
            assert_eq!(get(&format!("{prefix}_depth")), first("DP"), "{line}");
        }
        rows += 1;
    }
    assert_eq!(rows, 9);
}

#[test]
fn a_file_of_several_callers_with_four_columns() {
    let Some(file) = shared_file("variants/vep/hcc1395.tn.vep86.vcf.gz") else { return };
    let folder = scratch();
    let samples = [("tumour", "sample = \"TUMOR\""), ("normal", "sample = \"NORMAL\"")];
    let path = case(folder.path(), "GRCh38", &[&file], &samples);
    // VEP 86 wrote no frequencies of gnomAD: that is refused, and told when allowed.
    let out = folder.path().join("refused");
    let output = tierline().arg("run").arg(&path).arg("-o").arg(&out).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(65), "{told}");
    assert!(
        told.contains("no population frequencies of gnomAD genomes")
            && !out.join("results.json").exists()
    );
    let found = results(&path, &folder.path().join("out"), &["--allow-unannotated"]);
    // 1,140 records, 1,145 alleles of which 1,136 pass; in 4 of them the tumour has 0/0.
    let counts = &found["filter_counts"];
    assert_eq!((count(&counts["records"]), count(&counts["variants"])), (1_140, 1_145));
    assert_eq!(count(&counts["dropped"]["pass"]), 9);
    let calls = &found["biomarkers"]["calls"];
    assert_eq!((count(&calls["variants"]), count(&calls["snvs"])), (1_132, 1_062));
    assert_eq!(count(&calls["without_reads"]), 0);
}

#[test]
fn nine_sets_of_one_sample_each() {
    // Variants of each set. Eight hold a column that shows the reference throughout, the patients' blood or another biopsy.
    let sets = [
        ("colon1", 196, false),
        ("colon2", 600, false),
        ("colon3", 450, false),
        ("intestine1", 150, false),
        ("intestine2", 800, false),
        ("intestine3", 500, false),
        ("liver1", 300, false),
        ("liver2", 900, true),
        ("liver3", 200, false),
    ];
    for (name, variants, carried) in sets {
        let Some(file) = shared_file(&format!("somatic/wgs-snv-b37/{name}-sample.vcf")) else {
            return;
        };
        let text = fs::read_to_string(&file).unwrap();
        let head = text.lines().find(|line| line.starts_with("#CHROM")).unwrap();
        let sample = format!("sample = \"{}\"", head.split('\t').nth(9).unwrap());
        let folder = scratch();
        let path = case(folder.path(), "GRCh37", &[&file], &[("tumour", &sample)]);
        let out = folder.path().join("out");
        let mut command = tierline();
        command.arg("run").arg(&path).arg("-o").arg(&out).arg("--allow-unannotated");
        let output = command.output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        if carried {
            assert!(output.status.success(), "{name}: {told}");
            let found: Value =
                serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
            assert_eq!(count(&found["biomarkers"]["calls"]["variants"]), variants, "{name}");
        } else {
            assert_eq!(output.status.code(), Some(65), "{name}: {told}");
            let words = format!("the tumour carries none of the {variants} variants");
            assert!(told.contains(&words), "{name}: {told}");
            assert!(!out.join("results.json").exists());
        }
    }
}

#[test]
fn reads_of_a_pair_whose_normal_has_a_space_in_its_name() {
    let Some(tumour) = shared_file("reads/manta/G15512.HCC1954.1.COST16011_region.bam") else {
        return;
    };
    let Some(normal) = shared_file("reads/manta/HCC1954.NORMAL.30x.compare.COST16011_region.bam")
    else {
        return;
    };
    let folder = scratch();
    let keys = |sample: &str, path: &Path| {
        format!("sample = \"{sample}\"\nalignment = \"{}\"", path.display())
    };
    let (t, n) = (keys("HCC1954", &tumour), keys("HCC1954 BL", &normal));
    let path = case(folder.path(), "GRCh37", &[], &[("tumour", &t), ("normal", &n)]);
    let out = folder.path().join("out");
    let found = results(&path, &out, &[]);
    let first = |name: &str| {
        let text = fs::read_to_string(out.join("qc").join(name)).unwrap();
        text.lines()
            .next()
            .unwrap()
            .split(' ')
            .filter_map(|word| word.parse::<u64>().ok())
            .sum::<u64>()
    };
    assert_eq!(first("HCC1954.flagstat.txt"), 11_194);
    assert_eq!(first("HCC1954_BL.flagstat.txt"), 1_179);
    // No file of variants: no burden, not even of zero.
    assert!(found.get("biomarkers").is_none());
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains(
        "Mutational burden, signatures, microsatellite instability and tumour purity were"
    ));
    // With the names exchanged the reads are another sample's than the case says.
    let (t, n) = (keys("HCC1954 BL", &tumour), keys("HCC1954", &normal));
    let path = case(folder.path(), "GRCh37", &[], &[("tumour", &t), ("normal", &n)]);
    let output =
        tierline().arg("run").arg(&path).arg("-o").arg(folder.path().join("x")).output().unwrap();
    assert!(!output.status.success());
    assert!(!folder.path().join("x/results.json").exists());
}
