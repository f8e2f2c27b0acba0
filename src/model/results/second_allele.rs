//! Single heterozygous variants in genes of recessive disease, with the exons of the gene in which a second allele could
//! not have been seen.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::VariantResult;
use crate::model::annotation::GeneRef;
use crate::model::candidate::PanelRef;
use crate::model::sample::Role;

/// One such variant and gene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondAllele {
    /// The variant that was found.
    pub variant: VariantResult,
    /// The gene.
    pub gene: GeneRef,
    /// A panel that lists the gene as green, with a recessive mode.
    pub panel: PanelRef,
    /// Affected members who are heterozygous for the variant, and whose depth over the gene was measured.
    pub members: Vec<SecondAlleleMember>,
}

/// One member's depth over the gene.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SecondAlleleMember {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Whether the gene model has the gene, and the alignment its contig.
    pub assessed: bool,
    /// Bases of a lesser depth are gaps.
    pub gap_below: u32,
    /// Exons with gaps, in the order of the transcripts.
    pub exons: Vec<ExonGap>,
}

/// An exon with bases of too little depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExonGap {
    /// Transcript.
    pub transcript: String,
    /// Number of the exon in the direction of the gene, 1-based.
    pub exon: u32,
    /// Least depth in it.
    pub min_depth: u32,
    /// Bases in gaps, bp.
    pub gap_bases: u64,
}
