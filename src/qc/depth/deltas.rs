//! Where depth changes, and by how much, over one stretch of a contig.
//!
//! Changes near the reads go to dense arrays (reads are sorted, so the array in use stays in the first-level cache); a new
//! array begins after a gap without reads, and changes far ahead of the reads go to a list. So memory follows the data and
//! not the length of the contig.

use super::listed::Listed;
use super::marks::{BLOCK, GROUP, marks};

/// How far ahead of a read's start the array reaches at first, bp. A new array begins after a longer gap between read
/// starts: below it, empty entries of 4 bytes cost less than arrays.
const FIRST_REACH: u32 = 2048;
/// The farthest that it may reach, bp: longer reads put their ends on the list.
const MAX_REACH: u32 = 1 << 20;
/// Starts of the reads of one block at most, from the first to the last, that one array holds whatever gaps there are.
const MAX_SPREAD: u32 = 1 << 14;
/// Entries by which the arena grows.
const GROWTH: usize = 1 << 16;

/// The changes of one stretch.
#[derive(Debug, Default)]
pub(super) struct Deltas {
    /// All dense arrays one after the other.
    arena: Vec<i32>,
    segments: Vec<Segment>,
    /// Changes outside the arrays.
    sparse: Listed,
    reach: u32,
    first_start: u32,
    last_start: u32,
    /// The last array.
    segment: Segment,
    /// From this start on the last array is too short for a read.
    full_at: u32,
}

/// A dense array: entry `i` of it is position `start + i`.
#[derive(Clone, Copy, Debug, Default)]
struct Segment {
    start: u32,
    /// Where it begins in the arena; it ends where the next one begins.
    offset: usize,
}

impl Segment {
    /// The place of a position in the arena, which must not lie before the array.
    #[inline]
    fn place(self, position: u32) -> usize {
        self.offset.wrapping_add(position.wrapping_sub(self.start) as usize)
    }
}

impl Deltas {
    /// An empty stretch that uses the memory of a finished one.
    pub(super) fn with_arena(mut arena: Vec<i32>) -> Self {
        arena.clear();
        Self { arena, reach: FIRST_REACH, ..Self::default() }
    }

    /// The memory, for the next stretch.
    pub(super) fn into_arena(self) -> Vec<i32> {
        self.arena
    }

    /// Start of the first and of the last read begun.
    pub(super) fn starts(&self) -> Option<(u32, u32)> {
        (!self.segments.is_empty()).then_some((self.first_start, self.last_start))
    }

    /// Start of the first read begun; 0 before it.
    #[inline]
    pub(super) fn first_start(&self) -> u32 {
        self.first_start
    }

    /// Whether the last array has room for a read.
    #[inline]
    fn has_room(&self, start: u32, end: u32) -> bool {
        start < self.full_at
            && start.wrapping_sub(self.last_start) <= self.reach
            && end.wrapping_sub(start) <= self.reach
    }

    /// Prepares for the changes of a read at `start..end`; starts must not decrease.
    #[inline]
    pub(super) fn begin_read(&mut self, start: u32, end: u32) {
        if !self.has_room(start, end) {
            self.make_room(start, end);
        }
        self.last_start = start;
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, start: u32, end: u32) {
        let span = end.saturating_sub(start);
        if span > self.reach {
            self.reach = span.min(MAX_REACH).next_power_of_two();
        }
        if self.segments.is_empty() || start.saturating_sub(self.last_start) > self.reach {
            let offset = self.used();
            self.segment = Segment { start, offset };
            if self.segments.is_empty() {
                self.first_start = start;
            }
            self.segments.push(self.segment);
        }
        self.grow(start);
    }

    /// Makes the last array long enough for a read at `start`.
    fn grow(&mut self, start: u32) {
        let reach = self.reach as usize;
        let wanted = self.segment.place(start) + reach + 1;
        if wanted > self.arena.len() {
            self.arena.resize(wanted + GROWTH.min(wanted), 0);
        }
        let starts = self.arena.len() - self.segment.offset - reach;
        self.full_at = self.segment.start.saturating_add(u32::try_from(starts).unwrap_or(u32::MAX));
    }

