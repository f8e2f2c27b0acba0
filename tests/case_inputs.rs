//! Case folders: good ones open, bad ones are refused before work starts, with all faults together.
#![allow(clippy::unwrap_used, reason = "a test folder that cannot be made stops the test")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use common::{oracle, run, scratch, shared, tierline};

/// Toy contigs of no known build, so that files are small.
const VCF: &str = "##fileformat=VCFv4.2\n##contig=<ID=toy,length=60>\n\
    ##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: \
    Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|HGVSc|HGVSp\">\n\
    ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\tS3\n";

const PANEL: &str = r#"{"id":1,"name":"Toy","version":"1.0","types":[{"slug":"gms-signed-off"}],"genes":[
    {"gene_data":{"ensembl_genes":{"GRch38":{"90":{"ensembl_id":"ENSG1"}}}},"entity_name":"AAA","confidence_level":"3"}]}"#;

/// A trio without alignments: case.toml, trio.vcf, panel.json.
fn folder() -> tempfile::TempDir {
    let folder = scratch();
    let mut case =
        "[case]\nid = \"T\"\nkind = \"family\"\nassembly = \"GRCh38\"\npanels = [\"panel.json\"]\n\
                    variants = [\"trio.vcf\"]\n"
            .to_owned();
    for (i, role) in ["proband", "mother", "father"].iter().enumerate() {
        let i = i + 1;
        let _ = write!(
            case,
            "[[member]]\nid = \"P{i}\"\nsample = \"S{i}\"\nrole = \"{role}\"\n[member.consent]\nprimary = true\n"
        );
    }
    fs::write(folder.path().join("case.toml"), case).unwrap();
    fs::write(folder.path().join("trio.vcf"), VCF).unwrap();
    fs::write(folder.path().join("panel.json"), PANEL).unwrap();
    folder
}

/// Replaces a text in a file of the folder, which must hold it.
fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} holds no {from:?}");
    fs::write(path, text.replace(from, to)).unwrap();
}

