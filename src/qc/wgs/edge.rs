//! Reads near the begin or the end of a task, at which the join of neighbouring tasks may have to look again: as records
//! while they are few, and where very many lie, in a seventh of the memory, as what others of their name must know of them.

use std::hash::{DefaultHasher, Hasher};

use crate::model::read::ReadView;

use super::super::lanes::LANES;
use super::super::vectors::{Portable, Vectors};
use super::kept::{Link, encode};
use super::log::Log;
use super::segments::PASSES;

/// Bytes of records from which on they are packed: at 30x there is a tenth of that, and at 10,000x reads that reach behind a
/// place are still fewer.
const PACKED_FROM: usize = 4 << 20;

/// Reads in file order.
#[derive(Debug, Default)]
pub(super) struct Edge {
    /// The reads before those of `records`, as often as they were packed: what is large never grows.
    packed: Vec<Part>,
    records: Log,
}

/// One of the reads.
#[derive(Clone, Copy, Debug)]
pub(super) struct Other<'a> {
    pub(super) link: Link,
    held: Held<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Held<'a> {
    Record(ReadView<'a>),
    /// The hash of its name, and a bit for each position of the link, the first one lowest: whether the read passes there.
    Packed(u64, &'a [u32]),
}

impl Other<'_> {
    /// See [`encode`]; of a packed read only where it passes.
    pub(super) fn codes(&self, codes: &mut Vec<u8>) {
        match self.held {
            Held::Record(read) => encode(read, &self.link, None, codes),
            Held::Packed(_, words) => {
                let code = |i: usize| (words[i / WORD] >> (i % WORD) & 1) as u8 * PASSES;
                codes.clear();
                codes.extend((0..self.link.span().min(WORD * words.len())).map(code));
            }
        }
    }

    /// What stands for its name, see [`name_hash`].
    pub(super) fn hash(&self) -> u64 {
        match self.held {
            Held::Record(read) => name_hash(read.name()),
            Held::Packed(hash, _) => hash,
        }
    }
}

/// What stands for a name near a cut, packed or not, so that no result depends on it: SipHash, of which names that differ in a
/// few digits know nothing. Of a million reads two have the same in one of thirty million files.
pub(super) fn name_hash(name: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(name);
    hasher.finish()
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
        let (mut codes, mut part) = (Vec::new(), Part::with_room(&self.records));
        for (link, read) in self.records.iter() {
            encode(read, link, None, &mut codes);
            each(link, &codes);
            part.push((link, name_hash(read.name())), &codes);
        }
        self.records.clear();
        self.packed.extend((!part.heads.is_empty()).then_some(part));
    }

    /// The reads that are not packed.
    pub(super) fn records(&self) -> &Log {
        &self.records
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Other<'_>> {
        let packed = self.packed.iter().flat_map(|part| part.from(0));
        packed.chain(self.records_from(0))
    }

    /// The reads that start at a position.
    pub(super) fn starting_at(&self, start: u32) -> impl Iterator<Item = Other<'_>> {
        let packed = self.packed.iter().flat_map(move |part| {
            let there = part.from(part.heads.partition_point(|head| head.start < start));
            there.take_while(move |read| read.link.start == start)
        });
        let records = self.records_from(self.records.first_from(start));
        packed.chain(records.take_while(move |read| read.link.start == start))
    }

    fn records_from(&self, first: usize) -> impl Iterator<Item = Other<'_>> {
        let records = (first..self.records.len()).filter_map(|i| self.records.get(i));
        records.map(|(link, read)| Other { link: *link, held: Held::Record(read) })
    }

    /// The farthest end of a read; `None` without reads.
    pub(super) fn end(&self) -> Option<u32> {
        let packed = self.packed.iter().map(|part| part.end);
        packed.chain(self.records.iter().map(|(link, _)| link.end)).max()
    }

    /// Forgets first reads that end at or before a position; some of them may stay.
    pub(super) fn forget(&mut self, position: u32) {
        self.packed.retain(|part| part.end > position);
        if self.packed.is_empty() {
            self.records.forget(position);
        }
    }

    /// The reads that end behind a position, those of `self` before those of `later`; some others may stay.
    pub(super) fn reaching(mut self, mut later: Self, position: u32) -> Self {
        if self.packed.is_empty() && later.packed.is_empty() {
            let records = self.records.reaching(&later.records, position);
            return Self { records, ..Self::default() };
        }
        self.pack(|_, _| {});
        self.packed.append(&mut later.packed);
        self.packed.retain(|part| part.end > position);
        self.records = later.records;
        self
    }

    /// Its memory, without reads, unless a place of extreme depth made it large.
    pub(super) fn emptied(self) -> Option<Self> {
        let records = self.records.emptied()?;
        Some(Self { records, ..Self::default() })
    }
}

/// Reads as what others of their name must know of them.
#[derive(Debug, Default)]
struct Part {
    heads: Vec<Head>,
    words: Vec<u32>,
    /// The farthest end of a read.
    end: u32,
}

