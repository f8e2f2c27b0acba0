//! `tierline signatures`: fits known signatures to a matrix of many samples.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::case_options::threads;
use crate::exec::signatures::fit_all;
use crate::io::mutation_table::{Columns, MutationTable};
use crate::io::sink::{self, AtomicFile};
use crate::model::biomarkers::signatures::SignatureFit;
use crate::model::made_by::{self, PROGRAM};
use crate::model::problem::{Problem, Problems};
use crate::pipeline::biomarkers::{SEED, refit_rules};
use crate::pipeline::part::{self, Part};
use crate::pipeline::rules::Rules;
use crate::policy::layers::{Layers, resolve};
use crate::tier::biomarkers::refit::{Refit, SignatureSet};

/// Fit mutational signatures to the matrices of many samples.
///
/// Writes activities.tsv (mutations of every signature, one row a sample, in SigProfiler's form), contributions.tsv
/// (signatures that contribute, with 95 % intervals from resamples) and fits.tsv (how well each sample is explained).
#[derive(Debug, Args)]
pub struct SignaturesArgs {
    /// Mutations by type, one column a sample, in SigProfiler's form (SBS96, DBS78 or ID83).
    #[arg(value_name = "MATRIX")]
    pub matrix: PathBuf,
    /// Signatures of the same types, one column each, in SigProfiler's or COSMIC's form.
    #[arg(short, long, value_name = "FILE")]
    pub signatures: PathBuf,
    /// Folder to write; made when missing.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Resamples behind an interval; 0 for none. By default the policy's number.
    #[arg(long, value_name = "N")]
    pub bootstraps: Option<u32>,
    /// Decides the resamples.
    #[arg(long, default_value_t = SEED)]
    pub seed: u64,
    /// Change a value of the policy gms-cancer, `biomarkers.signatures.min_share=0.02`; may be given several times.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Worker threads; by default all that this process may use. The results do not depend on it.
    #[arg(short, long)]
    pub threads: Option<usize>,
}

/// Runs the subcommand.
///
/// # Errors
///
/// Tables that cannot be read or are of different kinds, or a folder that cannot be written.
pub fn run(args: &SignaturesArgs) -> anyhow::Result<ExitCode> {
    let matrix = MutationTable::read(&args.matrix, Columns::Samples)?;
    let signatures = MutationTable::read(&args.signatures, Columns::Signatures)?;
    same_kind(args, &matrix, &signatures)?;
    let policy = resolve(Layers { preset: "gms-cancer", file: None, set: &args.set })?;
    let Some(rules) = &policy.policy.biomarkers else {
        return Err(Problem::usage("the policy has no rules for signatures").into());
    };
    let mut rules = refit_rules(&rules.signatures, args.seed);
    rules.bootstraps = args.bootstraps.unwrap_or(rules.bootstraps);
    let refit = Refit::new(SignatureSet::from(signatures), rules);
    sink::spare_inputs([args.matrix.as_path(), &args.signatures], names(&args.output))?;
    let workers = threads(args.threads);
    let command = (std::env::args().collect(), workers);
    let names = [NAME.to_owned()];
    let part = Part::begin(args.output.clone(), &names, Rules::from(&policy), command)?;
    let worked = fit(args, &part, (&matrix, &refit, workers));
    part.end(worked)?;
    log::info!("{} samples fitted", matrix.columns.len());
    Ok(ExitCode::SUCCESS)
}

/// Fits every sample, and writes tables and record.
fn fit(
    args: &SignaturesArgs,
    part: &Part,
    (matrix, refit, workers): (&MutationTable, &Refit, usize),
) -> Result<(), Problems> {
    let made_by = made_by::line(PROGRAM, Some(&part.rules().mark));
    let mut tables = Tables::begin(&args.output, refit, made_by)?;
    let counts = |sample: usize| matrix.column(sample);
    let mut take = |sample: usize, fit: SignatureFit| tables.add(&matrix.columns[sample], &fit);
    fit_all(refit, matrix.columns.len(), &counts, (workers, &mut take))?;
    tables.finish()?;
    let inputs =
        vec![part::input("matrix", &args.matrix)?, part::input("signatures", &args.signatures)?];
    let outputs = NAMES.map(str::to_owned).to_vec();
    part.record(NAME, inputs, (outputs, &[]), &[])?;
    Ok(())
}

fn same_kind(
    args: &SignaturesArgs,
    matrix: &MutationTable,
    signatures: &MutationTable,
) -> Result<(), Problem> {
    if matrix.kind == signatures.kind {
        return Ok(());
    }
    let message = format!(
        "signatures are of {}, but the matrix {} is of {}",
        signatures.kind.name(),
        args.matrix.display(),
        matrix.kind.name()
    );
    let help = "give signatures and a matrix of the same types";
    Err(Problem::bad_data(message).in_file(args.signatures.display()).help(help))
}

/// Name of the record.
const NAME: &str = "signatures";
const NAMES: [&str; 3] = ["activities.tsv", "contributions.tsv", "fits.tsv"];

fn names(folder: &Path) -> impl Iterator<Item = PathBuf> {
    NAMES.map(|name| folder.join(name)).into_iter()
}

/// The three tables under construction.
struct Tables {
    files: [AtomicFile; 3],
    made_by: String,
}

impl Tables {
    fn begin(folder: &Path, refit: &Refit, made_by: String) -> Result<Self, Problem> {
        let [activities, contributions, fits] =
            NAMES.map(|name| AtomicFile::create(folder.join(name)));
        let mut tables = Self { files: [activities?, contributions?, fits?], made_by };
        let names = refit.set().names.join("\t");
        tables.line(0, &format!("Samples\t{names}"))?;
        tables.line(1, "sample\tsignature\tmutations\tshare\tmedian\tlow\thigh\tmade_by")?;
        let head = "sample\tmutations\tcosine\trss\trelative_error\tunassigned\tbootstraps\tfew_mutations\tmade_by";
        tables.line(2, head)?;
        Ok(tables)
    }

    fn line(&mut self, table: usize, text: &str) -> Result<(), Problem> {
        let file = &mut self.files[table];
        writeln!(file, "{text}").map_err(|e| Problem::writing(file.target().display(), &e))
    }

    fn add(&mut self, sample: &str, fit: &SignatureFit) -> Result<(), Problem> {
        let mut row = sample.to_owned();
        let mut own = fit.contributions.iter().peekable();
        for name in &fit.offered {
            let found = own.next_if(|one| one.signature == *name);
            let _ = write!(row, "\t{:.3}", found.map_or(0.0, |one| one.mutations));
        }
        self.line(0, &row)?;
        let figure = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.6}"));
        for one in &fit.contributions {
            let interval = [one.median, one.low, one.high].map(figure).join("\t");
            let (name, mutations, share) = (&one.signature, one.mutations, one.share);
            let row = format!("{sample}\t{name}\t{mutations:.3}\t{share:.6}\t{interval}");
            self.line(1, &format!("{row}\t{}", self.made_by))?;
        }
        let SignatureFit { mutations, cosine, rss, relative_error, unassigned, .. } = fit;
        let few = if fit.few_mutations { "yes" } else { "no" };
        self.line(
            2,
            &format!(
                "{sample}\t{mutations}\t{cosine:.6}\t{rss:.3}\t{relative_error:.6}\t{unassigned:.3}\t{}\t{few}\t{}",
                fit.bootstraps, self.made_by
            ),
        )
    }

    fn finish(self) -> Result<(), Problem> {
        self.files.into_iter().try_for_each(AtomicFile::finish)
    }
}
