//! One section a candidate: events with the reasons behind them, calls, frequencies, what the filters saw.

use crate::model::candidate::Domain;
use crate::model::reason::{Reason, Value};
use crate::model::results::{
    CallResult, CandidateResult, CaseResults, EventResult, FrequencyStatus, RemovedResult,
};
use crate::report::{limits, text};

use super::page::{Cell, Page};
use super::summary::{grade_class, segregation, short_variant, words};
use super::{context, pileup, reads};

pub(super) fn candidates(page: &mut Page, results: &CaseResults) {
    if results.candidates.is_empty() {
        return;
    }
    page.markup("<section aria-labelledby=\"h-evidence\">\n");
    page.markup("<h2 id=\"h-evidence\">Evidence for each variant</h2>\n");
    let is_listed = |candidate: &CandidateResult| candidate.domain != Some(Domain::Domain3);
    let all = || results.candidates.iter().enumerate();
    all().filter(|(_, one)| is_listed(one)).for_each(|(i, one)| article(page, results, (i, one)));
    let others = all().filter(|(_, one)| !is_listed(one)).count();
    if others > 0 {
        let caption = format!(
            "Evidence of the {others} in Domain 3 (open to read or print; results.json has it too)"
        );
        page.markup("<details>\n").element("summary", &caption);
        all()
            .filter(|(_, one)| !is_listed(one))
            .for_each(|(i, one)| article(page, results, (i, one)));
        page.markup("</details>\n");
    }
    page.markup("</section>\n");
}

/// Everything about one variant, with its number from 0.
fn article(page: &mut Page, results: &CaseResults, (i, candidate): (usize, &CandidateResult)) {
    page.markup("<article class=\"candidate\">\n<h3><span class=\"");
    page.markup(grade_class(candidate)).markup("\">");
    page.text(text::grade(candidate.tier, candidate.domain)).markup("</span> ");
    page.text(&format!("{}. ", i + 1));
    page.text(candidate.events.first().map_or("-", |event| event.gene.shown()));
    page.markup(" <span class=\"allele\">").text(&short_variant(candidate));
    page.markup("</span>");
    if candidate.events.first().is_some_and(|event| event.possible) {
        page.markup(" <strong class=\"flag\">possible, not certain</strong>");
    }
    page.markup("</h3>\n");
    for flag in &candidate.flags {
        page.markup("<p><strong class=\"flag\">").text(flag).markup("</strong></p>\n");
    }
    context::why(page, candidate);
    context::phase(page, results, candidate);
    facts(page, candidate);
    events(page, candidate, limits::is_tumour(results));
    evidence(page, candidate);
    calls(page, candidate);
    pileup::draw(page, candidate);
    reads::table(page, candidate);
    context::coverage(page, results, candidate);
    frequencies(page, candidate);
    reasons(page, candidate);
    page.markup("</article>\n");
}

/// Somatic variants that marks took from the list.
pub(super) fn removed(page: &mut Page, results: &CaseResults) {
    if results.removed.is_empty() {
        return;
    }
    page.markup("<section aria-labelledby=\"h-removed\">\n");
    page.markup("<h2 id=\"h-removed\">Variants removed by a mark</h2>\n");
    page.markup("<p>They have no domain: the policy removes variants with these marks.</p>\n");
    let row = |one: &RemovedResult| {
        vec![
            Cell::text(text::place(&one.variant)),
            Cell::text(one.genes.join(", ")),
            Cell::text(one.domain.map_or("none".into(), text::word)),
            Cell::text(one.removed_by.join(", ")),
            Cell::lines(one.flags.clone()),
        ]
    };
    let head = ["Variant", "Gene", "Domain without the mark", "Removed by", "Marks"];
    let rows = results.removed.iter().map(row).collect();
    page.table("Removed variants", &head, rows);
    page.markup("</section>\n");
}

fn facts(page: &mut Page, candidate: &CandidateResult) {
    let or = |texts: &[String], none: &str| {
        if texts.is_empty() { none.to_owned() } else { texts.join(", ") }
    };
    page.markup("<dl class=\"facts\">\n");
    if short_variant(candidate) != text::variant(candidate) {
        page.pair("Variant in full", &text::variant(candidate));
    }
    page.pair("Kind", &text::word(candidate.kind));
    page.pair("Ids", &or(&candidate.ids, "none"));
    page.pair("FILTER", &or(&candidate.filters, "not filtered"));
    page.pair("QUAL", &candidate.quality.map_or("none".into(), text::number));
    let clinvar = candidate.clinvar.as_ref().map_or_else(
        || "nothing in the annotation".into(),
        |clinvar| {
            let stars = clinvar.stars.map_or(String::new(), |n| format!(" ({n} of 4 stars)"));
            format!("{}{stars}", or(&clinvar.significance, "none").replace('_', " "))
        },
    );
    page.pair("ClinVar", &clinvar);
    page.markup("</dl>\n");
}

