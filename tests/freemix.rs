//! Contamination beside a plain, slow likelihood written straight from the published formula (Zhang et al. 2020, Genome
//! Research 30:185): a sum over pairs of genotypes of a product over reads, maximised over dense grids. Where no program of
//! the authors can be had, this stands for it.
#![allow(clippy::unwrap_used, reason = "a test program stops at what it cannot read")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use common::{gunzip_text, run, scratch, shared_file, tierline};
use tierline::identity::contamination::freemix;
use tierline::identity::mixture::{Random, list, person, reads};
use tierline::io::{site_list, sketch_file};
use tierline::model::contig::Assembly;
use tierline::model::identity::{Contamination, Measured};
use tierline::model::sketch::{AncestryModel, SiteAllele, SiteRegion, Sketch};
use tierline::policy::identity::{ContaminationLimits, IdentityLimits};

/// Reads of a site: whether each shows the alternate base, and the probability that it is wrong.
type Reads = Vec<(bool, f64)>;

/// Sites that count with their place in the list.
struct Slow<'a> {
    sketch: &'a Sketch,
    sites: Vec<(usize, Reads)>,
}

/// Probability of a base given a genotype (number of alternate alleles), read right or wrong: the published table.
fn base(alternate: bool, genotype: usize, is_wrong: bool) -> f64 {
    let table = if is_wrong { [0.0, 1.0 / 6.0, 1.0 / 3.0] } else { [1.0, 0.5, 0.0] };
    table[if alternate { 2 - genotype } else { genotype }]
}

/// Error by quality: as stated, or what bases of neither allele show where these are too many by four standard errors. Sites
/// with more than a fifth of such bases do not count.
fn errors(sketch: &Sketch, sites: &[usize]) -> BTreeMap<u8, f64> {
    let mut seen: BTreeMap<u8, (f64, f64)> = BTreeMap::new();
    for counts in sites.iter().map(|&i| &sketch.counts[i]) {
        if counts.other >= 2 && counts.other * 5 > counts.other + counts.depth() {
            continue;
        }
        for kind in &counts.qualities {
            let (all, third) = seen.entry(kind.quality).or_default();
            *all += f64::from(kind.count);
            *third += if kind.allele == SiteAllele::Other { f64::from(kind.count) } else { 0.0 };
        }
    }
    let one = |(quality, (all, third)): (u8, (f64, f64))| {
        let stated = 10_f64.powf(-f64::from(quality) / 10.0);
        let expected = all * stated / 1.5;
        let limit = expected + 4.0 * expected.max(1.0).sqrt();
        (quality, if third > limit { 1.5 * third / all } else { stated })
    };
    let mut found: BTreeMap<u8, f64> = seen.into_iter().map(one).collect();
    // Qualities that occur only at sites left out above.
    (0..=93).for_each(|q| _ = found.entry(q).or_insert(10_f64.powf(-f64::from(q) / 10.0)));
    found
}

impl<'a> Slow<'a> {
    fn new(sketch: &'a Sketch) -> Self {
        let autosomal = |i: &usize| sketch.sites.sites[*i].region == SiteRegion::Autosome;
        let depth = |i: &usize| f64::from(sketch.counts[*i].depth());
        let all: Vec<usize> =
            (0..sketch.counts.len()).filter(autosomal).filter(|i| depth(i) > 0.0).collect();
        let count = all.len() as f64;
        let mean = all.iter().map(depth).sum::<f64>() / count;
        let spread = all.iter().map(|i| (depth(i) - mean).powi(2)).sum::<f64>() / count;
        let near = |i: &usize| (depth(i) - mean).abs() <= 3.0 * spread.sqrt();
        let counted: Vec<usize> = all.iter().copied().filter(near).collect();
        let errors = errors(sketch, &counted);
        let reads = |i: usize| {
            let kinds = sketch.counts[i].qualities.iter();
            let known = kinds.filter(|kind| kind.allele != SiteAllele::Other);
            let own = known.flat_map(|kind| {
                let read = (kind.allele == SiteAllele::Alternate, errors[&kind.quality]);
                std::iter::repeat_n(read, usize::from(kind.count))
            });
            (i, own.collect())
        };
        Self { sketch, sites: counted.iter().copied().map(reads).collect() }
    }

    /// Frequency of the alternate allele, adjusted for ancestry where the list has a model.
    fn frequency(&self, site: usize, components: &[f64]) -> f64 {
        let found = match &self.sketch.sites.ancestry {
            Some(model) => {
                let row = &model.loadings[site * model.components..(site + 1) * model.components];
                let shift: f64 = row.iter().zip(components).map(|(a, b)| a * b).sum();
                f64::midpoint(shift, model.mean[site])
            }
            None => self.sketch.sites.sites[site].frequency,
        };
        found.clamp(5e-5, 1.0 - 5e-5)
    }

