//! The number of X that the reads show, for tiering.

use crate::case::Case;
use crate::identity::sex;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::{MemberId, Role};
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::policy::karyotype;

/// The case with the number of X of every member whose sketch shows it for certain and does not contradict the stated sex, and
/// notices about contradictions and about karyotypes other than XX and XY. Tumours lose and gain chromosomes: they are not
/// looked at.
///
/// # Errors
///
/// When the limits do not read, which a test rules out.
pub(super) fn with_measured(
    case: &Case,
    quality: &[(MemberId, SampleQc)],
) -> Result<(Case, Vec<Notice>), Problem> {
    let (limits, genotypes) = (karyotype::limits()?, IdentityLimits::preset()?.genotype);
    let (mut case, mut notices) = (case.clone(), Vec::new());
    for (id, qc) in quality {
        let Some(member) = case.family.members.get_mut(usize::from(id.0)) else { continue };
        let Some(sketch) = qc.sketch.as_ref().filter(|_| member.role != Role::Tumour) else {
            continue;
        };
        let check = sex::check(sketch, member.sex, &limits, &genotypes);
        sex::adopt(member, &check);
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
    Ok((case, notices))
}
