//! Evidence items of CIViC (Clinical Interpretation of Variants in Cancer) in the shape in which variants are held against them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contig::Assembly;

/// What an evidence item speaks of; the categories of AMP/ASCO/CAP.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceCategory {
    /// Predicts the response to a therapy.
    Therapeutic,
    /// Says which disease it is.
    Diagnosis,
    /// Says how the disease runs.
    Prognosis,
}

/// What must be there for an item to apply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CivicChange {
    /// One of these protein changes, in one-letter code without `p.`, upper case: `V600E`.
    Protein(Vec<String>),
    /// Any other residue in this place: `V600`.
    Residue(String),
    /// Any change of the protein or of a splice site.
    Mutation,
    /// A stop, a frameshift or a lost splice site.
    Truncating,
    /// The same, or both copies gone.
    LossOfFunction,
    /// An amplification.
    Amplification,
    /// Both copies gone.
    Loss,
    /// A fusion, with this gene when one is named.
    Fusion(Option<String>),
}

/// Where a variant lies, by the file's coordinates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CivicPlace {
    /// Assembly of the coordinates.
    pub assembly: Assembly,
    /// Contig without `chr`.
    pub contig: String,
    /// First reference base, 1-based.
    pub position: u32,
    /// Reference bases.
    pub reference: String,
    /// Alternate bases.
    pub alternate: String,
}

/// One evidence item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CivicItem {
    /// Number of the item, the EID.
    pub id: u32,
    /// Symbol.
    pub gene: String,
    /// What must be there.
    pub change: CivicChange,
    /// The variant as the file names it.
    pub variant: String,
    /// Coordinates, where the file has those of one exact variant.
    pub place: Option<CivicPlace>,
    /// Disease.
    pub disease: String,
    /// Disease Ontology id, `DOID:1909`.
    pub doid: Option<String>,
    /// Category.
    pub category: EvidenceCategory,
    /// Level, `A` (validated) to `E` (inferential).
    pub level: char,
    /// `Sensitivity/Response`, `Poor Outcome`, ...
    pub significance: String,
    /// Therapies.
    pub therapies: String,
}

impl CivicItem {
    /// A disease by name or id (`DOID:1909`, also `1909`) is that of this item; case and blanks around it do not count.
    pub fn is_of_disease(&self, stated: &str) -> bool {
        let bare = |id: &str| {
            let id = id.trim().to_ascii_uppercase();
            id.strip_prefix("DOID:").map_or(id.clone(), |number| number.trim().to_owned())
        };
        stated.trim().eq_ignore_ascii_case(self.disease.trim())
            || self.doid.as_deref().is_some_and(|id| bare(id) == bare(stated))
    }
}

/// A file of evidence items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CivicTable {
    /// Items that can apply.
    pub items: Vec<CivicItem>,
    /// Rows of the file.
    pub rows: u64,
    /// Rows that cannot, by reason.
    pub passed_over: BTreeMap<String, u64>,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
}
