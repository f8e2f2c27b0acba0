//! Reads that are kept because a later read of the same name may overlap them, and how two such reads know each other.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::collections::VecDeque;

use crate::io::reference::CODE_N;
use crate::model::read::{ReadFacts, ReadView, ReferenceSpan, flag};
use crate::model::read_name::hash;

use super::super::compare::no_call_places;
use super::super::lanes::LANES;
use super::super::vectors::{Portable, Vectors};
use super::segments::PASSES;
use super::{MIN_BASE_QUALITY, NEAR_BP};

/// Behind every position, by more than a read is long.
const NOWHERE: u32 = u32::MAX;

/// What says whether another read of the same name may lie over this one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link {
    /// 0-based start.
    pub(super) start: u32,
    /// 0-based end (exclusive) of the bases that are not far from the start.
    pub(super) end: u32,
    /// Where the mate is said to start, when on the same contig; [`NOWHERE`] otherwise.
    pub(super) mate_start: u32,
    pub(super) supplementary: bool,
    /// Whether the read has, or is, a supplementary alignment.
    pub(super) special: bool,
}

impl Link {
    #[inline]
    pub(super) fn of(read: ReadView<'_>, facts: &ReadFacts) -> Self {
        let start = read.position().max(0) as u32;
        let supplementary = read.flags() & flag::SUPPLEMENTARY != 0;
        let same = read.mate_contig() == read.contig();
        // Supplementary alignments hold bases that the read clips itself.
        let clips = facts.soft_clipped > 0 || facts.hard_clipped > 0;
        Self {
            start,
            end: facts.end.min(start.saturating_add(NEAR_BP)),
            mate_start: if same { read.mate_position().max(-1) as u32 } else { NOWHERE },
            supplementary,
            special: supplementary || (facts.has_supplementary && clips),
        }
    }

    /// As [`Link::of`], for a plain read of so many bases, at most [`NEAR_BP`], that is no supplementary alignment.
    #[inline(always)]
    pub(super) fn of_plain(read: ReadView<'_>, bases: u32) -> Self {
        let start = read.position().max(0) as u32;
        let mate_start = read.mate_position().max(-1) as u32;
        Self { start, end: start + bases, mate_start, supplementary: false, special: false }
    }

