//! CRAM in every shape that samtools writes: the records of its BAM, in their order, whatever the cuts and threads; and
//! files, indices and references that do not fit are named before work starts.

#![cfg(feature = "cram")]
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{gunzip, oracle, run, scratch, shared_file, tierline};
use tierline::io::alignment::{Alignment, OpenOptions};
use tierline::io::bam_tasks::{BlockSum, Buffers};
use tierline::model::read::Fields;

/// Contigs of the made-up genome; the third has no read, the last but few.
const CONTIGS: [(&str, usize); 4] = [("a", 30_000), ("b", 12_000), ("none", 900), ("c", 3_000)];

/// Shapes of CRAM: containers of one and of many slices, slices of many contigs, bases of every source.
const SHAPES: [(&str, &[&str]); 8] = [
    ("v30", &["version=3.0"]),
    ("v31", &["version=3.1", "seqs_per_slice=150"]),
    ("small", &["version=3.0", "seqs_per_slice=100"]),
    ("slices", &["version=3.0", "seqs_per_slice=50", "slices_per_container=4"]),
    ("multi", &["version=3.0", "seqs_per_slice=400", "multi_seq_per_slice=1"]),
    ("free", &["version=3.1", "seqs_per_slice=200", "no_ref=1"]),
    ("embedded", &["version=3.0", "seqs_per_slice=200", "embed_ref=1"]),
    ("archive", &["version=3.1", "archive", "seqs_per_slice=300"]),
];

/// A small generator of numbers (Knuth's MMIX constants).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn random_bases(numbers: &mut Numbers, length: usize) -> String {
    (0..length).map(|_| ['A', 'C', 'G', 'T'][numbers.below(4)]).collect()
}

/// A folder with a reference, and reads on it as BAM.
struct Made {
    folder: tempfile::TempDir,
    samtools: PathBuf,
    reference: PathBuf,
    bam: PathBuf,
}

impl Made {
    fn new() -> Option<Self> {
        let samtools = oracle("samtools")?;
        let folder = scratch();
        let mut numbers = Numbers(7);
        let genome: Vec<String> =
            CONTIGS.iter().map(|(_, length)| random_bases(&mut numbers, *length)).collect();
        let reference = folder.path().join("ref.fa");
        write_reference(&samtools, &reference, &genome);
        let (text, bam) = (folder.path().join("x.sam"), folder.path().join("x.bam"));
        fs::write(&text, sam(&mut numbers, &genome)).expect("the SAM");
        let sorted = folder.path().join("sorted.bam");
        run(Command::new(&samtools).args(["sort", "-o"]).arg(&sorted).arg(&text));
        // NM and MD follow from the bases, so that a CRAM does not keep them.
        let tagged =
            run(Command::new(&samtools).args(["calmd", "-b"]).arg(&sorted).arg(&reference));
        fs::write(&bam, tagged.stdout).expect("the BAM");
        run(Command::new(&samtools).arg("index").arg(&bam));
        Some(Self { folder, samtools, reference, bam })
    }

    /// The reads as CRAM of a shape.
    fn cram(&self, name: &str, options: &[&str], indexed: bool) -> PathBuf {
        let cram = self.folder.path().join(format!("{name}-{indexed}.cram"));
        write_cram(&self.samtools, &self.bam, &self.reference, options, &cram);
        if indexed {
            run(Command::new(&self.samtools).arg("index").arg(&cram));
        }
        cram
    }
}

fn write_reference(samtools: &Path, path: &Path, genome: &[String]) {
    let mut fasta = String::new();
    for ((name, _), bases) in CONTIGS.iter().zip(genome) {
        let _ = writeln!(fasta, ">{name}\n{bases}");
    }
    fs::write(path, fasta).expect("the reference");
    run(Command::new(samtools).arg("faidx").arg(path));
}

fn write_cram(samtools: &Path, bam: &Path, reference: &Path, options: &[&str], cram: &Path) {
    let mut command = Command::new(samtools);
    command.args(["view", "-C", "-T"]).arg(reference).arg("-o").arg(cram).arg(bam);
    for option in options {
        command.args(["--output-fmt-option", option]);
    }
    run(&mut command);
}

