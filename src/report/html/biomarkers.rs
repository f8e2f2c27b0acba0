//! Biomarkers of a tumour: values with their intervals, and three plots with their tables.

use std::fmt::Write as _;

use crate::model::biomarkers::shape::{RainfallPoint, SHARE_BINS};
use crate::model::biomarkers::{BiomarkerResults, Matrix};
use crate::model::mutation_type::{MatrixKind, SUBSTITUTIONS};
use crate::model::results::CaseResults;
use crate::model::sample::Role;
use crate::model::verdict::{CheckResult, Outcome};
use crate::report::biomarkers::rows;

use super::page::{Cell, Page};
use super::plot::{Band, Mark, Plot, Series, draw};
use super::quality::grouped;

/// What the summary tells of them: id, and how it is called there.
const IN_SUMMARY: [(&str, &str); 3] = [
    ("burden.gel", "non-synonymous burden"),
    ("instability-of-reads", "microsatellites that differ in reads"),
    ("instability-of-indels", "insertions and deletions of microsatellites"),
];
/// Signatures that the summary names.
const NAMED_SIGNATURES: usize = 4;

/// The lines of the summary; empty without biomarkers.
pub(super) fn summary_lines(results: &CaseResults) -> Vec<String> {
    let Some(found) = &results.biomarkers else { return Vec::new() };
    let all = rows(found);
    let mut lines: Vec<String> = IN_SUMMARY
        .iter()
        .filter_map(|(id, name)| {
            let [_, _, value, interval, label, reason] = all.iter().find(|row| row[0] == *id)?;
            let mut line = format!("{name}: {value}");
            if value == "not assessed" {
                let _ = write!(line, " ({reason})");
            }
            if !interval.is_empty() {
                let _ = write!(line, ", {interval}");
            }
            if !label.is_empty() {
                let _ = write!(line, ": {label}");
            }
            Some(line)
        })
        .collect();
    lines.push(match (found.signatures.measured(), found.signatures.reason()) {
        (Some(fit), _) => {
            let mut largest: Vec<_> = fit.contributions.iter().collect();
            largest.sort_by(|a, b| b.share.total_cmp(&a.share));
            let largest = largest.into_iter().take(NAMED_SIGNATURES);
            let names: Vec<String> = largest
                .map(|one| format!("{} {:.0} %", one.signature, 100.0 * one.share))
                .collect();
            let few = if fit.few_mutations { ", unsure: few mutations" } else { "" };
            format!("signatures: {} (cosine {:.3}{few})", names.join(", "), fit.cosine)
        }
        (None, reason) => format!("signatures: not assessed ({})", reason.unwrap_or_default()),
    });
    lines
}

/// Purity, contamination and verdict of the tumour sample, for the summary; empty without a tumour.
pub(super) fn sample_lines(results: &CaseResults) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(found) = &results.biomarkers {
        lines.push(match (found.purity.measured(), found.purity.reason()) {
            (Some(purity), _) => {
                let low = if purity.is_low { ": low, variants may be missing" } else { "" };
                format!(
                    "purity {:.2} ({:.2} to {:.2}){low}",
                    purity.purity, purity.low, purity.high
                )
            }
            (None, reason) => format!("purity: not assessed ({})", reason.unwrap_or_default()),
        });
    }
    for qc in results.qc.iter().filter(|qc| qc.role == Role::Tumour) {
        let Some(verdict) = &qc.verdict else { continue };
        lines.push(verdict.line());
        let poor = |check: &&CheckResult| matches!(check.outcome, Outcome::Fail | Outcome::Warn);
        lines.extend(
            verdict
                .checks
                .iter()
                .filter(poor)
                .map(|check| format!("{}: {}", check.outcome.word(), check.message)),
        );
    }
    lines
}

pub(super) fn section(page: &mut Page, results: &CaseResults) {
    let Some(found) = &results.biomarkers else { return };
    page.markup("<section id=\"biomarkers\" aria-labelledby=\"h-biomarkers\">\n");
    page.markup("<h2 id=\"h-biomarkers\">Biomarkers of the tumour</h2>\n");
    counts(page, found);
    let head =
        ["Biomarker", "What", "Value", "95 % interval", "Label", "Source, or why there is none"];
    let cells = |row: [String; 6]| row.map(Cell::from).to_vec();
    page.table("Values", &head, rows(found).into_iter().map(cells).collect());
    for warning in &found.leakage.warnings {
        page.markup("<p><strong class=\"flag\">").text(warning).markup("</strong></p>\n");
    }
    if let Some(purity) = found.purity.measured().filter(|purity| purity.is_low) {
        let text = format!("Purity {:.2} is low: somatic variants may be missing.", purity.purity);
        page.markup("<p><strong class=\"flag\">").text(&text).markup("</strong></p>\n");
    }
    signatures(page, found);
    if let Some(matrices) = found.matrices.measured() {
        spectrum(page, &matrices.sbs96);
    }
    shares(page, found);
    clusters(page, found);
    page.markup("</section>\n");
}

