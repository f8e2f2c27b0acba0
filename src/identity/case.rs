//! All identity checks of a case together.

use super::relatedness::bits::GenotypeBits;
use super::relatedness::family;
use super::relatedness::pedigree::Person;
use super::{concordance, contamination};
use crate::case::{Case, role_word};
use crate::model::identity::{
    CaseIdentity, Estimate, LimitsUsed, MemberIdentity, SampleIdentity, SexCoverage, SexIdentity,
    Suspicion, TumourIdentity,
};
use crate::model::sample::{MemberId, Role, Sex};
use crate::model::sketch::Sketch;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;

/// What there is of one member.
#[derive(Clone, Debug)]
pub struct MemberData<'a> {
    /// Who.
    pub member: MemberId,
    /// The sample at known sites, when there is such a sketch.
    pub sketch: Option<&'a Sketch>,
    /// What the sketch says about itself, a tumour's contamination given its normal sample included.
    pub identity: Option<&'a SampleIdentity>,
    /// How its contamination compares with limits.
    pub judged: Judged,
    /// Genotypes at the sites that all members share.
    pub bits: GenotypeBits,
    /// Sex that the sample shows, when something told it.
    pub shown: Sex,
    /// See [`Person::sex_in_doubt`].
    pub sex_in_doubt: bool,
    /// What depths of X and Y say.
    pub coverage: Option<SexCoverage>,
}

/// An estimate against the acceptance set that belongs to the sample, whose verdict holds the same check.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The set; `None` when no set has such a limit.
    pub limits: Option<LimitsUsed>,
    /// How it came out.
    pub outcome: Outcome,
}

impl Default for Judged {
    fn default() -> Self {
        Self { limits: None, outcome: Outcome::NotAssessed }
    }
}

/// All that is known of the samples of a case.
#[derive(Clone, Debug, Default)]
pub struct CaseData<'a> {
    /// Members with a sample.
    pub members: Vec<MemberData<'a>>,
    /// What was compared, for people.
    pub sites: String,
    /// Tumour cells in the normal sample, when there are somatic calls of both.
    pub tumour_in_normal: Option<(Estimate, Judged)>,
}

/// Checks a case.
pub fn check(case: &Case, data: &CaseData<'_>, limits: &IdentityLimits) -> CaseIdentity {
    let members = &data.members;
    let mut found = CaseIdentity {
        limits: LimitsUsed { id: limits.id.clone(), version: limits.version.clone() },
        sites: data.sites.clone(),
        outcome: Outcome::NotAssessed,
        override_reason: None,
        stopped: false,
        samples: members.iter().filter_map(sample).collect(),
        sexes: Vec::new(),
        pairs: Vec::new(),
        families: Vec::new(),
        tumour: tumour(case, members, limits),
        tumour_in_normal: data.tumour_in_normal.as_ref().map(|(found, _)| *found),
        suspicions: Vec::new(),
    };
    // Lost and gained alleles of a tumour mislead kinship; tumour and normal have a comparison of their own.
    let mut shown: Vec<Sex> = members.iter().map(|data| data.shown).collect();
    if !case.kind.is_cancer() {
        let people = people(case, members);
        let bits: Vec<GenotypeBits> = members.iter().map(|member| member.bits.clone()).collect();
        let checks = family::check(&people, &bits, limits);
        (found.pairs, found.families) = (checks.pairs, checks.families);
        (found.suspicions, shown) = (checks.suspicions, checks.sexes);
    }
    let each = members.iter().zip(shown);
    found.sexes = each.filter_map(|(data, shown)| sex(case, data, shown)).collect();
    if case.kind.is_cancer() {
        found.suspicions.extend(found.sexes.iter().filter_map(|sex| other_sex(case, *sex)));
    }
    found.suspicions.extend(members.iter().filter_map(|data| contaminated(case, data)));
    found.suspicions.extend(data.tumour_in_normal.as_ref().and_then(|tin| in_normal(case, tin)));
    found.suspicions.extend(found.tumour.as_ref().and_then(of_tumour));
    found.suspicions.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.outcome));
    found.outcome = worst(&found);
    found
}

/// The worst outcome; what was only reported does not count.
fn worst(found: &CaseIdentity) -> Outcome {
    let outcomes = found.samples.iter().map(|sample| sample.outcome);
    outcomes
        .chain(found.pairs.iter().map(|pair| pair.outcome))
        .chain(found.families.iter().map(|family| family.outcome))
        .chain(found.tumour.iter().map(|tumour| tumour.outcome))
        .chain(found.suspicions.iter().map(|suspicion| suspicion.outcome))
        .filter(|outcome| *outcome != Outcome::Reported)
        .max()
        .unwrap_or(Outcome::NotAssessed)
}

fn sample(data: &MemberData<'_>) -> Option<MemberIdentity> {
    let Judged { limits, outcome } = data.judged.clone();
    let (member, identity) = (data.member.0 + 1, data.identity?.clone());
    Some(MemberIdentity { member, identity, limits, outcome })
}

fn sex(case: &Case, data: &MemberData<'_>, shown: Sex) -> Option<SexIdentity> {
    let member = case.family.get(data.member);
    let found = SexIdentity::of(data.member.0 + 1, [member.sex, shown], data.coverage);
    (member.role != Role::Tumour).then_some(found)
}

