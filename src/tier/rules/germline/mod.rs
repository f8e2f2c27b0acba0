//! Tiers of inherited disease.

pub(super) mod tier1;
pub(super) mod tier2;
pub(super) mod tier3;

use super::{Finding, standing};
use crate::model::reason::{Comparison, Reason};
use crate::policy::ConsequencePolicy;
use crate::tier::TierContext;

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

/// Known to cause disease: the words of the policy's ClinVar rule.
fn known(rule: &str, finding: &Finding<'_>, cx: &TierContext<'_>) -> Reason {
    let word = if finding.known { "known" } else { "not known" };
    let source = cx.policy.known.as_ref().map_or("ours", |policy| &policy.min_stars.source);
    Reason::new(rule, word, Comparison::Equals, "known", source)
        .text("ClinVar calls the variant pathogenic or likely pathogenic.")
}

/// In an exon of a gene whose product is RNA.
fn non_coding(rule: &str, finding: &Finding<'_>, cx: &TierContext<'_>) -> Reason {
    match &cx.policy.non_coding {
        Some(policy) => terms_in(rule, finding, &[&policy.terms.value], &policy.terms.source),
        None => terms_in(rule, finding, &[], "ours"),
    }
}

/// High or moderate impact.
fn any_listed(rule: &str, finding: &Finding<'_>, policy: &ConsequencePolicy) -> Reason {
    let lists = [&policy.high.value, &policy.moderate.value];
    terms_in(rule, finding, &lists, &policy.moderate.source)
}
