//! One task: filters, depth by position, base qualities, and overlaps of reads of one name.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::sync::Arc;

use crate::io::reference::CODE_N;
use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, ReadFacts, ReadView, ReferenceSpan};

use super::super::order::Places;
use super::super::{Parcel, Shard};
use super::filter::{REASONS, Verdict, judge};
use super::kept::{Link, Log, Waiting, encode, remove_overlap};
use super::levels::{Counts, Levels};
use super::segments::{PASSES, Segments};
use super::{COVERAGE_CAP, MIN_BASE_QUALITY, NEAR_BP, UNFILTERED_ABOVE};

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
    /// Starts of the last reads, as many as the cap; the oldest is the next to be replaced.
    starts: Vec<u32>,
    oldest: usize,
    longest: u32,
    /// Reads of this block that count.
    counted: Vec<(Link, u32)>,
    codes: Vec<u8>,
    other: Vec<u8>,
}

/// One read on its way into the counts.
#[derive(Clone, Copy)]
struct Read<'a> {
    view: ReadView<'a>,
    facts: &'a ReadFacts,
    link: Link,
    /// The reference under the block, when it has N there or does not reach everywhere.
    unknown: Option<ReferenceSpan<'a>>,
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
            starts: vec![0; usize::from(COVERAGE_CAP)],
            oldest: 0,
            longest: 0,
            counted: Vec::new(),
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
        (self.contig, self.last, self.longest) = (-1, 0, 0);
    }

    /// Notes the place of a record; placed records must be sorted.
    #[inline]
    fn place(&mut self, contig: i32, start: u32) -> Result<(), Problem> {
        self.done.places.note(super::ID, (contig as u32, start))?;
        if contig != self.contig {
            self.end_contig();
            self.contig = contig;
        }
        self.last = start;
        Ok(())
    }

    #[inline(always)]
    fn records(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        self.counted.clear();
        let unknown = unknown(block);
        for (i, (view, facts)) in block.with_facts().enumerate() {
            let (contig, position) = (view.contig(), view.position());
            if contig < 0 || position < 0 {
                continue;
            }
            self.place(contig, position as u32)?;
            if !self.assessed.get(contig as usize).copied().unwrap_or(false) {
                continue;
            }
            match judge(view) {
                Verdict::Silent => {}
                Verdict::Excluded(reason) => {
                    self.done.sums.excluded[reason] += u64::from(facts.aligned);
                }
                Verdict::Counts => {
                    let read = Read { view, facts, link: Link::of(view, facts), unknown };
                    self.count(read, block);
                    self.counted.push((read.link, i as u32));
                }
            }
        }
        self.remember(block);
        Ok(())
    }

    /// Keeps the reads that reach behind the block.
    fn remember(&mut self, block: &ReadBlock<'_>) {
        let (last, Some(stretch)) = (self.last, &mut self.open) else { return };
        stretch.tail.forget(last);
        for &(link, i) in &self.counted {
            if link.end > last
                && let Some(view) = block.get(i as usize)
            {
                stretch.tail.push(view, link);
            }
        }
    }

    #[inline(always)]
    fn count(&mut self, read: Read<'_>, block: &ReadBlock<'_>) {
        let Read { view, facts, link, unknown } = read;
        let stretch = self.open.get_or_insert_with(|| Stretch {
            contig: view.contig() as u32,
            reads: (link.start, link.start),
            segments: Segments::default(),
            far: FarBases::new(),
            head: Log::default(),
            tail: Log::default(),
        });
        stretch.reads.1 = link.start;
        if link.start < stretch.reads.0.saturating_add(NEAR_BP) {
            stretch.head.push(view, link);
        }
        if link.end == link.start {
            return;
        }
        stretch.segments.begin_read(link.start, link.end);
        self.longest = self.longest.max(link.end - link.start);
        let before = std::mem::replace(&mut self.starts[self.oldest], link.start);
        self.oldest = if self.oldest + 1 == self.starts.len() { 0 } else { self.oldest + 1 };
        // The read that came as many reads ago as the cap reaches here, so depth may pass the cap. Entries of another
        // contig at worst choose the slower way.
        let deep = before.saturating_add(self.longest) > link.start;
        let overlaps = self.waiting.may_precede(&link) || link.unannounced().is_some();
        if unknown.is_some() || overlaps || facts.end > link.end || facts.no_calls {
            self.count_codes(read, deep, block);
            return;
        }
        if link.waits() {
            encode(view, &link, None, self.waiting.insert(view.name(), link));
        }
        self.done.sums.aligned += u64::from(facts.aligned);
        let qualities = view.qualities();
        if qualities.first() == Some(&u8::MAX) {
            return;
        }
        let (segments, levels) = (&mut stretch.segments, &mut self.levels);
        let mut capped = 0;
        if facts.aligned as usize == qualities.len()
            && facts.deleted == 0
            && link.start + facts.aligned == link.end
        {
            capped = add::<false>(segments, deep, (link.start, qualities), levels);
        } else {
            let (mut at, mut from) = (link.start, 0);
            for op in view.cigar().iter() {
                let length = op.length as usize;
                if op.is_aligned() {
                    let own = qualities.get(from..from + length).unwrap_or_default();
                    capped += add::<false>(segments, deep, (at, own), levels);
                }
                at += if op.consumes_reference() { op.length } else { 0 };
                from += if op.consumes_read() { length } else { 0 };
            }
        }
        self.done.sums.capped += capped as i64;
    }

    /// Counts a read that is not only qualities: others of its name may be there, or bases that are not known.
    #[inline(always)]
    fn count_codes(&mut self, read: Read<'_>, deep: bool, block: &ReadBlock<'_>) {
        let Read { view, facts, link, unknown } = read;
        let mut codes = std::mem::take(&mut self.codes);
        encode(view, &link, unknown, &mut codes);
        self.done.sums.aligned += near_bases(read);
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
            self.waiting.each(name, |earlier, theirs| {
                if link.follows(earlier) {
                    removed += remove_overlap(&mut codes, &link, earlier, theirs);
                }
            });
        }
        if let Some(start) = link.unannounced() {
            let from = self.counted.partition_point(|(earlier, _)| earlier.start < start);
            let here = self.counted[from..].iter();
            let here = here.filter_map(|&(other, i)| Some((other, block.get(i as usize)?)));
            let before = (stretch.tail.first_from(start)..stretch.tail.len())
                .filter_map(|i| stretch.tail.get(i).map(|(link, view)| (*link, view)));
            let mut theirs = Vec::new();
            for (earlier, other) in before.chain(here) {
                if earlier.start == start && !earlier.waits() && other.name() == name {
                    encode(other, &earlier, unknown, &mut theirs);
                    removed += remove_overlap(&mut codes, &link, &earlier, &theirs);
                }
            }
        }
        if link.waits() {
            self.waiting.insert(name, link).clone_from(&own);
        }
        self.done.sums.overlap += removed;
        let (segments, levels) = (&mut stretch.segments, &mut self.levels);
        let capped = add::<true>(segments, deep, (link.start, &codes), levels);
        self.done.sums.capped += capped as i64;
        (self.codes, self.other) = (codes, own);
    }
}

