//! Additional findings and carrier status: planted variants are told of consenting members, and of nobody else leave no byte.
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

use common::{gunzip, gunzip_text, root, run, scratch, tierline};
use serde_json::{Value, json};

/// Position, gene, terms, ClinVar word, genotypes of child, mother and father.
type Planted<'a> = (&'a str, u32, &'a str, &'a str, &'a str, [&'a str; 3]);

/// Every planted position begins so, and no other number in the outputs does.
const CANARY: &str = "1987654";

const PLANTED: &[Planted<'_>] = &[
    // De novo in the affected child: without consent rules this is Tier 3.
    ("chr20", 19_876_541, "BRCA1", "stop_gained", "Pathogenic", ["0/1", "0/0", "0/0"]),
    // From the mother; a gene that is looked at in children too.
    ("chr20", 19_876_542, "MEN1", "missense_variant", "Likely_pathogenic", ["0/0", "0/1", "0/0"]),
    // Both copies are needed: the father has two variants, the mother one.
    ("chr20", 19_876_543, "MUTYH", "missense_variant", "Pathogenic", ["0/0", "0/1", "0/1"]),
    ("chr20", 19_876_544, "MUTYH", "frameshift_variant", "Pathogenic", ["0/0", "0/0", "0/1"]),
    // Not known: a loss of function, and in a gene that loss does not harm.
    ("chr20", 19_876_545, "VHL", "stop_gained", "", ["0/0", "0/0", "0/1"]),
    ("chr20", 19_876_546, "PCSK9", "stop_gained", "", ["0/0", "0/0", "0/1"]),
    // A couple of carriers; a gene in which only one of them is.
    ("chr20", 19_876_547, "CARR1", "stop_gained", "Pathogenic", ["0/0", "0/1", "0/0"]),
    ("chr20", 19_876_548, "CARR1", "missense_variant", "Pathogenic", ["0/0", "0/0", "0/1"]),
    ("chr20", 19_876_549, "CARR2", "missense_variant", "Pathogenic", ["0/0", "0/1", "0/0"]),
    ("chrX", 19_876_540, "CARRX", "missense_variant", "Pathogenic", ["0", "0/1", "0"]),
];

fn annotation(format: &str, gene: &str, terms: &str) -> String {
    let fields = format.split('|').map(|name| match name {
        "Allele" => "T",
        "Consequence" => terms,
        "SYMBOL" => gene,
        "Feature_type" => "Transcript",
        "Feature" => "ENST77000000001",
        "BIOTYPE" => "protein_coding",
        "CANONICAL" => "YES",
        _ => "",
    });
    fields.collect::<Vec<_>>().join("|")
}

/// The trio's calls with the planted variants in their places.
fn calls() -> String {
    let text = gunzip_text(&root().join("test-data/trio/trio.vcf.gz"));
    let format = text.split("Format: ").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (mut head, mut body): (Vec<String>, Vec<String>) =
        text.lines().map(str::to_owned).partition(|line| line.starts_with('#'));
    let last = head.pop().unwrap();
    head.push("##INFO=<ID=CLNSIG,Number=.,Type=String,Description=\"ClinVar\">".into());
    head.push("##INFO=<ID=CLNREVSTAT,Number=.,Type=String,Description=\"Review\">".into());
    head.push(last);
    for (contig, position, gene, terms, clinvar, genotypes) in PLANTED {
        let known = if clinvar.is_empty() {
            String::new()
        } else {
            format!("CLNSIG={clinvar};CLNREVSTAT=reviewed_by_expert_panel;")
        };
        let entry = annotation(&format, gene, terms);
        let [child, mother, father] = genotypes.map(|genotype| match genotype {
            "0/1" => format!("{genotype}:15,15:30:99"),
            _ => format!("{genotype}:30,0:30:99"),
        });
        body.push(format!(
            "{contig}\t{position}\t.\tC\tT\t800\tPASS\t{known}CSQ={entry}\tGT:AD:DP:GQ\t{child}\t{mother}\t{father}"
        ));
    }
    let contigs = ["chr20", "chrX", "chrY", "chrM"];
    body.sort_by_key(|line| {
        let mut cells = line.split('\t');
        let contig = cells.next().unwrap();
        (contigs.iter().position(|c| *c == contig), cells.next().unwrap().parse::<u32>().unwrap())
    });
    head.into_iter().chain(body).fold(String::new(), |all, line| all + &line + "\n")
}

