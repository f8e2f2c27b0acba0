//! The frequencies that population codes look at.

use super::Looked;
use crate::model::results::FrequencyStatus;

/// The largest known frequency with its population; `known` says that any population was assessed.
pub(super) struct Largest {
    pub(super) value: f64,
    pub(super) population: String,
}

/// The largest frequency among the populations that were assessed; a dataset that does not list the variant counts as 0. `None`
/// when none was assessed: nothing is known then.
pub(super) fn largest(looked: &Looked<'_>, leave_out: &[String]) -> Option<Largest> {
    let assessed = looked.candidate.frequencies.iter().filter(|frequency| {
        frequency.status != FrequencyStatus::NotAssessed
            && !leave_out.contains(&frequency.population)
    });
    let values = assessed.map(|frequency| Largest {
        value: frequency.value.unwrap_or_default(),
        population: format!("{} {}", frequency.title, frequency.population),
    });
    values.max_by(|a, b| a.value.total_cmp(&b.value))
}
