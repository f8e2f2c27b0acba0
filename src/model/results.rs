//! What a run found, as `results.json` holds it. Every other report is a view of these types, so that a report can be
//! rendered again from the file alone. Nothing here depends on when, where or with how many threads the program ran.
//!
//! Positions are 1-based. Members are named by their number in the case (1-based) and their role; a member who did not
//! consent has neither id nor sample here.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::biomarkers::BiomarkerResults;
use super::candidate::FilterCounts;
use super::contig::{Assembly, ContigClass};
use super::grade::LookedFor;
use super::identity::CaseIdentity;
use super::made_by::{self, PolicyMark};
use super::notice::Notice;
use super::panel::{Confidence, PanelGene, PanelMode};
use super::sample::{Affected, ConsentSource, Role, Sex};

pub mod acmg;
pub mod additional;
pub mod amp;
pub mod candidate;
pub mod chromosomes;
pub mod evidence;
pub mod pertinent;
pub mod quality;
pub mod run;
pub mod second_allele;
pub mod structural;
pub mod variant_in_gene;

pub use candidate::{
    CallResult, CandidateResult, ConsequenceResult, EventResult, FrequencyResult, FrequencyStatus,
    RemovedResult, ScoreResult, TermResult, VariantResult, Zygosity,
};
pub use evidence::EvidenceResult;
pub use quality::QualityResult;
pub use run::{InputDigest, OutputDigest, RunRecord};
pub use second_allele::SecondAllele;
pub use structural::TwoHitResult;
pub use structural::{RepeatResult, StructuralResult};
pub use variant_in_gene::VariantInGene;

/// Version of the layout of `results.json`: the first number changes when a reader of the old layout would misread the
/// new one, the second when something is added.
pub const SCHEMA_VERSION: &str = "1.6";

/// All that a run found for one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CaseResults {
    /// Version of this layout, `major.minor`.
    #[serde(rename = "schemaVersion")]
    pub schema_version: String,
    /// The program.
    pub tool: Tool,
    /// The case.
    pub case: CaseSummary,
    /// The rules.
    pub policy: PolicySummary,
    /// The gene panels.
    pub panels: Vec<PanelSummary>,
    /// Contigs of the case in order: the primary ones, and those that a candidate lies on.
    pub contigs: Vec<ContigSummary>,
    /// Quality of each alignment that was read, in the order of members. Absent in files of layout 1.0.
    #[serde(default)]
    pub qc: Vec<QualityResult>,
    /// Whether the samples are those of the people they should be. Absent in files before layout 1.2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<CaseIdentity>,
    /// What consent allowed for each member.
    pub consent: Vec<ConsentRecord>,
    /// What was not assessed, mended or passed over.
    pub notices: Vec<Notice>,
    /// Green panel genes that the annotation never names: nothing could be found in them.
    pub genes_not_annotated: Vec<GenesNotAnnotated>,
    /// What the filters counted.
    pub filter_counts: FilterCounts,
    /// Tiered variants, best first, then in the order of contigs and positions.
    pub candidates: Vec<CandidateResult>,
    /// Somatic variants that marks took from the list. Absent in older files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedResult>,
    /// Biomarkers of a tumour. Absent in files before layout 1.4, for inherited disease, and for a case that was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub biomarkers: Option<BiomarkerResults>,
    /// Findings beside the question of the case, never among the candidates. Absent in files before layout 1.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<additional::AdditionalResults>,
    /// Germline findings in the normal sample of a tumour, never among the candidates. Absent in older files, and for
    /// inherited disease.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pertinent: Option<pertinent::PertinentResults>,
    /// Evidence tiers of the events by the case's evidence items. Absent without such items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amp: Option<amp::AmpResults>,
    /// Single heterozygous variants in green genes of recessive disease, tiered or not, with the exons in which a second
    /// allele could not have been seen; only where the case has a gene model and alignments. Absent in older files.
    #[serde(default)]
    pub second_alleles: Vec<SecondAllele>,
    /// Tumour suppressors of which both copies may be hit. Absent in older files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub two_hits: Vec<TwoHitResult>,
    /// Copy-number and structural variants, best first. Absent in files before layout 1.3.
    #[serde(default)]
    pub structural: Vec<StructuralResult>,
    /// Short tandem repeats beyond normal size, best first. Absent in files before layout 1.3.
    #[serde(default)]
    pub repeats: Vec<RepeatResult>,
    /// What was looked for besides small variants. Absent in files before layout 1.3, and for tumours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_for: Option<LookedFor>,
    /// Uniparental disomy, runs of homozygosity and numbers of chromosomes. Absent in files before layout 1.6, for tumours,
    /// and where the policy does not ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chromosomes: Option<chromosomes::ChromosomeResults>,
    /// Where the results come from.
    pub provenance: Provenance,
}

