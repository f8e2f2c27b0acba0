//! Which acceptance limits the alignments of a case are compared with, and the comparison.

use crate::identity::case::Judged;
use crate::model::identity::{Estimate, LimitsUsed, SampleIdentity};
use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::Role;
use crate::model::verdict::{Outcome, Verdict};
use crate::policy::acceptance::{self, AcceptanceSet, Samples, of_preset};
use crate::policy::layers::Resolved;
use crate::qc::verdict::{assess, contamination_outcome, tumour_in_normal_outcome};

/// Limits for the alignments of a case.
#[derive(Clone, Debug, Default)]
pub enum Accept {
    /// Those that belong to the policy's preset, if any.
    #[default]
    OfPreset,
    /// These, for every alignment.
    Set(Box<AcceptanceSet>),
    /// None: no verdicts.
    Nothing,
}

/// The sets of limits of one case.
#[derive(Clone, Debug, Default)]
pub(super) struct Limits {
    /// For verdicts.
    asked: BySample,
    /// Those that belong to the policy, or else the general ones: what no verdict limits they do.
    own: BySample,
}

/// One set for each kind of sample.
#[derive(Clone, Debug, Default)]
struct BySample {
    germline: Option<AcceptanceSet>,
    normal: Option<AcceptanceSet>,
    tumour: Option<AcceptanceSet>,
}

impl BySample {
    fn of(&self, role: Role) -> Option<&AcceptanceSet> {
        match role {
            Role::Tumour => self.tumour.as_ref(),
            Role::Normal => self.normal.as_ref(),
            _ => self.germline.as_ref(),
        }
    }
}

/// Sets for policies that have none of their own.
const GENERAL: [&str; 3] = ["gel-germline", "gel-normal", "gel-tumour"];

/// The limits for a case under a policy.
///
/// # Errors
///
/// None for the sets that ship with the program.
pub(super) fn of_case(policy: &Resolved, accept: &Accept) -> Result<Limits, Problem> {
    let kinds = [Samples::Germline, Samples::Normal, Samples::Tumour];
    let [mut germline, mut normal, mut tumour] = [const { None }; 3];
    for (kind, set) in kinds.into_iter().zip([&mut germline, &mut normal, &mut tumour]) {
        *set = of_preset(&policy.preset, kind)?;
    }
    let own = BySample { germline, normal, tumour };
    let asked = match accept {
        Accept::OfPreset => own.clone(),
        Accept::Set(set) => {
            let every = Some((**set).clone());
            BySample { germline: every.clone(), normal: every.clone(), tumour: every }
        }
        Accept::Nothing => BySample::default(),
    };
    let [germline, normal, tumour] = GENERAL.map(acceptance::set);
    let own = BySample {
        germline: own.germline.or(Some(germline?)),
        normal: own.normal.or(Some(normal?)),
        tumour: own.tumour.or(Some(tumour?)),
    };
    Ok(Limits { asked, own })
}

impl Limits {
    /// Gives an alignment its verdict, when there are limits for it, and logs it. Alignments are told by number, since names
    /// do not belong in logs.
    pub(super) fn judge(&self, number: usize, role: Role, qc: &mut SampleQc) {
        let Some(set) = self.asked.of(role) else { return };
        let verdict = assess(set, qc, false);
        tell(number, &verdict);
        qc.verdict = Some(verdict);
    }

    /// How a sample's contamination compares with the limits of its verdict; where that has none, with those that belong to
    /// the policy: a case is not tiered on another person's reads because nobody asked for a verdict.
    pub(super) fn contamination(&self, role: Role, identity: &SampleIdentity) -> Judged {
        self.first(role, |set| contamination_outcome(set, identity))
    }

    /// The same of tumour cells in a normal sample.
    pub(super) fn tumour_in_normal(&self, found: &Estimate) -> Judged {
        self.first(Role::Normal, |set| tumour_in_normal_outcome(set, found))
    }

