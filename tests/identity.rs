//! Identity checks on two real families: relations named rightly, and what is planted wrong is named too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::fs;
use std::path::Path;

use common::{root, scratch, shared_file, tierline};
use serde_json::Value;

const QUAD: &str = "variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz";
const TRIO: &str = "variants/ashk-trio-b37/ashk-trio.vcf.gz";
const QUAD_PED: &str = "F NA12877 0 0 1 1\nF NA12878 0 0 2 1\nF NA12882 NA12877 NA12878 1 2\nF NA12881 NA12877 NA12878 2 1\n";

/// Runs `identity` on a variant file; gives exit code, log and `identity.json`.
fn identity(vcf: &Path, ped: &str, out: &Path, more: &[&str]) -> (Option<i32>, String, Value) {
    fs::create_dir_all(out).unwrap();
    let pedigree = out.join("given.ped");
    fs::write(&pedigree, ped).unwrap();
    let mut command = tierline();
    command.arg("identity").arg("--vcf").arg(vcf).arg("--ped").arg(&pedigree);
    let output = command.arg("-o").arg(out).args(more).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = fs::read(out.join("identity.json")).unwrap_or_else(|e| panic!("{e}: {log}"));
    (output.status.code(), log, serde_json::from_slice(&json).unwrap())
}

fn relations(json: &Value) -> Vec<(u64, u64, String, String)> {
    let pairs = json["pairs"].as_array().unwrap().iter();
    pairs
        .map(|pair| {
            let number = |i: usize| pair["members"][i].as_u64().unwrap();
            let word = |key: &str| pair[key].as_str().unwrap_or("-").to_owned();
            (number(0), number(1), word("relation"), word("outcome"))
        })
        .collect()
}

#[test]
fn the_platinum_family_is_as_its_pedigree_says() {
    let Some(vcf) = shared_file(QUAD) else { return };
    let folder = scratch();
    let (code, log, json) = identity(&vcf, QUAD_PED, folder.path(), &["--fail-on-identity"]);
    assert_eq!((code, &json["outcome"]), (Some(0), &Value::from("PASS")), "{log}");
    let mut found = relations(&json);
    found.sort();
    let expected = [
        (1, 2, "unrelated"),
        (1, 3, "parent-child"),
        (1, 4, "parent-child"),
        (2, 3, "parent-child"),
        (2, 4, "parent-child"),
        (3, 4, "full-siblings"),
    ];
    for ((a, b, relation), found) in expected.iter().zip(&found) {
        assert_eq!((*a, *b, *relation, "PASS"), (found.0, found.1, &*found.2, &*found.3));
    }
    assert_eq!(found.len(), expected.len());
    for family in json["families"].as_array().unwrap() {
        let rate = family["rate"].as_f64().unwrap();
        assert!(rate < 0.005, "{family}");
    }
    let pairs = fs::read_to_string(folder.path().join("identity.pairs.tsv")).unwrap();
    assert!(pairs.starts_with("#sample_a\tsample_b\trelatedness\t"), "{pairs}");
    assert!(pairs.lines().next().unwrap().contains("hom_concordance"));
}

#[test]
fn the_giab_trio_is_a_trio() {
    let Some(vcf) = shared_file(TRIO) else { return };
    let folder = scratch();
    let ped = "A HG002 HG003 HG004 1 2\nA HG003 0 0 1 1\nA HG004 0 0 2 1\n";
    let (code, log, json) = identity(&vcf, ped, folder.path(), &[]);
    assert_eq!((code, &json["outcome"]), (Some(0), &Value::from("PASS")), "{log}");
    let found: Vec<String> = relations(&json).into_iter().map(|found| found.2).collect();
    assert_eq!(found, ["parent-child", "parent-child", "unrelated"]);
}

#[test]
fn a_child_exchanged_with_its_father_is_named_by_role_alone() {
    let Some(vcf) = shared_file(QUAD) else { return };
    let folder = scratch();
    // The pedigree takes the father's sample for the son's.
    let ped = "F NA12882 0 0 1 1\nF NA12878 0 0 2 1\nF NA12877 NA12882 NA12878 1 2\nF NA12881 NA12882 NA12878 2 1\n";
    let (code, log, json) = identity(&vcf, ped, folder.path(), &["--fail-on-identity"]);
    assert_eq!(code, Some(3), "{log}");
    assert_eq!(json["outcome"], "FAIL");
    assert!(log.contains("the files of sample 3 and sample 1 look swapped"), "{log}");
    assert!(!log.contains("NA128"), "names of samples do not belong in logs: {log}");
}

