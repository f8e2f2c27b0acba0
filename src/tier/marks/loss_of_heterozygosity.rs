//! `LossOfHeterozygosity`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, span};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain LossOfHeterozygosity`.
const EXPLANATION: Explanation = Explanation {
    id: "LossOfHeterozygosity",
    kind: ExplanationKind::Mark,
    title: "Within a copy-neutral loss of heterozygosity",
    what: "Lies in a stretch of which the tumour has as many copies as expected, all of one parent, by the copy-number caller \
           whose file the case gives: the variant may stand on every copy.",
    sources: &["gel2mdt"],
    fires: "A variant in a stretch with 2 copies, 0 of the rarer allele.",
    does_not: "A variant in a stretch with 1 copy. Not assessed where no copy-number caller tells the rarer allele.",
};

/// The mark.
pub(super) struct LossOfHeterozygosity;

impl Mark for LossOfHeterozygosity {
    fn letter(&self) -> Option<&'static str> {
        Some("LOH")
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        let Some(lost) = &cx.inputs.lost else {
            return Seen::NotAssessed("no copy-number caller tells the copies of the rarer allele");
        };
        let found = lost.overlapping(variant.variant.contig, span(&variant.variant)).is_some();
        let text = if found { "within" } else { "outside" };
        let source = &rule.action.source;
        let reason = Reason::new(EXPLANATION.id, found, Comparison::Equals, false, source);
        Seen::Assessed(reason.text(format!("{text} a copy-neutral loss of heterozygosity")))
    }
}
