//! One task: filters, depth by position, base qualities, and overlaps of reads of one name.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::sync::Arc;

use memchr::memchr;

use crate::io::reference::CODE_N;
use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, ReadFacts, ReadView, ReferenceSpan};

use super::super::lanes::LANES;
use super::super::order::Places;
use super::super::vectors::{Task, Vectors, dispatch};
use super::super::{Parcel, Shard, unsorted};
use super::filter::{REASONS, Verdict, counts, judge};
use super::kept::{Link, Log, Waiting, encode, encode_known, remove_overlap};
use super::levels::{Bases, Counts, Levels};
use super::recent::Recent;
use super::segments::{PASSES, Segment, Segments};
use super::{MIN_BASE_QUALITY, NEAR_BP, UNFILTERED_ABOVE};

/// Bases far behind their read's start: position, and whether the base passes (1) and is in the unfiltered depth (2).
pub(super) type FarBases = Vec<(u32, u8)>;

/// The reads of one contig that count within one task.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) contig: u32,
    /// Start of the first and of the last read.
    pub(super) reads: (u32, u32),
    pub(super) segments: Segments,
    pub(super) far: FarBases,
    /// Reads that may lie over reads of an earlier task.
    pub(super) head: Log,
    /// Reads that a read of a later task may lie over.
    pub(super) tail: Log,
    /// Up to where reads may lie over reads of an earlier task.
    head_end: u32,
}

impl Stretch {
    /// A stretch that begins with a read.
    fn new(contig: u32, first: &Link) -> Self {
        Self {
            contig,
            reads: (first.start, first.start),
            segments: Segments::default(),
            far: FarBases::new(),
            head: Log::default(),
            tail: Log::default(),
            head_end: first.start.saturating_add(NEAR_BP),
        }
    }
}

/// Sums that do not depend on where bases lie.
#[derive(Debug)]
pub(super) struct Sums {
    /// Aligned bases of excluded reads, by reason.
    pub(super) excluded: [u64; REASONS],
    /// Aligned bases of reads that count, over known reference bases.
    pub(super) aligned: u64,
    pub(super) overlap: u64,
    /// Depth above the cap; below 0 while parts of it are still to come.
    pub(super) capped: i64,
    /// Qualities in the unfiltered depth up to the cap, and of bases below it, which are dropped at the end.
    pub(super) qualities: Box<Counts>,
}

impl Default for Sums {
    fn default() -> Self {
        let qualities = Box::new([0; 256]);
        Self { excluded: [0; REASONS], aligned: 0, overlap: 0, capped: 0, qualities }
    }
}

impl Sums {
    pub(super) fn merge(&mut self, other: &Self) {
        for (sum, more) in self.excluded.iter_mut().zip(other.excluded) {
            *sum += more;
        }
        for (sum, more) in self.qualities.iter_mut().zip(*other.qualities) {
            *sum += more;
        }
        self.aligned += other.aligned;
        self.overlap += other.overlap;
        self.capped += other.capped;
    }
}

/// What a task amounts to.
#[derive(Debug, Default)]
pub(super) struct TaskWgs {
    pub(super) stretches: Vec<Stretch>,
    pub(super) sums: Sums,
    /// Where its placed records lie, counted or not.
    pub(super) places: Places,
}

/// The shard of one task.
pub(super) struct WgsShard {
    /// For each contig whether the reference has it.
    assessed: Arc<[bool]>,
    done: TaskWgs,
    levels: Levels,
    contig: i32,
    last: u32,
    open: Option<Stretch>,
    waiting: Waiting,
    recent: Recent,
    codes: Vec<u8>,
    other: Vec<u8>,
}

/// One read on its way into the counts.
#[derive(Clone, Copy)]
struct Read<'a> {
    view: ReadView<'a>,
    facts: &'a ReadFacts,
    link: Link,
    /// Its place in the block.
    place: usize,
    /// Whether depth may pass the cap where it lies.
    deep: bool,
}

