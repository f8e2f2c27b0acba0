//! `run.json`: versions, digests of inputs and outputs, the resolved policy, times, threads. The one report that differs
//! between two runs of the same case.

use crate::model::problem::Problem;
use crate::model::results::RunRecord;

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
