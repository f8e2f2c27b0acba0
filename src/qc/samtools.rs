//! The summary numbers of `samtools stats`, and the tables of `samtools idxstats` and `samtools coverage`, with the
//! definitions of samtools 1.16.
//!
//! `covbases` of the coverage table is not counted here: the depth metric of the same pass knows it. That is exact when it
//! ran with its own default filters (flags 1796, any mapping quality, no read groups, CIGARs looked at, no faults
//! reproduced): mates are then counted once where they overlap, which leaves no covered base uncovered. samtools stops
//! counting at a depth of 1,000,000, this does not.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, flag};
use crate::model::samtools::{ContigReads, InsertSizes, SamtoolsQc};

use super::depth::{Compat, DepthSettings, Mode};
use super::{Count, Counting, Metric, MetricContext};

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
    Ok(Box::new(Counting(Arc::new(Samtools { contigs: Arc::clone(context.contigs), depth_fits }))))
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

/// A task's counts.
#[derive(Debug, Default)]
pub struct Counts {
    sums: SamtoolsQc,
    /// Reads by insert size: inward, outward, other.
    inserts: Vec<[u64; 3]>,
    contigs: BTreeMap<i32, ContigReads>,
    order: Order,
}

/// Whether records come in order.
#[derive(Clone, Copy, Debug, Default)]
struct Order {
    /// Contig and position of the first and the last record.
    ends: Option<[(i32, i32); 2]>,
    broken: bool,
}

impl Order {
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
        let Counts { sums, inserts, contigs, order } = counts;
        let here = contigs.entry(contig).or_default();
        for (read, facts) in block.with_facts() {
            by_contig(here, length, read, facts);
            summary(sums, inserts, order, read, facts);
        }
    }

    fn merge(whole: &mut Counts, part: Counts) {
        add_sums(&mut whole.sums, &part.sums);
        if whole.inserts.is_empty() {
            whole.inserts = part.inserts;
        } else {
            for (sum, more) in whole.inserts.iter_mut().zip(part.inserts) {
                (0..3).for_each(|i| sum[i] += more[i]);
            }
        }
        for (contig, more) in part.contigs {
            let sum = whole.contigs.entry(contig).or_default();
            sum.mapped += more.mapped;
            sum.unmapped += more.unmapped;
            sum.counted += more.counted;
            sum.mapq_sum += more.mapq_sum;
            sum.aligned += more.aligned;
            sum.quality_sum += more.quality_sum;
        }
        whole.order.merge(part.order);
    }

    fn finish(&self, counts: Counts, qc: &mut SampleQc) {
        let Counts { mut sums, inserts, mut contigs, order } = counts;
        sums.sorted = !order.broken;
        sums.inserts = insert_sizes(&inserts);
        let nowhere = contigs.remove(&-1).unwrap_or_default();
        sums.no_contig = [nowhere.mapped, nowhere.unmapped];
        let rows = self.contigs.iter().enumerate().map(|(i, (name, length))| {
            let counted = contigs.remove(&(i as i32)).unwrap_or_default();
            ContigReads { name: name.clone(), length: *length, ..counted }
        });
        sums.contigs = rows.collect();
        sums.depth_fits = self.depth_fits;
        qc.samtools = Some(sums);
    }
}

/// What `idxstats` and `coverage` ask of a record on a contig of this length.
#[inline]
fn by_contig(here: &mut ContigReads, length: Option<u32>, read: ReadView<'_>, facts: &ReadFacts) {
    let flags = read.flags();
    if flags & flag::UNMAPPED == 0 {
        here.mapped += 1;
    } else {
        here.unmapped += 1;
    }
    if flags & NOT_COVERING != 0 {
        return;
    }
    here.counted += 1;
    here.mapq_sum += u64::from(read.mapq());
    if length.is_some_and(|length| facts.end > length) {
        return over_the_end(here, length.unwrap_or(0), read);
    }
    here.aligned += u64::from(facts.aligned);
    here.quality_sum += if read.qualities().first() == Some(&u8::MAX) {
        NO_QUALITY * u64::from(facts.aligned)
    } else {
        u64::from(facts.aligned_quality.sum)
    };
}

/// The part of a read's bases that lies before the end of its contig.
#[cold]
fn over_the_end(here: &mut ContigReads, length: u32, read: ReadView<'_>) {
    let (mut at, mut base) = (i64::from(read.position()), 0_usize);
    for op in read.cigar().iter() {
        if op.is_aligned() {
            let inside = (i64::from(length) - at).clamp(0, i64::from(op.length)) as usize;
            here.aligned += inside as u64;
            let qualities = read.qualities().get(base..base + inside).unwrap_or_default();
            here.quality_sum += qualities.iter().map(|&quality| u64::from(quality)).sum::<u64>();
        }
        at += if op.consumes_reference() { i64::from(op.length) } else { 0 };
        base += if op.consumes_read() { op.length as usize } else { 0 };
    }
}

