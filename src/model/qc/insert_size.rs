//! Insert sizes of one alignment file.

use schemars::JsonSchema;
use serde::Serialize;

/// How the two reads of a pair lie towards each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum PairOrientation {
    /// Towards each other.
    Fr,
    /// Away from each other.
    Rf,
    /// Both in one direction.
    Tandem,
}

impl PairOrientation {
    /// Every orientation, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Fr, Self::Rf, Self::Tandem];
}

/// Shares of pairs, percent, for which [`InsertSizes::widths`] has a value.
pub const WIDTH_PERCENTS: [u8; 11] = [10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99];

/// Insert sizes of the pairs of one orientation, bp.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InsertSizes {
    /// The orientation.
    pub orientation: PairOrientation,
    /// Number of pairs.
    pub pairs: u64,
    /// Median.
    pub median: f64,
    /// The size of most pairs; the least of several.
    pub mode: u32,
    /// Median absolute deviation from the median.
    pub median_absolute_deviation: f64,
    /// Least size.
    pub min: u32,
    /// Greatest size.
    pub max: u32,
    /// Mean over sizes up to the median and ten median absolute deviations.
    pub mean: f64,
    /// Standard deviation over the same; none for a single pair.
    pub standard_deviation: f64,
    /// Width of the span around the median that holds 10, 20, ... 90, 95 and 99 percent of the pairs.
    pub widths: [u32; WIDTH_PERCENTS.len()],
    /// Sizes up to the median and ten median absolute deviations, and their numbers of pairs, ascending.
    #[serde(skip)]
    pub histogram: Vec<(u32, u64)>,
}
