//! `tierline report`: renders the reports again from `results.json`.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::io::text;
use crate::report;

/// Renders the reports of a case again from its results.json.
///
/// Writes tiers.tsv, candidates.vcf.gz (with its index), report.html, interpreted_genome.json and results.json. The
/// same results give the same bytes. run.json is the record of a run and is not written again.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The results of a case.
    #[arg(value_name = "results.json")]
    pub results: PathBuf,
    /// Folder for the reports; made when missing. Files of the same names are replaced.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Only these formats, comma-separated.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',',
          value_parser = clap::builder::PossibleValuesParser::new(formats()))]
    pub only: Vec<String>,
}

/// Formats that results alone suffice for.
fn formats() -> Vec<&'static str> {
    report::ids().into_iter().filter(|id| *id != "run").collect()
}

/// Runs the subcommand: prints the names of the files written.
///
/// # Errors
///
/// When the results cannot be read or the reports cannot be written.
pub fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let read = text::read(&args.results)?;
    let results =
        report::read(&read.text).map_err(|problem| problem.in_file(args.results.display()))?;
    let names = report::write_all(&results, None, &args.only, &args.output)?;
    let mut out = std::io::stdout().lock();
    for name in names {
        writeln!(out, "{}", args.output.join(name).display())?;
    }
    Ok(ExitCode::SUCCESS)
}
