//! Depth by region: which regions a chunk touches, and what it adds to each.

use crate::model::qc::{DepthHistogram, DepthSummary};

use super::ends::Ends;
use super::{AskedSpans, BedRegion, By, Compat, DepthSettings, Details};

/// One region of one contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) name: Option<String>,
    /// Its place in the list that it came from.
    pub(super) listed: usize,
}

/// The regions of one contig, sorted by start; equal starts keep the order of the list.
#[derive(Clone, Debug, Default)]
pub(super) struct ContigRegions {
    regions: Vec<Region>,
    ends: Ends,
}

/// A set of regions with the values wanted of each.
#[derive(Clone, Debug)]
pub(super) struct RegionSet {
    places: Places,
    lengths: Vec<u32>,
    pub(super) thresholds: Vec<u32>,
    pub(super) median: bool,
    pub(super) details: Option<Details>,
    /// The mean has to be added up base by base.
    pub(super) mosdepth_mean: bool,
}

#[derive(Clone, Debug)]
enum Places {
    Windows(u32),
    Listed(Vec<ContigRegions>),
}

impl RegionSet {
    /// The set of `--by`, if any, then the sets asked for by the program.
    pub(super) fn all(settings: &DepthSettings, contigs: &[(String, u32)]) -> Vec<Self> {
        let lengths: Vec<u32> = contigs.iter().map(|(_, length)| *length).collect();
        let by = settings.by.as_ref().map(|by| Self {
            places: match by {
                By::Windows(size) => Places::Windows((*size).max(1)),
                By::Regions(regions) => Places::Listed(listed(regions, contigs)),
            },
            lengths: lengths.clone(),
            thresholds: settings.thresholds.clone(),
            median: settings.median,
            details: None,
            mosdepth_mean: settings.compat == Compat::Mosdepth && !settings.median,
        });
        let asked = settings.asked.iter().map(|asked| Self {
            places: Places::Listed(listed(&asked.as_regions(), contigs)),
            lengths: lengths.clone(),
            thresholds: asked.thresholds.clone(),
            median: false,
            details: asked.details,
            mosdepth_mean: false,
        });
        by.into_iter().chain(asked).collect()
    }

    /// Whether the set is made of windows.
    pub(super) fn is_windows(&self) -> bool {
        matches!(self.places, Places::Windows(_))
    }

    /// Number of regions on a contig.
    pub(super) fn count(&self, contig: u32) -> usize {
        match &self.places {
            Places::Windows(size) => self.length(contig).div_ceil(*size) as usize,
            Places::Listed(contigs) => {
                contigs.get(contig as usize).map_or(0, |contig| contig.regions.len())
            }
        }
    }

    fn length(&self, contig: u32) -> u32 {
        self.lengths.get(contig as usize).copied().unwrap_or(0)
    }

    /// Region `i` of a contig.
    pub(super) fn get(&self, contig: u32, i: usize) -> Region {
        match &self.places {
            Places::Windows(size) => {
                let start = (i as u32).saturating_mul(*size);
                let end = start.saturating_add(*size).min(self.length(contig));
                Region { start, end, name: None, listed: i }
            }
            Places::Listed(contigs) => contigs
                .get(contig as usize)
                .and_then(|contig| contig.regions.get(i).cloned())
                .unwrap_or_default(),
        }
    }

    /// Start and end of region `i` of a contig.
    pub(super) fn bounds(&self, contig: u32, i: usize) -> (u32, u32) {
        match &self.places {
            Places::Windows(_) => {
                let region = self.get(contig, i);
                (region.start, region.end)
            }
            Places::Listed(contigs) => contigs
                .get(contig as usize)
                .and_then(|contig| contig.regions.get(i))
                .map_or((0, 0), |region| (region.start, region.end)),
        }
    }

    /// The name of region `i` of a contig.
    pub(super) fn name(&self, contig: u32, i: usize) -> Option<&str> {
        match &self.places {
            Places::Windows(_) => None,
            Places::Listed(contigs) => {
                contigs.get(contig as usize)?.regions.get(i)?.name.as_deref()
            }
        }
    }

