//! Whole alignments of tens of megabases at full depth, made on all threads: files to measure on.
//!
//! The genome is cut into chunks. A chunk makes the reads of the fragments that start in it; reads that lie behind its end
//! are handed to the next chunk before that one is sorted and compressed. So the bytes do not depend on the threads.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

use super::haplotype::{Edit, Haplotype};
use super::quality::Levels;
use super::reads::{Maker, REACH_BP, Records, Share, Stretch, Style};
use super::rng::Rng;
use super::sample::{add, header_text};
use super::sequence::sequence;
use crate::exec::batches::Workers;
use crate::io::bgzf_writer::{Joined, Piece, PieceBuilder};
use crate::io::sink::{AtomicFile, write_whole};
use crate::io::stream_fasta::for_each_contig;
use crate::io::write_bam;
use crate::io::write_index::BinIndex;
use crate::model::problem::Problem;

/// Reference bases of a chunk: about 50,000 reads at 30x.
const CHUNK_BP: usize = 1 << 18;
/// Contigs shorter than this get many times the depth, as the mitochondrial genome does, bp.
const SHORT_BP: usize = 100_000;
/// How many times.
const SHORT_DEPTH: f64 = 40.0;
/// Unmapped pairs of one piece of work.
const UNMAPPED_PAIRS: u64 = 20_000;

/// What to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Mean depth, reads over a base.
    pub depth: f64,
    /// Distinct base qualities.
    pub levels: Levels,
    /// Compression level.
    pub level: u8,
    /// Decides everything that is drawn.
    pub seed: u64,
}

/// Name and bases of every contig.
pub type Contigs = Vec<(String, Vec<u8>)>;

/// A synthetic genome of about this length: five contigs in the proportions of 20, 21, 22, X and M, or one.
pub fn synthetic(bp: usize, single: bool, seed: u64, workers: &Workers) -> Contigs {
    let shares: &[(&str, usize)] = if single {
        &[("chr20", 60)]
    } else {
        &[("chr20", 24), ("chr21", 14), ("chr22", 11), ("chrX", 11)]
    };
    let mut lengths: Vec<(&str, usize)> =
        shares.iter().map(|(name, share)| (*name, bp / 60 * share)).collect();
    if !single {
        lengths.push(("chrM", 16_569));
    }
    workers.map(lengths.into_iter().enumerate().collect(), |(i, (name, length))| {
        let mut bases = sequence(length, &mut Rng::new(seed, &[50, i as u64]));
        // Gaps where assemblies have them: the telomere and a third of the way along.
        if length > 1_000_000 {
            bases[..60_000].fill(b'N');
            bases[length / 3..length / 3 + 200_000].fill(b'N');
        }
        (name.to_owned(), bases)
    })
}

/// All contigs of a FASTA.
///
/// # Errors
///
/// When it cannot be read.
pub fn read(path: &Path) -> Result<Contigs, Problem> {
    let mut contigs = Vec::new();
    for_each_contig(path, |name, bases| {
        contigs.push((name.to_owned(), bases.to_vec()));
        Ok(())
    })?;
    Ok(contigs)
}

/// Writes the contigs as FASTA in BGZF, with `.fai` and `.gzi`.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_fasta(contigs: &Contigs, workers: &Workers, path: &Path) -> Result<(), Problem> {
    const LINE: usize = 100;
    let fault = |e: &io::Error| Problem::writing(path.display(), e);
    let mut joined = Joined::new(AtomicFile::create(path)?);
    let (mut index, mut offset) = (String::new(), 0);
    for (name, bases) in contigs {
        let head = format!(">{name} simulated\n");
        offset += head.len();
        let _ = writeln!(index, "{name}\t{}\t{offset}\t{LINE}\t{}", bases.len(), LINE + 1);
        offset += bases.len() + bases.len().div_ceil(LINE);
        let parts: Vec<&[u8]> = bases.chunks(LINE * 40_000).collect();
        workers.in_order(
            parts.len(),
            |i| {
                let mut builder = PieceBuilder::new(6);
                let mut text = if i == 0 { head.clone().into_bytes() } else { Vec::new() };
                for line in parts[i].chunks(LINE) {
                    text.extend_from_slice(line);
                    text.push(b'\n');
                }
                builder.push(&text).and_then(|()| builder.finish()).map_err(|e| fault(&e))
            },
            |piece| joined.append(&piece).map(drop).map_err(|e| fault(&e)),
        )?;
    }
    let (file, gzi) = joined.finish().map_err(|e| fault(&e))?;
    file.finish()?;
    let beside = |end: &str| format!("{}{end}", path.display());
    write_whole(beside(".fai"), index.as_bytes())?;
    write_whole(beside(".gzi"), &gzi)
}

