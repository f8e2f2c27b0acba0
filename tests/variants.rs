//! Variant files as `bcftools` reads them: real data against an independent program.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{oracle, run, scratch, shared_file, stdout_of};
use tierline::exec::stream::for_each_stretch;
use tierline::io::fasta::Fasta;
use tierline::io::variants::{
    ChunkReader, Layout, Lines, Loader, RawRecord, VariantFile, Wanted, alternates,
};
use tierline::model::candidate::{Annotated, Part};
use tierline::model::contig::ContigTable;
use tierline::model::genotype::{Allele, Genotype};
use tierline::model::problem::Problem;
use tierline::model::sample::MemberId;

/// Small and middling real files, by path below `data/`.
const FILES: &[&str] = &[
    "variants/ashk-trio-b37/ashk-trio.vcf.gz",
    "variants/ashk-trio-grch38/Ashkenazim.vcf.gz",
    "variants/ashk-trio-grch38/NA24143.g.vcf.gz",
    "variants/clinic-trio-b37/643594.clinical.vcf.gz",
    "variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz",
    "variants/vep/na18566.chr21.vep111.vcf.gz",
    "variants/vep/golden115/golden.vcf",
    "variants/vep/hcc1395.tn.vep86.vcf.gz",
    "somatic/callers-grch38/tumor_5_vs_normal_5.muse_VEP.ann.vcf.gz",
    "somatic/callers-grch38/tumor_5_vs_normal_5.strelka.somatic_indels_VEP.ann.vcf.gz",
];

/// A file with a layout for all its samples, each its own member.
struct Opened {
    file: VariantFile,
    layout: Layout,
}

fn open(path: &Path, populations: &[Vec<String>]) -> Opened {
    let file = VariantFile::open(path).unwrap();
    let header = file.header();
    let mut contigs = ContigTable::new();
    for contig in &header.contigs {
        contigs.add(&contig.name, contig.length).unwrap();
    }
    for name in (1..=22).map(|n| n.to_string()).chain(["X", "Y", "MT"].map(str::to_owned)) {
        contigs.add(&name, None).unwrap();
    }
    let samples: Vec<(String, MemberId)> = header
        .samples
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), MemberId(i as u16)))
        .collect();
    let wanted = Wanted {
        contigs: &contigs,
        members: samples.len(),
        samples: &samples,
        populations,
        annotations: &[],
        file: 0,
    };
    let layout = Layout::new(file.name(), header, &wanted).unwrap();
    Opened { file, layout }
}

/// Calls `each` for every record, in order.
fn records(
    file: &VariantFile,
    mut each: impl FnMut(&RawRecord) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        while let Some(record) = lines.next() {
            each(&record?)?;
        }
    }
    Ok(())
}