/// Pairs with mismatches, clips, insertions and deletions, unmapped mates, pairs over two contigs, and an unmapped tail.
fn sam(numbers: &mut Numbers, genome: &[String]) -> String {
    let mut text = "@HD\tVN:1.6\tSO:coordinate\n".to_owned();
    for (name, length) in CONTIGS {
        let _ = writeln!(text, "@SQ\tSN:{name}\tLN:{length}");
    }
    text += "@RG\tID:one\tSM:made\n@RG\tID:two\tSM:made\n";
    for i in 0..1500 {
        let contig = match i % 40 {
            0..=25 => 0,
            26..=38 => 1,
            _ => 3,
        };
        let start = numbers.below(CONTIGS[contig].1 - 500);
        let other = if i % 53 == 0 { 1 } else { contig };
        let mate = if other == contig { start + numbers.below(150) } else { 40 };
        let name = format!("pair:{i}:{}", numbers.below(1000));
        let alone = i % 29 == 0;
        let flags = if alone { [73, 133] } else { [99, 147] };
        let duplicate = if numbers.below(9) == 0 { 1024 } else { 0 };
        let places = [(contig, start), if alone { (contig, start) } else { (other, mate) }];
        for end in 0..2 {
            let ((own, at), (next, next_at)) = (places[end], places[1 - end]);
            let (cigar, bases) = aligned(numbers, &genome[own][at..]);
            let cigar = if alone && end == 1 { "*".to_owned() } else { cigar };
            let quality: String =
                (0..bases.len()).map(|_| ['#', '-', '8', 'F'][numbers.below(4)]).collect();
            let (flag, mapq) = (flags[end] | duplicate, if cigar == "*" { 0 } else { 60 });
            let (own, next) = (CONTIGS[own].0, CONTIGS[next].0);
            let length = numbers.below(900);
            let group = ["one", "two"][i % 2];
            let (at, next_at) = (at + 1, next_at + 1);
            let _ = writeln!(
                text,
                "{name}\t{flag}\t{own}\t{at}\t{mapq}\t{cigar}\t{next}\t{next_at}\t{length}\t{bases}\t{quality}\tRG:Z:{group}\tXT:i:{i}"
            );
        }
    }
    for i in 0..400 {
        let bases = random_bases(numbers, 100);
        let quality = "F".repeat(100);
        let _ = writeln!(text, "tail{i}\t4\t*\t0\t0\t*\t*\t0\t0\t{bases}\t{quality}\tXT:i:{i}");
    }
    text
}

/// CIGAR and bases of a read that begins at the first of these reference bases.
fn aligned(numbers: &mut Numbers, reference: &str) -> (String, String) {
    let (cigar, mut bases) = match numbers.below(6) {
        0 => ("5S95M".to_owned(), random_bases(numbers, 5) + &reference[..95]),
        1 => ("50M2I48M".to_owned(), format!("{}AC{}", &reference[..50], &reference[50..98])),
        2 => ("40M3D60M".to_owned(), format!("{}{}", &reference[..40], &reference[43..103])),
        _ => ("100M".to_owned(), reference[..100].to_owned()),
    };
    let place = numbers.below(bases.len());
    bases.replace_range(place..=place, "N");
    (cigar, bases)
}

const EVERYTHING: [Fields; 8] = [
    Fields::MATE,
    Fields::TEMPLATE_LENGTH,
    Fields::CIGAR,
    Fields::NAME,
    Fields::SEQUENCE,
    Fields::QUALITY,
    Fields::READ_GROUP,
    Fields::TAGS,
];

