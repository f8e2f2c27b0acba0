//! Biomarkers of a tumour: what a simulated tumour holds is found, the same bytes come from any number of threads, and bad
//! inputs are told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]
#![cfg(feature = "simulate")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use common::{gunzip_text, root, run, scratch, tierline};
use serde_json::Value;

/// Share of another person's genomes in the tumour sample.
const FOREIGN: &str = "0.02";

/// A reference with 40 Mb of synthetic sequence and a pair on it; made once.
fn simulated() -> &'static Path {
    static MADE: LazyLock<(tempfile::TempDir, PathBuf)> = LazyLock::new(|| {
        let folder = scratch();
        let reference = folder.path().join("ref.fa.gz");
        let contigs = "chr15,chr16,chr17,chr18,chr19,chr20,chr21,chr22";
        run(tierline()
            .args(["simulate", "reference", "--contigs", contigs, "--windows", "1"])
            .args(["--window", "5000000", "-o"])
            .arg(&reference));
        let case = folder.path().join("case");
        run(tierline()
            .args(["simulate", "tumour-pair", "--contamination", FOREIGN, "-f"])
            .arg(&reference)
            .arg("-o")
            .arg(&case));
        (folder, case)
    });
    &MADE.1
}

fn run_case(case: &Path, threads: &str, output: &Path) {
    let sites = case.join("sites.bed");
    run(tierline().arg("run").arg(case.join("case.toml")).arg("-o").arg(output).args([
        "-t",
        threads,
        "--sites",
        sites.to_str().unwrap(),
    ]));
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Rows of truth.tsv: what, id and value.
fn truth(case: &Path) -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(case.join("truth.tsv")).unwrap();
    let row = |line: &str| {
        let cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
        <[String; 3]>::try_from(cells).unwrap()
    };
    text.lines().skip(1).map(row).collect()
}

/// Rows of one kind.
fn rows<'t>(truth: &'t [[String; 3]], what: &str) -> impl Iterator<Item = (&'t str, &'t str)> {
    truth.iter().filter(move |row| row[0] == what).map(|row| (row[1].as_str(), row[2].as_str()))
}

fn planted(truth: &[[String; 3]], what: &str) -> f64 {
    rows(truth, what).next().unwrap().1.parse().unwrap()
}

#[test]
fn what_is_planted_is_found_by_any_number_of_threads() {
    let folder = scratch();
    let case = simulated();
    let (one, three) = (folder.path().join("one"), folder.path().join("three"));
    run_case(case, "1", &one);
    run_case(case, "3", &three);
    let again = folder.path().join("again");
    run(tierline().arg("report").arg(one.join("results.json")).arg("-o").arg(&again));
    for name in [
        "results.json",
        "biomarkers.tsv",
        "somatic.SBS96.tsv",
        "signatures.tsv",
        "rainfall.tsv",
        "supplementary_analysis_results.json",
        "biomarkers_mqc.json",
        "sbs96_mqc.json",
        "report.html",
    ] {
        let read = |folder: &Path| std::fs::read(folder.join(name)).unwrap();
        assert!(read(&one) == read(&three), "{name} depends on threads");
        assert!(read(&one) == read(&again), "{name} differs when rendered again");
    }
    let truth = truth(case);
    let results = json(&one.join("results.json"));
    let found = results["biomarkers"].clone();
    contamination(&results, &truth);
    copies_and_junctions(&results, &truth);
    domains(&one.join("tiers.tsv"), &truth);
    purity_and_burden(&found, &truth);
    signatures(&found, &truth);
    clusters(&found, &truth);
    instability(&found, &truth);
    supplementary(&json(&one.join("supplementary_analysis_results.json")), &found);
    let page = std::fs::read_to_string(one.join("report.html")).unwrap();
    assert!(page.contains("Biomarkers of the tumour"));
    assert_eq!(page.matches("<figure tabindex").count(), 3, "plots");
}