    fn log_likelihood(&self, share: f64, components: &[f64]) -> f64 {
        let one = |(site, reads): &(usize, Reads)| {
            let f = self.frequency(*site, components);
            let prior = [(1.0 - f) * (1.0 - f), 2.0 * f * (1.0 - f), f * f];
            let mut logs = Vec::new();
            for (foreign, of_foreign) in prior.iter().enumerate() {
                for (own, of_own) in prior.iter().enumerate() {
                    let of_read = |&(alternate, error): &(bool, f64)| {
                        let mixed = |is_wrong| {
                            share * base(alternate, foreign, is_wrong)
                                + (1.0 - share) * base(alternate, own, is_wrong)
                        };
                        (mixed(true) * error + mixed(false) * (1.0 - error)).ln()
                    };
                    logs.push(reads.iter().map(of_read).sum::<f64>() + (of_foreign * of_own).ln());
                }
            }
            let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            top + logs.iter().map(|log| (log - top).exp()).sum::<f64>().ln()
        };
        self.sites.iter().map(one).sum()
    }

    /// The best share on a grid of this step, with its log-likelihood.
    fn best(&self, (from, to, step): (f64, f64, f64), components: &[f64]) -> (f64, f64) {
        let count = ((to - from) / step).round() as usize;
        let tried = (0..=count).map(|i| {
            let share = from + i as f64 * step;
            (share, self.log_likelihood(share, components))
        });
        tried.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap()
    }
}

fn limits() -> ContaminationLimits {
    IdentityLimits::preset().unwrap().contamination.clone()
}

fn measured(found: &Contamination) -> (Measured, [f64; 2]) {
    (*found.estimate.measured().unwrap(), found.log_likelihood.unwrap())
}

/// Compares at pooled frequencies: share, both log-likelihoods, the ends of the interval.
fn compare(sketch: &Sketch, limits: &ContaminationLimits) -> Measured {
    let (found, [at_share, at_null]) = measured(&freemix(sketch, limits).unwrap());
    let slow = Slow::new(sketch);
    assert_eq!(found.sites as usize, slow.sites.len());
    let (coarse, _) = slow.best((0.0, 0.2, 0.004), &[]);
    let around = ((coarse - 0.006_f64).max(0.0), coarse + 0.006, 2e-4);
    let (fine, _) = slow.best(around, &[]);
    let (best, top) = slow.best(((fine - 3e-4).max(0.0), fine + 3e-4, 1e-5), &[]);
    assert!((found.value - best).abs() <= 1.5e-5, "{found:?}, by grid {best}");
    let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs().max(1.0);
    assert!(close(at_share, slow.log_likelihood(found.value, &[])), "{at_share}");
    assert!(close(at_null, slow.log_likelihood(0.0, &[])), "{at_null}");
    assert!(at_share >= top - 1e-6, "{at_share} below {top}");
    for (end, is_bound) in [(found.low, found.low > 0.0), (found.high, true)] {
        let fall = at_share - slow.log_likelihood(end, &[]);
        assert!(!is_bound || (fall - 1.920_73).abs() < 0.02, "{fall} at {end}");
    }
    found
}

#[test]
fn pooled_frequencies_give_the_share_and_the_likelihood_of_the_formula() {
    let sites = list(1_200, 80);
    for (seed, share) in [(81, 0.0), (82, 0.01), (83, 0.06)] {
        let mut random = Random::new(seed);
        let own = person(&sites, false, &mut random);
        let other = person(&sites, true, &mut random);
        let sketch = reads(&sites, (&own, &other), (25.0, share), &mut random);
        let found = compare(&sketch, &limits());
        assert!((found.value - share).abs() < 0.01, "{share}: {found:?}");
    }
}

