//! Reads near the begin or the end of a task, at which the join of neighbouring tasks may have to look again: as records
//! while they are few, and where very many lie, in a tenth of the memory, as what others of their name must know of them.

use crate::model::read::ReadView;

use super::super::depth::mates::hash;
use super::kept::{Link, encode};
use super::log::Log;
use super::segments::PASSES;

/// Bytes of records from which on they are packed: at 30x there is a tenth of that, and at 10,000x reads that reach behind a
/// place are still fewer.
const PACKED_FROM: usize = 4 << 20;

/// Reads in file order.
#[derive(Debug, Default)]
pub(super) struct Edge {
    /// The reads before those of `records`.
    packed: Packed,
    records: Log,
}

/// One of the reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Other<'a> {
    pub(super) link: Link,
    /// The hash of its name, which stands for it: of a million reads two have the same by chance in one of ten million files.
    pub(super) hash: u64,
    held: Held<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Held<'a> {
    Record(ReadView<'a>),
    /// A bit for each position of the link, the first one lowest: whether the read passes there.
    Passing(&'a [u8]),
}

impl Other<'_> {
    /// See [`encode`]; of a packed read only where it passes.
    pub(super) fn codes(&self, codes: &mut Vec<u8>) {
        match self.held {
            Held::Record(read) => encode(read, &self.link, None, codes),
            Held::Passing(bits) => {
                let code = |i: usize| (bits[i / 8] >> (i % 8) & 1) * PASSES;
                codes.clear();
                codes.extend((0..self.link.span().min(8 * bits.len())).map(code));
            }
        }
    }
}

impl Edge {
    /// Keeps a read behind the others.
    #[allow(
        clippy::inline_always,
        reason = "a link that is made for it need not go through memory"
    )]
    #[inline(always)]
    pub(super) fn push(&mut self, read: ReadView<'_>, link: Link) {
        self.records.push(read, link);
    }

    /// Whether the records should be packed.
    pub(super) fn is_large(&self) -> bool {
        self.records.bytes() >= PACKED_FROM
    }

    /// Packs all records, and shows the codes of each (see [`encode`]).
    pub(super) fn pack(&mut self, mut each: impl FnMut(&Link, &[u8])) {
        let mut codes = Vec::new();
        for (link, read) in self.records.iter() {
            encode(read, link, None, &mut codes);
            each(link, &codes);
            self.packed.push((link, hash(read.name())), &codes);
        }
        self.records.clear();
    }

    /// The reads that are not packed.
    pub(super) fn records(&self) -> &Log {
        &self.records
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Other<'_>> {
        self.packed.iter().chain(self.records.iter().map(|(link, read)| Other {
            link: *link,
            hash: hash(read.name()),
            held: Held::Record(read),
        }))
    }

    /// The farthest end of a read; `None` without reads.
    pub(super) fn end(&self) -> Option<u32> {
        let packed = self.packed.iter().map(|read| read.link.end);
        packed.chain(self.records.iter().map(|(link, _)| link.end)).max()
    }

    /// Forgets the first reads as long as they end at or before a position.
    pub(super) fn forget(&mut self, position: u32) {
        self.packed.forget(position);
        if self.packed.is_empty() {
            self.records.forget(position);
        }
    }

    /// The reads that end behind a position, those of `self` before those of `later`; fewer others of `self` may stay.
    pub(super) fn reaching(mut self, later: &Self, position: u32) -> Self {
        if self.packed.is_empty() && later.packed.is_empty() {
            let records = self.records.reaching(&later.records, position);
            return Self { records, ..Self::default() };
        }
        self.pack(|_, _| {});
        let mut all = Self { packed: self.packed.reaching(position), ..Self::default() };
        for read in later.packed.iter().filter(|read| read.link.end > position) {
            if let Held::Passing(bits) = read.held {
                all.packed.push_bits((&read.link, read.hash), bits);
            }
        }
        for (link, read) in later.records.iter().filter(|(link, _)| link.end > position) {
            all.records.push(read, *link);
        }
        all
    }

    /// Its memory, without reads, unless a place of extreme depth made it large.
    pub(super) fn emptied(self) -> Option<Self> {
        let records = self.records.emptied()?;
        Some(Self { records, ..Self::default() })
    }
}

