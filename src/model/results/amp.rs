//! Evidence tiers of a tumour's variants (AMP/ASCO/CAP) by the evidence items that the case gives: an axis of their own beside
//! domains.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::civic::EvidenceCategory;

/// Tier of AMP/ASCO/CAP. Ordered best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum AmpTier {
    /// Strong clinical significance.
    #[serde(rename = "tierI")]
    I,
    /// Potential clinical significance.
    #[serde(rename = "tierII")]
    II,
    /// Unknown clinical significance.
    #[serde(rename = "tierIII")]
    III,
    /// Benign or likely benign.
    #[serde(rename = "tierIV")]
    IV,
}

impl AmpTier {
    /// The Roman number.
    pub fn roman(self) -> &'static str {
        match self {
            Self::I => "I",
            Self::II => "II",
            Self::III => "III",
            Self::IV => "IV",
        }
    }
}

/// How the disease of an item stands to the case's.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum DiseaseMatch {
    /// One of the case's diseases.
    Same,
    /// Cancer of any kind.
    PanCancer,
    /// Another one.
    Other,
}

/// One item that applies to an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmpEvidence {
    /// Number of the item in CIViC, the EID.
    pub item: u32,
    /// Variant as CIViC names it.
    pub variant: String,
    /// How it was found to be the same: `coordinates`, `protein`, `residue`, `gene`.
    pub matched_by: String,
    /// Category.
    pub category: EvidenceCategory,
    /// Level, A to E.
    pub level: char,
    /// What the item says.
    pub significance: String,
    /// Therapies.
    pub therapies: String,
    /// Disease.
    pub disease: String,
    /// How the disease stands to the case's.
    pub disease_match: DiseaseMatch,
    /// The tier that the item alone gives.
    pub tier: AmpTier,
    /// It defines the event's tier; others are additional.
    pub defining: bool,
}

/// The tier of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmpEvent {
    /// Id of the event in the results, `3.1` or `S2.1`.
    pub event: String,
    /// Gene.
    pub gene: String,
    /// Tier.
    pub tier: AmpTier,
    /// Why, in words.
    pub why: String,
    /// Items that apply, the defining ones first.
    pub evidence: Vec<AmpEvidence>,
}

/// Evidence tiers of a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmpResults {
    /// SHA-256 of the file of evidence items, lower-case hex.
    pub sha256: String,
    /// Diseases of the tumour as the case states them; empty: any.
    pub diseases: Vec<String>,
    /// Rows of the file.
    pub rows: u64,
    /// Rows that were compared with the variants.
    pub compared: u64,
    /// Rows that were not, by reason.
    pub passed_over: BTreeMap<String, u64>,
    /// Compared rows whose coordinates are of another assembly; their protein changes were compared.
    pub other_assembly: u64,
    /// Events with a tier, best first.
    pub events: Vec<AmpEvent>,
}

impl AmpResults {
    /// The entry of an event.
    pub fn of(&self, event: &str) -> Option<&AmpEvent> {
        self.events.iter().find(|one| one.event == event)
    }
}