/// Symbol, mode, tags, mode of pathogenicity.
fn panel(id: u32, genes: &[(&str, &str, &[&str], Value)]) -> Value {
    let genes: Vec<Value> = genes
        .iter()
        .map(|(symbol, mode, tags, pathogenicity)| {
            json!({
                "gene_data": { "gene_symbol": symbol, "alias": [], "biotype": "protein_coding", "ensembl_genes": {} },
                "entity_type": "gene", "entity_name": symbol, "confidence_level": "3", "penetrance": null,
                "mode_of_pathogenicity": pathogenicity, "phenotypes": [], "mode_of_inheritance": mode, "tags": tags,
            })
        })
        .collect();
    json!({ "id": id, "name": format!("Panel {id}"), "version": "1.0", "types": [], "genes": genes, "strs": [], "regions": [] })
}

fn panels(folder: &Path) {
    const MONO: &str = "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted";
    const BI: &str = "BIALLELIC, autosomal or pseudoautosomal";
    const X: &str = "X-LINKED: hemizygous mutation in males, biallelic mutations in females";
    let not_by_loss = json!("Loss-of-function variants DO NOT cause this phenotype");
    let additional = panel(
        399,
        &[
            ("BRCA1", MONO, &["adult-onset"], Value::Null),
            ("MEN1", MONO, &[], Value::Null),
            ("MUTYH", BI, &["adult-onset"], Value::Null),
            ("VHL", MONO, &[], Value::Null),
            ("PCSK9", MONO, &[], not_by_loss),
        ],
    );
    let carrier = panel(
        400,
        &[
            ("CARR1", BI, &[], Value::Null),
            ("CARR2", BI, &[], Value::Null),
            ("CARRX", X, &[], Value::Null),
        ],
    );
    fs::write(folder.join("p399.json"), additional.to_string()).unwrap();
    fs::write(folder.join("p400.json"), carrier.to_string()).unwrap();
}

/// The case: for child, mother, father the answers to additional findings and carrier status, and whether they are adults.
fn case(folder: &Path, people: [(&str, &str, Option<bool>); 3]) -> PathBuf {
    let trio = root().join("test-data/trio");
    fs::write(folder.join("calls.vcf"), calls()).unwrap();
    fs::copy(trio.join("panel.json"), folder.join("panel.json")).unwrap();
    panels(folder);
    let mut text = "[case]\nid = \"C\"\nkind = \"family\"\nassembly = \"GRCh38\"\npanels = [\"panel.json\"]\nvariants = [\"calls.vcf\"]\n\
                    additional_findings = \"p399.json#399\"\ncarrier = \"p400.json\"\n"
        .to_owned();
    for ((role, sample, sex), (secondary, carrier, adult)) in [
        ("proband", "SIMCHILD", "male"),
        ("mother", "SIMMOTHER", "female"),
        ("father", "SIMFATHER", "male"),
    ]
    .into_iter()
    .zip(people)
    {
        let affected = if role == "proband" { "yes" } else { "no" };
        let _ = write!(
            text,
            "[[member]]\nid = \"{sample}\"\nsample = \"{sample}\"\nrole = \"{role}\"\nsex = \"{sex}\"\naffected = \"{affected}\"\n"
        );
        if role == "proband" {
            text.push_str("father = \"SIMFATHER\"\nmother = \"SIMMOTHER\"\n");
        }
        if let Some(adult) = adult {
            let _ = writeln!(text, "adult = {adult}");
        }
        let _ = write!(
            text,
            "[member.consent]\nprimary = true\nsecondary = \"{secondary}\"\ncarrier = \"{carrier}\"\n"
        );
    }
    let path = folder.join("case.toml");
    fs::write(&path, text).unwrap();
    path
}

fn tiered(case: &Path, more: &[&str]) -> (PathBuf, Output) {
    let out = case.with_file_name("out");
    let output = run(tierline()
        .arg("tier")
        .arg(case)
        .args(more)
        .arg("-o")
        .arg(&out)
        .env("RUST_LOG", "trace"));
    (out, output)
}

