//! Kataegis: clusters of substitutions, and the distances between neighbours.

use super::matrices::Snv;
use super::sequence::{Stretch, complement};
use super::substitutions::substitution;
use crate::io::fasta::FastaReader;
use crate::model::biomarkers::Assessed;
use crate::model::biomarkers::shape::{
    Cluster, Clusters, Kataegis, KataegisFound, Rainfall, RainfallPoint,
};
use crate::model::contig::ContigTable;
use crate::model::mutation_type::SUBSTITUTIONS;
use crate::model::problem::Problem;
use crate::policy::biomarkers::{KataegisDefinition, KataegisPolicy};

/// A substitution with what definitions ask of it.
#[derive(Clone, Copy, Debug)]
struct Point {
    snv: Snv,
    /// C>T or C>G behind a T, with its strand; `None` when it is none or the reference does not tell.
    tpc: Option<bool>,
}

/// Clusters by every definition, and rainfall distances. `snvs` are in order of contig and position.
///
/// # Errors
///
/// A damaged reference.
pub(super) fn kataegis(
    snvs: &[Snv],
    contigs: &ContigTable,
    mut reader: Option<&mut FastaReader>,
    rules: &KataegisPolicy,
) -> Result<Kataegis, Problem> {
    let mut points = Vec::with_capacity(snvs.len());
    for &snv in snvs {
        let tpc = match reader.as_deref_mut() {
            Some(reader) => tpc(snv, reader)?,
            None => None,
        };
        points.push(Point { snv, tpc });
    }
    let has_reference = reader.is_some();
    let definitions = rules.definitions.iter().map(|definition| KataegisFound {
        id: definition.id.clone(),
        title: definition.title.clone(),
        source: definition.source.clone(),
        regions: if definition.tpc_only && !has_reference {
            Assessed::not("no reference was given, which tells the neighbouring bases")
        } else {
            let found = clusters(&points, definition);
            let found = found.iter().map(|run| cluster(run, contigs, has_reference)).collect();
            Assessed::Measured(Clusters { found })
        },
    });
    let definitions = definitions.collect();
    Ok(Kataegis { definitions, rainfall: rainfall(snvs, contigs, rules) })
}

fn tpc(snv: Snv, reader: &mut FastaReader) -> Result<Option<bool>, Problem> {
    let Some(seen) = substitution(snv.reference, snv.alternate) else { return Ok(None) };
    if !matches!(SUBSTITUTIONS[seen.kind], "C>T" | "C>G") {
        return Ok(None);
    }
    let at = i64::from(snv.position) - 1;
    let around = Stretch::fetch(reader, snv.contig, (at - 1, at + 2))?;
    let before = if seen.forward {
        around.get(at - 1, at).map(|bases| bases[0])
    } else {
        around.get(at + 1, at + 2).map(|bases| complement(bases[0]))
    };
    Ok((before == Some(b'T')).then_some(seen.forward))
}

/// Runs of points that are clusters by the definition.
// METHOD: a run grows while the mean distance of neighbours (or each distance) stays within the limit; the longest run from
// each first point is taken, and the next one begins behind it.
fn clusters(points: &[Point], definition: &KataegisDefinition) -> Vec<Vec<Point>> {
    let mut found = Vec::new();
    let strands: &[Option<bool>] =
        if definition.tpc_only { &[Some(true), Some(false)] } else { &[None] };
    for &strand in strands {
        let chosen: Vec<Point> =
            points.iter().copied().filter(|p| strand.is_none() || p.tpc == strand).collect();
        for contig in chosen.chunk_by(|a, b| a.snv.contig == b.snv.contig) {
            let mut from = 0;
            while from < contig.len() {
                let last = longest(&contig[from..], definition);
                if last + 1 >= definition.min_snvs as usize {
                    found.push(contig[from..=from + last].to_vec());
                    from += last + 1;
                } else {
                    from += 1;
                }
            }
        }
    }
    found.sort_by_key(|run: &Vec<Point>| {
        run.first().map(|point| (point.snv.contig, point.snv.position))
    });
    found
}

