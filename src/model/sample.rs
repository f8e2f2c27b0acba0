//! Members of a case: who they are, how they are related, what they consented to.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Index of a member in its case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(transparent)]
pub struct MemberId(pub u16);

/// What a member is to the case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The person whose disease is looked into; in a family exactly one.
    Proband,
    /// Mother of the proband.
    Mother,
    /// Father of the proband.
    Father,
    /// Full or half sibling of the proband.
    Sibling,
    /// Any other relative.
    Relative,
    /// Tumour sample.
    Tumour,
    /// Matched normal sample of the same person.
    Normal,
}

impl Role {
    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Proband => "proband",
            Self::Mother => "mother",
            Self::Father => "father",
            Self::Sibling => "sibling",
            Self::Relative => "relative",
            Self::Tumour => "tumour",
            Self::Normal => "normal",
        }
    }
}

/// Sex as the referral states it.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Sex {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Not stated.
    #[default]
    Unknown,
}

impl Sex {
    /// Number of X chromosomes that the stated sex implies; `None` when not stated. A measured karyotype overrides it.
    pub fn x_copies(self) -> Option<u8> {
        match self {
            Self::Male => Some(1),
            Self::Female => Some(2),
            Self::Unknown => None,
        }
    }
}

/// Whether a member has the disease in question.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Affected {
    /// Affected.
    Yes,
    /// Unaffected.
    No,
    /// Not known: the member neither supports nor refutes a mode of inheritance.
    #[default]
    Uncertain,
}

/// One answer of a consent record. Only an explicit yes allows; everything else forbids.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentAnswer {
    /// Explicit yes.
    Yes,
    /// Explicit no.
    No,
    /// Absent, null, undefined or not applicable.
    #[default]
    NotStated,
}

impl ConsentAnswer {
    /// True only for an explicit yes: consent fails closed.
    pub fn allows(self) -> bool {
        self == Self::Yes
    }
}

/// What one person consented to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Consent {
    /// Analysis for the primary question; without it the sample is refused.
    pub primary: ConsentAnswer,
    /// Additional (secondary, health-related) findings.
    pub secondary: ConsentAnswer,
    /// Carrier status.
    pub carrier: ConsentAnswer,
    /// Pharmacogenomic findings.
    pub pharmacogenomics: ConsentAnswer,
    /// Germline findings in the normal sample of a tumour.
    pub germline: ConsentAnswer,
    /// Who says so.
    pub source: ConsentSource,
    /// Why the sample was taken out of the case, where it was.
    pub left_out: Option<LeftOut>,
}

/// Where a member's consent is written down.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentSource {
    /// Nowhere: nothing is allowed.
    #[default]
    Nowhere,
    /// The keys of a case document of this program.
    CaseDocument,
    /// The command line, for all members alike.
    CommandLine,
    /// `ConsentStatus` of the 100,000 Genomes Project.
    ConsentStatus,
    /// `GmsConsentStatus` of the NHS Genomic Medicine Service.
    GmsConsentStatus,
    /// Both generations of records; the stricter answer counts.
    BothGenerations,
}

/// Why a sequenced member is analysed no more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// No explicit yes to the analysis.
    NoConsent,
    /// Withdrawn after consent was given.
    Withdrawn,
}

/// A phenotype term of the Human Phenotype Ontology.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct HpoTerm {
    /// Accession, `HP:0001250`.
    pub id: String,
    /// False when the record says that the phenotype is absent.
    pub present: bool,
}

/// One member of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Participant id as the referral gives it (pseudonymous); never logged.
    pub id: String,
    /// Name of the sample in VCF headers and `@RG SM`; `None` for members who are in the tree but not sequenced.
    pub sample: Option<String>,
    /// What the member is to the case.
    pub role: Role,
    /// Stated sex.
    pub sex: Sex,
    /// Disease status.
    pub affected: Affected,
    /// Father, if in the case.
    pub father: Option<MemberId>,
    /// Mother, if in the case.
    pub mother: Option<MemberId>,
    /// Alignment file (BAM or CRAM).
    pub alignment: Option<PathBuf>,
    /// Variant file of this member alone (VCF or gVCF), when calls do not come in a joint file.
    pub variants: Option<PathBuf>,
    /// Phenotypes.
    pub hpo: Vec<HpoTerm>,
    /// Consent.
    pub consent: Consent,
    /// Number of X chromosomes measured from coverage, when known; overrides the stated sex in X-linked models.
    pub x_copies: Option<u8>,
    /// Whether the member is an adult; not stated counts as a child where it matters.
    pub adult: Option<bool>,
    /// Group of identical (monozygotic) twins: members of one word are.
    pub identical_twins: Option<String>,
}

impl Member {
    /// A member of whom nothing else is known.
    #[cfg(test)]
    pub(crate) fn of(id: &str, role: Role, affected: Affected) -> Self {
        Self {
            id: id.into(),
            sample: None,
            role,
            sex: Sex::Unknown,
            affected,
            father: None,
            mother: None,
            alignment: None,
            variants: None,
            hpo: Vec::new(),
            consent: Consent::default(),
            x_copies: None,
            adult: None,
            identical_twins: None,
        }
    }

    /// Number of X chromosomes: measured, else implied by the stated sex, else `None`.
    pub fn x_copies(&self) -> Option<u8> {
        self.x_copies.or_else(|| self.sex.x_copies())
    }
}

/// All members of a case, by [`MemberId`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Family {
    /// Members in the order of the case document.
    pub members: Vec<Member>,
}

impl Family {
    /// The member of an id that this family gave out.
    pub fn get(&self, id: MemberId) -> &Member {
        &self.members[usize::from(id.0)]
    }

    /// All members with their ids.
    pub fn iter(&self) -> impl Iterator<Item = (MemberId, &Member)> {
        self.members.iter().enumerate().map(|(i, member)| (MemberId(i as u16), member))
    }

    /// The first member with this role.
    pub fn with_role(&self, role: Role) -> Option<(MemberId, &Member)> {
        self.iter().find(|(_, member)| member.role == role)
    }

    /// The proband, or the tumour of a cancer case.
    pub fn index_member(&self) -> Option<(MemberId, &Member)> {
        self.with_role(Role::Proband).or_else(|| self.with_role(Role::Tumour))
    }

    /// Members whose calls decide whether a variant is looked at: those said to be affected who have a sample, else the
    /// proband, who is the person whose disease is looked into.
    pub fn decisive(&self) -> Vec<MemberId> {
        let sequenced = |wanted: &dyn Fn(&Member) -> bool| -> Vec<MemberId> {
            let found = self.iter().filter(|(_, member)| member.sample.is_some() && wanted(member));
            found.map(|(id, _)| id).collect()
        };
        let affected = sequenced(&|member| member.affected == Affected::Yes);
        if affected.is_empty() {
            sequenced(&|member| member.role == Role::Proband)
        } else {
            affected
        }
    }

    /// The identical twins of a member, without the member.
    pub fn twins_of(&self, id: MemberId) -> impl Iterator<Item = MemberId> {
        let group = self.get(id).identical_twins.as_ref();
        let same =
            move |member: &Member| group.is_some() && member.identical_twins.as_ref() == group;
        self.iter().filter(move |(other, member)| *other != id && same(member)).map(|found| found.0)
    }

    /// The member with this participant id.
    pub fn by_id(&self, id: &str) -> Option<MemberId> {
        self.iter().find(|(_, member)| member.id == id).map(|(id, _)| id)
    }
}