    fn first(&self, role: Role, outcome: impl Fn(&AcceptanceSet) -> Option<Outcome>) -> Judged {
        let mut sets = [self.asked.of(role), self.own.of(role)].into_iter().flatten();
        let judged = |set: &AcceptanceSet| {
            let limits = LimitsUsed { id: set.id.clone(), version: set.version.clone() };
            Some(Judged { limits: Some(limits), outcome: outcome(set)? })
        };
        sets.find_map(judged).unwrap_or_default()
    }
}

/// Logs a verdict.
pub fn tell(number: usize, verdict: &Verdict) {
    for check in &verdict.checks {
        let line = format!("alignment {number}: {} {}", check.outcome.word(), check.message);
        match check.outcome {
            Outcome::Fail => log::error!("{line}"),
            Outcome::Warn | Outcome::NotAssessed => log::warn!("{line}"),
            Outcome::Pass | Outcome::Reported => log::info!("{line}"),
        }
    }
    log::info!("alignment {number}: {}", verdict.line());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::identity::{Contamination, GenotypeCounts, Measured};
    use crate::policy::layers::{Layers, resolve};

    fn limits(preset: &str, accept: &Accept) -> Limits {
        let layers = Layers { preset, ..Layers::default() };
        of_case(&resolve(layers).unwrap(), accept).unwrap()
    }

    /// A sample with 2 % of another person's reads, or a tumour with so many.
    fn sample(is_tumour: bool) -> SampleIdentity {
        let measured = Measured { value: 0.02, low: 0.0, high: 0.1, sites: 9_000, reads: 1 };
        let estimate = Estimate::Measured(measured);
        SampleIdentity {
            site_list: String::new(),
            contamination: Some(Contamination {
                as_stated: None,
                estimate,
                mean_depth: 30.0,
                log_likelihood: None,
                ancestry: Vec::new(),
            }),
            charr: Estimate::NotAssessed,
            tumour_contamination: is_tumour.then_some(estimate),
            tumour_in_normal: None,
            genotypes: GenotypeCounts::default(),
        }
    }

    #[test]
    fn what_stops_a_case_belongs_to_its_policy_and_is_in_its_verdict() {
        let cases = [
            ("gms-rd", Role::Proband, "gel-germline", Outcome::Pass),
            ("newborn", Role::Proband, "gel-newborn", Outcome::Fail),
            ("gms-cancer", Role::Normal, "gel-normal", Outcome::Pass),
            ("gms-cancer", Role::Tumour, "gel-tumour", Outcome::Warn),
        ];
        for (preset, role, set, outcome) in cases {
            let limits = limits(preset, &Accept::OfPreset);
            let identity = sample(role == Role::Tumour);
            let judged = limits.contamination(role, &identity);
            assert_eq!(judged.limits.unwrap().id, set);
            assert_eq!(judged.outcome, outcome, "{preset}");
            let mut qc = SampleQc { identity: Some(identity), ..SampleQc::default() };
            limits.judge(1, role, &mut qc);
            let checks = qc.verdict.unwrap().checks.into_iter();
            let of_set = checks.filter(|check| check.id.starts_with("contamination"));
            assert_eq!(of_set.map(|check| check.outcome).max(), Some(outcome), "{preset}");
        }
    }

    #[test]
    fn without_limits_in_the_verdict_those_of_the_policy_still_stop() {
        let ga4gh = Accept::Set(Box::new(acceptance::set("ga4gh-wgs").unwrap()));
        for accept in [ga4gh, Accept::Nothing] {
            let judged = limits("newborn", &accept).contamination(Role::Proband, &sample(false));
            assert_eq!(judged.limits.unwrap().id, "gel-newborn");
            assert_eq!(judged.outcome, Outcome::Fail);
        }
        let germline = Accept::Set(Box::new(acceptance::set("gel-germline").unwrap()));
        let judged = limits("newborn", &germline).contamination(Role::Proband, &sample(false));
        assert_eq!(
            (judged.limits.unwrap().id.as_str(), judged.outcome),
            ("gel-germline", Outcome::Pass)
        );
    }
}
