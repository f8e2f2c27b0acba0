//! `tier3`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{any_listed, known};
use crate::model::candidate::Tier;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::compiled::TermClass;
use crate::tier::TierContext;
use crate::tier::rules::{Award, Finding, Rule, standing};

/// Text for `tierline explain tier3`.
const EXPLANATION: Explanation = Explanation {
    id: "tier3",
    kind: ExplanationKind::Rule,
    title: "Tier 3: segregates, outside the green genes of the panels",
    what: "High or moderate impact or known to cause disease, and the variant segregates, but the gene is on no applied panel (not_in_panel), is not green \
           (amber_or_red), or is green with a mode of inheritance other than that of the model (green_moi_mismatch). \
           Genes whose product is RNA are never Tier 3 unless the variant is known.",
    sources: &["gel-tiers", "gel-moi"],
    fires: "stop_gained in a gene that no panel names.",
    does_not: "synonymous_variant anywhere.",
};

/// The rule.
pub(in crate::tier::rules) struct Tier3;

impl Rule for Tier3 {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn award(&self) -> Award {
        Award::Tier(Tier::Tier3)
    }

    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason> {
        let labels = ["not_in_panel", "amber_or_red", "green_moi_mismatch"].map(str::to_owned);
        let standing = standing(finding);
        vec![
            Reason::new(self.id(), standing, Comparison::OneOf, labels.to_vec(), "gel-tiers")
                .text(format!("Standing on the panels: {}.", standing.replace('_', " "))),
            if finding.known && finding.class > TermClass::Moderate {
                known(self.id(), finding, cx)
            } else {
                any_listed(self.id(), finding, &cx.policy.consequence)
            },
        ]
    }
}
