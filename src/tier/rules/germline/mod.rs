//! Tiers of inherited disease.

pub(super) mod tier1;
pub(super) mod tier2;
pub(super) mod tier3;

use super::{Finding, standing};
use crate::model::reason::{Comparison, Reason};
use crate::policy::ConsequencePolicy;

/// Green gene, and the panel's mode of inheritance agrees with the model.
fn green_match(rule: &str, finding: &Finding<'_>) -> Reason {
    let text = match finding.entry {
        None => "The gene is on no applied panel.".to_owned(),
        Some(entry) => format!(
            "The panel lists {} {} with mode \"{}\".",
            entry.symbol,
            if entry.is_green() { "as green" } else { "below green" },
            entry.mode_text
        ),
    };
    Reason::new(rule, standing(finding), Comparison::Equals, "green_match", "gel-tiers").text(text)
}

/// One of the terms is in a list of the policy.
fn terms_in(rule: &str, finding: &Finding<'_>, lists: &[&Vec<String>], source: &str) -> Reason {
    let limit: Vec<String> = lists.iter().copied().flatten().cloned().collect();
    Reason::new(rule, finding.terms.to_vec(), Comparison::OneOf, limit, source)
        .text(format!("Consequence: {}.", finding.terms.join(", ")))
}

/// High or moderate impact.
fn any_listed(rule: &str, finding: &Finding<'_>, policy: &ConsequencePolicy) -> Reason {
    let lists = [&policy.high.value, &policy.moderate.value];
    terms_in(rule, finding, &lists, &policy.moderate.source)
}