/// Writes `path` and `path.bai`; returns the number of records.
///
/// # Errors
///
/// When a file cannot be written.
pub fn reads(
    contigs: &Contigs,
    options: Options,
    workers: &Workers,
    path: &Path,
) -> Result<u64, Problem> {
    let fault = |e: &io::Error| Problem::writing(path.display(), e);
    let lengths: Vec<(String, u32)> =
        contigs.iter().map(|(name, bases)| (name.clone(), bases.len() as u32)).collect();
    let mut output = Output {
        joined: Joined::new(AtomicFile::create(path)?),
        index: BinIndex::default(),
        records: 0,
    };
    output.head(&lengths, options.level).map_err(|e| fault(&e))?;
    let chunks: Vec<(usize, usize)> = contigs
        .iter()
        .enumerate()
        .flat_map(|(i, (_, bases))| (0..bases.len().div_ceil(CHUNK_BP)).map(move |k| (i, k)))
        .collect();
    let mut carry: Option<(usize, Records)> = None;
    for (batch, part) in chunks.chunks(workers.batch()).enumerate() {
        let first = batch * workers.batch();
        let numbered = part.iter().enumerate().map(|(i, c)| (first + i, *c)).collect();
        let mut made = workers.map(numbered, |(number, (contig, chunk))| {
            chunk_reads(&contigs[contig].1, (contig, chunk), number, options)
        });
        for ((contig, chunk), records) in part.iter().zip(&mut made) {
            carry = Some(hand_over((*contig, *chunk), carry, records));
        }
        let work = part.iter().map(|c| c.0 as u32).zip(made).collect();
        for piece in workers.map(work, |(contig, records)| encode(contig, records, options.level)) {
            output.append(&piece.map_err(|e| fault(&e))?).map_err(|e| fault(&e))?;
        }
    }
    let pairs = output.records / 800;
    let first = (chunks.len() as u64) << 20;
    workers.in_order(
        pairs.div_ceil(UNMAPPED_PAIRS) as usize,
        |i| {
            let from = i as u64 * UNMAPPED_PAIRS;
            let to = (from + UNMAPPED_PAIRS).min(pairs);
            unmapped(first + from..first + to, options).map_err(|e| fault(&e))
        },
        |piece| output.append(&piece).map_err(|e| fault(&e)),
    )?;
    let records = output.records;
    let bai = output.index.to_bai(contigs.len() as u32);
    let (file, _) = output.joined.finish().map_err(|e| fault(&e))?;
    file.finish()?;
    write_whole(format!("{}.bai", path.display()), &bai)?;
    Ok(records)
}

/// The file under construction.
struct Output {
    joined: Joined<AtomicFile>,
    index: BinIndex,
    records: u64,
}

/// A compressed part of the file with its index and number of records.
type Part = (Piece, BinIndex, u64);

impl Output {
    fn head(&mut self, lengths: &[(String, u32)], level: u8) -> io::Result<()> {
        let named: Vec<(&str, u32)> = lengths.iter().map(|(n, l)| (n.as_str(), *l)).collect();
        let mut bytes = Vec::new();
        write_bam::header(&header_text("SIMULATED", lengths), &named, &mut bytes);
        let mut builder = PieceBuilder::new(level);
        builder.push(&bytes)?;
        self.joined.append(&builder.finish()?).map(drop)
    }

    fn append(&mut self, (piece, index, records): &Part) -> io::Result<()> {
        let start = self.joined.append(piece)?;
        self.index.append(index, start);
        self.records += records;
        Ok(())
    }
}

/// Reads of fragments that start in a chunk, in no order.
fn chunk_reads(
    bases: &[u8],
    (contig, chunk): (usize, usize),
    number: usize,
    options: Options,
) -> Records {
    let start = chunk * CHUNK_BP;
    let end = (start + CHUNK_BP).min(bases.len());
    let reference = &bases[start..(end + REACH_BP as usize).min(bases.len())];
    let depth = options.depth * if bases.len() < SHORT_BP { SHORT_DEPTH } else { 1.0 };
    // The fragments reach into the next chunk, whose variants they must share.
    let [own, next] = [chunk, chunk + 1].map(|k| variants(bases, (contig, k), options.seed));
    let shares: Vec<Share> = (0..2)
        .map(|copy| {
            let edits: Vec<Edit> = own[copy].iter().chain(&next[copy]).cloned().collect();
            let haplotype = Haplotype::new(start as u32, reference, &edits);
            Share { haplotype, depth: depth / 2.0 }
        })
        .collect();
    let stretch = Stretch {
        contig: contig as u32,
        starts: start as u32..end as u32,
        reference_start0: start as u32,
        number: number as u64,
        over: None,
    };
    let style = Style { levels: options.levels, duplicates: 0.075, stray_indels: 0.02 };
    let mut rng = Rng::new(options.seed, &[51, number as u64]);
    let mut records = Records::default();
    Maker::new(style).stretch(&stretch, (reference, &shares), &mut rng, &mut records);
    records
}

