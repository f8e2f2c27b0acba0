//! How reads align, with the definitions of Picard's CollectAlignmentSummaryMetrics (2.27.5, its defaults).
//!
//! Primary reads count, in four categories: unpaired, first and second of pair, and both. High quality is a mapping
//! quality of at least 20. Reproduced as they are:
//!
//! - A pair of which the tag `MQ` is missing belongs to those that could be chimeric whatever its mapping qualities.
//! - A cycle in which 80 % of the reads are N or differ from the reference is bad; the cycle of an aligned base is counted
//!   from the start of its stretch of `M`, not from that of the read.
//!
//! # Differences from Picard
//!
//! | what Picard 2.27.5 does | where | here |
//! |---|---|---|
//! | stops with an error | a category without a read that passed the platform's checks; an aligned read without bases or qualities | counts what there is; shares of nothing are `?` |
//! | leaves out bases beyond the end of the contig | reads that hang over it, which are invalid | they count as aligned and equal |
//!
//! Without a reference no base differs, and the results say so.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::problem::Problem;
use crate::model::qc::alignment::{AlignmentCategory, AlignmentSummary, ReadCategory};
use crate::model::qc::insert_size::PairOrientation;
use crate::model::qc::{DepthHistogram, SampleQc};
use crate::model::read::{
    Fields, OpKind, ReadBlock, ReadFacts, ReadGroup, ReadView, ReferenceSpan, SURE_MAPQ, flag,
};
use crate::model::read_columns::{Step, places_of};

use super::compare::{self, Codes, Stretch};
use super::cycles::Cycles;
use super::vectors::{Task, Vectors, dispatch};
use super::{Count, Counting, Metric, MetricContext, adapter, insert_size, tally};

/// The metric's name.
pub const ID: &str = "alignment";
/// What it is, in one line.
pub const ABOUT: &str = "how reads align, as Picard CollectAlignmentSummaryMetrics";
/// Records with any of these bits do not count.
const NOT_PRIMARY: u16 = flag::SECONDARY | flag::SUPPLEMENTARY;
/// Template length, bp, above which a pair is chimeric: Picard's MAX_INSERT_SIZE.
const MAX_INSERT_BP: u32 = 100_000;
/// Share of reads with an N or a mismatch that makes a cycle bad.
const BAD_CYCLE_SHARE: f64 = 0.8;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    Ok(Box::new(Counting::new(Alignment { reference: context.reference.is_some() })))
}

/// The metric.
#[derive(Debug)]
pub struct Alignment {
    /// Whether there is a reference to compare with.
    reference: bool,
}

/// What is summed up over reads.
#[derive(Clone, Copy)]
enum Sum {
    Reads,
    Passed,
    Noise,
    Adapter,
    HardClipped,
    SoftClipped,
    ThreePrimeBases,
    ThreePrimeReads,
    Aligned,
    Improper,
    Forward,
    InPairs,
    MaybeChimeric,
    Chimeric,
    SureReads,
    AlignedBases,
    SureBases,
    SureQ20Bases,
    Mismatches,
    SureMismatches,
    Indels,
}

/// The number of sums.
const SUMS: usize = Sum::Indels as usize + 1;

/// Counts of one class of reads.
#[derive(Debug, Default)]
pub struct ClassCounts {
    sums: [u64; SUMS],
    lengths: DepthHistogram,
    aligned_lengths: DepthHistogram,
    /// Aligned reads by their mismatches, which are 0 for those that are not surely placed.
    sure_mismatches: DepthHistogram,
    /// Reads with an N or a mismatch, by 1-based cycle.
    odd_cycles: Vec<u64>,
    /// The same of stretches that are counted in vectors.
    cycles: Cycles,
}

/// A read, what was worked out about it, and the reference under it.
#[derive(Clone, Copy)]
struct One<'a> {
    read: ReadView<'a>,
    facts: &'a ReadFacts,
    reference: Option<ReferenceSpan<'a>>,
}

impl ClassCounts {
    #[inline(always)]
    fn add(&mut self, sum: Sum, more: u64) {
        self.sums[sum as usize] += more;
    }

    fn get(&self, sum: Sum) -> u64 {
        self.sums[sum as usize]
    }

    fn merge(&mut self, other: &Self) {
        for (sum, more) in self.sums.iter_mut().zip(other.sums) {
            *sum += more;
        }
        self.lengths.merge(&other.lengths);
        self.aligned_lengths.merge(&other.aligned_lengths);
        self.sure_mismatches.merge(&other.sure_mismatches);
        for (cycle, &reads) in other.odd_cycles.iter().enumerate() {
            self.odd(cycle, reads);
        }
        other.cycles.each(|cycle, reads| self.odd(cycle, reads));
    }

