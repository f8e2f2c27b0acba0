//! What stands around a candidate: why it has its tier, how it lies to its partner, how well its gene is covered.

use crate::model::grade::CallEvent;
use crate::model::results::quality::GENE_DEPTHS;
use crate::model::results::{CandidateResult, CaseResults, Zygosity};
use crate::model::sample::Role;
use crate::report::text;

use super::page::{Cell, Page};

/// What the tiering rule saw of the best event; what the model of inheritance saw stands with all checks.
pub(super) fn why(page: &mut Page, candidate: &CandidateResult) {
    let Some(event) = candidate.events.first() else { return };
    let mut told: Vec<&str> = Vec::new();
    let of_rule = |rule: &str| rule.starts_with("tier") || rule.starts_with("domain");
    let held = event.reasons.iter().filter(|reason| reason.holds && !reason.text.is_empty());
    for reason in held.filter(|reason| of_rule(&reason.rule)) {
        if !told.contains(&reason.text.as_str()) {
            told.push(&reason.text);
        }
    }
    if told.is_empty() {
        return;
    }
    page.markup("<p class=\"why\"><strong>Why ");
    page.text(text::grade(event.tier, event.domain)).markup(".</strong> ");
    if !event.segregation.is_empty() {
        page.text(&super::summary::segregation(&event.segregation)).markup(". ");
    }
    for text in told {
        page.text(text).markup(if text.ends_with('.') { " " } else { ". " });
    }
    page.markup("</p>\n");
}

/// The partners of a pair, and what is known of their phase.
pub(super) fn phase(page: &mut Page, results: &CaseResults, candidate: &CandidateResult) {
    for event in &candidate.events {
        let Some(group) = event.group else { continue };
        let partners = partners(results, candidate, group);
        if partners.is_empty() {
            continue;
        }
        let known = if event.possible {
            format!("phase not certain: {}", event.missing.join("; "))
        } else {
            in_trans(candidate).to_owned()
        };
        page.markup("<p class=\"phase\"><strong>Phase.</strong> ");
        page.text(&format!(
            "Event {}, pair {group} with {}: {known}",
            event.id,
            partners.join(", ")
        ));
        page.text(&phase_sets(results, candidate, group)).markup(".</p>\n");
    }
}

/// The others of a pair, of whatever kind.
fn partners(results: &CaseResults, candidate: &CandidateResult, group: u32) -> Vec<String> {
    let small = results
        .candidates
        .iter()
        .enumerate()
        .filter(|(_, other)| other.variant != candidate.variant)
        .filter(|(_, other)| other.events.iter().any(|event| event.group == Some(group)))
        .map(|(i, other)| format!("variant {} ({})", i + 1, super::summary::short_variant(other)));
    let paired = |events: &[CallEvent]| events.iter().any(|event| event.group == Some(group));
    let structural = results.structural.iter().filter(|other| paired(&other.events)).map(|other| {
        format!("{} {}:{}-{}", other.kind.word(), other.contig, other.start, other.end)
    });
    let repeats = results.repeats.iter().filter(|other| paired(&other.events)).map(|other| {
        format!("repeat of {} {}:{}-{}", other.unit, other.contig, other.start, other.end)
    });
    small.chain(structural).chain(repeats).collect()
}

/// How partners are known to lie in trans: without a parent's call only the person's own records can tell.
fn in_trans(candidate: &CandidateResult) -> &'static str {
    let parent = candidate.calls.iter().any(|call| {
        matches!(call.role, Role::Mother | Role::Father) && call.zygosity != Zygosity::Missing
    });
    if parent {
        return "in trans by the genotypes of the family or the caller's phase";
    }
    "in trans by the caller's phase, or as two ALTs of one record"
}

/// What the caller's phase sets of the person say, where both partners are in one.
fn phase_sets(results: &CaseResults, candidate: &CandidateResult, group: u32) -> String {
    let Some(person) = crate::report::index_member(results) else { return String::new() };
    let own = |one: &CandidateResult| {
        let call = one.calls.iter().find(|call| call.member == person.number)?;
        Some((call.phase_set.clone()?, call.genotype.clone()))
    };
    let Some((set, genotype)) = own(candidate).filter(|(_, text)| text.contains('|')) else {
        return String::new();
    };
    let partners = results.candidates.iter().filter(|other| {
        other.variant != candidate.variant
            && other.events.iter().any(|event| event.group == Some(group))
    });
    for (other_set, other) in partners.filter_map(own).filter(|(_, text)| text.contains('|')) {
        if other_set == set {
            let way = if other == genotype { "cis" } else { "trans" };
            return format!("; the caller phases both ({set}) in {way}");
        }
    }
    String::new()
}

/// Depth over the genes of the events in every alignment that was measured.
pub(super) fn coverage(page: &mut Page, results: &CaseResults, candidate: &CandidateResult) {
    let mut symbols: Vec<&str> = Vec::new();
    for symbol in candidate.events.iter().filter_map(|event| event.gene.symbol.as_deref()) {
        if !symbols.contains(&symbol) {
            symbols.push(symbol);
        }
    }
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for quality in &results.qc {
        for symbol in &symbols {
            let mut panels = quality.panels.iter();
            let Some((gene, below)) = panels.find_map(|panel| {
                let gene = panel.genes.iter().find(|gene| gene.symbol == *symbol)?;
                Some((gene, panel.gap_below))
            }) else {
                continue;
            };
            let mut row = vec![
                Cell::text(format!("{} {}", quality.member, text::role(quality.role))),
                Cell::text(*symbol).class("gene"),
            ];
            row.extend(super::acceptance::figures(&gene.figures));
            row.push(
                Cell::text(format!(
                    "{} gaps, {} bases below {below}x",
                    gene.figures.gaps, gene.figures.gap_bases
                ))
                .flag(gene.not_assessed.clone()),
            );
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return;
    }
    let shares = GENE_DEPTHS.map(|depth| format!("Bases ≥ {depth}x"));
    let mut head = vec!["Member", "Gene", "Mean depth"];
    head.extend(shares.iter().map(String::as_str));
    head.push("Gaps in exons");
    page.table("Coverage of the gene", &head, rows);
}
