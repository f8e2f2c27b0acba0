//! `run.json`: versions, digests of inputs and outputs, the resolved policy, times, threads. The one report that differs
//! between two runs of the same case.

use std::path::Path;

use crate::io::text;
use crate::model::problem::Problem;
use crate::model::results::{CaseResults, RunRecord};

use super::{OutputFile, Rendered, Source, Writer, pretty};

/// Writes `run.json` of a run; nothing when reports are rendered again later.
#[derive(Debug)]
pub(super) struct Run;

const FILES: &[OutputFile] = &[OutputFile {
    name: "run.json",
    deterministic: false,
    doc: "when and how it was made: versions, digests of inputs and outputs, the resolved policy",
}];

impl Writer for Run {
    fn id(&self) -> &'static str {
        "run"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let Some(run) = source.run else { return Ok(Vec::new()) };
        let outputs = [run.outputs.as_slice(), source.outputs].concat();
        let record = RunRecord { outputs, ..run.clone() };
        Ok(vec![Rendered { name: FILES[0].name, bytes: pretty(&record)? }])
    }
}

/// The record in a folder, when it is of the run that made these results: the same inputs under the same rules.
pub fn beside(folder: &Path, results: &CaseResults) -> Option<RunRecord> {
    let record = text::read(&folder.join(FILES[0].name)).ok()?;
    let run: RunRecord = serde_json::from_str(&record.text).ok()?;
    let same =
        run.policy_digest == results.policy.digest && run.inputs == results.provenance.inputs;
    same.then_some(run)
}