fn purity_and_burden(found: &Value, truth: &[[String; 3]]) {
    let purity = found["purity"]["purity"].as_f64().unwrap();
    assert!((purity - planted(truth, "purity")).abs() <= 0.05, "{}", found["purity"]);
    let burden = |id: &str| {
        let all = found["burden"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).unwrap()["value"].clone()
    };
    let gel = burden("gel");
    assert!((gel["mutations"].as_f64().unwrap() - planted(truth, "non_synonymous")).abs() < 0.5);
    let rate = planted(truth, "non_synonymous") / 32.61;
    assert!(gel["low"].as_f64().unwrap() < rate && rate < gel["high"].as_f64().unwrap());
    assert_eq!(gel["label"], "hypermutator");
    let variants = found["calls"]["variants"].as_u64().unwrap();
    let counted = burden("genome")["mutations"].as_u64().unwrap();
    assert!(
        counted <= variants && counted * 100 >= variants * 98,
        "few have less than 5 % of reads"
    );
    assert!(burden("callable-genome")["megabases"].as_f64().unwrap() > 0.0);
    // Of the listed genes alone, over their own bases.
    let genes = burden("callable-genes");
    assert_eq!(genes["status"], "measured", "{genes}");
    assert!(genes["mutations"].as_u64().unwrap() < counted, "{genes}");
    assert!(genes["megabases"].as_f64().unwrap() < 0.1, "{genes}");
}

fn signatures(found: &Value, truth: &[[String; 3]]) {
    let fit = &found["signatures"];
    assert!(fit["cosine"].as_f64().unwrap() >= 0.98, "{fit}");
    for (signature, planted) in rows(truth, "signature") {
        let all = fit["contributions"].as_array().unwrap();
        let one = all.iter().find(|one| one["signature"] == signature).unwrap();
        let share = one["share"].as_f64().unwrap();
        assert!((share - planted.parse::<f64>().unwrap()).abs() < 0.05, "{one}");
        assert!(one["low"].as_f64().unwrap() <= share && share <= one["high"].as_f64().unwrap());
    }
    let sum: u64 = found["matrices"]["sbs96"]["counts"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_u64().unwrap())
        .sum();
    assert_eq!(sum, found["calls"]["snvs"].as_u64().unwrap(), "every substitution has a type");
    let indels = found["matrices"]["id83"]["total"].as_f64().unwrap();
    assert!((indels - planted(truth, "indels")).abs() < 0.5, "{indels}");
}

fn clusters(found: &Value, truth: &[[String; 3]]) {
    for id in ["literature", "pcgr", "tpc"] {
        let all = found["kataegis"]["definitions"].as_array().unwrap();
        let definition = all.iter().find(|one| one["id"] == id).unwrap();
        let regions = definition["regions"]["found"].as_array().unwrap();
        for (contig, place) in rows(truth, "cluster") {
            let (start, end) = place.split_once('-').unwrap();
            let (start, end): (u64, u64) = (start.parse().unwrap(), end.parse().unwrap());
            let holds = |region: &&Value| {
                region["contig"] == contig
                    && region["start"].as_u64().unwrap() <= start
                    && end <= region["end"].as_u64().unwrap()
            };
            assert_eq!(
                regions.iter().filter(holds).count(),
                1,
                "{id} {contig}:{place}: {regions:?}"
            );
        }
        assert!(regions.len() <= 5, "{id}: {} clusters of 3 planted ones", regions.len());
    }
}

fn instability(found: &Value, truth: &[[String; 3]]) {
    let reads = &found["instability_of_reads"];
    let planted: BTreeMap<String, bool> = rows(truth, "microsatellite")
        .map(|(place, kind)| (place.to_owned(), kind == "unstable"))
        .collect();
    let place = |site: &Value| format!("{}:{}", site["contig"].as_str().unwrap(), site["position"]);
    let listed: Vec<String> = reads["listed"].as_array().unwrap().iter().map(place).collect();
    assert_eq!(reads["assessed"].as_u64().unwrap(), planted.len() as u64);
    let unstable = planted.values().filter(|&&holds| holds).count();
    let right = listed.iter().filter(|place| planted[*place]).count();
    let wrong = listed.len() - right;
    assert!(right as f64 >= 0.9 * unstable as f64, "{right} of {unstable}");
    assert!(wrong as f64 <= 0.05 * (planted.len() - unstable) as f64, "{wrong} wrong");
    assert_eq!(reads["unstable"], true);
}