    /// How many positions there are.
    pub(super) fn span(&self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the mate is said to start on this read, not before it.
    #[inline]
    fn announces(&self) -> bool {
        self.mate_start.wrapping_sub(self.start) < self.end - self.start
    }

    /// Whether a later read of the same name has to find this one.
    #[inline]
    pub(super) fn waits(&self) -> bool {
        self.special || self.announces()
    }

    /// Whether a read of the same name that comes before this one is counted together with it.
    pub(super) fn follows(&self, earlier: &Self) -> bool {
        earlier.special
            || (earlier.announces() && (self.special || self.mate_start == earlier.start))
            || self.unannounced() == Some(earlier.start)
    }

    /// Where a mate starts that cannot know of this read.
    #[inline]
    pub(super) fn unannounced(&self) -> Option<u32> {
        (self.supplementary && self.mate_start <= self.start).then_some(self.mate_start)
    }
}

/// As [`encode_known`], of a read of which nothing is known.
#[inline(always)]
pub(super) fn encode(
    read: ReadView<'_>,
    link: &Link,
    reference: Option<ReferenceSpan<'_>>,
    codes: &mut Vec<u8>,
) {
    // Rarely asked: no need of the machine's vectors.
    let has_no_calls = Portable.any_no_call(read.packed_sequence());
    encode_known((read, has_no_calls), link, reference, codes);
}

/// One code a reference position of `link`: what the read has there, see [`PASSES`]. N in the reference, or no reference,
/// is no base. With the read comes whether some base of it is N.
#[inline(always)]
pub(super) fn encode_known(
    (read, has_no_calls): (ReadView<'_>, bool),
    link: &Link,
    reference: Option<ReferenceSpan<'_>>,
    codes: &mut Vec<u8>,
) {
    codes.clear();
    codes.resize((link.end - link.start) as usize, 0);
    let (qualities, packed) = (read.qualities(), read.packed_sequence());
    if qualities.first() == Some(&u8::MAX) {
        return;
    }
    let (mut at, mut from) = (0, 0);
    for op in read.cigar().iter() {
        let length = op.length as usize;
        if at >= codes.len() {
            break;
        }
        if op.is_aligned() {
            let own = qualities.get(from..from + length).unwrap_or_default();
            let here = codes.get_mut(at..).unwrap_or_default();
            encode_qualities(own, here);
            if has_no_calls {
                let bases = own.len().min(here.len());
                // From the byte of the first base on, which may begin with one of another operation.
                let before = from % 2;
                let packed = packed.get(from / 2..).unwrap_or_default();
                no_call_places(packed, before + bases, |place| {
                    let code = place.checked_sub(before);
                    if let Some(code) = code.and_then(|i| here.get_mut(i)) {
                        *code &= !PASSES;
                    }
                });
            }
        }
        at += if op.consumes_reference() { length } else { 0 };
        from += if op.consumes_read() { length } else { 0 };
    }
    if let Some(span) = reference {
        for (code, position) in codes.iter_mut().zip(link.start..) {
            let known = position.checked_sub(span.start).and_then(|i| span.codes.get(i as usize));
            if known.is_none_or(|&base| base == CODE_N) {
                *code = 0;
            }
        }
    }
}

/// Whether some base that is N would pass by its quality: sequencers give it the lowest.
#[inline(never)]
pub(super) fn no_call_passes(read: ReadView<'_>) -> bool {
    let (qualities, mut any) = (read.qualities(), false);
    no_call_places(read.packed_sequence(), qualities.len(), |place| {
        any |= qualities.get(place).is_some_and(|&quality| quality >= MIN_BASE_QUALITY);
    });
    any
}

/// The code of a base that is no N. In numbers instead of conditions, which compilers would not put into vectors here.
#[inline(always)]
fn encode_quality(quality: u8) -> u8 {
    let passes = u8::from(quality >= MIN_BASE_QUALITY) * PASSES;
    (quality | passes) & u8::from(quality < PASSES).wrapping_neg()
}

#[inline(always)]
fn encode_vector(qualities: &[u8; LANES], codes: &mut [u8; LANES]) {
    let mut own = *qualities;
    for code in &mut own {
        *code = encode_quality(*code);
    }
    *codes = own;
}

/// The codes of qualities, as many as there are of the fewer.
#[inline(always)]
fn encode_qualities(qualities: &[u8], codes: &mut [u8]) {
    let bases = qualities.len().min(codes.len());
    let (qualities, codes) = (&qualities[..bases], &mut codes[..bases]);
    let (wholes, rest) = qualities.as_chunks::<LANES>();
    for (from, to) in wholes.iter().zip(codes.as_chunks_mut::<LANES>().0) {
        encode_vector(from, to);
    }
    if rest.is_empty() {
        return;
    }
    // The last vector may overlap the one before, whose codes stay the same.
    if let (Some(from), Some(to)) = (qualities.last_chunk(), codes.last_chunk_mut()) {
        encode_vector(from, to);
    } else {
        for (code, &quality) in codes.iter_mut().zip(qualities) {
            *code = encode_quality(quality);
        }
    }
}

/// Clears the passing bit where an earlier read passes too; returns at how many positions.
#[inline(always)]
pub(super) fn remove_overlap(
    codes: &mut [u8],
    link: &Link,
    earlier: &Link,
    earlier_codes: &[u8],
) -> u64 {
    let (start, end) = (link.start.max(earlier.start), link.end.min(earlier.end));
    if start >= end {
        return 0;
    }
    let own = codes.get_mut((start - link.start) as usize..(end - link.start) as usize);
    let theirs = earlier_codes.get((start - earlier.start) as usize..);
    let mut removed = 0;
    let (own, theirs) = (own.unwrap_or_default(), theirs.unwrap_or_default());
    // A vector's lanes hold so many steps.
    let part = usize::from(u8::MAX) * LANES;
    for (own, theirs) in own.chunks_mut(part).zip(theirs.chunks(part)) {
        let mut lanes = [0_u8; LANES];
        let (wholes, rest) = own.as_chunks_mut::<LANES>();
        for (own, theirs) in wholes.iter_mut().zip(theirs.as_chunks::<LANES>().0) {
            let mut both = [0; LANES];
            for lane in 0..LANES {
                both[lane] = own[lane] & theirs[lane] & PASSES;
            }
            for lane in 0..LANES {
                own[lane] ^= both[lane];
                lanes[lane] += both[lane] >> 7;
            }
        }
        let behind = theirs.get(LANES * wholes.len()..).unwrap_or_default();
        for (code, theirs) in rest.iter_mut().zip(behind) {
            let both = *code & theirs & PASSES;
            *code ^= both;
            removed += u64::from(both >> 7);
        }
        removed += lanes.iter().map(|&lane| u64::from(lane)).sum::<u64>();
    }
    removed
}

/// A read that waits for others of its name.
#[derive(Debug, Default)]
struct Entry {
    hash: u64,
    next: u32,
    link: Link,
    name: Vec<u8>,
    /// What the read has at each position, and maybe zeros behind it.
    codes: Vec<u8>,
}

/// Reads with supplementary alignments that a name is compared with one by one.
const FEW_SPECIAL: usize = 8;
/// Marks the end of a chain.
const NONE: u32 = u32::MAX;

/// Reads that wait, by name: chains in a table that grows with them.
#[derive(Debug)]
pub(super) struct Waiting {
    heads: Vec<u32>,
    entries: Vec<Entry>,
    free: Vec<u32>,
    queue: VecDeque<u32>,
    /// The farthest end of any read that waits, and of any that has or is a supplementary alignment.
    farthest: u32,
    farthest_special: u32,
    /// Those of the latter.
    special: Vec<u32>,
    longest: u32,
}

impl Default for Waiting {
    fn default() -> Self {
        Self {
            heads: vec![NONE; 1024],
            entries: Vec::new(),
            free: Vec::new(),
            queue: VecDeque::new(),
            farthest: 0,
            farthest_special: 0,
            special: Vec::new(),
            longest: 0,
        }
    }
}

impl Waiting {
    /// Whether a read that this one follows could wait here.
    #[inline]
    pub(super) fn may_precede(&self, link: &Link) -> bool {
        link.start < self.farthest_special
            || (link.start < self.farthest
                && (link.special || link.start.wrapping_sub(link.mate_start) < self.longest))
    }

    /// Whether a read may follow one of its name that has or is a supplementary alignment.
    #[inline(always)]
    pub(super) fn may_follow_special(&self, read: ReadView<'_>) -> bool {
        (read.position() as u32) < self.farthest_special && self.has_special(read)
    }

    #[inline(never)]
    fn has_special(&self, read: ReadView<'_>) -> bool {
        let (start, name) = (read.position() as u32, read.name());
        let mut entries = self.special.iter().map(|&at| &self.entries[at as usize]);
        self.special.len() > FEW_SPECIAL
            || entries.any(|entry| entry.link.end > start && entry.name == name)
    }

    /// The longest read that waited so far, bp.
    #[inline(always)]
    pub(super) fn longest(&self) -> u32 {
        self.longest
    }

    fn slot(&self, hash: u64) -> usize {
        hash as usize & (self.heads.len() - 1)
    }

    /// A read that one of this name follows, with its codes, and how many there are.
    #[inline(never)]
    pub(super) fn earlier(&self, name: &[u8], link: Link) -> (Option<(&Link, &[u8])>, usize) {
        let (mut one, mut count) = (None, 0);
        self.each(name, |earlier, codes| {
            if link.follows(earlier) {
                (one, count) = (Some((earlier, codes)), count + 1);
            }
        });
        (one, count)
    }

    /// Calls `found` for every waiting read of this name, from the last to the first.
    #[inline(always)]
    pub(super) fn each<'a>(&'a self, name: &[u8], mut found: impl FnMut(&'a Link, &'a [u8])) {
        let hash = hash(name);
        let mut at = self.heads[self.slot(hash)];
        while let Some(entry) = self.entries.get(at as usize) {
            if entry.hash == hash && entry.name == name {
                found(&entry.link, &entry.codes);
            }
            at = entry.next;
        }
    }

    /// Lets a read wait whose bases are all known.
    #[inline(never)]
    pub(super) fn keep(&mut self, read: ReadView<'_>, link: Link) {
        pulp::Arch::new().dispatch(Keep { waiting: self, read, link });
    }

    /// Lets a read wait; its codes are for the caller to fill in.
    pub(super) fn insert(&mut self, name: &[u8], link: Link) -> &mut Vec<u8> {
        self.expire(link.start);
        if self.queue.len() >= self.heads.len() {
            self.grow();
        }
        self.farthest = self.farthest.max(link.end);
        self.longest = self.longest.max(link.end - link.start);
        let hash = hash(name);
        let at = self.free.pop().unwrap_or_else(|| {
            self.entries.push(Entry::default());
            self.entries.len() as u32 - 1
        });
        if link.special {
            self.farthest_special = self.farthest_special.max(link.end);
            self.special.push(at);
        }
        let slot = self.slot(hash);
        let next = std::mem::replace(&mut self.heads[slot], at);
        self.queue.push_back(at);
        let entry = &mut self.entries[at as usize];
        (entry.hash, entry.link, entry.next) = (hash, link, next);
        entry.name.clear();
        entry.name.extend_from_slice(name);
        &mut entry.codes
    }

    /// Forgets the first reads as long as they end at or before a position.
    fn expire(&mut self, position: u32) {
        while let Some(&at) = self.queue.front() {
            if self.entries[at as usize].link.end > position {
                break;
            }
            self.queue.pop_front();
            if self.entries[at as usize].link.special {
                self.special.retain(|&special| special != at);
            }
            self.unlink(at);
            self.free.push(at);
        }
    }

    fn unlink(&mut self, gone: u32) {
        let (slot, next) =
            (self.slot(self.entries[gone as usize].hash), self.entries[gone as usize].next);
        let mut at = self.heads[slot];
        if at == gone {
            self.heads[slot] = next;
            return;
        }
        while let Some(entry) = self.entries.get_mut(at as usize) {
            at = entry.next;
            if at == gone {
                entry.next = next;
            }
        }
    }

    #[cold]
    fn grow(&mut self) {
        self.heads = vec![NONE; self.heads.len() * 2];
        for &at in &self.queue {
            let slot = self.slot(self.entries[at as usize].hash);
            self.entries[at as usize].next = self.heads[slot];
            self.heads[slot] = at;
        }
    }

    /// Forgets everything: another contig begins.
    pub(super) fn clear(&mut self) {
        self.expire(u32::MAX);
        (self.farthest, self.farthest_special, self.longest) = (0, 0, 0);
    }
}

/// Letting a read wait.
struct Keep<'a> {
    waiting: &'a mut Waiting,
    read: ReadView<'a>,
    link: Link,
}

