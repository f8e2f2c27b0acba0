//! `amp.tsv`: evidence tiers of a tumour's events, one row an evidence item, or one for an event without any. Written where the
//! case gives evidence items.

use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::model::results::amp::{AmpEvent, AmpEvidence, AmpResults};

use super::{OutputFile, Rendered, Source, Writer, text, tsv};

/// Writes `amp.tsv`.
#[derive(Debug)]
pub(super) struct Amp;

const FILES: &[OutputFile] = &[OutputFile {
    name: "amp.tsv",
    deterministic: true,
    doc: "evidence tiers (AMP/ASCO/CAP) of a tumour's events with the evidence items of CIViC behind them",
}];

/// The columns with what each holds.
const COLUMNS: &[(&str, &str)] = &[
    ("event", "id of the event in results.json and tiers.tsv"),
    ("gene", "gene"),
    ("amp", "tier of AMP/ASCO/CAP: I, II, III, IV"),
    ("why", "why"),
    ("evidence_item", "number of the item in CIViC (EID)"),
    ("defining", "yes when the item defines the tier, no when it is additional"),
    ("item_tier", "tier that the item alone gives"),
    ("category", "therapeutic, diagnosis or prognosis"),
    ("level", "level of the evidence, A to E"),
    ("matched_by", "coordinates, protein, residue or gene"),
    ("variant", "variant as CIViC names it"),
    ("significance", "what the item says"),
    ("therapies", "therapies"),
    ("disease", "disease of the item"),
    ("disease_match", "same (as the case's), pan-cancer or other"),
    tsv::MADE_BY,
];

impl Writer for Amp {
    fn id(&self) -> &'static str {
        "amp"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let Some(amp) = &source.results.amp else { return Ok(Vec::new()) };
        let rows = amp.events.iter().flat_map(|event| {
            let none = event.evidence.is_empty().then_some(None);
            event.evidence.iter().map(Some).chain(none).map(|item| row(event, item))
        });
        let bytes = tsv::table(COLUMNS, source.results, rows);
        Ok(vec![Rendered { name: FILES[0].name, bytes }])
    }
}

fn row(event: &AmpEvent, item: Option<&AmpEvidence>) -> [Option<String>; 15] {
    [
        Some(event.event.clone()),
        Some(event.gene.clone()),
        Some(event.tier.roman().into()),
        Some(event.why.clone()),
        item.map(|item| item.item.to_string()),
        item.map(|item| if item.defining { "yes" } else { "no" }.into()),
        item.map(|item| item.tier.roman().into()),
        item.map(|item| text::word(item.category)),
        item.map(|item| item.level.to_string()),
        item.map(|item| item.matched_by.clone()),
        item.map(|item| item.variant.clone()),
        item.map(|item| item.significance.clone()),
        item.map(|item| item.therapies.clone()),
        item.map(|item| item.disease.clone()),
        item.map(|item| text::word(item.disease_match)),
    ]
}

/// The tier of an event as a column beside its domain.
pub(super) fn of(results: &CaseResults, event: &str) -> Option<String> {
    results.amp.as_ref()?.of(event).map(|found| found.tier.roman().to_owned())
}

/// What of the file was not compared, in words.
pub(super) fn not_compared(amp: &AmpResults) -> String {
    let passed: Vec<String> = amp.passed_over.iter().map(|(why, n)| format!("{n} {why}")).collect();
    let passed = if passed.is_empty() { "none".to_owned() } else { passed.join(", ") };
    let other = if amp.other_assembly == 0 {
        String::new()
    } else {
        format!(
            " Of {} items the coordinates are of another assembly: their protein changes and genes were compared.",
            amp.other_assembly
        )
    };
    format!("{} of {} items were compared; passed over: {passed}.{other}", amp.compared, amp.rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_documented() {
        assert!(COLUMNS.iter().all(|(_, doc)| !doc.is_empty()));
        assert_eq!(COLUMNS.len(), 16);
    }
}
