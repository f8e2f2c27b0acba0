//! XLinkedSimpleRecessive: every X. X outside the pseudoautosomal regions; the number of X decides, not the written ploidy.
//!
//! | | no ALT | some ALT | all ALT | not called |
//! |---|---|---|---|---|
//! | affected, one X | refuted | fits | fits | possible |
//! | affected, two X | refuted | refuted | fits | possible |
//! | unaffected, one X, complete | fits | refuted | refuted | possible |
//! | unaffected, two X, complete | fits | fits | refuted | possible |
//! | unaffected, incomplete | fits | fits | fits | fits |
//! | mother of an affected male with one X | refuted | fits | as above | possible, when sequenced |
//! | both parents of another affected member with one X | refuted | fits | as above | possible |
//! | a parent of an affected member with two X | possible; refuted when both lack it | fits | as above | possible, when sequenced |

use super::kin::{self, Place, Relative};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, single};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain XLinkedSimpleRecessive`.
const EXPLANATION: Explanation = Explanation {
    id: "XLinkedSimpleRecessive",
    kind: ExplanationKind::Model,
    title: "On every X of every affected member",
    what: "Affected members with one X carry it, affected members with two X are homozygous; under complete penetrance unaffected \
           members with one X lack it and those with two X are not homozygous. Each X must come from a parent who carries \
           it, where the parent is sequenced: otherwise deNovo judges it. A homozygous daughter of one carrier and one parent \
           who lacks it stays possible: an allele may have dropped out, both X may be one parent's, or a deletion hide the \
           other. The measured number of X overrides the stated \
           sex. A heterozygous call in a member with one X counts as carrying.",
    sources: &["gel-moi", "ours"],
    fires: "Affected son 1, mother 0/1, father 0.",
    does_not: "Affected daughter 0/1.",
};

/// The model.
pub(super) struct XLinkedSimpleRecessive;

impl Model for XLinkedSimpleRecessive {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let variant = match single(self.id(), unit, cx, &[Place::X]) {
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
            let [father, mother] = cx.kin.parents(child);
            let needed: &[_] = match child.x_copies {
                Some(1) if child.x_from_mother => &[mother],
                Some(1) => {
                    either_carries(&mut judge, child, [father, mother], variant);
                    &[]
                }
                Some(_) if one_lacks(&mut judge, child, [father, mother], variant) => &[],
                Some(_) => &[father, mother],
                None => &[],
            };
            for (who, parent) in needed {
                let Some(parent) = parent.filter(|parent| parent.sequenced) else { continue };
                let (word, carries) =
                    (parent.word(variant, cx.place), parent.seen(variant, cx.place).carries());
                let who = format!("{who} of {}", child.label);
                judge.member(&who, &word, kin::PRESENT, carries);
            }
        }
        judge.finish()
    }
}

/// A daughter with two X of whom one parent surely lacks the variant and the other does not: true, and told as what is
/// missing.
fn one_lacks(
    judge: &mut Judge,
    child: &Relative,
    parents: [(&str, Option<&Relative>); 2],
    variant: &Annotated,
) -> bool {
    let lacking: Vec<&str> = parents
        .iter()
        .filter(|(_, parent)| {
            parent.is_some_and(|parent| parent.seen(variant, Place::X).carries() == Tri::No)
        })
        .map(|(who, _)| *who)
        .collect();
    let [who] = lacking[..] else { return false };
    judge.missing(format!(
        "{who} of {}: absent; a dropped allele, both X from the other parent, or a deletion",
        child.label
    ));
    for (other, parent) in parents.into_iter().filter(|(other, _)| *other != who) {
        match parent {
            None => judge.missing(format!("{other} of {}: not in the case", child.label)),
            Some(parent) if parent.seen(variant, Place::X).carries() == Tri::Unknown => {
                let word = parent.word(variant, Place::X);
                judge.missing(format!("{other} of {}: {word}", child.label));
            }
            Some(_) => {}
        }
    }
    true
}

/// The one X of a daughter may be her father's or her mother's: refuted only when both surely lack it.
fn either_carries(
    judge: &mut Judge,
    child: &Relative,
    parents: [(&str, Option<&Relative>); 2],
    variant: &Annotated,
) {
    let seen = parents.map(|(_, parent)| {
        parent.map_or(Tri::Unknown, |parent| parent.seen(variant, Place::X).carries())
    });
    if seen == [Tri::No, Tri::No] {
        judge.member(&format!("parents of {}", child.label), "absent", kin::PRESENT, Tri::No);
    }
}
