//! Collects finished chunks in order: writes the tracks and sums the contigs up.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;

use crate::io::track::Track;
use crate::model::problem::Problem;
use crate::model::qc::{ContigDepth, DepthHistogram, DepthQc, DepthSummary, RegionDepth, SampleQc};
use crate::model::written::WrittenFile;

use super::super::{Collector, Parcel, unpack};
use super::bins::{BinRun, BinRuns};
use super::by::{Column, Finished, Tally, Values};
use super::finish::ChunkResult;
use super::regions::{Part, RegionSet};
use super::unevenness::Windows;
use super::{Compat, DepthSettings, Mode, Purpose, Second, SpanDetails, WithoutN};

/// Depths above this are counted as [`MOSDEPTH_CAPPED`] by mosdepth.
const MOSDEPTH_CAP: u32 = 400_000;
const MOSDEPTH_CAPPED: u32 = 399_990;
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

    /// Appends the lines of regions that a chunk finished.
    fn append(&mut self, contig: (u32, &str), finished: &Finished) -> Result<(), Problem> {
        let pairs =
            [(&mut self.regions, &finished.regions), (&mut self.thresholds, &finished.thresholds)];
        for (track, piece) in pairs {
            if let (Some(track), Some(piece)) = (track, piece) {
                track.append(contig, piece)?;
            }
        }
        Ok(())
    }

    fn line(
        &mut self,
        column: Column,
        contig: (u32, &str),
        span: (u32, u32),
        rest: &[u8],
    ) -> Result<(), Problem> {
        let track = match column {
            Column::Regions => &mut self.regions,
            Column::Thresholds => &mut self.thresholds,
        };
        track.as_mut().map_or(Ok(()), |track| track.line(contig, span, rest))
    }

    fn finish(self) -> Result<Vec<WrittenFile>, Problem> {
        [self.per_base, self.regions, self.thresholds, self.quantized]
            .into_iter()
            .flatten()
            .map(Track::finish)
            .collect()
    }
}

/// The collector.
#[derive(Debug)]
pub(in crate::qc) struct DepthCollector {
    contigs: Arc<[(String, u32)]>,
    settings: Arc<DepthSettings>,
    sets: Arc<[RegionSet]>,
    tracks: Tracks,
    done: Vec<ContigDepth>,
    /// The same of the second track.
    second_done: Vec<ContigDepth>,
    /// For each contig that is done its known bases by window.
    windows: Vec<Windows>,
    open: OpenContig,
    asked: Vec<Vec<RegionDepth>>,
    finished: Vec<SpanDetails>,
    purpose: Purpose,
    second: Option<Second>,
}

