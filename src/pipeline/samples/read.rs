//! Reads samples: sketches on all threads, the columns of a variant file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::{MANY, Sample, SampleFiles, SampleSource, Samples};
use crate::exec::batches::Workers;
use crate::exec::identity::{SnpTable, read_snps};
use crate::identity::relatedness::bits::GenotypeBits;
use crate::identity::{genotype, sample, sex, sites};
use crate::io::sketch_file::{self, Lists};
use crate::io::variants::{SnpColumns, VariantFile};
use crate::io::{site_list, sketch_calls};
use crate::model::contig::Assembly;
use crate::model::karyotype::SexCheck;
use crate::model::problem::{Problem, Problems};
use crate::model::sample::Sex;
use crate::model::sketch::{SiteGenotype, SiteList, Sketch, SketchSource};
use crate::policy::identity::IdentityLimits;
use crate::policy::karyotype;

/// Most samples of one command: their numbers have 16 bits in results.
const MOST: usize = u16::MAX as usize;

/// One sketch, as far as it is kept.
struct Read {
    sample: Sample,
    list: Arc<SiteList>,
    genotypes: Vec<SiteGenotype>,
}

/// What is done with every sketch.
struct Asked<'a> {
    limits: &'a IdentityLimits,
    contamination: bool,
    /// Stated sex by name.
    stated: BTreeMap<&'a str, Sex>,
}

/// Reads everything.
///
/// # Errors
///
/// All faults of the files together.
pub(super) fn all(files: &SampleFiles, limits: &IdentityLimits) -> Result<Samples, Problems> {
    if files.sites.is_some() && files.variants.is_none() {
        let problem = Problem::usage("--sites says where the calls of --vcf are taken");
        return Err(problem
            .help("sketches hold their own sites; make others with qc --sites")
            .into());
    }
    match &files.variants {
        None if files.sketches.is_empty() => {
            Err(Problem::usage("no sketch and no variant file was given").into())
        }
        Some(path) if files.sketches.is_empty() && files.sites.is_none() => {
            Ok(of_variants(path, files.threads, limits)?)
        }
        variants => at_lists(files, variants.as_deref(), limits),
    }
}

/// Sketches, and calls at a list of sites.
fn at_lists(
    files: &SampleFiles,
    variants: Option<&Path>,
    limits: &IdentityLimits,
) -> Result<Samples, Problems> {
    let few = files.sketches.len() <= MANY;
    let asked = Asked {
        limits,
        contamination: few || files.contamination,
        stated: files.pedigree.iter().map(|row| (row.id.as_str(), row.sex)).collect(),
    };
    let mut read = sketches(files, &asked)?;
    let mut notes = Vec::new();
    if !asked.contamination {
        notes.push(format!(
            "contamination of more than {MANY} samples is estimated with --contamination only"
        ));
    }
    if let Some(path) = variants {
        let list = call_list(files, path, &read, &mut notes)?;
        let found = sketch_calls::read(path, &list, limits.genotype.min_genotype_quality.value)?;
        if !found.iter().flat_map(|sketch| &sketch.counts).any(is_called) {
            let count = list.sites.len();
            let message = format!(
                "holds no genotype at the {count} sites of {:?} that passed its filters",
                list.name
            );
            let help = "is the list of another build, or made for other variants?";
            return Err(Problem::bad_data(message).in_file(path.display()).help(help).into());
        }
        for sketch in &found {
            read.push(of_sketch(sketch, &asked)?);
        }
    }
    if read.len() > MOST {
        return Err(Problem::usage(format!("{} samples: at most {MOST}", read.len())).into());
    }
    put_together(files, read, notes)
}

fn is_called(counts: &crate::model::sketch::SiteCounts) -> bool {
    counts.called.is_some_and(|called| called != SiteGenotype::Unknown)
}

