//! `CommonGnomADVariant`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Mark, MarkContext, Seen, regions};
use crate::model::candidate::Annotated;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::policy::marks::MarkPolicy;

/// Text for `tierline explain CommonGnomADVariant`.
const EXPLANATION: Explanation = Explanation {
    id: "CommonGnomADVariant",
    kind: ExplanationKind::Mark,
    title: "Common in gnomAD",
    what: "At or above the limit in gnomAD genomes. A policy has this mark or the filter frequency: the filter drops what the mark shows.",
    sources: &["gel-cancer-filters"],
    fires: "gnomAD genomes 0.03: marked, the limit is 0.01.",
    does_not: "gnomAD genomes 0.0002.",
};

/// The mark.
pub(super) struct CommonGnomad;

impl Mark for CommonGnomad {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn see(&self, variant: &Annotated, rule: &MarkPolicy, cx: &MarkContext<'_>) -> Seen {
        regions::rare(EXPLANATION.id, variant, rule, cx)
    }
}
