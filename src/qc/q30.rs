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

use std::ops::Range;

use crate::model::contract::Q30Yield;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, flag};

use super::depth::mate_list::{Blocks, Mate, MateList};
use super::depth::mates::MateTable;
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

/// What a task amounts to.
#[derive(Debug, Default)]
struct TaskQ30 {
    yields: Q30Yield,
    /// First reads of the last contig whose mate did not come in the task.
    waiting: MateList,
    /// Second reads of the first contig whose mate came before the task, in order of the file.
    orphans: MateList,
    /// Where its placed records lie, counted or not.
    places: Places,
}

/// The shard of one task. The blocks of its mates are their good bases: the number of a word of positions, and its bits.
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
                self.wait(vectors, (read, facts));
            }
            return;
        }
        let (contig, first) = self.done.places.first().unwrap_or_default();
        let first = Some(first).filter(|_| contig as i32 == read.contig());
        // Reads that start where their mates do meet two by two: only what lies before the cut tells which.
        let at_cut = start == mate_start && first == Some(start);
        if !at_cut
            && self.mates.may_hold(start, mate_start)
            && let Some(slot) = self.mates.lookup(read.name(), start, mate_start)
        {
            let mate = self.mates.get(slot);
            good_bases(vectors, (read, facts), 0..mate.end, &mut self.blocks);
            self.done.yields.unique -= shared(mate.blocks, &self.blocks);
            self.mates.release(slot);
            return;
        }
        if first.is_some_and(|first| mate_start <= first) {
            good_bases(vectors, (read, facts), 0..u32::MAX, &mut self.blocks);
            self.done.orphans.push(as_mate((read, facts), &self.blocks));
        }
        if start == mate_start && !at_cut {
            self.wait(vectors, (read, facts));
        }
    }

    #[inline(always)]
    fn wait<V: Vectors>(&mut self, vectors: V, (read, facts): (ReadView<'_>, &ReadFacts)) {
        let mate = as_mate((read, facts), &[]);
        if mate.end > mate.start {
            let where_mate = mate.partner_start..u32::MAX;
            good_bases(vectors, (read, facts), where_mate, &mut self.blocks);
            self.mates.insert(Mate { blocks: &self.blocks, ..mate });
        }
    }

    fn end_contig(&mut self) {
        // Of an earlier contig nothing can follow.
        self.done.waiting = self.mates.drain(self.last);
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
        for (read, facts) in block.near_mates(first).filter(|(read, _)| is_paired(*read)) {
            shard.pair(vectors, (read, facts));
        }
        for [(earlier, _), (later, _)] in block.couples(first) {
            if is_paired(earlier) && is_paired(later) {
                shard.done.yields.unique -= good_in_both(vectors, earlier, later);
            }
        }
        Ok(())
    }
}

/// Whether a read may count together with its mate.
#[inline]
fn is_paired(read: ReadView<'_>) -> bool {
    let pair = flag::PAIRED | flag::PROPER_PAIR;
    let out = NOT_COUNTED | NOT_UNIQUE | flag::MATE_UNMAPPED;
    read.flags() & (pair | out) == pair
        && read.contig() == read.mate_contig()
        && read.contig() >= 0
        && read.position() >= 0
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

/// A read as it is kept.
fn as_mate<'a>((read, facts): (ReadView<'a>, &ReadFacts), blocks: &'a [(u32, u32)]) -> Mate<'a> {
    let (start, partner_start) = (read.position() as u32, read.mate_position() as u32);
    Mate { name: read.name(), start, end: facts.end, partner_start, blocks, ..Mate::default() }
}

/// The aligned bases of good quality on this stretch of the reference (0-based half-open), where the mate may lie.
#[inline(always)]
fn good_bases<V: Vectors>(
    vectors: V,
    (read, facts): (ReadView<'_>, &ReadFacts),
    where_mate: Range<u32>,
    blocks: &mut Blocks,
) {
    blocks.clear();
    let qualities = read.qualities();
    if facts.group > 0 {
        good_bits(vectors, qualities, (read.position() as u32, where_mate), blocks);
        return;
    }
    if qualities.first() == Some(&u8::MAX) {
        return;
    }
    let (mut at, mut base) = (read.position().max(0) as u32, 0_usize);
    for op in read.cigar().iter() {
        if op.is_aligned() {
            let own = qualities.get(base..base + op.length as usize).unwrap_or_default();
            good_bits(vectors, own, (at, where_mate.clone()), blocks);
        }
        at = if op.consumes_reference() { at.saturating_add(op.length) } else { at };
        base += if op.consumes_read() { op.length as usize } else { 0 };
    }
}

/// Appends the bases of good quality of one operation, the first of which lies at this position.
#[inline(always)]
fn good_bits<V: Vectors>(
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
        append(vectors.at_least(chunk, LEAST), from + (i * LANES) as u32, blocks);
    }
    if let Some(rest) = lanes::rest(own) {
        // The last lane is the last base, but for less than a vector.
        let at = from + own.len().saturating_sub(LANES) as u32;
        append(vectors.at_least(&rest, LEAST), at, blocks);
    }
}

