//! One sample of a small case: its haplotypes over the windows, its reads as BAM and BAI, and what a caller counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::haplotype::{Edit, Haplotype};
use super::quality::Levels;
use super::reads::{Maker, Records, Seen, Share, Stretch, Style};
use super::rng::Rng;
use super::windows::{Genome, Window};
use crate::exec::batches::Workers;
use crate::io::bgzf_writer::{Joined, PieceBuilder};
use crate::io::sink::{AtomicFile, write_whole};
use crate::io::write_bam;
use crate::io::write_index::{BinIndex, Entry};
use crate::model::problem::Problem;

/// Compression level of the files of a small case.
pub const LEVEL: u8 = 9;

/// One copy of every window and what share of the sample's cells carries it.
#[derive(Clone, Debug, Default)]
pub struct Strand {
    /// Share of the depth, of one.
    pub frac: f64,
    /// Edits by window, sorted.
    pub edits: BTreeMap<usize, Vec<Edit>>,
}

/// A sample to be sequenced.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name in `@RG SM`.
    pub name: String,
    /// Copies of each window.
    pub strands: Vec<Vec<Strand>>,
    /// Depth over two copies, reads a base.
    pub depth: f64,
    /// Seeds the reads, together with the case's seed; samples of `n` windows are `n / 256` labels apart.
    pub label: u64,
    /// For each window the place (0-based) over which alone reads are made; all where there is none.
    pub over: Vec<Option<u32>>,
    /// Compression level, 0 to 12.
    pub level: u8,
}

impl Sample {
    /// Number of a window among all windows of all samples: read names and random numbers come from it.
    fn number(&self, window: usize) -> u64 {
        (self.label << 8) + window as u64
    }
}

/// Reads of a sample over all windows.
#[derive(Debug)]
pub struct Sequenced {
    /// Usable reads by window.
    seen: Vec<Vec<Seen>>,
    /// Haplotypes that carry an edit, by window: the edits of each share.
    carried: Vec<Vec<Vec<Edit>>>,
}

/// Sequences a sample, writes `path` and `path.bai`, and keeps what is needed to count alleles.
///
/// # Errors
///
/// When the files cannot be written.
pub fn sequence(
    sample: &Sample,
    genome: &Genome,
    (seed, workers): (u64, &Workers),
    path: &Path,
) -> Result<Sequenced, Problem> {
    let windows: Vec<usize> = (0..genome.windows.len()).collect();
    let mut made = workers.map(windows, |i| reads_of(sample, &genome.windows[i], i, seed));
    let unmapped = unmapped(sample, &made, seed);
    let fault = |e: &io::Error| Problem::writing(path.display(), e);
    write(sample, genome, (&made, &unmapped), path).map_err(|e| fault(&e))??;
    let carried = sample
        .strands
        .iter()
        .enumerate()
        .map(|(i, strands)| {
            strands.iter().map(|s| s.edits.get(&i).cloned().unwrap_or_default()).collect()
        })
        .collect();
    Ok(Sequenced { seen: made.iter_mut().map(|r| std::mem::take(&mut r.seen)).collect(), carried })
}

const STYLE: Style = Style { levels: Levels::Four, duplicates: 0.075, stray_indels: 0.002 };

fn reads_of(sample: &Sample, window: &Window, number: usize, seed: u64) -> Records {
    let none = Vec::new();
    let shares: Vec<Share> = sample.strands[number]
        .iter()
        .map(|strand| {
            let edits = strand.edits.get(&number).unwrap_or(&none);
            let haplotype = Haplotype::new(window.start0, &window.bases, edits);
            Share { haplotype, depth: sample.depth * strand.frac }
        })
        .collect();
    let stretch = Stretch {
        contig: window.contig,
        starts: window.start0..window.span().end,
        reference_start0: window.start0,
        number: sample.number(number),
        over: sample.over.get(number).copied().flatten(),
    };
    let mut rng = Rng::new(seed, &[1, sample.label, number as u64]);
    let mut records = Records::default();
    Maker::new(STYLE).stretch(&stretch, (&window.bases, &shares), &mut rng, &mut records);
    if let Some(over) = stretch.over {
        records.keys.retain(|key| key.start0 <= over && over < key.end0);
    }
    records.sort();
    records
}

