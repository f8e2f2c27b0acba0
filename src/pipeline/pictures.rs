//! Pictures of the reads at the best candidates, of every member whose reads were asked about them.

use crate::case::Case;
use crate::evidence::Limits;
use crate::exec::pictures::PicturePass;
use crate::inputs::Inputs;
use crate::io::read_regions::ReadRegions;
use crate::model::candidate::{Domain, Tier};
use crate::model::contig::ContigId;
use crate::model::coord::Span;
use crate::model::picture::FLANK_BP;
use crate::model::problem::Problem;
use crate::model::results::{CandidateResult, CaseResults};
use crate::policy::Policy;

/// Most candidates that get pictures: a page that people read holds no more. Ours.
const MOST_CANDIDATES: usize = 50;

/// Adds the pictures. Evidence holds nobody who may not be shown, and nobody else gets a picture.
///
/// # Errors
///
/// A damaged alignment or reference.
pub(super) fn add(
    results: &mut CaseResults,
    (case, policy): (&Case, &Policy),
    inputs: &Inputs,
    threads: usize,
) -> Result<(), Problem> {
    let Some(limits) = policy.reads.as_ref().map(Limits::new) else { return Ok(()) };
    let chosen: Vec<(usize, ContigId, Span)> = results
        .candidates
        .iter()
        .enumerate()
        .filter(|(_, candidate)| is_best(candidate))
        .filter_map(|(i, candidate)| {
            let contig = inputs.contigs.resolve(&candidate.variant.contig)?;
            let place = candidate.variant.position.checked_sub(1)?;
            Some((i, contig, Span::new(place.saturating_sub(FLANK_BP), place + FLANK_BP + 1)))
        })
        .take(MOST_CANDIDATES)
        .collect();
    for alignment in &inputs.alignments {
        let member = alignment.member.0 + 1;
        let own: Vec<&(usize, ContigId, Span)> = chosen
            .iter()
            .filter(|(i, _, _)| {
                results.candidates[*i].evidence.iter().any(|evidence| evidence.member == member)
            })
            .collect();
        if own.is_empty() {
            continue;
        }
        let regions = ReadRegions::open(&alignment.path, case.reference.as_deref())?;
        let pass = PicturePass {
            regions: &regions,
            contigs: &inputs.contigs,
            reference: inputs.reference.as_ref(),
            limits: &limits,
            threads,
        };
        let windows: Vec<(ContigId, Span)> =
            own.iter().map(|(_, contig, span)| (*contig, *span)).collect();
        for (&&(i, _, _), picture) in own.iter().zip(pass.run(&windows)?) {
            let mut evidence = results.candidates[i].evidence.iter_mut();
            if let Some(evidence) = evidence.find(|evidence| evidence.member == member) {
                evidence.picture = picture;
            }
        }
    }
    Ok(())
}

fn is_best(candidate: &CandidateResult) -> bool {
    matches!(candidate.tier, Some(Tier::Tier1 | Tier::Tier2))
        || matches!(candidate.domain, Some(Domain::Domain1 | Domain::Domain2))
}
