//! BCF that this program writes: `bcftools` reads from it what it reads from the same records as VCF.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip, oracle, root, run, scratch, shared, stdout_of, tierline};
use tierline::io::variants::{OutputForm, VariantFile, VariantWriter};
use tierline::model::problem::Problem;

/// Every record of a file in another form.
fn rewrite(path: &Path, form: OutputForm, target: &Path) -> Result<(), Problem> {
    let file = VariantFile::open(path)?;
    let header = file.header();
    let text = header.to_text(&[], &header.samples);
    let mut writer = VariantWriter::create(target, form, &text)?;
    let bytes = gunzip(path);
    for line in bytes.split(|&b| b == b'\n').filter(|l| !l.is_empty() && l[0] != b'#') {
        writer.write_line(line.strip_suffix(b"\r").unwrap_or(line))?;
    }
    writer.finish()
}

/// Bodies as bcftools prints them.
fn body(bcftools: &Path, path: &Path) -> String {
    stdout_of(Command::new(bcftools).args(["view", "-H"]).arg(path))
}

fn variant_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() {
            variant_files(&path, found);
        } else if [".vcf", ".vcf.gz"].iter().any(|end| name.ends_with(end)) {
            found.push(path);
        }
    }
}

#[test]
fn every_real_file_is_the_same_as_bcf() {
    let (Some(bcftools), Some(shared)) = (oracle("bcftools"), shared()) else { return };
    let mut files = Vec::new();
    variant_files(&shared.join("data/variants"), &mut files);
    files.sort_unstable();
    assert!(files.len() > 10, "{files:?}");
    let folder = scratch();
    let (mut same, mut refused) = (0, BTreeSet::new());
    for path in files {
        let shown = path.display();
        let expected = body(&bcftools, &path);
        for (form, name) in [(OutputForm::BcfGz, "x.bcf"), (OutputForm::Bcf, "y.bcf")] {
            let target = folder.path().join(name);
            match rewrite(&path, form, &target) {
                Ok(()) => {
                    let found = body(&bcftools, &target);
                    let pairs = found.lines().zip(expected.lines());
                    for (found, expected) in pairs {
                        assert_eq!(found, expected, "{shown}");
                    }
                    assert_eq!(found.lines().count(), expected.lines().count(), "{shown}");
                    same += 1;
                }
                Err(problem) => {
                    // Headers that miss a line, or call a field of fractions whole: bcftools would cut 2.444 to 2.
                    let message = &problem.message;
                    let known = ["the header does not describe", "is no whole number"];
                    assert!(known.iter().any(|what| message.contains(what)), "{problem}");
                    refused.insert(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }
    let expected = [
        "643594.clinical.str.stranger.vcf.gz",
        "643594.clinical.vcf.gz",
        "vep97_annotated_clnsig_conservation_revel.vcf",
    ];
    assert!(same > 20 && refused.iter().eq(&expected), "{same} the same; refused: {refused:#?}");
}

#[test]
fn filter_writes_the_same_records_in_every_form() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let calls = folder.path().join("bulk.vcf.gz");
    run(tierline()
        .args(["simulate", "calls", "--contigs", "chr21,chrX", "-n", "20K", "-o"])
        .arg(&calls));
    for calls in [calls, root().join("test-data/trio/trio.vcf.gz")] {
        let filter = |letter: &str, input: &Path| {
            let out = folder.path().join(format!("kept.{letter}"));
            run(tierline().args(["filter", "-O", letter, "-o"]).arg(&out).arg(input));
            out
        };
        let text = filter("v", &calls);
        let expected = body(&bcftools, &text);
        assert!(expected.lines().count() > 10);
        for letter in ["z", "b", "u"] {
            let out = filter(letter, &calls);
            assert_eq!(body(&bcftools, &out), expected, "-O {letter}");
            let again = filter("v", &out);
            assert_eq!(body(&bcftools, &again), expected, "-O {letter} read again");
        }
        let indexed = folder.path().join("kept.b");
        let first = expected.lines().next().unwrap();
        let columns: Vec<&str> = first.split('\t').collect();
        let region = format!("{0}:{1}-{1}", columns[0], columns[1]);
        let found =
            stdout_of(Command::new(&bcftools).args(["view", "-H", "-r", &region]).arg(indexed));
        assert_eq!(found.lines().next(), Some(first), "through the .csi");
    }
}

#[test]
fn what_bcf_cannot_hold_is_refused_by_name_and_leaves_nothing() {
    let folder = scratch();
    let head = "##fileformat=VCFv4.2\n##contig=<ID=1>\n##INFO=<ID=N,Number=1,Type=Integer,Description=\"n\">\n\
        ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n";
    for (line, told) in [
        ("1\t5\t.\tA\tC\t.\t.\tM=1\tGT\t0/1", "INFO key \"M\""),
        ("1\t5\t.\tA\tC\t.\tLow\t.\tGT\t0/1", "FILTER \"Low\""),
        ("2\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1", "contig \"2\""),
        ("1\t5\t.\tA\tC\t.\t.\t.\tGT:DP\t0/1:3", "FORMAT key \"DP\""),
        ("1\t5\t.\tA\tC\t.\t.\tN=1.5\tGT\t0/1", "\"1.5\" is no whole number"),
        ("1\t5\t.\tA\tC\t.\t.\tN=2147483648\tGT\t0/1", "\"2147483648\" is no whole number"),
        ("1\t5\t.\tA\tC\tx\t.\t.\tGT\t0/1", "\"x\" is no number"),
        ("1\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/1", "2 sample columns"),
    ] {
        let target = folder.path().join("x.bcf");
        let mut writer = VariantWriter::create(&target, OutputForm::BcfGz, head).unwrap();
        writer.write_line(b"1\t4\t.\tA\tC\t.\tPASS\tN=7\tGT\t0|1").unwrap();
        let problem = writer.write_line(line.as_bytes()).unwrap_err().to_string();
        assert!(problem.contains(told), "{problem}");
        drop(writer);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn odd_values_keep_their_meaning() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let long = "ACGT".repeat(30);
    let text = format!(
        "##fileformat=VCFv4.2\n##contig=<ID=1>\n##contig=<ID=2>\n\
         ##FILTER=<ID=Low,Description=\"l, with <comma>\">\n\
         ##INFO=<ID=N,Number=.,Type=Integer,Description=\"n\">\n\
         ##INFO=<ID=F,Number=.,Type=Float,Description=\"f\">\n\
         ##INFO=<ID=S,Number=.,Type=String,Description=\"s\">\n\
         ##INFO=<ID=Y,Number=0,Type=Flag,Description=\"y\">\n\
         ##INFO=<ID=END,Number=1,Type=Integer,Description=\"e\">\n\
         ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"g\">\n\
         ##FORMAT=<ID=AD,Number=R,Type=Integer,Description=\"a\">\n\
         ##FORMAT=<ID=Q,Number=1,Type=Float,Description=\"q\">\n\
         ##FORMAT=<ID=T,Number=1,Type=String,Description=\"t\">\n\
         #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\tC\n\
         1\t1\t.\tA\t.\t.\t.\t.\tGT\t./.\t.\t0\n\
         1\t5\ta;b\t{long}\tC,<DEL>,*\t3.25\tLow;PASS\tN=1,.,-120,-121;F=1e-30,.,0.1,nan;S=.;Y\tGT:AD:Q:T\t0|1:1,2:0.5:xy\t1/2/3:.:.:.\t3:127,128,-129\n\
         1\t9\t.\tN\t<NON_REF>\t0\tPASS\tEND=2000;N=32767,40000,2147483647;S={long},z%3Dx\tGT:T:AD\t.|1:{long}:70000\t1|.:a\t0/0\n\
         2\t1\t.\ta\tt\t1e10\tPASS\tY;F=.;N=.\tGT\t63/64\t200|0\t0/1\n"
    );
    let source = folder.path().join("s.vcf");
    fs::write(&source, text).unwrap();
    let expected = body(&bcftools, &source);
    for (form, name) in [(OutputForm::BcfGz, "x.bcf"), (OutputForm::Bcf, "y.bcf")] {
        let target = folder.path().join(name);
        rewrite(&source, form, &target).unwrap();
        assert_eq!(body(&bcftools, &target), expected);
        let own = folder.path().join("kept.vcf");
        run(tierline()
            .args(["filter", "-Ov", "--allow-unannotated", "--assembly", "GRCh38", "-o"])
            .arg(&own)
            .arg(&target));
    }
    assert!(folder.path().join("x.bcf.csi").exists());
}