impl CaseResults {
    /// The member of a number that these results hold; `None` for any other number.
    pub fn member(&self, number: u16) -> Option<&MemberSummary> {
        self.case.members.iter().find(|member| member.number == number)
    }

    /// RefSeq accession of a contig, where the case's sequence has the length of the assembly's.
    pub fn accession(&self, contig: &str) -> Option<&'static str> {
        let class = ContigClass::of_name(contig);
        let known = self.contigs.iter().find(|one| one.name == contig)?.length;
        let assembly = self.case.assembly;
        (known == assembly.length(class)).then(|| assembly.accession(class))?
    }
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
}

impl CaseResults {
    /// The rules of the results.
    pub fn policy_mark(&self) -> PolicyMark {
        let PolicySummary { id, version, digest, .. } = &self.policy;
        PolicyMark { id: id.clone(), version: version.clone(), digest: digest.clone() }
    }

    /// Program and rules in one line, `tierline 0.1.0; gms-rd 0.4.0 sha256:...`.
    pub fn made_by(&self) -> String {
        let program = format!("{} {}", self.tool.name, self.tool.version);
        made_by::line(&program, Some(&self.policy_mark()))
    }
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").into(), version: env!("CARGO_PKG_VERSION").into() }
    }
}

/// The case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseSummary {
    /// Id of the case (pseudonymous).
    pub id: String,
    /// `family`, `singleton`, `tumour-normal` or `tumour-only`.
    pub kind: String,
    /// Reference assembly.
    pub assembly: Assembly,
    /// Penetrance that was asked for: `complete`, `incomplete` or `both`; `None` for tumours.
    pub penetrance: Option<String>,
    /// Members in the order of the case.
    pub members: Vec<MemberSummary>,
}

/// One member of the case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MemberSummary {
    /// Number in the case, 1-based.
    pub number: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Stated sex.
    pub sex: Sex,
    /// Disease status.
    pub affected: Affected,
    /// Participant id (pseudonymous); `None` without consent to be analysed.
    pub id: Option<String>,
    /// Name of the sample in the input files; `None` when not sequenced or without consent.
    pub sample: Option<String>,
    /// Number of X chromosomes measured from coverage, when known.
    pub x_copies: Option<u8>,
    /// Numbers of the members who are identical twins of this one. Absent in older files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identical_twin_of: Vec<u16>,
    /// HPO terms that are present, in the order given; empty without consent.
    pub hpo_present: Vec<String>,
    /// HPO terms stated to be absent, in the order given; empty without consent.
    pub hpo_absent: Vec<String>,
}

/// The rules that were applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySummary {
    /// Name, `gms-rd`.
    pub id: String,
    /// Version.
    pub version: String,
    /// The preset that it builds on.
    pub preset: String,
    /// One line for people.
    pub title: String,
    /// SHA-256 of the resolved policy, lower-case hex.
    pub digest: String,
    /// What differs from the preset, one line a change; empty when nothing does.
    pub changes: Vec<String>,
    /// Source id to citation, for the `source` of every reason.
    pub sources: BTreeMap<String, String>,
    /// Every rule and value in force, so that two runs can be compared. Absent in files before layout 1.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<serde_json::Value>,
}

