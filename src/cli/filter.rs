//! `tierline filter`: the variants of one file that pass call quality, population frequency, consequence and panels.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::case_options::{CaseOptions, threads};
use crate::case::Case;
use crate::exec::filtering::FilterPass;
use crate::filter::{Detail, FilterContext, FilterPlan, PanelGenes};
use crate::inputs::{self, CaseVariants};
use crate::io::sink;
use crate::io::variants::{OutputForm, VariantFile, VariantWriter};
use crate::model::candidate::FilterCounts;
use crate::model::contig::Assembly;
use crate::model::problem::Problem;
use crate::pipeline::stores::notices;
use crate::policy::layers::{Layers, Resolved, resolve};

/// Keep variants that pass call quality, population frequency, consequence and panels.
///
/// Works on one file, without a case: genotypes do not count. Records with several ALTs are split and normalised. It knows
/// no consent: every sample column is copied unless --samples says which. `run` and `tier` look at the samples of the case
/// alone and refuse those without consent.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Variant file: VCF or BCF, compressed or not; - for standard input.
    pub input: PathBuf,
    /// Output file.
    #[arg(short, long)]
    pub output: PathBuf,
    /// Form of the output: z (VCF in BGZF, with .tbi), v (VCF text), b (BCF in BGZF, with .csi) or u (BCF, not compressed).
    #[arg(short = 'O', long, value_name = "LETTER", default_value = "z", value_parser = ["z", "v", "b", "u"])]
    pub output_type: String,
    /// Keep only these sample columns, comma-separated, in this order; "" for none.
    #[arg(short, long, value_name = "NAMES")]
    pub samples: Option<String>,
    /// Worker threads; by default all that this process may use.
    #[arg(short, long)]
    pub threads: Option<usize>,
    /// Keep only genes of this panel: PanelApp JSON or a gene list, FILE or FILE#ID. Several panels together.
    #[arg(long = "panel", value_name = "FILE")]
    pub panels: Vec<String>,
    /// Panel genes of any rating, not only green ones.
    #[arg(long)]
    pub any_rating: bool,
    /// Policy preset.
    #[arg(long, default_value = "gms-rd")]
    pub policy: String,
    /// Reference assembly, GRCh37 or GRCh38; by default what the header says.
    #[arg(long)]
    pub assembly: Option<String>,
    /// Reference sequence (FASTA with .fai), for left-alignment; without one variants are only trimmed.
    #[arg(short = 'f', long, value_name = "FASTA")]
    pub reference: Option<PathBuf>,
    /// Store of population frequencies (tierline frequencies build). May be given several times.
    #[arg(long, value_name = "STORE")]
    pub frequencies: Vec<PathBuf>,
    /// ClinVar: its VCF, or a store of it (tierline clinvar build). It replaces what the annotation says of ClinVar.
    #[arg(long, value_name = "FILE")]
    pub clinvar: Option<PathBuf>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub options: CaseOptions,
}

