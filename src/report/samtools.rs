//! The text of `samtools stats` (its summary numbers), `samtools idxstats` and `samtools coverage`, as samtools 1.16 writes
//! them.

use std::fmt::Write;

use crate::model::made_by::{self, PROGRAM, PolicyMark};
use crate::model::qc::DepthQc;
use crate::model::samtools::{ContigReads, SamtoolsQc};

/// One summary number of `samtools stats`: its name, its value as text, and a remark, which may be empty.
pub(super) type Number = (String, String, String);

/// `samtools stats`, summary numbers only.
pub fn stats(qc: &SamtoolsQc, policy: Option<&PolicyMark>) -> String {
    // Readers know such a file by the words of the second line.
    let mut text = format!(
        "# Summary numbers of {}, with the definitions of samtools 1.16. Readers of such tables look for the words:\n\
         # This file was produced by samtools stats\n",
        made_by::line(PROGRAM, policy)
    );
    for (name, value, comment) in numbers(qc) {
        let tab = if comment.is_empty() { "" } else { "\t# " };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "SN\t{name}:\t{value}{tab}{comment}");
    }
    text
}

/// The summary numbers in the order of `samtools stats`, as it prints them.
pub(super) fn numbers(qc: &SamtoolsQc) -> Vec<Number> {
    let mut all = Vec::new();
    let mut row =
        |name: &str, value: String, comment: &str| all.push((name.into(), value, comment.into()));
    reads(qc, &mut row);
    bases(qc, &mut row);
    lengths(qc, &mut row);
    all
}

fn reads(qc: &SamtoolsQc, row: &mut impl FnMut(&str, String, &str)) {
    let mut count = |name: &str, value: u64, comment: &str| row(name, value.to_string(), comment);
    count("raw total sequences", qc.sequences, "excluding supplementary and secondary reads");
    count("filtered sequences", 0, "");
    count("sequences", qc.sequences, "");
    count("is sorted", u64::from(qc.sorted), "");
    count("1st fragments", qc.first_fragments, "");
    count("last fragments", qc.last_fragments, "");
    count("reads mapped", qc.mapped(), "");
    let both = "paired-end technology bit set + both mates mapped";
    count("reads mapped and paired", qc.mapped_and_paired, both);
    count("reads unmapped", qc.unmapped, "");
    count("reads properly paired", qc.properly_paired, "proper-pair bit set");
    count("reads paired", qc.paired, "paired-end technology bit set");
    count("reads duplicated", qc.duplicates, "PCR or optical duplicate bit set");
    count("reads MQ0", qc.mapq0, "mapped and MQ=0");
    count("reads QC failed", qc.qc_failed, "");
    count("non-primary alignments", qc.secondary, "");
    count("supplementary alignments", qc.supplementary, "");
}

fn bases(qc: &SamtoolsQc, row: &mut impl FnMut(&str, String, &str)) {
    let mut count = |name: &str, value: u64, comment: &str| row(name, value.to_string(), comment);
    count("total length", qc.total_length, "ignores clipping");
    count("total first fragment length", qc.first_length, "ignores clipping");
    count("total last fragment length", qc.last_length, "ignores clipping");
    count("bases mapped", qc.bases_mapped, "ignores clipping");
    count("bases mapped (cigar)", qc.bases_mapped_cigar, "more accurate");
    count("bases trimmed", 0, "");
    count("bases duplicated", qc.bases_duplicated, "");
    count("mismatches", qc.mismatches, "from NM fields");
}

fn lengths(qc: &SamtoolsQc, row: &mut impl FnMut(&str, String, &str)) {
    // Single precision, and for the average length a division of whole numbers, as in samtools.
    let ratio = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f32 / whole as f32 };
    let errors = ratio(qc.mismatches, qc.bases_mapped_cigar);
    row("error rate", exponential(errors), "mismatches / bases mapped (cigar)");
    let average = qc.total_length.checked_div(qc.sequences).unwrap_or(0);
    row("average length", average.to_string(), "");
    let first = ratio(qc.first_length, qc.first_fragments);
    row("average first fragment length", format!("{first:.0}"), "");
    let last = ratio(qc.last_length, qc.last_fragments);
    row("average last fragment length", format!("{last:.0}"), "");
    row("maximum length", qc.max_length.to_string(), "");
    row("maximum first fragment length", qc.max_first_length.to_string(), "");
    row("maximum last fragment length", qc.max_last_length.to_string(), "");
    let quality = match qc.total_length {
        0 => 0.0,
        bases => qc.quality_sum as f64 / bases as f64,
    };
    row("average quality", format!("{quality:.1}"), "");
    let inserts = &qc.inserts;
    row("insert size average", format!("{:.1}", inserts.average), "");
    row("insert size standard deviation", format!("{:.1}", inserts.standard_deviation), "");
    row("inward oriented pairs", inserts.inward.to_string(), "");
    row("outward oriented pairs", inserts.outward.to_string(), "");
    row("pairs with other orientation", inserts.other.to_string(), "");
    row("pairs on different chromosomes", (qc.different_contig_reads / 2).to_string(), "");
    let proper = ratio(100 * qc.properly_paired, qc.sequences);
    row("percentage of properly paired reads (%)", format!("{proper:.1}"), "");
}

