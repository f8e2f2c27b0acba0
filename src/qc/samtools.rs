//! The summary numbers of `samtools stats`, and the tables of `samtools idxstats` and `samtools coverage`, with the
//! definitions of samtools 1.16.
//!
//! `covbases` of the coverage table is not counted here: the depth metric of the same pass knows it. That is exact when it
//! ran with its own default filters (flags 1796, any mapping quality, no read groups, CIGARs looked at, no faults
//! reproduced): mates are then counted once where they overlap, which leaves no covered base uncovered. samtools stops
//! counting at a depth of 1,000,000, this does not.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadGroup, ReadView, SURE_MAPQ, flag};
use crate::model::read_columns::{NO_BASES, OTHER_CONTIG, STEP};
use crate::model::samtools::{ContigReads, InsertSizes, SamtoolsQc};

use super::depth::{Compat, DepthSettings, Mode};
use super::vectors::{Task, Vectors, dispatch};
use super::{Count, Counting, Metric, MetricContext, tally};

/// The metric's name.
pub const ID: &str = "samtools";
/// What it is, in one line.
pub const ABOUT: &str =
    "summary numbers, reads and coverage by contig, as samtools stats, idxstats and coverage";

/// Longer inserts are counted as this, bp: the default of `samtools stats -i`.
const MAX_INSERT: usize = 8000;
/// Share of the pairs that mean and standard deviation are taken of: the default of `samtools stats -m`, in the single
/// precision that decides ties there.
const MAIN_BULK: f32 = 0.99;
/// Records with any of these bits do not count in `samtools coverage`.
const NOT_COVERING: u16 = flag::UNMAPPED | flag::SECONDARY | flag::QC_FAIL | flag::DUPLICATE;
/// What samtools takes for the quality of a base without one.
const NO_QUALITY: u64 = 255;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    let only = context.settings.only.as_deref();
    let with_depth = only.is_none_or(|ids| ids.iter().any(|id| id == super::depth::ID));
    let depth_fits = with_depth && fits(&context.settings.depth);
    Ok(Box::new(Counting::new(Samtools { contigs: Arc::clone(context.contigs), depth_fits })))
}

/// Whether depth under these settings is above 0 exactly where samtools sees a base.
fn fits(depth: &DepthSettings) -> bool {
    depth.mode == Mode::Bases
        && depth.lengths == (0..=u32::MAX)
        && depth.min_mapq == 0
        && depth.exclude_flags == NOT_COVERING
        && depth.include_flags == 0
        && depth.read_groups.is_empty()
        && depth.compat == Compat::Corrected
}

/// The metric.
#[derive(Debug)]
pub struct Samtools {
    contigs: Arc<[(String, u32)]>,
    depth_fits: bool,
}

/// What is counted.
#[derive(Debug, Default)]
pub struct Counts {
    /// The contig of the last block, and its records of some blocks.
    contig: i32,
    here: ByFlags,
    /// All others.
    contigs: BTreeMap<i32, FlagSums>,
    inserts: Inserts,
    order: Order,
}

/// Sums over the records of each value of the flags that occurs.
type FlagSums = BTreeMap<u16, Sums>;

impl Counts {
    /// The records of a contig by their flags.
    #[inline]
    fn of(&mut self, contig: i32) -> &mut ByFlags {
        if contig != self.contig {
            self.settle();
            self.contig = contig;
        }
        &mut self.here
    }

    /// Moves the last contig's records to all others.
    fn settle(&mut self) {
        let ByFlags { places, sums } = &mut self.here;
        if sums.is_empty() {
            return;
        }
        for (flags, _) in sums.iter() {
            places[usize::from(*flags)] = 0;
        }
        add(self.contigs.entry(self.contig).or_default(), sums.drain(..));
    }
}

fn add(whole: &mut FlagSums, more: impl IntoIterator<Item = (u16, Sums)>) {
    for (flags, more) in more {
        whole.entry(flags).or_default().add(&more);
    }
}

/// Reads by insert size, in rows: inward, outward, other, and those that do not count; empty before the first block.
type Inserts = Vec<u64>;

/// Values of a row of [`Inserts`].
const ROW: usize = MAX_INSERT + 1;
/// The row of reads that do not count.
const NO_ROW: usize = 3;

/// For each value of the flags where the row begins of a read whose mate starts before it, with it and behind it, and of one
/// that does not count.
static ROWS: [[u16; 4]; flag::VALUES] = rows();

