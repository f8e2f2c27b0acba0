//! Verdicts on the alignments and the depth over panels, in the page of a case and in that of one alignment file.

use crate::model::results::quality::{GENE_DEPTHS, GeneDepth, GeneFigures, PanelDepth};
use crate::model::verdict::{CheckResult, Outcome, Verdict};

use super::page::{Cell, Page};
use super::quality::grouped;

/// Genes that a table names; of more it gives the number. The tables in the folder qc have all.
const NAMED_GENES: usize = 60;

/// The outcome as a cell: what needs a person stands out.
pub(super) fn outcome(outcome: Outcome) -> Cell {
    match outcome {
        Outcome::Fail | Outcome::NotAssessed => {
            Cell::lines(Vec::new()).flag(Some(outcome.word().to_owned()))
        }
        Outcome::Warn => Cell::text(outcome.word()).class("grade grade2"),
        Outcome::Pass => Cell::text(outcome.word()).class("holds"),
        Outcome::Reported => Cell::text("no limit"),
    }
}

/// Every check of a verdict.
pub(super) fn checks(page: &mut Page, caption: &str, verdict: &Verdict) {
    let head = ["Measured", "Value", "Wanted", "Outcome", "Source"];
    page.table(caption, &head, verdict.checks.iter().map(check).collect());
}

fn check(check: &CheckResult) -> Vec<Cell> {
    let with_unit = |text: String| format!("{text} {}", check.unit).trim_end().to_owned();
    let value = check.observed.map_or_else(
        || "not known".to_owned(),
        |value| with_unit(if value.abs() >= 1e4 { grouped(value as u64) } else { number(value) }),
    );
    let wanted = check.limit.or(check.warn).map_or_else(String::new, |bound| {
        let (sign, limit) = bound.parts();
        with_unit(format!("{sign} {limit}"))
    });
    let why = if check.outcome == Outcome::NotAssessed && check.observed.is_none() {
        // The message ends with what was wanted; the reason stands before it.
        check.message.split("; wanted").next().unwrap_or_default().to_owned()
    } else {
        check.measured.clone()
    };
    vec![
        Cell::text(why),
        Cell::figure(value),
        Cell::figure(wanted),
        outcome(check.outcome),
        Cell::text(&*check.source),
    ]
}

/// Up to three digits behind the point, without zeros at the end.
fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// One row a panel, each with the name of the sample when there are several.
pub(super) fn panels<'a>(
    page: &mut Page,
    caption: &str,
    rows: impl Iterator<Item = (Option<String>, &'a PanelDepth)>,
) {
    let mut several = false;
    let rows = rows.map(|(sample, panel)| {
        several = sample.is_some();
        let with_gaps = panel.genes.iter().filter(|gene| gene.figures.gaps > 0).count();
        let missing = panel.genes.iter().filter(|gene| gene.figures.bases == 0).count();
        let mut cells = vec![Cell::text(format!("{} ({})", panel.name, panel.version))];
        cells.extend(sample.map(Cell::text));
        cells.push(Cell::figure(panel.genes.len().to_string()));
        cells.extend(figures(&panel.whole));
        cells.push(Cell::figure(with_gaps.to_string()));
        let missing_flag = (missing > 0).then(|| missing.to_string());
        cells.push(match missing_flag {
            Some(count) => Cell::lines(Vec::new()).class("figure").flag(Some(count)),
            None => Cell::figure("0"),
        });
        cells
    });
    let rows: Vec<Vec<Cell>> = rows.collect();
    let mut head = vec!["Panel"];
    head.extend(several.then_some("Sample"));
    head.extend(["Genes", "Mean depth"]);
    let shares = GENE_DEPTHS.map(|depth| format!("Bases ≥ {depth}x"));
    head.extend(shares.iter().map(String::as_str));
    head.extend(["Genes with gaps", "Genes not assessed"]);
    page.table(caption, &head, rows);
}

