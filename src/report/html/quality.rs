//! Quality of the alignments: verdicts where limits apply, figures, and depth over the panels.

use crate::model::results::CaseResults;
use crate::model::results::quality::{QualityResult, ReadCounts};
use crate::model::verdict::Outcome;
use crate::report::text;

use super::acceptance;
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
    verdicts(page, results);
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
    panels(page, results);
    page.markup("</section>\n");
}

/// One row a member, and every check behind it.
fn verdicts(page: &mut Page, results: &CaseResults) {
    let judged: Vec<_> =
        results.qc.iter().filter_map(|qc| qc.verdict.as_ref().map(|own| (qc, own))).collect();
    if judged.is_empty() {
        page.element(
            "p",
            "No limits were applied and no verdict is given: these are figures. Whether the data \
            suffice for the question is for the reader to judge.",
        );
        return;
    }
    let rows = judged.iter().map(|(qc, verdict)| {
        let found = |outcome| {
            let own = verdict.checks.iter().filter(move |check| check.outcome == outcome);
            Cell::figure(own.count().to_string())
        };
        vec![
            Cell::figure(qc.member.to_string()),
            Cell::text(text::role(qc.role)),
            Cell::text(&*qc.sample),
            acceptance::outcome(verdict.outcome),
            found(Outcome::Fail),
            found(Outcome::Warn),
            found(Outcome::NotAssessed),
            Cell::text(format!("{} {}", verdict.set, verdict.version)),
        ]
    });
    let head = ["No.", "Role", "Sample", "Verdict", "Failed", "Warnings", "Not assessed", "Limits"];
    page.table("Verdict on each alignment", &head, rows.collect());
    page.element(
        "p",
        "A sample is accepted only when every required value is known: otherwise the verdict is \
        not assessed, unless a check failed.",
    );
    for (qc, verdict) in judged {
        page.markup("<details>\n");
        let caption = format!("Checks of {} {} ({})", qc.member, text::role(qc.role), qc.sample);
        page.element("summary", &caption);
        acceptance::checks(page, &caption, verdict);
        page.markup("</details>\n");
    }
}

/// Depth over the panels, and the genes that are not wholly covered.
fn panels(page: &mut Page, results: &CaseResults) {
    let of_all = || {
        results.qc.iter().flat_map(|qc| {
            qc.panels
                .iter()
                .map(move |panel| (Some(format!("{} {}", qc.member, text::role(qc.role))), panel))
        })
    };
    let Some((_, first)) = of_all().next() else { return };
    page.element("h3", "Depth over the panels");
    page.element(
        "p",
        &format!(
            "Reads of mapping quality 11 and more, no duplicates, overlapping mates once. A gap is \
            a run of bases below {}x. Shares are of the bases that could be assessed.",
            first.gap_below
        ),
    );
    acceptance::panels(page, "Panels by member", of_all());
    for (member, panel) in of_all() {
        let caption = format!(
            "Genes of {} with gaps or not assessed, {}",
            panel.name,
            member.unwrap_or_default()
        );
        page.markup("<details>\n").element("summary", &caption);
        acceptance::genes(page, &caption, panel);
        page.markup("</details>\n");
    }
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
