//! A case as written down, before anything about it is believed.

use std::path::{Path, PathBuf};

use super::{
    BiomarkerInputs, CaseForm, CaseKind, PanelChoice, PenetranceRequest, PolicyChoice, Referred,
    TumourFiles,
};
use crate::model::contig::Assembly;
use crate::model::problem::Problem;
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
    /// Other names of the person: samples not looked at, names in files and laboratories. Only a withdrawal is held against
    /// them.
    pub aliases: Vec<String>,
    /// Why the sample could not be told from several, in words.
    pub undecided: Option<String>,
    /// Faults of what belongs to this member alone: none of the case when the member is left out.
    pub faults: Vec<Problem>,
    /// Role, when stated.
    pub role: Option<Role>,
    /// Sex; `Unknown` when not stated.
    pub sex: Sex,
    /// Sex that a stated karyotype shows: `Male` with a Y, `Female` without.
    pub karyotype_sex: Option<Sex>,
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
    /// Files of this member beside [`DraftMember::variants`] or joint files: read as those are, unless the member is left out.
    pub more_variants: Vec<PathBuf>,
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
    /// The form it is written in.
    pub form: CaseForm,
    /// The file that problems of members name.
    pub origin: String,
    /// Id of the case.
    pub id: String,
    /// Kind.
    pub kind: CaseKind,
    /// Assembly, when stated.
    pub assembly: Option<Assembly>,
    /// Policy.
    pub policy: Option<PolicyChoice>,
    /// Penetrance, when stated.
    pub penetrance: Option<PenetranceRequest>,
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
    /// Ids of participants who have withdrawn; they need not be members.
    pub withdrawn: Vec<String>,
    /// Members who have withdrawn or did not consent are left out, instead of the case being refused.
    pub leave_out: bool,
    /// What a referral says beside people and files.
    pub referred: Referred,
}

impl Draft {
    /// A draft of this form and document that says nothing yet.
    pub fn new(form: CaseForm, path: &Path) -> Self {
        Self {
            source: Some(path.to_owned()),
            form,
            origin: path.display().to_string(),
            id: String::new(),
            kind: CaseKind::Family,
            assembly: None,
            policy: None,
            penetrance: None,
            reference: None,
            regions: None,
            genes: None,
            panels: Vec::new(),
            variants: Vec::new(),
            structural_variants: Vec::new(),
            repeats: Vec::new(),
            domain1: None,
            domain2: None,
            additional_findings: None,
            carrier: None,
            frequencies: Vec::new(),
            clinvar: None,
            tumour: TumourFiles::default(),
            biomarkers: BiomarkerInputs::default(),
            hpo: Vec::new(),
            members: Vec::new(),
            withdrawn: Vec::new(),
            leave_out: false,
            referred: Referred::default(),
        }
    }
}
