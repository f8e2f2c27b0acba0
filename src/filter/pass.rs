//! `pass`: the caller's FILTER. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Decision, Filter, FilterContext};
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain pass`.
const EXPLANATION: Explanation = Explanation {
    id: "pass",
    kind: ExplanationKind::Filter,
    title: "The caller's FILTER is PASS",
    what: "Keeps records whose FILTER values are all among those that the policy lists (PASS). A record without FILTER \
           (.) was never filtered and is kept only when the policy lists \".\".",
    sources: &["gel-quality", "gel-cancer-filters"],
    fires: "FILTER LowQual: dropped.",
    does_not: "FILTER PASS: kept.",
};

/// The filter.
pub(super) struct Pass;

fn accepts(listed: &[String], filters: &[String]) -> bool {
    if filters.is_empty() {
        return listed.iter().any(|word| word == ".");
    }
    filters.iter().all(|filter| listed.contains(filter))
}

impl Filter for Pass {
    fn needs(&self) -> Part {
        Part::Site
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        Decision::keep_if(accepts(&cx.policy.call.filters.value, &variant.filters))
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        let listed = &cx.policy.call.filters;
        let none = vec![".".to_owned()];
        let filters = if variant.filters.is_empty() { &none } else { &variant.filters };
        filters
            .iter()
            .map(|filter| {
                let limit = listed.value.clone();
                Reason::new(self.id(), filter.clone(), Comparison::OneOf, limit, &listed.source)
                    .text(format!("FILTER {filter}; accepted: {}.", listed.value.join(", ")))
            })
            .collect()
    }
}
