//! `tierline qc`: quality metrics and depth tracks of alignment files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, ValueEnum, value_parser};

use super::gene_args::GeneArgs;
use crate::exec::qc::{Opened, QcRun};
use crate::identity::sample;
use crate::io::{bed, sink, site_list, text};
use crate::model::contig::ContigTable;
use crate::model::problem::{Problem, Problems};
use crate::model::verdict::Outcome;
use crate::pipeline::acceptance as acceptance_log;
use crate::pipeline::part::Part;
use crate::policy::acceptance::{self, AcceptanceSet};
use crate::policy::identity::IdentityLimits;
use crate::qc::depth::{BedRegion, By, Compat, DepthSettings, Mode, Quantize};
use crate::qc::genes::GeneSettings;
use crate::qc::{METRICS, QcSettings, sketch, verdict};
use crate::report::qc_files;

mod record;

/// Environment variables that mosdepth reads, for those who set them: digits after the point, and labels of bins.
const PRECISION_VARIABLE: &str = "MOSDEPTH_PRECISION";
const LABEL_VARIABLE: &str = "MOSDEPTH_Q";

/// Whose numbers to reproduce.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Peer {
    /// mosdepth 0.3.3, its faults included.
    #[value(name = "mosdepth-0.3.3", alias = "mosdepth")]
    Mosdepth,
}

impl Peer {
    /// How depth is computed.
    pub(super) fn compat(asked: Option<Self>) -> Compat {
        match asked {
            Some(Self::Mosdepth) => Compat::Mosdepth,
            None => Compat::Corrected,
        }
    }
}

/// Quality metrics and depth of coverage of alignment files, in one pass over each.
#[derive(Debug, Args)]
pub struct QcArgs {
    /// BAM or CRAM files, or `-` for BAM on stdin. An index (.bai, .csi) beside a BAM lets all threads read it.
    #[arg(value_name = "ALN", required = true)]
    alignments: Vec<PathBuf>,
    /// Folder for the results.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// Name of the result files instead of the sample's (@RG SM) or the file's; for one alignment file.
    #[arg(long)]
    prefix: Option<String>,
    /// Threads.
    #[arg(short, long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: u16,
    /// Reference as FASTA with .fai: for CRAM, and for the metrics that compare reads with it.
    #[arg(short = 'f', long, value_name = "FASTA")]
    reference: Option<PathBuf>,
    /// Metrics to run, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "METRIC", help = only_help())]
    only: Option<Vec<String>>,
    /// Sites of the sketch instead of the built-in list: VCF or BCF with AF, BED with alleles and frequency, or a resource of
    /// VerifyBamID2.
    #[arg(long, value_name = "FILE")]
    sites: Option<PathBuf>,
    #[command(flatten)]
    depth: DepthArgs,
    /// Count by region of --by the bases that wgs excludes, and why: NAME.excluded.bed.
    #[arg(long, requires = "by", requires = "reference")]
    excluded: bool,
    #[command(flatten)]
    genes: GeneArgs,
    /// Compare the values with this set of acceptance limits: gel-germline, gel-newborn, gel-normal, gel-tumour, or
    /// ga4gh-wgs, which only reports.
    #[arg(long, value_name = "SET")]
    accept: Option<String>,
    /// The samples are saliva: some limits then warn where they would fail.
    #[arg(long, requires = "accept")]
    saliva: bool,
    /// End with exit code 3 when a sample fails.
    #[arg(long, requires = "accept")]
    fail_on_qc: bool,
    /// Compressed bytes of a task: no output depends on it.
    #[arg(long, hide = true)]
    task_bytes: Option<u64>,
}

/// What of a read counts.
#[derive(Debug, Args)]
struct ModeArgs {
    /// Do not look into CIGARs and count overlapping mates twice.
    #[arg(short = 'x', long)]
    fast_mode: bool,
    /// Count the whole stretch that a proper pair comes from, the insert too.
    #[arg(short = 'a', long, conflicts_with = "fast_mode")]
    fragment_mode: bool,
}

