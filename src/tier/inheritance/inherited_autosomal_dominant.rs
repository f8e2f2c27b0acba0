//! InheritedAutosomalDominant: one allele, from a parent. Autosomes and pseudoautosomal regions.
//!
//! | | 0/0 | 0/1 | 1/1 | ./. |
//! |---|---|---|---|---|
//! | affected | refuted | fits | fits | possible |
//! | unaffected, complete | fits | refuted | refuted | possible |
//! | unaffected, incomplete | fits | fits | fits | fits |
//!
//! Over and above the table one affected carrier must have it from a parent: both parents of every carrier without it refute
//! (that is deNovo); a parent who is not known leaves it possible.

use super::kin::{self, Kin, Place, Relative};
use super::lineage::has_reads;
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, single};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain InheritedAutosomalDominant`.
const EXPLANATION: Explanation = Explanation {
    id: "InheritedAutosomalDominant",
    kind: ExplanationKind::Model,
    title: "One allele in every affected member, inherited",
    what: "Every affected member carries the variant and, under complete penetrance, no unaffected one does. At least one \
           affected carrier has it from a parent. When both parents of all carriers surely lack it, it is not inherited \
           (deNovo judges it); parental reads with the variant, or parents without data, leave it possible.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 0/1, affected mother 0/1, unaffected father 0/0.",
    does_not: "Proband 0/1, unaffected mother 0/1 under complete penetrance; or both parents 0/0.",
};

/// The model.
pub(super) struct InheritedAutosomalDominant;

impl Model for InheritedAutosomalDominant {
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
        kin::affected_must(&mut judge, cx.kin, at, (kin::Seen::carries, kin::PRESENT));
        if cx.penetrance == Penetrance::Complete {
            kin::unaffected_must(&mut judge, cx.kin, at, (kin::lacks, kin::ABSENT));
        }
        inherited(&mut judge, variant, cx);
        judge.finish()
    }
}

/// Parents of one carrier: who has it.
fn origin(
    kin: &Kin,
    child: &Relative,
    at: (&Annotated, Place),
    reads: Option<f64>,
) -> (Tri, Vec<String>) {
    let mut unknown = Vec::new();
    for (who, parent) in kin.parents(child) {
        let Some(parent) = parent else {
            unknown.push(format!("{who} of {}: not in the case", child.label));
            continue;
        };
        match parent.seen(at.0, at.1).carries() {
            Tri::Yes => return (Tri::Yes, Vec::new()),
            Tri::Unknown => {
                let word = parent.word(at.0, at.1);
                unknown.push(format!("{who} of {}: {word}", child.label));
            }
            Tri::No => {
                if has_reads(parent, at.0, reads) {
                    unknown.push(format!(
                        "{who} of {}: called absent, but reads show it",
                        child.label
                    ));
                }
            }
        }
    }
    (if unknown.is_empty() { Tri::No } else { Tri::Unknown }, unknown)
}

fn inherited(judge: &mut Judge, variant: &Annotated, cx: &ModelContext<'_>) {
    let reads = cx.de_novo.map(|policy| policy.max_parental_alternate_reads.value);
    let mut open = Vec::new();
    let mut found = Tri::No;
    for child in cx.kin.affected() {
        if child.seen(variant, cx.place).carries() == Tri::No {
            continue;
        }
        match origin(cx.kin, child, (variant, cx.place), reads) {
            (Tri::Yes, _) => {
                found = Tri::Yes;
                break;
            }
            (Tri::Unknown, why) => {
                found = Tri::Unknown;
                open.extend(why);
            }
            (Tri::No, _) => {}
        }
    }
    let word = match found {
        Tri::Yes => "a parent carries it",
        Tri::Unknown => {
            for what in open {
                judge.missing(what);
            }
            return;
        }
        Tri::No => "both parents lack it",
    };
    let id = EXPLANATION.id;
    let text = match found {
        Tri::Yes => "An affected carrier has it from a parent.",
        _ => "Both parents lack it: not inherited, judged by deNovo.",
    };
    let wanted = "a parent carries it";
    judge.reason(Reason::new(id, word, Comparison::Equals, wanted, "ours").text(text));
}