fn contamination(results: &Value, truth: &[[String; 3]]) {
    let share = |text: &str| text.parse::<f64>().unwrap();
    let of = |who| share(rows(truth, "contamination").find(|(id, _)| *id == who).unwrap().1);
    let samples = results["identity"]["samples"].as_array().unwrap();
    let estimate = |member: u64| {
        let sample = samples.iter().find(|one| one["member"] == member).unwrap();
        sample["identity"].clone()
    };
    for (who, found) in [
        ("tumour", estimate(1)["tumour_contamination"].clone()),
        ("normal", estimate(2)["contamination"]["estimate"].clone()),
    ] {
        let (planted, found) = (of(who), found["value"].as_f64().unwrap());
        let tolerance = f64::max(0.003, 0.15 * planted);
        assert!((found - planted).abs() <= tolerance, "{who}: {found} of {planted}");
    }
}

/// Every planted change of copies and both genes of the fusion are named, and nothing else.
fn copies_and_junctions(results: &Value, truth: &[[String; 3]]) {
    let mut wanted: Vec<String> =
        rows(truth, "copies").map(|(gene, label)| format!("{gene} {label}")).collect();
    let (five, three) = rows(truth, "fusion").next().unwrap();
    wanted.extend([five, three].map(|gene| format!("{gene} fusion_candidate")));
    let mut found = Vec::new();
    for variant in results["structural"].as_array().unwrap() {
        for event in variant["events"].as_array().unwrap() {
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            found.push(format!("{} {}", word(&event["gene"]["symbol"]), word(&event["label"])));
        }
    }
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
    let joined =
        format!("Joins {five} (5\u{2032}) to {three} (3\u{2032}) in the direction of both");
    assert!(results["structural"].to_string().contains(&joined), "{joined}");
    let hits = results["two_hits"].as_array().unwrap();
    let hit: Vec<&str> = hits.iter().map(|hit| hit["gene"]["symbol"].as_str().unwrap()).collect();
    let lost = |label: &str| rows(truth, "copies").find(|(_, of)| *of == label).unwrap().0;
    assert_eq!(hit, [lost("homozygous_deletion"), lost("loss")]);
    // The variant in the lost stretch that was doubled is marked.
    let doubled = lost("loss_of_heterozygosity");
    let candidates = results["candidates"].as_array().unwrap();
    let is_doubled = |one: &&Value| one["events"][0]["gene"]["symbol"] == doubled;
    let one = candidates.iter().find(is_doubled).unwrap();
    assert!(one["flags"].to_string().contains("LossOfHeterozygosity"), "{}", one["flags"]);
}

/// Small variants have the planted domains, and no others have any.
fn domains(tiers: &Path, truth: &[[String; 3]]) {
    let text = std::fs::read_to_string(tiers).unwrap();
    let head: Vec<&str> = text.lines().next().unwrap().split('\t').collect();
    let place = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let columns = ["chrom", "pos", "ref", "alt"].map(place);
    let is_small = |text: &str| text.bytes().all(|base| b"ACGT".contains(&base));
    let found: BTreeMap<String, String> = text
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|cells| is_small(cells[columns[3]]))
        .map(|cells| (columns.map(|i| cells[i]).join(":"), cells[place("domain")].to_owned()))
        .collect();
    let wanted: BTreeMap<String, String> =
        rows(truth, "domain").map(|(id, domain)| (id.to_owned(), domain.to_owned())).collect();
    assert!(wanted.len() > 400 && found == wanted, "{} of {}", found.len(), wanted.len());
}

fn supplementary(document: &Value, found: &Value) {
    let of = |key: &str| document[key].as_object().unwrap().clone();
    assert_eq!(of("contextualAnalysisSubstitutionsCounts").len(), 96);
    assert_eq!(
        Value::from(of("contextualAnalysisSubstitutionsCounts")),
        found["matrices"]["sbs96"]["counts"]
    );
    let shares = of("sNVAlleleFrequencyHistogramCounts");
    assert!(shares.contains_key("(0.005,0.015]"));
    let sum: u64 = shares.values().map(|n| n.as_u64().unwrap()).sum();
    assert_eq!(sum, found["calls"]["snvs"].as_u64().unwrap());
    let percent: f64 = document["mutationalSignatureContribution"]["coefficients"]
        .as_object()
        .unwrap()
        .values()
        .map(|n| n.as_f64().unwrap())
        .sum();
    assert!((percent - 100.0).abs() < 1e-6);
    let regions = document["genomicRegionsOfHypermutation"].as_array().unwrap();
    assert!(
        regions.len() >= 3 && regions.iter().all(|region| region.as_str().unwrap().contains(':'))
    );
}

