//! `CountsDiffer`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, fisher};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain CountsDiffer`.
const EXPLANATION: Explanation = Explanation {
    id: "CountsDiffer",
    kind: ExplanationKind::Mark,
    title: "The reads do not show what the caller counted",
    what: "Compares the caller's reads with and without the ALT in the tumour with those counted in its alignment, by Fisher's exact test, two-sided. Callers count in their own ways (tiers, filters, realignment), so a difference says where to look, not who is right.",
    sources: &["ours"],
    fires: "Caller 30 of 100 reads, alignment 3 of 98.",
    does_not: "Caller 30 of 100 reads, alignment 27 of 96. Not assessed without an alignment of the tumour.",
};

/// The mark.
pub(super) struct CountsDiffer;

impl Mark for CountsDiffer {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        let Some(limit) = &rule.limit else {
            return Seen::NotAssessed("the policy gives no limit");
        };
        let Some(call) = cx.tumour(variant) else {
            return Seen::NotAssessed("the tumour has no call");
        };
        let Some(reads) = call.counted() else {
            return Seen::NotAssessed("the tumour's reads were not looked at");
        };
        let (Some(reference), Some(alternate)) = (call.reference_depth, call.alternate_depth)
        else {
            return Seen::NotAssessed("the caller does not tell the tumour's reads");
        };
        let counted = [reads.alternate.count(), reads.reference.count()];
        let p = fisher::two_sided([alternate, reference], counted);
        let text = format!(
            "{alternate} of {} reads by the caller, {} of {} in the alignment",
            alternate + reference,
            counted[0],
            counted[0] + counted[1]
        );
        let reason =
            Reason::new(EXPLANATION.id, p, Comparison::AtLeast, limit.value, &limit.source);
        Seen::Assessed(reason.text(text))
    }
}
