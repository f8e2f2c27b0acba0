//! Coverage of the known genome in the format of Picard's CollectWgsMetrics.

use super::picard::MetricsFile;
use super::picard::number::decimal;
use crate::model::qc::{SampleQc, WgsQc};

/// The whole text. MultiQC takes the sample's name from what follows `INPUT`.
pub fn text(wgs: &WgsQc, qc: &SampleQc) -> String {
    let mut file = MetricsFile::new("CollectWgsMetrics", "picard.analysis.WgsMetrics", qc);
    let values = values(wgs);
    file.row(values.iter().map(|(name, _)| name));
    file.row(values.iter().map(|(_, number)| number));
    let rows: Vec<(u32, u64)> = (0..).zip(wgs.histogram.iter().copied()).collect();
    file.histogram("coverage", &[("high_quality_coverage_count", &rows)]);
    file.finish()
}

fn values(wgs: &WgsQc) -> Vec<(String, String)> {
    let excluded = &wgs.excluded;
    let named = |name: &str, value: Option<f64>| (name.to_owned(), number(value));
    let mut values = vec![
        ("GENOME_TERRITORY".to_owned(), wgs.territory.to_string()),
        named("MEAN_COVERAGE", wgs.mean),
        named("SD_COVERAGE", wgs.sd),
        named("MEDIAN_COVERAGE", Some(wgs.median)),
        named("MAD_COVERAGE", Some(wgs.mad)),
        named("PCT_EXC_ADAPTER", Some(excluded.adapter)),
        named("PCT_EXC_MAPQ", Some(excluded.mapq)),
        named("PCT_EXC_DUPE", Some(excluded.duplicate)),
        named("PCT_EXC_UNPAIRED", Some(excluded.unpaired)),
        named("PCT_EXC_BASEQ", Some(excluded.base_quality)),
        named("PCT_EXC_OVERLAP", Some(excluded.overlap)),
        named("PCT_EXC_CAPPED", Some(excluded.capped)),
        named("PCT_EXC_TOTAL", Some(excluded.total)),
    ];
    let shares = wgs.at_least.iter();
    values.extend(shares.map(|at| (format!("PCT_{}X", at.depth), number(at.share))));
    for (percent, fold) in [80, 90, 95].into_iter().zip(wgs.fold_penalty) {
        values.push((format!("FOLD_{percent}_BASE_PENALTY"), number(fold)));
    }
    values.push(named("HET_SNP_SENSITIVITY", Some(wgs.het_snp_sensitivity)));
    values.push(("HET_SNP_Q".to_owned(), wgs.het_snp_q.to_string()));
    values
}

/// The number as Picard prints it; `?` for none.
fn number(value: Option<f64>) -> String {
    value.filter(|value| value.is_finite()).map_or_else(|| "?".to_owned(), decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_java_writes_them() {
        let cases = [
            (0.0, "0"),
            (30.0, "30"),
            (0.5, "0.5"),
            (0.023_437_5, "0.023437"),
            (0.007_812_5, "0.007812"),
            (0.999_999_6, "1"),
            (0.000_000_4, "0"),
            (1.234_567_8, "1.234568"),
        ];
        for (value, expected) in cases {
            assert_eq!(number(Some(value)), expected);
        }
        assert_eq!(number(None), "?");
    }
}
