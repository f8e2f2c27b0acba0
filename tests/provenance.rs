//! Every output of a command carries version and policy: in itself where its format has room, else in the manifest of its
//! folder. The table says which; a file that it does not know fails the test.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{gunzip, root, run, scratch, tierline};
use serde_json::Value;

/// How a file carries them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Carries {
    /// Version and digest stand in the file.
    Itself,
    /// The last column of every row; a table without rows is as [`Carries::Manifest`].
    Column,
    /// Its format is another program's, or binary: the manifest lists it under a line that has both.
    Manifest,
}

/// By the end of the name, the first that fits.
const TABLE: &[(&str, Carries)] = &[
    ("decipher_sequence.tsv", Carries::Manifest),
    ("decipher_copy_number.tsv", Carries::Manifest),
    ("somatic.SBS96.tsv", Carries::Manifest),
    ("somatic.DBS78.tsv", Carries::Manifest),
    ("somatic.ID83.tsv", Carries::Manifest),
    ("supplementary_analysis_results.json", Carries::Manifest),
    ("identity.samples.tsv", Carries::Manifest),
    ("identity.pairs.tsv", Carries::Manifest),
    ("identity.groups.tsv", Carries::Manifest),
    ("identity.concordance.txt", Carries::Manifest),
    ("identity.contamination.txt", Carries::Manifest),
    (".verdicts_mqc.tsv", Carries::Itself),
    ("tiers.tsv", Carries::Column),
    ("additional.tsv", Carries::Column),
    ("germline.tsv", Carries::Column),
    ("amp.tsv", Carries::Column),
    ("biomarkers.tsv", Carries::Column),
    ("signatures.tsv", Carries::Column),
    ("rainfall.tsv", Carries::Column),
    ("chromosomes.tsv", Carries::Column),
    ("candidates.maf", Carries::Column),
    (".ga4gh.json", Carries::Manifest),
    (".coverage.json", Carries::Manifest),
    ("gel_metrics.json", Carries::Manifest),
    (".json", Carries::Itself),
    (".html", Carries::Itself),
    (".vcf.gz", Carries::Itself),
    ("manifest.sha256", Carries::Itself),
    ("status.jsonl", Carries::Itself),
    ("_metrics.txt", Carries::Itself),
    (".samtools.stats.txt", Carries::Itself),
    (".flagstat.txt", Carries::Manifest),
    (".samtools.idxstats.txt", Carries::Manifest),
    (".samtools.coverage.txt", Carries::Manifest),
    (".mosdepth.summary.txt", Carries::Manifest),
    (".mosdepth.global.dist.txt", Carries::Manifest),
    (".bed.gz", Carries::Manifest),
    (".csi", Carries::Manifest),
    (".tbi", Carries::Manifest),
    (".sketch", Carries::Manifest),
    (".selfSM", Carries::Manifest),
];

/// Files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// The digest that a record holds, and what its manifest lists.
fn record(folder: &Path, name: &str) -> (String, BTreeSet<String>) {
    let text = fs::read_to_string(folder.join(format!("{name}run.json"))).unwrap();
    let record: Value = serde_json::from_str(&text).unwrap();
    let digest = record["policy_digest"].as_str().unwrap().to_owned();
    let text = fs::read_to_string(folder.join(format!("{name}manifest.sha256"))).unwrap();
    let head = text.lines().next().unwrap();
    assert!(head.contains(env!("CARGO_PKG_VERSION")) && head.contains(&digest), "{head}");
    let rows = text.lines().filter_map(|line| line.split_once("  "));
    (digest, rows.map(|(_, file)| file.to_owned()).collect())
}

/// Looks at every file of a folder; gives the ends of names that were seen.
fn check(folder: &Path, name: &str) -> BTreeSet<&'static str> {
    let (digest, listed) = record(folder, name);
    let mut seen = BTreeSet::new();
    for path in files(folder) {
        let shown = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        let row = TABLE.iter().find(|(end, _)| shown.ends_with(end));
        let &(end, carries) = row.unwrap_or_else(|| panic!("{shown} is in no row of the table"));
        seen.insert(end);
        if !shown.ends_with("manifest.sha256") && shown != "status.jsonl" {
            assert!(listed.contains(&shown), "the manifest does not list {shown}");
        }
        let text = String::from_utf8_lossy(&gunzip(&path)).into_owned();
        match carries {
            Carries::Manifest => {}
            Carries::Itself => {
                assert!(text.contains(env!("CARGO_PKG_VERSION")), "{shown} has no version");
                assert!(text.contains(&digest), "{shown} has no digest");
            }
            Carries::Column => {
                let mut rows = text.lines().skip_while(|line| line.starts_with('#'));
                assert!(rows.next().unwrap().ends_with("\tmade_by"), "{shown}");
                for row in rows {
                    let cell = row.rsplit('\t').next().unwrap();
                    assert!(cell.starts_with(concat!(
                        "tierline ",
                        env!("CARGO_PKG_VERSION"),
                        "; "
                    )));
                    assert!(cell.ends_with(&format!(" sha256:{digest}")), "{shown}: {cell}");
                }
            }
        }
    }
    seen
}

