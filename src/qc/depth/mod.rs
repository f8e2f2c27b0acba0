//! Depth of coverage with the semantics of mosdepth.
//!
//! A base counts where a read aligns to it (`M`, `=`, `X`); deletions and skips do not count, and there is no
//! base-quality filter. Reads with any bit of 1796 (unmapped, secondary, failed, duplicate) are left out, supplementary
//! ones are not. Two mates of a proper pair count once where they overlap.
//!
//! # Differences from mosdepth
//!
//! Under `--compat mosdepth` the text of every output equals that of mosdepth 0.3.3. Without it these faults are
//! corrected, and the results list them:
//!
//! | what mosdepth 0.3.3 does | what it causes | here |
//! |---|---|---|
//! | takes an overlap back up to the first mate's end even when the second mate ends before (both CIGARs one operation) | bases behind an adapter-trimmed mate lose depth | only the overlap is taken back |
//! | leaves contigs without records out of summary and total | total mean too high on files without some contigs | every contig of the header counts |
//! | leaves BED regions on such contigs out of `total_region` | mean over a panel too high | they count as 0 |
//! | with `-n`, a BED and neither `-T` nor `-q`, leaves contigs without regions out of summary and distribution | `total` depends on an output flag | they count |
//! | starts the minima of `total`, `total_region` and the first region row at 0 | minima always 0 | true minima |
//! | ends the quantize loop one base early | the last base of a contig takes its neighbour's bin | its own bin |
//! | divides by the whole length of a region that hangs over the contig's end | diluted mean | bases that exist |
//! | adds depth/length up base by base | last digit differs at ties | integer sum, one division |
//! | counts depth above 400,000 as 399,990, and windows above 999 as 999 | distribution cut | exact |
//!
//! Mates find each other by name and, unless in compat mode, only when their mate fields agree. In compat mode a read
//! whose mate fields are wrong (realigned without `fixmate`) pairs as in mosdepth as long as the mates really overlap.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

use crate::io::track::Track;
use crate::model::coord::Span;
use crate::model::problem::Problem;
use crate::model::qc::DepthHistogram;
use crate::model::read::Fields;

use super::{Collector, Joiner, Metric, MetricContext, Shard};

mod bins;
mod by;
mod collect;
mod count;
mod deltas;
mod ends;
mod finish;
mod join;
mod listed;
mod marks;
pub(super) mod mate_list;
pub(super) mod mates;
mod plain;
mod regions;
mod sections;
mod shard;
pub(super) mod unevenness;

pub(super) use collect::DepthCollector;

/// The metric's name.
pub const ID: &str = "depth";
/// What it is, in one line.
pub const ABOUT: &str = "depth of coverage, as mosdepth";

/// Whose numbers to give.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compat {
    /// Right ones.
    #[default]
    Corrected,
    /// Those of mosdepth 0.3.3, faults included.
    Mosdepth,
}

/// What of a read counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Its aligned bases, those that mates share once.
    #[default]
    Bases,
    /// The whole span on the reference: no look into the CIGAR, mates counted twice.
    Spans,
    /// The whole stretch that a proper pair comes from, the insert too.
    Fragments,
}

/// How far a fragment may reach back from its first read, bp: depth is held back that far. Proper pairs stay below it by
/// two orders of magnitude (Illumina inserts) or one (mate-pair libraries of some kb).
const FRAGMENT_REACH: u32 = 1 << 16;
/// Tracks are compressed by cells of so many bp, each on its own, so that their bytes do not depend on how the alignment was
/// cut: chunks end where cells end. A multiple of the tracks' index windows.
const CELL: u32 = 1 << 15;

/// What to do per region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Windows of this many bp from the start of each contig.
    Windows(u32),
    /// Listed regions.
    Regions(Vec<BedRegion>),
}

/// A region of a BED file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BedRegion {
    /// Contig name as the alignment's header has it.
    pub contig: String,
    /// The bases.
    pub span: Span,
    /// Its name.
    pub name: Option<String>,
}

/// Bins of depth: bin `i` is `bounds[i] .. bounds[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quantize {
    bounds: Vec<u64>,
    labels: Vec<String>,
}

impl Quantize {
    /// Reads `0:1:4:`; a leading `:` means 0, a trailing one infinity, and a single number `N` means `:N:`. `label(i)` may
    /// name bin `i`.
    ///
    /// # Errors
    ///
    /// A bound that is no number.
    pub fn parse(text: &str, label: impl Fn(usize) -> Option<String>) -> Result<Self, Problem> {
        let whole = if text.contains(':') { text.to_owned() } else { format!(":{text}:") };
        let mut bounds = Vec::new();
        let parts: Vec<&str> = whole.split(':').collect();
        for (i, part) in parts.iter().enumerate() {
            bounds.push(match part.parse() {
                Ok(bound) => bound,
                Err(_) if part.is_empty() && i == 0 => 0,
                Err(_) if part.is_empty() && i + 1 == parts.len() => u64::MAX,
                Err(_) => {
                    return Err(Problem::usage(format!("{part:?} in {text:?} is no depth"))
                        .help("write bins of depth as in -q 0:1:5:150:"));
                }
            });
        }
        bounds.sort_unstable();
        let labels = bounds.windows(2).enumerate().map(|(i, bin)| {
            label(i).unwrap_or_else(|| match bin[1] {
                u64::MAX => format!("{}:inf", bin[0]),
                end => format!("{}:{end}", bin[0]),
            })
        });
        Ok(Self { labels: labels.collect(), bounds })
    }

