//! Small made-up files with something wrong or missing: what tiering makes of them is an error or a reported count, never
//! silence.
#![allow(clippy::unwrap_used, reason = "a test program stops at what it cannot set up")]

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{scratch, tierline};
use serde_json::Value;

const CSQ: &str = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: \
                   Allele|Consequence|SYMBOL|Gene|Feature|BIOTYPE\">";
const RECORD: &str =
    "20\t100\t.\tA\tG\t50\tPASS\tCSQ=G|missense_variant|AAA|ENSG1|ENST1|protein_coding";

/// Runs `tier` on a child with both parents; `header` and `lines` go into the file as they are.
fn tier(folder: &Path, (header, lines): (&str, &[String]), more: &[&str]) -> Output {
    let vcf = format!(
        "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n##FILTER=<ID=PASS,Description=\"ok\">\n{header}\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         ##FORMAT=<ID=DP,Number=1,Type=Integer,Description=\"Depth\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\tF\tM\n{}\n",
        lines.join("\n")
    );
    fs::write(folder.join("in.vcf"), vcf).unwrap();
    fs::write(folder.join("in.ped"), "f\tC\tF\tM\t1\t2\nf\tF\t0\t0\t1\t1\nf\tM\t0\t0\t2\t1\n")
        .unwrap();
    fs::write(folder.join("genes.txt"), "symbol\tmoi\nAAA\tmonoallelic\nZZZ\tbiallelic\n").unwrap();
    tierline()
        .arg("tier")
        .arg(folder.join("in.vcf"))
        .arg("--ped")
        .arg(folder.join("in.ped"))
        .arg("--panel")
        .arg(folder.join("genes.txt"))
        .args(["--assembly", "GRCh37", "--consent", "primary", "--allow-unannotated", "-o"])
        .arg(folder.join("out"))
        .args(more)
        .output()
        .unwrap()
}

