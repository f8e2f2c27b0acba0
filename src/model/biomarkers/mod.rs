//! Biomarkers of a tumour: what its somatic variants as a whole tell, and what its reads show at microsatellites.
//!
//! A question that the inputs cannot answer is `not-assessed` with the reason, never zero.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub mod instability;
pub mod shape;
pub mod signatures;

use instability::{IndelInstability, ReadInstability};
use shape::{Kataegis, Leakage, Purity, Spectrum};
use signatures::SignatureFit;

/// A value, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "status", rename_all = "kebab-case")]
pub enum Assessed<T> {
    /// It was measured.
    Measured(T),
    /// The inputs do not tell.
    NotAssessed {
        /// Why, as the end of a sentence.
        reason: String,
    },
}

impl<T> Assessed<T> {
    /// No value, for this reason.
    pub fn not(reason: impl Into<String>) -> Self {
        Self::NotAssessed { reason: reason.into() }
    }

    /// The value, when there is one.
    pub fn measured(&self) -> Option<&T> {
        match self {
            Self::Measured(value) => Some(value),
            Self::NotAssessed { .. } => None,
        }
    }

    /// Why there is none.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Measured(_) => None,
            Self::NotAssessed { reason } => Some(reason),
        }
    }
}

impl<T> Default for Assessed<T> {
    fn default() -> Self {
        Self::not("not looked at")
    }
}

/// All biomarkers of a tumour.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BiomarkerResults {
    /// The somatic variants that everything rests on.
    pub calls: SomaticCounts,
    /// Mutations by type.
    pub matrices: Assessed<Matrices>,
    /// Tumour mutational burden, by every definition of the policy.
    pub burden: Vec<Burden>,
    /// Which signatures explain the mutations.
    pub signatures: Assessed<SignatureFit>,
    /// Shares of ALT reads and lengths of insertions and deletions.
    pub spectrum: Spectrum,
    /// Share of tumour cells in the tumour sample.
    pub purity: Assessed<Purity>,
    /// Clusters of substitutions, by every definition of the policy.
    pub kataegis: Kataegis,
    /// Microsatellite instability from insertions and deletions.
    pub instability_of_indels: Assessed<IndelInstability>,
    /// Microsatellite instability from the reads of tumour and normal.
    pub instability_of_reads: Assessed<ReadInstability>,
    /// Signs that germline variants are among the somatic ones.
    pub leakage: Leakage,
}

/// Counts of the somatic variants that passed the caller's filters, in the whole genome.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SomaticCounts {
    /// All of them.
    pub variants: u64,
    /// Substitutions of one base.
    pub snvs: u64,
    /// Substitutions of several bases in one record.
    pub mnvs: u64,
    /// Insertions.
    pub insertions: u64,
    /// Deletions.
    pub deletions: u64,
    /// Replacements of another length.
    pub delins: u64,
    /// Variants whose reads the caller does not tell: they are in no histogram of shares.
    pub without_reads: u64,
    /// Variants whose record has no consequence.
    pub without_consequence: u64,
    /// Symbolic variants, and alleles beyond 65,535 bp, which are not looked at.
    pub not_taken: u64,
    /// Records of a variant that stood there already.
    pub duplicates: u64,
}

/// Mutations by type, as SigProfiler counts them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matrices {
    /// Single-base substitutions between their neighbours, `A[C>A]A`; members of doublets count too.
    pub sbs96: Matrix,
    /// Doublets of adjacent substitutions, `AC>CA`.
    pub dbs78: Matrix,
    /// Insertions and deletions, `1:Del:C:0`.
    pub id83: Matrix,
}

/// One matrix of one tumour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Matrix {
    /// Mutations of every type, zeros among them.
    pub counts: BTreeMap<String, u32>,
    /// All of them.
    pub total: u64,
    /// Mutations that were not counted, by reason.
    pub not_assessed: BTreeMap<String, u64>,
}

/// Tumour mutational burden by one definition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Burden {
    /// Id in the policy.
    pub id: String,
    /// The definition in words.
    pub title: String,
    /// Source id of the definition.
    pub source: String,
    /// The burden, or why there is none.
    pub value: Assessed<BurdenValue>,
}

/// A burden with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BurdenValue {
    /// Mutations that count.
    pub mutations: u64,
    /// Size of what was looked at, megabases.
    pub megabases: f64,
    /// Where the size comes from.
    pub denominator: String,
    /// Mutations a megabase.
    pub per_megabase: f64,
    /// Lower end of the exact 95 % Poisson interval, mutations a megabase.
    pub low: f64,
    /// Upper end of the exact 95 % Poisson interval, mutations a megabase.
    pub high: f64,
    /// Label by the thresholds of the definition; `None` below all of them, or without any.
    pub label: Option<String>,
}