    /// Makes the cycles those of another length, perhaps: the first read of a task may be as long as hardly any other.
    fn end_task(&mut self) {
        std::mem::take(&mut self.cycles).each(|cycle, reads| self.odd(cycle, reads));
    }

    #[inline]
    fn odd(&mut self, cycle: usize, reads: u64) {
        if cycle >= self.odd_cycles.len() {
            self.odd_cycles.resize(cycle + 1, 0);
        }
        self.odd_cycles[cycle] += reads;
    }

    fn bad_cycles(&self) -> u64 {
        let reads = self.get(Sum::Reads) as f64;
        let bad = self.odd_cycles.iter().filter(|&&odd| odd as f64 / reads >= BAD_CYCLE_SHARE);
        bad.count() as u64
    }

    #[inline(always)]
    fn read<V: Vectors>(&mut self, vectors: V, one: One<'_>) {
        let One { read, facts, .. } = one;
        let flags = read.flags();
        self.add(Sum::Reads, 1);
        if flags & flag::QC_FAIL != 0 {
            self.no_calls(read, facts);
            return;
        }
        self.add(Sum::Passed, 1);
        self.add(Sum::Noise, u64::from(facts.noise));
        self.lengths.add(read.base_count() as u32, 1);
        if (read.mapq() == 0 || flags & flag::UNMAPPED != 0) && adapter::is_adapter(read) {
            self.add(Sum::Adapter, 1);
        }
        if flags & flag::UNMAPPED != 0 {
            self.unmapped(read, facts);
            return;
        }
        self.aligned_lengths.add(facts.aligned + facts.inserted, 1);
        self.add(Sum::HardClipped, u64::from(facts.hard_clipped));
        self.add(Sum::SoftClipped, u64::from(facts.soft_clipped));
        if facts.soft_clipped > 0 {
            let bases = three_prime_clip(read);
            self.add(Sum::ThreePrimeBases, bases);
            self.add(Sum::ThreePrimeReads, u64::from(bases > 0));
        }
        self.direction(flags, 1);
        let (maybe, apart) = if is_aligned_pair(flags) {
            let (maybe, chimeric) = chimeric(read, facts);
            (maybe, chimeric | (read.contig() != read.mate_contig()))
        } else {
            (read.mapq() >= SURE_MAPQ, false)
        };
        self.add(Sum::MaybeChimeric, u64::from(maybe));
        self.add(Sum::Chimeric, u64::from(maybe && (apart || facts.has_supplementary)));
        self.bases(vectors, one);
    }

    /// Plain reads of this many bases each, but for what [`ClassCounts::plain`] looks at. `chimeras` are
    /// those that are chimeric.
    fn group(&mut self, group: &ReadGroup, bases: u32, chimeras: u64) {
        let (flags, reads) = (group.flags, group.reads);
        self.add(Sum::Reads, reads);
        if flags & flag::QC_FAIL != 0 {
            return;
        }
        self.add(Sum::Passed, reads);
        self.lengths.add(bases, reads);
        self.aligned_lengths.add(bases, reads);
        self.direction(flags, reads);
        let aligned = reads * u64::from(bases);
        self.add(Sum::AlignedBases, aligned);
        self.add(Sum::Mismatches, group.mismatches);
        if group.sure {
            self.add(Sum::SureReads, reads);
            self.add(Sum::SureBases, aligned);
            self.add(Sum::SureQ20Bases, group.quality.q20());
            self.add(Sum::SureMismatches, group.mismatches);
        }
        if is_aligned_pair(flags) {
            self.add(Sum::MaybeChimeric, group.sure_pairs);
            self.add(Sum::Chimeric, chimeras);
        } else if group.sure {
            self.add(Sum::MaybeChimeric, reads);
        }
    }

    /// What a plain read has of its own, beside what its group sums up.
    #[inline(always)]
    fn plain<V: Vectors>(&mut self, vectors: V, one: One<'_>) {
        let One { read, facts, .. } = one;
        if read.mapq() == 0 && adapter::is_adapter(read) {
            self.add(Sum::Adapter, 1);
        }
        let sure = read.mapq() >= SURE_MAPQ;
        self.sure_mismatches.add(if sure { facts.mismatches } else { 0 }, 1);
        if facts.mismatches > 0 && !self.like_most(vectors, one, Stretch::whole(read), false) {
            compare::stretches(read, one.reference, |stretch| self.single_bases(one, stretch));
        }
    }

