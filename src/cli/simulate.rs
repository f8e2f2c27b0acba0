//! `tierline simulate`: data with known answers.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::exec::batches::Workers;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::problem::Problem;
use crate::simulate::bulk_trio::Disomy;
use crate::simulate::quality::Levels;
use crate::simulate::{bulk_calls, bulk_reads, pair, reference, trio, tumour};

/// Simulate references, cases with planted answers and a truth table, and bulk data for benchmarks.
///
/// All output is drawn from --seed and does not depend on -t. Genes and people in it do not exist.
#[derive(Debug, Args)]
pub struct SimulateArgs {
    /// What to simulate.
    #[command(subcommand)]
    pub what: What,
}

/// What can be simulated.
#[derive(Debug, Subcommand)]
pub enum What {
    /// A reference in true coordinates: N but for a few windows of synthetic sequence (FASTA in BGZF, .fai, .gzi).
    Reference(ReferenceArgs),
    /// A trio: calls with CSQ, alignments, panel, pedigree, case.toml and truth.tsv.
    Trio(TrioArgs),
    /// A tumour with its normal: somatic calls with CSQ, alignments, gene lists, case.toml and truth.tsv.
    TumourNormal(TumourArgs),
    /// A tumour with its normal in which everything is planted: purity, contamination, copy numbers, signatures, burden, clusters,
    /// microsatellites, fusion; calls of three programs, alignments, lists, case.toml and truth.tsv.
    TumourPair(PairArgs),
    /// Alignments of a whole stretch of genome at full depth, gigabytes at need (BAM, BAI).
    Reads(ReadsArgs),
    /// Joint calls of a trio with CSQ and population frequencies, millions of records at need (VCF, TBI), with a panel and
    /// a pedigree that fit.
    Calls(CallsArgs),
}

/// Options that all kinds of data share.
#[derive(Debug, Args)]
pub struct Common {
    /// Decides everything that is drawn.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Threads; 0 for one a core.
    #[arg(short, long, default_value_t = 0)]
    pub threads: usize,
}

