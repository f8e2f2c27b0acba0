//! Bulk calls: other programs read them, their counts are those of a plain count over the lines, and filtering agrees.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]
#![cfg(feature = "simulate")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip_text, oracle, run, scratch, stdout_of, tierline};

const RECORDS: usize = 30_000;

/// Calls on chr21 and chrX at their true lengths.
fn simulated(folder: &Path) -> PathBuf {
    let calls = folder.join("bulk.vcf.gz");
    run(tierline()
        .args(["simulate", "calls", "--contigs", "chr21,chrX", "-n", "30K", "-o"])
        .arg(&calls));
    calls
}

/// Cells of the lines of a body.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().filter(|l| !l.starts_with('#')).map(|l| l.split('\t').collect()).collect()
}

#[test]
fn bcftools_counts_what_a_plain_count_over_the_lines_gives() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let calls = simulated(folder.path());
    let text = gunzip_text(&calls);
    let rows = rows(&text);
    assert_eq!(rows.len(), RECORDS);
    let stats = stdout_of(Command::new(&bcftools).args(["stats", "-s", "-"]).arg(&calls));
    let number = |key: &str| -> usize {
        let line = stats.lines().find(|l| l.starts_with("SN") && l.contains(key)).unwrap();
        line.rsplit('\t').next().unwrap().parse().unwrap()
    };
    let single = rows.iter().filter(|row| row[3].len() == row[4].len()).count();
    assert_eq!(number("number of records:"), RECORDS);
    assert_eq!(number("number of SNPs:"), single);
    assert_eq!(number("number of indels:"), RECORDS - single);
    assert_eq!(number("number of multiallelic sites:"), 0);
    for (column, member) in (9..).zip(["SIMCHILD", "SIMMOTHER", "SIMFATHER"]) {
        let line = stats.lines().find(|l| l.starts_with("PSC") && l.contains(member)).unwrap();
        let values: Vec<&str> = line.split('\t').collect();
        let count = |genotype: &str, only_single: bool| {
            let called = rows.iter().filter(|row| {
                row[column].split(':').next() == Some(genotype)
                    && (!only_single || row[3].len() == row[4].len())
            });
            called.count().to_string()
        };
        // bcftools counts diploid ALT genotypes of single bases only, all others over all records.
        for (cell, genotype, only_single) in [
            (3, "0/0", false),
            (4, "1/1", true),
            (5, "0/1", true),
            (11, "0", false),
            (12, "1", false),
            (13, "./.", false),
        ] {
            assert_eq!(values[cell], count(genotype, only_single), "{member} {genotype}");
        }
    }
}

#[test]
fn regions_through_the_index_are_those_of_the_lines() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let calls = simulated(folder.path());
    let text = gunzip_text(&calls);
    let rows = rows(&text);
    for (contig, from, to) in [
        ("chr21", 1, 46_709_983),
        ("chr21", 20_000_001, 20_400_000),
        ("chrX", 99_000_000, 99_016_384),
    ] {
        let expected = rows.iter().filter(|row| {
            let start: usize = row[1].parse().unwrap();
            row[0] == contig && start <= to && start + row[3].len() > from
        });
        let region = format!("{contig}:{from}-{to}");
        let found =
            stdout_of(Command::new(&bcftools).args(["view", "-H", "-r", &region]).arg(&calls));
        assert_eq!(found.lines().count(), expected.count(), "{region}");
    }
    let counted = stdout_of(Command::new(&bcftools).args(["index", "-s"]).arg(&calls));
    let sum: usize =
        counted.lines().map(|l| l.rsplit('\t').next().unwrap().parse::<usize>().unwrap()).sum();
    assert_eq!(sum, RECORDS, "{counted}");
}

#[test]
fn the_child_inherits_but_for_what_is_new() {
    let folder = scratch();
    let text = gunzip_text(&simulated(folder.path()));
    let mut conflicts = 0;
    for row in rows(&text) {
        let genotypes: Vec<&str> =
            row[9..].iter().map(|cell| cell.split(':').next().unwrap()).collect();
        let [child, mother, father] = genotypes[..] else { panic!("three columns: {row:?}") };
        if genotypes.contains(&"./.") {
            continue;
        }
        let fits = match child.split_once('/') {
            Some((a, b)) => {
                [(a, b), (b, a)].iter().any(|(a, b)| mother.contains(a) && father.contains(b))
            }
            // One X, from the mother.
            None => mother.contains(child),
        };
        if !fits {
            conflicts += 1;
            assert!(child.contains('1') && mother == "0/0" && father.starts_with('0'), "{row:?}");
            assert!(!row[7].contains("gnomADg_AF="), "a new allele is in no database: {row:?}");
        }
    }
    assert!((5..30).contains(&conflicts), "{conflicts} conflicts");
}

