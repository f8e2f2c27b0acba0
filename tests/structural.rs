//! Copy-number variants, structural variants and short tandem repeats: a truth table in both builds, bad inputs, and a clinic's
//! real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;
#[path = "common/structural_case.rs"]
mod structural_case;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use common::{gunzip_text, run, scratch, shared_file, tierline};
use structural_case::{BUILDS, Row, number, tier, tiers, truth};

/// The best tier of the rows with an id, and what they speak of; `-` without rows.
fn best<'a>(rows: &'a [Row], kind: &str, id: &str) -> (&'a str, Vec<&'a str>) {
    let own: Vec<&Row> =
        rows.iter().filter(|row| row["kind"] == kind && row["ids"] == id).collect();
    let tier = own.first().map_or("-", |row| row["tier"].as_str());
    (tier, own.iter().map(|row| row["entity"].as_str()).collect())
}

fn check(rows: &[Row], build: &str) {
    for row in truth("calls.tsv") {
        let (tier, entities) = best(rows, &row["sort"], &row["name"]);
        assert_eq!(tier, row["tier"], "{build} {}: {}", row["name"], row["why"]);
        if row["entity"] != "-" {
            assert!(
                entities.contains(&row["entity"].as_str()),
                "{build} {}: {entities:?}",
                row["name"]
            );
        }
    }
    for row in truth("repeats.tsv") {
        let (tier, _) = best(rows, "str", &row["name"]);
        assert_eq!(tier, row["tier"], "{build} {}: {}", row["name"], row["why"]);
    }
    for row in truth("small.tsv") {
        let own = rows.iter().filter(|r| {
            r["kind"] == "small"
                && r["ids"] == row["name"]
                && r["mode_of_inheritance"] == "biallelic"
        });
        let mut patterns: Vec<&str> = own.map(|row| row["segregation"].as_str()).collect();
        patterns.sort_unstable();
        patterns.dedup();
        let found = if patterns.is_empty() { "-".to_owned() } else { patterns.join(",") };
        assert_eq!(found, row["segregations"], "{build} {}: {}", row["name"], row["why"]);
    }
}

#[test]
fn the_truth_table_in_both_builds() {
    for build in &BUILDS {
        let folder = scratch();
        let (rows, out) = tiers(&build.case(folder.path(), str::to_owned), &[]);
        check(&rows, build.name);
        let vcf = gunzip_text(&out.join("candidates.sv.vcf.gz"));
        assert!(vcf.contains("REPCN:REPCI\t17/38:17-17/36-40"), "{vcf}");
        let json: serde_json::Value =
            serde_json::from_slice(&fs::read(out.join("interpreted_genome.json")).unwrap())
                .unwrap();
        let tier_a = json["structuralVariants"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|v| v["reportEvents"][0]["tier"] == "TIERA");
        assert!(tier_a.count() > 10 && json["shortTandemRepeats"].as_array().unwrap().len() > 5);
    }
}

#[test]
fn pairs_say_what_is_known_and_what_is_not() {
    let folder = scratch();
    let (rows, _) = tiers(&BUILDS[0].case(folder.path(), str::to_owned), &[]);
    let of = |id: &str, pattern: &str| {
        rows.iter()
            .find(|row| row["ids"] == id && row["segregation"] == pattern)
            .unwrap_or_else(|| panic!("{id}"))
    };
    let pair = "CompoundHeterozygous";
    for (a, b) in [
        ("within", "pair-around"),
        ("beside", "pair-beside"),
        ("repeat", "PAIR_SMALL"),
        ("pair-repeat", "PAIR_COPIES"),
    ] {
        assert_eq!(of(a, pair)["group"], of(b, pair)["group"], "{a}");
        assert_ne!(of(a, pair)["group"], ".");
    }
    let within = of("within", pair);
    assert_eq!(
        (within["possible"].as_str(), within["label"].as_str()),
        ("no", "hemizygous_opposite_deletion")
    );
    let two = of("within", "SimpleRecessive");
    assert_eq!(two["possible"], "yes");
    assert!(two["missing"].contains("hemizygous, not homozygous"), "{}", two["missing"]);
    let beside = of("beside", pair);
    assert_eq!((beside["possible"].as_str(), beside["tier"].as_str()), ("yes", "TIER1"));
    assert!(
        beside["missing"].contains("copy-number variant lies is not known"),
        "{}",
        beside["missing"]
    );
}

