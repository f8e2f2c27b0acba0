//! Shares of ALT reads, purity, clusters of substitutions, signs of germline variants.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Assessed;

/// Number of bins of a histogram of shares, each 0.01 wide.
pub const SHARE_BINS: usize = 101;

/// Histograms of somatic variants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Spectrum {
    /// Substitutions by share of ALT reads: bin `i` holds shares above `i/100 - 0.005` up to `i/100 + 0.005`.
    pub snv_shares: Vec<u32>,
    /// Insertions and deletions by share of ALT reads, likewise.
    pub indel_shares: Vec<u32>,
    /// Insertions (positive) and deletions (negative) by length, bp.
    pub indel_lengths: BTreeMap<i64, u32>,
}

/// How a purity came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PurityMethod {
    /// Twice the share of ALT reads at the highest peak with enough substitutions.
    HighestPeak,
    /// Twice the share of ALT reads at the tallest peak: no peak has enough substitutions.
    ModalPeak,
    /// The case states it.
    Stated,
}

/// Share of tumour cells in a tumour sample.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Purity {
    /// Share of tumour cells, 0 to 1.
    pub purity: f64,
    /// Lower end of the range over resamples (the stated value when it is stated).
    pub low: f64,
    /// Upper end of the range over resamples.
    pub high: f64,
    /// How it came about.
    pub method: PurityMethod,
    /// Substitutions that it rests on; 0 when it is stated.
    pub snvs: u64,
    /// What was measured where the case states another value.
    pub measured: Option<f64>,
    /// True below the policy's limit: somatic variants may be missing.
    pub is_low: bool,
    /// What the method takes for granted.
    pub assumptions: Vec<String>,
}

/// Clusters of substitutions and the distances between neighbours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kataegis {
    /// Clusters by each definition of the policy.
    pub definitions: Vec<KataegisFound>,
    /// Distances between neighbouring substitutions of a contig.
    pub rainfall: Rainfall,
}

/// Clusters by one definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KataegisFound {
    /// Id in the policy.
    pub id: String,
    /// The definition in words.
    pub title: String,
    /// Source id of the definition.
    pub source: String,
    /// The clusters in order, or why there are none to tell.
    pub regions: Assessed<Clusters>,
}

/// Clusters in order of contig and position.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Clusters {
    /// The clusters.
    pub found: Vec<Cluster>,
}

/// One cluster of substitutions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cluster {
    /// Contig.
    pub contig: String,
    /// First substitution, 1-based.
    pub start: u32,
    /// Last substitution, 1-based.
    pub end: u32,
    /// Substitutions.
    pub snvs: u32,
    /// Mean distance of neighbours, bp.
    pub mean_distance: f64,
    /// Share of substitutions that are C>T or C>G behind a T, 0 to 1; `None` without a reference.
    pub tpc_share: Option<f64>,
}

/// Distances between neighbouring substitutions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rainfall {
    /// Substitutions with a neighbour before them on the contig.
    pub distances: u64,
    /// Median distance, bp; `None` without any.
    pub median: Option<u32>,
    /// Points for the plot: all near ones, of the others as many as the policy allows.
    pub points: Vec<RainfallPoint>,
    /// Points left out of the plot, evenly among distances beyond those of clusters.
    pub left_out: u64,
}

/// One substitution and its distance to the one before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RainfallPoint {
    /// Contig.
    pub contig: String,
    /// Position, 1-based.
    pub position: u32,
    /// Distance to the substitution before, bp.
    pub distance: u32,
    /// The substitution seen from the pyrimidine, `C>T`.
    pub substitution: String,
}

/// Signs that germline variants are among the somatic ones.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Leakage {
    /// Variants that are common in a population.
    pub common: Assessed<Share>,
    /// Variants that a population knows at all.
    pub in_population: Assessed<Share>,
    /// Variants with ALT reads in the normal sample.
    pub in_normal: Assessed<Share>,
    /// Variants that the normal sample's own germline calls have.
    pub in_germline_calls: Assessed<Share>,
    /// Variants with a share of ALT reads that a heterozygous germline variant has.
    pub half: Assessed<Share>,
    /// Transitions over transversions; about 2 among germline variants, other in most tumours. `None` without transversions.
    pub transitions_to_transversions: Option<f64>,
    /// What passes a limit of the policy.
    pub warnings: Vec<String>,
}

/// A share of counted things.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// How many.
    pub count: u64,
    /// Of how many that could be assessed.
    pub of: u64,
    /// The share, 0 to 1.
    pub share: f64,
}

impl Share {
    /// A share; `None` of nothing.
    pub fn new(count: u64, of: u64) -> Option<Self> {
        (of > 0).then(|| Self { count, of, share: count as f64 / of as f64 })
    }
}
