//! Bases that CollectWgsMetrics excludes, region by region: a BED with a header line.

use std::fmt::Write;

use crate::model::qc::wgs::RegionBases;

/// Columns behind the region: known reference bases, then aligned bases, those that count and those that do not by the first
/// reason that applies.
const HEAD: &str = "#chrom\tstart\tend\tregion\tknown_bases\tcounted\texcluded\tadapter\tmapq\tduplicate\tunpaired\t\
                    base_quality\toverlap\tcapped\n";

/// The whole text; 0-based half-open, in the order of the list. A region on a contig that the reference lacks has NA.
pub(super) fn text(regions: &[RegionBases]) -> String {
    let mut text = HEAD.to_owned();
    for region in regions {
        let name = region.name.as_deref().unwrap_or(".");
        // Writing to a String cannot fail.
        let _ =
            write!(text, "{}\t{}\t{}\t{name}", region.contig, region.span.start, region.span.end);
        if !region.assessed {
            text.push_str(&"\tNA".repeat(10));
            text.push('\n');
            continue;
        }
        let own = &region.bases;
        let reasons = [own.adapter, own.mapq, own.duplicate, own.unpaired];
        let _ = write!(text, "\t{}\t{}\t{}", region.known, own.counted, own.excluded());
        for number in reasons.into_iter().chain([own.base_quality, own.overlap, own.capped]) {
            let _ = write!(text, "\t{number}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::coord::Span;
    use crate::model::qc::wgs::WgsBases;

    #[test]
    fn every_row_has_every_column() {
        let bases = WgsBases { counted: 9, mapq: 2, overlap: 1, ..WgsBases::default() };
        let one = RegionBases {
            contig: "1".into(),
            span: Span::new(5, 8),
            known: 3,
            bases,
            ..RegionBases::default()
        };
        let lost = RegionBases { assessed: false, name: Some("x".into()), ..one.clone() };
        let text = text(&[one, lost]);
        let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split('\t').collect()).collect();
        assert!(rows.iter().all(|row| row.len() == 14), "{text}");
        assert_eq!(rows[1][3..], [".", "3", "9", "3", "0", "2", "0", "0", "0", "1", "0"]);
        assert_eq!(rows[2][3..5], ["x", "NA"]);
    }
}