/// Calls `each` for every ALT that is a variant.
fn variants(
    opened: &Opened,
    fasta: Option<&std::sync::Arc<Fasta>>,
    parts: &[Part],
    mut each: impl FnMut(&RawRecord, &Annotated),
) -> Result<(), Problem> {
    let reference = fasta
        .map(|fasta| std::sync::Arc::clone(fasta).with_contigs(opened.layout.contigs()).reader());
    let mut loader = Loader::new(&opened.layout, reference);
    let mut out = loader.annotated();
    records(&opened.file, |record| {
        for number in alternates(record) {
            for &part in parts {
                loader.load(record, part, number, &mut out)?;
            }
            each(record, &out);
        }
        Ok(())
    })
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn bcftools(arguments: &[&str], file: &Path) -> Option<String> {
    let program = oracle("bcftools")?;
    Some(stdout_of(Command::new(program).args(arguments).arg(file)))
}

fn fixed_columns(path: &Path) -> String {
    let file = VariantFile::open(path).unwrap();
    let mut dump = String::new();
    records(&file, |r| {
        let columns = [r.contig(), r.id(), r.reference(), r.alternates_text(), r.filter()];
        write!(dump, "{}", r.position()).unwrap();
        for column in columns {
            write!(dump, "\t{}", text(column)).unwrap();
        }
        dump.push('\n');
        Ok(())
    })
    .unwrap();
    dump
}

#[test]
fn records_are_those_of_bcftools_in_every_container() {
    for name in FILES {
        let Some(path) = shared_file(name) else { return };
        let format = "%POS\t%CHROM\t%ID\t%REF\t%ALT\t%FILTER\n";
        let Some(expected) = bcftools(&["query", "-f", format], &path) else { return };
        assert!(fixed_columns(&path) == expected, "{name}");
        let folder = scratch();
        for kind in ["v", "z", "u", "b"] {
            let copy: PathBuf = folder.path().join(format!("copy.{kind}"));
            bcftools(&["view", "-O", kind, "-o", copy.to_str().unwrap()], &path).unwrap();
            assert!(fixed_columns(&copy) == expected, "{name} as -O{kind}");
        }
        let plain = common::gunzip(&path);
        let gzip = folder.path().join("copy.gzip");
        let mut encoder = flate2::write::GzEncoder::new(
            std::fs::File::create(&gzip).unwrap(),
            flate2::Compression::fast(),
        );
        std::io::Write::write_all(&mut encoder, &plain).unwrap();
        encoder.finish().unwrap();
        assert!(fixed_columns(&gzip) == expected, "{name} as plain gzip");
    }
}

fn shown(genotype: &Genotype, number: u16) -> String {
    if genotype.alleles.is_empty() {
        return ".".into();
    }
    let alleles: Vec<String> = genotype
        .alleles
        .iter()
        .map(|allele| match allele {
            Allele::Missing => ".".into(),
            Allele::Reference => "0".into(),
            Allele::Alternate => number.to_string(),
            Allele::Other => "x".into(),
        })
        .collect();
    alleles.join(if genotype.phased { "|" } else { "/" })
}

/// The genotype as `bcftools` prints it, with other ALTs as `x` and phase left out.
fn expected_genotype(gt: &str, number: &str) -> String {
    let alleles: Vec<&str> = gt
        .split(['/', '|'])
        .map(|allele| if allele == "0" || allele == "." || allele == number { allele } else { "x" })
        .collect();
    alleles.join("/")
}

/// The alleles of a genotype in sorted order: physical phase may turn 0/1 into 1|0.
fn sorted(genotype: &str) -> String {
    let mut alleles: Vec<&str> = genotype.split(['/', '|']).collect();
    alleles.sort_unstable();
    alleles.join("/")
}

#[test]
fn genotypes_are_those_of_bcftools() {
    for name in &FILES[..8] {
        let Some(path) = shared_file(name) else { return };
        let Some(expected) = bcftools(&["query", "-f", "[%GT,]\n"], &path) else { return };
        let mut rows = expected.lines();
        let opened = open(&path, &[]);
        let mut loader = Loader::new(&opened.layout, None);
        let mut variant = loader.annotated();
        let mut compared = 0;
        records(&opened.file, |record| {
            let row = rows.next().unwrap().trim_end_matches(',');
            for number in alternates(record) {
                loader.load(record, Part::Site, number, &mut variant)?;
                loader.load(record, Part::Calls, number, &mut variant)?;
                for (call, gt) in variant.calls.iter().zip(row.split(',')) {
                    let found = sorted(&shown(&call.genotype, number as u16));
                    let wanted = sorted(&expected_genotype(gt, &number.to_string()));
                    assert_eq!(found, wanted, "{name} {:?}", variant.record);
                    compared += 1;
                }
            }
            Ok(())
        })
        .unwrap();
        assert!(rows.next().is_none() && compared >= 100, "{name}: {compared} genotypes");
    }
}

/// Position and alleles of every variant, as a sorted list of lines.
fn normalised(path: &Path, fasta: &Path) -> Vec<String> {
    let fasta = Fasta::open(fasta).unwrap();
    let mut found = Vec::new();
    variants(&open(path, &[]), Some(&fasta), &[Part::Site], |_, out| {
        let variant = &out.variant;
        found.push(format!("{}\t{}\t{}", variant.position, variant.reference, variant.alternate));
    })
    .unwrap();
    found.sort_unstable();
    found
}

#[test]
fn left_alignment_is_that_of_bcftools_norm() {
    for (name, fasta) in [
        (
            "variants/ashk-trio-grch38/Ashkenazim.vcf.gz",
            "variants/ashk-trio-grch38/hg38_chr21_22000000_23000000.fasta",
        ),
        ("variants/vep/golden115/input.vcf.gz", "variants/vep/golden115/reference.fa"),
    ] {
        let (Some(path), Some(fasta)) = (shared_file(name), shared_file(fasta)) else { return };
        let folder = scratch();
        let split = folder.path().join("split.vcf");
        // bcftools knows no aliases: it gets the reference under the name that the variants use.
        let renamed = folder.path().join("renamed.fa");
        let sequence = std::fs::read_to_string(&fasta).unwrap();
        std::fs::write(&renamed, sequence.replacen(">1", ">chr1", 1)).unwrap();
        let arguments =
            ["norm", "-m-any", "-f", renamed.to_str().unwrap(), "-o", split.to_str().unwrap()];
        if bcftools(&arguments, &path).is_none() {
            return;
        }
        let query = bcftools(&["query", "-f", "%POS\t%REF\t%ALT\n"], &split).unwrap();
        let mut expected: Vec<&str> = query.lines().filter(|line| !line.ends_with("\t*")).collect();
        expected.sort_unstable();
        assert_eq!(normalised(&path, &fasta), expected, "{name}");
    }
}

/// One line for each transcript of each record with one ALT, in the order of the file.
fn consequences(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    variants(
        &open(path, &[]),
        None,
        &[Part::Site, Part::Consequences, Part::Names],
        |record, out| {
            if record.alternates().count() > 1 {
                return;
            }
            let position = record.position();
            for c in &out.consequences {
                let or_dot = |text: &Option<String>| text.clone().unwrap_or_else(|| ".".into());
                let mut terms: Vec<&str> = c.terms.iter().map(|term| term.name()).collect();
                terms.sort_unstable();
                found.push(format!(
                    "{position}\t{}\t{}\t{}\t{}\t{}\t{}",
                    terms.join("&"),
                    or_dot(&c.gene.symbol),
                    or_dot(&c.gene.ensembl),
                    or_dot(&c.biotype),
                    or_dot(&c.hgvs_c),
                    or_dot(&c.exon),
                ));
            }
        },
    )
    .unwrap();
    found
}

#[test]
fn vep_annotations_are_those_of_split_vep() {
    for name in [
        "variants/vep/na18566.chr21.vep111.vcf.gz",
        "variants/vep/golden115/golden.vcf",
        "variants/vep/hcc1395.tn.vep86.vcf.gz",
        "variants/vep/vep104_annotated.vcf",
        "variants/vep/vep97_annotated_clnsig_conservation_revel.vcf",
        "somatic/callers-grch38/tumor_5_vs_normal_5.strelka.somatic_indels_VEP.ann.vcf.gz",
    ] {
        let Some(path) = shared_file(name) else { return };
        let format = "%POS\t%Consequence\t%SYMBOL\t%Gene\t%BIOTYPE\t%HGVSc\t%EXON\n";
        let arguments = ["+split-vep", "-i", "N_ALT==1", "-d", "-f", format];
        let Some(query) = bcftools(&arguments, &path) else { return };
        let expected: Vec<String> = query
            .lines()
            .map(|line| {
                let mut fields: Vec<String> = line.split('\t').map(str::to_owned).collect();
                let mut terms: Vec<&str> = line.split('\t').nth(1).unwrap().split('&').collect();
                terms.sort_unstable();
                fields[1] = terms.join("&");
                if !fields[3].starts_with("ENS") {
                    fields[3] = ".".into();
                }
                fields[5] = fields[5].replace("%3D", "=");
                fields.join("\t")
            })
            .filter(|line| line.split('\t').nth(1) != Some("."))
            .collect();
        let found = consequences(&path);
        for (mine, theirs) in found.iter().zip(&expected) {
            assert_eq!(mine, theirs, "{name}");
        }
        assert!(
            found.len() == expected.len() && !found.is_empty(),
            "{name}: {} entries",
            found.len()
        );
    }
}

/// The columns CHROM to INFO of a record.
fn site_text(r: &RawRecord<'_>) -> String {
    let position = r.position().to_string();
    let alleles = [r.reference(), r.alternates_text()].join(&b'\t');
    let rest = [r.quality(), r.filter(), r.info()].join(&b'\t');
    let columns = [r.contig(), position.as_bytes(), r.id(), &alleles, &rest];
    String::from_utf8(columns.join(&b'\t')).unwrap()
}

/// More than one stretch of BCF, so that records lie across cuts: every record comes once and in order, whatever the threads.
#[test]
fn bcf_is_cut_anywhere_and_loses_nothing() {
    let Some(bcftools) = oracle("bcftools") else { return };
    let folder = scratch();
    let (vcf, bcf) = (folder.path().join("a.vcf"), folder.path().join("a.bcf"));
    let mut text = "##fileformat=VCFv4.2\n##contig=<ID=20,length=64444167>\n\
        ##INFO=<ID=X,Number=1,Type=String,Description=\"x\">\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        .to_owned();
    let mut state = 1_u64;
    for i in 0..40_000_u32 {
        // Text that does not compress, of very different lengths.
        let length = if i % 9_000 == 7 { 20_000 } else { 5 + i % 190 };
        let word: String = (0..length)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(b'A' + ((state >> 33) % 26) as u8)
            })
            .collect();
        writeln!(text, "20\t{}\t.\tA\tC\t.\tPASS\tX={word}", 100 + i).unwrap();
    }
    fs::write(&vcf, &text).unwrap();
    run(Command::new(bcftools).args(["view", "--no-version", "-Ob", "-o"]).args([&bcf, &vcf]));
    assert!(fs::metadata(&bcf).unwrap().len() > 2 << 20, "several stretches");
    let expected: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    for threads in [1, 2, 5] {
        let file = VariantFile::open(&bcf).unwrap();
        let mut found: Vec<String> = Vec::new();
        let worker = || {
            |lines: &mut Lines<'_>| {
                let mut own = Vec::new();
                while let Some(record) = lines.next() {
                    own.push(site_text(&record?));
                }
                Ok(own)
            }
        };
        let passed = for_each_stretch(&file, threads, worker, |own| {
            found.extend(own);
            Ok(())
        });
        assert_eq!(passed.unwrap().records, 40_000);
        assert!(found.iter().eq(&expected), "{threads} threads");
    }
    // A file that ends within a record, though its blocks are whole.
    let whole = fs::read(&bcf).unwrap();
    let starts = block_starts(&whole);
    let cut = starts[starts.len() / 2];
    let end = whole.len() - 28;
    fs::write(&bcf, [&whole[..cut], &whole[end..]].concat()).unwrap();
    let file = VariantFile::open(&bcf).unwrap();
    let count = || {
        |lines: &mut Lines<'_>| {
            while let Some(record) = lines.next() {
                record?;
            }
            Ok(())
        }
    };
    let fault = for_each_stretch(&file, 2, count, |()| Ok(())).unwrap_err();
    assert!(fault.to_string().contains("the file ends inside a BCF record"), "{fault}");
}

/// Where the BGZF blocks of a file begin.
fn block_starts(bytes: &[u8]) -> Vec<usize> {
    let (mut starts, mut at) = (Vec::new(), 0);
    while at + 18 <= bytes.len() {
        starts.push(at);
        at += usize::from(u16::from_le_bytes([bytes[at + 16], bytes[at + 17]])) + 1;
    }
    starts
}