#[test]
fn every_file_of_a_case_carries_version_and_policy() {
    let folder = scratch();
    let mut seen = BTreeSet::new();
    // Reads without a reference: metrics that compare with it are slow in a test, and are looked at under `qc`.
    let trio = root().join("test-data/trio");
    let text = fs::read_to_string(trio.join("case.toml")).unwrap();
    let mut text = text.replace("reference = \"../reference/sim.fa.gz\"\n", "");
    for name in ["panel.json", "trio.vcf.gz", "child.bam", "mother.bam", "father.bam"] {
        text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", trio.join(name).display()));
    }
    let short = folder.path().join("case.toml");
    fs::write(&short, text).unwrap();
    let tumour = root().join("test-data/tumour-normal/case.toml");
    for (case, command, document) in [("trio", "run", short), ("tumour-normal", "tier", tumour)] {
        let out = folder.path().join(case);
        run(tierline().arg(command).arg(document).arg("-o").arg(&out));
        seen.extend(check(&out, ""));
    }
    for end in ["tiers.tsv", ".json", ".html", ".vcf.gz", "candidates.maf", "_metrics.txt"] {
        assert!(seen.contains(end), "the control: {end} was looked at");
    }
    let page = folder.path().join("index.html");
    let mut index = tierline();
    run(index.arg("report").arg(folder.path().join("trio")).arg("--index").arg(&page));
    let (digest, _) = record(&folder.path().join("trio"), "");
    let text = fs::read_to_string(page).unwrap();
    assert!(text.contains(&digest) && text.contains(env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_file_of_a_command_without_a_case_does_too() {
    let folder = scratch();
    let (reads, samples) = (folder.path().join("qc"), folder.path().join("identity"));
    let bam = root().join("test-data/trio/child.bam");
    let fasta = root().join("test-data/reference/sim.fa.gz");
    let mut qc = tierline();
    qc.arg("qc").arg(bam).arg("-f").arg(fasta).args(["--accept", "gel-germline", "-o"]).arg(&reads);
    run(&mut qc);
    assert!(check(&reads, "SIMCHILD.").contains(".sketch"));
    let sketch = reads.join("SIMCHILD.sketch");
    run(tierline().arg("identity").arg(sketch).arg("-o").arg(&samples));
    assert!(check(&samples, "identity.").contains(".json"));
    let matrix = root().join("test-data/tumour-normal/signatures.tsv");
    let fitted = folder.path().join("signatures");
    let counts = folder.path().join("counts.tsv");
    // Any whole numbers by type are a matrix.
    let text = fs::read_to_string(&matrix).unwrap();
    let rows = text.lines().enumerate().map(|(i, line)| {
        let name = line.split('\t').next().unwrap();
        if i == 0 { format!("{name}\tS\n") } else { format!("{name}\t{}\n", i % 7) }
    });
    fs::write(&counts, rows.collect::<String>()).unwrap();
    let mut signatures = tierline();
    signatures.arg("signatures").arg(&counts).arg("-s").arg(&matrix).args(["--bootstraps", "0"]);
    run(signatures.arg("-o").arg(&fitted));
    let (digest, listed) = record(&fitted, "signatures.");
    assert_eq!(listed.len(), 4);
    let fits = fs::read_to_string(fitted.join("fits.tsv")).unwrap();
    assert!(fits.lines().nth(1).unwrap().ends_with(&digest), "{fits}");
    let trio = root().join("test-data/trio");
    let kept = folder.path().join("kept.vcf.gz");
    run(tierline().arg("filter").arg(trio.join("trio.vcf.gz")).arg("-o").arg(&kept));
    let text = String::from_utf8(gunzip(&kept)).unwrap();
    let head = text.lines().find(|line| line.starts_with("##tierline_filter=")).unwrap();
    assert!(head.contains(env!("CARGO_PKG_VERSION")) && head.contains("Sha256="), "{head}");
}
