//! Bases that CollectWgsMetrics excludes, by region: over regions that tile the contigs they sum to the genome's numbers, and
//! a region holds exactly its own, for any cuts and threads.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{oracle, run, sam_header, scratch, shared_file, sorted_bam, tierline};
use proptest::prelude::*;

/// Length of the two contigs, bp.
const LENGTH: u32 = 9_000;
/// The columns that are summed, as in the table, and their names in qc.json.
const COLUMNS: [(usize, &str); 8] = [
    (5, "counted"),
    (7, "adapter"),
    (8, "mapq"),
    (9, "duplicate"),
    (10, "unpaired"),
    (11, "baseQuality"),
    (12, "overlap"),
    (13, "capped"),
];

/// Writes SAM text as a sorted, indexed BAM, and its reference with N here and there.
fn bam(samtools: &Path, folder: &Path, records: &str) -> (PathBuf, PathBuf) {
    let fasta = folder.join("r.fa");
    let bases = |length: u32| -> String {
        (0..length)
            .map(|i| if i % 97 < 3 { 'N' } else { ['A', 'C', 'G', 'T'][(i % 4) as usize] })
            .collect()
    };
    let (long, short) = (bases(LENGTH), bases(700));
    std::fs::write(&fasta, format!(">a\n{long}\n>empty\n{short}\n>b\n{long}\n"))
        .expect("the FASTA");
    run(Command::new(samtools).arg("faidx").arg(&fasta));
    let text = sam_header(&[("a", LENGTH), ("empty", 700), ("b", LENGTH)]) + records;
    (sorted_bam(samtools, folder, "x", &text), fasta)
}

/// The rows of the table, and the genome's numbers in the order of [`COLUMNS`].
fn found(alignment: &Path, fasta: &Path, options: &[&str]) -> (Vec<Vec<String>>, Vec<u64>) {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--only", "wgs", "--excluded", "--prefix", "m", "-f"]);
    run(command.arg(fasta).args(options).arg("-o").arg(folder.path()));
    let text = std::fs::read_to_string(folder.path().join("m.excluded.bed")).expect("the table");
    let rows = text.lines().skip(1).map(|row| row.split('\t').map(str::to_owned).collect());
    let json = std::fs::read_to_string(folder.path().join("m.qc.json")).expect("qc.json");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let of = |name: &str| json["wgs"]["bases"][name].as_u64().expect("a number");
    (rows.collect(), COLUMNS.map(|(_, name)| of(name)).into())
}

fn sum(rows: &[Vec<String>]) -> Vec<u64> {
    let column = |i: usize| rows.iter().map(|row| row[i].parse::<u64>().expect("a number")).sum();
    COLUMNS.map(|(i, _)| column(i)).into()
}

#[derive(Clone, Debug)]
struct Pair {
    contig: bool,
    start: u32,
    apart: u32,
    lengths: [u32; 2],
    odd: u8,
    kind: u32,
}

fn pair() -> impl Strategy<Value = Pair> {
    let start = prop_oneof![3 => 0_u32..LENGTH - 700, 1 => 4_000_u32..4_020];
    (any::<bool>(), start, 0_u32..200, [30_u32..150, 30_u32..150], 0_u8..14, 0_u32..6).prop_map(
        |(contig, start, apart, lengths, odd, kind)| Pair {
            contig,
            start,
            apart,
            lengths,
            odd,
            kind,
        },
    )
}

