//! Bases of the reference around a variant, as far as the reference holds them.

use crate::io::fasta::FastaReader;
use crate::model::contig::ContigId;
use crate::model::problem::Problem;

/// A stretch of a contig in upper case, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    start0: i64,
    bases: Vec<u8>,
}

impl Stretch {
    /// Bases from `start0` to `end0` (0-based, half-open), cut at the ends of the contig.
    pub(super) fn fetch(
        reader: &mut FastaReader,
        contig: ContigId,
        (start0, end0): (i64, i64),
    ) -> Result<Self, Problem> {
        let (start, end) = (start0.max(0) as u32, end0.max(0) as u32);
        Ok(Self { start0: i64::from(start), bases: reader.fetch(contig, start, end)?.to_vec() })
    }

    /// Bases `start0 .. end0`, when all of them are there.
    pub(super) fn get(&self, start0: i64, end0: i64) -> Option<&[u8]> {
        let from = usize::try_from(start0 - self.start0).ok()?;
        let to = usize::try_from(end0 - self.start0).ok()?;
        self.bases.get(from..to)
    }

    #[cfg(test)]
    pub(super) fn of(start0: i64, bases: &str) -> Self {
        Self { start0, bases: bases.as_bytes().to_vec() }
    }
}

/// The base opposite; anything but A, C, G, T stays as it is.
pub(super) fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'C' => b'G',
        b'G' => b'C',
        b'T' => b'A',
        other => other,
    }
}

/// The same bases read on the other strand.
pub(super) fn reverse_complement(bases: &[u8]) -> Vec<u8> {
    bases.iter().rev().map(|&base| complement(base)).collect()
}

/// True for A, C, G and T.
pub(super) fn is_known(base: u8) -> bool {
    matches!(base, b'A' | b'C' | b'G' | b'T')
}

/// The place of a base in `ACGT`.
pub(super) fn number(base: u8) -> Option<usize> {
    b"ACGT".iter().position(|&known| known == base)
}
