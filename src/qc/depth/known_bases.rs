//! Depth over the bases that the reference knows: those that are N are left out.

use crate::io::reference::{CODE_N, ReferenceWindow};
use crate::model::problem::Problem;
use crate::model::qc::DepthHistogram;

use super::finish::Chunk;
use super::unevenness::{WINDOW_BP, Windows};

/// How many bases of the chunk that are not N have each depth, whole and by window. `runs` are ends (exclusive) and depths, from the chunk's
/// start on. Where the reference lacks the contig all bases count.
pub(super) fn histogram(
    chunk: &Chunk,
    runs: &[(u32, u32)],
    reference: &mut ReferenceWindow,
) -> Result<(DepthHistogram, Windows), Problem> {
    let (mut histogram, mut windows) = (DepthHistogram::default(), Windows::default());
    let mut runs = runs.iter().copied().peekable();
    let mut at = chunk.start;
    while at < chunk.end {
        let stop = chunk.end.min((at - at % WINDOW_BP).saturating_add(WINDOW_BP));
        let span = reference.cover(chunk.contig as i32, at, stop)?;
        let codes = span.and_then(|span| span.slice(at, stop));
        // Most stretches hold no N at all.
        let codes = codes.filter(|codes| memchr::memchr(CODE_N, codes).is_some());
        while let Some(&(end, depth)) = runs.peek() {
            let to = end.min(stop);
            let length = to.saturating_sub(at);
            let unknown = codes.map_or(0, |codes| {
                let offset = codes.len() - (stop - at) as usize;
                let run = codes.get(offset..offset + length as usize).unwrap_or_default();
                run.iter().map(|&code| u64::from(code == CODE_N)).sum()
            });
            let known = u64::from(length).saturating_sub(unknown);
            histogram.add(depth, known);
            windows.add(at, depth, known);
            at = at.max(to);
            if end > stop {
                break;
            }
            runs.next();
        }
        at = stop;
    }
    Ok((histogram, windows))
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
            run_start: 0,
            last: true,
            has_records: true,
            deltas: Deltas::default(),
        };
        let mut reference = ReferenceWindow::default();
        let runs = [(12, 3), (300_000, 0), (500_000, 7)];
        let (histogram, _) = histogram(&chunk, &runs, &mut reference).unwrap();
        let found: Vec<_> = histogram.iter().collect();
        assert_eq!(found, [(0, 299_988), (3, 2), (7, 200_000)]);
    }
}
