//! Depth of whole fragments and limits of the template length, against counts by hand and base by base.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip_text, oracle, run, scratch, tierline};

/// One record: name, flag, 1-based start, mate's start, template length; 50 aligned bases on the only contig.
type Record = (&'static str, u16, u32, u32, i32);

fn bam(samtools: &Path, folder: &Path, length: u32, records: &[Record]) -> PathBuf {
    let mut sam = format!("@HD\tVN:1.6\n@SQ\tSN:a\tLN:{length}\n");
    for (name, flag, start, mate, template) in records {
        let _ = writeln!(sam, "{name}\t{flag}\ta\t{start}\t60\t50M\t=\t{mate}\t{template}\t*\t*");
    }
    let (text, path) = (folder.join("x.sam"), folder.join("x.bam"));
    std::fs::write(&text, sam).expect("the SAM");
    run(Command::new(samtools).args(["sort", "-o"]).arg(&path).arg(&text));
    run(Command::new(samtools).arg("index").arg(&path));
    path
}

fn per_base(alignment: &Path, options: &[&str]) -> String {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--only", "depth", "--prefix", "m", "-o"]);
    run(command.arg(folder.path()).args(options));
    gunzip_text(&folder.path().join("m.per-base.bed.gz"))
}

/// The first read is the left one, the right one, then cases that do not count.
const RECORDS: [Record; 9] = [
    ("left", 99, 101, 301, 250),
    ("left", 147, 301, 101, -250),
    ("right", 163, 401, 601, 250),
    ("right", 83, 601, 401, -250),
    ("improper", 97, 701, 801, 150),
    ("improper", 145, 801, 701, -150),
    ("far", 99, 101, 851, 800),
    ("far", 147, 851, 101, -800),
    ("left", 2147, 901, 301, 250),
];

#[test]
fn a_fragment_counts_once_from_end_to_end() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let file = bam(&samtools, folder.path(), 1000, &RECORDS);
    let expected = "a\t0\t100\t0\na\t100\t350\t2\na\t350\t400\t1\na\t400\t650\t2\na\t650\t900\t1\n\
                    a\t900\t1000\t0\n";
    for options in [&["-a"][..], &["-a", "-t", "3", "--task-bytes", "1"]] {
        assert_eq!(per_base(&file, options), expected, "{options:?}");
    }
    let short = "a\t0\t100\t0\na\t100\t350\t1\na\t350\t400\t0\na\t400\t650\t1\na\t650\t1000\t0\n";
    assert_eq!(per_base(&file, &["-a", "-u", "799"]), short);
    let long = "a\t0\t100\t0\na\t100\t900\t1\na\t900\t1000\t0\n";
    assert_eq!(per_base(&file, &["-a", "-l", "251"]), long);
    assert_eq!(per_base(&file, &["-l", "150", "-u", "150"]), {
        "a\t0\t700\t0\na\t700\t750\t1\na\t750\t800\t0\na\t800\t850\t1\na\t850\t1000\t0\n"
    });
}

#[test]
fn limits_and_modes_that_contradict_are_usage_errors() {
    for options in [&["-a", "-x"][..], &["-l", "300", "-u", "200"]] {
        let folder = scratch();
        let mut command = tierline();
        command.args(["qc", "no_such.bam", "-o"]).arg(folder.path()).args(options);
        let output = command.output().expect("a run");
        assert_eq!(output.status.code(), Some(2), "{options:?}");
    }
}

#[test]
fn a_fragment_beyond_reach_is_named_not_miscounted() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let records =
        [("r", 163, 101, 90_001, 89_950), ("r", 83, 90_001, 101, -89_950), ("s", 99, 1, 9, 58)];
    let file = bam(&samtools, folder.path(), 200_000, &records);
    let mut command = tierline();
    command.arg("qc").arg(&file).args(["-a", "-o"]).arg(folder.path().join("out"));
    let output = command.output().expect("a run");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{errors}");
    assert!(errors.contains("89900 bp from position 90001"), "{errors}");
    assert!(errors.contains("-u 65536"), "{errors}");
    let text = per_base(&file, &["-a", "-u", "65536"]);
    assert_eq!(text, "a\t0\t58\t1\na\t58\t200000\t0\n");
}

#[test]
fn fragments_over_many_cuts_are_those_of_a_count_base_by_base() {
    let Some(samtools) = oracle("samtools") else { return };
    let length = 400_000_u32;
    let mut depth = vec![0_u32; length as usize];
    let mut records: Vec<Record> = Vec::new();
    for i in 0..4000_u32 {
        let start = 1 + i.wrapping_mul(2_654_435_761) % (length - 60_000);
        let template = 60 + i.wrapping_mul(40_503) % if i % 50 == 0 { 50_000 } else { 600 };
        let mate = start + template - 50;
        let size = template as i32;
        let name: &'static str = Box::leak(format!("r{i}").into_boxed_str());
        let flags = if i % 2 == 0 { [99, 147] } else { [163, 83] };
        records.push((name, flags[0], start, mate, size));
        records.push((name, flags[1], mate, start, -size));
        depth[start as usize - 1..(start - 1 + template) as usize].iter_mut().for_each(|d| *d += 1);
    }
    let (mut expected, mut from) = (String::new(), 0);
    for run in depth.chunk_by(|a, b| a == b) {
        let _ = writeln!(expected, "a\t{from}\t{}\t{}", from + run.len(), run[0]);
        from += run.len();
    }
    let folder = scratch();
    let file = bam(&samtools, folder.path(), length, &records);
    for options in [&["-a", "-t", "1"][..], &["-a", "-t", "4", "--task-bytes", "1"]] {
        assert!(per_base(&file, options) == expected, "{options:?}");
    }
    // Without an index the file is cut elsewhere.
    std::fs::remove_file(folder.path().join("x.bam.bai")).expect("the index goes");
    assert!(per_base(&file, &["-a", "-t", "2"]) == expected);
}
