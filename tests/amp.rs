//! Evidence tiers by evidence items (made up) over the committed tumour, and the list of domain 2 where a case names none.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use common::{gunzip_text, root, run, scratch, tierline};
use serde_json::Value;

const NEW: &str = "molecular_profile\tmolecular_profile_id\tdisease\tdoid\tphenotypes\ttherapies\ttherapy_interaction_type\t\
    evidence_type\tevidence_direction\tevidence_level\tsignificance\tevidence_statement\tcitation_id\tsource_type\tcitation\t\
    rating\tevidence_status\tevidence_id\tvariant_origin";

/// A row of the later layout: profile, disease, DOID, type, level, number.
fn row(profile: &str, disease: (&str, &str), kind: &str, level: &str, id: u32) -> String {
    let (disease, doid) = disease;
    format!(
        "{profile}\t1\t{disease}\t{doid}\t\tSimulab\t\t{kind}\tSupports\t{level}\tSensitivity/Response\tMade up.\t1\tPubMed\tx\t3\t\
         accepted\t{id}\tSomatic"
    )
}

const OWN: (&str, &str) = ("Simulated carcinoma", "1000001");
const OTHER: (&str, &str) = ("Simulated sarcoma", "1000002");
const ANY: (&str, &str) = ("Cancer", "162");

/// The committed case, with these lines under [tumour].
fn case(folder: &Path, tumour: &str, change: impl Fn(String) -> String) -> PathBuf {
    let from = root().join("test-data/tumour-normal");
    let mut text = fs::read_to_string(from.join("case.toml")).unwrap();
    text = text.replace("../reference", &root().join("test-data/reference").display().to_string());
    let files = ["domain1.tsv", "domain2.tsv", "somatic.vcf.gz", "tumour.bam", "normal.bam"];
    for name in files.into_iter().chain(["signatures.tsv", "microsatellites.bed"]) {
        text = text.replace(&format!("\"{name}\""), &format!("\"{}\"", from.join(name).display()));
    }
    let path = folder.join("case.toml");
    fs::write(&path, change(format!("{text}\n[tumour]\n{tumour}\n"))).unwrap();
    path
}

