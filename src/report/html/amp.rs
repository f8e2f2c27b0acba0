//! Evidence tiers of a tumour's variants, in a table of their own.

use crate::model::results::CaseResults;
use crate::model::results::amp::{AmpEvent, AmpEvidence};
use crate::report::amp::not_compared;
use crate::report::text;

use super::page::{Cell, Page};

/// The section, where the case gives evidence items.
pub(super) fn section(page: &mut Page, results: &CaseResults) {
    let Some(amp) = &results.amp else { return };
    page.markup("<section aria-labelledby=\"h-amp\">\n");
    page.markup("<h2 id=\"h-amp\">Evidence tiers (AMP/ASCO/CAP) by CIViC</h2>\n<p>");
    page.markup("They speak of what is known of a variant, and stand beside the domains, which speak of its gene.</p>\n");
    let diseases = if amp.diseases.is_empty() {
        "The case states no disease: no evidence counts as that of its own.".to_owned()
    } else {
        format!("Diseases of the case: {}.", amp.diseases.join(", "))
    };
    page.element("p", &format!("{diseases} {}", not_compared(amp)));
    if amp.events.is_empty() {
        page.element("p", "No event has an evidence tier.");
    } else {
        let head = ["Tier", "Event", "Gene", "Evidence that defines it", "Additional evidence"];
        page.table("Events with an evidence tier", &head, amp.events.iter().map(event).collect());
    }
    page.markup("</section>\n");
}

fn event(event: &AmpEvent) -> Vec<Cell> {
    let (own, more): (Vec<&AmpEvidence>, Vec<&AmpEvidence>) =
        event.evidence.iter().partition(|item| item.defining);
    let lines = |items: &[&AmpEvidence]| items.iter().map(|item| line(item)).collect::<Vec<_>>();
    let defining = if own.is_empty() { vec![event.why.clone()] } else { lines(&own) };
    vec![
        event.tier.roman().into(),
        event.event.clone().into(),
        event.gene.clone().into(),
        Cell::lines(defining),
        Cell::lines(lines(&more)),
    ]
}

fn line(item: &AmpEvidence) -> String {
    let therapies =
        if item.therapies.is_empty() { String::new() } else { format!(" ({})", item.therapies) };
    format!(
        "EID{} level {}, {}: {}{therapies}, {} [{}], by {}",
        item.item,
        item.level,
        text::word(item.category),
        item.significance,
        item.disease,
        text::word(item.disease_match),
        item.matched_by
    )
}
