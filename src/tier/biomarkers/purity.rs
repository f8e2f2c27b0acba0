//! Purity of a tumour sample from the shares of ALT reads of its substitutions.

use super::draw::{multinomial, percentile};
use super::indels::copies_after;
use super::sequence::Stretch;
use crate::io::fasta::FastaReader;
use crate::model::biomarkers::Assessed;
use crate::model::biomarkers::shape::{Purity, PurityMethod};
use crate::model::coord::Span;
use crate::model::problem::Problem;
use crate::model::regions::RegionSet;
use crate::model::rng::Rng;
use crate::model::somatic_call::{Marks, SomaticCall, SomaticCalls};
use crate::policy::biomarkers::PurityPolicy;

/// Steps of the density, share of reads.
const STEPS: usize = 1_000;
/// Seed of the resamples.
const SEED: u64 = 0x7075_7269;

/// What a purity rests on besides the calls.
#[derive(Default)]
pub struct Beside<'a> {
    /// The reference; without it substitutions in repeats count too.
    pub reader: Option<FastaReader>,
    /// Stretches whose copies the tumour changed; `None` where no file of copy numbers was given.
    pub altered: Option<&'a RegionSet>,
    /// What the case states.
    pub stated: Option<f64>,
}

/// The purity, from the peaks of the shares or as the case states it.
///
/// # Errors
///
/// A damaged reference.
pub fn purity(
    calls: &SomaticCalls,
    beside: &mut Beside<'_>,
    rules: &PurityPolicy,
) -> Result<Assessed<Purity>, Problem> {
    let mut shares = Vec::new();
    for call in chosen(calls, beside.altered, rules) {
        let unique = match &mut beside.reader {
            Some(reader) => !in_repeat(&call, reader, rules.max_repeat_units.value)?,
            None => true,
        };
        shares.extend(call.tumour.vaf().filter(|_| unique));
    }
    let measured = measure(&shares, assumptions(beside), rules);
    let Some(stated) = beside.stated else { return Ok(measured) };
    Ok(Assessed::Measured(Purity {
        purity: stated,
        low: stated,
        high: stated,
        method: PurityMethod::Stated,
        snvs: 0,
        measured: measured.measured().map(|found| found.purity),
        is_low: stated < rules.low.value,
        assumptions: Vec::new(),
    }))
}

/// What the method takes for granted.
fn assumptions(beside: &Beside<'_>) -> Vec<String> {
    let copies = if beside.altered.is_some() {
        "substitutions where the copy-number calls tell a gain, a loss or lost heterozygosity were left out; elsewhere the \
         clonal ones lie on one of two copies"
    } else {
        "the clonal substitutions lie on one of two copies: no copy numbers were given"
    };
    let mut all = vec![copies.to_owned()];
    if beside.reader.is_none() {
        all.push("substitutions in repeats were not left out: no reference was given".into());
    }
    all
}

/// Substitutions of usual depth and copies that no population and no read of the normal sample shows.
fn chosen<'a>(
    calls: &'a SomaticCalls,
    altered: Option<&'a RegionSet>,
    rules: &PurityPolicy,
) -> impl Iterator<Item = SomaticCall<'a>> {
    let is_altered = move |call: &SomaticCall<'_>| {
        let place = Span::from_one_based(call.position, call.position);
        altered.is_some_and(|set| set.overlapping(call.contig, place).is_some())
    };
    let snvs = move || calls.iter().filter(move |call| call.is_snv() && !is_altered(call));
    let depths: Vec<u32> = snvs().filter_map(|call| call.tumour.depth()).collect();
    let sum: u64 = depths.iter().map(|&depth| u64::from(depth)).sum();
    let mean = sum as f64 / depths.len().max(1) as f64;
    let [least, most] = rules.depth_range.value.map(|times| times * mean);
    snvs().filter(move |call| {
        let usual = call.tumour.depth().is_some_and(|d| (least..=most).contains(&f64::from(d)));
        let in_normal = call.normal.alternate.is_some_and(|n| n > 0);
        usual && !in_normal && !call.marks.has(Marks::IN_POPULATION)
    })
}

