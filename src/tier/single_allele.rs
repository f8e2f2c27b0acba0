//! Single heterozygous variants in green genes of recessive disease: one allele was found, and no partner.

use super::TierContext;
use super::germline::Prepared;
use super::inheritance::{Place, Tri};
use crate::model::annotation::GeneRef;
use crate::model::candidate::{PanelRef, ReportEvent, TieringMode};
use crate::model::panel::PanelMode;
use crate::model::sample::MemberId;
use crate::policy::LimitClass;

/// One allele without a partner.
#[derive(Clone, Debug, PartialEq)]
pub struct SingleAllele {
    /// Index of the candidate.
    pub candidate: usize,
    /// The gene.
    pub gene: GeneRef,
    /// The first panel that lists it as green with a recessive mode.
    pub panel: PanelRef,
    /// Affected members who are surely heterozygous.
    pub members: Vec<MemberId>,
}

/// Those of a case, in the order of the candidates.
pub(super) fn find(
    prepared: &[Prepared<'_>],
    events: &[Vec<ReportEvent>],
    cx: &TierContext<'_>,
) -> Vec<SingleAllele> {
    let mut found = Vec::new();
    for (candidate, (variant, events)) in prepared.iter().zip(events).enumerate() {
        if cx.limits.exceeds(&variant.annotated.frequencies, LimitClass::Recessive) {
            continue;
        }
        let members: Vec<MemberId> = cx
            .kin
            .affected()
            .filter(|one| one.seen(variant.annotated, variant.place).one_copy() == Tri::Yes)
            .map(|one| MemberId(one.index as u16))
            .collect();
        if members.is_empty() {
            continue;
        }
        for hit in &variant.genes {
            let paired = events.iter().any(|event| {
                let recessive = [TieringMode::Biallelic, TieringMode::XlinkedBiallelic];
                event.gene == hit.gene && recessive.contains(&event.mode)
            });
            let listed = hit.panels.iter().find(|&&panel| {
                let gene = cx.panels.gene(panel);
                gene.is_green() && is_recessive(gene.mode, variant.place)
            });
            if let (false, Some(&listed)) = (paired, listed) {
                let panel = &cx.panels.panels()[listed.panel];
                let (id, name) = (panel.id.clone(), panel.name.clone());
                let panel = PanelRef { id, name, version: panel.version.clone() };
                let (gene, members) = (hit.gene.clone(), members.clone());
                found.push(SingleAllele { candidate, gene, panel, members });
            }
        }
    }
    found
}

fn is_recessive(mode: PanelMode, place: Place) -> bool {
    match place {
        Place::Autosomal => matches!(
            mode,
            PanelMode::Biallelic | PanelMode::Both | PanelMode::BothMoreSevereBiallelic
        ),
        Place::X => mode == PanelMode::XLinkedBiallelic,
        Place::Y | Place::Mitochondrial => false,
    }
}
