//! Findings that do not answer the question of the case: additional findings of one person, carrier status of a couple.
//! They stand apart from tiers, are looked for only with that person's consent, and hold nobody else's data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::candidate::Zygosity;
use super::variant_in_gene::VariantInGene;
use crate::model::annotation::ClinVar;
use crate::model::candidate::PanelRef;
use crate::model::reason::Reason;
use crate::model::sample::Role;

/// What was looked for beside the question of the case, in whom, and what was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdditionalResults {
    /// Panel of additional findings; `None` when the case names none.
    pub additional_panel: Option<PanelRef>,
    /// Panel of recessive genes for carrier status; `None` when the case names none.
    pub carrier_panel: Option<PanelRef>,
    /// What was decided for every member and every kind of finding.
    pub decisions: Vec<FindingDecision>,
    /// What was found, by member, kind and place.
    pub findings: Vec<AdditionalFinding>,
}

/// A kind of finding beside the question of the case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A known cause of another disease, of consequence for the person's own health.
    AdditionalFinding,
    /// Carriers in a recessive gene, of a couple.
    CarrierStatus,
    /// Carrier in an X-linked gene, of the mother.
    CarrierStatusX,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::AdditionalFinding, Self::CarrierStatus, Self::CarrierStatusX];

    /// As JSON writes it.
    pub fn word(self) -> &'static str {
        match self {
            Self::AdditionalFinding => "additional_finding",
            Self::CarrierStatus => "carrier_status",
            Self::CarrierStatusX => "carrier_status_x",
        }
    }

    /// For people.
    pub fn shown(self) -> &'static str {
        match self {
            Self::AdditionalFinding => "additional findings",
            Self::CarrierStatus => "carrier status of the couple",
            Self::CarrierStatusX => "carrier status of X-linked genes",
        }
    }
}

/// Whether findings of a kind were looked for in a member.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LookedFor {
    /// Looked for.
    Yes,
    /// The case names no panel for this kind.
    NoPanel,
    /// Carrier status is of parents; of X-linked genes of the mother.
    OtherRole,
    /// The member is not sequenced.
    NotSequenced,
    /// No explicit yes of this member to this kind, or none to be analysed at all.
    NoConsent,
    /// The other partner of the couple gave no explicit yes, or is not sequenced.
    PartnerWithout,
    /// Identity checks failed: whose data these are is not certain.
    IdentityFailed,
}

impl LookedFor {
    /// Why not, in words; `None` when looked for.
    pub fn why_not(self) -> Option<&'static str> {
        Some(match self {
            Self::Yes => return None,
            Self::NoPanel => "the case names no panel for them",
            Self::OtherRole => "they are looked for in parents only",
            Self::NotSequenced => "not sequenced",
            Self::NoConsent => "no consent",
            Self::PartnerWithout => "the partner is not sequenced or gave no consent",
            Self::IdentityFailed => "identity checks failed",
        })
    }
}

/// One decision, by number and role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FindingDecision {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Kind of finding.
    pub kind: FindingKind,
    /// Whether it was looked for.
    pub looked_for: LookedFor,
    /// True when genes of diseases that begin in adulthood were left out: the case does not say that the member is an adult.
    pub childhood_only: bool,
}

/// One finding in one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AdditionalFinding {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Kind of finding.
    pub kind: FindingKind,
    /// What was found.
    #[serde(flatten)]
    pub found: VariantInGene,
    /// Genotype of this member, as in `calls` of candidates.
    pub genotype: String,
    /// The same in words.
    pub zygosity: Zygosity,
    /// ClinVar as annotated.
    pub clinvar: Option<ClinVar>,
    /// The panel.
    pub panel: PanelRef,
    /// Mode of inheritance as the panel writes it.
    pub mode: String,
    /// True when something needed to be sure is missing.
    pub possible: bool,
    /// What is missing.
    pub missing: Vec<String>,
    /// Why it is a finding.
    pub reasons: Vec<Reason>,
}
