//! The reference under an alignment file: which sequence of the FASTA each contig of the header is, and windows of it for
//! every worker.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::reference_cells::{CELL_BP, Cells};

use super::fasta::{Fasta, FastaReader};
use crate::model::contig::ContigTable;
use crate::model::problem::{Problem, Problems};
use crate::model::read::ReferenceSpan;

/// Bases that a window reads at once: at 30x some 25,000 reads, so that reading again is rare, in 128 KiB.
const WINDOW_BP: u32 = 1 << 17;
/// The longest window: longer reads reach beyond it.
pub const MAX_WINDOW_BP: u32 = 1 << 22;
/// The code of N.
pub const CODE_N: u8 = 15;

/// BAM's 4-bit code of each letter; letters that are none are N.
static CODES: [u8; 256] = {
    let mut codes = [CODE_N; 256];
    let letters = b"=ACMGRSVTWYHKDBN";
    let mut i = 0;
    while i < 16 {
        codes[letters[i] as usize] = i as u8;
        codes[letters[i].to_ascii_lowercase() as usize] = i as u8;
        i += 1;
    }
    codes
};

/// A reference, matched to the contigs of one alignment file.
#[derive(Debug)]
pub struct Reference {
    fasta: Arc<Fasta>,
    /// For each contig of the header the number of its sequence in the FASTA.
    sequences: Vec<Option<usize>>,
    /// Where bases are not known, as far as workers have looked.
    cells: Cells,
}

impl Reference {
    /// Opens an indexed FASTA and matches its sequences to the contigs (name, bp) of an alignment's header: by name, else
    /// as the same chromosome under another name (`20`, `chr20`) of the same length.
    ///
    /// # Errors
    ///
    /// A FASTA that cannot be read by position; sequences whose length differs from that of the contig of their name; a
    /// FASTA that has none of the contigs.
    pub fn open(path: &Path, contigs: &[(String, u32)]) -> Result<Arc<Self>, Problems> {
        let fasta = Fasta::open(path).map_err(|problem| Problems(vec![problem]))?;
        let (mut by_name, mut table) = (BTreeMap::new(), ContigTable::new());
        for (i, sequence) in fasta.sequences().iter().enumerate() {
            by_name.insert(sequence.name.as_str(), i);
            // A second name of a contig that is there already stays findable as itself.
            let _ = table.add(&sequence.name, Some(sequence.length));
        }
        let mut problems = Problems::default();
        let mut sequences = Vec::new();
        for (name, length) in contigs {
            let own = by_name.get(name.as_str()).copied();
            let found = own.or_else(|| by_name.get(table.name(table.resolve(name)?)).copied());
            let theirs = found.map(|i| fasta.sequences()[i].length);
            if own.is_some() && theirs != Some(*length) {
                problems.0.push(
                    Problem::bad_data(format!(
                        "contig {name} has {} bp here and {length} bp in the alignments",
                        theirs.unwrap_or(0)
                    ))
                    .in_file(path.display())
                    .help("give the reference that the reads were aligned to"),
                );
            }
            sequences.push(found.filter(|_| theirs == Some(*length)));
        }
        if problems.0.is_empty() && !contigs.is_empty() && sequences.iter().all(Option::is_none) {
            problems.0.push(
                Problem::bad_data("has none of the contigs of the alignments")
                    .in_file(path.display())
                    .help("give the reference that the reads were aligned to"),
            );
        }
        problems.into_result()?;
        let cells = Cells::new(contigs.iter().map(|(_, length)| *length));
        Ok(Arc::new(Self { fasta, sequences, cells }))
    }

    /// Whether the reference holds a contig, given by its index in the alignment's header.
    pub fn has(&self, contig: usize) -> bool {
        self.sequences.get(contig).copied().flatten().is_some()
    }
}

/// The codes of upper-case letters, and these packed in both phases. A type and not a closure:
/// `dispatch` puts the whole of `call` into code for the machine's vectors.
struct Encode<'a> {
    bases: &'a [u8],
    codes: &'a mut Vec<u8>,
    packed: &'a mut [Vec<u8>; 2],
}

impl pulp::NullaryFnOnce for Encode<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        encode(self.bases, self.codes);
        for (phase, packed) in self.packed.iter_mut().enumerate() {
            pack(self.codes.get(phase..).unwrap_or_default(), packed);
        }
    }
}

