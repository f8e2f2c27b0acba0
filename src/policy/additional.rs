//! What counts as a finding beside the question of the case.

use serde::{Deserialize, Serialize};

use super::Sourced;
use super::acmg::term_is_known;
use super::fields::in_range;
use crate::model::annotation::ClinVar;
use crate::model::panel::PanelGene;
use crate::model::problem::Problem;

/// Additional findings and carrier status; each only with consent, which no policy can change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdditionalPolicy {
    /// Least review stars of a pathogenic or likely pathogenic variant, 0 to 4; an annotation without review status counts.
    pub min_stars: Sourced<f64>,
    /// Whether a rare predicted loss of function counts too, known or not.
    pub loss_of_function: Sourced<bool>,
    /// Terms of a predicted loss of function, by Sequence Ontology name.
    pub loss_terms: Sourced<Vec<String>>,
    /// Tags of panel genes that are looked at in adults only.
    pub adult_tags: Sourced<Vec<String>>,
    /// Carriers of a recessive gene are told only where both partners carry a variant in it.
    pub both_partners: Sourced<bool>,
}

impl AdditionalPolicy {
    /// Known to cause disease.
    pub fn is_known(&self, clinvar: Option<&ClinVar>) -> bool {
        clinvar.is_some_and(|clinvar| {
            let enough = clinvar.stars.is_none_or(|n| f64::from(n) >= self.min_stars.value);
            clinvar.is_pathogenic() && enough
        })
    }

    /// The panel tags the gene for adults.
    pub fn is_for_adults(&self, gene: &PanelGene) -> bool {
        let tags = &self.adult_tags.value;
        gene.tags.iter().any(|tag| tags.iter().any(|listed| listed.eq_ignore_ascii_case(tag)))
    }

    /// A loss of function may cause the gene's disease: the panel does not say otherwise.
    pub fn loss_counts(&self, gene: &PanelGene) -> bool {
        let text = gene.mode_of_pathogenicity.as_deref().unwrap_or_default();
        self.loss_of_function.value && !text.to_ascii_uppercase().contains("DO NOT CAUSE")
    }

    /// Stars lie between 0 and 4, terms are known.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self) -> Result<(), Problem> {
        in_range("additional.min_stars", self.min_stars.value, 0.0, 4.0)?;
        let terms = &self.loss_terms.value;
        if self.loss_of_function.value && terms.is_empty() {
            let message =
                "`additional.loss_terms` is empty, but `additional.loss_of_function` asks for them";
            return Err(Problem::bad_data(message));
        }
        if self.adult_tags.value.iter().any(|tag| tag.trim().is_empty()) {
            let message = "`additional.adult_tags` holds an empty tag, which no gene has";
            return Err(Problem::bad_data(message));
        }
        terms.iter().try_for_each(|term| term_is_known("additional.loss_terms", term))
    }

    /// Source ids.
    pub(super) fn sources(&self) -> [&str; 5] {
        [
            &self.min_stars.source,
            &self.loss_of_function.source,
            &self.loss_terms.source,
            &self.adult_tags.source,
            &self.both_partners.source,
        ]
    }
}
