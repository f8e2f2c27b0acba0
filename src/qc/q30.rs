//! How many bases of quality 30 and more there are: in all, and without duplicates, overlaps and clips.
//!
//! A read gives all of its bases to the first number unless it is secondary, supplementary or failed the platform's checks
//! (`yield_bp_q30`, GA4GH WGS QC standard). To the second it gives those bases that are aligned to the reference (`M`, `=`,
//! `X`; clipped and inserted bases are not), when it is mapped and no duplicate (`GbQ30NoDupsNoClip`, Genomics England
//! metrics model 1.2.2, which leaves the details open).
//!
//! Bases under overlapping mates count once: of a proper pair on one contig, the read that starts first (the first
//! fragment, where both start at one place) leaves out its bases from the start of its mate on, which the mate brings. The
//! mate is taken to reach as far as the read does, so that no names need to be compared; where the mate ends before,
//! bases behind it, which are adapter in a library of inward pairs, are not counted either.

use std::sync::Arc;

use crate::model::contract::Q30Yield;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock, ReadFacts, ReadView, flag};

use super::{Count, Counting, Metric, MetricContext};

/// The metric's name.
pub const ID: &str = "q30";
/// What it is, in one line.
pub const ABOUT: &str =
    "bases of quality 30 and more, in all and without duplicates, overlaps and clips";
/// Least quality that counts, phred: the name of both figures says it.
const LEAST: u8 = 30;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(_: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    Ok(Box::new(Counting(Arc::new(Q30))))
}

/// The metric.
#[derive(Debug)]
pub struct Q30;

impl Count for Q30 {
    type Counts = Q30Yield;

    fn needs(&self) -> Fields {
        Fields::MATE | Fields::SPAN_FACTS | Fields::QUALITY_FACTS
    }

    fn block(&self, counts: &mut Q30Yield, block: &ReadBlock<'_>) {
        for (read, facts) in block.with_facts() {
            count(counts, read, facts);
        }
    }

    fn merge(whole: &mut Q30Yield, part: Q30Yield) {
        whole.all += part.all;
        whole.unique += part.unique;
    }

    fn finish(&self, counts: Q30Yield, qc: &mut SampleQc) {
        qc.q30 = Some(counts);
    }
}

#[inline]
fn count(counts: &mut Q30Yield, read: ReadView<'_>, facts: &ReadFacts) {
    let flags = read.flags();
    if flags & (flag::SECONDARY | flag::SUPPLEMENTARY | flag::QC_FAIL) != 0 {
        return;
    }
    counts.all += u64::from(facts.quality.q30);
    if flags & (flag::UNMAPPED | flag::DUPLICATE) != 0 {
        return;
    }
    counts.unique += match mate_start(read, facts) {
        Some(mate_start) => before(read, mate_start),
        None => u64::from(facts.aligned_quality.q30),
    };
}

/// Where the mate starts, when it overlaps this read and this is the read that leaves the overlap out.
// METHOD: overlaps are counted once in proper pairs, as in depth.
#[inline]
fn mate_start(read: ReadView<'_>, facts: &ReadFacts) -> Option<i64> {
    let flags = read.flags();
    let pair = flag::PAIRED | flag::PROPER_PAIR;
    if flags & (pair | flag::MATE_UNMAPPED) != pair || read.contig() != read.mate_contig() {
        return None;
    }
    let (start, mate) = (read.position(), read.mate_position());
    let first = start < mate || (start == mate && flags & flag::FIRST != 0);
    (first && i64::from(mate) < i64::from(facts.end)).then_some(i64::from(mate))
}

/// Aligned bases of good quality on the reference before a position.
fn before(read: ReadView<'_>, position: i64) -> u64 {
    let qualities = read.qualities();
    if qualities.first() == Some(&u8::MAX) {
        return 0;
    }
    let (mut at, mut base, mut good) = (i64::from(read.position()), 0_usize, 0);
    for op in read.cigar().iter() {
        if at >= position {
            break;
        }
        if op.is_aligned() {
            let part = (position - at).clamp(0, i64::from(op.length)) as usize;
            let part = qualities.get(base..base + part).unwrap_or_default();
            good += part.iter().filter(|&&quality| quality >= LEAST).count() as u64;
        }
        at += if op.consumes_reference() { i64::from(op.length) } else { 0 };
        base += if op.consumes_read() { op.length as usize } else { 0 };
    }
    good
}