/// The codes of upper-case letters.
#[inline(always)]
fn encode(bases: &[u8], codes: &mut Vec<u8>) {
    /// Letters a step: whole vectors.
    const STEP: usize = 128;
    // What was there before is written over.
    codes.resize(bases.len(), CODE_N);
    let ((from, rest), (to, last)) = (bases.as_chunks::<STEP>(), codes.as_chunks_mut::<STEP>());
    for (from, to) in from.iter().zip(to) {
        let mut plain = true;
        for (&base, code) in from.iter().zip(to.iter_mut()) {
            // One bit a letter, all of them for N.
            let bit = |letter: u8, bits: u8| if base == letter { bits } else { 0 };
            *code = bit(b'A', 1) | bit(b'C', 2) | bit(b'G', 4) | bit(b'T', 8) | bit(b'N', CODE_N);
            plain &= *code != 0;
        }
        if !plain {
            for (&base, code) in from.iter().zip(to) {
                *code = CODES[usize::from(base)];
            }
        }
    }
    for (&base, code) in rest.iter().zip(last) {
        *code = CODES[usize::from(base)];
    }
}

/// Two codes a byte, high half first; a last single one is followed by 0.
#[inline(always)]
fn pack(codes: &[u8], packed: &mut Vec<u8>) {
    let (pairs, single) = codes.as_chunks::<2>();
    packed.resize(codes.len().div_ceil(2), 0);
    for (byte, &pair) in packed.iter_mut().zip(pairs) {
        let both = u16::from_be_bytes(pair);
        *byte = (both >> 4 | both) as u8;
    }
    if let (Some(byte), [high]) = (packed.last_mut(), single) {
        *byte = high << 4;
    }
}

/// A stretch of one contig that one worker holds in memory.
#[derive(Default)]
pub struct ReferenceWindow {
    source: Option<(Arc<Reference>, FastaReader)>,
    contig: i32,
    start: u32,
    codes: Vec<u8>,
    packed: [Vec<u8>; 2],
}

impl std::fmt::Debug for ReferenceWindow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReferenceWindow").field("contig", &self.contig).finish_non_exhaustive()
    }
}

impl ReferenceWindow {
    /// An empty window; without a reference it stays empty.
    pub fn new(reference: Option<&Arc<Reference>>) -> Self {
        let source = reference.map(|reference| (Arc::clone(reference), reference.fasta.reader()));
        Self { source, contig: -1, ..Self::default() }
    }

    /// The length of a contig, bp; `None` when the reference lacks it.
    fn length(&self, contig: i32) -> Option<u32> {
        let (reference, _) = self.source.as_ref()?;
        let sequence = usize::try_from(contig).ok().and_then(|i| *reference.sequences.get(i)?)?;
        Some(reference.fasta.sequences()[sequence].length)
    }

    /// Looks at the parts of `start..end` (0-based half-open) of a contig at which no worker has looked yet.
    fn look(&mut self, contig: i32, start: u32, end: u32) -> Result<(), Problem> {
        let mut at = start - start % CELL_BP;
        while at < end {
            let seen = self
                .source
                .as_ref()
                .is_some_and(|(reference, _)| reference.cells.seen(contig as usize, at));
            if !seen {
                self.cover(contig, at, at.saturating_add(CELL_BP))?;
            }
            at = at.saturating_add(CELL_BP);
        }
        Ok(())
    }

    /// How many bases of `start..end` (0-based half-open, both multiples of [`CELL_BP`] unless the contig ends there) of a
    /// contig are known, that is not N; `None` when the reference lacks the contig.
    ///
    /// # Errors
    ///
    /// When the FASTA cannot be read or does not fit its index.
    pub fn known_bases(
        &mut self,
        contig: i32,
        start: u32,
        end: u32,
    ) -> Result<Option<u64>, Problem> {
        let Some(length) = self.length(contig) else { return Ok(None) };
        let end = end.min(length);
        self.look(contig, start, end)?;
        Ok(self.source.as_ref().map(|(reference, _)| {
            let unknown = reference.cells.unknown_bases(contig as usize, start, end);
            u64::from(end.saturating_sub(start)).saturating_sub(unknown)
        }))
    }

    /// Puts the runs of codes that are N within `start..end` (0-based half-open) of a contig into `runs`, in order; none when
    /// the reference lacks the contig. Cheap where a worker has looked at these bases before.
    ///
    /// # Errors
    ///
    /// When the FASTA cannot be read or does not fit its index.
    pub fn unknown_runs(
        &mut self,
        contig: i32,
        (start, end): (u32, u32),
        runs: &mut Vec<(u32, u32)>,
    ) -> Result<(), Problem> {
        runs.clear();
        let Some(length) = self.length(contig) else { return Ok(()) };
        self.look(contig, start, end.min(length))?;
        if let Some((reference, _)) = &self.source {
            reference.cells.runs(contig as usize, (start, end.min(length)), runs);
        }
        Ok(())
    }