/// Reads as what others of their name must know of them: the hash of the name, the link, and a bit for each position.
#[derive(Debug, Default)]
struct Packed {
    bytes: Vec<u8>,
    /// Where the first read begins.
    from: usize,
}

/// Bytes of a read before its bits: hash, start, the mate's start, and in one number positions and marks.
const BEFORE_BITS: usize = 8 + 4 + 4 + 2;
/// Above the number of positions, which is at most [`super::NEAR_BP`].
const SUPPLEMENTARY: u16 = 1 << 14;
const SPECIAL: u16 = 1 << 15;
const _: () = assert!(super::NEAR_BP < SUPPLEMENTARY as u32);

impl Packed {
    fn is_empty(&self) -> bool {
        self.from == self.bytes.len()
    }

    /// Adds a read by its codes.
    fn push(&mut self, read: (&Link, u64), codes: &[u8]) {
        self.head(read);
        let (wholes, rest) = codes.as_chunks::<8>();
        self.bytes.extend(wholes.iter().map(|codes| passing(*codes)));
        if !rest.is_empty() {
            let mut codes = [0; 8];
            codes[..rest.len()].copy_from_slice(rest);
            self.bytes.push(passing(codes));
        }
    }

    /// Adds a read by its bits.
    fn push_bits(&mut self, read: (&Link, u64), bits: &[u8]) {
        self.head(read);
        self.bytes.extend_from_slice(bits);
    }

    fn head(&mut self, (link, hash): (&Link, u64)) {
        let marks =
            u16::from(link.supplementary) * SUPPLEMENTARY + u16::from(link.special) * SPECIAL;
        self.bytes.extend(hash.to_le_bytes());
        self.bytes.extend(link.start.to_le_bytes());
        self.bytes.extend(link.mate_start.to_le_bytes());
        self.bytes.extend((link.span() as u16 | marks).to_le_bytes());
    }

    /// The read that begins at a byte, and where the next one begins.
    fn at(&self, from: usize) -> Option<(Other<'_>, usize)> {
        let (head, rest) = self.bytes.get(from..)?.split_first_chunk::<BEFORE_BITS>()?;
        let word =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (start, marks) = (word(8), u16::from_le_bytes([head[16], head[17]]));
        let span = marks & (SUPPLEMENTARY - 1);
        let bits = rest.get(..usize::from(span).div_ceil(8))?;
        let link = Link {
            start,
            end: start + u32::from(span),
            mate_start: word(12),
            supplementary: marks & SUPPLEMENTARY != 0,
            special: marks & SPECIAL != 0,
        };
        let hash = u64::from(word(4)) << 32 | u64::from(word(0));
        Some((Other { link, hash, held: Held::Passing(bits) }, from + BEFORE_BITS + bits.len()))
    }

    fn iter(&self) -> impl Iterator<Item = Other<'_>> {
        let mut from = self.from;
        std::iter::from_fn(move || {
            let (read, next) = self.at(from)?;
            from = next;
            Some(read)
        })
    }

    /// See [`Edge::forget`].
    fn forget(&mut self, position: u32) {
        while let Some((read, next)) =
            self.at(self.from).filter(|(read, _)| read.link.end <= position)
        {
            let _ = read;
            self.from = next;
        }
        if self.from > self.bytes.len() / 2 {
            self.bytes.drain(..self.from);
            self.from = 0;
        }
    }

    /// The reads that end behind a position; others, of fewer bytes, may stay.
    fn reaching(self, position: u32) -> Self {
        let behind = || self.iter().filter(|read| read.link.end > position);
        let bytes: usize = behind().map(|read| BEFORE_BITS + read.link.span().div_ceil(8)).sum();
        if 2 * bytes > self.bytes.len() {
            return self;
        }
        let mut kept = Self { bytes: Vec::with_capacity(bytes), from: 0 };
        for read in behind() {
            if let Held::Passing(bits) = read.held {
                kept.push_bits((&read.link, read.hash), bits);
            }
        }
        kept
    }
}