fn counts(page: &mut Page, found: &BiomarkerResults) {
    let calls = &found.calls;
    let text = format!(
        "They rest on {} somatic variants of the whole genome that passed the caller's filters: {} substitutions, {} of \
         several bases, {} insertions, {} deletions, {} other replacements. Panels and consequences do not narrow them.",
        grouped(calls.variants),
        grouped(calls.snvs),
        grouped(calls.mnvs),
        grouped(calls.insertions),
        grouped(calls.deletions),
        grouped(calls.delins)
    );
    page.element("p", &text);
    for (count, what) in [
        (calls.without_reads, "variants do not tell their reads and are in no histogram of shares"),
        (calls.without_consequence, "variants have no consequence"),
        (calls.duplicates, "records stood there already and were left out"),
        (calls.not_taken, "variants are symbolic or too long and were not looked at"),
    ] {
        if count > 0 {
            page.element("p", &format!("{} {what}.", grouped(count)));
        }
    }
}

fn signatures(page: &mut Page, found: &BiomarkerResults) {
    let fit = match (found.signatures.measured(), found.signatures.reason()) {
        (Some(fit), _) => fit,
        (None, reason) => {
            let text = format!("Signatures were not assessed: {}.", reason.unwrap_or_default());
            page.element("p", &text);
            return;
        }
    };
    let text = format!(
        "Signatures: {} mutations of {}, {} signatures offered, cosine {:.3}, residual sum of squares {:.1}. Others may be \
         found when others are offered.",
        grouped(fit.mutations),
        fit.kind.name(),
        fit.offered.len(),
        fit.cosine,
        fit.rss
    );
    page.element("p", &text);
    if fit.few_mutations {
        page.markup(
            "<p><strong class=\"flag\">Few mutations: the signatures are unsure.</strong></p>\n",
        );
    }
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let rows = fit.contributions.iter().map(|one| {
        let interval = match (one.low, one.high) {
            (Some(low), Some(high)) => format!("{} to {}", percent(low), percent(high)),
            _ => String::new(),
        };
        vec![
            Cell::text(&one.signature),
            Cell::figure(format!("{:.0}", one.mutations)),
            Cell::figure(percent(one.share)),
            Cell::figure(interval),
        ]
    });
    let head = ["Signature", "Mutations", "Share", "95 % interval"];
    page.table("Contributions of signatures", &head, rows.collect());
}

/// The 96 types as bars, and the table for those who cannot see them.
fn spectrum(page: &mut Page, matrix: &Matrix) {
    let types = MatrixKind::Sbs96.types();
    let count = |name: &String| matrix.counts.get(name).copied().unwrap_or_default();
    let points = types.iter().enumerate().map(|(i, name)| (i as f64 + 1.0, f64::from(count(name))));
    draw(
        page,
        &Plot {
            title: "Substitutions by type, each between its sixteen pairs of neighbours (A_A, A_C to T_T)",
            axes: ["Substitution and its neighbours", "Substitutions"],
            series: vec![Series {
                name: "substitutions",
                mark: Mark::Bars,
                points: points.collect(),
            }],
            y_end: None,
            bands: SUBSTITUTIONS
                .iter()
                .enumerate()
                .map(|(i, name)| Band {
                    name: (*name).to_owned(),
                    end: (i as f64 + 1.0) * 16.0 + 0.5,
                })
                .collect(),
        },
    );
    page.markup("<details><summary>Substitutions by type as a table</summary>\n");
    let bases = ["A", "C", "G", "T"];
    let rows = SUBSTITUTIONS.iter().flat_map(|kind| {
        bases.map(|before| {
            let mut row = vec![Cell::text(format!("{before}[{kind}]"))];
            row.extend(bases.map(|after| {
                let found = matrix.counts.get(&format!("{before}[{kind}]{after}"));
                Cell::figure(grouped(found.copied().unwrap_or_default().into()))
            }));
            row
        })
    });
    let head = ["Base before and substitution", "A after", "C after", "G after", "T after"];
    page.table("Substitutions between their neighbours", &head, rows.collect());
    page.markup("</details>\n");
    for (reason, count) in &matrix.not_assessed {
        page.element(
            "p",
            &format!("{} substitutions were not assessed: {reason}.", grouped(*count)),
        );
    }
}

