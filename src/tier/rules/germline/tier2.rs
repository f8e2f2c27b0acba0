//! `tier2`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{green_match, non_coding, terms_in};
use crate::model::candidate::Tier;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::Reason;
use crate::policy::compiled::TermClass;
use crate::tier::TierContext;
use crate::tier::rules::{Award, Finding, Rule};

/// Text for `tierline explain tier2`.
const EXPLANATION: Explanation = Explanation {
    id: "tier2",
    kind: ExplanationKind::Rule,
    title: "Tier 2: green gene, matching inheritance, moderate impact",
    what: "The gene is green on an applied panel, the panel's mode of inheritance agrees with the model under which the variant \
           segregates, and the consequence is of moderate impact, or in an exon of a gene whose product is RNA.",
    sources: &["gel-tiers", "gel-moi"],
    fires: "missense_variant, SimpleRecessive, green biallelic gene.",
    does_not: "missense_variant in an amber gene (Tier 3).",
};

/// The rule.
pub(in crate::tier::rules) struct Tier2;

impl Rule for Tier2 {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn award(&self) -> Award {
        Award::Tier(Tier::Tier2)
    }

    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason> {
        if finding.class == TermClass::NonCoding {
            return vec![green_match(self.id(), finding), non_coding(self.id(), finding, cx)];
        }
        let moderate = &cx.policy.consequence.moderate;
        vec![
            green_match(self.id(), finding),
            terms_in(self.id(), finding, &[&moderate.value], &moderate.source),
        ]
    }
}
