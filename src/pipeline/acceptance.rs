//! Which acceptance limits the alignments of a case are compared with, and the comparison.

use crate::model::problem::Problem;
use crate::model::qc::SampleQc;
use crate::model::sample::Role;
use crate::model::verdict::{Outcome, Verdict};
use crate::policy::acceptance::{AcceptanceSet, Samples, of_preset};
use crate::policy::layers::Resolved;
use crate::qc::verdict::assess;

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
    germline: Option<AcceptanceSet>,
    tumour: Option<AcceptanceSet>,
}

/// The limits for a case under a policy.
///
/// # Errors
///
/// None for the sets that ship with the program.
pub(super) fn of_case(policy: &Resolved, accept: &Accept) -> Result<Limits, Problem> {
    Ok(match accept {
        Accept::OfPreset => Limits {
            germline: of_preset(&policy.preset, Samples::Germline)?,
            tumour: of_preset(&policy.preset, Samples::Tumour)?,
        },
        Accept::Set(set) => {
            Limits { germline: Some((**set).clone()), tumour: Some((**set).clone()) }
        }
        Accept::Nothing => Limits::default(),
    })
}

impl Limits {
    /// Gives an alignment its verdict, when there are limits for it, and logs it. Alignments are told by number, since names
    /// do not belong in logs.
    pub(super) fn judge(&self, number: usize, role: Role, qc: &mut SampleQc) {
        let set = if role == Role::Tumour { &self.tumour } else { &self.germline };
        let Some(set) = set else { return };
        let verdict = assess(set, qc, false);
        tell(number, &verdict);
        qc.verdict = Some(verdict);
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