fn events(page: &mut Page, candidate: &CandidateResult, tumour: bool) {
    let mut head = vec!["Event", "Grade", "Gene", "Transcript and effect"];
    head.push(if tumour { "Gene list" } else { "Panel" });
    if !tumour {
        head.extend(["Inheritance", "Segregation"]);
    }
    let row = |event| {
        let mut row = event_row(candidate, event);
        row.truncate(head.len());
        row
    };
    let rows = candidate.events.iter().map(row).collect();
    page.table("Why it is reported", &head, rows);
}

/// ACMG/AMP codes of each event with what they rest on.
fn evidence(page: &mut Page, candidate: &CandidateResult) {
    let of = |event: &EventResult| {
        let id = event.id.clone();
        event
            .evidence
            .iter()
            .map(move |evidence| (id.clone(), evidence.clone()))
            .collect::<Vec<_>>()
    };
    let rows: Vec<Vec<Cell>> = candidate
        .events
        .iter()
        .flat_map(of)
        .map(|(id, evidence)| {
            let texts = evidence.inputs.iter().map(|input| match input.text.as_str() {
                "" => text::reason(input),
                told => told.to_owned(),
            });
            vec![id.into(), evidence.shown().replace('_', " ").into(), Cell::lines(texts.collect())]
        })
        .collect();
    if !rows.is_empty() {
        page.table(
            "ACMG/AMP evidence in the data, not a classification",
            &["Event", "Code", "Rests on"],
            rows,
        );
    }
}

fn event_row(candidate: &CandidateResult, event: &EventResult) -> Vec<Cell> {
    let mut gene = vec![event.gene.shown().to_owned()];
    gene.extend(event.gene.hgnc.clone());
    let mut effect: Vec<String> = event.transcript.iter().cloned().collect();
    if let Some(consequence) = candidate.consequences.get(event.consequence as usize) {
        if consequence.mane_select {
            effect.push("MANE Select".into());
        }
        effect.push(words(&text::terms(event)));
        effect.extend([&consequence.hgvs_c, &consequence.hgvs_p].into_iter().flatten().cloned());
        effect.extend(consequence.exon.as_ref().map(|exon| format!("exon {exon}")));
        effect.extend(consequence.scores.iter().map(text::score));
    }
    let panel = event.panel.as_ref().map_or_else(
        || vec!["on none".to_owned()],
        |panel| {
            let version = (panel.version != "-").then(|| format!("version {}", panel.version));
            [panel.name.clone()].into_iter().chain(version).collect()
        },
    );
    let mut pattern = vec![segregation(&event.segregation)];
    let doubt =
        event.possible.then(|| format!("possible, not certain: {}", event.missing.join("; ")));
    pattern.extend(event.group.map(|group| format!("pair {group}")));
    let mut grade = vec![text::grade(event.tier, event.domain).to_owned()];
    grade.extend(event.label.as_ref().map(|label| label.replace('_', " ")));
    vec![
        Cell::text(&*event.id),
        Cell::lines(grade),
        Cell::lines(gene),
        Cell::lines(effect),
        Cell::lines(panel),
        Cell::lines(vec![
            text::mode(event.mode_of_inheritance).into(),
            format!("{} penetrance", text::word(event.penetrance)),
        ]),
        Cell::lines(pattern).flag(doubt),
    ]
}

fn calls(page: &mut Page, candidate: &CandidateResult) {
    let rows: Vec<Vec<Cell>> = candidate.calls.iter().map(call_row).collect();
    if rows.is_empty() {
        return;
    }
    let head = [
        "Member",
        "Genotype",
        "Zygosity",
        "Depth",
        "Reference",
        "ALT",
        "Share of ALT",
        "GQ",
        "From",
    ];
    page.table("What each member's data say", &head, rows);
}

