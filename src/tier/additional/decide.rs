//! Who may be looked at for what. Everything that is not an explicit yes is a no.

use crate::case::consent::{self, Analysis};
use crate::model::results::additional::{FindingDecision, FindingKind, LookedFor};
use crate::model::sample::{Family, MemberId, Role};

/// What a case asks for beside its question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// It names a panel of additional findings.
    pub additional: bool,
    /// It names a panel for carrier status.
    pub carrier: bool,
    /// Identity checks stopped the case.
    pub stopped: bool,
}

/// One decision for every member and kind, in their order.
pub fn decisions(family: &Family, asked: Asked) -> Vec<FindingDecision> {
    let mut all = Vec::new();
    for (id, member) in family.iter() {
        for kind in FindingKind::ALL {
            all.push(FindingDecision {
                member: id.0 + 1,
                role: member.role,
                kind,
                looked_for: decide(family, id, kind, asked),
                childhood_only: kind == FindingKind::AdditionalFinding
                    && member.adult != Some(true),
            });
        }
    }
    all
}

fn decide(family: &Family, id: MemberId, kind: FindingKind, asked: Asked) -> LookedFor {
    let role = family.get(id).role;
    let (panel, right_role) = match kind {
        FindingKind::AdditionalFinding => {
            (asked.additional, !matches!(role, Role::Tumour | Role::Normal))
        }
        FindingKind::CarrierStatus => (asked.carrier, matches!(role, Role::Mother | Role::Father)),
        FindingKind::CarrierStatusX => (asked.carrier, role == Role::Mother),
    };
    if !panel {
        return LookedFor::NoPanel;
    }
    if !right_role {
        return LookedFor::OtherRole;
    }
    match own(family, id, kind) {
        LookedFor::Yes => {}
        other => return other,
    }
    if kind == FindingKind::CarrierStatus && !partner_agrees(family, role) {
        return LookedFor::PartnerWithout;
    }
    if asked.stopped { LookedFor::IdentityFailed } else { LookedFor::Yes }
}

/// What the member's own record says.
fn own(family: &Family, id: MemberId, kind: FindingKind) -> LookedFor {
    let decision = consent::decide(id, family.get(id));
    let answer = match kind {
        FindingKind::AdditionalFinding => decision.secondary,
        FindingKind::CarrierStatus | FindingKind::CarrierStatusX => decision.carrier,
    };
    match decision.analysis {
        Analysis::NoSample | Analysis::Withdrawn => LookedFor::NotSequenced,
        Analysis::Allowed if answer => LookedFor::Yes,
        Analysis::Allowed | Analysis::Refused => LookedFor::NoConsent,
    }
}

fn partner_agrees(family: &Family, role: Role) -> bool {
    let other = if role == Role::Mother { Role::Father } else { Role::Mother };
    let partner = family.with_role(other);
    partner.is_some_and(|(id, _)| own(family, id, FindingKind::CarrierStatus) == LookedFor::Yes)
}

/// True when findings of the kind may be looked for in the member.
pub(super) fn is_open(decisions: &[FindingDecision], member: MemberId, kind: FindingKind) -> bool {
    let mut own = decisions.iter().filter(|d| d.member == member.0 + 1 && d.kind == kind);
    own.next().is_some_and(|decision| decision.looked_for == LookedFor::Yes)
}