/// Runs it.
///
/// # Errors
///
/// All faults of the inputs, or the first of the work.
pub fn run(args: &FilterArgs) -> anyhow::Result<ExitCode> {
    let Resolved { policy, digest, .. } =
        resolve(Layers { preset: &args.policy, file: None, set: &args.options.set })?;
    let mut case =
        Case::of_file(assembly(args)?, &args.input, &args.panels, args.reference.clone());
    case.frequencies.clone_from(&args.frequencies);
    case.clinvar.clone_from(&args.clinvar);
    sink::spare_inputs(case.files(), [args.output.clone()])?;
    let inputs = inputs::open(&case, &policy, &args.options.inputs())?;
    let [variants] = inputs.variants.as_slice() else {
        return Err(Problem::usage("exactly one variant file can be filtered").into());
    };
    for notice in &inputs.notices {
        log::warn!("{}", notice.text);
    }
    let extra: &[&str] = if args.panels.is_empty() { &[] } else { &["panel"] };
    let plan = FilterPlan::new(&policy, extra, Detail::UntilDropped)?;
    let rating = if args.any_rating { PanelGenes::Any } else { PanelGenes::Green };
    let context =
        FilterContext::new(&policy, &inputs.contigs, None).with_panels(&inputs.panels, rating);
    let columns = args.samples.as_deref().map(|names| columns(names, variants)).transpose()?;
    let pass = FilterPass {
        columns: columns.as_deref(),
        file: &variants.file,
        layout: &variants.layout,
        plan: &plan,
        context: &context,
        reference: inputs.reference.as_ref(),
        threads: threads(args.threads),
    };
    let letter = args.output_type.chars().next();
    let form = letter.and_then(OutputForm::of_letter).unwrap_or_default();
    let header = variants.file.header();
    let own = format!(
        "##tierline_filter=<Version=\"{}\",Policy=\"{} {}\",Sha256={digest}>",
        env!("CARGO_PKG_VERSION"),
        policy.id,
        policy.version
    );
    let samples: Vec<String> = match &columns {
        Some(columns) => columns.iter().map(|&column| header.samples[column].clone()).collect(),
        None => header.samples.clone(),
    };
    let mut writer = VariantWriter::create(&args.output, form, &header.to_text(&[own], &samples))?;
    let mut has_mitochondrial = false;
    let counts = pass.run_lines(|line| {
        has_mitochondrial = has_mitochondrial || context.is_mitochondrial(line);
        writer.write_line(line)
    })?;
    writer.finish()?;
    tell(&counts);
    if has_mitochondrial {
        for gap in inputs::mitochondrial_gaps(&policy, &inputs.assessed) {
            log::warn!("{}", gap.text);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The columns of `--samples`. Messages tell names by their number, since they reach logs.
fn columns(names: &str, variants: &CaseVariants) -> Result<Vec<usize>, Problem> {
    let header = variants.file.header();
    let mut columns = Vec::new();
    for (i, name) in names.split(',').filter(|name| !name.is_empty()).enumerate() {
        let fault = |what: &str| {
            Problem::usage(format!("--samples: name {} {what}", i + 1))
                .in_file(variants.path.display())
                .help("`bcftools query -l` lists the columns")
        };
        let column = header.column(name).ok_or_else(|| fault("is no sample column of the file"))?;
        if columns.contains(&column) {
            return Err(fault("is given twice"));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// The assembly of the flag, else of the header.
fn assembly(args: &FilterArgs) -> Result<Assembly, Problem> {
    if let Some(name) = args.assembly.as_deref() {
        return Assembly::parse(name).ok_or_else(|| {
            Problem::usage(format!("--assembly {name}: unknown assembly"))
                .help("one of GRCh37, GRCh38")
        });
    }
    let stated = match args.input.to_str() {
        // Standard input can be read only once.
        Some("-") => None,
        _ => VariantFile::open(&args.input)?.header().assembly(),
    };
    stated.ok_or_else(|| {
        Problem::usage("the header does not tell the assembly, or it is standard input")
            .in_file(args.input.display())
            .help("give --assembly GRCh37 or --assembly GRCh38")
    })
}

/// Counts for people, on stderr.
fn tell(counts: &FilterCounts) {
    log::info!("{} records, {} variants, {} kept", counts.records, counts.variants, counts.kept);
    for (id, count) in &counts.dropped {
        log::info!("{count} dropped by {id}");
    }
    if counts.unreadable_frequencies > 0 {
        log::warn!(
            "{} population frequencies of variants that no other one dropped are no numbers from 0 to 1 and were not assessed",
            counts.unreadable_frequencies
        );
    }
    if counts.unreadable_calls > 0 {
        log::warn!(
            "{} depths or qualities (DP, AD, GQ) of kept variants' calls are no numbers",
            counts.unreadable_calls
        );
    }
    for notice in notices(&counts.stores) {
        log::warn!("{} {}", notice.count, notice.text);
    }
    for (what, names) in [
        ("consequence words in no table", &counts.unknown_terms),
        ("records on unknown contigs", &counts.unknown_contigs),
    ] {
        let total: u64 = names.values().sum();
        if total > 0 {
            let list: Vec<&str> = names.keys().take(10).map(String::as_str).collect();
            log::warn!("{total} {what}: {}", list.join(", "));
        }
    }
}
