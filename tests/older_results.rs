//! A run into a folder with older results: after a failure nothing of them is left, and nothing else was touched.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::{gunzip, root, run, scratch, tierline};

/// The committed trio with its calls as text, so that a line can be added.
fn case(folder: &Path) -> PathBuf {
    let trio = root().join("test-data/trio");
    let case = folder.join("case");
    fs::create_dir(&case).unwrap();
    for entry in fs::read_dir(&trio).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, case.join(path.file_name().unwrap())).unwrap();
    }
    fs::write(case.join("calls.vcf"), gunzip(&trio.join("trio.vcf.gz"))).unwrap();
    let reference = root().join("test-data/reference/sim.fa.gz");
    let text = fs::read_to_string(case.join("case.toml")).unwrap();
    let text = text
        .replace("trio.vcf.gz", "calls.vcf")
        .replace("../reference/sim.fa.gz", &reference.display().to_string());
    fs::write(case.join("case.toml"), text).unwrap();
    case
}

fn files(folder: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            names.extend(files(&entry.path()).into_iter().map(|inner| format!("{name}/{inner}")));
        } else {
            names.insert(name);
        }
    }
    names
}

#[test]
fn a_failed_rerun_leaves_no_older_results_and_every_foreign_file() {
    let folder = scratch();
    let case = case(folder.path());
    let out = folder.path().join("out");
    for command in ["run", "tier"] {
        let _ = fs::remove_dir_all(&out);
        run(tierline().arg("run").arg(case.join("case.toml")).arg("-o").arg(&out));
        let whole = files(&out);
        assert!(
            whole.contains("results.json") && whole.contains("qc/SIMCHILD.qc.json"),
            "{whole:?}"
        );
        // Two files of other people, and the files of a sample that an older case had.
        let foreign = ["notes.txt", "qc/other.mosdepth.summary.txt"];
        for name in foreign {
            fs::write(out.join(name), "mine").unwrap();
        }
        for end in ["qc.json", "flagstat.txt", "per-base.bed.gz"] {
            fs::write(out.join(format!("qc/OLDER.{end}")), "older").unwrap();
        }
        let calls = case.join("calls.vcf");
        let good = fs::read(&calls).unwrap();
        fs::write(&calls, [&good[..], b"chr20\tnowhere\n"].concat()).unwrap();
        let output = tierline()
            .arg(command)
            .arg(case.join("case.toml"))
            .arg("-o")
            .arg(&out)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(65), "{output:?}");
        let left: Vec<String> = files(&out).into_iter().collect();
        assert_eq!(left, [&foreign[..], &["status.jsonl"]].concat(), "{command}");
        fs::write(&calls, good).unwrap();
        run(tierline().arg("run").arg(case.join("case.toml")).arg("-o").arg(&out));
        let again: BTreeSet<String> =
            files(&out).into_iter().filter(|name| !foreign.contains(&name.as_str())).collect();
        assert_eq!(again, whole);
    }
}

#[test]
fn faults_of_inputs_leave_older_results_alone() {
    let folder = scratch();
    let case = case(folder.path());
    let out = folder.path().join("out");
    run(tierline().arg("tier").arg(case.join("case.toml")).arg("-o").arg(&out));
    let whole = files(&out);
    fs::remove_file(case.join("calls.vcf")).unwrap();
    let output = tierline().arg("tier").arg(case.join("case.toml")).arg("-o").arg(&out).output();
    assert_eq!(output.unwrap().status.code(), Some(66));
    assert_eq!(files(&out), whole, "work never started");
}

#[test]
fn quality_figures_of_an_earlier_run_go_before_work_starts() {
    let folder = scratch();
    let source = root().join("test-data/trio/child.bam");
    let input = folder.path().join("child.bam");
    fs::copy(&source, &input).unwrap();
    fs::copy(source.with_extension("bam.bai"), folder.path().join("child.bam.bai")).unwrap();
    let out = folder.path().join("out");
    run(tierline().args(["qc", "-b", "1000", "-T", "10", "-o"]).arg(&out).arg(&input));
    assert!(files(&out).len() > 8, "{:?}", files(&out));
    fs::write(out.join("SIMCHILD.notes.txt"), "mine").unwrap();
    // A byte of a block in the middle: found while it is read.
    let mut bytes = fs::read(&input).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&input, bytes).unwrap();
    let output = tierline().arg("qc").arg("-o").arg(&out).arg(&input).output().unwrap();
    assert_eq!(output.status.code(), Some(65), "{output:?}");
    let left: Vec<_> = files(&out).into_iter().collect();
    assert_eq!(left, ["SIMCHILD.notes.txt", "status.jsonl"], "and what happened");
}
