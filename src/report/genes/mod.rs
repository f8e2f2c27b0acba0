//! Depth over genes and panels: tables of genes, transcripts, exons and panels, gaps as BED, the coverage model of Genomics
//! England, and a table that MultiQC shows.
//!
//! | file | rows |
//! |---|---|
//! | `STEM.panels.tsv` | one a panel |
//! | `STEM.genes.tsv` | one a gene: the union of the exons of its chosen transcripts; genes of panels that could not be assessed follow |
//! | `STEM.transcripts.tsv` | one a chosen transcript |
//! | `STEM.exons.tsv` | one an exon of a chosen transcript |
//! | `STEM.gaps.bed` | one a run of bases below the threshold in the union of a gene's exons, with the exons it touches |
//! | `STEM.coverage.json` | `CoverageAnalysisResults` of `org.gel.models.coverage` 0.1.0 |
//! | `STEM.panels_mqc.tsv` | the panels for MultiQC |
//!
//! Positions are 0-based half-open. `NA` stands where no base was assessed. Percentages are cut after two digits: 100.00
//! means every base.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::io::sink::AtomicFile;
use crate::model::gene_coverage::GenesQc;
use crate::model::problem::Problem;

mod coverage_json;
mod gaps;
mod multiqc;
pub(super) mod tables;

type Render = fn(&GenesQc, &str, &mut dyn Write) -> std::io::Result<()>;

/// What a name adds to the sample's, and what writes it.
const FILES: [(&str, Render); 7] = [
    (".panels.tsv", |genes, _, out| tables::panels(genes, out)),
    (".genes.tsv", |genes, _, out| tables::genes(genes, out)),
    (".transcripts.tsv", |genes, _, out| tables::transcripts(genes, out)),
    (".exons.tsv", |genes, _, out| tables::exons(genes, out)),
    (".gaps.bed", |genes, _, out| gaps::write(genes, out)),
    (".coverage.json", |genes, _, out| coverage_json::write(genes, out)),
    (".panels_mqc.tsv", multiqc::write),
];

/// What the names of all of them add to the sample's.
pub(super) fn ends() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(end, _)| *end)
}

/// Writes all of them beside `stem`; those of panels only when there is a panel. All genes of a genome make long files, so
/// none is held in memory.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(genes: &GenesQc, sample: &str, stem: &Path) -> Result<(), Problem> {
    for (end, render) in FILES {
        if genes.panels.is_empty() && end.contains("panels") {
            continue;
        }
        let mut name = stem.as_os_str().to_owned();
        name.push(end);
        let path = PathBuf::from(name);
        let mut file = AtomicFile::create(&path)?;
        render(genes, sample, &mut file).map_err(|e| Problem::writing(path.display(), &e))?;
        file.finish()?;
    }
    Ok(())
}
