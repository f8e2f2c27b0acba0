//! A case as a job of Exomiser: its sample section with a preset. JSON is YAML, so the text needs no writer of its own.

use std::path::Path;

use serde_json::{Value, json};

use super::super::Case;
use super::{absolute, name};
use crate::model::contig::Assembly;
use crate::model::problem::Problem;

/// The job with its pedigree file.
///
/// # Errors
///
/// A tumour case, and a case without exactly one joint variant file.
pub fn job(case: &Case, pedigree: &Path) -> Result<Value, Problem> {
    let proband = case.index_member().filter(|_| !case.kind.is_cancer());
    let Some((id, proband)) = proband else {
        let message = format!("Exomiser takes no {} case", case.kind.word());
        return Err(Problem::usage(message));
    };
    let own = proband.variants.as_slice();
    let all = [case.variants.as_slice(), own].concat();
    let [variants] = all.as_slice() else {
        let message = format!("{} variant files: Exomiser takes exactly one", all.len());
        return Err(Problem::usage(message).help("join them first"));
    };
    let hpo: Vec<&str> =
        proband.hpo.iter().filter(|term| term.present).map(|term| term.id.as_str()).collect();
    Ok(json!({
        "sample": {
            "genomeAssembly": if case.assembly == Assembly::GRCh37 { "hg19" } else { "hg38" },
            "vcf": absolute(variants),
            "ped": absolute(pedigree),
            "proband": name(case, id),
            "hpoIds": hpo,
        },
        "preset": "GENOME",
        "outputOptions": { "outputFormats": ["HTML", "JSON", "TSV_GENE", "TSV_VARIANT", "VCF"] },
    }))
}
