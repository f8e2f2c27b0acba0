//! How well identity checks do on simulated samples, and how fast: `cargo bench --bench identity`.
//!
//! First contamination: mixtures of two simulated people at the sites of the built-in list, whose frequencies are real,
//! of one real ancestry (that of the 1000 Genomes' HG00096 in the list's components); counts and qualities are drawn
//! directly, not through reads and alignments. Then all pairs of 2,000 samples at 17,000 sites. With `--test` a small part
//! of both runs. `--sketches FOLDER` writes 2,000 sketches of unrelated simulated people at 30x instead, at the sites of
//! somalier where the real data are there, to time `tierline identity FOLDER/*.sketch` on.
#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tierline::exec;
use tierline::exec::batches::Workers;
use tierline::identity::contamination::freemix;
use tierline::identity::mixture::{Random, list, person, reads};
use tierline::identity::relatedness::bits::GenotypeBits;
use tierline::io::{sink, site_list, sketch_file};
use tierline::model::contig::Assembly;
use tierline::model::problem::Problems;
use tierline::model::sketch::{
    ChromosomeDepth, QualityCount, SiteAllele, SiteCounts, SiteGenotype, SiteList, SiteRegion,
    Sketch, SketchSource,
};
use tierline::policy::identity::{ContaminationLimits, IdentityLimits};

/// Components of HG00096.
const PLACE: [f64; 4] = [-0.010_425_3, 0.025_757_4, -0.010_972_6, 0.020_836_6];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    let mut arguments = std::env::args().skip_while(|argument| argument != "--sketches").skip(1);
    if let Some(folder) = arguments.next() {
        match cohort(Path::new(&folder), 2_000) {
            Ok(list) => println!("2,000 sketches of {} sites of {}", list.sites.len(), list.name),
            Err(problems) => println!("{problems}"),
        }
        return;
    }
    match IdentityLimits::preset() {
        Ok(limits) => contamination(&limits.contamination, if quick { 1 } else { 20 }),
        Err(problem) => println!("{problem}"),
    }
    pairs(if quick { 100 } else { 2_000 });
}

/// Writes sketches of people of no relation.
fn cohort(folder: &Path, count: usize) -> Result<Arc<SiteList>, Problems> {
    let data =
        std::env::var_os("TIERLINE_SHARED").map_or_else(|| "../shared".into(), PathBuf::from);
    let path = data.join("data/sites/GRCh37.somalier.sites.vcf.gz");
    let given = if path.exists() {
        site_list::read(&path, Some(Assembly::GRCh37))?.list
    } else {
        let simulated = list(17_000, 1);
        SiteList { digest: site_list::digest(&simulated.sites), ..(*simulated).clone() }
    };
    let list = Arc::new(given);
    sink::make_folder(folder)?;
    let one = |number: usize| {
        let mut random = Random::new(number as u64 + 10);
        let own = person(&list, number.is_multiple_of(2), &mut random);
        let [x, y] = if number.is_multiple_of(2) { [15.0, 15.0] } else { [30.0, 0.0] };
        let depth = ChromosomeDepth { autosomes: 30.0, x, y, mitochondrial: 3e3 };
        let sketch = Sketch {
            sample: format!("P{number}"),
            source: SketchSource::Reads { min_base_quality: 13, min_mapping_quality: 10 },
            sites: Arc::clone(&list),
            counts: own.iter().map(|&genotype| counts(genotype, &mut random)).collect(),
            depth: Some(depth),
        };
        sketch_file::write(&folder.join(format!("P{number:04}.sketch")), &sketch)
    };
    Workers::new(0)?.in_order(count, one, |()| Ok(()))?;
    Ok(list)
}

/// Bases of a site: 20 to 40 of them, an eighth of lower quality, one of 500 wrong. Bits are counted instead of drawn one by
/// one: what a file holds matters here, not its statistics.
fn counts(genotype: u8, random: &mut Random) -> SiteCounts {
    let depth = 20 + (random.bits() % 21) as u32;
    let bases = (1_u64 << depth) - 1;
    let shows = match genotype {
        0 => u64::from(random.unit() < 0.002 * f64::from(depth)),
        1 => random.bits() & bases,
        _ => bases,
    };
    let low = random.bits() & random.bits() & random.bits() & bases;
    let kinds = [
        (SiteAllele::Reference, 25, !shows & bases & low),
        (SiteAllele::Reference, 37, !shows & bases & !low),
        (SiteAllele::Alternate, 25, shows & low),
        (SiteAllele::Alternate, 37, shows & !low),
    ];
    let kinds = kinds.map(|(allele, quality, bases)| QualityCount {
        allele,
        quality,
        count: bases.count_ones() as u16,
    });
    let alternate = shows.count_ones();
    SiteCounts {
        reference: depth - alternate,
        alternate,
        other: 0,
        qualities: kinds.into_iter().filter(|kind| kind.count > 0).collect(),
        called: None,
    }
}

