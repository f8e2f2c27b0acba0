//! A case: who is looked at, with which files, under which questions; how it is read from `case.toml`, referrals of
//! Genomics England and the NHS Genomic Medicine Service, Phenopackets, a pedigree file and command-line flags; and what
//! consent allows.
//!
//! Every way of writing a case down is first brought to a [`Draft`], in which members name each other by text;
//! [`Draft::resolve`] checks it as a whole and gives the [`Case`], or all faults at once.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::candidate::Penetrance;
use crate::model::contig::Assembly;
use crate::model::sample::{Family, Member, MemberId, Role};

mod check;
pub mod consent;
pub mod convert;
pub mod document;
mod draft;
pub mod flags;
pub mod form;
pub mod gel;
mod json;
mod karyotype;
mod keys;
pub mod overlay;
pub mod ped;
pub mod phenopacket;
mod referred;
pub mod withdrawn;

pub use draft::{Draft, DraftMember};
pub use referred::{CaseForm, PanelOrder, Referred};

/// What sort of case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CaseKind {
    /// A proband with relatives.
    Family,
    /// A proband alone.
    Singleton,
    /// A tumour with a normal sample of the same person.
    TumourNormal,
    /// A tumour alone.
    TumourOnly,
}

impl CaseKind {
    /// All kinds as `case.toml` writes them.
    pub const WORDS: [&'static str; 4] = ["family", "singleton", "tumour-normal", "tumour-only"];

    /// Reads one of [`CaseKind::WORDS`]; the American spelling passes.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().replace('_', "-").as_str() {
            "family" => Self::Family,
            "singleton" => Self::Singleton,
            "tumour-normal" | "tumor-normal" => Self::TumourNormal,
            "tumour-only" | "tumor-only" => Self::TumourOnly,
            _ => return None,
        })
    }

    /// The word of `case.toml`.
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize]
    }

    /// True for tumours.
    pub fn is_cancer(self) -> bool {
        matches!(self, Self::TumourNormal | Self::TumourOnly)
    }

    /// The policy preset of a case that names none.
    pub fn default_preset(self) -> &'static str {
        if self.is_cancer() { "gms-cancer" } else { "gms-rd" }
    }
}

/// Which penetrance runs the order asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PenetranceRequest {
    /// Every carrier is affected.
    #[default]
    Complete,
    /// Carriers may be unaffected.
    Incomplete,
    /// Both runs; an event that passes both is reported as complete.
    Both,
}

impl PenetranceRequest {
    /// The word of `case.toml`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Incomplete => "incomplete",
            Self::Both => "both",
        }
    }

    /// Reads `complete`, `incomplete` or `both`.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "complete" => Self::Complete,
            "incomplete" => Self::Incomplete,
            "both" => Self::Both,
            _ => return None,
        })
    }

    /// The runs, complete first. An incomplete-penetrance order includes the complete run: what fits the stricter
    /// table fits the wider one, and is reported as complete.
    pub fn runs(self) -> &'static [Penetrance] {
        match self {
            Self::Complete => &[Penetrance::Complete],
            Self::Incomplete | Self::Both => &[Penetrance::Complete, Penetrance::Incomplete],
        }
    }
}

/// The policy a case asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyChoice {
    /// One of the presets of the program.
    Preset(String),
    /// A policy file.
    File(PathBuf),
}

/// A panel file of a case, `panel.json` or `panels.jsonl#522`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PanelChoice {
    /// The file.
    pub path: PathBuf,
    /// Id of the one panel wanted of a file that holds several; `None` takes all.
    pub only: Option<String>,
}

impl PanelChoice {
    /// Splits `path#id`. An empty id, or one that holds a path separator, belongs to the path.
    pub fn parse(text: &str) -> Self {
        match text.rsplit_once('#') {
            Some((path, id)) if !path.is_empty() && !id.is_empty() && !id.contains('/') => {
                Self { path: path.into(), only: Some(id.into()) }
            }
            _ => Self { path: text.into(), only: None },
        }
    }
}

