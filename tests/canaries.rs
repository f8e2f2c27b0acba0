//! Identifiers planted wherever a referral has room for them: those that no output needs are in no byte, and none is in a
//! log, a status event, the crate or a message of refusal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{gunzip, gunzip_text, root, scratch, tierline};
use serde_json::{Value, json};

/// In the referral, and of no use to any output.
const USELESS: [&str; 9] = [
    "9434765919",
    "CANARYNAME",
    "CANARYLAB",
    "CANARYFAMILY",
    "CANARYUID",
    "CANARYGROUP",
    "CANARYSTUDY",
    "CANARYHISTORY",
    "CANARYFOLDER",
];

/// Participants, samples and the case itself: they belong into results, and nowhere else.
const NAMES: [&str; 3] = ["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"];

/// A referral full of canaries with its calls, in a folder that is one too.
fn referral(folder: &Path, change: fn(&mut Value)) -> PathBuf {
    let data = folder.join("CANARYFOLDER");
    fs::create_dir_all(&data).unwrap();
    let text = gunzip_text(&root().join("test-data/trio/trio.vcf.gz"));
    fs::write(data.join("calls.vcf"), text.replace("\tSIM", "\tCANARYSAMPLE")).unwrap();
    let path = root().join("test-data/referrals/request-rd-6.2.json");
    let text = fs::read_to_string(path).unwrap();
    let text = ["CHILD", "MOTHER", "FATHER"].into_iter().fold(text, |text, who| {
        text.replace(&format!("\"SIM{who}\""), &format!("\"CANARYSAMPLE{who}\""))
    });
    let text =
        text.replace("SIM-FAMILY", "CANARYFAMILY").replace("\"SIM-RD\"", "\"CANARYREQUEST\"");
    let mut value: Value =
        serde_json::from_str(&text.replace("\"SIM-", "\"CANARYPERSON-")).unwrap();
    value["bams"] = json!([]);
    value["vcfs"][0]["uriFile"] = json!("CANARYFOLDER/calls.vcf");
    value["internalStudyId"] = json!("CANARYSTUDY");
    value["additionalInfo"] = json!({ "nhsNumber": "9434765919", "patient": "CANARYNAME" });
    value["otherFamilyHistory"] = json!({ "maternalFamilyHistory": ["CANARYHISTORY"] });
    for member in value["pedigree"]["members"].as_array_mut().unwrap() {
        member["participantUid"] = json!("CANARYUID");
        member["gelSuperFamilyId"] = json!("CANARYGROUP");
        member["additionalInformation"] = json!({ "name": "CANARYNAME", "NHS": "943 476 5919" });
        if let Some(sample) = member["samples"].get_mut(0) {
            sample["labSampleId"] = json!("CANARYLAB");
            sample["sampleUid"] = json!("CANARYUID");
        }
    }
    change(&mut value);
    let path = folder.join("referral.json");
    fs::write(&path, value.to_string()).unwrap();
    path
}

fn tier(referral: &Path, more: &[&str]) -> (PathBuf, Output) {
    let out = referral.with_file_name("out");
    let mut command = tierline();
    command.arg("tier").arg("referral.json").args(more).args(["-o", "out"]);
    command.arg("--panel").arg(root().join("test-data/trio/panel.json"));
    command.current_dir(referral.parent().unwrap()).env("RUST_LOG", "trace");
    (out, command.output().unwrap())
}

fn printed(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

fn assert_none(what: &str, text: &str, canaries: &[&str]) {
    for canary in canaries {
        let at = text.find(canary).map(|at| text.get(at.saturating_sub(80)..at + 40));
        assert!(at.is_none(), "{canary} in {what}: {at:?}");
    }
}

#[test]
fn what_no_output_needs_is_in_no_byte_and_names_are_in_no_log() {
    let folder = scratch();
    let path = referral(folder.path(), |_| {});
    let (out, output) = tier(&path, &[]);
    assert!(output.status.success(), "{}", printed(&output));
    assert_none("what is printed", &printed(&output), &[&USELESS[..], &NAMES[..]].concat());
    let mut seen = false;
    let files = [out.clone(), out.join("qc")].into_iter().flat_map(|folder| {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
    });
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = String::from_utf8_lossy(&gunzip(&path)).into_owned();
        assert_none(&name, &text, &USELESS);
        if ["status.jsonl", "ro-crate-metadata.json", "manifest.sha256", "run.json"]
            .contains(&name.as_str())
        {
            assert_none(&name, &text, &NAMES);
        }
        seen |= name == "results.json" && NAMES.iter().all(|canary| text.contains(canary));
    }
    assert!(seen, "the control: results hold the names");
    for arguments in [&["status", "out"][..], &["verify", "out"]] {
        let output = tierline().args(arguments).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success());
        assert_none(arguments[0], &printed(&output), &[&USELESS[..], &NAMES[..]].concat());
    }
    let mut check = tierline();
    check.args(["case", "check", "referral.json", "--panel"]);
    let output = check.arg(root().join("test-data/trio/panel.json")).current_dir(folder.path());
    assert_none("check", &printed(&output.output().unwrap()), &[&USELESS[..], &NAMES[..]].concat());
}

