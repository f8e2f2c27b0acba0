//! `tierline verify`: whether an output folder is as it was written.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::io::text;
use crate::model::problem::{Problem, Problems};
use crate::model::results::RunRecord;
use crate::report::manifest::{self, FILE};

/// Check an output folder against its manifest.
///
/// Every file is read again and compared with `manifest.sha256`; files that are missing, changed or not listed are told, and
/// the exit code is 65. `status.jsonl` may grow.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Output folder of `run` or `tier`.
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
    let path = folder.join(FILE);
    let listed = text::read(&path).map_err(|problem| {
        problem.help(
            "give a folder that a whole `run` or `tier` wrote; an unfinished one has no manifest",
        )
    })?;
    let found = manifest::compare(folder, &listed.text)?;
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
    let record = text::read(&folder.join("run.json"))?;
    let run: RunRecord = serde_json::from_str(&record.text)
        .map_err(|_| Problem::bad_data("not a record of a run").in_file("run.json"))?;
    let mut shown = String::from("ok\n");
    let _ = writeln!(shown, "files\t{}", found.intact);
    let _ = writeln!(shown, "run\t{}\t{}\t{}", run.run, run.started, run.ended);
    let _ = writeln!(shown, "program\t{} {}", run.tool.name, run.tool.version);
    let _ = writeln!(shown, "policy\t{}", run.policy_digest);
    std::io::stdout().lock().write_all(shown.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