    /// The bin of a depth; `None` when no bin holds it.
    pub fn bin(&self, depth: u32) -> Option<usize> {
        let depth = u64::from(depth);
        let i = self.bounds.iter().position(|&bound| bound >= depth)?;
        let i = if self.bounds[i] == depth { i } else { i.checked_sub(1)? };
        (i < self.labels.len()).then_some(i)
    }

    /// The label of a bin.
    pub fn label(&self, bin: usize) -> &str {
        self.labels.get(bin).map_or("", String::as_str)
    }
}

/// Spans whose depth the program itself wants to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AskedSpans {
    /// Contig name as the alignment's header has it, and the bases. Any order, overlaps allowed.
    pub spans: Vec<(String, Span)>,
    /// Depths for which to count the bases that reach them, ascending.
    pub thresholds: Vec<u32>,
    /// Whether the histogram and the gaps of each span are wanted. Such spans are handed out as they are finished
    /// instead of kept: there may be very many.
    pub details: Option<Details>,
}

/// What else to tell of spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Details {
    /// Bases of a lesser depth are gaps.
    pub gap_below: u32,
}

/// A finished span.
#[derive(Debug)]
pub(super) struct SpanDetails {
    /// Its place in [`AskedSpans::spans`].
    pub(super) span: usize,
    /// How many of its bases have each depth.
    pub(super) histogram: DepthHistogram,
    /// Maximal runs of a depth below the threshold: start and end, ascending.
    pub(super) gaps: Vec<(u32, u32)>,
}

/// What to count and to write.
#[derive(Clone, Debug)]
pub struct DepthSettings {
    /// What of a read counts.
    pub mode: Mode,
    /// Template lengths (bp, without sign) of the reads that count.
    pub lengths: RangeInclusive<u32>,
    /// Least mapping quality, phred.
    pub min_mapq: u32,
    /// Reads with any of these flag bits do not count.
    pub exclude_flags: u16,
    /// When not 0, only reads with any of these bits count.
    pub include_flags: u16,
    /// When not empty, only reads of these read groups count.
    pub read_groups: Vec<String>,
    /// Write the depth of every base.
    pub per_base: bool,
    /// Values by window or region.
    pub by: Option<By>,
    /// Depths for which to count bases by region, ascending.
    pub thresholds: Vec<u32>,
    /// Bins to merge bases into.
    pub quantize: Option<Quantize>,
    /// Median instead of mean by region.
    pub median: bool,
    /// Digits after the point.
    pub precision: usize,
    /// Whose numbers to give.
    pub compat: Compat,
    /// Spans whose depth the program itself wants to know.
    pub asked: Vec<AskedSpans>,
}

impl Default for DepthSettings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            lengths: 0..=u32::MAX,
            min_mapq: 0,
            exclude_flags: 1796,
            include_flags: 0,
            read_groups: Vec::new(),
            per_base: true,
            by: None,
            thresholds: Vec::new(),
            quantize: None,
            median: false,
            precision: 2,
            compat: Compat::Corrected,
            asked: Vec::new(),
        }
    }
}

/// Makes the metric.
///
/// # Errors
///
/// None.
pub fn make(context: &MetricContext<'_>) -> Result<Box<dyn Metric>, Problem> {
    let settings = context.settings.depth.clone();
    let second = super::contract::beside_depth(context).then(|| Second {
        min_mapq: super::contract::MIN_MAPQ,
        without_n: super::contract::without_n(context),
    });
    Ok(Box::new(Depth { second, ..Depth::new(context.contigs, settings, context.output.cloned()) }))
}

/// What a run of the machinery is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// [`SampleQc::depth`](crate::model::qc::SampleQc::depth) and tracks.
    Tracks,
    /// [`SampleQc::contract`](crate::model::qc::SampleQc::contract).
    Contract {
        /// Which bases that are N in the reference are left out of histograms.
        without_n: WithoutN,
    },
}

impl Purpose {
    fn without_n(self) -> bool {
        matches!(self, Self::Contract { without_n } if without_n != WithoutN::Nowhere)
    }
}

/// Where bases that are N in the reference are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WithoutN {
    /// There is no reference.
    Nowhere,
    /// The reference lacks contigs that count.
    Partly,
    /// On all contigs that count.
    Everywhere,
}

/// A second track in the same walk: [`SampleQc::contract`](crate::model::qc::SampleQc::contract) from the reads of the
/// tracks that have a mapping quality.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Second {
    min_mapq: u32,
    /// Which bases that are N in the reference are left out of its histograms.
    without_n: WithoutN,
}

