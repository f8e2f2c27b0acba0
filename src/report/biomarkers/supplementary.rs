//! GEL's SupplementaryAnalysisResults (`org.gel.models.metrics.avro` 1.2.2). Its record has no place for a value that is not
//! there, so it is written only where substitutions were placed on a reference and signatures were fitted.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bin_key;
use crate::model::biomarkers::BiomarkerResults;
use crate::model::problem::Problem;
use crate::model::results::CaseResults;
use crate::report::pretty;

#[derive(Serialize)]
struct Supplementary {
    #[serde(rename = "contextualAnalysisSubstitutionsCounts")]
    contexts: BTreeMap<String, u32>,
    #[serde(rename = "mutationalSignatureContribution")]
    signatures: Contribution,
    #[serde(rename = "sNVAlleleFrequencyHistogramCounts")]
    snv_shares: BTreeMap<String, u32>,
    #[serde(rename = "indelAlleleFrequencyHistogramCounts")]
    indel_shares: BTreeMap<String, u32>,
    #[serde(rename = "indelLengthHistogramCounts")]
    indel_lengths: BTreeMap<String, u32>,
    #[serde(rename = "genomicRegionsOfHypermutation")]
    hypermutation: Vec<String>,
}

#[derive(Serialize)]
struct Contribution {
    /// Percent of what the fit explains, by signature.
    coefficients: BTreeMap<String, f64>,
    rss: f64,
}

/// The document; `None` where the record's values are not there.
pub(super) fn render(
    found: &BiomarkerResults,
    results: &CaseResults,
) -> Result<Option<Vec<u8>>, Problem> {
    let (Some(matrices), Some(fit)) = (found.matrices.measured(), found.signatures.measured())
    else {
        return Ok(None);
    };
    let histogram =
        |bins: &[u32]| bins.iter().enumerate().map(|(bin, &count)| (bin_key(bin), count)).collect();
    let mut coefficients: BTreeMap<String, f64> =
        fit.offered.iter().map(|name| (name.clone(), 0.0)).collect();
    coefficients.extend(fit.contributions.iter().map(|c| (c.signature.clone(), 100.0 * c.share)));
    let document = Supplementary {
        contexts: matrices.sbs96.counts.clone(),
        signatures: Contribution { coefficients, rss: fit.rss },
        snv_shares: histogram(&found.spectrum.snv_shares),
        indel_shares: histogram(&found.spectrum.indel_shares),
        indel_lengths: found
            .spectrum
            .indel_lengths
            .iter()
            .map(|(length, &count)| (length.to_string(), count))
            .collect(),
        hypermutation: reported(found, results),
    };
    pretty(&document).map(Some)
}

/// Regions by the definition that the policy reports, `chr:start,end`.
fn reported(found: &BiomarkerResults, results: &CaseResults) -> Vec<String> {
    let values = results.policy.values.as_ref();
    let chosen = values
        .and_then(|values| values.pointer("/biomarkers/kataegis/reported/value"))
        .and_then(|id| id.as_str());
    let definitions = &found.kataegis.definitions;
    let definition = definitions.iter().find(|one| Some(one.id.as_str()) == chosen);
    let clusters = definition.and_then(|one| one.regions.measured());
    clusters
        .into_iter()
        .flat_map(|clusters| &clusters.found)
        .map(|region| format!("{}:{},{}", region.contig, region.start, region.end))
        .collect()
}
