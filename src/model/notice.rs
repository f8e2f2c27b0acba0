//! What a run tells its reader besides results: things not assessed, mended, or passed over. A notice is no fault.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What sort of thing a notice tells.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// A question of the policy that the inputs cannot answer; the answer is unknown, not "no".
    NotAssessed,
    /// The case gives no panel, so nothing can be tier 1 or 2.
    NoPanel,
    /// Something about a panel: genes without an Ensembl id, none green, a version that is not signed off.
    Panel,
    /// Files name their contigs differently; they were brought together.
    ContigNames,
    /// An index is older than its file.
    OlderIndex,
    /// The same thing was given twice and read once.
    Duplicate,
    /// A member of the pedigree has no data.
    NotSequenced,
    /// Something of an input that was passed over.
    Ignored,
    /// What was measured of a sample is not what the case states.
    Identity,
}

/// One notice. Its text holds no sample identifier and no genotype.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Notice {
    /// Sort.
    pub kind: NoticeKind,
    /// One sentence for people.
    pub text: String,
    /// How many things it speaks of.
    pub count: u64,
}

impl Notice {
    /// A notice of one thing.
    pub fn one(kind: NoticeKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), count: 1 }
    }

    /// A notice of several things.
    pub fn many(kind: NoticeKind, count: u64, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), count }
    }
}
