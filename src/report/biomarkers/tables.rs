//! Tables of biomarkers, tab-separated.

use std::fmt::Write as _;

use crate::model::biomarkers::shape::{PurityMethod, Share};
use crate::model::biomarkers::signatures::SignatureFit;
use crate::model::biomarkers::{Assessed, BiomarkerResults, Matrix};
use crate::model::mutation_type::MatrixKind;
use crate::report::tsv::{MADE_BY, escape};

/// Columns of `biomarkers.tsv`.
const COLUMNS: [&str; 7] =
    ["biomarker", "what", "value", "interval_95", "label", "source_or_reason", MADE_BY.0];

/// `biomarkers.tsv`.
pub(super) fn values(found: &BiomarkerResults, made_by: &str) -> Vec<u8> {
    let mut text = COLUMNS.join("\t") + "\n";
    for row in rows(found) {
        text += &row.map(|cell| escape(&cell)).join("\t");
        let _ = writeln!(text, "\t{}", escape(made_by));
    }
    text.into_bytes()
}

/// One row a value.
pub(super) fn rows(found: &BiomarkerResults) -> Vec<[String; 6]> {
    let mut rows = Vec::new();
    for burden in &found.burden {
        rows.push(row((&format!("burden.{}", burden.id), &burden.title), &burden.value, |value| {
            [
                format!(
                    "{} a megabase ({} over {} Mb, {})",
                    short(value.per_megabase),
                    value.mutations,
                    short(value.megabases),
                    value.denominator
                ),
                format!("{} to {}", short(value.low), short(value.high)),
                value.label.clone().unwrap_or_default(),
                burden.source.clone(),
            ]
        }));
    }
    rows.push(purity(found));
    rows.extend(instability(found));
    for definition in &found.kataegis.definitions {
        let id = format!("kataegis.{}", definition.id);
        rows.push(row((&id, &definition.title), &definition.regions, |clusters| {
            let count = clusters.found.len();
            [format!("{count} clusters"), String::new(), String::new(), definition.source.clone()]
        }));
    }
    rows.extend(leakage(found));
    rows
}

/// The purity.
fn purity(found: &BiomarkerResults) -> [String; 6] {
    row(("purity", "share of tumour cells"), &found.purity, |purity| {
        let method = match purity.method {
            PurityMethod::HighestPeak => format!("highest peak of {} substitutions", purity.snvs),
            PurityMethod::ModalPeak => format!("tallest peak of {} substitutions", purity.snvs),
            PurityMethod::Stated => match purity.measured {
                Some(measured) => format!("stated by the case; measured {measured:.2}"),
                None => "stated by the case".to_owned(),
            },
        };
        [
            format!("{:.2}", purity.purity),
            format!("{:.2} to {:.2}", purity.low, purity.high),
            if purity.is_low { "low" } else { "" }.to_owned(),
            [vec![method], purity.assumptions.clone()].concat().join("; "),
        ]
    })
}

/// Microsatellite instability, both ways.
fn instability(found: &BiomarkerResults) -> [[String; 6]; 2] {
    let indels = row(
        ("instability-of-indels", "insertions and deletions of microsatellites"),
        &found.instability_of_indels,
        |value| {
            [
                format!(
                    "{} a megabase ({} over {} Mb)",
                    short(value.per_megabase),
                    value.indels,
                    short(value.megabases)
                ),
                format!("{} to {}", short(value.low), short(value.high)),
                stability(Some(value.unstable)).to_owned(),
                format!("{}; unstable from {} a megabase on", value.source, short(value.threshold)),
            ]
        },
    );
    let reads = row(
        ("instability-of-reads", "microsatellites whose lengths differ in reads"),
        &found.instability_of_reads,
        |value| {
            [
                format!(
                    "{:.2} % ({} of {} assessed, {} looked at)",
                    value.score, value.unstable_sites, value.assessed, value.sites
                ),
                String::new(),
                stability(value.unstable).to_owned(),
                format!(
                    "{}; sites of {}; unstable from {} % on",
                    value.source,
                    value.sites_from,
                    short(value.threshold)
                ),
            ]
        },
    );
    [indels, reads]
}

fn leakage(found: &BiomarkerResults) -> Vec<[String; 6]> {
    let leakage = &found.leakage;
    let share = |share: &Share| {
        let text = format!("{:.2} % ({} of {})", 100.0 * share.share, share.count, share.of);
        [text, String::new(), String::new(), "ours".to_owned()]
    };
    [
        ("leakage.common", "somatic variants that are common in a population", &leakage.common),
        ("leakage.population", "somatic variants that a population knows", &leakage.in_population),
        (
            "leakage.normal",
            "somatic variants with ALT reads in the normal sample",
            &leakage.in_normal,
        ),
        (
            "leakage.germline",
            "somatic variants among the germline calls",
            &leakage.in_germline_calls,
        ),
        ("leakage.half", "somatic variants near half of the reads", &leakage.half),
    ]
    .map(|(id, what, value)| row((id, what), value, share))
    .to_vec()
}

fn row<T>(
    (id, what): (&str, &str),
    value: &Assessed<T>,
    show: impl FnOnce(&T) -> [String; 4],
) -> [String; 6] {
    let [text, interval, label, source] = match value {
        Assessed::Measured(value) => show(value),
        Assessed::NotAssessed { reason } => {
            ["not assessed".to_owned(), String::new(), String::new(), reason.clone()]
        }
    };
    [id.to_owned(), what.to_owned(), text, interval, label, source]
}

fn stability(unstable: Option<bool>) -> &'static str {
    match unstable {
        Some(true) => "unstable",
        Some(false) => "stable",
        None => "too few sites for a call",
    }
}

/// Three digits after the point where they say something.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A matrix of one sample in SigProfiler's form, its types in the order of SigProfilerMatrixGenerator: substitutions by
/// the base before them, the others as COSMIC has them.
pub(super) fn matrix(matrix: &Matrix, kind: MatrixKind, sample: &str) -> Vec<u8> {
    let mut types: Vec<&String> = kind.types().iter().collect();
    if kind == MatrixKind::Sbs96 {
        types.sort_unstable();
    }
    let mut text = format!("MutationType\t{}\n", escape(sample));
    for name in types {
        let _ = writeln!(text, "{name}\t{}", matrix.counts.get(name).copied().unwrap_or_default());
    }
    text.into_bytes()
}

/// `signatures.tsv`.
pub(super) fn signatures(fit: &SignatureFit, made_by: &str) -> Vec<u8> {
    let mut text = String::from("signature\tmutations\tshare\tmedian\tlow\thigh\tmade_by\n");
    let figure = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.6}"));
    for one in &fit.contributions {
        let _ = writeln!(
            text,
            "{}\t{:.3}\t{:.6}\t{}\t{}\t{}\t{}",
            escape(&one.signature),
            one.mutations,
            one.share,
            figure(one.median),
            figure(one.low),
            figure(one.high),
            escape(made_by)
        );
    }
    text.into_bytes()
}

/// `rainfall.tsv`.
pub(super) fn rainfall(found: &BiomarkerResults, made_by: &str) -> Vec<u8> {
    let mut text = String::from("chrom\tpos\tdistance\tsubstitution\tmade_by\n");
    let made_by = escape(made_by);
    for point in &found.kataegis.rainfall.points {
        let contig = escape(&point.contig);
        let (place, distance) = (point.position, point.distance);
        let _ = writeln!(text, "{contig}\t{place}\t{distance}\t{}\t{made_by}", point.substitution);
    }
    text.into_bytes()
}
