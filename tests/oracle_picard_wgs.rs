//! Coverage of the known genome against the real Picard CollectWgsMetrics: every value and every row equal, on real and on
//! made-up reads; and the same bytes for every number of threads, size of tasks and kind of file.

#![allow(clippy::expect_used, reason = "a test that cannot be set up should stop")]

mod common;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::{oracle, run, scratch, shared_file, tierline};

/// A table's names, values and histogram.
fn table(text: &str) -> (Vec<(String, String)>, Vec<String>) {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("## METRICS CLASS")).skip(1);
    let fields = |line: Option<&str>| -> Vec<String> {
        line.expect("a line of the table").split('\t').map(str::to_owned).collect()
    };
    let (names, values) = (fields(lines.next()), fields(lines.next()));
    assert_eq!(names.len(), values.len());
    let rows = lines.skip_while(|line| !line.starts_with("coverage")).map(str::to_owned).collect();
    (names.into_iter().zip(values).collect(), rows)
}

/// What Picard says.
fn picard(program: &Path, bam: &Path, fasta: &Path, folder: &Path) -> String {
    let out = folder.join("picard.txt");
    let mut command = Command::new(program);
    command.args(["CollectWgsMetrics", "VALIDATION_STRINGENCY=SILENT", "QUIET=true"]);
    for (name, path) in [("I", bam), ("R", fasta), ("O", &out)] {
        command.arg(format!("{name}={}", path.display()));
    }
    run(&mut command);
    std::fs::read_to_string(out).expect("Picard's table")
}

/// What this program says.
fn ours(alignment: &Path, fasta: &Path, more: &[&str]) -> String {
    let folder = scratch();
    let mut command = tierline();
    command.arg("qc").arg(alignment).args(["--only", "wgs", "--prefix", "m", "-f"]).arg(fasta);
    command.arg("-o").arg(folder.path()).args(more);
    run(&mut command);
    std::fs::read_to_string(folder.path().join("m.wgs_metrics.txt")).expect("the table")
}

/// What this program says of a BAM on stdin.
fn ours_streamed(bam: &Path, fasta: &Path) -> String {
    let folder = scratch();
    let mut command = tierline();
    command.args(["qc", "-", "--only", "wgs", "--prefix", "m", "-t", "2", "-f"]).arg(fasta);
    command.arg("-o").arg(folder.path());
    command.stdin(Stdio::from(std::fs::File::open(bam).expect("the BAM")));
    run(&mut command);
    std::fs::read_to_string(folder.path().join("m.wgs_metrics.txt")).expect("the table")
}

/// Writes an alignment that holds one contig only, sorted and indexed, with its reference.
fn only_contig(
    folder: &Path,
    bam: &Path,
    contig: &str,
    fasta: &Path,
) -> Option<(PathBuf, PathBuf)> {
    let samtools = oracle("samtools")?;
    let sam = common::stdout_of(Command::new(&samtools).args(["view", "-h"]).arg(bam));
    let mut kept = String::new();
    for line in sam.lines() {
        let mut fields: Vec<&str> = line.split('\t').collect();
        let foreign = fields[0] == "@SQ" && fields[1] != format!("SN:{contig}");
        if foreign || (!line.starts_with('@') && fields[2] != contig) {
            continue;
        }
        if !line.starts_with('@') && fields[6] != "=" && fields[6] != contig {
            (fields[6], fields[7]) = ("*", "0");
        }
        let _ = writeln!(kept, "{}", fields.join("\t"));
    }
    let text = common::gunzip_text(fasta);
    let mut own = false;
    let reference: Vec<&str> = text
        .lines()
        .filter(|line| {
            if let Some(name) = line.strip_prefix('>') {
                own = name.split_whitespace().next() == Some(contig);
            }
            own
        })
        .collect();
    Some(written(folder, &samtools, &kept, &(reference.join("\n") + "\n")))
}

/// Writes SAM and FASTA texts as BAM and indexed FASTA with a dictionary.
fn written(folder: &Path, samtools: &Path, sam: &str, fasta: &str) -> (PathBuf, PathBuf) {
    let (text, bam, reference) = (folder.join("x.sam"), folder.join("x.bam"), folder.join("x.fa"));
    std::fs::write(&text, sam).expect("the SAM");
    std::fs::write(&reference, fasta).expect("the FASTA");
    run(Command::new(samtools).args(["sort", "-o"]).arg(&bam).arg(&text));
    run(Command::new(samtools).arg("index").arg(&bam));
    run(Command::new(samtools).arg("faidx").arg(&reference));
    run(Command::new(samtools).arg("dict").arg(&reference).arg("-o").arg(folder.join("x.dict")));
    (bam, reference)
}