#[test]
fn no_message_of_refusal_holds_an_identifier() {
    let changes: [fn(&mut Value); 10] = [
        |d| d["pedigree"]["members"][1]["fatherId"] = json!(77),
        |d| d["pedigree"]["members"][0]["isProband"] = json!(true),
        |d| d["pedigree"]["members"][2]["sex"] = json!("FEMALE"),
        |d| d["pedigree"]["members"][1]["nhsNumber"] = json!("9434765919"),
        |d| d["patientName"] = json!({ "family": "CANARYNAME" }),
        |d| d["pedigree"]["members"][1]["testConsentStatus"] = Value::Null,
        |d| d["pedigree"]["members"][0]["samples"][0]["sampleId"] = json!("CANARYSAMPLECHILD"),
        |d| d["pedigree"]["members"][0]["participantId"] = json!("CANARYPERSON-CHILD"),
        |d| d["pedigree"]["members"][0]["samples"][0]["sampleId"] = json!("CANARYSAMPLEX"),
        |d| d["pedigree"]["members"][0]["samples"] = json!("CANARYSAMPLE"),
    ];
    for (i, change) in changes.into_iter().enumerate() {
        let folder = scratch();
        let path = referral(folder.path(), change);
        let (out, output) = tier(&path, &[]);
        assert!(!output.status.success(), "change {i}");
        let mut told = printed(&output);
        // A file is named as the user's own document names it.
        told = told.replace("CANARYFOLDER/calls.vcf", "");
        assert_none(
            &format!("the refusal of change {i}"),
            &told,
            &[&USELESS[..], &NAMES[..]].concat(),
        );
        let status = fs::read_to_string(out.join("status.jsonl")).unwrap();
        assert!(status.contains("\"rejected\""));
        assert_none("status.jsonl", &status, &[&USELESS[..], &NAMES[..]].concat());
    }
}

/// In headers and names of reads, and in header lines of calls: no output needs them.
const OF_FILES: [&str; 4] = ["CANARYREAD", "CANARYHEADER", "CANARYLINE", "CANARYPATH"];

/// Which of [`NAMES`] belong into a file, by the end of its name; whoever reads the file has to know whose it is. The record
/// of the run, manifest and names of files below `qc/` hold samples, since these files are named after them.
const BELONGS: &[(&str, &[&str])] = &[
    ("results.json", &["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"]),
    ("report.html", &["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"]),
    ("interpreted_genome.json", &["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"]),
    ("fhir.json", &["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"]),
    ("phenopacket.json", &["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"]),
    ("decipher_sequence.tsv", &["CANARYPERSON", "CANARYSAMPLE", "CANARYREQUEST"]),
    ("candidates.vcf.gz", &["CANARYSAMPLE"]),
    ("run.json", &["CANARYSAMPLE"]),
    ("manifest.sha256", &["CANARYSAMPLE"]),
    (".qc.json", &["CANARYSAMPLE"]),
    (".qc.html", &["CANARYSAMPLE"]),
    (".ga4gh.json", &["CANARYSAMPLE"]),
    (".verdicts_mqc.tsv", &["CANARYSAMPLE"]),
    (".gel_metrics.json", &["CANARYSAMPLE"]),
    ("gel_metrics.json", &["CANARYSAMPLE", "CANARYREQUEST"]),
    ("_metrics.txt", &["CANARYSAMPLE"]),
    (".sketch", &["CANARYSAMPLE"]),
    (".selfSM", &["CANARYSAMPLE"]),
    ("identity.samples.tsv", &["CANARYSAMPLE"]),
    ("identity.pairs.tsv", &["CANARYSAMPLE"]),
    ("identity.groups.tsv", &["CANARYSAMPLE"]),
];

