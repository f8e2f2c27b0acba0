//! `tierline tier`: tiers or domains of a case, its alignments left unread.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::case_flags::{self, CaseFlags};
use super::case_options::{CaseOptions, SiteArgs, exit_code, threads};
use crate::inputs;
use crate::model::problem::Problem;
use crate::pipeline::acceptance::Accept;
use crate::pipeline::{self, Options, status};

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
    pub sites: SiteArgs,
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
    let case = case_flags::read(&args.input, &args.flags)
        .inspect_err(|problems| status::rejected(&args.output, problems))?;
    if case.kind.is_cancer() && args.sites.sites.is_some() {
        let problem = Problem::usage("--sites: of a tumour only reads are looked at there");
        return Err(problem
            .help("use `run`, which reads the alignments, or `identity --case`")
            .into());
    }
    let policy = inputs::load_policy(&case, &args.options.set)?;
    let options = Options {
        output: args.output.clone(),
        threads: threads(args.threads),
        inputs: inputs::Options { sites: args.sites.sites.clone(), ..args.options.inputs() },
        qc: None,
        read_evidence: false,
        accept: Accept::Nothing,
        command: std::env::args().collect(),
        changes: args.options.set.clone(),
        override_identity: args.options.override_identity.clone(),
        vrs: !args.options.no_vrs,
    };
    let results = pipeline::run(&case, &policy, &options)?;
    Ok(exit_code(&results))
}
