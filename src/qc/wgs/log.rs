//! Reads that the join of neighbouring tasks may have to look at again.

use std::collections::VecDeque;

use crate::model::read::{FIXED_BYTES, ReadView};

use super::kept::Link;

/// Reads as they are in the file, without their tags, in file order.
#[derive(Debug, Default)]
pub(super) struct Log {
    bytes: Vec<u8>,
    /// Bytes that were let go of before those in `bytes`.
    gone: usize,
    entries: VecDeque<(Link, usize)>,
}

/// Bytes of a log whose memory is worth keeping: usual reads of 30x over the reach of one read, twice.
const KEPT_BYTES: usize = 1 << 19;

impl Log {
    /// Keeps a read behind the others.
    #[allow(
        clippy::inline_always,
        reason = "a link that is made for it need not go through memory"
    )]
    #[inline(always)]
    pub(super) fn push(&mut self, read: ReadView<'_>, link: Link) {
        let (head, rest) = read.without_tags();
        self.entries.push_back((link, self.gone + self.bytes.len()));
        self.bytes.extend_from_slice(head);
        self.bytes.extend_from_slice(rest);
    }

    /// Forgets all reads.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.gone = 0;
    }

    /// Its memory, without reads, unless a place of extreme depth made it large.
    pub(super) fn emptied(mut self) -> Option<Self> {
        self.clear();
        (self.bytes.capacity() <= KEPT_BYTES).then_some(self)
    }

    /// Bytes of its reads.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// Number of reads.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Read `i`.
    pub(super) fn get(&self, i: usize) -> Option<(&Link, ReadView<'_>)> {
        let (link, from) = self.entries.get(i)?;
        let next = self.entries.get(i + 1).map(|(_, at)| at - self.gone);
        let bytes = self.bytes.get(from - self.gone..next.unwrap_or(self.bytes.len()))?;
        Some((link, ReadView::new(bytes)?))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&Link, ReadView<'_>)> {
        (0..self.len()).filter_map(|i| self.get(i))
    }

    /// The first read that does not start before a position.
    pub(super) fn first_from(&self, start: u32) -> usize {
        self.entries.partition_point(|(link, _)| link.start < start)
    }

    /// Forgets the first reads as long as they end at or before a position.
    pub(super) fn forget(&mut self, position: u32) {
        while self.entries.front().is_some_and(|(link, _)| link.end <= position) {
            self.entries.pop_front();
        }
        let needed = self.entries.front().map_or(self.gone + self.bytes.len(), |(_, at)| *at);
        if needed - self.gone > self.bytes.len() / 2 && self.bytes.len() > FIXED_BYTES << 10 {
            self.bytes.drain(..needed - self.gone);
            self.gone = needed;
        }
    }

    /// The reads that end behind a position, those of `self` before those of `later`; fewer others of `self` may stay.
    pub(super) fn reaching(self, later: &Self, position: u32) -> Self {
        let behind = self.entries.iter().filter(|(link, _)| link.end > position).count();
        let stays = 2 * behind > self.len();
        let (mut kept, again) =
            if stays { (self, Self::default()) } else { (Self::default(), self) };
        let all = again.iter().chain(later.iter());
        all.filter(|(link, _)| link.end > position).for_each(|(link, read)| kept.push(read, *link));
        kept
    }
}