/// What to count and to write about depth, with mosdepth's letters.
#[derive(Debug, Args)]
struct DepthArgs {
    /// Depth by window of this many bp, or by region of a BED file.
    #[arg(short, long, value_name = "BED|BP", value_parser = NonEmptyStringValueParser::new())]
    by: Option<String>,
    /// No per-base track.
    #[arg(short, long)]
    no_per_base: bool,
    #[command(flatten)]
    mode: ModeArgs,
    /// Leave out reads of a smaller template length.
    #[arg(short = 'l', long, default_value_t = 0, value_name = "BP")]
    min_frag_len: u32,
    /// Leave out reads of a greater template length.
    #[arg(short = 'u', long, value_name = "BP")]
    max_frag_len: Option<u32>,
    /// Least mapping quality.
    #[arg(short = 'Q', long, default_value_t = 0, value_name = "PHRED", value_parser = value_parser!(u32).range(..=255))]
    mapq: u32,
    /// Leave out reads with any of these flag bits.
    #[arg(short = 'F', long, default_value_t = 1796, value_name = "BITS")]
    flag: u16,
    /// Count only reads with any of these flag bits.
    #[arg(short = 'i', long, default_value_t = 0, value_name = "BITS")]
    include_flag: u16,
    /// Count only reads of these read groups, separated by commas.
    #[arg(short = 'R', long, value_delimiter = ',', value_name = "ID", value_parser = NonEmptyStringValueParser::new())]
    read_groups: Vec<String>,
    /// Count the bases of each region that reach these depths, separated by commas.
    #[arg(short = 'T', long, value_delimiter = ',', value_name = "DEPTH", requires = "by")]
    thresholds: Vec<u32>,
    /// Merge bases by bins of depth, as `0:1:5:150:`.
    #[arg(short, long, value_name = "BINS")]
    quantize: Option<String>,
    /// Median instead of mean by region.
    #[arg(short = 'm', long, requires = "by")]
    use_median: bool,
    /// Reproduce the text of another tool's output, faults included.
    #[arg(long, value_name = "TOOL")]
    compat: Option<Peer>,
}

impl ModeArgs {
    fn lower(&self) -> Mode {
        match (self.fast_mode, self.fragment_mode) {
            (true, _) => Mode::Spans,
            (_, true) => Mode::Fragments,
            _ => Mode::Bases,
        }
    }
}

fn only_help() -> String {
    let metrics: Vec<String> =
        METRICS.iter().map(|kind| format!("{} ({})", kind.id, kind.about)).collect();
    format!("Metrics to run, separated by commas [all]: {}", metrics.join("; "))
}

/// Runs the subcommand.
///
/// # Errors
///
/// Faults of the arguments and of every file that can be found before work starts, all together; then damage in a file, or
/// an output that cannot be written.
pub fn run(args: &QcArgs) -> anyhow::Result<ExitCode> {
    let mut problems = Problems::default();
    let set = args.accept.as_deref().and_then(|name| problems.collect(acceptance::set(name)));
    let jobs = args.prepare(&mut problems);
    problems.into_result()?;
    let names: Vec<String> = jobs.iter().map(|(_, _, stem)| record::name_of(stem)).collect();
    let by = args.depth.by.as_ref().map(Path::new);
    let genes = args.genes.files();
    let inputs = args.alignments.iter().chain(&args.reference).chain(&genes).chain(&args.sites);
    let inputs: Vec<&Path> = inputs.map(PathBuf::as_path).chain(by).collect();
    let part = args.begin(&names)?;
    let older: Vec<PathBuf> = jobs.iter().flat_map(|(_, _, stem)| qc_files::all(stem)).collect();
    let worked = sink::remove(&older, &inputs)
        .map_err(Problems::from)
        .and_then(|()| work(args, &part, (jobs, set.as_ref())));
    let failed = part.end(worked)?;
    Ok(if failed && args.fail_on_qc { QC_FAILED.into() } else { ExitCode::SUCCESS })
}

