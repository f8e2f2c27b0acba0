//! The sex chromosomes that the reads show: looked at once, for tiering and for identity.

use crate::case::Case;
use crate::identity::sex;
use crate::model::contract::ContractQc;
use crate::model::identity::SexCoverage;
use crate::model::karyotype::{Karyotype, SexCheck};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::{MemberId, Role, Sex};
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::policy::karyotype;

/// What the reads of a case show.
#[derive(Clone, Debug, Default)]
pub(super) struct Sexes {
    checks: Vec<(MemberId, SexCheck)>,
}

impl Sexes {
    /// The sex chromosomes of every member with a sketch.
    ///
    /// # Errors
    ///
    /// When the limits do not read, which a test rules out.
    pub(super) fn of<'a>(
        case: &Case,
        quality: impl Iterator<Item = &'a (MemberId, SampleQc)>,
    ) -> Result<Self, Problem> {
        let (limits, genotypes) = (karyotype::limits()?, &IdentityLimits::preset()?.genotype);
        let of_member = |(id, qc): &(MemberId, SampleQc)| {
            let stated = case.family.get(*id).sex;
            Some((*id, sex::check(qc.sketch.as_ref()?, stated, limits, genotypes)))
        };
        Ok(Self { checks: quality.filter_map(of_member).collect() })
    }

    /// The sex that a member's reads show, as far as they tell.
    pub(super) fn shown(&self, member: MemberId) -> Sex {
        let check = self.checks.iter().find(|(id, _)| *id == member);
        check.map_or(Sex::Unknown, |(_, check)| check.shown())
    }

    /// What depths of X and Y say of a member; `None` where they were not looked at, or are too low.
    pub(super) fn coverage(&self, member: MemberId, qc: &SampleQc) -> Option<SexCoverage> {
        let (_, check) = self.checks.iter().find(|(id, _)| *id == member)?;
        let [x_ratio, y_ratio] = qc.contract.as_ref().map_or([None; 2], ContractQc::sex_ratios);
        Some(SexCoverage { x_ratio, y_ratio, ..check.coverage()? })
    }

    /// The sex chromosomes that a member's depths show and nothing contradicts.
    pub(super) fn karyotype(&self, member: MemberId) -> Option<&Karyotype> {
        let check = self.checks.iter().find(|(id, _)| *id == member);
        check.and_then(|(_, check)| check.karyotype.as_ref())
    }

    /// Whether a member's depths leave the sex open although they were looked at.
    pub(super) fn is_in_doubt(&self, member: MemberId) -> bool {
        self.checks.iter().any(|(id, check)| *id == member && check.is_in_doubt())
    }

    /// The case with the number of X of every member whose sketch shows it for certain and does not contradict the stated
    /// sex, and notices about contradictions and about karyotypes other than XX and XY. Tumours lose and gain chromosomes:
    /// they are not looked at.
    pub(super) fn adopted(&self, case: &Case) -> (Case, Vec<Notice>) {
        let (mut case, mut notices) = (case.clone(), Vec::new());
        for (id, check) in &self.checks {
            let member = case.family.members.get_mut(usize::from(id.0));
            let Some(member) = member.filter(|member| member.role != Role::Tumour) else {
                continue;
            };
            sex::adopt(member, check);
            let number = id.0 + 1;
            let text = match check.outcome {
                Outcome::Fail => format!(
                    "Member {number}: the reads show {}. The number of X was taken from the case; is \
                     this the right sample?",
                    check.message
                ),
                Outcome::Warn => format!("Member {number}: the reads show {}.", check.message),
                _ => continue,
            };
            log::warn!("{text}");
            notices.push(Notice::one(NoticeKind::Identity, text));
        }
        (case, notices)
    }
}
