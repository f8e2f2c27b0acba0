//! SimpleRecessive: both alleles. Autosomes and pseudoautosomal regions.
//!
//! | | 0/0 | 0/1 | 1/1 | ./. |
//! |---|---|---|---|---|
//! | affected | refuted | refuted | fits | possible |
//! | unaffected, complete | fits | fits | refuted | possible |
//! | unaffected, incomplete | fits | fits | fits | fits |
//! | parent of an affected member | refuted | fits | as above | possible, when in the case and sequenced |

use super::kin::{self, Place};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, single};
use crate::model::candidate::Penetrance;
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain SimpleRecessive`.
const EXPLANATION: Explanation = Explanation {
    id: "SimpleRecessive",
    kind: ExplanationKind::Model,
    title: "Homozygous in every affected member",
    what: "Every affected member is homozygous. Under complete penetrance no unaffected member is. A sequenced parent of an \
           affected member must carry the variant: a homozygous child of a parent without it points to uniparental disomy \
           or a lost allele and is judged by UniparentalIsodisomy. Autosomes and pseudoautosomal regions.",
    sources: &["gel-moi"],
    fires: "Proband 1/1, both parents 0/1.",
    does_not: "Proband 0/1; or proband 1/1 and father 0/0.",
};

/// The model.
pub(super) struct SimpleRecessive;

impl Model for SimpleRecessive {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let variant = match single(self.id(), unit, cx, &[Place::Autosomal]) {
            Ok(variant) => variant,
            Err(fit) => return fit,
        };
        let at = (variant, cx.place);
        let mut judge = Judge::new(self.id());
        kin::affected_must(&mut judge, cx.kin, at, (kin::Seen::all_copies, kin::ALL_COPIES));
        if cx.penetrance == Penetrance::Complete {
            kin::unaffected_must(&mut judge, cx.kin, at, (kin::not_all_copies, kin::NOT_ALL));
        }
        for child in cx.kin.affected() {
            for (who, parent) in cx.kin.parents(child) {
                let Some(parent) = parent.filter(|parent| parent.sequenced) else { continue };
                let seen = parent.seen(variant, cx.place);
                let who = format!("{who} of homozygous {}", child.label);
                if seen.carries() == Tri::No {
                    judge.member(&who, "absent", kin::PRESENT, Tri::No);
                } else {
                    judge.member(
                        &who,
                        &parent.word(variant, cx.place),
                        kin::PRESENT,
                        seen.carries(),
                    );
                }
            }
        }
        judge.finish()
    }
}