/// The contig whose chunks arrive now.
#[derive(Debug, Default)]
struct OpenContig {
    histogram: DepthHistogram,
    second: DepthHistogram,
    windows: Windows,
    /// How many bases of listed regions have each depth.
    region_histogram: DepthHistogram,
    regions: Tally,
    /// Regions that chunks have finished and whose turn has not come.
    finished: VecDeque<Finished>,
    quantized: Option<BinRun>,
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
                let kept = if asked.details.is_some() { 0 } else { asked.spans.len() };
                vec![empty; kept]
            })
            .collect();
        let open = OpenContig::for_sets(sets.len());
        let (done, finished, purpose) = (Vec::new(), Vec::new(), Purpose::Tracks);
        let (windows, second, second_done) = (Vec::new(), None, Vec::new());
        Self {
            contigs,
            settings,
            sets,
            tracks,
            done,
            second_done,
            windows,
            open,
            asked,
            finished,
            purpose,
            second,
        }
    }

    /// The spans with details that were finished since the last call, by contig and start.
    pub(in crate::qc) fn take_finished(&mut self) -> Vec<SpanDetails> {
        std::mem::take(&mut self.finished)
    }

    pub(super) fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    pub(super) fn with_second(mut self, second: Option<Second>) -> Self {
        self.second = second;
        self
    }

    fn mosdepth(&self) -> bool {
        self.settings.compat == Compat::Mosdepth
    }

    fn quantized(&mut self, contig: u32, run: BinRun) -> Result<(), Problem> {
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

    fn bins(&mut self, contig: u32, bins: &BinRuns) -> Result<(), Problem> {
        if let Some(run) = bins.first {
            self.quantized(contig, run)?;
        }
        let Some(last) = bins.last else { return Ok(()) };
        let before = self.open.quantized.replace(last);
        self.write_quantized(contig, before)?;
        let name = self.contigs.get(contig as usize).map_or("", |(name, _)| name);
        match (&mut self.tracks.quantized, &bins.between) {
            (Some(track), Some(piece)) => track.append((contig, name), piece),
            _ => Ok(()),
        }
    }

    fn write_quantized(&mut self, contig: u32, run: Option<BinRun>) -> Result<(), Problem> {
        let (Some((start, end, bin)), Some(quantize)) = (run, &self.settings.quantize) else {
            return Ok(());
        };
        let name = self.contigs.get(contig as usize).map_or("", |(name, _)| name);
        match &mut self.tracks.quantized {
            Some(track) => track.line((contig, name), (start, end), quantize.label(bin).as_bytes()),
            None => Ok(()),
        }
    }

    /// Reports the regions of `--by` that are complete, in order; all of them at the end of the contig.
    fn report_by(&mut self, contig: u32, all: bool) -> Result<(), Problem> {
        let sets = Arc::clone(&self.sets);
        let Some(set) = sets.first() else { return Ok(()) };
        let name = self.contigs.get(contig as usize).map_or("", |(name, _)| name);
        let values = Values { settings: &self.settings, set, contig };
        let (open, tracks) = (&mut self.open, &mut self.tracks);
        let mut text = Vec::new();
        while open.next[0] < set.count(contig) {
            let i = open.next[0];
            if let Some(finished) = open.finished.pop_front_if(|finished| finished.first == i) {
                open.next[0] += finished.count;
                open.regions.merge(&finished.tally);
                tracks.append((contig, name), &finished)?;
                continue;
            }
            let complete = open.parts[0].get(&i).is_some_and(|part| part.ends);
            if !complete && !all {
                break;
            }
            let mut part = open.parts[0].remove(&i).unwrap_or_default();
            part.region = i;
            open.next[0] += 1;
            let mut written = Ok(());
            values.report(&part, &mut open.regions, &mut text, |column, rest| {
                let span = set.bounds(contig, i);
                if written.is_ok() {
                    written = tracks.line(column, (contig, name), span, rest);
                }
            });
            written?;
        }
        Ok(())
    }

    /// Takes the values of the spans of a set that are complete; of all of them at the end of the contig.
    fn take_asked(&mut self, set: usize, contig: u32, all: bool) {
        let own = &self.sets[set];
        let asked = set - usize::from(self.settings.by.is_some());
        while self.open.next[set] < own.count(contig) {
            let i = self.open.next[set];
            let complete = self.open.parts[set].get(&i).is_some_and(|part| part.ends);
            if !complete && !all {
                break;
            }
            let part = self.open.parts[set].remove(&i).unwrap_or_default();
            self.open.next[set] += 1;
            let listed = own.get(contig, i).listed;
            if own.details.is_some() {
                self.finished.push(SpanDetails {
                    span: listed,
                    histogram: part.histogram.unwrap_or_default(),
                    gaps: part.gaps,
                });
            } else if let Some(place) = self.asked.get_mut(asked).and_then(|a| a.get_mut(listed)) {
                place.summary = part.summary;
                if !part.at_least.is_empty() {
                    place.at_least = part.at_least;
                }
            }
        }
    }

    /// Counts parts of a set in.
    fn merge(&mut self, set: usize, contig: u32, parts: Vec<Part>) {
        for part in parts {
            let (start, end) = self.sets[set].bounds(contig, part.region);
            let whole = self.open.parts[set].entry(part.region).or_default();
            whole.merge(&part, end.saturating_sub(start));
        }
    }

    fn end_contig(&mut self, contig: u32, has_records: bool) -> Result<(), Problem> {
        let by = usize::from(self.settings.by.is_some());
        if by > 0 {
            self.report_by(contig, true)?;
        }
        for set in by..self.sets.len() {
            self.take_asked(set, contig, true);
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
        open.region_histogram.merge(&open.regions.windows);
        if self.mosdepth() {
            open.histogram = capped(&open.histogram, MOSDEPTH_CAP, MOSDEPTH_CAPPED);
            open.region_histogram = capped(&open.region_histogram, MOSDEPTH_CAP, MOSDEPTH_CAPPED);
        }
        self.windows.push(open.windows);
        if self.second.is_some() {
            self.second_done.push(ContigDepth {
                name: name.clone(),
                length,
                has_records,
                listed: true,
                whole: open.second.summary(),
                histogram: open.second,
                ..ContigDepth::default()
            });
        }
        self.done.push(ContigDepth {
            name,
            length,
            has_records,
            listed,
            whole,
            regions: self.settings.by.is_some().then_some(open.regions.summary),
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
        if let Some(fault) = chunk.fault {
            return Err(fault);
        }
        self.open.histogram.merge(&chunk.histogram);
        self.open.second.merge(&chunk.second);
        self.open.windows.merge(&chunk.windows);
        if let (Some(piece), Some(track)) = (&chunk.per_base, &mut self.tracks.per_base) {
            let name = self.contigs.get(chunk.contig as usize).map_or("", |(name, _)| name);
            track.append((chunk.contig, name), piece)?;
        }
        for bins in &chunk.quantized {
            self.bins(chunk.contig, bins)?;
        }
        if let Some(histogram) = &chunk.region_histogram {
            self.open.region_histogram.merge(histogram);
        }
        for by in chunk.by {
            self.merge(0, chunk.contig, by.before);
            if by.finished.count > 0 {
                self.open.finished.push_back(by.finished);
            }
            self.merge(0, chunk.contig, by.after);
            self.report_by(chunk.contig, false)?;
        }
        let by = usize::from(self.settings.by.is_some());
        for (asked, parts) in chunk.asked.into_iter().enumerate() {
            self.merge(by + asked, chunk.contig, parts);
            self.take_asked(by + asked, chunk.contig, false);
        }
        if chunk.last { self.end_contig(chunk.contig, chunk.has_records) } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, qc: &mut SampleQc) -> Result<(), Problem> {
        let contract = match (self.purpose, self.second) {
            (Purpose::Contract { without_n }, _) => {
                Some((std::mem::take(&mut self.done), without_n))
            }
            (Purpose::Tracks, Some(second)) => {
                Some((std::mem::take(&mut self.second_done), second.without_n))
            }
            (Purpose::Tracks, None) => None,
        };
        if let Some((contigs, without_n)) = contract {
            let windows = std::mem::take(&mut self.windows);
            // Bases that are N somewhere else are no windows without depth.
            let known = (without_n == WithoutN::Everywhere).then_some(&windows[..]);
            qc.contract = Some(super::super::contract::summarise(contigs, known));
        }
        if self.purpose != Purpose::Tracks {
            return Ok(());
        }
        qc.depth = Some(self.result());
        qc.tracks = std::mem::take(&mut self.tracks).finish()?;
        Ok(())
    }
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
        (settings.mode == Mode::Bases, "the overlap of mates ends where the shorter mate ends"),
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
