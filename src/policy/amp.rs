//! Evidence tiers of a tumour's variants.

use serde::{Deserialize, Serialize};

use super::Sourced;
use crate::model::problem::Problem;

/// What makes a tier of AMP/ASCO/CAP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmpPolicy {
    /// Levels of strong evidence; others are weak.
    pub strong: Sourced<Vec<String>>,
    /// Diseases (DOID or name) that stand for cancer of any kind.
    pub pan_cancer: Sourced<Vec<String>>,
    /// Datasets of population frequencies that are looked at, by id; never a cohort of tumours.
    pub datasets: Sourced<Vec<String>>,
    /// Frequency below which a variant in a gene with a role in cancer is Tier III without any evidence.
    pub max_frequency: Sourced<f64>,
    /// Frequency from which on a variant is Tier IV.
    pub common: Sourced<f64>,
}

impl AmpPolicy {
    /// Levels are letters, frequencies shares, datasets those of the policy.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self, datasets: &[&str]) -> Result<(), Problem> {
        for (key, share) in
            [("max_frequency", self.max_frequency.value), ("common", self.common.value)]
        {
            if !(0.0..=1.0).contains(&share) {
                let message = format!("`amp.{key}` is {share}, but must be between 0 and 1");
                return Err(Problem::bad_data(message));
            }
        }
        for id in &self.datasets.value {
            if !datasets.contains(&id.as_str()) {
                let message = format!("`amp.datasets` names {id:?}, which is no dataset");
                let help = format!("datasets: {}", datasets.join(", "));
                return Err(Problem::bad_data(message).help(help));
            }
        }
        match self
            .strong
            .value
            .iter()
            .find(|level| !matches!(level.as_str(), "A" | "B" | "C" | "D" | "E"))
        {
            Some(level) => Err(Problem::bad_data(format!(
                "`amp.strong` holds {level:?}, which is none of A to E"
            ))),
            None => Ok(()),
        }
    }

    /// Source ids.
    pub(super) fn sources(&self) -> [&str; 5] {
        [
            &self.strong.source,
            &self.pan_cancer.source,
            &self.datasets.source,
            &self.max_frequency.source,
            &self.common.source,
        ]
    }
}
