//! CRAM of reads with unusual CIGARs, without bases or without qualities, gives the results of its BAM; also where a
//! deletion reaches beyond the end of its contig, at which htslib gives the slice up.

#![cfg(feature = "cram")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip, oracle, run, scratch, tierline};

/// Length of the only contig, bp.
const LENGTH: usize = 20_000;

/// Bases without a period that is shorter than the contig (Knuth's MMIX constants).
fn genome() -> String {
    let mut state = 11_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ['A', 'C', 'G', 'T'][(state >> 62) as usize]
    };
    (0..LENGTH).map(|_| next()).collect()
}

/// The bases of a read at this 0-based place; those of `X`, of insertions, of clips and beyond the contig are A.
fn bases(genome: &str, mut at: usize, cigar: &[(usize, char)]) -> String {
    let mut own = String::new();
    for &(length, op) in cigar {
        if matches!(op, 'M' | '=') {
            let known = genome.get(at..LENGTH.min(at + length)).unwrap_or_default();
            own += known;
            own += &"A".repeat(length - known.len());
        } else if matches!(op, 'X' | 'I' | 'S') {
            own += &"A".repeat(length);
        }
        at += if matches!(op, 'M' | '=' | 'X' | 'D' | 'N') { length } else { 0 };
    }
    own
}

/// Flags, CIGAR, and whether bases and qualities are there.
type Kind<'a> = (u16, &'a [(usize, char)], &'a str);

/// Reads in rounds over the contig; with `beyond` also two whose deletions reach behind its end.
fn sam(genome: &str, beyond: bool) -> String {
    let mut text = format!("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:{LENGTH}\n@RG\tID:g\tSM:m\n");
    let kinds: [Kind<'_>; 10] = [
        (0, &[(100, 'M')], "both"),
        (16, &[(50, 'M'), (5000, 'D'), (50, 'M')], "both"),
        (0, &[(30, 'M'), (6000, 'N'), (30, 'M'), (4200, 'D'), (20, 'M')], "both"),
        (0, &[(40, '='), (5, 'X'), (55, '=')], "both"),
        (2048, &[(20, 'H'), (80, 'M'), (10, 'S')], "both"),
        (256, &[(100, 'M')], "none"),
        (0, &[(20, 'H'), (30, 'M'), (5000, 'D'), (30, 'M'), (3, 'I'), (4, 'M')], "none"),
        (0, &[(100, 'M')], "bases"),
        (1024, &[(10, 'S'), (40, 'M'), (2, 'I'), (1, 'P'), (3, 'I'), (40, 'M')], "both"),
        (0, &[(50, 'S')], "both"),
    ];
    let mut reads: Vec<(usize, String)> = Vec::new();
    let mut add = |at: usize, (flag, cigar, parts): (u16, &[(usize, char)], &str)| {
        let mut own = bases(genome, at, cigar);
        let mut quality: String = (0..own.len()).map(|i| ['#', '5', 'F'][(at + i) % 3]).collect();
        if parts == "none" {
            own = "*".into();
        }
        if parts != "both" {
            quality = "*".into();
        }
        let mut written = String::new();
        for (length, op) in cigar {
            let _ = write!(written, "{length}{op}");
        }
        let name = reads.len();
        let line = format!(
            "r{name}\t{flag}\ta\t{}\t60\t{written}\t*\t0\t0\t{own}\t{quality}\tRG:Z:g\tSA:Z:a,3,+,20M80S,60,0;\tMQ:i:60",
            at + 1
        );
        reads.push((at, line));
    };
    for round in 0..12 {
        for (i, kind) in kinds.into_iter().enumerate() {
            add(round * 700 + i * 13, kind);
        }
    }
    if beyond {
        add(LENGTH - 90, (0, &[(60, 'M'), (20, 'D'), (30, 'M')], "both"));
        add(LENGTH - 80, (0, &[(60, 'M'), (400, 'D'), (30, 'M')], "both"));
        add(LENGTH - 70, (0, &[(60, 'M'), (4_500, 'D')], "both"));
        add(LENGTH - 60, (0, &[(50, 'M')], "both"));
    }
    reads.sort_by_key(|read| read.0);
    for (_, line) in reads {
        text += &line;
        text.push('\n');
    }
    text
}

/// Name and content of every text and track.
fn results(alignment: &Path, reference: &Path) -> Vec<(String, Vec<u8>)> {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).arg("-f").arg(reference);
    run(command.args(["--prefix", "m", "--by", "500", "-o"]).arg(folder.path()));
    let mut found: Vec<_> = fs::read_dir(folder.path())
        .expect("the results")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .filter(|(name, _)| [".txt", ".bed.gz"].iter().any(|end| name.ends_with(end)))
        .map(|(name, path)| (name, gunzip(&path)))
        .collect();
    found.sort();
    assert!(found.len() >= 12, "{} files", found.len());
    found
}

/// The reads as BAM with NM and MD, so that a CRAM leaves these out.
fn write_bam(samtools: &Path, folder: &Path, genome: &str, beyond: bool) -> (PathBuf, PathBuf) {
    let reference = folder.join("ref.fa");
    fs::write(&reference, format!(">a\n{genome}\n")).expect("the reference");
    run(Command::new(samtools).arg("faidx").arg(&reference));
    let (text, bam) = (folder.join("x.sam"), folder.join("x.bam"));
    fs::write(&text, sam(genome, beyond)).expect("the SAM");
    let tagged = run(Command::new(samtools).args(["calmd", "-b"]).arg(&text).arg(&reference));
    fs::write(&bam, tagged.stdout).expect("the BAM");
    run(Command::new(samtools).arg("index").arg(&bam));
    (bam, reference)
}

#[test]
fn odd_reads_give_the_results_of_their_bam() {
    let Some(samtools) = oracle("samtools") else { return };
    let genome = genome();
    for beyond in [false, true] {
        let folder = scratch();
        let (bam, reference) = write_bam(&samtools, folder.path(), &genome, beyond);
        let expected = results(&bam, &reference);
        let shapes: [&[&str]; 4] = [
            &["version=3.0"],
            &["version=3.1", "seqs_per_slice=20"],
            &["version=3.0", "seqs_per_slice=8", "slices_per_container=4"],
            &["version=3.0", "embed_ref=1", "seqs_per_slice=30"],
        ];
        for shape in shapes {
            let cram = folder.path().join("x.cram");
            let mut command = Command::new(&samtools);
            command.args(["view", "-C", "-T"]).arg(&reference).arg("-o").arg(&cram).arg(&bam);
            for option in shape {
                command.args(["--output-fmt-option", option]);
            }
            run(&mut command);
            for ((name, found), (_, text)) in results(&cram, &reference).iter().zip(&expected) {
                let (found, text) = (String::from_utf8_lossy(found), String::from_utf8_lossy(text));
                assert_eq!(found, text, "{name} of {shape:?}, beyond the end: {beyond}");
            }
        }
    }
}
