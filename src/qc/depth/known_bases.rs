//! Depth over the bases that the reference knows: those that are N are left out.

use crate::io::reference::ReferenceWindow;
use crate::model::problem::Problem;
use crate::model::qc::DepthHistogram;

use super::finish::Chunk;
use super::unevenness::{WINDOW_BP, Window, Windows};

/// How many bases of the chunk that are not N have each depth, whole and by window. `runs` are ends (exclusive) and depths, from the chunk's
/// start on. Where the reference lacks the contig all bases count.
pub(super) fn histogram(
    chunk: &Chunk,
    runs: &[(u32, u32)],
    reference: &mut ReferenceWindow,
) -> Result<(DepthHistogram, Windows), Problem> {
    let (mut histogram, mut windows) = (DepthHistogram::default(), Windows::default());
    let mut depths = runs.iter().copied().peekable();
    let (mut at, mut unknown) = (chunk.start, Vec::new());
    while at < chunk.end {
        let stop = chunk.end.min((at - at % WINDOW_BP).saturating_add(WINDOW_BP));
        reference.unknown_runs(chunk.contig as i32, (at, stop), &mut unknown)?;
        let (mut lacking, mut window) = (&unknown[..], Window::default());
        let start = at;
        while let Some(&(end, depth)) = depths.peek() {
            let to = end.min(stop);
            let known = to.saturating_sub(at) - overlap(&mut lacking, at, to);
            histogram.add(depth, u64::from(known));
            window.add(depth, known);
            at = at.max(to);
            if end > stop {
                break;
            }
            depths.next();
        }
        windows.add(start, window);
        at = stop;
    }
    Ok((histogram, windows))
}

/// How many bases of `start..end` lie in the runs, which are in order; lets go of those that end before `end`.
#[inline]
fn overlap(runs: &mut &[(u32, u32)], start: u32, end: u32) -> u32 {
    let mut sum = 0;
    while let [(from, to), rest @ ..] = runs
        && *from < end
    {
        sum += (*to).min(end).saturating_sub((*from).max(start));
        if *to > end {
            break;
        }
        *runs = rest;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::depth::deltas::Deltas;

    #[test]
    fn without_a_reference_all_bases_count() {
        let chunk = Chunk {
            contig: 0,
            start: 10,
            end: 500_000,
            carry: 0,
            low_carry: 0,
            run_start: 0,
            last: true,
            has_records: true,
            deltas: Deltas::default(),
            low: Deltas::default(),
        };
        let mut reference = ReferenceWindow::default();
        let runs = [(12, 3), (300_000, 0), (500_000, 7)];
        let (histogram, _) = histogram(&chunk, &runs, &mut reference).unwrap();
        let found: Vec<_> = histogram.iter().collect();
        assert_eq!(found, [(0, 299_988), (3, 2), (7, 200_000)]);
    }

    #[test]
    fn runs_are_cut_where_depth_changes() {
        let runs = [(2, 5), (7, 8), (20, 30)];
        let mut left = &runs[..];
        let found = [(0, 3), (3, 7), (7, 9), (9, 25), (25, 40)]
            .map(|(start, end)| overlap(&mut left, start, end));
        assert_eq!(found, [1, 2, 1, 5, 5]);
    }
}
