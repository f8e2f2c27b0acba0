//! Copy-number and structural variants and repeats of a family: why they moved between two results, the story of a gene, and that
//! no order of members and records matters.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;
#[allow(dead_code, reason = "shared with the other tests of these variants")]
#[path = "common/structural_case.rs"]
mod structural_case;

use std::fs;
use std::path::{Path, PathBuf};

use common::{scratch, tierline};
use proptest::prelude::*;
use structural_case::{BUILDS, Row, number, table, tier, tiers, truth};

fn compared(old: &Path, new: &Path) -> serde_json::Value {
    let out = new.with_file_name("compared");
    let output = tierline().arg("compare").args([old, new]).arg("-o").arg(&out).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&fs::read(out.join("compare.json")).unwrap()).unwrap()
}

/// The causes of the call at a place (contig, first and last base, in GRCh38), each `scope kind what: old > new`.
fn causes(compared: &serde_json::Value, kind: &str, place: (&str, u32, u32)) -> Vec<String> {
    let all = compared["others"].as_array().unwrap();
    let is = |one: &&serde_json::Value| {
        let (contig, start) = (one["contig"].as_str().unwrap(), one["start"].as_u64().unwrap());
        one["kind"] == kind
            && (contig, start) == (place.0, u64::from(place.1))
            && one["end"] == place.2
    };
    let one =
        all.iter().find(is).unwrap_or_else(|| panic!("{kind} {place:?} did not move: {all:?}"));
    let word = |cause: &serde_json::Value, key: &str| cause[key].as_str().unwrap().to_owned();
    let causes = one["causes"].as_array().unwrap();
    let line = |c: &serde_json::Value| {
        let [scope, kind, what, old, new] =
            ["scope", "kind", "what", "old", "new"].map(|k| word(c, k));
        format!("{scope} {kind} {what}: {old} > {new}")
    };
    causes.iter().map(line).collect()
}

fn call(name: &str) -> Row {
    truth("calls.tsv").into_iter().find(|row| row["name"] == name).unwrap()
}

/// Runs the case and the same case with one file changed; what moved between them.
fn moved(file: &str, change: &dyn Fn(String) -> String) -> serde_json::Value {
    let (one, other) = (scratch(), scratch());
    let (_, old) = tiers(&BUILDS[0].case(one.path(), str::to_owned), &[]);
    let case = BUILDS[0].case(other.path(), str::to_owned);
    let path = other.path().join(file);
    let text = fs::read_to_string(&path).unwrap();
    let changed = change(text.clone());
    assert_ne!(text, changed, "nothing was changed");
    fs::write(&path, changed).unwrap();
    let (_, new) = tiers(&case, &[]);
    compared(&old, &new)
}

const ALONE: (&str, u32, u32) = ("1", 10_100_001, 10_110_001);

#[test]
fn a_panel_that_changed_is_named() {
    let found = moved("panel.json", &|text| {
        let mut panel: serde_json::Value = serde_json::from_str(&text).unwrap();
        panel["version"] = "2.0".into();
        let genes = panel["genes"].as_array_mut().unwrap();
        genes.iter_mut().find(|gene| gene["entity_name"] == "GREENA").unwrap()["confidence_level"] =
            "1".into();
        let repeats = panel["strs"].as_array_mut().unwrap();
        let one = repeats.iter_mut().find(|one| one["entity_name"] == "AT_PATHOGENIC").unwrap();
        one["pathogenic_repeats"] = 41.into();
        panel["regions"].as_array_mut().unwrap().retain(|one| one["entity_name"] != "LOSS60");
        panel.to_string()
    });
    let told = causes(&found, "cnv", ALONE);
    let rating = "gene panel panel Simulated 1.0 > 2.0, gene rating: green > red";
    assert!(told.contains(&rating.to_owned()), "{told:#?}");
    let row = truth("repeats.tsv").into_iter().find(|row| row["name"] == "AT_PATHOGENIC").unwrap();
    let place = (&*row["contig"], number(&row, "start"), number(&row, "end"));
    let told = causes(&found, "str", place);
    let limits =
        "gene panel limits of AT_PATHOGENIC on panel Simulated: 36 and 40 units > 36 and 41 units";
    assert!(told.contains(&limits.to_owned()), "{told:#?}");
    let region = truth("calls.tsv").into_iter().find(|row| row["entity"] == "LOSS60").unwrap();
    let place = (&*region["contig"], number(&region, "start"), number(&region, "end"));
    let told = causes(&found, &region["sort"], place);
    let listed = "gene panel region LOSS60 on panel Simulated: listed in 1.0 > not listed in 2.0";
    assert!(told.contains(&listed.to_owned()), "{told:#?}");
}