/// The passing bits of eight codes, that of the first one lowest.
fn passing(codes: [u8; 8]) -> u8 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    // Brings the bit of byte `i` to bit `56 + i`.
    const TOGETHER: u64 = 0x0102_0408_1020_4080;
    let bits = u64::from_le_bytes(codes) >> PASSES.trailing_zeros() & ONES;
    (bits.wrapping_mul(TOGETHER) >> 56) as u8
}

#[cfg(test)]
mod tests {
    use super::super::kept::tests::record;
    use super::*;
    use crate::model::read::ReadFacts;
    use proptest::prelude::*;

    /// A read of this start, length, mate's start, marks (supplementary, clipped with `SA`) and quality.
    type Draft = (u32, u32, i32, (bool, bool), u8);

    fn bytes(&(start, length, mate, (supplementary, _), quality): &Draft) -> Vec<u8> {
        let qualities: Vec<u8> = (0..length as u8).map(|i| (quality + i) % 64).collect();
        let mut bytes = record(&[(0, length)], &vec![1; length as usize], &qualities);
        bytes[4..8].copy_from_slice(&start.to_le_bytes());
        bytes[15] |= u8::from(supplementary) << 3;
        bytes[24..28].copy_from_slice(&mate.to_le_bytes());
        bytes[32] = b'a' + (start % 7) as u8;
        bytes
    }

    fn link(read: ReadView<'_>, &(start, length, _, (_, special), _): &Draft) -> Link {
        let facts = ReadFacts {
            end: start + length,
            soft_clipped: u32::from(special),
            has_supplementary: special,
            ..ReadFacts::default()
        };
        Link::of(read, &facts)
    }

    fn pushed(edge: &mut Edge, drafts: &[Draft]) {
        for draft in drafts {
            let bytes = bytes(draft);
            let read = ReadView::new(&bytes).unwrap();
            edge.push(read, link(read, draft));
        }
    }

    /// What others of their name must know of the reads that end behind a position.
    fn told(edge: &Edge, position: u32) -> Vec<(String, u64, Vec<bool>)> {
        let mut codes = Vec::new();
        let reads = edge.iter().filter(|read| read.link.end > position);
        let told = reads.map(|read| {
            read.codes(&mut codes);
            let passing = codes.iter().map(|code| code & PASSES != 0).collect();
            (format!("{:?}", read.link), read.hash, passing)
        });
        told.collect()
    }

    fn drafts() -> impl Strategy<Value = Vec<Draft>> {
        let draft = (0_u32..60, 1_u32..90, -1_i32..200, any::<(bool, bool)>(), 0_u8..64);
        prop::collection::vec(draft, 0..20).prop_map(|mut drafts| {
            drafts.sort_unstable();
            drafts
        })
    }

    proptest! {
        #[test]
        fn packed_reads_tell_the_same(
            first in drafts(), second in drafts(), others in drafts(),
            packs in any::<(bool, bool, bool)>(), (gone, behind) in (0_u32..100, 0_u32..150),
        ) {
            let (mut edge, mut plain) = (Edge::default(), Edge::default());
            let mut seen = 0;
            for (drafts, pack) in [(&first, packs.0), (&second, packs.1)] {
                pushed(&mut plain, drafts);
                pushed(&mut edge, drafts);
                if pack {
                    edge.pack(|_, _| seen += 1);
                    prop_assert_eq!(edge.records().len(), 0);
                }
            }
            let first = if packs.0 || packs.1 { first.len() } else { 0 };
            prop_assert_eq!(seen, first + if packs.1 { second.len() } else { 0 });
            prop_assert_eq!(told(&edge, 0), told(&plain, 0));
            prop_assert_eq!(edge.end(), plain.end());
            edge.forget(gone);
            plain.forget(gone);
            prop_assert_eq!(told(&edge, gone), told(&plain, gone));
            let (mut later, mut plain_later) = (Edge::default(), Edge::default());
            pushed(&mut later, &others);
            pushed(&mut plain_later, &others);
            if packs.2 {
                later.pack(|_, _| {});
            }
            let behind = behind.max(gone);
            let (all, plain) = (edge.reaching(&later, behind), plain.reaching(&plain_later, behind));
            prop_assert_eq!(told(&all, behind), told(&plain, behind));
        }
    }
}
