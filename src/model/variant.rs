//! One variant: a single ALT, normalised.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contig::ContigId;
use super::coord::Pos1;

/// A variant as VCF writes it, with one ALT, trimmed and (given a reference) left-aligned.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Variant {
    /// Contig of the case's table.
    pub contig: ContigId,
    /// Position of the first reference base, 1-based.
    pub position: Pos1,
    /// Reference allele, upper case.
    pub reference: String,
    /// Alternate allele, upper case; symbolic ALTs (`<DEL>`) as written.
    pub alternate: String,
}

/// Kind of a variant by its alleles.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum VariantKind {
    /// One base for one base.
    Snv,
    /// Several bases for as many.
    Mnv,
    /// Insertion.
    Insertion,
    /// Deletion.
    Deletion,
    /// Replacement of different length without a shared first base.
    Delins,
    /// `<DEL>`, breakends and the like.
    Symbolic,
}

impl Variant {
    /// Kind by alleles.
    pub fn kind(&self) -> VariantKind {
        let (reference, alternate) = (self.reference.as_bytes(), self.alternate.as_bytes());
        if is_symbolic(&self.alternate) {
            return VariantKind::Symbolic;
        }
        match (reference.len(), alternate.len()) {
            (1, 1) => VariantKind::Snv,
            (r, a) if r == a => VariantKind::Mnv,
            (1, _) if reference[0] == alternate[0] => VariantKind::Insertion,
            (_, 1) if reference[0] == alternate[0] => VariantKind::Deletion,
            _ => VariantKind::Delins,
        }
    }
}

/// True for `<DEL>`, `<NON_REF>`, breakends and `*`: alleles without their own sequence.
pub fn is_symbolic(alternate: &str) -> bool {
    alternate.starts_with(['<', '*', '.'])
        || alternate.contains(['[', ']'])
        || alternate.ends_with('.')
}

/// How far a variant could be normalised.
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
pub enum Normalisation {
    /// Trimmed and left-aligned against the reference.
    LeftAligned,
    /// Trimmed only: no reference was given.
    #[default]
    TrimmedOnly,
    /// Symbolic, left as written.
    AsWritten,
}
