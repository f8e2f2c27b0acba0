//! Which bases of a reference are not known, noted cell by cell by whoever reads them first, so that nobody has to read
//! them again for this.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

use super::reference::CODE_N;

/// Bases of a cell.
pub const CELL_BP: u32 = 1 << 14;

/// Nobody has looked at the cell.
const NOT_SEEN: u8 = 0;
/// All of its bases are known.
const KNOWN: u8 = 1;
/// What it lacks is noted.
const NOTED: u8 = 2;

/// What a cell lacks.
#[derive(Debug, Default)]
struct Lacking {
    /// Runs of codes that are N: start and end, 0-based half-open.
    runs: Vec<(u32, u32)>,
    /// Letters that say that the base is not known. Letters that are no code are N too, and do not say that.
    letters: u32,
}

/// The cells of all contigs.
#[derive(Debug, Default)]
pub(super) struct Cells {
    contigs: Vec<Vec<AtomicU8>>,
    lacking: Mutex<BTreeMap<(usize, u32), Lacking>>,
}

/// Whether a letter says that the base is not known.
#[inline]
fn is_unknown(base: u8) -> bool {
    base | 0x20 == b'n' || base == b'.'
}

impl Cells {
    /// Cells for contigs of these lengths, bp.
    pub(super) fn new(lengths: impl Iterator<Item = u32>) -> Self {
        let cells = |length: u32| (0..length.div_ceil(CELL_BP)).map(|_| AtomicU8::new(NOT_SEEN));
        let contigs = lengths.map(|length| cells(length).collect()).collect();
        Self { contigs, lacking: Mutex::default() }
    }

    fn state(&self, contig: usize, position: u32) -> Option<&AtomicU8> {
        self.contigs.get(contig)?.get((position / CELL_BP) as usize)
    }

    /// Whether what the cell of a position lacks is known.
    pub(super) fn seen(&self, contig: usize, position: u32) -> bool {
        self.state(contig, position).is_none_or(|state| state.load(Ordering::Acquire) != NOT_SEEN)
    }

    /// Notes what the cell at `start` lacks; its letters in upper case and their codes are given.
    pub(super) fn note(&self, contig: usize, start: u32, (bases, codes): (&[u8], &[u8])) {
        let Some(state) = self.state(contig, start) else { return };
        if state.load(Ordering::Acquire) != NOT_SEEN {
            return;
        }
        let mut lacking = Lacking::default();
        let mut at = 0;
        while let Some(next) = codes.get(at..).and_then(|codes| memchr::memchr(CODE_N, codes)) {
            let from = at + next;
            let run = codes[from..].iter().take_while(|&&code| code == CODE_N).count();
            lacking.runs.push((start + from as u32, start + (from + run) as u32));
            at = from + run;
        }
        if lacking.runs.is_empty() {
            return state.store(KNOWN, Ordering::Release);
        }
        lacking.letters = bases.iter().map(|&base| u32::from(is_unknown(base))).sum();
        let mut all = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((contig, start / CELL_BP), lacking);
        state.store(NOTED, Ordering::Release);
    }

    /// Calls `each` with what the cells that touch `start..end` lack, in order; they must have been seen.
    fn each(&self, contig: usize, (start, end): (u32, u32), mut each: impl FnMut(&Lacking)) {
        let cells = start / CELL_BP..end.div_ceil(CELL_BP);
        let noted = |cell: u32| {
            let state = self.state(contig, cell.saturating_mul(CELL_BP));
            state.is_some_and(|state| state.load(Ordering::Acquire) == NOTED)
        };
        if !cells.clone().any(noted) {
            return;
        }
        let all = self.lacking.lock().unwrap_or_else(PoisonError::into_inner);
        all.range((contig, cells.start)..(contig, cells.end)).for_each(|(_, own)| each(own));
    }

    /// Letters in the cells of `start..end` that say that a base is not known.
    pub(super) fn unknown_bases(&self, contig: usize, start: u32, end: u32) -> u64 {
        let mut sum = 0;
        self.each(contig, (start, end), |own| sum += u64::from(own.letters));
        sum
    }

    /// Appends the runs of codes that are N within `start..end`, in order.
    pub(super) fn runs(&self, contig: usize, (start, end): (u32, u32), runs: &mut Vec<(u32, u32)>) {
        self.each(contig, (start, end), |own| {
            let inside = own.runs.iter().map(|&(from, to)| (from.max(start), to.min(end)));
            runs.extend(inside.filter(|(from, to)| from < to));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_found_and_cut() {
        let cells = Cells::new([CELL_BP * 2 + 10, 5].into_iter());
        assert!(!cells.seen(0, 0) && !cells.seen(1, 4) && cells.seen(1, CELL_BP));
        let mut bases = vec![b'A'; CELL_BP as usize];
        let mut codes = vec![1; CELL_BP as usize];
        cells.note(0, 0, (&bases, &codes));
        // A letter that is no code has the code of N but does not say that the base is not known.
        for (place, letter) in [(3, b'N'), (4, b'N'), (9, b'*')] {
            (bases[place], codes[place]) = (letter, CODE_N);
        }
        cells.note(0, CELL_BP, (&bases, &codes));
        assert!(cells.seen(0, 5) && cells.seen(0, CELL_BP) && !cells.seen(0, 2 * CELL_BP));
        assert_eq!(cells.unknown_bases(0, 0, 2 * CELL_BP), 2);
        assert_eq!(cells.unknown_bases(0, 0, CELL_BP), 0);
        let mut runs = Vec::new();
        cells.runs(0, (0, CELL_BP + 4), &mut runs);
        cells.runs(0, (CELL_BP + 4, 2 * CELL_BP), &mut runs);
        let at = |offset| CELL_BP + offset;
        assert_eq!(runs, [(at(3), at(4)), (at(4), at(5)), (at(9), at(10))]);
    }
}
