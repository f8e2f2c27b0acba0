//! Quality control of alignments: the metrics, and what one has to be so that it can run in the single pass.
//!
//! A metric is one file and one line in [`METRICS`]. The pass cuts the file into tasks; for each task every metric opens a
//! [`Shard`], which sees the task's records block by block. Finished shards meet in file order in the metric's [`Joiner`],
//! which may hand out [`Job`]s that again run in parallel (formatting, compressing); their results meet in order in its
//! [`Collector`]. A metric that only counts implements [`Count`] and gets the rest for nothing.
//!
//! Shards hold integers only, so that sums do not depend on where the cuts are; fractions appear in
//! [`Collector::finish`].

use std::any::Any;
use std::path::PathBuf;
use std::sync::Arc;

use crate::io::bed_piece::PieceWriter;
use crate::io::reference::{Reference, ReferenceWindow};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::read::{Fields, ReadBlock};

mod adapter;
pub mod alignment;
#[cfg(test)]
mod alike;
pub mod compare;
pub mod contract;
mod counting;
mod cycles;
pub mod depth;
pub mod facts;
pub mod flags;
pub mod gc_bias;
pub mod genes;
pub mod insert_size;
mod lanes;
mod order;
pub mod q30;
pub mod quality_yield;
pub mod samtools;
pub mod sketch;
mod spare;
mod tally;
mod vectors;
pub mod verdict;
pub mod wgs;

pub use counting::{Count, Counting};

/// What a caller asks of quality control.
#[derive(Clone, Debug, Default)]
pub struct QcSettings {
    /// Ids of the metrics to run; `None` for all.
    pub only: Option<Vec<String>>,
    /// Depth of coverage.
    pub depth: depth::DepthSettings,
    /// Whether the bases that wgs excludes are counted by the regions of the depth.
    pub excluded: bool,
    /// Depth over genes and panels; `None` without a gene model.
    pub genes: Option<genes::GeneSettings>,
    /// Sites of the sketch.
    pub sites: sketch::Sites,
}

/// What a metric is made from.
#[derive(Debug)]
pub struct MetricContext<'a> {
    /// Name and length (bp) of each contig of the header.
    pub contigs: &'a Arc<[(String, u32)]>,
    /// What the caller asks.
    pub settings: &'a QcSettings,
    /// The reference, when one was given.
    pub reference: Option<&'a Arc<Reference>>,
    /// Folder and file stem of bulk tracks; `None` when nobody wants files.
    pub output: Option<&'a PathBuf>,
}

/// One metric, ready to run over one file.
pub trait Metric: Send + Sync {
    /// The parts of a record that it looks at.
    fn needs(&self) -> Fields;
    /// A new shard for the records of one task.
    fn shard(&self) -> Box<dyn Shard>;
    /// The meeting point of shards.
    fn joiner(&self) -> Box<dyn Joiner>;
    /// The meeting point of jobs' results.
    ///
    /// # Errors
    ///
    /// When an output cannot be created.
    fn collector(&self) -> Result<Box<dyn Collector>, Problem>;
}

/// A value that travels between the parts of one metric.
pub type Parcel = Box<dyn Any + Send>;

