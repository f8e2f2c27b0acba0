//! Biomarkers of a tumour in files of their own. Nothing is written for a case without them.
//!
//! | file | holds |
//! |---|---|
//! | `biomarkers.tsv` | every value with its interval and its source, or why there is none |
//! | `somatic.SBS96.tsv`, `.DBS78.tsv`, `.ID83.tsv` | mutations by type, in SigProfiler's form |
//! | `signatures.tsv` | contributions of signatures with their intervals |
//! | `rainfall.tsv` | distances between neighbouring substitutions |
//! | `supplementary_analysis_results.json` | GEL's SupplementaryAnalysisResults (metrics 1.2.2) |
//! | `biomarkers_mqc.json`, `sbs96_mqc.json` | custom content for MultiQC |

mod multiqc;
mod supplementary;
mod tables;

use crate::model::biomarkers::BiomarkerResults;
use crate::model::mutation_type::MatrixKind;
use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::model::sample::Role;

use super::{OutputFile, Rendered, Source, Writer};

/// Writes the files of biomarkers.
#[derive(Debug)]
pub(super) struct Biomarkers;

const fn file(name: &'static str, doc: &'static str) -> OutputFile {
    OutputFile { name, deterministic: true, doc }
}

const FILES: &[OutputFile] = &[
    file("biomarkers.tsv", "every biomarker of a tumour with its interval and its source"),
    file("somatic.SBS96.tsv", "single-base substitutions by type, in SigProfiler's form"),
    file("somatic.DBS78.tsv", "doublets by type, in SigProfiler's form"),
    file("somatic.ID83.tsv", "insertions and deletions by type, in SigProfiler's form"),
    file("signatures.tsv", "contributions of mutational signatures with their intervals"),
    file(
        "rainfall.tsv",
        "distances between neighbouring substitutions, thinned where they are many",
    ),
    file(
        "supplementary_analysis_results.json",
        "GEL's SupplementaryAnalysisResults; only with a reference and signatures, whose values it demands",
    ),
    file("biomarkers_mqc.json", "the main values as MultiQC custom content"),
    file("sbs96_mqc.json", "substitutions by type as MultiQC custom content"),
];

impl Writer for Biomarkers {
    fn id(&self) -> &'static str {
        "biomarkers"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let Some(found) = &source.results.biomarkers else { return Ok(Vec::new()) };
        let (sample, made_by) = (sample(source.results), source.results.made_by());
        let matrices = found.matrices.measured();
        let texts: [Option<Vec<u8>>; 9] = [
            Some(tables::values(found, &made_by)),
            matrices.map(|all| tables::matrix(&all.sbs96, MatrixKind::Sbs96, sample)),
            matrices.map(|all| tables::matrix(&all.dbs78, MatrixKind::Dbs78, sample)),
            matrices.map(|all| tables::matrix(&all.id83, MatrixKind::Id83, sample)),
            found.signatures.measured().map(|fit| tables::signatures(fit, &made_by)),
            Some(tables::rainfall(found, &made_by)),
            supplementary::render(found, source.results)?,
            Some(multiqc::values(found, sample, &made_by)?),
            matrices.map(|all| multiqc::substitutions(&all.sbs96, sample, &made_by)).transpose()?,
        ];
        let files = FILES.iter().zip(texts);
        Ok(files
            .filter_map(|(file, bytes)| Some(Rendered { name: file.name, bytes: bytes? }))
            .collect())
    }
}

/// The tumour's sample as files name it.
fn sample(results: &CaseResults) -> &str {
    let tumour = results.case.members.iter().find(|member| member.role == Role::Tumour);
    tumour.and_then(|member| member.sample.as_deref()).unwrap_or("tumour")
}

/// The key of a histogram's bin as GEL writes it, `(0.005,0.015]`.
fn bin_key(bin: usize) -> String {
    let low = bin as f64 / 100.0 - 0.005;
    format!("({low:.3},{:.3}]", low + 0.01)
}

/// The rows of `biomarkers.tsv` and of the report: id, what it is, value with unit, interval, label, source or reason.
pub(super) fn rows(found: &BiomarkerResults) -> Vec<[String; 6]> {
    tables::rows(found)
}

#[cfg(test)]
mod tests {
    use super::bin_key;

    #[test]
    fn keys_are_those_of_gel() {
        assert_eq!([0, 1, 100].map(bin_key), ["(-0.005,0.005]", "(0.005,0.015]", "(0.995,1.005]"]);
    }
}
