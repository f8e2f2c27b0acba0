//! Whole chromosomes of simulated and real families through the whole program: planted disomies are found in every output, real
//! and unplanted families have none, threads and consent.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]
#![cfg(feature = "simulate")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{run, scratch, shared_file, stdout_of, tierline};
use serde_json::Value;

/// Calls of a trio, 150,000 records over the genome.
fn simulated(folder: &Path, seed: &str, upd: Option<&str>) -> PathBuf {
    let calls = folder.join(format!("{seed}.vcf.gz"));
    let mut command = tierline();
    command.args(["simulate", "calls", "-n", "150K", "--level", "1", "--seed", seed, "-o"]);
    command.arg(&calls);
    command.args(upd.into_iter().flat_map(|upd| ["--upd", upd]));
    run(&mut command);
    calls
}

fn tier(calls: &Path, out: &Path, more: &[&str]) -> Value {
    let beside = |end: &str| calls.to_str().unwrap().replace("vcf.gz", end);
    run(tierline()
        .arg("tier")
        .arg(calls)
        .args(["--ped", &beside("ped"), "--panel", &beside("panel.json")])
        .args(["--consent", "primary", "-o"])
        .arg(out)
        .args(more));
    json(&out.join("results.json"))
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Chromosome and inheritance of whatever is a finding.
fn findings(results: &Value) -> Vec<(String, String)> {
    let members = results["chromosomes"]["members"].as_array().unwrap();
    let all = members.iter().flat_map(|member| member["chromosomes"].as_array().unwrap());
    all.map(|own| [&own["chromosome"], &own["inheritance"]].map(|v| v.as_str().unwrap().to_owned()))
        .filter(|[_, word]| !matches!(&**word, "not-assessed" | "biparental"))
        .map(|[chromosome, word]| (chromosome, word))
        .collect()
}

fn decided(results: &Value, word: &str) -> usize {
    let all = results["chromosomes"]["members"][0]["chromosomes"].as_array().unwrap();
    all.iter().filter(|own| own["inheritance"] == word).count()
}

#[test]
fn planted_disomies_are_in_every_output_and_threads_do_not_matter() {
    let folder = scratch();
    for (seed, upd, chromosome, word, origin, kind) in [
        ("1", "15:maternal:iso", "15", "complete", "maternal", "isodisomy"),
        ("2", "11:paternal:hetero", "11", "complete", "paternal", "heterodisomy"),
        ("3", "7:60-110:maternal:hetero", "7", "segmental", "maternal", "heterodisomy"),
    ] {
        let calls = simulated(folder.path(), seed, Some(upd));
        let out = folder.path().join(format!("out{seed}"));
        let results = tier(&calls, &out, &["-t", "1"]);
        assert_eq!(findings(&results), [(chromosome.to_owned(), word.to_owned())], "{upd}");
        assert_eq!(decided(&results, "biparental"), 21, "{upd}");
        let genome = json(&out.join("interpreted_genome.json"));
        let disomies = genome["uniparentalDisomies"].as_array().unwrap();
        assert_eq!(disomies.len(), 1);
        assert_eq!(disomies[0]["origin"], origin);
        assert_eq!(disomies[0]["complete"], word == "complete");
        let fragment = &disomies[0]["uniparentalDisomyFragments"][0];
        assert_eq!(fragment["uniparentalDisomyType"], kind);
        if word == "segmental" {
            let [start, end] =
                ["start", "end"].map(|k| fragment["coordinates"][k].as_u64().unwrap());
            assert!((60_000_001..63_000_000).contains(&start), "{start}");
            assert!((107_000_000..110_000_001).contains(&end), "{end}");
        }
        assert!(genome.get("karyotypes").is_none(), "no alignment was read");
        let table = fs::read_to_string(out.join("chromosomes.tsv")).unwrap();
        let row =
            table.lines().find(|line| line.starts_with(&format!("1\tproband\t{chromosome}\t")));
        assert!(row.unwrap().contains(origin) && table.lines().count() == 23, "{table}");
        let page = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(page.contains(&format!("Chromosome {chromosome}: uniparental disomy, {word}")));
        let fhir = fs::read_to_string(out.join("fhir.json")).unwrap();
        assert!(fhir.contains("uniparental disomy, "), "{upd}");
        let again = folder.path().join(format!("again{seed}"));
        tier(&calls, &again, &["-t", "3"]);
        for name in ["results.json", "chromosomes.tsv"] {
            let [one, three] = [&out, &again].map(|folder| fs::read(folder.join(name)).unwrap());
            assert!(one == three, "{name} depends on threads");
        }
    }
    let (old, new) = (folder.path().join("out1"), folder.path().join("without"));
    let calls = simulated(folder.path(), "1", None);
    assert_eq!(findings(&tier(&calls, &new, &[])), []);
    // Nothing but the child's genotypes differs, so both are results of one case.
    let told = stdout_of(tierline().arg("compare").args([&old, &new]));
    assert!(told.contains("15:") && told.contains("upd complete"), "{told}");
    let told = stdout_of(tierline().args(["explain", "uniparental_disomy"]));
    assert!(told.contains("opposite homozygous parents"), "{told}");
}

#[test]
fn a_single_parent_or_none_asserts_nothing_and_says_so() {
    let folder = scratch();
    let calls = simulated(folder.path(), "4", Some("15:maternal:iso"));
    let ped = calls.to_str().unwrap().replace("vcf.gz", "ped");
    let whole = fs::read_to_string(&ped).unwrap();
    for (parent, expected) in
        [("SIMFATHER", vec![("15", "possible")]), ("SIMMOTHER", vec![]), ("", vec![])]
    {
        // A parent who is not in the pedigree is not compared.
        let kept: String = whole
            .lines()
            .filter(|line| {
                let who = line.split('\t').nth(1).unwrap_or_default().replace('-', "");
                line.starts_with('#') || who == "SIMCHILD" || who == parent
            })
            .map(|line| {
                let fields: Vec<&str> = line.split('\t').collect();
                let of = |cell: &str| {
                    if cell.replace('-', "") == parent { cell.to_owned() } else { "0".into() }
                };
                let mut fields: Vec<String> =
                    fields.iter().map(|cell| (*cell).to_owned()).collect();
                if fields.len() > 3 && !line.starts_with('#') {
                    (fields[2], fields[3]) = (of(&fields[2]), of(&fields[3]));
                }
                fields.join("\t") + "\n"
            })
            .collect();
        fs::write(&ped, kept).unwrap();
        let out = folder.path().join(format!("out{parent}"));
        let results = tier(&calls, &out, &[]);
        let found = findings(&results);
        let found: Vec<(&str, &str)> = found.iter().map(|(a, b)| (&**a, &**b)).collect();
        assert_eq!(found, expected, "{parent}");
        let genome = json(&out.join("interpreted_genome.json"));
        assert!(genome.get("uniparentalDisomies").is_none(), "{parent}");
        let comments = genome["comments"].to_string();
        let told = if parent.is_empty() { "only a hint" } else { "alone: copies that come from" };
        assert!(comments.contains(told), "{comments}");
    }
}

#[test]
fn other_members_are_told_of_only_where_the_policy_says_so() {
    let folder = scratch();
    let calls = simulated(folder.path(), "5", None);
    let members = |results: &Value| results["chromosomes"]["members"].as_array().unwrap().len();
    assert_eq!(members(&tier(&calls, &folder.path().join("one"), &[])), 1);
    let set = ["--set", "chromosomes.members=\"all\""];
    assert_eq!(members(&tier(&calls, &folder.path().join("all"), &set)), 3);
}

#[test]
fn swapped_parents_that_were_accepted_have_no_origin() {
    let folder = scratch();
    let calls = simulated(folder.path(), "6", Some("15:maternal:iso"));
    let ped = calls.to_str().unwrap().replace("vcf.gz", "ped");
    let stated = fs::read_to_string(&ped).unwrap();
    let swapped = stated.replace("SIMFATHER", "?").replace("SIMMOTHER", "SIMFATHER");
    fs::write(&ped, swapped.replace('?', "SIMMOTHER")).unwrap();
    let out = folder.path().join("out");
    let results = tier(&calls, &out, &["--override-identity", "a test"]);
    assert_eq!(findings(&results), []);
    let why = results["chromosomes"]["why_not"].as_str().unwrap();
    assert!(why.starts_with("identity checks failed"), "{why}");
    assert!(json(&out.join("interpreted_genome.json")).get("uniparentalDisomies").is_none());
}

/// No real family has a finding. Only one of them has a whole chromosome: the trio of Genome in a Bottle, its first one.
#[test]
fn real_trios_have_none() {
    let folder = scratch();
    let quad = folder.path().join("quad.ped");
    let lines = ["NA12882\tNA12877\tNA12878\t1\t2", "NA12877\t0\t0\t1\t1", "NA12878\t0\t0\t2\t1"];
    let lines: String = lines.iter().flat_map(|line| ["quad\t", line, "\n"]).collect();
    fs::write(&quad, lines).unwrap();
    for (file, ped, more, assessed) in [
        ("ashk-trio-b37/ashk-trio.vcf.gz", "ashk-trio-b37/ashk-trio.ped", "GRCh37", 1),
        ("clinic-trio-b37/643594.clinical.vcf.gz", "clinic-trio-b37/643594.ped", "GRCh37", 0),
        ("platinum-quad-b37/quad.20.1-20000000.vcf.gz", "", "GRCh37", 0),
        ("ashk-trio-grch38/Ashkenazim.vcf.gz", "ashk-trio-grch38/test.ped", "GRCh38", 0),
    ] {
        let Some(calls) = shared_file(&format!("variants/{file}")) else { return };
        let stated = shared_file(&format!("variants/{ped}")).filter(|_| !ped.is_empty());
        let out = folder.path().join(ped.split('/').next().unwrap()).join("out");
        let mut command = tierline();
        command.arg("tier").arg(calls).arg("--ped").arg(stated.as_ref().unwrap_or(&quad));
        command.args(["--assembly", more, "--consent", "primary", "--allow-unannotated", "-o"]);
        command.arg(&out);
        if more == "GRCh38" {
            command.args(["--proband", "NA24385"]);
        }
        run(&mut command);
        let results = json(&out.join("results.json"));
        assert_eq!(findings(&results), [], "{file}");
        assert_eq!(decided(&results, "biparental"), assessed, "{file}");
    }
}
