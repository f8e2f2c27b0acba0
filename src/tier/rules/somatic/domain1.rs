//! `domain1`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{listed, reportable};
use crate::model::candidate::Domain;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::Reason;
use crate::tier::TierContext;
use crate::tier::rules::{Award, Finding, Rule};

/// Text for `tierline explain domain1`.
const EXPLANATION: Explanation = Explanation {
    id: "domain1",
    kind: ExplanationKind::Rule,
    title: "Domain 1: a potentially actionable gene",
    what: "A reportable consequence, in the canonical transcript where the annotation marks one, in a gene on the list of potentially actionable genes that the case names.",
    sources: &["gel-cancer-domains", "gel-cancer-consequences"],
    fires: "missense_variant in a gene of the list of domain 1.",
    does_not: "synonymous_variant in the same gene.",
};

/// The rule.
pub(in crate::tier::rules) struct Domain1;

impl Rule for Domain1 {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn award(&self) -> Award {
        Award::Domain(Domain::Domain1)
    }

    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason> {
        vec![
            listed(self.id(), !cx.lists.domain1.find(finding.gene).is_empty(), true, "domain 1"),
            reportable(self.id(), finding, &cx.policy.consequence),
        ]
    }
}
