//! A case as written down, before anything about it is believed.

use std::path::PathBuf;

use super::{BiomarkerInputs, CaseKind, PanelChoice, PenetranceRequest, PolicyChoice, TumourFiles};
use crate::model::contig::Assembly;
use crate::model::sample::{Affected, Consent, Role, Sex};

/// One member as written down.
#[derive(Clone, Debug, Default)]
pub struct DraftMember {
    /// Where it stands, `line 12`.
    pub place: String,
    /// Participant id.
    pub id: String,
    /// Sample name; `None` for members without data.
    pub sample: Option<String>,
    /// Role, when stated.
    pub role: Option<Role>,
    /// Sex; `Unknown` when not stated.
    pub sex: Sex,
    /// Disease status, when stated.
    pub affected: Option<Affected>,
    /// Id of the father.
    pub father: Option<String>,
    /// Id of the mother.
    pub mother: Option<String>,
    /// Alignment file.
    pub alignment: Option<PathBuf>,
    /// Variant file of this member alone.
    pub variants: Option<PathBuf>,
    /// Files of copy-number and structural variants of this member alone.
    pub structural_variants: Vec<PathBuf>,
    /// Files of short tandem repeats of this member alone.
    pub repeats: Vec<PathBuf>,
    /// Sketch of this member.
    pub sketch: Option<PathBuf>,
    /// HPO ids; a leading `!` says that the phenotype is absent.
    pub hpo: Vec<String>,
    /// Consent.
    pub consent: Consent,
    /// Number of X chromosomes, when stated.
    pub x_copies: Option<u8>,
    /// Whether the member is an adult, when stated.
    pub adult: Option<bool>,
    /// Group of identical twins.
    pub identical_twins: Option<String>,
}

/// A case as written down. [`Draft::resolve`] makes a [`super::Case`] of it.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The document; `None` for flags.
    pub source: Option<PathBuf>,
    /// The file that problems of members name.
    pub origin: String,
    /// Id of the case.
    pub id: String,
    /// Kind.
    pub kind: CaseKind,
    /// Assembly.
    pub assembly: Assembly,
    /// Policy.
    pub policy: Option<PolicyChoice>,
    /// Penetrance.
    pub penetrance: PenetranceRequest,
    /// Reference sequence.
    pub reference: Option<PathBuf>,
    /// Target regions.
    pub regions: Option<PathBuf>,
    /// Gene model.
    pub genes: Option<PathBuf>,
    /// Panels.
    pub panels: Vec<PanelChoice>,
    /// Joint variant files.
    pub variants: Vec<PathBuf>,
    /// Joint files of copy-number and structural variants.
    pub structural_variants: Vec<PathBuf>,
    /// Joint files of short tandem repeats.
    pub repeats: Vec<PathBuf>,
    /// Domain 1 gene list.
    pub domain1: Option<PathBuf>,
    /// Domain 2 gene list.
    pub domain2: Option<PathBuf>,
    /// Panel of additional findings.
    pub additional_findings: Option<PanelChoice>,
    /// Panel of recessive genes for carrier status.
    pub carrier: Option<PanelChoice>,
    /// Stores of population frequencies.
    pub frequencies: Vec<PathBuf>,
    /// ClinVar.
    pub clinvar: Option<PathBuf>,
    /// What a tumour's variants are held against.
    pub tumour: TumourFiles,
    /// For the biomarkers of a tumour.
    pub biomarkers: BiomarkerInputs,
    /// HPO ids of the index member, besides its own.
    pub hpo: Vec<String>,
    /// Members.
    pub members: Vec<DraftMember>,
}
