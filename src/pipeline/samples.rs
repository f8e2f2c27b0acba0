//! Identity of any number of samples, from their sketches or from the columns of a variant file.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::case::ped::PedRow;
use crate::exec::{self, identity::SnpTable};
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::relatedness::family::{self, GroupChecks};
use crate::identity::relatedness::pedigree::{Pedigree, Person};
use crate::identity::relatedness::relation;
use crate::identity::relatedness::tiles::Pair;
use crate::identity::sample;
use crate::io::sink::{self, AtomicFile};
use crate::io::sketch_file;
use crate::io::variants::{SnpColumns, VariantFile};
use crate::model::identity::{
    GenotypeCounts, LimitsUsed, MendelIdentity, PairIdentity, Relation, SampleIdentity, Suspicion,
};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{Affected, Sex};
use crate::model::sketch::Sketch;
use crate::model::verdict::Outcome;
use crate::policy::identity::IdentityLimits;
use crate::report::identity::{self_sm, somalier};

/// Samples of more than this number have only their related pairs listed, unless all are asked for.
const ALL_PAIRS_OF: usize = 200;

/// Without a pedigree groups up to this size are checked as one family of strangers.
const GROUP_OF: usize = 60;

/// What to compare.
#[derive(Clone, Debug, Default)]
pub struct SampleFiles {
    /// Sketches, all of the same sites.
    pub sketches: Vec<PathBuf>,
    /// A variant file; its own plain variants are the sites.
    pub variants: Option<PathBuf>,
    /// Pedigree; people are found by the names of samples.
    pub pedigree: Vec<PedRow>,
    /// Folder for results.
    pub output: PathBuf,
    /// Start of the names of tables.
    pub prefix: String,
    /// List every pair, however many samples there are.
    pub all_pairs: bool,
    /// Threads.
    pub threads: usize,
}

/// `identity.json`.
#[derive(Clone, Debug, Serialize)]
pub struct SamplesIdentity {
    /// Limits that were applied.
    pub limits: LimitsUsed,
    /// What was compared.
    pub sites: String,
    /// The worst outcome.
    pub outcome: Outcome,
    /// The samples, in the order given; numbers elsewhere count from 1 in this list.
    pub samples: Vec<NamedSample>,
    /// Pairs within families, or all pairs of a small group.
    pub pairs: Vec<PairIdentity>,
    /// Children with their parents.
    pub families: Vec<MendelIdentity>,
    /// What does not fit, gravest first.
    pub suspicions: Vec<Suspicion>,
}

/// One sample by name.
#[derive(Clone, Debug, Serialize)]
pub struct NamedSample {
    /// Name of the sample.
    pub sample: String,
    /// Sex that X sites show.
    pub sex: Sex,
    /// What the sample says about itself; absent when the sites are those of a joint file.
    pub identity: Option<SampleIdentity>,
}

/// The samples, read.
struct Samples {
    names: Vec<String>,
    sketches: Vec<Option<Sketch>>,
    bits: Vec<GenotypeBits>,
    sites: String,
}

