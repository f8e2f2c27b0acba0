//! `SegmentalDuplication`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, regions};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain SegmentalDuplication`.
const EXPLANATION: Explanation = Explanation {
    id: "SegmentalDuplication",
    kind: ExplanationKind::Mark,
    title: "In a segmental duplication",
    what: "Overlaps a stretch of the list of segmental duplications that the case gives (UCSC genomicSuperDups), where reads of one copy are placed in another.",
    sources: &["gel-marks"],
    fires: "An SNV in a duplicated stretch.",
    does_not: "An SNV in unique sequence.",
};

/// The mark.
pub(super) struct SegmentalDuplication;

impl Mark for SegmentalDuplication {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        let regions = cx.inputs.segmental_duplications;
        regions::outside((EXPLANATION.id, "a segmental duplication"), variant, rule, regions)
    }
}