impl pulp::NullaryFnOnce for Keep<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { waiting, read, link } = self;
        let codes = waiting.insert(read.name(), link);
        encode_known((read, false), &link, None, codes);
        // Room for the last vector.
        codes.resize(codes.len() + LANES, 0);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::ground;
    use super::*;
    use crate::model::read::FIXED_BYTES;
    use proptest::prelude::*;

    /// A record at position 0 with these operations (code, length), bases and qualities.
    pub(crate) fn record(ops: &[(u32, u32)], codes: &[u8], qualities: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[8] = 2;
        bytes[12..14].copy_from_slice(&(ops.len() as u16).to_le_bytes());
        bytes[16..20].copy_from_slice(&(codes.len() as u32).to_le_bytes());
        bytes.extend(b"r\0");
        bytes.extend(ops.iter().flat_map(|&(code, length)| (length << 4 | code).to_le_bytes()));
        bytes.extend(codes.chunks(2).map(|p| p[0] << 4 | p.get(1).copied().unwrap_or(0)));
        bytes.extend(qualities);
        bytes
    }

    /// One base after the other; `end` cuts what lies far.
    fn expected(ops: &[(u32, u32)], codes: &[u8], qualities: &[u8], end: usize) -> Vec<u8> {
        let (mut all, mut from) = (Vec::new(), 0);
        for &(code, length) in ops {
            for i in from..from + length as usize {
                match code {
                    0 => all.push(match (qualities[i], codes[i]) {
                        (128.., _) => 0,
                        (quality @ 20.., base) if base != CODE_N => quality | PASSES,
                        (quality, _) => quality,
                    }),
                    2 => all.push(0),
                    _ => {}
                }
            }
            from += if code == 2 { 0 } else { length as usize };
        }
        all.truncate(end);
        all
    }

    proptest! {
        #[test]
        fn codes_are_those_of_one_base_after_the_other(
            clip in 0_u32..4,
            parts in prop::collection::vec((1_u32..90, 1_u32..3, 0_usize..3), 1..5),
            bases in prop::collection::vec((prop::sample::select(vec![1_u8, 2, 4, 8, 15]), 0_u8..140), 500),
            cut in 0_usize..400,
        ) {
            // Matches with a deletion or an insertion between them, behind a clip.
            let mut ops = if clip > 0 { vec![(4, clip)] } else { Vec::new() };
            for (i, &(length, between, kind)) in parts.iter().enumerate() {
                ops.push((0, length));
                if i + 1 < parts.len() && kind > 0 {
                    ops.push((kind as u32, between));
                }
            }
            let length: u32 = ops.iter().filter(|op| op.0 != 2).map(|op| op.1).sum();
            let (codes, mut qualities): (Vec<u8>, Vec<u8>) =
                bases[..length as usize].iter().copied().unzip();
            qualities[0] = qualities[0].min(93);
            let expected = expected(&ops, &codes, &qualities, cut);
            let bytes = record(&ops, &codes, &qualities);
            let link = Link { end: expected.len() as u32, ..Link::default() };
            let mut found = vec![7; 3];
            encode(ReadView::new(&bytes).unwrap(), &link, None, &mut found);
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn who_is_apart_neither_waits_nor_follows(
            others in prop::collection::vec((0_u32..300, 1_u32..100, 0_u32..300, 0_u8..9), 0..9),
            (ahead, mate, bases) in (0_u32..200, -3_i32..600, 1_u32..100),
        ) {
            let mut others = others;
            others.sort_unstable();
            let name = |mate_start: u32| if mate_start.is_multiple_of(3) { &b"other"[..] } else { b"r" };
            let (mut waiting, mut start) = (Waiting::default(), ahead);
            for &(other, length, mate_start, special) in &others {
                let (end, special) = (other + length, special == 0);
                waiting.insert(name(mate_start), Link { start: other, end, mate_start, supplementary: false, special });
                start = other + ahead;
            }
            let mut bytes = record(&[(0, bases)], &[], &[]);
            bytes[4..8].copy_from_slice(&start.to_le_bytes());
            bytes[24..28].copy_from_slice(&mate.to_le_bytes());
            let read = ReadView::new(&bytes).unwrap();
            let link = Link::of_plain(read, bases);
            let thin = ground::tests::is_thin(read, bases, waiting.longest());
            let (apart, mut lies_over) = (thin && !waiting.may_follow_special(read), false);
            waiting.each(b"r", |other, _| lies_over |= link.follows(other) && other.end > start);
            prop_assert!(!(apart && (link.waits() || lies_over)));
            let is_near = mate < 0 || mate.abs_diff(start as i32) <= 100;
            let special = others.iter().any(|other| other.3 == 0 && name(other.2) == b"r");
            prop_assert!(apart || is_near || special);
        }

        #[test]
        fn overlaps_are_removed_once(
            own in prop::collection::vec(any::<u8>(), 0..9000),
            theirs in prop::collection::vec(any::<u8>(), 0..9000),
            start in 0_u32..300,
        ) {
            let (mut codes, mut expected, mut count) = (own.clone(), own, 0);
            let link = Link { start, end: start + codes.len() as u32, ..Link::default() };
            let earlier = Link { end: theirs.len() as u32, ..Link::default() };
            for (code, theirs) in expected.iter_mut().zip(theirs.iter().skip(start as usize)) {
                if *code & theirs & PASSES != 0 {
                    (*code, count) = (*code & !PASSES, count + 1);
                }
            }
            prop_assert_eq!(remove_overlap(&mut codes, &link, &earlier, &theirs), count);
            prop_assert_eq!(codes, expected);
        }
    }
}