/// Label, member and gene of every row of `additional.tsv`, with `?` where something is missing.
fn found(out: &Path) -> Vec<String> {
    let text = fs::read_to_string(out.join("additional.tsv")).unwrap();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let column = |name: &str| head.iter().position(|title| *title == name).unwrap();
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('\t').collect();
            let of = |name: &str| cells[column(name)];
            let mark = if of("possible") == "yes" { "?" } else { "" };
            format!("{} {} {}{mark}", of("label"), of("member"), of("gene"))
        })
        .collect()
}

/// All bytes of all outputs, compressed ones unpacked, with what the command printed.
fn everything(out: &Path, output: &Output) -> String {
    let mut all = [output.stdout.clone(), output.stderr.clone()].concat();
    for entry in fs::read_dir(out).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            all.extend(gunzip(&path));
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

const GENES: [&str; 8] = ["BRCA1", "MEN1", "MUTYH", "VHL", "PCSK9", "CARR1", "CARR2", "CARRX"];

#[test]
fn without_consent_no_byte_of_a_finding_is_in_any_output() {
    for answer in ["no", "undefined", "not_applicable"] {
        let folder = scratch();
        let path = case(folder.path(), [(answer, answer, Some(true)); 3]);
        let (out, output) = tiered(&path, &["--set", "additional.loss_of_function=true"]);
        let all = everything(&out, &output);
        for canary in GENES.iter().chain(&[CANARY]) {
            assert!(!all.contains(canary), "{answer}: {canary} in the outputs");
        }
        assert_eq!(found(&out), [""; 0]);
        assert!(all.contains("additional findings not looked for: no consent"), "{all}");
        // The control: where nobody asks for additional findings the rules of the tiers do find the variant.
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("additional_findings", "# additional_findings")).unwrap();
        let (out, output) = tiered(&path, &[]);
        assert!(everything(&out, &output).contains("BRCA1"));
        fs::write(&path, text).unwrap();
        // Nor is anything told to somebody who asks, whether the variant is there or not.
        let ask = |variant: &str| {
            let output = run(tierline().arg("explain").arg(&path).arg("--variant").arg(variant));
            String::from_utf8(output.stdout).unwrap().replace(variant, "V")
        };
        let there = ask("chr20:19876541:C:T");
        assert_eq!(there, ask("chr20:19876441:C:T"), "the same answer");
        assert!(there.contains("nothing is told") && !there.contains("BRCA1"), "{there}");
    }
}

/// A gene of so many variants that not all pairs are judged, which is told; but of this gene nothing may be.
#[test]
fn a_crowded_gene_is_not_named_without_consent() {
    let folder = scratch();
    let path = case(folder.path(), [("no", "no", Some(true)); 3]);
    let calls = folder.path().join("calls.vcf");
    let text = fs::read_to_string(&calls).unwrap();
    let planted = text.lines().find(|line| line.contains("\t19876543\t")).unwrap();
    let quiet = planted.replace("CLNSIG=Pathogenic;", "");
    let (head, genotypes) = quiet.split_at(quiet.find("\tGT:").unwrap());
    assert!(genotypes.len() > 20);
    let crowd = (0..130).fold(String::new(), |mut crowd, i| {
        let record = head.replace("19876543", &(19_876_600 + i).to_string());
        let (mother, father) = if i % 2 == 0 { ("0/1", "0/0") } else { ("0/0", "0/1") };
        let of = |genotype: &str| match genotype {
            "0/1" => "0/1:15,15:30:99",
            _ => "0/0:30,0:30:99",
        };
        let _ = writeln!(
            crowd,
            "{record}\tGT:AD:DP:GQ\t0/1:15,15:30:99\t{}\t{}",
            of(mother),
            of(father)
        );
        crowd
    });
    let last = text.lines().find(|line| line.contains("\t19876549\t")).unwrap();
    fs::write(&calls, text.replace(&format!("{last}\n"), &format!("{last}\n{crowd}"))).unwrap();
    let (out, output) = tiered(&path, &[]);
    let all = everything(&out, &output);
    assert!(all.contains("a gene that is green on no panel has"), "the gap itself is told");
    assert!(!all.contains("MUTYH"), "the gene is not named");
}

