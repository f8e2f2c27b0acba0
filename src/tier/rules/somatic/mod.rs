//! Domains of tumours.

pub(super) mod domain1;
pub(super) mod domain2;
pub(super) mod domain3;

use super::Finding;
use crate::model::reason::{Comparison, Reason};
use crate::policy::ConsequencePolicy;

/// A consequence of the policy's lists in the transcript that counts.
fn reportable(rule: &str, finding: &Finding<'_>, policy: &ConsequencePolicy) -> Reason {
    let limit: Vec<String> =
        [&policy.high.value, &policy.moderate.value].into_iter().flatten().cloned().collect();
    Reason::new(rule, finding.terms.to_vec(), Comparison::OneOf, limit, &policy.high.source)
        .text(format!("Consequence in the transcript that counts: {}.", finding.terms.join(", ")))
}

/// The gene is (or is not) on a list.
fn listed(rule: &str, found: bool, wanted: bool, list: &str) -> Reason {
    let text = format!("The gene is {}on the list of {list}.", if found { "" } else { "not " });
    Reason::new(rule, found, Comparison::Equals, wanted, "gel-cancer-domains").text(text)
}