/// Reads one alignment after the other; tells whether one failed its limits.
fn work(
    args: &QcArgs,
    part: &Part,
    (jobs, set): (Vec<(QcRun, Opened, PathBuf)>, Option<&AcceptanceSet>),
) -> Result<bool, Problems> {
    let mut failed = false;
    for ((number, (run, opened, stem)), path) in jobs.into_iter().enumerate().zip(&args.alignments)
    {
        let contigs = opened.contigs().len();
        log::info!("quality control over {contigs} contigs, {} threads", args.threads);
        let mut result = run.run(opened, Some(&stem))?;
        let limits = IdentityLimits::preset()?;
        result.identity = result.sketch.as_ref().map(|sketch| sample::identity(sketch, limits));
        result.policy = Some(part.rules().mark.clone());
        if let Some(set) = set {
            let verdict = verdict::assess(set, &result, args.saliva);
            failed |= verdict.outcome == Outcome::Fail;
            acceptance_log::tell(number + 1, &verdict);
            result.verdict = Some(verdict);
        }
        qc_files::write(&result, &stem)?;
        let file = u16::try_from(number).unwrap_or(u16::MAX).saturating_add(1);
        part.tell_reads(file, result.verdict.as_ref().map(|own| own.outcome))?;
        args.record(part, (path, &record::name_of(&stem)), &result)?;
    }
    Ok(failed)
}

/// Exit code when quality control failed, under `--fail-on-qc` only.
pub(super) const QC_FAILED: u8 = 3;

/// The sites of a file on the contigs of an alignment.
fn collect_sites(path: &Path, opened: &Opened, problems: &mut Problems) -> sketch::Sites {
    match site_list::read(path, sketch::assembly(opened.contigs())) {
        Ok(read) => {
            for note in &read.notes {
                log::warn!("{}: {note}", path.display());
            }
            let list = Arc::new(read.list);
            problems.collect(sketch::check(opened.contigs(), &list))?;
            Some(list)
        }
        Err(more) => {
            problems.0.extend(more.0);
            None
        }
    }
}

/// Regions of a BED that lie behind the end of their contig, in part at least.
#[derive(Debug, Default)]
struct Behind {
    regions: usize,
    wholly: usize,
    /// Where the first of them stands in the BED, and on what.
    first: Option<String>,
}

impl Behind {
    /// Looks at a region of a contig of `length` bp.
    fn add(&mut self, line: &bed::BedLine, length: Option<u32>) {
        let bed::BedLine { contig, span, line, .. } = line;
        let Some(length) = length.filter(|length| span.end > *length) else { return };
        self.regions += 1;
        self.wholly += usize::from(span.start >= length);
        self.first.get_or_insert_with(|| {
            let (start, end) = (span.start, span.end);
            format!("line {line}: {contig} has {length} bp, the region is {start} to {end}")
        });
    }
}

impl QcArgs {
    /// Opens every file and settles every name before work starts.
    fn prepare(&self, problems: &mut Problems) -> Vec<(QcRun, Opened, PathBuf)> {
        let others_only =
            self.only.as_ref().is_some_and(|only| only.iter().all(|id| id != sketch::ID));
        if self.sites.is_some() && others_only {
            problems
                .0
                .push(Problem::usage("--sites is for the metric sketch, which --only leaves out"));
        }
        if self.prefix.is_some() && self.alignments.len() > 1 {
            problems.0.push(Problem::usage("--prefix names the results of one alignment file"));
        }
        let lines = self.bed_lines(problems);
        let genes = self.genes.settings(problems);
        let mut stems = BTreeSet::new();
        let mut jobs = Vec::new();
        for path in &self.alignments {
            let Some(mut run) =
                problems.collect(self.depth_settings().map(|s| self.run_of(s, genes.clone())))
            else {
                return jobs;
            };
            let opened = match run.open(path) {
                Ok(opened) => opened,
                Err(more) => {
                    problems.0.extend(more.0);
                    continue;
                }
            };
            if let Some(lines) = &lines {
                run.settings.depth.by = problems.collect(self.regions(lines, &opened, path));
            }
            if let Some(path) = &self.sites {
                run.settings.sites = collect_sites(path, &opened, problems);
            }
            let name = sink::safe_file_name(self.prefix.as_ref().unwrap_or(&opened.sample));
            if !stems.insert(name.clone()) {
                problems.0.push(
                    Problem::usage(format!("a second file would write results called {name:?}"))
                        .in_file(path.display())
                        .help("run it alone with another --prefix or -o"),
                );
            }
            jobs.push((run, opened, self.output.join(name)));
        }
        jobs
    }

    fn run_of(&self, depth: DepthSettings, genes: Option<GeneSettings>) -> QcRun {
        QcRun {
            settings: QcSettings {
                only: self.only.clone(),
                depth,
                excluded: self.excluded,
                genes,
                sites: None,
            },
            threads: usize::from(self.threads),
            reference: self.reference.clone(),
            task_bytes: self.task_bytes,
        }
    }

