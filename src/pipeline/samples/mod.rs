//! Identity of any number of samples, from their sketches, from the columns of a variant file, or from both.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::json;

use crate::case::ped::PedRow;
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::relatedness::family::{self, GroupChecks};
use crate::io::{sink, site_list};
use crate::model::identity::{LimitsUsed, MendelIdentity, PairIdentity, SampleIdentity, Suspicion};
use crate::model::karyotype::SexCheck;
use crate::model::made_by::PolicyMark;
use crate::model::problem::{Problem, Problems};
use crate::model::results::{InputDigest, Tool};
use crate::model::sample::Sex;
use crate::model::verdict::Outcome;
use crate::policy::acceptance::{self, AcceptanceSet};
use crate::policy::identity::IdentityLimits;
use crate::qc::verdict::contamination_outcome;
use crate::report::gel_metrics;

use super::part::{self, Part};
use super::rules::Rules;

mod groups;
mod read;
mod records;
mod tables;

/// Samples of more than this number have only their related pairs listed, and no contamination, unless asked for.
const MANY: usize = 200;

/// What to compare.
#[derive(Clone, Debug, Default)]
pub struct SampleFiles {
    /// Sketches.
    pub sketches: Vec<PathBuf>,
    /// A variant file.
    pub variants: Option<PathBuf>,
    /// Sites at which the calls of the variant file are taken. Without them these are the sites of the sketches, or, without
    /// sketches, the file's own plain variants.
    pub sites: Option<PathBuf>,
    /// Pedigree; people are found by the names of samples.
    pub pedigree: Vec<PedRow>,
    /// Folder for results.
    pub output: PathBuf,
    /// Start of the names of tables.
    pub prefix: String,
    /// List every pair, however many samples there are.
    pub all_pairs: bool,
    /// Estimate contamination, however many samples there are.
    pub contamination: bool,
    /// Threads.
    pub threads: usize,
    /// The command line, for the record.
    pub command: Vec<String>,
    /// Files that the pedigree was read from.
    pub pedigree_file: Option<PathBuf>,
}

/// `identity.json`.
#[derive(Clone, Debug, Serialize)]
pub struct SamplesIdentity {
    /// The program.
    pub tool: Tool,
    /// Rules in force.
    pub policy: PolicyMark,
    /// Limits that were applied.
    pub limits: LimitsUsed,
    /// What was compared.
    pub sites: String,
    /// The worst outcome.
    pub outcome: Outcome,
    /// What a reader should know: samples of other lists of sites, samples outside the pedigree, what was left out.
    pub notes: Vec<String>,
    /// The samples, in the order given; numbers elsewhere count from 1 in this list.
    pub samples: Vec<NamedSample>,
    /// Pairs within families, or all pairs of a small group.
    pub pairs: Vec<PairIdentity>,
    /// Children with their parents.
    pub families: Vec<MendelIdentity>,
    /// What does not fit, gravest first.
    pub suspicions: Vec<Suspicion>,
}

/// What a sample was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleSource {
    /// Aligned reads.
    Reads,
    /// Calls.
    Calls,
}

/// One sample by name.
#[derive(Clone, Debug, Serialize)]
pub struct NamedSample {
    /// Name of the sample.
    pub sample: String,
    /// What it was taken from: a sample may be there once as reads and once as calls.
    pub source: SampleSource,
    /// Sex that the depths of X and Y, or X sites, show.
    pub sex: Sex,
    /// Sex chromosomes; absent when the sites are those of a joint file.
    pub chromosomes: Option<SexCheck>,
    /// What the sample says about itself; absent when the sites are those of a joint file.
    pub identity: Option<SampleIdentity>,
}

/// One sample, read.
#[derive(Debug)]
struct Sample {
    name: String,
    /// Its name in tables, where every row needs its own.
    row: String,
    source: SampleSource,
    identity: Option<SampleIdentity>,
    chromosomes: Option<SexCheck>,
}

impl Sample {
    /// The sex that depths show.
    fn shown(&self) -> Sex {
        self.chromosomes.as_ref().map_or(Sex::Unknown, SexCheck::shown)
    }
}

/// All of them, with their genotypes at one list of sites.
#[derive(Debug, Default)]
struct Samples {
    each: Vec<Sample>,
    bits: Vec<GenotypeBits>,
    sites: String,
    notes: Vec<String>,
}

/// Compares samples and writes `PREFIX.samples.tsv`, `PREFIX.pairs.tsv`, `PREFIX.groups.tsv`, `identity.json`,
/// `gel_metrics.json`, and `SAMPLE.selfSM` where contamination was measured.
///
/// # Errors
///
/// Faults of the inputs, or a file that cannot be written.
pub fn run(files: &SampleFiles) -> Result<SamplesIdentity, Problems> {
    let limits = IdentityLimits::preset()?;
    let samples = read::all(files, limits)?;
    log::info!("{} samples read, sites: {}", samples.each.len(), samples.sites);
    let outside = groups::outside(&samples.each, &files.pedigree)?;
    let settings = json!({ "all_pairs": files.all_pairs, "contamination": files.contamination });
    let rules = Rules::of_reads(None, &settings)?;
    let command = (files.command.clone(), files.threads);
    let part =
        Part::begin(files.output.clone(), std::slice::from_ref(&files.prefix), rules, command)?;
    let found = compare(files, &part, (samples, outside));
    part.end(found)
}

