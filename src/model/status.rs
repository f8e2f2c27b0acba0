//! Where a case stands: events, one line of `status.jsonl` each. States are those of a FHIR Task, reasons those of Genomics
//! England's SampleState (metrics 1.2.2). An event holds no identifier, genotype or path: members go by number.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::results::Tool;
use super::sample::Role;

/// Version of the layout of an event.
pub const STATUS_VERSION: &str = "1.0";

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusEvent {
    /// Version of this layout, `major.minor`.
    pub schema_version: String,
    /// When, UTC, RFC 3339 with milliseconds.
    pub time: String,
    /// Id of the run; the same in `run.json`.
    pub run: String,
    /// What it is about.
    pub step: Step,
    /// The state that it came into.
    pub state: TaskState,
    /// Why, where the models have a word for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<StateReason>,
    /// Number of the member that it is about, 1-based, or of the file of a command without a case; absent for the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<u16>,
    /// What that member is to the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How many, by what was counted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counts: BTreeMap<String, u64>,
    /// The program.
    pub tool: Tool,
    /// SHA-256 of the resolved policy, when it is known by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy_digest: Option<String>,
}

/// A step of a run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// The case, or the command where there is none, as a whole.
    Case,
    /// Inputs opened and checked against each other.
    Inputs,
    /// Variants read and filtered.
    Variants,
    /// Alignments read, their quality judged.
    Reads,
    /// Samples held against the case.
    Identity,
    /// Tiers or domains given.
    Tiers,
    /// Results written.
    Reports,
}

impl Step {
    /// The word of an event.
    pub fn word(self) -> &'static str {
        match self {
            Self::Case => "case",
            Self::Inputs => "inputs",
            Self::Variants => "variants",
            Self::Reads => "reads",
            Self::Identity => "identity",
            Self::Tiers => "tiers",
            Self::Reports => "reports",
        }
    }
}

/// Status of a FHIR R4 Task.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// The document was read.
    Received,
    /// Inputs fit.
    Accepted,
    /// The document or its inputs cannot be used: nothing was analysed.
    Rejected,
    /// Work goes on.
    InProgress,
    /// A person has to look at it; nothing goes on by itself.
    OnHold,
    /// The work ended with an error.
    Failed,
    /// Done.
    Completed,
}

impl TaskState {
    /// The word of an event.
    pub fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
            Self::InProgress => "in-progress",
            Self::OnHold => "on-hold",
            Self::Failed => "failed",
            Self::Completed => "completed",
        }
    }

    /// Whether a run in this state has ended.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Rejected | Self::OnHold | Self::Failed | Self::Completed)
    }
}

/// Reason of a SampleState.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StateReason {
    /// Depth.
    MedianCoverage,
    /// Mendelian errors of a family.
    PedigreeMendelianErrors,
    /// Relations that are not those of the pedigree.
    PedigreeIbdSharing,
    /// Contamination.
    Contamination,
    /// Another figure of quality.
    Quality,
    /// Sex chromosomes that are not those stated.
    SexQuery,
    /// Share of the reference at 15x.
    #[serde(rename = "perc_bases_ge_15x")]
    PercBasesGe15x,
    /// Yield of good bases.
    GbQ30,
    /// Every check passed.
    PassQc,
    /// Anything else.
    Other,
}

impl StateReason {
    /// The word of an event.
    pub fn word(self) -> &'static str {
        match self {
            Self::MedianCoverage => "median_coverage",
            Self::PedigreeMendelianErrors => "pedigree_mendelian_errors",
            Self::PedigreeIbdSharing => "pedigree_ibd_sharing",
            Self::Contamination => "contamination",
            Self::Quality => "quality",
            Self::SexQuery => "sex_query",
            Self::PercBasesGe15x => "perc_bases_ge_15x",
            Self::GbQ30 => "gb_q30",
            Self::PassQc => "pass_qc",
            Self::Other => "other",
        }
    }

    /// The reason of a check of quality that failed, by its id.
    pub fn of_check(id: &str) -> Self {
        match id {
            "coverage" => Self::PercBasesGe15x,
            "mean_depth" => Self::MedianCoverage,
            "q30_yield" => Self::GbQ30,
            id if id.starts_with("contamination") => Self::Contamination,
            _ => Self::Quality,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_that_are_written() {
        use StateReason as R;
        use TaskState as T;
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
        for step in [Step::Case, Step::Inputs, Step::Variants, Step::Reads, Step::Identity] {
            assert_eq!(word(serde_json::to_value(step).unwrap()).as_deref(), Some(step.word()));
        }
        for state in [
            T::Received,
            T::Accepted,
            T::Rejected,
            T::InProgress,
            T::OnHold,
            T::Failed,
            T::Completed,
        ] {
            assert_eq!(word(serde_json::to_value(state).unwrap()).as_deref(), Some(state.word()));
        }
        for reason in [
            R::MedianCoverage,
            R::PedigreeMendelianErrors,
            R::PedigreeIbdSharing,
            R::Contamination,
            R::Quality,
            R::SexQuery,
            R::PercBasesGe15x,
            R::GbQ30,
            R::PassQc,
            R::Other,
        ] {
            assert_eq!(word(serde_json::to_value(reason).unwrap()).as_deref(), Some(reason.word()));
        }
    }
}
