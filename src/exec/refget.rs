//! Refget identifiers of reference sequences, a contig a thread.

use std::sync::Arc;

use super::batches::Workers;
use crate::io::fasta::Fasta;
use crate::model::contig::ContigId;
use crate::model::problem::Problem;
use crate::model::vrs::Refget;

/// Bases read at once: few enough to stay in the cache, many enough that calls do not show.
const PIECE_BP: u32 = 1 << 18;

/// The identifier of each contig, in their order; `None` for those that the reference lacks. Each is read once, whole.
///
/// # Errors
///
/// A damaged reference.
pub fn accessions(
    reference: &Arc<Fasta>,
    contigs: Vec<ContigId>,
    threads: usize,
) -> Result<Vec<Option<String>>, Problem> {
    let workers = Workers::new(threads.max(1))?;
    workers.map(contigs, |contig| of_one(reference, contig)).into_iter().collect()
}

fn of_one(reference: &Arc<Fasta>, contig: ContigId) -> Result<Option<String>, Problem> {
    let mut reader = reference.reader();
    let Some(length) = reader.length(contig) else { return Ok(None) };
    let mut refget = Refget::default();
    let mut start = 0;
    while start < length {
        let end = start.saturating_add(PIECE_BP).min(length);
        refget.add(reader.fetch(contig, start, end)?);
        start = end;
    }
    Ok(Some(refget.finish()))
}
