//! Germline pertinent findings in the normal sample of a tumour.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sourced;
use super::acmg::term_is_known;
use crate::model::annotation::ClinVar;
use crate::model::panel::PanelGene;
use crate::model::problem::Problem;

/// What counts; only with consent, which no policy can change. Consequences of Tier 3 are those of the policy's lists.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PertinentPolicy {
    /// Least review stars at which ClinVar's word counts, 0 to 4.
    pub min_stars: Sourced<f64>,
    /// Terms of a predicted loss of function, by Sequence Ontology name.
    pub loss_terms: Sourced<Vec<String>>,
    /// Terms that count in genes whose product is RNA.
    pub rna_terms: Sourced<Vec<String>>,
    /// Genes whose product is RNA that belong to the wider panels: symbol to Ensembl id.
    pub rna_genes: Sourced<BTreeMap<String, String>>,
    /// Datasets of population frequencies that are looked at, by id.
    pub datasets: Sourced<Vec<String>>,
    /// Frequency that a variant of Tier 3 stays below in genes whose disease needs both copies.
    pub max_frequency_biallelic: Sourced<f64>,
    /// The same in all other genes.
    pub max_frequency: Sourced<f64>,
    /// Whether Tier 1 asks for the same rarity.
    pub tier1_rare: Sourced<bool>,
    /// What the second variant of a gene must be whose disease needs both copies.
    pub partner: Sourced<Partner>,
    /// Least reads with the ALT, where the caller counts them.
    pub min_alternate_reads: Sourced<f64>,
}

/// What counts as the second hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Partner {
    /// A variant that qualifies for Tier 1 by itself.
    Tier1,
    /// A variant that qualifies for Tier 1 or Tier 3.
    Reported,
}

impl PertinentPolicy {
    /// ClinVar's review reaches the least stars; `None` when it is not stated.
    pub fn reviewed(&self, clinvar: &ClinVar) -> Option<bool> {
        clinvar.stars.map(|stars| f64::from(stars) >= self.min_stars.value)
    }

    /// ClinVar calls the variant benign by a review that counts.
    pub fn is_benign(&self, clinvar: Option<&ClinVar>) -> bool {
        clinvar.is_some_and(|clinvar| {
            let words = ["benign", "likely_benign", "benign/likely_benign"];
            let says = clinvar.significance.iter().any(|word| words.contains(&word.as_str()));
            says && self.reviewed(clinvar) == Some(true)
        })
    }

    /// The loss of the gene causes disease: the panel does not say otherwise.
    pub fn loss_counts(&self, gene: &PanelGene) -> bool {
        let text = gene.mode_of_pathogenicity.as_deref().unwrap_or_default();
        let by_gain = gene.role.is_some_and(|role| !role.is_suppressor());
        !text.to_ascii_uppercase().contains("DO NOT CAUSE") && !by_gain
    }

    /// Stars, frequencies, terms and datasets are what they can be.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self, datasets: &[&str]) -> Result<(), Problem> {
        let numbers = [
            ("min_stars", self.min_stars.value, 4.0),
            ("max_frequency_biallelic", self.max_frequency_biallelic.value, 1.0),
            ("max_frequency", self.max_frequency.value, 1.0),
            ("min_alternate_reads", self.min_alternate_reads.value, f64::from(u32::MAX)),
        ];
        for (key, value, most) in numbers {
            if !(0.0..=most).contains(&value) {
                let message =
                    format!("`pertinent.{key}` is {value}, but must be between 0 and {most}");
                return Err(Problem::bad_data(message));
            }
        }
        if self.loss_terms.value.is_empty() {
            let message = "`pertinent.loss_terms` is empty: no loss of function could be found";
            return Err(Problem::bad_data(message));
        }
        for id in &self.datasets.value {
            if !datasets.contains(&id.as_str()) {
                let message = format!("`pertinent.datasets` names {id:?}, which is no dataset");
                let help = format!("datasets: {}", datasets.join(", "));
                return Err(Problem::bad_data(message).help(help));
            }
        }
        self.loss_terms
            .value
            .iter()
            .try_for_each(|term| term_is_known("pertinent.loss_terms", term))?;
        self.rna_terms.value.iter().try_for_each(|term| term_is_known("pertinent.rna_terms", term))
    }

    /// Source ids.
    pub(super) fn sources(&self) -> [&str; 10] {
        [
            &self.min_stars.source,
            &self.loss_terms.source,
            &self.rna_terms.source,
            &self.rna_genes.source,
            &self.datasets.source,
            &self.max_frequency_biallelic.source,
            &self.max_frequency.source,
            &self.tier1_rare.source,
            &self.partner.source,
            &self.min_alternate_reads.source,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn rules() -> PertinentPolicy {
        Policy::preset("gms-cancer").unwrap().pertinent.unwrap()
    }

    #[test]
    fn benign_needs_its_stars() {
        let clinvar = |word: &str, stars| ClinVar {
            significance: vec![word.into()],
            stars,
            ..ClinVar::default()
        };
        let rules = rules();
        assert!(rules.is_benign(Some(&clinvar("likely_benign", Some(2)))));
        assert!(!rules.is_benign(Some(&clinvar("likely_benign", Some(1)))));
        assert!(!rules.is_benign(Some(&clinvar("benign", None))));
        assert!(!rules.is_benign(Some(&clinvar("pathogenic", Some(4)))));
        assert!(!rules.is_benign(None));
    }

    #[test]
    fn bad_values_are_refused() {
        let mut wrong = rules();
        wrong.min_stars.value = 5.0;
        assert!(wrong.check(&["gnomad_genomes"]).unwrap_err().message.contains("min_stars"));
        let mut wrong = rules();
        wrong.datasets.value = vec!["gnomad".into()];
        assert!(wrong.check(&["gnomad_genomes"]).unwrap_err().message.contains("no dataset"));
        let mut wrong = rules();
        wrong.loss_terms.value = vec!["stop".into()];
        let datasets = ["gnomad_genomes", "germline_cohort"];
        assert!(wrong.check(&datasets).unwrap_err().message.contains("stop"));
    }
}
