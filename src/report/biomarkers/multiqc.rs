//! Custom content for MultiQC (files that end in `_mqc.json`).

use serde_json::{Map, Value, json};

use crate::model::biomarkers::{BiomarkerResults, Matrix};
use crate::model::mutation_type::SUBSTITUTIONS;
use crate::model::problem::Problem;
use crate::report::pretty;

/// The main values as a table; what was not assessed has no cell.
pub(super) fn values(
    found: &BiomarkerResults,
    sample: &str,
    made_by: &str,
) -> Result<Vec<u8>, Problem> {
    let mut cells = Map::new();
    let mut add = |name: &str, value: Option<f64>| {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            cells.insert(name.to_owned(), json!(value));
        }
    };
    add("somatic_variants", Some(found.calls.variants as f64));
    for burden in &found.burden {
        let value = burden.value.measured().map(|value| value.per_megabase);
        add(&format!("tmb_{}", burden.id.replace('-', "_")), value);
    }
    add("purity", found.purity.measured().map(|purity| purity.purity));
    let indels = found.instability_of_indels.measured();
    add("msi_indels_per_mb", indels.map(|value| value.per_megabase));
    let reads = found.instability_of_reads.measured();
    add("msi_percent_of_sites", reads.map(|value| value.score));
    add("msi_sites", reads.map(|value| value.assessed as f64));
    add("signature_cosine", found.signatures.measured().map(|fit| fit.cosine));
    let common = found.leakage.common.measured();
    add("percent_common_in_population", common.map(|share| 100.0 * share.share));
    pretty(&json!({
        "id": "tierline_biomarkers",
        "section_name": "Tumour biomarkers",
        "description": format!("Burden (mutations a megabase) by several definitions, purity, microsatellite instability and signs \
                                of germline variants. An empty cell was not assessed. {made_by}"),
        "plot_type": "table",
        "data": { sample: Value::Object(cells) },
    }))
}

/// Substitutions by kind as bars.
pub(super) fn substitutions(
    matrix: &Matrix,
    sample: &str,
    made_by: &str,
) -> Result<Vec<u8>, Problem> {
    let of = |kind: &str| -> u64 {
        let own = |name: &str| name.get(2..5) == Some(kind);
        matrix.counts.iter().filter(|(name, _)| own(name)).map(|(_, &n)| u64::from(n)).sum()
    };
    let bars: Map<String, Value> =
        SUBSTITUTIONS.iter().map(|kind| ((*kind).to_owned(), json!(of(kind)))).collect();
    pretty(&json!({
        "id": "tierline_sbs",
        "section_name": "Somatic substitutions",
        "description": format!("Substitutions of the tumour seen from the pyrimidine. {made_by}"),
        "plot_type": "bargraph",
        "pconfig": { "id": "tierline_sbs_plot", "title": "tierline: somatic substitutions", "ylab": "Substitutions" },
        "data": { sample: Value::Object(bars) },
    }))
}