/// Positions at which two plain reads are good, of which the second does not start before the first.
#[inline(always)]
fn good_in_both<V: Vectors>(vectors: V, earlier: ReadView<'_>, later: ReadView<'_>) -> u64 {
    let from = (later.position() - earlier.position()).max(0) as usize;
    let theirs = earlier.qualities().get(from..).unwrap_or_default();
    let own = later.qualities();
    let many = own.len().min(theirs.len());
    let (own, theirs) =
        (own.get(..many).unwrap_or_default(), theirs.get(..many).unwrap_or_default());
    let mut both = 0;
    for (own, theirs) in own.as_chunks::<LANES>().0.iter().zip(theirs.as_chunks::<LANES>().0) {
        let bits = vectors.at_least(own, LEAST) & vectors.at_least(theirs, LEAST);
        both += bits.count_ones();
    }
    if let (Some(own), Some(theirs)) = (lanes::rest(own), lanes::rest(theirs)) {
        both += (vectors.at_least(&own, LEAST) & vectors.at_least(&theirs, LEAST)).count_ones();
    }
    both.into()
}

/// Positions a word.
const WORD: u32 = u32::BITS;

/// Appends the ones in `bits`, of which the lowest belongs to position `at`. Words without any are left out: a read may skip
/// many.
#[inline(always)]
fn append(bits: u32, at: u32, blocks: &mut Blocks) {
    let (word, bits) = (at / WORD, u64::from(bits) << (at % WORD));
    for (word, bits) in [(word, bits as u32), (word + 1, (bits >> WORD) as u32)] {
        match blocks.last_mut() {
            Some(last) if last.0 == word => last.1 |= bits,
            _ if bits != 0 => blocks.push((word, bits)),
            _ => {}
        }
    }
}

/// Positions in both.
#[inline(always)]
fn shared(a: &[(u32, u32)], b: &[(u32, u32)]) -> u64 {
    let (mut i, mut j, mut sum) = (0, 0, 0);
    while let (Some(&(word, bits)), Some(&(other, others))) = (a.get(i), b.get(j)) {
        if word == other {
            sum += u64::from((bits & others).count_ones());
        }
        i += usize::from(word <= other);
        j += usize::from(other <= word);
    }
    sum
}

/// Adds tasks up and pairs mates in different ones.
#[derive(Debug, Default)]
struct Q30Joiner {
    yields: Q30Yield,
    /// First reads of the last contig that wait, by name.
    waiting: MateList,
    places: Places,
}

impl Joiner for Q30Joiner {
    fn push(&mut self, parcel: Parcel, _: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskQ30>(parcel)?;
        add(&mut self.yields, &task.yields);
        let Some((contig, first)) = task.places.first() else { return Ok(()) };
        let (earlier, _) = self.places.last();
        let (later, _) = task.places.last();
        self.places.follow(ID, task.places)?;
        let (mut waiting, mut own) = (std::mem::take(&mut self.waiting), task.waiting);
        // What waits on an earlier contig waits in vain.
        waiting.retain(|_| earlier == contig);
        let mut here = if contig == later { std::mem::take(&mut own) } else { MateList::default() };
        waiting.pair(&task.orphans, &mut here, false, |mate, orphan| {
            self.yields.unique -= shared(mate.blocks, orphan.blocks);
        });
        waiting.retain(|mate| mate.end > first);
        self.waiting = if contig == later { waiting.merged(here, false) } else { own };
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The good bases of operations, each with its first position and its qualities.
    struct Good<'a>(&'a [(u32, Vec<u8>)], Range<u32>);

    impl Task for Good<'_> {
        type Output = Blocks;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> Blocks {
            let mut blocks = Blocks::new();
            for (at, qualities) in self.0 {
                good_bits(vectors, qualities, (*at, self.1.clone()), &mut blocks);
            }
            blocks
        }
    }

    fn operations() -> impl Strategy<Value = Vec<(u32, Vec<u8>)>> {
        let qualities = prop::collection::vec(prop::sample::select(vec![2, 29, 30, 37]), 0..120);
        let gap = prop_oneof![3 => 0_u32..40, 1 => Just(100_000)];
        prop::collection::vec((gap, qualities), 0..6).prop_map(|mut operations| {
            let mut at = 1000;
            for (gap, qualities) in &mut operations {
                (*gap, at) = (at + *gap, at + *gap + qualities.len() as u32);
            }
            operations
        })
    }

    /// Positions of good bases, one by one.
    fn positions(operations: &[(u32, Vec<u8>)], range: &Range<u32>) -> Vec<u32> {
        let all = operations.iter().flat_map(|(at, own)| (*at..).zip(own));
        all.filter(|(at, quality)| **quality >= LEAST && range.contains(at))
            .map(|(at, _)| at)
            .collect()
    }

    proptest! {
        #[test]
        fn positions_that_both_have_are_counted(
            a in operations(),
            b in operations(),
            from in 900_u32..1300,
            length in prop_oneof![0_u32..300, Just(1_000_000)],
        ) {
            let range = from..from + length;
            let (ours, theirs) = (positions(&a, &range), positions(&b, &(0..u32::MAX)));
            let (words, others) =
                (dispatch(Good(&a, range)), dispatch(Good(&b, 0..u32::MAX)));
            prop_assert!(words.is_sorted_by(|a, b| a.0 < b.0) && words.iter().all(|word| word.1 > 0));
            let told = words.iter().flat_map(|&(word, bits)| {
                (0..WORD).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * WORD + bit)
            });
            prop_assert_eq!(told.collect::<Vec<_>>(), &ours[..]);
            let both = ours.iter().filter(|at| theirs.binary_search(at).is_ok()).count();
            prop_assert_eq!(shared(&words, &others), both as u64);
        }
    }
}
