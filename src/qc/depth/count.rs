//! How many bases of a chunk have each depth, in both tracks, in one walk over the changes.

use crate::model::qc::DepthHistogram;

use super::finish::Chunk;
use super::sections::{Beside, Section};
use super::unevenness::{Window, Windows};

/// The counts of one chunk.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Of all bases in the first track.
    pub(super) first: DepthHistogram,
    /// Of the known bases in the second one.
    pub(super) second: DepthHistogram,
    /// The same by window.
    pub(super) windows: Windows,
}

impl Counts {
    /// Counts the bases of the chunk's sections. `each(to, depth)` is called for every run of equal depth in the first track,
    /// the last one included; runs may be empty.
    #[inline]
    pub(super) fn of_chunk(
        chunk: &Chunk,
        sections: &[Section],
        mut each: impl FnMut(u32, u32),
    ) -> Self {
        let mut counter = Counter { sections, ..Counter::default() };
        let (mut at, mut depth) = (chunk.start, chunk.carry);
        let mut until = counter.turn();
        chunk.deltas.walk(
            #[inline(always)]
            |position, by| {
                // Reads that hang over the end of the contig leave changes behind it.
                if position < chunk.end {
                    each(position, shown(depth));
                    if position <= until {
                        let bases = position.saturating_sub(at);
                        counter.here.add(shown(depth), u64::from(bases));
                    } else {
                        until = counter.pass(at, position, depth);
                    }
                    at = position;
                    depth += i64::from(by);
                }
            },
        );
        each(chunk.end, shown(depth));
        counter.pass(at, chunk.end, depth);
        counter.end_window(None);
        counter.counts
    }
}

/// Depth is never negative where the changes are right.
#[inline]
fn shown(depth: i64) -> u32 {
    depth.max(0) as u32
}

/// So many histograms are kept apart by what the second track lacks, so that most bases are counted once.
const ROWS: usize = 8;

#[derive(Default)]
struct Counter<'a> {
    /// The sections that have not ended.
    sections: &'a [Section],
    counts: Counts,
    /// Bases of this window by their depth in the first track; one histogram for each small lack of the second.
    rows: [DepthHistogram; ROWS],
    /// The histogram of the section that is open, which is not in its place meanwhile.
    here: DepthHistogram,
    row: Option<usize>,
    /// The second track's known bases of this window that are in none of these.
    rest: DepthHistogram,
}

impl Counter<'_> {
    /// Begins a section. Returns up to where `here` counts.
    fn turn(&mut self) -> u32 {
        self.put_back();
        let Some(Section { end, beside: Beside::Lacking(by), .. }) = self.sections.first() else {
            return 0;
        };
        self.row = usize::try_from(*by).ok().filter(|&row| row < ROWS);
        let Some(row) = self.row else { return 0 };
        self.here = std::mem::take(&mut self.rows[row]);
        *end
    }

    fn put_back(&mut self) {
        if let Some(row) = self.row.take() {
            self.rows[row] = std::mem::take(&mut self.here);
        }
    }

    /// Counts bases of one depth in the first track; `to` may lie in a later section, or end one. Returns up to where
    /// `here` counts.
    #[cold]
    #[inline(never)]
    fn pass(&mut self, mut from: u32, to: u32, depth: i64) -> u32 {
        let mut until = 0;
        while let [section, rest @ ..] = self.sections {
            until = self.turn();
            let end = to.min(section.end);
            let bases = u64::from(end.saturating_sub(from));
            if self.row.is_some() {
                self.here.add(shown(depth), bases);
            } else {
                self.counts.first.add(shown(depth), bases);
                if let Beside::Lacking(by) = section.beside {
                    self.rest.add(shown(depth - by), bases);
                }
            }
            if to < section.end {
                break;
            }
            (from, until) = (end, 0);
            self.sections = rest;
            if let Some(start) = section.window {
                self.end_window(Some(start));
            }
        }
        until
    }

    fn end_window(&mut self, start: Option<u32>) {
        self.put_back();
        let mut window = Window::default();
        let mut add = |depth, bases| {
            window.add(depth, bases);
            self.counts.second.add(depth, bases);
        };
        for (depth, bases) in std::mem::take(&mut self.rest).iter() {
            add(depth, bases);
        }
        for (lacking, row) in self.rows.iter_mut().enumerate() {
            let row = std::mem::take(row);
            for (depth, bases) in row.iter() {
                add(depth.saturating_sub(lacking as u32), bases);
            }
            self.counts.first.merge(&row);
        }
        if let Some(start) = start {
            self.counts.windows.add(start, window);
        }
    }
}
