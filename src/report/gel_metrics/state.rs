//! `SampleState`: whether a sample can be used, by its verdict and by the identity checks of its case.
//!
//! A sample that fails its own limits is `failed`. One that fails a check of identity is `blocked`, and under a `warning` where
//! somebody went on in spite of it. Only a verdict that passes makes a sample `ready`. A state
//! that no verdict tells is null, with the reasons in words.

use serde::Serialize;

use super::Checked;
use crate::model::identity::CaseIdentity;
use crate::model::status::StateReason;
use crate::model::verdict::{Outcome, Verdict};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SampleState {
    state: Option<&'static str>,
    reason: Option<Vec<StateReason>>,
    other_reasons: Option<Vec<String>>,
    /// Of a tracker of issues.
    issue_identifier: Option<()>,
}

/// What speaks against a sample.
#[derive(Default)]
struct Found {
    reasons: Vec<StateReason>,
    words: Vec<String>,
    worst: Option<Outcome>,
}

impl Found {
    fn add(&mut self, outcome: Outcome, reason: StateReason) {
        if matches!(outcome, Outcome::Warn | Outcome::Fail) {
            self.worst = self.worst.max(Some(outcome));
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }
}

/// The state of one sample.
pub(super) fn of(number: u16, checked: &Checked<'_>) -> Result<SampleState, &'static str> {
    let mut own = checked.verdicts.iter().filter(|(member, _)| *member == number).map(|own| own.1);
    // Of several alignments of one sample the worst counts.
    let verdict = own.by_ref().max_by_key(|verdict| rank(verdict.outcome));
    let mut limits = Found::default();
    for check in verdict.iter().flat_map(|verdict| &verdict.checks) {
        limits.add(check.outcome, StateReason::of_check(&check.id));
        if matches!(check.outcome, Outcome::Warn | Outcome::Fail) {
            limits.words.push(check.message.clone());
        }
    }
    let identity = checked.case.map(|case| of_case(number, (checked, case))).unwrap_or_default();
    let gone_on = checked.case.is_some_and(|case| case.override_reason.is_some());
    let outcome = verdict.map(|verdict| verdict.outcome);
    let state = match (outcome, identity.worst) {
        (Some(Outcome::Fail), _) => Some("failed"),
        (_, Some(Outcome::Fail)) if !gone_on => Some("blocked"),
        (_, Some(_)) | (Some(Outcome::Warn), _) => Some("warning"),
        (Some(Outcome::Pass), None) => Some("ready"),
        (Some(Outcome::NotAssessed), None) => None,
        (Some(Outcome::Reported) | None, None) => return Err("no verdict tells a state"),
    };
    let mut all = limits;
    for reason in identity.reasons {
        all.add(Outcome::Warn, reason);
    }
    all.words.extend(identity.words);
    match state {
        Some("ready") => all.reasons.push(StateReason::PassQc),
        None => {
            all.words.extend(verdict.map(not_assessed));
            if all.reasons.is_empty() {
                all.reasons.push(StateReason::Other);
            }
        }
        _ => {}
    }
    let given = |words: Vec<String>| (!words.is_empty()).then_some(words);
    Ok(SampleState {
        state,
        reason: Some(all.reasons),
        other_reasons: given(all.words),
        issue_identifier: None,
    })
}

/// Verdicts from the best to the worst: what is not known is worse than a pass, and than a warning.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Reported => 0,
        Outcome::Pass => 1,
        Outcome::Warn => 2,
        Outcome::NotAssessed => 3,
        Outcome::Fail => 4,
    }
}

fn not_assessed(verdict: &Verdict) -> String {
    let open = verdict.checks.iter().filter(|check| check.outcome == Outcome::NotAssessed);
    let ids: Vec<&str> = open.map(|check| check.id.as_str()).collect();
    format!("not assessed by {}: {}", verdict.set, ids.join(", "))
}

/// What the checks of a case say against one sample. Errors count against the child alone: which parent is the wrong one, the
/// pairs tell. What is only known through a person whose sample is not shown does not count.
fn of_case(number: u16, (checked, case): (&Checked<'_>, &CaseIdentity)) -> Found {
    let mut found = Found::default();
    let shown = |members: &[u16]| {
        members.contains(&number) && members.iter().all(|own| checked.names.contains_key(own))
    };
    for own in case.samples.iter().filter(|own| own.member == number) {
        found.add(own.outcome, StateReason::Contamination);
    }
    for sex in case.sexes.iter().filter(|sex| sex.member == number) {
        found.add(sex.outcome, StateReason::SexQuery);
    }
    for pair in case.pairs.iter().filter(|pair| shown(&pair.members)) {
        found.add(pair.outcome, StateReason::PedigreeIbdSharing);
    }
    for family in case.families.iter().filter(|family| family.child == number) {
        let mut parents = [family.father, family.mother].into_iter().flatten();
        if !parents.all(|parent| checked.names.contains_key(&parent)) {
            continue;
        }
        found.add(family.outcome, StateReason::PedigreeMendelianErrors);
    }
    for tumour in case.tumour.iter().filter(|own| shown(&[own.tumour, own.normal])) {
        found.add(tumour.outcome, StateReason::Other);
    }
    for suspicion in case.suspicions.iter().filter(|own| shown(&own.members)) {
        let known = found.worst.is_some();
        if !known {
            found.add(suspicion.outcome, StateReason::Other);
        }
        found.worst = found.worst.max(Some(suspicion.outcome));
        found.words.push(suspicion.text.clone());
    }
    found
}