/// What a tumour case gives for its biomarkers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BiomarkerInputs {
    /// Mutational signatures, a table of SigProfiler's or COSMIC's form.
    pub signatures: Option<PathBuf>,
    /// Microsatellites (BED with the repeated unit in the fourth column).
    pub microsatellites: Option<PathBuf>,
    /// Stated share of tumour cells in the tumour sample, in ten-thousandths.
    pub purity: Option<u16>,
}

/// A file of copy-number or structural variants, of short tandem repeats, or a sketch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallFile {
    /// The file.
    pub path: PathBuf,
    /// The member whose calls alone it holds; `None` for a file that may hold several.
    pub member: Option<MemberId>,
}

/// What a tumour's variants are held against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TumourFiles {
    /// Simple repeats (BED).
    pub simple_repeats: Option<PathBuf>,
    /// Segmental duplications (BED).
    pub segmental_duplications: Option<PathBuf>,
    /// Reads of many normals by site: a store.
    pub panel_of_normals: Option<PathBuf>,
    /// Panels of susceptibility to this disease: germline findings of Tier 1.
    pub germline_panels: Vec<PanelChoice>,
    /// Panels of susceptibility to cancer of any kind: germline findings of Tier 3.
    pub germline_panels_wider: Vec<PanelChoice>,
    /// Evidence items of CIViC.
    pub civic: Option<PathBuf>,
    /// The case wants no list of domain 2, not even the built-in one.
    pub no_default_list: bool,
    /// Diseases of the tumour, Disease Ontology ids or names, in the words of the evidence items.
    pub disease: Vec<String>,
}

impl TumourFiles {
    /// All of them.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let panels = self.germline_panels.iter().chain(&self.germline_panels_wider);
        [&self.simple_repeats, &self.segmental_duplications, &self.panel_of_normals, &self.civic]
            .into_iter()
            .flatten()
            .chain(panels.map(|panel| &panel.path))
    }
}

/// A checked case. Files are named, not yet opened: `inputs` does that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The document it was read from; `None` when it came from flags.
    pub source: Option<PathBuf>,
    /// Id of the case (pseudonymous); never logged.
    pub id: String,
    /// What sort of case.
    pub kind: CaseKind,
    /// Reference assembly.
    pub assembly: Assembly,
    /// Policy asked for; `None` takes [`CaseKind::default_preset`].
    pub policy: Option<PolicyChoice>,
    /// Penetrance asked for.
    pub penetrance: PenetranceRequest,
    /// Reference sequence (FASTA).
    pub reference: Option<PathBuf>,
    /// Target regions (BED).
    pub regions: Option<PathBuf>,
    /// Gene model, for depth over genes and panels.
    pub genes: Option<PathBuf>,
    /// Gene panels.
    pub panels: Vec<PanelChoice>,
    /// Joint variant files: each may hold several members.
    pub variants: Vec<PathBuf>,
    /// Copy-number and structural variants: joint files first, then those of members.
    pub structural_variants: Vec<CallFile>,
    /// Short tandem repeats, likewise.
    pub repeats: Vec<CallFile>,
    /// Sketches that `qc` made of members, each of one.
    pub sketches: Vec<CallFile>,
    /// Gene list of domain 1 (cancer).
    pub domain1: Option<PathBuf>,
    /// Gene list of domain 2 (cancer); without one the built-in list.
    pub domain2: Option<PathBuf>,
    /// Panel of additional findings, for members who consent to them.
    pub additional_findings: Option<PanelChoice>,
    /// Panel of recessive genes for the carrier status of parents who consent to it.
    pub carrier: Option<PanelChoice>,
    /// Stores of population frequencies.
    pub frequencies: Vec<PathBuf>,
    /// ClinVar: its VCF, or a store of it.
    pub clinvar: Option<PathBuf>,
    /// What a tumour's variants are held against.
    pub tumour: TumourFiles,
    /// For the biomarkers of a tumour.
    pub biomarkers: BiomarkerInputs,
    /// The members.
    pub family: Family,
    /// What a referral says beside people and files.
    pub referred: Referred,
}

