//! The sketch of an alignment against `samtools mpileup` on real reads and against a count base by base on random ones: the same
//! for every number of threads and size of tasks, from BAM, CRAM and a stream.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{gunzip, oracle, run, scratch, shared_file, stdout_of, tierline};
use proptest::prelude::*;
use tierline::io::bgzf::{Deflater, EOF_BLOCK};
use tierline::io::sketch_file;
use tierline::model::sketch::{SiteAllele, Sketch};

/// Bases of a site: by allele (0 reference, 1 alternate, 2 other) and quality.
type Kinds = BTreeMap<(u8, u8), u32>;

/// A read over a site.
#[derive(Clone, Debug)]
struct Shown {
    name: String,
    flag: u16,
    base: u8,
    quality: u8,
}

const LEAST_QUALITY: u8 = 13;

/// The bit of a name that decides between mates of equal quality: FNV-1a and a last mix.
fn bit(name: &str) -> bool {
    let fnv = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mixed = (fnv ^ (fnv >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
    (mixed ^ (mixed >> 32)) & 1 == 0
}

/// What the reads over a site amount to: one base of a name.
fn naive(reads: &[Shown], reference: u8, alternate: u8) -> Kinds {
    let mut by_name: BTreeMap<&str, Vec<&Shown>> = BTreeMap::new();
    for read in
        reads.iter().filter(|read| read.quality >= LEAST_QUALITY && b"ACGT".contains(&read.base))
    {
        by_name.entry(&read.name).or_default().push(read);
    }
    let mut kinds = Kinds::new();
    for (name, reads) in by_name {
        let best = reads.iter().map(|read| read.quality).max().expect("a read");
        let best: Vec<_> = reads.into_iter().filter(|read| read.quality == best).collect();
        let wanted = best.iter().find(|read| (read.flag & 0x40 != 0) == bit(name));
        let shown = wanted.unwrap_or(&best[0]);
        let allele = match shown.base {
            base if base == reference => 0,
            base if base == alternate => 1,
            _ => 2,
        };
        *kinds.entry((allele, shown.quality)).or_default() += 1;
    }
    kinds
}

/// A site with what a sketch should hold there.
struct Expected {
    contig: String,
    /// 1-based.
    position: u32,
    reference: u8,
    alternate: u8,
    kinds: Kinds,
}

fn next_base(base: u8) -> u8 {
    b"CGTA"[b"ACGT".iter().position(|&own| own == base).unwrap_or(3)]
}

/// Every `step`th covered position of a BAM by the samtools of this machine, with its reads.
fn pileup(samtools: &Path, bam: &Path, step: usize) -> Vec<Expected> {
    let mut command = Command::new(samtools);
    command.args(["mpileup", "-A", "-x", "-B", "-d", "0", "-Q", "0", "-q", "10", "--ff", "0xF04"]);
    command.args(["--no-output-ins", "--no-output-ins", "--no-output-del", "--no-output-del"]);
    command.args(["--no-output-ends", "--output-extra", "QNAME,FLAG"]).arg(bam);
    let text = stdout_of(&mut command);
    let sites = text.lines().step_by(step).map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let (bases, qualities) = (columns[4].as_bytes(), columns[5].as_bytes());
        let (names, flags) = (columns[6].split(','), columns[7].split(','));
        let reads: Vec<Shown> = names
            .zip(flags)
            .enumerate()
            .map(|(i, (name, flag))| Shown {
                name: name.into(),
                flag: flag.parse().expect("a flag"),
                base: bases[i].to_ascii_uppercase(),
                quality: qualities[i] - b'!',
            })
            .collect();
        assert_eq!(reads.len(), bases.len(), "{line}");
        // Deletions and skips have another sign and are filtered with N.
        let known = reads.iter().map(|read| read.base).find(|base| b"ACGT".contains(base));
        let reference = known.unwrap_or(b'A');
        let alternate = next_base(reference);
        let kinds = naive(&reads, reference, alternate);
        let position = columns[1].parse().expect("a position");
        Expected { contig: columns[0].into(), position, reference, alternate, kinds }
    });
    sites.collect()
}

/// Writes sites as VCF.
fn sites_file(folder: &Path, sites: &[Expected]) -> PathBuf {
    let mut text =
        "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n".to_owned();
    for site in sites {
        let (reference, alternate) = (char::from(site.reference), char::from(site.alternate));
        let _ = writeln!(
            text,
            "{}\t{}\t.\t{reference}\t{alternate}\t.\t.\tAF=0.25",
            site.contig, site.position
        );
    }
    let path = folder.join("sites.vcf");
    std::fs::write(&path, text).expect("the sites");
    path
}

