//! Tells where a run stands: events added to `status.jsonl` in the output folder. The file is never cleared: it is the
//! history of all runs into that folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::io::{append, sink};
use crate::model::identity::CaseIdentity;
use crate::model::problem::{Problem, ProblemKind, Problems};
use crate::model::results::{CaseResults, Tool};
use crate::model::sample::Role;
use crate::model::status::{STATUS_VERSION, StateReason, StatusEvent, Step, TaskState};
use crate::model::verdict::Outcome;
use crate::report::status::FILE;

use super::provenance;

/// The events of one run.
#[derive(Clone, Debug)]
pub struct Status {
    path: PathBuf,
    /// Id of the run.
    pub(super) run: String,
    policy: Option<String>,
}

impl Status {
    /// Of a run that began then, into this folder, under a policy of this digest; nothing is written yet.
    pub(super) fn new(folder: &Path, policy: Option<&str>, started: SystemTime) -> Self {
        Self {
            path: folder.join(FILE),
            run: provenance::run_id(started),
            policy: policy.map(str::to_owned),
        }
    }

    /// The whole case, or a step of it, came into a state.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn tell(
        &self,
        step: Step,
        state: TaskState,
        counts: &[(&str, u64)],
    ) -> Result<(), Problem> {
        self.add(&StatusEvent { counts: counted(counts), ..self.event(step, state) })
    }

    /// The inputs fit each other: so many variant files and alignments.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn tell_inputs(&self, variants: usize, alignments: usize) -> Result<(), Problem> {
        let counts = [("variant files", variants as u64), ("alignments", alignments as u64)];
        self.tell(Step::Inputs, TaskState::Accepted, &counts)
    }

    /// So many variants passed the filters.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn tell_kept(&self, kept: usize) -> Result<(), Problem> {
        self.tell(Step::Variants, TaskState::Completed, &[("kept", kept as u64)])
    }

    /// As [`Status::tell`], of one member, with the reason.
    fn tell_member(
        &self,
        (step, state): (Step, TaskState),
        (number, role): (u16, Role),
        reason: StateReason,
    ) -> Result<(), Problem> {
        let event = self.event(step, state);
        let (member, role, reason) = (Some(number), Some(role), Some(reason));
        self.add(&StatusEvent { reason, member, role, ..event })
    }

    /// As [`Status::tell`], of the file of this number (1-based) of a command without a case.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn tell_number(
        &self,
        step: Step,
        state: TaskState,
        number: u16,
    ) -> Result<(), Problem> {
        self.add(&StatusEvent { member: Some(number), ..self.event(step, state) })
    }

    fn event(&self, step: Step, state: TaskState) -> StatusEvent {
        StatusEvent {
            schema_version: STATUS_VERSION.into(),
            time: provenance::utc_milliseconds(provenance::now()),
            run: self.run.clone(),
            step,
            state,
            reason: None,
            member: None,
            role: None,
            counts: BTreeMap::new(),
            tool: Tool::this(),
            policy_digest: self.policy.clone(),
        }
    }

    fn add(&self, event: &StatusEvent) -> Result<(), Problem> {
        let line = serde_json::to_string(event).map_err(|e| {
            Problem::new(ProblemKind::Internal, format!("cannot write an event: {e}"))
        })?;
        append::line(&self.path, &line)
    }

    /// What the quality of every alignment and the identity checks say.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn tell_checks(&self, results: &CaseResults) -> Result<(), Problem> {
        for own in &results.qc {
            let Some(verdict) = &own.verdict else { continue };
            let state = match verdict.outcome {
                Outcome::Fail => TaskState::Failed,
                Outcome::NotAssessed => TaskState::OnHold,
                Outcome::Pass | Outcome::Warn | Outcome::Reported => TaskState::Completed,
            };
            let failed = verdict.checks.iter().find(|check| check.outcome == Outcome::Fail);
            let reason = match failed {
                Some(check) => StateReason::of_check(&check.id),
                None if state == TaskState::Completed => StateReason::PassQc,
                None => StateReason::Other,
            };
            let role = results.member(own.member).map_or(Role::Relative, |member| member.role);
            self.tell_member((Step::Reads, state), (own.member, role), reason)?;
        }
        let Some(identity) = &results.identity else { return Ok(()) };
        let failed = identity.outcome == Outcome::Fail;
        let state = if failed { TaskState::Failed } else { TaskState::Completed };
        let reason = failed.then(|| why(identity));
        let suspicions = identity.suspicions.len() as u64;
        let event = self.event(Step::Identity, state);
        self.add(&StatusEvent { reason, counts: counted(&[("suspicions", suspicions)]), ..event })
    }

    /// The end of the run.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub(super) fn end(&self, results: &CaseResults) -> Result<(), Problem> {
        let stopped = results.identity.as_ref().filter(|identity| identity.stopped);
        if let Some(identity) = stopped {
            let reason = Some(why(identity));
            return self.add(&StatusEvent { reason, ..self.event(Step::Case, TaskState::OnHold) });
        }
        let counts = [("reported", results.candidates.len() as u64)];
        self.tell(Step::Case, TaskState::Completed, &counts)
    }

    /// The run ended with faults. That the file cannot be written either is no news then.
    pub(super) fn fail(&self, state: TaskState, problems: &Problems) {
        let told = self.tell(Step::Case, state, &[("problems", problems.0.len() as u64)]);
        if told.is_err() {
            log::warn!("{FILE} cannot be written");
        }
    }
}

/// A case document that could not be read: the folder is made for the event that says so. Nothing is written where the
/// command itself is wrong, or the folder cannot be made.
pub fn rejected(folder: &Path, problems: &Problems) {
    let is_of_data = |problem: &Problem| {
        matches!(problem.kind, ProblemKind::BadData | ProblemKind::MissingInput)
    };
    if !problems.0.first().is_some_and(is_of_data) || sink::make_folder(folder).is_err() {
        return;
    }
    Status::new(folder, None, provenance::now()).fail(TaskState::Rejected, problems);
}

fn counted(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(what, count)| ((*what).to_owned(), *count)).collect()
}

/// What failed, in the order in which it spoils the rest.
fn why(identity: &CaseIdentity) -> StateReason {
    let fails = |outcome: Outcome| outcome == Outcome::Fail;
    if identity.samples.iter().any(|own| fails(own.outcome)) {
        StateReason::Contamination
    } else if identity.sexes.iter().any(|sex| fails(sex.outcome)) {
        StateReason::SexQuery
    } else if identity.pairs.iter().any(|pair| fails(pair.outcome)) {
        StateReason::PedigreeIbdSharing
    } else if identity.families.iter().any(|family| fails(family.outcome)) {
        StateReason::PedigreeMendelianErrors
    } else {
        StateReason::Other
    }
}
