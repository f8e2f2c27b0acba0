//! From tasks to the sketch: bases at a site wait until no later read can cover it.

use std::sync::Arc;

use super::super::order::Places;
use super::super::{Collector, Job, Joiner, Parcel, Scratch, unpack};
use super::Asked;
use super::settle;
use super::shard::{Base, TaskBases};
use super::windows::{self, Windows};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sketch::{SiteCounts, SiteRegion, Sketch, SketchSource, SketchSummary};

/// Joins tasks in file order.
pub(super) struct SketchJoiner {
    asked: Arc<Asked>,
    /// Bases at sites that a later read may cover, by site and in order of the file.
    waiting: Vec<Base>,
    windows: Windows,
    places: Places,
}

/// What jobs hand to the collector.
enum Part {
    /// Counts by place in the list.
    Sites(Vec<(u32, SiteCounts)>),
    Windows(Windows),
}

/// Bases at sites that no later read covers.
struct Settle {
    asked: Arc<Asked>,
    bases: Vec<Base>,
}

/// Sums that are already there.
struct Ready(Windows);

impl Job for Ready {
    fn run(self: Box<Self>, _: &mut Scratch) -> Parcel {
        Box::new(Part::Windows(self.0))
    }
}

impl Job for Settle {
    fn run(self: Box<Self>, _: &mut Scratch) -> Parcel {
        let max_depth = self.asked.limits.bases.max_depth.value;
        let groups = self.bases.chunk_by(|a, b| a.site == b.site);
        let sites = groups.map(|group| {
            let place = self.asked.plan.places.get(group[0].site as usize).copied();
            (place.unwrap_or(u32::MAX), settle::counts(group, max_depth))
        });
        Box::new(Part::Sites(sites.collect()))
    }
}

impl SketchJoiner {
    pub(super) fn new(asked: Arc<Asked>) -> Self {
        Self { asked, waiting: Vec::new(), windows: Windows::new(), places: Places::default() }
    }

    /// Hands over the bases at sites before this one.
    fn settle(&mut self, before: u32, jobs: &mut Vec<Box<dyn Job>>) {
        let count = self.waiting.partition_point(|base| base.site < before);
        if count > 0 {
            let later = self.waiting.split_off(count);
            let bases = std::mem::replace(&mut self.waiting, later);
            jobs.push(Box::new(Settle { asked: Arc::clone(&self.asked), bases }));
        }
    }
}

impl Joiner for SketchJoiner {
    fn push(&mut self, parcel: Parcel, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        let task = unpack::<TaskBases>(parcel)?;
        if task.places.first().is_none() {
            return Ok(());
        }
        self.places.follow(super::ID, task.places)?;
        for own in &task.windows {
            *self.windows.entry(own.at).or_default() += own.sum;
        }
        self.waiting.extend(task.bases);
        // Stable: two sorted runs, the earlier task's bases first.
        self.waiting.sort_by_key(|base| base.site);
        let (contig, start) = self.places.last();
        self.settle(self.asked.plan.site_from(contig, start), jobs);
        Ok(())
    }

    fn end(&mut self, jobs: &mut Vec<Box<dyn Job>>) -> Result<(), Problem> {
        self.settle(u32::MAX, jobs);
        jobs.push(Box::new(Ready(std::mem::take(&mut self.windows))));
        Ok(())
    }
}

/// Puts the sketch together.
pub(super) struct SketchCollector {
    asked: Arc<Asked>,
    counts: Vec<SiteCounts>,
    windows: Windows,
}

impl SketchCollector {
    pub(super) fn new(asked: Arc<Asked>) -> Self {
        let counts = vec![SiteCounts::default(); asked.plan.list.sites.len()];
        Self { asked, counts, windows: Windows::new() }
    }
}

impl Collector for SketchCollector {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        match unpack::<Part>(parcel)? {
            Part::Windows(windows) => self.windows = windows,
            Part::Sites(sites) => {
                for (place, counts) in sites {
                    if let Some(own) = self.counts.get_mut(place as usize) {
                        *own = counts;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        let Asked { limits, plan, without } = &*self.asked;
        if let Some(note) = without {
            qc.notes.push(note.clone());
            return Ok(());
        }
        let source = SketchSource::Reads {
            min_base_quality: limits.bases.min_base_quality.value,
            min_mapping_quality: limits.reads.min_mapping_quality.value,
        };
        let sketch = Sketch {
            sample: qc.sample.clone(),
            source,
            sites: Arc::clone(&plan.list),
            counts: self.counts,
            depth: windows::depth(plan, &self.windows, limits.depth.min_windows.value),
        };
        qc.notes.extend(other_build(&sketch, limits.bases.max_other_share.value));
        qc.sketch_summary = Some(summary(&sketch));
        qc.sketch = Some(sketch);
        Ok(())
    }
}

/// A remark when too many bases are neither allele.
fn other_build(sketch: &Sketch, most: f64) -> Option<String> {
    let other: u64 = sketch.counts.iter().map(|counts| u64::from(counts.other)).sum();
    let all = other + sketch.counts.iter().map(|counts| u64::from(counts.depth())).sum::<u64>();
    (other as f64 > most * all as f64).then(|| {
        format!(
            "{other} of {all} bases at the sites of {:?} are neither allele: is the list of another build?",
            sketch.sites.name
        )
    })
}

fn summary(sketch: &Sketch) -> SketchSummary {
    let list = &sketch.sites;
    let autosomal = list.sites.iter().zip(&sketch.counts);
    let autosomal = autosomal.filter(|(site, _)| site.region == SiteRegion::Autosome);
    let depth = |counts: &SiteCounts| u64::from(counts.depth()) + u64::from(counts.other);
    let (sites, bases) = autosomal
        .fold((0_u64, 0), |(sites, bases), (_, counts)| (sites + 1, bases + depth(counts)));
    SketchSummary {
        list: list.name.clone(),
        build: list.build.clone(),
        sites_sha256: list.digest.clone(),
        sites: list.sites.len() as u64,
        covered: sketch.counts.iter().filter(|counts| depth(counts) > 0).count() as u64,
        mean_depth: if sites == 0 { 0.0 } else { bases as f64 / sites as f64 },
        depth: sketch.depth,
        karyotype: String::new(),
    }
}
