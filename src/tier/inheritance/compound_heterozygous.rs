//! CompoundHeterozygous: two variants of one gene, one on each copy. Autosomes and pseudoautosomal regions.
//!
//! | affected child (a, b) | father | mother | |
//! |---|---|---|---|
//! | 0/1, 0/1 | a | b | fits: trans |
//! | 0/1, 0/1 | a and b | neither | refuted: cis |
//! | 0/1, 0/1 | a | a and b | possible: a may be from either |
//! | 0/1, 0/1 | a | neither | possible: b is new, on a copy that is not known |
//! | 0/1, 0/1 | not known | b only | possible |
//! | 0/1, 0/1 | not known | neither | possible: both from the father, so cis, unless one is new |
//! | 1/1, any | any | any | refuted: SimpleRecessive judges it |
//!
//! Phase within one phase set (PS, or PID of GATK), or two ALTs of one record (1/2), tells trans from cis without parents. Every affected member must carry
//! both; under complete penetrance no unaffected member carries both (on one copy is told apart by phase only for siblings and
//! farther relatives) or is homozygous for one.

use super::kin::{self, Place, Seen};
use super::{Fit, Judge, Model, ModelContext, Scope, Unit, phase, refute};
use crate::model::candidate::Penetrance;
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain CompoundHeterozygous`.
const EXPLANATION: Explanation = Explanation {
    id: "CompoundHeterozygous",
    kind: ExplanationKind::Model,
    title: "Two variants of one gene, one on each copy",
    what: "Every affected member is heterozygous for both variants, and they lie on different copies: one from the father and \
           one from the mother, or so phased by the caller, or two ALTs of one record. Variants of one parent who carries \
           both are in cis and refuted. A variant that neither parent carries may be new on either copy: it fits where the caller's phase says \
           trans, and is possible without phase. Unknown parents leave it possible. Under \
           complete penetrance no unaffected member carries both.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 0/1 and 0/1, father carries the first only, mother the second only.",
    does_not: "The father carries both and the mother neither.",
};

/// The model.
pub(super) struct CompoundHeterozygous;

impl Model for CompoundHeterozygous {
    fn scope(&self) -> Scope {
        Scope::Pair
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let Unit::Pair(a, b) = *unit else {
            return refute(self.id(), "single", "pair", "The model judges pairs of variants.");
        };
        if cx.place != Place::Autosomal {
            let text = "The model applies to autosomes and pseudoautosomal regions.";
            return refute(self.id(), cx.place.word(), Place::Autosomal.word(), text);
        }
        let mut judge = Judge::new(self.id());
        for variant in [a, b] {
            let at = (variant, cx.place);
            kin::affected_must(&mut judge, cx.kin, at, (Seen::one_copy, &["heterozygous"]));
            if cx.penetrance == Penetrance::Complete {
                kin::unaffected_must(&mut judge, cx.kin, at, (kin::not_all_copies, kin::NOT_ALL));
            }
        }
        if cx.penetrance == Penetrance::Complete {
            phase::unaffected_not_in_trans(&mut judge, (a, b), cx, |_| true);
        }
        for child in cx.kin.affected() {
            phase::in_trans(&mut judge, child, (a, b), cx);
        }
        judge.finish()
    }
}
