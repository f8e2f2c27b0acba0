//! MitochondrialGenome: in the maternal line. A call of any ploidy with the ALT carries it; its share of reads is the
//! heteroplasmy.
//!
//! | | lacks | lacks, with ALT reads | carries | not called |
//! |---|---|---|---|---|
//! | affected, maternal line of the proband | refuted | possible | fits | possible |
//! | unaffected, maternal line, complete | fits | fits | possible | possible |
//! | unaffected, maternal line, incomplete | fits | fits | fits | fits |
//! | affected, outside the line | possible | possible | fits | possible |
//! | unaffected, outside the line | fits | fits | fits | fits |
//!
//! An unaffected carrier in the maternal line never refutes: carriers of m.3243A>G, say, are often well at a low
//! heteroplasmy, and blood may hold less than other tissue.

use super::kin::{self, Place, Relative};
use super::lineage::{has_reads, share_maternal_line};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, refute, single};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::genotype::Call;
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain MitochondrialGenome`.
const EXPLANATION: Explanation = Explanation {
    id: "MitochondrialGenome",
    kind: ExplanationKind::Model,
    title: "On the mitochondrial genome of the affected maternal line",
    what: "Affected members of the proband's maternal line carry the variant at any heteroplasmy. An unaffected carrier of that \
           line leaves it possible under complete penetrance, told with both heteroplasmies; nobody unaffected refutes it. \
           Members outside the line cannot have given it: an affected one who lacks it is told, since it does not explain \
           that member.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 1 (all reads), mother 0.",
    does_not: "Proband 1, affected mother 0 without ALT reads.",
};

/// The model.
pub(super) struct MitochondrialGenome;

impl Model for MitochondrialGenome {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let variant = match single(self.id(), unit, cx, &[Place::Mitochondrial]) {
            Ok(variant) => variant,
            Err(fit) => return fit,
        };
        let index = cx.kin.proband.map(|i| &cx.kin.all[i]).or_else(|| cx.kin.affected().next());
        let Some(index) = index else {
            let text = "The case has neither a proband nor an affected member.";
            return refute(self.id(), "no proband", "proband", text);
        };
        let mut judge = Judge::new(self.id());
        let mut n = 0;
        for member in cx.kin.affected() {
            n += 1;
            affected(&mut judge, (member, index), variant, cx);
        }
        if n == 0 {
            judge.missing("no affected member has a sample");
        }
        if cx.penetrance == Penetrance::Complete {
            let line = cx.kin.unaffected().filter(|m| share_maternal_line(cx.kin, m, index));
            for member in line {
                unaffected(&mut judge, (member, index), variant);
            }
        }
        judge.finish()
    }
}

/// What a call shows, with its heteroplasmy where the reads were counted.
fn shown(member: &Relative, variant: &Annotated) -> String {
    let share = member.call(variant).and_then(Call::fraction);
    match (member.seen(variant, Place::Mitochondrial).carries(), share) {
        (Tri::Yes, Some(share)) => format!("present, heteroplasmy {share:.2}"),
        (Tri::Yes, None) => "present, heteroplasmy not known".into(),
        _ => member.word(variant, Place::Mitochondrial),
    }
}

fn affected(
    judge: &mut Judge,
    (member, index): (&Relative, &Relative),
    variant: &Annotated,
    cx: &ModelContext<'_>,
) {
    let carries = member.seen(variant, cx.place).carries();
    let word = shown(member, variant);
    if carries == Tri::No && !share_maternal_line(cx.kin, member, index) {
        judge.missing(format!(
            "{}: affected and absent, but not of the maternal line of {}",
            member.label, index.label
        ));
    } else if carries == Tri::No && has_reads(member, variant, Some(0.0)) {
        judge.missing(format!("{}: called absent, but reads show it", member.label));
    } else {
        match carries {
            Tri::Yes => {
                let limit = vec!["present".to_owned()];
                let reason =
                    Reason::new(EXPLANATION.id, "present", Comparison::OneOf, limit, "gel-moi");
                judge.reason(reason.text(format!("{}: {word}.", member.label)));
            }
            _ => judge.member(&member.label, &word, &["present"], carries),
        }
    }
}

fn unaffected(judge: &mut Judge, (member, index): (&Relative, &Relative), variant: &Annotated) {
    let who = format!("unaffected {}", member.label);
    match member.seen(variant, Place::Mitochondrial).carries() {
        Tri::Yes => judge.missing(format!(
            "{who} of the maternal line: {}; {}: {}",
            shown(member, variant),
            index.label,
            shown(index, variant)
        )),
        verdict => {
            let word = member.word(variant, Place::Mitochondrial);
            judge.member(&who, &word, kin::ABSENT, super::kin::not(verdict));
        }
    }
}
