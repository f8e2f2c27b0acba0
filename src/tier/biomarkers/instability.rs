//! Microsatellite instability from somatic insertions and deletions.

use super::matrices::changed;
use super::poisson;
use super::sequence::Stretch;
use crate::io::fasta::FastaReader;
use crate::model::biomarkers::Assessed;
use crate::model::biomarkers::instability::IndelInstability;
use crate::model::problem::Problem;
use crate::model::regions::RegionSet;
use crate::model::somatic_call::{SomaticCall, SomaticCalls};
use crate::policy::biomarkers::InstabilityPolicy;

/// Bases looked at on each side of an indel for copies of its unit, bp: more than any repeat that reads span.
const REACH_BP: i64 = 200;

/// The instability.
///
/// # Errors
///
/// A damaged reference.
// METHOD: written from the description of PURPLE: indels that pass, with enough of the reads, alleles below 50 bp, within a
// repeat of a unit of 1 to 4 bp with enough copies in the reference; their number a megabase.
pub(super) fn instability(
    calls: &SomaticCalls,
    reader: &mut FastaReader,
    rules: &InstabilityPolicy,
) -> Result<Assessed<IndelInstability>, Problem> {
    let (mut indels, mut not_assessed, mut assessed) = (0, 0, 0_u64);
    for call in calls.iter().filter(SomaticCall::is_indel) {
        let longest = call.reference.len().max(call.alternate.len()) as f64;
        let share = call.tumour.vaf();
        if longest >= rules.max_allele_bp.value
            || share.is_some_and(|share| share < rules.min_share.value)
        {
            continue;
        }
        if share.is_none() {
            not_assessed += 1;
            continue;
        }
        assessed += 1;
        match in_microsatellite(&call, reader, rules)? {
            Some(holds) => indels += u64::from(holds),
            None => not_assessed += 1,
        }
    }
    if assessed == 0 && not_assessed > 0 {
        return Ok(Assessed::not("the caller tells of no indel how many reads have it"));
    }
    let megabases = rules.megabases.value;
    let (low, high) = poisson::interval(indels);
    let per_megabase = indels as f64 / megabases;
    Ok(Assessed::Measured(IndelInstability {
        indels,
        megabases,
        per_megabase,
        low: low / megabases,
        high: high / megabases,
        threshold: rules.max_stable.value,
        unstable: per_megabase >= rules.max_stable.value,
        source: rules.max_stable.source.clone(),
        not_assessed,
    }))
}

/// The same of target regions. The rate is told, but the limit is of whole genomes: repeats are rarer in genes.
///
/// # Errors
///
/// A damaged reference.
pub(super) fn within(
    calls: &SomaticCalls,
    reader: &mut FastaReader,
    targets: &RegionSet,
    rules: &InstabilityPolicy,
) -> Result<Assessed<IndelInstability>, Problem> {
    let mut inside = SomaticCalls::default();
    calls.iter().filter(|call| call.lies_in(targets)).for_each(|call| inside.push(&call));
    let megabases = targets.bases() as f64 / 1e6;
    Ok(match instability(&inside, reader, rules)? {
        Assessed::Measured(found) => Assessed::not(format!(
            "the limit of {} indels in microsatellites a megabase is of whole genomes; here {} lie within {megabases:.3} Mb of \
             target regions, {:.3} a megabase",
            found.threshold,
            found.indels,
            found.indels as f64 / megabases
        )),
        not @ Assessed::NotAssessed { .. } => not,
    })
}

/// The shortest unit that the bases consist of.
pub(super) fn unit(bases: &[u8]) -> &[u8] {
    let whole =
        |n: &usize| bases.len().is_multiple_of(*n) && bases.chunks(*n).all(|c| c == &bases[..*n]);
    let size = (1..=bases.len()).find(whole).unwrap_or(bases.len());
    &bases[..size]
}

/// Whether an indel changes the number of units of a microsatellite; `None` where the reference does not tell.
fn in_microsatellite(
    call: &SomaticCall<'_>,
    reader: &mut FastaReader,
    rules: &InstabilityPolicy,
) -> Result<Option<bool>, Problem> {
    if !reader.has(call.contig) {
        return Ok(None);
    }
    let (bases, _) = changed(call);
    let unit = unit(bases);
    let Some(least) = rules.min_units.value.get(unit.len() - 1) else { return Ok(Some(false)) };
    let anchor0 = i64::from(call.position) - 1;
    let around = Stretch::fetch(reader, call.contig, (anchor0 - REACH_BP, anchor0 + REACH_BP))?;
    if around.get(anchor0, anchor0 + 1) != call.reference.get(..1) {
        return Ok(None);
    }
    let size = unit.len() as i64;
    let same = |n: i64| {
        let start = anchor0 + 1 + n * size;
        around.get(start, start + size) == Some(unit)
    };
    let after = (0..=REACH_BP).take_while(|&n| same(n)).count();
    let before = (1..=REACH_BP).take_while(|&n| same(-n)).count();
    Ok(Some((after + before) as f64 >= *least))
}

#[cfg(test)]
mod tests {
    use super::unit;

    #[test]
    fn the_unit_is_the_shortest() {
        let units = ["AAAA", "ATAT", "ATA", "GATGAT"].map(|text| unit(text.as_bytes()).to_vec());
        assert_eq!(units, [b"A".to_vec(), b"AT".to_vec(), b"ATA".to_vec(), b"GAT".to_vec()]);
    }
}