    /// Makes the window hold `start..end` (0-based half-open) of a contig, as far as the contig goes and up to
    /// [`MAX_WINDOW_BP`], and lends it; `None` when the reference lacks the contig.
    ///
    /// # Errors
    ///
    /// When the FASTA cannot be read or does not fit its index.
    pub fn cover(
        &mut self,
        contig: i32,
        start: u32,
        end: u32,
    ) -> Result<Option<ReferenceSpan<'_>>, Problem> {
        let Some((reference, reader)) = &mut self.source else { return Ok(None) };
        let Some(sequence) =
            usize::try_from(contig).ok().and_then(|i| *reference.sequences.get(i)?)
        else {
            return Ok(None);
        };
        let length = reference.fasta.sequences()[sequence].length;
        let end = end.min(start.saturating_add(MAX_WINDOW_BP)).min(length);
        let held = self.start + self.codes.len() as u32;
        if contig != self.contig || start < self.start || end > held {
            self.contig = -1;
            // Whole cells, so that what they lack is known from now on.
            let start = start - start % CELL_BP;
            let end = end.max(start.saturating_add(WINDOW_BP)).checked_next_multiple_of(CELL_BP);
            let end = end.unwrap_or(length).min(length);
            let bases = reader.fetch_sequence(sequence, start, end)?;
            let (codes, packed) = (&mut self.codes, &mut self.packed);
            pulp::Arch::new().dispatch(Encode { bases, codes, packed });
            let parts = bases.chunks(CELL_BP as usize).zip(self.codes.chunks(CELL_BP as usize));
            for (at, (bases, codes)) in (start..).step_by(CELL_BP as usize).zip(parts) {
                reference.cells.note(contig as usize, at, (bases, codes));
            }
            (self.contig, self.start) = (contig, start);
        }
        let packed = [&self.packed[0][..], &self.packed[1][..]];
        Ok(Some(ReferenceSpan { contig, start: self.start, codes: &self.codes, packed }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(fasta: &str, fai: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.fa");
        std::fs::write(&path, fasta).unwrap();
        std::fs::write(folder.path().join("r.fa.fai"), fai).unwrap();
        (folder, path)
    }

    #[test]
    fn windows_hold_codes_in_both_phases() {
        let (_folder, path) = write(">20\nacgtN\nRAC\n", "20\t8\t4\t5\t6\n");
        let contigs = [("other".to_owned(), 9), ("chr20".to_owned(), 8)];
        let reference = Reference::open(&path, &contigs).unwrap();
        assert!(reference.has(1) && !reference.has(0) && !reference.has(7));
        let mut window = ReferenceWindow::new(Some(&reference));
        assert!(window.cover(0, 0, 5).unwrap().is_none());
        assert!(window.cover(-1, 0, 5).unwrap().is_none());
        let span = window.cover(1, 1, 99).unwrap().unwrap();
        assert_eq!((span.start, span.end()), (0, 8), "whole cells");
        assert_eq!(span.slice(1, 8).unwrap(), [2, 4, 8, 15, 5, 1, 2]);
        assert_eq!(span.packed_from(1).unwrap()[..2], [0x24, 0x8f]);
        assert_eq!(span.packed_from(4).unwrap(), [0xf5, 0x12]);
        assert_eq!(span.packed_from(7).unwrap(), [0x20]);
        assert!(span.slice(7, 9).is_none());
        let mut runs = Vec::new();
        for (range, expected) in [((0, 99), vec![(4, 5)]), ((5, 9), vec![]), ((3, 5), vec![(4, 5)])]
        {
            window.unknown_runs(1, range, &mut runs).unwrap();
            assert_eq!(runs, expected);
        }
        assert_eq!(window.known_bases(1, 0, 99).unwrap(), Some(7));
        assert_eq!(window.known_bases(0, 0, 99).unwrap(), None);
    }

    #[test]
    fn codes_of_whole_vectors_are_those_of_the_table() {
        let letters: Vec<u8> = b"ACGTGCATTGCA".iter().cycle().take(300).copied().collect();
        for (at, letter) in [(0, b'N'), (70, b'R'), (200, b'.'), (299, b'N')] {
            let mut letters = letters.clone();
            letters[at] = letter;
            let mut codes = Vec::new();
            encode(&letters, &mut codes);
            let expected: Vec<u8> = letters.iter().map(|&base| CODES[usize::from(base)]).collect();
            assert_eq!(codes, expected);
        }
    }

    #[test]
    fn a_contig_of_another_length_is_another_reference() {
        let (_folder, path) = write(">20\nacgtN\nRAC\n", "20\t8\t4\t5\t6\n");
        let wrong = Reference::open(&path, &[("20".into(), 9)]).unwrap_err();
        assert!(wrong.0[0].to_string().contains("8 bp here and 9 bp"), "{}", wrong.0[0]);
        assert!(Reference::open(&path, &[("19".into(), 8)]).is_err());
    }
}
