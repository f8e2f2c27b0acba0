//! How many bases of quality 30 and more there are: in all, and without duplicates, overlaps and clips.
//!
//! A read gives all of its bases to the first number unless it is secondary, supplementary or failed the platform's checks
//! (`yield_bp_q30`, GA4GH WGS QC standard). To the second it gives those bases that are aligned to the reference (`M`, `=`,
//! `X`; clipped and inserted bases are not), when it is mapped and no duplicate (`GbQ30NoDupsNoClip`, Genomics England
//! metrics model 1.2.2, which leaves the details open).
//!
//! Where the two reads of a proper pair both have such a base at one position, it counts once. Mates find each other by
//! name and by their mate fields, as in depth; a read whose mate fields are wrong, or whose mate is not counted, gives all of
//! its bases.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::model::contract::Q30Yield;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, flag};

use super::depth::mates::{Blocks, Mate, MateTable, intersect};
use super::lanes::{self, LANES};
use super::order::Places;
use super::vectors::{Task, Vectors, dispatch};
use super::{Collector, Job, Joiner, Metric, MetricContext, Parcel, Scratch, Shard, unpack};

/// The metric's name.
pub const ID: &str = "q30";
/// What it is, in one line.
pub const ABOUT: &str =
    "bases of quality 30 and more, in all and without duplicates, overlaps and clips";
/// Least quality that counts, phred: the name of both figures says it.
const LEAST: u8 = 30;
/// Records with any of these bits do not count.
const NOT_COUNTED: u16 = flag::SECONDARY | flag::SUPPLEMENTARY | flag::QC_FAIL;
/// Of the others those with any of these count for the first number only.
const NOT_UNIQUE: u16 = flag::UNMAPPED | flag::DUPLICATE;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(_: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    Ok(Box::new(Q30))
}

/// The metric.
#[derive(Debug)]
struct Q30;

impl Metric for Q30 {
    fn needs(&self) -> Fields {
        Fields::PAIR_FACTS | Fields::NAME | Fields::QUALITY_FACTS
    }

    fn shard(&self) -> Box<dyn Shard> {
        Box::<Q30Shard>::default()
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        Box::<Q30Joiner>::default()
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        Ok(Box::<Whole>::default())
    }
}

/// A read with its contig.
type Placed = (i32, Mate);

/// What a task amounts to.
#[derive(Debug, Default)]
struct TaskQ30 {
    yields: Q30Yield,
    /// First reads whose mate did not come in the task.
    waiting: Vec<Placed>,
    /// Second reads whose mate came before the task.
    orphans: Vec<Placed>,
    /// Where its placed records lie, counted or not.
    places: Places,
}

/// The shard of one task. The blocks of its mates are their good bases.
#[derive(Debug, Default)]
struct Q30Shard {
    done: TaskQ30,
    contig: i32,
    last: u32,
    mates: MateTable,
    blocks: Blocks,
}

impl Q30Shard {
    /// Counts bases with these flags: of them all, and of them aligned to the reference.
    fn count(&mut self, flags: u16, all: u64, aligned: u64) {
        if flags & NOT_COUNTED == 0 {
            self.done.yields.all += all;
            self.done.yields.unique += if flags & NOT_UNIQUE == 0 { aligned } else { 0 };
        }
    }

    /// Notes the places of a block's records.
    fn note(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        let mut placed = block.iter().filter(|read| read.contig() >= 0 && read.position() >= 0);
        if block.is_known_sorted() {
            // The first and the last tell all.
            let ends = [placed.next(), placed.next_back()];
            return ends.into_iter().flatten().try_for_each(|read| self.place(read));
        }
        placed.try_for_each(|read| self.place(read))
    }

    /// Notes the place of a placed record.
    #[inline]
    fn place(&mut self, read: ReadView<'_>) -> Result<(), Problem> {
        let (contig, start) = (read.contig(), read.position() as u32);
        self.done.places.note(ID, (contig as u32, start))?;
        if contig != self.contig {
            self.end_contig();
            self.contig = contig;
        }
        self.last = start;
        Ok(())
    }

