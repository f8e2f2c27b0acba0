//! Runs of bases within one bin of depth (`--quantize`): all but a cell's first and last run are lines already.

use crate::io::bed_piece::{Piece, PieceWriter};

use super::Quantize;

/// A run within one bin: start and end (0-based half-open), bin.
pub(super) type BinRun = (u32, u32, usize);

/// The runs of one cell.
#[derive(Debug, Default)]
pub(super) struct BinRuns {
    pub(super) first: Option<BinRun>,
    /// The lines between, when there are any.
    pub(super) between: Option<Piece>,
    /// The last run, when it is not the first.
    pub(super) last: Option<BinRun>,
}

impl BinRuns {
    /// The runs of a cell that begins at `start`, from its runs of equal depth up to `stop`.
    pub(super) fn of_cell(
        quantize: &Quantize,
        (start, runs): (u32, &[(u32, u32)]),
        stop: u32,
        (name, writer): (&str, &mut PieceWriter),
    ) -> Self {
        let mut merged = merge_bins(quantize, start, runs, stop);
        let last = if merged.len() > 1 { merged.pop() } else { None };
        let mut rest = merged.into_iter();
        let first = rest.next();
        writer.begin(name);
        let mut any = false;
        for (from, to, bin) in rest {
            writer.line(from, to, quantize.label(bin).as_bytes());
            any = true;
        }
        Self { first, between: any.then(|| writer.finish_cells()), last }
    }
}

fn merge_bins(quantize: &Quantize, start: u32, runs: &[(u32, u32)], stop: u32) -> Vec<BinRun> {
    let mut merged: Vec<BinRun> = Vec::new();
    let mut from = start;
    for &(end, depth) in runs {
        let to = end.min(stop);
        if let Some(bin) = quantize.bin(depth)
            && to > from
        {
            match merged.last_mut() {
                Some(last) if last.1 == from && last.2 == bin => last.1 = to,
                _ => merged.push((from, to, bin)),
            }
        }
        from = end;
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_runs_of_one_bin_are_one() {
        let quantize = Quantize::parse("1:10:20", |_| None).unwrap();
        let runs = [(5, 0), (7, 3), (9, 4), (12, 15), (20, 3)];
        assert_eq!(merge_bins(&quantize, 0, &runs, 20), [(5, 9, 0), (9, 12, 1), (12, 20, 0)]);
        assert_eq!(merge_bins(&quantize, 0, &runs, 19).last(), Some(&(12, 19, 0)));
    }
}
