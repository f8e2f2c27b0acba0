//! `tierline filter` as a command: which sample columns leave it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use common::{gunzip_text, root, run, scratch, tierline};

/// The lines from the column line on, as cells.
fn body(text: &str) -> Vec<Vec<&str>> {
    text.lines().filter(|l| !l.starts_with("##")).map(|l| l.split('\t').collect()).collect()
}

#[test]
fn only_the_asked_columns_are_written() {
    let folder = scratch();
    let out = folder.path().join("kept.vcf");
    let filter = |samples: &[&str]| {
        let calls = root().join("test-data/trio/trio.vcf.gz");
        run(tierline().args(["filter", "-Ov", "-o"]).arg(&out).args(samples).arg(calls));
        gunzip_text(&out)
    };
    let whole = filter(&[]);
    let whole = body(&whole);
    assert!(whole.len() > 10 && whole[0].len() == 12, "{:?}", whole[0]);
    for (samples, columns) in
        [("SIMFATHER", &[11][..]), ("SIMFATHER,SIMCHILD", &[11, 9]), ("", &[])]
    {
        let kept = filter(&["--samples", samples]);
        let fixed = if columns.is_empty() { 8 } else { 9 };
        let expected: Vec<Vec<&str>> = whole
            .iter()
            .map(|row| {
                row[..fixed].iter().chain(columns.iter().map(|&i| &row[i])).copied().collect()
            })
            .collect();
        assert_eq!(body(&kept), expected, "{samples}");
    }
}

#[test]
fn unknown_and_doubled_names_are_refused_without_being_told() {
    let folder = scratch();
    for names in ["SIMCHILD,SIMNOBODY", "SIMCHILD,SIMCHILD"] {
        let output = tierline()
            .args(["filter", "-s", names, "-o"])
            .arg(folder.path().join("kept.vcf.gz"))
            .arg(root().join("test-data/trio/trio.vcf.gz"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("--samples: name 2") && !told.contains("SIM"), "{told}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
