//! Consent as referrals state it: the truth table of both generations, and no byte of who is left out.
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
use serde_json::{Map, Value, json};
use tierline::case::Case;
use tierline::case::consent::{Analysis, decide};
use tierline::inputs::{Over, load_case};
use tierline::model::sample::Role;

const TABLE: &str = include_str!("../test-data/consent/records.tsv");
const OLD: [&str; 4] = [
    "programmeConsent",
    "primaryFindingConsent",
    "secondaryFindingConsent",
    "carrierStatusConsent",
];
const NEW: [&str; 5] = [
    "programmeConsent",
    "primaryFindingConsent",
    "healthRelatedFindingConsent",
    "carrierStatusConsent",
    "pharmacogenomicsFindingConsent",
];
const ROLES: [(&str, Role); 7] = [
    ("proband", Role::Proband),
    ("mother", Role::Mother),
    ("father", Role::Father),
    ("sibling", Role::Sibling),
    ("relative", Role::Relative),
    ("tumour", Role::Tumour),
    ("normal", Role::Normal),
];

/// The consent of one row, as keys of a person's record.
fn records(row: &[&str]) -> Map<String, Value> {
    let mut person = Map::new();
    if row[2] != "none" {
        let answers = OLD.iter().zip(&row[2..6]).filter(|(_, answer)| **answer != "-");
        let value = |word: &str| serde_json::from_str::<Value>(word).unwrap();
        let record: Map<String, Value> =
            answers.map(|(key, answer)| ((*key).to_owned(), value(answer))).collect();
        person.insert("consentStatus".into(), record.into());
    }
    if row[6] != "none" {
        let answers = NEW.iter().zip(&row[6..11]).filter(|(_, answer)| **answer != "-");
        let mut record: Map<String, Value> =
            answers.map(|(key, answer)| ((*key).to_owned(), (*answer).into())).collect();
        record.insert("researchConsent".into(), "yes".into());
        person.insert("testConsentStatus".into(), record.into());
    }
    person
}

/// A request in which one person has these records and everybody else consents to everything.
fn request(role: &str, records: &Map<String, Value>) -> Value {
    let head = json!({
        "versionControl": {}, "interpretationRequestId": "R", "interpretationRequestVersion": 1,
        "internalStudyId": "S", "genomeAssembly": "GRCh38", "workspace": [],
    });
    let mut document = head.as_object().unwrap().clone();
    let all = json!({ "consentStatus": {
        "programmeConsent": true, "primaryFindingConsent": true, "secondaryFindingConsent": true,
        "carrierStatusConsent": true,
    } });
    let all = all.as_object().unwrap();
    if matches!(role, "tumour" | "normal") {
        let mut person = records.clone();
        let sample = |name: &str| json!([{ "sampleId": name, "labSampleId": "1" }]);
        person.extend([
            ("sex".to_owned(), json!("FEMALE")),
            ("participantId".to_owned(), json!("P")),
            ("readyForAnalysis".to_owned(), json!(true)),
            ("tumourSamples".to_owned(), sample("T")),
            ("germlineSamples".to_owned(), sample("N")),
        ]);
        document.insert("cancerParticipant".into(), person.into());
        return document.into();
    }
    let people = [
        ("proband", "MALE", 1, Some(3), Some(2)),
        ("mother", "FEMALE", 2, None, None),
        ("father", "MALE", 3, Some(5), None),
        ("sibling", "MALE", 4, Some(3), Some(2)),
        ("relative", "MALE", 5, None, None),
    ];
    let members = people.map(|(own, sex, number, father, mother)| {
        let mut member = if own == role { records.clone() } else { all.clone() };
        let more = json!({
            "pedigreeId": number, "participantId": format!("P{number}"), "sex": sex, "fatherId": father, "motherId": mother,
            "isProband": own == "proband", "samples": [{ "sampleId": format!("S{number}"), "labSampleId": "1" }],
        });
        member.extend(more.as_object().unwrap().clone());
        Value::from(member)
    });
    let tree = json!({ "familyId": "F", "readyForAnalysis": true, "members": members });
    document.insert("pedigree".into(), tree);
    document.into()
}