fn tier(case: &Path, out: &Path) -> Value {
    run(tierline().arg("tier").arg(case).arg("-o").arg(out));
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

/// Gene to tier and the numbers of the items that define it.
fn tiers(results: &Value) -> BTreeMap<String, (String, Vec<u64>)> {
    let events = results["amp"]["events"].as_array().unwrap();
    let one = |event: &Value| {
        let items = event["evidence"].as_array().unwrap().iter();
        let defining = items.filter(|item| item["defining"] == true);
        let numbers = defining.map(|item| item["item"].as_u64().unwrap()).collect();
        let text = |key: &str| event[key].as_str().unwrap().to_owned();
        (text("gene"), (text("tier"), numbers))
    };
    events.iter().map(one).collect()
}

#[test]
fn items_make_tiers_and_domains_stay() {
    let folder = scratch();
    let rows = [
        NEW.to_owned(),
        // The exact change, strong, in the case's disease; weak evidence of the gene is additional.
        row("SIMG01 Q102K", OWN, "Predictive", "A", 1),
        row("SIMG01 Mutation", OTHER, "Prognostic", "D", 2),
        // Another change of the gene does not count.
        row("SIMG02 L43*", OWN, "Predictive", "A", 3),
        row("SIMG02 L42*", OTHER, "Predictive", "B", 4),
        // Weak in the own disease; strong in any cancer; weak elsewhere.
        row("SIMG04 I98", OWN, "Diagnostic", "C", 5),
        row("SIMG05 Truncating Mutation", ANY, "Prognostic", "B", 6),
        row("SIMG06 R38DEL", OTHER, "Predictive", "E", 7),
        // A splice region is no mutation of the gene; amplification is no small variant.
        row("SIMG07 Mutation", OWN, "Predictive", "A", 8),
        row("SIMG08 Amplification", OWN, "Predictive", "A", 9),
        row("SIMG09 Q48X", OTHER, "Prognostic", "C", 10),
        // Frameshifts by their first residue.
        row("SIMG10 Y79fs", OWN, "Predictive", "B", 11),
        // Passed over.
        row("SIMG01 Q102K AND SIMG02 L42*", OWN, "Predictive", "A", 12),
        row("SIMG01 Q102K", OWN, "Functional", "A", 13),
    ];
    fs::write(folder.path().join("civic.tsv"), rows.join("\n")).unwrap();
    let lines = "civic = \"civic.tsv\"\ndisease = [\"DOID:1000001\"]";
    let path = case(folder.path(), lines, |text| text);
    let out = folder.path().join("out");
    let results = tier(&path, &out);
    let found = tiers(&results);
    let expected = |tier: &str, items: &[u64]| Some((tier.to_owned(), items.to_vec()));
    for (gene, tier, items) in [
        ("SIMG01", "tierI", vec![1]),
        ("SIMG02", "tierII", vec![4]),
        ("SIMG04", "tierII", vec![5]),
        ("SIMG05", "tierI", vec![6]),
        ("SIMG06", "tierIII", vec![7]),
        ("SIMG09", "tierIII", vec![10]),
        ("SIMG10", "tierI", vec![11]),
    ] {
        assert_eq!(found.get(gene).cloned(), expected(tier, &items), "{gene}");
    }
    for gene in ["SIMG07", "SIMG08"] {
        assert!(found.get(gene).is_none_or(|(_, items)| items.is_empty()), "{gene}: {found:?}");
    }
    let amp = &results["amp"];
    assert_eq!((amp["rows"].as_u64(), amp["compared"].as_u64()), (Some(13), Some(11)));
    assert_eq!(amp["passed_over"].as_object().unwrap().len(), 2);
    // The same domains without the file.
    let plain = tier(&case(folder.path(), "", |text| text), &folder.path().join("plain"));
    assert_eq!(plain["candidates"], results["candidates"]);
    assert!(plain.get("amp").is_none() && !folder.path().join("plain/amp.tsv").exists());
    // Every view tells it.
    let table = fs::read_to_string(out.join("amp.tsv")).unwrap();
    assert!(
        table.contains("\tSIMG01\tI\t") && table.contains("\t2\tno\tIII\tprognosis\tD\tgene\t")
    );
    let tiers = fs::read_to_string(out.join("tiers.tsv")).unwrap();
    let first = tiers.lines().find(|line| line.contains("\tSIMG01\t")).unwrap();
    assert!(first.contains("\tI\ttierline ") && first.contains("DOMAIN1"), "{first}");
    let maf = fs::read_to_string(out.join("candidates.maf")).unwrap();
    let column =
        maf.lines().nth(1).unwrap().split('\t').position(|name| name == "AMP_Tier").unwrap();
    let row = maf.lines().find(|line| line.starts_with("SIMG02\t")).unwrap();
    assert_eq!(row.split('\t').nth(column), Some("II"));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(
        page.contains("EID1 level A, therapeutic") && page.contains("11 of 13 items were compared")
    );
}

#[test]
fn without_a_disease_nothing_is_of_its_own() {
    let folder = scratch();
    let rows = [
        NEW.to_owned(),
        row("SIMG01 Q102K", OWN, "Predictive", "A", 1),
        row("SIMG02 L42*", ANY, "Predictive", "B", 2),
        row("SIMG04 I98T", OWN, "Predictive", "C", 3),
    ];
    fs::write(folder.path().join("civic.tsv"), rows.join("\n")).unwrap();
    let path = case(folder.path(), "civic = \"civic.tsv\"", |text| text);
    let found = tiers(&tier(&path, &folder.path().join("out")));
    let of = |gene: &str| found[gene].0.as_str();
    assert_eq!([of("SIMG01"), of("SIMG02"), of("SIMG04")], ["tierII", "tierI", "tierIII"]);
}

#[test]
fn diseases_are_compared_by_bare_id_and_those_of_no_item_are_told() {
    let folder = scratch();
    let rows = [NEW.to_owned(), row("SIMG01 Q102K", OWN, "Predictive", "A", 1)];
    fs::write(folder.path().join("civic.tsv"), rows.join("\n")).unwrap();
    for (stated, tier_of) in [("1000001", "tierI"), (" doid:1000001 ", "tierI"), ("10", "tierII")] {
        let lines = format!("civic = \"civic.tsv\"\ndisease = [\"{stated}\", \"Nonesuch\"]");
        let path = case(folder.path(), &lines, |text| text);
        let results = tier(&path, &folder.path().join("out"));
        assert_eq!(tiers(&results)["SIMG01"].0, tier_of, "{stated:?}");
        let notices = results["notices"].as_array().unwrap().iter();
        let of_none = notices.filter(|one| one["text"].as_str().unwrap().contains("no item is of"));
        assert_eq!(of_none.count(), if tier_of == "tierI" { 1 } else { 2 }, "{stated:?}");
    }
}

#[test]
fn a_cohort_of_tumours_is_no_population() {
    let folder = scratch();
    let rows = [NEW.to_owned(), row("SIMG01 Q102K", OWN, "Predictive", "A", 1)];
    fs::write(folder.path().join("civic.tsv"), rows.join("\n")).unwrap();
    let committed = root().join("test-data/tumour-normal/somatic.vcf.gz");
    let header = "##INFO=<ID={},Number=A,Type=Float,Description=\"Cohort\">\n#CHROM";
    for (cohort, expected) in [("somatic_cohort_AF", "tierI"), ("germline_cohort_AF", "tierIV")] {
        let text = gunzip_text(&committed).replace("#CHROM", &header.replace("{}", cohort));
        let with = |line: &str| {
            let mut cells: Vec<String> = line.split('\t').map(str::to_owned).collect();
            if !line.starts_with('#') {
                cells[7] = format!("{cohort}=0.2;{}", cells[7]);
            }
            cells.join("\t")
        };
        let text = text.lines().map(with).collect::<Vec<_>>().join("\n") + "\n";
        fs::write(folder.path().join("cohort.vcf"), text).unwrap();
        let lines = "civic = \"civic.tsv\"\ndisease = [\"DOID:1000001\"]";
        let path = case(folder.path(), lines, |text| {
            text.replace(&committed.display().to_string(), "cohort.vcf")
        });
        let found = tiers(&tier(&path, &folder.path().join(cohort)));
        assert_eq!(found["SIMG01"].0, expected, "{cohort}");
    }
}

#[test]
fn roles_are_found_by_id_alone() {
    let folder = scratch();
    let row = row("SIMG01 Q102K", OWN, "Predictive", "A", 1);
    fs::write(folder.path().join("civic.tsv"), format!("{NEW}\n{row}\n")).unwrap();
    let from = root().join("test-data/tumour-normal");
    for name in ["domain1.tsv", "domain2.tsv"] {
        let text = fs::read_to_string(from.join(name)).unwrap();
        let cells = |line: &str| {
            let cells: Vec<&str> = line.split('\t').collect();
            [cells[1], cells[3]].join("\t")
        };
        let lines: Vec<String> = text.lines().map(cells).collect();
        fs::write(folder.path().join(name), lines.join("\n") + "\n").unwrap();
    }
    let lines = "civic = \"civic.tsv\"";
    let named = tiers(&tier(&case(folder.path(), lines, |text| text), &folder.path().join("a")));
    let change = |text: String| text.replace(&from.join("domain").display().to_string(), "domain");
    let by_id = tiers(&tier(&case(folder.path(), lines, change), &folder.path().join("b")));
    assert_eq!(by_id, named);
    assert!(named.values().any(|(tier, items)| tier == "tierIII" && items.is_empty()));
}

#[test]
fn coordinates_count_in_their_own_assembly_only() {
    let folder = scratch();
    let header = "gene\tvariant\tdisease\tdoid\tdrugs\tevidence_type\tevidence_direction\tevidence_level\tclinical_significance\t\
        evidence_status\tevidence_id\tchromosome\tstart\tstop\treference_bases\tvariant_bases\treference_build\tvariant_origin";
    let row = |build: &str, id: u32| {
        format!(
            "SIMG08\tSIMULATED_NAME1DEL\tCancer\t162\tx\tPredictive\tSupports\tA\tSensitivity\taccepted\t{id}\t20\t32220917\t32220917\tC\tA\t{build}\tSomatic"
        )
    };
    let mut all = Vec::new();
    for build in ["GRCh38", "GRCh37"] {
        // A protein change that the variant does not have: only the place can match.
        let text = format!("{header}\n{}\n", row(build, 5).replace("SIMULATED_NAME1DEL", "A1C"));
        fs::write(folder.path().join("civic.tsv"), text).unwrap();
        let path = case(folder.path(), "civic = \"civic.tsv\"\ndisease = [\"x\"]", |text| text);
        let results = tier(&path, &folder.path().join(build));
        let found = tiers(&results);
        all.push((
            found.get("SIMG08").map(|one| one.1.clone()),
            results["amp"]["other_assembly"].as_u64(),
        ));
    }
    assert_eq!(all[0], (Some(vec![5]), Some(0)));
    assert!(all[1].0.as_ref().is_none_or(Vec::is_empty) && all[1].1 == Some(1), "{all:?}");
}

#[test]
fn wrong_files_are_refused() {
    let folder = scratch();
    for (text, words) in [
        ("", "is empty"),
        ("a\tb\n1\t2\n", "has no column disease"),
        (NEW, "holds no evidence item"),
    ] {
        fs::write(folder.path().join("civic.tsv"), text).unwrap();
        let path = case(folder.path(), "civic = \"civic.tsv\"", |text| text);
        let out = folder.path().join("out");
        let output = tierline().arg("tier").arg(&path).arg("-o").arg(&out).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(words), "{told}");
        assert!(!out.join("results.json").exists());
    }
}

#[test]
fn without_a_list_of_domain_2_the_built_in_one_stands_and_is_told() {
    let folder = scratch();
    let without = |text: String| {
        let lines = text.lines().filter(|line| !line.starts_with("domain2"));
        let text = lines.collect::<Vec<_>>().join("\n");
        // The simulated genes get names that the built-in list has.
        text
    };
    let results = tier(&case(folder.path(), "", without), &folder.path().join("default"));
    let panels: Vec<&str> =
        results["panels"].as_array().unwrap().iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert!(panels.contains(&"intogen-drivers"), "{panels:?}");
    let told = |results: &Value| {
        let all = results["notices"].as_array().unwrap().iter();
        all.filter(|one| one["text"].as_str().unwrap().contains("IntOGen drivers")).count()
    };
    assert_eq!(told(&results), 1);
    let none = |text: String| {
        let from = text.lines().find(|line| line.starts_with("domain2")).unwrap().to_owned();
        text.replace(&from, "domain2 = \"none\"")
    };
    let results = tier(&case(folder.path(), "", none), &folder.path().join("none"));
    assert_eq!((results["panels"].as_array().unwrap().len(), told(&results)), (1, 0));
}
