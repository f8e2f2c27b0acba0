//! `domain2`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{listed, reportable};
use crate::model::candidate::Domain;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::Reason;
use crate::tier::TierContext;
use crate::tier::rules::{Award, Finding, Rule};

/// Text for `tierline explain domain2`.
const EXPLANATION: Explanation = Explanation {
    id: "domain2",
    kind: ExplanationKind::Rule,
    title: "Domain 2: another cancer gene",
    what: "A reportable consequence in a gene on the list of cancer genes that the case names (without one the built-in list, IntOGen's drivers); genes of the list of domain 1 come there first.",
    sources: &["gel-cancer-domains", "gel-cancer-consequences"],
    fires: "stop_gained in a gene of the list of domain 2.",
    does_not: "stop_gained in a gene of neither list (Domain 3).",
};

/// The rule.
pub(in crate::tier::rules) struct Domain2;

impl Rule for Domain2 {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn award(&self) -> Award {
        Award::Domain(Domain::Domain2)
    }

    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason> {
        vec![
            listed(self.id(), !cx.lists.domain2.find(finding.gene).is_empty(), true, "domain 2"),
            reportable(self.id(), finding, &cx.policy.consequence),
        ]
    }
}