fn decision(case: &Case, role: Role) -> [String; 4] {
    let (id, member) = case.family.with_role(role).unwrap();
    let decision = decide(id, member);
    let word = |open: bool| if open { "yes" } else { "no" }.to_owned();
    let analysis = match decision.analysis {
        Analysis::Allowed => "yes",
        Analysis::Refused => "refused",
        Analysis::Withdrawn | Analysis::NoSample => "other",
    };
    [
        analysis.to_owned(),
        word(decision.secondary),
        word(decision.carrier),
        word(decision.pharmacogenomics),
    ]
}

#[test]
fn every_record_in_every_role_opens_what_the_table_says() {
    let folder = scratch();
    let path = folder.path().join("request.json");
    let (mut rows, mut refused) = (0, 0);
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let row: Vec<&str> = line.split('\t').collect();
        assert_eq!(row.len(), 15, "{line}");
        let (word, role) = ROLES.into_iter().find(|(word, _)| *word == row[1]).unwrap();
        fs::write(&path, request(word, &records(&row)).to_string()).unwrap();
        rows += 1;
        let is_relative =
            matches!(role, Role::Mother | Role::Father | Role::Sibling | Role::Relative);
        if row[11] == "yes" {
            let case = load_case(&path, &Over::default()).unwrap_or_else(|e| panic!("{line}\n{e}"));
            assert_eq!(decision(&case, role), row[11..15], "{line}");
            // The primary question of a cancer record covers germline findings; a family has none.
            let is_cancer = matches!(role, Role::Tumour | Role::Normal);
            let (id, member) = case.family.with_role(role).unwrap();
            assert_eq!(decide(id, member).germline, is_cancer, "{line}");
            continue;
        }
        refused += 1;
        let told = load_case(&path, &Over::default()).expect_err(line).to_string();
        assert!(told.contains(&format!("({word}): no explicit consent")), "{line}\n{told}");
        let without = load_case(&path, &Over { leave_out: true, ..Over::default() });
        match without {
            Ok(case) => {
                assert!(is_relative, "{line}");
                assert_eq!(decision(&case, role), row[11..15], "{line}");
                assert!(case.family.with_role(role).unwrap().1.sample.is_none());
            }
            Err(told) => assert!(!is_relative, "{line}\n{told}"),
        }
    }
    assert!(rows > 500 && refused > 200, "{rows} rows, {refused} refused");
}

/// Where only the mother has an ALT. Its end is that of her depth elsewhere.
const PRIVATE: u32 = 19_876_543;

/// The trio with a position that only the mother carries, as case.toml with these changes.
fn trio(folder: &Path, change: impl Fn(String) -> String) -> PathBuf {
    let trio = root().join("test-data/trio");
    let text = gunzip_text(&trio.join("trio.vcf.gz"));
    let model = text.lines().find(|line| line.contains("missense_variant")).unwrap();
    let cells: Vec<&str> = model.split('\t').collect();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let position: u32 = cells[1].parse().unwrap();
    let own = format!(
        "{}\t{PRIVATE}\t.\tC\tT\t800\tPASS\t{}\tGT:AD:DP:GQ\t0/0:30,0:30:99\t0/1:15,15:30:99\t0/0:30,0:30:99",
        cells[0], cells[7]
    );
    assert!(position < PRIVATE, "sorted");
    let at = lines.iter().rposition(|line| {
        let mut cells_of = line.split('\t');
        cells_of.next() == Some(cells[0])
            && cells_of.next().unwrap().parse::<u32>().unwrap() < PRIVATE
    });
    lines.insert(at.unwrap() + 1, own);
    // At a variant that is reported the mother's depth is one that nobody else has.
    let reported = lines.iter_mut().find(|line| line.contains("\t10740552\t")).unwrap();
    let mut cells: Vec<String> = reported.split('\t').map(str::to_owned).collect();
    assert_eq!(cells[8], "GT:AD:DP:GQ:PL");
    cells[10] = "0/1:38271,38272:76543:99:99,0,99".into();
    *reported = cells.join("\t");
    fs::write(folder.join("trio.vcf"), lines.join("\n") + "\n").unwrap();
    fs::copy(trio.join("panel.json"), folder.join("panel.json")).unwrap();
    let text = fs::read_to_string(trio.join("case.toml")).unwrap();
    let text = text
        .lines()
        .filter(|line| !line.starts_with("alignment") && !line.starts_with("reference"))
        .fold(String::new(), |all, line| all + line + "\n")
        .replace("trio.vcf.gz", "trio.vcf");
    let path = folder.join("case.toml");
    fs::write(&path, change(text)).unwrap();
    path
}

