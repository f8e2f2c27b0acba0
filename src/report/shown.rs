//! Findings that need a consent of their own, asked for once more: results that were edited, or that are older than a question,
//! show none of them.

use std::collections::BTreeMap;

use crate::model::results::additional::{AdditionalFinding, FindingKind};
use crate::model::results::chromosomes::MemberChromosomes;
use crate::model::results::pertinent::{PertinentFinding, PertinentResults};
use crate::model::results::{AnalysisDecision, CaseResults};

/// Germline findings of the normal sample; none where nothing was looked for or a sample of the patient lacks the consent.
pub(super) fn pertinent(results: &CaseResults) -> &[PertinentFinding] {
    let shown = |found: &&PertinentResults| {
        found.looked_for.why_not().is_none() && germline_allowed(results)
    };
    results.pertinent.as_ref().filter(shown).map_or(&[], |found| &found.findings)
}

/// Names of the samples whose figures may be shown, by the number of the member.
pub(super) fn samples(results: &CaseResults) -> BTreeMap<u16, &str> {
    let allowed = |number: u16| {
        let mut own = results.consent.iter().filter(|record| record.member == number).peekable();
        own.peek().is_some() && own.all(|record| record.analysis == AnalysisDecision::Allowed)
    };
    let members = results.case.members.iter().filter(|member| allowed(member.number));
    members.filter_map(|member| Some((member.number, member.sample.as_deref()?))).collect()
}

/// True when every sample of the patient may be looked at for germline findings.
pub(super) fn germline_allowed(results: &CaseResults) -> bool {
    let allowed = results
        .consent
        .iter()
        .all(|record| record.analysis == AnalysisDecision::Allowed && record.germline);
    allowed && !results.consent.is_empty()
}

/// Whole chromosomes of members whose data may be shown; none of a case that was stopped.
pub(super) fn chromosomes(results: &CaseResults) -> impl Iterator<Item = &MemberChromosomes> {
    let stopped = results.identity.as_ref().is_some_and(|identity| identity.stopped);
    let found = results.chromosomes.iter().filter(move |_| !stopped);
    found.flat_map(|found| &found.members).filter(|own| {
        let of_member = results.consent.iter().filter(|record| record.member == own.member);
        let mut records = of_member.peekable();
        records.peek().is_some()
            && records.all(|record| record.analysis == AnalysisDecision::Allowed)
    })
}

/// Findings beside the question, of members who said yes to their kind.
pub(super) fn additional(results: &CaseResults) -> impl Iterator<Item = &AdditionalFinding> {
    let findings = results.additional.iter().flat_map(|all| &all.findings);
    findings.filter(|finding| {
        let mut records = results.consent.iter().filter(|own| own.member == finding.member);
        records.any(|record| {
            record.analysis == AnalysisDecision::Allowed
                && match finding.kind {
                    FindingKind::AdditionalFinding => record.secondary,
                    FindingKind::CarrierStatus | FindingKind::CarrierStatusX => record.carrier,
                }
        })
    })
}
