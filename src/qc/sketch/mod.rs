//! The sample at known sites, for identity checks: bases by allele and quality, and depth by kind of chromosome.
//!
//! A read counts when it is mapped, primary, no duplicate, did not fail the platform's checks, and has the least mapping
//! quality; a base when it is aligned (not inserted or clipped), is A, C, G or T, and has the least base quality. Reads
//! without qualities show no base. Where both reads of a pair cover a site, one base counts: that of the better quality;
//! of two equal ones that differ a bit of the name's hash decides, which favours neither allele. Whether a pair is proper does not
//! matter. Limits are data ([`crate::policy::sketch`]).
//!
//! Depth by kind of chromosome is the median over windows of 16,384 bp that hold a read that counts (`windows`), so that neither
//! gaps of the assembly, nor repeats that collect reads of elsewhere, nor targets shift it; a read counts whole
//! in the window where it starts, and overlapping mates count twice. Windows that touch a pseudo-autosomal region are left
//! out. The mitochondrial genome has its mean instead.
//!
//! A read is looked at only when a site lies under it: tasks go along the sorted sites with their reads. What a task saw at a site that reads of a
//! later task may cover waits in the joiner (`join`).

use std::sync::Arc;

use crate::io::site_list;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::problem::Problem;
use crate::model::read::Fields;
use crate::model::sketch::SiteList;
use crate::policy::sketch::{SketchLimits, limits};

use super::{Collector, Joiner, Metric, MetricContext, Shard};
use join::{SketchCollector, SketchJoiner};
use plan::Plan;
use shard::SketchShard;

mod join;
mod plan;
mod settle;
mod shard;
mod windows;

/// The metric's name.
pub const ID: &str = "sketch";
/// What it is, in one line.
pub const ABOUT: &str = "bases at known sites, for identity checks";

/// The build of an alignment by the lengths of its primary contigs; `None` when they are silent or disagree.
pub fn assembly(contigs: &[(String, u32)]) -> Option<Assembly> {
    let mut found = contigs
        .iter()
        .filter_map(|(name, length)| Assembly::of_length(ContigClass::of_name(name), *length));
    let first = found.next()?;
    found.all(|other| other == first).then_some(first)
}

/// Checks that a list is of the alignment's build, as far as both tell, and that some of its sites lies on a contig.
///
/// # Errors
///
/// When it is of another build, or no site lies there.
pub fn check(contigs: &[(String, u32)], list: &Arc<SiteList>) -> Result<(), Problem> {
    let of_list = list.build.as_deref().and_then(Assembly::parse);
    if let (Some(build), Some(own)) = (assembly(contigs), of_list)
        && build != own
    {
        let message = format!("sites of {own}; the contigs of the alignment are those of {build}");
        return Err(Problem::bad_data(message)
            .in_file(&list.name)
            .help("give the list of that build"));
    }
    // Without contigs nobody has opened a file yet.
    if contigs.is_empty() || !Plan::new(contigs, Arc::clone(list), None).is_empty() {
        return Ok(());
    }
    let example = list.sites.first().map_or("", |site| site.contig.as_str());
    let message =
        format!("no site lies on a contig of the alignment (the first is on {example:?})");
    Err(Problem::bad_data(message)
        .in_file(&list.name)
        .help("the list belongs to another assembly or naming of contigs"))
}

/// What every part of the metric looks at.
#[derive(Debug)]
struct Asked {
    limits: SketchLimits,
    plan: Plan,
    /// Why there will be no sketch, when there will be none.
    without: Option<String>,
}

/// Makes the metric.
///
/// # Errors
///
/// When a list was asked for and none of its sites lies on a contig of the file.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    let build = assembly(context.contigs);
    let asked = context.settings.sites.clone();
    let list = asked.clone().or_else(|| build.map(site_list::built_in)).unwrap_or_default();
    let plan = Plan::new(context.contigs, list, build);
    if let Some(list) = &asked {
        check(context.contigs, list)?;
    }
    let without = match build {
        None if asked.is_none() => Some(
            "sketch was left out: contig lengths are those of neither GRCh37 nor GRCh38, for which \
             there are built-in lists of sites (--sites gives another)",
        ),
        _ if plan.is_empty() => {
            Some("sketch was left out: no site of the built-in list lies on a contig of the file")
        }
        _ => None,
    };
    let without = without.map(str::to_owned);
    Ok(Box::new(SketchMetric(Arc::new(Asked { limits: limits()?, plan, without }))))
}

/// The metric.
#[derive(Debug)]
struct SketchMetric(Arc<Asked>);

impl Metric for SketchMetric {
    fn needs(&self) -> Fields {
        Fields::SPAN_FACTS | Fields::NAME | Fields::SEQUENCE | Fields::QUALITY
    }

    fn shard(&self) -> Box<dyn Shard> {
        Box::new(SketchShard::new(Arc::clone(&self.0)))
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        Box::new(SketchJoiner::new(Arc::clone(&self.0)))
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        Ok(Box::new(SketchCollector::new(Arc::clone(&self.0))))
    }
}

/// The sites to look at: `None` for the built-in list of the file's build.
pub type Sites = Option<Arc<SiteList>>;
