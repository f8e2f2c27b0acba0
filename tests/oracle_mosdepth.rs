//! Depth and flag counts against the real mosdepth and samtools, on real reads: text-identical in every mode, for every
//! number of threads and every size of tasks, from BAM with and without an index and from CRAM.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{
    gunzip, oracle, real_alignments as alignments, run, scratch, shared, stdout_of, tierline,
};

/// The contents of all result files of a folder that are mosdepth's, decompressed, by name.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .expect("the results")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with(".txt") || name.ends_with(".bed.gz")
        })
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, gunzip(&path))
        })
        .filter(|(name, _)| name.starts_with("m.mosdepth.") || name.ends_with(".bed.gz"))
        .collect();
    found.sort();
    found
}

/// The results of `tierline qc` under these options.
fn ours(alignment: &Path, options: &[&str], more: &[&str]) -> Vec<(String, Vec<u8>)> {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--prefix", "m", "-o"]).arg(folder.path());
    run(command.args(options).args(more));
    contents(folder.path())
}

/// A BED over the places where the reads of the file lie, with overlapping, empty, named and foreign regions.
fn bed(folder: &Path, alignment: &Path, samtools: &Path) -> String {
    let reads = stdout_of(Command::new(samtools).args(["view", "-F", "4"]).arg(alignment));
    let first = reads.lines().next().expect("a mapped read");
    let columns: Vec<&str> = first.split('\t').collect();
    let start = columns[3].parse::<u32>().expect("a position") - 1;
    let contig = columns[2];
    let mut text = String::from("# a comment\n");
    for (from, to, name) in
        [(100, 400, "\tb"), (0, 1000, ""), (150, 160, "\ta\t7"), (600, 600, "\tempty")]
    {
        let _ = writeln!(text, "{contig}\t{}\t{}{name}", start + from, start + to);
    }
    text += "no_such_contig\t5\t10\tlost\n";
    let path = folder.join("regions.bed");
    std::fs::write(&path, text).expect("the BED");
    path.to_string_lossy().into_owned()
}

/// Windows of 500 bp, wider on a whole genome, where they would be six million lines a run.
fn window(alignment: &Path, samtools: &Path) -> &'static str {
    let header = stdout_of(Command::new(samtools).args(["view", "-H"]).arg(alignment));
    let lengths = header.split(['\t', '\n']).filter_map(|field| field.strip_prefix("LN:"));
    let genome: u64 = lengths.map(|length| length.parse::<u64>().expect("a length")).sum();
    if genome < 1_000_000_000 { "500" } else { "20000" }
}

/// Compares every mode on one file: mosdepth once, ours for every number of threads and size of tasks.
fn compare(alignment: &Path, mosdepth: &Path, samtools: &Path) {
    let file = alignment.display();
    let folder = scratch();
    let bed = bed(folder.path(), alignment, samtools);
    let window = window(alignment, samtools);
    let modes: [&[&str]; 8] = [
        &[],
        &["-x"],
        &["-n", "--by", window],
        &["--by", &bed, "--thresholds", "1,20,5"],
        &["-n", "--by", &bed],
        &["--quantize", "0:1:30:90:"],
        &["-m", "-n", "--by", window],
        &["-Q", "20", "-F", "1804"],
    ];
    for mode in modes {
        let theirs = scratch();
        run(Command::new(mosdepth).args(mode).arg(theirs.path().join("m")).arg(alignment));
        let expected = contents(theirs.path());
        assert!(expected.len() >= 2);
        for threads in ["1", "2", "5"] {
            for task_bytes in ["70000", "2097152"] {
                let split = ["-t", threads, "--task-bytes", task_bytes];
                let mut options = mode.to_vec();
                options.extend(["--compat", "mosdepth"]);
                let found = ours(alignment, &options, &split);
                let names = |all: &[(String, Vec<u8>)]| -> Vec<String> {
                    all.iter().map(|(name, _)| name.clone()).collect()
                };
                assert_eq!(names(&found), names(&expected), "{file} {mode:?}");
                for ((name, own), (_, other)) in found.iter().zip(&expected) {
                    assert!(own == other, "{name} differs: {file} {mode:?} {split:?}");
                }
            }
        }
    }
}

#[test]
fn every_mode_on_every_file_is_text_identical() {
    let (Some(mosdepth), Some(samtools)) = (oracle("mosdepth"), oracle("samtools")) else { return };
    let (files, next) = (alignments(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    compare(file, &mosdepth, &samtools);
                }
            });
        }
    });
}

#[test]
fn flag_counts_are_those_of_samtools() {
    let Some(samtools) = oracle("samtools") else { return };
    for alignment in alignments() {
        let folder = scratch();
        let mut command = tierline();
        command.arg("qc").arg(&alignment).args(["--only", "flags", "--prefix", "m", "-o"]);
        run(command.arg(folder.path()));
        let own = std::fs::read_to_string(folder.path().join("m.flagstat.txt")).expect("counts");
        let theirs = stdout_of(Command::new(&samtools).arg("flagstat").arg(&alignment));
        assert_eq!(own, theirs, "{alignment:?}");
    }
}

#[test]
fn a_file_without_index_and_a_cram_give_the_same_bytes() {
    let Some(samtools) = oracle("samtools") else { return };
    for alignment in alignments() {
        let folder = scratch();
        let expected = ours(&alignment, &["--by", "1000"], &["-t", "2"]);
        let bare = folder.path().join("bare.bam");
        std::fs::copy(&alignment, &bare).expect("a copy");
        for split in [&["-t", "1"][..], &["-t", "3", "--task-bytes", "70000"]] {
            assert!(ours(&bare, &["--by", "1000"], split) == expected, "no index: {alignment:?}");
        }
        let cram = folder.path().join("x.cram");
        let embed = ["view", "-C", "--output-fmt-option", "no_ref=1", "-o"];
        run(Command::new(&samtools).args(embed).arg(&cram).arg(&alignment));
        for split in [&["-t", "1"][..], &["-t", "3", "--task-bytes", "70000"]] {
            assert!(ours(&cram, &["--by", "1000"], split) == expected, "CRAM: {alignment:?}");
        }
    }
}

#[test]
fn damaged_files_and_foreign_indices_are_named_and_leave_nothing() {
    let Some(shared) = shared() else { return };
    let reads = shared.join("data/reads");
    let whole = std::fs::read(reads.join("hg002_chr20_b37.bam")).expect("reads");
    let index = std::fs::read(reads.join("hg002_chr20_b37.bam.bai")).expect("index");
    let mut broken = whole.clone();
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    let shorter: Vec<u8> = [&whole[..6_000_000], &whole[whole.len() - 28..]].concat();
    let cases: [(&str, &[u8], &str); 4] = [
        ("cut", &whole[..whole.len() - 100], "cut off"),
        ("broken", &broken, "damaged"),
        ("shorter", &shorter, "has only"),
        ("text", b"@HD\tVN:1.6\n", "SAM text, not BAM or CRAM"),
    ];
    for (name, bytes, message) in cases {
        let folder = scratch();
        let path = folder.path().join(format!("{name}.bam"));
        std::fs::write(&path, bytes).expect("a file");
        std::fs::write(folder.path().join(format!("{name}.bam.bai")), &index).expect("an index");
        let out = folder.path().join("out");
        let output = tierline().arg("qc").arg(&path).arg("-o").arg(&out).output().expect("a run");
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(65), "{name}: {errors}");
        assert!(errors.contains(message), "{name}: {errors}");
        let left = common::results_left(&out);
        assert_eq!(left, 0, "{name} leaves files");
    }
}