/// Reads the sketches on all threads, in their order.
fn sketches(files: &SampleFiles, asked: &Asked<'_>) -> Result<Vec<Read>, Problems> {
    let (lists, mut problems, mut all) = (Lists::default(), Problems::default(), Vec::new());
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let one = |i: usize| {
        Ok(sketch_file::read_with(&files.sketches[i], &lists)
            .and_then(|sketch| of_sketch(&sketch, asked)))
    };
    let mut number = 0;
    Workers::new(files.threads)?.in_order(files.sketches.len(), one, |read| {
        let path = &files.sketches[number];
        number += 1;
        let Some(read) = problems.collect(read) else { return Ok(()) };
        if let Some(first) = known.insert(read.sample.name.clone(), number) {
            let message = format!("is of the same sample as sketch {first}");
            let help = "give each sample once; two libraries of one person need two names";
            problems.0.push(Problem::bad_data(message).in_file(path.display()).help(help));
        } else {
            all.push(read);
        }
        Ok(())
    })?;
    problems.into_result().map(|()| all)
}

fn of_sketch(sketch: &Sketch, asked: &Asked<'_>) -> Result<Read, Problem> {
    let limits = asked.limits;
    let stated = asked.stated.get(sketch.sample.as_str()).copied().unwrap_or_default();
    let identity = if asked.contamination { sample::identity } else { sample::counts_only };
    let source = match sketch.source {
        SketchSource::Reads { .. } => SampleSource::Reads,
        SketchSource::Calls => SampleSource::Calls,
    };
    let chromosomes: SexCheck = sex::check(sketch, stated, karyotype::limits()?, &limits.genotype);
    let sample = Sample {
        name: sketch.sample.clone(),
        row: sketch.sample.clone(),
        source,
        identity: Some(identity(sketch, limits)),
        chromosomes: Some(chromosomes),
    };
    let genotypes = genotype::of_sketch(sketch, &limits.genotype);
    Ok(Read { sample, list: Arc::clone(&sketch.sites), genotypes })
}

/// The sites at which calls are taken: those asked for, or all of the sketches.
fn call_list(
    files: &SampleFiles,
    calls: &Path,
    read: &[Read],
    notes: &mut Vec<String>,
) -> Result<Arc<SiteList>, Problems> {
    let build = VariantFile::open(calls)?.header().assembly();
    let list = if let Some(path) = &files.sites {
        let found = site_list::read(path, build)?;
        notes.extend(found.notes.iter().map(|note| format!("{}: {note}", path.display())));
        Arc::new(found.list)
    } else {
        of_all(&sites::distinct(read.iter().map(|read| &read.list)))
    };
    same_build(&list, build).map_err(|problem| problem.in_file(calls.display()))?;
    Ok(list)
}

/// The sites of several lists as one.
fn of_all(lists: &[Arc<SiteList>]) -> Arc<SiteList> {
    if let [only] = lists {
        return Arc::clone(only);
    }
    let sites = sites::together(lists).sites;
    let build = lists.iter().find_map(|list| list.build.clone());
    let (name, digest) = (sites::names(lists), site_list::digest(&sites));
    Arc::new(SiteList { name, build, digest, sites, ancestry: None })
}

/// Refuses a list of another build than that of the calls, when both say theirs.
fn same_build(list: &SiteList, build: Option<Assembly>) -> Result<(), Problem> {
    let of_list = list.build.as_deref().and_then(Assembly::parse);
    match (of_list, build) {
        (Some(of_list), Some(build)) if of_list != build => {
            let message =
                format!("is of {build}, the list of sites {:?} is of {of_list}", list.name);
            Err(Problem::bad_data(message).help("give the list of the same build"))
        }
        _ => Ok(()),
    }
}

/// All samples at the sites of all their lists.
fn put_together(
    files: &SampleFiles,
    read: Vec<Read>,
    mut notes: Vec<String>,
) -> Result<Samples, Problems> {
    let lists = sites::distinct(read.iter().map(|read| &read.list));
    comparable(files, &read)?;
    let together = sites::together(&lists);
    let label = |(i, read): (usize, &Read)| (format!("sample {}", i + 1), Arc::clone(&read.list));
    notes.extend(sites::differences(&read.iter().enumerate().map(label).collect::<Vec<_>>()));
    let mut samples = Samples { sites: sites::names(&lists), notes, ..Samples::default() };
    for Read { sample, list, genotypes } in read {
        let number = lists.iter().position(|known| known.digest == list.digest).unwrap_or_default();
        let places = together.places.get(number).map_or(&[][..], Vec::as_slice);
        samples.bits.push(GenotypeBits::of_places(&together.sites, places, &genotypes));
        samples.each.push(sample);
    }
    samples.notes.extend(twice(&mut samples.each));
    Ok(samples)
}