/// The bytes of a sketch.
fn sketch_bytes(alignment: &Path, sites: &Path, options: &[&str]) -> Vec<u8> {
    let folder = scratch();
    let mut command = tierline();
    command
        .arg("qc")
        .arg(alignment)
        .args(["--only", "sketch", "--prefix", "m", "--sites"])
        .arg(sites);
    if alignment == Path::new("-") {
        let bam = std::fs::File::open(options[0]).expect("the BAM");
        command.stdin(Stdio::from(bam));
        run(command.args(&options[1..]).arg("-o").arg(folder.path()));
    } else {
        run(command.args(options).arg("-o").arg(folder.path()));
    }
    std::fs::read(folder.path().join("m.sketch")).expect("the sketch")
}

fn decoded(bytes: &[u8]) -> Sketch {
    sketch_file::decode(bytes).expect("a sketch")
}

/// The bases of a site of a sketch.
fn kinds(sketch: &Sketch, i: usize) -> Kinds {
    let counts = &sketch.counts[i];
    let own = counts.qualities.iter().map(|kind| {
        let allele = match kind.allele {
            SiteAllele::Reference => 0,
            SiteAllele::Alternate => 1,
            SiteAllele::Other => 2,
        };
        ((allele, kind.quality), u32::from(kind.count))
    });
    own.collect()
}

/// Compares every site; returns the number of bases.
fn compare(sketch: &Sketch, expected: &[Expected], what: &str) -> u64 {
    let bare = |contig: &str| contig.strip_prefix("chr").unwrap_or(contig).to_owned();
    let places: BTreeMap<(String, u32), usize> = (0..)
        .zip(&sketch.sites.sites)
        .map(|(i, site)| ((site.contig.clone(), site.position + 1), i))
        .collect();
    let mut bases = 0;
    for site in expected {
        let i = places[&(bare(&site.contig), site.position)];
        assert_eq!(kinds(sketch, i), site.kinds, "{what} {}:{}", site.contig, site.position);
        bases += u64::from(site.kinds.values().sum::<u32>());
    }
    bases
}

const REAL: &[(&str, usize)] = &[
    ("reads/hg002_chr20_b37.bam", 97),
    ("reads/na12878_chr20_10.0-10.1Mb_hg19.bam", 7),
    ("reads/wgs_brca1_hg19.bam", 11),
    ("reads/manta/HCC1954.NORMAL.30x.compare.COST16011_region.bam", 3),
    ("reads/manta/G15512.HCC1954.1.COST16011_region.bam", 3),
];

#[test]
fn bases_at_sites_are_those_of_mpileup() {
    let Some(samtools) = oracle("samtools") else { return };
    for (file, step) in REAL {
        let Some(bam) = shared_file(file) else { return };
        let folder = scratch();
        let expected = pileup(&samtools, &bam, *step);
        let sites = sites_file(folder.path(), &expected);
        let first = sketch_bytes(&bam, &sites, &["-t", "1"]);
        let bases = compare(&decoded(&first), &expected, file);
        assert!(expected.len() > 100 && bases > 1000, "{file}: {bases} bases");
        for (threads, task_bytes) in [("2", "70000"), ("5", "70000"), ("2", "2097152")] {
            let again = sketch_bytes(&bam, &sites, &["-t", threads, "--task-bytes", task_bytes]);
            assert_eq!(again, first, "{file} {threads} {task_bytes}");
        }
    }
}

#[test]
fn cram_and_a_stream_give_the_sketch_of_the_bam() {
    let Some(samtools) = oracle("samtools") else { return };
    let Some(bam) = shared_file("reads/na12878_chr20_10.0-10.1Mb_hg19.bam") else { return };
    let folder = scratch();
    let expected = pileup(&samtools, &bam, 31);
    let sites = sites_file(folder.path(), &expected);
    let from_bam = sketch_bytes(&bam, &sites, &[]);
    let cram = folder.path().join("a.cram");
    let mut view = Command::new(&samtools);
    run(view.args(["view", "-C", "--output-fmt-option", "no_ref=1", "-o"]).arg(&cram).arg(&bam));
    assert_eq!(sketch_bytes(&cram, &sites, &["-t", "2"]), from_bam);
    run(Command::new(&samtools).arg("index").arg(&cram));
    assert_eq!(sketch_bytes(&cram, &sites, &["-t", "2"]), from_bam);
    let path = bam.to_str().expect("a path");
    assert_eq!(sketch_bytes(Path::new("-"), &sites, &[path, "-t", "2"]), from_bam);
}

