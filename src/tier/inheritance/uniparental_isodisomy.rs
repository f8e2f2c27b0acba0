//! UniparentalIsodisomy: both copies from one parent. Autosomes and pseudoautosomal regions.
//!
//! | proband | one parent | other parent | |
//! |---|---|---|---|
//! | 1/1 | 0/1 or 1/1 | 0/0 | fits |
//! | 1/1 | carries | ./. or not in the case | refuted: SimpleRecessive judges it |
//! | 1/1 | carries | carries | refuted: SimpleRecessive |
//! | 1/1 | 0/0 | 0/0 | refuted: deNovo |
//! | 1/1 | 0/0 | ./. or not in the case | possible: SimpleRecessive needs every known parent to carry it |
//! | ./. | carries | 0/0 | possible |

use super::kin::{self, Place};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, refute, single};
use crate::model::candidate::Penetrance;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain UniparentalIsodisomy`.
const EXPLANATION: Explanation = Explanation {
    id: "UniparentalIsodisomy",
    kind: ExplanationKind::Model,
    title: "Homozygous child of one carrier parent",
    what: "Every affected member is homozygous and, under complete penetrance, no unaffected one is; of the proband's parents \
           one carries the variant and the other surely lacks it, or one surely lacks it and the other is not known. Uniparental disomy, a deletion of the other parent's \
           copy, or a dropped allele: the genotypes of one variant cannot tell these apart.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 1/1, mother 0/1, father 0/0.",
    does_not: "Proband 1/1, both parents 0/1.",
};

/// The model.
pub(super) struct UniparentalIsodisomy;

impl Model for UniparentalIsodisomy {
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
        let Some(proband) = cx.kin.proband.map(|i| &cx.kin.all[i]) else {
            return refute(self.id(), "no proband", "proband", "The case has no proband.");
        };
        let parents = cx.kin.parents(proband).map(|(_, parent)| {
            parent.map_or(Tri::Unknown, |parent| parent.seen(variant, cx.place).carries())
        });
        if let [Tri::No, Tri::Unknown] | [Tri::Unknown, Tri::No] = parents {
            for (who, parent) in cx.kin.parents(proband) {
                match parent {
                    None => judge.missing(format!("{who}: not in the case")),
                    Some(parent) if parent.seen(variant, cx.place).carries() == Tri::Unknown => {
                        judge.missing(format!("{who}: {}", parent.word(variant, cx.place)));
                    }
                    Some(_) => {}
                }
            }
        } else if let [Tri::Yes, Tri::No] | [Tri::No, Tri::Yes] = parents {
            let text = "One parent carries it and the other lacks it: possible uniparental isodisomy, a deletion of the \
                        other parent's copy, or a dropped allele; no new mutation.";
            let word = "one carrier parent";
            judge.reason(Reason::new(self.id(), word, Comparison::Equals, word, "ours").text(text));
        } else {
            let word = |tri| match tri {
                Tri::Yes => "carries",
                Tri::No => "lacks",
                Tri::Unknown => "not known",
            };
            let seen = format!("father {}, mother {}", word(parents[0]), word(parents[1]));
            let text = "Needs one parent who carries it and one who surely lacks it.";
            return refute(self.id(), &seen, "one carrier parent", text);
        }
        judge.finish()
    }
}
