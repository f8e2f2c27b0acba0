//! Depth on small files with known answers: what differs from mosdepth, hard shapes of input, CRAM with a reference, and
//! random reads against a count base by base.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{
    gunzip, gunzip_text, oracle, run, sam_header as header, scratch, shared_file,
    sorted_bam as bam, tierline,
};
use proptest::prelude::*;
use tierline::io::bgzf::{Deflater, EOF_BLOCK};

/// A line without bases; `start` is 1-based, `mate` is its start on the same contig or 0.
fn line(name: &str, flag: u16, (contig, start): (&str, u32), cigar: &str, mate: u32) -> String {
    let next = if mate == 0 { "*" } else { "=" };
    format!("{name}\t{flag}\t{contig}\t{start}\t60\t{cigar}\t{next}\t{mate}\t0\t*\t*\n")
}

/// The text of one result of `tierline qc` by the end of its name.
fn depth(alignment: &Path, options: &[&str], result: &str) -> String {
    depth_beside("depth", alignment, options, result)
}

/// The same among these metrics: with others a reader knows more of each record.
fn depth_beside(metrics: &str, alignment: &Path, options: &[&str], result: &str) -> String {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--only", metrics, "--prefix", "m", "-o"]);
    run(command.arg(folder.path()).args(options));
    gunzip_text(&folder.path().join(format!("m.{result}")))
}

/// The result by default and with the faults of mosdepth.
fn both(alignment: &Path, options: &[&str], result: &str) -> [String; 2] {
    let compat = [options, &["--compat", "mosdepth"]].concat();
    [depth(alignment, options, result), depth(alignment, &compat, result)]
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|own| own == line)
}

const PER_BASE: &str = "per-base.bed.gz";
const SUMMARY: &str = "mosdepth.summary.txt";
const REGIONS: &str = "regions.bed.gz";

#[test]
fn a_mate_that_ends_first_takes_back_only_the_overlap() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = header(&[("a", 400)])
        + &line("r", 99, ("a", 101), "100M", 131)
        + &line("r", 147, ("a", 131), "20M", 101);
    let file = bam(&samtools, folder.path(), "x", &sam);
    let [ours, theirs] = both(&file, &[], PER_BASE);
    assert_eq!(ours, "a\t0\t100\t0\na\t100\t200\t1\na\t200\t400\t0\n");
    assert_eq!(theirs, "a\t0\t100\t0\na\t100\t150\t1\na\t150\t400\t0\n");
}

#[test]
fn contigs_without_reads_or_regions_count_and_minima_are_true() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = header(&[("a", 1000), ("b", 1000), ("c", 500)])
        + &line("r", 0, ("a", 1), "1000M", 0)
        + &line("s", 0, ("c", 1), "500M", 0);
    let file = bam(&samtools, folder.path(), "x", &sam);
    let regions = folder.path().join("x.bed");
    std::fs::write(&regions, "a\t100\t200\nb\t100\t200\n").expect("the BED");
    let by = ["-n", "--by", regions.to_str().expect("a path")];

    let [ours, theirs] = both(&file, &[], SUMMARY);
    assert!(has(&ours, "b\t1000\t0\t0.00\t0\t0") && has(&ours, "total\t2500\t1500\t0.60\t0\t1"));
    assert!(has(&theirs, "total\t1500\t1500\t1.00\t0\t1") && !theirs.contains("b\t"));

    let [ours, theirs] = both(&file, &by, SUMMARY);
    assert!(has(&ours, "total\t2500\t1500\t0.60\t0\t1"), "c has no region and counts: {ours}");
    assert!(has(&ours, "total_region\t200\t100\t0.50\t0\t1"), "{ours}");
    assert!(has(&ours, "a_region\t100\t100\t1.00\t1\t1"), "{ours}");
    assert!(has(&theirs, "total\t1000\t1000\t1.00\t0\t1"), "{theirs}");
    assert!(has(&theirs, "total_region\t100\t100\t1.00\t0\t1"), "{theirs}");
    assert!(has(&theirs, "a_region\t100\t100\t1.00\t0\t1"), "{theirs}");

    let only = header(&[("a", 1000)]) + &line("r", 0, ("a", 1), "1000M", 0);
    let file = bam(&samtools, folder.path(), "y", &only);
    let [ours, theirs] = both(&file, &[], SUMMARY);
    assert!(has(&ours, "total\t1000\t1000\t1.00\t1\t1"), "{ours}");
    assert!(has(&theirs, "total\t1000\t1000\t1.00\t0\t1"), "{theirs}");
}

