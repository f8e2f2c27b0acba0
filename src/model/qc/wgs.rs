//! Coverage as whole-genome sequencing is judged by it: the values of Picard's CollectWgsMetrics.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::coord::Span;

/// Depths for which the share of bases that reach them is given: those of Picard's `PCT_nX`.
pub const WGS_DEPTHS: [u32; 14] = [1, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100];

/// Coverage by reads that pass every filter, over the reference's known bases. Shares are between 0 and 1; a value is
/// absent where it would be a division by zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WgsQc {
    /// Reference bases that are not N.
    pub territory: u64,
    /// Mean depth, each base's depth capped.
    pub mean: Option<f64>,
    /// Standard deviation of the capped depth.
    pub sd: Option<f64>,
    /// Median of the capped depth.
    pub median: f64,
    /// Median of the distances from the median.
    pub mad: f64,
    /// Shares of aligned bases that do not count, by reason.
    pub excluded: WgsExcluded,
    /// The bases behind these shares.
    pub bases: WgsBases,
    /// For each depth of [`WGS_DEPTHS`] the share of bases that reach it.
    pub at_least: Vec<WgsShare>,
    /// Fold of more sequencing that would lift 80%, 90% and 95% of the bases to the mean.
    pub fold_penalty: [Option<f64>; 3],
    /// Theoretical sensitivity for heterozygous SNPs.
    pub het_snp_sensitivity: f64,
    /// The same as a phred value.
    pub het_snp_q: i32,
    /// Chromosomes 1 to 22 alone; `None` where the file has none of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autosomes: Option<WgsDepth>,
    /// How many bases have each capped depth.
    #[serde(skip)]
    pub histogram: Vec<u64>,
    /// Contigs of the header that the reference has, in the header's order.
    #[serde(skip)]
    pub contigs: Vec<WgsContig>,
}

/// Capped depth over the known bases of some contigs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WgsDepth {
    /// Reference bases that are not N.
    pub territory: u64,
    /// Mean depth.
    pub mean: f64,
    /// Median depth.
    pub median: f64,
    /// Median of the distances from the median.
    pub mad: f64,
    /// How many bases have each capped depth.
    #[serde(skip)]
    pub histogram: Vec<u64>,
}

impl WgsDepth {
    /// The share of bases that reach a depth, 0 to 1; 0 without bases.
    pub fn share(&self, depth: u32) -> f64 {
        let reached: u64 = self.histogram.iter().skip(depth as usize).sum();
        if self.territory == 0 { 0.0 } else { reached as f64 / self.territory as f64 }
    }
}

/// Shares of aligned bases that do not count, by the first reason that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WgsExcluded {
    /// Reads that are adapter.
    pub adapter: f64,
    /// Low mapping quality.
    pub mapq: f64,
    /// Duplicates.
    pub duplicate: f64,
    /// Reads without a mapped mate.
    pub unpaired: f64,
    /// Low base quality, or N.
    pub base_quality: f64,
    /// The template's other read counts already.
    pub overlap: f64,
    /// Depth above the cap.
    pub capped: f64,
    /// All reasons.
    pub total: f64,
}

/// Aligned bases by what became of them: those that count, and those that do not by the first reason that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WgsBases {
    /// Those that count.
    pub counted: u64,
    /// Of reads that are adapter.
    pub adapter: u64,
    /// Of reads of low mapping quality.
    pub mapq: u64,
    /// Of duplicates.
    pub duplicate: u64,
    /// Of reads without a mapped mate.
    pub unpaired: u64,
    /// Of low base quality, or N.
    pub base_quality: u64,
    /// The template's other read counts already.
    pub overlap: u64,
    /// Depth above the cap.
    pub capped: u64,
}

impl WgsBases {
    /// Adds others.
    pub fn merge(&mut self, other: &Self) {
        self.counted += other.counted;
        self.adapter += other.adapter;
        self.mapq += other.mapq;
        self.duplicate += other.duplicate;
        self.unpaired += other.unpaired;
        self.base_quality += other.base_quality;
        self.overlap += other.overlap;
        self.capped += other.capped;
    }

    /// All that do not count.
    pub fn excluded(&self) -> u64 {
        let reads = self.adapter + self.mapq + self.duplicate + self.unpaired;
        reads + self.base_quality + self.overlap + self.capped
    }
}

/// Aligned bases over one region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionBases {
    /// Contig name as the alignment's header has it.
    pub contig: String,
    /// The region.
    pub span: Span,
    /// Its name.
    pub name: Option<String>,
    /// Whether the reference has the contig.
    pub assessed: bool,
    /// Reference bases that are not N.
    pub known: u64,
    /// The bases.
    pub bases: WgsBases,
}

impl Default for RegionBases {
    fn default() -> Self {
        let (known, bases) = (0, WgsBases::default());
        Self {
            contig: String::new(),
            span: Span::new(0, 0),
            name: None,
            assessed: true,
            known,
            bases,
        }
    }
}

/// The share of bases that reach a depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WgsShare {
    /// The depth.
    pub depth: u32,
    /// The share.
    pub share: Option<f64>,
}

/// Depth over the known bases of one contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WgsContig {
    /// Name in the alignment's header.
    pub name: String,
    /// How many bases have each capped depth.
    pub histogram: Vec<u64>,
}
