//! Throughput of reading annotated variants: site, frequencies from the annotation, consequences, genotypes. The data are made here.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Cursor;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tierline::io::variants::{ChunkReader, Layout, Loader, VariantFile, Wanted, alternates};
use tierline::model::candidate::Part;
use tierline::model::contig::ContigTable;
use tierline::model::problem::Problem;
use tierline::model::sample::MemberId;

const RECORDS: u32 = 5_000;
const TRANSCRIPTS: u32 = 5;

/// A trio VCF with five transcripts a record and two populations.
fn text() -> String {
    let mut text = String::from(
        "##fileformat=VCFv4.2\n##contig=<ID=20,length=64444167>\n\
        ##INFO=<ID=gnomADg_AF,Number=A,Type=Float,Description=\"gnomAD\">\n\
        ##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from Ensembl VEP. Format: \
        Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|HGVSc|HGVSp|gnomADe_AFR_AF\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tCHILD\tFATHER\tMOTHER\n",
    );
    for i in 0..RECORDS {
        let _ = write!(
            text,
            "20\t{}\trs{i}\tA\tG\t50\tPASS\tDP=90;gnomADg_AF=1.5e-4;CSQ=",
            1000 + i * 700
        );
        for t in 0..TRANSCRIPTS {
            let comma = if t == 0 { "" } else { "," };
            let _ = write!(
                text,
                "{comma}G|missense_variant&splice_region_variant|MODERATE|GENE{}|ENSG{:011}|Transcript|ENST{:011}|\
                protein_coding|3/12|ENST{:011}.2:c.{i}A>G|ENSP{:011}.1:p.Arg{i}Gly|0.0002",
                i / 20,
                i / 20,
                i * 10 + t,
                i * 10 + t,
                i * 10 + t
            );
        }
        text.push_str("\tGT:AD:DP:GQ\t0/1:15,14:29:99\t0/0:30,0:30:90\t0/0:31,0:31:93\n");
    }
    text
}

fn read(text: &'static str, parts: &[Part]) -> Result<u64, Problem> {
    let file = VariantFile::from_reader("bench", Box::new(Cursor::new(text.as_bytes())))?;
    let mut contigs = ContigTable::new();
    let _ = contigs.add("20", None);
    let samples: Vec<(String, MemberId)> = ["CHILD", "FATHER", "MOTHER"]
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), MemberId(i as u16)))
        .collect();
    let populations = [vec!["CSQ/gnomADe_AFR_AF".to_owned()], vec!["INFO/gnomADg_AF".to_owned()]];
    let wanted = Wanted {
        contigs: &contigs,
        members: 3,
        samples: &samples,
        populations: &populations,
        annotations: &[],
        file: 0,
    };
    let layout = Layout::new("bench", file.header(), &wanted)?;
    let mut loader = Loader::new(&layout, None);
    let mut out = loader.annotated();
    let chunks = file.chunks()?;
    let mut reader = ChunkReader::new(chunks.kind());
    let mut records = 0;
    for chunk in chunks {
        let mut lines = reader.lines(chunk?)?;
        while let Some(record) = lines.next() {
            let record = record?;
            for number in alternates(&record) {
                for &part in parts {
                    loader.load(&record, part, number, &mut out)?;
                }
                black_box(&out);
                records += 1;
            }
        }
    }
    Ok(records)
}

fn bench(criterion: &mut Criterion) {
    let text: &'static str = Box::leak(text().into_boxed_str());
    let mut group = criterion.benchmark_group("csq");
    group.throughput(Throughput::Elements(u64::from(RECORDS)));
    for (name, parts) in [
        ("site", &[Part::Site][..]),
        ("site and frequencies", &[Part::Site, Part::Frequencies]),
        ("site and consequences", &[Part::Site, Part::Consequences]),
        ("site and genotypes of three", &[Part::Site, Part::Calls]),
        ("everything", &Part::ALL),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| assert_eq!(read(text, parts), Ok(u64::from(RECORDS))));
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
