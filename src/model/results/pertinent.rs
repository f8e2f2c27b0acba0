//! Germline pertinent findings: what the germline calls of a tumour's normal sample say about susceptibility to cancer. They
//! have tiers of their own (1 and 3), stand apart from somatic domains, and are looked for with the patient's consent only.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::candidate::{VariantResult, Zygosity};
use super::variant_in_gene::VariantInGene;
use crate::model::annotation::ClinVar;
use crate::model::candidate::{PanelRef, Tier};
use crate::model::reason::Reason;

/// What was looked for in the normal sample, and what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PertinentResults {
    /// Whether anything was looked for.
    pub looked_for: PertinentDecision,
    /// Panels of susceptibility to this disease (Tier 1).
    pub panels: Vec<PanelRef>,
    /// Panels of susceptibility to cancer of any kind (Tier 3).
    pub wider_panels: Vec<PanelRef>,
    /// Green genes of the panels that no consequence of the germline calls names: nothing could be found in them.
    pub genes_not_annotated: Vec<String>,
    /// Calls in the panels' genes that were passed over, since the sample's own filter failed or no read shows the ALT.
    pub doubtful_calls: u64,
    /// Germline calls without a value of FILTER that were dropped: nothing could be found among them.
    #[serde(default)]
    pub unfiltered: u64,
    /// What was found: by tier, then by place.
    pub findings: Vec<PertinentFinding>,
}

/// Whether germline findings were looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PertinentDecision {
    /// Looked for.
    Yes,
    /// The case names no panel for them.
    NoPanel,
    /// The policy has no rules for them.
    NoRules,
    /// The case has no sequenced normal sample.
    NoNormal,
    /// Not every sample of the patient has an explicit yes.
    NoConsent,
    /// No file holds germline calls of the normal sample.
    NoCalls,
    /// Identity checks failed: whose data these are is not certain.
    IdentityFailed,
}

impl PertinentDecision {
    /// Why not, in words; `None` when looked for.
    pub fn why_not(self) -> Option<&'static str> {
        Some(match self {
            Self::Yes => return None,
            Self::NoPanel => "the case names no panel for them",
            Self::NoRules => "the policy has no rules for them",
            Self::NoNormal => "the case has no normal sample",
            Self::NoConsent => "no consent",
            Self::NoCalls => "the case gives no germline calls of the normal sample",
            Self::IdentityFailed => "identity checks failed",
        })
    }
}

/// One variant of the patient in one gene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PertinentFinding {
    /// Tier: 1 or 3.
    pub tier: Tier,
    /// What was found.
    #[serde(flatten)]
    pub found: VariantInGene,
    /// Genotype of the normal sample, as in `calls` of candidates.
    pub genotype: String,
    /// The same in words.
    pub zygosity: Zygosity,
    /// Reads with the reference.
    pub reference_depth: Option<u32>,
    /// Reads with the ALT.
    pub alternate_depth: Option<u32>,
    /// ClinVar: of the case's ClinVar where it has one, else as annotated.
    pub clinvar: Option<ClinVar>,
    /// Largest frequency of the policy's datasets for these findings, 0 to 1; `None` when none is assessed.
    pub frequency: Option<f64>,
    /// The panel that lists the gene, of Tier 1 where one does.
    pub panel: PanelRef,
    /// Mode of inheritance as the panel writes it.
    pub mode: String,
    /// `one_variant_of_two` for Tier 3 in place of Tier 1: the gene's disease needs both copies.
    pub label: Option<String>,
    /// The other variants of the gene that count as the second hit.
    pub partners: Vec<VariantResult>,
    /// True when something needed to be sure is missing.
    pub possible: bool,
    /// What is missing.
    pub missing: Vec<String>,
    /// Why it is a finding.
    pub reasons: Vec<Reason>,
}