/// All of a packed read but where it passes.
#[derive(Debug)]
struct Head {
    hash: u64,
    start: u32,
    mate_start: u32,
    /// Its first word.
    at: u32,
    /// Number of positions, at most [`super::NEAR_BP`], and above it the marks of the link.
    span: u16,
}

const SUPPLEMENTARY: u16 = 1 << 14;
const SPECIAL: u16 = 1 << 15;
const _: () = assert!(super::NEAR_BP < SUPPLEMENTARY as u32);
/// Positions of a word: a bit a lane.
const WORD: usize = LANES;

impl Head {
    fn link(&self) -> Link {
        Link {
            start: self.start,
            end: self.start + u32::from(self.span & (SUPPLEMENTARY - 1)),
            mate_start: self.mate_start,
            supplementary: self.span & SUPPLEMENTARY != 0,
            special: self.span & SPECIAL != 0,
        }
    }
}

impl Part {
    /// None yet, with room for these.
    fn with_room(records: &Log) -> Self {
        let words = records.iter().map(|(link, _)| link.span().div_ceil(WORD)).sum();
        Self { heads: Vec::with_capacity(records.len()), words: Vec::with_capacity(words), end: 0 }
    }

    /// Adds a read behind the others.
    fn push(&mut self, (link, hash): (&Link, u64), codes: &[u8]) {
        let supplementary = u16::from(link.supplementary) * SUPPLEMENTARY;
        let special = u16::from(link.special) * SPECIAL;
        self.heads.push(Head {
            hash,
            start: link.start,
            mate_start: link.mate_start,
            at: self.words.len() as u32,
            span: link.span() as u16 | supplementary | special,
        });
        self.words.extend(words_of(codes));
        self.end = self.end.max(link.end);
    }

    /// The reads from a number on.
    fn from(&self, first: usize) -> impl Iterator<Item = Other<'_>> {
        self.heads.iter().skip(first).filter_map(|head| {
            let link = head.link();
            let words = self.words.get(head.at as usize..)?.get(..link.span().div_ceil(WORD))?;
            Some(Other { link, held: Held::Packed(head.hash, words) })
        })
    }
}

/// The passing bits of codes.
fn words_of(codes: &[u8]) -> impl Iterator<Item = u32> {
    codes.chunks(WORD).map(|part| {
        let mut codes = [0; WORD];
        codes[..part.len()].copy_from_slice(part);
        // Only codes that pass have the highest bit.
        Portable.at_least(&codes, PASSES)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

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
            (format!("{:?}", read.link), read.hash(), passing)
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

    #[test]
    fn names_that_differ_in_digits_stand_for_themselves() {
        let name = |x: u32, y: u32| format!("A00123:45:HXXXXDSX3:1:1101:{x}:{y}:A00000000");
        let names =
            (10_000..10_060).flat_map(|x| (10_005..20_005).step_by(100).map(move |y| (x, y)));
        let hashes: HashSet<u64> = names.map(|(x, y)| name_hash(name(x, y).as_bytes())).collect();
        assert_eq!(hashes.len(), 6000);
    }

    #[test]
    fn the_longest_and_the_shortest_reads_are_packed() {
        let mut edge = Edge::default();
        for length in [super::super::NEAR_BP + 7, 0, 1] {
            let bytes =
                record(&[(0, length)], &vec![1; length as usize], &vec![30; length as usize]);
            let read = ReadView::new(&bytes).unwrap();
            edge.push(read, Link::of(read, &ReadFacts { end: length, ..ReadFacts::default() }));
        }
        edge.pack(|_, _| {});
        let spans: Vec<_> = edge.iter().map(|read| read.link.span()).collect();
        assert_eq!(spans, [super::super::NEAR_BP as usize, 0, 1]);
        let told: Vec<_> = told(&edge, 0).into_iter().map(|read| read.2).collect();
        assert_eq!(told, [vec![true; super::super::NEAR_BP as usize], vec![true]]);
    }

    proptest! {
        #[test]
        fn packed_reads_tell_the_same(
            all in drafts(), cut in 0_usize..20, others in drafts(),
            packs in any::<(bool, bool, bool)>(), (gone, behind) in (0_u32..100, 0_u32..150),
        ) {
            let (mut edge, mut plain) = (Edge::default(), Edge::default());
            let (first, second) = all.split_at(cut.min(all.len()));
            let mut seen = 0;
            for (drafts, pack) in [(first, packs.0), (second, packs.1)] {
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
            let starting = |edge: &Edge| -> Vec<_> {
                edge.starting_at(gone).map(|read| (read.hash(), format!("{:?}", read.link))).collect()
            };
            let there = edge.iter().filter(|read| read.link.start == gone).count();
            prop_assert_eq!(there, starting(&edge).len());
            prop_assert_eq!(starting(&edge), starting(&plain));
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
            let (all, plain) = (edge.reaching(later, behind), plain.reaching(plain_later, behind));
            prop_assert_eq!(told(&all, behind), told(&plain, behind));
        }
    }
}