fn unmapped(sample: &Sample, made: &[Records], seed: u64) -> Records {
    let pairs = made.iter().map(|r| r.keys.len()).sum::<usize>() as u64 / 800;
    let first = sample.number(made.len().max(0xff)) << 20;
    let mut records = Records::default();
    let mut rng = Rng::new(seed, &[2, sample.label]);
    Maker::new(STYLE).unmapped(first..first + pairs, &mut rng, &mut records);
    records
}

/// SAM header text of simulated reads.
pub fn header_text(sample: &str, contigs: &[(String, u32)]) -> String {
    let mut text = String::from("@HD\tVN:1.6\tSO:coordinate\n");
    for (name, length) in contigs {
        let _ = writeln!(text, "@SQ\tSN:{name}\tLN:{length}");
    }
    for lane in 1..=4 {
        let _ = writeln!(
            text,
            "@RG\tID:L{lane}\tSM:{sample}\tLB:simulated\tPL:ILLUMINA\tPU:SIM0001.{lane}"
        );
    }
    text.push_str("@PG\tID:tierline-simulate\tPN:tierline\n@CO\tsimulated reads of no person\n");
    text
}

fn write(
    sample: &Sample,
    genome: &Genome,
    (made, unmapped): (&[Records], &Records),
    path: &Path,
) -> io::Result<Result<(), Problem>> {
    let mut head = Vec::new();
    let contigs: Vec<(&str, u32)> =
        genome.contigs.iter().map(|(name, bp)| (name.as_str(), *bp)).collect();
    write_bam::header(&header_text(&sample.name, &genome.contigs), &contigs, &mut head);
    let mut builder = PieceBuilder::new(sample.level);
    builder.push(&head)?;
    let mut index = BinIndex::default();
    for (window, records) in genome.windows.iter().zip(made) {
        add(&mut builder, &mut index, window.contig, records)?;
    }
    for key in &unmapped.keys {
        builder.push(unmapped.bytes(key))?;
        index.unplaced += 1;
    }
    let mut joined = Joined::new(Vec::new());
    joined.append(&builder.finish()?)?;
    let (bytes, _) = joined.finish()?;
    let bai = index.to_bai(contigs.len() as u32);
    let mut index_path = path.as_os_str().to_owned();
    index_path.push(".bai");
    Ok(write_whole(path, &bytes).and_then(|()| write_whole(index_path, &bai)))
}

/// Adds sorted records of one contig to a piece and its index.
///
/// # Errors
///
/// When compression fails.
pub fn add(
    builder: &mut PieceBuilder,
    index: &mut BinIndex,
    contig: u32,
    records: &Records,
) -> io::Result<()> {
    for key in &records.keys {
        let bytes = records.bytes(key);
        builder.reserve(bytes.len())?;
        let from = builder.position();
        builder.push(bytes)?;
        let to = builder.position();
        let (start, end, mapped) = (key.start0, key.end0, key.mapped);
        index.add(Entry { contig, start, end, mapped, from, to });
    }
    Ok(())
}

impl Sequenced {
    /// Fragments that show the reference and each of these edits, which change the same place.
    pub fn count(&self, window: usize, edits: &[&Edit]) -> Vec<u32> {
        let mut counts = vec![0; edits.len() + 1];
        let Some(first) = edits.first() else { return counts };
        let end0 = edits.iter().map(|e| e.end0()).max().unwrap_or_default()
            + u32::from(edits.iter().any(|e| e.is_indel()));
        let mut counted = BTreeSet::new();
        for seen in &self.seen[window] {
            if seen.start0 <= first.start0 && end0 <= seen.end0 && counted.insert(seen.fragment) {
                let carried = &self.carried[window][seen.share];
                let allele = edits.iter().position(|e| carried.contains(e)).map_or(0, |i| i + 1);
                counts[allele] += 1;
            }
        }
        counts
    }
}

/// Begins a file below a folder.
///
/// # Errors
///
/// When it cannot be created.
pub fn begin(folder: &Path, name: &str) -> Result<AtomicFile, Problem> {
    AtomicFile::create(folder.join(name))
}
