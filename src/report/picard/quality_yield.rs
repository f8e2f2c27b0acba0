//! Bases by quality in the format of Picard's CollectQualityYieldMetrics.

use crate::model::qc::SampleQc;

use super::MetricsFile;

/// Bases of quality 20 that a sum of qualities is worth: Picard's Q20_EQUIVALENT_YIELD.
const EQUIVALENT_QUALITY: u64 = 20;

/// The whole text; `None` when the metric did not run.
pub fn text(qc: &SampleQc) -> Option<String> {
    let counts = qc.quality_yield.as_ref()?;
    let class = "picard.analysis.CollectQualityYieldMetrics$QualityYieldMetrics";
    let mut file = MetricsFile::new("CollectQualityYieldMetrics", class, qc);
    let (all, passed) = (counts.all, counts.passed);
    let columns = [
        ("TOTAL_READS", all.reads),
        ("PF_READS", passed.reads),
        ("READ_LENGTH", all.bases.checked_div(all.reads).unwrap_or(0)),
        ("TOTAL_BASES", all.bases),
        ("PF_BASES", passed.bases),
        ("Q20_BASES", all.q20_bases),
        ("PF_Q20_BASES", passed.q20_bases),
        ("Q30_BASES", all.q30_bases),
        ("PF_Q30_BASES", passed.q30_bases),
        ("Q20_EQUIVALENT_YIELD", all.quality_sum / EQUIVALENT_QUALITY),
        ("PF_Q20_EQUIVALENT_YIELD", passed.quality_sum / EQUIVALENT_QUALITY),
    ];
    file.row(columns.map(|(name, _)| name));
    file.row(columns.map(|(_, value)| value.to_string()));
    Some(file.finish())
}
