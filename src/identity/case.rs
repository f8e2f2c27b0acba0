//! All identity checks of a case together.

use super::relatedness::bits::GenotypeBits;
use super::relatedness::family;
use super::relatedness::pedigree::Person;
use super::{concordance, contamination, sample};
use crate::case::{Case, role_word};
use crate::model::identity::{
    CaseIdentity, Estimate, LimitsUsed, MemberIdentity, SampleIdentity, Suspicion, TumourIdentity,
};
use crate::model::problem::Problem;
use crate::model::sample::{MemberId, Role, Sex};
use crate::model::sketch::Sketch;
use crate::model::verdict::Outcome;
use crate::policy::acceptance;
use crate::policy::identity::IdentityLimits;

/// What there is of one member.
#[derive(Clone, Debug)]
pub struct MemberData<'a> {
    /// Who.
    pub member: MemberId,
    /// The sample at known sites, when there is such a sketch.
    pub sketch: Option<&'a Sketch>,
    /// Genotypes at the sites that all members share.
    pub bits: GenotypeBits,
    /// Sex that the sample shows, when something told it.
    pub shown: Sex,
}

/// Sets whose limits of contamination apply: to tumours, and to everybody else.
const SETS: [&str; 2] = ["gel-tumour", "gel-germline"];

/// Checks a case. `sites` says for people what was compared.
///
/// # Errors
///
/// None in practice: the sets of limits that ship with the program are read.
pub fn check(
    case: &Case,
    members: &[MemberData<'_>],
    sites: &str,
    limits: &IdentityLimits,
) -> Result<CaseIdentity, Problem> {
    let mut found = CaseIdentity {
        limits: LimitsUsed { id: limits.id.clone(), version: limits.version.clone() },
        sites: sites.to_owned(),
        outcome: Outcome::NotAssessed,
        override_reason: None,
        stopped: false,
        samples: samples(case, members, limits)?,
        pairs: Vec::new(),
        families: Vec::new(),
        tumour: tumour(case, members, limits),
        tumour_in_normal: None,
        suspicions: Vec::new(),
    };
    // Lost and gained alleles of a tumour mislead kinship; tumour and normal have a comparison of their own.
    if !case.kind.is_cancer() {
        let people = people(case, members);
        let bits: Vec<GenotypeBits> = members.iter().map(|member| member.bits.clone()).collect();
        let checks = family::check(&people, &bits, limits);
        (found.pairs, found.families) = (checks.pairs, checks.families);
        found.suspicions = checks.suspicions;
    }
    found.suspicions.extend(of_samples(case, &found));
    found.suspicions.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.outcome));
    found.outcome = worst(&found);
    Ok(found)
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

fn samples(
    case: &Case,
    members: &[MemberData<'_>],
    limits: &IdentityLimits,
) -> Result<Vec<MemberIdentity>, Problem> {
    let sets = [acceptance::set(SETS[0])?, acceptance::set(SETS[1])?];
    let normal = members.iter().find(|m| case.family.get(m.member).role == Role::Normal);
    let mut all = Vec::new();
    for member in members {
        let Some(sketch) = member.sketch else { continue };
        let is_tumour = case.family.get(member.member).role == Role::Tumour;
        let mut identity = sample::identity(sketch, limits);
        if is_tumour && let Some(normal) = normal.and_then(|normal| normal.sketch) {
            identity.tumour_contamination = Some(of_tumour(sketch, normal, limits));
        }
        let outcome = sample::contamination_outcome(&identity, &sets[usize::from(!is_tumour)]);
        all.push(MemberIdentity { member: member.member.0 + 1, identity, outcome });
    }
    Ok(all)
}

fn of_tumour(tumour: &Sketch, normal: &Sketch, limits: &IdentityLimits) -> Estimate {
    let limits = &limits.contamination;
    let ancestry = contamination::freemix(normal, limits).map(|found| found.ancestry);
    let components = normal.sites.ancestry.as_ref().map_or(0, |model| model.components);
    let ancestry = ancestry.filter(|found| found.len() == components);
    contamination::of_tumour(tumour, normal, &ancestry.unwrap_or(vec![0.0; components]), limits)
}

fn tumour(
    case: &Case,
    members: &[MemberData<'_>],
    limits: &IdentityLimits,
) -> Option<TumourIdentity> {
    let of = |role| members.iter().find(|member| case.family.get(member.member).role == role);
    let (tumour, normal) = (of(Role::Tumour)?, of(Role::Normal)?);
    let (concordance, homozygous) =
        concordance::concordance(tumour.sketch?, normal.sketch?, limits)?;
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
    let mut order: Vec<(MemberId, Sex)> =
        members.iter().map(|data| (data.member, data.shown)).collect();
    let others = case.family.iter().map(|(id, _)| id);
    let others: Vec<MemberId> =
        others.filter(|id| members.iter().all(|data| data.member != *id)).collect();
    order.extend(others.into_iter().map(|id| (id, Sex::Unknown)));
    let place = |wanted: Option<MemberId>| order.iter().position(|(id, _)| Some(*id) == wanted);
    let person = |&(id, shown): &(MemberId, Sex)| {
        let member = case.family.get(id);
        Person {
            number: id.0 + 1,
            label: label(case, id),
            key: member.id.clone(),
            family: String::new(),
            father: place(member.father),
            mother: place(member.mother),
            sex: member.sex,
            shown,
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

/// Sentences about contamination and about tumour and normal.
fn of_samples(case: &Case, found: &CaseIdentity) -> Vec<Suspicion> {
    let is_bad = |outcome: Outcome| matches!(outcome, Outcome::Warn | Outcome::Fail);
    let mut all = Vec::new();
    for sample in found.samples.iter().filter(|sample| is_bad(sample.outcome)) {
        let share = sample.identity.decisive().and_then(Estimate::measured);
        let percent = share.map_or(0.0, |share| 100.0 * share.value);
        let label = label(case, MemberId(sample.member - 1));
        all.push(Suspicion {
            outcome: sample.outcome,
            members: vec![sample.member],
            text: format!("{percent:.1} % of the reads of {label} come from another person"),
        });
    }
    for tumour in found.tumour.iter().filter(|tumour| is_bad(tumour.outcome)) {
        let share = tumour.homozygous_concordance.share().unwrap_or(0.0);
        all.push(Suspicion {
            outcome: tumour.outcome,
            members: vec![tumour.tumour, tumour.normal],
            text: format!(
                "tumour and normal agree at {:.1} % of the homozygous sites: they may not be one person",
                100.0 * share
            ),
        });
    }
    all
}

/// The identity of a member's sample in a checked case.
pub fn of_member(found: &CaseIdentity, member: MemberId) -> Option<&SampleIdentity> {
    let of = found.samples.iter().find(|sample| sample.member == member.0 + 1);
    of.map(|sample| &sample.identity)
}
