//! Microsatellites of the reference, and what the lengths in reads of tumour and normal say about them.

use super::poisson::chi_square_tail;
use crate::io::fasta::FastaReader;
use crate::model::biomarkers::instability::{ReadInstability, UnstableSite};
use crate::model::contig::{ContigId, ContigTable};
use crate::model::coord::Span;
use crate::model::microsatellite::{Lengths, Microsatellite};
use crate::model::problem::Problem;
use crate::policy::biomarkers::InstabilityReads;

/// Longest unit of a repeat that the finder looks for, bp.
const MAX_UNIT_BP: usize = 5;
/// Most unstable sites that the results list.
const MOST_LISTED: usize = 200;

/// The microsatellites of a stretch of the reference, in order. A repeat counts once, by its shortest unit.
///
/// # Errors
///
/// A damaged reference.
// METHOD: as MSIsensor scans: homopolymers within the policy's range of units, other units with at least so many.
pub fn find(
    reader: &mut FastaReader,
    contig: ContigId,
    span: Span,
    rules: &InstabilityReads,
) -> Result<Vec<Microsatellite>, Problem> {
    let bases = reader.fetch(contig, span.start, span.end)?.to_vec();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bases.len() {
        let Some((unit, units)) = repeat_at(&bases[at..], rules) else {
            at += 1;
            continue;
        };
        // A repeat that the stretch cuts is no site: its length is not known.
        let length = unit * units;
        if at > 0 && at + length < bases.len() {
            found.push(Microsatellite {
                contig,
                start0: span.start + at as u32,
                unit: String::from_utf8_lossy(&bases[at..at + unit]).into_owned(),
                units: units as u32,
            });
        }
        at += length;
    }
    Ok(found)
}

/// The repeat that begins here: its unit's length and how many units.
fn repeat_at(bases: &[u8], rules: &InstabilityReads) -> Option<(usize, usize)> {
    let [least, most] = rules.homopolymer_units.value;
    for unit in 1..=MAX_UNIT_BP {
        let first = bases.get(..unit)?;
        if !first.iter().all(|base| matches!(base, b'A' | b'C' | b'G' | b'T')) {
            return None;
        }
        let units = bases.chunks_exact(unit).take_while(|chunk| *chunk == first).count();
        if unit == 1 && units > 1 {
            // A longer unit would begin within this run.
            return ((least..=most).contains(&(units as f64))).then_some((1, units));
        }
        if unit > 1 && units as f64 >= rules.min_units.value {
            return Some((unit, units));
        }
    }
    None
}

/// One microsatellite with what the reads of both samples show.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The site.
    pub site: Microsatellite,
    /// Lengths in the tumour.
    pub tumour: Lengths,
    /// Lengths in the normal sample.
    pub normal: Lengths,
}

/// The instability over all sites.
// METHOD: written from the description of MSIsensor: a chi-square test of the lengths in tumour and normal for every site
// with enough reads in both, corrected for the number of sites (Benjamini and Hochberg 1995); the score is the percentage
// of sites that differ.
pub fn instability(
    observed: &[Observed],
    sites_from: String,
    contigs: &ContigTable,
    rules: &InstabilityReads,
) -> ReadInstability {
    let min_reads = rules.min_reads.value as u32;
    let enough =
        |one: &&Observed| one.tumour.reads() >= min_reads && one.normal.reads() >= min_reads;
    let mut tested: Vec<(f64, f64, &Observed)> = observed
        .iter()
        .filter(enough)
        .map(|one| {
            let (chi_square, freedom) = chi_square(&one.tumour, &one.normal);
            (chi_square_tail(chi_square, freedom), chi_square, one)
        })
        .collect();
    tested.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.2.site.cmp(&b.2.site)));
    let rates = false_discovery(&tested.iter().map(|(p, ..)| *p).collect::<Vec<_>>());
    let unstable: Vec<UnstableSite> = tested
        .iter()
        .zip(&rates)
        .take_while(|(_, rate)| **rate < rules.max_fdr.value)
        .map(|((_, chi_square, one), &fdr)| UnstableSite {
            contig: contigs.name(one.site.contig).to_owned(),
            position: one.site.start0 + 1,
            unit: one.site.unit.clone(),
            units: one.site.units,
            tumour_reads: one.tumour.reads(),
            normal_reads: one.normal.reads(),
            chi_square: *chi_square,
            fdr,
        })
        .collect();
    let assessed = tested.len() as u64;
    let score = if assessed == 0 { 0.0 } else { 100.0 * unstable.len() as f64 / assessed as f64 };
    let threshold = rules.max_stable_percent.value;
    ReadInstability {
        sites_from,
        sites: observed.len() as u64,
        assessed,
        unstable_sites: unstable.len() as u64,
        score,
        threshold,
        unstable: (assessed as f64 >= rules.min_sites.value).then_some(score >= threshold),
        min_reads,
        max_fdr: rules.max_fdr.value,
        source: rules.max_stable_percent.source.clone(),
        listed: unstable.into_iter().take(MOST_LISTED).collect(),
    }
}

/// Chi-square of two sets of lengths, and its degrees of freedom.
fn chi_square(tumour: &Lengths, normal: &Lengths) -> (f64, u32) {
    let mut lengths: Vec<u32> = tumour.0.keys().chain(normal.0.keys()).copied().collect();
    lengths.sort_unstable();
    lengths.dedup();
    let (a, b) = (f64::from(tumour.reads()), f64::from(normal.reads()));
    let of = |sample: &Lengths, length: u32| {
        f64::from(sample.0.get(&length).copied().unwrap_or_default())
    };
    let sum = lengths.iter().map(|&length| {
        let (x, y) = (of(tumour, length), of(normal, length));
        let (in_a, in_b) = ((x + y) * a / (a + b), (x + y) * b / (a + b));
        (x - in_a).powi(2) / in_a + (y - in_b).powi(2) / in_b
    });
    (sum.sum(), lengths.len().saturating_sub(1) as u32)
}

/// False discovery rates of ascending p-values.
fn false_discovery(p: &[f64]) -> Vec<f64> {
    let n = p.len() as f64;
    let mut rates: Vec<f64> =
        p.iter().enumerate().map(|(i, p)| (p * n / (i + 1) as f64).min(1.0)).collect();
    for i in (1..rates.len()).rev() {
        rates[i - 1] = rates[i - 1].min(rates[i]);
    }
    rates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_rise_with_the_p_values() {
        let rates = false_discovery(&[0.001, 0.02, 0.03, 0.5]);
        assert_eq!(
            rates.iter().map(|r| (r * 1e4).round() as u32).collect::<Vec<_>>(),
            [40, 400, 400, 5000]
        );
    }

    #[test]
    fn chi_square_is_that_of_the_table() {
        let lengths = |pairs: &[(u32, u32)]| Lengths(pairs.iter().copied().collect());
        // Two by two, by hand: all expected counts are 15.
        let found = chi_square(&lengths(&[(10, 20), (9, 10)]), &lengths(&[(10, 10), (9, 20)]));
        assert!((found.0 - 6.666_667).abs() < 1e-5 && found.1 == 1);
        assert_eq!(chi_square(&lengths(&[(10, 20)]), &lengths(&[(10, 30)])), (0.0, 0));
    }
}
