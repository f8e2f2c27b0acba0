//! Germline findings of a tumour's patient: planted variants are told with consent, and without it leave no byte.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot set up"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use common::{gunzip, gunzip_text, root, run, scratch, tierline};
use serde_json::{Value, json};

/// Every planted position begins so, and no other number in the outputs does.
const CANARY: &str = "4198765";

/// Position, gene, term, ClinVar, review, gnomAD frequency, genotype, filter.
type Planted = (
    u32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const EXPERT: &str = "reviewed_by_expert_panel";

const PLANTED: &[Planted] = &[
    (41_987_651, "OWN1", "missense_variant", "Pathogenic", EXPERT, "", "0/1", "PASS"),
    (41_987_652, "OWN1", "stop_gained", "", "", "0.0001", "0/1", "PASS"),
    (41_987_653, "OWN1", "stop_gained", "Benign", EXPERT, "0.0001", "0/1", "PASS"),
    (41_987_654, "OWN2", "missense_variant", "Pathogenic", EXPERT, "", "0/1", "PASS"),
    (41_987_655, "WIDE", "missense_variant", "", "", "0.0049", "0/1", "PASS"),
    (41_987_656, "WIDE", "missense_variant", "", "", "0.0051", "0/1", "PASS"),
    (41_987_657, "OWN1", "stop_gained", "", "", "", "0/1", "LowQual"),
    (41_987_658, "OTHER", "stop_gained", "Pathogenic", EXPERT, "", "0/1", "PASS"),
];

fn gene(symbol: &str, mode: &str) -> Value {
    json!({
        "gene_data": { "gene_symbol": symbol, "alias": [], "biotype": "protein_coding", "ensembl_genes": {} },
        "entity_type": "gene", "entity_name": symbol, "confidence_level": "3", "penetrance": null,
        "mode_of_pathogenicity": null, "phenotypes": [], "mode_of_inheritance": mode, "tags": [],
    })
}

fn panel(id: u32, genes: &[Value]) -> String {
    json!({ "id": id, "name": format!("Panel {id}"), "version": "1.2", "types": [], "genes": genes, "strs": [], "regions": [] })
        .to_string()
}

/// The germline calls of the normal sample, annotated as the committed somatic calls are.
fn calls() -> String {
    let text = gunzip_text(&root().join("test-data/tumour-normal/somatic.vcf.gz"));
    let format = text.split("Format: ").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut head: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with("##") && !line.contains("_sample="))
        .map(str::to_owned)
        .collect();
    head.push("##INFO=<ID=CLNSIG,Number=.,Type=String,Description=\"ClinVar\">".into());
    head.push("##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description=\"Review\">".into());
    head.push("##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"Quality\">".into());
    head.push("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tSIMNORMAL".into());
    let mut all = head.join("\n");
    for (position, gene, term, clinvar, review, frequency, genotype, filter) in PLANTED {
        let fields = format.split('|').map(|name| match name {
            "Allele" => "T",
            "Consequence" => term,
            "SYMBOL" => gene,
            "Feature_type" => "Transcript",
            "Feature" => "ENST77000000001",
            "BIOTYPE" => "protein_coding",
            "CANONICAL" => "YES",
            "gnomADg_AF" => frequency,
            _ => "",
        });
        let entry = fields.collect::<Vec<_>>().join("|");
        let known = if clinvar.is_empty() {
            String::new()
        } else {
            format!("CLNSIG={clinvar};CLNREVSTAT={review};")
        };
        write!(
            all,
            "\nchr20\t{position}\t.\tC\tT\t800\t{filter}\t{known}CSQ={entry}\tGT:AD:DP:GQ\t{genotype}:15,15:30:99"
        )
        .unwrap();
    }
    all + "\n"
}

/// The committed case with germline calls, panels, and these lines of consent for tumour and normal.
fn case(folder: &Path, tumour: &str, normal: &str, panels: &str) -> PathBuf {
    let from = root().join("test-data/tumour-normal");
    let mono = "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted";
    let own = [gene("OWN1", mono), gene("OWN2", "BIALLELIC, autosomal or pseudoautosomal")];
    fs::write(folder.join("own.json"), panel(11, &own)).unwrap();
    fs::write(folder.join("wider.json"), panel(12, &[gene("WIDE", mono), gene("NEVER", mono)]))
        .unwrap();
    fs::write(folder.join("germline.vcf"), calls()).unwrap();
    let at = |name: &str| from.join(name).display().to_string();
    let member = |sample: &str, role: &str, consent: &str| {
        format!(
            "[[member]]\nid = \"SIM-PATIENT\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"female\"\n\
             [member.consent]\nprimary = true\nsecondary = true\n{consent}\n"
        )
    };
    let text = format!(
        "[case]\nid = \"SIM-TUMOUR-1\"\nkind = \"tumour-normal\"\nassembly = \"GRCh38\"\n\
         variants = [\"{}\", \"germline.vcf\"]\ndomain1 = \"{}\"\ndomain2 = \"{}\"\n[tumour]\n{panels}\n{}{}",
        at("somatic.vcf.gz"),
        at("domain1.tsv"),
        at("domain2.tsv"),
        member("SIMTUMOUR", "tumour", tumour),
        member("SIMNORMAL", "normal", normal)
    );
    let path = folder.join("case.toml");
    fs::write(&path, text).unwrap();
    path
}