/// The referral with reads of the child, full of canaries themselves; `None` where no samtools is.
fn with_reads(folder: &Path) -> Option<PathBuf> {
    let samtools = common::oracle("samtools")?;
    let path = referral(folder, |_| {});
    let data = folder.join("CANARYFOLDER");
    let calls = fs::read_to_string(data.join("calls.vcf")).unwrap();
    let calls = calls.replacen("#CHROM", "##note=CANARYLINE\n##CANARYLINE=<ID=x>\n#CHROM", 1);
    fs::write(data.join("calls.vcf"), calls).unwrap();
    let mut view = std::process::Command::new(&samtools);
    view.args(["view", "-h"]).arg(root().join("test-data/trio/child.bam"));
    let text = String::from_utf8(common::run(&mut view).stdout).unwrap();
    let mut sam = String::new();
    for line in text.lines() {
        if line.starts_with("@RG") {
            let line = line.replace("SM:SIMCHILD", "SM:CANARYSAMPLECHILD");
            writeln!(sam, "{line}\tPU:CANARYHEADER\tDS:CANARYNAME").unwrap();
            sam.push_str("@PG\tID:CANARYHEADER\tCL:align /CANARYPATH/9434765919.fq\n");
            sam.push_str("@CO\tCANARYHEADER born 1970-01-01 CANARYNAME\n");
        } else if line.starts_with('@') {
            writeln!(sam, "{line}").unwrap();
        } else {
            writeln!(sam, "CANARYREAD{line}").unwrap();
        }
    }
    common::sorted_bam(&samtools, &data, "reads", &sam);
    fs::remove_file(data.join("reads.sam")).unwrap();
    let mut value: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    value["bams"] = json!([{
        "sampleId": ["CANARYSAMPLECHILD"], "uriFile": "CANARYFOLDER/reads.bam", "fileType": "BAM",
    }]);
    fs::write(&path, value.to_string()).unwrap();
    Some(path)
}

/// Files below a folder, with their names.
fn files(folder: &Path, prefix: &str) -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            all.extend(files(&path, &format!("{name}/")));
        } else {
            all.push((name, path));
        }
    }
    all
}

/// No useless identifier in any byte, and names only where they belong.
fn assert_in_place(folder: &Path) {
    for (name, path) in files(folder, "") {
        let text = String::from_utf8_lossy(&gunzip(&path)).into_owned();
        assert_none(&name, &text, &[&USELESS[..], &OF_FILES].concat());
        let row = BELONGS.iter().find(|(end, _)| name.ends_with(end));
        let belong = row.map_or(&[][..], |(_, names)| names);
        let others: Vec<&str> = NAMES.into_iter().filter(|own| !belong.contains(own)).collect();
        assert_none(&name, &text, &others);
    }
}

