//! `CommonGermlineVariant`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, regions};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain CommonGermlineVariant`.
const EXPLANATION: Explanation = Explanation {
    id: "CommonGermlineVariant",
    kind: ExplanationKind::Mark,
    title: "Common in the laboratory's germline cohort",
    what: "At or above the limit in the cohort of germline genomes that the laboratory gives, as a store of the dataset germline_cohort or as an INFO key: a variant that many people inherited is no somatic one, whatever gnomAD says.",
    sources: &["gel-marks"],
    fires: "0.02 of the cohort carry it: marked, the limit is 0.01.",
    does_not: "0.004 of the cohort.",
};

/// The mark.
pub(super) struct CommonGermline;

impl Mark for CommonGermline {
    fn letter(&self) -> Option<&'static str> {
        Some("G")
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        regions::rare(EXPLANATION.id, variant, rule, cx)
    }
}