/// What lies under a block.
struct Ground<'a> {
    /// Start of its first placed record.
    start: u32,
    reference: Option<ReferenceSpan<'a>>,
    /// No base from the start to here is unknown; 0 when some may be.
    known_end: u32,
}

impl WgsShard {
    pub(super) fn new(assessed: Arc<[bool]>) -> Self {
        Self {
            assessed,
            done: TaskWgs::default(),
            levels: Levels::default(),
            contig: -1,
            last: 0,
            open: None,
            waiting: Waiting::default(),
            recent: Recent::default(),
            codes: Vec::new(),
            other: Vec::new(),
        }
    }

    fn end_contig(&mut self) {
        if let Some(mut stretch) = self.open.take() {
            stretch.tail = stretch.tail.reaching(&Log::default(), stretch.reads.1);
            self.done.stretches.push(stretch);
        }
        self.waiting.clear();
        self.recent.clear();
        (self.contig, self.last) = (-1, 0);
    }

    /// Notes the place of a record; placed records must be sorted.
    fn place(&mut self, (contig, start): (u32, u32)) -> Result<(), Problem> {
        self.done.places.note(super::ID, (contig, start))?;
        if contig as i32 != self.contig {
            self.end_contig();
            self.contig = contig as i32;
        }
        self.last = start;
        Ok(())
    }

    /// Counts a block, whose records are of one contig.
    #[inline(always)]
    fn records<V: Vectors>(&mut self, vectors: V, block: &ReadBlock<'_>) -> Result<(), Problem> {
        let Some(first) = block.iter().find(|read| read.position() >= 0) else { return Ok(()) };
        let Ok(contig) = u32::try_from(first.contig()) else { return Ok(()) };
        let mut last = first.position();
        self.place((contig, last as u32))?;
        let assessed = self.assessed.get(contig as usize).copied().unwrap_or(false);
        let ground = Ground::of(block, last as u32);
        let bases = Some(block.plain_bases()).filter(|&bases| bases <= NEAR_BP).unwrap_or(0);
        for (place, (view, facts)) in block.with_facts().enumerate() {
            let position = view.position();
            if position < last {
                if position < 0 {
                    continue;
                }
                return Err(unsorted(super::ID));
            }
            last = position;
            if !assessed {
                continue;
            }
            if counts(view) {
                let end = facts.end.min((last as u32).saturating_add(NEAR_BP));
                let deep = self.recent.note(last as u32, end);
                let plain = !deep && facts.group > 0 && bases > 0;
                if !plain || !self.count_plain(vectors, view, bases, &ground) {
                    self.count((view, facts), (place, deep), (block, &ground));
                }
            } else if let Verdict::Excluded(reason) = judge(view) {
                self.done.sums.excluded[reason] += u64::from(facts.aligned);
            }
        }
        self.place((contig, last as u32))?;
        self.remember(block);
        Ok(())
    }

    /// Keeps the reads that reach behind the block.
    fn remember(&mut self, block: &ReadBlock<'_>) {
        let (last, Some(stretch)) = (self.last, &mut self.open) else { return };
        stretch.tail.forget(last);
        let reaches = u32::saturating_sub(last, self.recent.longest());
        let ended = |i: &usize| {
            let position = block.get(*i).and_then(|view| u32::try_from(view.position()).ok());
            position.is_some_and(|position| position < reaches)
        };
        let from = (0..block.len()).rev().find(ended).map_or(0, |i| i + 1);
        for (view, facts) in block.with_facts().skip(from) {
            let link = Link::of(view, facts);
            if link.end > last && view.position() >= 0 && counts(view) {
                stretch.tail.push(view, link);
            }
        }
    }

