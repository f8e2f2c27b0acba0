use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::io::site_list;

const HEAD: &str = "##fileformat=VCFv4.2\n\
    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tchild\tmother\n";

fn file(name: &str, text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

/// Sites A>G at every tenth position of contig 1 and of X.
fn list() -> Arc<SiteList> {
    let rows: String = ["1", "X"]
        .iter()
        .flat_map(|contig| {
            (1..40).map(move |i| format!("{contig}\t{0}\t{1}\tA\tG\t0.5\n", 10 * i - 1, 10 * i))
        })
        .collect();
    let (_folder, path) = file("a.bed", &rows);
    Arc::new(site_list::read(&path, None).unwrap().list)
}

fn sketches(rows: &[&str]) -> Result<Vec<Sketch>, Problems> {
    let (_folder, path) = file("a.vcf", &(HEAD.to_owned() + &rows.join("\n") + "\n"));
    read(&path, &list(), 20.0)
}

/// Genotype, and reference, alternate and other bases, of the site at a position of contig 1 in a sample.
fn at(sketches: &[Sketch], sample: usize, position: u32) -> (SiteGenotype, [u32; 3]) {
    let counts = &sketches[sample].counts[position as usize / 10 - 1];
    (counts.called.unwrap(), [counts.reference, counts.alternate, counts.other])
}

#[test]
fn calls_of_every_shape() {
    use SiteGenotype::{Het, HomAlt, HomRef, Unknown};
    let found = sketches(&[
        "chr1\t10\t.\tA\tG\t.\t.\t.\tGT:AD:GQ\t0/1:9,8:99\t1|1:0,20:99",
        "chr1\t20\t.\tA\tT,G\t.\tPASS\t.\tGT:AD\t0/2:9,1,8\t1/2:0,7,9",
        "chr1\t30\t.\tA\tT\t.\t.\t.\tGT:AD\t0/0:9,1\t0/1:5,5",
        "chr1\t40\t.\tA\tG\t.\t.\t.\tGT:DP\t0/0:17\t0/1:17",
        "chr1\t50\t.\tA\tG\t.\t.\t.\tGT:AD\t./.:.\t./1:0,3",
        "chr1\t60\t.\tA\tG\t.\tq10\t.\tGT:AD\t0/1:9,8\t0/0:20,0",
        "chr1\t70\t.\tA\tG\t.\t.\t.\tGT:AD:GQ\t0/1:9,8:19\t0/1:9,8:20",
        "chr1\t80\t.\tAT\tA\t.\t.\t.\tGT:AD\t0/1:9,8\t0/0:20,0",
        "chr1\t90\t.\tA\tG\t.\t.\t.\tGT\t1\t0/0/1",
        "chr1\t95\t.\tC\t<NON_REF>\t.\t.\tEND=125\tGT:DP:MIN_DP:GQ\t0/0:30:21:60\t0/0:30:22:3",
        "chr1\t130\t.\tA\tC\t.\t.\t.\tGT\t0/1\t0/0",
        "chr1\t130\t.\tA\tG\t.\t.\t.\tGT\t0/1\t0/0",
        "chr1\t140\t.\tA\tG\t.\t.\t.\tGT\t0/0\t0/0",
        "chr1\t140\t.\tA\tG\t.\t.\t.\tGT\t0/1\t0/0",
        "chr1\t150\t.\tG\tA\t.\t.\t.\tGT\t0/0\t0/0",
        "7\t10\t.\tA\tG\t.\t.\t.\tGT\t1/1\t1/1",
    ])
    .unwrap();
    assert_eq!((&*found[0].sample, &*found[1].sample, found.len()), ("child", "mother", 2));
    for (position, child, mother) in [
        (10, (Het, [9, 8, 0]), (HomAlt, [0, 20, 0])),
        (20, (Het, [9, 8, 1]), (Unknown, [0, 9, 7])),
        (30, (HomRef, [9, 0, 1]), (Unknown, [5, 0, 5])),
        (40, (HomRef, [17, 0, 0]), (Het, [0, 0, 0])),
        (50, (Unknown, [0, 0, 0]), (Unknown, [0, 3, 0])),
        (60, (Unknown, [9, 8, 0]), (Unknown, [20, 0, 0])),
        (70, (Unknown, [9, 8, 0]), (Het, [9, 8, 0])),
        (80, (Unknown, [0, 0, 0]), (Unknown, [0, 0, 0])),
        (90, (HomAlt, [0, 0, 0]), (Unknown, [0, 0, 0])),
        (100, (HomRef, [21, 0, 0]), (Unknown, [22, 0, 0])),
        (120, (HomRef, [21, 0, 0]), (Unknown, [22, 0, 0])),
        (130, (Unknown, [0, 0, 0]), (HomRef, [0, 0, 0])),
        (140, (Unknown, [0, 0, 0]), (HomRef, [0, 0, 0])),
        (150, (Unknown, [0, 0, 0]), (Unknown, [0, 0, 0])),
        (160, (Unknown, [0, 0, 0]), (Unknown, [0, 0, 0])),
    ] {
        assert_eq!(at(&found, 0, position), child, "child {position}");
        assert_eq!(at(&found, 1, position), mother, "mother {position}");
    }
    assert!(found.iter().all(|s| s.depth.is_none() && s.source == SketchSource::Calls));
}

#[test]
fn what_a_caller_did_not_see_or_refused_is_unknown() {
    use SiteGenotype::{Het, HomRef, Unknown};
    let found = sketches(&[
        "1\t10\t.\tA\t.\t.\t.\t.\tGT:DP:RGQ\t0/0:0:0\t0/0:30:60",
        "1\t20\t.\tA\t.\t.\t.\t.\tGT:DP:RGQ\t0/0:30:5\t0/0:30",
        "1\t30\t.\tA\tG\t.\t.\t.\tGT:DP\t0/0:0\t0/1:9",
        "1\t40\t.\tA\tG\t.\t.\t.\tGT:AD\t0/0:0,0\t0/1:4,5",
        "1\t50\t.\tA\tG\t.\t.\t.\tGT:FT\t0/1:LowGQ\t0/1:PASS",
        "1\t60\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:4294967295,4294967295\t0/1:.",
        "1\t70\t.\tA\tG\t.\t.\t.\tGT:GQ\t0/1:.\t0/1:",
    ])
    .unwrap();
    for (position, child, mother) in [
        (10, Unknown, HomRef),
        (20, Unknown, HomRef),
        (30, Unknown, Het),
        (40, Unknown, Het),
        (50, Unknown, Het),
        (60, Het, Het),
        (70, Het, Het),
    ] {
        let shown = [0, 1].map(|sample| at(&found, sample, position).0);
        assert_eq!(shown, [child, mother], "{position}");
    }
    let deepest = &found[0].counts[5];
    assert_eq!((deepest.depth(), deepest.other), (u32::MAX, 0), "no overflow");
}

/// One position in several records: multi-allelic sites that were split, several callers.
#[test]
fn records_of_one_position_are_put_together_in_any_order() {
    use SiteGenotype::{Het, HomAlt, HomRef, Unknown};
    let of = |records: &[(&str, &str)]| {
        let row = |(alternate, genotype): &(&str, &str)| {
            format!("1\t10\t.\tA\t{alternate}\t.\t.\t.\tGT\t{genotype}\t0/0")
        };
        let rows: Vec<String> = records.iter().map(row).collect();
        let back: Vec<&str> = rows.iter().rev().map(String::as_str).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        let found = [rows, back].map(|rows| at(&sketches(&rows).unwrap(), 0, 10).0);
        assert_eq!(found[0], found[1], "{records:?}");
        found[0]
    };
    // Reference and G of a site with T as well, split.
    assert_eq!(of(&[("T", "0/0"), ("G", "0/1")]), Het);
    assert_eq!(of(&[("T", "./."), ("G", "1/1")]), HomAlt);
    assert_eq!(of(&[("T", "0/0"), ("C", "0/0")]), HomRef);
    // T and G: neither of the site's genotypes.
    assert_eq!(of(&[("T", "1/0"), ("G", "0/1")]), Unknown);
    assert_eq!(of(&[("G", "0/0"), ("G", "0/1"), ("G", "0/0")]), Unknown, "two callers against one");
    assert_eq!(of(&[("G", "0/1"), ("G", "./."), ("G", "0/1")]), Het);
}

#[test]
fn bad_calls_are_named_by_column() {
    for (row, expected) in [
        ("1\t10\t.\tA\tG\t.\t.\t.\tGT\t0/1\t0/x", "1:10: sample column 2: \"0/x\" is no genotype"),
        ("1\t10\t.\tA\tG\t.\t.\t.\tGT:AD\t0/1:9,x\t0/0", "sample column 1: AD \"x\" is no depth"),
        ("1\tx\t.\tA\tG\t.\t.\t.\tGT\t0/1\t0/0", "POS \"x\" is no position"),
    ] {
        let message = sketches(&[row]).unwrap_err().to_string();
        assert!(message.contains(expected) && message.contains("a.vcf"), "{message}");
        assert!(!message.contains("mother"), "no sample is named");
    }
    let (_folder, path) =
        file("b.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
    assert!(read(&path, &list(), 20.0).unwrap_err().to_string().contains("no sample column"));
}

#[test]
fn calls_of_another_build_are_refused() {
    let rows: Vec<String> =
        (1..30).map(|i| format!("1\t{}\t.\tC\tG\t.\t.\t.\tGT\t0/1\t0/0", 10 * i)).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let message = sketches(&rows).unwrap_err().to_string();
    assert!(message.contains("29 of 29 records have another reference base"), "{message}");
    assert!(sketches(&rows[..19]).is_ok(), "too few to conclude anything");
}
