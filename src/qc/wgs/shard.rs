//! One task: filters, depth by position, base qualities, and overlaps of reads of one name.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::read::{ReadBlock, ReadFacts, ReadView};
use crate::model::read_columns::{STEP, Step};

use super::super::lanes::LANES;
use super::super::vectors::{Task, Vectors, dispatch};
use super::super::{Parcel, Shard, unsorted};
use super::bases::{Bases, plain_qualities, qualities};
use super::edge::{Edge, name_hash};
use super::filter::{Verdict, counts, judge};
use super::ground::{Ground, Usual};
use super::kept::{Link, Waiting, encode, encode_known, no_call_passes, remove_overlap};
use super::levels::Levels;
use super::reach::{far_bases, near_bases};
use super::recent::Recent;
use super::segments::{Covered, Segment};
use super::stretch::{Stretch, TaskWgs};
use super::{NEAR_BP, Pool};

/// The shard of one task.
pub(super) struct TaskShard {
    assessed: Arc<[bool]>,
    pool: Arc<Pool>,
    /// From the first block on.
    shard: Option<WgsShard>,
}

impl TaskShard {
    pub(super) fn new(assessed: Arc<[bool]>, pool: Arc<Pool>) -> Self {
        Self { assessed, pool, shard: None }
    }
}

/// The records of one task.
struct WgsShard {
    /// For each contig whether the reference has it.
    assessed: Arc<[bool]>,
    done: TaskWgs,
    /// Qualities in the unfiltered depth up to the cap, and of bases below it, which are dropped at the end.
    levels: Levels,
    contig: i32,
    last: u32,
    /// The stretch so far, without what its reads cover.
    open: Option<Stretch>,
    /// Memory for the head of the first stretch.
    head: Edge,
    covered: Covered,
    /// Start of the last read that counts.
    latest: u32,
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
    /// Whether it is of no couple.
    is_single: bool,
}

impl Read<'_> {
    /// Whether a later read of the same name has to find it.
    fn waits(&self) -> bool {
        self.is_single && self.link.waits()
    }
}

impl WgsShard {
    fn new(assessed: Arc<[bool]>, pool: &Pool) -> Self {
        Self {
            assessed,
            done: TaskWgs::default(),
            levels: pool.levels.take(),
            contig: -1,
            last: 0,
            open: None,
            head: pool.heads.take(),
            covered: Covered::with_room(pool.rooms.take()),
            latest: 0,
            waiting: Waiting::default(),
            recent: Recent::default(),
            codes: Vec::new(),
            other: Vec::new(),
        }
    }