fn tiered(case: &Path, more: &[&str]) -> (PathBuf, Output) {
    let out = case.with_file_name("out");
    let mut command = tierline();
    command.arg("tier").arg(case).args(more).arg("-o").arg(&out).env("RUST_LOG", "trace");
    (out, command.output().unwrap())
}

/// All bytes of all outputs, compressed ones unpacked, with what the command printed.
fn everything(out: &Path, output: &Output) -> String {
    let mut all = [output.stdout.clone(), output.stderr.clone()].concat();
    let mut open = vec![out.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                all.extend(path.file_name().unwrap().as_encoded_bytes());
                all.extend(gunzip(&path));
            }
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

const CANARIES: [&str; 4] = ["SIM-MOTHER", "SIMMOTHER", "76543", "38271"];

#[test]
fn a_withdrawn_member_is_in_no_byte() {
    let folder = scratch();
    let list = folder.path().join("withdrawn.txt");
    fs::write(&list, "SIM-MOTHER\n").unwrap();
    let list = list.to_str().unwrap();
    let case = trio(folder.path(), |text| text);
    let (out, output) = tiered(&case, &[]);
    let all = everything(&out, &output);
    for canary in CANARIES {
        assert!(
            all.contains(canary),
            "the control: {canary} is there before\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    fs::remove_dir_all(&out).unwrap();
    let (out, output) = tiered(&case, &["--withdrawn", list]);
    assert_eq!(output.status.code(), Some(65));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("member 2 (mother): has withdrawn"), "{told}");
    assert!(!out.join("results.json").exists());
    let (out, output) = tiered(&case, &["--withdrawn", list, "--leave-out"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let all = everything(&out, &output);
    for canary in CANARIES {
        assert!(!all.contains(canary), "{canary} is in the outputs");
    }
    let results: Value =
        serde_json::from_str(&fs::read_to_string(out.join("results.json")).unwrap()).unwrap();
    assert_eq!(results["consent"][1]["analysis"], "withdrawn");
    assert_eq!(results["consent"][0]["source"], "case-document");
    // The same by a key of the case.
    let keys = |text: String| {
        text.replacen("kind", "withdrawn = [\"SIM-MOTHER\"]\nleave_out = true\nkind", 1)
    };
    let case = trio(folder.path(), keys);
    let (out, output) = tiered(&case, &[]);
    assert_eq!(output.status.code(), Some(0));
    let all = everything(&out, &output);
    assert!(CANARIES.iter().all(|canary| !all.contains(canary)));
}

#[test]
fn a_member_without_consent_is_in_no_byte() {
    let folder = scratch();
    let refuse = |text: String| {
        let at = text.find("role = \"mother\"").unwrap();
        let (before, after) = text.split_at(at);
        before.to_owned() + &after.replacen("primary = true", "primary = \"undefined\"", 1)
    };
    let case = trio(folder.path(), refuse);
    let (_, output) = tiered(&case, &[]);
    assert_eq!(output.status.code(), Some(65));
    let (out, output) = tiered(&case, &["--leave-out"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let all = everything(&out, &output);
    for canary in CANARIES {
        assert!(!all.contains(canary), "{canary} is in the outputs");
    }
    assert!(all.contains("\"refused\""));
}
