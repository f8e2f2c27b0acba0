//! XLinkedMonoallelic: one X suffices. X outside the pseudoautosomal regions.
//!
//! | | no ALT | some ALT | all ALT | not called |
//! |---|---|---|---|---|
//! | affected | refuted | fits | fits | possible |
//! | unaffected, complete | fits | refuted | refuted | possible |
//! | unaffected, incomplete | fits | fits | fits | fits |
//! | parents of an affected member who could have given it | all lack it: refuted (deNovo) | fits | fits | as far as known |

use super::kin::{self, Place};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, single};
use crate::model::candidate::Penetrance;
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain XLinkedMonoallelic`.
const EXPLANATION: Explanation = Explanation {
    id: "XLinkedMonoallelic",
    kind: ExplanationKind::Model,
    title: "On one X of every affected member",
    what: "Every affected member carries it and, under complete penetrance, no unaffected one does. An affected member whose mother \
           (and, with two X, father) surely lacks it has it newly: deNovo judges that. A heterozygous call in a member with \
           one X counts as carrying.",
    sources: &["gel-moi", "ours"],
    fires: "Affected mother 0/1, affected son 1, unaffected father 0.",
    does_not: "Affected son 1, unaffected mother 0/1 under complete penetrance.",
};

/// The model.
pub(super) struct XLinkedMonoallelic;

impl Model for XLinkedMonoallelic {
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
        kin::affected_must(&mut judge, cx.kin, at, (kin::Seen::carries, kin::PRESENT));
        if cx.penetrance == Penetrance::Complete {
            kin::unaffected_must(&mut judge, cx.kin, at, (kin::lacks, kin::ABSENT));
        }
        for child in cx.kin.affected() {
            let [father, mother] = cx.kin.parents(child).map(|(_, parent)| {
                parent.map_or(Tri::Unknown, |parent| parent.seen(variant, cx.place).carries())
            });
            let new = mother == Tri::No && (child.x_from_mother || father == Tri::No);
            if new {
                let who = format!("parents of {}", child.label);
                judge.member(&who, "absent", kin::PRESENT, Tri::No);
            }
        }
        judge.finish()
    }
}
