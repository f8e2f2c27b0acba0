//! Quality of the alignments: figures for the reader to judge, since no limit is applied.

use crate::model::results::CaseResults;
use crate::model::results::quality::{QualityResult, ReadCounts};
use crate::report::text;

use super::page::{Cell, Page};

/// Depths whose shares of bases the table shows.
const SHOWN_DEPTHS: [u32; 2] = [15, 30];

pub(super) fn section(page: &mut Page, results: &CaseResults) {
    page.markup("<section aria-labelledby=\"h-quality\">\n<h2 id=\"h-quality\">Quality</h2>\n");
    if results.qc.is_empty() {
        page.element("p", "No alignment was read: the quality of the reads was not assessed.");
        page.markup("</section>\n");
        return;
    }
    page.element(
        "p",
        "No limits were applied and no verdict is given: these are figures. Whether the data \
        suffice for the question is for the reader to judge.",
    );
    let mut head = vec!["No.", "Role", "Sample", "Reads", "Mapped", "Duplicates", "Mean depth"];
    let titles = SHOWN_DEPTHS.map(|depth| format!("Bases ≥ {depth}x"));
    head.extend(titles.iter().map(String::as_str));
    page.table("Reads and depth of each member", &head, results.qc.iter().map(row).collect());
    page.element(
        "p",
        "Reads are primary records; shares of mapped and duplicate reads are of these. Depth is \
        over all contigs that hold reads, without duplicates. More figures are in the folder qc.",
    );
    for qc in &results.qc {
        let depth = qc.depth.iter();
        let remarks = depth.flat_map(|depth| {
            let compat = depth.compat.iter().map(|version| {
                format!("depth computed as by {version}, its known faults included")
            });
            compat.collect::<Vec<_>>()
        });
        for remark in qc.notes.iter().cloned().chain(remarks) {
            let role = text::role(qc.role);
            page.element("p", &format!("{} {role}: {remark}.", qc.member));
        }
    }
    page.markup("</section>\n");
}

fn row(qc: &QualityResult) -> Vec<Cell> {
    let not_assessed = || Cell::figure("not assessed");
    let reads = |show: fn(&ReadCounts) -> String| {
        qc.reads.as_ref().map_or_else(not_assessed, |reads| Cell::figure(show(reads)))
    };
    let depth = qc.depth.as_ref().map(|depth| &depth.total);
    let mut cells = vec![
        Cell::figure(qc.member.to_string()),
        Cell::text(text::role(qc.role)),
        Cell::text(&*qc.sample),
        reads(|r| grouped(sum(r.primary))),
        reads(|r| percent(sum(r.primary_mapped), sum(r.primary))),
        reads(|r| percent(sum(r.primary_duplicates), sum(r.primary))),
        depth.map_or_else(not_assessed, |depth| Cell::figure(format!("{:.1}x", depth.mean))),
    ];
    cells.extend(SHOWN_DEPTHS.map(|least| {
        depth
            .and_then(|depth| depth.share(least))
            .map_or_else(not_assessed, |share| Cell::figure(format!("{:.1} %", share * 100.0)))
    }));
    cells
}

/// Passed and failed together.
fn sum(counts: [u64; 2]) -> u64 {
    counts[0] + counts[1]
}

pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        "no reads".into()
    } else {
        format!("{:.1} %", part as f64 / whole as f64 * 100.0)
    }
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_345_678, "12,345,678")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn shares_of_no_reads_are_words() {
        assert_eq!(percent(0, 0), "no reads");
        assert_eq!(percent(991, 1_000), "99.1 %");
    }
}