#[test]
fn a_case_whose_father_is_none_is_not_tiered_unless_somebody_says_why() {
    let Some(vcf) = shared_file(QUAD) else { return };
    let folder = scratch();
    // The mother's sample stands for the father.
    let ped = folder.path().join("wrong.ped");
    fs::write(&ped, "F NA12877 NA12878 0 1 2\nF NA12878 0 0 1 1\n").unwrap();
    let out = folder.path().join("out");
    let run = |more: &[&str]| {
        let mut command = tierline();
        command.arg("tier").arg(&vcf).arg("--ped").arg(&ped).arg("-o").arg(&out);
        command.args(["--consent", "primary", "--assembly", "GRCh37", "--allow-unannotated"]);
        let output = command.args(more).output().unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = fs::read(out.join("results.json")).unwrap_or_else(|e| panic!("{e}: {log}"));
        let json: Value = serde_json::from_slice(&json).unwrap();
        (output.status.code(), log, json)
    };
    let (code, log, json) = run(&[]);
    assert_eq!(code, Some(4), "{log}");
    assert_eq!(json["identity"]["stopped"], true);
    assert_eq!(json["candidates"].as_array().unwrap().len(), 0);
    assert!(log.contains("proband is unrelated to its father"), "{log}");
    let notices = json["notices"].to_string();
    assert!(
        notices.contains("nothing was tiered: proband is unrelated to its father"),
        "{notices}"
    );
    let reason = "Adopted; the laboratory knows";
    let (code, log, json) = run(&["--override-identity", reason]);
    assert_eq!(code, Some(0), "{log}");
    assert_eq!(json["identity"]["override_reason"], reason);
    assert_eq!(json["identity"]["stopped"], false);
    assert_eq!(json["identity"]["outcome"], "FAIL");
}

#[test]
fn real_reads_of_a_few_windows_are_too_few_sites() {
    let Some(bam) = shared_file("reads/na12878_chr20_10.0-10.1Mb_hg19.bam") else { return };
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(&bam).args(["--prefix", "s", "-n", "--only", "sketch", "-o"]);
    let output = command.arg(folder.path()).args(["--accept", "gel-germline"]).output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{log}");
    assert!(log.contains("contamination by another person: too few sites"), "{log}");
    let json = fs::read(folder.path().join("s.qc.json")).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["identity"]["contamination"]["estimate"]["status"], "too-few-sites");
    assert!(!folder.path().join("s.selfSM").exists());
}

#[test]
fn committed_cases_have_too_few_sites_and_run_on() {
    for name in ["trio", "tumour-normal"] {
        let folder = scratch();
        let case = root().join("test-data").join(name).join("case.toml");
        let output =
            tierline().arg("run").arg(case).arg("-n").arg("-o").arg(folder.path()).output();
        let output = output.unwrap();
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{log}");
        let json = fs::read(folder.path().join("results.json")).unwrap();
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["identity"]["outcome"], "NOT_ASSESSED", "{name}: {}", json["identity"]);
        assert!(!json["candidates"].as_array().unwrap().is_empty());
    }
}

/// The trio's records, and its header.
fn trio_lines() -> Option<(String, Vec<String>)> {
    let text = common::gunzip_text(&shared_file(TRIO)?);
    let (header, records): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with('#'));
    Some((header.join("\n") + "\n", records.into_iter().map(String::from).collect()))
}

/// Tiers the trio from these files; gives `identity` of `results.json`.
fn tiered(folder: &Path, files: &[String]) -> Value {
    let names: Vec<String> = (0..files.len()).map(|i| format!("{i}.vcf")).collect();
    for (name, text) in names.iter().zip(files) {
        fs::write(folder.join(name), text).unwrap();
    }
    let member = |id: &str, role: &str, sex: &str, more: &str| {
        format!(
            "[[member]]\nid = \"{id}\"\nsample = \"{id}\"\nrole = \"{role}\"\nsex = \"{sex}\"\n{more}\
             [member.consent]\nprimary = true\n"
        )
    };
    let case = format!(
        "[case]\nid = \"C\"\nkind = \"family\"\nassembly = \"GRCh37\"\nvariants = {names:?}\n{}{}{}",
        member("HG002", "proband", "male", "affected = \"yes\"\n"),
        member("HG003", "father", "male", "affected = \"no\"\n"),
        member("HG004", "mother", "female", "affected = \"no\"\n"),
    );
    fs::write(folder.join("case.toml"), case).unwrap();
    let out = folder.join("out");
    let mut command = tierline();
    command.arg("tier").arg(folder.join("case.toml")).arg("-o").arg(&out);
    let output = command.arg("--allow-unannotated").output().unwrap();
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    let json = fs::read(out.join("results.json")).unwrap_or_else(|e| panic!("{e}: {log}"));
    let json: Value = serde_json::from_slice(&json).unwrap();
    json["identity"].clone()
}

