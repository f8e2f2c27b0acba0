//! Structural variants beside copy numbers: reported where they touch an exon of a green gene. No public rule gives them a tier.

use super::copy_number::{self, green};
use super::gene_map::{GeneMap, MappedGene};
use super::{Calls, proband, seen_by, tell};
use crate::model::candidate::TieringMode;
use crate::model::contig::ContigId;
use crate::model::coord::Span;
use crate::model::grade::{CallEvent, Entity, Grade, StructuralFinding};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::PanelHit;
use crate::model::reason::{Comparison, Reason};
use crate::model::structural::{Evidence, StructuralKind, StructuralVariant};
use crate::policy::structural::{BreakpointTier, StructuralPolicy};
use crate::tier::TierContext;
use crate::tier::inheritance::Tri;

const RULE: &str = "structural_variant";

/// Structural variants of the proband that touch green genes.
pub(super) fn tiers(
    calls: &Calls<'_>,
    policy: &StructuralPolicy,
    map: &GeneMap,
    cx: &TierContext<'_>,
) -> (Vec<StructuralFinding>, Vec<Notice>) {
    let (mut elsewhere, mut filtered, mut not_carried, mut common) = (0, 0, 0, 0);
    let mut found = Vec::new();
    for variant in seen_by(calls, Evidence::Breakpoints) {
        let carries = proband::carries(variant, cx);
        let filter = proband::passes(RULE, variant, &policy.filters, cx);
        let rarity = copy_number::rarity(variant, policy);
        if carries == Tri::No {
            not_carried += 1;
        } else if !filter.holds {
            filtered += 1;
        } else if rarity.iter().any(|reason| !reason.holds) {
            common += 1;
        } else {
            let seen = Seen { variant, filter, rarity, carries, policy };
            let events = events(&seen, map, cx);
            if events.is_empty() {
                elsewhere += 1;
            } else {
                let (variant, confirmed_by) = (variant.clone(), Vec::new());
                found.push(StructuralFinding { variant, confirmed_by, events });
            }
        }
    }
    let mut all = Vec::new();
    tell(
        &mut all,
        NoticeKind::Ignored,
        elsewhere,
        "structural variants touch no exon of a green gene, and are not reported",
    );
    tell(
        &mut all,
        NoticeKind::Ignored,
        not_carried,
        "structural variants are not the proband's, and are not reported",
    );
    tell(
        &mut all,
        NoticeKind::Ignored,
        filtered,
        "structural variants failed their FILTER, and are not reported",
    );
    tell(
        &mut all,
        NoticeKind::Ignored,
        common,
        "structural variants are too common by both measures, and are not reported",
    );
    (found, all)
}

struct Seen<'a> {
    variant: &'a StructuralVariant,
    filter: Reason,
    rarity: Vec<Reason>,
    carries: Tri,
    policy: &'a StructuralPolicy,
}

/// The places that a variant breaks or changes, and whether lying between exons counts: a broken gene is broken in an intron too.
fn places(variant: &StructuralVariant) -> (Vec<(ContigId, Span)>, bool) {
    let base = |contig, position: u32| (contig, Span::from_one_based(position, position));
    match variant.kind {
        StructuralKind::Inversion => {
            (vec![base(variant.contig, variant.start.0), base(variant.contig, variant.end.0)], true)
        }
        StructuralKind::Breakend => {
            let mate = variant.mate.as_ref().map(|mate| base(mate.contig, mate.position.0));
            (
                [Some(base(variant.contig, variant.start.0)), mate].into_iter().flatten().collect(),
                true,
            )
        }
        _ => (vec![(variant.contig, variant.span())], false),
    }
}

fn events(seen: &Seen<'_>, map: &GeneMap, cx: &TierContext<'_>) -> Vec<CallEvent> {
    let (places, anywhere) = places(seen.variant);
    let mut hits: Vec<(PanelHit, &MappedGene, Span)> = Vec::new();
    for (contig, span) in places {
        for gene in map.touching(contig, span).filter(|gene| anywhere || gene.touched_by(span)) {
            for hit in green(gene, cx) {
                if !hits
                    .iter()
                    .any(|(known, _, _)| (known.panel, known.gene) == (hit.panel, hit.gene))
                {
                    hits.push((hit, gene, span));
                }
            }
        }
    }
    let mut events: Vec<CallEvent> =
        hits.into_iter().map(|(hit, gene, span)| event(seen, hit, (gene, span), cx)).collect();
    copy_number::sort(&mut events);
    events
}

fn event(
    seen: &Seen<'_>,
    hit: PanelHit,
    (gene, span): (&MappedGene, Span),
    cx: &TierContext<'_>,
) -> CallEvent {
    let entry = cx.panels.gene(hit);
    let touched = Reason::new(RULE, "green", Comparison::Equals, "green", "ours").text(format!(
        "{} is green on the panel; touched: {}.",
        entry.symbol,
        gene.touched_words(span)
    ));
    let mut missing = Vec::new();
    if seen.carries == Tri::Unknown {
        missing.push("whether the proband carries it: no genotype".to_owned());
    }
    let mut reasons = vec![seen.filter.clone()];
    // Frequencies are those of copy numbers.
    if matches!(seen.variant.kind, StructuralKind::Loss | StructuralKind::Gain) {
        reasons.extend(seen.rarity.iter().cloned());
    }
    reasons.push(touched);
    for reason in &mut reasons {
        RULE.clone_into(&mut reason.rule);
    }
    CallEvent {
        id: String::new(),
        domain: None,
        tier: match seen.policy.breakpoint_tier.value {
            BreakpointTier::None => None,
            BreakpointTier::B => Some(Grade::TierB),
        },
        entity: Entity::Gene(entry.symbol.clone()),
        gene: Some(gene.gene.clone()),
        panel: Some(cx.panels.panels()[hit.panel].reference()),
        mode_of_inheritance: TieringMode::Na,
        segregation: String::new(),
        possible: !missing.is_empty(),
        missing,
        label: Some(RULE.to_owned()),
        group: None,
        members: Vec::new(),
        repeat_limits: None,
        reasons,
    }
}