#[test]
fn the_last_base_has_its_own_bin() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = header(&[("a", 100)]) + &line("r", 0, ("a", 1), "99M", 0);
    let file = bam(&samtools, folder.path(), "x", &sam);
    let [ours, theirs] = both(&file, &["-n", "-q", "0:1:"], "quantized.bed.gz");
    assert_eq!(ours, "a\t0\t99\t1:inf\na\t99\t100\t0:1\n");
    assert_eq!(theirs, "a\t0\t100\t1:inf\n");
}

#[test]
fn means_are_over_bases_that_exist_and_divided_once() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = header(&[("a", 1000)])
        + &line("r", 0, ("a", 1), "11M", 0)
        + &line("s", 0, ("a", 901), "100M", 0);
    let file = bam(&samtools, folder.path(), "x", &sam);
    let regions = folder.path().join("x.bed");
    std::fs::write(&regions, "a\t0\t40\na\t900\t1100\n").expect("the BED");
    let by = ["-n", "--by", regions.to_str().expect("a path")];
    let [ours, theirs] = both(&file, &by, REGIONS);
    // 11 / 40 as a number lies above 0.275; eleven times 1/40 added up lies below or above it by rounding.
    let added = (0..11).fold(0.0, |sum: f64, _| sum + 1.0 / 40.0);
    assert_eq!(ours, format!("a\t0\t40\t{:.2}\na\t900\t1100\t1.00\n", 11.0 / 40.0));
    assert_eq!(theirs, format!("a\t0\t40\t{added:.2}\na\t900\t1100\t0.50\n"));
    assert_ne!(format!("{added:.2}"), format!("{:.2}", 11.0 / 40.0), "the tie tells them apart");
}

#[test]
fn windows_of_great_depth_keep_their_mean() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let mut sam = header(&[("a", 10)]);
    for i in 0..1200 {
        sam += &line(&format!("r{i}"), 0, ("a", 1), "10M", 0);
    }
    let file = bam(&samtools, folder.path(), "x", &sam);
    let [ours, theirs] = both(&file, &["-n", "--by", "10"], "mosdepth.region.dist.txt");
    assert!(ours.starts_with("a\t1200\t1.00\n"), "{}", &ours[..20]);
    assert!(theirs.starts_with("a\t999\t1.00\n"), "{}", &theirs[..20]);
}

#[test]
fn names_may_be_long_and_contigs_many() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let (long, longer) = ("x".repeat(20), "y".repeat(300));
    let decoys: Vec<String> = (0..3000).map(|i| format!("decoy_{i}")).collect();
    let mut contigs = vec![(long.as_str(), 1000), (longer.as_str(), 1000)];
    contigs.extend(decoys.iter().map(|name| (name.as_str(), 500)));
    let mut sam = header(&contigs);
    for name in [&long, &longer, &decoys[2999]] {
        sam += &line("r", 0, (name, 101), "100M", 0);
    }
    let file = bam(&samtools, folder.path(), "x", &sam);
    let text = depth(&file, &["-t", "3"], PER_BASE);
    let mut expected = String::new();
    for name in [&long, &longer] {
        let _ = write!(expected, "{name}\t0\t100\t0\n{name}\t100\t200\t1\n{name}\t200\t1000\t0\n");
    }
    for name in &decoys[..2999] {
        let _ = writeln!(expected, "{name}\t0\t500\t0");
    }
    let name = &decoys[2999];
    let _ = write!(expected, "{name}\t0\t100\t0\n{name}\t100\t200\t1\n{name}\t200\t500\t0\n");
    assert!(text == expected);
    let summary = depth(&file, &[], SUMMARY);
    assert_eq!(summary.lines().count(), 3004);
    assert!(has(&summary, "total\t1502000\t300\t0.00\t0\t1"));
}

#[cfg(target_os = "linux")]
#[test]
fn two_reads_on_a_long_contig_take_little_memory() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = header(&[("a", 250_000_000)])
        + &line("r", 0, ("a", 101), "100M", 0)
        + &line("s", 0, ("a", 249_000_001), "100M", 0);
    let file = bam(&samtools, folder.path(), "x", &sam);
    // The limit is on writable private memory: an array over the contig would be 1 GB.
    let limited = format!("ulimit -d {} && exec \"$@\"", 64 << 10);
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_tierline"), "qc"]).arg(&file);
    run(command.args(["--prefix", "m", "-o"]).arg(folder.path()));
    let expected = "a\t0\t100\t0\na\t100\t200\t1\na\t200\t249000000\t0\n\
                    a\t249000000\t249000100\t1\na\t249000100\t250000000\t0\n";
    assert_eq!(gunzip_text(&folder.path().join("m.per-base.bed.gz")), expected);
}

