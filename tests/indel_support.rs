//! Indels read by likelihood against operations of the CIGAR, on simulated reads that a real aligner (bwa mem) placed: a
//! child with 240 heterozygous indels of 1 to 30 bases in three kinds of sequence, a father without them, a mother who
//! carries every fourth one in a tenth of her copies. `--nocapture` prints the table of the README.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test program stops at what it cannot read"
)]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{oracle, run, scratch};
use tierline::evidence::Limits;
use tierline::exec::evidence::EvidencePass;
use tierline::io::fasta::Fasta;
use tierline::io::read_regions::ReadRegions;
use tierline::model::contig::ContigTable;
use tierline::model::coord::Pos1;
use tierline::model::evidence::SiteReads;
use tierline::model::variant::Variant;
use tierline::policy::Policy;

/// Bases around each indel that belong to it alone.
const BLOCK: usize = 1_000;
const SITES: usize = 240;
const READ: usize = 150;
const DEPTH: usize = 30;
const CONTEXTS: [&str; 3] = ["no repeat", "homopolymer", "tandem repeat"];

/// A small generator of numbers (SplitMix64), so that every run simulates the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
    fn share(&mut self) -> f64 {
        self.next() as f64 / u64::MAX as f64
    }
    fn base(&mut self) -> u8 {
        b"ACGT"[self.below(4)]
    }
    fn other(&mut self, base: u8) -> u8 {
        loop {
            let new = self.base();
            if new != base {
                return new;
            }
        }
    }
}

/// One planted indel: its block, and the haplotype that has it.
struct Planted {
    context: usize,
    length: usize,
    reference: Vec<u8>,
    alternate: Vec<u8>,
    /// Within the block, 0-based: the anchor.
    anchor: usize,
    alleles: (String, String),
    /// The stretch within which the indel could stand, in the block.
    repeat: (usize, usize),
}

fn plant(i: usize, random: &mut Random) -> Planted {
    let context = i % 3;
    let mut block: Vec<u8> = (0..BLOCK).map(|_| random.base()).collect();
    let start = BLOCK / 2;
    let (unit, copies): (Vec<u8>, usize) = match context {
        0 => (Vec::new(), 0),
        1 => (vec![random.base()], 6 + random.below(9)),
        _ => {
            let first = random.base();
            let second = random.other(first);
            let mut unit = vec![first, second];
            unit.extend((0..random.below(3)).map(|_| random.base()));
            (unit, 4 + random.below(7))
        }
    };
    let run: Vec<u8> = unit.iter().copied().cycle().take(unit.len() * copies).collect();
    block[start..start + run.len()].copy_from_slice(&run);
    // The base before differs from the one that would prolong the repeat, so that the anchor is the leftmost.
    if let Some(&last) = unit.last() {
        block[start - 1] = random.other(last);
    }
    let deletion = random.below(2) == 0;
    let wanted = 1 + random.below(30);
    let (changed, end) = if unit.is_empty() {
        let changed: Vec<u8> = if deletion {
            block[start..start + wanted].to_vec()
        } else {
            (0..wanted).map(|_| random.base()).collect()
        };
        (changed, start)
    } else {
        let most = if deletion { copies - 1 } else { (30 / unit.len()).max(1) };
        let n = (wanted / unit.len()).clamp(1, most.min(1 + random.below(4)));
        (unit.iter().copied().cycle().take(unit.len() * n).collect(), start + run.len())
    };
    // Moved as far left as it goes.
    let (mut anchor, mut changed) = (start - 1, changed);
    while block[anchor] == changed[changed.len() - 1] {
        changed.rotate_right(1);
        anchor -= 1;
    }
    let (before, after) = (&block[..=anchor], &block[anchor + 1..]);
    let alternate = if deletion {
        [before, &after[changed.len()..]].concat()
    } else {
        [before, &changed, after].concat()
    };
    let text = |bases: &[u8]| String::from_utf8(bases.to_vec()).unwrap();
    let long = text(&[&block[anchor..=anchor], &changed].concat());
    let short = text(&block[anchor..=anchor]);
    let alleles = if deletion { (long, short) } else { (short, long) };
    let end = end.max(anchor + 1 + if deletion { changed.len() } else { 0 });
    let (length, reference) = (changed.len(), block);
    Planted { context, length, reference, alternate, anchor, alleles, repeat: (anchor, end + 1) }
}

