//! Depth over covered stretches, one byte a base: counts never pass the cap, what is above it goes into one sum.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::ops::RangeInclusive;

use super::super::lanes::{self, LANES};
use super::super::vectors::Vectors;
use super::bases::{Bases, Depth, vectors_from};
use super::levels::{Levels, sum};
use super::{COVERAGE_CAP, MIN_BASE_QUALITY, UNFILTERED_ABOVE};

/// The bit of a code that says that the base passes; the others are its quality. A code of 0 is no base.
pub(super) const PASSES: u8 = 0x80;
/// A gap without reads after which a new segment begins, bp.
const GAP: u64 = 64;
/// Bases that are cleared at once beyond what is needed, at most.
const GROWTH: usize = 1 << 16;

/// Bases of arrays that are worth keeping, and not far larger than most.
const KEPT: RangeInclusive<usize> = GROWTH..=1 << 22;

/// The arrays of a segment that is done with, for another one.
pub(super) type Room = [Vec<u8>; 2];

/// A covered stretch. Arrays reach at least [`LANES`] beyond its end.
#[derive(Debug, Default)]
pub(super) struct Segment {
    /// 0-based start.
    pub(super) start: u32,
    /// 0-based end, exclusive.
    pub(super) end: u32,
    /// Bases that pass, by position; at most the cap.
    pub(super) passing: Vec<u8>,
    /// Bases of quality above [`UNFILTERED_ABOVE`], by position; at most the cap.
    pub(super) seen: Vec<u8>,
}

impl Segment {
    #[inline(always)]
    fn reach(&mut self, end: u32) {
        self.end = self.end.max(end);
        let needed = (self.end - self.start) as usize + LANES;
        if needed > self.passing.len() {
            self.grow(needed);
        }
    }

    #[cold]
    fn grow(&mut self, needed: usize) {
        let size = needed + needed.min(GROWTH) + 4096;
        self.passing.resize(size, 0);
        self.seen.resize(size, 0);
    }