/// Depth for another purpose than tracks: no file is written.
pub(super) fn metric(
    settings: DepthSettings,
    context: &MetricContext<'_>,
    purpose: Purpose,
) -> Box<dyn Metric> {
    Box::new(Depth { purpose, ..Depth::new(context.contigs, settings, None) })
}

/// The metric.
#[derive(Debug)]
pub(super) struct Depth {
    contigs: Arc<[(String, u32)]>,
    settings: Arc<DepthSettings>,
    sets: Arc<[regions::RegionSet]>,
    output: Option<PathBuf>,
    pool: Arc<shard::Pool>,
    purpose: Purpose,
    second: Option<Second>,
}

impl Depth {
    /// Depth with these settings; without an output no track is written.
    pub(super) fn new(
        contigs: &Arc<[(String, u32)]>,
        settings: DepthSettings,
        output: Option<PathBuf>,
    ) -> Self {
        let sets = Arc::from(regions::RegionSet::all(&settings, contigs));
        let (contigs, settings) = (Arc::clone(contigs), Arc::new(settings));
        let purpose = Purpose::Tracks;
        Self { contigs, settings, sets, output, pool: Arc::default(), purpose, second: None }
    }

    /// The collector as what it is, for metrics that look at spans as they are finished.
    ///
    /// # Errors
    ///
    /// When a track cannot be created.
    pub(super) fn spans(&self) -> Result<DepthCollector, Problem> {
        let settings = &self.settings;
        let by = settings.by.is_some();
        let mut tracks = collect::Tracks {
            per_base: self.track(settings.per_base, ".per-base.bed.gz")?,
            regions: self.track(by, ".regions.bed.gz")?,
            thresholds: self.track(by && !settings.thresholds.is_empty(), ".thresholds.bed.gz")?,
            quantized: self.track(settings.quantize.is_some(), ".quantized.bed.gz")?,
        };
        tracks.begin(settings)?;
        let (contigs, sets) = (Arc::clone(&self.contigs), Arc::clone(&self.sets));
        Ok(DepthCollector::new(contigs, Arc::clone(settings), sets, tracks))
    }

    fn track(&self, wanted: bool, suffix: &str) -> Result<Option<Track>, Problem> {
        match &self.output {
            Some(stem) if wanted => {
                let mut path = stem.clone().into_os_string();
                path.push(suffix);
                Track::create(&PathBuf::from(path), &self.contigs).map(Some)
            }
            _ => Ok(None),
        }
    }
}

impl Metric for Depth {
    fn needs(&self) -> Fields {
        let mut fields = Fields::CORE | Fields::CIGAR;
        match self.settings.mode {
            Mode::Bases => fields = fields | Fields::MATE | Fields::NAME,
            Mode::Spans => {}
            Mode::Fragments => fields = fields | Fields::MATE | Fields::TEMPLATE_LENGTH,
        }
        if self.settings.lengths != (0..=u32::MAX) {
            fields = fields | Fields::TEMPLATE_LENGTH;
        }
        if !self.settings.read_groups.is_empty() {
            fields = fields | Fields::READ_GROUP;
        }
        if self.purpose != Purpose::Tracks || self.second.is_some() {
            fields = fields | Fields::REFERENCE;
        }
        fields
    }

    fn shard(&self) -> Box<dyn Shard> {
        let second = self.second.map_or(0, |second| second.min_mapq);
        Box::new(shard::DepthShard::new(Arc::clone(&self.settings), second, Arc::clone(&self.pool)))
    }

    fn joiner(&self) -> Box<dyn Joiner> {
        Box::new(join::DepthJoiner::new(finish::Shared {
            contigs: Arc::clone(&self.contigs),
            settings: Arc::clone(&self.settings),
            sets: Arc::clone(&self.sets),
            pool: Arc::clone(&self.pool),
            files: self.output.is_some(),
            without_n: self.purpose.without_n(),
            second: self.second,
        }))
    }

    fn collector(&self) -> Result<Box<dyn Collector>, Problem> {
        Ok(Box::new(self.spans()?.with_purpose(self.purpose).with_second(self.second)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_half_open_and_values_outside_have_none() {
        let quantize = Quantize::parse("1:4:100", |_| None).unwrap();
        let bins: Vec<_> = [0, 1, 3, 4, 99, 100, 101].map(|depth| quantize.bin(depth)).into();
        assert_eq!(bins, [None, Some(0), Some(0), Some(1), Some(1), None, None]);
        assert_eq!(quantize.label(1), "4:100");
        let open = Quantize::parse("5", |i| (i == 0).then(|| "LOW".into())).unwrap();
        assert_eq!((open.label(0), open.label(1)), ("LOW", "5:inf"));
        assert_eq!((open.bin(4), open.bin(5), open.bin(u32::MAX)), (Some(0), Some(1), Some(1)));
        assert!(Quantize::parse("1:x", |_| None).is_err());
    }
}