/// Genes of a panel with gaps or without assessed bases, those with the most bases in gaps first.
pub(super) fn genes(page: &mut Page, caption: &str, panel: &PanelDepth) {
    let poor = |gene: &&GeneDepth| gene.figures.gaps > 0 || gene.not_assessed.is_some();
    let mut shown: Vec<&GeneDepth> = panel.genes.iter().filter(poor).collect();
    if shown.is_empty() {
        page.element("p", &format!("{caption}: none."));
        return;
    }
    shown.sort_by_key(|gene| {
        (gene.figures.bases > 0, std::cmp::Reverse(gene.figures.gap_bases), gene.symbol.clone())
    });
    let left = shown.len().saturating_sub(NAMED_GENES);
    let rows = shown.iter().take(NAMED_GENES).map(|gene| {
        let mut cells = vec![Cell::text(&*gene.symbol).class("gene")];
        cells.extend(figures(&gene.figures));
        cells.push(Cell::figure(grouped(gene.figures.gaps)));
        cells.push(Cell::figure(grouped(gene.figures.gap_bases)));
        cells.push(Cell::lines(Vec::new()).flag(gene.not_assessed.clone()));
        cells
    });
    let shares = GENE_DEPTHS.map(|depth| format!("Bases ≥ {depth}x"));
    let mut head = vec!["Gene", "Mean depth"];
    head.extend(shares.iter().map(String::as_str));
    head.extend(["Gaps", "Bases in gaps", "Not assessed"]);
    page.table(caption, &head, rows.collect());
    if left > 0 {
        page.element("p", &format!("{left} more genes are in the tables of the folder qc."));
    }
}

/// Mean depth and shares.
pub(super) fn figures(figures: &GeneFigures) -> Vec<Cell> {
    let mean = figures.mean.map_or_else(|| "none".to_owned(), |mean| format!("{mean:.1}x"));
    let shares = GENE_DEPTHS.map(|depth| {
        let share = figures.share(depth);
        Cell::figure(share.map_or_else(|| "none".to_owned(), percent))
    });
    std::iter::once(Cell::figure(mean)).chain(shares).collect()
}

/// A share in percent, never rounded up: 100.00 % is every base.
fn percent(share: f64) -> String {
    format!("{:.2} %", (share * 10_000.0).round() / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::results::quality::DepthShare;

    fn gene(symbol: &str, bases: u64, gap_bases: u64) -> GeneDepth {
        let reached = GENE_DEPTHS.map(|depth| DepthShare { depth, share: 0.9999 });
        GeneDepth {
            symbol: symbol.into(),
            figures: GeneFigures {
                bases,
                mean: (bases > 0).then_some(31.04),
                reached: if bases > 0 { reached.into() } else { Vec::new() },
                gaps: u64::from(gap_bases > 0),
                gap_bases,
                ..GeneFigures::default()
            },
            not_assessed: (bases == 0).then(|| "not in the gene model".into()),
        }
    }

    #[test]
    fn genes_without_faults_are_not_listed_and_the_worst_come_first() {
        let panel = PanelDepth {
            id: "P".into(),
            name: "Panel".into(),
            version: "1.0".into(),
            gap_below: 15,
            whole: GeneFigures::default(),
            genes: vec![
                gene("FINE", 9, 0),
                gene("FEW", 9, 1),
                gene("MANY", 9, 5),
                gene("LOST", 0, 0),
            ],
        };
        let mut page = Page::default();
        genes(&mut page, "c", &panel);
        panels(&mut page, "p", [(Some("s".to_owned()), &panel)].into_iter());
        let text = page.finish();
        let place = |symbol| text.find(symbol);
        assert!(place("LOST") < place("MANY") && place("MANY") < place("FEW"), "{text}");
        assert_eq!(place("FINE"), None);
        assert!(text.contains("99.99 %") && text.contains("31.0x"));
        assert!(text.contains("<strong class=\"flag\">not in the gene model</strong>"));
    }

    #[test]
    fn numbers_are_short() {
        let texts = [95.0, 47.163_9, 0.0, 1e-9, 2.5].map(number);
        assert_eq!(texts, ["95", "47.164", "0", "0", "2.5"]);
    }
}
