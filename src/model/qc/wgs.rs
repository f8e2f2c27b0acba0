//! Coverage as whole-genome sequencing is judged by it: the values of Picard's CollectWgsMetrics.

use schemars::JsonSchema;
use serde::Serialize;

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
    /// For each depth of [`WGS_DEPTHS`] the share of bases that reach it.
    pub at_least: Vec<WgsShare>,
    /// Fold of more sequencing that would lift 80%, 90% and 95% of the bases to the mean.
    pub fold_penalty: [Option<f64>; 3],
    /// Theoretical sensitivity for heterozygous SNPs.
    pub het_snp_sensitivity: f64,
    /// The same as a phred value.
    pub het_snp_q: i32,
    /// How many bases have each capped depth.
    #[serde(skip)]
    pub histogram: Vec<u64>,
    /// Contigs of the header that the reference has, in the header's order.
    #[serde(skip)]
    pub contigs: Vec<WgsContig>,
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