#[test]
fn an_output_that_cannot_be_made_and_a_foreign_index_have_their_codes() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = header(&[("a", 1000)]) + &line("r", 0, ("a", 1), "10M", 0);
    let file = bam(&samtools, folder.path(), "x", &sam);
    let below_a_file = folder.path().join("x.sam").join("out");
    let output =
        tierline().arg("qc").arg(&file).arg("-o").arg(below_a_file).output().expect("a run");
    assert_eq!(output.status.code(), Some(73), "{}", String::from_utf8_lossy(&output.stderr));

    let (Some(own), Some(other)) = (
        shared_file("reads/na12878_chr21_16.6-16.8Mb_grch38.bam"),
        shared_file("reads/na12878_chr22_16.6-16.8Mb_grch38.bam.bai"),
    ) else {
        return;
    };
    let (file, out) = (folder.path().join("own.bam"), folder.path().join("out"));
    std::fs::copy(own, &file).expect("a copy");
    std::fs::copy(other, folder.path().join("own.bam.bai")).expect("a copy");
    let output = tierline().arg("qc").arg(&file).arg("-o").arg(&out).output().expect("a run");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{errors}");
    assert!(errors.contains("samtools index"), "{errors}");
    assert_eq!(common::results_left(&out), 0);
}

#[test]
fn cram_gives_the_depth_of_its_bam_with_and_without_its_reference() {
    let Some(samtools) = oracle("samtools") else { return };
    let pairs = [
        ("reads/strelka/NA12878_chrM_200-200.bam", "reads/strelka/chrM_hg19.fa"),
        ("reads/strelka/NA12891_demo20.bam", "reads/strelka/demo20.fa"),
    ];
    for (alignment, reference) in pairs {
        let (Some(alignment), Some(source)) = (shared_file(alignment), shared_file(reference))
        else {
            return;
        };
        let folder = scratch();
        let reference = folder.path().join("reference.fa");
        std::fs::copy(source, &reference).expect("a copy");
        run(Command::new(&samtools).arg("faidx").arg(&reference));
        let expected = depth(&alignment, &[], PER_BASE);
        assert!(expected.lines().count() > 100);
        let given = reference.to_str().expect("a path").to_owned();
        let kinds = ["version=3.0", "version=3.1", "embed_ref=1"];
        let crams: Vec<PathBuf> = kinds
            .iter()
            .map(|kind| {
                let cram = folder.path().join(format!("{kind}.cram"));
                let mut command = Command::new(&samtools);
                command.args(["view", "-C", "-T"]).arg(&reference);
                run(command.args(["--output-fmt-option", kind, "-o"]).arg(&cram).arg(&alignment));
                assert!(depth(&cram, &["-f", &given], PER_BASE) == expected, "{cram:?}");
                cram
            })
            .collect();
        // Depth asks for no bases, so that a missing reference is none of its faults, and nothing asks the network for it.
        std::fs::remove_file(&reference).expect("the reference goes");
        for cram in crams {
            assert!(depth(&cram, &["-t", "3"], PER_BASE) == expected, "no reference: {cram:?}");
            let out = folder.path().join("out");
            let mut command = tierline();
            command.arg("qc").arg(&cram).args(["-f", &given, "-o"]).arg(&out);
            let output = command.stdout(Stdio::null()).output().expect("a run");
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(matches!(output.status.code(), Some(65 | 66)), "a lost FASTA: {errors}");
        }
    }
}

/// Flags of the mates of a proper pair.
const FIRST: u16 = 0x63;
const SECOND: u16 = 0x93;
const PROPER: u16 = 0x2;
const SUPPLEMENTARY: u16 = 0x800;
/// Unmapped, secondary, failed, duplicate.
const LEFT_OUT: u16 = 0x704;

/// A read: its CIGAR as (length, operation).
#[derive(Clone, Debug)]
struct Read {
    start0: u32,
    cigar: Vec<(u32, char)>,
    flag: u16,
    mapq_low: bool,
}

/// Starts around the places where an index can cut a file.
fn start() -> impl Strategy<Value = u32> {
    (1_u32..7, 0_u32..400).prop_map(|(window, offset)| (window << 14) - 200 + offset)
}

