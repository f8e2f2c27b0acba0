//! Tracks and their indexes are the same bytes however the alignment is read: threads, cuts, with or without an index, as
//! BAM or as CRAM.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use common::{oracle, run, sam_header, scratch, sorted_bam, tierline};

/// Contigs: several cells of the tracks, one without reads, and one that is shorter than a cell.
const CONTIGS: [(&str, u32); 3] = [("a", 400_000), ("empty", 90_000), ("c", 9_000)];
const BASES: u32 = 100;

/// Numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        ((self.0 >> 32) % u64::from(end)) as u32
    }
}

/// Overlapping pairs, with a stretch in the middle of the first contig that has none, and a few pairs far apart.
fn records(numbers: &mut Numbers) -> String {
    let (mut text, bases, qualities) = (String::new(), "ACGTT".repeat(20), "F".repeat(100));
    for pair in 0..9_000_u32 {
        let (name, length) = CONTIGS[if pair % 30 == 0 { 2 } else { 0 }];
        let start = numbers.below(length - 9_000.min(length / 2));
        let start = if name == "a" && start / 100_000 == 1 { start % 100_000 } else { start };
        let mate = start + numbers.below(if pair % 50 == 0 { 4_000 } else { 180 });
        let mapq = if numbers.below(9) == 0 { 5 } else { 60 };
        let insert = i64::from(mate + BASES - start);
        for (flag, own, other, insert) in [(99, start, mate, insert), (147, mate, start, -insert)] {
            let (own, other) = (own + 1, other + 1);
            writeln!(
                text,
                "p{pair}\t{flag}\t{name}\t{own}\t{mapq}\t{BASES}M\t=\t{other}\t{insert}\t{bases}\t{qualities}"
            )
            .expect("text");
        }
    }
    // Reads that hang over the end of the last contig, and one that begins far behind it.
    for (name, start) in [("over1", 8_930), ("over2", 8_960), ("behind", 70_000)] {
        let start = start + 1;
        writeln!(text, "{name}\t0\tc\t{start}\t60\t{BASES}M\t*\t0\t0\t{bases}\t{qualities}")
            .expect("text");
    }
    text
}

/// Regions that overlap, hold others, lie on borders of cells, end behind their contig, and are empty.
fn regions() -> String {
    let mut text = String::from("a\t0\t400000\twhole\n");
    for i in 0..900 {
        let start = i * 440;
        let end = start + 300 + i % 7 * 100;
        writeln!(text, "a\t{start}\t{end}\tr{i}").expect("text");
    }
    text + "a\t32768\t65536\tcell\na\t65536\t65536\tnone\nempty\t10\t50000\t\nc\t8000\t9500\tend\n"
}

/// Every track and index, by name.
fn tracks(arguments: &[&str], input: Option<&Path>) -> BTreeMap<String, Vec<u8>> {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").args(arguments).args(["--only", "depth", "--prefix", "m", "-o"]);
    if let Some(input) = input {
        command.stdin(std::fs::File::open(input).expect("the file"));
    }
    run(command.arg(folder.path()));
    let files = std::fs::read_dir(folder.path()).expect("the results");
    let paths = files.map(|file| file.expect("an entry").path());
    let is_track = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|extension| extension == "gz" || extension == "csi")
    };
    paths
        .filter(is_track)
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            (name, std::fs::read(&path).expect("a track"))
        })
        .collect()
}

#[test]
fn bytes_do_not_depend_on_how_the_alignment_is_read() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let mut numbers = Numbers(11);
    let sam = sam_header(&CONTIGS) + &records(&mut numbers);
    let bam = sorted_bam(&samtools, folder.path(), "reads", &sam);
    let alone = folder.path().join("alone.bam");
    std::fs::copy(&bam, &alone).expect("a copy without its index");
    let fasta = folder.path().join("genome.fa");
    let text = CONTIGS.iter().fold(String::new(), |text, (name, length)| {
        text + &format!(">{name}\n{}\n", "ACGTT".repeat(*length as usize / 5))
    });
    std::fs::write(&fasta, text).expect("a FASTA");
    run(Command::new(&samtools).arg("faidx").arg(&fasta));
    let cram = folder.path().join("reads.cram");
    run(Command::new(&samtools)
        .args(["view", "-C", "-T"])
        .args([&fasta, &bam])
        .arg("-o")
        .arg(&cram));
    run(Command::new(&samtools).arg("index").arg(&cram));

    let bed = folder.path().join("regions.bed");
    std::fs::write(&bed, regions()).expect("a BED");
    let name = |path: &Path| path.to_string_lossy().into_owned();
    let (bam, alone_name, cram, fasta) = (name(&bam), name(&alone), name(&cram), name(&fasta));
    let bed = name(&bed);
    let columns = [
        &["--by", "700", "-T", "1,5,30"][..],
        &["--by", "100", "--quantize", "0:1:4:100:"],
        &["--by", &bed, "-T", "1,5,30"],
        &["--by", "700", "--quantize", "0:1:4:", "--compat", "mosdepth-0.3.3"],
        &["--fragment-mode"],
        &[],
    ];
    for columns in columns {
        let with = |own: &[&str], input| tracks(&[own, columns].concat(), input);
        let expected = with(&[&bam, "-t", "1"], None);
        assert!(expected.len() >= 2, "{columns:?}");
        for (own, input) in [
            (&[&bam[..], "-t", "2"][..], None),
            (&[&bam, "-t", "3", "--task-bytes", "1"], None),
            (&[&bam, "-t", "8", "--task-bytes", "1000000000"], None),
            (&[&alone_name, "-t", "2"], None),
            (&["-", "-t", "3"], Some(&*alone)),
            (&[&cram, "-f", &fasta, "-t", "2"], None),
        ] {
            let found = with(own, input);
            for (name, bytes) in &expected {
                assert!(found.get(name) == Some(bytes), "{name} of {own:?} {columns:?}");
            }
            assert_eq!(found.len(), expected.len(), "{own:?} {columns:?}");
        }
    }
}
