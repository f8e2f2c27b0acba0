//! What moved between two results of one case, and why, as `compare.json` holds it. The older results are `old`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::annotation::GeneRef;
use super::candidate::{Domain, Tier};
use super::contig::Assembly;
use super::grade;
use super::results::{Tool, VariantResult};

/// Version of the layout of `compare.json`, numbered as that of `results.json`.
pub const COMPARE_VERSION: &str = "1.3";

/// Two results of one case, held against each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Version of this layout, `major.minor`.
    #[serde(rename = "schemaVersion")]
    pub schema_version: String,
    /// The program that compared.
    pub tool: Tool,
    /// Id of the case (pseudonymous).
    pub case: String,
    /// Reference assembly.
    pub assembly: Assembly,
    /// The older results.
    pub old: Side,
    /// The newer results.
    pub new: Side,
    /// How much moved.
    pub counts: MoveCounts,
    /// Everything that differs between the two runs as a whole.
    pub runs: Vec<RunChange>,
    /// What the two files do not hold, so that no cause could be looked for there.
    pub not_recorded: Vec<String>,
    /// What moved, one entry a variant and gene, what a scientist should look at first.
    pub moved: Vec<Moved>,
    /// Copy-number and structural variants and short tandem repeats that moved, those with a tier first. Absent before layout 1.1.
    #[serde(default)]
    pub others: Vec<OtherMoved>,
}

/// A copy-number or structural variant or a short tandem repeat that moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OtherMoved {
    /// `cnv` (seen by depth), `sv` (seen by breakpoints), `str` (short tandem repeat), `upd` (uniparental disomy) or `copies`
    /// (number of copies of a whole chromosome).
    pub kind: String,
    /// Contig, named as the newer results do where they hold it.
    pub contig: String,
    /// First base, 1-based.
    pub start: u32,
    /// Last base, 1-based.
    pub end: u32,
    /// What changed (`loss`, `gain`), the unit of a repeat, the extent of a disomy (`complete`), or a number of copies.
    pub what: String,
    /// How it moved.
    pub change: Change,
    /// Best tier before; `None` when it had none or was not reported.
    pub old: Option<grade::Grade>,
    /// Best tier now; `None` when it has none or is not reported.
    pub new: Option<grade::Grade>,
    /// Events that are new, in words.
    pub events_gained: Vec<String>,
    /// Events that are gone, in words.
    pub events_lost: Vec<String>,
    /// Every recorded difference that may have moved it, the nearest first. Empty: no cause was found in the records. Absent before
    /// layout 1.2.
    #[serde(default)]
    pub causes: Vec<Cause>,
}

/// One of the two results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// The program that wrote it.
    pub tool: Tool,
    /// Version of its layout.
    #[serde(rename = "schemaVersion")]
    pub schema_version: String,
    /// Policy and version, `gms-rd 0.4.0`.
    pub policy: String,
    /// SHA-256 of the resolved policy, lower-case hex.
    pub policy_digest: String,
    /// Variants reported.
    pub variants: u64,
    /// Events reported.
    pub events: u64,
    /// True when identity checks stopped tiering.
    pub stopped: bool,
}

/// How many variants (each with one gene) moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoveCounts {
    /// Risen into, or new in, Tier 1 or 2 (Domain 1 or 2).
    pub into_best: u64,
    /// Fallen or gone from Tier 1 or 2 (Domain 1 or 2).
    pub out_of_best: u64,
    /// Reported now and not before.
    pub gained: u64,
    /// Reported before and not now.
    pub lost: u64,
    /// In a better tier or domain.
    pub up: u64,
    /// In a worse tier or domain.
    pub down: u64,
    /// In the same tier or domain, on other events.
    pub changed: u64,
    /// Nothing differs.
    pub unchanged: u64,
}

/// How a variant moved.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Reported now and not before.
    Gained,
    /// In a better tier or domain.
    Up,
    /// In a worse tier or domain.
    Down,
    /// Reported before and not now.
    Lost,
    /// In the same tier or domain, on other events.
    Changed,
}

