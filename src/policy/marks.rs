//! Marks of somatic variants: what makes a call doubtful, and whether it is shown with the mark or taken from the list.

use serde::{Deserialize, Serialize};

use super::Sourced;
use super::fields::in_range;
use crate::model::problem::Problem;

/// What becomes of a variant that has a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkAction {
    /// It keeps its domain and shows the mark.
    Flag,
    /// It has no domain; the results list it as removed, with the mark.
    Remove,
}

/// One mark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkPolicy {
    /// Id, `CommonGermlineVariant`.
    pub id: String,
    /// What becomes of the variant.
    pub action: Sourced<MarkAction>,
    /// The number that the mark compares with; what it counts is said in its explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Sourced<f64>>,
    /// Ids of the frequency datasets that the mark looks at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<String>,
}

/// How a panel of normals is compared with the tumour's reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NormalsPolicy {
    /// Least mapping quality of a read of the tumour, phred.
    pub min_mapping_quality: Sourced<f64>,
    /// Least base quality at the site, phred.
    pub min_base_quality: Sourced<f64>,
    /// Most reads that are looked at over one site.
    pub max_depth: Sourced<f64>,
    /// What a site says that the panel does not list.
    pub absent_site: Sourced<AbsentSite>,
}

/// What a site says that a panel of normals does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsentSite {
    /// Nothing: it was not assessed.
    NotAssessed,
    /// Normals without a read: the test then finds no difference, and the variant gets the mark.
    NoReads,
}

impl NormalsPolicy {
    fn numbers(&self) -> [(&'static str, &Sourced<f64>, f64); 3] {
        [
            ("panel_of_normals.min_mapping_quality", &self.min_mapping_quality, 254.0),
            ("panel_of_normals.min_base_quality", &self.min_base_quality, 93.0),
            ("panel_of_normals.max_depth", &self.max_depth, 1e6),
        ]
    }

    /// Source ids of all values.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        let numbers = self.numbers().into_iter().map(|(_, value, _)| value.source.as_str());
        numbers.chain([self.absent_site.source.as_str()])
    }

    /// Numbers out of range.
    ///
    /// # Errors
    ///
    /// The first one.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let mut numbers = self.numbers().into_iter();
        numbers.try_for_each(|(key, number, most)| in_range(key, number.value, 0.0, most))
    }
}

impl MarkPolicy {
    /// Source ids.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        let limit = self.limit.iter().map(|limit| limit.source.as_str());
        limit.chain([self.action.source.as_str()])
    }

    /// A limit that compares with nothing, or a dataset that the policy does not have.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self, datasets: &[&str]) -> Result<(), Problem> {
        if let Some(limit) = &self.limit {
            in_range(&format!("mark.{}.limit", self.id), limit.value, 0.0, 1e6)?;
        }
        match self.datasets.iter().find(|id| !datasets.contains(&id.as_str())) {
            Some(id) => Err(Problem::bad_data(format!(
                "`mark.{}.datasets` names {id}, which is no frequency dataset",
                self.id
            ))
            .help(format!("datasets: {}", datasets.join(", ")))),
            None => Ok(()),
        }
    }
}