/// The asked parts of every record, as text; tasks are read from the last to the first, so that no reader goes on where
/// it stopped. Also the number of tasks, and the sums of the blocks in the order of the file.
fn records(
    path: &Path,
    options: &OpenOptions,
) -> Result<(Vec<String>, usize, Vec<BlockSum>), String> {
    let opened = Alignment::open(path, options).map_err(|problem| problem.to_string())?;
    let asked = options.fields;
    let tasks = opened.tasks().expect("a file that can be cut");
    let (mut lines, mut sums) = (vec![Vec::new(); tasks], vec![Vec::new(); tasks + 1]);
    sums[0].extend(opened.header_sums());
    for i in (0..tasks).rev() {
        let read = opened.read(i, &mut Buffers::default(), &mut sums[i + 1], &mut |block| {
            for read in block.iter() {
                let mut line = format!(
                    "{} {} {} {}",
                    read.flags(),
                    read.contig(),
                    read.position(),
                    read.mapq()
                );
                for part in EVERYTHING.into_iter().filter(|part| asked.contains(*part)) {
                    let _ = match part {
                        Fields::MATE => {
                            write!(line, " mate {} {}", read.mate_contig(), read.mate_position())
                        }
                        Fields::TEMPLATE_LENGTH => write!(line, " t {}", read.template_length()),
                        Fields::CIGAR => {
                            write!(line, " {:?}", read.cigar().iter().collect::<Vec<_>>())
                        }
                        Fields::NAME => write!(line, " {}", String::from_utf8_lossy(read.name())),
                        Fields::SEQUENCE => write!(line, " {:?}", read.packed_sequence()),
                        Fields::QUALITY => write!(line, " {:?}", read.qualities()),
                        Fields::READ_GROUP => write!(line, " {:?}", read.tag(*b"RG")),
                        _ => {
                            let tags = [*b"XT", *b"NM", *b"MD"].map(|key| read.tag(key));
                            write!(line, " {tags:?}")
                        }
                    };
                }
                lines[i].push(line);
            }
            Ok(())
        });
        assert!(read.map_err(|problem| problem.to_string())?, "the file has {tasks} tasks");
    }
    Ok((lines.concat(), tasks, sums.concat()))
}

#[test]
fn every_shape_holds_the_records_of_its_bam_in_their_order() {
    let Some(made) = Made::new() else { return };
    let sets = [
        Fields::CORE | Fields::MATE,
        Fields::CORE | Fields::CIGAR | Fields::NAME | Fields::MATE,
        Fields::CORE | Fields::QUALITY | Fields::SEQUENCE,
        Fields::CORE | Fields::TAGS,
        Fields::CORE | Fields::QUALITY | Fields::READ_GROUP,
        EVERYTHING.into_iter().fold(Fields::CORE, |all, part| all | part),
    ];
    let crams: Vec<(&str, PathBuf)> = SHAPES
        .iter()
        .flat_map(|(name, shape)| [false, true].map(|own| (*name, made.cram(name, shape, own))))
        .collect();
    for fields in sets {
        let options = |task_bytes| OpenOptions {
            fields,
            reference: Some(made.reference.clone()),
            task_bytes,
        };
        let (expected, ..) = records(&made.bam, &options(None)).expect("the BAM");
        assert_eq!(expected.len(), 3400);
        let distances = expected.iter().filter(|line| line.contains("Integer(1)")).count();
        assert_eq!(distances > 1000, fields.contains(Fields::TAGS), "reads with an NM of 1");
        for (name, cram) in &crams {
            let mut digests = BTreeSet::new();
            for (bytes, least) in [(Some(1), 7), (Some(40_000), 1), (None, 1)] {
                let (found, tasks, sums) = records(cram, &options(bytes)).expect("the CRAM");
                assert!(tasks >= least || *name == "v30", "{name} has {tasks} tasks");
                assert!(found == expected, "{} {bytes:?} {fields:?}", cram.display());
                digests.insert(sums);
            }
            assert_eq!(digests.len(), 1, "sums of blocks follow the cuts: {name}");
            assert!(digests.first().expect("sums").len() > 20, "{name} has more blocks");
        }
    }
}

/// The results of `tierline qc`, inflated, but for the document that names the input, and for the index of compressed
/// blocks, whose cuts follow the tasks.
fn results(alignment: &Path, more: &[&str]) -> Vec<(String, Vec<u8>)> {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--prefix", "m", "--by", "20000", "-o"]);
    run(command.arg(folder.path()).args(more));
    let mut found: Vec<_> = fs::read_dir(folder.path())
        .expect("the results")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .filter(|(name, _)| [".txt", ".bed.gz"].iter().any(|end| name.ends_with(end)))
        .map(|(name, path)| (name, gunzip(&path)))
        .collect();
    found.sort();
    assert!(found.len() >= 5);
    found
}

