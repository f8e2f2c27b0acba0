//! Simulated data: the ledger of `test-data/` tells the truth, the commands reproduce it byte for byte, and other
//! programs read it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]
#![cfg(feature = "simulate")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip_text, oracle, root, run, scratch, stdout_of, tierline};
use sha2::{Digest, Sha256};

/// The folders of `test-data/` that this program makes.
const FOLDERS: [&str; 3] = ["reference", "trio", "tumour-normal"];

fn data() -> PathBuf {
    root().join("test-data")
}

/// Path and digest of every row of the ledger's tables; paths are relative to `test-data/`.
fn ledger() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(data().join("README.md")).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [path, _content, digest] = cells[..] else { return None };
        let digest = digest.trim_matches('`');
        (digest.len() == 64).then(|| (path.trim_matches('`').to_owned(), digest.to_owned()))
    });
    rows.collect()
}

/// The commands of the ledger, which run in the package's root.
fn commands() -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(data().join("README.md")).unwrap();
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("tierline simulate "))
        .map(|rest| {
            let words = rest.split_whitespace().map(str::to_owned);
            std::iter::once("simulate".to_owned()).chain(words).collect()
        })
        .collect()
}

fn files(folder: &Path) -> BTreeSet<String> {
    FOLDERS
        .iter()
        .flat_map(|name| {
            std::fs::read_dir(folder.join(name))
                .unwrap()
                .map(move |entry| format!("{name}/{}", entry.unwrap().file_name().display()))
        })
        .collect()
}

fn digest(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn the_ledger_lists_every_file_with_its_digest() {
    let ledger = ledger();
    let listed: BTreeSet<String> = ledger.keys().cloned().collect();
    assert_eq!(files(&data()), listed);
    for (path, expected) in &ledger {
        assert_eq!(&digest(&data().join(path)), expected, "{path}");
    }
}

#[test]
fn the_commands_reproduce_the_files_with_any_number_of_threads() {
    let ledger = ledger();
    let commands = commands();
    assert_eq!(commands.len(), FOLDERS.len());
    for threads in ["1", "3"] {
        let folder = scratch();
        std::fs::create_dir_all(folder.path().join("test-data/reference")).unwrap();
        for command in &commands {
            run(tierline().current_dir(folder.path()).args(command).args(["-t", threads]));
        }
        for (path, expected) in &ledger {
            let made = digest(&folder.path().join("test-data").join(path));
            assert_eq!(&made, expected, "{path} with {threads} threads");
        }
    }
}

/// Rows of a table as maps from column to value.
fn table(path: &Path) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines
        .map(|line| {
            head.iter().map(|h| (*h).to_owned()).zip(line.split('\t').map(str::to_owned)).collect()
        })
        .collect()
}

#[test]
fn every_row_of_the_truth_is_one_called_allele() {
    for (folder, calls, rows) in
        [("trio", "trio.vcf.gz", 32), ("tumour-normal", "somatic.vcf.gz", 14)]
    {
        let folder = data().join(folder);
        let text = gunzip_text(&folder.join(calls));
        let mut called = BTreeSet::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            for alternate in cells[4].split(',') {
                called.insert([cells[0], cells[1], cells[3], alternate].map(str::to_owned));
            }
        }
        let truth = table(&folder.join("truth.tsv"));
        assert_eq!(truth.len(), rows, "{}", folder.display());
        for row in truth {
            let key = ["chrom", "pos", "ref", "alt"].map(|column| row[column].clone());
            assert!(called.contains(&key), "{key:?} is not called");
        }
    }
}

#[test]
fn other_programs_read_the_files() {
    let (Some(samtools), Some(bcftools)) = (oracle("samtools"), oracle("bcftools")) else { return };
    let reference = data().join("reference/sim.fa.gz");
    for path in files(&data()) {
        let path = data().join(path);
        match path.extension().and_then(|e| e.to_str()) {
            Some("bam") => {
                run(Command::new(&samtools).arg("quickcheck").arg(&path));
                let whole = stdout_of(Command::new(&samtools).args(["view", "-c"]).arg(&path));
                let counted: u64 = stdout_of(Command::new(&samtools).arg("idxstats").arg(&path))
                    .lines()
                    .flat_map(|l| {
                        l.split('\t').skip(2).map(|n| n.parse::<u64>().unwrap()).collect::<Vec<_>>()
                    })
                    .sum();
                assert_eq!(whole.trim(), counted.to_string(), "the index counts every record");
            }
            Some("gz") if path.to_string_lossy().ends_with(".vcf.gz") => {
                // Fails when a REF is not the reference, and tells when a variant is not left-aligned.
                let output = run(Command::new(&bcftools)
                    .args(["norm", "-c", "e", "-o", "/dev/null", "-f"])
                    .args([&reference, &path]));
                let told = String::from_utf8_lossy(&output.stderr).into_owned();
                let realigned = told.trim().rsplit('/').nth(1);
                assert_eq!(realigned, Some("0"), "{told}");
            }
            _ => {}
        }
    }
}

#[test]
fn depths_of_calls_are_those_of_the_reads() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = data().join("trio");
    let query = ["query", "-f", "%CHROM:%POS:%REF[ %AD]\n"];
    let called = stdout_of(
        Command::new(&bcftools)
            .args(query)
            .args(["-i", "TYPE=\"snp\""])
            .arg(folder.join("trio.vcf.gz")),
    );
    let scratch = scratch();
    let piled = scratch.path().join("piled.bcf");
    run(Command::new(&bcftools)
        .args(["mpileup", "-B", "-a", "AD", "-q", "20", "-Q", "0", "-I", "-Ob", "-f"])
        .arg(data().join("reference/sim.fa.gz"))
        .arg("-T")
        .arg(folder.join("trio.vcf.gz"))
        .arg("-o")
        .arg(&piled)
        .args(["child.bam", "mother.bam", "father.bam"].map(|name| folder.join(name))));
    let piled: BTreeMap<String, Vec<u32>> =
        stdout_of(Command::new(&bcftools).args(query).arg(&piled))
            .lines()
            .map(references)
            .collect();
    let mut compared = 0;
    for (site, own) in called.lines().map(references) {
        let Some(theirs) = piled.get(&site) else { continue };
        // A base in error or under a clip is seen by one of them only.
        for (own, theirs) in own.iter().zip(theirs) {
            assert!(
                own.abs_diff(*theirs) <= 4,
                "{site}: {own} reference fragments, {theirs} piled"
            );
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared} compared");
}

/// A site, and how many fragments of each sample show the reference there.
fn references(line: &str) -> (String, Vec<u32>) {
    let mut cells = line.split(' ');
    let site = cells.next().unwrap().to_owned();
    (site, cells.map(|ad| ad.split(',').next().unwrap().parse().unwrap_or(0)).collect())
}
