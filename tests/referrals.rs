//! Referrals of every form: the same case as case.toml, the same tiers, and every fault by place, value and fix.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use md5::{Digest as _, Md5};
use std::fs;
use std::path::{Path, PathBuf};

use common::{root, run, scratch, tierline};
use serde_json::{Value, json};
use tierline::case::{Case, CaseKind, convert, document};
use tierline::inputs::{Over, load_case};
use tierline::model::sample::{ConsentSource, Role};

fn referral(name: &str) -> PathBuf {
    root().join("test-data/referrals").join(name)
}

fn laboratory() -> Over {
    Over { document: Some(referral("laboratory.toml")), ..Over::default() }
}

fn load(name: &str, over: &Over) -> Case {
    load_case(&referral(name), over).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Role, sample, disease status and parents of everybody, without the order.
fn people(case: &Case) -> Vec<String> {
    let name = |id: Option<tierline::model::sample::MemberId>| {
        id.and_then(|id| case.family.get(id).sample.clone()).unwrap_or_default()
    };
    let mut all: Vec<String> = case
        .family
        .iter()
        .filter(|(_, member)| member.sample.is_some())
        .map(|(_, m)| {
            let parents = (name(m.father), name(m.mother));
            format!("{:?} {:?} {:?} {:?} {parents:?}", m.role, m.sample, m.sex, m.affected)
        })
        .collect();
    all.sort();
    all
}

fn toml(folder: &str) -> Case {
    let path = root().join("test-data").join(folder).join("case.toml");
    document::parse(&fs::read_to_string(&path).unwrap(), &path).unwrap()
}

#[test]
fn every_form_gives_the_same_trio() {
    let expected = people(&toml("trio"));
    let consent = Over { consent: vec!["primary".into()], ..laboratory() };
    let variants = root().join("test-data/trio/trio.vcf.gz");
    let with_variants = |over: Over| {
        let draft = tierline::case::Draft::new(tierline::case::CaseForm::Flags, Path::new("flags"));
        let flags = tierline::case::Draft { variants: vec![variants.clone()], ..draft };
        Over { flags: Some(Box::new(flags)), ..over }
    };
    for (name, over, source) in [
        ("request-rd-6.0.json", laboratory(), ConsentSource::ConsentStatus),
        ("request-rd-6.2.json", laboratory(), ConsentSource::GmsConsentStatus),
        ("referral-rare.json", with_variants(laboratory()), ConsentSource::GmsConsentStatus),
        ("family-phenopacket.json", consent.clone(), ConsentSource::CommandLine),
        ("../trio/family.ped", with_variants(consent), ConsentSource::CommandLine),
    ] {
        let case = load(name, &over);
        assert_eq!(people(&case), expected, "{name}");
        let (_, child) = case.index_member().unwrap();
        assert_eq!(child.consent.source, source, "{name}");
        assert!(!child.consent.secondary.allows(), "{name}");
        assert_eq!(case.kind, CaseKind::Family);
        assert_eq!(case.panels.len(), 1, "{name}");
        if !name.ends_with("ped") {
            let terms: Vec<String> =
                child.hpo.iter().map(|t| format!("{}{}", t.id, t.present)).collect();
            assert_eq!(terms, ["HP:0001250true", "HP:0001263false"], "{name}");
        }
        // And what is converted is that case again.
        let again = convert::case_toml(&case);
        let again = document::parse(&again, Path::new("case.toml")).unwrap();
        assert_eq!(people(&again), expected, "{name}");
    }
}

#[test]
fn an_alignment_goes_to_its_member() {
    let case = load("request-rd-6.2.json", &laboratory());
    for (_, member) in case.family.iter().filter(|(_, member)| member.sample.is_some()) {
        let name = member.alignment.as_ref().unwrap().file_name().unwrap().to_str().unwrap();
        let role = format!("{:?}", member.role).to_lowercase().replace("proband", "child");
        assert_eq!(name, format!("{role}.bam"));
    }
    let brother = case.family.with_role(Role::Sibling).unwrap().1;
    assert!(brother.sample.is_none() && brother.father.is_some());
}

#[test]
fn tumours_of_both_generations() {
    let expected = people(&toml("tumour-normal"));
    for name in ["request-cancer-6.0.json", "request-cancer-6.2.json"] {
        let case = load(name, &Over::default());
        assert_eq!(case.kind, CaseKind::TumourNormal);
        assert_eq!(people(&case), expected, "{name}");
        assert_eq!(case.variants.len(), 1);
        assert!(case.referred.notices.iter().any(|n| n.text.contains("RNA")), "{name}");
    }
    let assembly = laboratory();
    let told = load_case(&referral("referral-cancer.json"), &assembly).unwrap_err().to_string();
    assert!(told.contains("2 tests were ordered") && told.contains("M900.1, M900.2"), "{told}");
    let over = Over { test: Some("M900.1".into()), ..assembly };
    let told = load_case(&referral("referral-cancer.json"), &over);
    assert_eq!(people(&told.unwrap()), expected);
}

#[test]
fn flags_that_a_form_does_not_ask_for_are_refused() {
    let given = Over {
        test: Some("M900.1".into()),
        tumour: Some("T".into()),
        family: Some("F".into()),
        proband: Some("C".into()),
        ..Over::default()
    };
    let trio = root().join("test-data/trio");
    for (path, refused) in [
        (trio.join("case.toml"), &["--proband", "--family", "--tumour", "--test"][..]),
        (trio.join("family.ped"), &["--tumour", "--test"]),
        (referral("request-rd-6.2.json"), &["--proband", "--family", "--test"]),
        (referral("referral-rare.json"), &["--proband", "--family"]),
        (referral("family-phenopacket.json"), &["--proband", "--family", "--tumour", "--test"]),
    ] {
        let told = load_case(&path, &given).unwrap_err().to_string();
        assert_eq!(told.matches("has no meaning for a").count(), refused.len(), "{told}");
        for flag in refused {
            assert!(told.contains(&format!("{flag} has no meaning")), "{flag}: {told}");
        }
    }
}

#[test]
fn the_normal_of_a_cancer_test_is_its_own_or_that_of_the_participant() {
    let folder = scratch();
    let text = fs::read_to_string(referral("referral-cancer.json")).unwrap();
    let over = Over { test: Some("M900.1".into()), ..laboratory() };
    for (list, samples) in [("tumourSamples", &["SIMTUMOUR"]), ("germlineSamples", &["SIMNORMAL"])]
    {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        let samples: Vec<Value> =
            samples.iter().map(|id| json!({ "sampleId": id, "labSampleId": "1" })).collect();
        value["referralTests"][0][list] = json!(samples);
        if list == "germlineSamples" {
            value["cancerParticipant"][list] = json!([]);
        }
        let path = folder.path().join("referral.json");
        fs::write(&path, value.to_string()).unwrap();
        let case = load_case(&path, &over).unwrap_or_else(|e| panic!("{list}: {e}"));
        assert_eq!(case.kind, CaseKind::TumourNormal, "{list}");
        let is_told = |text: &str| case.referred.notices.iter().any(|n| n.text.contains(text));
        assert_eq!(is_told("the test names no germline sample"), list == "tumourSamples");
    }
}

#[test]
fn any_sample_of_a_person_who_has_withdrawn_counts() {
    let folder = scratch();
    let mut value: Value =
        serde_json::from_str(&fs::read_to_string(referral("request-rd-6.2.json")).unwrap())
            .unwrap();
    for member in value["pedigree"]["members"].as_array_mut().unwrap() {
        if member["participantId"] == json!("SIM-MOTHER") {
            let more = json!({ "sampleId": "SIMOLD", "labSampleId": "LAB77", "product": "RNA" });
            member["samples"].as_array_mut().unwrap().push(more);
            member["participantUid"] = json!("UID-77");
        }
    }
    let path = folder.path().join("request.json");
    fs::write(&path, value.to_string()).unwrap();
    let list = folder.path().join("withdrawn.txt");
    for id in ["SIMOLD", "lab77", "UID-77", "SIMMOTHER", "SIM-MOTHER;2021-03-04"] {
        fs::write(&list, format!("{id}\n")).unwrap();
        let over = Over { withdrawn: Some(list.clone()), ..laboratory() };
        let told = load_case(&path, &over).unwrap_err().to_string();
        assert!(told.contains("(mother): has withdrawn"), "{id}: {told}");
    }
    fs::write(&list, "# nobody\n").unwrap();
    let mut over = Over { withdrawn: Some(list.clone()), ..laboratory() };
    over.folders = vec![root().join("test-data/trio")];
    let case = load_case(&path, &over).unwrap_or_else(|e| panic!("{e}"));
    assert!(case.referred.notices.iter().any(|n| n.text.contains("holds no id")));
}

#[test]
fn files_of_whoever_is_left_out_are_not_asked_for() {
    let folder = scratch();
    let list = folder.path().join("withdrawn.txt");
    fs::write(&list, "SIM-MOTHER\n").unwrap();
    let over = |leave_out: bool| Over {
        withdrawn: leave_out.then(|| list.clone()),
        leave_out,
        folders: vec![root().join("test-data/trio")],
        ..laboratory()
    };
    let text = fs::read_to_string(referral("request-rd-6.2.json")).unwrap();
    let path = folder.path().join("request.json");
    let own =
        |uri: &str| json!({ "uriFile": uri, "fileType": "VCF_small", "sampleId": ["SIMMOTHER"] });
    for uri in ["s3://bucket/gone.vcf", "own.vcf"] {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        value["vcfs"].as_array_mut().unwrap().push(own(uri));
        fs::write(&path, value.to_string()).unwrap();
        let with_her = load_case(&path, &over(false));
        if uri == "own.vcf" {
            assert_eq!(with_her.unwrap().variants.len(), 2);
        } else {
            let told = with_her.unwrap_err().to_string();
            assert!(told.contains("`uriFile` is not on this machine"), "{told}");
        }
        let case = load_case(&path, &over(true)).unwrap_or_else(|e| panic!("{uri}: {e}"));
        assert_eq!(case.variants.len(), 1, "hers is not read");
    }
}

#[test]
fn codes_find_panels_by_a_map() {
    let over = |text: &str| {
        let folder = scratch();
        let path = folder.path().join("more.toml");
        let map = referral("codes.tsv").display().to_string();
        fs::write(&path, text.replace("MAP", &map)).unwrap();
        (folder, Over { document: Some(path), ..Over::default() })
    };
    let (_folder, by_map) = over("[case]\nassembly = \"GRCh38\"\npanels = [\"MAP\"]\n");
    let case = load("referral-rare.json", &by_map);
    assert_eq!(case.panels[0].only.as_deref(), Some("R900"));
    let (_folder, none) = over("[case]\nassembly = \"GRCh38\"\n");
    let told = load_case(&referral("referral-rare.json"), &none).unwrap_err().to_string();
    assert!(
        told.contains("panel 9001 (Simulated developmental panel) is ordered, and no panel file"),
        "{told}"
    );
    assert!(told.contains("$.referralTests[0].analysisPanels[0]"), "{told}");
}

/// A change of a document, and what is then told.
type Fault = (&'static str, fn(&mut Value), &'static [&'static str]);

#[expect(clippy::too_many_lines, reason = "one entry a fault")]
fn faults() -> Vec<Fault> {
    vec![
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["fatherId"] = json!(77),
            &[
                "$.pedigree.members[1].fatherId: `fatherId` is 77, which is no `pedigreeId`",
                "add the parent",
            ],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][0]["isProband"] = json!(true),
            &["$.pedigree.members[1]: a second proband: $.pedigree.members[0] is one already"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["isProband"] = Value::Null,
            &["$.pedigree: no member of the pedigree is the proband"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["personKaryotypicSex"] = json!("XX"),
            &[
                "$.pedigree.members[1]: member 2 (proband): stated as male, with a karyotype without Y",
                "x_copies",
            ],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][2]["sex"] = json!("FEMALE"),
            &["member 3 (father): is the father of member 2 (proband) but stated as female"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["sex"] = json!("MAIL"),
            &["$.pedigree.members[1].sex: `sex` is \"MAIL\"", "did you mean \"MALE\"?"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["sexx"] = json!("9434765919"),
            &[
                "$.pedigree.members[1]: unknown key `sexx` (a text) in PedigreeMember",
                "did you mean `sex`?",
            ],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["hpoTermList"][1]["term"] = json!("HP:1"),
            &["$.pedigree.members[1]: member 2 (proband): `hpo` holds \"!HP:1\""],
        ),
        (
            "request-rd-6.2.json",
            |d| {
                d["pedigree"]["members"][1]["hpoTermList"][1]["term"] = json!("HP:0001250");
            },
            &["HP:0001250 is stated both present and absent"],
        ),
        (
            "request-rd-6.2.json",
            |d| {
                d["pedigree"]["members"][1]["testConsentStatus"]["primaryFindingConsent"] =
                    json!("undefined");
            },
            &[
                "member 2 (proband): no explicit consent to the primary analysis",
                "testConsentStatus",
            ],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["members"][1]["consentStatus"] = json!({ "programmeConsent": true }),
            &["member 2 (proband): no explicit consent"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["bams"][0]["uriFile"] = json!("s3://bucket/x.bam"),
            &["$.bams[0]: `uriFile` is not on this machine", "--files DIR"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["genomeAssembly"] = Value::Null,
            &["$: an interpretation request has no `genomeAssembly`"],
        ),
        (
            "request-rd-6.2.json",
            |d| {
                let more = d["pedigree"]["members"][1]["samples"][0].clone();
                d["pedigree"]["members"][1]["samples"] =
                    json!([more, { "sampleId": "X2", "labSampleId": "2" }]);
                d["bams"] = json!([]);
                d["vcfs"][0]["sampleId"] = Value::Null;
            },
            &["member 2 (proband): 2 germline samples of one member"],
        ),
        (
            "request-rd-6.2.json",
            |d| d["pedigree"]["analysisPanels"][0]["panelVersion"] = json!("9.9"),
            &["is ordered in version 9.9, the file has 1.4"],
        ),
        (
            "request-cancer-6.0.json",
            |d| d["cancerParticipant"]["matchedSamples"][0]["germlineSampleId"] = json!("X"),
            &["$.cancerParticipant: `matchedSamples` names a germline sample that is not listed"],
        ),
        (
            "request-cancer-6.2.json",
            |d| d["pedigree"] = json!({}),
            &["$: both `pedigree` and `cancerParticipant`"],
        ),
        (
            "referral-rare.json",
            |d| {
                let more = json!({ "sampleId": "STRAY", "labSampleId": "9", "product": "DNA" });
                d["referralTests"][0]["germlineSamples"].as_array_mut().unwrap().push(more);
            },
            &["$.pedigree: a germline sample of the test belongs to no member", "`participantId`"],
        ),
        (
            "family-phenopacket.json",
            |d| {
                let names = &mut d["files"][0]["individualToFileIdentifiers"];
                names["9434765919"] = json!("S");
            },
            &["$.files[0]: `individualToFileIdentifiers` names nobody of the family"],
        ),
        (
            "family-phenopacket.json",
            |d| {
                let id = d["proband"]["subject"]["id"].clone();
                let persons = d["pedigree"]["persons"].as_array_mut().unwrap();
                persons.retain(|person| person["individualId"] != id);
            },
            &["$.pedigree: the proband is no Person of the pedigree", "names the parents"],
        ),
        (
            "family-phenopacket.json",
            |d| d["pedigree"]["persons"][0]["sex"] = json!("FEMALE"),
            &["$.pedigree.persons[0]: `sex` differs from that of the individual ($.proband)"],
        ),
        (
            "family-phenopacket.json",
            |d| d["pedigree"]["persons"][0]["paternalId"] = json!("NOBODY"),
            &["the father is no member of the case"],
        ),
        (
            "family-phenopacket.json",
            |d| d["proband"]["phenotypicFeatures"][0]["negated"] = json!(true),
            &["$.proband.phenotypicFeatures[0]: unknown key `negated`"],
        ),
    ]
}

#[test]
fn every_fault_is_told_with_its_place_and_fix() {
    let folder = scratch();
    for (name, change, parts) in faults() {
        let mut value: Value =
            serde_json::from_str(&fs::read_to_string(referral(name)).unwrap()).unwrap();
        let before = value.clone();
        change(&mut value);
        assert_ne!(before, value, "the change of {name} changes nothing");
        let path = folder.path().join("spoilt.json");
        fs::write(&path, value.to_string()).unwrap();
        let over = Over {
            consent: if name.starts_with("family") { vec!["primary".into()] } else { Vec::new() },
            ..laboratory()
        };
        let told = load_case(&path, &over).expect_err(parts[0]).to_string();
        assert!(told.contains("spoilt.json: "), "{told}");
        for part in parts {
            assert!(told.contains(part), "no {part:?} in:\n{told}");
        }
        assert!(!told.contains("9434765919"), "a value of an unknown key is told: {told}");
    }
}

#[test]
fn a_true_difference_of_sex_and_karyotype_passes_when_it_is_stated() {
    let folder = scratch();
    let text = fs::read_to_string(referral("request-rd-6.2.json")).unwrap();
    let path = folder.path().join("r.json");
    fs::write(&path, text.replace("\"XY\"", "\"XX\"")).unwrap();
    let more = folder.path().join("more.toml");
    let panel = root().join("test-data/trio/panel.json").display().to_string();
    fs::write(
        &more,
        format!("[case]\npanels = [\"{panel}\"]\n[[member]]\nid = \"SIM-CHILD\"\nx_copies = 2\n"),
    )
    .unwrap();
    let over = Over { document: Some(more), ..Over::default() };
    let case = load_case(&path, &over).unwrap();
    assert_eq!(case.index_member().unwrap().1.x_copies, Some(2));
}

/// The rows of a table of tiers, without the columns that name members by number.
fn tiers(out: &Path) -> Vec<String> {
    let text = fs::read_to_string(out.join("tiers.tsv")).unwrap();
    let cut = |line: &str| line.split('\t').take(14).collect::<Vec<_>>().join("\t");
    let mut rows: Vec<String> = text.lines().map(cut).collect();
    rows.sort();
    rows
}

#[test]
fn a_referral_gives_the_tiers_of_the_case_document() {
    let folder = scratch();
    let (expected, found) = (folder.path().join("expected"), folder.path().join("found"));
    run(tierline()
        .arg("tier")
        .arg(root().join("test-data/trio/case.toml"))
        .arg("-o")
        .arg(&expected));
    run(tierline()
        .arg("tier")
        .arg(referral("request-rd-6.2.json"))
        .arg("--with")
        .arg(referral("laboratory.toml"))
        .arg("-o")
        .arg(&found));
    assert!(tiers(&expected).len() > 10);
    assert_eq!(tiers(&found), tiers(&expected));
}

#[test]
fn a_sum_that_the_referral_states_is_compared() {
    let folder = scratch();
    let text = fs::read_to_string(referral("request-rd-6.2.json")).unwrap();
    let mut value: Value = serde_json::from_str(&text).unwrap();
    let path = folder.path().join("r.json");
    let mut check = |sum: &str, more: &[&str]| {
        value["vcfs"][0]["md5Sum"] = json!(sum);
        fs::write(&path, value.to_string()).unwrap();
        let output = tierline()
            .args(["case", "check"])
            .arg(&path)
            .arg("--files")
            .arg(root().join("test-data/trio"))
            .arg("--with")
            .arg(referral("laboratory.toml"))
            .args(more)
            .output()
            .unwrap();
        let all = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(all).unwrap())
    };
    let wrong = "0123456789abcdef0123456789abcdef";
    let (code, told) = check(wrong, &[]);
    assert_eq!(code, Some(65), "{told}");
    assert!(told.contains("the MD5 sum is not the one that the referral states"), "{told}");
    let (code, told) = check(wrong, &["--skip-checksums"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("were not compared"), "{told}");
    let bytes = fs::read(root().join("test-data/trio/trio.vcf.gz")).unwrap();
    let sum = tierline::io::digest::hex(&Md5::digest(bytes)).to_uppercase();
    let (code, told) = check(&sum, &[]);
    assert_eq!(code, Some(0), "{told}");
}

#[test]
fn a_case_is_shown_and_converted() {
    let folder = scratch();
    let ask = |arguments: &[&str]| {
        let output = run(tierline()
            .arg("case")
            .args(&arguments[..1])
            .arg(referral("request-rd-6.2.json"))
            .arg("--with")
            .arg(referral("laboratory.toml"))
            .args(&arguments[1..])
            .current_dir(folder.path()));
        String::from_utf8(output.stdout).unwrap()
    };
    let table = ask(&["show"]);
    assert!(table.contains("2\tproband\tMale\tYes\t3\t1"), "{table}");
    assert!(!table.contains("SIM"), "no identifier in the table: {table}");
    let value: Value = serde_json::from_str(&ask(&["show", "--json"])).unwrap();
    assert_eq!(value["members"][1]["sample"], "SIMCHILD");
    assert_eq!(value["members"][1]["decision"]["analysis"], "allowed");
    let ped = ask(&["convert", "--to", "ped"]);
    assert!(ped.contains("SIMCHILD\tSIMFATHER\tSIMMOTHER\t1\t2"), "{ped}");
    // A Phenopacket of the case is read as the same case.
    let packet = folder.path().join("again.json");
    ask(&["convert", "--to", "phenopacket", "-o", packet.to_str().unwrap()]);
    let over = Over { consent: vec!["primary".into()], ..laboratory() };
    let again = load_case(&packet, &over).unwrap();
    assert_eq!(people(&again), people(&toml("trio")));
    ask(&["convert", "--to", "exomiser", "-o", "job"]);
    let job: Value =
        serde_json::from_str(&fs::read_to_string(folder.path().join("job.exomiser.yml")).unwrap())
            .unwrap();
    assert_eq!((&job["sample"]["proband"], &job["preset"]), (&json!("SIMCHILD"), &json!("GENOME")));
    assert_eq!(job["sample"]["hpoIds"], json!(["HP:0001250"]));
    assert!(folder.path().join("job.ped").is_file());
}