/// A sentence about a normal sample whose sex is not the patient's: tumour and normal may both be another person's.
fn other_sex(case: &Case, sex: SexIdentity) -> Option<Suspicion> {
    let shown = if sex.shown == Sex::Male { "male" } else { "female" };
    is_bad(sex.outcome).then(|| Suspicion {
        outcome: sex.outcome,
        members: vec![sex.member],
        text: format!("the sample of {} looks {shown}", label(case, MemberId(sex.member - 1))),
    })
}

/// Contamination of a tumour, given the normal sample and what that says about itself.
pub fn tumour_contamination(
    tumour: &Sketch,
    (normal, of_normal): (&Sketch, &SampleIdentity),
    limits: &IdentityLimits,
) -> Estimate {
    let ancestry = of_normal.contamination.as_ref().map(|found| &found.ancestry);
    let components = normal.sites.ancestry.as_ref().map_or(0, |model| model.components);
    let ancestry = ancestry.filter(|found| found.len() == components).cloned();
    let ancestry = ancestry.unwrap_or_else(|| vec![0.0; components]);
    contamination::of_tumour(tumour, normal, &ancestry, &limits.contamination)
}

fn tumour(
    case: &Case,
    members: &[MemberData<'_>],
    limits: &IdentityLimits,
) -> Option<TumourIdentity> {
    let of = |role| members.iter().find(|member| case.family.get(member.member).role == role);
    let (tumour, normal) = (of(Role::Tumour)?, of(Role::Normal)?);
    let (concordance, homozygous) =
        concordance::concordance(tumour.sketch?, normal.sketch?, limits);
    Some(TumourIdentity {
        tumour: tumour.member.0 + 1,
        normal: normal.member.0 + 1,
        concordance,
        homozygous_concordance: homozygous,
        outcome: concordance::outcome(&homozygous, &limits.concordance),
    })
}

/// Members as people of a pedigree, named by role: those with a sample first, in the order of `members`, then the others,
/// through whom people may be related.
fn people(case: &Case, members: &[MemberData<'_>]) -> Vec<Person> {
    let mut order: Vec<(MemberId, (Sex, bool))> =
        members.iter().map(|data| (data.member, (data.shown, data.sex_in_doubt))).collect();
    let others = case.family.iter().map(|(id, _)| id);
    let others: Vec<MemberId> =
        others.filter(|id| members.iter().all(|data| data.member != *id)).collect();
    order.extend(others.into_iter().map(|id| (id, (Sex::Unknown, false))));
    let place = |wanted: Option<MemberId>| order.iter().position(|(id, _)| Some(*id) == wanted);
    let person = |&(id, (shown, sex_in_doubt)): &(MemberId, (Sex, bool))| {
        let member = case.family.get(id);
        Person {
            number: id.0 + 1,
            label: label(case, id),
            key: member.id.clone(),
            family: String::new(),
            father: place(member.father),
            mother: place(member.mother),
            sex: member.sex,
            identical_twins: member.identical_twins.clone(),
            shown,
            sex_in_doubt,
        }
    };
    order.iter().map(person).collect()
}

/// The role, with the number when several members have it.
fn label(case: &Case, id: MemberId) -> String {
    let role = case.family.get(id).role;
    let several = case.family.iter().filter(|(_, member)| member.role == role).count() > 1;
    if several { case.shown(id) } else { role_word(role).to_owned() }
}

fn is_bad(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Warn | Outcome::Fail)
}

fn percent(found: Option<&Estimate>) -> f64 {
    found.and_then(Estimate::measured).map_or(0.0, |share| 100.0 * share.value)
}

/// A sentence about a sample with too many reads of another person.
fn contaminated(case: &Case, data: &MemberData<'_>) -> Option<Suspicion> {
    let (share, label) = (percent(data.identity?.decisive()), label(case, data.member));
    is_bad(data.judged.outcome).then(|| Suspicion {
        outcome: data.judged.outcome,
        members: vec![data.member.0 + 1],
        text: format!("{share:.1} % of the reads of {label} come from another person"),
    })
}

/// A sentence about a normal sample with tumour cells.
fn in_normal(case: &Case, (found, judged): &(Estimate, Judged)) -> Option<Suspicion> {
    let (normal, _) = case.family.iter().find(|(_, member)| member.role == Role::Normal)?;
    let share = percent(Some(found));
    is_bad(judged.outcome).then(|| Suspicion {
        outcome: judged.outcome,
        members: vec![normal.0 + 1],
        text: format!("{share:.1} % of the reads of the normal sample show the tumour's variants"),
    })
}

/// A sentence about a tumour and a normal sample that do not agree.
fn of_tumour(tumour: &TumourIdentity) -> Option<Suspicion> {
    let share = 100.0 * tumour.homozygous_concordance.share()?;
    is_bad(tumour.outcome).then(|| Suspicion {
        outcome: tumour.outcome,
        members: vec![tumour.tumour, tumour.normal],
        text: format!(
            "tumour and normal agree at {share:.1} % of the homozygous sites: they may not be one person"
        ),
    })
}

/// The identity of a member's sample in a checked case.
pub fn of_member(found: &CaseIdentity, member: MemberId) -> Option<&SampleIdentity> {
    let of = found.samples.iter().find(|sample| sample.member == member.0 + 1);
    of.map(|sample| &sample.identity)
}