/// Compares samples and writes `PREFIX.samples.tsv`, `PREFIX.pairs.tsv`, `PREFIX.groups.tsv`, `identity.json`, and
/// `SAMPLE.selfSM` where contamination was measured.
///
/// # Errors
///
/// Faults of the inputs, or a file that cannot be written.
pub fn run(files: &SampleFiles) -> Result<SamplesIdentity, Problems> {
    let limits = IdentityLimits::preset()?;
    let samples = read(files, limits)?;
    log::info!("{} samples read, sites: {}", samples.names.len(), samples.sites);
    let is_named = |row: &PedRow| samples.names.contains(&row.id);
    if !files.pedigree.is_empty() && !files.pedigree.iter().any(is_named) {
        let problem = Problem::bad_data("the pedigree names none of the samples");
        return Err(problem.help("its individuals are found by the names of the samples").into());
    }
    sink::make_folder(&files.output)?;
    let groups = groups(&samples.names, &files.pedigree);
    let mut found = SamplesIdentity {
        limits: LimitsUsed { id: limits.id.clone(), version: limits.version.clone() },
        sites: samples.sites.clone(),
        outcome: Outcome::NotAssessed,
        samples: Vec::new(),
        pairs: Vec::new(),
        families: Vec::new(),
        suspicions: Vec::new(),
    };
    let mut sexes = vec![Sex::Unknown; samples.names.len()];
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
    pair_tables(files, &samples, &groups, limits, &mut found)?;
    found.samples = named(&samples, &sexes, limits);
    sample_tables(files, &samples, &found)?;
    found.suspicions.sort_by_key(|suspicion| std::cmp::Reverse(suspicion.outcome));
    let outcomes = found.pairs.iter().map(|pair| pair.outcome);
    let outcomes = outcomes.chain(found.families.iter().map(|family| family.outcome));
    let outcomes = outcomes.chain(found.suspicions.iter().map(|suspicion| suspicion.outcome));
    found.outcome = outcomes.filter(|o| *o != Outcome::Reported).max().unwrap_or(found.outcome);
    let mut json = serde_json::to_vec_pretty(&found)
        .map_err(|e| Problem::bad_data(format!("cannot write JSON: {e}")))?;
    json.push(b'\n');
    sink::write_whole(files.output.join("identity.json"), &json)?;
    Ok(found)
}

fn read(files: &SampleFiles, limits: &IdentityLimits) -> Result<Samples, Problems> {
    match (&files.variants, files.sketches.is_empty()) {
        (Some(path), true) => Ok(of_variants(path, files.threads, limits)?),
        (None, false) => of_sketches(&files.sketches, limits),
        (Some(_), false) => Err(Problem::usage("sketches and a variant file cannot be compared")
            .help("make sketches of the variant file's samples first")
            .into()),
        (None, true) => Err(Problem::usage("no sketch and no variant file was given").into()),
    }
}

fn of_variants(path: &Path, threads: usize, limits: &IdentityLimits) -> Result<Samples, Problem> {
    let file = VariantFile::open(path)?;
    let names = file.header().samples.clone();
    if names.is_empty() {
        let problem = Problem::bad_data("has no sample column, so there is nothing to compare");
        return Err(problem.in_file(path.display()));
    }
    let columns = SnpColumns {
        columns: (0..names.len()).collect(),
        assembly: file.header().assembly(),
        min_genotype_quality: limits.genotype.min_genotype_quality.value,
        depths: false,
    };
    let mut table = SnpTable::new(names.len(), 1);
    exec::identity::read_snps(&file, &columns, threads, &mut table)?;
    let bits = table.bits;
    let is_empty = |bits: &GenotypeBits| bits.autosomal() == [0; 3] && bits.on_x() == [0; 3];
    if bits.iter().all(is_empty) {
        let message =
            "holds no genotype (GT) of a single-nucleotide variant that passed its filters";
        let help = "give calls with genotypes, or compare sketches of the reads";
        return Err(Problem::bad_data(message).in_file(path.display()).help(help));
    }
    let sketches = names.iter().map(|_| None).collect();
    Ok(Samples { names, sketches, bits, sites: "the file's own single-nucleotide variants".into() })
}