/// Reads of one template: one, or two that may overlap.
fn template() -> impl Strategy<Value = Vec<Read>> {
    let inner = prop_oneof![
        3 => Just(Vec::new()),
        1 => (1_u32..8, prop_oneof![Just('I'), Just('D'), Just('N')], 1_u32..60)
            .prop_map(|(length, op, after)| vec![(length, op), (after, 'M')]),
    ];
    let read = (start(), 0_u32..9, 1_u32..120, inner, any::<bool>(), 0_u8..20)
        .prop_map(|(start0, clip, first, inner, low, odd)| {
            let mut cigar = if clip > 5 { vec![(clip, 'S')] } else { Vec::new() };
            cigar.push((first, 'M'));
            cigar.extend(inner);
            // Few reads are duplicates, supplementary, or secondary.
            let flag = [1024, 2048, 256].get(usize::from(odd)).copied().unwrap_or(0);
            Read { start0, cigar, flag, mapq_low: low && odd > 17 }
        })
        .boxed();
    (read.clone(), proptest::option::of((read, 0_u32..100))).prop_map(|(first, second)| {
        let mut reads = vec![first];
        if let Some((mut second, gap)) = second {
            second.start0 = reads[0].start0 + gap;
            reads[0].flag |= FIRST;
            second.flag |= SECOND;
            reads.push(second);
        }
        reads
    })
}

/// The aligned bases of a read.
fn aligned(read: &Read) -> Vec<u32> {
    let (mut at, mut bases) = (read.start0, Vec::new());
    for &(length, op) in &read.cigar {
        if op == 'M' {
            bases.extend(at..at + length);
        }
        if matches!(op, 'M' | 'D' | 'N') {
            at += length;
        }
    }
    bases
}

const LENGTH: u32 = 120_000;

/// Depth base by base: mates of a proper pair count once.
fn naive(templates: &[Vec<Read>]) -> String {
    let mut depth = vec![0_u32; LENGTH as usize];
    for reads in templates {
        let mut pair = BTreeSet::new();
        for read in reads.iter().filter(|read| read.flag & LEFT_OUT == 0 && !read.mapq_low) {
            for base in aligned(read) {
                if read.flag & (PROPER | SUPPLEMENTARY) == PROPER {
                    pair.insert(base);
                } else {
                    depth[base as usize] += 1;
                }
            }
        }
        for base in pair {
            depth[base as usize] += 1;
        }
    }
    let (mut text, mut from) = (String::new(), 0);
    for run in depth.chunk_by(|a, b| a == b) {
        let _ = writeln!(text, "a\t{from}\t{}\t{}", from + run.len(), run[0]);
        from += run.len();
    }
    text
}

fn sam(templates: &[Vec<Read>]) -> String {
    let mut text = header(&[("a", LENGTH)]);
    for (i, reads) in templates.iter().enumerate() {
        for (j, read) in reads.iter().enumerate() {
            let mate = reads.get(1 - j).map_or(0, |mate| mate.start0 + 1);
            let cigar =
                read.cigar.iter().fold(String::new(), |text, (n, op)| format!("{text}{n}{op}"));
            let own = line(&format!("t{i}"), read.flag, ("a", read.start0 + 1), &cigar, mate);
            text += &if read.mapq_low { own.replacen("\t60\t", "\t3\t", 1) } else { own };
        }
    }
    text
}

/// Writes a BAM anew in blocks of this many bytes, so that a small file has many, and indexes it.
fn in_small_blocks(samtools: &Path, file: &Path, block_bytes: usize) {
    let (mut deflater, mut bytes) = (Deflater::default(), Vec::new());
    for block in gunzip(file).chunks(block_bytes) {
        deflater.block(block, &mut bytes);
    }
    bytes.extend_from_slice(&EOF_BLOCK);
    std::fs::write(file, bytes).expect("the BAM");
    run(Command::new(samtools).arg("index").arg(file));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_reads_have_the_depth_of_a_count_base_by_base(
        templates in proptest::collection::vec(template(), 1..300),
        threads in 1_u8..5,
        task_bytes in 1_u32..3000,
        block_bytes in 50_usize..3000,
    ) {
        let Some(samtools) = oracle("samtools") else { return Ok(()) };
        let folder = scratch();
        let file = bam(&samtools, folder.path(), "x", &sam(&templates));
        in_small_blocks(&samtools, &file, block_bytes);
        let expected = naive(&templates);
        let (threads, task_bytes) = (threads.to_string(), task_bytes.to_string());
        let split = ["-Q", "20", "-t", &threads, "--task-bytes", &task_bytes];
        prop_assert_eq!(&depth(&file, &split, PER_BASE), &expected);
        for metrics in ["depth,q30", "depth,q30,alignment"] {
            prop_assert_eq!(&depth_beside(metrics, &file, &split, PER_BASE), &expected);
        }
        // Without an index the file is cut into tickets elsewhere.
        std::fs::remove_file(folder.path().join("x.bam.bai")).expect("the index goes");
        prop_assert_eq!(&depth(&file, &split, PER_BASE), &expected);
    }
}
