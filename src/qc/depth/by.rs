//! Lines by window or listed region: what lies in one cell is formatted and compressed where its chunk runs; the rest waits
//! for its neighbours.

use std::io::Write;

use crate::io::bed_piece::{Piece, PieceWriter};
use crate::model::qc::{DepthHistogram, DepthSummary};

use super::regions::{Part, RegionSet};
use super::{Compat, DepthSettings};

/// mosdepth counts windows of a greater mean here.
const MOSDEPTH_WINDOW_CAP: u32 = 999;
/// mosdepth counts greater depths as this when it looks for a median.
const MOSDEPTH_MEDIAN_CAP: u32 = 65_535;

/// What regions amount to together.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) summary: DepthSummary,
    /// How many windows have each rounded value; nothing for listed regions.
    pub(super) windows: DepthHistogram,
}

impl Tally {
    pub(super) fn merge(&mut self, other: &Self) {
        self.summary.merge(&other.summary);
        self.windows.merge(&other.windows);
    }
}

/// Neighbouring regions that lie wholly in one cell.
#[derive(Debug, Default)]
pub(super) struct Finished {
    /// Index of the first on its contig.
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) tally: Tally,
    /// Their lines, when files are wanted.
    pub(super) regions: Option<Piece>,
    pub(super) thresholds: Option<Piece>,
}

/// What one cell knows of the regions of `--by`, in the order of the regions.
#[derive(Debug, Default)]
pub(super) struct ByCell {
    /// Parts of regions that began before.
    pub(super) before: Vec<Part>,
    pub(super) finished: Finished,
    /// Parts of the first region that goes on behind the cell, and of all regions after it.
    pub(super) after: Vec<Part>,
}

/// The tracks that a region has lines in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Regions,
    Thresholds,
}

/// Turns parts into values and lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    pub(super) settings: &'a DepthSettings,
    pub(super) set: &'a RegionSet,
    pub(super) contig: u32,
}

impl Values<'_> {
    fn mosdepth(&self) -> bool {
        self.settings.compat == Compat::Mosdepth
    }

    /// The parts that a cell (`start..`, its runs given by end and depth) adds, and the lines that it can finish, in these
    /// writers. Bases of listed regions are counted into `histogram`.
    pub(super) fn of_cell(
        &self,
        name: &str,
        (start, runs): (u32, &[(u32, u32)]),
        histogram: Option<&mut DepthHistogram>,
        mut writers: Option<[&mut PieceWriter; 2]>,
    ) -> ByCell {
        let mut cell = ByCell::default();
        for writer in writers.iter_mut().flatten() {
            writer.begin(name);
        }
        let mut text = Vec::new();
        self.set.parts(self.contig, (start, runs), histogram, |part| {
            let (from, to) = self.set.bounds(self.contig, part.region);
            if from < start {
                cell.before.push(part);
            } else if !part.ends || !cell.after.is_empty() {
                cell.after.push(part);
            } else {
                if cell.finished.count == 0 {
                    cell.finished.first = part.region;
                }
                cell.finished.count += 1;
                self.report(&part, &mut cell.finished.tally, &mut text, |column, rest| {
                    if let Some([regions, thresholds]) = &mut writers {
                        let writer = if column == Column::Regions { regions } else { thresholds };
                        writer.line(from, to, rest);
                    }
                });
            }
        });
        if let Some([regions, thresholds]) = writers
            && cell.finished.count > 0
        {
            cell.finished.regions = Some(regions.finish_cells());
            cell.finished.thresholds = Some(thresholds.finish_cells());
        }
        cell
    }

    /// Counts a finished region in and hands out what follows its place in each of its lines.
    pub(super) fn report(
        &self,
        part: &Part,
        tally: &mut Tally,
        text: &mut Vec<u8>,
        mut put: impl FnMut(Column, &[u8]),
    ) {
        let value = self.value(part);
        tally.summary.merge(&part.summary);
        if self.set.is_windows() {
            let rounded = (value + 0.5).floor() as u32;
            let cap = if self.mosdepth() { MOSDEPTH_WINDOW_CAP } else { u32::MAX };
            tally.windows.add(rounded.min(cap), 1);
        }
        let name = self.set.name(self.contig, part.region).filter(|name| !name.is_empty());
        text.clear();
        if let Some(name) = name {
            text.extend_from_slice(name.as_bytes());
            text.push(b'\t');
        }
        let precision = self.settings.precision;
        // Most windows of a thinly covered file: the text of a plain zero needs no formatting.
        if value.to_bits() == 0 && precision == 2 {
            text.extend_from_slice(b"0.00");
        } else {
            let _ = write!(text, "{value:.precision$}");
        }
        put(Column::Regions, text);
        if self.settings.thresholds.is_empty() {
            return;
        }
        text.clear();
        text.extend_from_slice(name.unwrap_or("unknown").as_bytes());
        for i in 0..self.settings.thresholds.len() {
            let _ = write!(text, "\t{}", part.at_least.get(i).copied().unwrap_or(0));
        }
        put(Column::Thresholds, text);
    }

    fn value(&self, part: &Part) -> f64 {
        match &part.histogram {
            Some(histogram) => f64::from(median(histogram, self.mosdepth())),
            None if self.settings.median => 0.0,
            None if self.mosdepth() => part.mean,
            None => part.summary.mean(),
        }
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
