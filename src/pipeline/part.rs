//! Commands without a case tell where they stand and leave a record, as runs of a case do.

use std::path::PathBuf;
use std::time::SystemTime;

use crate::io::sink;
use crate::model::problem::{Problem, Problems};
use crate::model::results::{InputDigest, RunRecord, SCHEMA_VERSION, Tool};
use crate::model::status::{Step, TaskState};
use crate::model::verdict::Outcome;
use crate::model::written::WrittenFile;
use crate::report::{part, redact};

use super::provenance;
use super::rules::Rules;
use super::status::Status;

/// A command that works.
#[derive(Debug)]
pub struct Part {
    folder: PathBuf,
    rules: Rules,
    command: Vec<String>,
    threads: usize,
    started: SystemTime,
    status: Status,
}

impl Part {
    /// The command begins: its inputs were found good. Makes the folder, removes the records of earlier commands of these
    /// names, and tells it.
    ///
    /// # Errors
    ///
    /// When the folder cannot be written.
    pub fn begin(
        folder: PathBuf,
        names: &[String],
        rules: Rules,
        (command, threads): (Vec<String>, usize),
    ) -> Result<Self, Problem> {
        let started = provenance::now();
        sink::make_folder(&folder)?;
        let older = names.iter().flat_map(|name| part::ENDS.map(|end| format!("{name}{end}")));
        let older: Vec<PathBuf> = older.map(|name| folder.join(name)).collect();
        sink::remove(&older, &[])?;
        let status = Status::new(&folder, Some(&rules.mark.digest), started);
        status.tell(Step::Inputs, TaskState::Accepted, &[("results", names.len() as u64)])?;
        Ok(Self { folder, rules, command, threads, started, status })
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The alignment of this number (1-based) was read, with this verdict where there are limits.
    ///
    /// # Errors
    ///
    /// When the event cannot be written.
    pub fn tell_reads(&self, number: u16, outcome: Option<Outcome>) -> Result<(), Problem> {
        let state = match outcome {
            Some(Outcome::Fail) => TaskState::Failed,
            Some(Outcome::NotAssessed) => TaskState::OnHold,
            _ => TaskState::Completed,
        };
        self.status.tell_number(Step::Reads, state, number)
    }

    /// Samples were compared.
    ///
    /// # Errors
    ///
    /// When the event cannot be written.
    pub fn tell_identity(&self, outcome: Outcome, suspicions: usize) -> Result<(), Problem> {
        let failed = outcome == Outcome::Fail;
        let state = if failed { TaskState::Failed } else { TaskState::Completed };
        self.status.tell(Step::Identity, state, &[("suspicions", suspicions as u64)])
    }

    /// Writes record and manifest of a name: what went in, and which files came out (names below the folder; those that were
    /// not written are passed over); the digests of `written` are known. The command line in it is without folders and
    /// `identifiers`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or written.
    pub fn record(
        &self,
        name: &str,
        inputs: Vec<InputDigest>,
        (outputs, written): (Vec<String>, &[WrittenFile]),
        identifiers: &[&str],
    ) -> Result<(), Problem> {
        let record = RunRecord {
            schema_version: SCHEMA_VERSION.into(),
            run: self.status.run.clone(),
            tool: Tool::this(),
            started: provenance::utc(self.started),
            ended: provenance::utc(provenance::now()),
            threads: self.threads as u16,
            command: redact::command(&self.command, identifiers),
            policy: self.rules.values.clone(),
            policy_digest: self.rules.mark.digest.clone(),
            inputs,
            outputs: part::digests(&self.folder, outputs, written)?,
        };
        part::write(&self.folder, name, &record)
    }

    /// The command ended: tells it, and hands its answer on.
    ///
    /// # Errors
    ///
    /// Those of the work, or when the event cannot be written.
    pub fn end<T>(self, worked: Result<T, Problems>) -> Result<T, Problems> {
        match &worked {
            Ok(_) => self.status.tell(Step::Case, TaskState::Completed, &[])?,
            Err(problems) => self.status.fail(TaskState::Failed, problems),
        }
        worked
    }
}

/// An input that is read whole, with its digest; standard input has none.
///
/// # Errors
///
/// When it cannot be read any more.
pub fn input(role: &str, path: &std::path::Path) -> Result<InputDigest, Problem> {
    provenance::whole(role, path, None)
}
