//! The command line: one file a subcommand, each with its `Args` and a `run`.

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
pub enum Command {}

/// Runs the chosen subcommand.
///
/// # Errors
///
/// Whatever stops it; `main` maps the error to an exit code.
pub fn run(cli: &Cli) -> anyhow::Result<ExitCode> {
    match cli.command {}
}