#[test]
fn real_reads_have_the_values_of_picard() {
    let Some(program) = oracle("PicardCommandLine") else { return };
    let cases = [
        ("reads/hg002_chr20_b37.bam", "20", "reference/b37.20_Xtrunc_Y.fa.gz"),
        ("reads/strelka/NA12878_chrM_200-200.bam", "chrM", "reads/strelka/chrM_hg19.fa"),
        ("reads/strelka/NA12891_demo20.bam", "demo20", "reads/strelka/demo20.fa"),
    ];
    for (bam, contig, fasta) in cases {
        let (Some(bam), Some(fasta)) = (shared_file(bam), shared_file(fasta)) else { return };
        let folder = scratch();
        let Some((bam, fasta)) = only_contig(folder.path(), &bam, contig, &fasta) else { return };
        let expected = table(&picard(&program, &bam, &fasta, folder.path()));
        let found = ours(&bam, &fasta, &["-t", "2"]);
        assert_eq!(table(&found), expected, "{}", bam.display());
        assert_eq!(ours(&bam, &fasta, &["-t", "1", "--task-bytes", "20000"]), found);
        let Some(samtools) = oracle("samtools") else { return };
        let cram = folder.path().join("x.cram");
        let mut convert = Command::new(&samtools);
        convert.args(["view", "-C", "--output-fmt-option", "seqs_per_slice=300", "-T"]);
        run(convert.arg(&fasta).arg("-o").arg(&cram).arg(&bam));
        run(Command::new(&samtools).arg("index").arg(&cram));
        for bytes in ["1", "100000"] {
            let split = ["-t", "2", "--task-bytes", bytes];
            assert_eq!(ours(&cram, &fasta, &split), ours(&bam, &fasta, &split));
        }
    }
}

/// Made-up reads, drawn from a seed.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) % bound
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn bases(&mut self, count: usize) -> String {
        (0..count)
            .map(
                |_| if self.one_in(40) { 'N' } else { char::from(b"ACGT"[self.below(4) as usize]) },
            )
            .collect()
    }

    /// Few levels, or any quality.
    fn qualities(&mut self, count: usize, few: bool) -> String {
        let level = |draw: &mut Self| {
            if few { [2, 11, 25, 37][draw.below(4) as usize] } else { draw.below(42) as u8 }
        };
        (0..count).map(|_| char::from(b'!' + level(self))).collect()
    }

    /// A CIGAR with clips, as reads in several parts have it.
    fn clipped(&mut self) -> (String, usize, usize) {
        loop {
            let found = self.cigar();
            if found.0.contains('S') {
                return found;
            }
        }
    }

    /// A CIGAR, the bases that it needs and the reference bases that it covers.
    fn cigar(&mut self) -> (String, usize, usize) {
        let (a, b) = (20 + self.below(60) as usize, 20 + self.below(60) as usize);
        let gap = 1 + self.below(30) as usize;
        match self.below(8) {
            0 => (format!("{gap}S{a}M"), gap + a, a),
            1 => (format!("{a}M{gap}I{b}M"), a + gap + b, a + b),
            2 => (format!("{a}M{gap}D{b}M"), a + b, a + gap + b),
            3 => (format!("5H{a}={gap}X3S"), a + gap + 3, a + gap),
            _ => (format!("{}M", a + b), a + b, a + b),
        }
    }
}

/// One record of a template.
struct Record {
    flags: u64,
    start: u64,
    cigar: (String, usize, usize),
}

fn flags_of(draw: &mut Draw) -> u64 {
    let mut flags = 0;
    for (bit, rarity) in [(0x100, 40), (0x200, 40), (0x400, 12)] {
        flags |= if draw.one_in(rarity) { bit } else { 0 };
    }
    flags
}