    /// A read that passed and is not aligned; some aligners leave it a CIGAR.
    #[inline(never)]
    fn unmapped(&mut self, read: ReadView<'_>, facts: &ReadFacts) {
        let mut aligned = 0;
        for op in read.cigar().iter() {
            if op.kind == OpKind::HardClip {
                self.add(Sum::HardClipped, u64::from(op.length));
            } else if op.is_aligned() || op.kind == OpKind::Insertion {
                aligned += op.length;
            }
        }
        self.aligned_lengths.add(aligned, 1);
        self.no_calls(read, facts);
    }

    /// The N of a read that is not compared with the reference.
    fn no_calls(&mut self, read: ReadView<'_>, facts: &ReadFacts) {
        if !facts.no_calls {
            return;
        }
        let (bases, reverse) = (read.base_count(), read.flags() & flag::REVERSE != 0);
        compare::no_call_places(read.packed_sequence(), bases, |at| {
            self.odd(if reverse { bases - at } else { at + 1 }, 1);
        });
    }

    /// Aligned reads, by their direction and as parts of pairs.
    #[inline(always)]
    fn direction(&mut self, flags: u16, reads: u64) {
        let of = |holds: bool| if holds { reads } else { 0 };
        let improper = flags & (flag::PAIRED | flag::PROPER_PAIR) == flag::PAIRED;
        self.add(Sum::Aligned, reads);
        self.add(Sum::Improper, of(improper));
        self.add(Sum::Forward, of(flags & flag::REVERSE == 0));
        self.add(Sum::InPairs, of(is_aligned_pair(flags)));
    }

    /// The bases of an aligned read.
    #[inline(always)]
    fn bases<V: Vectors>(&mut self, vectors: V, one: One<'_>) {
        let One { read, facts, reference } = one;
        let aligned = if read.base_count() > 0 { u64::from(facts.aligned) } else { 0 };
        let mismatches = u64::from(facts.mismatches);
        self.add(Sum::AlignedBases, aligned);
        self.add(Sum::Mismatches, mismatches);
        let sure = read.mapq() >= SURE_MAPQ;
        self.sure_mismatches.add(if sure { facts.mismatches } else { 0 }, 1);
        if sure {
            self.add(Sum::SureReads, 1);
            self.add(Sum::SureBases, aligned);
            self.add(Sum::SureQ20Bases, u64::from(facts.aligned_quality.q20));
            self.add(Sum::SureMismatches, mismatches);
        }
        if facts.mismatches > 0 || facts.no_calls {
            compare::stretches(
                read,
                reference,
                #[inline(always)]
                |stretch| {
                    if !self.like_most(vectors, one, stretch, true) {
                        self.single_bases(one, stretch);
                    }
                },
            );
        }
        if facts.inserted + facts.deleted > 0 {
            let ops = read.cigar().iter();
            let indels = ops.filter(|op| matches!(op.kind, OpKind::Insertion | OpKind::Deletion));
            self.add(Sum::Indels, indels.count() as u64);
        }
    }

    /// Counts the cycles of a stretch in, of a read that is as long as the others; false for that of another one. N are seen
    /// only where they are looked for.
    #[inline(always)]
    fn like_most<V: Vectors>(
        &mut self,
        vectors: V,
        One { read, reference, .. }: One<'_>,
        stretch: Stretch,
        no_calls: bool,
    ) -> bool {
        let codes = reference.and_then(|reference| stretch.codes(read, reference));
        let Some(codes) = codes else { return false };
        let reverse = read.flags() & flag::REVERSE != 0;
        self.cycles.add(vectors, (reverse, read.base_count()), &Codes { no_calls, ..codes })
    }

    /// Counts the cycles of a stretch in, one base after the other.
    #[inline(never)]
    fn single_bases(&mut self, One { read, facts, reference }: One<'_>, stretch: Stretch) {
        let (bases, reverse) = (read.base_count(), read.flags() & flag::REVERSE != 0);
        stretch.oddities(read, reference, facts.no_calls, |offset| {
            let offset = offset as usize;
            self.odd(if reverse { bases - offset } else { offset + 1 }, 1);
        });
    }
}

/// Whether a read of a pair that is aligned with its mate could be chimeric, and whether it is by the way that both lie.
/// All is worked out, so that nothing has to be guessed.
#[inline(always)]
fn chimeric(read: ReadView<'_>, facts: &ReadFacts) -> (bool, bool) {
    let sure_both = (read.mapq() >= SURE_MAPQ) & (facts.mate_mapq.unwrap_or(0) >= SURE_MAPQ);
    let apart = (read.template_length().unsigned_abs() > MAX_INSERT_BP)
        | (insert_size::orientation(read, facts) != PairOrientation::Fr);
    let maybe = facts.mate_mapq.is_none() | sure_both;
    (maybe, maybe & apart)
}

