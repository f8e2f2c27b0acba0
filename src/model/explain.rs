//! What the program can tell about one of its filters, models and rules.

use schemars::JsonSchema;
use serde::Serialize;

/// What is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ExplanationKind {
    /// Keeps or drops a variant.
    Filter,
    /// Says whether a variant or a pair segregates with the disease.
    Model,
    /// Gives a tier or a domain.
    Rule,
    /// Lists evidence of the ACMG/AMP guideline.
    Evidence,
    /// Says why a somatic call may be none.
    Mark,
    /// Tells something of a tumour as a whole.
    Biomarker,
    /// Tells something of a whole chromosome.
    Finding,
}

/// One filter, model or rule in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Explanation {
    /// Id, as policies and reasons name it.
    pub id: &'static str,
    /// What sort of thing it is.
    pub kind: ExplanationKind,
    /// One line.
    pub title: &'static str,
    /// What it says.
    pub what: &'static str,
    /// Source ids of the policy presets.
    pub sources: &'static [&'static str],
    /// An example that fires.
    pub fires: &'static str,
    /// An example that does not.
    pub does_not: &'static str,
}