    /// Begins several reads at once, which start in `first..=last`, not before the last read begun. Returns the changes from
    /// `first` on, at least to `end`; `None` if they lie too far apart for one array.
    pub(super) fn begin_reads(&mut self, first: u32, last: u32, end: u32) -> Option<&mut [i32]> {
        if last.saturating_sub(first) > MAX_SPREAD || end.saturating_sub(last) > FIRST_REACH {
            return None;
        }
        self.begin_read(first, first);
        if last >= self.full_at {
            self.grow(last);
        }
        self.last_start = last;
        // No change may lie farther ahead.
        let behind = self.segment.place(last) + self.reach as usize + 1;
        self.arena.get_mut(self.segment.place(first)..behind)
    }

    /// How many entries of the arena the arrays use.
    fn used(&self) -> usize {
        let Some(last) = self.segments.last() else { return 0 };
        // No change lies farther ahead of the last read.
        let limit = last.place(self.last_start) + self.reach as usize + 1;
        let held = self.arena.get(..limit).unwrap_or(&self.arena);
        let used = held.iter().rposition(|&delta| delta != 0).map_or(0, |last| last + 1);
        used.max(last.offset)
    }

    /// Adds 1 over `start..end`, the aligned bases of the next read; starts must not decrease.
    #[inline]
    pub(super) fn add_read(&mut self, start: u32, end: u32) {
        let from = self.segment.place(start);
        let to = from.wrapping_add(end.wrapping_sub(start) as usize);
        if self.has_room(start, end)
            && let Ok([first, behind]) = self.arena.get_disjoint_mut([from, to])
        {
            *first += 1;
            *behind -= 1;
            self.last_start = start;
        } else {
            self.add_far_read(start, end);
        }
    }

    #[cold]
    #[inline(never)]
    fn add_far_read(&mut self, start: u32, end: u32) {
        self.begin_read(start, end);
        self.add(start, 1);
        self.add(end, -1);
    }

    /// Notes a change; cheap at or a little after the start of the last read begun.
    #[inline]
    pub(super) fn add(&mut self, position: u32, change: i32) {
        if !self.segments.is_empty()
            && position >= self.segment.start
            && position <= self.last_start.saturating_add(self.reach)
            && let Some(slot) = self.arena.get_mut(self.segment.place(position))
        {
            *slot += change;
            return;
        }
        self.sparse.add(position, change);
    }

    /// Notes a change anywhere, once all reads of the stretch were seen.
    pub(super) fn add_late(&mut self, position: u32, change: i32) {
        match self.slot(position) {
            Some(i) => self.arena[i] += change,
            None => self.sparse.add(position, change),
        }
    }

    fn slot(&self, position: u32) -> Option<usize> {
        let after = self.segments.partition_point(|segment| segment.start <= position);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        let i = segment.offset + (position - segment.start) as usize;
        (i < self.end_of(after - 1)).then_some(i)
    }

    fn end_of(&self, segment: usize) -> usize {
        self.segments.get(segment + 1).map_or(self.arena.len(), |next| next.offset)
    }

    /// Cuts what the arrays do not use, and moves listed changes into them where there is room.
    pub(super) fn settle(&mut self) {
        self.arena.truncate(self.used());
        for (position, change) in std::mem::take(&mut self.sparse).into_changes() {
            self.add_late(position, change);
        }
        self.sparse.settle();
    }

    /// The sum of all changes. After [`Deltas::settle`].
    pub(super) fn total(&self) -> i64 {
        let dense: i64 = self.arena.chunks(1 << 12).map(sum).sum();
        dense + self.sparse.total()
    }