/// The case with germline calls of its normal sample, which hold so many of the somatic variants.
fn with_germline(case: &Path, count: usize, folder: &Path) -> PathBuf {
    let somatic = gunzip_text(&case.join("somatic.vcf.gz"));
    let mut germline = String::new();
    for line in somatic.lines().filter(|line| line.starts_with("##")) {
        writeln!(germline, "{line}").unwrap();
    }
    germline += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSIMNORMAL\n";
    for line in somatic.lines().filter(|line| !line.starts_with('#')).take(count) {
        let cells: Vec<&str> = line.split('\t').take(8).collect();
        writeln!(germline, "{}\tGT:AD:DP\t0/1:15,14:29", cells.join("\t")).unwrap();
    }
    let file = folder.join("germline.vcf");
    std::fs::write(&file, germline).unwrap();
    let mut text = std::fs::read_to_string(case.join("case.toml")).unwrap();
    for entry in std::fs::read_dir(case).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", path.display()));
    }
    text = text.replace("../ref.fa.gz", &case.join("../ref.fa.gz").display().to_string());
    let files = format!("somatic.vcf.gz\", \"{}\"]", file.display());
    let path = folder.join("germline.toml");
    std::fs::write(&path, text.replace("somatic.vcf.gz\"]", &files)).unwrap();
    path
}

#[test]
fn germline_calls_among_the_somatic_ones_are_told() {
    let folder = scratch();
    let out = folder.path().join("out");
    run(tierline()
        .arg("tier")
        .arg(with_germline(simulated(), 200, folder.path()))
        .arg("-o")
        .arg(&out)
        .args(["--override-identity", "simulated calls and reads are of two makings"]));
    let leakage = json(&out.join("results.json"))["biomarkers"]["leakage"].clone();
    assert_eq!(leakage["in_germline_calls"]["count"], 200);
    assert_eq!(leakage["common"]["count"], 1, "one is planted that populations know");
    // Reads of the normal sample slip at homopolymers as those of the tumour do.
    assert!(leakage["in_normal"]["count"].as_u64().unwrap() < 20, "{leakage}");
    assert_eq!(leakage["warnings"].as_array().unwrap().len(), 1, "{leakage}");
}

/// The committed tumour with its reference and purity changed or left out.
fn changed(folder: &Path, change: impl Fn(String) -> String) -> PathBuf {
    let data = root().join("test-data");
    let text = std::fs::read_to_string(data.join("tumour-normal/case.toml")).unwrap();
    let here = data.join("tumour-normal");
    let mut text = change(text);
    for name in [
        "somatic.vcf.gz",
        "domain1.tsv",
        "domain2.tsv",
        "signatures.tsv",
        "microsatellites.bed",
        "tumour.bam",
        "normal.bam",
    ] {
        text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", here.join(name).display()));
    }
    let reference = data.join("reference/sim.fa.gz").display().to_string();
    let path = folder.join("case.toml");
    std::fs::write(&path, text.replace("../reference/sim.fa.gz", &reference)).unwrap();
    path
}

#[test]
fn without_a_reference_matrices_are_not_assessed_and_never_zero() {
    let folder = scratch();
    let without =
        |text: String| text.replace("reference = \"../reference/sim.fa.gz\"\n", "purity = 0.61\n");
    let case = changed(folder.path(), without);
    let out = folder.path().join("out");
    run(tierline().arg("tier").arg(&case).arg("-o").arg(&out));
    let found = json(&out.join("results.json"))["biomarkers"].clone();
    for key in ["matrices", "signatures", "instability_of_indels", "instability_of_reads"] {
        assert_eq!(found[key]["status"], "not-assessed", "{key}");
        assert!(found[key]["reason"].as_str().unwrap().len() > 10);
    }
    assert_eq!(
        (&found["purity"]["purity"], &found["purity"]["method"]),
        (&0.61.into(), &"stated".into())
    );
    assert!(found["calls"]["variants"].as_u64().unwrap() > 0);
    assert!(!out.join("somatic.SBS96.tsv").exists());
    assert!(!out.join("supplementary_analysis_results.json").exists());
}

