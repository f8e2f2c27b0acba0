//! `carried`: somebody affected may have it. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Decision, Filter, FilterContext};
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::genotype::Call;
use crate::model::reason::{Comparison, Reason};
use crate::policy::Purpose;

/// Text for `tierline explain carried`.
const EXPLANATION: Explanation = Explanation {
    id: "carried",
    kind: ExplanationKind::Filter,
    title: "An affected member, or the tumour, carries or may carry it",
    what: "Drops a variant that every analysed affected member (the proband when nobody is said to be affected) surely \
           lacks. A missing call may hide the ALT and never drops. In a tumour without a genotype the reads decide: ALT \
           reads keep, none drop.",
    sources: &["gel-quality", "ours"],
    fires: "Proband 0/0, unaffected mother 0/1: dropped.",
    does_not: "Proband ./., mother 0/1: kept.",
};

/// The filter.
pub(super) struct Carried;

/// Whether the filter keeps the variant, whose calls are loaded.
pub fn may_be_carried(variant: &Annotated, cx: &FilterContext<'_>) -> bool {
    Carried.check(variant, cx) == Decision::Keep
}

/// May the member carry the ALT?
fn may_carry(purpose: Purpose, call: &Call) -> bool {
    let reads = call.alternate_depth;
    match purpose {
        Purpose::Germline => !call.dosage().lacks(),
        Purpose::Somatic if call.genotype.alleles.is_empty() => reads != Some(0),
        Purpose::Somatic => !call.genotype.dosage().lacks() || reads.is_some_and(|n| n > 0),
    }
}

impl Carried {
    fn carriers(variant: &Annotated, cx: &FilterContext<'_>) -> usize {
        let calls = cx.carriers.iter().filter_map(|&i| variant.calls.get(i));
        calls.filter(|call| may_carry(cx.policy.purpose, call)).count()
    }

    fn nobody_called(variant: &Annotated, cx: &FilterContext<'_>) -> bool {
        !cx.carriers.iter().any(|&i| variant.calls.get(i).is_some())
    }
}

impl Filter for Carried {
    fn needs(&self) -> Part {
        Part::Calls
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        let keep = Self::carriers(variant, cx) > 0 || Self::nobody_called(variant, cx);
        Decision::keep_if(keep)
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        if Self::nobody_called(variant, cx) {
            let word = "no calls";
            return vec![
                Reason::new(self.id(), word, Comparison::Equals, word, "ours")
                    .text("No affected member has a column; carriers were not checked."),
            ];
        }
        let n = Self::carriers(variant, cx) as u32;
        let text =
            format!("{n} of {} decisive members carry or may carry the ALT.", cx.carriers.len());
        vec![Reason::new(self.id(), n, Comparison::AtLeast, 1_u32, "ours").text(text)]
    }
}