/// The variants of both copies in one chunk: one a kilobase, one in ten an indel, a third on both copies.
fn variants(bases: &[u8], (contig, chunk): (usize, usize), seed: u64) -> [Vec<Edit>; 2] {
    let mut copies = [Vec::new(), Vec::new()];
    let mut rng = Rng::new(seed, &[52, contig as u64, chunk as u64]);
    let end = ((chunk + 1) * CHUNK_BP).min(bases.len());
    let mut place = chunk * CHUNK_BP;
    loop {
        place += 40 + (rng.exponential() * 960.0) as usize;
        if place + 20 >= end {
            return copies;
        }
        let reference = bases[place];
        let u = rng.unit();
        let (long, length) = (u < 0.1, 1 + rng.below(8) as usize);
        let (which, other) = (rng.below(3), rng.other_base(reference));
        let inserted: Vec<u8> = (0..length).map(|_| rng.base()).collect();
        if bases[place..place + 20].contains(&b'N') {
            continue;
        }
        let (removed, added) = match (long, u < 0.05) {
            (false, _) => (vec![reference], vec![other]),
            (true, true) => (bases[place..=place + length].to_vec(), vec![reference]),
            (true, false) => (vec![reference], [&[reference][..], &inserted].concat()),
        };
        let edit = Edit { start0: place as u32, reference: removed, alternate: added };
        for (copy, edits) in copies.iter_mut().enumerate() {
            if which == 2 || which == copy as u64 {
                edits.push(edit.clone());
            }
        }
    }
}

/// Gives a chunk the reads that the one before left, and takes those that lie behind its own end.
fn hand_over(
    (contig, chunk): (usize, usize),
    carry: Option<(usize, Records)>,
    records: &mut Records,
) -> (usize, Records) {
    if let Some((_, left)) = carry.filter(|(from, _)| *from == contig) {
        for key in &left.keys {
            records.adopt(&left, key);
        }
    }
    let end = ((chunk + 1) * CHUNK_BP) as u32;
    let (own, behind): (Vec<_>, Vec<_>) =
        std::mem::take(&mut records.keys).into_iter().partition(|key| key.start0 < end);
    records.keys = own;
    let mut rest = Records::default();
    for key in &behind {
        rest.adopt(records, key);
    }
    (contig, rest)
}

fn encode(contig: u32, mut records: Records, level: u8) -> io::Result<Part> {
    records.sort();
    let mut builder = PieceBuilder::new(level);
    let mut index = BinIndex::default();
    add(&mut builder, &mut index, contig, &records)?;
    Ok((builder.finish()?, index, records.keys.len() as u64))
}

fn unmapped(serials: std::ops::Range<u64>, options: Options) -> io::Result<Part> {
    let style = Style { levels: options.levels, duplicates: 0.0, stray_indels: 0.0 };
    let mut rng = Rng::new(options.seed, &[53, serials.start]);
    let mut records = Records::default();
    Maker::new(style).unmapped(serials, &mut rng, &mut records);
    let mut builder = PieceBuilder::new(options.level);
    let mut index = BinIndex::default();
    index.unplaced = records.keys.len() as u64;
    for key in &records.keys {
        let bytes = records.bytes(key);
        builder.reserve(bytes.len())?;
        builder.push(bytes)?;
    }
    Ok((builder.finish()?, index, records.keys.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_ignore_threads_and_the_depth_is_as_asked() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { depth: 8.0, levels: Levels::Four, level: 1, seed: 4 };
        let mut files = Vec::new();
        let mut records = 0;
        for threads in [1, 3] {
            let workers = Workers::new(threads).unwrap();
            let contigs = synthetic(1_200_000, false, 4, &workers);
            let path = folder.path().join(format!("{threads}.bam"));
            records = reads(&contigs, options, &workers, &path).unwrap();
            files.push((path.clone(), path.with_extension("bam.bai")));
        }
        let bytes = |path: &Path| std::fs::read(path).unwrap();
        assert!(bytes(&files[0].0) == bytes(&files[1].0), "alignments differ");
        assert!(bytes(&files[0].1) == bytes(&files[1].1), "indexes differ");
        let expected = (1_200_000.0 * 8.0 + 16_569.0 * 320.0) / 150.0;
        let ratio = records as f64 / expected;
        // Duplicates come on top.
        assert!(
            (1.0..1.15).contains(&ratio),
            "{records} records, {ratio:.3} of the reads asked for"
        );
        let file = std::fs::File::open(&files[0].0).unwrap();
        let mut reader = noodles::bam::io::Reader::new(file);
        reader.read_header().unwrap();
        let mut last = (0, 0);
        let mut seen = 0;
        for record in reader.records() {
            let record = record.unwrap();
            let contig = record.reference_sequence_id().map_or(usize::MAX, |id| id.unwrap());
            let start = record.alignment_start().map_or(0, |p| usize::from(p.unwrap()));
            assert!((contig, start) >= last, "sorted");
            last = (contig, start);
            seen += 1;
        }
        assert_eq!(seen, records);
    }
}
