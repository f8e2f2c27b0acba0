//! Depth over the exons, transcripts and genes of a model and over gene panels, from the same pass.
//!
//! The depth is that of Genomics England's contract: reads of mapping quality 11 and more, without those of flags 1796
//! (unmapped, secondary, failed, duplicate), two mates of a proper pair once where they overlap; whatever `-Q` and `-F` say
//! for the tracks.
//!
//! All exons of a contig are cut where any of them begins or ends. Every value is a sum over such pieces, each taken once, so
//! transcripts, unions and panels have true medians and no base counts twice.

use std::sync::{Arc, Mutex, PoisonError};

use crate::model::gene_model::GeneModel;
use crate::model::panel::{Confidence, PanelSet};
use crate::model::problem::Problem;
use crate::model::read::Fields;

use super::depth::{AskedSpans, Depth, DepthSettings, Details};
use super::{Collector, Joiner, Metric, MetricContext, Shard};

mod choice;
mod collect;
mod contigs;
mod pieces;
mod plan;

use plan::Plan;

/// The metric's name.
pub const ID: &str = "genes";
/// What it is, in one line.
pub const ABOUT: &str = "depth over exons, transcripts, genes and panels (with --genes)";

/// Least mapping quality, phred. Source: GelMetrics `perc_bases_ge_15x_mapQ_ge11`.
pub const MIN_MAPQ: u32 = 11;
/// Bases of a lesser depth are gaps by default. Source: the default of Genomics England's gel-coverage.
pub const GAP_BELOW: u32 = 15;

/// What to ask of genes.
#[derive(Clone, Debug)]
pub struct GeneSettings {
    /// The genes.
    pub model: Arc<GeneModel>,
    /// With panels only their genes count.
    pub panels: Arc<PanelSet>,
    /// Genes of a panel with this rating or a better one count; those without rating always do.
    pub rating: Confidence,
    /// Bases added to both ends of every exon.
    pub padding: u32,
    /// Bases of a lesser depth are gaps.
    pub gap_below: u32,
    /// Least length of a gap, bp.
    pub gap_min: u32,
    /// All transcripts instead of the best of each gene.
    pub all_transcripts: bool,
}

impl GeneSettings {
    /// The usual settings.
    pub fn new(model: Arc<GeneModel>, panels: PanelSet) -> Self {
        Self {
            model,
            panels: Arc::new(panels),
            rating: Confidence::Green,
            padding: 0,
            gap_below: GAP_BELOW,
            gap_min: 1,
            all_transcripts: false,
        }
    }

    /// Checks that the model fits the contigs (name and length, bp) of an alignment.
    ///
    /// # Errors
    ///
    /// A model of another assembly, or one without a gene on these contigs.
    pub fn check(&self, contigs: &[(String, u32)]) -> Result<(), Problem> {
        contigs::check(&self.model, contigs)
    }

    /// What to tell of genes with exons behind the end of their contig (name and length, bp); `None` where there are none.
    pub fn behind(&self, contigs: &[(String, u32)]) -> Option<String> {
        plan::behind(self, contigs)
    }
}

/// Makes the metric.
///
/// # Errors
///
/// When there is no gene model.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    let Some(settings) = &context.settings.genes else {
        return Err(Problem::usage("the metric genes needs a gene model").help("give --genes FILE"));
    };
    let mut plan = if context.contigs.is_empty() {
        Plan::default()
    } else {
        Plan::new(settings, context.contigs)
    };
    let asked = AskedSpans {
        spans: std::mem::take(&mut plan.pieces.asked),
        thresholds: Vec::new(),
        details: Some(Details { gap_below: settings.gap_below }),
    };
    let depth = DepthSettings {
        min_mapq: MIN_MAPQ,
        per_base: false,
        asked: vec![asked],
        ..DepthSettings::default()
    };
    let depth = Depth::new(context.contigs, depth, None);
    Ok(Box::new(Genes { depth, plan: Mutex::new(plan), gap_min: settings.gap_min }))
}

/// The metric.
#[derive(Debug)]
struct Genes {
    depth: Depth,
    /// Taken by the collector.
    plan: Mutex<Plan>,
    gap_min: u32,
}

impl Metric for Genes {
    fn needs(&self) -> Fields {
        self.depth.needs()
    }

    fn shard(&self) -> Box<dyn Shard> {
        self.depth.shard()
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        self.depth.joiner()
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        let plan = std::mem::take(&mut *self.plan.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Box::new(collect::GenesCollector::new(self.depth.spans()?, plan, self.gap_min)))
    }
}
