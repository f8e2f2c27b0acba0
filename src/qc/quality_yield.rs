//! Reads, bases and qualities, with the definitions of Picard's CollectQualityYieldMetrics (2.27.5, its defaults).
//!
//! Primary reads count, aligned or not; supplementary and secondary alignments do not. Where a read has the tag `OQ`, the
//! qualities are those from before recalibration.

use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::qc::quality_yield::{QualityYield, YieldCounts};
use crate::model::read::{Fields, ReadBlock, flag};

use super::{Count, Counting, Metric, MetricContext};

/// The metric's name.
pub const ID: &str = "yield";
/// What it is, in one line.
pub const ABOUT: &str = "bases by quality, as Picard CollectQualityYieldMetrics";

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(_: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    Ok(Box::new(Counting::new(Yield)))
}

/// The metric.
#[derive(Debug)]
pub struct Yield;

impl Count for Yield {
    /// Reads that passed the platform's checks, and those that failed.
    type Counts = [YieldCounts; 2];

    fn needs(&self) -> Fields {
        Fields::QUALITY_FACTS | Fields::TAG_FACTS
    }

    fn block(&self, counts: &mut Self::Counts, block: &ReadBlock<'_>) {
        for group in block.groups() {
            if group.flags & (flag::SECONDARY | flag::SUPPLEMENTARY) != 0 {
                continue;
            }
            let counts = &mut counts[usize::from(group.flags & flag::QC_FAIL != 0)];
            counts.reads += group.reads;
            counts.bases += group.reads * u64::from(block.plain_bases());
            counts.q20_bases += group.quality.q20();
            counts.q30_bases += group.quality.q30();
            counts.quality_sum += group.quality.sum();
        }
        for (read, facts) in block.others() {
            let flags = read.flags();
            if flags & (flag::SECONDARY | flag::SUPPLEMENTARY) != 0 {
                continue;
            }
            let counts = &mut counts[usize::from(flags & flag::QC_FAIL != 0)];
            let quality = facts.original_quality.unwrap_or(facts.quality);
            counts.reads += 1;
            counts.bases += read.base_count() as u64;
            counts.q20_bases += u64::from(quality.q20);
            counts.q30_bases += u64::from(quality.q30);
            counts.quality_sum += u64::from(quality.sum);
        }
    }

    fn merge(whole: &mut Self::Counts, part: Self::Counts) {
        for (sum, more) in whole.iter_mut().zip(&part) {
            *sum = add(sum, more);
        }
    }

    fn finish(&self, [passed, failed]: Self::Counts, qc: &mut SampleQc) {
        qc.quality_yield = Some(QualityYield { all: add(&passed, &failed), passed });
    }
}

fn add(a: &YieldCounts, b: &YieldCounts) -> YieldCounts {
    YieldCounts {
        reads: a.reads + b.reads,
        bases: a.bases + b.bases,
        q20_bases: a.q20_bases + b.q20_bases,
        q30_bases: a.q30_bases + b.q30_bases,
        quality_sum: a.quality_sum + b.quality_sum,
    }
}
