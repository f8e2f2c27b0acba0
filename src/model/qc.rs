//! What quality control learns about one alignment file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::contract::{ContractQc, Q30Yield};
use super::made_by::PolicyMark;
use super::samtools::SamtoolsQc;
use super::sketch::{Sketch, SketchSummary};
use super::verdict::Verdict;
use super::written::WrittenFile;

pub mod alignment;
pub mod gc_bias;
pub mod insert_size;
pub mod quality_yield;
pub mod wgs;

pub use wgs::WgsQc;

/// What the somatic calls of a case tell of its tumour sample.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TumourContent {
    /// Share of tumour cells, 0 to 1; `None` where the calls do not tell.
    pub purity: Option<f64>,
    /// Somatic variants by share of ALT reads: element `i` counts shares from `i` up to below `i + 1` thousandths.
    pub shares: Vec<u64>,
}

impl TumourContent {
    /// Share of the variants with less than this share of ALT reads (to three digits); `None` without variants.
    pub fn share_below(&self, share: f64) -> Option<f64> {
        let all: u64 = self.shares.iter().sum();
        let bins = (share * 1_000.0).round() as usize;
        let below: u64 = self.shares.iter().take(bins).sum();
        (all > 0).then(|| below as f64 / all as f64)
    }
}

/// All metric values of one alignment file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SampleQc {
    /// The sample of the read groups, else the stem of the file's name.
    pub sample: String,
    /// Name of the file, without folders.
    pub file: String,
    /// What was read, so that a later run can tell whether the file has changed.
    pub input: InputDigest,
    /// Rules under which it was read and judged; absent where nobody wrote them down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<PolicyMark>,
    /// Counts by flag, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flags: Option<FlagCounts>,
    /// Depth of coverage, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<DepthQc>,
    /// Insert sizes by orientation, when asked for and when there are pairs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insert_size: Option<Vec<insert_size::InsertSizes>>,
    /// Reads, bases and their qualities, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quality_yield: Option<quality_yield::QualityYield>,
    /// How reads align, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alignment: Option<alignment::AlignmentSummary>,
    /// Coverage by GC content, when asked for and when there is a reference and an aligned read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gc_bias: Option<gc_bias::GcBias>,
    /// Depth over genes and panels, when a gene model was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub genes: Option<super::gene_coverage::GenesQc>,
    /// Coverage of the known genome by bases that pass every filter, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wgs: Option<WgsQc>,
    /// Bases that wgs excludes by region; `None` unless asked for.
    #[serde(skip)]
    pub excluded: Option<Vec<wgs::RegionBases>>,
    /// Summary numbers of samtools, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samtools: Option<SamtoolsQc>,
    /// Depth as contracts ask for it, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract: Option<ContractQc>,
    /// Bases of quality 30 and more, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q30: Option<Q30Yield>,
    /// The sample at known sites, for identity checks: written to a file of its own.
    #[serde(skip)]
    pub sketch: Option<Sketch>,
    /// What that sketch says at first sight.
    #[serde(rename = "sketch", skip_serializing_if = "Option::is_none")]
    pub sketch_summary: Option<SketchSummary>,
    /// Contamination and genotypes at known sites, when there is a sketch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<super::identity::SampleIdentity>,
    /// What the somatic calls tell of a tumour sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tumour: Option<TumourContent>,
    /// The values against a set of acceptance limits, when one was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<Verdict>,
    /// Remarks for the reader of the results.
    pub notes: Vec<String>,
    /// The tracks that were written on the way, without their indices.
    #[serde(skip)]
    pub tracks: Vec<WrittenFile>,
}

/// An alignment file's identity, taken on the way through it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InputDigest {
    /// Size in bytes; absent for a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of the SAM header text and the contig list.
    pub header_sha256: String,
    /// SHA-256 over checksum and length of every BGZF block, or every header of a container and block of CRAM, in file
    /// order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks_sha256: Option<String>,
}