#[test]
fn a_call_that_is_gone_changed_or_has_other_ends_is_named() {
    let without = moved("cnv.vcf", &|text| {
        let kept = text.lines().filter(|line| !line.contains("\talone\t"));
        kept.fold(String::new(), |text, line| text + line + "\n")
    });
    let told = causes(&without, "cnv", ALONE);
    assert!(
        told.iter()
            .any(|one| one.starts_with("run input structural variants file 1 of member 1: ")),
        "{told:#?}"
    );
    assert!(
        !told.iter().any(|one| one.contains("repeats file") || one.contains("Policy")),
        "{told:#?}"
    );
    let other_ends = moved("cnv.vcf", &|text| text.replace("END=10110001", "END=10110501"));
    let told = causes(&other_ends, "cnv", ALONE);
    let ends = "variant call a call of the same sort with other ends: 10100001-10110001 > 10100001-10110501";
    assert!(told.contains(&ends.to_owned()), "{told:#?}");
    let failed =
        moved("sv.vcf", &|text| text.replace("\tPASS\tSVTYPE=DEL", "\tMinQUAL\tSVTYPE=DEL"));
    let gone = failed["others"].as_array().unwrap().iter().find(|one| one["kind"] == "sv").unwrap();
    assert_eq!(gone["change"], "lost");
    let sized = moved("str.vcf", &|text| text.replace("17/38:17-17/36-40", "17/38:17-17/36-39"));
    let row = truth("repeats.tsv").into_iter().find(|row| row["name"] == "AT_PATHOGENIC").unwrap();
    let told = causes(&sized, "str", (&row["contig"], number(&row, "start"), number(&row, "end")));
    let size = "variant call call of member 1 (proband): 17 (17-17)/38 (36-40) units, FILTER PASS > 17 (17-17)/38 (36-39) units, \
                FILTER PASS";
    assert!(told.contains(&size.to_owned()), "{told:#?}");
}

#[test]
fn a_frequency_and_its_limit_are_named() {
    let end = &call("alone")["end"];
    let frequency = |value: &str| {
        let value = value.to_owned();
        move |text: String| {
            let from = format!("END={end}\t");
            text.replace(&from, &format!("END={end};CNV_AF={value};CNV_AUC={value}\t"))
        }
    };
    let common = moved("cnv.vcf", &frequency("0.02"));
    let told = causes(&common, "cnv", ALONE);
    let file = "run input structural variants file 1 of member 1: ";
    assert!(
        told.len() == 1 && told[0].starts_with(file),
        "it is gone, its frequency with it: {told:#?}"
    );

    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let path = folder.path().join("cnv.vcf");
    fs::write(&path, frequency("0.004")(fs::read_to_string(&path).unwrap())).unwrap();
    let out = |name: &str, arguments: &[&str]| -> PathBuf {
        let out = folder.path().join(name);
        assert!(tier(&case, &out, arguments).status.success());
        out
    };
    let bare = scratch();
    let (_, without) = tiers(&BUILDS[0].case(bare.path(), str::to_owned), &[]);
    let long = out("long", &["--set", "structural.alone_above_bp=20000"]);
    let told = causes(&compared(&without, &long), "cnv", ALONE);
    let af = "variant frequency frequency CNV_AF: not recorded > 0.004";
    assert!(told.contains(&af.to_owned()), "{told:#?}");
    let (old, new) = (out("old", &[]), out("new", &["--set", "structural.max_loss=0.003"]));
    let told = causes(&compared(&old, &new), "cnv", ALONE);
    let limit = "variant frequency structural.max_loss (the call has CNV_AF 0.004): 0.005 > 0.003";
    assert!(told.contains(&limit.to_owned()), "{told:#?}");
    let (old, new) = (out("old", &[]), out("new", &["--set", "structural.alone_above_bp=20000"]));
    let told = causes(&compared(&old, &new), "cnv", ALONE);
    assert_eq!(told, ["run policy structural.alone_above_bp: 10000 > 20000"]);
}