#[allow(clippy::large_stack_arrays, reason = "worked out when the program is compiled")]
const fn rows() -> [[u16; 4]; flag::VALUES] {
    const LOOKED_AT: u16 = PAIR_BITS | flag::SECONDARY | flag::SUPPLEMENTARY;
    let mut rows = [[(NO_ROW * ROW) as u16; 4]; flag::VALUES];
    let mut flags = 0;
    while flags < flag::VALUES as u16 {
        let (reverse, first) = (flags & flag::REVERSE != 0, flags & flag::FIRST != 0);
        let tandem = reverse == (flags & flag::MATE_REVERSE != 0);
        let mut ahead = 0;
        while ahead < 3 && flags & LOOKED_AT == flag::PAIRED {
            let before_mate = if first { ahead >= 1 } else { ahead <= 1 };
            // A first read that lies before its mate faces it when it is forward; a second read the other way round.
            let outward = (before_mate != (first != reverse)) as usize;
            let kind = if tandem { 2 } else { outward };
            rows[flags as usize][ahead] = (kind * ROW) as u16;
            ahead += 1;
        }
        flags += 1;
    }
    rows
}

/// The records of one contig by their flags: what samtools tells of them follows from a dozen values of the flags, so that
/// nothing has to be decided record by record.
#[derive(Debug)]
struct ByFlags {
    /// For each value of the flags its place in `sums` and one more; 0 for none.
    places: Box<[u16; flag::VALUES]>,
    sums: Vec<(u16, Sums)>,
}

impl Default for ByFlags {
    fn default() -> Self {
        Self { places: Box::new([0; flag::VALUES]), sums: Vec::new() }
    }
}

impl ByFlags {
    #[inline]
    fn of(&mut self, flags: u16) -> &mut Sums {
        let flags = flags % flag::VALUES as u16;
        let place = &mut self.places[usize::from(flags)];
        if *place == 0 {
            self.sums.push((flags, Sums::default()));
            *place = self.sums.len() as u16;
        }
        &mut self.sums[usize::from(*place) - 1].1
    }
}

/// Sums over records of the same flags.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    records: u64,
    mapq: u64,
    /// Aligned bases on the contig, and the sum of their qualities.
    aligned: u64,
    aligned_quality: u64,
    /// From here on of records with bases only.
    with_bases: u64,
    mapq0: u64,
    different_contig: u64,
    bases: u64,
    quality: u64,
    mismatches: u64,
    cigar_bases: u64,
    longest: u32,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        macro_rules! sum {
            ($($field:ident)*) => { $(self.$field += other.$field;)* };
        }
        sum!(records mapq aligned aligned_quality with_bases mapq0 different_contig bases quality
            mismatches cigar_bases);
        self.longest = self.longest.max(other.longest);
    }

    /// Counts plain records in, each of so many bases.
    fn plain(&mut self, group: &ReadGroup, bases: u64) {
        let quality = group.quality.sum();
        self.records += group.reads;
        self.mapq += group.mapq;
        self.aligned += group.reads * bases;
        self.aligned_quality += quality;
        self.with_bases += group.reads;
        self.mapq0 += group.mapq0;
        self.bases += group.reads * bases;
        self.quality += quality;
        self.mismatches += group.edit_distance;
        self.cigar_bases += group.reads * bases;
        self.longest = self.longest.max(bases as u32);
    }

    /// Counts a record in, on a contig of this length.
    #[inline]
    fn record(&mut self, length: Option<u32>, read: ReadView<'_>, facts: &ReadFacts) {
        self.records += 1;
        self.mapq += u64::from(read.mapq());
        // Those that are not known add nothing.
        let unknown = facts.quality.sum == 0 && read.qualities().first() == Some(&u8::MAX);
        if let Some(length) = length.filter(|&length| facts.end > length) {
            over_the_end(self, length, read);
        } else {
            self.aligned += u64::from(facts.aligned);
            self.aligned_quality += if unknown {
                NO_QUALITY * u64::from(facts.aligned)
            } else {
                u64::from(facts.aligned_quality.sum)
            };
        }
        let bases = read.base_count() as u64;
        if bases == 0 {
            return;
        }
        self.with_bases += 1;
        self.mapq0 += u64::from(read.mapq() == 0);
        self.different_contig += u64::from(read.contig() != read.mate_contig());
        self.bases += bases;
        self.quality += if unknown { NO_QUALITY * bases } else { u64::from(facts.quality.sum) };
        self.mismatches += u64::from(facts.edit_distance.unwrap_or(0));
        self.cigar_bases += u64::from(facts.aligned) + u64::from(facts.inserted);
        self.longest = self.longest.max(bases as u32 + facts.hard_clipped);
    }
}

