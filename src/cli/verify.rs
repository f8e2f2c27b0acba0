//! `tierline verify`: whether an output folder is as it was written.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::io::text;
use crate::model::problem::{Problem, ProblemKind, Problems};
use crate::model::results::RunRecord;
use crate::report::manifest::{self, FILE};

/// The record of a run; of a command without a case with its name before it.
const RECORD: &str = "run.json";

/// Check an output folder against its manifest.
///
/// Every file is read again and compared with `manifest.sha256` of a case, and `NAME.manifest.sha256` of `qc`, `identity` and
/// `signatures`; files that are missing, changed or not listed are told, and
/// the exit code is 65. `status.jsonl` may grow.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Output folder of `run`, `tier`, `qc`, `identity` or `signatures`.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// Runs it.
///
/// # Errors
///
/// A folder without a manifest, and everything that differs.
pub fn run(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    let folder = &args.folder;
    let manifests = manifest::names(folder);
    if manifests.is_empty() {
        let problem = Problem::new(ProblemKind::MissingInput, "no manifest")
            .in_file(folder.join(FILE).display());
        let help = "give a folder that a whole `run`, `tier`, `qc` or `identity` wrote; an unfinished one has no manifest";
        return Err(problem.help(help).into());
    }
    let found = manifest::compare(folder, &manifests)?;
    let mut problems = Problems::default();
    for (names, what) in [
        (&found.missing, "missing"),
        (&found.changed, "changed since it was written"),
        (&found.extra, "not of this run"),
    ] {
        for name in names {
            problems.0.push(Problem::bad_data(what).in_file(folder.join(name).display()));
        }
    }
    problems.into_result()?;
    let mut shown = String::from("ok\n");
    let _ = writeln!(shown, "files\t{}", found.intact);
    for name in &manifests {
        let own = name.strip_suffix(FILE).unwrap_or_default();
        record(&mut shown, &folder.join(format!("{own}{RECORD}")))?;
    }
    std::io::stdout().lock().write_all(shown.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Adds what the record of a run says of itself.
fn record(shown: &mut String, path: &Path) -> Result<(), Problem> {
    let record = text::read(path)?;
    let run: RunRecord = serde_json::from_str(&record.text)
        .map_err(|_| Problem::bad_data("not a record of a run").in_file(path.display()))?;
    let _ = writeln!(shown, "run\t{}\t{}\t{}", run.run, run.started, run.ended);
    let _ = writeln!(shown, "program\t{} {}", run.tool.name, run.tool.version);
    let _ = writeln!(shown, "policy\t{}", run.policy_digest);
    Ok(())
}
