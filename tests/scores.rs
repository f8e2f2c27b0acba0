//! Scores of predictors from where annotators write them to the evidence of an event.
#![allow(clippy::unwrap_used, reason = "a test program stops at what it cannot set up")]

mod common;

use std::fs;

use common::{run, scratch, tierline};
use serde_json::Value;

/// Runs `tier` on a child alone; the scores and evidence of the first event of each variant, and all notices.
fn evidence(header: &str, records: &[&str], more: &[&str]) -> (Vec<(String, String)>, String) {
    let folder = scratch();
    let path = |name: &str| folder.path().join(name);
    let records: Vec<String> =
        records.iter().map(|record| format!("{}\tGT\t0/1", record.replace(' ', "\t"))).collect();
    let vcf = format!(
        "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n{header}\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\n{}\n",
        records.join("\n")
    );
    fs::write(path("in.vcf"), vcf).unwrap();
    fs::write(path("in.ped"), "f\tC\t0\t0\t1\t2\n").unwrap();
    fs::write(path("genes.txt"), "symbol\tmoi\nAAA\tmonoallelic\n").unwrap();
    run(tierline()
        .arg("tier")
        .arg(path("in.vcf"))
        .arg("--ped")
        .arg(path("in.ped"))
        .arg("--panel")
        .arg(path("genes.txt"))
        .args(["--assembly", "GRCh37", "--consent", "primary", "--allow-unannotated", "-o"])
        .arg(path("out"))
        .args(more));
    let results = fs::read_to_string(path("out/results.json")).unwrap();
    let results: Value = serde_json::from_str(&results).unwrap();
    let table = fs::read_to_string(path("out/tiers.tsv")).unwrap();
    let mut lines = table.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let (pos, scores, acmg) = (column("pos"), column("scores"), column("acmg"));
    let mut rows: Vec<(u32, String, String)> = lines
        .map(|row| (row[pos].parse().unwrap(), row[scores].to_owned(), row[acmg].to_owned()))
        .collect();
    rows.sort();
    rows.dedup_by_key(|row| row.0);
    (rows.into_iter().map(|row| (row.1, row.2)).collect(), results["notices"].to_string())
}

fn found(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn scores_of_each_transcript_are_read_from_its_own_entry() {
    let header = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: \
                  Allele|Consequence|SYMBOL|Gene|Feature|BIOTYPE|REVEL|CADD_PHRED|SpliceAI_pred_DS_AG|SpliceAI_pred_DS_AL|\
                  SpliceAI_pred_DS_DG|SpliceAI_pred_DS_DL\">";
    let entry = |allele: &str, terms: &str, scores: &str| {
        format!("{allele}|{terms}|AAA|ENSG1|ENST1|protein_coding|{scores}")
    };
    let missense = "missense_variant";
    let records = [
        format!("20 100 . A G 50 PASS CSQ={}", entry("G", missense, "0.801|31|0|0|0|0.05")),
        // The other ALT of the record has another score.
        format!(
            "20 200 . A C,G 50 PASS CSQ={},{}",
            entry("C", missense, "0.95|30||||"),
            entry("G", missense, "0.1|2||||")
        ),
        format!("20 300 . A G 50 PASS CSQ={}", entry("G", missense, "|31||||")),
        format!("20 400 . A G 50 PASS CSQ={}", entry("G", missense, "high|31||||")),
        format!("20 500 . A G 50 PASS CSQ={}", entry("G", missense, ".&0.7&0.2|||||")),
        format!(
            "20 600 . A G 50 PASS CSQ={}",
            entry("G", "splice_region_variant&intron_variant", "|5|0.01|0.31|0|0")
        ),
        format!(
            "20 700 . A G 50 PASS CSQ={}",
            entry("G", "splice_region_variant&intron_variant", "|5|0.01|0.31|0|")
        ),
    ];
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let (rows, notices) = evidence(header, &records, &[]);
    let expected = [
        ("revel=0.801,spliceai=0.05,cadd=31", "PP3_moderate"),
        ("revel=0.95,cadd=30", "PP3_strong"),
        ("cadd=31", "."),
        ("revel=no number,cadd=31", "."),
        ("revel=0.7", "PP3_supporting"),
        ("spliceai=0.31,cadd=5", "PP3_supporting"),
        ("cadd=5", "."),
    ];
    assert_eq!(rows, found(&expected));
    assert!(!notices.contains("PP3"), "both deciding scores are there: {notices}");
}

#[test]
fn scores_of_the_record_go_by_alternate_and_gene() {
    let header = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: Allele|Consequence|SYMBOL|Gene|Feature|BIOTYPE\">\n\
                  ##INFO=<ID=REVEL,Number=A,Type=Float,Description=\"x\">\n\
                  ##INFO=<ID=SpliceAI,Number=.,Type=String,Description=\"SpliceAIv1.3.1 variant annotation. Format: \
                  ALLELE|SYMBOL|DS_AG|DS_AL|DS_DG|DS_DL|DP_AG|DP_AL|DP_DG|DP_DL\">";
    let records = [
        "20 100 . A G 50 PASS REVEL=0.801;CSQ=G|missense_variant|AAA|ENSG1|ENST1|protein_coding",
        "20 200 . A C,G 50 PASS REVEL=0.2,.;CSQ=C|missense_variant|AAA|ENSG1|ENST1|protein_coding",
        "20 300 . A G 50 PASS SpliceAI=G|AAA|0.00|0.05|0.00|0.00|1|2|3|4,G|BBB|0.9|0|0|0|1|2|3|4;\
         CSQ=G|splice_region_variant|AAA|ENSG1|ENST1|protein_coding",
        "20 400 . A G 50 PASS SpliceAI=C|AAA|0.9|0.9|0.9|0.9|1|2|3|4,G|OLD|0.3|0|0|0|1|2|3|4;\
         CSQ=G|splice_region_variant|AAA|ENSG1|ENST1|protein_coding",
        "20 500 . A G 50 PASS SpliceAI=G|AAA|.|.|.|.|.|.|.|.;\
         CSQ=G|splice_region_variant|AAA|ENSG1|ENST1|protein_coding",
    ];
    let (rows, _) = evidence(header, &records, &[]);
    let expected = [
        ("revel=0.801", "PP3_moderate"),
        ("revel=0.2", "BP4_supporting"),
        ("spliceai=0.05", "BP4_supporting"),
        ("spliceai=0.3", "PP3_supporting"),
        (".", "."),
    ];
    assert_eq!(rows, found(&expected));
}

#[test]
fn without_fields_nothing_is_said_but_that() {
    let header = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Format: Allele|Consequence|SYMBOL|Gene|Feature|BIOTYPE|REVEL\">";
    let record = "20 100 . A G 50 PASS CSQ=G|missense_variant|AAA|ENSG1|ENST1|protein_coding|0.9";
    let (rows, notices) = evidence(header, &[record], &[]);
    assert_eq!(rows, found(&[("revel=0.9", "PP3_moderate")]));
    assert!(notices.contains("PP3 and BP4 not assessed by SpliceAI"), "{notices}");
    let decides = ["--set", "acmg.score.revel.decides=[]"];
    let (rows, _) = evidence(header, &[record], &decides);
    assert_eq!(rows, found(&[("revel=0.9", ".")]), "shown, but nothing decides");
    let moved = ["--set", "acmg.score.revel.pp3.moderate=0.901"];
    let (rows, _) = evidence(header, &[record], &moved);
    assert_eq!(rows, found(&[("revel=0.9", "PP3_supporting")]));
}