/// Counts of records by flag, each as `[passed, failed]` by the quality-check flag, with the definitions of
/// `samtools flagstat`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FlagCounts {
    /// All records.
    pub total: [u64; 2],
    /// Records that are neither secondary nor supplementary.
    pub primary: [u64; 2],
    /// Secondary alignments.
    pub secondary: [u64; 2],
    /// Supplementary alignments (that are not secondary).
    pub supplementary: [u64; 2],
    /// Duplicates.
    pub duplicates: [u64; 2],
    /// Duplicates among primary records.
    pub primary_duplicates: [u64; 2],
    /// Mapped records.
    pub mapped: [u64; 2],
    /// Mapped primary records.
    pub primary_mapped: [u64; 2],
    /// Primary records of paired templates.
    pub paired: [u64; 2],
    /// First reads.
    pub read1: [u64; 2],
    /// Second reads.
    pub read2: [u64; 2],
    /// Mapped and flagged as properly paired.
    pub properly_paired: [u64; 2],
    /// Mapped with a mapped mate.
    pub both_mapped: [u64; 2],
    /// Mapped with an unmapped mate.
    pub singletons: [u64; 2],
    /// Both mapped, on different contigs.
    pub different_contig: [u64; 2],
    /// Both mapped, on different contigs, mapping quality at least 5.
    pub different_contig_mapq5: [u64; 2],
}

/// Depth of coverage of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DepthQc {
    /// Where the numbers differ on purpose from those of mosdepth; empty under `--compat mosdepth`.
    pub corrections: Vec<String>,
    /// The mosdepth version whose numbers and faults were reproduced, if any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compat: Option<String>,
    /// Every contig of the header, in its order.
    pub contigs: Vec<ContigDepth>,
    /// All contigs that count.
    pub total: DepthSummary,
    /// All regions (`--by`) that count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_regions: Option<DepthSummary>,
    /// For each set of spans asked for by the program itself (panels), the values of each span.
    #[serde(skip)]
    pub asked: Vec<Vec<RegionDepth>>,
    /// Digits after the point in text outputs.
    #[serde(skip)]
    pub precision: usize,
}

/// Depth over one contig.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ContigDepth {
    /// Name in the alignment's header.
    pub name: String,
    /// Length, bp.
    pub length: u32,
    /// Whether any record, counted or not, lies on the contig.
    pub has_records: bool,
    /// Whether the contig has its row in the summary.
    #[serde(skip)]
    pub listed: bool,
    /// All its bases.
    pub whole: DepthSummary,
    /// The bases of its regions, overlapping ones counted as often as they overlap.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<DepthSummary>,
    /// How many bases have each depth.
    #[serde(skip)]
    pub histogram: DepthHistogram,
    /// The same over regions; with windows, how many windows have each rounded mean.
    #[serde(skip)]
    pub region_histogram: DepthHistogram,
}

/// Depth over a set of bases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, JsonSchema)]
pub struct DepthSummary {
    /// Number of bases.
    pub bases: u64,
    /// Sum of their depths.
    pub sum: u64,
    /// Least depth; `None` without bases.
    pub min: Option<u32>,
    /// Greatest depth; 0 without bases.
    pub max: u32,
}

impl Serialize for DepthSummary {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut fields = serializer.serialize_struct("DepthSummary", 5)?;
        fields.serialize_field("bases", &self.bases)?;
        fields.serialize_field("sum", &self.sum)?;
        fields.serialize_field("mean", &self.mean())?;
        fields.serialize_field("min", &self.min.unwrap_or(0))?;
        fields.serialize_field("max", &self.max)?;
        fields.end()
    }
}

impl DepthSummary {
    /// Mean depth; 0 without bases.
    pub fn mean(&self) -> f64 {
        if self.bases == 0 { 0.0 } else { self.sum as f64 / self.bases as f64 }
    }

