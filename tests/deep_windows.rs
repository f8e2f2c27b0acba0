//! Thousands of reads over one window of the index, and an unmapped tail: the file is cut where no index point is, and
//! nothing may tell.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::path::Path;

use common::{gunzip_text, oracle, run, sam_header, scratch, sorted_bam, tierline};

/// Length of the contig, bp: one window of the index.
const LENGTH: u32 = 16_000;
/// Bases of a read.
const BASES: u32 = 100;
/// Pairs; with qualities that hardly compress the file has several MB, and so have the records of the reads that lie near a cut:
/// more than are kept as they are.
const PAIRS: u32 = 44_000;
/// Unmapped reads behind them.
const UNMAPPED: u32 = 16_000;

/// Numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 32) % u64::from(end)) as u32
    }

    fn qualities(&mut self) -> String {
        (0..BASES).map(|_| char::from(b'#' + self.below(38) as u8)).collect()
    }
}

fn bases(numbers: &mut Numbers, many: u32) -> String {
    (0..many).map(|_| char::from(b"ACGT"[numbers.below(4) as usize])).collect()
}

/// Pairs that overlap, of which a quarter begin at one position.
fn records(numbers: &mut Numbers, genome: &str) -> String {
    let mut text = String::new();
    for pair in 0..PAIRS {
        let start = if pair % 4 == 0 { 7_000 } else { numbers.below(LENGTH - 300) };
        let mate = start + numbers.below(180);
        let insert = i64::from(mate + BASES - start);
        for (flag, own, other, insert) in [(99, start, mate, insert), (147, mate, start, -insert)] {
            let sequence = &genome[own as usize..(own + BASES) as usize];
            let (qualities, own, other) = (numbers.qualities(), own + 1, other + 1);
            writeln!(
                text,
                "p{pair}\t{flag}\ta\t{own}\t60\t{BASES}M\t=\t{other}\t{insert}\t{sequence}\t{qualities}"
            )
            .expect("text");
        }
    }
    for read in 0..UNMAPPED {
        let (sequence, qualities) = (bases(numbers, BASES), numbers.qualities());
        writeln!(text, "u{read}\t4\t*\t0\t0\t*\t*\t0\t0\t{sequence}\t{qualities}").expect("text");
    }
    text
}

/// All values, and the per-base track as it is and decompressed.
fn found(file: &Path, fasta: &Path, options: &[&str]) -> (serde_json::Value, Vec<u8>, String) {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(file).arg("-f").arg(fasta).args(["--prefix", "m", "-o"]);
    run(command.arg(folder.path()).args(options));
    let text = std::fs::read_to_string(folder.path().join("m.qc.json")).expect("qc.json");
    let values = serde_json::from_str(&text).expect("JSON");
    let path = folder.path().join("m.per-base.bed.gz");
    let track = std::fs::read(&path).expect("a track");
    let lines = gunzip_text(&path);
    (values, track, lines)
}

#[test]
fn cuts_between_index_points_change_nothing() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let mut numbers = Numbers(7);
    let genome = bases(&mut numbers, LENGTH);
    let fasta = folder.path().join("genome.fa");
    std::fs::write(&fasta, format!(">a\n{genome}\n")).expect("a FASTA");
    let index = format!("a\t{LENGTH}\t3\t{LENGTH}\t{}\n", LENGTH + 1);
    std::fs::write(folder.path().join("genome.fa.fai"), index).expect("its index");
    let text = sam_header(&[("a", LENGTH)]) + &records(&mut numbers, &genome);
    let file = sorted_bam(&samtools, folder.path(), "deep", &text);
    let (values, track, lines) = found(&file, &fasta, &["--task-bytes", "1000000000"]);
    for options in [&["-t", "1"][..], &["-t", "3"], &["-t", "2", "--task-bytes", "1"]] {
        let (other, bytes, own) = found(&file, &fasta, options);
        assert_eq!(own, lines, "{options:?}");
        assert_eq!(other, values, "{options:?}");
        assert!(bytes == track, "{options:?}");
    }
}