    /// Counts a plain read that lies over one waiting read of its name at most; says no of any other.
    #[inline(always)]
    fn count_plain<V: Vectors>(
        &mut self,
        vectors: V,
        view: ReadView<'_>,
        bases: u32,
        ground: &Ground<'_>,
    ) -> bool {
        let Some(stretch) = &mut self.open else { return false };
        let link = Link::of_plain(view, bases);
        if link.start < stretch.head_end || link.end > ground.known_end || link.is_supplementary() {
            return false;
        }
        let mut earlier = None;
        if self.waiting.may_precede(&link) {
            let (found, count) = self.waiting.earlier(view.name(), link);
            if count > 1 {
                return false;
            }
            earlier = found;
        }
        let Some(qualities) = qualities(view, bases as usize) else { return false };
        stretch.reads.1 = link.start;
        self.done.sums.aligned += u64::from(bases);
        if let Some(segment) = stretch.segments.begin_read(link.start, link.end) {
            let own = (link.start, qualities);
            segment.add::<V, false, false>(vectors, own, &mut self.levels);
            if let Some((earlier, codes)) = earlier
                && let Some(codes) = Bases::first_of(codes, earlier.span())
            {
                let earlier = (earlier.start, codes);
                self.done.sums.overlap += dispatch(Overlap { segment, own, earlier });
            }
        }
        if link.waits() {
            self.waiting.keep(view, link);
        }
        true
    }

    /// Counts any read.
    #[inline(never)]
    fn count(
        &mut self,
        (view, facts): (ReadView<'_>, &ReadFacts),
        (place, deep): (usize, bool),
        around: (&ReadBlock<'_>, &Ground<'_>),
    ) {
        let link = Link::of(view, facts);
        let stretch = self.open.get_or_insert_with(|| Stretch::new(view.contig() as u32, &link));
        stretch.reads.1 = link.start;
        if link.start < stretch.head_end {
            stretch.head.push(view, link);
        }
        if link.end == link.start {
            return;
        }
        let read = Read { view, facts, link, place, deep };
        let overlaps = self.waiting.may_precede(&link) || link.unannounced().is_some();
        let known = link.end <= around.1.known_end && facts.end <= link.end && !facts.no_calls;
        if overlaps || !known {
            return dispatch(Codes { shard: self, read: &read, around });
        }
        if link.waits() {
            self.waiting.keep(view, link);
        }
        self.done.sums.aligned += u64::from(facts.aligned);
        if view.qualities().first() == Some(&u8::MAX) {
            return;
        }
        if let Some(segment) = stretch.segments.begin_read(link.start, link.end) {
            self.done.sums.capped +=
                dispatch(Pieces { read: &read, segment, levels: &mut self.levels });
        }
    }

    /// Counts a read that is not only qualities: others of its name may be there, or bases that are not known.
    #[inline(always)]
    fn add_codes<V: Vectors>(
        &mut self,
        vectors: V,
        read: &Read<'_>,
        around: (&ReadBlock<'_>, &Ground<'_>),
    ) {
        let &Read { view, facts, link, deep, .. } = read;
        let unknown = around.1.unknown(&link);
        let mut codes = std::mem::take(&mut self.codes);
        encode_known((view, facts.no_calls), &link, unknown, &mut codes);
        self.done.sums.aligned += near_bases(read, unknown);
        let may_follow = self.waiting.may_precede(&link);
        let Some(stretch) = &mut self.open else { return };
        if facts.end > link.end {
            far_bases(view, &link, &mut stretch.far);
        }
        let mut removed = 0;
        let name = view.name();
        let mut own = std::mem::take(&mut self.other);
        if link.waits() {
            own.clone_from(&codes);
        }
        if may_follow {
            self.waiting.each(
                name,
                #[inline(always)]
                |earlier, theirs| {
                    if link.follows(earlier) {
                        removed += remove_overlap(&mut codes, &link, earlier, theirs);
                    }
                },
            );
        }
        if link.unannounced().is_some() {
            removed += remove_unannounced(&stretch.tail, read, around, &mut codes);
        }
        if link.waits() {
            self.waiting.insert(name, link).clone_from(&own);
        }
        self.done.sums.overlap += removed;
        if let Some(segment) = stretch.segments.begin_read(link.start, link.end) {
            let many = codes.len();
            codes.resize(many + LANES, 0);
            if let Some(bases) = Bases::first_of(&codes, many) {
                self.done.sums.capped +=
                    add::<V, true>(vectors, segment, deep, (link.start, bases), &mut self.levels);
            }
        }
        (self.codes, self.other) = (codes, own);
    }
}

/// Clears the passing bit of codes where the read's mate passes, which cannot know of it; returns at how many positions.
#[cold]
fn remove_unannounced(
    tail: &Log,
    read: &Read<'_>,
    (block, ground): (&ReadBlock<'_>, &Ground<'_>),
    codes: &mut [u8],
) -> u64 {
    let (link, name) = (&read.link, read.view.name());
    let Some(start) = link.unannounced() else { return 0 };
    // What comes before the block is in the tail.
    let reads = if start < ground.start { 0 } else { read.place };
    let here = block
        .with_facts()
        .take(reads)
        .filter(|(view, _)| i64::from(view.position()) == i64::from(start) && counts(*view));
    let here = here.map(|(view, facts)| (Link::of(view, facts), view));
    let before = (tail.first_from(start)..tail.len())
        .filter_map(|i| tail.get(i).map(|(link, view)| (*link, view)));
    let (mut theirs, mut removed) = (Vec::new(), 0);
    for (earlier, other) in before.chain(here) {
        if earlier.start == start && !earlier.waits() && other.name() == name {
            encode(other, &earlier, ground.unknown(link), &mut theirs);
            removed += remove_overlap(codes, link, &earlier, &theirs);
        }
    }
    removed
}

/// A read that is put into vectors apart from the usual ones, so that their loop stays small.
struct Codes<'a> {
    shard: &'a mut WgsShard,
    read: &'a Read<'a>,
    around: (&'a ReadBlock<'a>, &'a Ground<'a>),
}

