//! A variant and what it does to one gene, as findings beside the tiers tell it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::candidate::{TermResult, VariantResult};
use crate::model::annotation::GeneRef;
use crate::model::candidate::Annotated;
use crate::model::contig::ContigTable;

/// A variant with its effect on the transcript that stands for a gene. Its fields stand among those of the finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VariantInGene {
    /// The variant.
    pub variant: VariantResult,
    /// The gene.
    pub gene: GeneRef,
    /// Transcript, with version when given.
    pub transcript: Option<String>,
    /// Terms on it.
    pub terms: Vec<TermResult>,
    /// HGVS on the chromosome, as of candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hgvs_g: Option<String>,
    /// HGVS on the transcript.
    pub hgvs_c: Option<String>,
    /// HGVS on the protein.
    pub hgvs_p: Option<String>,
}

impl VariantInGene {
    /// A variant with the consequence of this index; HGVS on the chromosome comes later.
    pub fn new(annotated: &Annotated, consequence: usize, contigs: &ContigTable) -> Self {
        let effect = &annotated.consequences[consequence];
        Self {
            variant: VariantResult::new(&annotated.variant, contigs),
            gene: effect.gene.clone(),
            transcript: effect.transcript.clone(),
            terms: effect.terms.iter().map(|&term| term.into()).collect(),
            hgvs_g: None,
            hgvs_c: effect.hgvs_c.clone(),
            hgvs_p: effect.hgvs_p.clone(),
        }
    }
}