/// Every metric together gives the sketch of the metric alone, and what it says at first sight stands in the results.
#[test]
fn results_hold_a_summary_and_the_file_is_written_for_a_known_build() {
    let Some(bam) = shared_file("reads/hg002_chr20_b37.bam") else { return };
    let folder = scratch();
    run(tierline().arg("qc").arg(&bam).args(["--prefix", "m", "-n", "-o"]).arg(folder.path()));
    let sketch = sketch_file::read(&folder.path().join("m.sketch")).expect("the sketch");
    assert_eq!((&*sketch.sites.name, sketch.counts.len()), ("common-autosomes-GRCh37", 9645));
    assert!(sketch.sites.ancestry.is_some());
    let json = std::fs::read_to_string(folder.path().join("m.qc.json")).expect("the results");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let summary = &json["sketch"];
    let covered = sketch.counts.iter().filter(|counts| counts.depth() + counts.other > 0).count();
    assert_eq!(summary["covered"], covered);
    assert_eq!(summary["sitesSha256"], sketch.sites.digest.as_str());
    // Half a megabase of one autosome does not tell sex.
    assert_eq!(
        (&summary["karyotype"], &summary["depth"]),
        (&"undetermined".into(), &serde_json::Value::Null)
    );
}

#[test]
fn an_unknown_build_has_no_sketch_and_bad_sites_are_named() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let text = folder.path().join("a.sam");
    let sam =
        "@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:1000\nr\t0\ta\t5\t60\t4M\t*\t0\t0\tACGT\tIIII\n";
    std::fs::write(&text, sam).expect("the SAM");
    let bam = folder.path().join("a.bam");
    run(Command::new(samtools).args(["view", "-b", "-o"]).arg(&bam).arg(&text));
    let qc = |sites: Option<&Path>, only: &str| {
        let mut command = tierline();
        command.arg("qc").arg(&bam).args(["--prefix", "m", "--only", only, "-o"]);
        command.arg(folder.path().join("out"));
        command.args(sites.into_iter().flat_map(|path| [Path::new("--sites"), path]));
        command.output().expect("the program")
    };
    assert!(qc(None, "sketch").status.success());
    assert!(!folder.path().join("out/m.sketch").exists());
    let json = std::fs::read_to_string(folder.path().join("out/m.qc.json")).expect("the results");
    assert!(json.contains("sketch was left out: contig lengths are those of neither"), "{json}");
    let sites = folder.path().join("sites.bed");
    for (text, only, expected) in [
        ("b\t5\t6\tA\tC\t0.5\n", "sketch", "no site lies on a contig of the alignment"),
        ("a\t5\t6\tA\n", "sketch", "sites.bed: line 1: has no alternate base"),
        ("a\t5\t6\tA\tC\t0.5\n", "flags", "--sites is for the metric sketch"),
    ] {
        std::fs::write(&sites, text).expect("the sites");
        let output = qc(Some(&sites), only);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && message.contains(expected), "{message}");
    }
    std::fs::write(&sites, "a\t5\t6\tC\tA\t0.5\na\t900\t901\tC\tA\t0.5\n").expect("the sites");
    assert!(qc(Some(&sites), "sketch").status.success());
    let sketch = sketch_file::read(&folder.path().join("out/m.sketch")).expect("the sketch");
    assert_eq!(kinds(&sketch, 0), Kinds::from([((0, 40), 1)]));
}

#[test]
fn a_list_of_another_build_is_refused() {
    let Some(bam) = shared_file("reads/na12878_chr20_10.0-10.1Mb_hg19.bam") else { return };
    let folder = scratch();
    let sites = folder.path().join("new.vcf");
    let head = "##fileformat=VCFv4.2\n##contig=<ID=chr20,length=64444167>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    std::fs::write(&sites, format!("{head}chr20\t10000005\t.\tA\tC\t.\t.\tAF=0.5\n"))
        .expect("a list");
    let mut qc = tierline();
    qc.arg("qc").arg(&bam).args(["--only", "sketch", "--sites"]).arg(&sites);
    let output = qc.arg("-o").arg(folder.path().join("out")).output().expect("the program");
    let log = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(65), "{log}");
    let told = "new.vcf: sites of GRCh38; the contigs of the alignment are those of GRCh37";
    assert!(log.contains(told), "{log}");
}

