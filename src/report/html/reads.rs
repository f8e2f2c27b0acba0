//! What the second look at the reads showed of one candidate, a row a member; and where second alleles may hide.

use crate::model::results::evidence::{AlleleEvidence, EvidenceResult};
use crate::model::results::{CandidateResult, CaseResults};
use crate::report::{second_allele, text};

use super::page::{Cell, Page};

pub(super) fn table(page: &mut Page, candidate: &CandidateResult) {
    if candidate.evidence.is_empty() {
        return;
    }
    let head = [
        "Member",
        "Reference",
        "ALT",
        "ALT forward/reverse",
        "ALT base/mapping quality",
        "Other",
        "Ambiguous",
        "Share of ALT",
        "Not counted",
        "Told apart by",
    ];
    let rows = candidate.evidence.iter().map(row).collect();
    page.table("What the reads show", &head, rows);
}

fn row(evidence: &EvidenceResult) -> Vec<Cell> {
    let who = Cell::text(format!("{} {}", evidence.member, text::role(evidence.role)));
    let who = who.flag(evidence.conflict.clone());
    let Some(counts) = &evidence.counts else {
        let why = evidence.not_read.map_or("", |why| why.words());
        let mut cells = vec![who];
        cells.extend((0..8).map(|_| Cell::figure("-")));
        cells.push(Cell::text(format!("not read: {why}")));
        return cells;
    };
    let excluded = &counts.excluded;
    let causes = [
        ("duplicate", excluded.duplicate),
        ("not primary", excluded.not_primary),
        ("failed checks", excluded.failed),
        ("mapping quality", excluded.low_mapping_quality),
        ("base quality", excluded.low_base_quality),
        ("beyond the cap", excluded.beyond_cap),
    ];
    let causes = causes.iter().filter(|(_, n)| *n > 0).map(|(why, n)| format!("{n} {why}"));
    let causes: Vec<String> = causes.collect();
    let quality = |alt: &AlleleEvidence| {
        let number = |value: Option<f64>| value.map_or("-".into(), text::number);
        format!("{}/{}", number(alt.mean_base_quality), number(alt.mean_mapping_quality))
    };
    let alternate = &counts.alternate;
    vec![
        who,
        Cell::figure(counts.reference.reads.to_string()),
        Cell::figure(alternate.reads.to_string()),
        Cell::figure(format!("{}/{}", alternate.forward, alternate.reverse)),
        Cell::figure(quality(alternate)),
        Cell::figure(counts.other.reads.to_string()),
        Cell::figure(counts.ambiguous.to_string()),
        Cell::figure(counts.fraction.map_or("-".into(), text::number)),
        Cell::text(if causes.is_empty() { "none".into() } else { causes.join(", ") }),
        Cell::text(text::word(counts.method)),
    ]
}

/// Single heterozygous variants in genes of recessive disease, and the exons in which the other allele could not be seen.
pub(super) fn second_alleles(page: &mut Page, results: &CaseResults) {
    if results.second_alleles.is_empty() {
        return;
    }
    page.markup("<section aria-labelledby=\"h-second\">\n");
    page.markup("<h2 id=\"h-second\">Single alleles in recessive genes</h2>\n");
    let rows = results.second_alleles.iter().map(|one| {
        let gaps = one.members.iter().map(second_allele::words).collect();
        vec![
            Cell::text(one.gene.shown()),
            Cell::text(text::place(&one.variant)),
            Cell::text(&*one.panel.name),
            Cell::lines(gaps),
        ]
    });
    let head = ["Gene", "Variant", "Panel", "Exons of the gene"];
    page.table("One heterozygous variant, and no partner found", &head, rows.collect());
    page.markup("</section>\n");
}
