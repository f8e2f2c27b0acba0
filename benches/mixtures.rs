//! Contamination from reads: `cargo bench --bench mixtures [FOLDER]`.
//!
//! Two simulated people in one tube, genotypes drawn by the frequencies of a real ancestry at the sites of two real lists
//! (the built-in one and VerifyBamID2's), reads with the sequence of the real contig 20 written as BAM, the sketch made of the
//! BAM by `qc`, written and read again, the share estimated from it. Every second seed has the other list. With `--test` a
//! small part runs. Needs the real data (`TIERLINE_SHARED`, default `../shared`); without them it says so.
#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tierline::exec::batches::Workers;
use tierline::exec::qc::QcRun;
use tierline::identity::contamination::charr::charr;
use tierline::identity::contamination::freemix;
use tierline::identity::mixture::{Random, person};
use tierline::io::stream_fasta::for_each_contig;
use tierline::io::{site_list, sketch_file};
use tierline::model::contig::Assembly;
use tierline::model::identity::{Estimate, Measured};
use tierline::model::problem::Problems;
use tierline::model::sketch::SiteList;
use tierline::policy::identity::IdentityLimits;
use tierline::qc::{QcSettings, sketch};
use tierline::simulate::mixture::{Background, Options, Tube, apart, write};
use tierline::simulate::quality::Levels;

const SHARES: [f64; 7] = [0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1];
const DEPTHS: [f64; 3] = [30.0, 80.0, 15.0];
const SEEDS: u64 = 20;
/// Of the sites outside contig 20 one in so many is taken.
const STEP: usize = 3;

/// A list with the place of a person among its ancestries.
struct Sites {
    list: Arc<SiteList>,
    places: Vec<usize>,
    /// Components of people of the 1000 Genomes, as VerifyBamID2's resource has them.
    people: Vec<Vec<f64>>,
}