/// A simulated genome of these numbers of X and Y: reads of 1,000 bases, 65 for two copies in each of 120 windows of an
/// autosome and 60 of X and Y, PAR 1 of X and Y at two copies, a stray read in every window of Y.
fn genome(x: u32, y: u32) -> String {
    let mut text = "@HD\tVN:1.6\tSO:coordinate\n".to_owned();
    let contigs =
        [("chr1", 248_956_422), ("chrX", 156_040_895), ("chrY", 57_227_415), ("chrM", 16_569)];
    for (name, length) in contigs {
        let _ = writeln!(text, "@SQ\tSN:{name}\tLN:{length}");
    }
    let mut windows = |name: &str, first: u32, count: u32, reads: u32| {
        for window in first..first + count {
            for read in 0..reads {
                let start = (window << 14) + 1 + read * 160;
                let _ = writeln!(text, "r\t0\t{name}\t{start}\t60\t1000M\t*\t0\t0\t*\t*");
            }
        }
    };
    let of = |copies: u32| (65 * copies).div_ceil(2);
    windows("chr1", 100, 120, of(2));
    for (name, copies, stray) in [("chrX", x, 0), ("chrY", y, 1)] {
        windows(name, 10, 150, of(2));
        windows(name, 300, 60, of(copies) + stray);
    }
    windows("chrM", 0, 1, 75);
    text
}

#[test]
fn each_karyotype_of_simulated_reads_is_told() {
    let Some(samtools) = oracle("samtools") else { return };
    for (name, x, y) in [
        ("XX", 2, 0),
        ("XY", 1, 1),
        ("X0", 1, 0),
        ("XXY", 2, 1),
        ("XYY", 1, 2),
        ("XXX", 3, 0),
        ("XXXY", 3, 1),
    ] {
        let folder = scratch();
        let (sam, bam) = (folder.path().join("a.sam"), folder.path().join("a.bam"));
        std::fs::write(&sam, genome(x, y)).expect("the SAM");
        run(Command::new(&samtools).args(["view", "-b", "-o"]).arg(&bam).arg(&sam));
        let mut qc = tierline();
        qc.arg("qc").arg(&bam).args(["--only", "sketch", "--prefix", "m", "-o"]);
        run(qc.arg(folder.path()));
        let json = std::fs::read_to_string(folder.path().join("m.qc.json")).expect("the results");
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["sketch"]["karyotype"], name);
        let sketch = sketch_file::read(&folder.path().join("m.sketch")).expect("the sketch");
        let depth = sketch.depth.expect("depths");
        let of = |copies: u32, stray: u32| {
            f64::from(((65 * copies).div_ceil(2) + stray) * 1000) / 16_384.0
        };
        let expected = [of(2, 0), of(x, 0), of(y, 1), 75_000.0 / 16_569.0];
        let found = [depth.autosomes, depth.x, depth.y, depth.mitochondrial];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-9, "{name}: {found} {expected}");
        }
    }
}

/// One read of a random template.
#[derive(Clone, Debug)]
struct Read {
    start0: u32,
    cigar: Vec<(u32, char)>,
    bases: Vec<u8>,
    qualities: Vec<u8>,
    flag: u16,
    mapq: u8,
}

fn read(start: std::ops::Range<u32>) -> impl Strategy<Value = Read> {
    let op = (1_u32..40, proptest::sample::select(vec!['M', 'M', 'M', 'I', 'D', 'N', '=', 'X']));
    let cigar = (0_u32..5, proptest::collection::vec(op, 1..6), 0_u32..5);
    let flag = proptest::sample::select(vec![0_u16, 0, 0, 0, 0x100, 0x200, 0x400, 0x800, 0x4]);
    (start, cigar, flag, 8_u8..13, any::<u64>()).prop_map(
        |(start0, (left, ops, right), flag, mapq, seed)| {
            let mut cigar = vec![(left, 'S')];
            cigar.extend(ops);
            cigar.push((right, 'S'));
            cigar.retain(|&(length, _)| length > 0);
            let count: u32 =
                cigar.iter().filter(|(_, op)| !"DN".contains(*op)).map(|(n, _)| n).sum();
            let mut state = seed;
            let mut next = |below: usize| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 33) as usize % below
            };
            let bases = (0..count).map(|_| b"ACGTACGTN"[next(9)]).collect();
            let qualities = (0..count).map(|_| [5, 12, 13, 14, 30, 30][next(6)]).collect();
            Read { start0, cigar, bases, qualities, flag, mapq }
        },
    )
}