fn shares(page: &mut Page, found: &BiomarkerResults) {
    let points = |bins: &[u32]| -> Vec<(f64, f64)> {
        bins.iter().enumerate().map(|(bin, &n)| (bin as f64 / 100.0, f64::from(n))).collect()
    };
    let (snvs, indels) = (&found.spectrum.snv_shares, &found.spectrum.indel_shares);
    if snvs.iter().chain(indels).all(|&n| n == 0) {
        page.element("p", "No variant tells its reads: there are no shares of ALT reads.");
        return;
    }
    draw(
        page,
        &Plot {
            title: "Shares of ALT reads of somatic variants",
            axes: ["Share of ALT reads", "Variants"],
            series: vec![
                Series { name: "substitutions", mark: Mark::Bars, points: points(snvs) },
                Series {
                    name: "insertions and deletions",
                    mark: Mark::Line,
                    points: points(indels),
                },
            ],
            y_end: None,
            bands: Vec::new(),
        },
    );
    page.markup("<details><summary>Shares of ALT reads as a table</summary>\n");
    let of = |bins: &[u32], from: usize| -> u64 {
        bins.iter().skip(from).take(5).map(|&n| u64::from(n)).sum()
    };
    let rows = (0..SHARE_BINS).step_by(5).map(|from| {
        let low = (from as f64 / 100.0 - 0.005).max(0.0);
        let high = (from as f64 / 100.0 + 0.045).min(1.0);
        vec![
            Cell::text(format!("above {low:.3} to {high:.3}")),
            Cell::figure(grouped(of(snvs, from))),
            Cell::figure(grouped(of(indels, from))),
        ]
    });
    let head = ["Share of ALT reads", "Substitutions", "Insertions and deletions"];
    page.table("Shares of ALT reads", &head, rows.collect());
    page.markup("</details>\n");
}

/// Where the points of each contig end.
fn contigs(points: &[RainfallPoint]) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let name = point.contig.strip_prefix("chr").unwrap_or(&point.contig);
        let end = i as f64 + 1.5;
        match bands.last_mut().filter(|band| band.name == name) {
            Some(band) => band.end = end,
            None => bands.push(Band { name: name.to_owned(), end }),
        }
    }
    bands
}

fn clusters(page: &mut Page, found: &BiomarkerResults) {
    let rainfall = &found.kataegis.rainfall;
    let distances = rainfall.points.iter().enumerate();
    let points: Vec<(f64, f64)> = distances
        .map(|(i, point)| (i as f64 + 1.0, f64::from(point.distance.max(1)).log10()))
        .collect();
    if !points.is_empty() {
        draw(
            page,
            &Plot {
                title: "Rainfall: distance of each substitution to the one before, in the order of the genome",
                axes: ["Substitutions in order, by contig", "Distance, powers of ten of bp"],
                series: vec![Series { name: "substitutions", mark: Mark::Dots, points }],
                y_end: None,
                bands: contigs(&rainfall.points),
            },
        );
        let text = format!(
            "{} distances, median {} bp; {} are left out of the plot. The file \
             rainfall.tsv has the plot's points; clusters are listed below.",
            grouped(rainfall.distances),
            rainfall.median.map_or_else(|| "-".to_owned(), |bp| grouped(bp.into())),
            grouped(rainfall.left_out)
        );
        page.element("p", &text);
    }
    let rows: Vec<Vec<Cell>> = found
        .kataegis
        .definitions
        .iter()
        .flat_map(|one| {
            let clusters = one.regions.measured().into_iter().flat_map(|clusters| &clusters.found);
            clusters.map(|cluster| {
                let place = format!("{}:{}-{}", cluster.contig, cluster.start, cluster.end);
                let tpc =
                    cluster.tpc_share.map_or_else(String::new, |s| format!("{:.0} %", 100.0 * s));
                vec![
                    Cell::text(place),
                    Cell::text(&one.id),
                    Cell::figure(cluster.snvs.to_string()),
                    Cell::figure(format!("{:.0}", cluster.mean_distance)),
                    Cell::figure(tpc),
                ]
            })
        })
        .collect();
    if rows.is_empty() {
        page.element("p", "No cluster of substitutions was found.");
        return;
    }
    let head =
        ["Region", "Definition", "Substitutions", "Mean distance, bp", "C>T or C>G behind T"];
    page.table("Clusters of substitutions", &head, rows);
}
