//! A read's bases side by side, and the depth under them, in whole vectors.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::read::ReadView;

use super::super::lanes::{self, LANES};
use super::super::vectors::Vectors;

/// Bases side by side: as many of these bytes as there are bases. What follows them may be read, and counts for nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bases<'a> {
    bytes: &'a [u8],
    many: usize,
}

impl<'a> Bases<'a> {
    /// The first of these bytes; `None` when there are not so many.
    #[inline(always)]
    pub(super) fn first_of(bytes: &'a [u8], many: usize) -> Option<Self> {
        (many <= bytes.len()).then_some(Self { bytes, many })
    }

    /// So many of them from one of them on.
    #[inline(always)]
    pub(super) fn part(self, from: usize, many: usize) -> Option<Self> {
        let inside = from.checked_add(many)? <= self.many;
        Self::first_of(self.bytes.get(from..)?, many).filter(|_| inside)
    }

    #[inline(always)]
    pub(super) fn len(self) -> usize {
        self.many
    }

    /// The bases alone.
    #[inline(always)]
    pub(super) fn own(self) -> &'a [u8] {
        self.bytes.get(..self.many).unwrap_or_default()
    }

    /// How many vectors come before the last one, which holds at least one base.
    #[inline(always)]
    pub(super) fn before_last(self) -> usize {
        self.many.saturating_sub(1) / LANES
    }

    /// The vectors before the last one, and the last one; `None` when there is no base.
    #[inline(always)]
    pub(super) fn vectors(self) -> Option<(&'a [[u8; LANES]], Last<'a>)> {
        let before = self.before_last() * LANES;
        let (wholes, bytes) = self.bytes.split_at_checked(before)?;
        let none = lanes::ones_from(self.many.checked_sub(before).filter(|&left| left > 0)?)?;
        Some((wholes.as_chunks().0, Last { bytes, none }))
    }
}

/// A read's qualities, which are so many, with the tags behind them.
#[inline(always)]
pub(super) fn qualities(read: ReadView<'_>, many: usize) -> Option<Bases<'_>> {
    let (bytes, tags) = read.with_tags();
    Bases::first_of(bytes.get(tags.checked_sub(many)?..)?, many)
}

/// As [`qualities`], of a plain read.
#[inline(always)]
pub(super) fn plain_qualities(read: ReadView<'_>, many: usize) -> Option<Bases<'_>> {
    Bases::first_of(read.from_qualities(many)?, many)
}

/// The last vector of bases.
#[derive(Clone, Copy, Debug)]
pub(super) struct Last<'a> {
    /// Its bases and what follows them, as far as it can be read.
    bytes: &'a [u8],
    /// Ones over the lanes that are no bases.
    none: &'static [u8; LANES],
}

impl Last<'_> {
    /// The vector, and ones over the lanes that are no bases.
    #[inline(always)]
    pub(super) fn load<V: Vectors>(self, vectors: V) -> (V::Bytes, V::Bytes) {
        // Loaded where it lies: a copy would go through memory.
        let bases = match self.bytes.first_chunk() {
            Some(bases) => vectors.load(bases),
            None => vectors.load(&short(self.bytes)),
        };
        (bases, vectors.load(self.none))
    }
}

/// The depth under bases: as many vectors as these are, the last one apart.
#[derive(Debug)]
pub(super) struct Depth<'a> {
    pub(super) passing: (&'a mut [[u8; LANES]], &'a mut [u8; LANES]),
    pub(super) seen: (&'a mut [[u8; LANES]], &'a mut [u8; LANES]),
}

impl<'a> Depth<'a> {
    /// The depth from a place on; `None` where there is not so much.
    #[inline(always)]
    pub(super) fn of(
        bases: Bases<'_>,
        (passing, seen): (&'a mut [u8], &'a mut [u8]),
        from: usize,
    ) -> Option<Self> {
        let before = bases.before_last();
        let passing = vectors_from(passing, from, before)?;
        let seen = vectors_from(seen, from, before)?;
        Some(Self { passing, seen })
    }
}

/// So many vectors from a place on, and the one behind them.
#[inline(always)]
pub(super) fn vectors_from(
    bytes: &mut [u8],
    from: usize,
    before: usize,
) -> Option<(&mut [[u8; LANES]], &mut [u8; LANES])> {
    let room = bytes.get_mut(from..from + before * LANES + LANES)?;
    let (wholes, last) = room.split_at_mut_checked(before * LANES)?;
    Some((wholes.as_chunks_mut().0, last.first_chunk_mut()?))
}

/// Fewer bytes than a vector holds: those of a buffer's last record.
#[cold]
fn short(bytes: &[u8]) -> [u8; LANES] {
    lanes::rest(bytes).unwrap_or_default()
}
