//! Coverage by GC content of one alignment file.

use schemars::JsonSchema;
use serde::Serialize;

/// Coverage by the GC content of the reference where reads begin.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GcBias {
    /// Length of a window of the reference, bp.
    pub window_size: u32,
    /// Reads, those of a pair counted once.
    pub total_clusters: u64,
    /// Aligned reads.
    pub aligned_reads: u64,
    /// Percent points of windows that reads lack, over windows of up to 50 % GC.
    pub at_dropout: f64,
    /// The same over windows of more GC.
    pub gc_dropout: f64,
    /// Coverage by the mean coverage, over windows of 0-19, 20-39, 40-59, 60-79 and 80-100 % GC.
    pub quintile_coverage: [f64; 5],
    /// For each percentage of GC from 0 to 100 the windows and the reads that begin there.
    pub bins: Vec<GcBin>,
}

/// Windows of one GC content, and the reads that begin there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GcBin {
    /// GC content of the reference, percent.
    pub gc: u32,
    /// Windows of the reference with it.
    pub windows: u64,
    /// Reads that begin there.
    pub read_starts: u64,
    /// Quality, phred, that the share of their bases that differ from the reference stands for; 0 when none differs.
    pub mean_base_quality: i32,
    /// Their number a window by that over all windows.
    pub normalized_coverage: f64,
    /// Half the width of the error bar: one standard deviation of a Poisson count.
    pub error_bar_width: f64,
}
