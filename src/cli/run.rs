//! `tierline run`: a whole case.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::case_flags::{self, CaseFlags};
use super::case_options::{CaseOptions, SiteArgs, exit_code, threads};
use super::qc::{Peer, QC_FAILED};
use crate::inputs;
use crate::model::problem::Problem;
use crate::model::verdict::Outcome;
use crate::pipeline::acceptance::Accept;
use crate::pipeline::{self, Options, status};
use crate::policy::acceptance;
use crate::qc::QcSettings;

/// Run a whole case: quality figures, filter, tiers, reports.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// A case document (.toml), or a variant file described by flags.
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
    /// Leave out the per-base depth track, the largest output.
    #[arg(short = 'n', long)]
    pub no_per_base: bool,
    /// Do not look at the reads of kept variants a second time.
    #[arg(long)]
    no_read_evidence: bool,
    /// Depth as this other program computes it, its faults included: mosdepth.
    #[arg(long, value_name = "TOOL")]
    compat: Option<Peer>,
    /// Compare the alignments with this set of acceptance limits instead of the one that belongs to the policy: gel-germline,
    /// gel-newborn, gel-normal, gel-tumour, ga4gh-wgs, or none.
    #[arg(long, value_name = "SET")]
    accept: Option<String>,
    /// End with exit code 3 when an alignment fails its limits; all results are written first.
    #[arg(long)]
    fail_on_qc: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub flags: CaseFlags,
}

/// Runs it.
///
/// # Errors
///
/// All faults of the inputs, or the first of the work.
pub fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    let case = case_flags::read(&args.input, &args.flags)
        .inspect_err(|problems| status::rejected(&args.output, problems))?;
    let policy = inputs::load_policy(&case, &args.options.set)?;
    let accept = accept(args.accept.as_deref())?;
    let mut qc = QcSettings::default();
    qc.depth.per_base = !args.no_per_base;
    qc.depth.compat = Peer::compat(args.compat);
    let options = Options {
        output: args.output.clone(),
        threads: threads(args.threads),
        inputs: inputs::Options { sites: args.sites.sites.clone(), ..args.options.inputs() },
        qc: Some(qc),
        read_evidence: !args.no_read_evidence,
        accept,
        command: std::env::args().collect(),
        changes: args.options.set.clone(),
        override_identity: args.options.override_identity.clone(),
        vrs: !args.options.no_vrs,
    };
    let results = pipeline::run(&case, &policy, &options)?;
    let mut verdicts = results.qc.iter().filter_map(|qc| qc.verdict.as_ref());
    let failed = verdicts.any(|verdict| verdict.outcome == Outcome::Fail);
    let stopped = results.identity.as_ref().is_some_and(|identity| identity.stopped);
    Ok(if failed && args.fail_on_qc && !stopped { QC_FAILED.into() } else { exit_code(&results) })
}

fn accept(name: Option<&str>) -> Result<Accept, Problem> {
    Ok(match name {
        None => Accept::OfPreset,
        Some("none") => Accept::Nothing,
        Some(name) => Accept::Set(Box::new(acceptance::set(name)?)),
    })
}
