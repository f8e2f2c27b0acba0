//! Identifiers planted wherever a referral has room for them: those that no output needs are in no byte, and none is in a
//! log, a status event, the crate or a message of refusal.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

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