/// Whether records come in order.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    /// Contig and position of the first and the last record.
    ends: Option<[(i32, i32); 2]>,
    broken: bool,
}

impl Order {
    /// Adds the records of one contig that are neither secondary nor without a place or bases.
    fn block(&mut self, block: &ReadBlock<'_>) {
        let counts = |read: &ReadView<'_>| {
            read.flags() & (flag::UNMAPPED | flag::SECONDARY) == 0 && read.base_count() > 0
        };
        let place = |read: ReadView<'_>| (read.contig(), read.position());
        // Of records in order the first and the last tell all.
        if block.is_known_sorted() {
            let ends = [block.iter().find(counts), block.iter().rfind(counts)];
            ends.into_iter().flatten().for_each(|read| self.add(place(read)));
        } else {
            block.iter().filter(counts).for_each(|read| self.add(place(read)));
        }
    }

    #[inline]
    fn add(&mut self, here: (i32, i32)) {
        match &mut self.ends {
            Some([_, last]) => {
                self.broken |= here.0 == last.0 && here.1 < last.1;
                *last = here;
            }
            None => self.ends = Some([here, here]),
        }
    }

    fn merge(&mut self, next: Self) {
        if let Some([first, last]) = next.ends {
            self.add(first);
            self.add((i32::MIN, 0));
            if let Some(ends) = &mut self.ends {
                ends[1] = last;
            }
        }
        self.broken |= next.broken;
    }
}

impl Count for Samtools {
    type Counts = Counts;

    fn needs(&self) -> Fields {
        Fields::CORE
            | Fields::MATE
            | Fields::TEMPLATE_LENGTH
            | Fields::SPAN_FACTS
            | Fields::QUALITY_FACTS
            | Fields::TAG_FACTS
            | Fields::SEQUENCE
    }

    fn block(&self, counts: &mut Counts, block: &ReadBlock<'_>) {
        let Some(contig) = block.get(0).map(ReadView::contig) else { return };
        let length = usize::try_from(contig).ok().and_then(|i| self.contigs.get(i)).map(|c| c.1);
        let here = counts.of(contig);
        for group in block.groups() {
            let over = length.is_some_and(|length| group.farthest > length);
            here.of(group.flags).plain(group, u64::from(block.plain_bases()));
            if over {
                take_over(here.of(group.flags), length.unwrap_or(0), group, block);
            }
        }
        for (read, facts) in block.others() {
            here.of(read.flags()).record(length, read, facts);
        }
        let Counts { inserts, order, .. } = counts;
        order.block(block);
        if inserts.is_empty() {
            *inserts = vec![0; (NO_ROW + 1) * ROW];
        }
        dispatch(CountInserts { inserts, block });
    }

    fn end_task(counts: &mut Counts) -> Option<Counts> {
        Some(Counts { order: std::mem::take(&mut counts.order), ..Counts::default() })
    }

    fn merge(whole: &mut Counts, mut part: Counts) {
        tally::merge(&mut whole.inserts, std::mem::take(&mut part.inserts));
        part.settle();
        for (contig, part) in part.contigs {
            add(whole.contigs.entry(contig).or_default(), part);
        }
        whole.order.merge(part.order);
    }

    fn finish(&self, mut counts: Counts, qc: &mut SampleQc) {
        counts.settle();
        let Counts { contigs, inserts, order, .. } = counts;
        let mut all = SamtoolsQc { sorted: !order.broken, ..SamtoolsQc::default() };
        all.inserts = insert_sizes(&inserts);
        for (flags, sums) in contigs.values().flatten() {
            summary(&mut all, *flags, sums);
        }
        let of = |contig: i32| contigs.get(&contig).map_or_else(ContigReads::default, by_contig);
        let nowhere = of(-1);
        all.no_contig = [nowhere.mapped, nowhere.unmapped];
        let rows = self.contigs.iter().enumerate().map(|(i, (name, length))| ContigReads {
            name: name.clone(),
            length: *length,
            ..of(i as i32)
        });
        all.contigs = rows.collect();
        all.depth_fits = self.depth_fits;
        qc.samtools = Some(all);
    }
}

/// What `idxstats` and `coverage` tell of a contig.
fn by_contig(records: &FlagSums) -> ContigReads {
    let mut here = ContigReads::default();
    for (flags, sums) in records {
        if flags & flag::UNMAPPED == 0 {
            here.mapped += sums.records;
        } else {
            here.unmapped += sums.records;
        }
        if flags & NOT_COVERING == 0 {
            here.counted += sums.records;
            here.mapq_sum += sums.mapq;
            here.aligned += sums.aligned;
            here.quality_sum += sums.aligned_quality;
        }
    }
    here
}