/// Arguments of `simulate reference`.
#[derive(Debug, Args)]
pub struct ReferenceArgs {
    /// FASTA to write, compressed as BGZF.
    #[arg(short, long, value_name = "FA.GZ")]
    pub output: PathBuf,
    /// Assembly whose names and lengths are used.
    #[arg(long, default_value = "GRCh38", value_parser = assembly)]
    pub assembly: Assembly,
    /// Contigs, comma-separated.
    #[arg(long, default_value = "chr20,chrX,chrY,chrM", value_delimiter = ',', value_parser = class)]
    pub contigs: Vec<ContigClass>,
    /// Windows with sequence on each autosome.
    #[arg(long, default_value_t = 5)]
    pub windows: u32,
    /// Length of a window, bp.
    #[arg(long, default_value_t = 8_000)]
    pub window: u32,
    /// Seed and threads.
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of `simulate trio`.
#[derive(Debug, Args)]
pub struct TrioArgs {
    /// FASTA on which the genes are laid: any reference, real or simulated.
    #[arg(short = 'f', long, value_name = "FA")]
    pub reference: PathBuf,
    /// Folder to write.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Mean depth over two copies.
    #[arg(long, default_value_t = 30.0, value_parser = depth)]
    pub depth: f64,
    /// Length of a window of genes, bp.
    #[arg(long, default_value_t = 6_000, value_parser = clap::value_parser!(u32).range(1_800..1_000_000))]
    pub window: u32,
    /// Windows on autosomes.
    #[arg(long, default_value_t = 4)]
    pub windows: usize,
    /// Assembly, when contig lengths do not show it.
    #[arg(long, value_parser = assembly)]
    pub assembly: Option<Assembly>,
    /// Seed and threads.
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of `simulate tumour-normal`.
#[derive(Debug, Args)]
pub struct TumourArgs {
    /// FASTA on which the genes are laid: any reference, real or simulated.
    #[arg(short = 'f', long, value_name = "FA")]
    pub reference: PathBuf,
    /// Folder to write.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Mean depth of the tumour.
    #[arg(long, default_value_t = 80.0, value_parser = depth)]
    pub tumour_depth: f64,
    /// Mean depth of the normal.
    #[arg(long, default_value_t = 35.0, value_parser = depth)]
    pub normal_depth: f64,
    /// Share of tumour cells in the tumour sample.
    #[arg(long, default_value_t = 0.7, value_parser = share)]
    pub purity: f64,
    /// Length of a window of genes, bp.
    #[arg(long, default_value_t = 6_000, value_parser = clap::value_parser!(u32).range(1_800..1_000_000))]
    pub window: u32,
    /// Windows on autosomes.
    #[arg(long, default_value_t = 3)]
    pub windows: usize,
    /// Assembly, when contig lengths do not show it.
    #[arg(long, value_parser = assembly)]
    pub assembly: Option<Assembly>,
    /// Seed and threads.
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of `simulate tumour-pair`.
#[derive(Debug, Args)]
pub struct PairArgs {
    /// FASTA with stretches of at least 200 kb without N on autosomes (simulate reference --windows 1 --window 5000000).
    #[arg(short = 'f', long, value_name = "FA")]
    pub reference: PathBuf,
    /// Folder to write.
    #[arg(short, long, value_name = "DIR")]
    pub output: PathBuf,
    /// Mean depth of the tumour where it has two copies.
    #[arg(long, default_value_t = 80.0, value_parser = depth)]
    pub tumour_depth: f64,
    /// Mean depth of the normal.
    #[arg(long, default_value_t = 35.0, value_parser = depth)]
    pub normal_depth: f64,
    /// Share of tumour cells among the patient's cells in the tumour sample.
    #[arg(long, default_value_t = 0.7, value_parser = share)]
    pub purity: f64,
    /// Share of another person's genomes in the tumour sample.
    #[arg(long, default_value_t = 0.0, value_parser = foreign)]
    pub contamination: f64,
    /// Share of another person's genomes in the normal sample.
    #[arg(long, default_value_t = 0.0, value_parser = foreign)]
    pub normal_contamination: f64,
    /// Substitutions drawn from the signatures.
    #[arg(long, default_value_t = 5_000)]
    pub snvs: u32,
    /// Of them, how many are missense and have reads.
    #[arg(long, default_value_t = 400)]
    pub coding: u32,
    /// Insertions and deletions of single bases in homopolymers.
    #[arg(long, default_value_t = 300)]
    pub indels: u32,
    /// Microsatellites with reads.
    #[arg(long, default_value_t = 200)]
    pub sites: u32,
    /// Share of these that are unstable.
    #[arg(long, default_value_t = 0.3, value_parser = share)]
    pub unstable: f64,
    /// Zones that are read from end to end, with a common variant about every 290 bp.
    #[arg(long, default_value_t = 12, value_parser = zones)]
    pub zones: usize,
    /// Length of a zone, bp.
    #[arg(long, default_value_t = 60_000, value_parser = clap::value_parser!(u32).range(50_000..10_000_000))]
    pub zone: u32,
    /// Assembly, when contig lengths do not show it.
    #[arg(long, value_parser = assembly)]
    pub assembly: Option<Assembly>,
    /// Seed and threads.
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of `simulate reads`.
#[derive(Debug, Args)]
pub struct ReadsArgs {
    /// FASTA to draw reads from.
    #[arg(
        short = 'f',
        long,
        value_name = "FA",
        conflicts_with = "length",
        required_unless_present = "length"
    )]
    pub reference: Option<PathBuf>,
    /// Draw them from a synthetic genome of this length instead: bp, with K, M or G.
    #[arg(long, value_name = "BP", value_parser = bases)]
    pub length: Option<usize>,
    /// One contig instead of five.
    #[arg(long, requires = "length")]
    pub single: bool,
    /// Write the synthetic genome here (FASTA in BGZF, .fai, .gzi).
    #[arg(long, value_name = "FA.GZ", requires = "length")]
    pub reference_out: Option<PathBuf>,
    /// BAM to write; its index is written beside it.
    #[arg(short, long, value_name = "BAM")]
    pub output: PathBuf,
    /// Mean depth.
    #[arg(long, default_value_t = 30.0, value_parser = depth)]
    pub depth: f64,
    /// Distinct base qualities: 4 as NovaSeq writes, 40 as older machines did.
    #[arg(long, default_value = "4", value_parser = ["4", "40"])]
    pub qualities: String,
    /// Compression level, 0 to 12.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(0..=12))]
    pub level: u8,
    /// Seed and threads.
    #[command(flatten)]
    pub common: Common,
}

/// Arguments of `simulate calls`.
#[derive(Debug, Args)]
pub struct CallsArgs {
    /// VCF to write, compressed as BGZF. Beside it come the index (.tbi), NAME.panel.json and NAME.ped.
    #[arg(short, long, value_name = "VCF.GZ")]
    pub output: PathBuf,
    /// Records: a number, with K or M.
    #[arg(short = 'n', long, default_value = "1500K", value_parser = count)]
    pub records: u64,
    /// FASTA whose bases are REF.
    #[arg(short = 'f', long, value_name = "FA", conflicts_with_all = ["lengths", "contigs", "assembly"])]
    pub reference: Option<PathBuf>,
    /// Draw REF bases on contigs of these lengths instead: a .fai, or any table of name and length in bp.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["contigs", "assembly"])]
    pub lengths: Option<PathBuf>,
    /// Draw them on contigs of this assembly (without --reference and --lengths).
    #[arg(long, default_value = "GRCh38", value_parser = assembly)]
    pub assembly: Assembly,
    /// Contigs of the assembly, comma-separated; by default chr1 to chr22, chrX and chrY.
    #[arg(long, value_delimiter = ',', value_parser = class)]
    pub contigs: Vec<ContigClass>,
    /// Give the child a uniparental disomy: autosome, first and last Mb of a part if it is not whole, parent and kind, such as
    /// 15:maternal:iso, 7:50-80:paternal:hetero.
    #[arg(long, value_parser = disomy)]
    pub upd: Option<Disomy>,
    /// Compression level, 0 to 12.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u8).range(0..=12))]
    pub level: u8,
    /// Seed and threads.
    #[command(flatten)]
    pub common: Common,
}

fn disomy(text: &str) -> Result<Disomy, String> {
    let expected =
        || "expected a disomy such as 15:maternal:iso or 7:50-80:paternal:hetero".to_owned();
    let parts: Vec<&str> = text.split(':').collect();
    let (name, part, parent, kind) = match parts[..] {
        [name, parent, kind] => (name, None, parent, kind),
        [name, part, parent, kind] => (name, Some(part), parent, kind),
        _ => return Err(expected()),
    };
    let class = ContigClass::of_name(name);
    let mb = |text: &str| text.parse::<u32>().ok()?.checked_mul(1_000_000);
    let places0 = match part.map(|part| part.split_once('-')) {
        None => [0, u32::MAX],
        Some(ends) => {
            let ends = ends.and_then(|(first, last)| Some([mb(first)?, mb(last)?]));
            ends.filter(|[first, last]| first < last).ok_or_else(expected)?
        }
    };
    let known = matches!(class, ContigClass::Autosome(_))
        && matches!(parent, "maternal" | "paternal")
        && matches!(kind, "iso" | "hetero");
    let (maternal, isodisomy) = (parent == "maternal", kind == "iso");
    known.then_some(Disomy { class, places0, maternal, isodisomy }).ok_or_else(expected)
}

fn count(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.strip_suffix(['K', 'k']) {
        Some(digits) => (digits, 1_000),
        None => text.strip_suffix(['M', 'm']).map_or((text, 1), |digits| (digits, 1_000_000)),
    };
    match digits.parse::<u64>().ok().and_then(|n| n.checked_mul(unit)) {
        Some(n) if (1..=1_000_000_000).contains(&n) => Ok(n),
        _ => Err("expected 1 to 1000M".into()),
    }
}

fn bases(text: &str) -> Result<usize, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (&text[..at], 1_000),
        Some((at, 'M' | 'm')) => (&text[..at], 1_000_000),
        Some((at, 'G' | 'g')) => (&text[..at], 1_000_000_000),
        _ => (text, 1),
    };
    match digits.parse::<usize>().ok().and_then(|n| n.checked_mul(unit)) {
        Some(bp) if (100_000..=2_000_000_000).contains(&bp) => Ok(bp),
        _ => Err("expected 100K to 2G".into()),
    }
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.01..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a share of 0.01 to 1".into()),
    }
}