/// Pairs of one person as FASTQ, and how many fragments with the indel span each site. `share` is that of the haplotype
/// with the indel.
fn reads(
    sites: &[Planted],
    (share, random): (impl Fn(usize) -> f64, &mut Random),
    folder: &Path,
    name: &str,
) -> ([PathBuf; 2], Vec<u32>) {
    let mut texts = [String::new(), String::new()];
    let mut spanning = vec![0; sites.len()];
    for (i, site) in sites.iter().enumerate() {
        for n in 0..BLOCK * DEPTH / (2 * READ) {
            let carries = random.share() < share(i);
            let haplotype = if carries { &site.alternate } else { &site.reference };
            let insert = 320 + random.below(160);
            let from = random.below(haplotype.len() - insert);
            let mates = [from, from + insert - READ];
            let shift = haplotype.len() as i64 - site.reference.len() as i64;
            let end = (site.repeat.1 as i64 + shift).max(site.repeat.0 as i64 + 1) as usize;
            let spans = |start: &usize| *start + 5 <= site.repeat.0 && start + READ >= end + 5;
            spanning[i] += u32::from(carries && mates.iter().any(spans));
            let swap = random.below(2);
            for (mate, start) in mates.into_iter().enumerate() {
                let mut bases = haplotype[start..start + READ].to_vec();
                let mut qualities = String::new();
                for base in &mut bases {
                    let quality = if random.share() < 0.05 { 15 } else { 37 };
                    if random.share() < 10_f64.powf(-f64::from(quality) / 10.0) + 0.001 {
                        *base = random.other(*base);
                    }
                    qualities.push((33 + quality as u8) as char);
                }
                if mate == 1 {
                    bases.reverse();
                    for base in &mut bases {
                        *base = complement(*base);
                    }
                    qualities = qualities.chars().rev().collect();
                }
                let text = &mut texts[mate ^ swap];
                let bases = String::from_utf8(bases).unwrap();
                writeln!(text, "@s{i}n{n}\n{bases}\n+\n{qualities}").unwrap();
            }
        }
    }
    let paths = [1, 2].map(|mate| folder.join(format!("{name}.{mate}.fq")));
    for (path, text) in paths.iter().zip(&texts) {
        std::fs::write(path, text).unwrap();
    }
    (paths, spanning)
}

fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        _ => b'A',
    }
}

fn align(tools: (&Path, &Path), fasta: &Path, mates: &[PathBuf; 2], name: &str) -> PathBuf {
    let (bwa, samtools) = tools;
    let sam = fasta.with_file_name(format!("{name}.sam"));
    let bam = sam.with_extension("bam");
    let mut command = Command::new(bwa);
    command.args(["mem", "-v", "1", "-t", "2", "-o"]).arg(&sam).arg(fasta).args(mates);
    run(&mut command);
    run(Command::new(samtools).args(["sort", "-o"]).args([&bam, &sam]));
    run(Command::new(samtools).arg("index").arg(&bam));
    bam
}

/// Counts of every site in one alignment.
fn counts(bam: &Path, variants: &[&Variant], reference: Option<&Path>) -> Vec<SiteReads> {
    let regions = ReadRegions::open(bam, None).unwrap();
    let mut contigs = ContigTable::new();
    for (name, length) in regions.contigs() {
        contigs.add(name, Some(*length)).unwrap();
    }
    let reference = reference.map(|path| Fasta::open(path).unwrap().with_contigs(&contigs));
    let limits = Limits::new(Policy::preset("gms-rd").unwrap().reads.as_ref().unwrap());
    let pass = EvidencePass {
        regions: &regions,
        contigs: &contigs,
        reference: reference.as_ref(),
        limits: &limits,
        threads: 2,
    };
    let answers = pass.run(variants).unwrap();
    answers.iter().map(|answer| *answer.counted().unwrap()).collect()
}

/// What a way of reading found over some sites.
#[derive(Clone, Copy, Default)]
struct Sum {
    sites: u32,
    spanning: u32,
    found: u32,
    calls: u32,
    false_support: u32,
    clean_depth: u32,
    mosaics: u32,
    mosaics_found: u32,
}