/// The part of a read's bases that lies before the end of its contig.
#[cold]
fn over_the_end(sums: &mut Sums, length: u32, read: ReadView<'_>) {
    let (mut at, mut base) = (i64::from(read.position()), 0_usize);
    for op in read.cigar().iter() {
        if op.is_aligned() {
            let inside = (i64::from(length) - at).clamp(0, i64::from(op.length)) as usize;
            sums.aligned += inside as u64;
            let qualities = read.qualities().get(base..base + inside).unwrap_or_default();
            sums.aligned_quality +=
                qualities.iter().map(|&quality| u64::from(quality)).sum::<u64>();
        }
        at += if op.consumes_reference() { i64::from(op.length) } else { 0 };
        base += if op.consumes_read() { op.length as usize } else { 0 };
    }
}

/// Takes back those bases of plain records that lie behind the end of their contig.
#[cold]
fn take_over(sums: &mut Sums, length: u32, group: &ReadGroup, block: &ReadBlock<'_>) {
    for (read, facts) in block.with_facts() {
        let own = facts.group > 0
            && (read.flags() % flag::VALUES as u16, read.mapq() >= SURE_MAPQ)
                == (group.flags, group.sure);
        if own && facts.end > length {
            sums.aligned -= u64::from(facts.aligned);
            let qualities = read.qualities().iter();
            sums.aligned_quality -= qualities.map(|&quality| u64::from(quality)).sum::<u64>();
            over_the_end(sums, length, read);
        }
    }
}

/// What `stats` tells of records of these flags.
fn summary(all: &mut SamtoolsQc, flags: u16, sums: &Sums) {
    if flags & flag::SECONDARY != 0 {
        all.secondary += sums.records;
        return;
    }
    let supplementary = flags & flag::SUPPLEMENTARY != 0;
    if supplementary {
        all.supplementary += sums.records;
    }
    if flags & flag::DUPLICATE != 0 {
        all.duplicates += sums.with_bases;
        all.bases_duplicated += sums.bases;
    }
    let (first, last) = fragment(flags);
    all.max_length = all.max_length.max(sums.longest);
    if first {
        all.max_first_length = all.max_first_length.max(sums.longest);
    }
    if last {
        all.max_last_length = all.max_last_length.max(sums.longest);
    }
    if !supplementary {
        original(all, flags, sums);
    }
    if flags & flag::UNMAPPED == 0 {
        all.mismatches += sums.mismatches;
        all.bases_mapped_cigar += sums.cigar_bases;
    }
}

/// Whether a record is a first, or a last fragment.
#[inline]
fn fragment(flags: u16) -> (bool, bool) {
    let (unpaired, which) = (flags & flag::PAIRED == 0, flags & (flag::FIRST | flag::SECOND));
    (unpaired || which == flag::FIRST, !unpaired && which == flag::SECOND)
}

/// The bits that say whether both reads of a pair are aligned.
const PAIR_BITS: u16 = flag::PAIRED | flag::UNMAPPED | flag::MATE_UNMAPPED;

fn is_pair_mapped(flags: u16) -> bool {
    flags & PAIR_BITS == flag::PAIRED
}

/// Records that are neither secondary nor supplementary.
fn original(all: &mut SamtoolsQc, flags: u16, sums: &Sums) {
    let (first, last) = fragment(flags);
    let records = |counts: bool| if counts { sums.with_bases } else { 0 };
    let bases = |counts: bool| if counts { sums.bases } else { 0 };
    all.sequences += sums.with_bases;
    all.total_length += sums.bases;
    all.qc_failed += records(flags & flag::QC_FAIL != 0);
    all.paired += records(flags & flag::PAIRED != 0);
    all.first_fragments += records(first);
    all.first_length += bases(first);
    all.last_fragments += records(last);
    all.last_length += bases(last);
    all.quality_sum += if first || last { sums.quality } else { 0 };
    if flags & flag::UNMAPPED != 0 {
        all.unmapped += sums.with_bases;
        return;
    }
    all.bases_mapped += sums.bases;
    all.mapq0 += sums.mapq0;
    if is_pair_mapped(flags) {
        all.mapped_and_paired += sums.with_bases;
        all.properly_paired += records(flags & flag::PROPER_PAIR != 0);
        all.different_contig_reads += sums.different_contig;
    } else {
        all.mapped_single += sums.with_bases;
    }
}