#[test]
fn genotypes_taken_while_filtering_are_those_of_a_pass_of_their_own() {
    let Some((header, records)) = trio_lines() else { return };
    let folder = scratch();
    let whole = header.clone() + &records.join("\n") + "\n";
    let identity_json = {
        let vcf = folder.path().join("whole.vcf");
        fs::write(&vcf, &whole).unwrap();
        let ped = "A HG002 HG003 HG004 1 2\nA HG003 0 0 1 1\nA HG004 0 0 2 1\n";
        identity(&vcf, ped, &folder.path().join("apart"), &[]).2
    };
    let found = tiered(folder.path(), std::slice::from_ref(&whole));
    let counts = |json: &Value| -> Vec<Value> {
        json["pairs"].as_array().unwrap().iter().map(|pair| pair["counts"].clone()).collect()
    };
    assert!(found["pairs"][0]["counts"]["sites"].as_u64().unwrap() > 5_000, "{found}");
    let mut apart = counts(&identity_json);
    let mut along = counts(&found);
    // The order of columns is not that of members, and of a pair either may come first.
    for counts in apart.iter_mut().chain(&mut along) {
        let ends = |key: &str| {
            let of = |end: &str| counts[format!("{key}_{end}")].as_u64().unwrap();
            let (a, b) = (of("a"), of("b"));
            (a.min(b), a.max(b))
        };
        let shared =
            ["sites", "ibs0", "ibs2", "shared_hets", "x_sites"].map(|key| counts[key].clone());
        *counts = serde_json::json!([shared, ends("hets"), ends("hom_alts")]);
    }
    let sorted = |mut all: Vec<Value>| {
        all.sort_by_key(Value::to_string);
        all
    };
    assert_eq!(sorted(apart), sorted(along));
}

#[test]
fn files_by_chromosome_are_put_together_and_a_second_caller_counts_once() {
    let Some((header, records)) = trio_lines() else { return };
    let on = |contig: &str| -> String {
        let own = records.iter().filter(|line| line.starts_with(&format!("{contig}\t")));
        header.clone() + &own.map(String::as_str).collect::<Vec<_>>().join("\n") + "\n"
    };
    let (folder, whole_folder) = (scratch(), scratch());
    let whole = tiered(whole_folder.path(), &[header.clone() + &records.join("\n") + "\n"]);
    let parts = tiered(folder.path(), &[on("1"), on("2"), on("1")]);
    assert_eq!(whole["pairs"], parts["pairs"]);
    assert_eq!(whole["families"], parts["families"]);
    let half = tiered(scratch().path(), &[on("1")]);
    assert_ne!(whole["pairs"], half["pairs"]);
}

/// Runs `identity`; gives the exit code and the log.
fn refused(args: &[&std::ffi::OsStr], out: &Path) -> (Option<i32>, String) {
    let output = tierline().arg("identity").args(args).arg("-o").arg(out).output().unwrap();
    assert!(!out.join("identity.json").exists(), "nothing is written");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn bad_inputs_are_named_and_nothing_is_written() {
    let folder = scratch();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let header = "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n";
    let record = "1\t5\t.\tA\tC\t.\tPASS\t.\tDP\t7\t8\n";
    let without = file("without.vcf", format!("{header}{record}").as_bytes());
    let none = file("none.vcf", header.as_bytes());
    let empty = file("empty.sketch", b"");
    let text = file("text.sketch", b"not a sketch");
    let good = file(
        "good.vcf",
        format!("{header}{}", record.replace("DP\t7\t8", "GT\t0/1\t1/1")).as_bytes(),
    );
    let ped = file("other.ped", b"F X 0 0 1 1\n");
    let out = folder.path().join("out");
    let vcf = std::ffi::OsStr::new("--vcf");
    for (args, told) in [
        (vec![vcf, without.as_os_str()], "holds no genotype (GT)"),
        (vec![vcf, none.as_os_str()], "holds no genotype (GT)"),
        (vec![empty.as_os_str()], "is empty"),
        (vec![text.as_os_str()], "is no sketch"),
        (
            vec![vcf, good.as_os_str(), "--ped".as_ref(), ped.as_os_str()],
            "names none of the samples",
        ),
        (vec![], "no sketch and no variant file"),
    ] {
        let (code, log) = refused(&args, &out);
        assert!(matches!(code, Some(2 | 65)) && log.contains(told), "{told}: {code:?} {log}");
    }
}