/// A metric's view of one task. Called once a block: records are told apart without virtual calls inside.
pub trait Shard: Send {
    /// Looks at the next records of the task.
    ///
    /// # Errors
    ///
    /// Records that the metric cannot bear, such as unsorted ones.
    fn block(&mut self, block: &ReadBlock<'_>) -> Result<(), Problem>;
    /// What was learnt, for the joiner.
    fn close(self: Box<Self>) -> Parcel;
}

/// Joins the shards of one metric in file order.
pub trait Joiner: Send {
    /// Takes the next shard's parcel and pushes what can be worked on now.
    ///
    /// # Errors
    ///
    /// Shards that do not fit together.
    fn push(&mut self, parcel: Parcel, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem>;
    /// There are no more shards.
    ///
    /// # Errors
    ///
    /// As [`Joiner::push`].
    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem>;
}

/// Work that does not depend on its neighbours any more.
pub trait Job: Send {
    /// Does it, on any worker.
    fn run(self: Box<Self>, scratch: &mut Scratch) -> Parcel;
}

/// Buffers of one worker that jobs may use.
#[derive(Debug, Default)]
pub struct Scratch {
    /// Formats and compresses lines.
    pub lines: PieceWriter,
    /// The same for lines by region.
    pub regions: PieceWriter,
    /// The same for counts by region.
    pub thresholds: PieceWriter,
    /// Runs of equal depth: end (0-based, exclusive) and depth.
    pub runs: Vec<(u32, u32)>,
    /// The reference, for jobs that look at it; without one it covers nothing.
    pub reference: ReferenceWindow,
}

/// Collects the results of one metric's jobs in the order in which the jobs were pushed.
pub trait Collector: Send {
    /// Takes the next result.
    ///
    /// # Errors
    ///
    /// When an output cannot be written.
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem>;
    /// Ends outputs and puts the values in their place.
    ///
    /// # Errors
    ///
    /// When an output cannot be written.
    fn finish(self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem>;
}

/// A kind of metric.
pub struct MetricKind {
    /// The name in `--only` and in results.
    pub id: &'static str,
    /// One line for help.
    pub about: &'static str,
    /// Whether it runs only with a reference.
    pub needs_reference: bool,
    /// Makes the metric for one file.
    pub make: fn(&MetricContext<'_>) -> Result<Box<dyn Metric>, Problem>,
}

/// Every metric, in the order of help and results.
pub const METRICS: &[MetricKind] = &[
    MetricKind { id: flags::ID, about: flags::ABOUT, needs_reference: false, make: flags::make },
    MetricKind { id: depth::ID, about: depth::ABOUT, needs_reference: false, make: depth::make },
    MetricKind {
        id: insert_size::ID,
        about: insert_size::ABOUT,
        needs_reference: false,
        make: insert_size::make,
    },
    MetricKind {
        id: quality_yield::ID,
        about: quality_yield::ABOUT,
        needs_reference: false,
        make: quality_yield::make,
    },
    MetricKind {
        id: alignment::ID,
        about: alignment::ABOUT,
        needs_reference: false,
        make: alignment::make,
    },
    MetricKind {
        id: gc_bias::ID,
        about: gc_bias::ABOUT,
        needs_reference: true,
        make: gc_bias::make,
    },
    MetricKind { id: genes::ID, about: genes::ABOUT, needs_reference: false, make: genes::make },
    MetricKind { id: wgs::ID, about: wgs::ABOUT, needs_reference: true, make: wgs::make },
    MetricKind {
        id: wgs::excluded::ID,
        about: wgs::excluded::ABOUT,
        needs_reference: true,
        make: wgs::excluded::make,
    },
    MetricKind {
        id: samtools::ID,
        about: samtools::ABOUT,
        needs_reference: false,
        make: samtools::make,
    },
    MetricKind {
        id: contract::ID,
        about: contract::ABOUT,
        needs_reference: false,
        make: contract::make,
    },
    MetricKind { id: q30::ID, about: q30::ABOUT, needs_reference: false, make: q30::make },
    MetricKind { id: sketch::ID, about: sketch::ABOUT, needs_reference: false, make: sketch::make },
];

/// The kinds of metrics that the settings ask for. Without `only` these are all that run on the given inputs.
///
/// # Errors
///
/// An id in `only` that no metric has, or that of one that needs a reference where there is none.
pub fn chosen(
    settings: &QcSettings,
    has_reference: bool,
) -> Result<Vec<&'static MetricKind>, Problem> {
    let needs = |id: &str| {
        Problem::usage(format!("the metric {id} needs the reference"))
            .help("give the FASTA that the reads were aligned to with -f/--reference")
    };
    if settings.excluded && !has_reference {
        return Err(needs(wgs::excluded::ID));
    }
    let Some(only) = settings.only.as_deref() else {
        let runs = |kind: &&MetricKind| {
            (has_reference || !kind.needs_reference) && asked(settings, kind.id)
        };
        return Ok(METRICS.iter().filter(runs).collect());
    };
    for id in only {
        let Some(kind) = METRICS.iter().find(|kind| kind.id == id) else {
            let known: Vec<&str> = METRICS.iter().map(|kind| kind.id).collect();
            return Err(Problem::usage(format!("there is no metric {id:?}"))
                .help(format!("metrics are {}", known.join(", "))));
        };
        if kind.needs_reference && !has_reference {
            return Err(needs(id));
        }
    }
    let extra = |id| id == wgs::excluded::ID && settings.excluded;
    let runs = |kind: &&MetricKind| only.iter().any(|id| id == kind.id) || extra(kind.id);
    Ok(METRICS.iter().filter(runs).collect())
}

/// Whether a metric that needs more than an alignment has what it needs.
fn asked(settings: &QcSettings, id: &str) -> bool {
    match id {
        genes::ID => settings.genes.is_some(),
        wgs::excluded::ID => settings.excluded,
        _ => true,
    }
}

/// Metrics that were left out because they need a reference and none was given.
pub fn left_out(settings: &QcSettings, has_reference: bool) -> Vec<&'static str> {
    let left = METRICS.iter().filter(|kind| kind.needs_reference && asked(settings, kind.id));
    let none = has_reference || settings.only.is_some();
    left.filter(|_| !none).map(|kind| kind.id).collect()
}

/// The fault of a file in another order, told for a metric of this id.
fn unsorted(metric: &str) -> Problem {
    Problem::bad_data(format!("its records are not sorted by position, which {metric} needs"))
        .help(format!("sort with `samtools sort`, or leave {metric} out with `--only flags`"))
}

/// The value in a parcel.
///
/// # Errors
///
/// When it is of another type, which only a fault of the program can bring about.
pub fn unpack<T: 'static>(parcel: Parcel) -> Result<T, Problem> {
    parcel.downcast::<T>().map(|value| *value).map_err(|_| {
        Problem::new(
            crate::model::problem::ProblemKind::Internal,
            "a metric received the result of another",
        )
    })
}