    /// Takes back what the read shares with its mate, or lets it wait for the mate.
    // METHOD: overlaps are counted once in proper pairs, as in depth; a position counts when either mate is good there.
    #[inline(always)]
    fn pair<V: Vectors>(&mut self, vectors: V, (read, facts): (ReadView<'_>, &ReadFacts)) {
        let (start, end) = (read.position() as u32, facts.end);
        let Ok(mate_start) = u32::try_from(read.mate_position()) else { return };
        if start < mate_start {
            if mate_start < end {
                self.wait(vectors, (read, facts), (start, mate_start));
            }
            return;
        }
        if start == mate_start || self.mates.may_hold(start, mate_start) {
            let found = self.mates.lookup(read.name(), start);
            let found = found.filter(|&slot| self.mates.get(slot).start == mate_start);
            if let Some(slot) = found {
                let mate_end = self.mates.get(slot).end;
                good_blocks(vectors, (read, facts), 0..mate_end, &mut self.blocks);
                self.done.yields.unique -= shared(&self.mates.get(slot).blocks, &self.blocks);
                self.mates.release(slot);
                return;
            }
        }
        let (contig, first) = self.done.places.first().unwrap_or_default();
        let contig = contig as i32;
        if contig == read.contig() && mate_start <= first {
            let mut orphan = Mate { name: read.name().to_vec(), start, end, ..Mate::default() };
            orphan.partner_start = mate_start;
            good_blocks(vectors, (read, facts), 0..u32::MAX, &mut orphan.blocks);
            self.done.orphans.push((contig, orphan));
        }
        if start == mate_start {
            self.wait(vectors, (read, facts), (start, mate_start));
        }
    }

    #[inline(always)]
    fn wait<V: Vectors>(
        &mut self,
        vectors: V,
        (read, facts): (ReadView<'_>, &ReadFacts),
        (start, mate_start): (u32, u32),
    ) {
        if facts.end <= start {
            return;
        }
        let mate = self.mates.insert(read.name(), start, facts.end);
        mate.partner_start = mate_start;
        good_blocks(vectors, (read, facts), mate_start..u32::MAX, &mut mate.blocks);
    }

    fn end_contig(&mut self) {
        let waiting = self.mates.drain(self.last);
        // Of an earlier contig nothing can follow.
        self.done.waiting.clear();
        self.done.waiting.extend(waiting.into_iter().map(|mate| (self.contig, mate)));
        self.last = 0;
    }
}

/// The work on a block.
struct Work<'a> {
    shard: &'a mut Q30Shard,
    block: &'a ReadBlock<'a>,
}

impl Task for Work<'_> {
    type Output = Result<(), Problem>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { shard, block } = self;
        shard.note(block)?;
        for group in block.groups() {
            let good = group.quality.q30();
            shard.count(group.flags, good, good);
        }
        for (read, facts) in block.others() {
            let (all, aligned) = (facts.quality.q30, facts.aligned_quality.q30);
            shard.count(read.flags(), all.into(), aligned.into());
        }
        let first = shard.done.places.first().map_or(0, |(_, start)| start);
        for (read, facts) in block.near_mates(first) {
            let pair = flag::PAIRED | flag::PROPER_PAIR;
            let out = NOT_COUNTED | NOT_UNIQUE | flag::MATE_UNMAPPED;
            if read.flags() & (pair | out) == pair
                && read.contig() == read.mate_contig()
                && read.contig() >= 0
                && read.position() >= 0
            {
                shard.pair(vectors, (read, facts));
            }
        }
        Ok(())
    }
}

impl Shard for Q30Shard {
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem> {
        dispatch(Work { shard: self, block })
    }

    fn close(mut self: Box<Self>) -> Parcel {
        self.end_contig();
        Box::new(std::mem::take(&mut self.done))
    }
}