const PANELS: &str = "germline_panels = [\"own.json\"]\ngermline_panels_wider = [\"wider.json\"]";
const YES: &str = "germline = true";

fn tier(case: &Path, out: &Path, more: &[&str]) -> Value {
    run(tierline().arg("tier").arg(case).arg("-o").arg(out).args(more));
    serde_json::from_slice(&fs::read(out.join("results.json")).unwrap()).unwrap()
}

/// Every byte of every output, compressed ones inflated.
fn bytes(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let raw = fs::read(&path).unwrap();
            let plain = if raw.starts_with(&[0x1f, 0x8b]) { gunzip(&path) } else { raw };
            all.push((path, String::from_utf8_lossy(&plain).into_owned()));
        }
    }
    assert!(all.len() > 5);
    all
}

#[test]
fn findings_have_tiers_of_their_own() {
    let folder = scratch();
    let case = case(folder.path(), YES, YES, PANELS);
    let out = folder.path().join("out");
    let results = tier(&case, &out, &[]);
    let pertinent = &results["pertinent"];
    assert_eq!(pertinent["looked_for"], "yes");
    let found: Vec<(u64, &str, Option<&str>)> = pertinent["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let position = one["variant"]["position"].as_u64().unwrap();
            (position, one["tier"].as_str().unwrap(), one["label"].as_str())
        })
        .collect();
    let expected = [
        (41_987_651, "TIER1", None),
        (41_987_652, "TIER1", None),
        (41_987_654, "TIER3", Some("one_variant_of_two")),
        (41_987_655, "TIER3", None),
    ];
    assert_eq!(found, expected);
    assert_eq!(pertinent["genes_not_annotated"], json!(["NEVER"]));
    assert_eq!(pertinent["panels"][0]["version"], "1.2");
    let table = fs::read_to_string(out.join("germline.tsv")).unwrap();
    assert_eq!(table.lines().count(), 5);
    assert!(table.lines().nth(1).unwrap().starts_with("TIER1\tchr20\t41987651\tC\tT\tOWN1\t"));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Germline findings in the normal sample") && page.contains("41987651"));
    // Never among the somatic variants.
    for name in ["tiers.tsv", "candidates.maf"] {
        assert!(!fs::read_to_string(out.join(name)).unwrap().contains(CANARY), "{name}");
    }
    assert!(!gunzip_text(&out.join("candidates.vcf.gz")).contains(CANARY));
    let genome: Value =
        serde_json::from_slice(&fs::read(out.join("interpreted_genome.json")).unwrap()).unwrap();
    let germline: Vec<&Value> = genome["variants"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["variantCoordinates"]["position"].to_string().starts_with(CANARY))
        .collect();
    assert_eq!(germline.len(), 4);
    for one in germline {
        assert_eq!(one["variantCalls"][0]["sampleId"], "SIMNORMAL");
        assert_eq!(one["variantCalls"][0]["alleleOrigins"], json!(["germline_variant"]));
        assert_eq!(one["reportEvents"][0]["domain"], "NONE");
    }
    let again = folder.path().join("again");
    run(tierline().arg("report").arg(out.join("results.json")).arg("-o").arg(&again));
    assert_eq!(fs::read(again.join("germline.tsv")).unwrap(), table.into_bytes());
    let threads = tier(&case, &folder.path().join("five"), &["-t", "5"]);
    assert_eq!(threads["pertinent"], results["pertinent"]);
}