#[test]
fn results_are_those_of_the_bam_for_every_cut_and_number_of_threads() {
    let Some(made) = Made::new() else { return };
    let reference = made.reference.to_str().expect("a path");
    let given = ["-f", reference];
    let mut cases: Vec<(PathBuf, PathBuf, [&str; 2])> = SHAPES
        .iter()
        .map(|(name, shape)| (made.bam.clone(), made.cram(name, shape, *name != "small"), given))
        .collect();
    if let Some(real) = shared_file("reads/na12878_chr21_16.6-16.8Mb_grch38.bam") {
        let cram = made.folder.path().join("real.cram");
        let options = ["no_ref=1", "seqs_per_slice=1000"];
        write_cram(&made.samtools, &real, &made.reference, &options, &cram);
        cases.push((real, cram, ["--only", "flags,depth,insert_size"]));
    }
    for (bam, cram, more) in cases {
        let expected = results(&bam, &more);
        for threads in ["1", "2", "5"] {
            for bytes in ["4", "70000", "2097152"] {
                let split = ["-t", threads, "--task-bytes", bytes];
                let found = results(&cram, &[&split[..], &more].concat());
                assert!(found == expected, "{} {split:?}", cram.display());
            }
        }
    }
}

/// Runs `qc` on a file that must be refused and returns the errors.
fn refused(alignment: &Path, more: &[&str], code: i32) -> String {
    let folder = scratch();
    let out = folder.path().join("out");
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--prefix", "m", "-o"]).arg(&out).args(more);
    let output = command.output().expect("a run");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{errors}");
    assert_eq!(common::results_left(&out), 0, "results: {errors}");
    errors
}

#[test]
fn cut_damaged_and_old_files_are_named() {
    let Some(made) = Made::new() else { return };
    let whole = made.cram("small", &["version=3.0", "seqs_per_slice=100"], true);
    let bytes = fs::read(&whole).expect("the CRAM");
    let index = fs::read(whole.with_extension("cram.crai")).expect("the index");
    let end = bytes.len() - 38;
    let mut flipped = bytes.clone();
    flipped[end / 2] ^= 0x10;
    let middle = [&bytes[..end / 2], &bytes[end..]].concat();
    let cases: [(&str, &[u8], &str); 4] = [
        ("no-end", &bytes[..end], "cut off: no end marker"),
        ("inside", &bytes[..end / 2], "cut off: no end marker"),
        ("middle", &middle, "damaged: no container begins"),
        ("flipped", &flipped, "the check sum of block"),
    ];
    for (name, bytes, message) in cases {
        let cram = made.folder.path().join(format!("{name}.cram"));
        fs::write(&cram, bytes).expect("a file");
        let errors = refused(&cram, &[], 65);
        assert!(errors.contains(message), "{name}: {errors}");
        fs::write(made.folder.path().join(format!("{name}.cram.crai")), &index).expect("an index");
        let errors = refused(&cram, &[], 65);
        let message = if name == "middle" { "does not fit its file" } else { message };
        assert!(errors.contains(message), "{name}: {errors}");
    }
    let old = made.cram("old", &["version=2.1"], false);
    let errors = refused(&old, &[], 65);
    assert!(errors.contains("CRAM 2.1 is not read") && errors.contains("convert it"), "{errors}");
}

#[test]
fn an_index_of_another_file_is_named() {
    let Some(made) = Made::new() else { return };
    let cram = made.cram("x", &["seqs_per_slice=100"], true);
    let place = cram.with_extension("cram.crai");
    let other = made.cram("other", &["seqs_per_slice=130"], true);
    let foreign = fs::read(other.with_extension("cram.crai")).expect("an index");
    let own = gunzip(&place);
    let own = String::from_utf8(own).expect("text");
    // The last offset of the index is moved, with all others where they are.
    let moved = |by: i64| {
        let mut lines: Vec<String> = own.lines().map(str::to_owned).collect();
        let last = lines.last_mut().expect("a line");
        let mut parts: Vec<String> = last.split('\t').map(str::to_owned).collect();
        parts[3] = (parts[3].parse::<i64>().expect("an offset") + by).to_string();
        *last = parts.join("\t");
        (lines.join("\n") + "\n").into_bytes()
    };
    let lost = own.replacen('\t', "\tx", 1).into_bytes();
    let cases = [
        ("foreign", foreign, "does not fit its file"),
        ("moved", moved(1), "no container begins at byte"),
        ("beyond", moved(1 << 40), "but the file has"),
        ("lost", lost, "line 1"),
        ("contig", own.replacen("0\t", "4\t", 1).into_bytes(), "line 1"),
        ("gzip", b"\x1f\x8b\x08\x00 no more".to_vec(), "it is damaged"),
    ];
    for (name, index, message) in cases {
        fs::write(&place, index).expect("an index");
        let errors = refused(&cram, &[], 65);
        assert!(errors.contains(message), "{name}: {errors}");
        assert!(errors.contains("samtools index"), "{name}: {errors}");
    }
    // A plain index and one that knows only some containers serve as well.
    let some: String = own.lines().step_by(3).fold(String::new(), |all, line| all + line + "\n");
    let expected = results(&made.bam, &[]);
    for index in [&own, &some] {
        fs::write(&place, index).expect("an index");
        assert!(results(&cram, &["--task-bytes", "4"]) == expected);
    }
}

