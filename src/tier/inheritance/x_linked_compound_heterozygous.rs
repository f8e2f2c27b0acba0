//! XLinkedCompoundHeterozygous: two variants of one gene, one on each X. X outside the pseudoautosomal regions.
//!
//! | | |
//! |---|---|
//! | affected, two X | heterozygous for both, on different X: as CompoundHeterozygous |
//! | affected, one X | carries at least one of the two |
//! | affected, number of X not known | possible |
//! | all affected have one X | refuted: XLinkedSimpleRecessive judges each |
//! | unaffected, one X, complete | carries neither |
//! | unaffected, two X, complete | not both on different X, not homozygous for either |
//!
//! The father of an affected daughter gives her his only X: under complete penetrance he is affected, or the variant on his
//! side is new.

use super::kin::{self, Place, Relative, Seen};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, phase, refute};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain XLinkedCompoundHeterozygous`.
const EXPLANATION: Explanation = Explanation {
    id: "XLinkedCompoundHeterozygous",
    kind: ExplanationKind::Model,
    title: "Two variants of one gene, one on each X",
    what: "Affected members with two X are heterozygous for both variants, one on each X, as CompoundHeterozygous judges it; \
           affected members with one X carry at least one of the two, and at least one affected member has two X. Under \
           complete penetrance unaffected members with one X carry neither and those with two X do not have one on each.",
    sources: &["gel-moi", "ours"],
    fires: "Affected daughter 0/1 and 0/1, affected father 1 for the first, mother 0/1 for the second.",
    does_not: "Affected son; or unaffected father 1 under complete penetrance.",
};

/// The model.
pub(super) struct XLinkedCompoundHeterozygous;

impl Model for XLinkedCompoundHeterozygous {
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
        if cx.place != Place::X {
            let text = "The model applies to X outside the pseudoautosomal regions.";
            return refute(self.id(), cx.place.word(), Place::X.word(), text);
        }
        if cx.kin.affected().next().is_some() && cx.kin.affected().all(has_one_x) {
            let text = "No affected member has two X: XLinkedSimpleRecessive judges each variant.";
            return refute(self.id(), "one X", "two X", text);
        }
        let mut judge = Judge::new(self.id());
        let mut n = 0;
        for member in cx.kin.affected() {
            n += 1;
            if has_one_x(member) {
                one_of_two(&mut judge, member, (a, b), cx);
                continue;
            }
            for variant in [a, b] {
                let seen = member.seen(variant, cx.place);
                let word = member.word(variant, cx.place);
                judge.member(&member.label, &word, &["heterozygous"], Seen::one_copy(seen));
            }
            phase::in_trans(&mut judge, member, (a, b), cx);
        }
        if n == 0 {
            judge.missing("no affected member has a sample");
        }
        if cx.penetrance == Penetrance::Complete {
            unaffected(&mut judge, (a, b), cx);
        }
        judge.finish()
    }
}

fn has_one_x(member: &Relative) -> bool {
    member.x_copies == Some(1)
}

/// An affected member with one X has one of the two on it.
fn one_of_two(
    judge: &mut Judge,
    member: &Relative,
    (a, b): (&Annotated, &Annotated),
    cx: &ModelContext<'_>,
) {
    let has = [a, b].map(|variant| member.seen(variant, cx.place).carries());
    let (word, verdict) = match has {
        [Tri::Yes, _] | [_, Tri::Yes] => ("at least one", Tri::Yes),
        [Tri::No, Tri::No] => ("neither", Tri::No),
        _ => ("not known whether either", Tri::Unknown),
    };
    judge.member(&format!("{} with one X", member.label), word, &["at least one"], verdict);
}

fn unaffected(judge: &mut Judge, (a, b): (&Annotated, &Annotated), cx: &ModelContext<'_>) {
    for member in cx.kin.unaffected() {
        for variant in [a, b] {
            let seen = member.seen(variant, cx.place);
            // With one X the variant alone would cause the disease.
            let (allowed, verdict): (&[&str], Tri) = if has_one_x(member) {
                (kin::ABSENT, kin::lacks(seen))
            } else {
                (kin::NOT_ALL, kin::not_all_copies(seen))
            };
            let who = format!("unaffected {}", member.label);
            judge.member(&who, &member.word(variant, cx.place), allowed, verdict);
        }
    }
    phase::unaffected_not_in_trans(judge, (a, b), cx, |member| !has_one_x(member));
}