    /// Takes out every change at or after `position`. After [`Deltas::settle`].
    pub(super) fn split_off(&mut self, position: u32) -> Vec<(u32, i32)> {
        let mut out = self.sparse.split_off(position).into_changes();
        while let Some(&segment) = self.segments.last() {
            let from = segment.offset + position.saturating_sub(segment.start) as usize;
            for (i, &change) in self.arena.iter().enumerate().skip(from) {
                if change != 0 {
                    out.push((segment.start + (i - segment.offset) as u32, change));
                }
            }
            self.arena.truncate(from);
            if segment.start < position {
                break;
            }
            self.segments.pop();
        }
        out
    }

    /// The last position where depth changes. After [`Deltas::settle`].
    pub(super) fn last(&self) -> Option<u32> {
        let sparse = self.sparse.changes().last().map(|&(position, _)| position);
        let i = self.arena.iter().rposition(|&delta| delta != 0);
        let dense = i.and_then(|i| {
            let after = self.segments.partition_point(|segment| segment.offset <= i);
            let segment = self.segments.get(after.checked_sub(1)?)?;
            Some(segment.start + (i - segment.offset) as u32)
        });
        sparse.max(dense)
    }

    /// Calls `change(position, by)` for every change in ascending order of position. After [`Deltas::settle`].
    #[inline]
    pub(super) fn walk(&self, mut change: impl FnMut(u32, i32)) {
        let mut sparse = self.sparse.changes().iter().copied().peekable();
        for (s, segment) in self.segments.iter().enumerate() {
            while let Some((position, by)) = sparse.next_if(|&(p, _)| p < segment.start) {
                change(position, by);
            }
            walk_dense(&self.arena[segment.offset..self.end_of(s)], segment.start, &mut change);
        }
        for (position, by) in sparse {
            change(position, by);
        }
    }
}

/// Sums a chunk short enough not to overflow 32 bits at any real depth, so that the loop vectorises.
fn sum(chunk: &[i32]) -> i64 {
    i64::from(chunk.iter().fold(0_i32, |sum, &x| sum.wrapping_add(x)))
}

