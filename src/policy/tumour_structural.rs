//! What counts among copy-number and structural variants of tumours.

use serde::{Deserialize, Serialize};

use super::Sourced;
use super::fields::in_range;
use crate::model::problem::Problem;

/// Copy-number and structural variants of tumours.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TumourStructuralPolicy {
    /// FILTER values that pass.
    pub filters: Sourced<Vec<String>>,
    /// From so many copies on a gain is an amplification,
    pub amplification_copies: Sourced<f64>,
    /// or from so many times the tumour's ploidy on, where the caller tells it.
    pub amplification_ploidies: Sourced<f64>,
    /// Below so many copies a loss is homozygous.
    pub homozygous_below: Sourced<f64>,
    /// Below so many copies of the rarer allele heterozygosity is lost.
    pub lost_below: Sourced<f64>,
    /// Whether copy-number variants over genes of neither list are reported (domain 3).
    pub copy_number_domain3: Sourced<bool>,
    /// Whether breakpoints in genes of neither list are reported (domain 3).
    pub breakpoint_domain3: Sourced<bool>,
}

impl TumourStructuralPolicy {
    fn numbers(&self) -> [(&'static str, &Sourced<f64>); 4] {
        [
            ("tumour_structural.amplification_copies", &self.amplification_copies),
            ("tumour_structural.amplification_ploidies", &self.amplification_ploidies),
            ("tumour_structural.homozygous_below", &self.homozygous_below),
            ("tumour_structural.lost_below", &self.lost_below),
        ]
    }

    /// Source ids.
    pub(super) fn sources(&self) -> impl Iterator<Item = &str> {
        let numbers = self.numbers().into_iter().map(|(_, value)| value.source.as_str());
        numbers.chain([
            self.filters.source.as_str(),
            &self.copy_number_domain3.source,
            &self.breakpoint_domain3.source,
        ])
    }

    /// Numbers of copies that are none, and an empty list of filters.
    ///
    /// # Errors
    ///
    /// The first fault.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let mut numbers = self.numbers().into_iter();
        numbers.try_for_each(|(key, number)| in_range(key, number.value, 0.0, 1000.0))?;
        if self.filters.value.is_empty() {
            let message = "`tumour_structural.filters` is empty: nothing could be reported";
            return Err(Problem::bad_data(message));
        }
        Ok(())
    }
}