/// Soft-clipped bases at the end of the read as it was sequenced.
fn three_prime_clip(read: ReadView<'_>) -> u64 {
    let (mut before, mut after, mut begun) = (0, 0, false);
    let mut pending = 0;
    for op in read.cigar().iter() {
        match op.kind {
            OpKind::SoftClip => {
                pending += u64::from(op.length);
                after += if begun { u64::from(op.length) } else { 0 };
            }
            OpKind::HardClip => {}
            _ => (begun, before) = (true, pending),
        }
    }
    if read.flags() & flag::REVERSE != 0 { before } else { after }
}

/// Whether an aligned read has a mate that is aligned too.
#[inline(always)]
fn is_aligned_pair(flags: u16) -> bool {
    flags & (flag::PAIRED | flag::MATE_UNMAPPED) == flag::PAIRED
}

/// The place of a read's class: unpaired, first or second.
#[inline(always)]
fn class(flags: u16) -> usize {
    // First and second reads come in no order: nothing has to be guessed.
    let of_pair = 2 - usize::from(flags & flag::FIRST != 0);
    if flags & flag::PAIRED != 0 { of_pair } else { 0 }
}

/// The work on a block.
struct Work<'a> {
    counts: &'a mut [ClassCounts; 3],
    block: &'a ReadBlock<'a>,
}

impl Task for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { counts, block } = self;
        let reference = block.reference();
        let chimeras = chimeras(block);
        // Plain reads that are not looked at: they are equal to the reference.
        let mut equal = [0; 3];
        for (group, &chimeras) in block.groups().iter().zip(chimeras.iter().skip(1)) {
            if group.flags & NOT_PRIMARY == 0 {
                let class = class(group.flags);
                counts[class].group(group, block.plain_bases(), chimeras);
                equal[class] += if group.flags & flag::QC_FAIL == 0 { group.reads } else { 0 };
            }
        }
        let get = |i: usize| Some(One { read: block.get(i)?, facts: block.facts(i)?, reference });
        for one in block.looked_at().filter_map(get) {
            if one.read.flags() & (NOT_PRIMARY | flag::QC_FAIL) == 0 {
                let class = class(one.read.flags());
                counts[class].plain(vectors, one);
                equal[class] -= 1;
            }
        }
        for (read, facts) in block.others() {
            if read.flags() & NOT_PRIMARY == 0 {
                counts[class(read.flags())].read(vectors, One { read, facts, reference });
            }
        }
        for (counts, equal) in counts.iter_mut().zip(equal) {
            counts.sure_mismatches.add(0, equal);
        }
    }
}

/// How many plain reads are chimeric, by the number of their group.
#[inline(always)]
fn chimeras(block: &ReadBlock<'_>) -> Vec<u64> {
    let mut chimeras = vec![0; block.groups().len() + 1];
    for (number, step) in block.steps() {
        for place in places_of(number, odd_pairs(step)) {
            let (Some(read), Some(facts)) = (block.get(place), block.facts(place)) else { break };
            let (_, chimeric) = chimeric(read, facts);
            if let Some(reads) = chimeras.get_mut(usize::from(facts.group)) {
                *reads += u64::from(chimeric);
            }
        }
    }
    chimeras
}

/// A bit for each read of an aligned pair that does not lie towards its mate as most do, the first one lowest: those that
/// [`chimeric`] may tell.
#[inline(always)]
fn odd_pairs(step: Step<'_>) -> u32 {
    let is = |mark: u32, bits: u16| mark & u32::from(bits) != 0;
    step.bits(
        #[inline(always)]
        |i| {
            let (length, mark) = (step.lengths[i], step.marks[i]);
            let pair = is(mark, flag::PAIRED) && !is(mark, flag::MATE_UNMAPPED);
            let before_end = step.mates[i] < step.lasts[i];
            let facing = insert_size::of_flags(mark as u16, before_end, length > 0);
            pair && !(facing == PairOrientation::Fr && length.unsigned_abs() <= MAX_INSERT_BP)
        },
    )
}

impl Count for Alignment {
    /// Reads that are unpaired, first and second.
    type Counts = [ClassCounts; 3];

    fn needs(&self) -> Fields {
        Fields::SPAN_FACTS
            | Fields::QUALITY_FACTS
            | Fields::TAG_FACTS
            | Fields::MISMATCH_FACTS
            | Fields::MATE
            | Fields::TEMPLATE_LENGTH
    }

    fn block(&self, counts: &mut Self::Counts, block: &ReadBlock<'_>) {
        dispatch(Work { counts, block });
    }