/// The work, and its record.
fn compare(
    files: &SampleFiles,
    part: &Part,
    (samples, outside): (Samples, Vec<String>),
) -> Result<SamplesIdentity, Problems> {
    let limits = IdentityLimits::preset()?;
    remove_older(files)?;
    let groups = groups::of(&samples.each, &files.pedigree);
    let mut found = SamplesIdentity {
        tool: Tool::this(),
        policy: part.rules().mark.clone(),
        limits: LimitsUsed { id: limits.id.clone(), version: limits.version.clone() },
        sites: samples.sites.clone(),
        outcome: Outcome::NotAssessed,
        notes: samples.notes.iter().cloned().chain(outside).collect(),
        samples: Vec::new(),
        pairs: Vec::new(),
        families: Vec::new(),
        suspicions: Vec::new(),
    };
    found.notes.iter().for_each(|note| log::warn!("{note}"));
    let mut sexes: Vec<Sex> = samples.each.iter().map(Sample::shown).collect();
    for group in &groups {
        let bits: Vec<GenotypeBits> =
            group.samples.iter().map(|&i| samples.bits[i].clone()).collect();
        let GroupChecks { pairs, families, sexes: shown, suspicions } =
            family::check(&group.people, &bits, limits);
        for (&i, sex) in group.samples.iter().zip(shown) {
            sexes[i] = sex;
        }
        found.pairs.extend(pairs);
        found.families.extend(families);
        found.suspicions.extend(suspicions);
    }
    tables::pairs(files, &samples, &groups, limits, &mut found)?;
    let named = samples.each.into_iter().zip(&sexes).map(|(sample, &sex)| {
        let Sample { name, row, source, identity, chromosomes } = sample;
        (row, NamedSample { sample: name, source, sex, chromosomes, identity })
    });
    let (rows, named): (Vec<String>, Vec<NamedSample>) = named.unzip();
    found.samples = named;
    let germline = acceptance::set(GERMLINE)?;
    let numbered = (1..).zip(&found.samples);
    found.suspicions.extend(numbered.filter_map(|(i, own)| contaminated(i, own, &germline)));
    let mut written = tables::samples(files, &rows, &samples.bits, &found)?;
    found.suspicions.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.outcome));
    found.outcome = worst(&found);
    written.extend(records::write(&found, &groups, files)?);
    write_json(&found, files)?;
    part.tell_identity(found.outcome, found.suspicions.len())?;
    written.extend(names(files));
    let mut named: Vec<&str> = found.samples.iter().map(|own| own.sample.as_str()).collect();
    named.sort_by_key(|name| std::cmp::Reverse(name.len()));
    part.record(&files.prefix, inputs(files)?, (written, &[]), &named)?;
    Ok(found)
}

fn inputs(files: &SampleFiles) -> Result<Vec<InputDigest>, Problem> {
    let sites = files.sites.iter().flat_map(|path| site_list::files(path));
    let all = files.sketches.iter().map(|path| ("sketch", path.clone()));
    let all = all.chain(files.variants.iter().map(|path| ("variants", path.clone())));
    let all = all.chain(files.pedigree_file.iter().map(|path| ("pedigree", path.clone())));
    let all = all.chain(sites.map(|path| ("sites", path)));
    all.map(|(role, path)| part::input(role, &path)).collect()
}

/// The tables and the summary, by name.
fn names(files: &SampleFiles) -> Vec<String> {
    let tables = ["samples.tsv", "pairs.tsv", "groups.tsv"];
    let tables = tables.map(|end| format!("{}.{end}", files.prefix)).into_iter();
    tables.chain(["identity.json".to_owned()]).collect()
}

/// Removes the tables and the summary of an earlier command, so that after a failure none is taken for this one's.
fn remove_older(files: &SampleFiles) -> Result<(), Problem> {
    let names = names(files).into_iter().chain([gel_metrics::FILE.to_owned()]);
    let older: Vec<PathBuf> = names.map(|name| files.output.join(name)).collect();
    let inputs = files.sketches.iter().chain(&files.variants).chain(&files.sites);
    sink::remove(&older, &inputs.map(PathBuf::as_path).collect::<Vec<_>>())
}

/// The set whose limit of contamination samples of no case are held against.
const GERMLINE: &str = "gel-germline";

/// A sample with more of another person than the set allows.
fn contaminated(number: u16, sample: &NamedSample, set: &AcceptanceSet) -> Option<Suspicion> {
    let identity = sample.identity.as_ref()?;
    let outcome = contamination_outcome(set, identity)?;
    let share = identity.decisive()?.measured()?.value * 100.0;
    matches!(outcome, Outcome::Warn | Outcome::Fail).then(|| Suspicion {
        outcome,
        members: vec![number],
        text: format!(
            "sample {number}: {share:.2} % of its reads come from another person, more than {} allows",
            set.id
        ),
    })
}

/// The worst outcome; what was only reported does not count.
fn worst(found: &SamplesIdentity) -> Outcome {
    let outcomes = found.pairs.iter().map(|pair| pair.outcome);
    outcomes
        .chain(found.families.iter().map(|family| family.outcome))
        .chain(found.suspicions.iter().map(|suspicion| suspicion.outcome))
        .filter(|outcome| *outcome != Outcome::Reported)
        .max()
        .unwrap_or(Outcome::NotAssessed)
}

fn write_json(found: &SamplesIdentity, files: &SampleFiles) -> Result<(), Problem> {
    let mut json = serde_json::to_vec_pretty(found)
        .map_err(|e| Problem::bad_data(format!("cannot write JSON: {e}")))?;
    json.push(b'\n');
    sink::write_whole(files.output.join("identity.json"), &json)
}
