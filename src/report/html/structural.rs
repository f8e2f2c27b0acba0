//! Copy-number and structural variants and repeats of the page.

use crate::model::grade::{CallEvent, Grade};
use crate::model::results::CaseResults;
use crate::model::results::structural::{RepeatResult, StructuralResult};
use crate::model::sample::Role;
use crate::report::{text, tsv_other};

use super::page::{Page, SCROLL};

/// Sections of what was looked for; nothing for results without.
pub(super) fn sections(page: &mut Page, results: &CaseResults) {
    let Some(looked) = &results.looked_for else { return };
    if looked.copy_number || looked.breakpoints {
        page.markup("<section aria-labelledby=\"h-structural\">\n<h2 id=\"h-structural\">");
        page.markup("Copy-number and structural variants</h2>\n");
        structural(page, &results.structural);
        two_hits(page, results);
        page.markup("</section>\n");
    }
    if looked.repeats {
        page.markup("<section aria-labelledby=\"h-repeats\">\n<h2 id=\"h-repeats\">");
        page.markup("Short tandem repeats</h2>\n");
        repeats(page, &results.repeats);
        page.markup("</section>\n");
    }
}

/// `Tier A`, `Tier Null`, `No tier`.
pub(super) fn grade(grade: Option<Grade>) -> &'static str {
    match grade {
        Some(Grade::Tier1) => "Tier 1",
        Some(Grade::Tier2) => "Tier 2",
        Some(Grade::TierA) => "Tier A",
        Some(Grade::TierB) => "Tier B",
        Some(Grade::Null) => "Tier Null",
        None => "No tier",
    }
}

/// The tier of an event, or its domain.
fn grade_of(event: &CallEvent) -> &'static str {
    match (event.tier, event.domain) {
        (None, Some(domain)) => text::grade(None, Some(domain)),
        (tier, _) => grade(tier),
    }
}

/// `Besides: 1 in Tier A, 1 in Tier 2 of copy-number and structural variants and repeats.`
pub(super) fn count_line(results: &CaseResults) -> Option<String> {
    let best = |events: &[CallEvent]| {
        events.iter().min_by_key(|event| text::call_rank(event)).map_or("No tier", grade_of)
    };
    let words = results.structural.iter().map(|one| best(&one.events));
    let words = words.chain(results.repeats.iter().map(|one| best(&one.events)));
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, n)) => *n += 1,
            None => counts.push((word, 1)),
        }
    }
    let parts: Vec<String> = counts.iter().map(|(word, n)| format!("{n} in {word}")).collect();
    (!parts.is_empty())
        .then(|| format!("Copy-number and structural variants and repeats: {}.", parts.join(", ")))
}

fn head(page: &mut Page, caption: &str, columns: &[&str]) {
    page.markup(SCROLL)
        .text(caption)
        .markup("\"><table>\n<caption>")
        .text(caption)
        .markup("</caption>\n");
    page.markup("<thead><tr>");
    for column in columns {
        page.markup("<th scope=\"col\">").text(column).markup("</th>");
    }
    page.markup("</tr></thead>\n<tbody>\n");
}

fn row(page: &mut Page, cells: &[String]) {
    page.markup("<tr>");
    for (i, text) in cells.iter().enumerate() {
        let (open, close) =
            if i == 0 { ("<th scope=\"row\">", "</th>") } else { ("<td>", "</td>") };
        page.markup(open).text(text).markup(close);
    }
    page.markup("</tr>\n");
}

/// What it speaks of, on which panel, and as what.
fn event_cells(event: &CallEvent) -> [String; 3] {
    let panel = event.panel.as_ref();
    let panel = panel.map_or_else(|| "none".into(), |p| format!("{} {}", p.name, p.version));
    let mut notes: Vec<String> = Vec::new();
    if !event.segregation.is_empty() {
        notes.push(format!("{}, group {}", event.segregation, event.group.unwrap_or(0)));
    }
    notes.extend(event.label.iter().map(|label| label.replace('_', " ")));
    if event.possible {
        notes.push(format!("only possible; missing: {}", event.missing.join("; ")));
    }
    notes.extend(event.reasons.iter().map(|reason| reason.text.clone()).filter(|t| !t.is_empty()));
    [event.entity.shown().replace(',', ", "), panel, notes.join(" ")]
}

fn structural(page: &mut Page, all: &[StructuralResult]) {
    if all.is_empty() {
        page.element("p", "None met the rules in what was assessed.");
        return;
    }
    let columns = ["Tier", "Place (1-based)", "Change", "Call", "Gene or region", "Panel", "Why"];
    head(page, "One row an event, best tier first", &columns);
    for variant in all {
        let mate = variant.mate.as_ref();
        let place = match mate {
            Some(mate) => {
                format!("{}:{} to {}:{}", variant.contig, variant.start, mate.contig, mate.position)
            }
            None => format!("{}:{}-{}", variant.contig, variant.start, variant.end),
        };
        let length = variant.length.map_or_else(String::new, |bp| format!(", {bp} bp"));
        let change = format!("{} ({}){length}", variant.kind.word(), variant.evidence.word());
        let is_index = |role| matches!(role, Role::Proband | Role::Tumour);
        let call = variant.calls.iter().find(|call| is_index(call.role));
        let copies = |call: &crate::model::results::structural::StructuralCallResult| {
            let copies = call
                .copy_number
                .map_or_else(String::new, |n| format!(", {} copies", text::number(n)));
            format!("{}{copies}", call.genotype)
        };
        let call = call.map_or_else(|| "no call".into(), copies);
        for event in &variant.events {
            let [entity, panel, why] = event_cells(event);
            let cells = [
                grade_of(event).to_owned(),
                place.clone(),
                change.clone(),
                call.clone(),
                entity,
                panel,
                why,
            ];
            row(page, &cells);
        }
    }
    page.markup("</tbody>\n</table></div>\n");
}

/// Tumour suppressors of which both copies may be hit.
fn two_hits(page: &mut Page, results: &CaseResults) {
    if results.two_hits.is_empty() {
        return;
    }
    head(page, "Tumour suppressors with two hits", &["Gene", "Both copies", "Hits"]);
    for hit in &results.two_hits {
        let word = if hit.certain { "hit" } else { "possibly hit: the phase is not known" };
        row(page, &[hit.gene.shown().to_owned(), word.to_owned(), hit.hits.join("; ")]);
    }
    page.markup("</tbody>\n</table></div>\n");
}

fn repeats(page: &mut Page, all: &[RepeatResult]) {
    if all.is_empty() {
        page.element("p", "No locus that was assessed is beyond normal size.");
        return;
    }
    let columns = ["Tier", "Place (1-based)", "Unit", "Sizes", "Repeat", "Panel", "Why"];
    head(
        page,
        "One row an event, best tier first; sizes in units, with the confidence interval",
        &columns,
    );
    for locus in all {
        let place = format!("{}:{}-{}", locus.contig, locus.start, locus.end);
        let sizes: Vec<String> = locus
            .calls
            .iter()
            .map(|call| format!("{} {}", text::role(call.role), tsv_other::sizes(&call.alleles)))
            .collect();
        for event in &locus.events {
            let [entity, panel, why] = event_cells(event);
            let tier = grade(event.tier).to_owned();
            let cells =
                [tier, place.clone(), locus.unit.clone(), sizes.join("; "), entity, panel, why];
            row(page, &cells);
        }
    }
    page.markup("</tbody>\n</table></div>\n");
}
