//! Insert sizes, yields, alignment summaries and GC bias against the real Picard: its tables and histograms, byte for
//! byte, on real reads, on simulated ones and on reads made to be odd.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip_text, oracle, run, scratch, shared, shared_file, stdout_of, tierline};

/// The metrics that run without a reference, and Picard's programs.
const WITHOUT: [(&str, &str, &str); 3] = [
    ("insert_size", "CollectInsertSizeMetrics", "insert_size_metrics"),
    ("yield", "CollectQualityYieldMetrics", "quality_yield_metrics"),
    ("alignment", "CollectAlignmentSummaryMetrics", "alignment_summary_metrics"),
];

/// The files that need a reference.
const GC_FILES: [&str; 2] = ["gc_bias.detail_metrics", "gc_bias.summary_metrics"];

/// A Picard program, silenced.
fn picard(program: &str, arguments: &[(&str, &Path)], more: &[String]) -> Option<()> {
    let mut command = Command::new(oracle("PicardCommandLine")?);
    command.arg(program).args(more);
    command.args(arguments.iter().map(|(key, path)| format!("{key}={}", path.display())));
    run(command.args(["QUIET=true", "VERBOSITY=ERROR", "VALIDATION_STRINGENCY=SILENT"]));
    Some(())
}

/// A file's tables and histograms: all but the lines that tell the run.
fn tables(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text[text.find("## METRICS CLASS").expect("a table")..].to_owned())
}

/// Our files of one run.
fn ours(
    alignment: &Path,
    reference: Option<&Path>,
    more: &[&str],
) -> Vec<(String, Option<String>)> {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--prefix", "m", "-o"]).arg(folder.path()).args(more);
    match reference {
        Some(fasta) => {
            command.args(["--only", "insert_size,yield,alignment,gc_bias", "-f"]).arg(fasta)
        }
        None => command.args(["--only", "insert_size,yield,alignment"]),
    };
    run(&mut command);
    let names = WITHOUT.iter().map(|one| one.2).chain(GC_FILES);
    let names = names.take(if reference.is_some() { 5 } else { 3 });
    names.map(|n| (n.to_owned(), tables(&folder.path().join(format!("m.{n}.txt"))))).collect()
}

/// Compares every file with Picard's; the reference must have its dictionary beside it.
fn compare(alignment: &Path, reference: Option<&Path>) -> Option<()> {
    let folder = scratch();
    let output = folder.path().join("p");
    let programs = WITHOUT.iter().map(|one| one.1);
    let programs = programs.chain(reference.map(|_| "CollectGcBiasMetrics"));
    let mut more = vec!["PROGRAM=null".to_owned()];
    more.extend(programs.map(|program| format!("PROGRAM={program}")));
    let mut arguments = vec![("INPUT", alignment), ("OUTPUT", &*output)];
    arguments.extend(reference.map(|fasta| ("REFERENCE_SEQUENCE", fasta)));
    picard("CollectMultipleMetrics", &arguments, &more)?;
    for (name, own) in ours(alignment, reference, &[]) {
        let theirs = tables(&folder.path().join(format!("p.{name}")));
        assert_eq!(own, theirs, "{name} of {}", alignment.display());
    }
    Some(())
}

/// Bytes are equal for every number of threads and size of tasks.
fn compare_cuts(alignment: &Path, reference: &Path) {
    let expected = ours(alignment, Some(reference), &["-t", "1"]);
    for threads in ["1", "2", "5"] {
        for task_bytes in ["20000", "500000"] {
            let more = ["-t", threads, "--task-bytes", task_bytes];
            assert_eq!(ours(alignment, Some(reference), &more), expected, "{more:?}");
        }
    }
}

/// A copy of the reference with index and dictionary.
fn with_dictionary(folder: &Path, fasta: &str) -> Option<PathBuf> {
    let path = folder.join("ref.fa");
    fs::write(&path, fasta).expect("the reference");
    run(Command::new(oracle("samtools")?).arg("faidx").arg(&path));
    let dictionary = folder.join("ref.dict");
    picard("CreateSequenceDictionary", &[("R", &path), ("O", &dictionary)], &[])?;
    Some(path)
}

fn sorted_bam(samtools: &Path, folder: &Path, sam: &str) -> PathBuf {
    let (text, bam) = (folder.join("x.sam"), folder.join("x.bam"));
    fs::write(&text, sam).expect("the SAM");
    run(Command::new(samtools).args(["sort", "-o"]).arg(&bam).arg(&text));
    run(Command::new(samtools).arg("index").arg(&bam));
    bam
}