#[inline]
fn walk_dense(deltas: &[i32], start: u32, change: &mut impl FnMut(u32, i32)) {
    let mut position = start;
    for block in deltas.chunks(BLOCK) {
        for (mut marks, deltas) in marks(block).into_iter().zip(block.chunks(GROUP)) {
            while marks != 0 {
                let i = marks.trailing_zeros();
                marks &= marks - 1;
                if let Some(&by) = deltas.get(i as usize) {
                    change(position + i, by);
                }
            }
            position += deltas.len() as u32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn changes(deltas: &Deltas) -> Vec<(u32, i32)> {
        let mut all = Vec::new();
        deltas.walk(|position, by| all.push((position, by)));
        all
    }

    #[test]
    fn memory_follows_the_reads_not_the_contig() {
        let mut deltas = Deltas::with_arena(Vec::new());
        for start in [10, 248_000_000] {
            deltas.begin_read(start, start + 100);
            deltas.add(start, 1);
            deltas.add(start + 100, -1);
            deltas.add(start + 3_000_000, 0);
        }
        deltas.settle();
        assert!(deltas.arena.capacity() < 1 << 18);
        let expected = [(10, 1), (110, -1), (248_000_000, 1), (248_000_100, -1)];
        assert_eq!(changes(&deltas), expected);
        assert_eq!((deltas.total(), deltas.last()), (0, Some(248_000_100)));
    }

    #[test]
    fn changes_split_at_a_position_and_meet_again() {
        let mut deltas = Deltas::with_arena(Vec::new());
        for start in [0, 100, 5000, 9000] {
            deltas.begin_read(start, start + 150);
            deltas.add(start, 1);
            deltas.add(start + 150, -1);
        }
        deltas.add(20_000_000, 2);
        deltas.settle();
        let before = changes(&deltas);
        for cut in [0, 1, 150, 151, 5000, 9150, 9151, 20_000_001] {
            let mut left = Deltas::with_arena(Vec::new());
            for &(position, by) in &before {
                left.begin_read(position, position);
                left.add(position, by);
            }
            left.settle();
            let mut spilled = left.split_off(cut);
            spilled.sort_unstable();
            let mut joined = changes(&left);
            assert!(joined.iter().all(|&(p, _)| p < cut) && spilled.iter().all(|&(p, _)| p >= cut));
            assert_eq!(left.last(), joined.last().map(|&(p, _)| p));
            joined.extend(spilled);
            assert_eq!(joined, before, "cut at {cut}");
        }
    }

    #[test]
    fn late_changes_cancel_early_ones() {
        let mut deltas = Deltas::with_arena(Vec::new());
        deltas.begin_read(7, 10);
        deltas.add(7, 1);
        deltas.add(10, -1);
        deltas.settle();
        deltas.add_late(10, 1);
        deltas.add_late(1_000_000, -1);
        deltas.add_late(1_000_000, 1);
        deltas.settle();
        assert_eq!(changes(&deltas), [(7, 1)]);
    }

    proptest! {
        #[test]
        fn reads_begun_together_leave_their_changes(
            blocks in prop::collection::vec(
                (
                    prop_oneof![0_u32..40, 0_u32..5000, 0_u32..200_000],
                    prop::collection::vec((0_u32..2000, 0_u32..3000), 1..12),
                ),
                1..12,
            ),
        ) {
            let mut deltas = Deltas::with_arena(vec![9; 100]);
            let (mut all, mut start) = (BTreeMap::new(), 0);
            for (gap, reads) in &blocks {
                start += gap;
                let mut places = Vec::new();
                for &(step, length) in reads {
                    places.push((start, start + length));
                    start += step;
                }
                let ends = places.iter().map(|place| place.1).max().unwrap();
                let (first, last) = (places[0].0, places[places.len() - 1].0);
                let together = deltas.begin_reads(first, last, ends);
                prop_assert_eq!(together.is_some(), last - first <= MAX_SPREAD && ends.saturating_sub(last) <= FIRST_REACH);
                if let Some(changes) = together {
                    for &(from, to) in &places {
                        changes[(from - first) as usize] += 1;
                        changes[(to - first) as usize] -= 1;
                    }
                } else {
                    for &(from, to) in &places {
                        deltas.add_read(from, to);
                    }
                }
                for (from, to) in places {
                    *all.entry(from).or_insert(0) += 1;
                    *all.entry(to).or_insert(0) -= 1;
                }
                start = last;
            }
            prop_assert_eq!(deltas.starts(), Some((blocks[0].0, start)));
            deltas.settle();
            all.retain(|_, by| *by != 0);
            prop_assert_eq!(changes(&deltas), all.into_iter().collect::<Vec<_>>());
        }

        #[test]
        fn reads_of_any_length_and_gap_leave_their_changes(
            reads in prop::collection::vec(
                (
                    prop_oneof![0_u32..40, 0_u32..5000, 0_u32..200_000],
                    prop_oneof![0_u32..200, 0_u32..3_000_000],
                    any::<bool>(),
                ),
                0..60,
            ),
        ) {
            let mut deltas = Deltas::with_arena(vec![9; 100]);
            let (mut all, mut start) = (BTreeMap::new(), 0);
            for &(gap, length, whole) in &reads {
                start += gap;
                let end = start + length;
                if whole {
                    deltas.add_read(start, end);
                } else {
                    deltas.begin_read(start, end);
                    deltas.add(end, -1);
                    deltas.add(start, 1);
                }
                *all.entry(start).or_insert(0) += 1;
                *all.entry(end).or_insert(0) -= 1;
            }
            let starts = reads.first().map(|(first, _, _)| (*first, start));
            prop_assert_eq!(deltas.starts(), starts);
            deltas.settle();
            all.retain(|_, by| *by != 0);
            prop_assert_eq!(changes(&deltas), all.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(deltas.total(), 0);
        }
    }
}