#[test]
fn reads_bring_no_identifier_that_does_not_belong() {
    let folder = scratch();
    let Some(path) = with_reads(folder.path()) else { return };
    let all = [&USELESS[..], &NAMES, &OF_FILES].concat();
    let ask = |arguments: &[&str]| {
        let mut command = tierline();
        command.args(arguments).current_dir(folder.path()).env("RUST_LOG", "trace");
        command.output().unwrap()
    };
    let panel = root().join("test-data/trio/panel.json");
    let panel = panel.to_str().unwrap();
    let output = ask(&["run", "referral.json", "--panel", panel, "-o", "out"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert_none("what run prints", &printed(&output), &all);
    assert_in_place(&path.with_file_name("out"));
    let reads = "CANARYFOLDER/reads.bam";
    let output = ask(&["qc", reads, "--accept", "gel-germline", "-o", "quality"]);
    assert!(output.status.success(), "{}", printed(&output));
    // Files are called as the user called them.
    assert_none("what qc prints", &printed(&output).replace(reads, ""), &all);
    assert_in_place(&folder.path().join("quality"));
    let sketch = "quality/CANARYSAMPLECHILD.sketch";
    let output = ask(&["identity", sketch, "-o", "identity"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert_none("what identity prints", &printed(&output).replace(sketch, ""), &all);
    for (name, path) in files(&folder.path().join("identity"), "") {
        let text = String::from_utf8_lossy(&gunzip(&path)).into_owned();
        assert_none(&name, &text, &[&USELESS[..], &OF_FILES].concat());
    }
    let output = ask(&["compare", "out", "out"]);
    assert!(output.status.success(), "{}", printed(&output));
    assert_none("what compare prints", &printed(&output), &all);
    let with = format!("[case]\npanels = [\"{panel}\"]\n");
    fs::write(folder.path().join("with.toml"), with).unwrap();
    for more in [["--gene", "SIMG01"], ["--variant", "chr20:10738026:A:G"]] {
        let mut arguments = vec!["explain", "referral.json", "--with", "with.toml"];
        arguments.extend(more);
        let output = ask(&arguments);
        assert!(output.status.success(), "{}", printed(&output));
        assert_none("what explain prints", &printed(&output), &all);
    }
    let output = ask(&["report", "out", "--index", "index.html"]);
    assert!(output.status.success(), "{}", printed(&output));
    let index = fs::read_to_string(folder.path().join("index.html")).unwrap();
    let useless = [&USELESS[..], &OF_FILES, &NAMES[..2]].concat();
    assert_none("index.html", &index, &useless);
}

#[test]
fn damaged_reads_are_refused_without_identifiers() {
    let folder = scratch();
    let Some(_) = with_reads(folder.path()) else { return };
    let all = [&USELESS[..], &NAMES, &OF_FILES].concat();
    let bam = folder.path().join("CANARYFOLDER/reads.bam");
    let whole = fs::read(&bam).unwrap();
    let mut holed = whole.clone();
    let middle = holed.len() / 2;
    holed[middle..middle + 64].fill(0);
    for (what, bytes) in [("cut", &whole[..whole.len() / 2]), ("holed", &holed[..])] {
        fs::write(&bam, bytes).unwrap();
        for command in [&["run", "referral.json"][..], &["qc", "CANARYFOLDER/reads.bam"]] {
            let out = format!("{what}-{}", command[0]);
            let mut ran = tierline();
            ran.args(command).args(["-o", &out]).env("RUST_LOG", "trace");
            if command[0] == "run" {
                ran.arg("--panel").arg(root().join("test-data/trio/panel.json"));
            }
            let output = ran.current_dir(folder.path()).output().unwrap();
            assert!(!output.status.success(), "{out}");
            let told = printed(&output).replace("CANARYFOLDER/reads.bam", "");
            assert_none(&out, &told, &all);
            let status = folder.path().join(&out).join("status.jsonl");
            if let Ok(text) = fs::read_to_string(status) {
                assert_none(&out, &text, &all);
            }
        }
    }
}

/// A mother who has withdrawn, with calls and reads of her own: neither her names nor what she carries changes a byte.
#[test]
fn a_run_with_reads_knows_nothing_of_a_withdrawn_member() {
    let folder = scratch();
    let trio = root().join("test-data/trio");
    let document = fs::read_to_string(trio.join("case.toml")).unwrap();
    let mut document = document
        .replace("SIM-MOTHER", "CANARYPERSON")
        .replace("SIMMOTHER", "CANARYSAMPLE")
        .replace("reference = \"../reference/sim.fa.gz\"\n", "")
        .replace("alignment = \"father.bam\"\n", "")
        .replacen("kind", "withdrawn = [\"CANARYPERSON\"]\nleave_out = true\nkind", 1)
        .replace("trio.vcf.gz", "calls.vcf");
    for name in ["panel.json", "child.bam", "mother.bam"] {
        let whole = trio.join(name).display().to_string();
        document = document.replace(&format!("\"{name}\""), &format!("\"{whole}\""));
    }
    let calls = gunzip_text(&trio.join("trio.vcf.gz")).replace("SIMMOTHER", "CANARYSAMPLE");
    let head = calls.lines().find(|line| line.starts_with("#CHROM")).unwrap();
    let column = head.split('\t').position(|name| name == "CANARYSAMPLE").unwrap();
    let spoilt: String = calls
        .lines()
        .map(|line| {
            let mut fields: Vec<&str> = line.split('\t').collect();
            if !line.starts_with('#') {
                fields[column] = "1/1";
            }
            fields.join("\t") + "\n"
        })
        .collect();
    let results = [("true", &calls), ("spoilt", &spoilt)].map(|(name, calls)| {
        let own = folder.path().join(name);
        fs::create_dir(&own).unwrap();
        fs::write(own.join("case.toml"), &document).unwrap();
        fs::write(own.join("calls.vcf"), calls).unwrap();
        let mut run = tierline();
        run.args(["run", "case.toml", "-o", "out"]).current_dir(&own).env("RUST_LOG", "trace");
        let output = run.output().unwrap();
        assert!(output.status.success(), "{}", printed(&output));
        assert_none("what run prints", &printed(&output), &NAMES);
        let out = own.join("out");
        for (name, path) in files(&out, "") {
            let text = String::from_utf8_lossy(&gunzip(&path)).into_owned();
            assert_none(&name, &text, &["CANARYPERSON", "CANARYSAMPLE", "SIMMOTHER"]);
        }
        assert!(out.join("qc/SIMCHILD.qc.json").is_file(), "the control: reads were read");
        fs::read_to_string(out.join("tiers.tsv")).unwrap()
    });
    assert!(results[0].lines().count() > 5, "the control: something is reported");
    assert_eq!(results[0], results[1]);
}