#[test]
fn one_component_of_ancestry_is_the_best_of_a_dense_grid() {
    let pooled = list(1_200, 84);
    let mut random = Random::new(85);
    let loadings: Vec<f64> = pooled.sites.iter().map(|_| random.unit() - 0.5).collect();
    let mean: Vec<f64> = pooled.sites.iter().map(|site| 2.0 * site.frequency).collect();
    let mut people = (*pooled).clone();
    for (site, loading) in people.sites.iter_mut().zip(&loadings) {
        site.frequency = (site.frequency + 0.3 * loading).clamp(0.01, 0.99);
    }
    let people = Arc::new(people);
    let own = person(&people, false, &mut random);
    let other = person(&people, false, &mut random);
    let mut sketch = reads(&people, (&own, &other), (20.0, 0.04), &mut random);
    let mut with_model = (*pooled).clone();
    with_model.ancestry = Some(AncestryModel { mean, loadings, components: 1 });
    sketch.sites = Arc::new(with_model);
    let found = freemix(&sketch, &limits()).unwrap();
    let (share, [at_share, at_null]) = measured(&found);
    let slow = Slow::new(&sketch);
    let own = slow.log_likelihood(share.value, &found.ancestry);
    assert!((own - at_share).abs() < 1e-6, "{own} {at_share}");
    let mut best = (f64::NEG_INFINITY, 0.0, 0.0);
    for share in (0..=10).map(|i| 0.02 + 0.004 * f64::from(i)) {
        for component in (0..=20).map(|i| 0.1 * f64::from(i) - 0.4) {
            let value = slow.log_likelihood(share, &[component]);
            best = if value > best.0 { (value, share, component) } else { best };
        }
    }
    assert!(at_share >= best.0, "{at_share} below {best:?}");
    assert!((share.value - best.1).abs() <= 0.004 && (found.ancestry[0] - best.2).abs() <= 0.1);
    let null = (0..=400).map(|i| slow.log_likelihood(0.0, &[0.005 * f64::from(i) - 0.6]));
    let null = null.fold(f64::NEG_INFINITY, f64::max);
    assert!((at_null - null).abs() < 0.01 && at_null >= null - 1e-3, "{at_null} {null}");
}

/// The built-in list: the log-likelihood is that of the formula, and nothing near its maximum is better.
#[test]
fn four_components_of_the_built_in_list_are_at_the_top() {
    let sites = site_list::built_in(Assembly::GRCh38);
    let mut random = Random::new(86);
    let own = person(&sites, false, &mut random);
    let other = person(&sites, false, &mut random);
    let sketch = reads(&sites, (&own, &other), (12.0, 0.03), &mut random);
    let found = freemix(&sketch, &limits()).unwrap();
    let (share, [at_share, _]) = measured(&found);
    let slow = Slow::new(&sketch);
    let own = slow.log_likelihood(share.value, &found.ancestry);
    assert!((own - at_share).abs() < 1e-5, "{own} {at_share}");
    for step in [-1e-3, -1e-4, 1e-4, 1e-3] {
        assert!(slow.log_likelihood(share.value + step, &found.ancestry) < at_share + 1e-3);
        for k in 0..found.ancestry.len() {
            let mut moved = found.ancestry.clone();
            moved[k] += step;
            let value = slow.log_likelihood(share.value, &moved);
            assert!(value < at_share + 1e-3, "component {k} by {step}: {value} {at_share}");
        }
    }
}

/// Reads of NA12878 at the variants that her family's calls have in their window; frequencies are those of the four.
#[test]
fn real_reads_have_the_share_and_the_likelihood_of_the_formula() {
    let Some(bam) = shared_file("reads/na12878_chr20_10.0-10.1Mb_hg19.bam") else { return };
    let quad = "variants/platinum-quad-b37/quad.20.1-20000000.vcf.gz";
    let Some(calls) = shared_file(quad).map(|path| gunzip_text(&path)) else { return };
    let folder = scratch();
    let mut bed = String::new();
    for line in calls.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = line.split('\t').collect();
        let position: u32 = columns[1].parse().unwrap();
        let is_plain = columns[3].len() == 1 && columns[4].len() == 1 && columns[6] == "PASS";
        if !is_plain || !(10_000_000..10_100_000).contains(&position) {
            continue;
        }
        let genotypes = columns[9..].iter().map(|column| column.split(':').next().unwrap());
        let alternates: usize = genotypes.map(|own| own.matches('1').count()).sum();
        let frequency = alternates as f64 / (2 * (columns.len() - 9)) as f64;
        let (start, alleles) = (position - 1, [columns[3], columns[4]].join("\t"));
        writeln!(bed, "20\t{start}\t{position}\t{alleles}\t{frequency}").unwrap();
    }
    let sites = folder.path().join("sites.bed");
    std::fs::write(&sites, bed).unwrap();
    let mut qc = tierline();
    qc.arg("qc").arg(&bam).args(["--only", "sketch", "--prefix", "m", "--sites"]).arg(&sites);
    run(qc.arg("-o").arg(folder.path()));
    let sketch = sketch_file::read(&folder.path().join("m.sketch")).unwrap();
    let mut limits = limits();
    limits.min_sites.value = 50;
    let found = compare(&sketch, &limits);
    assert!(found.sites > 50 && found.value < 0.02, "{found:?}");
}
