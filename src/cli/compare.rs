//! `tierline compare`: two results of one case.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::io::{sink, text};
use crate::model::problem::{Problem, Problems};
use crate::report::compare::{self, Given};

/// Tell what moved between two results of one case, why, and what a scientist should look at.
///
/// Prints a text for people. A cause is something that the two records differ in, of the variant, of its gene on the panels
/// or of the runs; those of the runs may have had a part. Where nothing differs, that is said.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The older results: results.json, or the folder that holds it.
    pub old: PathBuf,
    /// The newer results.
    pub new: PathBuf,
    /// Also write compare.json and compare.tsv into this folder; with a name that ends in .json or .tsv only that file.
    #[arg(short, long, value_name = "DIR|FILE")]
    pub output: Option<PathBuf>,
    /// Go on when relatives came, left or changed places; the proband must be the same.
    #[arg(long)]
    pub other_members: bool,
}

/// Runs it.
///
/// # Errors
///
/// When one of the two is no results file, or when they are of different cases.
pub fn run(args: &CompareArgs) -> anyhow::Result<ExitCode> {
    let mut problems = Problems::default();
    let old = problems.collect(given(&args.old));
    let new = problems.collect(given(&args.new));
    let (Some(old), Some(new)) = (old, new) else {
        problems.into_result()?;
        return Ok(ExitCode::FAILURE);
    };
    let comparison = compare::compare(&old, &new, args.other_members)?;
    if let Some(output) = &args.output {
        let (json, tsv) = (compare::json(&comparison)?, compare::tsv(&comparison));
        let inputs = [file_of(&args.old), file_of(&args.new)];
        let inputs = inputs.iter().map(PathBuf::as_path).collect::<Vec<_>>();
        match output.extension().and_then(|end| end.to_str()) {
            Some("json") => write(output, &json, &inputs)?,
            Some("tsv") => write(output, tsv.as_bytes(), &inputs)?,
            _ => {
                sink::make_folder(output)?;
                write(&output.join("compare.tsv"), tsv.as_bytes(), &inputs)?;
                write(&output.join("compare.json"), &json, &inputs)?;
            }
        }
    }
    std::io::stdout().lock().write_all(compare::table(&comparison).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8], inputs: &[&Path]) -> Result<(), Problem> {
    sink::spare_inputs(inputs.to_vec(), std::iter::once(path.to_owned()))?;
    sink::write_whole(path, bytes)
}

fn file_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("results.json") } else { path.to_owned() }
}

/// The results, with the record of their run when it lies beside them.
fn given(path: &Path) -> Result<Given, Problem> {
    let file = file_of(path);
    let results =
        crate::report::read(&text::read(&file)?.text).map_err(|p| p.in_file(file.display()))?;
    let beside = file.with_file_name("run.json");
    // Another run's record, or none: the results alone are compared then.
    let run = text::read(&beside).ok().and_then(|read| serde_json::from_str(&read.text).ok());
    Ok(Given { results, run })
}
