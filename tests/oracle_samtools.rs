//! Summary numbers, reads by contig and coverage against the real samtools, on real reads and simulated ones: the same
//! numbers for every number of threads and size of tasks.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::path::Path;
use std::process::Command;

use common::{oracle, real_alignments as alignments, run, scratch, stdout_of, tierline};

/// The lines of a text that begin with one of these.
fn lines(text: &str, keep: impl Fn(&str) -> bool) -> Vec<&str> {
    text.lines().filter(|line| keep(line)).collect()
}

/// Compares one file for every number of threads.
fn compare(alignment: &Path, samtools: &Path) {
    let file = alignment.display();
    let of = |command: &str| stdout_of(Command::new(samtools).arg(command).arg(alignment));
    let (stats, idxstats, coverage) = (of("stats"), of("idxstats"), of("coverage"));
    let numbers = lines(&stats, |line| line.starts_with("SN\t"));
    assert!(numbers.len() > 30, "samtools prints its summary numbers");
    for (threads, task_bytes) in [("1", "2097152"), ("2", "70000"), ("5", "70000")] {
        let folder = scratch();
        let mut command = tierline();
        command.arg("qc").arg(alignment).args(["--prefix", "m", "--only", "samtools,depth", "-n"]);
        run(command.args(["-t", threads, "--task-bytes", task_bytes, "-o"]).arg(folder.path()));
        let ours = |suffix: &str| {
            std::fs::read_to_string(folder.path().join(suffix)).expect("a table of ours")
        };
        let own = ours("m.samtools.stats.txt");
        assert!(own.contains("This file was produced by samtools stats"));
        assert_eq!(lines(&own, |line| line.starts_with("SN\t")), numbers, "{file} {threads}");
        assert_eq!(ours("m.samtools.idxstats.txt"), idxstats, "{file} {threads}");
        assert_eq!(ours("m.samtools.coverage.txt"), coverage, "{file} {threads}");
    }
}

#[test]
fn tables_of_real_reads_are_those_of_samtools() {
    let Some(samtools) = oracle("samtools") else { return };
    for file in alignments() {
        compare(&file, &samtools);
    }
}

#[test]
fn tables_of_simulated_reads_are_those_of_samtools() {
    let Some(samtools) = oracle("samtools") else { return };
    for name in ["trio/child.bam", "tumour-normal/tumour.bam"] {
        compare(&common::root().join("test-data").join(name), &samtools);
    }
}

/// Reads that no aligner writes often: without qualities, without bases, over the end of the contig, hard-clipped, of a
/// file that is not sorted.
#[test]
fn odd_records_count_as_in_samtools() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let sam = folder.path().join("odd.sam");
    let text = "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:60\n@SQ\tSN:b\tLN:50\n\
        r1\t99\ta\t1\t60\t10M\t=\t11\t20\tACGTACGTAC\t*\tNM:i:1\n\
        r2\t0\ta\t2\t0\t4H4S6M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\n\
        r3\t1024\ta\t3\t7\t5M1D5M\t*\t0\t0\tACGTACGTAC\tIIIIIIIIII\tNM:i:3\n\
        r3\t2048\ta\t4\t7\t5H5M\t*\t0\t0\tACGTA\tIIIII\n\
        r3\t256\ta\t4\t7\t10M\t*\t0\t0\t*\t*\n\
        r1\t147\ta\t11\t60\t10M\t=\t1\t-20\tACGTACGTAC\tIIIIIIIIII\n\
        r4\t0\ta\t15\t30\t3M2I1M\t*\t0\t0\tACGTAC\tABCDEF\n\
        r5\t512\ta\t16\t30\t6M\t*\t0\t0\tACGTAC\tABCDEF\n\
        r6\t65\ta\t55\t30\t6M\tb\t1\t0\tACGTAC\tABCDEF\n\
        r6\t129\tb\t1\t30\t6M\ta\t55\t0\tACGTAC\tABCDEF\n\
        r7\t73\tb\t20\t30\t6M\t=\t20\t0\tACGTAC\tABCDEF\n\
        r7\t133\tb\t20\t0\t*\t=\t20\t0\tACGTAC\tABCDEF\n\
        r8\t77\t*\t0\t0\t*\t*\t0\t0\tACGTAC\tABCDEF\n\
        r8\t141\t*\t0\t0\t*\t*\t0\t0\tACGTAC\tABCDEF\n";
    std::fs::write(&sam, text).expect("the SAM");
    let bam = folder.path().join("odd.bam");
    run(Command::new(&samtools).args(["view", "-b", "-o"]).arg(&bam).arg(&sam));
    run(Command::new(&samtools).arg("index").arg(&bam));
    compare(&bam, &samtools);
}
