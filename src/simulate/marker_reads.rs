//! Reads of a tumour and its normal sample over microsatellites, stable and unstable.

use std::fmt::Write as _;
use std::path::Path;

use super::rng::Rng;
use super::sample::header_text;
use crate::io::bgzf_writer::{Joined, PieceBuilder};
use crate::io::sink::write_whole;
use crate::io::write_bam::{self, Alignment, cigar_op, covered_bp};
use crate::io::write_index::{BinIndex, Entry};
use crate::model::problem::Problem;

/// Reads of each sample over a site.
const READS: usize = 40;
/// Length of a read, bp.
const READ_BP: usize = 100;
/// Sites are at least this far apart, bp.
const APART_BP: usize = 1_000;
/// Share of reads whose length differs by one base for no reason but the polymerase's.
const FRAC_STUTTER: f64 = 0.04;
/// Share of the tumour's reads over an unstable site that are shorter.
const FRAC_SHORTER: f64 = 0.5;

/// A run of one base.
struct Run {
    start: usize,
    bp: usize,
    is_unstable: bool,
}

/// Writes `tumour.bam`, `normal.bam` (with indexes) and `sites.bed`. Returns the 1-based positions of the sites and whether
/// each is unstable.
///
/// # Errors
///
/// When the sequence holds too few homopolymers, or the folder cannot be written.
pub(super) fn write(
    (contigs, bases): (&[(String, u32)], &[u8]),
    (sites, frac_unstable, seed): (u32, f64, u64),
    folder: &Path,
) -> Result<Vec<(u32, bool)>, Problem> {
    let runs = runs(bases, sites as usize, frac_unstable, seed);
    if runs.len() < sites as usize {
        let message =
            format!("the first sequence holds {} homopolymers of 8 bp and more", runs.len());
        return Err(Problem::usage(message).help("give a longer one, or fewer --sites"));
    }
    let mut bed = String::new();
    for run in &runs {
        let (name, unit) = (&contigs[0].0, char::from(bases[run.start]));
        let _ = writeln!(bed, "{name}\t{}\t{}\t{unit}", run.start, run.start + run.bp);
    }
    write_whole(folder.join("sites.bed"), bed.as_bytes())?;
    for (label, sample, file) in [(0, "SIMTUMOUR", "tumour.bam"), (1, "SIMNORMAL", "normal.bam")] {
        let path = folder.join(file);
        let (bytes, bai) = encode((contigs, bases), &runs, (sample, label, seed))
            .map_err(|e| Problem::writing(path.display(), &e))?;
        write_whole(&path, &bytes)?;
        write_whole(folder.join(format!("{file}.bai")), &bai)?;
    }
    Ok(runs.iter().map(|run| (run.start as u32 + 1, run.is_unstable)).collect())
}

fn runs(bases: &[u8], sites: usize, frac_unstable: f64, seed: u64) -> Vec<Run> {
    let mut rng = Rng::new(seed, &[96]);
    let (mut found, mut at) = (Vec::new(), APART_BP);
    while at + APART_BP < bases.len() && found.len() < sites {
        let base = bases[at];
        let bp = bases[at..].iter().take_while(|&&b| b == base).count();
        let around = &bases[at - READ_BP..(at + bp + READ_BP).min(bases.len())];
        let fits = (8..=20).contains(&bp) && around.iter().all(|b| b"ACGT".contains(b));
        if fits {
            found.push(Run { start: at, bp, is_unstable: rng.chance(frac_unstable) });
            at += APART_BP;
        }
        at += bp;
    }
    found
}

fn encode(
    (contigs, bases): (&[(String, u32)], &[u8]),
    runs: &[Run],
    (sample, label, seed): (&str, u64, u64),
) -> std::io::Result<(Vec<u8>, Vec<u8>)> {
    let named: Vec<(&str, u32)> = contigs.iter().map(|(name, bp)| (name.as_str(), *bp)).collect();
    let mut head = Vec::new();
    write_bam::header(&header_text(sample, contigs), &named, &mut head);
    let mut builder = PieceBuilder::new(super::sample::LEVEL);
    builder.push(&head)?;
    let mut index = BinIndex::default();
    let mut rng = Rng::new(seed, &[97, label]);
    let mut serial = 0_u32;
    for run in runs {
        let mut starts: Vec<usize> = (0..READS)
            .map(|_| {
                run.start + run.bp + 12 - READ_BP
                    + rng.below((READ_BP - run.bp - 30) as u64) as usize
            })
            .collect();
        starts.sort_unstable();
        for start in starts {
            serial += 1;
            let shorter = label == 0 && run.is_unstable && rng.chance(FRAC_SHORTER);
            let change = if shorter {
                -2 - rng.below(2) as i64
            } else if rng.chance(FRAC_STUTTER) {
                if rng.chance(0.5) { 1 } else { -1 }
            } else {
                0
            };
            let (record, end) = read(bases, run, (start, change), (serial, sample));
            builder.reserve(record.len())?;
            let from = builder.position();
            builder.push(&record)?;
            let (start, to) = (start as u32, builder.position());
            index.add(Entry { contig: 0, start, end, mapped: true, from, to });
        }
    }
    let mut joined = Joined::new(Vec::new());
    joined.append(&builder.finish()?)?;
    Ok((joined.finish()?.0, index.to_bai(contigs.len() as u32)))
}

/// One read of the run with so many bases more or fewer, and the base behind its alignment.
fn read(
    bases: &[u8],
    run: &Run,
    (start, change): (usize, i64),
    (serial, sample): (u32, &str),
) -> (Vec<u8>, u32) {
    let before = run.start - start;
    let (insert, delete) = (change.max(0) as usize, (-change).max(0) as usize);
    let after = READ_BP - before - insert;
    let mut sequence = bases[start..run.start].to_vec();
    sequence.extend(std::iter::repeat_n(bases[run.start], insert));
    sequence.extend_from_slice(&bases[run.start + delete..run.start + delete + after]);
    let middle = match change {
        0 => None,
        n if n > 0 => Some((insert as u32, cigar_op::INSERTION)),
        _ => Some((delete as u32, cigar_op::DELETION)),
    };
    let mut cigar = vec![(before as u32, cigar_op::MATCH)];
    match middle {
        None => cigar[0].0 += after as u32,
        Some(middle) => cigar.extend([middle, (after as u32, cigar_op::MATCH)]),
    }
    let mut tags = Vec::new();
    write_bam::tag_text(&mut tags, *b"RG", b"L1");
    let name = format!("{sample}:{serial}");
    let mut record = Vec::new();
    write_bam::record(
        &Alignment {
            name: name.as_bytes(),
            flag: 0,
            contig: 0,
            start0: start as i32,
            mapq: 60,
            cigar: &cigar,
            mate_contig: -1,
            mate_start0: -1,
            template_bp: 0,
            bases: &sequence,
            qualities: &[37; READ_BP],
            tags: &tags,
        },
        &mut record,
    );
    (record, start as u32 + covered_bp(&cigar))
}
