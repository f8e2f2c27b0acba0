//! `tierline identity`: whose samples these are, from sketches or from the columns of a variant file.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::case_options::threads;
use super::document_args::DocumentArgs;
use crate::case::ped;
use crate::inputs;
use crate::io::text;
use crate::model::problem::{Problem, Problems};
use crate::model::verdict::Outcome;
use crate::pipeline::identity::alone;
use crate::pipeline::samples::{self, SampleFiles};

/// Compare samples: relations, sex, Mendelian errors, contamination.
///
/// Takes sketches (as `qc` leaves them), the columns of a variant file, or both; or a case document, whose samples are checked as
/// `run` checks them, without tiers. Without sketches and --sites the file's own single-nucleotide variants are the sites.
/// With a pedigree every pair is held against it. It knows no consent, but that of a case document: it compares what it
/// is given.
#[derive(Debug, Args)]
pub struct IdentityArgs {
    /// Sketches, `SAMPLE.sketch`.
    #[arg(value_name = "SKETCH")]
    pub sketches: Vec<PathBuf>,
    /// Variant file whose sample columns are compared: VCF or BCF.
    #[arg(long, value_name = "FILE")]
    pub vcf: Option<PathBuf>,
    /// Case document (.toml): its sketches, alignments, calls, pedigree, stated sexes, tumour and normal sample.
    #[arg(long, value_name = "CASE", conflicts_with_all = ["sketches", "vcf", "ped", "prefix", "all_pairs", "contamination"])]
    pub case: Option<PathBuf>,
    /// Sites at which calls (of a case also reads) are looked at: VCF or BCF with AF, BED with alleles and frequency, or a
    /// resource of VerifyBamID2.
    #[arg(long, value_name = "FILE")]
    pub sites: Option<PathBuf>,
    /// Pedigree (PED, six columns; a seventh may name identical twins, MZ1); individuals are named as samples.
    #[arg(long, value_name = "FILE")]
    pub ped: Option<PathBuf>,
    /// Folder for the results; made when missing.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Start of the names of the tables.
    #[arg(long, default_value = "identity")]
    pub prefix: String,
    /// List every pair of many samples, not only the related ones.
    #[arg(long)]
    pub all_pairs: bool,
    /// Estimate the contamination of many samples too; of up to 200 it always is.
    #[arg(long)]
    pub contamination: bool,
    /// End with exit code 3 when anything fails.
    #[arg(long)]
    pub fail_on_identity: bool,
    /// Worker threads; by default all that this process may use.
    #[arg(short, long)]
    pub threads: Option<usize>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub document: DocumentArgs,
}

/// Runs it.
///
/// # Errors
///
/// All faults of the inputs, or the first of the work.
pub fn run(args: &IdentityArgs) -> anyhow::Result<ExitCode> {
    let outcome = match &args.case {
        Some(case) => of_case(case, args)?,
        None => of_samples(args)?,
    };
    let failed = outcome == Outcome::Fail && args.fail_on_identity;
    Ok(if failed { super::qc::QC_FAILED.into() } else { ExitCode::SUCCESS })
}

fn of_case(path: &Path, args: &IdentityArgs) -> Result<Outcome, Problems> {
    let case = inputs::load_case(path, &args.document.over())?;
    let policy = inputs::load_policy(&case, &[])?;
    let options = alone::Options {
        output: args.output.clone(),
        sites: args.sites.clone(),
        threads: threads(args.threads),
        command: std::env::args().collect(),
    };
    alone::run(&case, &policy, &options).map(|found| found.outcome)
}

fn of_samples(args: &IdentityArgs) -> Result<Outcome, Problems> {
    args.document.only_with_documents()?;
    if args.document.withdrawn.is_some() || args.document.leave_out {
        let problem = Problem::usage("--withdrawn and --leave-out go with --case");
        let help = "what is compared without a case document knows no members";
        return Err(problem.help(help).into());
    }
    let pedigree = match &args.ped {
        Some(path) => {
            let small = text::read(path)?;
            ped::with_named_parents(ped::parse(&small.text, &path.display().to_string())?)
        }
        None => Vec::new(),
    };
    let found = samples::run(&SampleFiles {
        sketches: args.sketches.clone(),
        variants: args.vcf.clone(),
        sites: args.sites.clone(),
        pedigree,
        output: args.output.clone(),
        prefix: crate::io::sink::safe_file_name(&args.prefix),
        all_pairs: args.all_pairs,
        contamination: args.contamination,
        threads: threads(args.threads),
        command: std::env::args().collect(),
        pedigree_file: args.ped.clone(),
    })?;
    for suspicion in &found.suspicions {
        match suspicion.outcome {
            Outcome::Fail => log::error!("{}", suspicion.text),
            _ => log::warn!("{}", suspicion.text),
        }
    }
    log::info!("identity: {}", found.outcome.word());
    Ok(found.outcome)
}