/// Whether the base lies in a run of one base, or beside a repeat of two, of more units than allowed.
fn in_repeat(call: &SomaticCall<'_>, reader: &mut FastaReader, most: f64) -> Result<bool, Problem> {
    let at = i64::from(call.position) - 1;
    let around = Stretch::fetch(reader, call.contig, (at - 12, at + 14))?;
    let run = |start: i64, unit: i64| {
        let bases = around.get(start, start + unit);
        bases.map_or(0, |bases| copies_after(&around, start, bases))
    };
    Ok([1_i64, 2].into_iter().any(|unit| {
        (at - 4 * unit..=at + 1).any(|start| {
            let units = run(start, unit);
            let end = start + units as i64 * unit;
            units as f64 > most && end >= at && start <= at + 1
        })
    }))
}

/// A purity from shares.
// METHOD: written from the description of PURPLE's somatic fit: a Gaussian kernel density of the shares; the peak at the
// highest share that holds more than `min_peak_snvs` substitutions and more than `min_peak_share` of them is taken for the
// clonal heterozygous one, else the tallest peak; purity is twice its share. In a pure sample chance puts that peak on either
// side of one half: peaks up to one bandwidth of the kernel above it are purity 1 (ours). Those beyond are of amplified copies
// or lost heterozygosity and are passed over. The range is that of resamples (ours).
fn measure(shares: &[f64], assumptions: Vec<String>, rules: &PurityPolicy) -> Assessed<Purity> {
    let least = rules.min_snvs.value;
    if (shares.len() as f64) < least {
        return Assessed::not(format!(
            "{} substitutions with usual depth, without reads in the normal sample and unknown to populations; at least \
             {least} are needed",
            shares.len()
        ));
    }
    let mut counts = vec![0_u64; STEPS + 1];
    for share in shares {
        counts[((share * STEPS as f64).round() as usize).min(STEPS)] += 1;
    }
    let kernel = kernel(rules.bandwidth.value);
    let Some((purity, method)) = estimate(&counts, &kernel, rules) else {
        return Assessed::not("the shares of ALT reads have no peak at or below one half");
    };
    let weights: Vec<f64> = counts.iter().map(|&n| n as f64).collect();
    let (mut rng, mut drawn) = (Rng::new(SEED, &[]), vec![0; counts.len()]);
    let mut found: Vec<f64> = (0..rules.bootstraps.value as u32)
        .filter_map(|_| {
            multinomial(&mut rng, shares.len() as u64, &weights, &mut drawn);
            Some(estimate(&drawn, &kernel, rules)?.0)
        })
        .collect();
    found.sort_unstable_by(f64::total_cmp);
    Assessed::Measured(Purity {
        purity,
        low: percentile(&found, 0.025).map_or(purity, |low| low.min(purity)),
        high: percentile(&found, 0.975).map_or(purity, |high| high.max(purity)),
        method,
        snvs: shares.len() as u64,
        measured: None,
        is_low: purity < rules.low.value,
        assumptions,
    })
}

/// Half a Gaussian kernel in steps, from its middle outwards.
fn kernel(bandwidth: f64) -> Vec<f64> {
    let deviation = bandwidth * STEPS as f64;
    let reach = (4.0 * deviation).ceil() as usize;
    (0..=reach).map(|i| (-0.5 * (i as f64 / deviation).powi(2)).exp()).collect()
}

fn estimate(counts: &[u64], kernel: &[f64], rules: &PurityPolicy) -> Option<(f64, PurityMethod)> {
    let total: u64 = counts.iter().sum();
    let mut density = vec![0.0; counts.len()];
    for (at, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        for (distance, &weight) in kernel.iter().enumerate() {
            let value = n as f64 * weight;
            if at + distance < density.len() {
                density[at + distance] += value;
            }
            if distance > 0 && at >= distance {
                density[at - distance] += value;
            }
        }
    }
    let last = STEPS / 2 + (rules.bandwidth.value * STEPS as f64) as usize;
    let peaks: Vec<usize> = (1..=last.min(STEPS - 1))
        .filter(|&i| {
            density[i] > density[i - 1] && density[i] >= density[i + 1] && density[i] > 0.5
        })
        .collect();
    // A peak holds the substitutions between the valleys beside it.
    let weight = |&peak: &usize| {
        let mut start = peak;
        while start > 0 && density[start - 1] < density[start] {
            start -= 1;
        }
        let mut end = peak;
        while end < STEPS && density[end + 1] <= density[end] {
            end += 1;
        }
        counts[start..=end].iter().sum::<u64>() as f64
    };
    let needed = rules.min_peak_snvs.value.max(rules.min_peak_share.value * total as f64);
    let purity = |peak: usize| (2.0 * peak as f64 / STEPS as f64).min(1.0);
    if let Some(&peak) = peaks.iter().rfind(|peak| weight(peak) > needed) {
        return Some((purity(peak), PurityMethod::HighestPeak));
    }
    let tallest = peaks.into_iter().max_by(|&a, &b| density[a].total_cmp(&density[b]))?;
    Some((purity(tallest), PurityMethod::ModalPeak))
}