    /// The regions that touch `start..end` or start in it, by their indices, in order.
    fn touching(&self, contig: u32, start: u32, end: u32) -> impl Iterator<Item = usize> + '_ {
        let (before, own) = match &self.places {
            Places::Windows(size) => (None, (start / size) as usize..end.div_ceil(*size) as usize),
            Places::Listed(contigs) => match contigs.get(contig as usize) {
                Some(contig) => {
                    let first = contig.regions.partition_point(|region| region.start < start);
                    let last = contig.regions.partition_point(|region| region.start < end);
                    (Some(contig.ends.beyond(start, first)), first..last)
                }
                None => (None, 0..0),
            },
        };
        before.into_iter().flatten().chain(own)
    }

    /// Calls `each` with what the runs of a chunk or cell (`start..`, each run given by its end and depth) add to each region, in
    /// the order of the regions: those that touch it, and those that begin in it without a base. Bases of regions
    /// are counted into `histogram` too, as often as regions hold them.
    pub(super) fn parts(
        &self,
        contig: u32,
        (start, runs): (u32, &[(u32, u32)]),
        mut histogram: Option<&mut DepthHistogram>,
        mut each: impl FnMut(Part),
    ) {
        let Some(&(end, _)) = runs.last() else { return };
        let length = self.length(contig);
        let mut first_run = 0;
        for i in self.touching(contig, start, end) {
            let (region_start, region_end) = self.bounds(contig, i);
            let (from, to) = (region_start.max(start), region_end.min(end));
            let ends = region_end.min(length) <= end;
            if from >= to {
                if region_start >= start {
                    each(Part::new(i, self, true, ends));
                }
                continue;
            }
            // Starts ascend, so runs that end before this region's start are done with.
            while runs[first_run].0 <= from {
                first_run += 1;
            }
            let mut part = Part::new(i, self, region_start >= start && ends, ends);
            let length = region_end - region_start;
            part.add_runs(self, &runs[first_run..], ((from, to), length), |depth, bases| {
                if let Some(histogram) = &mut histogram {
                    histogram.add(depth, bases);
                }
            });
            each(part);
        }
    }
}

fn listed(regions: &[BedRegion], contigs: &[(String, u32)]) -> Vec<ContigRegions> {
    let ids: std::collections::HashMap<&str, usize> =
        contigs.iter().enumerate().map(|(i, (name, _))| (name.as_str(), i)).collect();
    let mut all = vec![ContigRegions::default(); contigs.len()];
    for (listed, region) in regions.iter().enumerate() {
        if let Some(&contig) = ids.get(region.contig.as_str()) {
            let (start, end, name) = (region.span.start, region.span.end, region.name.clone());
            all[contig].regions.push(Region { start, end, name, listed });
        }
    }
    for contig in &mut all {
        contig.regions.sort_by_key(|region| region.start);
        contig.ends = Ends::new(contig.regions.iter().map(|region| region.end).collect());
    }
    all
}

impl AskedSpans {
    fn as_regions(&self) -> Vec<BedRegion> {
        let region = |(contig, span): &(String, _)| BedRegion {
            contig: contig.clone(),
            span: *span,
            name: None,
        };
        self.spans.iter().map(region).collect()
    }
}

/// What one chunk or cell adds to one region.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    /// Index of the region on its contig.
    pub(super) region: usize,
    /// Whether no later one adds to it.
    pub(super) ends: bool,
    pub(super) summary: DepthSummary,
    pub(super) at_least: Vec<u64>,
    /// Only when the median or details are wanted.
    pub(super) histogram: Option<DepthHistogram>,
    /// mosdepth's mean, when the region lies wholly in this one.
    pub(super) mean: f64,
    /// Depth and length of each run, when mosdepth's mean has to be carried on from one to the next.
    pub(super) runs: Vec<(u32, u32)>,
    /// Runs of a depth below the threshold for gaps: start and end.
    pub(super) gaps: Vec<(u32, u32)>,
    carried: bool,
}

impl Part {
    fn new(region: usize, set: &RegionSet, whole: bool, ends: bool) -> Self {
        Self {
            region,
            ends,
            at_least: vec![0; set.thresholds.len()],
            histogram: (set.median || set.details.is_some()).then(DepthHistogram::default),
            carried: set.mosdepth_mean && !whole,
            ..Self::default()
        }
    }

    fn add_runs(
        &mut self,
        set: &RegionSet,
        runs: &[(u32, u32)],
        (span, length): ((u32, u32), u32),
        mut count: impl FnMut(u32, u64),
    ) {
        let (mut at, to) = span;
        for &(run_end, depth) in runs {
            let end = run_end.min(to);
            let bases = end - at;
            self.summary.add(depth, u64::from(bases));
            count(depth, u64::from(bases));
            for (count, &threshold) in self.at_least.iter_mut().zip(&set.thresholds) {
                if depth < threshold {
                    break;
                }
                *count += u64::from(bases);
            }
            if let Some(histogram) = &mut self.histogram {
                histogram.add(depth, u64::from(bases));
            }
            if set.details.is_some_and(|details| depth < details.gap_below) {
                join_gap(&mut self.gaps, (at, end));
            }
            if self.carried {
                self.runs.push((depth, bases));
            } else if set.mosdepth_mean {
                self.mean = add_run(self.mean, depth, bases, length);
            }
            at = end;
            if at >= to {
                break;
            }
        }
    }