#[inline(always)]
fn add<const CODES: bool>(
    segments: &mut Segments,
    deep: bool,
    (start, bases): (u32, &[u8]),
    levels: &mut Levels,
) -> u64 {
    if deep {
        segments.add::<CODES, true>(start, bases, levels)
    } else {
        segments.add::<CODES, false>(start, bases, levels)
    }
}

/// The reference under the block when some base of it, where near bases of reads may lie, is N or not there.
fn unknown<'a>(block: &ReadBlock<'a>) -> Option<ReferenceSpan<'a>> {
    let span = block.reference()?;
    let (mut start, mut end) = (u32::MAX, 0);
    for (view, facts) in block.with_facts() {
        let from = view.position().max(0) as u32;
        start = start.min(from);
        end = end.max(facts.end.min(from.saturating_add(NEAR_BP)));
    }
    let known = span.slice(start.min(end), end).is_some_and(|codes| !codes.contains(&CODE_N));
    (!known).then_some(span)
}

/// Aligned bases near the start over known reference bases.
fn near_bases(read: Read<'_>) -> u64 {
    let Read { view, facts, link, unknown } = read;
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

/// The work on a block. Not a closure: what calls one that could be called again is not inlined.
struct Work<'a> {
    shard: &'a mut WgsShard,
    block: &'a ReadBlock<'a>,
}

impl pulp::NullaryFnOnce for Work<'_> {
    type Output = Result<(), Problem>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        self.shard.records(self.block)
    }
}

impl Shard for WgsShard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        // Comparing and adding bytes gains most from the widest vectors that the machine has.
        pulp::Arch::new().dispatch(Work { shard: self, block })
    }

    fn close(mut self: Box<Self>) -> Parcel {
        self.end_contig();
        self.done.sums.qualities = std::mem::take(&mut self.levels).finish();
        Box::new(std::mem::take(&mut self.done))
    }
}
