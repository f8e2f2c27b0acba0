//! Coverage of the known genome by bases that pass every filter, with the semantics of Picard's CollectWgsMetrics and its
//! default options.
//!
//! A read counts when it is mapped, not secondary, not failed, of mapping quality 20 or more, no duplicate, and paired with
//! a mapped mate; supplementary alignments count. Reads of mapping quality 0 that begin with an Illumina adapter are told
//! apart from other reads of low quality. A base counts when its quality is 20 or more, it is not N, it lies on a base
//! of the reference that is not N, and no earlier record of the same name has such a base there. Depth is cut at 250.
//!
//! # Differences from Picard
//!
//! Every value and every row of the histogram equals that of Picard 2.27.5, but for these:
//!
//! | what Picard does | here | size |
//! |---|---|---|
//! | ignores reads that start where 100,000 reads lie already | they count as excluded by the cap | only where depth passes 100,000 |
//! | compares the names of all records over a position | records of one name find each other by their mate fields and `SA`: one that is announced by neither (a supplementary alignment without `SA`, `SA` on a read without clips, mate fields that are wrong) is not known as overlap | bases of such pairs |
//! | treats all bases of a read alike | bases more than 4,096 bp behind their read's start take no part in overlaps and in the quality distribution of the HET SNP values | reads with longer deletions or skips |
//! | stops at a contig that the reference lacks, and at reads without qualities | such contigs are not assessed, which the notes say; bases without a quality are excluded by base quality | those contigs and reads |

use std::sync::Arc;

use crate::model::problem::Problem;
use crate::model::read::Fields;

use super::spare::Spare;
use super::{Collector, Joiner, Metric, MetricContext, Shard};
use edge::Edge;
use levels::Levels;
use segments::Room;
use shard::TaskShard;

mod bases;
mod batch;
mod edge;
pub mod excluded;
mod filter;
pub(super) mod finish;
mod firsts;
mod ground;
mod het_snp;
mod join;
mod kept;
mod levels;
mod log;
mod reach;
mod recent;
mod segments;
mod shard;
pub(super) mod stretch;
mod summary;

/// The metric's name.
pub const ID: &str = "wgs";
/// What it is, in one line.
pub const ABOUT: &str = "coverage of the known genome, as Picard CollectWgsMetrics";

/// Least mapping quality, phred: Picard's MINIMUM_MAPPING_QUALITY.
const MIN_MAPQ: u8 = 20;
/// Least base quality, phred: Picard's MINIMUM_BASE_QUALITY.
const MIN_BASE_QUALITY: u8 = 20;
/// Bases of this quality or less are not in the unfiltered depth either: Picard takes 2 for "no base".
const UNFILTERED_ABOVE: i8 = 2;
/// Depth above this counts as this: Picard's COVERAGE_CAP.
const COVERAGE_CAP: u8 = 250;
/// Bases this far behind their read's start, bp, only add depth.
const NEAR_BP: u32 = 4096;

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    let has = |i| context.reference.is_some_and(|reference| reference.has(i));
    Ok(Box::new(Wgs {
        contigs: Arc::clone(context.contigs),
        assessed: (0..context.contigs.len()).map(has).collect(),
        pool: Arc::default(),
    }))
}

/// The metric.
#[derive(Debug)]
struct Wgs {
    contigs: Arc<[(String, u32)]>,
    assessed: Arc<[bool]>,
    pool: Arc<Pool>,
}

/// What goes from task to task.
#[derive(Debug, Default)]
struct Pool {
    /// Base qualities of some tasks each.
    levels: Spare<Levels>,
    /// Memory of finished tasks.
    rooms: Spare<Room>,
    /// Of logs of their first reads.
    heads: Spare<Edge>,
}

impl Wgs {
    fn shared(&self) -> finish::Shared {
        finish::Shared {
            contigs: Arc::clone(&self.contigs),
            assessed: Arc::clone(&self.assessed),
            pool: Arc::clone(&self.pool),
        }
    }
}

impl Metric for Wgs {
    fn needs(&self) -> Fields {
        [
            Fields::MATE,
            Fields::NAME,
            Fields::SEQUENCE,
            Fields::QUALITY,
            Fields::SPAN_FACTS,
            Fields::NO_CALL_FACTS,
            Fields::TAG_FACTS,
            Fields::REFERENCE,
        ]
        .into_iter()
        .fold(Fields::CORE, |all, more| all | more)
    }

    fn shard(&self) -> Box<dyn Shard> {
        Box::new(TaskShard::new(Arc::clone(&self.assessed), Arc::clone(&self.pool)))
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        Box::new(join::WgsJoiner::new(self.shared()))
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        Ok(Box::new(finish::WgsCollector::new(self.shared())))
    }
}