fn of_sketches(paths: &[PathBuf], limits: &IdentityLimits) -> Result<Samples, Problems> {
    let mut problems = Problems::default();
    let mut samples =
        Samples { names: Vec::new(), sketches: Vec::new(), bits: Vec::new(), sites: String::new() };
    let mut digest: Option<String> = None;
    for path in paths {
        let Some(sketch) = problems.collect(sketch_file::read(path)) else { continue };
        if digest.as_ref().is_some_and(|digest| *digest != sketch.sites.digest) {
            let message =
                format!("was taken at other sites ({:?}) than the first sketch", sketch.sites.name);
            let help = "take all sketches with the same list of sites";
            problems.0.push(Problem::bad_data(message).in_file(path.display()).help(help));
            continue;
        }
        if let Some(first) = samples.names.iter().position(|name| *name == sketch.sample) {
            let message = format!("is of the same sample as sketch {}", first + 1);
            let help = "give each sample once; two libraries of one person need two names";
            problems.0.push(Problem::bad_data(message).in_file(path.display()).help(help));
            continue;
        }
        digest.get_or_insert_with(|| sketch.sites.digest.clone());
        samples.sites.clone_from(&sketch.sites.name);
        samples.names.push(sketch.sample.clone());
        samples.bits.push(GenotypeBits::of_sketch(&sketch, &limits.genotype));
        samples.sketches.push(Some(sketch));
    }
    problems.into_result().map(|()| samples)
}

/// Samples that are checked together, with their people: `people[i]` has sample `samples[i]`, those behind have none.
struct Group {
    samples: Vec<usize>,
    people: Vec<Person>,
}

/// The families of the pedigree; without one, all samples of a small group together.
fn groups(names: &[String], pedigree: &[PedRow]) -> Vec<Group> {
    let number = |name: &str| names.iter().position(|own| own == name);
    if pedigree.is_empty() {
        let person = |i: usize| Person {
            number: i as u16 + 1,
            label: format!("sample {}", i + 1),
            key: i.to_string(),
            ..Person::default()
        };
        let samples: Vec<usize> = (0..names.len()).collect();
        let people = samples.iter().map(|&i| person(i)).collect();
        return if names.len() <= GROUP_OF { vec![Group { samples, people }] } else { Vec::new() };
    }
    let mut families: BTreeMap<&str, Vec<&PedRow>> = BTreeMap::new();
    for row in pedigree {
        families.entry(&row.family).or_default().push(row);
    }
    let group = |(_, mut rows): (&str, Vec<&PedRow>)| {
        // Those with a sample first; the sort keeps the order otherwise.
        rows.sort_by_key(|row| number(&row.id).is_none());
        let place = |id: &Option<String>| {
            rows.iter().position(|row| Some(row.id.as_str()) == id.as_deref())
        };
        let person = |row: &&PedRow| Person {
            number: number(&row.id).map_or(0, |i| i as u16 + 1),
            label: number(&row.id).map_or_else(String::new, |i| format!("sample {}", i + 1)),
            key: row.id.clone(),
            family: row.family.clone(),
            father: place(&row.father),
            mother: place(&row.mother),
            sex: row.sex,
            shown: Sex::Unknown,
        };
        let samples = rows.iter().filter_map(|row| number(&row.id)).collect();
        Group { samples, people: rows.iter().map(person).collect() }
    };
    families.into_iter().map(group).filter(|group| !group.samples.is_empty()).collect()
}

/// Streams all pairs into the tables, and tells those that are related across families.
fn pair_tables(
    files: &SampleFiles,
    samples: &Samples,
    groups: &[Group],
    limits: &IdentityLimits,
    found: &mut SamplesIdentity,
) -> Result<(), Problem> {
    let table =
        |end: &str| AtomicFile::create(files.output.join(format!("{}.{end}", files.prefix)));
    let (mut pairs, mut related) = (table("pairs.tsv")?, table("groups.tsv")?);
    let write = |file: &mut AtomicFile, text: &str| {
        let target = file.target().display().to_string();
        file.write_all(text.as_bytes()).map_err(|e| Problem::writing(target, &e))
    };
    write(&mut pairs, somalier::PAIRS)?;
    let listed = limits.relation.listed_relatedness.value;
    let is_few = files.all_pairs || samples.names.len() <= ALL_PAIRS_OF;
    let least = (!is_few).then_some(listed / 2.0);
    let pedigrees: Vec<Pedigree<'_>> = groups.iter().map(|g| Pedigree::new(&g.people)).collect();
    let mut places = vec![None; samples.names.len()];
    for (number, group) in groups.iter().enumerate() {
        for (place, &sample) in group.samples.iter().enumerate() {
            places[sample] = Some((number, place));
        }
    }
    exec::identity::pairs(&samples.bits, files.threads, least, |pair| {
        let (a, b) = (pair.a as usize, pair.b as usize);
        let expected = match (places[a], places[b]) {
            (Some((one, i)), Some((other, j))) if one == other => {
                pedigrees[one].expected(i, j).kinship.map(|kinship| 2.0 * kinship)
            }
            (Some(_), Some(_)) => Some(0.0),
            _ => None,
        };
        let (one, other) = (&samples.names[a], &samples.names[b]);
        write(&mut pairs, &somalier::pair(one, other, &pair.counts, expected))?;
        if let Some(relatedness) = pair.counts.relatedness().filter(|value| *value > listed) {
            write(&mut related, &somalier::group(one, other, relatedness))?;
        }
        let same_group = matches!((places[a], places[b]), (Some(x), Some(y)) if x.0 == y.0);
        if !same_group {
            found.suspicions.extend(across(&pair, samples, limits));
        }
        Ok(())
    })?;
    pairs.finish()?;
    related.finish()
}

