//! Domains of tumours: every candidate and gene.

use super::flags::flags;
use super::genes::genes;
use super::marks::{self, MarkContext};
use super::rules::{Award, Finding};
use super::{TierContext, Tiering};
use crate::model::candidate::{
    Annotated, Candidate, Domain, PanelRef, Penetrance, ReportEvent, Tiered, TieringMode,
};
use crate::model::panel::PanelSet;
use crate::model::reason::{Comparison, Reason};
use crate::model::sample::Role;

/// A variant that marks took from the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Removed {
    /// The variant with the events that it would have.
    pub tiered: Tiered,
    /// Ids of the marks that took it.
    pub by: Vec<String>,
}

/// Gives each candidate that the tumour carries its domains, one event a gene, and its marks. A candidate that no tumour column
/// supports has no events; one that marks remove is listed apart.
pub fn somatic(
    candidates: Vec<Candidate>,
    cx: &TierContext<'_>,
    marks: &MarkContext<'_>,
) -> Tiering {
    let mut tiering = Tiering::default();
    let mut all_marked = Vec::new();
    for mut candidate in candidates {
        let mut events = events(&candidate.annotated, cx);
        events.sort_by(|a, b| (a.domain, &a.gene).cmp(&(b.domain, &b.gene)));
        let mut flags = flags(&candidate.annotated, cx);
        let marked = marks.mark(&candidate.annotated);
        flags.extend(marked.flags.iter().cloned());
        candidate.reasons.extend(marked.reasons.iter().cloned());
        let tiered = Tiered { candidate, events, flags };
        match marked.removed_by.clone() {
            by if by.is_empty() => tiering.tiered.push(tiered),
            by if !tiered.events.is_empty() => tiering.removed.push(Removed { tiered, by }),
            _ => {}
        }
        all_marked.push(marked);
    }
    tiering.notices = marks::notices(&all_marked);
    tiering
}

/// The tumour's genotype has the ALT, or its reads do.
pub(super) fn carried(variant: &Annotated, cx: &TierContext<'_>) -> Reason {
    let tumour = cx.family.with_role(Role::Tumour).and_then(|(id, member)| {
        member.sample.as_ref()?;
        variant.calls.get(usize::from(id.0))
    });
    let word = match tumour {
        None => "no tumour call",
        Some(call) if call.genotype.dosage().carries() => "genotype",
        Some(call) if call.alternate_depth.is_some_and(|n| n > 0) => "reads",
        Some(call) if !call.genotype.dosage().lacks() && call.alternate_depth.is_none() => {
            "listed without genotype or reads"
        }
        Some(_) => "absent",
    };
    let accepted = ["genotype", "reads", "listed without genotype or reads"].map(str::to_owned);
    Reason::new("carried", word, Comparison::OneOf, accepted.to_vec(), "ours")
        .text(format!("Tumour: {word}."))
}

fn events(variant: &Annotated, cx: &TierContext<'_>) -> Vec<ReportEvent> {
    let carried = carried(variant, cx);
    if !carried.holds {
        return Vec::new();
    }
    let mut events = Vec::new();
    for hit in genes(variant, cx) {
        let finding = Finding {
            gene: &hit.gene,
            terms: &hit.names,
            class: hit.class,
            entry: None,
            panel_modes: &[],
            segregation: "",
            certain: true,
            known: false,
        };
        let awarded = cx.rules.iter().find_map(|rule| {
            let Award::Domain(domain) = rule.award() else { return None };
            let reasons = rule.reasons(&finding, cx);
            reasons.iter().all(|reason| reason.holds).then_some((domain, reasons))
        });
        let Some((domain, rule_reasons)) = awarded else { continue };
        let list = match domain {
            Domain::Domain1 => Some(&cx.lists.domain1),
            Domain::Domain2 => Some(&cx.lists.domain2),
            Domain::Domain3 => None,
        };
        let mut reasons = vec![carried.clone()];
        reasons.extend(rule_reasons);
        events.push(ReportEvent {
            panel: list.and_then(|list| list_ref(list, &finding)),
            gene: hit.gene,
            consequence: hit.consequence,
            terms: hit.terms,
            mode: TieringMode::Na,
            segregation: String::new(),
            possible: false,
            missing: Vec::new(),
            penetrance: Penetrance::Complete,
            tier: None,
            domain: Some(domain),
            label: None,
            group: None,
            reasons,
        });
    }
    events
}

/// The list that names the gene.
fn list_ref(list: &PanelSet, finding: &Finding<'_>) -> Option<PanelRef> {
    let hit = list.find(finding.gene).into_iter().next()?;
    let panel = &list.panels()[hit.panel];
    Some(PanelRef {
        id: panel.id.clone(),
        name: panel.name.clone(),
        version: panel.version.clone(),
    })
}
