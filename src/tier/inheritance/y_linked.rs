//! YLinked: the one Y. Y outside the pseudoautosomal regions.
//!
//! | | lacks | carries | not called |
//! |---|---|---|---|
//! | affected male | refuted | fits | possible |
//! | affected female | refuted | refuted | refuted |
//! | affected, sex not stated | refuted | possible | possible |
//! | unaffected male, complete | fits | refuted | possible |
//! | unaffected male, incomplete | fits | fits | fits |
//! | unaffected female | fits | fits | fits |
//! | father of an affected male | refuted (deNovo) | as above | possible, when sequenced |
//!
//! The GEL segregation filters have no such model; the rule is that of OpenCGA, the name is ours.

use super::kin::{self, Place};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, single};
use crate::model::candidate::Penetrance;
use crate::model::explain::{Explanation, ExplanationKind};

/// Text for `tierline explain YLinked`.
const EXPLANATION: Explanation = Explanation {
    id: "YLinked",
    kind: ExplanationKind::Model,
    title: "On the Y of every affected member",
    what: "Every affected member is male and carries the variant; an affected female refutes it. Under complete penetrance no \
           unaffected male carries it. A sequenced father of an affected male carries it too: otherwise deNovo judges it. \
           Calls of females on Y count for nothing.",
    sources: &["gel-moi", "ours"],
    fires: "Affected son 1, affected father 1.",
    does_not: "Affected daughter.",
};

/// The model.
pub(super) struct YLinked;

impl Model for YLinked {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let variant = match single(self.id(), unit, cx, &[Place::Y]) {
            Ok(variant) => variant,
            Err(fit) => return fit,
        };
        let at = (variant, cx.place);
        let mut judge = Judge::new(self.id());
        for member in cx.kin.affected() {
            match member.has_y {
                Tri::No => judge.member(&member.label, "female", &["male"], Tri::No),
                Tri::Unknown => judge.missing(format!("{}: sex not stated", member.label)),
                Tri::Yes => {}
            }
        }
        kin::affected_must(&mut judge, cx.kin, at, (kin::Seen::carries, kin::PRESENT));
        if cx.penetrance == Penetrance::Complete {
            for member in cx.kin.unaffected().filter(|member| member.has_y != Tri::No) {
                let seen = member.seen(variant, cx.place);
                // Without a stated sex a call on Y may be noise: it does not refute.
                let verdict = match (member.has_y, kin::lacks(seen)) {
                    (Tri::Unknown, Tri::No) => Tri::Unknown,
                    (_, verdict) => verdict,
                };
                let who = format!("unaffected {}", member.label);
                judge.member(&who, &member.word(variant, cx.place), kin::ABSENT, verdict);
            }
        }
        for child in cx.kin.affected() {
            let [(who, father), _] = cx.kin.parents(child);
            let Some(father) = father.filter(|father| father.sequenced) else { continue };
            let (word, carries) =
                (father.word(variant, cx.place), father.seen(variant, cx.place).carries());
            judge.member(&format!("{who} of {}", child.label), &word, kin::PRESENT, carries);
        }
        judge.finish()
    }
}
