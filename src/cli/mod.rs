//! The command line: one file a subcommand, each with its `Args` and a `run`.

pub mod case;
pub mod case_flags;
mod case_options;
pub mod compare;
pub mod document_args;
pub mod explain;
pub mod filter;
pub mod frequencies;
mod gene_args;
pub mod identity;
pub mod panel;
pub mod policy;
pub mod qc;
pub mod report;
pub mod run;
pub mod signatures;
#[cfg(feature = "simulate")]
pub mod simulate;
pub mod status;
pub mod tier;
pub mod verify;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Whole-genome cases from alignments and calls to quality verdicts, panel-filtered variants and tiered candidates.
#[derive(Debug, Parser)]
#[command(name = "tierline", version, max_term_width = 110, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Runs a whole case: quality figures, filter, tiers, reports.
    Run(run::RunArgs),
    /// Keeps variants that pass call quality, population frequency, consequence and panels.
    Filter(filter::FilterArgs),
    /// Tiers a case without reading alignments.
    Tier(tier::TierArgs),
    /// Tells what moved between two results of one case, and why.
    Compare(compare::CompareArgs),
    /// Explains a filter, model, rule or metric, or one variant of a case.
    Explain(explain::ExplainArgs),
    /// Compares samples: relations, sex, Mendelian errors, contamination.
    Identity(identity::IdentityArgs),
    /// Checks and shows cases.
    Case(case::CaseArgs),
    /// Looks into gene panels.
    Panel(panel::PanelArgs),
    /// Builds and asks a local store of population frequencies.
    Frequencies(frequencies::FrequenciesArgs),
    /// Builds and asks a local store of ClinVar.
    Clinvar(frequencies::ClinvarArgs),
    /// Fits mutational signatures to the matrices of many samples.
    Signatures(signatures::SignaturesArgs),
    /// Lists and prints policies.
    Policy(policy::PolicyArgs),
    /// Renders the reports of a case again from its results.json.
    Report(report::ReportArgs),
    /// Shows where cases stand.
    Status(status::StatusArgs),
    /// Checks an output folder against its manifest.
    Verify(verify::VerifyArgs),
    /// Quality metrics and depth of coverage of alignment files.
    Qc(Box<qc::QcArgs>),
    /// Simulates data with known answers.
    #[cfg(feature = "simulate")]
    Simulate(simulate::SimulateArgs),
}

/// Runs the chosen subcommand.
///
/// # Errors
///
/// Whatever stops it; `main` maps the error to an exit code.
pub fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    match &cli.command {
        Command::Run(args) => run::run(args),
        Command::Filter(args) => filter::run(args),
        Command::Tier(args) => tier::run(args),
        Command::Compare(args) => compare::run(args),
        Command::Explain(args) => explain::run(args),
        Command::Identity(args) => identity::run(args),
        Command::Case(args) => case::run(args),
        Command::Panel(args) => panel::run(args),
        Command::Frequencies(args) => frequencies::run(args),
        Command::Clinvar(args) => frequencies::run_clinvar(args),
        Command::Signatures(args) => signatures::run(args),
        Command::Policy(args) => policy::run(args),
        Command::Report(args) => report::run(args),
        Command::Status(args) => status::run(args),
        Command::Verify(args) => verify::run(args),
        Command::Qc(args) => qc::run(args),
        #[cfg(feature = "simulate")]
        Command::Simulate(args) => simulate::run(args),
    }
}
