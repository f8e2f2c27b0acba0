//! What tiering says of copy-number and structural variants and of short tandem repeats.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::annotation::GeneRef;
use super::candidate::{Domain, PanelRef, TieringMode};
use super::reason::Reason;
use super::repeat::RepeatLocus;
use super::structural::StructuralVariant;

/// Tier of a copy-number variant or a repeat. Best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Grade {
    /// A repeat of pathogenic size.
    Tier1,
    /// A copy-number variant over a green region or gene, rare.
    TierA,
    /// A repeat beyond normal, below pathogenic size.
    Tier2,
    /// What the policy's `tier_b` lists.
    TierB,
    /// Over other genes only, or not surely called.
    #[serde(rename = "TIERNULL")]
    Null,
}

/// What an event speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "kind", content = "name")]
pub enum Entity {
    /// A gene of a panel, or of none.
    Gene(String),
    /// A region of a panel, by its name there.
    Region(String),
    /// A repeat of a panel, by its name there.
    Repeat(String),
    /// Several genes that no panel lists as green.
    Genes(Vec<String>),
}

impl Entity {
    /// The name, or the names.
    pub fn shown(&self) -> String {
        match self {
            Self::Gene(name) | Self::Region(name) | Self::Repeat(name) => name.clone(),
            Self::Genes(names) => names.join(","),
        }
    }
}

/// One reason to report a copy-number or structural variant or a repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallEvent {
    /// Id of the event within the case, `S3.1` or `R1.1`; set when the results are put together.
    #[serde(default)]
    pub id: String,
    /// Tier; absent for what is reported without one.
    pub tier: Option<Grade>,
    /// Domain of a tumour's variant. Absent in files before it was there, and for inherited disease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<Domain>,
    /// What it speaks of.
    pub entity: Entity,
    /// Gene, where there is one.
    pub gene: Option<GeneRef>,
    /// Panel, for what is on one.
    pub panel: Option<PanelRef>,
    /// Mode of inheritance; `na` for copy-number variants, which are not held against one.
    pub mode_of_inheritance: TieringMode,
    /// `CompoundHeterozygous` for partners of another variant, else empty.
    pub segregation: String,
    /// True when something needed to be sure is missing.
    pub possible: bool,
    /// What is missing.
    pub missing: Vec<String>,
    /// Why it is not what it seems, or has no tier: `one_allele`, `structural_variant`, `hemizygous_opposite_deletion`.
    pub label: Option<String>,
    /// Same number on both partners of a compound heterozygote, small variants included.
    pub group: Option<u32>,
    /// Members (number from 1) whose call earns the tier.
    pub members: Vec<u16>,
    /// The panel's limits of a repeat, units: sizes from the first on are not normal, from the second on pathogenic.
    pub repeat_limits: Option<[u32; 2]>,
    /// What the rule saw.
    pub reasons: Vec<Reason>,
}

/// A copy-number or structural variant with its events.
#[derive(Clone, Debug, PartialEq)]
pub struct StructuralFinding {
    /// The variant.
    pub variant: StructuralVariant,
    /// Ids of structural variants that confirm a copy-number variant.
    pub confirmed_by: Vec<String>,
    /// Why it is reported; never empty.
    pub events: Vec<CallEvent>,
}

/// A repeat with its events.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatFinding {
    /// The locus.
    pub locus: RepeatLocus,
    /// Why it is reported; never empty.
    pub events: Vec<CallEvent>,
}

/// A region or repeat of a panel that was not assessed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct EntityGap {
    /// Name of the panel.
    pub panel: String,
    /// Name of the region or repeat.
    pub entity: String,
    /// Why, a few words.
    pub why: String,
}

/// The best tier of some events; absent when none has one.
pub fn best(events: &[CallEvent]) -> Option<Grade> {
    events.iter().filter_map(|event| event.tier).min()
}

/// The best domain of some events; absent when none has one.
pub fn best_domain(events: &[CallEvent]) -> Option<Domain> {
    events.iter().filter_map(|event| event.domain).min()
}

/// What was looked for besides small variants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LookedFor {
    /// Copy-number variants: a file of a caller that sees them by depth was given, and the policy judges them.
    pub copy_number: bool,
    /// Structural variants by breakpoints, likewise.
    pub breakpoints: bool,
    /// Short tandem repeats, likewise.
    pub repeats: bool,
    /// Green regions and repeats of the panels that were not assessed nonetheless.
    pub gaps: Vec<EntityGap>,
    /// Why copy-number and structural variants were not looked for although there were files of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
}
