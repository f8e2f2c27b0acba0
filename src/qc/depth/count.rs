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
        let mut fast = Fast::default();
        chunk.deltas.walk(
            #[inline(always)]
            |position, by| {
                // Reads that hang over the end of the contig leave changes behind it.
                each(position.min(chunk.end), shown(depth));
                if position <= fast.until
                    && let Some(count) = counter.table.count(fast.row, depth)
                {
                    *count += position.saturating_sub(at);
                } else {
                    fast = counter.pass(at, position, depth);
                }
                at = position;
                depth += i64::from(by);
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

/// What the second track lacks up to here is kept apart, so that most bases are counted once for both tracks.
const ROWS: usize = 8;
/// Depths of the table: what lies above is rare or, at such depths, changes less than once a read.
const DEPTHS: usize = 512;

/// Bases by depth in the first track, one row of depths after the other.
struct Table([u32; ROWS * DEPTHS]);

impl Default for Table {
    fn default() -> Self {
        Self([0; ROWS * DEPTHS])
    }
}

impl Table {
    /// The count of a depth in the row that begins here.
    #[inline]
    fn count(&mut self, row: usize, depth: i64) -> Option<&mut u32> {
        // A negative depth becomes a great one.
        let depth = depth as usize;
        if depth < DEPTHS { self.0.get_mut(row + depth) } else { None }
    }
}

/// Up to where bases go to which row of the table: that which begins there.
#[derive(Clone, Copy, Debug, Default)]
struct Fast {
    until: u32,
    row: usize,
}

#[derive(Default)]
struct Counter<'a> {
    /// The sections that have not ended.
    sections: &'a [Section],
    counts: Counts,
    table: Table,
    /// A bit for each row of the table in use.
    rows: u32,
    /// The second track's known bases of this window that are not in the table.
    rest: DepthHistogram,
}

impl Counter<'_> {
    /// Counts bases of one depth in the first track; `to` may lie in a later section, or end one. Returns how to go on.
    #[cold]
    #[inline(never)]
    fn pass(&mut self, mut from: u32, to: u32, depth: i64) -> Fast {
        while let [section, rest @ ..] = self.sections {
            let end = to.min(section.end);
            let bases = u64::from(end.saturating_sub(from));
            self.counts.first.add(shown(depth), bases);
            if let Beside::Lacking(by) = section.beside {
                self.rest.add(shown(depth - by), bases);
            }
            if to < section.end {
                return self.fast(*section);
            }
            from = end;
            self.sections = rest;
            if let Some(start) = section.window {
                self.end_window(Some(start));
            }
        }
        Fast::default()
    }

    /// Begins to count in the table, if the section has a row there.
    fn fast(&mut self, section: Section) -> Fast {
        match section.beside {
            Beside::Lacking(by) if usize::try_from(by).is_ok_and(|row| row < ROWS) => {
                self.rows |= 1 << by;
                Fast { until: section.end, row: by as usize * DEPTHS }
            }
            _ => Fast::default(),
        }
    }

    fn end_window(&mut self, start: Option<u32>) {
        let mut window = Window::default();
        let (first, second) = (&mut self.counts.first, &mut self.counts.second);
        let mut add = |depth, bases| {
            window.add(depth, bases);
            second.add(depth, bases);
        };
        for (depth, bases) in std::mem::take(&mut self.rest).iter() {
            add(depth, bases);
        }
        let rows = self.table.0.as_chunks_mut::<DEPTHS>().0.iter_mut().enumerate();
        for (row, counts) in rows.filter(|(row, _)| self.rows >> row & 1 == 1) {
            for (depth, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
                let bases = u64::from(std::mem::take(count));
                first.add(depth as u32, bases);
                add(depth.saturating_sub(row) as u32, bases);
            }
        }
        self.rows = 0;
        if let Some(start) = start {
            self.counts.windows.add(start, window);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qc::depth::deltas::Deltas;
    use crate::qc::depth::listed::Listed;
    use proptest::prelude::*;

    const START: u32 = 500;

    fn chunk(end: u32, carry: i64, changes: &[(u32, i32)]) -> Chunk {
        let mut deltas = Deltas::with_arena(Vec::new());
        for &(position, by) in changes {
            deltas.begin_read(position, position);
            deltas.add(position, by);
        }
        deltas.settle();
        let low = Listed::default();
        Chunk {
            contig: 0,
            start: START,
            end,
            carry,
            low_carry: 0,
            run_start: 0,
            last: true,
            has_records: true,
            deltas,
            low,
        }
    }

    /// The same, base by base.
    fn base_by_base(end: u32, depth: impl Fn(u32) -> i64, sections: &[Section]) -> Counts {
        let (mut counts, mut window, mut at) = (Counts::default(), Window::default(), START);
        for section in sections {
            for base in at..section.end.min(end) {
                counts.first.add(shown(depth(base)), 1);
                if let Beside::Lacking(by) = section.beside {
                    counts.second.add(shown(depth(base) - by), 1);
                    window.add(shown(depth(base) - by), 1);
                }
            }
            at = section.end;
            if let Some(start) = section.window {
                counts.windows.add(start, std::mem::take(&mut window));
            }
        }
        counts
    }

    fn sections() -> impl Strategy<Value = Vec<Section>> {
        let section = (1_u32..400, -1_i64..14, prop::option::weighted(0.3, 0_u32..400_000));
        prop::collection::vec(section, 1..12).prop_map(|sections| {
            let mut end = START;
            let mut all: Vec<Section> = Vec::new();
            for (length, by, window) in sections {
                end += length;
                let beside = if by == 13 { Beside::Unknown } else { Beside::Lacking(by) };
                all.push(Section { end, beside, window });
            }
            all.last_mut().unwrap().window = Some(7);
            all
        })
    }

    proptest! {
        #[test]
        fn one_walk_counts_what_each_base_has(
            sections in sections(),
            carry in -2_i64..600,
            changes in prop::collection::btree_map(START..START + 5000, -3_i32..40, 0..200),
        ) {
            let end = sections.last().unwrap().end;
            let changes: Vec<_> = changes.into_iter().collect();
            let depth = |base: u32| {
                let before = changes.iter().take_while(|(position, _)| *position <= base);
                carry + before.map(|(_, by)| i64::from(*by)).sum::<i64>()
            };
            let mut runs = vec![(START, 0)];
            let found = Counts::of_chunk(&chunk(end, carry, &changes), &sections, |to, depth| {
                if to > runs[runs.len() - 1].0 {
                    runs.push((to, depth));
                }
            });
            let expected = base_by_base(end, depth, &sections);
            for (own, wanted) in [(&found.first, &expected.first), (&found.second, &expected.second)] {
                prop_assert_eq!(own.iter().collect::<Vec<_>>(), wanted.iter().collect::<Vec<_>>());
            }
            prop_assert_eq!(&found.windows, &expected.windows);
            prop_assert_eq!(runs.last().unwrap().0, end);
            for run in runs.windows(2) {
                prop_assert!((run[0].0..run[1].0).all(|base| shown(depth(base)) == run[1].1));
            }
        }
    }
}
