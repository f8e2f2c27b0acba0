//! Collects finished chunks in order: writes the tracks and sums the contigs up.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::io::track::Track;
use crate::model::problem::Problem;
use crate::model::qc::{ContigDepth, DepthHistogram, DepthQc, DepthSummary, RegionDepth, SampleQc};

use super::super::{Collector, Parcel, unpack};
use super::finish::ChunkResult;
use super::regions::{Part, Region, RegionSet};
use super::{Compat, DepthSettings};

/// Depths above this are counted as [`MOSDEPTH_CAPPED`] by mosdepth.
const MOSDEPTH_CAP: u32 = 400_000;
const MOSDEPTH_CAPPED: u32 = 399_990;
/// mosdepth counts windows of a greater mean here.
const MOSDEPTH_WINDOW_CAP: u32 = 999;
/// mosdepth counts greater depths as this when it looks for a median.
const MOSDEPTH_MEDIAN_CAP: u32 = 65_535;

/// The tracks that are wanted.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    pub(super) per_base: Option<Track>,
    pub(super) regions: Option<Track>,
    pub(super) thresholds: Option<Track>,
    pub(super) quantized: Option<Track>,
}

impl Tracks {
    pub(super) fn begin(&mut self, settings: &DepthSettings) -> Result<(), Problem> {
        let Some(track) = &mut self.thresholds else { return Ok(()) };
        let mut header = String::from("#chrom\tstart\tend\tregion");
        for threshold in &settings.thresholds {
            let _ = write!(header, "\t{threshold}X");
        }
        header.push('\n');
        track.header(&header)
    }

    fn finish(self) -> Result<(), Problem> {
        [self.per_base, self.regions, self.thresholds, self.quantized]
            .into_iter()
            .flatten()
            .try_for_each(Track::finish)
    }
}

/// The collector.
#[derive(Debug)]
pub(super) struct DepthCollector {
    contigs: Arc<[(String, u32)]>,
    settings: Arc<DepthSettings>,
    sets: Arc<[RegionSet]>,
    tracks: Tracks,
    done: Vec<ContigDepth>,
    open: OpenContig,
    asked: Vec<Vec<RegionDepth>>,
}

/// The contig whose chunks arrive now.
#[derive(Debug, Default)]
struct OpenContig {
    histogram: DepthHistogram,
    region_histogram: DepthHistogram,
    regions: DepthSummary,
    quantized: Option<(u32, u32, usize)>,
    /// For each set, regions that were begun and not yet reported.
    parts: Vec<BTreeMap<usize, Part>>,
    /// For each set, the next region to report.
    next: Vec<usize>,
}

impl DepthCollector {
    pub(super) fn new(
        contigs: Arc<[(String, u32)]>,
        settings: Arc<DepthSettings>,
        sets: Arc<[RegionSet]>,
        tracks: Tracks,
    ) -> Self {
        let asked = settings
            .asked
            .iter()
            .map(|asked| {
                let at_least = vec![0; asked.thresholds.len()];
                let empty = RegionDepth { at_least, ..RegionDepth::default() };
                vec![empty; asked.spans.len()]
            })
            .collect();
        let open = OpenContig::for_sets(sets.len());
        Self { contigs, settings, sets, tracks, done: Vec::new(), open, asked }
    }

    fn mosdepth(&self) -> bool {
        self.settings.compat == Compat::Mosdepth
    }

    fn name(&self, contig: u32) -> &str {
        self.contigs.get(contig as usize).map_or("", |(name, _)| name)
    }

    fn quantized(&mut self, contig: u32, run: (u32, u32, usize)) -> Result<(), Problem> {
        match &mut self.open.quantized {
            Some(open) if open.1 == run.0 && open.2 == run.2 => {
                open.1 = run.1;
                Ok(())
            }
            _ => {
                let before = self.open.quantized.replace(run);
                self.write_quantized(contig, before)
            }
        }
    }

    fn write_quantized(
        &mut self,
        contig: u32,
        run: Option<(u32, u32, usize)>,
    ) -> Result<(), Problem> {
        let (Some((start, end, bin)), Some(quantize)) = (run, &self.settings.quantize) else {
            return Ok(());
        };
        let line = format!("{}\t{start}\t{end}\t{}\n", self.name(contig), quantize.label(bin));
        match &mut self.tracks.quantized {
            Some(track) => track.line(contig, (start, end), line.as_bytes()),
            None => Ok(()),
        }
    }