    /// Counts `bases` bases of this depth in.
    pub fn add(&mut self, depth: u32, bases: u64) {
        if bases > 0 {
            self.bases += bases;
            self.sum += u64::from(depth) * bases;
            self.min = Some(self.min.map_or(depth, |min| min.min(depth)));
            self.max = self.max.max(depth);
        }
    }

    /// Counts another set of bases in.
    pub fn merge(&mut self, other: &Self) {
        self.bases += other.bases;
        self.sum += other.sum;
        self.min = self.min.into_iter().chain(other.min).min();
        self.max = self.max.max(other.max);
    }
}

/// Depth over one region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RegionDepth {
    /// Values over the region's bases that the contig has.
    pub summary: DepthSummary,
    /// Bases whose depth reaches each threshold, in the order of the thresholds asked for.
    pub at_least: Vec<u64>,
}

/// How many bases have each depth, or pairs or reads each length: exactly, for any value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepthHistogram {
    low: Vec<u64>,
    high: BTreeMap<u32, u64>,
}

/// Depths below this are counted in an array: 32 KiB at most, which stays in the first-level cache at usual depths.
const LOW_DEPTHS: usize = 4096;

impl DepthHistogram {
    /// Counts `bases` bases of this depth in.
    #[inline]
    pub fn add(&mut self, depth: u32, bases: u64) {
        match self.low.get_mut(depth as usize) {
            Some(count) => *count += bases,
            None => self.add_new(depth, bases),
        }
    }

    fn add_new(&mut self, depth: u32, bases: u64) {
        if (depth as usize) < LOW_DEPTHS {
            self.low.resize((depth as usize + 1).next_power_of_two(), 0);
            self.low[depth as usize] += bases;
        } else {
            *self.high.entry(depth).or_default() += bases;
        }
    }

    /// Counts another histogram in.
    pub fn merge(&mut self, other: &Self) {
        for (depth, bases) in other.iter() {
            self.add(depth, bases);
        }
    }

    /// Depths that occur and their numbers of bases, ascending.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (u32, u64)> {
        let low = self.low.iter().enumerate().map(|(depth, &bases)| (depth as u32, bases));
        low.chain(self.high.iter().map(|(&depth, &bases)| (depth, bases)))
            .filter(|&(_, bases)| bases > 0)
    }

    /// The number of bases of a depth.
    pub fn count(&self, depth: u32) -> u64 {
        let low = self.low.get(depth as usize).copied();
        low.unwrap_or_else(|| self.high.get(&depth).copied().unwrap_or(0))
    }

    /// All bases.
    pub fn total(&self) -> u64 {
        self.iter().map(|(_, bases)| bases).sum()
    }

    /// Number, sum, least and greatest depth of the bases.
    pub fn summary(&self) -> DepthSummary {
        let mut summary = DepthSummary::default();
        for (depth, bases) in self.iter() {
            summary.add(depth, bases);
        }
        summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_counts_any_depth() {
        let mut histogram = DepthHistogram::default();
        for (depth, bases) in [(0, 5), (7, 2), (4_000_000, 1), (7, 1)] {
            histogram.add(depth, bases);
        }
        let mut twice = histogram.clone();
        twice.merge(&histogram);
        assert_eq!(twice.iter().collect::<Vec<_>>(), [(0, 10), (7, 6), (4_000_000, 2)]);
        assert_eq!((twice.total(), twice.count(7), twice.count(9)), (18, 6, 0));
        let summary = histogram.summary();
        assert_eq!((summary.min, summary.max, summary.sum), (Some(0), 4_000_000, 4_000_021));
    }

    #[test]
    fn no_bases_have_mean_zero() {
        let json = serde_json::to_string(&DepthSummary::default()).unwrap();
        assert_eq!(json, r#"{"bases":0,"sum":0,"mean":0.0,"min":0,"max":0}"#);
    }
}
