//! Counts of pairs and kinship against the real PLINK 2 (`--make-king-table`) on two real families.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use common::{oracle, run, scratch, shared_file, tierline};

/// Rows of a table by its first line, and the pair of names that each is about.
fn table(path: &Path, names: [&str; 2]) -> BTreeMap<[String; 2], BTreeMap<String, f64>> {
    let text = std::fs::read_to_string(path).expect("a table");
    let mut lines = text.lines();
    let header: Vec<&str> =
        lines.next().expect("a header").trim_start_matches('#').split('\t').collect();
    let row = |line: &str| {
        let cells: BTreeMap<&str, &str> = header.iter().copied().zip(line.split('\t')).collect();
        let mut key = names.map(|name| cells[name].to_owned());
        key.sort();
        let number = |(name, value): (&&str, &&str)| {
            value.parse().ok().map(|value: f64| ((*name).to_owned(), value))
        };
        (key, cells.iter().filter_map(number).collect())
    };
    lines.map(row).collect()
}

#[test]
fn counts_and_kinship_are_those_of_plink() {
    let Some(plink) = oracle("plink2") else { return };
    // Without genotype qualities every call counts in both programs.
    let Some(vcf) = shared_file("variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz") else {
        return;
    };
    let folder = scratch();
    let prefix = folder.path().join("plink");
    let mut command = Command::new(plink);
    command.arg("--vcf").arg(&vcf).args(["--snps-only", "just-acgt", "--max-alleles", "2"]);
    command.args(["--make-king-table", "counts", "cols=id,nsnp,hethet,ibs0,kinship"]);
    run(command.args(["--threads", "1", "--out"]).arg(&prefix));
    let mut command = tierline();
    run(command.arg("identity").arg("--vcf").arg(&vcf).arg("-o").arg(folder.path()));
    let theirs = table(&folder.path().join("plink.kin0"), ["IID1", "IID2"]);
    let ours = table(&folder.path().join("identity.pairs.tsv"), ["sample_a", "sample_b"]);
    assert_eq!(theirs.len(), 6, "every pair of four");
    for (pair, plink) in &theirs {
        let own = &ours[pair];
        for (name, key) in [("NSNP", "n"), ("HETHET", "shared_hets"), ("IBS0", "ibs0")] {
            let difference = (plink[name] - own[key]).abs();
            assert!(difference < 0.5, "{name}: {} and {}", plink[name], own[key]);
        }
        // PLINK divides by the smaller number of heterozygotes (equation 11 of Manichaikul et al. 2010).
        let (a, b) = (own["hets_a"], own["hets_b"]);
        let squares = 4.0 * own["ibs0"] + a + b - 2.0 * own["shared_hets"];
        let kinship = 0.5 - squares / (4.0 * a.min(b));
        assert!((kinship - plink["KINSHIP"]).abs() < 1e-5, "{kinship} and {}", plink["KINSHIP"]);
        assert!((own["relatedness"] / 2.0 - plink["KINSHIP"]).abs() < 0.02, "near ours too");
    }
}
