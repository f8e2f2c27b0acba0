//! `tierline frequencies` and `tierline clinvar`: stores of what public databases say, built once, asked locally.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::case_options::threads;
use crate::exec::stores;
use crate::io::store::{Found, Kind, Meta, Record, Store};
use crate::io::variants::StoreBuild;
use crate::model::contig::{Assembly, ContigTable};
use crate::model::problem::Problem;

/// Population frequencies in a local store.
#[derive(Debug, Args)]
pub struct FrequenciesArgs {
    #[command(subcommand)]
    command: FrequenciesCommand,
}

#[derive(Debug, Subcommand)]
enum FrequenciesCommand {
    /// Builds a store from gnomAD's sites files, or any VCF or BCF with allele counts or frequencies.
    Build(BuildArgs),
    /// Prints what a store holds.
    Show(ShowArgs),
    /// Prints what a store says about variants.
    Query(QueryArgs),
}

/// ClinVar in a local store.
#[derive(Debug, Args)]
pub struct ClinvarArgs {
    #[command(subcommand)]
    command: ClinvarCommand,
}

#[derive(Debug, Subcommand)]
enum ClinvarCommand {
    /// Builds a store from ClinVar's VCF.
    Build(SourceArgs),
    /// Prints what a store holds.
    Show(ShowArgs),
    /// Prints what a store says about variants.
    Query(QueryArgs),
}

/// Options of both builders.
#[derive(Debug, Args)]
struct SourceArgs {
    /// Sites files (VCF or BCF, sorted), for example one a chromosome. Each contig stands in one of them.
    #[arg(required = true)]
    inputs: Vec<PathBuf>,
    /// The store to write.
    #[arg(short, long)]
    output: PathBuf,
    /// Reference sequence (FASTA with .fai): REF is checked and indels are moved left. gnomAD's and ClinVar's are there already.
    #[arg(short = 'f', long, value_name = "FASTA")]
    reference: Option<PathBuf>,
    /// Assembly, GRCh37 or GRCh38; by default what the headers say.
    #[arg(long, value_name = "NAME")]
    assembly: Option<String>,
    /// Version of the dataset; by default what gnomAD's file names or ClinVar's ##fileDate tell.
    #[arg(long, value_name = "TEXT")]
    dataset_version: Option<String>,
    /// Worker threads; by default all that this process may use. The bytes of the store do not depend on it.
    #[arg(short, long)]
    threads: Option<usize>,
}

#[derive(Debug, Args)]
struct BuildArgs {
    #[command(flatten)]
    source: SourceArgs,
    /// Name of the dataset as policies call it (STORE/NAME/POPULATION); by default what gnomAD's file names tell.
    #[arg(long, value_name = "NAME")]
    dataset: Option<String>,
    /// INFO keys by pattern: AF_{pop}, or AC_{pop}/AN_{pop} so that counts are exact. Without {pop} the key is of everybody
    /// (ALL). By default gnomAD's own keys, whatever release.
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    fields: Vec<String>,
    /// INFO keys of one population: NFE=AF_nfe or NFE=AC_nfe/AN_nfe. May be given several times.
    #[arg(long, value_name = "POPULATION=KEY", value_delimiter = ',')]
    map: Vec<String>,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The store.
    store: PathBuf,
    /// Read the whole store and compare every chunk with its sums.
    #[arg(long)]
    verify: bool,
}

#[derive(Debug, Args)]
struct QueryArgs {
    /// The store.
    store: PathBuf,
    /// Variants: chr20:10738026:A:G, position 1-based, with chr or without.
    #[arg(required = true)]
    variants: Vec<String>,
}