    /// Reports the regions of a set that are complete, in order; all of them at the end of the contig.
    fn report(&mut self, set: usize, contig: u32, all: bool) -> Result<(), Problem> {
        let sets = Arc::clone(&self.sets);
        while self.open.next[set] < sets[set].count(contig) {
            let i = self.open.next[set];
            let complete = self.open.parts[set].get(&i).is_some_and(|part| part.ends);
            if !complete && !all {
                break;
            }
            let part = self.open.parts[set].remove(&i).unwrap_or_default();
            self.open.next[set] += 1;
            let region = sets[set].get(contig, i);
            if set == 0 && self.settings.by.is_some() {
                self.region(contig, &sets[0], &region, &part)?;
            } else {
                let asked = set - usize::from(self.settings.by.is_some());
                let place = self.asked.get_mut(asked).and_then(|a| a.get_mut(region.listed));
                if let Some(place) = place {
                    place.summary = part.summary;
                    if !part.at_least.is_empty() {
                        place.at_least = part.at_least;
                    }
                }
            }
        }
        Ok(())
    }

    /// Reports one region of `--by`.
    fn region(
        &mut self,
        contig: u32,
        set: &RegionSet,
        region: &Region,
        part: &Part,
    ) -> Result<(), Problem> {
        let value = self.value(part);
        self.open.regions.merge(&part.summary);
        if set.is_windows() {
            let rounded = (value + 0.5).floor() as u32;
            let cap = if self.mosdepth() { MOSDEPTH_WINDOW_CAP } else { u32::MAX };
            self.open.region_histogram.add(rounded.min(cap), 1);
        }
        let place = format!("{}\t{}\t{}", self.name(contig), region.start, region.end);
        let name = region.name.as_deref().filter(|name| !name.is_empty());
        let column = name.map_or_else(String::new, |name| format!("\t{name}"));
        let span = (region.start, region.end);
        if let Some(track) = &mut self.tracks.regions {
            let line = format!("{place}{column}\t{value:.*}\n", self.settings.precision);
            track.line(contig, span, line.as_bytes())?;
        }
        if let Some(track) = &mut self.tracks.thresholds {
            let mut line = format!("{place}\t{}", name.unwrap_or("unknown"));
            for i in 0..self.settings.thresholds.len() {
                let _ = write!(line, "\t{}", part.at_least.get(i).copied().unwrap_or(0));
            }
            line.push('\n');
            track.line(contig, span, line.as_bytes())?;
        }
        Ok(())
    }

    fn value(&self, part: &Part) -> f64 {
        match &part.histogram {
            Some(histogram) => f64::from(median(histogram, self.mosdepth())),
            None if self.settings.median => 0.0,
            None if self.mosdepth() => part.mean,
            None => part.summary.mean(),
        }
    }

    fn end_contig(&mut self, contig: u32, has_records: bool) -> Result<(), Problem> {
        for set in 0..self.sets.len() {
            self.report(set, contig, true)?;
        }
        let (name, length) = match self.contigs.get(contig as usize) {
            Some((name, length)) => (name.clone(), *length),
            None => (String::new(), 0),
        };
        if let Some(open) = &mut self.open.quantized
            && open.1 + 1 == length
            && self.settings.compat == Compat::Mosdepth
        {
            open.1 = length;
        }
        let last = self.open.quantized.take();
        self.write_quantized(contig, last)?;
        let mut open = std::mem::replace(&mut self.open, OpenContig::for_sets(self.sets.len()));
        let whole = open.histogram.summary();
        let listed = if self.mosdepth() { has_records && !self.skipped(contig) } else { true };
        if self.mosdepth() {
            open.histogram = capped(&open.histogram, MOSDEPTH_CAP, MOSDEPTH_CAPPED);
            open.region_histogram = capped(&open.region_histogram, MOSDEPTH_CAP, MOSDEPTH_CAPPED);
        }
        self.done.push(ContigDepth {
            name,
            length,
            has_records,
            listed,
            whole,
            regions: self.settings.by.is_some().then_some(open.regions),
            histogram: open.histogram,
            region_histogram: open.region_histogram,
        });
        Ok(())
    }