    /// Counts a later part in; `length` is the region's, bp.
    pub(super) fn merge(&mut self, later: &Self, length: u32) {
        self.summary.merge(&later.summary);
        if self.at_least.is_empty() {
            self.at_least.clone_from(&later.at_least);
        } else {
            for (sum, more) in self.at_least.iter_mut().zip(&later.at_least) {
                *sum += more;
            }
        }
        match (&mut self.histogram, &later.histogram) {
            (Some(own), Some(more)) => own.merge(more),
            (own, more) => *own = own.take().or_else(|| more.clone()),
        }
        self.mean += later.mean;
        for &(depth, bases) in &later.runs {
            self.mean = add_run(self.mean, depth, bases, length);
        }
        for &gap in &later.gaps {
            join_gap(&mut self.gaps, gap);
        }
        self.ends |= later.ends;
    }
}

/// Adds a gap behind the others; one that touches the last goes on with it.
fn join_gap(gaps: &mut Vec<(u32, u32)>, (start, end): (u32, u32)) {
    match gaps.last_mut() {
        Some(last) if last.1 == start => last.1 = end,
        _ if start < end => gaps.push((start, end)),
        _ => {}
    }
}

/// mosdepth's way to a mean: depth/length, added base by base, so that rounding errors are the same.
fn add_run(mean: f64, depth: u32, bases: u32, length: u32) -> f64 {
    if depth == 0 {
        return mean;
    }
    let step = f64::from(depth) / f64::from(length);
    (0..bases).fold(mean, |mean, _| mean + step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coord::Span;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cell_meets_the_regions_that_touch_it_or_begin_in_it(
            mut spans in prop::collection::vec((0_u32..2000, 0_u32..60), 0..300),
            long in prop::collection::vec((0_u32..2000, 0_u32..3000), 0..3),
            start in 0_u32..2000,
            length in 1_u32..300,
        ) {
            spans.extend(long);
            let contigs = [("a".to_owned(), 1500)];
            let span = |&(start, length): &(u32, u32)| Span::new(start, start + length);
            let spans = spans.iter().map(|own| ("a".to_owned(), span(own))).collect();
            let asked = AskedSpans { spans, thresholds: Vec::new(), details: None };
            let settings = DepthSettings { asked: vec![asked], ..DepthSettings::default() };
            let set = &RegionSet::all(&settings, &contigs)[0];
            let end = start + length;
            let touches = |&i: &usize| {
                let (from, to) = set.bounds(0, i);
                (from < start && to > start) || (start..end).contains(&from)
            };
            let walked: Vec<usize> = (0..set.count(0)).filter(touches).collect();
            prop_assert_eq!(set.touching(0, start, end).collect::<Vec<_>>(), walked);
        }
    }

    #[test]
    fn regions_that_overlap_or_hang_over_get_their_own_bases() {
        let contigs = [("a".to_owned(), 100)];
        let asked = AskedSpans {
            spans: [(90, 120), (0, 100), (10, 20), (15, 40), (200, 300)]
                .map(|(start, end)| ("a".to_owned(), crate::model::coord::Span { start, end }))
                .into(),
            thresholds: vec![1, 5],
            details: None,
        };
        let settings = DepthSettings { asked: vec![asked], ..DepthSettings::default() };
        let set = &RegionSet::all(&settings, &contigs)[0];
        let found = |start: u32, runs: &[(u32, u32)]| -> Vec<(usize, u64, u64, Vec<u64>, bool)> {
            let mut parts = Vec::new();
            set.parts(0, (start, runs), None, |part| parts.push(part));
            let values = parts.into_iter().map(|p| {
                (set.get(0, p.region).listed, p.summary.bases, p.summary.sum, p.at_least, p.ends)
            });
            values.collect()
        };
        assert_eq!(
            found(0, &[(18, 5), (50, 1)]),
            [
                (1, 50, 122, vec![50, 18], false),
                (2, 10, 42, vec![10, 8], true),
                (3, 25, 37, vec![25, 3], true)
            ]
        );
        assert_eq!(
            found(50, &[(100, 0)]),
            [(1, 50, 0, vec![0, 0], true), (0, 10, 0, vec![0, 0], true)]
        );
    }
}