/// The case of the truth table with a proband of the other sex: one copy of X is a loss now.
#[test]
fn a_small_variant_and_a_loss_pair_on_two_copies_of_x() {
    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("\"male\"", "\"female\"")).unwrap();
    let (rows, _) = tiers(&case, &[]);
    let of = |id: &str| -> Vec<&Row> {
        let pair = "XLinkedCompoundHeterozygous";
        rows.iter().filter(|row| row["ids"] == id && row["segregation"] == pair).collect()
    };
    let groups = |id: &str| -> Vec<&str> { of(id).iter().map(|row| &*row["group"]).collect() };
    let (beside, within) = (of("x-beside"), of("x-within"));
    assert_eq!((beside.len(), within.len()), (1, 1), "{rows:?}");
    assert_eq!((&*beside[0]["possible"], &*beside[0]["tier"]), ("yes", "TIER1"));
    assert_eq!(beside[0]["mode_of_inheritance"], "xlinked_biallelic");
    assert_eq!(
        (&*within[0]["possible"], &*within[0]["label"]),
        ("no", "hemizygous_opposite_deletion")
    );
    let loss = groups("x-normal");
    assert!(
        loss.contains(&&*beside[0]["group"]) && loss.contains(&&*within[0]["group"]),
        "{loss:?}"
    );
    let two = rows
        .iter()
        .find(|row| row["ids"] == "x-within" && row["segregation"] == "XLinkedSimpleRecessive");
    let two = two.unwrap();
    assert!(two["missing"].contains("hemizygous, not homozygous"), "{}", two["missing"]);
}

#[test]
fn a_gene_model_tells_exons_and_biotypes() {
    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let gene = |name: &str, biotype: &str, exons: &[(u32, u32)]| {
        let (start, end) = (exons[0].0, exons[exons.len() - 1].1);
        let mut text = format!(
            "1\th\tgene\t{start}\t{end}\t.\t+\t.\tID=gene:{name};Name={name};biotype={biotype}\n"
        );
        let _ = writeln!(
            text,
            "1\th\tmRNA\t{start}\t{end}\t.\t+\t.\tID=transcript:{name}1;Parent=gene:{name};biotype=protein_coding"
        );
        for (start, end) in exons {
            let _ =
                writeln!(text, "1\th\texon\t{start}\t{end}\t.\t+\t.\tParent=transcript:{name}1");
        }
        text
    };
    let model = "##gff-version 3\n".to_owned()
        + &gene(
            "GREENA",
            "protein_coding",
            &[(10_000_001, 10_000_100), (10_100_501, 10_100_600), (19_999_901, 20_000_000)],
        )
        + &gene("OTHERCODE", "protein_coding", &[(10_105_001, 10_105_100)])
        + &gene("OTHERPSEUDO", "processed_pseudogene", &[(10_106_001, 10_106_100)]);
    fs::write(folder.path().join("genes.gff3"), model).unwrap();
    let text = fs::read_to_string(&case).unwrap();
    fs::write(&case, text.replace("[[member]]", "genes = \"genes.gff3\"\n[[member]]")).unwrap();
    let (rows, out) = tiers(&case, &[]);
    let entities: Vec<&str> =
        rows.iter().filter(|row| row["ids"] == "alone").map(|row| &*row["entity"]).collect();
    assert!(entities.contains(&"GREENA"), "{entities:?}");
    assert!(entities.iter().any(|names| names.contains("OTHERCODE")), "{entities:?}");
    assert!(!entities.iter().any(|names| names.contains("OTHERPSEUDO")), "{entities:?}");
    let results = fs::read_to_string(out.join("results.json")).unwrap();
    assert!(results.contains("1 of its 3 exons"), "exons of the model are counted");
    assert!(!results.contains("exons, and genes on no panel, are not known"), "a model was given");
    for told in [
        "have a biotype that the policy does not consider",
        "panel genes are not in the gene model",
    ] {
        assert!(results.contains(told), "{told}");
    }
}