/// Pairs on one contig: mates that overlap, supplementary alignments over their own primaries and over mates, reads of
/// every kind that does not count.
fn template(draw: &mut Draw, name: &str, contig: (&str, u64), far: bool, sam: &mut String) {
    let (contig, length) = contig;
    let start = 1 + draw.below(length - 900);
    let second = start + draw.below(300);
    let shared_flags = flags_of(draw);
    let mut records = Vec::new();
    for (bits, start) in [(0x41, start), (0x91, second)] {
        let split = draw.one_in(6);
        let cigar = if split { draw.clipped() } else { draw.cigar() };
        records.push(Record { flags: bits | shared_flags, start, cigar });
        if split {
            let start = (start + draw.below(120)).saturating_sub(60).max(1);
            records.push(Record { flags: bits | 0x800 | shared_flags, start, cigar: draw.cigar() });
        }
    }
    if far && draw.one_in(9) {
        records[0].cigar = ("30M4200D40M".into(), 70, 4270);
    }
    let mate_unmapped = draw.one_in(50);
    let single = draw.one_in(50);
    let mapq = [60, 60, 60, 20, 19, 0][draw.below(6) as usize];
    let adapter = draw.one_in(3);
    let primaries = [start, second];
    let split =
        [0x40, 0x80].map(|bit| records.iter().any(|r| r.flags & 0x800 != 0 && r.flags & bit != 0));
    for Record { mut flags, start, cigar: (cigar, bases, _) } in records {
        let own = usize::from(flags & 0x80 != 0);
        flags |= if mate_unmapped { 0x8 } else { 0 };
        flags &= if single { !(0x1 | 0x40 | 0x80 | 0x8) } else { !0 };
        let (mut sequence, few) = (draw.bases(bases), length > 3000);
        if adapter && mapq == 0 {
            let begin = if flags & 0x10 == 0 { "AGATCGGAAGAGCACA" } else { "TGTGCTCTTCCGATCT" };
            let at = if flags & 0x10 == 0 { 0 } else { bases - 16 };
            sequence.replace_range(at..at + 16, begin);
        }
        let qualities = draw.qualities(bases, few);
        let mate = if single { "*\t0".into() } else { format!("=\t{}", primaries[1 - own]) };
        let tag = if split[own] { "\tSA:Z:c,1,+,9M,60,0;" } else { "" };
        let _ = writeln!(
            sam,
            "{name}\t{flags}\t{contig}\t{start}\t{mapq}\t{cigar}\t{mate}\t0\t{sequence}\t{qualities}\tRG:Z:g{tag}"
        );
    }
}

/// Contigs with runs of N, one covered far above the cap, one without reads.
fn made_up(draw: &mut Draw, far: bool) -> (String, String) {
    let contigs =
        [("c1", 30_000_u64, 4_000), ("deep", 1_500, 4_000), ("empty", 2_000, 0), ("c4", 9_000, 30)];
    let (mut sam, mut fasta) = (String::from("@HD\tVN:1.6\n"), String::new());
    for (name, length, _) in contigs {
        let _ = writeln!(sam, "@SQ\tSN:{name}\tLN:{length}");
        let mut bases: Vec<u8> =
            (0..length).map(|_| b"ACGTacgtR"[draw.below(9) as usize]).collect();
        for from in [0, 700, 1_200] {
            let to = from + 10 + draw.below(40) as usize;
            bases[from..to].fill(if from == 0 { b'n' } else { b'N' });
        }
        let _ = writeln!(fasta, ">{name}\n{}", String::from_utf8_lossy(&bases));
    }
    sam += "@RG\tID:g\tSM:made_up\n";
    for (name, length, templates) in contigs {
        for i in 0..templates {
            template(draw, &format!("{name}:{i}"), (name, length), far && length > 6_000, &mut sam);
        }
    }
    (sam, fasta)
}

#[test]
fn made_up_reads_have_the_values_of_picard() {
    let (Some(program), Some(samtools)) = (oracle("PicardCommandLine"), oracle("samtools")) else {
        return;
    };
    for seed in [1, 2] {
        let folder = scratch();
        let (sam, fasta) = made_up(&mut Draw(seed), false);
        let (bam, fasta) = written(folder.path(), &samtools, &sam, &fasta);
        let expected = table(&picard(&program, &bam, &fasta, folder.path()));
        for name in ["PCT_EXC_ADAPTER", "PCT_EXC_OVERLAP", "PCT_EXC_CAPPED", "PCT_EXC_UNPAIRED"] {
            let value = expected.0.iter().find(|(own, _)| own == name).expect("a value");
            assert_ne!(value.1, "0", "the made-up reads have no {name}");
        }
        assert_eq!(table(&ours(&bam, &fasta, &["-t", "2"])), expected);
    }
}

#[test]
fn nothing_depends_on_threads_or_tasks() {
    let Some(samtools) = oracle("samtools") else { return };
    let folder = scratch();
    let (sam, fasta) = made_up(&mut Draw(3), true);
    let (bam, fasta) = written(folder.path(), &samtools, &sam, &fasta);
    let expected = ours(&bam, &fasta, &["-t", "1"]);
    for threads in ["1", "2", "5"] {
        for bytes in ["1", "30000", "200000"] {
            let found = ours(&bam, &fasta, &["-t", threads, "--task-bytes", bytes]);
            assert_eq!(found, expected, "{threads} threads, {bytes} bytes");
        }
    }
    assert_eq!(ours_streamed(&bam, &fasta), expected);
}