    /// Adds bases from `start` on, inside the room of the read that was begun last: qualities, or codes under `CODES`.
    /// `DEEP` must be set where more than [`COVERAGE_CAP`] reads may lie over a base. Returns the depth above the cap.
    #[inline(always)]
    pub(super) fn add<V: Vectors, const CODES: bool, const DEEP: bool>(
        &mut self,
        vectors: V,
        (start, bases): (u32, Bases<'_>),
        levels: &mut Levels,
    ) -> u64 {
        let from = (start - self.start) as usize;
        if !DEEP {
            if let Some(depth) = Depth::of(bases, (&mut self.passing, &mut self.seen), from) {
                levels.add::<V, CODES>(vectors, bases, depth);
            }
            return 0;
        }
        let bases = bases.own();
        let room = from..from + bases.len() + LANES;
        let Some(passing) = self.passing.get_mut(room.clone()) else { return 0 };
        let Some(seen) = self.seen.get_mut(room) else { return 0 };
        let mut capped = 0;
        let (chunks, _) = bases.as_chunks::<LANES>();
        let (own_passing, _) = passing.as_chunks_mut::<LANES>();
        let (own_seen, _) = seen.as_chunks_mut::<LANES>();
        for ((chunk, passing), seen) in chunks.iter().zip(own_passing).zip(own_seen) {
            capped += step::<CODES>(chunk, &[255; LANES], (passing, seen), levels);
        }
        let Some((last, mask)) = lanes::last(bases) else { return capped };
        let from = bases.len().saturating_sub(LANES);
        let (passing, seen) = (&mut passing[from..], &mut seen[from..]);
        if let (Some(passing), Some(seen)) = (passing.first_chunk_mut(), seen.first_chunk_mut()) {
            capped += step::<CODES>(&last, &mask, (passing, seen), levels);
        }
        capped
    }

    /// Takes a plain read, that was added, out of the depth where an earlier read of its name passes too. Both begin with
    /// their starts; the earlier one's bases are qualities, or codes under `CODES`. Returns at how many positions.
    #[inline(always)]
    pub(super) fn remove_overlap<V: Vectors, const CODES: bool>(
        &mut self,
        vectors: V,
        (start, bases): (u32, Bases<'_>),
        (first, codes): (u32, Bases<'_>),
    ) -> Option<u64> {
        let from = start.max(first);
        let (own, theirs) = ((from - start) as usize, (from - first) as usize);
        let many = bases.len().checked_sub(own)?.min(codes.len().checked_sub(theirs)?);
        let (own, theirs) = (bases.part(own, many)?, codes.part(theirs, many)?);
        let (Some((wholes, last)), Some((theirs, their_last))) = (own.vectors(), theirs.vectors())
        else {
            return Some(0);
        };
        let from = (from - self.start) as usize;
        let (passing, last_passing) = vectors_from(&mut self.passing, from, wholes.len())?;
        let mut removed = vectors.splat(0);
        for ((own, theirs), passing) in wholes.iter().zip(theirs).zip(passing) {
            let theirs = vectors.load(theirs);
            let both = remove::<V, CODES>(vectors, vectors.load(own), theirs, passing);
            removed = vectors.sub(removed, both);
        }
        let (last, none) = last.load(vectors);
        let own = vectors.without(last, none);
        let theirs = their_last.load(vectors).0;
        let both = remove::<V, CODES>(vectors, own, theirs, last_passing);
        removed = vectors.sub(removed, both);
        Some(sum(&vectors.store(removed)))
    }

    /// An empty segment.
    fn begin(start: u32, [mut passing, mut seen]: Room) -> Self {
        passing.clear();
        seen.clear();
        Self { start, end: start, passing, seen }
    }

    /// Where a position is in the arrays.
    pub(super) fn index(&self, position: u32) -> Option<usize> {
        (self.start..self.end).contains(&position).then(|| (position - self.start) as usize)
    }

    /// Takes off what lies at or behind a position.
    fn split_off(&mut self, at: u32) -> Self {
        let from = (at - self.start) as usize;
        let to = (self.end - self.start) as usize;
        let mut passing = self.passing[from..to].to_vec();
        let mut seen = self.seen[from..to].to_vec();
        passing.resize(to - from + LANES, 0);
        seen.resize(to - from + LANES, 0);
        let right = Self { start: at, end: self.end, passing, seen };
        self.end = at;
        right
    }

    /// Adds another stretch that begins inside this one; returns the depth above the cap.
    fn absorb(&mut self, other: &Self) -> u64 {
        self.reach(other.end);
        let (mut capped, offset) = (0, (other.start - self.start) as usize);
        for i in 0..(other.end - other.start) as usize {
            let sum = u16::from(self.passing[offset + i]) + u16::from(other.passing[i]);
            let cap = u16::from(COVERAGE_CAP);
            capped += u64::from(sum.saturating_sub(cap));
            self.passing[offset + i] = sum.min(cap) as u8;
            let sum = u16::from(self.seen[offset + i]) + u16::from(other.seen[i]);
            self.seen[offset + i] = sum.min(cap) as u8;
        }
        capped
    }
}

/// The covered stretches of reads on one contig that come in order.
#[derive(Debug, Default)]
pub(super) struct Covered {
    before: Segments,
    /// The one that may still grow; empty before the first read.
    last: Segment,
    /// For the next segment. Most tasks have one; small ones do not need the room of a large one.
    room: Room,
}

impl Covered {
    /// Nothing yet, with room for a segment.
    pub(super) fn with_room(room: Room) -> Self {
        Self { room, ..Self::default() }
    }

    /// The segment with room for a read at `start..end`; starts must not decrease.
    #[inline(always)]
    pub(super) fn begin_read(&mut self, start: u32, end: u32) -> &mut Segment {
        if u64::from(start) > u64::from(self.last.end) + GAP {
            self.begin_segment(start);
        }
        self.last.reach(end);
        &mut self.last
    }

    #[cold]
    fn begin_segment(&mut self, start: u32) {
        let next = Segment::begin(start, std::mem::take(&mut self.room));
        let last = std::mem::replace(&mut self.last, next);
        if last.end > last.start {
            self.before.0.push(last);
        }
    }

    /// What the reads so far cover; another contig begins.
    pub(super) fn finish(&mut self) -> Segments {
        self.begin_segment(0);
        std::mem::take(&mut self.before)
    }
}

/// The covered stretches of one contig's reads, in order.
#[derive(Debug, Default)]
pub(super) struct Segments(pub(super) Vec<Segment>);

impl Segments {
    /// The arrays of the largest one, when they are worth keeping.
    pub(super) fn into_room(self) -> Option<Room> {
        let largest = self.0.into_iter().max_by_key(|segment| segment.seen.capacity())?;
        KEPT.contains(&largest.seen.capacity()).then_some([largest.passing, largest.seen])
    }

    /// Takes off what lies at or behind a position.
    pub(super) fn split_off(&mut self, at: u32) -> Self {
        let whole = self.0.partition_point(|segment| segment.start < at);
        let mut right = self.0.split_off(whole);
        if let Some(last) = self.0.last_mut()
            && last.end > at
        {
            right.insert(0, last.split_off(at));
        }
        Self(right)
    }

    /// Adds other stretches; returns the depth above the cap.
    pub(super) fn absorb(&mut self, others: Self) -> u64 {
        let mut capped = 0;
        for other in others.0 {
            let after = self.0.partition_point(|segment| segment.start <= other.start);
            let inside = after.checked_sub(1).filter(|&i| self.0[i].end > other.start);
            let at = inside.unwrap_or(after);
            match inside {
                Some(i) => capped += self.0[i].absorb(&other),
                None => self.0.insert(at, other),
            }
            while self.0.get(at + 1).is_some_and(|next| next.start < self.0[at].end) {
                let next = self.0.remove(at + 1);
                capped += self.0[at].absorb(&next);
            }
        }
        capped
    }

    /// The segment that holds a position.
    pub(super) fn at(&mut self, position: u32) -> Option<(&mut Segment, usize)> {
        let i = self.0.partition_point(|segment| segment.start <= position).checked_sub(1)?;
        let segment = &mut self.0[i];
        let index = segment.index(position)?;
        Some((segment, index))
    }
}

/// Takes one vector of qualities out of the depth where others, or codes under `CODES`, pass too; returns ones there.
#[inline(always)]
fn remove<V: Vectors, const CODES: bool>(
    vectors: V,
    own: V::Bytes,
    theirs: V::Bytes,
    passing: &mut [u8; LANES],
) -> V::Bytes {
    let least = vectors.splat(MIN_BASE_QUALITY - 1);
    let passes = |qualities| vectors.above(qualities, least);
    let theirs = if CODES { vectors.above(vectors.splat(0), theirs) } else { passes(theirs) };
    let both = vectors.and(passes(own), theirs);
    let one = vectors.and(both, vectors.splat(1));
    *passing = vectors.store(vectors.sub(vectors.load(passing), one));
    both
}

/// Adds one vector of bases where depth may pass the cap; returns the depth above it.
#[inline(always)]
fn step<const CODES: bool>(
    bases: &[u8; LANES],
    mask: &[u8; LANES],
    (passing, seen): (&mut [u8; LANES], &mut [u8; LANES]),
    levels: &mut Levels,
) -> u64 {
    let (mut quality, mut room) = (*bases, *mask);
    let mut capped = 0_u8;
    for lane in 0..LANES {
        let base = bases[lane] & mask[lane];
        let passes = if CODES {
            base >> 7
        } else {
            // Qualities from 128 on do not exist; as signed bytes they are below every threshold.
            u8::from(base as i8 >= MIN_BASE_QUALITY as i8)
        };
        if CODES {
            quality[lane] &= !PASSES;
        }
        let counts = u8::from((base & if CODES { !PASSES } else { 255 }) as i8 > UNFILTERED_ABOVE);
        let fits = u8::from(passing[lane] < COVERAGE_CAP);
        passing[lane] += passes & fits;
        capped += passes & (fits ^ 1);
        let fits = u8::from(seen[lane] < COVERAGE_CAP);
        seen[lane] += counts & fits;
        room[lane] &= fits.wrapping_neg();
    }
    if room.iter().any(|&room| room != 0) {
        for (&quality, &room) in quality.iter().zip(&room) {
            levels.one(quality, room != 0);
        }
    }
    u64::from(capped)
}

#[cfg(test)]
mod tests {
    use super::super::super::vectors::Portable;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn depth_is_that_of_one_base_after_the_other(
            reads in prop::collection::vec((0_u32..300, prop::collection::vec(0_u8..45, 1..100)), 1..600),
            cut in 0_u32..400,
        ) {
            let mut reads = reads;
            reads.sort_by_key(|read| read.0);
            let (mut left, mut right, mut whole) = <(Covered, Covered, Covered)>::default();
            let mut levels = Levels::default();
            let mut capped = [0; 2];
            let mut naive = vec![[0_u64; 2]; 500];
            for (start, bases) in &reads {
                let end = start + bases.len() as u32;
                for (i, &quality) in bases.iter().enumerate() {
                    naive[*start as usize + i][0] += u64::from(quality >= 20);
                    naive[*start as usize + i][1] += u64::from(quality > 2);
                }
                let part = if *start < cut { &mut left } else { &mut right };
                for (segments, capped) in [&mut whole, part].into_iter().zip(&mut capped) {
                    let segment = segments.begin_read(*start, end);
                    *capped += segment.add::<Portable, false, true>(
                        Portable,
                        (*start, Bases::first_of(bases, bases.len()).unwrap()),
                        &mut levels,
                    );
                }
            }
            let (mut left, mut right, mut whole) = (left.finish(), right.finish(), whole.finish());
            let over = left.split_off(cut);
            capped[1] += right.absorb(over);
            for (position, naive) in naive.iter().enumerate() {
                let position = position as u32;
                let expected = naive.map(|depth| depth.min(u64::from(COVERAGE_CAP)) as u8);
                let depth = |part: &mut Segments| {
                    part.at(position).map_or([0; 2], |(s, i)| [s.passing[i], s.seen[i]])
                };
                let cut = depth(if position < cut { &mut left } else { &mut right });
                prop_assert_eq!(depth(&mut whole), expected);
                prop_assert_eq!(cut, expected);
            }
            let above: u64 =
                naive.iter().map(|d| d[0].saturating_sub(u64::from(COVERAGE_CAP))).sum();
            prop_assert_eq!(capped, [above; 2]);
        }

        #[test]
        fn overlaps_are_taken_out_of_the_depth(
            qualities in prop::collection::vec(any::<u8>(), 1..400),
            codes in prop::collection::vec(any::<u8>(), 1..400),
            (start, behind, more) in (0_u32..300, 0_usize..40, 0_usize..40),
        ) {
            let many = qualities.len() - behind.min(qualities.len() - 1);
            let length = codes.len() - more.min(codes.len() - 1);
            let mut segments = Covered::default();
            segments.begin_read(0, length as u32);
            let segment = segments.begin_read(start.min(length as u32), 800);
            segment.passing.fill(9);
            let (mut expected, mut count) = (segment.passing.clone(), 0);
            let start = start.min(length as u32);
            for (i, &quality) in qualities[..many].iter().enumerate() {
                let position = start as usize + i;
                if position < length && (20..128).contains(&quality) && codes[position] >= PASSES {
                    (expected[position], count) = (expected[position] - 1, count + 1);
                }
            }
            let own = (start, Bases::first_of(&qualities, many).unwrap());
            let earlier = (0, Bases::first_of(&codes, length).unwrap());
            prop_assert_eq!(segment.remove_overlap::<Portable, true>(Portable, own, earlier), Some(count));
            prop_assert_eq!(&segment.passing, &expected);
        }
    }
}