#[cfg(test)]
mod tests {
    use super::super::draw::binomial;
    use super::*;
    use crate::policy::Policy;

    fn rules() -> PurityPolicy {
        Policy::preset("gms-cancer").unwrap().biomarkers.unwrap().purity
    }

    /// Shares of so many clonal and subclonal substitutions at a depth of about 60.
    fn shares(purity: f64, clonal: usize, subclonal: usize) -> Vec<f64> {
        let mut rng = Rng::new(9, &[]);
        let cells = std::iter::repeat_n(1.0, clonal).chain(std::iter::repeat_n(0.35, subclonal));
        cells.map(|cells| binomial(&mut rng, 60, purity * cells / 2.0) as f64 / 60.0).collect()
    }

    #[test]
    fn the_clonal_peak_gives_the_purity_beside_a_larger_subclone() {
        // Below 0.4 the peaks of clone and subclone lie nearer than the kernel is wide and become one.
        for purity in [0.5, 0.7, 0.9] {
            let found = measure(&shares(purity, 600, 900), Vec::new(), &rules());
            let found = found.measured().unwrap();
            assert!((found.purity - purity).abs() <= 0.05, "{purity}: {found:?}");
            assert!(found.low <= found.purity && found.purity <= found.high);
            assert_eq!((found.method, found.is_low), (PurityMethod::HighestPeak, false));
        }
    }

    #[test]
    fn low_purity_is_told_and_few_substitutions_give_none() {
        assert!(measure(&shares(0.15, 500, 0), Vec::new(), &rules()).measured().unwrap().is_low);
        let none = measure(&shares(0.7, 9, 0), Vec::new(), &rules());
        assert!(none.reason().unwrap().contains("at least 10"));
    }
    #[test]
    fn a_pure_sample_is_pure_and_not_its_subclone() {
        // At purity 1 the peak lies at one half, on either side of it.
        for (purity, seed) in [(1.0, 1), (1.0, 2), (1.0, 3), (1.0, 4), (0.97, 5), (0.93, 6)] {
            let mut rng = Rng::new(seed, &[]);
            let cells = std::iter::repeat_n(1.0, 800).chain(std::iter::repeat_n(0.35, 400));
            let shares: Vec<f64> = cells
                .map(|cells| binomial(&mut rng, 60, purity * cells / 2.0) as f64 / 60.0)
                .collect();
            let found = measure(&shares, Vec::new(), &rules());
            let found = found.measured().unwrap();
            assert!((found.purity - purity).abs() <= 0.05, "{purity}: {found:?}");
            assert!(found.low > 0.85 && found.high <= 1.0, "{purity}: {found:?}");
        }
    }

    #[test]
    fn substitutions_on_changed_copies_are_left_out() {
        use crate::model::contig::ContigId;
        use crate::model::somatic_call::AlleleReads;
        let mut calls = SomaticCalls::default();
        let mut rng = Rng::new(11, &[]);
        // Two thirds lie where one parent's copy was lost and the other doubled: both copies have them.
        for i in 0..900_u32 {
            let both = i % 3 != 0;
            let alternate = binomial(&mut rng, 60, if both { 0.5 } else { 0.25 }) as u32;
            let reads =
                |n| AlleleReads { reference: Some(60 - n), alternate: Some(n), fraction: None };
            calls.push(&SomaticCall {
                contig: ContigId(u32::from(both)),
                position: i * 100 + 1,
                reference: b"A",
                alternate: b"C",
                tumour: reads(alternate),
                normal: reads(0),
                marks: Marks::default(),
            });
        }
        let whole = RegionSet::new([(ContigId(1), Span::new(0, 1_000_000))]);
        for (altered, purity) in [(None, 1.0), (Some(&whole), 0.5)] {
            let mut beside = Beside { altered, ..Beside::default() };
            let found = super::purity(&calls, &mut beside, &rules()).unwrap();
            let found = found.measured().unwrap().clone();
            assert!((found.purity - purity).abs() <= 0.05, "{purity}: {found:?}");
            assert_eq!(found.assumptions[0].contains("left out"), altered.is_some());
        }
    }
}