#[test]
fn every_real_file_without_a_reference() {
    let (Some(shared), Some(_)) = (shared(), oracle("PicardCommandLine")) else { return };
    let mut files = Vec::new();
    for folder in ["data/reads", "data/reads/manta", "data/reads/strelka"] {
        let entries = fs::read_dir(shared.join(folder)).expect("the folder of reads");
        files.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    files.retain(|path| path.extension().is_some_and(|extension| extension == "bam"));
    assert!(files.len() >= 10, "the data folder has its BAM files");
    for file in files {
        let _ = compare(&file, None);
    }
}

#[test]
fn real_reads_over_their_references() {
    let Some(samtools) = oracle("samtools") else { return };
    for (reads, fasta) in [
        ("reads/strelka/NA12878_chrM_200-200.bam", "reads/strelka/chrM_hg19.fa"),
        ("reads/strelka/NA12891_demo20.bam", "reads/strelka/demo20.fa"),
    ] {
        let (Some(reads), Some(fasta)) = (shared_file(reads), shared_file(fasta)) else { return };
        let folder = scratch();
        let Some(reference) = with_dictionary(folder.path(), &gunzip_text(&fasta)) else { return };
        let _ = compare(&reads, Some(&reference));
        compare_cuts(&reads, &reference);
    }
    // One contig of a whole genome's reads, so that the reference is that contig only.
    let Some(reads) = shared_file("reads/hg002_chr20_b37.bam") else { return };
    let Some(fasta) = shared_file("reference/b37.20_Xtrunc_Y.fa.gz") else { return };
    let folder = scratch();
    let fasta = gunzip_text(&fasta);
    let end = fasta[1..].find('>').expect("a second contig") + 1;
    let Some(reference) = with_dictionary(folder.path(), &fasta[..end]) else { return };
    let text = stdout_of(Command::new(&samtools).args(["view", "-h"]).arg(&reads));
    let mut sam = String::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let keep = match fields[0] {
            "@SQ" => fields[1] == "SN:20",
            header if header.starts_with('@') => true,
            _ => fields[2] == "20" && matches!(fields[6], "=" | "*"),
        };
        if keep {
            sam += line;
            sam.push('\n');
        }
    }
    let bam = sorted_bam(&samtools, folder.path(), &sam);
    let _ = compare(&bam, Some(&reference));
}

#[test]
fn simulated_reads_and_their_cram() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let at = |name: &str| folder.path().join(name);
    let mut command = tierline();
    command.args(["simulate", "reads", "--length", "3M", "--depth", "6", "-t", "2", "-o"]);
    run(command.arg(at("s.bam")).arg("--reference-out").arg(at("s.fa.gz")));
    let fasta = gunzip_text(&at("s.fa.gz"));
    let Some(reference) = with_dictionary(folder.path(), &fasta) else { return };
    let _ = compare(&at("s.bam"), Some(&reference));
    compare_cuts(&at("s.bam"), &reference);
    let mut command = Command::new(&samtools);
    command.args(["view", "-C", "-T"]).arg(&reference).arg("-o").arg(at("s.cram"));
    run(command.arg(at("s.bam")));
    run(Command::new(&samtools).arg("index").arg(at("s.cram")));
    let expected = ours(&at("s.bam"), Some(&reference), &[]);
    assert_eq!(ours(&at("s.cram"), Some(&reference), &["-t", "3"]), expected);
}

/// Linear congruential numbers (Knuth's constants): the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

const CONTIGS: [(&str, usize); 4] = [("a", 9000), ("short", 99), ("c", 4000), ("edge", 102)];
const ADAPTER: &str = "AGATCGGAAGAGCACACGTCTGAACTCCAGTCAC";
const ADAPTER_TURNED: &str = "GTGACTGGAGTTCAGACGTGTGCTCTTCCGATCT";

/// Contigs with runs of N, ambiguous letters, lower case and stretches of any GC content.
fn odd_genome(numbers: &mut Numbers) -> Vec<String> {
    let mut genome = Vec::new();
    for (_, length) in CONTIGS {
        let mut bases = String::new();
        while bases.len() < length {
            let letters =
                numbers.one(&["ACGT", "AT", "GC", "ACGTacgt", "GCGCGCGA", "NACGT", "RYSWACGT"]);
            for _ in 0..numbers.below(260) {
                bases.push(char::from(numbers.one(letters.as_bytes())));
            }
        }
        bases.truncate(length);
        genome.push(bases);
    }
    genome
}

