//! Findings beside the question of the case, in a section of their own.

use crate::model::annotation::ClinVar;
use crate::model::results::additional::{AdditionalFinding, FindingDecision, LookedFor};
use crate::model::results::{CaseResults, VariantInGene};
use crate::report::{shown, text};

use super::page::{Cell, Page};

/// The section, where the case asks for such findings.
pub(super) fn section(page: &mut Page, results: &CaseResults) {
    let Some(additional) = &results.additional else { return };
    let panels = [&additional.additional_panel, &additional.carrier_panel];
    if panels.iter().all(|panel| panel.is_none()) {
        return;
    }
    page.markup("<section aria-labelledby=\"h-additional\">\n");
    page.markup("<h2 id=\"h-additional\">Additional findings and carrier status</h2>\n<p>");
    page.markup("These do not answer the question of the case and have no tier. ");
    page.markup("They are looked for only in members who consented to them.</p>\n");
    let asked =
        |d: &&FindingDecision| !matches!(d.looked_for, LookedFor::NoPanel | LookedFor::OtherRole);
    let rows = additional.decisions.iter().filter(asked).copied().map(decision).collect();
    page.table("Who was looked at", &["Member", "Kind", "Looked for"], rows);
    let findings: Vec<&AdditionalFinding> = shown::additional(results).collect();
    let looked = additional.decisions.iter().any(|d| d.looked_for == LookedFor::Yes);
    if findings.is_empty() {
        let told = if looked {
            "No variant met the rules in the members who were looked at, in what was assessed."
        } else {
            "Nobody was looked at: an empty list says nothing."
        };
        page.element("p", told);
    } else {
        let head = ["Member", "Kind", "Variant", "Gene", "Genotype", "ClinVar", "Panel and mode"];
        let rows = findings.into_iter().map(finding).collect();
        page.table("Findings", &head, rows);
    }
    page.markup("</section>\n");
}

/// `Findings beside the question: 2, in a section of their own.`
pub(super) fn count_line(results: &CaseResults) -> Option<String> {
    match shown::additional(results).count() {
        0 => None,
        n => Some(format!("Findings beside the question: {n}, in a section of their own.")),
    }
}

fn decision(decision: FindingDecision) -> Vec<Cell> {
    let answer = match decision.looked_for.why_not() {
        Some(why) => format!("no: {why}"),
        None if decision.childhood_only => "yes, but for diseases that begin in adulthood".into(),
        None => "yes".to_owned(),
    };
    let member = format!("{} {}", decision.member, text::role(decision.role));
    vec![member.into(), decision.kind.shown().into(), answer.into()]
}

/// A variant and its names on transcript and protein.
pub(super) fn names(found: &VariantInGene) -> Vec<String> {
    let names = found.hgvs_c.iter().chain(&found.hgvs_p).cloned();
    std::iter::once(text::place(&found.variant)).chain(names).collect()
}

/// A gene and what the variant does to it.
pub(super) fn gene(found: &VariantInGene) -> Vec<String> {
    let terms = found.terms.iter().map(|term| term.name.clone());
    std::iter::once(found.gene.shown().to_owned()).chain(terms).collect()
}

/// What ClinVar says of a finding.
pub(super) fn clinvar(clinvar: Option<&ClinVar>) -> String {
    let Some(clinvar) = clinvar else { return "not annotated".into() };
    let stars = clinvar.stars.map(|n| format!(", {n} stars")).unwrap_or_default();
    format!("{}{stars}", clinvar.significance.join(", "))
}

fn finding(finding: &AdditionalFinding) -> Vec<Cell> {
    let flag =
        finding.possible.then(|| format!("possible; missing: {}", finding.missing.join(", ")));
    let genotype = format!("{} {}", finding.genotype, finding.zygosity.name().replace('_', " "));
    let panel = format!("{} {}", finding.panel.name, finding.panel.version);
    vec![
        format!("{} {}", finding.member, text::role(finding.role)).into(),
        finding.kind.shown().into(),
        Cell::lines(names(&finding.found)),
        Cell::lines(gene(&finding.found)),
        Cell::text(genotype).flag(flag),
        clinvar(finding.clinvar.as_ref()).into(),
        Cell::lines(vec![panel, finding.mode.clone()]),
    ]
}
