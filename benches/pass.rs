//! Throughput of the alignment pass and its kernels: the walk over records, counts by flag, depth with and without mates,
//! base qualities of few and of many levels, GC bias, and the lines of a track. The reads are made here: one contig at 30x
//! in pairs, a sixth of them overlapping; their qualities go in turn, so that inflating is cheap.
#![allow(missing_docs, reason = "criterion's macro makes a public function")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot be set up should stop")]

use std::hint::black_box;
use std::path::{Path, PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tierline::exec::qc::QcRun;
use tierline::io::bam;
use tierline::io::bed_piece::PieceWriter;
use tierline::io::bgzf::{Deflater, EOF_BLOCK, WRITE_BLOCK_BYTES};
use tierline::io::write_bam::{Alignment, cigar_op, header, record};
use tierline::model::qc::SampleQc;
use tierline::qc::depth::Mode;

const LENGTH: u32 = 500_000;
/// The contig, again and again.
const GENOME: &[u8; 8] = b"ACGTTGCA";
const READ_BP: u32 = 150;
/// Qualities that a read has, one after the other.
const LEVELS: [u32; 2] = [4, 40];
const PAIRS: u32 = LENGTH / READ_BP * 15;

/// Start, flag, mate's start and number of the pair of every read, sorted.
fn reads() -> Vec<(u32, u16, u32, u32)> {
    let mut reads = Vec::new();
    for pair in 0..PAIRS {
        let start = (u64::from(pair) * 7_919_993 % u64::from(LENGTH - 1000)) as u32;
        let mate = start + 100 + pair % 300;
        reads.push((start, 99, mate, pair));
        reads.push((mate, 147, start, pair));
    }
    reads.sort_unstable();
    reads
}

/// The header and the records, as BAM before compression; also where the records begin.
fn plain_bam(levels: u32) -> (Vec<u8>, usize) {
    let mut plain = Vec::new();
    header("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:500000\n", &[("a", LENGTH)], &mut plain);
    let records = plain.len();
    let bases = GENOME.repeat(20);
    for (start, flag, mate, pair) in reads() {
        let own = &bases[start as usize % GENOME.len()..][..READ_BP as usize];
        let qualities: Vec<u8> = (0..READ_BP).map(|i| 2 + ((i + pair) % levels) as u8).collect();
        let name = format!("machine:7:flowcell:{}:{pair}", pair % 4);
        let read = Alignment {
            name: name.as_bytes(),
            flag,
            contig: 0,
            start0: start as i32,
            mapq: 60,
            cigar: &[(READ_BP, cigar_op::MATCH)],
            mate_contig: 0,
            mate_start0: mate as i32,
            template_bp: 0,
            bases: own,
            qualities: &qualities,
            tags: &[],
        };
        record(&read, &mut plain);
    }
    (plain, records)
}

/// A BAM without index: the pass then reads it as a stream.
fn write_bam(path: &Path, levels: u32) {
    let (plain, _) = plain_bam(levels);
    let (mut bytes, mut deflater) = (Vec::new(), Deflater::default());
    for block in plain.chunks(WRITE_BLOCK_BYTES) {
        deflater.block(block, &mut bytes);
    }
    bytes.extend_from_slice(&EOF_BLOCK);
    std::fs::write(path, bytes).expect("the BAM");
}

/// A run of one metric with one thread.
fn only(metric: &str) -> QcRun {
    let mut run = QcRun { threads: 1, ..QcRun::default() };
    run.settings.only = Some(vec![metric.to_owned()]);
    run
}

fn pass(run: &QcRun, path: &Path, output: Option<&PathBuf>) -> SampleQc {
    let opened = run.open(path).expect("the BAM opens");
    run.run(opened, output).expect("the pass ends")
}

fn depth(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("bench.bam");
    write_bam(&path, LEVELS[0]);
    let stem = folder.path().join("out");
    let run = only("depth");
    let seen = pass(&run, &path, Some(&stem)).depth.expect("depth");
    assert!(seen.total.sum > u64::from(LENGTH), "the reads have depth");
    let mut group = criterion.benchmark_group("depth");
    group.throughput(Throughput::Elements(u64::from(PAIRS) * 2)).sample_size(20);
    group.bench_function("flags", |b| b.iter(|| black_box(pass(&only("flags"), &path, None))));
    group.bench_function("depth", |b| b.iter(|| black_box(pass(&run, &path, None))));
    // What finding mates costs is the difference to whole spans.
    let mut spans = only("depth");
    spans.settings.depth.mode = Mode::Spans;
    group.bench_function("depth of spans", |b| {
        b.iter(|| black_box(pass(&spans, &path, None)));
    });
    group.bench_function("depth and track", |b| {
        b.iter(|| black_box(pass(&run, &path, Some(&stem))));
    });
    group.finish();
}

/// What one metric costs is the difference to `flags`, which look at no base.
fn metrics(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let fasta = folder.path().join("bench.fa");
    let sequence = String::from_utf8_lossy(GENOME).repeat(LENGTH as usize / GENOME.len());
    std::fs::write(&fasta, format!(">a\n{sequence}\n")).expect("the FASTA");
    let index = format!("a\t{LENGTH}\t3\t{LENGTH}\t{}\n", LENGTH + 1);
    std::fs::write(folder.path().join("bench.fa.fai"), index).expect("its index");
    for levels in LEVELS {
        let path = folder.path().join(format!("{levels}.bam"));
        write_bam(&path, levels);
        let mut group = criterion.benchmark_group(format!("{levels} levels"));
        group.throughput(Throughput::Elements(u64::from(PAIRS) * 2)).sample_size(20);
        for metric in ["flags", "yield", "q30", "wgs", "gc_bias"] {
            let run = QcRun { reference: Some(fasta.clone()), ..only(metric) };
            group.bench_function(metric, |b| b.iter(|| black_box(pass(&run, &path, None))));
        }
        group.finish();
    }
}

fn walk(criterion: &mut Criterion) {
    let (plain, records) = plain_bam(LEVELS[0]);
    let mut starts = Vec::new();
    let mut group = criterion.benchmark_group("records");
    group.throughput(Throughput::Elements(u64::from(PAIRS) * 2));
    group.bench_function("walk and check", |b| {
        b.iter(|| {
            starts.clear();
            black_box(bam::walk(&plain, records, 1, &mut starts).expect("whole records"))
        });
    });
    group.finish();
    assert_eq!(starts.len(), PAIRS as usize * 2);
}

fn lines(criterion: &mut Criterion) {
    const LINES: u32 = 20_000;
    let mut writer = PieceWriter::default();
    let mut group = criterion.benchmark_group("track");
    group.throughput(Throughput::Elements(u64::from(LINES)));
    group.bench_function("lines", |b| {
        b.iter(|| {
            writer.begin("chr20");
            let mut at = 17_000_000;
            for i in 0..LINES {
                let next = at + 1 + i % 7;
                writer.value(at, next, 25 + i % 11);
                at = next;
            }
            black_box(writer.finish())
        });
    });
    group.finish();
}

criterion_group!(benches, depth, metrics, walk, lines);
criterion_main!(benches);
