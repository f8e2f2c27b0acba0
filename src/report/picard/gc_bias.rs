//! Coverage by GC content in the two formats of Picard's CollectGcBiasMetrics.

use crate::model::qc::SampleQc;

use super::MetricsFile;
use super::number::decimal;

const PROGRAM: &str = "CollectGcBiasMetrics";
/// Which reads the rows are about: all of the file, duplicates included.
const LEVEL: [&str; 2] = ["All Reads", "ALL"];
/// Sample, library and read group of a row, which are those of none.
const GROUP_COLUMNS: [&str; 3] = ["SAMPLE", "LIBRARY", "READ_GROUP"];

/// One row for each percentage of GC; `None` when the metric did not run.
pub fn detail(qc: &SampleQc) -> Option<String> {
    let bias = qc.gc_bias.as_ref()?;
    let mut file = MetricsFile::new(PROGRAM, "picard.analysis.GcBiasDetailMetrics", qc);
    let names = "ACCUMULATION_LEVEL READS_USED GC WINDOWS READ_STARTS MEAN_BASE_QUALITY NORMALIZED_COVERAGE \
        ERROR_BAR_WIDTH";
    file.row(names.split(' ').chain(GROUP_COLUMNS));
    for bin in &bias.bins {
        let values = [
            bin.gc.to_string(),
            bin.windows.to_string(),
            bin.read_starts.to_string(),
            bin.mean_base_quality.to_string(),
            decimal(bin.normalized_coverage),
            decimal(bin.error_bar_width),
        ];
        file.row(LEVEL.into_iter().chain(values.iter().map(String::as_str)).chain([""; 3]));
    }
    Some(file.finish())
}

/// One row of values over all windows; `None` when the metric did not run.
pub fn summary(qc: &SampleQc) -> Option<String> {
    let bias = qc.gc_bias.as_ref()?;
    let mut file = MetricsFile::new(PROGRAM, "picard.analysis.GcBiasSummaryMetrics", qc);
    let names = "ACCUMULATION_LEVEL READS_USED WINDOW_SIZE TOTAL_CLUSTERS ALIGNED_READS AT_DROPOUT GC_DROPOUT \
        GC_NC_0_19 GC_NC_20_39 GC_NC_40_59 GC_NC_60_79 GC_NC_80_100";
    file.row(names.split(' ').chain(GROUP_COLUMNS));
    let values = [
        bias.window_size.to_string(),
        bias.total_clusters.to_string(),
        bias.aligned_reads.to_string(),
        decimal(bias.at_dropout),
        decimal(bias.gc_dropout),
    ];
    let coverage = bias.quintile_coverage.map(decimal);
    let values = values.iter().chain(&coverage).map(String::as_str);
    file.row(LEVEL.into_iter().chain(values).chain([""; 3]));
    Some(file.finish())
}