#[test]
fn two_results_tell_what_moved_among_copy_numbers_and_repeats() {
    let (one, other) = (scratch(), scratch());
    let case = BUILDS[0].case(one.path(), str::to_owned);
    let (_, old) = tiers(&case, &[]);
    let changed = BUILDS[0].case(other.path(), str::to_owned);
    let (_, new) = tiers(&changed, &["--set", "structural.alone_above_bp=20000"]);
    let compared = |old: &Path, new: &Path| {
        let output = tierline().arg("compare").arg(old).arg(new).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = compared(&old, &new);
    assert!(told.contains("down    TIERA > TIERNULL  1:10100001-10110001 cnv loss"), "{told}");
    assert!(told.contains("event - TIERA, GREENA, na, Simulated 1.0"), "{told}");
    assert!(told.contains("perhaps structural.alone_above_bp: 10000 > 20000"), "{told}");
    let back = compared(&new, &old);
    assert!(back.contains("up      TIERNULL > TIERA  1:10100001-10110001 cnv loss"), "{back}");
    let same = compared(&old, &old);
    assert!(!same.contains("cnv") && !same.contains(" str "), "{same}");
    // Without the files everything of them is gone, and it is said why.
    let text = fs::read_to_string(&changed).unwrap();
    let kept = text
        .lines()
        .filter(|line| !line.starts_with("structural_variants") && !line.starts_with("repeats"));
    fs::write(&changed, kept.fold(String::new(), |text, line| text + line + "\n")).unwrap();
    let (_, without) = tiers(&changed, &[]);
    let told = compared(&old, &without);
    assert!(told.contains("lost    TIERA > -  1:10100001-10110001 cnv loss"), "{told}");
    assert!(told.contains("cause   copy-number variants looked for: yes > no"), "{told}");
    for sort in ["copy-number variants", "structural variants", "short tandem repeats"] {
        assert!(
            told.contains(&format!("{sort} were looked for in the older results only")),
            "{told}"
        );
    }
}

#[test]
fn a_call_tells_why_it_has_its_tier_or_none() {
    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let explain = |place: &str| {
        let output = tierline()
            .args(["explain", "--allow-unannotated", "--variant", place])
            .arg(&case)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let place = |name: &str| {
        let row = truth("calls.tsv").into_iter().find(|row| row["name"] == name).unwrap();
        format!("{}:{}-{}", row["contig"], row["start"], row["end"])
    };
    let told = explain(&place("alone"));
    assert!(told.contains("cnv alone <DEL>\nTierA: GREENA  (Simulated)"), "{told}");
    assert!(told.contains("more than 10000: one caller is enough"), "{told}");
    let told = explain(&place("filtered"));
    assert!(told.contains("not reported") && told.contains("failed their FILTER"), "{told}");
    let told = explain(&place("not-carried"));
    assert!(told.contains("not reported") && told.contains("are not the proband's"), "{told}");
    let told = explain("1:5-6");
    assert!(told.contains("no file of the case holds"), "{told}");
    let repeat = truth("repeats.tsv").into_iter().find(|row| row["tier"] == "TIER1").unwrap();
    let shift = number(&repeat, "shift");
    let (start, end) = (number(&repeat, "start") + shift, number(&repeat, "end") + shift);
    let told = explain(&format!("{}:{start}-{end}", repeat["contig"]));
    assert!(
        told.contains(&format!("str {}", repeat["name"])) && told.contains("Tier1: "),
        "{told}"
    );
}

#[test]
fn tier_b_is_off_until_it_is_listed() {
    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let set = "structural.tier_b=[\"amber_gene\", \"amber_region\", \"partly_covered_region\"]";
    let (rows, _) = tiers(&case, &["--set", set]);
    for id in ["amber", "region-amber", "region-below"] {
        assert_eq!(best(&rows, "cnv", id).0, "TIERB", "{id}");
    }
    let (rows, _) = tiers(&case, &["--set", "structural.breakpoint_tier=\"b\""]);
    assert_eq!(best(&rows, "sv", "sv-in").0, "TIERB");
}

/// The records of a VCF the other way round.
fn reversed(text: &str) -> String {
    let (head, mut records): (Vec<&str>, Vec<&str>) =
        text.lines().partition(|line| line.starts_with('#'));
    records.reverse();
    head.into_iter().chain(records).fold(String::new(), |text, line| text + line + "\n")
}

#[test]
fn the_order_of_records_never_matters() {
    let (one, other) = (scratch(), scratch());
    let (_, a) = tiers(&BUILDS[0].case(one.path(), str::to_owned), &[]);
    let (_, b) = tiers(&BUILDS[0].case(other.path(), reversed), &[]);
    for name in ["tiers.tsv", "candidates.sv.vcf.gz", "interpreted_genome.json"] {
        assert_eq!(fs::read(a.join(name)).unwrap(), fs::read(b.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn without_files_the_results_say_that_nobody_looked() {
    let folder = scratch();
    let case = BUILDS[0].case(folder.path(), str::to_owned);
    let text = fs::read_to_string(&case).unwrap();
    let kept =
        text.lines().filter(|l| !l.starts_with("structural_variants") && !l.starts_with("repeats"));
    fs::write(&case, kept.fold(String::new(), |text, line| text + line + "\n")).unwrap();
    let (_, out) = tiers(&case, &[]);
    let report = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("Copy-number variants were not looked for"));
    assert!(report.contains("Short tandem repeats were not looked for"));
    assert!(!out.join("candidates.sv.vcf.gz").exists());
}

/// A change of one file, and what the refusal says.
const BAD: &[(&str, &str, &str, &str)] = &[
    ("cnv.vcf", ";END=10110001\t", ";END=9000000\t", "END 9000000 lies before POS"),
    ("cnv.vcf", ";END=10110001\t", "\t", "without END and SVLEN"),
    ("cnv.vcf", "GT:CN\t0/1:1\n", "GT:CN\t0/1:one\n", "sample column 1: CN is no number"),
    (
        "cnv.vcf",
        "<CNV>\t50\tPASS\tSVTYPE=CNV;END=11620000\tGT:CN\t.:1",
        "<CNV>\t50\tPASS\tSVTYPE=CNV;END=11620000\tGT:CN\t.:.",
        "without copy number",
    ),
    ("sv.vcf", "\tS1\n", "\tS2\n", "none of the 1 columns is a sample"),
    ("sv.vcf", "<INV>", "<ODD>", "no kind of structural variant"),
    ("sv.vcf", "length=248956422", "length=249250621", "of GRCh37"),
    ("str.vcf", "17/38:17-17/36-40", "17/x:17-17/36-40", "sample column 1: REPCN \"x\""),
    ("str.vcf", "17/38:17-17/36-40", "17/38:17-17/40-36", "ends before it begins"),
    ("str.vcf", "17/38:17-17/36-40", "17/38:17-17/39-40", "does not hold REPCN"),
    ("str.vcf", "17/38:17-17/36-40", "17/38:17-17", "REPCI has 1 entries"),
    ("str.vcf", "FORMAT=<ID=REPCN", "FORMAT=<ID=XX", "no FORMAT REPCN"),
    ("str.vcf", "END=1100030;", "", "no END"),
];

#[test]
fn bad_records_are_named_with_their_fix() {
    for (file, from, to, expected) in BAD {
        let folder = scratch();
        let case = BUILDS[0].case(folder.path(), str::to_owned);
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} holds {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let output = tier(&case, &folder.path().join("bad"), &[]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(65), "{to}: {told}");
        assert!(told.contains(expected) && told.contains(file), "{to}: {told}");
        // The name of the folder is made of random letters.
        let told = told.replace(&folder.path().display().to_string(), "");
        assert!(!told.contains("S1"), "no sample name: {told}");
        assert!(!folder.path().join("bad/results.json").exists());
    }
}

/// A clinic's trio (masked): 19 records of Manta, 80 of ExpansionHunter cut by ALT and merged.
#[test]
fn a_clinic_s_real_files() {
    let files = ["clinical.vcf.gz", "clinical.SV.vcf.gz", "clinical.str.stranger.vcf.gz"]
        .map(|name| shared_file(&format!("variants/clinic-trio-b37/643594.{name}")));
    let [Some(small), Some(sv), Some(str)] = files else { return };
    let panels = [402, 568, 265].map(|id| shared_file(&format!("panels/panel_{id}.json")).unwrap());
    let ped = shared_file("variants/clinic-trio-b37/643594.ped").unwrap();
    let folder = scratch();
    let out = folder.path().join("out");
    let mut command = tierline();
    command.arg("tier").arg(&small).arg("--ped").arg(&ped).arg("-o").arg(&out);
    command.args([
        "--assembly",
        "GRCh37",
        "--consent",
        "primary",
        "--allow-unannotated",
        "--override-identity",
        "test",
    ]);
    for panel in &panels {
        command.arg("--panel").arg(panel);
    }
    command.arg("--structural-variants").arg(&sv).arg("--repeats").arg(&str);
    run(&mut command);
    let results: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap();
    let told = results["notices"].to_string();
    assert_eq!(results["repeats"].as_array().unwrap().len(), 0, "every locus is of normal size");
    assert!(told.contains("structural variants touch no exon of a green gene"), "{told}");
    assert!(told.contains("keys of stranger"), "{told}");
    let gaps = results["looked_for"]["gaps"].as_array().unwrap();
    let strs: Vec<&str> = gaps
        .iter()
        .filter(|gap| gap["entity"].as_str().unwrap().contains('_'))
        .map(|gap| gap["why"].as_str().unwrap())
        .collect();
    assert_eq!(strs, Vec::<&str>::new(), "every green repeat of the three panels is in the file");
}