/// A sentence about two samples of different families that are related.
fn across(pair: &Pair, samples: &Samples, limits: &IdentityLimits) -> Option<Suspicion> {
    let (a, b) = (pair.a as usize, pair.b as usize);
    let contigs = samples.bits[a].shared_contigs(&samples.bits[b]);
    let relation = relation::classify(&pair.counts, contigs, &limits.relation);
    let outcome = match relation {
        Relation::SamePerson => Outcome::Fail,
        Relation::TooFewSites | Relation::ThirdDegree | Relation::Unrelated => return None,
        _ => Outcome::Warn,
    };
    let text = format!("sample {} and sample {} look like {}", a + 1, b + 1, relation.words());
    Some(Suspicion { outcome, members: vec![a as u16 + 1, b as u16 + 1], text })
}

fn named(samples: &Samples, sexes: &[Sex], limits: &IdentityLimits) -> Vec<NamedSample> {
    let each = samples.names.iter().zip(&samples.sketches).zip(sexes);
    each.map(|((name, sketch), &sex)| NamedSample {
        sample: name.clone(),
        sex,
        identity: sketch.as_ref().map(|sketch| sample::identity(sketch, limits)),
    })
    .collect()
}

fn sample_tables(
    files: &SampleFiles,
    samples: &Samples,
    found: &SamplesIdentity,
) -> Result<(), Problem> {
    let row = |(i, own): (usize, &NamedSample)| {
        let person = files.pedigree.iter().find(|row| row.id == own.sample);
        let [hom_ref, het, hom_alt] = samples.bits[i].autosomal();
        let bare = GenotypeCounts {
            hom_ref,
            het,
            hom_alt,
            x: samples.bits[i].on_x(),
            ..Default::default()
        };
        somalier::SampleRow {
            family: person.map_or_else(|| own.sample.clone(), |row| row.family.clone()),
            sample: own.sample.clone(),
            father: person.and_then(|row| row.father.clone()),
            mother: person.and_then(|row| row.mother.clone()),
            sex: own.sex,
            stated: person.map_or(Sex::Unknown, |row| row.sex),
            affected: person.map_or(Affected::Uncertain, |row| row.affected),
            genotypes: own.identity.as_ref().map_or(bare, |identity| identity.genotypes),
        }
    };
    let rows: Vec<somalier::SampleRow> = found.samples.iter().enumerate().map(row).collect();
    let table = files.output.join(format!("{}.samples.tsv", files.prefix));
    sink::write_whole(table, somalier::samples(&rows).as_bytes())?;
    for own in &found.samples {
        let text = own.identity.as_ref().and_then(|identity| self_sm::text(&own.sample, identity));
        if let Some(text) = text {
            let name = format!("{}.selfSM", sink::safe_file_name(&own.sample));
            sink::write_whole(files.output.join(name), text.as_bytes())?;
        }
    }
    Ok(())
}