/// Refuses sketches of different builds, and such as share no site with the first one.
fn comparable(files: &SampleFiles, read: &[Read]) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let Some(first) = read.first() else { return Ok(()) };
    let mut told: BTreeSet<&str> = BTreeSet::from([first.list.digest.as_str()]);
    for (i, own) in read.iter().enumerate() {
        if !told.insert(&own.list.digest) {
            continue;
        }
        let builds = [&first.list, &own.list].map(|list| list.build.as_deref());
        let common = sites::in_common(&first.list, &own.list);
        let message = match builds {
            [Some(one), Some(other)] if one != other => {
                format!("was taken at sites of {other}, sample 1 at sites of {one}")
            }
            _ if common == 0 => format!(
                "was taken at sites ({:?}) of which sample 1 has none ({:?})",
                own.list.name, first.list.name
            ),
            _ => continue,
        };
        let help = "take both with one list of sites: qc --sites";
        let file = files.sketches.get(i).or(files.variants.as_ref());
        let name = file.map(|path| path.display().to_string()).unwrap_or_default();
        problems.0.push(Problem::bad_data(message).in_file(name).help(help));
    }
    problems.into_result()
}

/// Gives each sample a row name of its own, and tells those that are there as reads and as calls.
fn twice(samples: &mut [Sample]) -> Vec<String> {
    let mut rows: BTreeMap<String, usize> = BTreeMap::new();
    let mut notes = Vec::new();
    for (i, sample) in samples.iter_mut().enumerate() {
        if let Some(first) = rows.get(&sample.name) {
            notes.push(format!(
                "sample {} and sample {} have one name: its reads and its calls",
                first + 1,
                i + 1
            ));
        }
        while rows.contains_key(&sample.row) {
            sample.row += ".calls";
        }
        rows.insert(sample.row.clone(), i);
    }
    notes
}

/// The columns of a variant file at its own plain variants.
fn of_variants(path: &Path, threads: usize, limits: &IdentityLimits) -> Result<Samples, Problem> {
    let file = VariantFile::open(path)?;
    let names = file.header().samples.clone();
    if names.is_empty() {
        let problem = Problem::bad_data("has no sample column, so there is nothing to compare");
        return Err(problem.in_file(path.display()));
    }
    if names.len() > MOST {
        return Err(Problem::usage(format!("{} samples: at most {MOST}", names.len())));
    }
    let columns = SnpColumns {
        columns: (0..names.len()).collect(),
        assembly: file.header().assembly(),
        min_genotype_quality: limits.genotype.min_genotype_quality.value,
        depths: false,
        strict: None,
    };
    let mut table = SnpTable::new(names.len(), 1);
    read_snps(&file, &columns, threads, &mut table)?;
    let bits = table.bits;
    let is_empty = |bits: &GenotypeBits| bits.autosomal() == [0; 3] && bits.on_x() == [0; 3];
    if bits.iter().all(is_empty) {
        let message =
            "holds no genotype (GT) of a single-nucleotide variant that passed its filters";
        let help = "give calls with genotypes, or compare sketches of the reads";
        return Err(Problem::bad_data(message).in_file(path.display()).help(help));
    }
    let sample = |name: String| Sample {
        row: name.clone(),
        name,
        source: SampleSource::Calls,
        identity: None,
        chromosomes: None,
    };
    Ok(Samples {
        each: names.into_iter().map(sample).collect(),
        bits,
        sites: "the file's own single-nucleotide variants".into(),
        notes: Vec::new(),
    })
}
