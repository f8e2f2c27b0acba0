//! `SimpleRepeat`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, regions};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain SimpleRepeat`.
const EXPLANATION: Explanation = Explanation {
    id: "SimpleRepeat",
    kind: ExplanationKind::Mark,
    title: "In a simple repeat",
    what: "Overlaps a stretch of the list of simple repeats that the case gives (UCSC simpleRepeat, by Tandem Repeats Finder), where reads are misaligned. An insertion overlaps what touches either of its neighbours.",
    sources: &["gel-marks"],
    fires: "A deletion within (CA)20.",
    does_not: "An SNV 5 bp beside it.",
};

/// The mark.
pub(super) struct SimpleRepeat;

impl Mark for SimpleRepeat {
    fn letter(&self) -> Option<&'static str> {
        Some("SR")
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        let regions = cx.inputs.simple_repeats;
        regions::outside((EXPLANATION.id, "a simple repeat"), variant, rule, regions)
    }
}