#[test]
fn bad_signature_files_are_told_with_all_else_and_nothing_is_written() {
    let folder = scratch();
    let table = folder.path().join("signatures.tsv");
    let refuse = |text: &str, wanted: &str| {
        std::fs::write(&table, text).unwrap();
        let signatures = format!("signatures = \"{}\"\n[[member]]", table.display());
        let case = changed(folder.path(), |text| {
            let without = text.replace("signatures = \"signatures.tsv\"\n", "");
            without.replacen("[[member]]", &signatures, 1)
        });
        let out = folder.path().join("refused");
        let output = tierline().arg("tier").arg(&case).arg("-o").arg(&out).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(65), "{told}");
        assert!(told.contains(wanted) && told.contains("signatures.tsv"), "{wanted}: {told}");
        let left: Vec<_> =
            std::fs::read_dir(&out).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(left, ["status.jsonl"], "only that the case was rejected");
    };
    refuse("Type\tS1\tS1\nA[C>A]A\t1\t1\n", "column \"S1\" stands twice");
    refuse("Type\tS1\nA[C>A]A\t-1\n", "is negative");
    refuse("Type\tS1\nA[C>A]A\t1\nA[C>X]A\t0\n", "\"A[C>X]A\" is no mutation type of SBS96");
    refuse("Type\tS1\nA[C>A]A\t1\n", "95 of the 96 types of SBS96 are missing");
    refuse("Type\tS1\nX\t1\n", "is no mutation type of SBS96, DBS78 or ID83");
}

#[test]
fn cohorts_are_fitted_the_same_by_any_number_of_threads() {
    let folder = scratch();
    let file = |name: &str| folder.path().join(name);
    let types: Vec<String> = {
        use tierline::model::mutation_type::MatrixKind;
        MatrixKind::Sbs96.types().to_vec()
    };
    let mut signatures = String::from("Type\tA\tB\n");
    let mut matrix = String::from("MutationType\tone\ttwo\tnone\n");
    for (i, name) in types.iter().enumerate() {
        let (a, b) = if i < 48 { (1.0 / 48.0, 0.0) } else { (0.0, 1.0 / 48.0) };
        writeln!(signatures, "{name}\t{a:.10}\t{b:.10}").unwrap();
        let (one, two) = (if i < 48 { 30 } else { 10 }, u8::from(i >= 48) * 9);
        writeln!(matrix, "{name}\t{one}\t{two}\t0").unwrap();
    }
    std::fs::write(file("s.tsv"), &signatures).unwrap();
    std::fs::write(file("m.tsv"), &matrix).unwrap();
    let fit = |threads: &str, out: &str| {
        run(tierline()
            .arg("signatures")
            .arg(file("m.tsv"))
            .arg("--signatures")
            .arg(file("s.tsv"))
            .arg("-o")
            .arg(file(out))
            .args(["-t", threads, "--bootstraps", "20"]));
        ["activities.tsv", "contributions.tsv", "fits.tsv"]
            .map(|name| std::fs::read_to_string(file(out).join(name)).unwrap())
    };
    let one = fit("1", "one");
    assert_eq!(one, fit("3", "three"));
    let rows: Vec<&str> = one[0].lines().collect();
    assert_eq!(
        rows,
        ["Samples\tA\tB", "one\t1440.000\t480.000", "two\t0.000\t432.000", "none\t0.000\t0.000"]
    );
    std::fs::write(file("bad.tsv"), matrix.replace("A[C>A]A", "A[C>A]B")).unwrap();
    let output = tierline()
        .args(["signatures"])
        .arg(file("bad.tsv"))
        .arg("--signatures")
        .arg(file("s.tsv"))
        .arg("-o")
        .arg(file("bad"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65));
    assert!(told.contains("\"A[C>A]B\" is no mutation type") && told.contains("A[C>A]A"), "{told}");
}