/// One tube.
#[derive(Clone, Copy)]
struct Task {
    depth: f64,
    share: f64,
    seed: u64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let quick = arguments.iter().any(|argument| argument == "--test");
    let data =
        std::env::var_os("TIERLINE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from);
    let data = data.join("data");
    if !data.is_dir() {
        println!("skipped: no real data in {}", data.display());
        return;
    }
    let folder = arguments.iter().find(|argument| !argument.starts_with('-'));
    let folder = folder.map_or_else(std::env::temp_dir, PathBuf::from);
    if let Err(problems) = campaign(&data, &folder, quick) {
        println!("{problems}");
        std::process::abort();
    }
}

fn campaign(data: &Path, folder: &Path, quick: bool) -> Result<(), Problems> {
    let mut bases = Vec::new();
    for_each_contig(&data.join("reference/b37.20_Xtrunc_Y.fa.gz"), |name, own| {
        if name == "20" {
            bases = own.to_vec();
        }
        Ok(())
    })?;
    let sites = lists(data)?;
    for own in &sites {
        println!("{}: {} sites of {}", own.list.name, own.places.len(), own.list.sites.len());
    }
    let (depths, shares, seeds) =
        if quick { (&DEPTHS[..1], &SHARES[4..5], 2) } else { (&DEPTHS[..], &SHARES[..], SEEDS) };
    let workers = Workers::new(0)?;
    println!("| depth | share % | mean % | sd | within | interval holds | CHARR mean % |");
    println!("|---|---|---|---|---|---|---|");
    for &depth in depths {
        for &share in shares {
            let tasks = (0..seeds).map(|seed| Task { depth, share, seed }).collect();
            let found = workers.map(tasks, |task| estimate(&sites, &bases, task, folder));
            let found = found.into_iter().collect::<Result<Vec<_>, _>>()?;
            row(depth, share, &found);
        }
    }
    Ok(())
}

/// The built-in list and that of VerifyBamID2.
fn lists(data: &Path) -> Result<[Sites; 2], Problems> {
    let path = data.join("sites/1000g.phase3.10k.b37.vcf.gz.dat.bed");
    let given = Arc::new(site_list::read(&path, Some(Assembly::GRCh37))?.list);
    let text = std::fs::read_to_string(path.with_extension("V")).unwrap_or_default();
    let row = |line: &str| line.split('\t').skip(1).filter_map(|cell| cell.parse().ok()).collect();
    let people: Vec<Vec<f64>> = text.lines().map(row).collect();
    // Components of one list mean nothing in another: of the built-in one HG00096's are known.
    let own = vec![vec![-0.010_425_3, 0.025_757_4, -0.010_972_6, 0.020_836_6]];
    let sites = |list: Arc<SiteList>, people| {
        let places = apart(&list, "20", STEP);
        Sites { list, places, people }
    };
    Ok([sites(site_list::built_in(Assembly::GRCh37), own), sites(given, people)])
}

/// The list with the frequencies of one ancestry.
fn of_ancestry(list: &SiteList, components: &[f64]) -> SiteList {
    let mut own = list.clone();
    let Some(model) = &list.ancestry else { return own };
    for (i, site) in own.sites.iter_mut().enumerate() {
        let loadings = &model.loadings[i * model.components..(i + 1) * model.components];
        let shift: f64 = loadings.iter().zip(components).map(|(u, p)| u * p).sum();
        site.frequency = f64::midpoint(model.mean[i], shift).clamp(0.001, 0.999);
    }
    own
}

/// From people to reads to a sketch to estimates: by likelihood, and by homozygous alternate sites.
fn estimate(
    sites: &[Sites; 2],
    bases: &[u8],
    task: Task,
    folder: &Path,
) -> Result<(Measured, Option<Measured>), Problems> {
    let own = &sites[usize::from(task.seed % 2 == 1)];
    let label = task.seed + (1e4 * task.share) as u64 * 1_000 + task.depth as u64 * 10_000_000;
    let mut random = Random::new(label);
    let components = &own.people[(random.bits() % own.people.len() as u64) as usize];
    let population = of_ancestry(&own.list, components);
    let people = [person(&population, false, &mut random), person(&population, true, &mut random)];
    let tube = Tube {
        list: &own.list,
        places: &own.places,
        people: [&people[0], &people[1]],
        frac_foreign: task.share,
    };
    let options = Options {
        assembly: Assembly::GRCh37,
        depth: task.depth,
        levels: Levels::Four,
        seed: label,
    };
    let stem = folder.join(format!("mixture-{label}"));
    let bam = stem.with_extension("bam");
    write(&tube, Background { contig: "20", bases }, options, &bam)?;
    let settings = QcSettings {
        only: Some(vec![sketch::ID.to_owned()]),
        sites: (task.seed % 2 == 1).then(|| Arc::clone(&own.list)),
        ..QcSettings::default()
    };
    let run = QcRun { settings, threads: 1, reference: None, task_bytes: None };
    let found = run.run(run.open(&bam)?, None)?;
    let _ = std::fs::remove_file(stem.with_extension("bam.bai"));
    let _ = std::fs::remove_file(&bam);
    let empty = || tierline::model::problem::Problem::usage("no sketch, or too few sites");
    let sketch = sketch_file::decode(&sketch_file::encode(&found.sketch.ok_or_else(empty)?)?)?;
    let limits = IdentityLimits::preset()?;
    let measured = |found: &Estimate| found.measured().copied();
    let likelihood = freemix(&sketch, &limits.contamination);
    let likelihood = likelihood.and_then(|found| measured(&found.estimate)).ok_or_else(empty)?;
    Ok((likelihood, measured(&charr(&sketch, &limits.charr))))
}

fn row(depth: f64, share: f64, found: &[(Measured, Option<Measured>)]) {
    let count = found.len() as f64;
    let mean = found.iter().map(|(own, _)| own.value).sum::<f64>() / count;
    let spread = found.iter().map(|(own, _)| (own.value - mean).powi(2)).sum::<f64>() / count;
    let tolerance = (0.15 * share).max(0.003);
    let near = found.iter().filter(|(own, _)| (own.value - share).abs() <= tolerance).count();
    let holds = found.iter().filter(|(own, _)| (own.low..=own.high).contains(&share)).count();
    let charr: Vec<f64> = found.iter().filter_map(|(_, own)| Some(own.as_ref()?.value)).collect();
    println!(
        "| {depth} | {:.1} | {:.3} | {:.3} | {near}/{count} | {holds}/{count} | {:.3} |",
        100.0 * share,
        100.0 * mean,
        100.0 * spread.sqrt(),
        100.0 * charr.iter().sum::<f64>() / charr.len().max(1) as f64,
    );
}
