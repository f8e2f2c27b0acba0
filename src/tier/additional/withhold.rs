//! What must not stand among the tiers. A variant in a gene of additional findings that no applied panel asks for is no
//! answer to the question of the case: it is told as an additional finding or not at all.

use std::collections::BTreeSet;

use super::Seeker;
use crate::model::annotation::GeneRef;
use crate::model::candidate::{Annotated, ReportEvent, Tiered};
use crate::model::genotype::Allele;
use crate::model::grade::{CallEvent, Entity};
use crate::model::panel::{PanelGene, PanelSet};
use crate::model::results::additional::FindingKind;
use crate::model::sample::MemberId;
use crate::tier::OtherFindings;

/// Takes events off that are beside the question, lie in a gene of additional findings, and either are such a finding or
/// are carried by somebody in whom such findings may not be looked for. The partner of a pair goes with its event.
pub fn withhold(tiered: &mut [Tiered], seeker: &Seeker<'_>) {
    let Some(panel) = seeker.additional else { return };
    let mut groups: BTreeSet<u32> = BTreeSet::new();
    for one in tiered.iter_mut() {
        if !must_go(&one.candidate.annotated, seeker, panel) {
            continue;
        }
        one.events.retain(|event| {
            let stays = answers_the_question(event);
            if let (false, Some(group)) = (stays, event.group) {
                groups.insert(group);
            }
            stays
        });
    }
    for one in tiered.iter_mut() {
        one.events.retain(|event| {
            let gone = event.group.is_some_and(|group| groups.contains(&group));
            !gone || answers_the_question(event)
        });
    }
}

/// Takes copy-number and structural variants and repeats off that are told only for genes of which nothing may be told: where
/// such a variant lies already says what it covers, so that an event goes when any of its genes is closed.
pub fn withhold_others(found: &mut OtherFindings, applied: &PanelSet, seeker: &Seeker<'_>) {
    let stays = |event: &CallEvent| stays(event, applied, seeker);
    for events in found.structural.iter_mut().map(|one| &mut one.events) {
        events.retain(stays);
    }
    for events in found.repeats.iter_mut().map(|one| &mut one.events) {
        events.retain(stays);
    }
    found.structural.retain(|one| !one.events.is_empty());
    found.repeats.retain(|one| !one.events.is_empty());
}

/// Whether an event of a copy-number or structural variant or of a repeat may be told.
pub(super) fn stays(event: &CallEvent, applied: &PanelSet, seeker: &Seeker<'_>) -> bool {
    let open = |name: &String| {
        let named = GeneRef { symbol: Some(name.clone()), ..GeneRef::default() };
        may_tell(&named, applied, seeker)
    };
    match &event.entity {
        Entity::Gene(name) => {
            open(name) && event.gene.as_ref().is_none_or(|gene| may_tell(gene, applied, seeker))
        }
        Entity::Genes(names) => names.iter().all(open),
        // Regions and repeats are those of applied panels.
        Entity::Region(_) | Entity::Repeat(_) => true,
    }
}

/// The event stands on a green gene of an applied panel.
fn answers_the_question(event: &ReportEvent) -> bool {
    let beside = ["not_in_panel", "amber_or_red"];
    event.panel.is_some() && event.label.as_deref().is_none_or(|label| !beside.contains(&label))
}

fn must_go(variant: &Annotated, seeker: &Seeker<'_>, panel: usize) -> bool {
    let genes: Vec<&PanelGene> = genes_within(variant, seeker.panels, panel);
    if genes.is_empty() {
        return false;
    }
    if !seeker.genes(variant, panel).is_empty() {
        return true;
    }
    seeker.family.iter().any(|(id, _)| {
        let shows = variant.calls.get(usize::from(id.0));
        let shows = shows.is_some_and(|call| call.genotype.alleles.contains(&Allele::Alternate));
        shows && !genes.iter().all(|gene| is_open(seeker, id, gene))
    })
}

/// The member's own findings in the gene may be told.
fn is_open(seeker: &Seeker<'_>, member: MemberId, gene: &PanelGene) -> bool {
    let adult = seeker.family.get(member).adult == Some(true);
    seeker.looks(member, FindingKind::AdditionalFinding)
        && (adult || !seeker.rules.is_for_adults(gene))
}

/// Genes of one panel within which the variant lies, on a transcript of whatever biotype.
fn genes_within<'p>(variant: &Annotated, panels: &'p PanelSet, panel: usize) -> Vec<&'p PanelGene> {
    const BESIDE: [&str; 3] =
        ["upstream_gene_variant", "downstream_gene_variant", "intergenic_variant"];
    let within = variant
        .consequences
        .iter()
        .filter(|consequence| consequence.terms.iter().any(|term| !BESIDE.contains(&term.name())));
    let hits = within.flat_map(|consequence| panels.find(&consequence.gene));
    hits.filter(|hit| hit.panel == panel).map(|hit| panels.gene(hit)).collect()
}

/// Some gene of additional findings is closed to whoever asks.
pub fn has_closed(applied: &PanelSet, seeker: &Seeker<'_>) -> bool {
    let Some(panel) = seeker.additional else { return false };
    seeker.panels.panels()[panel].genes.iter().any(|gene| {
        let symbol = Some(gene.symbol.clone());
        let ensembl = gene.ensembl.first().cloned();
        let named = GeneRef { ensembl, hgnc: gene.hgnc.clone(), symbol };
        !may_tell(&named, applied, seeker)
    })
}

/// Whether anything may be told of variants in the gene to somebody who asks: the gene is none of additional findings, or an
/// applied panel lists it as green, or every sequenced member consented to them. The answer does not depend on what anybody
/// carries, so that a refusal tells nothing.
pub fn may_tell(gene: &GeneRef, applied: &PanelSet, seeker: &Seeker<'_>) -> bool {
    let Some(panel) = seeker.additional else { return true };
    let hits = seeker.panels.find(gene);
    let Some(&hit) = hits.iter().find(|hit| hit.panel == panel) else { return true };
    if applied.find(gene).iter().any(|&hit| applied.gene(hit).is_green()) {
        return true;
    }
    let entry = seeker.panels.gene(hit);
    let mut sequenced = seeker.family.iter().filter(|(_, member)| member.sample.is_some());
    sequenced.all(|(id, _)| is_open(seeker, id, entry))
}