fn foreign(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=0.5).contains(&share) => Ok(share),
        _ => Err("expected a share of 0 to 0.5".into()),
    }
}

fn zones(text: &str) -> Result<usize, String> {
    match text.parse::<usize>() {
        Ok(n) if (pair::LEAST_ZONES..=1_000).contains(&n) => Ok(n),
        _ => Err(format!("expected {} to 1000", pair::LEAST_ZONES)),
    }
}

fn assembly(name: &str) -> Result<Assembly, String> {
    Assembly::parse(name).ok_or_else(|| "expected GRCh37 or GRCh38".into())
}

fn class(name: &str) -> Result<ContigClass, String> {
    match ContigClass::of_name(name) {
        ContigClass::Other => Err("expected a chromosome: chr1 to chr22, chrX, chrY, chrM".into()),
        class => Ok(class),
    }
}

fn depth(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(depth) if (0.1..=10_000.0).contains(&depth) => Ok(depth),
        _ => Err("expected a depth of 0.1 to 10000".into()),
    }
}

/// Simulates.
///
/// # Errors
///
/// When the reference cannot be used or an output cannot be written.
pub fn run(args: &SimulateArgs) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::Reference(args) => run_reference(args)?,
        What::Trio(args) => run_trio(args)?,
        What::TumourNormal(args) => run_tumour(args)?,
        What::TumourPair(args) => run_pair(args)?,
        What::Reads(args) => run_reads(args)?,
        What::Calls(args) => run_calls(args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn run_reference(args: &ReferenceArgs) -> Result<(), Problem> {
    let options = reference::Options {
        assembly: args.assembly,
        contigs: args.contigs.clone(),
        windows: args.windows,
        window_bp: args.window,
        seed: args.common.seed,
    };
    reference::reference(&options, &Workers::new(args.common.threads)?, &args.output)
}

fn run_trio(args: &TrioArgs) -> Result<(), Problem> {
    let options = trio::Options {
        reference: args.reference.clone(),
        folder: args.output.clone(),
        depth: args.depth,
        seed: args.common.seed,
        window_bp: args.window,
        autosomal: args.windows,
        assembly: args.assembly,
    };
    trio::trio(&options, &Workers::new(args.common.threads)?)
}

fn run_pair(args: &PairArgs) -> Result<(), Problem> {
    let options = pair::Options {
        reference: args.reference.clone(),
        folder: args.output.clone(),
        depths: [args.tumour_depth, args.normal_depth],
        frac_purity: args.purity,
        frac_foreign: [args.contamination, args.normal_contamination],
        snvs: args.snvs,
        coding: args.coding.min(args.snvs),
        indels: args.indels,
        sites: args.sites,
        frac_unstable: args.unstable,
        zones: args.zones,
        zone_bp: args.zone,
        assembly: args.assembly,
        seed: args.common.seed,
    };
    pair::pair(&options, &Workers::new(args.common.threads)?)
}

fn run_tumour(args: &TumourArgs) -> Result<(), Problem> {
    let options = tumour::Options {
        reference: args.reference.clone(),
        folder: args.output.clone(),
        tumour_depth: args.tumour_depth,
        normal_depth: args.normal_depth,
        frac_purity: args.purity,
        seed: args.common.seed,
        window_bp: args.window,
        autosomal: args.windows,
        assembly: args.assembly,
    };
    tumour::tumour_normal(&options, &Workers::new(args.common.threads)?)
}

fn run_reads(args: &ReadsArgs) -> Result<(), Problem> {
    let workers = Workers::new(args.common.threads)?;
    let seed = args.common.seed;
    let contigs = match (&args.reference, args.length) {
        (Some(path), _) => bulk_reads::read(path)?,
        (None, length) => {
            bulk_reads::synthetic(length.unwrap_or_default(), args.single, seed, &workers)
        }
    };
    if let Some(path) = &args.reference_out {
        bulk_reads::write_fasta(&contigs, &workers, path)?;
    }
    let options = bulk_reads::Options {
        depth: args.depth,
        levels: if args.qualities == "40" { Levels::Forty } else { Levels::Four },
        level: args.level,
        seed,
    };
    let records = bulk_reads::reads(&contigs, options, &workers, &args.output)?;
    log::info!("{records} records");
    Ok(())
}

fn run_calls(args: &CallsArgs) -> Result<(), Problem> {
    let genome = match (&args.reference, &args.lengths) {
        (Some(path), _) => bulk_calls::Genome::Fasta(path.clone()),
        (None, Some(path)) => bulk_calls::Genome::Lengths(bulk_calls::lengths_of(path)?),
        (None, None) => {
            bulk_calls::Genome::Lengths(bulk_calls::lengths_in(args.assembly, &args.contigs))
        }
    };
    let options = bulk_calls::Options {
        records: args.records,
        level: args.level,
        seed: args.common.seed,
        disomy: args.upd,
    };
    let workers = Workers::new(args.common.threads)?;
    let made = bulk_calls::calls(&genome, options, &workers, &args.output)?;
    log::info!(
        "{} records, {} of them single bases, {} PASS, {} new in the child; {:.2} transcripts a record",
        made.records,
        made.single_bases,
        made.passed,
        made.new,
        made.entries as f64 / made.records.max(1) as f64
    );
    Ok(())
}
