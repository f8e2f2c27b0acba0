//! How reads align in the format of Picard's CollectAlignmentSummaryMetrics.

use crate::model::qc::SampleQc;
use crate::model::qc::alignment::{AlignmentCategory, ReadCategory};

use super::MetricsFile;
use super::number::decimal;

/// A column: its name, and its text for a row.
type Column = (&'static str, fn(&AlignmentCategory) -> String);

const COLUMNS: &[Column] = &[
    ("CATEGORY", |row| name(row.category).to_owned()),
    ("TOTAL_READS", |row| row.total_reads.to_string()),
    ("PF_READS", |row| row.pf_reads.to_string()),
    ("PCT_PF_READS", |row| decimal(row.pct_pf_reads)),
    ("PF_NOISE_READS", |row| row.pf_noise_reads.to_string()),
    ("PF_READS_ALIGNED", |row| row.pf_reads_aligned.to_string()),
    ("PCT_PF_READS_ALIGNED", |row| decimal(row.pct_pf_reads_aligned)),
    ("PF_ALIGNED_BASES", |row| row.pf_aligned_bases.to_string()),
    ("PF_HQ_ALIGNED_READS", |row| row.pf_hq_aligned_reads.to_string()),
    ("PF_HQ_ALIGNED_BASES", |row| row.pf_hq_aligned_bases.to_string()),
    ("PF_HQ_ALIGNED_Q20_BASES", |row| row.pf_hq_aligned_q20_bases.to_string()),
    ("PF_HQ_MEDIAN_MISMATCHES", |row| decimal(row.pf_hq_median_mismatches)),
    ("PF_MISMATCH_RATE", |row| decimal(row.pf_mismatch_rate)),
    ("PF_HQ_ERROR_RATE", |row| decimal(row.pf_hq_error_rate)),
    ("PF_INDEL_RATE", |row| decimal(row.pf_indel_rate)),
    ("MEAN_READ_LENGTH", |row| decimal(row.mean_read_length)),
    ("SD_READ_LENGTH", |row| decimal(row.sd_read_length)),
    ("MEDIAN_READ_LENGTH", |row| decimal(row.median_read_length)),
    ("MAD_READ_LENGTH", |row| decimal(row.mad_read_length)),
    ("MIN_READ_LENGTH", |row| row.min_read_length.to_string()),
    ("MAX_READ_LENGTH", |row| row.max_read_length.to_string()),
    ("MEAN_ALIGNED_READ_LENGTH", |row| decimal(row.mean_aligned_read_length)),
    ("READS_ALIGNED_IN_PAIRS", |row| row.reads_aligned_in_pairs.to_string()),
    ("PCT_READS_ALIGNED_IN_PAIRS", |row| decimal(row.pct_reads_aligned_in_pairs)),
    ("PF_READS_IMPROPER_PAIRS", |row| row.pf_reads_improper_pairs.to_string()),
    ("PCT_PF_READS_IMPROPER_PAIRS", |row| decimal(row.pct_pf_reads_improper_pairs)),
    ("BAD_CYCLES", |row| row.bad_cycles.to_string()),
    ("STRAND_BALANCE", |row| decimal(row.strand_balance)),
    ("PCT_CHIMERAS", |row| decimal(row.pct_chimeras)),
    ("PCT_ADAPTER", |row| decimal(row.pct_adapter)),
    ("PCT_SOFTCLIP", |row| decimal(row.pct_softclip)),
    ("PCT_HARDCLIP", |row| decimal(row.pct_hardclip)),
    ("AVG_POS_3PRIME_SOFTCLIP_LENGTH", |row| decimal(row.avg_pos_3prime_softclip_length)),
    ("SAMPLE", |_| String::new()),
    ("LIBRARY", |_| String::new()),
    ("READ_GROUP", |_| String::new()),
];

/// The whole text; `None` when the metric did not run.
pub fn text(qc: &SampleQc) -> Option<String> {
    let summary = qc.alignment.as_ref()?;
    let class = "picard.analysis.AlignmentSummaryMetrics";
    let mut file = MetricsFile::new("CollectAlignmentSummaryMetrics", class, qc);
    file.row(COLUMNS.iter().map(|(name, _)| *name));
    for row in &summary.categories {
        file.row(COLUMNS.iter().map(|(_, value)| value(row)));
    }
    let ([paired, paired_aligned], [unpaired, unpaired_aligned]) =
        (&summary.paired_lengths, &summary.unpaired_lengths);
    let columns: [(&str, &[(u32, u64)]); 4] = [
        ("PAIRED_TOTAL_LENGTH_COUNT", paired),
        ("PAIRED_ALIGNED_LENGTH_COUNT", paired_aligned),
        ("UNPAIRED_TOTAL_LENGTH_COUNT", unpaired),
        ("UNPAIRED_ALIGNED_LENGTH_COUNT", unpaired_aligned),
    ];
    file.histogram("READ_LENGTH", &columns);
    Some(file.finish())
}

fn name(category: ReadCategory) -> &'static str {
    match category {
        ReadCategory::Unpaired => "UNPAIRED",
        ReadCategory::FirstOfPair => "FIRST_OF_PAIR",
        ReadCategory::SecondOfPair => "SECOND_OF_PAIR",
        ReadCategory::Pair => "PAIR",
    }
}
