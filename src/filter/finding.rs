//! `finding`: what may be a finding beside the question. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Decision, Filter, FilterContext};
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain finding`.
const EXPLANATION: Explanation = Explanation {
    id: "finding",
    kind: ExplanationKind::Filter,
    title: "Known to cause disease, or a predicted loss of function where the policy counts it",
    what: "Keeps a variant that ClinVar calls pathogenic or likely pathogenic by a review that the policy accepts; with \
           additional.loss_of_function also one whose terms say that a transcript is lost. Used for additional findings and \
           carrier status only, which are looked for in consenting members and stand apart from tiers.",
    sources: &["ours"],
    fires: "A missense variant of uncertain significance: dropped.",
    does_not: "A pathogenic variant with two review stars: kept.",
};

/// The filter.
pub(super) struct Finding;

impl Finding {
    fn is_known(variant: &Annotated, cx: &FilterContext<'_>) -> bool {
        let policy = cx.policy.additional.as_ref();
        policy.is_some_and(|policy| policy.is_known(variant.clinvar.as_ref()))
    }

    fn is_lost(variant: &Annotated, cx: &FilterContext<'_>) -> bool {
        let Some(policy) = cx.policy.additional.as_ref() else { return false };
        let listed = |name: &str| policy.loss_terms.value.iter().any(|term| term == name);
        let mut terms = variant.consequences.iter().flat_map(|consequence| &consequence.terms);
        policy.loss_of_function.value && terms.any(|term| listed(term.name()))
    }
}

impl Filter for Finding {
    fn needs(&self) -> Part {
        Part::Consequences
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        Decision::keep_if(Self::is_known(variant, cx) || Self::is_lost(variant, cx))
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        let (known, lost) = (Self::is_known(variant, cx), Self::is_lost(variant, cx));
        let word = match (known, lost) {
            (true, _) => "known",
            (false, true) => "loss of function",
            (false, false) => "neither",
        };
        let limit = vec!["known".to_owned(), "loss of function".to_owned()];
        vec![Reason::new(self.id(), word, Comparison::OneOf, limit, "ours")]
    }
}
