//! `tier1`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{any_listed, green_match, known, non_coding, terms_in};
use crate::model::candidate::Tier;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::compiled::TermClass;
use crate::tier::TierContext;
use crate::tier::rules::{Award, Finding, Rule};

/// Text for `tierline explain tier1`.
const EXPLANATION: Explanation = Explanation {
    id: "tier1",
    kind: ExplanationKind::Rule,
    title: "Tier 1: green gene, matching inheritance, high impact or de novo",
    what: "The gene is green on an applied panel, the panel's mode of inheritance agrees with the model under which the variant \
           segregates, and the consequence is of high impact; or it is of moderate impact, or in an exon of a gene whose \
           product is RNA, and surely de novo; or ClinVar calls the variant pathogenic or likely pathogenic, with the review \
           stars of the policy. A de novo that is only possible does not lift moderate impact.",
    sources: &["gel-tiers", "gel-moi"],
    fires: "frameshift_variant, InheritedAutosomalDominant, green monoallelic gene.",
    does_not: "missense_variant inherited from an affected parent (Tier 2).",
};

/// The rule.
pub(in crate::tier::rules) struct Tier1;

impl Rule for Tier1 {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn award(&self) -> Award {
        Award::Tier(Tier::Tier1)
    }

    fn reasons(&self, finding: &Finding<'_>, cx: &TierContext<'_>) -> Vec<Reason> {
        let policy = &cx.policy.consequence;
        let id = self.id();
        let green = green_match(id, finding);
        if finding.known && finding.class != TermClass::High {
            return vec![green, known(id, finding, cx)];
        }
        if matches!(finding.class, TermClass::Moderate | TermClass::NonCoding)
            && finding.segregation == "deNovo"
            && finding.certain
        {
            let (text, listed) = if finding.class == TermClass::NonCoding {
                ("De novo in a gene whose product is RNA.", non_coding(id, finding, cx))
            } else {
                ("De novo with moderate impact.", any_listed(id, finding, policy))
            };
            let new = Reason::new(id, "deNovo", Comparison::Equals, "deNovo", "gel-tiers");
            return vec![green, new.text(text), listed];
        }
        vec![green, terms_in(id, finding, &[&policy.high.value], &policy.high.source)]
    }
}