/// The built-in list with the frequencies of one ancestry.
fn of_ancestry(list: &SiteList) -> SiteList {
    let mut own = list.clone();
    let Some(model) = &list.ancestry else { return own };
    for (i, site) in own.sites.iter_mut().enumerate() {
        let loadings = &model.loadings[i * model.components..(i + 1) * model.components];
        let shift: f64 = loadings.iter().zip(PLACE).map(|(u, p)| u * p).sum();
        site.frequency = f64::midpoint(model.mean[i], shift).clamp(0.001, 0.999);
    }
    own
}

fn contamination(limits: &ContaminationLimits, seeds: u64) {
    let list = site_list::built_in(Assembly::GRCh38);
    let people = Arc::new(of_ancestry(&list));
    let pooled = Arc::new(SiteList { ancestry: None, ..(*list).clone() });
    println!("| depth | share % | mean % | sd | within | interval holds | pooled mean % | ms |");
    println!("|---|---|---|---|---|---|---|---|");
    for depth in [15.0, 30.0, 80.0] {
        for (number, share) in [0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1].into_iter().enumerate() {
            let (mut values, mut inside, mut near, mut plain) = (Vec::new(), 0, 0, 0.0);
            let mut spent = 0.0;
            for seed in 0..seeds {
                let mut random = Random::new(seed + 1_000 * number as u64 + 100_000 * depth as u64);
                let own = person(&people, false, &mut random);
                let other = person(&people, true, &mut random);
                let mut sketch = reads(&people, (&own, &other), (depth, share), &mut random);
                sketch.sites = Arc::clone(&list);
                let started = Instant::now();
                let found = freemix(&sketch, limits);
                spent += started.elapsed().as_secs_f64() * 1e3;
                sketch.sites = Arc::clone(&pooled);
                let without = freemix(&sketch, limits);
                if let (Some(found), Some(without)) = (found, without)
                    && let (Some(found), Some(without)) =
                        (found.estimate.measured(), without.estimate.measured())
                {
                    let tolerance = (0.15 * share).max(0.003);
                    near += u32::from((found.value - share).abs() <= tolerance);
                    inside += u32::from((found.low..=found.high).contains(&share));
                    values.push(found.value);
                    plain += without.value;
                }
            }
            let count = values.len().max(1) as f64;
            let mean = values.iter().sum::<f64>() / count;
            let spread = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
            println!(
                "| {depth} | {:.1} | {:.3} | {:.3} | {near}/{seeds} | {inside}/{seeds} | {:.3} | {:.0} |",
                100.0 * share,
                100.0 * mean,
                100.0 * spread.sqrt(),
                100.0 * plain / count,
                spent / count,
            );
        }
    }
}

/// Random genotypes at 17,000 sites: what is counted does not change the time.
fn pairs(count: usize) {
    let sites = list(17_000, 1);
    let mut random = Random::new(2);
    let samples: Vec<GenotypeBits> = (0..count)
        .map(|_| {
            let mut bits = GenotypeBits::default();
            for genotype in person(&sites, false, &mut random) {
                let genotype = [SiteGenotype::HomRef, SiteGenotype::Het, SiteGenotype::HomAlt]
                    [usize::from(genotype)];
                bits.push(SiteRegion::Autosome, 0, genotype);
            }
            bits
        })
        .collect();
    for (name, least) in [("all kept", None), ("related kept", Some(0.0625))] {
        for threads in [1, 2] {
            let started = Instant::now();
            let mut kept = 0_u64;
            let done = exec::identity::pairs(&samples, threads, least, |_| {
                kept += 1;
                Ok(())
            });
            if let Err(problem) = done {
                println!("{problem}");
            }
            let seconds = started.elapsed().as_secs_f64();
            println!(
                "{count} samples x 17,000 sites, {name}, {threads} threads: {seconds:.2} s, {kept} pairs"
            );
        }
    }
}