/// Counts the reads of mapped pairs by insert size and the pair's orientation; all others into the last row, so that
/// nothing has to be guessed.
struct CountInserts<'a> {
    inserts: &'a mut Inserts,
    block: &'a ReadBlock<'a>,
}

impl Task for CountInserts<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        for (_, step) in self.block.steps() {
            let (mut cases, mut sizes) = ([0; STEP], [0; STEP]);
            for (i, &length) in step.lengths.iter().enumerate() {
                let (start, mate, mark) = (step.starts[i], step.mates[i], step.marks[i]);
                let size = length.unsigned_abs().min(MAX_INSERT as u32);
                let ahead = u32::from(mate >= start) + u32::from(mate > start);
                let out = mark & NO_BASES != 0 || (size == 0 && mark & OTHER_CONTIG != 0);
                cases[i] = mark % flag::VALUES as u32 * 4 + if out { 3 } else { ahead };
                sizes[i] = size;
            }
            for (&case, &size) in cases.iter().zip(&sizes) {
                let row = ROWS.as_flattened()[case as usize % (4 * flag::VALUES)];
                if let Some(reads) = self.inserts.get_mut(usize::from(row) + size as usize) {
                    *reads += 1;
                }
            }
        }
    }
}

/// Mean and standard deviation in the order of additions that samtools has, so that the last digit agrees.
fn insert_sizes(reads: &[u64]) -> InsertSizes {
    // Both reads of a pair were counted.
    let of = |kind: usize, size: usize| reads.get(kind * ROW + size).map_or(0, |reads| reads / 2);
    let pairs: Vec<[u64; 3]> =
        (0..ROW).map(|size| std::array::from_fn(|kind| of(kind, size))).collect();
    let of = |kind: usize| pairs.iter().map(|by_kind| by_kind[kind]).sum::<u64>();
    let (inward, outward, other) = (of(0), of(1), of(2));
    let all = (inward + outward + other) as f64;
    let (mut bulk, mut sum, mut end, mut counted) = (0.0, 0.0, 0, all);
    for (size, by_kind) in pairs.iter().enumerate() {
        let here = by_kind.iter().sum::<u64>();
        if here > 0 {
            end = size + 1;
        }
        bulk += here as f64;
        sum += (size as u64 * here) as f64;
        if bulk / all > f64::from(MAIN_BULK) {
            (end, counted) = (size + 1, bulk);
            break;
        }
    }
    let counted = if counted > 0.0 { counted } else { 1.0 };
    let average = sum / counted;
    let mut variance = 0.0;
    for (size, by_kind) in pairs.iter().enumerate().take(end).skip(1) {
        let distance = size as f64 - average;
        variance += by_kind.iter().sum::<u64>() as f64 * distance * distance / counted;
    }
    InsertSizes { average, standard_deviation: variance.sqrt(), inward, outward, other }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_inserts_are_left_out_and_pairs_count_once() {
        let mut reads = vec![0; (NO_ROW + 1) * ROW];
        (reads[300], reads[ROW + 310], reads[2 * ROW + 310]) = (396, 2, 3);
        (reads[MAX_INSERT], reads[NO_ROW * ROW + 310]) = (2, 1000);
        let sizes = insert_sizes(&reads);
        assert_eq!((sizes.inward, sizes.outward, sizes.other), (199, 1, 1));
        assert!((sizes.average - (198.0 * 300.0 + 2.0 * 310.0) / 200.0).abs() < 1e-12);
        assert!((sizes.standard_deviation - 0.994_987_437_106_620).abs() < 1e-12);
        let none = insert_sizes(&Inserts::default());
        assert_eq!((none.average, none.standard_deviation, none.inward), (0.0, 0.0, 0));
    }

    #[test]
    fn order_is_told_across_tasks() {
        let tasks = |tasks: &[&[(i32, i32)]]| {
            let mut whole = Order::default();
            for task in tasks {
                let mut part = Order::default();
                task.iter().for_each(|&here| part.add(here));
                whole.merge(part);
            }
            !whole.broken
        };
        assert!(tasks(&[&[(0, 5), (0, 5)], &[], &[(0, 6)], &[(1, 0)]]));
        assert!(!tasks(&[&[(0, 5), (0, 6)], &[(0, 5)]]));
        assert!(!tasks(&[&[(0, 6), (0, 5)], &[(0, 7)]]));
        assert!(!tasks(&[&[(0, 5)], &[(0, 9)], &[(0, 8)]]));
    }
}
