//! Edit distances (NM) for slices of which htslib cannot make them.
//!
//! A CRAM leaves NM and MD out where they follow from the bases. htslib's decoder makes them again, but gives a whole slice
//! up when a deletion of one of its reads reaches beyond the end of the contig ("CRAM CIGAR extends beyond slice reference
//! extents"; `samtools view` of such a file fails too). The records themselves can be decoded, so the slice is decoded
//! without the two tags, and NM is made here by the rule by which the writer left it out. MD is not: no metric reads it.

use std::sync::Arc;

use rust_htslib::bam::Record;
use rust_htslib::bam::record::Aux;

use crate::model::problem::Problem;
use crate::model::read::flag;

use super::super::fasta::{Fasta, FastaReader};

/// Makes NM from the reference.
pub(super) struct Edits {
    reader: FastaReader,
    /// For each contig of the CRAM's header its number in the reference.
    sequences: Vec<Option<usize>>,
}

impl Edits {
    pub(super) fn new(fasta: &Arc<Fasta>, contigs: &[(String, u32)]) -> Self {
        let known = fasta.sequences();
        let find = |name: &String| known.iter().position(|sequence| sequence.name == *name);
        let sequences = contigs.iter().map(|(name, _)| find(name)).collect();
        Self { reader: fasta.reader(), sequences }
    }

    /// Gives an aligned record with bases its NM, unless it has one.
    ///
    /// # Errors
    ///
    /// When the reference cannot be read.
    pub(super) fn add(&mut self, record: &mut Record) -> Result<(), Problem> {
        let (start, contig) = (u32::try_from(record.pos()), usize::try_from(record.tid()));
        let (Ok(start), Ok(contig)) = (start, contig) else { return Ok(()) };
        let bases = record.seq_len() > 0 && record.flags() & flag::UNMAPPED == 0;
        let sequence = self.sequences.get(contig).copied().flatten();
        let (true, Some(sequence), Err(_)) = (bases, sequence, record.aux(b"NM")) else {
            return Ok(());
        };
        let span: u32 = record.raw_cigar().iter().map(|&op| reference_bases(op)).sum();
        let under = self.reader.fetch_sequence(sequence, start, start.saturating_add(span))?;
        let found = distance(record.raw_cigar(), &record.seq().as_bytes(), under);
        // A tag that is not there can always be added.
        let _ = record.push_aux(b"NM", Aux::U32(found));
        Ok(())
    }
}

fn reference_bases(op: u32) -> u32 {
    if matches!(op & 15, 0 | 2 | 3 | 7 | 8) { op >> 4 } else { 0 }
}

/// Mismatches, inserted and deleted bases; `under` is the reference from the first aligned base on, as far as there is any.
/// Bases behind its end are no mismatches, deleted ones there count.
fn distance(cigar: &[u32], bases: &[u8], under: &[u8]) -> u32 {
    let (mut at, mut read, mut sum) = (0, 0, 0_usize);
    for &op in cigar {
        let length = (op >> 4) as usize;
        match op & 15 {
            0 | 7 | 8 => {
                let own = bases.iter().skip(read).take(length);
                sum += own.zip(under.iter().skip(at)).filter(|(own, base)| own != base).count();
                (at, read) = (at + length, read + length);
            }
            1 => (read, sum) = (read + length, sum + length),
            2 => (at, sum) = (at + length, sum + length),
            3 => at += length,
            4 => read += length,
            _ => {}
        }
    }
    u32::try_from(sum).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::distance;

    fn op(length: u32, code: u32) -> u32 {
        length << 4 | code
    }

    /// CIGAR, bases of the read, those under it, and their distance.
    type Case<'a> = (&'a [u32], &'a [u8], &'a [u8], u32);

    #[test]
    fn distances_count_what_differs_from_the_reference() {
        let cases: [Case<'_>; 6] = [
            (&[op(4, 0)], b"ACGT", b"ACGT", 0),
            (&[op(2, 7), op(1, 8), op(1, 7)], b"ACCT", b"ACGT", 1),
            (&[op(2, 4), op(2, 0), op(3, 2), op(1, 0)], b"GGACT", b"ACGGGT", 3),
            (&[op(1, 0), op(2, 1), op(1, 3), op(1, 0)], b"AGGT", b"ACT", 2),
            // Beyond the end of the contig.
            (&[op(4, 0)], b"ACCC", b"AC", 0),
            (&[op(2, 0), op(5, 2)], b"AC", b"ACG", 5),
        ];
        for (cigar, bases, under, expected) in cases {
            assert_eq!(distance(cigar, bases, under), expected, "{cigar:?}");
        }
    }
}
