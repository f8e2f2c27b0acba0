//! Where the second track differs from the first along a chunk, and which bases the reference does not know.

use crate::io::reference::ReferenceWindow;
use crate::model::problem::Problem;

use super::finish::Chunk;
use super::unevenness::WINDOW_BP;

/// What holds of the second track over a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// Its depth is that of the first less this.
    Lacking(i64),
    /// The bases are N in the reference and count in the first track only.
    Unknown,
}

/// A part of a chunk. It begins where the one before ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// One past its last base.
    pub(super) end: u32,
    pub(super) beside: Beside,
    /// At the end of a window, where the chunk's part of it begins.
    pub(super) window: Option<u32>,
}

/// The sections of a chunk: all of it in order, without empty ones. With a reference they end at windows, and bases that
/// are N are sections of their own. Where the reference lacks the contig no base is N.
pub(super) fn of_chunk(
    chunk: &Chunk,
    reference: Option<&mut ReferenceWindow>,
) -> Result<Vec<Section>, Problem> {
    let low = chunk.low.changes();
    let mut sections =
        Sections { low, lacking: chunk.low_carry, at: chunk.start, found: Vec::new() };
    let Some(reference) = reference else {
        sections.known_until(chunk.end);
        return Ok(sections.found);
    };
    let (mut start, mut unknown) = (chunk.start, Vec::new());
    while start < chunk.end {
        let stop = chunk.end.min((start - start % WINDOW_BP).saturating_add(WINDOW_BP));
        reference.unknown_runs(chunk.contig as i32, (start, stop), &mut unknown)?;
        for &(from, to) in &unknown {
            sections.known_until(from.min(stop));
            sections.unknown_until(to.min(stop));
        }
        sections.known_until(stop);
        if let Some(last) = sections.found.last_mut() {
            last.window = Some(start);
        }
        start = stop;
    }
    Ok(sections.found)
}

struct Sections<'a> {
    /// The changes of what the second track lacks that lie ahead.
    low: &'a [(u32, i32)],
    lacking: i64,
    at: u32,
    found: Vec<Section>,
}

impl Sections<'_> {
    fn end(&mut self, end: u32, beside: Beside) {
        if end > self.at {
            self.found.push(Section { end, beside, window: None });
            self.at = end;
        }
    }

    fn known_until(&mut self, end: u32) {
        while let [(position, by), rest @ ..] = self.low
            && *position < end
        {
            self.end(*position, Beside::Lacking(self.lacking));
            self.lacking += i64::from(*by);
            self.low = rest;
        }
        self.end(end, Beside::Lacking(self.lacking));
    }

    fn unknown_until(&mut self, end: u32) {
        while let [(position, by), rest @ ..] = self.low
            && *position < end
        {
            self.lacking += i64::from(*by);
            self.low = rest;
        }
        self.end(end, Beside::Unknown);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::depth::deltas::Deltas;
    use crate::qc::depth::listed::Listed;

    #[test]
    fn sections_end_where_the_lack_changes_and_at_bases_that_are_n() {
        let low = [(3, 1), (8, 1), (12, -1), (12, 0), (30, -1)];
        let mut sections = Sections { low: &low, lacking: 0, at: 2, found: Vec::new() };
        sections.known_until(7);
        sections.unknown_until(9);
        sections.unknown_until(10);
        sections.known_until(20);
        let found: Vec<_> = sections.found.iter().map(|own| (own.end, own.beside)).collect();
        let (lacking, unknown) = (Beside::Lacking, Beside::Unknown);
        let expected = [
            (3, lacking(0)),
            (7, lacking(1)),
            (9, unknown),
            (10, unknown),
            (12, lacking(2)),
            (20, lacking(1)),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn without_a_contig_in_the_reference_all_bases_are_known() {
        let chunk = Chunk {
            contig: 0,
            start: 10,
            end: 250_000,
            carry: 0,
            low_carry: 2,
            run_start: 0,
            last: true,
            has_records: true,
            deltas: Deltas::default(),
            low: Listed::default(),
        };
        let section = |end, window| Section { end, beside: Beside::Lacking(2), window };
        let windows = of_chunk(&chunk, Some(&mut ReferenceWindow::default())).unwrap();
        let expected = [(100_000, 10), (200_000, 100_000), (250_000, 200_000)];
        assert_eq!(windows, expected.map(|(end, start)| section(end, Some(start))));
        assert_eq!(of_chunk(&chunk, None).unwrap(), [section(250_000, None)]);
    }
}
