//! `tierline tier`: tiers or domains of a case, its alignments left unread.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::case_flags::{self, CaseFlags};
use super::case_options::{CaseOptions, exit_code, threads};
use crate::inputs;
use crate::pipeline::acceptance::Accept;
use crate::pipeline::{self, Options};

/// Tier a case without reading alignments: from a case document, or from a variant file with flags.
#[derive(Debug, Args)]
pub struct TierArgs {
    /// A case document (.toml), or a variant file (VCF or BCF) described by flags.
    pub input: PathBuf,
    /// Folder of all results; made when missing.
    #[arg(short, long)]
    pub output: PathBuf,
    /// Worker threads; by default all that this process may use.
    #[arg(short, long)]
    pub threads: Option<usize>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub options: CaseOptions,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub flags: CaseFlags,
}

/// Runs it.
///
/// # Errors
///
/// All faults of the inputs, or the first of the work.
pub fn run(args: &TierArgs) -> anyhow::Result<ExitCode> {
    let case = case_flags::read(&args.input, &args.flags)?;
    let policy = inputs::load_policy(&case, &args.options.set)?;
    let options = Options {
        output: args.output.clone(),
        threads: threads(args.threads),
        inputs: args.options.inputs(),
        qc: None,
        read_evidence: false,
        accept: Accept::Nothing,
        command: std::env::args().collect(),
        changes: args.options.set.clone(),
        override_identity: args.options.override_identity.clone(),
    };
    let results = pipeline::run(&case, &policy, &options)?;
    Ok(exit_code(&results))
}