/// Runs `frequencies`.
///
/// # Errors
///
/// What building, reading or the query's text has wrong.
pub fn run(args: &FrequenciesArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        FrequenciesCommand::Build(build) => {
            let plan = StoreBuild {
                dataset: build.dataset.clone(),
                fields: build.fields.clone(),
                map: build.map.clone(),
                ..plan(&build.source, Kind::Frequencies)?
            };
            tell(&built(&plan, &build.source)?);
        }
        FrequenciesCommand::Show(show) => print(&shown(show)?),
        FrequenciesCommand::Query(query) => print(&answers(query)?),
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs `clinvar`.
///
/// # Errors
///
/// As [`run`].
pub fn run_clinvar(args: &ClinvarArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        ClinvarCommand::Build(source) => {
            tell(&built(&plan(source, Kind::Clinvar)?, source)?);
        }
        ClinvarCommand::Show(show) => print(&shown(show)?),
        ClinvarCommand::Query(query) => print(&answers(query)?),
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stdout, reason = "the answer of the command")]
fn print(text: &str) {
    print!("{text}");
}

fn plan(source: &SourceArgs, kind: Kind) -> Result<StoreBuild, Problem> {
    let assembly = match source.assembly.as_deref() {
        None => None,
        Some(name) => Some(Assembly::parse(name).ok_or_else(|| {
            Problem::usage(format!("--assembly {name:?}")).help("expected GRCh37 or GRCh38")
        })?),
    };
    Ok(StoreBuild {
        kind,
        dataset: None,
        version: source.dataset_version.clone(),
        assembly,
        fields: Vec::new(),
        map: Vec::new(),
        reference: source.reference.clone(),
    })
}

fn built(plan: &StoreBuild, source: &SourceArgs) -> Result<Meta, Problem> {
    stores::build(plan, &source.inputs, &source.output, threads(source.threads))
}

fn tell(meta: &Meta) {
    let tally = &meta.tally;
    log::info!(
        "{} {}: {} records, {} variants on {} contigs",
        meta.dataset,
        meta.version,
        tally.records,
        tally.variants,
        meta.contigs.len()
    );
    for (count, what) in [
        (tally.failed, "variants failed a filter of the source; they are kept with its name"),
        (tally.spanning, "ALTs are no variants (*) and were left out"),
        (tally.symbolic, "ALTs are symbolic or breakends and were left out"),
        (
            tally.duplicates,
            "variants came again and were kept once: one that passed, then the one with more alleles",
        ),
    ] {
        if count > 0 {
            log::info!("{count} {what}");
        }
    }
}

fn shown(args: &ShowArgs) -> Result<String, Problem> {
    let store = Store::open(&args.store)?;
    if args.verify {
        store.verify()?;
    }
    let meta = store.meta();
    let mut text = String::new();
    let mut line = |key: &str, value: String| {
        let _ = writeln!(text, "{key}\t{value}");
    };
    line("kind", meta.kind.word().into());
    line("dataset", meta.dataset.clone());
    line("version", meta.version.clone());
    line("assembly", meta.assembly.to_string());
    line(
        "left-aligned",
        if meta.left_aligned { "against a reference" } else { "as the source" }.into(),
    );
    line("sources", meta.sources.join(", "));
    line("digest", store.digest().into());
    line("bytes", store.bytes().to_string());
    line("variants", meta.tally.variants.to_string());
    line("failed filters", meta.tally.failed.to_string());
    line("left out", format!("{} *, {} symbolic", meta.tally.spanning, meta.tally.symbolic));
    line("kept once", meta.tally.duplicates.to_string());
    for population in &meta.populations {
        let more = [&population.homozygotes, &population.hemizygotes];
        let keys = std::iter::once(&population.from).chain(more.into_iter().flatten());
        let keys: Vec<&str> = keys.map(String::as_str).collect();
        line("population", format!("{}\t{}", population.name, keys.join(", ")));
    }
    for key in &meta.texts {
        line("text", key.clone());
    }
    for contig in &meta.contigs {
        let length = contig.length.map_or("-".into(), |length| length.to_string());
        line("contig", format!("{}\t{length}\t{}", contig.name, contig.variants));
    }
    if args.verify {
        line("verified", format!("{} chunks", store.chunks()));
    }
    Ok(text)
}

