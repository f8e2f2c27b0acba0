//! Insert sizes in the format of Picard's CollectInsertSizeMetrics.

use crate::model::qc::SampleQc;
use crate::model::qc::insert_size::{PairOrientation, WIDTH_PERCENTS};

use super::MetricsFile;
use super::number::decimal;

/// The whole text; `None` when there are no pairs.
pub fn text(qc: &SampleQc) -> Option<String> {
    let groups = qc.insert_size.as_ref()?;
    let class = "picard.analysis.InsertSizeMetrics";
    let mut file = MetricsFile::new("CollectInsertSizeMetrics", class, qc);
    let before = "MEDIAN_INSERT_SIZE MODE_INSERT_SIZE MEDIAN_ABSOLUTE_DEVIATION MIN_INSERT_SIZE MAX_INSERT_SIZE \
        MEAN_INSERT_SIZE STANDARD_DEVIATION READ_PAIRS PAIR_ORIENTATION";
    let widths = WIDTH_PERCENTS.map(|percent| format!("WIDTH_OF_{percent}_PERCENT"));
    let names = before.split(' ').map(str::to_owned).chain(widths);
    file.row(names.chain(["SAMPLE", "LIBRARY", "READ_GROUP"].map(str::to_owned)));
    for group in groups {
        let values = [
            decimal(group.median),
            group.mode.to_string(),
            decimal(group.median_absolute_deviation),
            group.min.to_string(),
            group.max.to_string(),
            decimal(group.mean),
            decimal(group.standard_deviation),
            group.pairs.to_string(),
            name(group.orientation).to_uppercase(),
        ];
        let widths = group.widths.map(|width| width.to_string());
        file.row(values.into_iter().chain(widths).chain([(); 3].map(|()| String::new())));
    }
    let columns: Vec<_> = groups
        .iter()
        .map(|group| (format!("All_Reads.{}_count", name(group.orientation)), &*group.histogram))
        .collect();
    let columns: Vec<_> = columns.iter().map(|(name, bins)| (name.as_str(), *bins)).collect();
    file.histogram("insert_size", &columns);
    Some(file.finish())
}

fn name(orientation: PairOrientation) -> &'static str {
    match orientation {
        PairOrientation::Fr => "fr",
        PairOrientation::Rf => "rf",
        PairOrientation::Tandem => "tandem",
    }
}