#[test]
fn ref_is_the_reference_and_indels_stand_leftmost() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let reference = folder.path().join("r.fa.gz");
    let reads = folder.path().join("r.bam");
    run(tierline()
        .args(["simulate", "reads", "--length", "1200K", "--depth", "0.1", "--reference-out"])
        .arg(&reference)
        .arg("-o")
        .arg(&reads));
    let calls = folder.path().join("r.vcf.gz");
    run(tierline()
        .args(["simulate", "calls", "-n", "4K", "-f"])
        .arg(&reference)
        .arg("-o")
        .arg(&calls));
    let output = run(Command::new(&bcftools)
        .args(["norm", "-c", "e", "-o", "/dev/null", "-f"])
        .args([&reference, &calls]));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("4000/0/0/0"), "{told}");
}

/// The policy's limits in the words of bcftools, for the populations that these files annotate in INFO.
fn rare() -> String {
    let mut words = vec!["FILTER=\"PASS\"".to_owned()];
    for (set, populations, limit) in [
        ("gnomADe", &["amr", "asj", "eas", "fin", "nfe", "sas"][..], "0.01"),
        ("gnomADg", &["afr", "amr", "fin", "nfe", "eas", "sas", "asj"][..], "0.01"),
        ("gnomADg", &["ami", "mid"][..], "0.1"),
    ] {
        for population in populations {
            let key = format!("INFO/{set}_AF_{population}");
            words.push(format!("({key}=\".\" || {key}<={limit})"));
        }
    }
    words.join(" && ")
}

/// Terms that the preset counts and that these files hold.
const COUNTED: [&str; 10] = [
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "inframe_insertion",
    "inframe_deletion",
    "missense_variant",
    "splice_region_variant",
    "splice_donor_5th_base_variant",
    "splice_donor_region_variant",
];

#[test]
fn filter_keeps_the_records_that_split_vep_selects() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let calls = simulated(folder.path());
    let panel = folder.path().join("bulk.panel.json");
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&panel).unwrap()).unwrap();
    let green: BTreeSet<&str> = json["genes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|gene| gene["confidence_level"] == "3")
        .map(|gene| {
            gene["gene_data"]["ensembl_genes"]["GRch38"]["90"]["ensembl_id"].as_str().unwrap()
        })
        .collect();
    // One line a transcript.
    let split = stdout_of(
        Command::new(&bcftools)
            .args([
                "+split-vep",
                "-d",
                "-f",
                "%CHROM:%POS:%REF:%ALT\t%Consequence\t%BIOTYPE\t%Gene\n",
                "-i",
            ])
            .arg(rare())
            .arg(&calls),
    );
    let counts = |terms: &str| terms.split('&').any(|term| COUNTED.contains(&term));
    let mut expected = [BTreeSet::new(), BTreeSet::new()];
    for line in split.lines() {
        let values: Vec<&str> = line.split('\t').collect();
        if counts(values[1]) && matches!(values[2], "protein_coding" | "nonsense_mediated_decay") {
            expected[0].insert(values[0].to_owned());
            if green.contains(values[3]) {
                expected[1].insert(values[0].to_owned());
            }
        }
    }
    for (with_panel, expected) in [false, true].into_iter().zip(expected) {
        let kept = folder.path().join("kept.vcf");
        let mut command = tierline();
        command.args(["filter", "-Ov", "-o"]).arg(&kept).arg(&calls);
        if with_panel {
            command.arg("--panel").arg(&panel);
        }
        run(&mut command);
        let text = gunzip_text(&kept);
        let own: BTreeSet<String> =
            rows(&text).iter().map(|r| [r[0], r[1], r[3], r[4]].join(":")).collect();
        assert!(own.len() > if with_panel { 2 } else { 20 }, "{} kept", own.len());
        assert_eq!(own, expected, "with a panel: {with_panel}");
    }
}

#[test]
fn the_panel_and_the_pedigree_make_a_case() {
    let folder = scratch();
    let calls = simulated(folder.path());
    let beside = |end: &str| folder.path().join(format!("bulk.{end}"));
    let out = folder.path().join("out");
    run(tierline()
        .args(["tier", "--consent", "primary", "--ped"])
        .arg(beside("ped"))
        .arg("--panel")
        .arg(beside("panel.json"))
        .arg("-o")
        .arg(&out)
        .arg(&calls));
    let tiers = std::fs::read_to_string(out.join("tiers.tsv")).unwrap();
    assert!(tiers.lines().count() > 2, "{tiers}");
}