/// A tier or a domain.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(untagged)]
pub enum Grade {
    /// Of a germline event.
    Tier(Tier),
    /// Of a somatic event.
    Domain(Domain),
}

impl Grade {
    /// True for Tier 1 and 2, Domain 1 and 2.
    pub fn is_best(self) -> bool {
        !matches!(self, Self::Tier(Tier::Tier3) | Self::Domain(Domain::Domain3))
    }

    /// For people.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Tier(Tier::Tier1) => "Tier 1",
            Self::Tier(Tier::Tier2) => "Tier 2",
            Self::Tier(Tier::Tier3) => "Tier 3",
            Self::Domain(Domain::Domain1) => "Domain 1",
            Self::Domain(Domain::Domain2) => "Domain 2",
            Self::Domain(Domain::Domain3) => "Domain 3",
        }
    }
}

/// One variant in one gene that moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// The variant, named as the newer results do where they hold it.
    pub variant: VariantResult,
    /// The gene.
    pub gene: GeneRef,
    /// How it moved.
    pub change: Change,
    /// Best tier or domain before; `None` when not reported.
    pub old: Option<Grade>,
    /// Best tier or domain now; `None` when not reported.
    pub new: Option<Grade>,
    /// What a scientist should do; `None` where nothing of Tier or Domain 1 and 2 is touched.
    pub look: Option<String>,
    /// Events that are new, in words.
    pub events_gained: Vec<String>,
    /// Events that are gone, in words.
    pub events_lost: Vec<String>,
    /// Events that stayed with another property.
    pub events_changed: Vec<String>,
    /// Every recorded difference that may have moved it, the nearest to the variant first. Empty: no cause was found in
    /// the records.
    pub causes: Vec<Cause>,
}

/// How near a cause is to the variant.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Recorded of this variant.
    Variant,
    /// Recorded of this gene.
    Gene,
    /// Holds for the whole run: it may have had a part.
    Run,
}

impl Scope {
    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Variant => "variant",
            Self::Gene => "gene",
            Self::Run => "run",
        }
    }
}

/// What sort of thing differs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// Identity checks stopped tiering, or somebody went on in spite of them.
    Identity,
    /// What ClinVar says.
    Clinvar,
    /// Terms on transcripts.
    Consequence,
    /// Population frequencies, or their limits.
    Frequency,
    /// Genotypes and filters.
    Call,
    /// The gene on a panel, or a panel of the case.
    Panel,
    /// Whether the annotation names the gene.
    Annotation,
    /// A member's sex, disease status, sample or consent.
    Member,
    /// Penetrance asked for.
    Penetrance,
    /// A rule or value of the policy.
    Policy,
    /// An input file.
    Input,
    /// A program or database behind the inputs.
    Database,
    /// Quality verdicts; they move no tier.
    Quality,
    /// This program.
    Tool,
}

/// One recorded difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Cause {
    /// How near it is.
    pub scope: Scope,
    /// What sort.
    pub kind: CauseKind,
    /// What differs.
    pub what: String,
    /// As it was; `-` for nothing.
    pub old: String,
    /// As it is; `-` for nothing.
    pub new: String,
}

impl Cause {
    /// A difference, with `-` for empty texts.
    pub fn new(
        (scope, kind): (Scope, CauseKind),
        what: impl Into<String>,
        (old, new): (impl Into<String>, impl Into<String>),
    ) -> Self {
        let shown = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        Self { scope, kind, what: what.into(), old: shown(old.into()), new: shown(new.into()) }
    }

    /// In one line.
    pub fn line(&self) -> String {
        format!("{}: {} > {}", self.what, self.old, self.new)
    }
}

/// Something that differs between the two runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RunChange {
    /// What.
    #[serde(flatten)]
    pub cause: Cause,
    /// False for what cannot move a tier.
    pub may_move: bool,
}
