//! What a referral says beside people and files: the panels it orders, its codes, sums of its files, and what was passed
//! over in it.

use std::path::PathBuf;

use crate::model::notice::Notice;

/// In which form a case was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseForm {
    /// `case.toml`.
    CaseToml,
    /// Command-line flags and a variant file.
    Flags,
    /// Genomics England's InterpretationRequestRD or CancerInterpretationRequest.
    InterpretationRequest,
    /// The NHS Genomic Medicine Service's Referral.
    Referral,
    /// A Phenopacket of version 2, or a Family of them.
    Phenopacket,
    /// A pedigree file.
    Pedigree,
}

impl CaseForm {
    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Self::CaseToml => "case.toml",
            Self::Flags => "flags",
            Self::InterpretationRequest => "interpretation request",
            Self::Referral => "referral",
            Self::Phenopacket => "phenopacket",
            Self::Pedigree => "pedigree",
        }
    }

    /// Whether documents of this form say what people consented to.
    pub fn states_consent(self) -> bool {
        matches!(self, Self::CaseToml | Self::InterpretationRequest | Self::Referral)
    }
}

/// A panel that a referral asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanelOrder {
    /// PanelApp id, or its older hash.
    pub id: Option<String>,
    /// Name; older referrals have the id or hash here.
    pub name: String,
    /// Version, when one is asked for.
    pub version: Option<String>,
    /// Where in the referral it is asked for.
    pub place: String,
}

/// What a referral says beside people and files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Referred {
    /// Panels asked for. When there are any, only these are taken of files that hold panels.
    pub orders: Vec<PanelOrder>,
    /// Codes of clinical indication and tests (R27, R27.3, M1), by which a map of codes finds panels.
    pub codes: Vec<String>,
    /// MD5 sums of files, lower-case hex, as the referral states them.
    pub checksums: Vec<(PathBuf, String)>,
    /// What was passed over.
    pub notices: Vec<Notice>,
    /// Names of members who were left out, which no output may hold.
    pub hidden: Vec<String>,
    /// Other documents that went into the case, with what they are.
    pub documents: Vec<(&'static str, PathBuf)>,
}