/// C's `%e`: six digits, an exponent of at least two.
fn exponential(value: f32) -> String {
    let text = format!("{:.6e}", f64::from(value));
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

/// C's `%.Ng`: `digits` significant digits without trailing zeros, with an exponent when that is shorter.
pub(super) fn general(value: f64, digits: i32) -> String {
    let exponent = match format!("{value:.*e}", (digits - 1) as usize).split_once('e') {
        Some((_, exponent)) => exponent.parse::<i32>().unwrap_or(0),
        None => return value.to_string(),
    };
    let trim = |text: &str| {
        let digits = if text.contains('.') { text.trim_end_matches('0') } else { text };
        digits.trim_end_matches('.').to_owned()
    };
    if exponent < -4 || exponent >= digits {
        let text = format!("{value:.*e}", (digits - 1) as usize);
        let mantissa = text.split_once('e').map_or("", |(mantissa, _)| mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{}e{sign}{:0>2}", trim(mantissa), exponent.abs())
    } else {
        trim(&format!("{value:.*}", (digits - 1 - exponent) as usize))
    }
}

/// `samtools idxstats`: contig, length, mapped and unmapped records; `*` for records without a contig.
pub fn idxstats(qc: &SamtoolsQc) -> String {
    let mut text = String::new();
    for row in &qc.contigs {
        let ContigReads { name, length, mapped, unmapped, .. } = row;
        let _ = writeln!(text, "{name}\t{length}\t{mapped}\t{unmapped}");
    }
    let [mapped, unmapped] = qc.no_contig;
    let _ = writeln!(text, "*\t0\t{mapped}\t{unmapped}");
    text
}

/// `samtools coverage`: contigs with reads first, as there; `None` when the depth of the pass does not tell the covered
/// bases.
pub fn coverage(qc: &SamtoolsQc, depth: Option<&DepthQc>) -> Option<String> {
    let depth = depth.filter(|depth| qc.depth_fits && depth.contigs.len() == qc.contigs.len())?;
    let mut text = String::from(
        "#rname\tstartpos\tendpos\tnumreads\tcovbases\tcoverage\tmeandepth\tmeanbaseq\tmeanmapq\n",
    );
    for with_reads in [true, false] {
        for (row, depth) in qc.contigs.iter().zip(&depth.contigs) {
            if (row.counted > 0) != with_reads {
                continue;
            }
            let length = f64::from(row.length);
            let covered = depth.whole.bases - depth.histogram.count(0);
            let mean = |sum: u64, of: u64| if of == 0 { 0.0 } else { sum as f64 / of as f64 };
            let _ = writeln!(
                text,
                "{}\t1\t{}\t{}\t{covered}\t{}\t{}\t{}\t{}",
                row.name,
                row.length,
                row.counted,
                general(100.0 * covered as f64 / length, 6),
                general(row.aligned as f64 / length, 6),
                general(mean(row.quality_sum, row.aligned), 3),
                general(mean(row.mapq_sum, row.counted), 3),
            );
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_c_prints_them() {
        let cases = [
            (0.0, 6, "0"),
            (100.0, 6, "100"),
            (0.066_274_8, 6, "0.0662748"),
            (0.000_066_274_85, 6, "6.62749e-05"),
            (1_234_567.0, 6, "1.23457e+06"),
            (59.96, 3, "60"),
            (255.0, 3, "255"),
            (36.72, 3, "36.7"),
        ];
        for (value, digits, expected) in cases {
            assert_eq!(general(value, digits), expected);
        }
        assert_eq!(exponential(0.007_476_234), "7.476234e-03");
        assert_eq!(exponential(0.0), "0.000000e+00");
    }
}