/// The last place of the longest run from the first point on.
fn longest(points: &[Point], definition: &KataegisDefinition) -> usize {
    let first = points[0].snv.position;
    let mut last = 0;
    for (i, pair) in points.windows(2).enumerate() {
        let (gap, n) = (pair[1].snv.position - pair[0].snv.position, i + 1);
        if definition.max_gap_bp.is_some_and(|most| f64::from(gap) > most) {
            break;
        }
        let mean = f64::from(pair[1].snv.position - first) / n as f64;
        if definition.max_mean_bp.is_none_or(|most| mean <= most) {
            last = n;
        } else if n >= definition.min_snvs as usize {
            // Beyond the least size a run ends where its mean leaves the limit.
            break;
        }
    }
    last
}

fn cluster(run: &[Point], contigs: &ContigTable, has_reference: bool) -> Cluster {
    let (first, last) = (run[0].snv, run[run.len() - 1].snv);
    let tpc = run.iter().filter(|point| point.tpc.is_some()).count();
    Cluster {
        contig: contigs.name(first.contig).to_owned(),
        start: first.position,
        end: last.position,
        snvs: run.len() as u32,
        mean_distance: f64::from(last.position - first.position) / (run.len() - 1).max(1) as f64,
        tpc_share: has_reference.then(|| tpc as f64 / run.len() as f64),
    }
}

/// Distances below this always stay in the plot, bp.
const NEAR_BP: u32 = 1_000;

fn rainfall(snvs: &[Snv], contigs: &ContigTable, rules: &KataegisPolicy) -> Rainfall {
    let pairs = || snvs.windows(2).filter(|pair| pair[0].contig == pair[1].contig);
    let distance = |pair: &[Snv]| pair[1].position - pair[0].position;
    let mut distances: Vec<u32> = pairs().map(distance).collect();
    let near = distances.iter().filter(|&&bp| bp < NEAR_BP).count();
    let most = (rules.max_points.value as usize).saturating_sub(near).max(1);
    let far = distances.len() - near;
    let every = far.div_ceil(most).max(1);
    let mut seen = 0_usize;
    let mut points = Vec::new();
    for pair in pairs() {
        let distance = distance(pair);
        if distance >= NEAR_BP {
            seen += 1;
            if !(seen - 1).is_multiple_of(every) {
                continue;
            }
        }
        let snv = pair[1];
        let seen = substitution(snv.reference, snv.alternate);
        points.push(RainfallPoint {
            contig: contigs.name(snv.contig).to_owned(),
            position: snv.position,
            distance,
            substitution: seen.map_or("", |seen| SUBSTITUTIONS[seen.kind]).to_owned(),
        });
    }
    let count = distances.len();
    distances.sort_unstable();
    Rainfall {
        distances: count as u64,
        median: distances.get(count / 2).copied(),
        left_out: (count - points.len()) as u64,
        points,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contig::ContigId;

    fn found(positions: &[u32], definition: &KataegisDefinition) -> Vec<(u32, u32)> {
        let point = |&position: &u32| Point {
            snv: Snv { contig: ContigId(0), position, reference: b'C', alternate: b'T' },
            tpc: None,
        };
        let points: Vec<Point> = positions.iter().map(point).collect();
        let runs = clusters(&points, definition);
        runs.iter().map(|run| (run[0].snv.position, run[run.len() - 1].snv.position)).collect()
    }

    #[test]
    fn runs_are_as_long_as_the_definition_allows() {
        let mut definition = KataegisDefinition {
            id: "x".into(),
            title: String::new(),
            min_snvs: 3,
            max_mean_bp: Some(1000.0),
            max_gap_bp: None,
            tpc_only: false,
            source: String::new(),
        };
        let positions = [1, 100_000, 100_500, 102_400, 200_000, 200_100];
        assert_eq!(found(&positions, &definition), [], "a mean of 1,200 bp is too much");
        let nearer = [1, 100_000, 100_500, 101_900, 200_000, 200_100];
        assert_eq!(found(&nearer, &definition), [(100_000, 101_900)]);
        definition.max_gap_bp = Some(1000.0);
        assert_eq!(found(&nearer, &definition), [], "one gap is 1,400 bp");
    }
}
