//! `tierline status`: where cases stand, from the events in their output folders.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::exec;
use crate::io::append;
use crate::model::problem::{Problem, Problems};
use crate::report::status::{self, Asked, FILE, Standing};

/// Show where cases stand.
///
/// Reads `status.jsonl` of output folders, which `run`, `tier`, `qc`, `identity` and `signatures` add events to. States are those of a FHIR Task, reasons
/// those of Genomics England's SampleState.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Output folders.
    #[arg(value_name = "DIR", required = true)]
    pub folders: Vec<PathBuf>,
    /// table for people, json for programs, fhir-task for a Bundle of FHIR R4 Tasks.
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Prints events as they come, until every run has ended.
    #[arg(long, conflicts_with = "format")]
    pub follow: bool,
    /// The order that a folder's Task is about, DIR=ServiceRequest/ID. May be given several times.
    #[arg(long, value_name = "DIR=REFERENCE")]
    pub order: Vec<String>,
    /// The order of a folder's Task after the North West GMSA's draft, DIR=FILE; the file is that of `report --fhir-order`.
    #[arg(long, value_name = "DIR=FILE")]
    pub fhir_order: Vec<String>,
}

/// How to show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For programs.
    Json,
    /// FHIR R4.
    FhirTask,
}

/// Time between two looks, long against a write and short for a person.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs it.
///
/// # Errors
///
/// A folder without a status file, all of them together.
pub fn run(args: &StatusArgs) -> anyhow::Result<ExitCode> {
    if args.follow {
        return follow(&args.folders);
    }
    let mut problems = Problems::default();
    let mut standings = Vec::new();
    for folder in &args.folders {
        let lines = problems.collect(lines(folder, 0));
        if let Some((lines, _)) = lines {
            standings.push(Standing::of(&folder.display().to_string(), &lines));
        }
    }
    let asked = asked(args)?;
    problems.into_result()?;
    for standing in standings.iter().filter(|standing| standing.unreadable > 0) {
        log::warn!("{}: {} lines are no events", standing.folder, standing.unreadable);
    }
    let text = match args.format {
        Format::Table => status::table(&standings),
        Format::Json => format!("{:#}\n", status::json(&standings)),
        Format::FhirTask => format!("{:#}\n", status::fhir(&standings, &asked)),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn lines(folder: &Path, from: u64) -> Result<(Vec<String>, u64), Problem> {
    append::lines_from(&folder.join(FILE), from).map_err(|problem| {
        problem.help("give folders that `run`, `tier`, `qc`, `identity` or `signatures` wrote into")
    })
}

/// What is told of each folder.
fn asked(args: &StatusArgs) -> anyhow::Result<Vec<Asked>> {
    let mut asked = vec![Asked::default(); args.folders.len()];
    // A folder's name may hold the sign too.
    let placed = |text: &str| {
        text.match_indices('=').find_map(|(end, _)| {
            let at = args.folders.iter().position(|own| own == Path::new(&text[..end]))?;
            Some((at, text[end + 1..].to_owned()))
        })
    };
    for text in &args.order {
        let Some((at, order)) = placed(text).filter(|(_, order)| order.contains('/')) else {
            let message = "--order takes DIR=ServiceRequest/ID of one of the folders";
            return Err(Problem::usage(message).into());
        };
        asked[at].request = Some(order);
    }
    for text in &args.fhir_order {
        let Some((at, file)) = placed(text) else {
            let message = "--fhir-order takes DIR=FILE of one of the folders";
            return Err(Problem::usage(message).into());
        };
        asked[at].order = Some(super::report::read_order(Path::new(&file))?);
    }
    Ok(asked)
}

fn follow(folders: &[PathBuf]) -> anyhow::Result<ExitCode> {
    let mut read: Vec<(Vec<String>, u64)> = vec![(Vec::new(), 0); folders.len()];
    let mut told = false;
    loop {
        let mut is_over = true;
        for (folder, (known, end)) in folders.iter().zip(&mut read) {
            let (more, next) = match lines(folder, *end) {
                Ok(found) => found,
                // A run that has not begun has no file yet, and one whose file was put aside has none for a while.
                Err(_) if matches!(folder.join(FILE).try_exists(), Ok(false)) => {
                    if !std::mem::replace(&mut told, true) {
                        log::warn!("{}: no events yet, waiting", folder.display());
                    }
                    is_over = false;
                    continue;
                }
                Err(problem) => return Err(problem.into()),
            };
            *end = next;
            let mut out = std::io::stdout().lock();
            for event in &status::read(&more).0 {
                out.write_all(status::line(&folder.display().to_string(), event).as_bytes())?;
            }
            out.flush()?;
            known.extend(more);
            is_over &= Standing::of("", known).is_over();
        }
        if is_over {
            return Ok(ExitCode::SUCCESS);
        }
        exec::pause(PAUSE);
    }
}
