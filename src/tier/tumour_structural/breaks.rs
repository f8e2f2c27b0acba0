//! Breakpoints of a tumour in genes, and the pairs of genes that they join.

use super::{Seen, event, genes_at, listed, sort};
use crate::model::candidate::Domain;
use crate::model::contig::ContigId;
use crate::model::gene_model::Strand;
use crate::model::grade::CallEvent;
use crate::model::reason::{Comparison, Reason};
use crate::model::structural::{InvertedEnds, StructuralKind, StructuralVariant};
use crate::policy::tumour_structural::TumourStructuralPolicy;
use crate::tier::structural::gene_map::MappedGene;

/// Label of a breakpoint that joins two genes.
pub(in crate::tier) const FUSION: &str = "fusion_candidate";
/// Label of any other breakpoint in a gene.
pub(super) const BREAK: &str = "breakpoint";

/// One end of a junction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) contig: ContigId,
    /// 1-based.
    pub(super) position: u32,
    /// The kept sequence runs on to the right of the position; else to the left.
    pub(super) runs_right: bool,
}

/// The junctions of a variant: which ends lie side by side in the tumour.
///
/// METHOD: a loss joins what is left of it to what is right of it; a tandem gain its end to its start; an inversion both left
/// sides and both right sides; a breakend as its ALT says (VCF 4.3, section 5.4).
pub(super) fn junctions(variant: &StructuralVariant) -> Vec<[End; 2]> {
    let end = |position, runs_right| End { contig: variant.contig, position, runs_right };
    let (start, stop) = (variant.start.0, variant.end.0);
    match variant.kind {
        StructuralKind::Loss => {
            vec![[end(start.saturating_sub(1).max(1), false), end(stop.saturating_add(1), true)]]
        }
        StructuralKind::Gain => vec![[end(stop, false), end(start, true)]],
        StructuralKind::Inversion => {
            let both = [(InvertedEnds::Left, false), (InvertedEnds::Right, true)].into_iter();
            let own = both.filter(|(ends, _)| variant.inverted.is_none_or(|own| own == *ends));
            own.map(|(_, right)| [end(start, right), end(stop, right)]).collect()
        }
        StructuralKind::Breakend => variant
            .mate
            .iter()
            .map(|mate| {
                let other = End {
                    contig: mate.contig,
                    position: mate.position.0,
                    runs_right: mate.runs_right,
                };
                [end(start, !mate.joined_after), other]
            })
            .collect(),
        StructuralKind::Insertion | StructuralKind::NeutralLoss => Vec::new(),
    }
}

/// Whether transcription of the first gene runs over the junction into the second one, in the direction of both.
pub(super) fn runs_into(
    (first, from): (Option<Strand>, End),
    (second, into): (Option<Strand>, End),
) -> bool {
    let towards = |end: End| if end.runs_right { Strand::Reverse } else { Strand::Forward };
    let away = |end: End| if end.runs_right { Strand::Forward } else { Strand::Reverse };
    first == Some(towards(from)) && second == Some(away(into))
}

/// In words: which gene gives the beginning and which the end.
fn joined(genes: [&MappedGene; 2], [a, b]: [End; 2]) -> String {
    let names = genes.map(|gene| gene.gene.shown());
    let sides = [(genes[0].strand, a), (genes[1].strand, b)];
    let order = if runs_into(sides[0], sides[1]) {
        Some([names[0], names[1]])
    } else {
        runs_into(sides[1], sides[0]).then_some([names[1], names[0]])
    };
    match order {
        Some([five, three]) => format!(
            "Joins {five} (5\u{2032}) to {three} (3\u{2032}) in the direction of both; the reading frame was not looked at."
        ),
        None if genes.iter().any(|gene| gene.strand.is_none()) => {
            format!("Joins {} and {}; their strands are not known.", names[0], names[1])
        }
        None => format!("Joins {} and {} in opposite directions.", names[0], names[1]),
    }
}

/// Events of the genes that a breakpoint lies in, and whether any gene was left out for being on no list.
pub(super) fn events(
    seen: &Seen<'_, '_>,
    policy: &TumourStructuralPolicy,
) -> (Vec<CallEvent>, bool) {
    let (variant, cx) = (seen.variant, seen.cx);
    let all = junctions(variant);
    let mut places: Vec<(ContigId, u32)> =
        all.iter().flatten().map(|end| (end.contig, end.position)).collect();
    if all.is_empty() {
        places.push((variant.contig, variant.start.0));
    }
    // A loss within one gene has both ends in it; between its ends other genes may be gone altogether.
    places.dedup();
    let mut genes: Vec<&MappedGene> = Vec::new();
    for (contig, position) in places {
        for gene in genes_at(seen.map, contig, position) {
            if !genes.iter().any(|known| known.gene == gene.gene) {
                genes.push(gene);
            }
        }
    }
    let (mut events, mut other) = (Vec::new(), false);
    for gene in genes {
        let on = listed(&gene.gene, cx);
        let partners = partners(seen, gene, &all);
        // A gene of neither list is told where it is joined to one that is listed.
        let beside =
            partners.iter().any(|(partner, _)| listed(&partner.gene, cx).domain != Domain::Domain3);
        if on.domain == Domain::Domain3 && !policy.breakpoint_domain3.value && !beside {
            other = true;
            continue;
        }
        let source = &policy.breakpoint_domain3.source;
        let in_gene = Reason::new("touches", true, Comparison::Equals, true, source)
            .text(format!("A breakpoint lies in {}.", gene.gene.shown()));
        let mut own = vec![in_gene];
        own.extend(partners.iter().map(|(_, words)| {
            Reason::new(FUSION, true, Comparison::Equals, true, source).text(words.clone())
        }));
        let label = if partners.is_empty() { BREAK } else { FUSION };
        events.push(event(seen, gene, on, (label, own)));
    }
    sort(&mut events);
    (events, other)
}

/// Other genes that a junction joins a gene to, with words.
fn partners<'m>(
    seen: &Seen<'m, '_>,
    gene: &MappedGene,
    all: &[[End; 2]],
) -> Vec<(&'m MappedGene, String)> {
    let mut found: Vec<(&MappedGene, String)> = Vec::new();
    for &[a, b] in all {
        for (own, other) in [(a, b), (b, a)] {
            let here = genes_at(seen.map, own.contig, own.position);
            if !here.iter().any(|one| one.gene == gene.gene) {
                continue;
            }
            let there = genes_at(seen.map, other.contig, other.position);
            // Overlapping genes that hold both ends are not joined by it.
            let is_partner = |one: &&&MappedGene| {
                one.gene != gene.gene
                    && !there.iter().any(|both| both.gene == gene.gene)
                    && !here.iter().any(|both| both.gene == one.gene)
            };
            for partner in there.iter().filter(is_partner) {
                let words = joined([gene, partner], [own, other]);
                if !found.iter().any(|(known, text)| known.gene == partner.gene && *text == words) {
                    found.push((partner, words));
                }
            }
        }
    }
    found
}
