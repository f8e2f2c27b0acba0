//! `germline.tsv`: germline findings in the normal sample of a tumour, one row a finding. Never among the domains; there is no
//! file where nothing was looked for.

use crate::model::problem::Problem;
use crate::model::results::pertinent::{PertinentFinding, PertinentResults};

use super::{OutputFile, Rendered, Source, Writer, shown, text, tsv};

/// Writes `germline.tsv`.
#[derive(Debug)]
pub(super) struct Germline;

const FILES: &[OutputFile] = &[OutputFile {
    name: "germline.tsv",
    deterministic: true,
    doc: "germline findings in the normal sample of a tumour whose patient consents, Tier 1 before Tier 3",
}];

/// The columns with what each holds.
const COLUMNS: &[(&str, &str)] = &[
    ("tier", "TIER1 or TIER3"),
    ("chrom", "contig as the case's first file names it"),
    ("pos", "position of the first reference base, 1-based"),
    ("ref", "reference allele"),
    ("alt", "alternate allele"),
    ("gene", "gene symbol, else its id"),
    ("transcript", "transcript that stands for the gene"),
    ("consequence", "Sequence Ontology terms on it, joined by &"),
    ("hgvs_c", "HGVS on the transcript"),
    ("hgvs_p", "HGVS on the protein"),
    ("genotype", "genotype of the normal sample: 0 reference, 1 this ALT, 2 another ALT"),
    ("zygosity", "the same in words"),
    ("depth_ref", "reads with the reference"),
    ("depth_alt", "reads with the ALT"),
    ("frequency", "largest population frequency of the policy's datasets for these findings"),
    ("clinvar", "ClinVar significance, comma-separated"),
    ("clinvar_stars", "ClinVar review stars, 0 to 4"),
    ("panel", "name of the panel that lists the gene, of the disease where one does"),
    ("panel_version", "version of the panel"),
    ("mode", "mode of inheritance as the panel writes it"),
    ("label", "one_variant_of_two: Tier 3 since the gene's disease needs both copies"),
    ("partners", "other variants of the gene that count as the second hit, comma-separated"),
    ("possible", "yes when something needed to be sure is missing, else no"),
    ("missing", "what is missing, comma-separated"),
    ("rules", "ids of the rules that gave the tier, comma-separated"),
    tsv::MADE_BY,
];

impl Writer for Germline {
    fn id(&self) -> &'static str {
        "germline"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let mut looked = source.results.pertinent.iter();
        let asked = looked.any(|found| found.looked_for.why_not().is_none());
        if !asked || !shown::germline_allowed(source.results) {
            return Ok(Vec::new());
        }
        let rows = shown::pertinent(source.results).iter().map(row);
        let bytes = tsv::table(COLUMNS, source.results, rows);
        Ok(vec![Rendered { name: FILES[0].name, bytes }])
    }
}

fn row(finding: &PertinentFinding) -> impl Iterator<Item = Option<String>> {
    let mut rules: Vec<&str> = finding.reasons.iter().map(|reason| reason.rule.as_str()).collect();
    rules.dedup();
    let [clinvar, stars] = tsv::of_clinvar(finding.clinvar.as_ref());
    let own = [
        Some(finding.genotype.clone()),
        Some(finding.zygosity.name().into()),
        finding.reference_depth.map(|n| n.to_string()),
        finding.alternate_depth.map(|n| n.to_string()),
        finding.frequency.map(text::number),
        clinvar,
        stars,
        Some(finding.panel.name.clone()),
        Some(finding.panel.version.clone()),
        Some(finding.mode.clone()),
        finding.label.clone(),
        Some(finding.partners.iter().map(text::place).collect::<Vec<_>>().join(",")),
        Some(if finding.possible { "yes" } else { "no" }.into()),
        Some(finding.missing.join(",")),
        Some(rules.join(",")),
    ];
    [Some(text::word(finding.tier))].into_iter().chain(tsv::of_gene(&finding.found)).chain(own)
}

/// What was not looked for, in sentences.
pub(super) fn not_looked_for(found: Option<&PertinentResults>) -> Vec<String> {
    let Some(found) = found else {
        return vec!["Germline variants of the normal sample were not assessed.".into()];
    };
    if let Some(why) = found.looked_for.why_not() {
        return vec![format!("Germline findings in the normal sample were not looked for: {why}.")];
    }
    let mut all = vec![
        "Germline copy-number and structural variants of the normal sample were not assessed."
            .to_owned(),
    ];
    if found.wider_panels.is_empty() {
        all.push(
            "Germline findings of Tier 3 were looked for in the panels of Tier 1 alone: the case names no wider ones."
                .into(),
        );
    }
    if !found.genes_not_annotated.is_empty() {
        all.push(format!(
            "Genes of the germline panels not assessed, since the annotation of the germline calls never names them ({}): {}.",
            found.genes_not_annotated.len(),
            found.genes_not_annotated.join(", ")
        ));
    }
    // METHOD: identity checks of a tumour compare reads, and the germline calls have none of their own.
    all.push(
        "Whether the germline calls are of the same person as the reads was not checked.".into(),
    );
    if found.unfiltered > 0 {
        all.push(format!(
            "{} germline calls without a value of FILTER were dropped, in genes of the panels or not: nothing could be found among them.",
            found.unfiltered
        ));
    }
    if found.doubtful_calls > 0 {
        all.push(format!(
            "{} germline calls in genes of the panels were passed over: their own filter failed, or no read shows the ALT.",
            found.doubtful_calls
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::results::pertinent::PertinentDecision;

    fn found(looked_for: PertinentDecision) -> PertinentResults {
        PertinentResults {
            looked_for,
            panels: Vec::new(),
            wider_panels: Vec::new(),
            genes_not_annotated: vec!["BRCA1".into()],
            doubtful_calls: 2,
            unfiltered: 3,
            findings: Vec::new(),
        }
    }

    #[test]
    fn every_column_is_documented() {
        assert!(COLUMNS.iter().all(|(_, doc)| !doc.is_empty()));
        assert_eq!(COLUMNS.len(), 26);
    }

    #[test]
    fn what_was_not_looked_for_is_told() {
        assert_eq!(not_looked_for(None).len(), 1);
        let told = not_looked_for(Some(&found(PertinentDecision::NoConsent)));
        let text = "Germline findings in the normal sample were not looked for: no consent.";
        assert_eq!(told, [text]);
        assert_eq!(not_looked_for(Some(&found(PertinentDecision::Yes))).len(), 6);
    }
}
