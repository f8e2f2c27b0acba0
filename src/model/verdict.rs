//! Verdicts: a sample's values against a named set of limits.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// This or more.
    AtLeast(f64),
    /// More than this.
    Above(f64),
    /// This or less.
    AtMost(f64),
    /// Less than this.
    Below(f64),
}

impl Bound {
    /// Whether a value keeps it.
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(limit) => value >= limit,
            Self::Above(limit) => value > limit,
            Self::AtMost(limit) => value <= limit,
            Self::Below(limit) => value < limit,
        }
    }

    /// Whether more is better.
    pub fn is_least(self) -> bool {
        matches!(self, Self::AtLeast(_) | Self::Above(_))
    }

    /// The comparison as a sign, and the limit.
    pub fn parts(self) -> (&'static str, f64) {
        match self {
            Self::AtLeast(limit) => (">=", limit),
            Self::Above(limit) => (">", limit),
            Self::AtMost(limit) => ("<=", limit),
            Self::Below(limit) => ("<", limit),
        }
    }
}

/// How a check, or all of them together, came out.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// The value is told; there is no limit.
    Reported,
    /// The value is not known.
    NotAssessed,
    /// Within the limits.
    Pass,
    /// A person should look at it.
    Warn,
    /// Not acceptable.
    Fail,
}

impl Outcome {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Reported => "REPORTED",
            Self::NotAssessed => "NOT ASSESSED",
            Self::Pass => "PASS",
            Self::Warn => "WARN",
            Self::Fail => "FAIL",
        }
    }
}

/// A sample's values against one set of limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// Name of the set.
    pub set: String,
    /// Version of the set.
    pub version: String,
    /// Whether the sample was said to be saliva.
    pub saliva: bool,
    /// `FAIL` when any check failed; else `NOT_ASSESSED` when the value of a required check is not known; else the worst
    /// outcome of the checks that were assessed.
    pub outcome: Outcome,
    /// Checks with a limit whose value is not known.
    pub not_assessed: u32,
    /// Each check, in the order of the set.
    pub checks: Vec<CheckResult>,
}

impl Verdict {
    /// One line: the outcome and what it rests on.
    pub fn line(&self) -> String {
        let missing = match self.not_assessed {
            0 => String::new(),
            1 => " (1 check not assessed)".to_owned(),
            n => format!(" ({n} checks not assessed)"),
        };
        format!("{} by {} {}{missing}", self.outcome.word(), self.set, self.version)
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    /// Name within the set.
    pub id: String,
    /// What was measured, for people.
    pub measured: String,
    /// The value; `None` when not known.
    pub observed: Option<f64>,
    /// Unit of value and limits.
    pub unit: String,
    /// What the value must be.
    pub limit: Option<Bound>,
    /// What the value should be.
    pub warn: Option<Bound>,
    /// Whether a sample can only be accepted when the value is known.
    pub required: bool,
    /// How it came out.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub message: String,
    /// Citation of the limit.
    pub source: String,
    /// Host of the page that gives the limit.
    pub source_host: Option<String>,
}
