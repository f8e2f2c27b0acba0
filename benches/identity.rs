//! How well identity checks do on simulated samples, and how fast: `cargo bench --bench identity`.
//!
//! First contamination: mixtures of two simulated people at the sites of the built-in list, whose frequencies are real,
//! of one real ancestry (that of the 1000 Genomes' HG00096 in the list's components); counts and qualities are drawn
//! directly, not through reads and alignments. Then all pairs of 2,000 samples at 17,000 sites. With `--test` a small part
//! of both runs.
#![allow(clippy::print_stdout, reason = "a benchmark prints its table")]

use std::sync::Arc;
use std::time::Instant;

use tierline::exec;
use tierline::identity::contamination::freemix;
use tierline::identity::mixture::{Random, list, person, reads};
use tierline::identity::relatedness::bits::GenotypeBits;
use tierline::io::site_list;
use tierline::model::contig::Assembly;
use tierline::model::sketch::{SiteGenotype, SiteList, SiteRegion};
use tierline::policy::identity::{ContaminationLimits, IdentityLimits};

/// Components of HG00096.
const PLACE: [f64; 4] = [-0.010_425_3, 0.025_757_4, -0.010_972_6, 0.020_836_6];

fn main() {
    let quick = std::env::args().any(|argument| argument == "--test");
    match IdentityLimits::preset() {
        Ok(limits) => contamination(&limits.contamination, if quick { 1 } else { 20 }),
        Err(problem) => println!("{problem}"),
    }
    pairs(if quick { 100 } else { 2_000 });
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