/// One gene panel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PanelSummary {
    /// PanelApp id, or the file's stem for a plain list.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version; `-` for a plain list.
    pub version: String,
    /// True when the panel is a GMS signed-off version.
    pub signed_off: bool,
    /// `PanelApp` or `gene list`.
    pub source: String,
    /// SHA-256 of the file, lower-case hex.
    pub sha256: String,
    /// Number of green genes (and genes of plain lists).
    pub green: u32,
    /// Number of amber genes.
    pub amber: u32,
    /// Number of red genes.
    pub red: u32,
    /// Number of regions (copy-number entities).
    pub regions: u32,
    /// Number of short tandem repeats.
    pub strs: u32,
    /// Names of the regions and short tandem repeats, in the order of the panel. Absent in older files.
    #[serde(default)]
    pub entities: Vec<String>,
    /// Every gene as the panel has it, in the order of the panel. Absent in files before layout 1.3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub genes: Option<Vec<PanelGeneSummary>>,
}

/// What a panel says of one gene; what it leaves empty is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PanelGeneSummary {
    /// Symbol.
    pub symbol: String,
    /// HGNC id with prefix.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hgnc: Option<String>,
    /// Ensembl ids without version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ensembl: Vec<String>,
    /// Rating; none in plain lists, whose genes count as green.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Confidence>,
    /// Mode of inheritance as the panel writes it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// Penetrance as the panel writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penetrance: Option<String>,
    /// Mode of pathogenicity as the panel writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode_of_pathogenicity: Option<String>,
}

impl From<&PanelGene> for PanelGeneSummary {
    fn from(gene: &PanelGene) -> Self {
        Self {
            symbol: gene.symbol.clone(),
            hgnc: gene.hgnc.clone(),
            ensembl: gene.ensembl.clone(),
            rating: gene.confidence,
            mode: gene.mode_text.clone(),
            penetrance: gene.penetrance.clone(),
            mode_of_pathogenicity: gene.mode_of_pathogenicity.clone(),
        }
    }
}

impl From<&PanelGeneSummary> for PanelGene {
    fn from(gene: &PanelGeneSummary) -> Self {
        Self {
            symbol: gene.symbol.clone(),
            hgnc: gene.hgnc.clone(),
            ensembl: gene.ensembl.clone(),
            confidence: gene.rating,
            mode: PanelMode::parse(&gene.mode),
            mode_text: gene.mode.clone(),
            penetrance: gene.penetrance.clone(),
            mode_of_pathogenicity: gene.mode_of_pathogenicity.clone(),
            ..Self::default()
        }
    }
}

/// One contig.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContigSummary {
    /// Name as the outputs print it.
    pub name: String,
    /// Length in bp, when known.
    pub length: Option<u32>,
}

/// What consent allowed for one member. Everything that is not explicitly allowed is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "one answer a question of the record")]
pub struct ConsentRecord {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Whether the sample was read.
    pub analysis: AnalysisDecision,
    /// Whether additional findings of this member may be looked for.
    pub secondary: bool,
    /// Whether carrier status of this member may be looked for.
    pub carrier: bool,
    /// Whether pharmacogenomic findings of this member may be looked for.
    pub pharmacogenomics: bool,
    /// Whether germline findings may be looked for in this sample of a tumour's patient. Absent in older files.
    #[serde(default)]
    pub germline: bool,
    /// Where the consent is written down; `nowhere` in older files.
    #[serde(default)]
    pub source: ConsentSource,
}

/// Whether a member's sample was read, and why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnalysisDecision {
    /// Sequenced, and consented to the primary question.
    Allowed,
    /// Sequenced, but without an explicit yes to the primary question.
    Refused,
    /// The person has withdrawn; nothing of theirs was read.
    Withdrawn,
    /// Not sequenced.
    NoSample,
}

/// Green genes of a panel that no consequence of the annotation names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GenesNotAnnotated {
    /// Id of the panel.
    pub panel: String,
    /// Symbols in the order of the panel.
    pub genes: Vec<String>,
}

/// Where the results come from. When and how the program ran is in `run.json`, so that this file is reproducible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Provenance {
    /// Input files in the order of the case.
    pub inputs: Vec<InputDigest>,
    /// Programs that made the inputs, name to version, as the inputs state them (callers, annotators).
    pub software: BTreeMap<String, String>,
    /// Databases behind the annotation, name to version, as the inputs state them.
    pub databases: BTreeMap<String, String>,
}
