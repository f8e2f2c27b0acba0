//! `RecurrentSomaticVariant`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, regions};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain RecurrentSomaticVariant`.
const EXPLANATION: Explanation = Explanation {
    id: "RecurrentSomaticVariant",
    kind: ExplanationKind::Mark,
    title: "Called again and again in tumours of one preparation",
    what: "At or above the limit in any of the somatic cohorts that the laboratory gives, kept apart by preparation (PCR-free, nano, formalin-fixed): most likely an artefact of that preparation. The frequency is that of a diploid call, half of the share of tumours.",
    sources: &["gel-marks"],
    fires: "0.08 of the formalin-fixed cohort, 0 of the others: marked, the limit is 0.05.",
    does_not: "0.01, 0 and 0.02.",
};

/// The mark.
pub(super) struct Recurrent;

impl Mark for Recurrent {
    fn letter(&self) -> Option<&'static str> {
        Some("R")
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        regions::rare(EXPLANATION.id, variant, rule, cx)
    }
}
