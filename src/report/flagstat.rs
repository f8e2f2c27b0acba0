//! Counts by flag in the format of `samtools flagstat` (1.13 and later).

use std::fmt::Write;

use crate::model::qc::FlagCounts;

/// The whole text.
pub fn text(counts: &FlagCounts) -> String {
    let mut text = String::new();
    let mut line = |value: [u64; 2], what: &str, of: Option<[u64; 2]>| {
        let share = of.map_or_else(String::new, |of| {
            format!(" ({} : {})", percent(value[0], of[0]), percent(value[1], of[1]))
        });
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} + {} {what}{share}", value[0], value[1]);
    };
    line(counts.total, "in total (QC-passed reads + QC-failed reads)", None);
    line(counts.primary, "primary", None);
    line(counts.secondary, "secondary", None);
    line(counts.supplementary, "supplementary", None);
    line(counts.duplicates, "duplicates", None);
    line(counts.primary_duplicates, "primary duplicates", None);
    line(counts.mapped, "mapped", Some(counts.total));
    line(counts.primary_mapped, "primary mapped", Some(counts.primary));
    line(counts.paired, "paired in sequencing", None);
    line(counts.read1, "read1", None);
    line(counts.read2, "read2", None);
    line(counts.properly_paired, "properly paired", Some(counts.paired));
    line(counts.both_mapped, "with itself and mate mapped", None);
    line(counts.singletons, "singletons", Some(counts.paired));
    line(counts.different_contig, "with mate mapped to a different chr", None);
    line(counts.different_contig_mapq5, "with mate mapped to a different chr (mapQ>=5)", None);
    text
}

/// A share in single precision, as in samtools, times 100 in double precision, so that the second digit agrees.
fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        "N/A".to_owned()
    } else {
        format!("{:.2}%", f64::from(part as f32 / whole as f32) * 100.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_nothing_are_not_available() {
        let counts = FlagCounts { total: [4, 0], mapped: [3, 0], ..FlagCounts::default() };
        let text = text(&counts);
        assert!(text.starts_with("4 + 0 in total (QC-passed reads + QC-failed reads)\n"));
        assert!(text.contains("3 + 0 mapped (75.00% : N/A)\n"));
        // As samtools 1.16 writes it: the share is a little less than 0.91875.
        assert_eq!(percent(147, 160), "91.87%");
    }
}