fn call_row(call: &CallResult) -> Vec<Cell> {
    let count = |n: Option<u32>| Cell::figure(n.map_or("-".into(), |n| n.to_string()));
    let number = |n: Option<f64>| Cell::figure(n.map_or("-".into(), text::number));
    let mut from = vec![text::word(call.origin).replace('-', " ")];
    from.extend(call.denovo_label.as_ref().map(|label| format!("caller says {label}")));
    from.extend(call.sample_filter.as_ref().map(|filter| format!("sample filter {filter}")));
    vec![
        Cell::text(format!("{} {}", call.member, text::role(call.role))),
        Cell::text(&*call.genotype).class("keep"),
        Cell::text(call.zygosity.name().replace('_', " ")),
        count(call.depth),
        count(call.reference_depth),
        count(call.alternate_depth),
        number(call.fraction),
        number(call.genotype_quality),
        Cell::lines(from),
    ]
}

/// One row a dataset: what is observed, where the variant is not listed, what the input cannot tell.
fn frequencies(page: &mut Page, candidate: &CandidateResult) {
    let mut titles: Vec<&str> = Vec::new();
    for frequency in &candidate.frequencies {
        if !titles.contains(&frequency.title.as_str()) {
            titles.push(&frequency.title);
        }
    }
    let rows: Vec<Vec<Cell>> = titles
        .iter()
        .map(|title| {
            let with = |status: FrequencyStatus| {
                let own = candidate.frequencies.iter().filter(|f| f.title == *title);
                let texts: Vec<String> = own
                    .filter(|f| f.status == status)
                    .map(|f| match status {
                        FrequencyStatus::Observed => {
                            format!("{} {}", f.population, text::frequency(f))
                        }
                        FrequencyStatus::AbsentFromSource | FrequencyStatus::NotAssessed => {
                            f.population.clone()
                        }
                    })
                    .collect();
                Cell::text(if texts.is_empty() { "-".into() } else { texts.join(", ") })
            };
            vec![
                Cell::text(*title),
                with(FrequencyStatus::Observed),
                with(FrequencyStatus::AbsentFromSource),
                with(FrequencyStatus::NotAssessed),
            ]
        })
        .collect();
    if !rows.is_empty() {
        let head = ["Dataset", "Observed", "Not listed (counts as 0)", "Not assessed"];
        page.table("Population frequencies", &head, rows);
    }
}

/// A value for people: at most six digits that count, no underscores.
fn shown(value: &Value) -> String {
    match value {
        Value::Number(n) if n.fract() != 0.0 => {
            // Six significant digits: read shares and frequencies carry no more.
            format!("{n:.5e}").parse().map_or_else(|_| text::number(*n), text::number)
        }
        Value::Texts(texts) => text::value(&Value::Texts(texts.iter().map(|t| words(t)).collect())),
        other => words(&text::value(other)),
    }
}

fn reasons(page: &mut Page, candidate: &CandidateResult) {
    let row = |step: String, reason: &Reason| {
        vec![
            Cell::text(step).class("keep"),
            Cell::text(&*reason.rule).class("keep"),
            Cell::text(shown(&reason.observed)),
            Cell::text(format!("{} {}", text::comparison(reason.comparison), shown(&reason.limit))),
            if reason.holds {
                Cell::text("✓ holds").class("holds keep")
            } else {
                Cell::text("✗ does not hold").class("fails keep")
            },
            Cell::text(&*reason.source).class("keep"),
            Cell::text(&*reason.text),
        ]
    };
    let mut all: Vec<(String, &Reason)> =
        candidate.reasons.iter().map(|reason| ("Filter".into(), reason)).collect();
    for event in &candidate.events {
        all.extend(event.reasons.iter().map(|reason| (format!("Event {}", event.id), reason)));
    }
    if all.is_empty() {
        return;
    }
    let head = ["Step", "Rule", "Observed", "Limit", "Verdict", "Source", "In words"];
    let failed: Vec<Vec<Cell>> = all
        .iter()
        .filter(|(_, reason)| !reason.holds)
        .map(|(step, reason)| row(step.clone(), reason))
        .collect();
    let (total, fails) = (all.len(), failed.len());
    if fails > 0 {
        page.table("Checks that do not hold", &head, failed);
    }
    page.markup("<details><summary>");
    page.text(&format!("{} of {total} checks hold. All of them, rule by rule", total - fails));
    page.markup("</summary>\n");
    let rows = all.into_iter().map(|(step, reason)| row(step, reason)).collect();
    page.table("What was held against the rules", &head, rows);
    page.markup("</details>\n");
}
