//! What consent allows, as data for the audit record. Consent fails closed: only an explicit yes allows.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::sample::{Family, Member, MemberId, Role};

/// Why a member is analysed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Analysis {
    /// Sequenced, and consented to the primary question.
    Allowed,
    /// Sequenced, but without an explicit yes to the primary question: the sample must not be read.
    Refused,
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
    let analysis = match (&member.sample, member.consent.primary.allows()) {
        (None, _) => Analysis::NoSample,
        (Some(_), true) => Analysis::Allowed,
        (Some(_), false) => Analysis::Refused,
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

/// The decisions for all members, in their order.
pub fn decisions(family: &Family) -> Vec<ConsentDecision> {
    family.iter().map(|(id, member)| decide(id, member)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample::{Affected, Consent, ConsentAnswer, Sex};

    fn member(sample: bool, consent: Consent) -> Member {
        Member {
            id: "p".into(),
            sample: sample.then(|| "s".into()),
            role: Role::Proband,
            sex: Sex::Unknown,
            affected: Affected::Yes,
            father: None,
            mother: None,
            alignment: None,
            variants: None,
            hpo: Vec::new(),
            consent,
            x_copies: None,
            adult: None,
            identical_twins: None,
        }
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
                            let consent =
                                Consent { primary, secondary, carrier, pharmacogenomics, germline };
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
