//! Germline findings in the normal sample of a tumour, in a section of their own.

use std::collections::BTreeMap;

use crate::model::candidate::Tier;
use crate::model::results::CaseResults;
use crate::model::results::pertinent::{PertinentDecision, PertinentFinding, PertinentResults};
use crate::report::{shown, text};

use super::additional;
use super::page::{Cell, Page};

/// The section, where the case asks for such findings.
pub(super) fn section(page: &mut Page, results: &CaseResults) {
    let Some(found) = &results.pertinent else { return };
    if found.looked_for == PertinentDecision::NoPanel {
        return;
    }
    page.markup("<section aria-labelledby=\"h-germline\">\n");
    page.markup("<h2 id=\"h-germline\">Germline findings in the normal sample</h2>\n<p>");
    page.markup("Variants that the patient was born with, in genes of cancer susceptibility. They have tiers of their own ");
    page.markup("(1 and 3), no domain, and are looked for only with the patient's consent.</p>\n");
    if let Some(why) = found.looked_for.why_not() {
        page.element("p", &format!("Not looked for: {why}."));
    } else if !shown::germline_allowed(results) {
        page.element("p", "Not shown: these results record no consent to them.");
    } else if found.findings.is_empty() {
        page.element("p", nothing_found(found));
    } else {
        let head =
            ["Tier", "Variant", "Gene", "Genotype", "ClinVar", "Frequency", "Panel and mode"];
        page.table("Findings", &head, found.findings.iter().map(finding).collect());
    }
    page.markup("</section>\n");
}

/// What an empty list means.
fn nothing_found(found: &PertinentResults) -> &'static str {
    if found.unfiltered > 0 {
        "No variant met the rules in what was assessed. Calls without a value of FILTER were dropped unseen: nothing could be \
         found among them."
    } else {
        "No variant met the rules in what was assessed. What was not assessed is listed at the head of the page."
    }
}

/// `Germline findings in the normal sample: 1 in Tier 1.`
pub(super) fn count_line(results: &CaseResults) -> Option<String> {
    let mut counts: BTreeMap<Tier, usize> = BTreeMap::new();
    for finding in shown::pertinent(results) {
        *counts.entry(finding.tier).or_default() += 1;
    }
    let one = |(tier, n): (&Tier, &usize)| format!("{n} in {}", text::grade(Some(*tier), None));
    let parts: Vec<String> = counts.iter().map(one).collect();
    (!parts.is_empty())
        .then(|| format!("Germline findings in the normal sample: {}.", parts.join(", ")))
}

fn finding(finding: &PertinentFinding) -> Vec<Cell> {
    let mut gene = additional::gene(&finding.found);
    if !finding.partners.is_empty() {
        let others: Vec<String> = finding.partners.iter().map(text::place).collect();
        gene.push(format!("with {}", others.join(", ")));
    }
    let label = finding.label.as_ref().map(|label| label.replace('_', " "));
    let flag =
        finding.possible.then(|| format!("possible; missing: {}", finding.missing.join(", ")));
    let genotype = format!("{} {}", finding.genotype, finding.zygosity.name().replace('_', " "));
    let panel = format!("{} {}", finding.panel.name, finding.panel.version);
    vec![
        Cell::text(text::grade(Some(finding.tier), None)).flag(label),
        Cell::lines(additional::names(&finding.found)),
        Cell::lines(gene),
        Cell::text(genotype).flag(flag),
        additional::clinvar(finding.clinvar.as_ref()).into(),
        finding.frequency.map_or_else(|| "not assessed".to_owned(), text::number).into(),
        Cell::lines(vec![panel, finding.mode.clone()]),
    ]
}