#[test]
fn with_consent_each_person_is_told_own_findings_apart_from_tiers() {
    let folder = scratch();
    let path = case(
        folder.path(),
        [("yes", "yes", None), ("yes", "yes", Some(true)), ("yes", "yes", Some(true))],
    );
    let (out, _) = tiered(&path, &[]);
    // The child is not said to be an adult: BRCA1 is not looked at in it.
    assert_eq!(
        found(&out),
        [
            "additional_finding 2 MEN1",
            "carrier_status 2 CARR1",
            "carrier_status_x 2 CARRX",
            "additional_finding 3 MUTYH?",
            "additional_finding 3 MUTYH?",
            "carrier_status 3 CARR1",
        ]
    );
    let tiers = fs::read_to_string(out.join("tiers.tsv")).unwrap();
    assert!(
        ["BRCA1", "MEN1", "MUTYH", "VHL", "PCSK9"].iter().all(|gene| !tiers.contains(gene)),
        "{tiers}"
    );
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Additional findings and carrier status") && !page.contains("BRCA1"));
    // One person's finding holds nobody else's genotype.
    let results: Value =
        serde_json::from_str(&fs::read_to_string(out.join("results.json")).unwrap()).unwrap();
    let first = &results["additional"]["findings"][0];
    assert_eq!((&first["genotype"], first.get("calls")), (&json!("0/1"), None));
}

#[test]
fn an_adult_child_and_loss_of_function_by_policy() {
    let folder = scratch();
    let path = case(
        folder.path(),
        [("yes", "no", Some(true)), ("no", "no", Some(true)), ("yes", "no", None)],
    );
    let (out, output) = tiered(&path, &["--set", "additional.loss_of_function=true"]);
    // The father's MUTYH waits for adulthood; loss does not harm by PCSK9; the mother consented to nothing.
    assert_eq!(found(&out), ["additional_finding 1 BRCA1", "additional_finding 3 VHL"]);
    let all = everything(&out, &output);
    for gene in ["MEN1", "MUTYH", "PCSK9"] {
        assert!(!all.contains(gene), "{gene}");
    }
}

#[test]
fn the_couple_s_carrier_status_needs_both_and_policy_can_tell_each() {
    let folder = scratch();
    let path = case(folder.path(), [("no", "yes", None), ("no", "yes", None), ("no", "no", None)]);
    let (out, _) = tiered(&path, &[]);
    assert_eq!(found(&out), ["carrier_status_x 2 CARRX"]);
    let folder = scratch();
    let path = case(folder.path(), [("no", "no", None), ("no", "yes", None), ("no", "yes", None)]);
    let (out, _) = tiered(&path, &["--set", "additional.both_partners=false"]);
    assert_eq!(
        found(&out),
        [
            "carrier_status 2 CARR1",
            "carrier_status 2 CARR2",
            "carrier_status_x 2 CARRX",
            "carrier_status 3 CARR1"
        ]
    );
}

#[test]
fn the_panel_of_399_is_read_and_policies_without_rules_are_refused() {
    let folder = scratch();
    let path =
        case(folder.path(), [("yes", "no", Some(true)), ("no", "no", None), ("no", "no", None)]);
    if let Some(real) = common::shared_file("panels/panels_522_1141_399.jsonl") {
        let text = fs::read_to_string(&path).unwrap();
        let real = format!("{}#399", real.display());
        fs::write(&path, text.replace("p399.json#399", &real)).unwrap();
        let (out, _) = tiered(&path, &[]);
        assert_eq!(found(&out), ["additional_finding 1 BRCA1"]);
    }
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("assembly", "policy = \"newborn\"\nassembly", 1)).unwrap();
    let output =
        tierline().arg("tier").arg(&path).arg("-o").arg(folder.path().join("x")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no rules for additional findings"));
    let text = text.replace("adult = true", "adult = 40");
    fs::write(&path, text).unwrap();
    let output =
        tierline().arg("tier").arg(&path).arg("-o").arg(folder.path().join("x")).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("`adult` must be true or false"));
}