    fn end_task(counts: &mut Self::Counts) -> Option<Self::Counts> {
        counts.iter_mut().for_each(ClassCounts::end_task);
        None
    }

    fn merge(whole: &mut Self::Counts, part: Self::Counts) {
        for (sum, more) in whole.iter_mut().zip(&part) {
            sum.merge(more);
        }
    }

    fn finish(&self, [unpaired, first, second]: Self::Counts, qc: &mut SampleQc) {
        let mut pair = ClassCounts::default();
        pair.merge(&first);
        pair.merge(&second);
        let mut categories = Vec::new();
        if first.get(Sum::Reads) > 0 {
            let of_pair = first.bad_cycles() + second.bad_cycles();
            categories.push(summarise(ReadCategory::FirstOfPair, &first, first.bad_cycles()));
            categories.push(summarise(ReadCategory::SecondOfPair, &second, second.bad_cycles()));
            categories.push(summarise(ReadCategory::Pair, &pair, of_pair));
        }
        if unpaired.get(Sum::Reads) > 0 || categories.is_empty() {
            categories.push(summarise(ReadCategory::Unpaired, &unpaired, unpaired.bad_cycles()));
        }
        if !self.reference {
            qc.notes.push(format!("{ID}: no base was compared, for there is no reference (-f)"));
        }
        let bins = |histogram: &DepthHistogram| histogram.iter().collect();
        qc.alignment = Some(AlignmentSummary {
            compared: self.reference,
            categories,
            paired_lengths: [bins(&pair.lengths), bins(&pair.aligned_lengths)],
            unpaired_lengths: [bins(&unpaired.lengths), bins(&unpaired.aligned_lengths)],
        });
    }
}

/// A share, or 0 of nothing.
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn summarise(category: ReadCategory, counts: &ClassCounts, bad_cycles: u64) -> AlignmentCategory {
    let get = |sum| counts.get(sum);
    let (reads, passed, aligned) = (get(Sum::Reads), get(Sum::Passed), get(Sum::Aligned));
    if reads == 0 {
        return AlignmentCategory::empty(category);
    }
    let lengths: Vec<(u32, u64)> = counts.lengths.iter().collect();
    let aligned_lengths: Vec<(u32, u64)> = counts.aligned_lengths.iter().collect();
    let mismatches: Vec<(u32, u64)> = counts.sure_mismatches.iter().collect();
    let bases = tally::sum(&lengths);
    AlignmentCategory {
        category,
        total_reads: reads,
        pf_reads: passed,
        pct_pf_reads: passed as f64 / reads as f64,
        pf_noise_reads: get(Sum::Noise),
        pf_reads_aligned: aligned,
        pct_pf_reads_aligned: share(aligned, passed),
        pf_aligned_bases: get(Sum::AlignedBases),
        pf_hq_aligned_reads: get(Sum::SureReads),
        pf_hq_aligned_bases: get(Sum::SureBases),
        pf_hq_aligned_q20_bases: get(Sum::SureQ20Bases),
        pf_hq_median_mismatches: tally::median(&mismatches),
        pf_mismatch_rate: share(get(Sum::Mismatches), get(Sum::AlignedBases)),
        pf_hq_error_rate: share(get(Sum::SureMismatches), get(Sum::SureBases)),
        pf_indel_rate: share(get(Sum::Indels), get(Sum::AlignedBases)),
        mean_read_length: tally::mean(&lengths),
        sd_read_length: tally::standard_deviation(&lengths),
        median_read_length: tally::median(&lengths),
        mad_read_length: tally::median_absolute_deviation(&lengths),
        min_read_length: lengths.first().map_or(0, |bin| bin.0),
        max_read_length: lengths.last().map_or(0, |bin| bin.0),
        mean_aligned_read_length: tally::mean(&aligned_lengths),
        reads_aligned_in_pairs: get(Sum::InPairs),
        pct_reads_aligned_in_pairs: share(get(Sum::InPairs), aligned),
        pf_reads_improper_pairs: get(Sum::Improper),
        pct_pf_reads_improper_pairs: share(get(Sum::Improper), aligned),
        bad_cycles,
        strand_balance: share(get(Sum::Forward), aligned),
        pct_chimeras: share(get(Sum::Chimeric), get(Sum::MaybeChimeric)),
        pct_adapter: get(Sum::Adapter) as f64 / passed as f64,
        pct_softclip: share(get(Sum::SoftClipped), bases),
        pct_hardclip: share(get(Sum::HardClipped), bases),
        avg_pos_3prime_softclip_length: share(get(Sum::ThreePrimeBases), get(Sum::ThreePrimeReads)),
    }
}