    /// The lines of a `--by` BED; `None` for windows, or when it cannot be read.
    fn bed_lines(&self, problems: &mut Problems) -> Option<Vec<bed::BedLine>> {
        let by = self.depth.by.as_ref()?;
        if by.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        match bed::read(Path::new(by)) {
            Ok(lines) => Some(lines),
            Err(more) => {
                problems.0.extend(more.0);
                None
            }
        }
    }

    fn depth_settings(&self) -> Result<DepthSettings, Problem> {
        let depth = &self.depth;
        let compat = Peer::compat(depth.compat);
        let label = |bin: usize| {
            std::env::var(format!("{LABEL_VARIABLE}{bin}")).ok().filter(|label| !label.is_empty())
        };
        let windows = match depth.by.as_deref().map(str::parse::<u32>) {
            Some(Ok(0)) => return Err(Problem::usage("a window of 0 bp holds nothing (--by 0)")),
            Some(Ok(size)) => Some(By::Windows(size)),
            _ => None,
        };
        let longest = depth.max_frag_len.unwrap_or(u32::MAX);
        if longest < depth.min_frag_len {
            let message = format!("-u {longest} is less than -l {}", depth.min_frag_len);
            return Err(Problem::usage(message).help("no template length lies between"));
        }
        let mut thresholds = depth.thresholds.clone();
        thresholds.sort_unstable();
        Ok(DepthSettings {
            mode: depth.mode.lower(),
            lengths: depth.min_frag_len..=longest,
            min_mapq: depth.mapq,
            exclude_flags: depth.flag,
            include_flags: depth.include_flag,
            read_groups: depth.read_groups.clone(),
            per_base: !depth.no_per_base,
            by: windows,
            thresholds,
            quantize: depth.quantize.as_ref().map(|q| Quantize::parse(q, label)).transpose()?,
            median: depth.use_median,
            precision: std::env::var(PRECISION_VARIABLE)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(2),
            compat,
            asked: Vec::new(),
        })
    }

    /// The BED's regions with the contig names of the alignment file. In compat mode names must be equal; otherwise
    /// `chr20` finds `20`.
    fn regions(&self, lines: &[bed::BedLine], opened: &Opened, path: &Path) -> Result<By, Problem> {
        let exact = self.depth.compat.is_some();
        let mut table = ContigTable::new();
        for (name, length) in opened.contigs() {
            // A second contig of the same class (an alternative name in one header) stays findable by its own name.
            let _ = table.add(name, Some(*length));
        }
        let lengths: BTreeMap<&str, u32> =
            opened.contigs().iter().map(|(name, length)| (&**name, *length)).collect();
        let mut unknown = BTreeSet::new();
        let (mut regions, mut behind) = (Vec::new(), Behind::default());
        for line in lines {
            let alias = || table.resolve(&line.contig).map(|id| table.name(id).to_owned());
            let contig = match lengths.get_key_value(line.contig.as_str()) {
                Some((name, _)) => Some((*name).to_owned()),
                None if exact => None,
                None => alias(),
            };
            match contig {
                Some(contig) => {
                    behind.add(line, lengths.get(contig.as_str()).copied());
                    regions.push(BedRegion { contig, span: line.span, name: line.name.clone() });
                }
                None => {
                    unknown.insert(&line.contig);
                }
            }
        }
        let by = self.depth.by.clone().unwrap_or_default();
        if regions.is_empty() && !lines.is_empty() && !exact {
            let example = unknown.first().map_or("", |name| name.as_str());
            return Err(Problem::bad_data(format!(
                "no region lies on a contig of {} (the first is on {})",
                path.display(),
                text::excerpt(example)
            ))
            .in_file(by)
            .help("the BED belongs to another assembly or naming of contigs"));
        }
        if !unknown.is_empty() {
            log::warn!("{by}: {} contigs are not in the alignment file", unknown.len());
        }
        if let Some(first) = &behind.first {
            let Behind { regions, wholly, .. } = behind;
            log::warn!(
                "{by}: {first}; regions that reach behind their contig, where nothing is counted: {regions}, wholly: {wholly}; is the BED of another assembly?"
            );
        }
        Ok(By::Regions(regions))
    }
}
