//! Reads, bases and their qualities in one alignment file.

use schemars::JsonSchema;
use serde::Serialize;

/// Reads, bases and their qualities, each over all primary reads and over those that passed the platform's checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QualityYield {
    /// All primary reads.
    pub all: YieldCounts,
    /// Those that passed the platform's checks.
    pub passed: YieldCounts,
}

/// Sums over reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct YieldCounts {
    /// Reads.
    pub reads: u64,
    /// Bases.
    pub bases: u64,
    /// Bases with a quality of at least 20.
    pub q20_bases: u64,
    /// Bases with a quality of at least 30.
    pub q30_bases: u64,
    /// Sum of the qualities, phred.
    pub quality_sum: u64,
}