fn results(folder: &Path) -> Value {
    let text = fs::read_to_string(folder.join("out/results.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn notices(results: &Value) -> Vec<String> {
    let all = results["notices"].as_array().unwrap().iter();
    all.map(|notice| notice["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn calls_without_depth_and_quality_stay_possible() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT\t0/1\t0/0\t0/0");
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let events = results["candidates"][0]["events"].as_array().unwrap();
    let new = events.iter().find(|event| event["segregation"] == "deNovo").unwrap();
    assert_eq!((&new["possible"], &new["tier"]), (&Value::Bool(true), &"TIER2".into()));
    let missing = new["missing"].to_string();
    for word in ["proband: no genotype quality", "father: no depth", "no share of ALT reads"] {
        assert!(missing.contains(word), "{missing}");
    }
}

#[test]
fn a_consequence_header_without_its_format_is_told() {
    let folder = scratch();
    let bare = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequences\">";
    let line = format!("{RECORD}\tGT:DP\t0/1:30\t0/0:30\t0/0:30");
    let output = tier(folder.path(), (bare, &[line]), &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() {
        let told = notices(&results(folder.path())).join("\n");
        assert!(told.contains("onsequence"), "{told}");
    } else {
        assert!(told.contains("in.vcf") && told.contains("onsequence"), "{told}");
    }
}

#[test]
fn unknown_words_and_genes_are_counted_once() {
    let folder = scratch();
    let line = format!(
        "{RECORD},G|odd_word|AAA|ENSG1|ENST2|protein_coding\tGT:DP\t0/1:30\t0/0:30\t0/0:30"
    );
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let told = notices(&results);
    assert_eq!(told.iter().filter(|text| text.contains("odd_word")).count(), 1, "{told:?}");
    let unseen = results["genes_not_annotated"].to_string();
    assert!(unseen.contains("ZZZ") && !unseen.contains("AAA"), "{unseen}");
}

#[test]
fn entries_of_other_lengths_than_the_header_says_are_counted() {
    let folder = scratch();
    let end = "\tGT:DP\t0/1:30\t0/0:30\t0/0:30";
    let lines = [
        format!("{RECORD}{end}"),
        format!(
            "{}{end}",
            RECORD.replace("\t100\t", "\t200\t").replace("|ENST1|protein_coding", "|ENST1")
        ),
        format!("{}{end}", RECORD.replace("\t100\t", "\t300\t") + "|more"),
    ];
    let output = tier(folder.path(), (CSQ, &lines), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let told = notices(&results).join("\n");
    for count in [5, 7] {
        let text = format!("entry of {count} fields where the header names 6");
        assert!(told.contains(&text), "{told}");
    }
    assert_eq!(results["candidates"].as_array().unwrap().len(), 3, "none is lost");
}

/// Each FORMAT key left out by itself, and all of them.
#[test]
fn calls_without_one_of_the_format_keys_are_never_silently_taken_for_something() {
    let folder = scratch();
    let keys = "##FORMAT=<ID=GQ,Number=1,Type=Integer,Description=\"q\">\n\
                ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"a\">";
    let header = format!("{CSQ}\n{keys}");
    let of = |left_out: &str| {
        let column = |values: [&str; 4]| {
            let pairs = ["GT", "DP", "GQ", "AD"].into_iter().zip(values);
            let kept: Vec<&str> =
                pairs.filter(|(key, _)| *key != left_out).map(|(_, value)| value).collect();
            kept.join(":")
        };
        let format = column(["GT", "DP", "GQ", "AD"]);
        let line = format!(
            "{RECORD}\t{format}\t{}\t{}\t{}",
            column(["0/1", "30", "99", "15,15"]),
            column(["0/0", "30", "99", "30,0"]),
            column(["0/0", "30", "99", "30,0"])
        );
        let output = tier(folder.path(), (&header, &[line]), &[]);
        assert!(output.status.success(), "{left_out}: {output:?}");
        let results = results(folder.path());
        let candidates = results["candidates"].as_array().unwrap().clone();
        let new = candidates.iter().flat_map(|c| c["events"].as_array().unwrap());
        new.filter(|event| event["segregation"] == "deNovo")
            .map(|event| (event["possible"].as_bool().unwrap(), event["missing"].to_string()))
            .next()
    };
    assert_eq!(of(""), Some((false, "[]".to_owned())), "all keys are there");
    for (key, missing) in
        [("DP", "no depth"), ("GQ", "no genotype quality"), ("AD", "no share of ALT reads")]
    {
        let (possible, told) = of(key).unwrap();
        assert!(possible && told.contains(missing), "{key}: {told}");
    }
    // Without genotypes nobody is known to carry it: what stands is possible at most, and says why.
    assert_eq!(of("GT"), None);
    let results = results(folder.path());
    let events = results["candidates"][0]["events"].as_array().unwrap();
    assert!(!events.is_empty());
    for event in events {
        assert_eq!(event["possible"], true, "{event}");
        assert!(event["missing"].to_string().contains("proband: no call"), "{event}");
    }
}

#[test]
fn labels_of_two_callers_that_contradict_leave_it_possible() {
    let folder = scratch();
    let header = format!(
        "{CSQ}\n##INFO=<ID=hiConfDeNovo,Number=.,Type=String,Description=\"x\">\n\
         ##FORMAT=<ID=DN,Number=1,Type=String,Description=\"x\">\n\
         ##FORMAT=<ID=DQ,Number=1,Type=Float,Description=\"x\">"
    );
    let with = |info: &str, label: &str, quality: &str| {
        let line = format!("{RECORD}{info}\tGT:DN:DQ\t0/1:{label}:{quality}\t0/0:.:.\t0/0:.:.");
        let output = tier(folder.path(), (&header, &[line]), &[]);
        assert!(output.status.success(), "{output:?}");
        let results = results(folder.path());
        let candidates = results["candidates"].as_array().unwrap();
        let mut events = candidates.iter().flat_map(|one| one["events"].as_array().unwrap());
        let new = events.find(|event| event["segregation"] == "deNovo");
        new.map(|event| (event["possible"].as_bool().unwrap(), event["missing"].to_string()))
    };
    let gatk = ";hiConfDeNovo=C";
    assert_eq!(with(gatk, "DeNovo", "0.5"), Some((false, "[]".into())), "both say new");
    let (possible, told) = with(gatk, "Inherited", "0.5").unwrap();
    assert!(possible && told.contains("labelled Inherited, but hiConfDeNovo"), "{told}");
    let (possible, told) = with(gatk, ".", "0.001").unwrap();
    assert!(
        possible
            && told.contains("de novo quality of the caller 0.00")
            && told.contains("below 0.02"),
        "{told}"
    );
    assert_eq!(with(gatk, ".", "0.5").map(|found| found.0), Some(false));
    assert_eq!(with("", "DeNovo", "0.001").map(|found| found.0), Some(true), "a label of low DQ");
    assert_eq!(with("", "Inherited", "0.5"), None);
}

#[test]
fn mitochondrial_genomes_are_no_gap_of_nuclear_variants() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT:DP\t0/1:30\t0/0:30\t0/0:30");
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let frequencies = results["candidates"][0]["frequencies"].to_string();
    assert!(!frequencies.contains("mitochondria") && frequencies.contains("gnomAD exomes"));
    let told = notices(&results).join("\n");
    assert!(!told.contains("mitochondrial genomes not assessed"), "{told}");
    let other = scratch();
    let header = format!("{CSQ}\n##contig=<ID=MT,length=16569>");
    let line = format!("MT{}\tGT:DP\t1/1:30\t0/0:30\t1/1:30", &RECORD[2..]);
    assert!(tier(other.path(), (&header, &[line]), &[]).status.success());
    let told = notices(&self::results(other.path())).join("\n");
    assert!(told.contains("mitochondrial genomes not assessed"), "{told}");
    let table = fs::read_to_string(folder.path().join("out/tiers.tsv")).unwrap();
    assert!(!table.contains("mitochondrial genomes not assessed"), "{table}");
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(
        page.contains("gnomAD exomes") && !page.contains("GnomAD"),
        "the name as it is written"
    );
}

#[test]
fn identical_twins_of_a_pedigree_reach_the_models() {
    let folder = scratch();
    let path = |name: &str| folder.path().join(name);
    let vcf = format!(
        "##fileformat=VCFv4.2\n##contig=<ID=20,length=63025520>\n{CSQ}\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tC\tF\tM\tT\n\
         {RECORD};hiConfDeNovo=C\tGT\t0/1\t0/0\t0/0\t0/0\n"
    );
    fs::write(path("in.vcf"), vcf).unwrap();
    fs::write(path("genes.txt"), "symbol\tmoi\nAAA\tmonoallelic\n").unwrap();
    let events = |twin: &str| {
        let ped = format!(
            "f\tC\tF\tM\t1\t2\t{twin}\nf\tT\tF\tM\t1\t2\t{twin}\nf\tF\t0\t0\t1\t1\t0\nf\tM\t0\t0\t2\t1\t0\n"
        );
        fs::write(path("in.ped"), ped).unwrap();
        let output = tierline()
            .arg("tier")
            .arg(path("in.vcf"))
            .arg("--ped")
            .arg(path("in.ped"))
            .args(["--proband", "C", "--panel"])
            .arg(path("genes.txt"))
            .args(["--assembly", "GRCh37", "--consent", "primary", "--allow-unannotated", "-o"])
            .arg(path("out"))
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let results = results(folder.path());
        let candidates = results["candidates"].as_array().unwrap().clone();
        let all = candidates.iter().flat_map(|c| c["events"].as_array().unwrap().clone());
        (all.collect::<Vec<Value>>(), results["case"]["members"].to_string())
    };
    let (found, _) = events("0");
    assert!(found.is_empty(), "an affected brother lacks it: {found:?}");
    let (found, members) = events("MZ1");
    let new = found.iter().find(|event| event["segregation"] == "deNovo").unwrap();
    assert_eq!(new["possible"], true);
    let told = new["missing"].to_string();
    assert!(told.contains("absent, but its identical twin, proband, is heterozygous"), "{told}");
    assert!(members.contains("\"identical_twin_of\":[2]"), "{members}");
}

#[test]
fn a_homozygous_child_of_one_carrier_is_named() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT:DP\t1/1:30\t0/1:30\t0/0:30");
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(output.status.success(), "{output:?}");
    let results = results(folder.path());
    let events = results["candidates"][0]["events"].as_array().unwrap();
    let words: Vec<&str> = events.iter().map(|e| e["segregation"].as_str().unwrap()).collect();
    assert!(!words.contains(&"deNovo") && words.contains(&"UniparentalIsodisomy"), "{words:?}");
    let told = events[0]["reasons"].to_string();
    assert!(told.contains("possible uniparental isodisomy"), "{told}");
}

#[test]
fn gatk_s_labels_reach_the_model() {
    let folder = scratch();
    let header = format!(
        "{CSQ}\n##INFO=<ID=hiConfDeNovo,Number=.,Type=String,Description=\"x\">\n\
         ##INFO=<ID=loConfDeNovo,Number=.,Type=String,Description=\"x\">"
    );
    let with = |label: &str| {
        let line = format!("{RECORD};{label}=C\tGT\t0/1\t0/0\t0/0");
        let output = tier(folder.path(), (&header, &[line]), &[]);
        assert!(output.status.success(), "{output:?}");
        let results = results(folder.path());
        let events = results["candidates"][0]["events"].as_array().unwrap().clone();
        let new = events.into_iter().find(|event| event["segregation"] == "deNovo").unwrap();
        (new["possible"].as_bool().unwrap(), new["tier"].as_str().unwrap().to_owned())
    };
    assert_eq!(with("hiConfDeNovo"), (false, "TIER1".to_owned()));
    assert_eq!(with("loConfDeNovo"), (true, "TIER2".to_owned()));
}

#[test]
fn a_pedigree_that_contradicts_itself_is_refused() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT\t0/1\t0/0\t0/0");
    let first = tier(folder.path(), (CSQ, &[line]), &[]);
    assert!(first.status.success(), "{first:?}");
    for (ped, word) in [
        ("f\tC\tF\tM\t1\t2\nf\tF\t0\t0\t2\t1\nf\tM\t0\t0\t2\t1\n", "father"),
        ("f\tC\tF\tM\t1\t2\nf\tF\tC\t0\t1\t1\nf\tM\t0\t0\t2\t1\n", "circle"),
    ] {
        fs::write(folder.path().join("in.ped"), ped).unwrap();
        let output = tierline()
            .arg("tier")
            .arg(folder.path().join("in.vcf"))
            .arg("--ped")
            .arg(folder.path().join("in.ped"))
            .args(["--assembly", "GRCh37", "--consent", "primary", "--allow-unannotated", "-o"])
            .arg(folder.path().join("other"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(word), "{told}");
    }
}

#[test]
fn a_genotype_of_an_allele_that_the_record_lacks_is_an_error() {
    let folder = scratch();
    let line = format!("{RECORD}\tGT:DP\t0/2:30\t0/0:30\t0/0:30");
    let output = tier(folder.path(), (CSQ, &[line]), &[]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{told}");
    assert!(told.contains("GT \"0/2\" names an allele that the record does not have"), "{told}");
    assert!(
        told.contains("(20:100)") && !folder.path().join("out/results.json").exists(),
        "{told}"
    );
}

#[test]
fn what_files_do_not_say_is_counted() {
    let told = |header: &str, line: &str, panel: Option<&str>| {
        let folder = scratch();
        let list = folder.path().join("panel.json");
        if let Some(text) = panel {
            fs::write(&list, text).unwrap();
        }
        let more = ["--panel", list.to_str().unwrap()];
        let more = if panel.is_some() { &more[..] } else { &[] };
        let output = tier(folder.path(), (header, &[line.to_owned()]), more);
        assert!(output.status.success(), "{output:?}");
        let results = results(folder.path());
        let all = results["notices"].as_array().unwrap();
        let one = |n: &Value| format!("{} {}", n["count"], n["text"].as_str().unwrap());
        all.iter().map(one).collect::<Vec<_>>().join("\n")
    };
    let words =
        told(CSQ, &format!("{RECORD}\tGT:DP:AD:GQ\t0/1:x:1,y:9\t0/0:30:.:9\t0/0:30:5,.:q"), None);
    assert!(words.contains("3 depths or qualities (DP, AD, GQ)"), "{words}");
    let none = told(CSQ, &format!("{RECORD}\tDP\t30\t30\t30"), None);
    assert!(none.contains("1 kept variants have no genotype (GT) of any member"), "{none}");
    let fine = told(CSQ, &format!("{RECORD}\tGT:DP\t0/1:30\t0/0:30\t0/0:30"), None);
    for word in
        ["no numbers", "no genotype", "stands twice", "which ALT", "biotype", "none of PanelApp's"]
    {
        assert!(!fine.contains(word), "{fine}");
    }
    let line = format!("{RECORD}\tGT:DP\t0/1:30\t0/0:30\t0/0:30");
    for (from, to, word) in [
        ("Feature|BIOTYPE", "Feature|SYMBOL", "the field SYMBOL stands twice in the header"),
        ("Allele|", "Alele|", "no field says which ALT an entry speaks of"),
        ("|BIOTYPE", "|KIND", "no field says the biotype"),
    ] {
        let gap = told(&CSQ.replace(from, to), &line, None);
        assert!(gap.contains(word), "{word}: {gap}");
    }
    let panel = "{\"id\":1,\"name\":\"P\",\"version\":\"1\",\"genes\":[{\"entity_name\":\"AAA\",\"confidence_level\":\"3\",\
                 \"mode_of_inheritance\":\"DOMINANT\",\"gene_data\":{\"gene_symbol\":\"AAA\"}}]}";
    let modes = told(CSQ, &line, Some(panel));
    assert!(modes.contains("a mode of inheritance that is none of PanelApp's"), "{modes}");
}
