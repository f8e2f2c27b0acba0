//! Depth over genes, transcripts, exons and panels: every value against a count base by base, hand-made gaps, the means of
//! mosdepth, panels with genes that cannot be assessed, and bad input.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use common::{
    gunzip_text, oracle, run, sam_header as header, scratch, shared_file, sorted_bam as bam,
    tierline,
};
use proptest::prelude::*;

const LENGTH: u32 = 60_000;
const LEVELS: [u32; 5] = [10, 15, 20, 30, 50];

/// A read of one block; `start` is 0-based.
fn read(name: &str, flag: u16, contig: &str, (start, length): (u32, u32), mapq: u8) -> String {
    format!("{name}\t{flag}\t{contig}\t{}\t{mapq}\t{length}M\t*\t0\t0\t*\t*\n", start + 1)
}

/// Runs the metric and gives the folder's files by the end of their names.
fn results(alignment: &Path, model: &Path, options: &[&str]) -> BTreeMap<String, String> {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--only", "genes", "--prefix", "m", "-o"]);
    run(command.arg(folder.path()).arg("--genes").arg(model).args(options));
    let files = std::fs::read_dir(folder.path()).expect("the results").map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().replacen("m.", "", 1);
        (name, std::fs::read_to_string(&path).expect("text"))
    });
    files.collect()
}

/// The rows of a table as columns by name.
fn rows(table: &str) -> Vec<BTreeMap<String, String>> {
    let mut lines = table.lines();
    let head: Vec<&str> =
        lines.next().expect("a header").trim_start_matches('#').split('\t').collect();
    lines
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            assert_eq!(columns.len(), head.len(), "{line}");
            head.iter().zip(columns).map(|(name, value)| ((*name).into(), value.into())).collect()
        })
        .collect()
}

/// What a set of bases must have: the columns of values, worked out the slow way.
fn expected(depth: &[u32], bases: &BTreeSet<u32>, gap: (u32, u32)) -> BTreeMap<String, String> {
    let there: Vec<u32> = bases.iter().copied().filter(|&base| base < LENGTH).collect();
    let mut depths: Vec<u32> = there.iter().map(|&base| depth[base as usize]).collect();
    depths.sort_unstable();
    let n = depths.len();
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut put = |name: &str, value: String| values.insert(name.into(), value);
    put("bases", n.to_string());
    put("not_assessed_bases", (bases.len() - n).to_string());
    let text = |value: f64| if n == 0 { "NA".to_owned() } else { format!("{value:.2}") };
    let mean = depths.iter().map(|&d| f64::from(d)).sum::<f64>() / n as f64;
    put("mean", text(mean));
    put(
        "sd",
        text(
            (depths.iter().map(|&d| (f64::from(d) - mean).powi(2)).sum::<f64>() / n as f64).sqrt(),
        ),
    );
    put("min", depths.first().map_or("NA".into(), u32::to_string));
    for (name, k) in [("q1", 1), ("median", 2), ("q3", 3)] {
        let place = f64::from(k) * (n.max(1) - 1) as f64 / 4.0;
        let (low, share) = (place.floor() as usize, place.fract());
        let at = |i: usize| f64::from(*depths.get(i).or(depths.last()).unwrap_or(&0));
        put(name, text(at(low) * (1.0 - share) + at(low + 1) * share));
    }
    for level in LEVELS {
        let reached = depths.iter().filter(|&&d| d >= level).count();
        put(&format!("pct_{level}x"), text((reached * 10_000 / n.max(1)) as f64 / 100.0));
    }
    let (below, least) = gap;
    let mut gaps: Vec<(u32, u32)> = Vec::new();
    for &base in there.iter().filter(|&&base| depth[base as usize] < below) {
        match gaps.last_mut() {
            Some(run) if run.1 == base => run.1 = base + 1,
            _ => gaps.push((base, base + 1)),
        }
    }
    gaps.retain(|(start, end)| end - start >= least);
    put("gaps", gaps.len().to_string());
    put("gap_bases", gaps.iter().map(|(start, end)| end - start).sum::<u32>().to_string());
    values
}

fn same(row: &BTreeMap<String, String>, expected: &BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in expected {
        let found = row.get(name).ok_or_else(|| format!("no column {name}"))?;
        // The root of a difference of whole numbers may round another way than two passes of fractions.
        let close = name == "sd"
            && matches!((found.parse::<f64>(), value.parse::<f64>()),
                        (Ok(a), Ok(b)) if (a - b).abs() < 0.011);
        if found != value && !close {
            return Err(format!("{name} is {found}, expected {value}: {row:?}"));
        }
    }
    Ok(())
}

/// Gene, transcript, start, end and number of an exon.
type BedExon = (String, String, u32, u32, u32);

