//! `LowFraction`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::genotype::{Call, as_printed};
use crate::model::reason::{Comparison, Reason};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain LowFraction`.
const EXPLANATION: Explanation = Explanation {
    id: "LowFraction",
    kind: ExplanationKind::Mark,
    title: "Few of the tumour's reads have it",
    what: "The share of the tumour's reads with the ALT, by the caller's own definition, is below the limit: such variants are shown and commonly not scored.",
    sources: &["gel2mdt"],
    fires: "6 of 100 reads: marked, the limit is 0.1.",
    does_not: "10 of 100 reads.",
};

/// The mark.
pub(super) struct LowFraction;

impl Mark for LowFraction {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        let Some(limit) = &rule.limit else {
            return Seen::NotAssessed("the policy gives no limit");
        };
        let Some(fraction) = cx.tumour(variant).and_then(Call::fraction) else {
            return Seen::NotAssessed("the caller does not tell the tumour's reads");
        };
        let text = format!("{fraction:.3} of the tumour's reads have the ALT");
        // Through text, so that the 0.1 of a file is the 0.1 of the policy.
        let fraction = as_printed(fraction);
        let reason =
            Reason::new(EXPLANATION.id, fraction, Comparison::AtLeast, limit.value, &limit.source);
        Seen::Assessed(reason.text(text))
    }
}
