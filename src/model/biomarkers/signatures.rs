//! Which mutational signatures explain the mutations of a tumour.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::mutation_type::MatrixKind;

/// A fit of signatures to a matrix. What it finds depends on the signatures that were offered, so they are named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignatureFit {
    /// Which matrix was fitted.
    pub kind: MatrixKind,
    /// SHA-256 of the signature file, lower-case hex.
    pub signatures_sha256: String,
    /// Every signature that was offered, in the file's order.
    pub offered: Vec<String>,
    /// Mutations.
    pub mutations: u64,
    /// True when these are fewer than the policy asks for: the fit is unsure.
    pub few_mutations: bool,
    /// Signatures that contribute, in the file's order.
    pub contributions: Vec<Contribution>,
    /// Mutations that the fit gives to no signature; 0 when it gives more than there are.
    pub unassigned: f64,
    /// Cosine between the mutations and what the fit makes of them, 0 to 1.
    pub cosine: f64,
    /// Residual sum of squares, mutations squared.
    pub rss: f64,
    /// Root of the residual sum of squares over the root of the sum of squares of the mutations.
    pub relative_error: f64,
    /// Resamples behind the intervals.
    pub bootstraps: u32,
}

/// One signature's contribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contribution {
    /// Name of the signature.
    pub signature: String,
    /// Mutations that it explains.
    pub mutations: f64,
    /// Its share of all that the fit explains, 0 to 1.
    pub share: f64,
    /// Median of the share over resamples; `None` without resamples.
    pub median: Option<f64>,
    /// The 2.5th percentile of the share over resamples.
    pub low: Option<f64>,
    /// The 97.5th percentile of the share over resamples.
    pub high: Option<f64>,
}