/// An exon of gene, transcript: start and length.
type ExonPlan = (u8, u8, u32, u32);

/// Exons that do not overlap within their transcript, as BED lines and as sets of bases.
fn plan(exons: &[ExonPlan]) -> Vec<BedExon> {
    let mut kept: Vec<BedExon> = Vec::new();
    for &(gene, transcript, start, length) in exons {
        let (gene, transcript) = (format!("G{gene}"), format!("G{gene}T{transcript}"));
        let end = start + length;
        let own = || kept.iter().filter(|exon| exon.1 == transcript);
        if own().all(|exon| end <= exon.2 || exon.3 <= start) {
            let number = own().count() as u32 + 1;
            kept.push((gene, transcript, start, end, number));
        }
    }
    kept
}

fn padded(start: u32, end: u32, padding: u32) -> std::ops::Range<u32> {
    start.saturating_sub(padding)..(end + padding).min(LENGTH).max(end)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_value_is_that_of_a_count_base_by_base(
        reads in proptest::collection::vec((0_u32..LENGTH - 200, 1_u32..180, 0_u8..12), 1..1500),
        exons in proptest::collection::vec((0_u8..4, 0_u8..3, 0_u32..LENGTH, 1_u32..900), 1..40),
        (padding, below, least) in (0_u32..60, 1_u32..8, 1_u32..30),
        (threads, task_bytes) in (1_u8..4, 1_u32..3000),
    ) {
        let Some(samtools) = oracle("samtools") else { return Ok(()) };
        let folder = scratch();
        let mut sam = header(&[("a", LENGTH), ("b", 1000)]);
        let mut depth = vec![0_u32; LENGTH as usize];
        for (i, &(start, length, odd)) in reads.iter().enumerate() {
            // One of twelve is a duplicate, one of low mapping quality; 11 is just enough.
            let (flag, mapq) = match odd { 0 => (1024, 60), 1 => (0, 10), 2 => (16, 11), _ => (0, 60) };
            sam += &read(&format!("r{i}"), flag, "a", (start, length), mapq);
            if odd > 1 {
                depth[start as usize..(start + length) as usize].iter_mut().for_each(|d| *d += 1);
            }
        }
        let file = bam(&samtools, folder.path(), "x", &sam);
        let exons = plan(&exons);
        let model = folder.path().join("model.bed");
        let bed = exons.iter().fold(String::new(), |mut text, (gene, transcript, start, end, number)| {
            let _ = writeln!(text, "chra\t{start}\t{end}\t{gene}|{transcript}|exon{number}");
            text
        }).replace("chra", "a");
        std::fs::write(&model, bed).expect("the model");
        let panel = folder.path().join("panel.txt");
        std::fs::write(&panel, "G0\nG1\nNOWHERE\n").expect("the panel");
        let all = |keep: &dyn Fn(&BedExon) -> bool| -> BTreeSet<u32> {
            exons.iter().filter(|exon| keep(exon)).flat_map(|exon| padded(exon.2, exon.3, padding)).collect()
        };
        let numbers = [padding, below, least, u32::from(threads), task_bytes].map(|n| n.to_string());
        let [padding_text, below_text, least_text, threads_text, task_text] = &numbers;
        let options = ["--padding", padding_text, "--gap-below", below_text, "--gap-min", least_text,
                       "--transcripts", "all", "-t", threads_text, "--task-bytes", task_text];
        let found = results(&file, &model, &options);
        let gap = (below, least);
        for row in rows(&found["exons.tsv"]) {
            let own = all(&|e| e.1 == row["transcript"] && e.4.to_string() == row["exon"]);
            prop_assert_eq!(same(&row, &expected(&depth, &own, gap)), Ok(()));
        }
        prop_assert_eq!(rows(&found["exons.tsv"]).len(), exons.len());
        for row in rows(&found["transcripts.tsv"]) {
            let own = all(&|e| e.1 == row["transcript"]);
            prop_assert_eq!(same(&row, &expected(&depth, &own, gap)), Ok(()));
        }
        let mut gaps = 0;
        for row in rows(&found["genes.tsv"]) {
            let own = all(&|e| e.0 == row["gene"]);
            prop_assert_eq!(same(&row, &expected(&depth, &own, gap)), Ok(()));
            gaps += row["gaps"].parse::<usize>().expect("a count");
        }
        prop_assert_eq!(found["gaps.bed"].lines().count(), gaps);
        let panel = panel.to_str().expect("a path");
        let options = [&options[..], &["--panel", panel]].concat();
        let found = results(&file, &model, &options);
        let own = all(&|e| e.0 == "G0" || e.0 == "G1");
        let row = &rows(&found["panels.tsv"])[0];
        prop_assert_eq!(same(row, &expected(&depth, &own, gap)), Ok(()));
        prop_assert!(row["not_assessed"].split(',').any(|gene| gene == "NOWHERE"));
        prop_assert!(rows(&found["genes.tsv"]).iter().all(|row| row["gene"] != "G2"));
    }
}

