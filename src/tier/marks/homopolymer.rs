//! `HomopolimerIndel`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, is_indel};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain HomopolimerIndel`.
const EXPLANATION: Explanation = Explanation {
    id: "HomopolimerIndel",
    kind: ExplanationKind::Mark,
    title: "An indel at a long homopolymer",
    what: "The homopolymer, interrupted or not, that an indel touches is at least so long, by the caller (Strelka's IHP). The id is spelt as the public pipeline spells it.",
    sources: &["gel-marks"],
    fires: "IHP 11: marked, the limit is 8.",
    does_not: "IHP 3. SNVs are not looked at.",
};

/// The mark.
pub(super) struct Homopolymer;

impl Mark for Homopolymer {
    fn letter(&self) -> Option<&'static str> {
        Some("H")
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, _cx: &MarkContext<'_>) -> Seen {
        if !is_indel(&variant.variant) {
            return Seen::DoesNotApply;
        }
        let Some(limit) = &rule.limit else {
            return Seen::NotAssessed("the policy gives no limit");
        };
        let Some(length) = variant.notes.homopolymer else {
            return Seen::NotAssessed("the caller does not tell the homopolymer (INFO IHP)");
        };
        let reason =
            Reason::new(EXPLANATION.id, length, Comparison::Below, limit.value, &limit.source);
        Seen::Assessed(reason.text(format!("a homopolymer of {length} bp")))
    }
}