fn sam(pairs: &[Pair]) -> String {
    let mut text = String::new();
    for (i, pair) in pairs.iter().enumerate() {
        let contig = if pair.contig { "a" } else { "b" };
        let places = [pair.start, pair.start + pair.apart];
        for end in 0..2 {
            let (more, mapq) = match pair.odd {
                0 => (1024, 60),
                1 => (0, 19),
                2 => (0, 0),
                3 => (512, 60),
                4 if end == 0 => (8, 60),
                4 => (4, 0),
                5 => (256, 60),
                _ => (0, 60),
            };
            let flag = [97, 145][end] | more;
            let length = pair.lengths[end];
            // Reads that hang over the end of a contig are in no region.
            let kind = if pair.kind == 3 && pair.start > 4_100 { 0 } else { pair.kind };
            let (cigar, read) = match kind {
                1 => (format!("{length}M40D9M"), length + 9),
                2 => (format!("5S{length}M"), length + 5),
                3 => (format!("{length}M4200D9M"), length + 9),
                _ => (format!("{length}M"), length),
            };
            let cigar = if flag & 4 != 0 { "*".to_owned() } else { cigar };
            let qualities: String = (0..read)
                .map(|i| ['I', '5', '4', '#', '!'][((i * (pair.kind + 1)) % 5) as usize])
                .collect();
            // An adapter's first bases for reads of mapping quality 0.
            let bases: String = "AGATCGGAAGAGCACACGTCTGAACTCC"
                .chars()
                .chain(['N', 'C'])
                .cycle()
                .take(read as usize)
                .collect();
            let _ = writeln!(
                text,
                "p{i}\t{flag}\t{contig}\t{}\t{mapq}\t{cigar}\t=\t{}\t0\t{bases}\t{qualities}",
                places[end] + 1,
                places[1 - end] + 1,
            );
        }
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn regions_that_tile_the_contigs_sum_to_the_genome(
        pairs in proptest::collection::vec(pair(), 1..400),
        (copies, window) in (1_usize..5, 1_u32..4000),
        (threads, task_bytes) in (1_u8..4, 1_u32..4000),
    ) {
        let Some(samtools) = oracle("samtools") else { return Ok(()) };
        let folder = scratch();
        // Copies of the pairs bring depth above the cap.
        let all: Vec<Pair> = pairs.iter().cycle().take(pairs.len() * copies).cloned().collect();
        let (file, fasta) = bam(&samtools, folder.path(), &sam(&all));
        let [window, threads, task_bytes] =
            [window, u32::from(threads), task_bytes].map(|n| n.to_string());
        let options = ["--by", &*window, "-t", &*threads, "--task-bytes", &*task_bytes];
        let (rows, genome) = found(&file, &fasta, &options);
        prop_assert_eq!(sum(&rows), genome);
        // Regions that overlap, and are not sorted, hold what their windows hold.
        let bed = folder.path().join("r.bed");
        std::fs::write(&bed, "b\t100\t8000\tlate\na\t0\t9000\twhole\na\t3990\t4300\tdeep\na\t3990\t4100\n").expect("the BED");
        let (of_bed, _) = found(&file, &fasta, &["--by", bed.to_str().expect("a path")]);
        let (by_10, _) = found(&file, &fasta, &["--by", "10"]);
        for row in &of_bed {
            let [start, end] = [1, 2].map(|i| row[i].parse::<u32>().expect("a place"));
            let inside = |own: &&Vec<String>| {
                let [from, to] = [1, 2].map(|i| own[i].parse::<u32>().expect("a place"));
                own[0] == row[0] && from >= start && to <= end
            };
            let own: Vec<Vec<String>> = by_10.iter().filter(inside).cloned().collect();
            prop_assert_eq!(sum(std::slice::from_ref(row)), sum(&own), "{:?}", row);
        }
    }
}

#[test]
fn depth_above_the_cap_is_in_its_own_region() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let one = Pair { contig: true, start: 500, apart: 0, lengths: [100, 100], odd: 9, kind: 4 };
    let apart = Pair { apart: 2_000, ..one };
    let (file, fasta) = bam(&samtools, folder.path(), &sam(&vec![apart; 300]));
    let (rows, genome) = found(&file, &fasta, &["--by", "1000"]);
    let capped: Vec<u64> = rows.iter().map(|row| row[13].parse().expect("a number")).collect();
    assert_eq!(capped.iter().sum::<u64>(), genome[7]);
    assert!(capped[0] > 0 && capped[1] == 0 && capped[2] == capped[0], "{capped:?}");
}

#[test]
fn real_reads_sum_to_the_genome() {
    let Some(samtools) = oracle("samtools") else { return };
    let Some(file) = shared_file("reads/na12878_chr21_16.6-16.8Mb_grch38.bam") else { return };
    let folder = scratch();
    // The bases do not matter, the territory does: a reference without N of the contig's length.
    let header = common::stdout_of(Command::new(&samtools).args(["view", "-H"]).arg(&file));
    let length = header.lines().find(|line| line.contains("SN:chr21\t")).and_then(|line| {
        line.split('\t').find_map(|field| field.strip_prefix("LN:")?.parse::<usize>().ok())
    });
    let fasta = folder.path().join("r.fa");
    let bases = "ACGT".repeat(length.expect("chr21") / 4 + 1);
    std::fs::write(&fasta, format!(">chr21\n{}\n", &bases[..length.expect("chr21")]))
        .expect("the FASTA");
    run(Command::new(&samtools).arg("faidx").arg(&fasta));
    let (rows, genome) = found(&file, &fasta, &["--by", "50000", "-t", "2"]);
    let own: Vec<Vec<String>> = rows.into_iter().filter(|row| row[4] != "NA").collect();
    assert_eq!(sum(&own), genome);
    assert!(genome[0] > 1_000_000 && genome[6] > 0, "{genome:?}");
}

#[test]
fn it_needs_regions_and_a_reference() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let (file, fasta) = bam(&samtools, folder.path(), "");
    let code = |options: &[&str]| {
        let mut command = tierline();
        command.arg("qc").arg(&file).arg("-o").arg(folder.path().join("out")).args(options);
        command.output().expect("a run").status.code()
    };
    let fasta = fasta.to_str().expect("a path");
    assert_eq!(code(&["--excluded", "--by", "100"]), Some(2));
    assert_eq!(code(&["--excluded", "-f", fasta]), Some(2));
    assert_eq!(code(&["--only", "excluded", "--by", "100", "-f", fasta]), Some(0));
}
