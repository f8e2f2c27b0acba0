//! What PS2 and PM6 share: a de novo event, and whether parentage was confirmed.

use super::Looked;
use crate::model::reason::{Comparison, Reason};
use crate::model::sample::Role;
use crate::model::verdict::Outcome;

/// The event is de novo for certain, and parentage was (`Some(true)`) or was not confirmed; `None` for other events. Parentage is
/// confirmed when identity checks compared the child with both parents and every pair and the case as a whole passed.
pub(super) fn confirmed(looked: &Looked<'_>) -> Option<bool> {
    let event = looked.event;
    if event.segregation != "deNovo" || event.possible {
        return None;
    }
    let Some(identity) = &looked.results.identity else { return Some(false) };
    let members = &looked.results.case.members;
    let number = |role| members.iter().find(|member| member.role == role).map(|m| m.number);
    let trio = (number(Role::Proband), number(Role::Mother), number(Role::Father));
    let (Some(child), Some(mother), Some(father)) = trio else { return Some(false) };
    let passed = |parent: u16| {
        identity.pairs.iter().any(|pair| {
            let both = [pair.members[0], pair.members[1]];
            both.contains(&child) && both.contains(&parent) && pair.outcome == Outcome::Pass
        })
    };
    let whole = identity.override_reason.is_none() && !identity.stopped;
    Some(whole && passed(mother) && passed(father))
}

/// What the code saw.
pub(super) fn inputs(code: &str, confirmed: bool, source: &str) -> Vec<Reason> {
    let word = if confirmed { "confirmed" } else { "assumed" };
    let wanted = if code == "PS2" { "confirmed" } else { "assumed" };
    vec![
        Reason::new(code, "deNovo", Comparison::Equals, "deNovo", source)
            .text("The variant fits de novo with no genotype missing."),
        Reason::new(code, word, Comparison::Equals, wanted, source).text(format!(
            "Parentage is {word}: identity checks of the child with both parents {}.",
            if confirmed { "passed" } else { "did not pass, or were not made" }
        )),
    ]
}
