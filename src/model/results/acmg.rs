//! Evidence in the words of the ACMG/AMP guideline that can be computed: listed with what it rests on, never added up to a
//! classification. Shaped as the report models have it: category, weight, modifier, activation strength.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::reason::Reason;

/// For or against the variant causing disease.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceType {
    /// Against.
    Benign,
    /// For.
    Pathogenic,
}

/// How much a code weighs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// Supporting.
    Supporting,
    /// Moderate.
    Moderate,
    /// Strong.
    Strong,
    /// Very strong.
    VeryStrong,
    /// Stands alone (benign only).
    StandAlone,
}

impl Strength {
    /// The name as JSON writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Supporting => "supporting",
            Self::Moderate => "moderate",
            Self::Strong => "strong",
            Self::VeryStrong => "very_strong",
            Self::StandAlone => "stand_alone",
        }
    }
}

/// One code whose conditions the data meet, or whose inputs the data hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AcmgEvidence {
    /// `PVS1`, `PM2`, `BA1`.
    pub code: String,
    /// For or against.
    #[serde(rename = "type")]
    pub kind: EvidenceType,
    /// What sort of evidence: `population_data`, `de_novo_data`, `allelic_data`, `computational_and_predictive_data`.
    pub category: String,
    /// Weight that the guideline gives the code.
    pub weight: Strength,
    /// Number behind the letters of the code.
    pub modifier: u8,
    /// Strength at which it is to be used by the policy; `None` where a person decides, as for PVS1.
    #[serde(rename = "activationStrength")]
    pub activation_strength: Option<Strength>,
    /// What it rests on.
    pub inputs: Vec<Reason>,
}

impl AcmgEvidence {
    /// `PM2_supporting`; `PVS1_inputs` where a person decides the strength.
    pub fn shown(&self) -> String {
        let strength = self.activation_strength.map_or("inputs", Strength::name);
        format!("{}_{strength}", self.code)
    }
}
