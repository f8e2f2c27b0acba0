//! What the second look at the reads showed: brought into the results, and in few words for tables.

use crate::model::evidence::ReadEvidence;
use crate::model::genotype::Call;
use crate::model::results::CandidateResult;
use crate::model::results::evidence::{EvidenceResult, ReadCounts};

use super::assemble::{Material, may_show, number};
use super::text;

/// One entry for each member whose reads were looked at and whose data may be shown.
pub(super) fn of_members(material: &Material<'_>, calls: &[Call]) -> Vec<EvidenceResult> {
    let policy = material.policy.policy.reads.as_ref();
    let members = material.family.iter().zip(calls);
    members
        .filter(|((id, member), _)| member.sample.is_some() && may_show(*id, member))
        .filter_map(|((id, member), call)| {
            let evidence = call.reads.as_deref()?;
            let (counts, not_read) = match evidence {
                ReadEvidence::Counted(reads) => (Some(reads), None),
                ReadEvidence::NotRead(why) => (None, Some(*why)),
            };
            Some(EvidenceResult {
                member: number(id),
                role: member.role,
                counts: counts.map(|reads| ReadCounts {
                    method: reads.method,
                    reference: reads.reference.into(),
                    alternate: reads.alternate.into(),
                    other: reads.other.into(),
                    ambiguous: reads.ambiguous,
                    fraction: reads.fraction().map(|share| (share * 1e4).round() / 1e4),
                    excluded: reads.excluded,
                }),
                not_read,
                conflict: policy.and_then(|policy| policy.conflict(call)),
                picture: None,
            })
        })
        .collect()
}

/// Reference, ALT, other and ambiguous reads of one member, `17/15/0/2`; `-` when they could not be asked.
pub(super) fn counts(evidence: &EvidenceResult) -> String {
    evidence.counts.as_ref().map_or_else(
        || "-".to_owned(),
        |counts| {
            let [reference, alternate, other] =
                [&counts.reference, &counts.alternate, &counts.other].map(|allele| allele.reads);
            format!("{reference}/{alternate}/{other}/{}", counts.ambiguous)
        },
    )
}

/// Every member's counts, `1:proband=17/15/0/2`.
pub(super) fn all(candidate: &CandidateResult) -> Vec<String> {
    let words = |e: &EvidenceResult| format!("{}:{}={}", e.member, text::word(e.role), counts(e));
    candidate.evidence.iter().map(words).collect()
}

/// How the reads were told apart; `None` when no member's could be.
pub(super) fn method(candidate: &CandidateResult) -> Option<String> {
    let counted = candidate.evidence.iter().find_map(|evidence| evidence.counts.as_ref());
    counted.map(|counts| text::word(counts.method))
}
