//! What the two imprinted models share: the copy that counts comes from one parent.

use super::kin::{self, Relative};
use super::lineage::{Origin, has_reads, origin};
use super::{Fit, Judge, ModelContext, Tri, Unit, single};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::reason::{Comparison, Reason};

use super::kin::Place;

/// The parent whose copy is expressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expressed {
    /// The gene is maternally imprinted: the father's copy counts.
    Father,
    /// The gene is paternally imprinted: the mother's copy counts.
    Mother,
}

impl Expressed {
    fn word(self) -> &'static str {
        match self {
            Self::Father => "from the father",
            Self::Mother => "from the mother",
        }
    }

    fn silent(self) -> Self {
        match self {
            Self::Father => Self::Mother,
            Self::Mother => Self::Father,
        }
    }

    /// The parent whose copy counts surely lacks the variant.
    fn parent_lacks(self, child: &Relative, variant: &Annotated, cx: &ModelContext<'_>) -> bool {
        let [(_, father), (_, mother)] = cx.kin.parents(child);
        let parent = if self == Self::Father { father } else { mother };
        parent.is_some_and(|parent| {
            parent.seen(variant, cx.place).carries() == Tri::No
                && !has_reads(parent, variant, reads(cx))
        })
    }

    fn is(self, origin: &Origin) -> bool {
        matches!((self, origin), (Self::Father, Origin::Father) | (Self::Mother, Origin::Mother))
    }
}

/// Judges one variant of an imprinted gene.
pub(super) fn check(
    model: &'static str,
    expressed: Expressed,
    unit: &Unit<'_>,
    cx: &ModelContext<'_>,
) -> Fit {
    let variant = match single(model, unit, cx, &[Place::Autosomal]) {
        Ok(variant) => variant,
        Err(fit) => return fit,
    };
    let mut judge = Judge::new(model);
    let at = (variant, cx.place);
    kin::affected_must(&mut judge, cx.kin, at, (kin::Seen::carries, kin::PRESENT));
    affected_have_it(&mut judge, model, expressed, variant, cx);
    if cx.penetrance == Penetrance::Complete {
        for member in cx.kin.unaffected() {
            unaffected(&mut judge, member, expressed, variant, cx);
        }
    }
    judge.finish()
}

fn reads(cx: &ModelContext<'_>) -> Option<f64> {
    cx.de_novo.map(|policy| policy.max_parental_alternate_reads.value)
}

/// No affected carrier has it from the silent parent, and at least one surely has it from the other.
///
/// METHOD: founders of the tree have no known parents; as long as one descendant shows the origin they do not leave the
/// model open.
fn affected_have_it(
    judge: &mut Judge,
    model: &'static str,
    expressed: Expressed,
    variant: &Annotated,
    cx: &ModelContext<'_>,
) {
    let (mut known, mut open) = (false, Vec::new());
    for child in cx.kin.affected() {
        if child.seen(variant, cx.place).carries() == Tri::No {
            continue;
        }
        match origin(cx.kin, child, (variant, cx.place), reads(cx)) {
            Origin::New => {}
            Origin::Open(_) if expressed.parent_lacks(child, variant, cx) => {
                judge.member(&child.label, "not from that parent", &[expressed.word()], Tri::No);
            }
            Origin::Open(why) => open.extend(why),
            from if expressed.is(&from) || from == Origin::Both => known = true,
            _ => {
                let silent = expressed.silent().word();
                judge.member(&child.label, silent, &[expressed.word()], Tri::No);
            }
        }
    }
    let word = match (known, open.is_empty()) {
        (true, _) => expressed.word(),
        (false, true) => "both parents lack it",
        (false, false) => {
            for what in open {
                judge.missing(what);
            }
            return;
        }
    };
    let text = format!("The variant of an affected member: {word}.");
    let reason = Reason::new(model, word, Comparison::Equals, expressed.word(), "gel-moi");
    judge.reason(reason.text(text));
}

/// An unaffected carrier has it on the silent copy.
fn unaffected(
    judge: &mut Judge,
    member: &Relative,
    expressed: Expressed,
    variant: &Annotated,
    cx: &ModelContext<'_>,
) {
    let seen = member.seen(variant, cx.place);
    let who = format!("unaffected {}", member.label);
    let word = member.word(variant, cx.place);
    let allowed = ["absent", expressed.silent().word()];
    match (seen.carries(), seen.all_copies()) {
        (Tri::No, _) => judge.member(&who, &word, &allowed, Tri::Yes),
        (Tri::Unknown, _) => judge.member(&who, &word, &allowed, Tri::Unknown),
        (Tri::Yes, Tri::Yes) => judge.member(&who, &word, &allowed, Tri::No),
        (Tri::Yes, _) => match origin(cx.kin, member, (variant, cx.place), reads(cx)) {
            from if expressed.silent().is(&from) => {
                judge.member(&who, expressed.silent().word(), &allowed, Tri::Yes);
            }
            from if expressed.is(&from) => {
                judge.member(&who, expressed.word(), &allowed, Tri::No);
            }
            _ => judge.missing(format!("{who}: carries it, from which parent is not known")),
        },
    }
}
