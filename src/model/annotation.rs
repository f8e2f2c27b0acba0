//! What annotators say about a variant: consequences on transcripts, population frequencies, ClinVar.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::so::{Impact, SoTerm};

/// Which annotation a consequence was read from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub enum AnnotationSource {
    /// VEP `CSQ` (or a field of the same layout).
    #[serde(rename = "CSQ")]
    Csq,
    /// SnpEff `ANN`.
    #[serde(rename = "ANN")]
    Ann,
    /// `bcftools csq` `BCSQ`.
    #[serde(rename = "BCSQ")]
    Bcsq,
}

/// The names by which an annotation or a panel calls a gene.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct GeneRef {
    /// Ensembl gene id without version, `ENSG...`.
    pub ensembl: Option<String>,
    /// HGNC id with prefix, `HGNC:1100`.
    pub hgnc: Option<String>,
    /// Symbol.
    pub symbol: Option<String>,
}

impl GeneRef {
    /// The key that groups variants by gene: Ensembl id, else HGNC id, else symbol; `None` without any.
    pub fn key(&self) -> Option<&str> {
        self.ensembl.as_deref().or(self.hgnc.as_deref()).or(self.symbol.as_deref())
    }

    /// The name for people: symbol, else HGNC id, else Ensembl id, else `-`.
    pub fn shown(&self) -> &str {
        self.symbol.as_deref().or(self.hgnc.as_deref()).or(self.ensembl.as_deref()).unwrap_or("-")
    }
}

/// What a predictor says of a change on a transcript.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Index in the policy's list of scores.
    pub score: u16,
    /// In the predictor's own unit; `None` when the text is no number.
    pub value: Option<f64>,
}

/// One effect of a variant on one transcript.
#[derive(Clone, Debug, PartialEq)]
pub struct Consequence {
    /// Terms, the most severe first; never empty.
    pub terms: Vec<SoTerm>,
    /// The gene.
    pub gene: GeneRef,
    /// Transcript id as written (with version when given).
    pub transcript: Option<String>,
    /// Biotype of the transcript.
    pub biotype: Option<String>,
    /// HGVS on the transcript.
    pub hgvs_c: Option<String>,
    /// HGVS on the protein.
    pub hgvs_p: Option<String>,
    /// Exon number, `3/12`.
    pub exon: Option<String>,
    /// Marked canonical by the annotator.
    pub canonical: bool,
    /// MANE Select.
    pub mane_select: bool,
    /// Where it was read.
    pub source: AnnotationSource,
    /// Scores of predictors that the file has for it; read with the names.
    pub scores: Vec<Score>,
}

impl Consequence {
    /// The most severe term.
    pub fn worst(&self) -> Option<SoTerm> {
        self.terms.iter().copied().min()
    }

    /// Ensembl impact of the most severe term.
    pub fn impact(&self) -> Impact {
        self.worst().map_or(Impact::Modifier, SoTerm::impact)
    }
}

/// Index of a population in the policy's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PopulationId(pub u16);

/// Allele frequency of a variant in one population.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FrequencyValue {
    /// As observed, 0 to 1.
    Observed(f64),
    /// The source is there and does not list the site: 0.
    AbsentFromSource,
    /// The case has no such source: nothing is known.
    NotAssessed,
}

impl FrequencyValue {
    /// The number to compare: absent counts as 0, not assessed as nothing.
    pub fn assessed(self) -> Option<f64> {
        match self {
            Self::Observed(value) => Some(value),
            Self::AbsentFromSource => Some(0.0),
            Self::NotAssessed => None,
        }
    }
}

/// Frequency in one population of the policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frequency {
    /// Which population.
    pub population: PopulationId,
    /// What its source says.
    pub value: FrequencyValue,
    /// Number of the case's store that said it; `None` when it is of the file's own annotation.
    pub store: Option<u8>,
}

/// What ClinVar says: by the case's own ClinVar, else as the annotation carries it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClinVar {
    /// Significance words, lower case with underscores, sorted: `pathogenic`, `likely_pathogenic`.
    pub significance: Vec<String>,
    /// Review stars 0 to 4; `None` when the annotation has no review status.
    pub stars: Option<u8>,
    /// Where submissions conflict, how many say what; empty otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub submissions: BTreeMap<String, u32>,
}

/// The word of a variant whose submissions conflict and which the policy counts as pathogenic all the same.
pub const PATHOGENIC_BY_SUBMISSIONS: &str = "pathogenic_by_submissions";

/// Words that call a variant pathogenic or likely pathogenic.
pub const PATHOGENIC: [&str; 6] = [
    "pathogenic",
    "likely_pathogenic",
    "pathogenic/likely_pathogenic",
    "pathogenic_low_penetrance",
    "likely_pathogenic_low_penetrance",
    PATHOGENIC_BY_SUBMISSIONS,
];

impl ClinVar {
    /// True when one of the words is among [`PATHOGENIC`].
    pub fn is_pathogenic(&self) -> bool {
        self.significance.iter().any(|word| PATHOGENIC.contains(&word.as_str()))
    }
}