#[test]
fn without_consent_no_byte_is_written() {
    let answers = ["", "germline = false", "germline = \"undefined\"", "germline = \"no\""];
    let folder = scratch();
    let mut tried = 0;
    for (i, answer) in answers.iter().enumerate() {
        for (tumour, normal) in [(*answer, YES), (YES, *answer), (*answer, *answer)] {
            let case = case(folder.path(), tumour, normal, PANELS);
            let out = folder.path().join(format!("out{i}-{tried}"));
            let results = tier(&case, &out, &[]);
            assert_eq!(results["pertinent"]["looked_for"], "no-consent", "{tumour} {normal}");
            assert!(!out.join("germline.tsv").exists());
            for (path, text) in bytes(&out) {
                let is_record = path.ends_with("run.json");
                assert!(!text.contains(CANARY), "{}: {tumour} {normal}", path.display());
                assert!(is_record || !text.contains("OWN1"), "{}", path.display());
            }
            let page = fs::read_to_string(out.join("report.html")).unwrap();
            assert!(page.contains("Not looked for: no consent."));
            tried += 1;
        }
    }
    assert_eq!(tried, 12);
    // An earlier run's table does not stay.
    let out = folder.path().join("same");
    tier(&case(folder.path(), YES, YES, PANELS), &out, &[]);
    assert!(out.join("germline.tsv").exists());
    tier(&case(folder.path(), YES, "", PANELS), &out, &[]);
    assert!(!out.join("germline.tsv").exists());
}

#[test]
fn explain_tells_no_germline_call_of_a_tumour_case() {
    let folder = scratch();
    for consent in [YES, ""] {
        let case = case(folder.path(), consent, consent, PANELS);
        for what in [["--variant", "chr20:41987651:C:T"], ["--gene", "OWN1"]] {
            let output = tierline().arg("explain").arg(&case).args(what).output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(!text.contains("missense"), "{what:?}: {text}");
            assert!(
                !text.contains("Pathogenic") && !text.contains("pathogenic:"),
                "{what:?}: {text}"
            );
        }
    }
}

#[test]
fn what_is_not_asked_for_is_told() {
    let folder = scratch();
    let none = tier(&case(folder.path(), YES, YES, ""), &folder.path().join("none"), &[]);
    assert_eq!(none["pertinent"]["looked_for"], "no-panel");
    let own = "germline_panels = [\"own.json\"]";
    let path = case(folder.path(), YES, YES, own);
    let alone = tier(&path, &folder.path().join("alone"), &[]);
    assert_eq!(alone["pertinent"]["findings"].as_array().unwrap().len(), 3);
    let page = fs::read_to_string(folder.path().join("alone/report.html")).unwrap();
    assert!(page.contains("the case names no wider ones"));
    // Without the germline file nothing can be looked for.
    let text = fs::read_to_string(&path).unwrap().replace(", \"germline.vcf\"", "");
    fs::write(&path, text).unwrap();
    let calls = tier(&path, &folder.path().join("calls"), &[]);
    assert_eq!(calls["pertinent"]["looked_for"], "no-calls");
}

#[test]
fn what_the_germline_calls_lack_is_told() {
    let folder = scratch();
    let path = case(folder.path(), YES, YES, PANELS);
    let tried = [
        ("filter", "\tPASS\t", "\t.\t", "variants of variant file 2 have no FILTER value"),
        ("clinvar", "CLNREVSTAT", "XREVSTAT", "no ClinVar in variant file 2"),
        ("review", "CLNREVSTAT", "XREVSTAT", "no review status of ClinVar in variant file 2"),
    ];
    for (name, from, to, words) in tried {
        let out = folder.path().join(name);
        let mut text = calls().replace(from, to);
        if name == "clinvar" {
            text = text.replace("CLNSIG", "XSIG").replace("CLIN_SIG", "XSIG");
        }
        fs::write(folder.path().join("germline.vcf"), text).unwrap();
        let results = tier(&path, &out, &[]);
        let notices = results["notices"].as_array().unwrap().iter();
        let told = notices.filter(|one| one["text"].as_str().unwrap().contains(words)).count();
        assert_eq!(told, 1, "{name}: {}", results["notices"]);
        let dropped = if name == "filter" { 7 } else { 0 };
        assert_eq!(results["pertinent"]["unfiltered"], dropped, "{name}");
        let page = fs::read_to_string(out.join("report.html")).unwrap();
        assert!(page.contains("of the same person as the reads was not checked"));
        assert_eq!(page.contains("7 germline calls without a value of FILTER"), dropped > 0);
    }
}

#[test]
fn wrong_documents_are_refused() {
    let folder = scratch();
    let refused = |panels: &str, words: &str| {
        let case = case(folder.path(), YES, YES, panels);
        let out = folder.path().join("refused");
        let output = tierline().arg("tier").arg(&case).arg("-o").arg(&out).output().unwrap();
        assert!(!output.status.success());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(words), "{text}");
        assert!(!out.join("results.json").exists());
    };
    refused(
        "germline_panels_wider = [\"wider.json\"]",
        "`germline_panels_wider` without `germline_panels`",
    );
    refused("germline_panels = [\"gone.json\"]", "gone.json");
    refused("germline_panel = [\"own.json\"]", "did you mean `germline_panels`?");
    refused("germline_panels = \"own.json\"", "must be a list of texts");
}
