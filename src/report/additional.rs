//! `additional.tsv`: findings beside the question of the case, one row a finding of one member. Never among the tiers.

use crate::model::problem::Problem;
use crate::model::results::additional::{AdditionalFinding, AdditionalResults, LookedFor};

use super::{OutputFile, Rendered, Source, Writer, shown, text, tsv};

/// Writes `additional.tsv`.
#[derive(Debug)]
pub(super) struct Additional;

const FILES: &[OutputFile] = &[OutputFile {
    name: "additional.tsv",
    deterministic: true,
    doc: "additional findings and carrier status of consenting members; no tiers",
}];

/// The columns with what each holds.
pub const COLUMNS: &[(&str, &str)] = &[
    (
        "label",
        "additional_finding, carrier_status (of a couple) or carrier_status_x (of the mother)",
    ),
    ("member", "number of the member in the case, from 1"),
    ("role", "what the member is to the case"),
    ("chrom", "contig as the case's first file names it"),
    ("pos", "position of the first reference base, 1-based"),
    ("ref", "reference allele"),
    ("alt", "alternate allele"),
    ("gene", "gene symbol, else its id"),
    (
        "transcript",
        "transcript that stands for the gene: MANE Select, else canonical, else the first",
    ),
    ("consequence", "Sequence Ontology terms on it, joined by &"),
    ("hgvs_c", "HGVS on the transcript"),
    ("hgvs_p", "HGVS on the protein"),
    ("genotype", "genotype of the member: 0 reference, 1 this ALT, 2 another ALT"),
    ("zygosity", "the same in words"),
    ("clinvar", "ClinVar significance as annotated, comma-separated"),
    ("clinvar_stars", "ClinVar review stars, 0 to 4"),
    ("panel", "name of the panel"),
    ("panel_version", "version of the panel"),
    ("mode", "mode of inheritance as the panel writes it"),
    ("possible", "yes when something needed to be sure is missing, else no"),
    ("missing", "what is missing, comma-separated"),
    tsv::MADE_BY,
];

impl Writer for Additional {
    fn id(&self) -> &'static str {
        "additional"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let rows = shown::additional(source.results).map(row);
        let bytes = tsv::table(COLUMNS, source.results, rows);
        Ok(vec![Rendered { name: FILES[0].name, bytes }])
    }
}

fn row(finding: &AdditionalFinding) -> impl Iterator<Item = Option<String>> {
    let whose = [
        Some(finding.kind.word().into()),
        Some(finding.member.to_string()),
        Some(text::word(finding.role)),
    ];
    let [clinvar, stars] = tsv::of_clinvar(finding.clinvar.as_ref());
    let own = [
        Some(finding.genotype.clone()),
        Some(finding.zygosity.name().into()),
        clinvar,
        stars,
        Some(finding.panel.name.clone()),
        Some(finding.panel.version.clone()),
        Some(finding.mode.clone()),
        Some(if finding.possible { "yes" } else { "no" }.into()),
        Some(finding.missing.join(",")),
    ];
    whose.into_iter().chain(tsv::of_gene(&finding.found)).chain(own)
}

/// What was not looked for, one sentence each. Without a record of it nothing was.
pub(super) fn not_looked_for(results: Option<&AdditionalResults>) -> Vec<String> {
    let Some(results) = results else {
        return vec![
            "Additional findings and carrier status were not looked for in any member.".into(),
        ];
    };
    let mut all = Vec::new();
    for (panel, what, them) in [
        (&results.additional_panel, "Additional findings were", "them"),
        (&results.carrier_panel, "Carrier status was", "it"),
    ] {
        if panel.is_none() {
            all.push(format!(
                "{what} not looked for in any member: the case names no panel for {them}."
            ));
        }
    }
    for decision in &results.decisions {
        let (number, role, what) =
            (decision.member, text::role(decision.role), decision.kind.shown());
        match decision.looked_for {
            LookedFor::Yes if decision.childhood_only => all.push(format!(
                "Member {number} ({role}): {what} of diseases that begin in adulthood were not looked for, since the case \
                 does not say that the member is an adult."
            )),
            LookedFor::NoPanel | LookedFor::OtherRole | LookedFor::Yes => {}
            other => all.push(format!(
                "Member {number} ({role}): {what} not looked for: {}.",
                other.why_not().unwrap_or_default()
            )),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_cell_and_a_line_of_documentation() {
        assert!(COLUMNS.iter().all(|(_, doc)| !doc.is_empty()));
        assert_eq!(COLUMNS.len(), 22);
    }

    #[test]
    fn without_a_record_nothing_was_looked_for() {
        assert_eq!(not_looked_for(None).len(), 1);
        let told = not_looked_for(Some(&AdditionalResults::default()));
        assert_eq!(
            told,
            [
                "Additional findings were not looked for in any member: the case names no panel for them.",
                "Carrier status was not looked for in any member: the case names no panel for it.",
            ]
        );
    }
}
