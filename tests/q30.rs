//! Bases of quality 30 and more without duplicates and overlaps: every number against a count base by base over pairs that
//! are told apart by their names alone, for any cuts and threads.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use common::{oracle, run, sam_header, scratch, sorted_bam, tierline};
use proptest::prelude::*;

/// Length of the contigs, bp.
const LENGTH: u32 = 3_000;

/// Writes SAM text as a sorted, indexed BAM.
fn bam(samtools: &Path, folder: &Path, records: &str) -> PathBuf {
    let text = sam_header(&[("a", LENGTH), ("b", LENGTH)]) + records;
    sorted_bam(samtools, folder, "x", &text)
}

/// All good bases, and those without overlaps.
fn found(alignment: &Path, options: &[&str]) -> (u64, u64) {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--only", "q30", "--prefix", "m", "-o"]);
    run(command.arg(folder.path()).args(options));
    let text = std::fs::read_to_string(folder.path().join("m.qc.json")).expect("qc.json");
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let number = |name: &str| json["q30"][name].as_u64().expect("a number");
    (number("all"), number("unique"))
}

/// Start, CIGAR operations and a number that its qualities follow from.
type Shape = (u32, Vec<(u32, char)>, u32);

#[derive(Clone, Debug)]
struct Pair {
    contig: bool,
    reads: [Shape; 2],
    proper: bool,
    duplicates: [bool; 2],
}

fn shape(start: std::ops::Range<u32>) -> impl Strategy<Value = Shape> {
    let ops = prop_oneof![
        4 => (1_u32..120).prop_map(|n| vec![(n, 'M')]),
        1 => (1_u32..60, 1_u32..40, 1_u32..60).prop_map(|(a, d, b)| vec![(a, 'M'), (d, 'D'), (b, 'M')]),
        1 => (1_u32..60, 1_u32..9, 1_u32..60).prop_map(|(a, i, b)| vec![(5, 'S'), (a, 'M'), (i, 'I'), (b, 'M')]),
    ];
    (start, ops, 0_u32..5)
}

fn pair() -> impl Strategy<Value = Pair> {
    // Few places, so that many pairs share both of their positions.
    let start = || prop_oneof![0_u32..30, 500_u32..700];
    (any::<bool>(), start(), 0_u32..40, any::<bool>(), 0_u8..12).prop_flat_map(
        |(contig, start, apart, improper, odd)| {
            let reads = (shape(start..start + 1), shape(start + apart..start + apart + 1));
            reads.prop_map(move |(first, second)| Pair {
                contig,
                reads: [first, second],
                proper: !improper || odd > 2,
                duplicates: [odd == 0, odd < 2],
            })
        },
    )
}

fn quality((_, _, kind): &Shape, i: u32) -> u32 {
    if *kind == 0 || !(i + kind).is_multiple_of(kind + 2) { 35 } else { 12 }
}

/// Good bases of a read, in all and by position.
fn good(shape: &Shape) -> (u64, BTreeSet<u32>) {
    let (mut at, mut read, mut all, mut places) = (shape.0, 0, 0, BTreeSet::new());
    for &(length, op) in &shape.1 {
        for i in 0..length {
            let good = op != 'D' && quality(shape, read + i) >= 30;
            all += u64::from(good);
            if good && op == 'M' {
                places.insert(at + i);
            }
        }
        at += if matches!(op, 'M' | 'D') { length } else { 0 };
        read += if op == 'D' { 0 } else { length };
    }
    (all, places)
}

fn sam(pairs: &[Pair]) -> (String, (u64, u64)) {
    let (mut text, mut all, mut unique) = (String::new(), 0, 0);
    for (i, pair) in pairs.iter().enumerate() {
        let contig = if pair.contig { "a" } else { "b" };
        let mut counted = Vec::new();
        for end in 0..2 {
            let (own, mate) = (&pair.reads[end], &pair.reads[1 - end]);
            let (bases, places) = good(own);
            let flag = [97, 145][end]
                | if pair.proper { 2 } else { 0 }
                | if pair.duplicates[end] { 1024 } else { 0 };
            let ops: Vec<String> = own.1.iter().map(|(n, op)| format!("{n}{op}")).collect();
            let cigar = ops.concat();
            let length: u32 = own.1.iter().filter(|op| op.1 != 'D').map(|op| op.0).sum();
            let qualities: String = (0..length)
                .map(|i| char::from_u32(quality(own, i) + 33).expect("a letter"))
                .collect();
            let _ = writeln!(
                text,
                "p{i}\t{flag}\t{contig}\t{}\t60\t{cigar}\t=\t{}\t0\t{}\t{qualities}",
                own.0 + 1,
                mate.0 + 1,
                "A".repeat(length as usize)
            );
            all += bases;
            if !pair.duplicates[end] {
                unique += places.len() as u64;
                counted.push(places);
            }
        }
        if let ([a, b], true) = (&counted[..], pair.proper) {
            unique -= a.intersection(b).count() as u64;
        }
    }
    (text, (all, unique))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn overlaps_count_once_by_name(
        pairs in proptest::collection::vec(pair(), 1..120),
        (threads, task_bytes) in (1_u8..4, 1_u32..2000),
    ) {
        let Some(samtools) = oracle("samtools") else { return Ok(()) };
        let folder = scratch();
        let (text, expected) = sam(&pairs);
        let file = bam(&samtools, folder.path(), &text);
        let (threads, task_bytes) = (threads.to_string(), task_bytes.to_string());
        let options = ["-t", &*threads, "--task-bytes", &*task_bytes];
        prop_assert_eq!(found(&file, &options), expected);
    }
}

#[test]
fn two_pairs_at_the_same_places_are_told_apart_by_their_names() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let read = |name: &str, flag: u16, (start, length): (u32, usize), mate: u32| {
        let (bases, good) = ("C".repeat(length), "I".repeat(length));
        format!("{name}\t{flag}\ta\t{start}\t60\t{length}M\t=\t{mate}\t0\t{bases}\t{good}\n")
    };
    // The pair x shares 20 bases, the pair y 60; by position alone one cannot say whose second read is which.
    let text = read("x", 99, (101, 100), 141)
        + &read("y", 99, (101, 100), 141)
        + &read("x", 147, (141, 20), 101)
        + &read("y", 147, (141, 100), 101);
    let file = bam(&samtools, folder.path(), &text);
    assert_eq!(found(&file, &[]), (320, 320 - 20 - 60));
    let names: BTreeMap<&str, u64> = [("x", 20), ("y", 60)].into();
    for (name, shared) in names {
        let own: String =
            text.lines().filter(|line| line.starts_with(name)).flat_map(|l| [l, "\n"]).collect();
        let file = bam(&samtools, folder.path(), &own);
        let all = if name == "x" { 120 } else { 200 };
        assert_eq!(found(&file, &["--task-bytes", "1"]), (all, all - shared), "{name}");
    }
}