/// A CIGAR over a read of this many bases, and the reference bases that it takes.
fn odd_cigar(numbers: &mut Numbers, bases: usize) -> (Vec<(usize, char)>, usize) {
    let (clip, rest) = (1 + numbers.below(9), bases - 24);
    let ops = match numbers.below(9) {
        0 => vec![(clip, 'S'), (bases - clip, 'M')],
        1 => vec![(bases - clip, 'M'), (clip, 'S')],
        2 => vec![(clip, 'H'), (3, 'S'), (bases - 5, 'M'), (2, 'S')],
        3 => vec![(11, 'M'), (3, 'I'), (rest + 10, 'M')],
        4 => vec![(24, 'M'), (clip, 'D'), (rest, 'M'), (clip, 'H')],
        5 => vec![(10, '='), (1, 'X'), (rest + 13, 'M')],
        6 => vec![(7, 'S'), (17, 'M'), (30, 'N'), (rest, 'M')],
        _ => vec![(bases, 'M')],
    };
    let span = ops.iter().filter(|op| "M=XDN".contains(op.1)).map(|op| op.0).sum();
    (ops, span)
}

/// Flags and mapping quality of a record that may be anything that Picard bears.
fn odd_flags(numbers: &mut Numbers) -> (i32, i32) {
    let mut flags = numbers.one(&[0x1, 0x1, 0x1, 0x0]);
    if flags & 1 != 0 {
        flags |= numbers.one(&[0x40, 0x80]) | numbers.one(&[0, 2, 2]) | numbers.one(&[0, 0, 0x20]);
        flags |= numbers.one(&[0, 0, 0, 0, 8]);
    }
    flags |= numbers.one(&[0, 0x10]) | numbers.one(&[0, 0, 0, 0, 0x200, 0x400]);
    flags |= numbers.one(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 0x100, 0x800, 4]);
    (flags, if flags & 4 != 0 { 0 } else { numbers.one(&[0, 10, 20, 60, 60, 60]) })
}

/// Contig and 0-based start of a read over this many reference bases; often at an end of the contig.
fn odd_place(numbers: &mut Numbers, span: usize) -> (usize, usize) {
    let contig = loop {
        let contig = numbers.one(&[0, 0, 0, 1, 2, 2, 3]);
        if CONTIGS[contig].1 >= span {
            break contig;
        }
    };
    let room = CONTIGS[contig].1 - span;
    let start = match numbers.below(6) {
        0 => room,
        1 => numbers.below(3).min(room),
        _ => numbers.below(room + 1),
    };
    (contig, start)
}

/// The bases of a read: those of the reference with some changes.
fn odd_bases(numbers: &mut Numbers, contig: &str, start: usize, ops: &[(usize, char)]) -> Vec<u8> {
    let (mut sequence, mut under) = (Vec::new(), start);
    for &(length, op) in ops {
        if "M=X".contains(op) {
            sequence.extend(contig[under..under + length].to_uppercase().bytes());
        } else if "IS".contains(op) {
            sequence.extend((0..length).map(|_| numbers.one(b"ACGT")));
        }
        under += if "M=XDN".contains(op) { length } else { 0 };
    }
    for _ in 0..numbers.below(4) {
        let at = numbers.below(sequence.len());
        sequence[at] = numbers.one(b"ACGTNR");
    }
    sequence
}

/// Makes a read begin as adapter, with a difference or without.
fn as_adapter(numbers: &mut Numbers, sequence: &mut [u8], turned: bool) {
    let from = numbers.below(10);
    let (piece, at) = if turned {
        (&ADAPTER_TURNED[..24], sequence.len() - 24)
    } else {
        (&ADAPTER[from..from + 24], 0)
    };
    sequence[at..at + 24].copy_from_slice(piece.as_bytes());
    sequence[at + numbers.below(24)] = numbers.one(b"ACGT");
}

/// Contig, 1-based start and template length that a record gives for its mate.
fn odd_mate(numbers: &mut Numbers, flags: i32, start: usize) -> (&'static str, usize, i64) {
    if flags & 1 == 0 {
        return ("*", 0, 0);
    }
    let length = match numbers.below(12) {
        0 => 0,
        1 => 150_000,
        2 => -(numbers.below(70_000) as i64),
        _ => (200 + numbers.below(60) as i64) * numbers.one(&[1, -1]),
    };
    if numbers.below(12) == 0 {
        (CONTIGS[2].0, 1 + numbers.below(900), length)
    } else {
        ("=", (start + numbers.below(300)).saturating_sub(150).max(1), length)
    }
}

