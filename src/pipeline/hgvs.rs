//! HGVS of the reported variants on their chromosomes, where the case has a reference.

use crate::inputs::Inputs;
use crate::io::fasta::{Fasta, FastaReader};
use crate::model::contig::ContigClass;
use crate::model::hgvs_genomic;
use crate::model::problem::Problem;
use crate::model::results::{CaseResults, VariantResult};
use crate::model::vrs::Change;

/// Names every candidate, and every finding beside the question or in the normal sample of a tumour.
///
/// # Errors
///
/// A damaged reference.
pub(super) fn add(results: &mut CaseResults, inputs: &Inputs) -> Result<(), Problem> {
    let Some(reference) = &inputs.reference else { return Ok(()) };
    let mut reader = Fasta::reader(reference);
    let sequences: Vec<(String, &'static str)> = results
        .contigs
        .iter()
        .filter_map(|contig| Some((contig.name.clone(), results.accession(&contig.name)?)))
        .collect();
    let mut name = |variant: &VariantResult| {
        let known = sequences.iter().find(|(contig, _)| *contig == variant.contig);
        known.map_or(Ok(None), |(_, sequence)| of_variant(variant, sequence, inputs, &mut reader))
    };
    for candidate in &mut results.candidates {
        candidate.hgvs_g = name(&candidate.variant)?;
    }
    for finding in results.additional.iter_mut().flat_map(|found| &mut found.findings) {
        finding.found.hgvs_g = name(&finding.found.variant)?;
    }
    for finding in results.pertinent.iter_mut().flat_map(|found| &mut found.findings) {
        finding.found.hgvs_g = name(&finding.found.variant)?;
    }
    Ok(())
}

fn of_variant(
    variant: &VariantResult,
    sequence: &str,
    inputs: &Inputs,
    reader: &mut FastaReader,
) -> Result<Option<String>, Problem> {
    let contig = inputs.contigs.resolve(&variant.contig);
    let (Some(contig), Some(start)) = (contig, variant.position.checked_sub(1)) else {
        return Ok(None);
    };
    let change = Change {
        sequence,
        start,
        reference: variant.reference.as_bytes(),
        alternate: variant.alternate.as_bytes(),
    };
    let found =
        hgvs_genomic::name(change, |from, to| reader.fetch(contig, from, to).map(<[u8]>::to_vec))?;
    let prefix = hgvs_genomic::prefix(ContigClass::of_name(&variant.contig));
    Ok(found.map(|name| format!("{sequence}:{prefix}.{name}")))
}