/// What `stats` asks of a record.
#[inline]
fn summary(
    sums: &mut SamtoolsQc,
    inserts: &mut Vec<[u64; 3]>,
    order: &mut Order,
    read: ReadView<'_>,
    facts: &ReadFacts,
) {
    let flags = read.flags();
    if flags & flag::SECONDARY != 0 {
        sums.secondary += 1;
        return;
    }
    let supplementary = flags & flag::SUPPLEMENTARY != 0;
    sums.supplementary += u64::from(supplementary);
    let bases = read.base_count() as u64;
    if bases == 0 {
        return;
    }
    if flags & flag::DUPLICATE != 0 {
        sums.duplicates += 1;
        sums.bases_duplicated += bases;
    }
    let (first, last) = fragment(flags);
    let length = bases as u32 + facts.hard_clipped;
    sums.max_length = sums.max_length.max(length);
    // First and last fragments come in no order: what is not there adds nothing, so that nothing has to be guessed.
    sums.max_first_length = sums.max_first_length.max(if first { length } else { 0 });
    sums.max_last_length = sums.max_last_length.max(if last { length } else { 0 });
    if !supplementary {
        original(sums, (first, last), read, facts);
    }
    if flags & flag::UNMAPPED != 0 {
        return;
    }
    if !supplementary && is_pair_mapped(flags) {
        insert(inserts, read);
    }
    sums.mismatches += u64::from(facts.edit_distance.unwrap_or(0));
    sums.bases_mapped_cigar += u64::from(facts.aligned) + u64::from(facts.inserted);
    order.add((read.contig(), read.position()));
}

/// Whether a record is a first, or a last fragment.
#[inline]
fn fragment(flags: u16) -> (bool, bool) {
    let (unpaired, which) = (flags & flag::PAIRED == 0, flags & (flag::FIRST | flag::SECOND));
    (unpaired || which == flag::FIRST, !unpaired && which == flag::SECOND)
}

#[inline]
fn is_pair_mapped(flags: u16) -> bool {
    flags & (flag::PAIRED | flag::UNMAPPED | flag::MATE_UNMAPPED) == flag::PAIRED
}

/// A record that is neither secondary nor supplementary and has bases.
#[inline]
fn original(
    sums: &mut SamtoolsQc,
    (first, last): (bool, bool),
    read: ReadView<'_>,
    facts: &ReadFacts,
) {
    let (flags, bases) = (read.flags(), read.base_count() as u64);
    sums.sequences += 1;
    sums.total_length += bases;
    sums.qc_failed += u64::from(flags & flag::QC_FAIL != 0);
    sums.paired += u64::from(flags & flag::PAIRED != 0);
    sums.first_fragments += u64::from(first);
    sums.first_length += if first { bases } else { 0 };
    sums.last_fragments += u64::from(last);
    sums.last_length += if last { bases } else { 0 };
    if first || last {
        let unknown = read.qualities().first() == Some(&u8::MAX);
        let sum = if unknown { NO_QUALITY * bases } else { u64::from(facts.quality.sum) };
        sums.quality_sum += sum;
    }
    if flags & flag::UNMAPPED != 0 {
        sums.unmapped += 1;
        return;
    }
    sums.bases_mapped += bases;
    sums.mapq0 += u64::from(read.mapq() == 0);
    if is_pair_mapped(flags) {
        sums.mapped_and_paired += 1;
        sums.properly_paired += u64::from(flags & flag::PROPER_PAIR != 0);
        sums.different_contig_reads += u64::from(read.contig() != read.mate_contig());
    } else {
        sums.mapped_single += 1;
    }
}

/// Counts a read of a mapped pair by its insert size and the pair's orientation.
#[inline]
fn insert(inserts: &mut Vec<[u64; 3]>, read: ReadView<'_>) {
    let size = (read.template_length().unsigned_abs() as usize).min(MAX_INSERT);
    if size == 0 && read.contig() != read.mate_contig() {
        return;
    }
    if inserts.is_empty() {
        inserts.resize(MAX_INSERT + 1, [0; 3]);
    }
    let flags = read.flags();
    let (reverse, mate_reverse) = (flags & flag::REVERSE != 0, flags & flag::MATE_REVERSE != 0);
    let is_first = flags & flag::FIRST != 0;
    let ahead = i64::from(read.mate_position()) - i64::from(read.position());
    let before_mate = if is_first { ahead >= 0 } else { ahead <= 0 };
    // A first read that lies before its mate faces it when it is forward; a second read the other way round.
    let outward = usize::from(before_mate != (is_first != reverse));
    let kind = if reverse == mate_reverse { 2 } else { outward };
    inserts[size][kind] += 1;
}

fn add_sums(whole: &mut SamtoolsQc, part: &SamtoolsQc) {
    macro_rules! sum {
        ($($field:ident)*) => { $(whole.$field += part.$field;)* };
    }
    sum!(sequences first_fragments last_fragments mapped_and_paired mapped_single unmapped
        properly_paired paired duplicates mapq0 qc_failed secondary supplementary total_length
        first_length last_length bases_mapped bases_mapped_cigar bases_duplicated mismatches
        quality_sum different_contig_reads);
    whole.max_length = whole.max_length.max(part.max_length);
    whole.max_first_length = whole.max_first_length.max(part.max_first_length);
    whole.max_last_length = whole.max_last_length.max(part.max_last_length);
}

/// Mean and standard deviation in the order of additions that samtools has, so that the last digit agrees.
fn insert_sizes(reads: &[[u64; 3]]) -> InsertSizes {
    // Both reads of a pair were counted.
    let pairs: Vec<[u64; 3]> = reads.iter().map(|by_kind| by_kind.map(|n| n / 2)).collect();
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
        let mut reads = vec![[0; 3]; MAX_INSERT + 1];
        reads[300] = [396, 0, 0];
        reads[310] = [0, 2, 3];
        reads[MAX_INSERT] = [2, 0, 0];
        let sizes = insert_sizes(&reads);
        assert_eq!((sizes.inward, sizes.outward, sizes.other), (199, 1, 1));
        assert!((sizes.average - (198.0 * 300.0 + 2.0 * 310.0) / 200.0).abs() < 1e-12);
        assert!((sizes.standard_deviation - 0.994_987_437_106_620).abs() < 1e-12);
        let none = insert_sizes(&[]);
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