    /// Contigs that mosdepth does not look at when no other output needs them.
    fn skipped(&self, contig: u32) -> bool {
        let settings = &self.settings;
        !settings.per_base
            && settings.thresholds.is_empty()
            && settings.quantize.is_none()
            && settings.by.is_some()
            && !self.sets[0].is_windows()
            && self.sets[0].count(contig) == 0
    }

    fn result(&mut self) -> DepthQc {
        let mut contigs = std::mem::take(&mut self.done);
        let mosdepth = self.mosdepth();
        let mut total = DepthSummary::default();
        let mut regions = DepthSummary::default();
        let mut first = true;
        for contig in contigs.iter_mut().filter(|contig| contig.listed) {
            total.merge(&contig.whole);
            if let Some(own) = &mut contig.regions {
                if mosdepth && std::mem::take(&mut first) {
                    own.min = Some(0);
                }
                regions.merge(own);
            }
        }
        if mosdepth {
            (total.min, regions.min) = (Some(0), Some(0));
        }
        DepthQc {
            corrections: if mosdepth { Vec::new() } else { corrections(&self.settings) },
            compat: mosdepth.then(|| "0.3.3".to_owned()),
            contigs,
            total,
            total_regions: self.settings.by.is_some().then_some(regions),
            asked: std::mem::take(&mut self.asked),
            precision: self.settings.precision,
        }
    }
}

impl OpenContig {
    fn for_sets(sets: usize) -> Self {
        Self { parts: vec![BTreeMap::new(); sets], next: vec![0; sets], ..Self::default() }
    }
}

impl Collector for DepthCollector {
    fn collect(&mut self, parcel: Parcel) -> Result<(), Problem> {
        let chunk = unpack::<ChunkResult>(parcel)?;
        self.open.histogram.merge(&chunk.histogram);
        if let (Some(piece), Some(track)) = (&chunk.per_base, &mut self.tracks.per_base) {
            track.append(chunk.contig, piece)?;
        }
        for run in chunk.quantized {
            self.quantized(chunk.contig, run)?;
        }
        if let Some(histogram) = &chunk.region_histogram {
            self.open.region_histogram.merge(histogram);
        }
        for (set, parts) in chunk.parts.into_iter().enumerate() {
            for part in parts {
                let length = {
                    let region = self.sets[set].get(chunk.contig, part.region);
                    region.end.saturating_sub(region.start)
                };
                self.open.parts[set].entry(part.region).or_default().merge(&part, length);
            }
            self.report(set, chunk.contig, false)?;
        }
        if chunk.last { self.end_contig(chunk.contig, chunk.has_records) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        qc.depth = Some(self.result());
        std::mem::take(&mut self.tracks).finish()
    }
}

/// The least depth that at least half of the bases do not exceed.
fn median(histogram: &DepthHistogram, mosdepth: bool) -> u32 {
    let half = histogram.total().div_ceil(2);
    let mut bases = 0;
    for (depth, count) in histogram.iter() {
        bases += count;
        if bases >= half {
            return if mosdepth { depth.min(MOSDEPTH_MEDIAN_CAP) } else { depth };
        }
    }
    0
}

fn capped(histogram: &DepthHistogram, above: u32, to: u32) -> DepthHistogram {
    let mut capped = DepthHistogram::default();
    for (depth, bases) in histogram.iter() {
        capped.add(if depth > above { to } else { depth }, bases);
    }
    capped
}

/// What differs from mosdepth under these settings.
fn corrections(settings: &DepthSettings) -> Vec<String> {
    let regions = settings.by.is_some();
    let table = [
        (!settings.fast, "the overlap of mates ends where the shorter mate ends"),
        (true, "contigs without records count as depth 0"),
        (regions, "regions on contigs without records count as depth 0"),
        (regions && !settings.per_base, "contigs without regions count in the totals"),
        (true, "minima of totals are true minima"),
        (settings.quantize.is_some(), "the last base of a contig is in its own bin"),
        (regions, "bases that a region has beyond its contig do not count"),
        (regions && !settings.median, "means are one division of integer sums"),
        (true, "distributions have no greatest depth"),
    ];
    table.iter().filter(|(applies, _)| *applies).map(|(_, text)| (*text).to_owned()).collect()
}