#[test]
fn the_story_of_a_gene_tells_its_calls() {
    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let explain = |gene: &str, more: &[&str]| {
        let mut command = tierline();
        command.args(["explain", "--allow-unannotated", "--gene", gene]).args(more).arg(&case);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = explain("GREENA", &[]);
    assert!(
        told.contains("1:10100001-10110001 cnv alone <DEL>\nTierA: GREENA  (Simulated)"),
        "{told}"
    );
    assert!(told.contains("over the gene, but not reported (--all tells why):\n"), "{told}");
    assert!(!told.contains("failed their FILTER"), "{told}");
    assert!(explain("GREENA", &["--all"]).contains("failed their FILTER"));
    let told = explain("GREENB", &[]);
    assert!(
        told.contains("CompoundHeterozygous (Simulated)") && told.contains("cnv pair-around"),
        "{told}"
    );
    assert!(!told.contains("cnv alone "), "a call of another gene: {told}");
    let repeat = explain("RPTG", &[]);
    assert!(repeat.contains(" str AT_PATHOGENIC CAG\nTier1: AT_PATHOGENIC"), "{repeat}");
}

/// Members of the family: id, role, status, and which of them carries what the proband does.
const MEMBERS: [(&str, &str, &str, bool); 5] = [
    ("P", "proband\"\nsex = \"male", "yes", true),
    ("B", "sibling\"\nsex = \"male", "yes", true),
    ("C", "sibling\"\nsex = \"female", "no", false),
    ("F", "father\"\nsex = \"male", "no", false),
    ("M", "mother\"\nsex = \"female", "no", true),
];

/// The truth table's file as one of the family, with columns and records in these orders. Who does not carry a call has the
/// reference; repeats of normal size stand for it.
fn family_file(text: &str, columns: &[usize], turn: usize) -> String {
    let of = |cells: &str, carries: bool| {
        let cells: Vec<&str> = cells.split('\t').collect();
        let (keys, own) = (cells[8], cells[9]);
        match keys {
            _ if carries => own.to_owned(),
            "GT" => "0/0".to_owned(),
            "GT:CN" => "0/0:2".to_owned(),
            "REPCN:REPCI" => "9/9:9-9/9-9".to_owned(),
            _ => "0/0:30:99:30,0".to_owned(),
        }
    };
    let (head, mut records): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with('#'));
    let turn = turn % records.len().max(1);
    records.rotate_left(turn);
    let mut all = String::new();
    for line in head {
        let columns: Vec<&str> = columns.iter().map(|&i| MEMBERS[i].0).collect();
        all += &line.replace("FORMAT\tS1", &format!("FORMAT\t{}", columns.join("\t")));
        all.push('\n');
    }
    for line in records {
        let samples: Vec<String> = columns.iter().map(|&i| of(line, MEMBERS[i].3)).collect();
        let fixed: Vec<&str> = line.split('\t').take(9).collect();
        all += &[fixed.join("\t"), samples.join("\t")].join("\t");
        all.push('\n');
    }
    all
}

/// What `tiers.tsv` says, without what counts members in the order of the case document.
fn told(folder: &Path, members: &[usize], columns: &[usize], turn: usize) -> Vec<String> {
    let case = BUILDS[0].case(folder, str::to_owned);
    for name in ["cnv.vcf", "sv.vcf", "str.vcf", "small.vcf"] {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, family_file(&text, columns, turn)).unwrap();
    }
    let text = fs::read_to_string(&case).unwrap().replace("singleton", "family");
    let mut text = text.split("[[member]]").next().unwrap().to_owned();
    for &i in members {
        let (id, role, affected, _) = MEMBERS[i];
        let parents = if i < 3 { "father = \"F\"\nmother = \"M\"\n" } else { "" };
        let member = format!(
            "[[member]]\nid = \"{id}\"\nsample = \"{id}\"\nrole = \"{role}\"\naffected = \"{affected}\"\n{parents}\
             [member.consent]\nprimary = true\n"
        );
        text += &member;
    }
    fs::write(&case, text).unwrap();
    let out = folder.join("out");
    let output = tier(&case, &out, &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = table(&fs::read_to_string(out.join("tiers.tsv")).unwrap());
    let keys = [
        "kind",
        "ids",
        "chrom",
        "pos",
        "tier",
        "gene",
        "entity",
        "mode_of_inheritance",
        "segregation",
        "penetrance",
        "panel",
        "possible",
        "missing",
        "label",
    ];
    let row = |row: &Row| keys.map(|key| row[key].as_str()).join(" ");
    let mut all: Vec<String> = rows.iter().map(row).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn no_order_of_members_columns_and_records_changes_a_tier(
        members in Just(vec![0_usize, 1, 2, 3, 4]).prop_shuffle(),
        columns in Just(vec![0_usize, 1, 2, 3, 4]).prop_shuffle(),
        turn in 0_usize..50,
    ) {
        let (one, other) = (scratch(), scratch());
        let known = told(one.path(), &[0, 1, 2, 3, 4], &[0, 1, 2, 3, 4], 0);
        for kind in ["cnv", "sv", "str", "small"] {
            prop_assert!(known.iter().any(|row| row.starts_with(kind)), "no {} is reported", kind);
        }
        prop_assert_eq!(told(other.path(), &members, &columns, turn), known);
    }
}