#[test]
fn a_wrong_or_lost_reference_is_named_before_work_starts() {
    let Some(made) = Made::new() else { return };
    let path = |name: &str| made.folder.path().join(name);
    let cram = made.cram("x", &["seqs_per_slice=100"], true);
    let (free, embedded) =
        (made.cram("free", &["no_ref=1"], true), made.cram("embedded", &["embed_ref=1"], false));
    let mut numbers = Numbers(8);
    let other: Vec<String> =
        CONTIGS.iter().map(|(_, length)| random_bases(&mut numbers, *length)).collect();
    let wrong = path("wrong.fa");
    write_reference(&made.samtools, &wrong, &other);
    let given = wrong.to_str().expect("a path");
    let errors = refused(&cram, &["-f", given], 65);
    assert!(errors.contains("wrong.fa: a:") && errors.contains("MD5"), "{errors}");
    assert_eq!(errors.lines().filter(|line| line.contains("wrong.fa")).count(), 1, "{errors}");
    // Metrics look at the reference that is given; the reads' own bases are in the file.
    let expected = results(&made.bam, &["-f", given]);
    for own in [&free, &embedded] {
        assert!(results(own, &["-f", given]) == expected, "{own:?} needs no reference");
    }

    fs::copy(&made.reference, path("bare.fa")).expect("a copy");
    fs::copy(&made.reference, path("unnamed")).expect("a copy");
    for (name, code, message) in
        [("bare.fa", 66, "bare.fa.fai"), ("unnamed", 2, "REF.fa"), ("no.fa", 66, "no.fa")]
    {
        let errors = refused(&cram, &["-f", path(name).to_str().expect("a path")], code);
        assert!(errors.contains(message), "{errors}");
    }

    // Without bases nothing is asked of a reference; with bases its loss is named.
    let depth = ["--only", "flags,depth"];
    let expected = results(&made.bam, &depth);
    fs::remove_file(&made.reference).expect("the reference goes");
    assert!(results(&cram, &depth) == expected);
    for fields in [Fields::SEQUENCE, Fields::TAGS] {
        let fields = Fields::CORE | fields;
        let options = OpenOptions { fields, reference: None, task_bytes: None };
        let errors = records(&cram, &options).expect_err("no bases");
        assert!(errors.contains("-f/--reference") && errors.contains("x-true.cram"), "{errors}");
        assert!(records(&free, &options).is_ok());
    }
}

/// Slices of many contigs do not tell what they were made with, and htslib wants it even where no base is asked for.
#[test]
fn a_lost_reference_is_not_called_damage() {
    let Some(made) = Made::new() else { return };
    let cram = made.cram("multi", &["seqs_per_slice=400", "multi_seq_per_slice=1"], true);
    fs::remove_file(&made.reference).expect("the reference goes");
    for only in ["insert_size", "yield"] {
        let errors = refused(&cram, &["--only", only], 66);
        assert!(errors.contains("without the reference that it was made with"), "{errors}");
        assert!(errors.contains("-f/--reference") && !errors.contains("damaged"), "{errors}");
    }
}

#[test]
fn a_file_without_records_has_results() {
    let Some(made) = Made::new() else { return };
    let (text, cram) = (made.folder.path().join("e.sam"), made.folder.path().join("e.cram"));
    fs::write(&text, "@HD\tVN:1.6\n@SQ\tSN:a\tLN:30000\n").expect("the SAM");
    write_cram(&made.samtools, &text, &made.reference, &[], &cram);
    let found = results(&cram, &["-f", made.reference.to_str().expect("a path")]);
    let per_base = found.iter().find(|(name, _)| name == "m.per-base.bed.gz").expect("the track");
    assert_eq!(per_base.1, b"a\t0\t30000\t0\n");
}
