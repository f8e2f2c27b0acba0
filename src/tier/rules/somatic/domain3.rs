//! `domain3`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{listed, reportable};
use crate::model::candidate::Domain;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::Reason;
use crate::tier::TierContext;
use crate::tier::rules::{Award, Finding, Rule};

/// Text for `tierline explain domain3`.
const EXPLANATION: Explanation = Explanation {
    id: "domain3",
    kind: ExplanationKind::Rule,
    title: "Domain 3: any other gene",
    what: "A reportable consequence in a gene of neither list.",
    sources: &["gel-cancer-domains", "gel-cancer-consequences"],
    fires: "missense_variant in a gene of neither list.",
    does_not: "missense_variant in a gene of the list of domain 2.",
};

/// The rule.
pub(in crate::tier::rules) struct Domain3;

impl Rule for Domain3 {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn award(&self) -> Award {
        Award::Domain(Domain::Domain3)
    }

    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason> {
        vec![
            listed(self.id(), !cx.lists.domain1.find(finding.gene).is_empty(), false, "domain 1"),
            listed(self.id(), !cx.lists.domain2.find(finding.gene).is_empty(), false, "domain 2"),
            reportable(self.id(), finding, &cx.policy.consequence),
        ]
    }
}