/// A record that may be anything that Picard bears.
fn odd_record(numbers: &mut Numbers, genome: &[String], i: usize) -> String {
    let bases = 40 + numbers.below(60);
    let (ops, span) = odd_cigar(numbers, bases);
    let (contig, start) = odd_place(numbers, span);
    let mut sequence = odd_bases(numbers, &genome[contig], start, &ops);
    let (flags, mapq) = odd_flags(numbers);
    if mapq == 0 && numbers.below(3) == 0 {
        as_adapter(numbers, &mut sequence, flags & 0x14 == 0x10);
    }
    let (mate, mate_at, length) = odd_mate(numbers, flags, start);
    let cigar: String =
        ops.iter().fold(String::new(), |text, op| format!("{text}{}{}", op.0, op.1));
    let quality: String =
        (0..sequence.len()).map(|_| numbers.one(&['#', '4', '5', '>', '?', 'F'])).collect();
    let sequence = String::from_utf8(sequence).expect("letters");
    let mut line = format!(
        "r{i}\t{flags}\t{}\t{}\t{mapq}\t{cigar}\t{mate}\t{mate_at}\t{length}\t{sequence}\t{quality}",
        CONTIGS[contig].0,
        start + 1
    );
    let mapq_of_mate = numbers.one(&["", "\tMQ:i:30", "\tMQ:i:30", "\tMQ:i:5"]);
    let noise = numbers.one(&["", "", "", "", "", "\tXN:i:1", "\tXN:i:2"]);
    line = line + mapq_of_mate + noise;
    if numbers.below(20) == 0 {
        line += "\tSA:Z:a,1,+,9M,9,0;";
    }
    if numbers.below(4) == 0 {
        let original: String =
            quality.chars().map(|_| numbers.one(&['!', '5', '?', 'I'])).collect();
        let _ = write!(line, "\tOQ:Z:{original}");
    }
    line + "\n"
}

#[test]
fn reads_made_to_be_odd() {
    let Some(samtools) = oracle("samtools") else { return };
    for seed in [1, 2] {
        let mut numbers = Numbers(seed);
        let genome = odd_genome(&mut numbers);
        let (mut fasta, mut sam) = (String::new(), "@HD\tVN:1.6\tSO:coordinate\n".to_owned());
        for ((name, length), bases) in CONTIGS.iter().zip(&genome) {
            let _ = writeln!(fasta, ">{name}\n{bases}");
            let _ = writeln!(sam, "@SQ\tSN:{name}\tLN:{length}");
        }
        for i in 0..3000 {
            sam += &odd_record(&mut numbers, &genome, i);
        }
        sam += "tail\t77\t*\t0\t0\t*\t*\t0\t0\tACGTNACGTN\t??????????\n";
        let folder = scratch();
        let Some(reference) = with_dictionary(folder.path(), &fasta) else { return };
        let bam = sorted_bam(&samtools, folder.path(), &sam);
        let _ = compare(&bam, Some(&reference));
        let _ = compare(&bam, None);
        compare_cuts(&bam, &reference);
    }
}

#[test]
fn cycles_that_are_mostly_n_are_bad() {
    let Some(samtools) = oracle("samtools") else { return };
    let mut numbers = Numbers(5);
    let bases: String = (0..2000).map(|_| char::from(numbers.one(b"ACGT"))).collect();
    let mut sam = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:2000\n".to_owned();
    for i in 0..100 {
        let start = 10 * i;
        let mut read = bases[start..start + 60].to_owned().into_bytes();
        let (flags, cigar) =
            numbers.one(&[(0, "60M"), (0, "60M"), (0, "5S55M"), (16, "60M"), (4, "*")]);
        // The third, tenth and eleventh base as they were read, or those of the stretch.
        for cycle in [2, 9, 10] {
            read[if flags == 16 { 59 - cycle } else { cycle }] = b'N';
        }
        let read = String::from_utf8(read).expect("letters");
        let at = start + if cigar.starts_with('5') { 6 } else { 1 };
        let _ = writeln!(
            sam,
            "r{i}\t{flags}\ta\t{at}\t60\t{cigar}\t*\t0\t0\t{read}\t{}",
            "F".repeat(60)
        );
    }
    let folder = scratch();
    let Some(reference) = with_dictionary(folder.path(), &format!(">a\n{bases}\n")) else { return };
    let bam = sorted_bam(&samtools, folder.path(), &sam);
    let _ = compare(&bam, Some(&reference));
    let _ = compare(&bam, None);
}
