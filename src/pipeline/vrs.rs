//! Computed identifiers of the reported variants, where the case has a reference.

use std::collections::BTreeMap;

use crate::exec::refget;
use crate::inputs::Inputs;
use crate::io::fasta::Fasta;
use crate::model::contig::ContigId;
use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::model::vrs::{self, Change};

/// Names every candidate. Only contigs with a candidate are read, each once.
///
/// # Errors
///
/// A damaged reference.
pub(super) fn add(
    results: &mut CaseResults,
    inputs: &Inputs,
    threads: usize,
) -> Result<(), Problem> {
    let Some(reference) = &inputs.reference else { return Ok(()) };
    let contig_of = |name: &str| inputs.contigs.resolve(name);
    let mut contigs: Vec<ContigId> =
        results.candidates.iter().filter_map(|one| contig_of(&one.variant.contig)).collect();
    contigs.sort_unstable();
    contigs.dedup();
    let accessions = refget::accessions(reference, contigs.clone(), threads)?;
    let known: BTreeMap<ContigId, String> =
        contigs.into_iter().zip(accessions).filter_map(|(id, name)| Some((id, name?))).collect();
    let mut reader = Fasta::reader(reference);
    for candidate in &mut results.candidates {
        let variant = &candidate.variant;
        let Some(contig) = contig_of(&variant.contig) else { continue };
        let (Some(sequence), Some(start)) = (known.get(&contig), variant.position.checked_sub(1))
        else {
            continue;
        };
        let change = Change {
            sequence,
            start,
            reference: variant.reference.as_bytes(),
            alternate: variant.alternate.as_bytes(),
        };
        let fetch = |from, to| reader.fetch(contig, from, to).map(<[u8]>::to_vec);
        candidate.vrs = vrs::name(change, fetch)?;
    }
    Ok(())
}