#[test]
fn gaps_go_on_over_cuts_of_the_pass_and_end_at_the_exon() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    // The pass hands long stretches out in chunks that end at 4 Mi; the exons lie across that place.
    let border = 4 << 20;
    let sam = header(&[("a", 10_000_000), ("b", 200)])
        + &(0..15)
            .fold(String::new(), |text, i| text + &read(&format!("r{i}"), 0, "a", (1000, 100), 60))
        + &(0..15).fold(String::new(), |text, i| {
            text + &read(&format!("s{i}"), 0, "a", (border + 60, 5), 60)
        });
    let file = bam(&samtools, folder.path(), "x", &sam);
    let model = folder.path().join("model.bed");
    let lines = [
        (990, 1050, "G|T|exon1"),
        (1099, 1101, "G|T|exon2"),
        (border - 50, border + 50, "G|T|exon3"),
        (border + 50, border + 70, "G|T|exon4"),
        (9_999_990, 10_000_010, "G|T|exon5"),
    ];
    let bed = lines.map(|(start, end, name)| format!("a\t{start}\t{end}\t{name}\n")).concat();
    std::fs::write(&model, bed + "b\t100\t300\tH|U|exon1\nc\t5\t10\tI|V|exon1\n")
        .expect("the model");
    let found = results(&file, &model, &["--gap-min", "2"]);
    let (three, four) = (border - 50, border + 70);
    assert_eq!(
        found["gaps.bed"],
        format!(
            "a\t990\t1000\tG|T|exon1\n\
             a\t{three}\t{}\tG|T|exon3,G|T|exon4\n\
             a\t{}\t{four}\tG|T|exon4\n\
             a\t9999990\t10000000\tG|T|exon5\n\
             b\t100\t200\tH|U|exon1\n",
            border + 60,
            border + 65
        )
    );
    let genes = rows(&found["genes.tsv"]);
    let of = |gene: &str| genes.iter().find(|row| row["gene"] == gene).expect("the gene");
    assert_eq!((&*of("G")["not_assessed_bases"], &*of("H")["not_assessed_bases"]), ("10", "100"));
    assert_eq!(of("H")["status"], "partly assessed: bases behind the end of the contig");
    assert_eq!((&*of("I")["mean"], &*of("I")["not_assessed_bases"]), ("NA", "5"));
    assert_eq!(of("I")["status"], "not assessed: contig c is not in the alignment");
    let json: serde_json::Value = serde_json::from_str(&found["coverage.json"]).expect("JSON");
    assert_eq!(json["uncovered_genes"][0]["name"], "I");
    assert_eq!(json["genes"][0]["union_tr"]["exons"].as_array().map(Vec::len), Some(4));
    assert_eq!(json["genes"][0]["trs"][0]["exons"][0]["gaps"][0]["e"], 1000);
}

/// Exons of chromosome 20 as BED lines of that contig name.
fn exons_of_20(models: &Path, contig: &str) -> String {
    let mut bed = String::new();
    for line in gunzip_text(models).lines().filter(|line| line.split('\t').nth(1) == Some("20")) {
        let columns: Vec<&str> = line.split('\t').collect();
        let bounds = |i: usize| columns[i].trim_end_matches(',').split(',').map(str::to_owned);
        for (i, (start, end)) in bounds(5).zip(bounds(6)).enumerate() {
            let _ = writeln!(bed, "{contig}\t{start}\t{end}\t{0}|{0}.1|exon{1}", columns[0], i + 1);
        }
    }
    bed
}

/// Stretches at which mosdepth 0.3.3 loses depth: behind the second read of a pair, up to the end of the first, when both
/// CIGARs are one operation.
fn lost_behind_mates(samtools: &Path, file: &Path) -> Vec<(u32, u32)> {
    let mut command = Command::new(samtools);
    command.args(["view", "-q", "11", "-f", "2", "-F", "3844"]).arg(file);
    let text = String::from_utf8(run(&mut command).stdout).expect("SAM");
    let (mut first, mut lost) = (BTreeMap::new(), Vec::new());
    for line in text.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let start: u32 = columns[3].parse().expect("a position");
        let length = columns[5].strip_suffix('M').and_then(|n| n.parse::<u32>().ok());
        let span = length.map(|length| (start - 1, start - 1 + length));
        match first.remove(columns[0]) {
            Some(Some((from, to))) => {
                let second = span.filter(|&(start, end)| from <= start && end < to && start < to);
                lost.extend(second.map(|(_, end)| (end, to)));
            }
            Some(None) => {}
            None => drop(first.insert(columns[0], span)),
        }
    }
    lost
}

