//! What a second look at the reads of one member showed of one variant.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::evidence::{AlleleReads, ExcludedReads, NotRead, ReadMethod};
use crate::model::picture::ReadPicture;
use crate::model::sample::Role;

/// Fragments that show one allele.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlleleEvidence {
    /// Fragments; overlapping mates count once.
    pub reads: u32,
    /// Those on the forward strand.
    pub forward: u32,
    /// Those on the reverse strand.
    pub reverse: u32,
    /// Mean base quality at the site, phred, one decimal; `None` without reads, or for variants that change the length.
    pub mean_base_quality: Option<f64>,
    /// Mean mapping quality, phred, one decimal; `None` without reads.
    pub mean_mapping_quality: Option<f64>,
}

impl From<AlleleReads> for AlleleEvidence {
    fn from(reads: AlleleReads) -> Self {
        let tenth = |value: f64| (value * 10.0).round() / 10.0;
        Self {
            reads: reads.count(),
            forward: reads.forward,
            reverse: reads.reverse,
            mean_base_quality: reads.mean_base_quality().map(tenth),
            mean_mapping_quality: reads.mean_mapping_quality().map(tenth),
        }
    }
}

/// The counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadCounts {
    /// How reads were told apart.
    pub method: ReadMethod,
    /// With the reference.
    pub reference: AlleleEvidence,
    /// With the ALT.
    pub alternate: AlleleEvidence,
    /// With something else.
    pub other: AlleleEvidence,
    /// Reads that fit reference and ALT about as well.
    pub ambiguous: u32,
    /// Share of the fragments that show an allele with the ALT, 0 to 1, four decimals; `None` without any.
    pub fraction: Option<f64>,
    /// Reads over the site that did not count, by the first cause that applies.
    pub excluded: ExcludedReads,
}

/// What one member's reads show of the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceResult {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// The counts; `None` when reads could not be asked.
    pub counts: Option<ReadCounts>,
    /// Why they could not.
    pub not_read: Option<NotRead>,
    /// What the reads say against the member's call, in words.
    pub conflict: Option<String>,
    /// The reads over the site, of the best candidates. Absent in files before layout 1.5.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<ReadPicture>,
}