impl Case {
    /// One variant file without people, for work that looks at sites only: no member, so no consent is needed and no
    /// genotype is read. Panels are written as `FILE` or `FILE#ID`.
    pub fn of_file(
        assembly: Assembly,
        variants: &Path,
        panels: &[String],
        reference: Option<PathBuf>,
    ) -> Self {
        Self {
            source: None,
            id: "file".into(),
            kind: CaseKind::Singleton,
            assembly,
            policy: None,
            penetrance: PenetranceRequest::Complete,
            reference,
            regions: None,
            genes: None,
            panels: panels.iter().map(|text| PanelChoice::parse(text)).collect(),
            variants: vec![variants.to_owned()],
            structural_variants: Vec::new(),
            repeats: Vec::new(),
            sketches: Vec::new(),
            domain1: None,
            domain2: None,
            additional_findings: None,
            carrier: None,
            frequencies: Vec::new(),
            clinvar: None,
            tumour: TumourFiles::default(),
            biomarkers: BiomarkerInputs::default(),
            family: Family::default(),
            referred: Referred::default(),
        }
    }

    /// The case as identity checks see it: people, reference, alignments, calls and sketches, without what only tiers need.
    #[must_use]
    pub fn of_samples(&self) -> Self {
        Self {
            regions: None,
            genes: None,
            panels: Vec::new(),
            structural_variants: Vec::new(),
            repeats: Vec::new(),
            domain1: None,
            domain2: None,
            additional_findings: None,
            carrier: None,
            frequencies: Vec::new(),
            clinvar: None,
            ..self.clone()
        }
    }

    /// Every file that the case names.
    pub fn files(&self) -> Vec<&Path> {
        let policy = match &self.policy {
            Some(PolicyChoice::File(path)) => Some(path),
            _ => None,
        };
        let single = [
            &self.source,
            &self.reference,
            &self.regions,
            &self.genes,
            &self.domain1,
            &self.domain2,
            &self.clinvar,
            &self.biomarkers.signatures,
            &self.biomarkers.microsatellites,
        ];
        let members = self.family.members.iter();
        let single = single.into_iter().flatten().chain(policy).chain(&self.variants);
        let single = single.chain(&self.frequencies).chain(self.tumour.files());
        single
            .chain(self.panels.iter().map(|panel| &panel.path))
            .chain(self.additional_findings.iter().chain(&self.carrier).map(|panel| &panel.path))
            .chain(self.structural_variants.iter().chain(&self.repeats).map(|file| &file.path))
            .chain(self.sketches.iter().map(|file| &file.path))
            .chain(self.referred.documents.iter().map(|(_, path)| path))
            .chain(members.flat_map(|member| member.alignment.iter().chain(&member.variants)))
            .map(PathBuf::as_path)
            .collect()
    }

    /// The proband, or the tumour.
    pub fn index_member(&self) -> Option<(MemberId, &Member)> {
        self.family.index_member()
    }

    /// A member for people and logs: its number and role, never its id.
    pub fn shown(&self, id: MemberId) -> String {
        shown(usize::from(id.0), Some(self.family.get(id).role))
    }
}

/// The word of `case.toml` for a role.
pub fn role_word(role: Role) -> &'static str {
    match role {
        Role::Proband => "proband",
        Role::Mother => "mother",
        Role::Father => "father",
        Role::Sibling => "sibling",
        Role::Relative => "relative",
        Role::Tumour => "tumour",
        Role::Normal => "normal",
    }
}

/// `member 2 (mother)`; `index` counts from 0.
fn shown(index: usize, role: Option<Role>) -> String {
    match role {
        Some(role) => format!("member {} ({})", index + 1, role_word(role)),
        None => format!("member {}", index + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_its_own_word() {
        for word in CaseKind::WORDS {
            assert_eq!(CaseKind::parse(word).map(CaseKind::word), Some(word));
        }
        assert_eq!(CaseKind::parse("tumor-only"), Some(CaseKind::TumourOnly));
        assert_eq!(CaseKind::parse("trio"), None);
    }

    #[test]
    fn a_panel_choice_splits_at_its_last_hash() {
        let choice = PanelChoice::parse("a/b.jsonl#522");
        assert_eq!(
            (choice.path.to_str(), choice.only.as_deref()),
            (Some("a/b.jsonl"), Some("522"))
        );
        for whole in ["a/b.json", "a#b/c.json", "a.json#", "#522"] {
            let choice = PanelChoice::parse(whole);
            assert_eq!((choice.path.to_str(), choice.only), (Some(whole), None));
        }
    }
}