/// `contig:position:REF:ALT`, alleles trimmed.
fn variant(text: &str) -> Result<(&str, u32, String, String), Problem> {
    let wrong = || {
        Problem::usage(format!("{text:?} is no variant"))
            .help("expected CONTIG:POSITION:REF:ALT, as chr20:10738026:A:G")
    };
    let mut parts = text.rsplitn(4, ':');
    let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong);
    let (alternate, reference, position, contig) = (next()?, next()?, next()?, next()?);
    let position = position.parse::<u32>().ok().filter(|position| *position > 0);
    let mut position = position.ok_or_else(wrong)?;
    let bases = |text: &str| text.bytes().all(|base| base.is_ascii_alphabetic());
    if !bases(reference) || !bases(alternate) {
        return Err(wrong());
    }
    let (mut reference, mut alternate) =
        (reference.to_ascii_uppercase(), alternate.to_ascii_uppercase());
    while reference.len().min(alternate.len()) > 1
        && reference.chars().last() == alternate.chars().last()
    {
        reference.pop();
        alternate.pop();
    }
    while reference.len().min(alternate.len()) > 1
        && reference.chars().next() == alternate.chars().next()
    {
        reference.remove(0);
        alternate.remove(0);
        position += 1;
    }
    Ok((contig, position, reference, alternate))
}

fn answers(args: &QueryArgs) -> Result<String, Problem> {
    let store = Store::open(&args.store)?;
    let meta = store.meta();
    let mut cursor = store.cursor();
    let mut text = String::from("#variant\tanswer\tfilter");
    for population in &meta.populations {
        let _ = write!(text, "\t{}", population.name);
    }
    for key in &meta.texts {
        let _ = write!(text, "\t{key}");
    }
    text.push('\n');
    for asked in &args.variants {
        let (contig, position, reference, alternate) = variant(asked)?;
        let mut table = ContigTable::new();
        // A table of one contig cannot disagree with itself.
        let number = match table.add(contig, None) {
            Ok(_) => store.contigs(&table)?.first().copied().flatten(),
            Err(_) => None,
        };
        let found = cursor.find(number, position, reference.as_bytes(), alternate.as_bytes())?;
        let word = match found {
            Found::NotCovered => "not covered",
            Found::Absent => "absent",
            Found::Row(_) => "present",
        };
        let _ = write!(text, "{asked}\t{word}");
        match cursor.record(found) {
            Some(record) => values(&record, &mut text),
            None => text.push_str(&"\t.".repeat(1 + meta.populations.len() + meta.texts.len())),
        }
        text.push('\n');
    }
    Ok(text)
}

/// Filter, numbers and texts of a variant as cells.
fn values(record: &Record, text: &mut String) {
    let _ = write!(text, "\t{}", record.filter);
    for numbers in &record.populations {
        let frequency = numbers.frequency.map_or(".".into(), |value| format!("{value:.6e}"));
        let show = |number: Option<u32>| number.map_or(".".into(), |n| n.to_string());
        let _ = match numbers.total {
            None => write!(text, "\t{frequency}"),
            total => write!(text, "\t{frequency} ({}/{})", show(numbers.count), show(total)),
        };
        for (number, what) in [(numbers.homozygotes, "hom"), (numbers.hemizygotes, "XY")] {
            if let Some(number) = number {
                let _ = write!(text, " {number} {what}");
            }
        }
    }
    for word in &record.texts {
        let _ = write!(text, "\t{}", if word.is_empty() { "." } else { word });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_the_command_line_are_trimmed() {
        let read = |text: &str| variant(text).map(|(c, p, r, a)| format!("{c} {p} {r} {a}"));
        assert_eq!(read("chr1:100:a:G").unwrap(), "chr1 100 A G");
        assert_eq!(read("HLA-A*01:01:7:CAT:CT").unwrap(), "HLA-A*01:01 7 CA C");
        assert_eq!(read("1:100:TTA:TTG").unwrap(), "1 102 A G");
        for text in ["", "1:2", "1:0:A:C", "1:x:A:C", "1:5::C", "1:5:A:<DEL>"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