/// Runs of aligned bases of good quality on this stretch of the reference (0-based half-open), where the mate may lie.
#[inline(always)]
fn good_blocks<V: Vectors>(
    vectors: V,
    (read, facts): (ReadView<'_>, &ReadFacts),
    where_mate: Range<u32>,
    blocks: &mut Blocks,
) {
    blocks.clear();
    let qualities = read.qualities();
    if facts.group > 0 {
        good_runs(vectors, qualities, (read.position() as u32, where_mate), blocks);
        return;
    }
    if qualities.first() == Some(&u8::MAX) {
        return;
    }
    let (mut at, mut base) = (read.position().max(0) as u32, 0_usize);
    for op in read.cigar().iter() {
        if op.is_aligned() {
            let own = qualities.get(base..base + op.length as usize).unwrap_or_default();
            good_runs(vectors, own, (at, where_mate.clone()), blocks);
        }
        at = if op.consumes_reference() { at.saturating_add(op.length) } else { at };
        base += if op.consumes_read() { op.length as usize } else { 0 };
    }
}

/// Appends the runs of good quality of one operation's bases, the first of which lies at this position.
#[inline(always)]
fn good_runs<V: Vectors>(
    vectors: V,
    own: &[u8],
    (at, where_mate): (u32, Range<u32>),
    blocks: &mut Blocks,
) {
    let from = where_mate.start.max(at);
    let to = where_mate.end.min(at.saturating_add(own.len() as u32)).max(from);
    let own = own.get((from - at) as usize..).unwrap_or_default();
    let own = own.get(..(to - from) as usize).unwrap_or_default();
    for (i, chunk) in own.as_chunks::<LANES>().0.iter().enumerate() {
        runs(vectors.at_least(chunk, LEAST), from + (i * LANES) as u32, blocks);
    }
    if let Some(rest) = lanes::rest(own) {
        // The last lane is the last base, but for less than a vector.
        let at = from + own.len().saturating_sub(LANES) as u32;
        runs(vectors.at_least(&rest, LEAST), at, blocks);
    }
}

/// Appends the runs of ones in `bits`, of which the lowest belongs to position `at`.
#[inline(always)]
fn runs(bits: u32, at: u32, blocks: &mut Blocks) {
    let (mut bits, mut at) = (u64::from(bits), at);
    while bits != 0 {
        let zeros = bits.trailing_zeros();
        bits >>= zeros;
        let ones = bits.trailing_ones();
        bits >>= ones;
        let (start, end) = (at + zeros, at + zeros + ones);
        match blocks.last_mut() {
            Some(block) if block.1 == start => block.1 = end,
            _ => blocks.push((start, end)),
        }
        at = end;
    }
}

/// Positions in both.
fn shared(a: &[(u32, u32)], b: &[(u32, u32)]) -> u64 {
    let mut sum = 0;
    intersect(a, b, |start, end| sum += u64::from(end - start));
    sum
}

/// Adds tasks up and pairs mates in different ones.
#[derive(Debug, Default)]
struct Q30Joiner {
    yields: Q30Yield,
    /// First reads of the contig that wait, by name.
    waiting: HashMap<Vec<u8>, Placed>,
    places: Places,
}

impl Joiner for Q30Joiner {
    fn push(&mut self, parcel: Parcel, _: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskQ30>(parcel)?;
        let Some((contig, first)) = task.places.first() else {
            add(&mut self.yields, &task.yields);
            return Ok(());
        };
        self.places.follow(ID, task.places)?;
        let mut taken = 0;
        let mut paired = HashSet::new();
        for (contig, orphan) in task.orphans {
            let fits = self.waiting.get(&orphan.name).is_some_and(|(place, mate)| {
                *place == contig && mate.start == orphan.partner_start && mate.end > orphan.start
            });
            if let Some((_, mate)) = fits.then(|| self.waiting.remove(&orphan.name)).flatten() {
                taken += shared(&mate.blocks, &orphan.blocks);
                paired.insert((orphan.name, orphan.start));
            }
        }
        add(&mut self.yields, &task.yields);
        self.yields.unique -= taken;
        self.waiting.retain(|_, (place, mate)| *place == contig as i32 && mate.end > first);
        for (place, mate) in task.waiting {
            // Of two reads with one start the second looked for the first, and waits all the same.
            let own = (mate.name, mate.start);
            if !paired.contains(&own) {
                let (name, start) = own;
                let mate = Mate { name: name.clone(), start, ..mate };
                self.waiting.insert(name, (place, mate));
            }
        }
        Ok(())
    }

    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        jobs.push(Box::new(Whole(self.yields)));
        Ok(())
    }
}

fn add(whole: &mut Q30Yield, part: &Q30Yield) {
    whole.all += part.all;
    whole.unique += part.unique;
}

/// The numbers on their way to their place.
#[derive(Debug, Default)]
struct Whole(Q30Yield);

impl Job for Whole {
    fn run(self: Box<Self>, _: &mut Scratch) -> Parcel {
        Box::new(self.0)
    }
}

impl Collector for Whole {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        self.0 = unpack::<Q30Yield>(parcel)?;
        Ok(())
    }

    fn finish(self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        qc.q30 = Some(self.0);
        Ok(())
    }
}
