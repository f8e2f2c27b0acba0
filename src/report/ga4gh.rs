//! Metrics of the GA4GH WGS quality control standard (ga4gh/quality-control-wgs): its ids, units and digits, in the layout
//! of its reference workflow.
//!
//! The autosome figures are those of Picard's filters (mapping and base quality 20, no duplicates, overlaps once, depth up to
//! 250) over the bases of chromosomes 1 to 22 that are not N in the reference; the standard's own workflow gives its Picard
//! a list of non-gap regions, which leaves the same bases out but for single N. Contamination is left out. A reader
//! finds a metric that was not computed absent, never 0.

use serde_json::{Map, Value, json};

use crate::model::qc::SampleQc;

/// The whole text; `None` when none of the metrics was computed.
pub(super) fn text(qc: &SampleQc) -> Option<String> {
    let mut metrics = Map::new();
    if let Some(q30) = &qc.q30 {
        metrics.insert("yield_bp_q30".into(), q30.all.into());
    }
    if let Some(counts) = &qc.samtools {
        let mut number = |id: &str, value: Option<f64>, digits: i32| {
            if let Some(value) = value.filter(|value| value.is_finite()) {
                let scale = 10_f64.powi(digits);
                metrics.insert(id.into(), ((value * scale).round() / scale).into());
            }
        };
        let percent = |part: u64| counts.share(part).map(|share| 100.0 * share);
        number("pct_reads_mapped", percent(counts.mapped()), 2);
        number("pct_reads_properly_paired", percent(counts.properly_paired), 2);
        let inserts = &counts.inserts;
        let pairs = inserts.inward + inserts.outward + inserts.other > 0;
        number("mean_insert_size", pairs.then_some(inserts.average), 1);
        number("insert_size_std_deviation", pairs.then_some(inserts.standard_deviation), 1);
    }
    if let Some(own) = qc.wgs.as_ref().and_then(|wgs| wgs.autosomes.as_ref()) {
        let hundredths = |value: f64| (value * 100.0).round() / 100.0;
        metrics.insert("mean_autosome_coverage".into(), hundredths(own.mean).into());
        metrics.insert("pct_autosomes_15x".into(), hundredths(100.0 * own.share(15)).into());
        // A whole number by the standard; between two depths the greater one.
        metrics.insert("mad_autosome_coverage".into(), (own.mad.round() as u64).into());
    }
    if metrics.is_empty() {
        return None;
    }
    let document = json!({
        "biosample": { "id": qc.sample },
        "wgs_qc_metrics": { "aln_metrics": Value::Object(metrics) },
    });
    Some(format!("{document:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::contract::Q30Yield;
    use crate::model::qc::WgsQc;
    use crate::model::qc::wgs::WgsDepth;
    use crate::model::samtools::{InsertSizes, SamtoolsQc};

    #[test]
    fn metrics_have_the_digits_of_the_standard_and_absent_ones_are_absent() {
        let mut qc = SampleQc { sample: "S".into(), ..SampleQc::default() };
        assert_eq!(text(&qc), None);
        qc.q30 = Some(Q30Yield { all: 110_066_894_077, unique: 0 });
        qc.samtools = Some(SamtoolsQc {
            sequences: 300,
            mapped_and_paired: 299,
            properly_paired: 200,
            inserts: InsertSizes {
                average: 439.84,
                standard_deviation: 98.66,
                inward: 1,
                ..InsertSizes::default()
            },
            ..SamtoolsQc::default()
        });
        let histogram = [vec![1; 15], vec![2; 5]].concat();
        let autosomes = WgsDepth { territory: 25, mean: 31.084, mad: 4.0, median: 30.0, histogram };
        qc.wgs = Some(WgsQc { autosomes: Some(autosomes), ..WgsQc::default() });
        let value: Value = serde_json::from_str(&text(&qc).unwrap()).unwrap();
        let expected = json!({
            "biosample": { "id": "S" },
            "wgs_qc_metrics": { "aln_metrics": {
                "yield_bp_q30": 110_066_894_077_u64,
                "mean_autosome_coverage": 31.08,
                "mad_autosome_coverage": 4,
                "pct_autosomes_15x": 40.0,
                "pct_reads_mapped": 99.67,
                "pct_reads_properly_paired": 66.67,
                "mean_insert_size": 439.8,
                "insert_size_std_deviation": 98.7,
            } },
        });
        assert_eq!(value, expected);
    }
}