impl Task for Codes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        self.shard.add_codes(vectors, self.read, self.around);
    }
}

/// A plain read, that was added, over an earlier one of its name.
struct Overlap<'a> {
    segment: &'a mut Segment,
    own: (u32, Bases<'a>),
    earlier: (u32, Bases<'a>),
}

impl Task for Overlap<'_> {
    type Output = u64;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> u64 {
        self.segment.remove_overlap(vectors, self.own, self.earlier).unwrap_or(0)
    }
}

/// A read of any operations, also where it is deep.
struct Pieces<'a> {
    read: &'a Read<'a>,
    segment: &'a mut Segment,
    levels: &'a mut Levels,
}

impl Task for Pieces<'_> {
    type Output = i64;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> i64 {
        let Self { read: Read { view, link, deep, .. }, segment, levels } = self;
        let (mut at, mut from, mut capped) = (link.start, 0, 0);
        let many = view.base_count();
        let Some(qualities) = qualities(*view, many) else { return 0 };
        for op in view.cigar().iter() {
            let length = op.length as usize;
            if op.is_aligned()
                && let Some(own) = qualities.part(from, length)
            {
                capped += add::<V, false>(vectors, segment, *deep, (at, own), levels);
            }
            at += if op.consumes_reference() { op.length } else { 0 };
            from += if op.consumes_read() { length } else { 0 };
        }
        capped
    }
}

