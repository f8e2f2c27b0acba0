//! `tierline report`: renders the reports again from `results.json`; an index of many cases.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::io::{sink, text};
use crate::model::problem::{Problem, Problems};
use crate::model::results::CaseResults;
use crate::report::{self, FhirOrder, GelOptions, GelVersion, Wanted};

/// Renders the reports of a case again from its results.json, or an index page of many cases.
///
/// Writes every format that the results suffice for. The same results give the same bytes. run.json is the record of a run
/// and is not written again; in the folder of that run manifest.sha256 gets the new sums.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The results of a case: results.json or the folder that holds it. Several with --index.
    #[arg(value_name = "results.json|DIR", required = true)]
    pub results: Vec<PathBuf>,
    /// Folder for the reports; made when missing. Files of the same names are replaced.
    #[arg(short, long, value_name = "DIR", required_unless_present = "index")]
    pub output: Option<PathBuf>,
    /// Only these formats, comma-separated.
    #[arg(long, value_name = "FORMATS", value_delimiter = ',',
          value_parser = clap::builder::PossibleValuesParser::new(formats()))]
    pub only: Vec<String>,
    /// Write one page that lists all the cases, with links to their report.html, and nothing else.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["output", "only", "fhir_order"])]
    pub index: Option<PathBuf>,
    /// Version of the Genomics England report models that interpreted_genome.json names.
    #[arg(long, value_name = "VERSION", default_value = "6.2.0",
          value_parser = clap::builder::PossibleValuesParser::new(GelVersion::ALL.map(GelVersion::word)))]
    pub gel_version: String,
    /// `interpretationService` of interpreted_genome.json; by default the program's name.
    #[arg(long, value_name = "NAME")]
    pub gel_service: Option<String>,
    /// Write cip_api_case.json too: the interpreted genome within a case as the CIP-API gives it, of this time
    /// (2026-01-02T03:04:05.000000Z).
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub gel_envelope: Option<String>,
    /// Guide that fhir.json follows: genomics-reporting (HL7, 3.0.0), or on top of it nw-gmsa (the draft 0.0.7 of the North West
    /// Genomic Medicine Service Alliance), which needs --fhir-order.
    #[arg(long, value_enum, value_name = "GUIDE", default_value = "genomics-reporting")]
    pub fhir_profile: FhirProfile,
    /// TOML file of what nw-gmsa demands and no case knows: patient, laboratory, numbers of report and order, test. It goes into
    /// fhir.json alone.
    #[arg(long, value_name = "FILE")]
    pub fhir_order: Option<PathBuf>,
}

/// Guides for FHIR.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FhirProfile {
    /// HL7's.
    GenomicsReporting,
    /// The North West GMSA's on top of it.
    NwGmsa,
}

/// The order, where the guide takes one.
fn order(args: &ReportArgs) -> anyhow::Result<Option<FhirOrder>> {
    if args.fhir_order.is_some()
        && !(args.only.is_empty() || args.only.iter().any(|id| id == "fhir"))
    {
        return Err(Problem::usage("--fhir-order without fhir among --only fills nothing").into());
    }
    let path = match (args.fhir_profile, &args.fhir_order) {
        (FhirProfile::GenomicsReporting, None) => return Ok(None),
        (FhirProfile::NwGmsa, Some(path)) => path,
        (FhirProfile::NwGmsa, None) => {
            let problem = Problem::usage("--fhir-profile nw-gmsa needs --fhir-order FILE");
            return Err(problem.help("README.md lists its keys").into());
        }
        (FhirProfile::GenomicsReporting, Some(_)) => {
            let problem = Problem::usage("--fhir-order is for --fhir-profile nw-gmsa alone");
            return Err(problem.into());
        }
    };
    Ok(Some(read_order(path)?))
}

/// An order from its file.
pub(super) fn read_order(path: &Path) -> anyhow::Result<FhirOrder> {
    let read = text::read(path)?;
    let order = FhirOrder::parse(&read.text).map_err(|problems| {
        let placed = problems.0.into_iter().map(|one| one.in_file(path.display()));
        Problems(placed.collect())
    })?;
    Ok(order)
}

/// Formats that results alone suffice for.
fn formats() -> Vec<&'static str> {
    report::ids().into_iter().filter(|id| *id != "run").collect()
}

/// A time as readers of the envelope parse it: `2026-01-02T03:04:05.000000Z`.
fn time(text: &str) -> Result<String, String> {
    let shape = "0000-00-00T00:00:00.000000Z";
    let fits = text.len() == shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
    if fits { Ok(text.into()) } else { Err("write it as 2026-01-02T03:04:05.000000Z".into()) }
}

fn read(path: &Path) -> Result<CaseResults, Problem> {
    let file = if path.is_dir() { path.join("results.json") } else { path.to_owned() };
    let read = text::read(&file)?;
    report::read(&read.text).map_err(|problem| problem.in_file(file.display()))
}

/// Runs the subcommand: prints the names of the files written.
///
/// # Errors
///
/// When the results cannot be read or the reports cannot be written.
pub fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    if let Some(index) = &args.index {
        let mut cases = Vec::new();
        for path in &args.results {
            let folder = if path.is_dir() { path.clone() } else { parent(path) };
            cases.push((report::relative(&folder, &parent(index)), read(path)?));
        }
        sink::write_whole(index, report::index_page(&cases).as_bytes())?;
        writeln!(out, "{}", index.display())?;
        return Ok(ExitCode::SUCCESS);
    }
    let ([path], Some(output)) = (args.results.as_slice(), &args.output) else {
        let many = Problem::usage("several cases are only listed in an index");
        return Err(many.help("give --index FILE, or one case with -o DIR").into());
    };
    let results = read(path)?;
    let folder = if path.is_dir() { path.clone() } else { parent(path) };
    let wanted = Wanted {
        only: args.only.clone(),
        gel: GelOptions {
            version: GelVersion::parse(&args.gel_version).unwrap_or_default(),
            service: args.gel_service.clone(),
            envelope: args.gel_envelope.clone(),
        },
        fhir: order(args)?,
        created: report::run::beside(&folder, &results).map(|run| run.ended),
    };
    let names = report::write_all(&results, None, &wanted, output)?;
    for name in names {
        writeln!(out, "{}", output.join(name).display())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn parent(path: &Path) -> PathBuf {
    path.parent().map(Path::to_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_the_shape_that_readers_parse() {
        assert!(time("2026-01-02T03:04:05.000000Z").is_ok());
        for wrong in ["2026-01-02", "2026-01-02T03:04:05Z", "2026-01-02 03:04:05.000000Z", "é"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