#[test]
fn means_are_those_of_mosdepth_and_what_it_loses_behind_mates() {
    let (Some(mosdepth), Some(samtools), Some(file), Some(models)) = (
        oracle("mosdepth"),
        oracle("samtools"),
        shared_file("reads/hg002_chr20_b37.bam"),
        shared_file("genes/canonical_transcripts.grch37.txt.gz"),
    ) else {
        return;
    };
    let folder = scratch();
    let model = folder.path().join("model.bed");
    std::fs::write(&model, exons_of_20(&models, "chr20")).expect("the model");
    let ours = rows(&results(&file, &model, &["-t", "2"])["exons.tsv"]);
    std::fs::write(&model, exons_of_20(&models, "20")).expect("the regions");
    let out = folder.path().join("m");
    let mut command = Command::new(mosdepth);
    run(command.args(["-n", "-Q", "11", "--by"]).arg(&model).arg(&out).arg(&file));
    let theirs = gunzip_text(&folder.path().join("m.regions.bed.gz"));
    let mut command = tierline();
    command.args(["qc", "-n", "-Q", "11", "--compat", "mosdepth", "--only", "depth", "--prefix"]);
    run(command.arg("c").arg(&file).arg("-o").arg(folder.path()).arg("--by").arg(&model));
    let compat = gunzip_text(&folder.path().join("c.regions.bed.gz"));
    assert!(compat == theirs, "the regions in compat mode");
    let theirs: BTreeMap<&str, &str> = theirs
        .lines()
        .filter_map(|l| Some((l.split('\t').nth(3)?, l.rsplit('\t').next()?)))
        .collect();
    let lost = lost_behind_mates(&samtools, &file);
    let (mut covered, mut apart) = (0, 0);
    assert!(ours.len() > 4000 && theirs.len() == ours.len());
    for row in &ours {
        let name = format!("{}|{}|exon{}", row["gene"], row["transcript"], row["exon"]);
        let [a, b] =
            [&*row["mean"], theirs[name.as_str()]].map(|n| n.parse::<f64>().expect("a mean"));
        let [start, end] = ["start", "end"].map(|n| row[n].parse::<u32>().expect("a place"));
        let inside = |&(from, to): &(u32, u32)| to.min(end).saturating_sub(from.max(start));
        let missing = f64::from(lost.iter().map(inside).sum::<u32>()) / f64::from(end - start);
        covered += usize::from(a > 0.0);
        apart += usize::from(a.to_bits() != b.to_bits());
        assert!((a - b - missing).abs() < 0.0101, "{name}: {a} here, {b} + {missing} there");
    }
    assert_eq!((covered, apart), (31, 2), "exons with reads, and those of another mean");
}

#[test]
fn bad_models_and_options_are_named_before_work_starts() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let file = bam(
        &samtools,
        folder.path(),
        "x",
        &(header(&[("20", 63_025_520)]) + &read("r", 0, "20", (5, 10), 60)),
    );
    let told = |model: &str, options: &[&str]| {
        let path = folder.path().join("model");
        std::fs::write(&path, model).expect("the model");
        let out = folder.path().join("out");
        let mut command = tierline();
        command.arg("qc").arg(&file).arg("-o").arg(&out).arg("--genes").arg(&path).args(options);
        let output = command.output().expect("a run");
        assert!(!out.exists(), "nothing is written");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    for (model, expected) in [
        ("20\t9\t5\tG|T|exon1\n", "line 1: starts at 9, not before its end 5"),
        (
            "21\t5\t9\tG|T|exon1\n",
            "no gene lies on a contig of the alignment (the first is on \"21\")",
        ),
        ("NC_000020.11\t5\t9\tG|T|exon1\n", "is of GRCh38, 20 of the alignment of GRCh37"),
        ("what\n", "is no line of a known gene model"),
    ] {
        let (code, text) = told(model, &[]);
        assert_eq!(code, Some(65), "{text}");
        assert!(text.contains(expected), "{text}");
    }
    let (code, text) = told("20\t5\t9\tG|T|exon1\n", &["--panel", "none.json"]);
    assert!(code == Some(66) && text.contains("none.json"), "{text}");
    let without = |options: &[&str]| {
        let mut command = tierline();
        command.arg("qc").arg(&file).arg("-o").arg(folder.path().join("out")).args(options);
        command.output().expect("a run").status.code()
    };
    assert_eq!(without(&["--only", "genes"]), Some(2));
    assert_eq!(without(&["--panel", "p.json"]), Some(2));
}
