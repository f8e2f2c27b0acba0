//! `BCNoise10Indel`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, is_indel};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain BCNoise10Indel`.
const EXPLANATION: Explanation = Explanation {
    id: "BCNoise10Indel",
    kind: ExplanationKind::Mark,
    title: "An indel among base calls that the caller did not use",
    what: "The share of base calls within 50 bp of an indel that Strelka filtered (FDP50 / DP50, or BCN50) is at or above the limit in the tumour or the normal; the larger of the two counts, which is ours.",
    sources: &["gel-marks", "ours"],
    fires: "FDP50 6.1 of DP50 50: marked, the limit is 0.1.",
    does_not: "FDP50 2.0 of DP50 50. SNVs are not looked at.",
};

/// The mark.
pub(super) struct BcNoise;

impl Mark for BcNoise {
    fn letter(&self) -> Option<&'static str> {
        Some("N")
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        if !is_indel(&variant.variant) {
            return Seen::DoesNotApply;
        }
        let Some(limit) = &rule.limit else {
            return Seen::NotAssessed("the policy gives no limit");
        };
        let calls = [cx.tumour(variant), cx.normal(variant)];
        let shares = calls.into_iter().flatten().filter_map(|call| call.unused_share);
        let Some(share) = shares.reduce(f32::max) else {
            return Seen::NotAssessed("the caller does not tell which base calls it left out");
        };
        let text = format!("{share:.3} of the base calls around it were not used");
        let share = f64::from(share);
        let reason =
            Reason::new(EXPLANATION.id, share, Comparison::Below, limit.value, &limit.source);
        Seen::Assessed(reason.text(text))
    }
}
