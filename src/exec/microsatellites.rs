//! Lengths of microsatellites in the reads of one alignment: sites sorted by place, neighbours read together, each worker
//! with a reader of its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::batches::Workers;
use crate::evidence::microsatellites::{SpanLimits, add};
use crate::io::read_regions::{ReadRegions, RegionReader};
use crate::model::contig::ContigTable;
use crate::model::coord::Span;
use crate::model::microsatellite::{Lengths, Microsatellite};
use crate::model::problem::Problem;

/// Sites closer than this are read together, bp.
const NEAR_BP: u32 = 2_000;
/// Most sites that are read together.
const MOST_TOGETHER: usize = 64;
/// Groups of neighbours a piece of work.
const GROUPS_A_PIECE: usize = 32;

/// Lengths of every site in the reads of an alignment; the answers are in the order of the sites. A site on a contig that
/// the alignment lacks has no reads.
///
/// # Errors
///
/// A damaged alignment.
pub fn lengths(
    regions: &Arc<ReadRegions>,
    contigs: &ContigTable,
    sites: &[Microsatellite],
    (limits, threads): (SpanLimits, usize),
) -> Result<Vec<Lengths>, Problem> {
    let numbers: BTreeMap<_, usize> = regions
        .contigs()
        .iter()
        .enumerate()
        .filter_map(|(i, (name, _))| Some((contigs.resolve(name)?, i)))
        .collect();
    let groups = groups(sites);
    let piece = |groups: &[&[Microsatellite]]| -> Result<Vec<Lengths>, Problem> {
        let mut reader = regions.reader()?;
        let mut found = Vec::new();
        for group in groups {
            match numbers.get(&group[0].contig) {
                Some(&contig) => found.extend(of_group(&mut reader, contig, group, limits)?),
                None => found.extend(group.iter().map(|_| Lengths::default())),
            }
        }
        Ok(found)
    };
    let workers = Workers::new(threads.max(1))?;
    let mut all = Vec::with_capacity(sites.len());
    for found in workers.map(groups.chunks(GROUPS_A_PIECE).collect(), piece) {
        all.extend(found?);
    }
    Ok(all)
}

fn of_group(
    reader: &mut RegionReader,
    contig: usize,
    group: &[Microsatellite],
    limits: SpanLimits,
) -> Result<Vec<Lengths>, Problem> {
    let mut found = vec![Lengths::default(); group.len()];
    let end = group.iter().map(Microsatellite::end0).max().unwrap_or_default();
    reader.fetch(contig, Span::new(group[0].start0, end), &mut |read| {
        for (site, lengths) in group.iter().zip(&mut found) {
            add(read, site, limits, lengths);
        }
        Ok(())
    })?;
    Ok(found)
}

/// Runs of neighbours.
fn groups(sites: &[Microsatellite]) -> Vec<&[Microsatellite]> {
    let runs = sites.chunk_by(|a, b| a.contig == b.contig && b.start0 < a.end0() + NEAR_BP);
    runs.flat_map(|run| run.chunks(MOST_TOGETHER)).collect()
}