#[inline(always)]
fn add<V: Vectors, const CODES: bool>(
    vectors: V,
    segment: &mut Segment,
    deep: bool,
    bases: (u32, Bases<'_>),
    levels: &mut Levels,
) -> i64 {
    let capped = if deep {
        segment.add::<V, CODES, true>(vectors, bases, levels)
    } else {
        segment.add::<V, CODES, false>(vectors, bases, levels)
    };
    capped as i64
}

/// A read's qualities, which are so many, with the tags behind them.
#[inline(always)]
fn qualities(read: ReadView<'_>, many: usize) -> Option<Bases<'_>> {
    let (bytes, tags) = read.with_tags();
    Bases::first_of(bytes.get(tags.checked_sub(many)?..)?, many)
}

impl<'a> Ground<'a> {
    /// What lies under a block whose first placed record starts here.
    #[inline(always)]
    fn of(block: &ReadBlock<'a>, start: u32) -> Self {
        let reference = block.reference();
        let Some(span) = reference else { return Self { start, reference, known_end: u32::MAX } };
        let position = |i| u32::try_from(block.get(i)?.position()).ok();
        let last = (0..block.len()).rev().find_map(position).unwrap_or(start);
        let end = last.saturating_add(NEAR_BP).min(span.end());
        let known = span.slice(start, end).is_some_and(|codes| memchr(CODE_N, codes).is_none());
        Self { start, reference, known_end: if known { end } else { 0 } }
    }

    /// The reference, when some base under a read may be unknown.
    fn unknown(&self, link: &Link) -> Option<ReferenceSpan<'a>> {
        self.reference.filter(|_| link.end > self.known_end)
    }
}

/// Aligned bases near the start over known reference bases.
fn near_bases(read: &Read<'_>, unknown: Option<ReferenceSpan<'_>>) -> u64 {
    let &Read { view, facts, link, .. } = read;
    if unknown.is_none() && facts.end == link.end {
        return u64::from(facts.aligned);
    }
    let (mut at, mut sum) = (link.start, 0);
    for op in view.cigar().iter() {
        let end = at.saturating_add(op.length);
        if op.is_aligned() {
            let range = at.min(link.end)..end.min(link.end);
            sum += match unknown {
                None => u64::from(range.end - range.start),
                Some(span) => range.filter(|&at| is_known(span, at)).count() as u64,
            };
        }
        at = if op.consumes_reference() { end } else { at };
    }
    sum
}

fn is_known(span: ReferenceSpan<'_>, position: u32) -> bool {
    let index = position.checked_sub(span.start);
    index.and_then(|i| span.codes.get(i as usize)).is_some_and(|&code| code != CODE_N)
}

/// Takes down the bases that lie far behind their read's start.
#[cold]
fn far_bases(view: ReadView<'_>, link: &Link, far: &mut FarBases) {
    let (qualities, packed) = (view.qualities(), view.packed_sequence());
    let unknown = qualities.first() == Some(&u8::MAX);
    let (mut at, mut from) = (link.start, 0);
    for op in view.cigar().iter() {
        let length = op.length as usize;
        if op.is_aligned() {
            for i in 0..op.length {
                let position = at.saturating_add(i);
                if position < link.end {
                    continue;
                }
                let read = from + i as usize;
                let quality = qualities.get(read).copied().filter(|&q| q < PASSES && !unknown);
                let quality = quality.unwrap_or(0);
                let pair = packed.get(read / 2).copied().unwrap_or(0);
                let base = if read.is_multiple_of(2) { pair >> 4 } else { pair & 15 };
                let passes = quality >= MIN_BASE_QUALITY && base != CODE_N;
                let seen = quality as i8 > UNFILTERED_ABOVE;
                far.push((position, u8::from(passes) | u8::from(seen) << 1));
            }
        }
        at = if op.consumes_reference() { at.saturating_add(op.length) } else { at };
        from += if op.consumes_read() { length } else { 0 };
    }
}

/// The work on a block.
struct Work<'a> {
    shard: &'a mut WgsShard,
    block: &'a ReadBlock<'a>,
}

impl Task for Work<'_> {
    type Output = Result<(), Problem>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        self.shard.records(vectors, self.block)
    }
}

impl Shard for WgsShard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        dispatch(Work { shard: self, block })
    }

    fn close(mut self: Box<Self>) -> Parcel {
        self.end_contig();
        self.done.sums.qualities = std::mem::take(&mut self.levels).finish();
        Box::new(std::mem::take(&mut self.done))
    }
}