/// Two mates that may overlap.
fn pair() -> impl Strategy<Value = [Read; 2]> {
    (0_u32..LENGTH - 2000).prop_flat_map(|start| {
        (read(start..start + 1), read(start..start + 150)).prop_map(|(a, b)| [a, b])
    })
}

const LENGTH: u32 = 30_000;

/// Reads as SAM, and every base that they show by position.
fn sam(pairs: &[[Read; 2]]) -> (String, BTreeMap<u32, Vec<Shown>>) {
    let mut text = format!("@HD\tVN:1.6\tSO:coordinate\n@SQ\tSN:a\tLN:{LENGTH}\n");
    let mut shown: BTreeMap<u32, Vec<Shown>> = BTreeMap::new();
    for (i, pair) in pairs.iter().enumerate() {
        for (j, read) in pair.iter().enumerate() {
            let (flag, name) = (read.flag | 1 | if j == 0 { 0x40 } else { 0x80 }, format!("t{i}"));
            let cigar = read.cigar.iter().fold(String::new(), |t, (n, op)| format!("{t}{n}{op}"));
            let bases = String::from_utf8_lossy(&read.bases);
            let qualities: String = read.qualities.iter().map(|q| char::from(q + b'!')).collect();
            let (start, mate) = (read.start0 + 1, pair[1 - j].start0 + 1);
            let _ = writeln!(
                text,
                "{name}\t{flag}\ta\t{start}\t{}\t{cigar}\t=\t{mate}\t0\t{bases}\t{qualities}",
                read.mapq
            );
            if read.flag & 0xF04 != 0 || read.mapq < 10 {
                continue;
            }
            let (mut at, mut next) = (read.start0, 0_usize);
            for &(length, op) in &read.cigar {
                for _ in 0..length {
                    if "M=X".contains(op) {
                        let (base, quality) = (read.bases[next], read.qualities[next]);
                        let name = name.clone();
                        shown.entry(at).or_default().push(Shown { name, flag, base, quality });
                    }
                    at += u32::from("M=XDN".contains(op));
                    next += usize::from("M=XIS".contains(op));
                }
            }
        }
    }
    (text, shown)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_reads_show_what_a_count_base_by_base_shows(
        pairs in proptest::collection::vec(pair(), 1..200),
        threads in 1_u8..5,
        task_bytes in 1_u32..3000,
        block_bytes in 50_usize..3000,
    ) {
        let Some(samtools) = oracle("samtools") else { return Ok(()) };
        let folder = scratch();
        let (text, shown) = sam(&pairs);
        let (path, bam) = (folder.path().join("x.sam"), folder.path().join("x.bam"));
        std::fs::write(&path, text).expect("the SAM");
        run(Command::new(&samtools).args(["sort", "-o"]).arg(&bam).arg(&path));
        in_small_blocks(&samtools, &bam, block_bytes);
        let expected: Vec<Expected> = (0..LENGTH).step_by(3).map(|at| {
            let reads = shown.get(&at).map_or(&[][..], Vec::as_slice);
            let kinds = naive(reads, b'A', b'C');
            Expected { contig: "a".into(), position: at + 1, reference: b'A', alternate: b'C', kinds }
        }).collect();
        let sites = sites_file(folder.path(), &expected);
        let (threads, task_bytes) = (threads.to_string(), task_bytes.to_string());
        let split = ["-t", &threads, "--task-bytes", &task_bytes];
        let found = sketch_bytes(&bam, &sites, &split);
        compare(&decoded(&found), &expected, "random");
        prop_assert_eq!(&found, &sketch_bytes(&bam, &sites, &["-t", "1"]));
        let bam = bam.to_str().expect("a path");
// The name of the sample is another, since the file has no read group.
        let stream = decoded(&sketch_bytes(Path::new("-"), &sites, &[bam]));
        prop_assert_eq!(&decoded(&found).counts, &stream.counts);
    }
}

/// Writes a BAM anew in blocks of this many bytes, so that a small file has many, and indexes it.
fn in_small_blocks(samtools: &Path, file: &Path, block_bytes: usize) {
    let (mut deflater, mut bytes) = (Deflater::default(), Vec::new());
    for block in gunzip(file).chunks(block_bytes) {
        deflater.block(block, &mut bytes);
    }
    bytes.extend_from_slice(&EOF_BLOCK);
    std::fs::write(file, bytes).expect("the BAM");
    run(Command::new(samtools).arg("index").arg(file));
}
