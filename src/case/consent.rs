//! What consent allows, as data for the audit record. Consent fails closed: only an explicit yes allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::sample::{
    Consent, ConsentAnswer, ConsentSource, Family, LeftOut, Member, MemberId, Role,
};

/// Why a member is analysed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Analysis {
    /// Sequenced, and consented to the primary question.
    Allowed,
    /// Sequenced, but without an explicit yes to the primary question: the sample must not be read.
    Refused,
    /// The person has withdrawn: the sample must not be read any more.
    Withdrawn,
    /// Not sequenced: only stands in the tree with its disease status.
    NoSample,
}

/// What may be done with one member's data. It names the member by number and role only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "one answer a question of the record")]
pub struct ConsentDecision {
    /// Which member.
    pub member: MemberId,
    /// What the member is to the case.
    pub role: Role,
    /// Whether the sample may be read.
    pub analysis: Analysis,
    /// Whether additional findings of this member may be looked for.
    pub secondary: bool,
    /// Whether carrier status of this member may be looked for.
    pub carrier: bool,
    /// Whether pharmacogenomic findings of this member may be looked for.
    pub pharmacogenomics: bool,
    /// Whether germline findings may be looked for in this sample of a tumour's patient.
    pub germline: bool,
}

/// The decision for one member. Without primary consent nothing else is allowed either, whatever the other answers say:
/// there is no sample that could be read for them.
pub fn decide(id: MemberId, member: &Member) -> ConsentDecision {
    let allows = member.consent.primary.allows();
    let analysis = match (member.consent.left_out, &member.sample) {
        (Some(LeftOut::Withdrawn), _) => Analysis::Withdrawn,
        (None, None) => Analysis::NoSample,
        (None, Some(_)) if allows => Analysis::Allowed,
        (Some(LeftOut::NoConsent), _) | (None, Some(_)) => Analysis::Refused,
    };
    let may = analysis == Analysis::Allowed;
    ConsentDecision {
        member: id,
        role: member.role,
        analysis,
        secondary: may && member.consent.secondary.allows(),
        carrier: may && member.consent.carrier.allows(),
        pharmacogenomics: may && member.consent.pharmacogenomics.allows(),
        germline: may && member.consent.germline.allows(),
    }
}

/// All that consent records say of one person, question by question; several records may speak to one question.
#[derive(Clone, Debug, Default)]
pub(super) struct Answers {
    /// To the programme as a whole; empty where the record has no such question.
    pub(super) programme: Vec<ConsentAnswer>,
    /// To the primary question.
    pub(super) primary: Vec<ConsentAnswer>,
    /// To additional findings.
    pub(super) secondary: Vec<ConsentAnswer>,
    /// To carrier status.
    pub(super) carrier: Vec<ConsentAnswer>,
    /// To pharmacogenomic findings.
    pub(super) pharmacogenomics: Vec<ConsentAnswer>,
    /// To germline findings in the normal sample of a tumour.
    pub(super) germline: Vec<ConsentAnswer>,
}

impl Answers {
    /// What they allow together: of several answers the most restrictive counts, and without consent to the programme
    /// there is none to anything in it.
    pub(super) fn consent(&self, source: ConsentSource) -> Consent {
        let programme = match self.programme.as_slice() {
            [] => ConsentAnswer::Yes,
            said => strictest(said),
        };
        let primary = strictest(&self.primary);
        Consent {
            primary: if programme.allows() { primary } else { programme },
            secondary: strictest(&self.secondary),
            carrier: strictest(&self.carrier),
            pharmacogenomics: strictest(&self.pharmacogenomics),
            germline: strictest(&self.germline),
            source,
            left_out: None,
        }
    }

    /// Whether two records answer one question differently.
    pub(super) fn contradict(&self) -> bool {
        let all = [
            &self.programme,
            &self.primary,
            &self.secondary,
            &self.carrier,
            &self.pharmacogenomics,
            &self.germline,
        ];
        all.into_iter().any(|said| said.windows(2).any(|pair| pair[0] != pair[1]))
    }
}

/// A no before what is not stated, and that before a yes; nothing said is not stated.
fn strictest(said: &[ConsentAnswer]) -> ConsentAnswer {
    let is = |wanted| said.contains(&wanted);
    match () {
        () if is(ConsentAnswer::No) => ConsentAnswer::No,
        () if said.is_empty() || is(ConsentAnswer::NotStated) => ConsentAnswer::NotStated,
        () => ConsentAnswer::Yes,
    }
}

/// What two statements about one person allow together: what neither forbids.
pub(super) fn both(one: Consent, other: Consent) -> Consent {
    let stricter = |pick: fn(&Consent) -> ConsentAnswer| strictest(&[pick(&one), pick(&other)]);
    Consent {
        primary: stricter(|consent| consent.primary),
        secondary: stricter(|consent| consent.secondary),
        carrier: stricter(|consent| consent.carrier),
        pharmacogenomics: stricter(|consent| consent.pharmacogenomics),
        germline: stricter(|consent| consent.germline),
        source: one.source,
        left_out: one.left_out.max(other.left_out),
    }
}

/// The decisions for all members, in their order.
pub fn decisions(family: &Family) -> Vec<ConsentDecision> {
    family.iter().map(|(id, member)| decide(id, member)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{Affected, Consent, ConsentAnswer};

    fn member(sample: bool, consent: Consent) -> Member {
        let sample = sample.then(|| "s".into());
        Member { sample, consent, ..Member::of("p", Role::Proband, Affected::Yes) }
    }

    #[test]
    fn only_an_explicit_yes_allows() {
        use ConsentAnswer::{No, NotStated, Yes};
        let answers = [Yes, No, NotStated];
        for sample in [true, false] {
            for primary in answers {
                for secondary in answers {
                    for carrier in answers {
                        for pharmacogenomics in answers {
                            // Germline findings go with the others, so that every answer meets every other one.
                            let germline = carrier;
                            let consent = Consent {
                                primary,
                                secondary,
                                carrier,
                                pharmacogenomics,
                                germline,
                                ..Consent::default()
                            };
                            let decision = decide(MemberId(0), &member(sample, consent));
                            let read = sample && primary == Yes;
                            let expected = match (sample, primary) {
                                (false, _) => Analysis::NoSample,
                                (true, Yes) => Analysis::Allowed,
                                (true, _) => Analysis::Refused,
                            };
                            assert_eq!(decision.analysis, expected);
                            assert_eq!(decision.secondary, read && secondary == Yes);
                            assert_eq!(decision.carrier, read && carrier == Yes);
                            assert_eq!(decision.germline, read && germline == Yes);
                            assert_eq!(decision.pharmacogenomics, read && pharmacogenomics == Yes);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_default_consent_refuses() {
        let decision = decide(MemberId(0), &member(true, Consent::default()));
        assert_eq!(decision.analysis, Analysis::Refused);
    }
}