#[test]
fn likelihood_finds_what_the_cigar_misses() {
    let (Some(bwa), Some(samtools)) = (oracle("bwa"), oracle("samtools")) else { return };
    let folder = scratch();
    let mut random = Random(20_261_121);
    let sites: Vec<Planted> = (0..SITES).map(|i| plant(i, &mut random)).collect();
    let fasta = folder.path().join("ref.fa");
    let sequence: Vec<u8> = sites.iter().flat_map(|site| site.reference.clone()).collect();
    std::fs::write(&fasta, format!(">c\n{}\n", String::from_utf8(sequence).unwrap())).unwrap();
    run(Command::new(&samtools).arg("faidx").arg(&fasta));
    run(Command::new(&bwa).arg("index").arg(&fasta));
    let mut contigs = ContigTable::new();
    let contig = contigs.add("c", None).unwrap();
    let variants: Vec<Variant> = sites
        .iter()
        .enumerate()
        .map(|(i, site)| Variant {
            contig,
            position: Pos1((i * BLOCK + site.anchor + 1) as u32),
            reference: site.alleles.0.clone(),
            alternate: site.alleles.1.clone(),
        })
        .collect();
    let asked: Vec<&Variant> = variants.iter().collect();
    let mosaic = |i: usize| i % 4 == 3;
    let mut sums: BTreeMap<(usize, usize, bool), Sum> = BTreeMap::new();
    let tools = (&*bwa, &*samtools);
    let mut person = |name: &str, share: &dyn Fn(usize) -> f64| {
        let (mates, spanning) = reads(&sites, (share, &mut random), folder.path(), name);
        let bam = align(tools, &fasta, &mates, name);
        let by = [counts(&bam, &asked, Some(&fasta)), counts(&bam, &asked, None)];
        (spanning, by)
    };
    let (spanning, child) = person("child", &|_| 0.5);
    let (_, father) = person("father", &|_| 0.0);
    let (_, mother) = person("mother", &|i| if mosaic(i) { 0.1 } else { 0.0 });
    for (way, likelihood) in [true, false].into_iter().enumerate() {
        for (i, site) in sites.iter().enumerate() {
            let bin = usize::from(site.length > 5) + usize::from(site.length > 15);
            let sum = sums.entry((site.context, bin, likelihood)).or_default();
            let reads = &child[way][i];
            sum.sites += 1;
            sum.spanning += spanning[i];
            sum.found += reads.alternate.count();
            sum.calls += u32::from(reads.fraction().is_some_and(|share| share >= 0.2));
            let clean = std::iter::once(&father[way][i]);
            for parent in clean.chain((!mosaic(i)).then_some(&mother[way][i])) {
                sum.false_support += parent.alternate.count();
                sum.clean_depth += parent.depth();
            }
            if mosaic(i) {
                sum.mosaics += 1;
                sum.mosaics_found += u32::from(mother[way][i].alternate.count() > 1);
            }
        }
    }
    print(&sums);
    judge(&sums);
}

fn print(sums: &BTreeMap<(usize, usize, bool), Sum>) {
    eprintln!(
        "| sequence | bases | sites | way | ALT reads found of those that span it | child at 0.2 or more | false ALT reads a 1000 | mosaic mothers with 2 or more |"
    );
    for (&(context, bin, likelihood), sum) in sums {
        eprintln!(
            "| {} | {} | {} | {} | {:.2} | {} | {:.2} | {} of {} |",
            CONTEXTS[context],
            ["1-5", "6-15", "16-30"][bin],
            sum.sites,
            if likelihood { "likelihood" } else { "CIGAR" },
            f64::from(sum.found) / f64::from(sum.spanning),
            sum.calls,
            1000.0 * f64::from(sum.false_support) / f64::from(sum.clean_depth),
            sum.mosaics_found,
            sum.mosaics
        );
    }
}

/// Bounds well below what is measured; the table has the numbers.
fn judge(sums: &BTreeMap<(usize, usize, bool), Sum>) {
    let total = |likelihood: bool| {
        let own = sums.iter().filter(|(key, _)| key.2 == likelihood);
        own.fold(Sum::default(), |all, (_, sum)| Sum {
            sites: all.sites + sum.sites,
            spanning: all.spanning + sum.spanning,
            found: all.found + sum.found,
            calls: all.calls + sum.calls,
            false_support: all.false_support + sum.false_support,
            clean_depth: all.clean_depth + sum.clean_depth,
            mosaics: all.mosaics + sum.mosaics,
            mosaics_found: all.mosaics_found + sum.mosaics_found,
        })
    };
    let (ours, cigar) = (total(true), total(false));
    assert!(ours.found > cigar.found, "{} against {}", ours.found, cigar.found);
    assert!(ours.calls >= cigar.calls && ours.calls * 100 >= ours.sites * 95, "{}", ours.calls);
    assert!(ours.mosaics_found >= cigar.mosaics_found);
    assert!(ours.false_support * 500 <= ours.clean_depth, "{}", ours.false_support);
}
