//! Why bases were lost, region by region: the exclusions of CollectWgsMetrics, which Picard gives for the genome only.
//!
//! Every base that the metric wgs looks at counts, or is excluded for the first reason that applies; here both are counted by
//! region, so that over regions that tile the contigs each column sums to the number behind wgs's share. Bases of
//! reads that hang over the end of a contig are in no region.

use std::sync::Arc;

use crate::model::coord::Span;
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::qc::wgs::{RegionBases, WgsBases};
use crate::model::read::Fields;

use super::super::depth::By;
use super::super::{Collector, Joiner, Metric, MetricContext, Parcel, Shard, unpack};

mod bases;
mod shard;

/// The metric's name.
pub const ID: &str = "excluded";
/// What it is, in one line.
pub const ABOUT: &str = "bases that wgs excludes by region of --by, and why; with --excluded";
/// Regions at most: their counts are kept to the end, about 120 bytes each.
const MAX_REGIONS: usize = 4_000_000;

/// Makes the metric.
///
/// # Errors
///
/// Too many regions.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    // The regions of a BED are known only after the alignment was opened.
    let none = By::Regions(Vec::new());
    let by = context.settings.depth.by.as_ref().unwrap_or(&none);
    let regions = Regions::new(by, context.contigs)?;
    let has = |i| context.reference.is_some_and(|reference| reference.has(i));
    Ok(Box::new(Excluded {
        shared: Arc::new(Shared {
            contigs: Arc::clone(context.contigs),
            assessed: (0..context.contigs.len()).map(has).collect(),
            regions,
        }),
    }))
}

/// What all parts share.
#[derive(Debug)]
struct Shared {
    contigs: Arc<[(String, u32)]>,
    /// For each contig whether the reference has it.
    assessed: Vec<bool>,
    regions: Regions,
}

/// A region on its contig.
#[derive(Clone, Copy, Debug)]
struct Region {
    /// 0-based start.
    start: u32,
    /// 0-based end (exclusive), cut at the contig's.
    end: u32,
    /// Its place in the list.
    listed: usize,
}

/// The regions of one file.
#[derive(Debug)]
struct Regions {
    listed: Vec<RegionBases>,
    /// For each contig its regions by start.
    by_contig: Vec<Vec<Region>>,
    /// For each contig the longest of them, bp.
    longest: Vec<u32>,
}

impl Regions {
    fn new(by: &By, contigs: &[(String, u32)]) -> Result<Self, Problem> {
        let mut regions = Self {
            listed: Vec::new(),
            by_contig: vec![Vec::new(); contigs.len()],
            longest: vec![0; contigs.len()],
        };
        match by {
            By::Windows(size) => {
                let windows = |length: u32| length.div_ceil((*size).max(1)) as usize;
                let count = contigs.iter().map(|(_, length)| windows(*length)).sum();
                check_number(count)?;
                for (contig, (name, length)) in contigs.iter().enumerate() {
                    for start in (0..*length).step_by((*size).max(1) as usize) {
                        let end = start.saturating_add(*size).min(*length);
                        regions.add(contig, (name, Span::new(start, end), None), *length);
                    }
                }
            }
            By::Regions(list) => {
                check_number(list.len())?;
                for region in list {
                    let found = contigs.iter().position(|(name, _)| *name == region.contig);
                    if let Some(contig) = found {
                        let (name, length) = &contigs[contig];
                        let own = (name.as_str(), region.span, region.name.clone());
                        regions.add(contig, own, *length);
                    }
                }
            }
        }
        for own in &mut regions.by_contig {
            own.sort_by_key(|region| region.start);
        }
        Ok(regions)
    }

    fn add(&mut self, contig: usize, own: (&str, Span, Option<String>), length: u32) {
        let (name, span, label) = own;
        let (start, end) = (span.start.min(length), span.end.min(length));
        let listed = self.listed.len();
        self.by_contig[contig].push(Region { start, end, listed });
        self.longest[contig] = self.longest[contig].max(end - start);
        let contig = name.to_owned();
        self.listed.push(RegionBases { contig, span, name: label, ..RegionBases::default() });
    }

    /// The regions that share a base with `start..end`, by start.
    fn over(&self, contig: u32, start: u32, end: u32) -> impl Iterator<Item = &Region> {
        let own = self.by_contig.get(contig as usize).map_or(&[][..], Vec::as_slice);
        let longest = self.longest.get(contig as usize).copied().unwrap_or(0);
        let from = own.partition_point(|region| region.start < start.saturating_sub(longest));
        let near = own[from..].iter().take_while(move |region| region.start < end);
        near.filter(move |region| region.end > start && region.start < region.end)
    }
}

fn check_number(regions: usize) -> Result<(), Problem> {
    if regions <= MAX_REGIONS {
        return Ok(());
    }
    let message = format!("{regions} regions are too many to count excluded bases by");
    Err(Problem::usage(message).help(format!("at most {MAX_REGIONS}: choose larger windows")))
}

/// The metric.
#[derive(Debug)]
struct Excluded {
    shared: Arc<Shared>,
}

impl Metric for Excluded {
    fn needs(&self) -> Fields {
        let tags = Fields::TAG_FACTS | Fields::NAME | Fields::MATE;
        tags | Fields::SEQUENCE | Fields::QUALITY | Fields::SPAN_FACTS
    }

    fn shard(&self) -> Box<dyn Shard> {
        Box::new(shard::ExcludedShard::new(Arc::clone(&self.shared)))
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        Box::new(shard::ExcludedJoiner::new(Arc::clone(&self.shared)))
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        Ok(Box::new(ExcludedCollector {
            listed: self.shared.regions.listed.clone(),
            shared: Arc::clone(&self.shared),
        }))
    }
}

/// What a job adds to a region: its place in the list, known bases and others.
type Part = (usize, u64, WgsBases);

/// The collector.
#[derive(Debug)]
struct ExcludedCollector {
    shared: Arc<Shared>,
    listed: Vec<RegionBases>,
}

impl Collector for ExcludedCollector {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        for (place, known, bases) in unpack::<Result<Vec<Part>, Problem>>(parcel)?? {
            if let Some(region) = self.listed.get_mut(place) {
                region.known += known;
                region.bases.merge(&bases);
            }
        }
        Ok(())
    }

    fn finish(mut self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        for (contig, regions) in self.shared.regions.by_contig.iter().enumerate() {
            for region in regions.iter().filter(|_| !self.shared.assessed[contig]) {
                self.listed[region.listed].assessed = false;
            }
        }
        qc.excluded = Some(std::mem::take(&mut self.listed));
        Ok(())
    }
}