fn check(folder: &Path, more: &[&str]) -> Output {
    tierline().args(["case", "check"]).arg(folder.join("case.toml")).args(more).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The check fails with this exit code, and says all of these.
fn refused(folder: &Path, code: i32, expected: &[&str]) {
    let output = check(folder, &["--allow-unannotated"]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{told}");
    assert!(output.stdout.is_empty());
    for part in expected {
        assert!(told.contains(part), "{part:?} is not in:\n{told}");
    }
}

#[test]
fn a_good_case_is_ok_and_says_what_is_not_assessed() {
    let folder = folder();
    let output = check(folder.path(), &["--allow-unannotated"]);
    let told = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(told.starts_with("ok\nkind\tfamily\nassembly\tGRCh38\nmember 1\tproband\t"), "{told}");
    assert!(told.contains("notice\tnot-assessed\t") && told.contains("gnomAD exomes not assessed"));
    for name in ["P1", "S1", "S2", "\"T\""] {
        assert!(!told.contains(name), "{name} is an identifier:\n{told}");
    }
}

#[test]
fn missing_frequencies_and_consequences_are_refused_unless_allowed() {
    let folder = folder();
    let output = check(folder.path(), &[]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(65));
    assert!(
        told.contains("no population frequencies of gnomAD")
            && told.contains("--allow-unannotated")
    );
    change(folder.path(), "trio.vcf", "ID=CSQ", "ID=OTHER");
    change(folder.path(), "trio.vcf", "Format: ", "");
    let told = text(&check(folder.path(), &[]).stderr);
    assert!(told.contains("no consequence annotation"), "{told}");
}

#[test]
fn present_frequencies_satisfy_the_policy() {
    let add = |folder: &Path, fields: &[String]| {
        change(folder, "trio.vcf", "|HGVSp", &format!("|HGVSp|{}", fields.join("|")));
    };
    let named = |dataset: &str, populations: &[&str]| -> Vec<String> {
        populations.iter().map(|population| format!("{dataset}_{population}_AF")).collect()
    };
    let whole = folder();
    let mut fields = named("gnomADe", &["AMR", "ASJ", "EAS", "FIN", "NFE", "SAS"]);
    let genomes = ["AFR", "AMR", "FIN", "NFE", "EAS", "SAS", "ASJ", "AMI", "MID"];
    fields.extend(named("gnomADg", &genomes));
    add(whole.path(), &fields);
    let output = check(whole.path(), &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    // One population missing of one dataset: told by name, and refused unless allowed.
    let part = folder();
    fields.retain(|field| field != "gnomADe_ASJ_AF");
    add(part.path(), &fields);
    let output = check(part.path(), &[]);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(65), "{told}");
    assert!(told.contains("no population frequencies of gnomAD exomes for ASJ,"), "{told}");
    let output = check(part.path(), &["--allow-unannotated"]);
    let told = text(&output.stdout);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(told.contains("gnomAD exomes not assessed: no field for ASJ"), "{told}");
}

#[test]
fn bad_folders_are_refused_with_place_and_fix() {
    let with = |edit: &dyn Fn(&Path), code: i32, expected: &[&str]| {
        let folder = folder();
        edit(folder.path());
        refused(folder.path(), code, expected);
    };
    with(&|f| fs::remove_file(f.join("trio.vcf")).unwrap(), 66, &["trio.vcf: cannot read"]);
    with(&|f| fs::remove_file(f.join("panel.json")).unwrap(), 66, &["panel.json: cannot read"]);
    with(&|f| fs::remove_file(f.join("case.toml")).unwrap(), 66, &["case.toml: cannot read"]);
    with(
        &|f| fs::write(f.join("panel.json"), "<html>").unwrap(),
        65,
        &["panel.json: an HTML page"],
    );
    with(&|f| fs::write(f.join("trio.vcf"), "").unwrap(), 65, &["trio.vcf: the file is empty"]);
    with(&|f| fs::write(f.join("trio.vcf"), "hello\n").unwrap(), 65, &["trio.vcf"]);
    with(
        &|f| change(f, "trio.vcf", "\tS2\t", "\tSX2\t"),
        65,
        &["trio.vcf: member 2 (mother): no column", "sample column 2"],
    );
    with(
        &|f| change(f, "trio.vcf", "S1\tS2\tS3", "A\tB\tC"),
        65,
        &["none of the 3 columns is a sample"],
    );
    with(
        &|f| change(f, "case.toml", "[\"trio.vcf\"]", "[\"trio.vcf\"]\nreference = \"none.fa\""),
        66,
        &["none.fa"],
    );
    with(
        &|f| change(f, "case.toml", "[\"trio.vcf\"]", "[\"trio.vcf\"]\nregions = \".\""),
        66,
        &["not a regular file"],
    );
    with(
        &|f| change(f, "trio.vcf", "ID=toy,length=60", "ID=20,length=63025520"),
        65,
        &["trio.vcf: of GRCh37", "the case says GRCh38"],
    );
    with(
        &|f| {
            change(
                f,
                "case.toml",
                "role = \"mother\"",
                "role = \"mother\"\nalignment = \"trio.vcf\"",
            );
        },
        65,
        &["trio.vcf: VCF text, not BAM or CRAM"],
    );
}

#[test]
fn faults_of_all_inputs_come_together() {
    let folder = folder();
    change(folder.path(), "case.toml", "panel.json", "none.json");
    change(
        folder.path(),
        "case.toml",
        "role = \"father\"",
        "role = \"father\"\nalignment = \"none.bam\"",
    );
    change(folder.path(), "trio.vcf", "\tS2\t", "\tX\t");
    refused(folder.path(), 66, &["none.json", "none.bam", "member 2 (mother): no column"]);
}

/// Two small alignments and a reference made by samtools, added to the trio.
fn with_alignments() -> Option<tempfile::TempDir> {
    let samtools = oracle("samtools")?;
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("ref.fa"), format!(">toy\n{}\n", "ACGTAC".repeat(10))).unwrap();
    run(std::process::Command::new(&samtools).arg("faidx").arg(at("ref.fa")));
    for (name, sample) in [("a", "S1"), ("b", "S2")] {
        // MD5 of ACGTAC ten times.
        let sam = format!(
            "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:toy\tLN:60\tM5:{}\n@RG\tID:g\tSM:{sample}\n\
             r1\t0\ttoy\t1\t60\t6M\t*\t0\t0\tACGTAC\tIIIIII\tRG:Z:g\n",
            "MD5SUM"
        );
        let sum = stdout_md5(&samtools, &at("ref.fa"));
        fs::write(at("x.sam"), sam.replace("MD5SUM", &sum)).unwrap();
        let bam = at(&format!("{name}.bam"));
        run(std::process::Command::new(&samtools)
            .args(["view", "-b", "-o"])
            .arg(&bam)
            .arg(at("x.sam")));
        run(std::process::Command::new(&samtools).arg("index").arg(&bam));
    }
    change(folder.path(), "case.toml", "variants =", "reference = \"ref.fa\"\nvariants =");
    change(folder.path(), "case.toml", "\"proband\"", "\"proband\"\nalignment = \"a.bam\"");
    change(folder.path(), "case.toml", "\"mother\"", "\"mother\"\nalignment = \"b.bam\"");
    Some(folder)
}

/// The sum that samtools itself states for the reference.
fn stdout_md5(samtools: &Path, reference: &Path) -> String {
    let output = run(std::process::Command::new(samtools).arg("dict").arg(reference));
    let text = text(&output.stdout);
    let sum = text.split('\t').find_map(|field| field.strip_prefix("M5:")).unwrap();
    sum.trim().to_owned()
}

#[test]
fn alignments_are_checked_for_wholeness_index_sample_and_sequence() {
    let Some(good) = with_alignments() else { return };
    let output = check(good.path(), &["--allow-unannotated"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let told = text(&output.stdout);
    assert_eq!(told.matches("\talignment\t").count(), 2, "{told}");
    let with = |edit: &dyn Fn(&Path), code: i32, expected: &[&str]| {
        let Some(folder) = with_alignments() else { return };
        edit(folder.path());
        refused(folder.path(), code, expected);
    };
    with(
        &|f| fs::remove_file(f.join("a.bam.bai")).unwrap(),
        66,
        &["a.bam: no index beside it", "samtools index"],
    );
    with(&|f| fs::remove_file(f.join("ref.fa.fai")).unwrap(), 66, &["ref.fa", "samtools faidx"]);
    with(
        &|f| {
            let bytes = fs::read(f.join("a.bam")).unwrap();
            fs::write(f.join("a.bam"), &bytes[..bytes.len() - 28]).unwrap();
        },
        65,
        &["a.bam: cut off: no end marker"],
    );
    with(
        &|f| fs::write(f.join("a.bam.bai"), b"BAI\x01\x09\0\0\0").unwrap(),
        65,
        &["a.bam.bai: the index is damaged"],
    );
    with(
        &|f| fs::write(f.join("a.bam.bai"), b"junk").unwrap(),
        65,
        &["neither a BAI nor a CSI index"],
    );
    with(
        &|f| {
            fs::rename(f.join("a.bam"), f.join("c.bam")).unwrap();
            fs::rename(f.join("b.bam"), f.join("a.bam")).unwrap();
            fs::rename(f.join("c.bam"), f.join("b.bam")).unwrap();
        },
        65,
        &["a.bam: @RG SM is not the `sample` of member 1 (proband)", "member 2 (mother)"],
    );
    with(
        &|f| change(f, "ref.fa", "ACGTAC", "ACGTAA"),
        65,
        &["contig toy: M5", "but the reference's sequence has"],
    );
    with(
        &|f| change(f, "trio.vcf", "length=60", "length=61"),
        65,
        &["contig toy: 61 bp, but toy is 60 bp"],
    );
    with(
        &|f| fs::write(f.join("a.bam"), fs::read(f.join("ref.fa")).unwrap()).unwrap(),
        65,
        &["a.bam: FASTA text"],
    );
}

#[test]
#[cfg(feature = "cram")]
fn a_cram_is_known_by_its_bytes_and_needs_its_reference() {
    let (Some(folder), Some(samtools)) = (with_alignments(), oracle("samtools")) else { return };
    let at = |name: &str| folder.path().join(name);
    let cram = at("c.bin");
    let mut command = std::process::Command::new(&samtools);
    command.args(["view", "-C", "-T"]).arg(at("ref.fa")).arg("-o").arg(&cram).arg(at("a.bam"));
    run(&mut command);
    change(folder.path(), "case.toml", "a.bam", "c.bin");
    refused(folder.path(), 66, &["c.bin: no index beside it"]);
    run(std::process::Command::new(&samtools).arg("index").arg(&cram));
    let output = check(folder.path(), &["--allow-unannotated"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    change(folder.path(), "case.toml", "reference = \"ref.fa\"\n", "");
    refused(folder.path(), 66, &["c.bin: a CRAM needs the reference"]);
    let bytes = fs::read(&cram).unwrap();
    fs::write(&cram, &bytes[..bytes.len() - 38]).unwrap();
    refused(folder.path(), 65, &["c.bin: cut off: no end marker"]);
}

#[test]
fn real_files_of_another_build_are_refused() {
    let Some(shared) = shared() else { return };
    let data = shared.join("data");
    let folder = folder();
    let bam = data.join("reads/na12878_chr20_10.0-10.1Mb_hg19.bam");
    change(
        folder.path(),
        "case.toml",
        "\"proband\"",
        &format!("\"proband\"\nalignment = \"{}\"", bam.display()),
    );
    refused(folder.path(), 65, &["of GRCh37", "@RG SM is not the `sample` of member 1 (proband)"]);
}

#[test]
fn show_prints_members_and_consent_without_identifiers() {
    let folder = folder();
    change(folder.path(), "case.toml", "role = \"father\"", "role = \"father\"\naffected = \"no\"");
    let output =
        tierline().args(["case", "show"]).arg(folder.path().join("case.toml")).output().unwrap();
    let told = text(&output.stdout);
    assert!(told.contains("1\tproband\tUnknown\tYes\t3\t2\t-\t0\tAllowed\tno\tno\tno"), "{told}");
    assert!(!told.contains("P1") && !told.contains("S1"));
}
