//! `tierline identity`: whose samples these are, from sketches or from the columns of a variant file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::case_options::threads;
use crate::case::ped;
use crate::io::text;
use crate::model::problem::Problems;
use crate::model::verdict::Outcome;
use crate::pipeline::samples::{self, SampleFiles};

/// Compare samples: relations, sex, Mendelian errors, contamination.
///
/// Takes sketches (as `qc` leaves them), all of the same sites, or the columns of one variant file, whose own
/// single-nucleotide variants are the sites then. With a pedigree every pair is held against it. It knows no consent: it
/// compares what it is given.
#[derive(Debug, Args)]
pub struct IdentityArgs {
    /// Sketches, `SAMPLE.sketch`.
    #[arg(value_name = "SKETCH")]
    pub sketches: Vec<PathBuf>,
    /// Variant file whose sample columns are compared: VCF or BCF.
    #[arg(long, value_name = "FILE", conflicts_with = "sketches")]
    pub vcf: Option<PathBuf>,
    /// Pedigree (PED, six columns); individuals are named as samples.
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
    /// End with exit code 3 when anything fails.
    #[arg(long)]
    pub fail_on_identity: bool,
    /// Worker threads; by default all that this process may use.
    #[arg(short, long)]
    pub threads: Option<usize>,
}

/// Runs it.
///
/// # Errors
///
/// All faults of the inputs, or the first of the work.
pub fn run(args: &IdentityArgs) -> anyhow::Result<ExitCode> {
    let pedigree = match &args.ped {
        Some(path) => {
            let small = text::read(path).map_err(Problems::from)?;
            ped::parse(&small.text, &path.display().to_string())?
        }
        None => Vec::new(),
    };
    let found = samples::run(&SampleFiles {
        sketches: args.sketches.clone(),
        variants: args.vcf.clone(),
        pedigree,
        output: args.output.clone(),
        prefix: crate::io::sink::safe_file_name(&args.prefix),
        all_pairs: args.all_pairs,
        threads: threads(args.threads),
    })?;
    for suspicion in &found.suspicions {
        match suspicion.outcome {
            Outcome::Fail => log::error!("{}", suspicion.text),
            _ => log::warn!("{}", suspicion.text),
        }
    }
    log::info!("identity: {}", found.outcome.word());
    let failed = found.outcome == Outcome::Fail && args.fail_on_identity;
    Ok(if failed { super::qc::QC_FAILED.into() } else { ExitCode::SUCCESS })
}