    fn end_contig(&mut self) {
        if let Some(mut stretch) = self.open.take() {
            stretch.reads.1 = self.latest;
            stretch.segments = self.covered.finish();
            stretch.tail = stretch.tail.reaching(Edge::default(), self.latest);
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
        let start = first.position() as u32;
        self.place((contig, start))?;
        let ground = Ground::of(block, start);
        let usual = Usual::of(block, &ground).filter(|_| self.is_assessed()).unwrap_or_default();
        self.recent.expect(usual.bases);
        self.keep_head(block);
        let (mut steps, sorted) = (block.steps(), block.is_known_sorted());
        if sorted {
            // Columns tell this, so that there are steps, by which these reads are left out below.
            for (sum, more) in self.done.sums.excluded.iter_mut().zip(usual.excluded) {
                *sum += more;
            }
        }
        let mates = block.mates();
        for (number, reads) in block.reads().chunks(STEP).enumerate() {
            let step = steps.next().map(|(_, step)| step).filter(|_| sorted);
            let single = mates.map(|mates| mates.single(number));
            let mut thin = self.thin(&usual, step, single);
            let out = step.map_or(0, |step| usual.out(step));
            for (i, view) in reads.iter().enumerate() {
                let place = number * STEP + i;
                if thin >> i & 1 == 1 && self.count_thin(vectors, (*view, place), block) {
                    continue;
                }
                if out >> i & 1 == 1 {
                    self.last = view.position() as u32;
                    continue;
                }
                let longest = self.waiting.longest();
                let Some(facts) = block.facts(place) else { break };
                self.count_other((*view, facts), (place, &usual), (block, &ground))?;
                if self.waiting.longest() > longest {
                    thin = self.thin(&usual, step, single);
                }
            }
        }
        self.place((contig, self.last))?;
        self.remember(block);
        Ok(())
    }

    /// Keeps the reads that count near the begin of the stretch, which the first of them begins.
    #[inline(never)]
    fn keep_head(&mut self, block: &ReadBlock<'_>) {
        if !self.is_assessed() {
            return;
        }
        let is_behind = |start, first: u32| start >= first.saturating_add(NEAR_BP);
        if self.open.as_ref().is_some_and(|stretch| is_behind(self.last, stretch.reads.0)) {
            return;
        }
        // Of a contig that begins in the task no read comes before.
        let begins =
            self.done.places.first().is_some_and(|(contig, _)| contig as i32 != self.contig);
        for (place, view) in block.iter().enumerate().filter(|(_, view)| counts(*view)) {
            let Ok(start) = u32::try_from(view.position()) else { continue };
            let stretch = self.open.get_or_insert_with(|| {
                Stretch::new(view.contig() as u32, start, std::mem::take(&mut self.head))
            });
            let Some(facts) = block.facts(place) else { break };
            if begins || is_behind(start, stretch.reads.0) {
                break;
            }
            stretch.head.push(view, Link::of(view, facts));
        }
        if let Some(Stretch { head, firsts, reads, .. }) = &mut self.open
            && head.is_large()
        {
            head.pack(|link, codes| firsts.add(reads.0, (link, codes)));
        }
    }

    fn is_assessed(&self) -> bool {
        self.assessed.get(self.contig as usize).copied().unwrap_or(false)
    }

    /// See [`Usual::thin`]; no bit without a step.
    #[inline(always)]
    fn thin(&self, usual: &Usual, step: Option<Step<'_>>, single: Option<u32>) -> u32 {
        step.map_or(0, |step| match single {
            Some(single) => usual.thin_but(step, single),
            None => usual.thin(step, self.waiting.longest()),
        })
    }

    /// Counts a usual read whose mate, if near, is known, in order and over known bases, when depth cannot pass the cap. Says no
    /// of any other.
    #[inline(always)]
    fn count_thin<V: Vectors>(
        &mut self,
        vectors: V,
        (view, place): (ReadView<'_>, usize),
        block: &ReadBlock<'_>,
    ) -> bool {
        let (start, bases) = (view.position() as u32, block.plain_bases());
        if self.waiting.may_follow_special(view) {
            return false;
        }
        let Some(own) = plain_qualities(view, bases as usize) else { return false };
        if !self.recent.note_thin(start) {
            return false;
        }
        (self.last, self.latest) = (start, start);
        self.done.sums.aligned += u64::from(bases);
        let segment = self.covered.begin_read(start, start + bases);
        segment.add::<V, false, false>(vectors, (start, own), &mut self.levels);
        if let Some((mate, _)) = earlier_mate(block, place) {
            self.done.sums.overlap += remove_mate(vectors, segment, (start, own), mate);
        }
        true
    }

    /// Counts any other read, if it counts; reads that are placed must be sorted.
    #[inline(never)]
    fn count_other(
        &mut self,
        (view, facts): (ReadView<'_>, &ReadFacts),
        (place, usual): (usize, &Usual),
        around: (&ReadBlock<'_>, &Ground<'_>),
    ) -> Result<(), Problem> {
        let Ok(start) = u32::try_from(view.position()) else { return Ok(()) };
        if start < self.last {
            return Err(unsorted(super::ID));
        }
        self.last = start;
        if !self.is_assessed() {
            return Ok(());
        }
        if !counts(view) {
            if let Verdict::Excluded(reason) = judge(view) {
                self.done.sums.excluded[reason] += u64::from(facts.aligned);
            }
            return Ok(());
        }
        let end = facts.end.min(start.saturating_add(NEAR_BP));
        let deep = self.recent.note(start, end - start);
        let usual = Some(usual.bases).filter(|_| usual.holds(facts) && usual.lies_well(start) == 1);
        match usual.filter(|_| !deep) {
            Some(_) if dispatch(NearMate { shard: self, read: (view, place), block: around.0 }) => {
            }
            _ => self.count((view, facts), (place, deep), around),
        }
        Ok(())
    }

    /// Counts a usual read that may lie over its mate; says no when several reads of its name wait for it.
    #[inline(always)]
    fn count_near_mate<V: Vectors>(
        &mut self,
        vectors: V,
        (view, place): (ReadView<'_>, usize),
        block: &ReadBlock<'_>,
    ) -> bool {
        let bases = block.plain_bases();
        let link = Link::of_plain(view, bases);
        let is_single = block.mates().is_none_or(|mates| mates.mate(place).is_none());
        let (mut earlier, mut count) = (None, 0);
        if is_single && self.waiting.may_precede(&link) {
            (earlier, count) = self.waiting.earlier(view.name(), link);
        }
        let Some(own) = qualities(view, bases as usize).filter(|_| count < 2) else { return false };
        let (sums, own) = (&mut self.done.sums, (link.start, own));
        let segment = self.covered.begin_read(link.start, link.end);
        segment.add::<V, false, false>(vectors, own, &mut self.levels);
        sums.aligned += u64::from(bases);
        if let Some((earlier, codes)) = earlier
            && let Some(codes) = Bases::first_of(codes, earlier.span())
        {
            let earlier = (earlier.start, codes);
            sums.overlap += segment.remove_overlap::<V, true>(vectors, own, earlier).unwrap_or(0);
        }
        if let Some((mate, _)) = earlier_mate(block, place) {
            sums.overlap += remove_mate(vectors, segment, own, mate);
        }
        self.latest = link.start;
        if is_single && link.waits() {
            self.waiting.keep(view, link);
        }
        true
    }

    /// Keeps the reads that reach behind the block.
    fn remember(&mut self, block: &ReadBlock<'_>) {
        let (last, Some(stretch)) = (self.last, &mut self.open) else { return };
        stretch.tail.forget(last);
        let reaches = u32::saturating_sub(last, self.recent.longest());
        let ended = |view: &ReadView<'_>| {
            u32::try_from(view.position()).is_ok_and(|position| position < reaches)
        };
        let from = block.reads().iter().rposition(ended).map_or(0, |last| last + 1);
        for place in from..block.len() {
            let (Some(view), Some(facts)) = (block.get(place), block.facts(place)) else { break };
            if facts.end > last && view.position() >= 0 && counts(view) {
                let link = Link::of(view, facts);
                if link.end > last {
                    stretch.tail.push(view, link);
                }
            }
        }
        if stretch.tail.is_large() {
            stretch.tail.pack(|_, _| {});
        }
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
        self.latest = link.start;
        if link.end == link.start {
            return;
        }
        let mates = around.0.mates();
        let is_single = mates.is_none_or(|mates| mates.mate(place).is_none());
        let overlaps = if is_single {
            self.waiting.may_precede(&link) || link.unannounced().is_some()
        } else {
            earlier_mate(around.0, place).is_some()
        };
        let read = Read { view, facts, link, place, deep, is_single };
        let known = link.end <= around.1.known_end
            && facts.end <= link.end
            && !(facts.no_calls && no_call_passes(view));
        if overlaps || !known {
            return dispatch(Codes { shard: self, read: &read, around });
        }
        if read.waits() {
            self.waiting.keep(view, link);
        }
        self.done.sums.aligned += u64::from(facts.aligned);
        if view.qualities().first() == Some(&u8::MAX) {
            return;
        }
        let segment = self.covered.begin_read(link.start, link.end);
        self.done.sums.capped +=
            dispatch(Pieces { read: &read, segment, levels: &mut self.levels });
    }

    /// Counts a read that is not only qualities: others of its name may be there, or bases that are not known.
    #[inline(always)]
    fn add_codes<V: Vectors>(
        &mut self,
        vectors: V,
        read: &Read<'_>,
        around: (&ReadBlock<'_>, &Ground<'_>),
    ) {
        let &Read { view, facts, link, deep, is_single, .. } = read;
        let unknown = around.1.unknown(&link);
        let mut codes = std::mem::take(&mut self.codes);
        encode_known((view, facts.no_calls), &link, unknown, &mut codes);
        self.done.sums.aligned += near_bases((view, facts), &link, unknown);
        let may_follow = is_single && self.waiting.may_precede(&link);
        let Some(stretch) = &mut self.open else { return };
        if facts.end > link.end {
            far_bases(view, &link, &mut stretch.far);
        }
        let mut removed = 0;
        let name = view.name();
        let mut own = std::mem::take(&mut self.other);
        if read.waits() {
            own.clone_from(&codes);
        }
        if let Some((mate, facts)) = earlier_mate(around.0, read.place) {
            let earlier = Link::of(mate, facts);
            // No base counts over N here, so that it need not be known of the other.
            encode(mate, &earlier, None, &mut own);
            removed += remove_overlap(&mut codes, &link, &earlier, &own);
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
        if read.waits() {
            self.waiting.insert(name, link).clone_from(&own);
        }
        self.done.sums.overlap += removed;
        let many = codes.len();
        codes.resize(many + LANES, 0);
        if let Some(bases) = Bases::first_of(&codes, many) {
            let segment = self.covered.begin_read(link.start, link.end);
            self.done.sums.capped +=
                add::<V, true>(vectors, segment, deep, (link.start, bases), &mut self.levels);
        }
        (self.codes, self.other) = (codes, own);
    }
}

/// Clears the passing bit of codes where the read's mate passes, which cannot know of it; returns at how many positions.
#[cold]
fn remove_unannounced(
    tail: &Edge,
    read: &Read<'_>,
    (block, ground): (&ReadBlock<'_>, &Ground<'_>),
    codes: &mut [u8],
) -> u64 {
    let (link, name) = (&read.link, read.view.name());
    let Some(start) = link.unannounced() else { return 0 };
    // What comes before the block is in the tail.
    let reads = if start < ground.start { 0 } else { read.place };
    let placed =
        |i| Some((block.get(i)?, block.facts(i)?)).filter(|(view, _)| view.position() >= 0);
    let here = (0..reads).rev().filter_map(placed);
    let here = here
        .take_while(|(view, _)| view.position() as u32 >= start)
        .filter(|(view, _)| view.position() as u32 == start && counts(*view))
        .map(|(view, facts)| (Link::of(view, facts), view));
    let (mut theirs, mut removed, mut own) = (Vec::new(), 0, None);
    // No base counts over N here, so that it need not be known of the others.
    for other in tail.starting_at(start).filter(|other| !other.link.waits()) {
        if other.hash() == *own.get_or_insert_with(|| name_hash(name)) {
            other.codes(&mut theirs);
            removed += remove_overlap(codes, link, &other.link, &theirs);
        }
    }
    for (earlier, other) in here {
        if !earlier.waits() && other.name() == name {
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

/// A usual read that may lie over its mate.
struct NearMate<'a> {
    shard: &'a mut WgsShard,
    /// With its place.
    read: (ReadView<'a>, usize),
    block: &'a ReadBlock<'a>,
}

impl Task for NearMate<'_> {
    type Output = bool;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> bool {
        self.shard.count_near_mate(vectors, self.read, self.block)
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

/// The read of a couple that comes before the one at this place, if it counts.
#[inline(always)]
fn earlier_mate<'a>(block: &ReadBlock<'a>, place: usize) -> Option<(ReadView<'a>, &'a ReadFacts)> {
    let mate = block.mates()?.mate(place).filter(|&mate| mate < place)?;
    let view = block.get(mate).filter(|view| counts(*view))?;
    Some((view, block.facts(mate)?))
}

/// Takes a plain read, that was added, out of the depth where its mate of a couple passes too. Returns at how many positions.
#[inline(always)]
fn remove_mate<V: Vectors>(
    vectors: V,
    segment: &mut Segment,
    own: (u32, Bases<'_>),
    mate: ReadView<'_>,
) -> u64 {
    let Some(theirs) = plain_qualities(mate, own.1.len()) else { return 0 };
    let theirs = (mate.position() as u32, theirs);
    segment.remove_overlap::<V, false>(vectors, own, theirs).unwrap_or(0)
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

impl Shard for TaskShard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        let Self { assessed, pool, shard } = self;
        let shard = shard.get_or_insert_with(|| WgsShard::new(Arc::clone(assessed), pool));
        dispatch(Work { shard, block })
    }

    fn close(self: Box<Self>) -> Parcel {
        let Some(mut shard) = self.shard else { return Box::new(TaskWgs::default()) };
        shard.end_contig();
        shard.levels.end_task();
        self.pool.levels.put(shard.levels);
        Box::new(shard.done)
    }
}
