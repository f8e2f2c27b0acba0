//! `frequency`: population frequencies. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Decision, Filter, FilterContext};
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::LimitClass;

/// Text for `tierline explain frequency`.
const EXPLANATION: Explanation = Explanation {
    id: "frequency",
    kind: ExplanationKind::Filter,
    title: "Rare in every population",
    what: "Drops a variant that under every mode of the policy some population shows above the mode's limit (dominant, \
           recessive; somatic: at or above the limit). A site that a present source does not list counts as 0. \
           Where no source is annotated nothing is dropped, and the reason says so. Whole-dataset values are compared \
           only where the populations that they stand for have no value. Each mode's own limit is applied in tiering.",
    sources: &["gel-af", "gel-cancer-filters", "ours"],
    fires: "gnomAD exomes NFE 0.012 in a germline case: dropped, the limit is 0.01.",
    does_not: "gnomAD exomes NFE 0.004: kept, though not as a dominant variant.",
};

/// The filter.
pub(super) struct FrequencyFilter;

/// The first class under which the variant is rare enough, else the first, and whether it is rare enough there. Limits of
/// the mitochondrial genome count there and nowhere else, where the policy has them.
fn decisive(variant: &Annotated, cx: &FilterContext<'_>) -> (LimitClass, bool) {
    let mitochondrial = cx.mitochondrial.contains(&variant.variant.contig)
        && cx.classes.contains(&LimitClass::Mitochondrial);
    let of_place = |class: &LimitClass| (*class == LimitClass::Mitochondrial) == mitochondrial;
    let classes = || cx.classes.iter().copied().filter(of_place);
    let rare = |class: &LimitClass| !cx.limits.exceeds(&variant.frequencies, *class);
    match classes().find(rare) {
        Some(class) => (class, true),
        None => (classes().next().unwrap_or(LimitClass::Recessive), false),
    }
}

impl Filter for FrequencyFilter {
    fn needs(&self) -> Part {
        Part::Frequencies
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        Decision::keep_if(decisive(variant, cx).1)
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        let (class, _) = decisive(variant, cx);
        let found: Vec<_> = cx.limits.compared(&variant.frequencies, class).collect();
        let Some(tightest) = cx.limits.tightest(&variant.frequencies, class) else {
            let word = "not assessed";
            return vec![
                Reason::new(self.id(), word, Comparison::Equals, word, "ours")
                    .text("No population frequency is annotated: rarity was not checked."),
            ];
        };
        let text = format!(
            "{} {}{} is the nearest to its limit {}, of {} populations compared.",
            tightest.population,
            tightest.value,
            tightest.from(),
            tightest.limit,
            found.len()
        );
        let (value, limit) = (tightest.value, tightest.limit);
        let reason =
            Reason::new(self.id(), value, tightest.comparison, limit, tightest.source).text(text);
        vec![reason]
    }
}
