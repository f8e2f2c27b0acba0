//! The quality of one alignment file as one self-contained page: figures, plots, and the numbers behind each plot in a
//! table beside it.

use crate::model::made_by::{self, PROGRAM};
use crate::model::qc::gc_bias::GcBias;
use crate::model::qc::insert_size::{InsertSizes, PairOrientation};
use crate::model::qc::{DepthHistogram, DepthQc, SampleQc};

use super::acceptance;
use super::page::{Cell, Page};
use super::plot::{Mark, Plot, Series, draw};
use super::quality::{grouped, percent};
use super::{PLOT_STYLE, Shell, shell};

/// Depths that the tables show.
const DEPTHS: [u32; 10] = [1, 5, 10, 15, 20, 30, 40, 50, 75, 100];
/// The depth axis ends where less than this share of bases is deeper, so that a few deep bases do not flatten the rest.
const TAIL: f64 = 0.002;
/// Contigs shorter than this share of the longest are left out of the plot by contig: decoys and patches by the hundred.
const SHORT_CONTIG: f64 = 0.005;
/// GC contents of less than this share of the windows are left out of the plot.
const RARE_GC: f64 = 1e-4;

/// The page.
pub(in crate::report) fn render(qc: &SampleQc) -> String {
    let title = format!("Sample {}: alignment quality", qc.sample);
    shell(
        &Shell { title: &title, skip_to: None, styles: &[super::STYLE, PLOT_STYLE], foot: &title },
        |page| {
            page.markup("<header>\n<p class=\"kicker\">Alignment quality</p>\n");
            page.element("h1", &format!("Sample {}", qc.sample));
            page.markup("<dl class=\"facts\">\n").pair("File", &qc.file);
            if let Some(size) = qc.input.size {
                page.pair("Size", &format!("{} bytes", grouped(size)));
            }
            page.pair("Made by", &made_by::line(PROGRAM, qc.policy.as_ref()));
            page.markup("</dl>\n</header>\n<main>\n");
            for note in &qc.notes {
                page.element("p", &format!("Note: {note}."));
            }
            verdict(page, qc);
            reads(page, qc);
            if let Some(depth) = &qc.depth {
                depth_section(page, depth);
                contigs(page, depth);
            }
            if let Some(sizes) = qc.insert_size.as_deref().filter(|sizes| !sizes.is_empty()) {
                insert_sizes(page, sizes);
            }
            if let Some(bias) = &qc.gc_bias {
                gc_bias(page, bias);
            }
            evenness(page, qc);
            panels(page, qc);
            page.markup("</main>\n");
        },
    )
}

fn section(page: &mut Page, heading: &str) {
    page.markup("<section>\n").element("h2", heading);
}

fn verdict(page: &mut Page, qc: &SampleQc) {
    let Some(verdict) = &qc.verdict else { return };
    section(page, "Verdict");
    page.element("p", &format!("{}.", verdict.line()));
    acceptance::checks(page, "Checks against the limits", verdict);
    page.markup("</section>\n");
}

/// What tells how even the coverage is.
fn evenness(page: &mut Page, qc: &SampleQc) {
    let fixed = |value: f64| Cell::figure(format!("{value:.2}"));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    if let Some(contract) = &qc.contract {
        rows.push(vec![
            "Mean depth, mapping quality above 10".into(),
            fixed(contract.reference.mean),
        ]);
        if let Some(rmsd) = contract.local_rmsd {
            rows.push(vec!["Local RMSD: median spread within 100 kb".into(), fixed(rmsd)]);
        }
    }
    if let Some(wgs) = &qc.wgs {
        if let Some(mean) = wgs.mean {
            rows.push(vec!["Mean depth, Picard's filters".into(), fixed(mean)]);
        }
        rows.push(vec!["Median absolute deviation, Picard's filters".into(), fixed(wgs.mad)]);
        for (percent, fold) in [80, 90, 95].into_iter().zip(wgs.fold_penalty) {
            let name = format!("FOLD_{percent}_BASE_PENALTY");
            let shown = fold.map_or_else(|| Cell::figure("none: too many bases at 0x"), fixed);
            rows.push(vec![name.into(), shown]);
        }
    }
    if rows.is_empty() {
        return;
    }
    section(page, "Evenness of coverage");
    page.table("Measures of evenness", &["Measure", "Value"], rows);
    page.markup("</section>\n");
}

fn panels(page: &mut Page, qc: &SampleQc) {
    let panels = crate::report::quality::panels_of(qc);
    let Some(first) = panels.first() else { return };
    section(page, "Depth over the panels");
    let gap = format!("A gap is a run of bases below {}x.", first.gap_below);
    page.element("p", &gap);
    acceptance::panels(page, "Panels", panels.iter().map(|panel| (None, panel)));
    for panel in &panels {
        let caption = format!("Genes of {} with gaps or not assessed", panel.name);
        acceptance::genes(page, &caption, panel);
    }
    page.markup("</section>\n");
}

fn reads(page: &mut Page, qc: &SampleQc) {
    let Some(flags) = &qc.flags else { return };
    let all = |counts: [u64; 2]| counts[0] + counts[1];
    section(page, "Reads");
    let row = |name: &str, part: [u64; 2], whole: [u64; 2], of: &str| {
        let share = if of.is_empty() { String::new() } else { percent(all(part), all(whole)) };
        vec![name.into(), Cell::figure(grouped(all(part))), Cell::figure(share), of.into()]
    };
    let rows = vec![
        row("Primary records", flags.primary, flags.primary, ""),
        row("Mapped", flags.primary_mapped, flags.primary, "primary records"),
        row("Duplicates", flags.primary_duplicates, flags.primary, "primary records"),
        row("Properly paired", flags.properly_paired, flags.paired, "paired reads"),
        row("Mate on another contig", flags.different_contig, flags.paired, "paired reads"),
        row("Secondary", flags.secondary, flags.total, "all records"),
        row("Supplementary", flags.supplementary, flags.total, "all records"),
    ];
    page.table("Records by flag", &["Records", "Number", "Share", "Of"], rows);
    page.markup("</section>\n");
}

fn depth_section(page: &mut Page, depth: &DepthQc) {
    let mut histogram = DepthHistogram::default();
    for contig in &depth.contigs {
        histogram.merge(&contig.histogram);
    }
    let total = histogram.total();
    if total == 0 {
        return;
    }
    section(page, "Depth of coverage");
    page.element("p", &format!("Mean {:.2}x over {} bases.", depth.total.mean(), grouped(total)));
    // Of a genome that hardly any read covers (a panel, one chromosome) the plots show what is covered.
    let zero = histogram.count(0);
    let sparse = 2 * zero > total && zero < total;
    let drawn = if sparse { covered(&histogram) } else { histogram.clone() };
    let all = drawn.total();
    if sparse {
        let text = format!(
            "Most bases have no read: the plots show the {} bases ({:.2} %) that any read covers.",
            grouped(all),
            100.0 * all as f64 / total as f64
        );
        page.element("p", &text);
    }
    depth_plots(page, &drawn, u32::from(sparse));
    let share = |bases: u64| bases as f64 / total as f64;
    let rows = DEPTHS.map(|least| {
        let bases: u64 = histogram.iter().filter(|(d, _)| *d >= least).map(|(_, n)| n).sum();
        vec![
            Cell::figure(format!("{least}x")),
            Cell::figure(grouped(bases)),
            Cell::figure(format!("{:.2} %", 100.0 * share(bases))),
        ]
    });
    page.table("Bases that reach a depth", &["Depth", "Bases", "Share"], rows.into());
    page.markup("</section>\n");
}

/// The distribution of depth from this one on, and the share of bases that reach each.
fn depth_plots(page: &mut Page, drawn: &DepthHistogram, first: u32) {
    let reached = reached(drawn);
    let end = reached.iter().rev().find(|(_, share)| *share >= TAIL).map_or(1, |(d, _)| *d);
    let shown = |depth: u32| depth <= end;
    let all = drawn.total();
    let of_drawn = |bases: u64| 100.0 * bases as f64 / all as f64;
    let distribution = (first..=end).map(|d| (f64::from(d), of_drawn(drawn.count(d))));
    draw(
        page,
        &Plot {
            title: "Share of bases at each depth",
            axes: ["depth", "% of bases"],
            series: vec![Series {
                name: "bases",
                mark: Mark::Bars,
                points: distribution.collect(),
            }],
            y_end: None,
            bands: Vec::new(),
        },
    );
    let cumulative = reached.iter().filter(|(depth, _)| shown(*depth));
    draw(
        page,
        &Plot {
            title: "Share of bases that reach a depth",
            axes: ["depth", "% of bases"],
            series: vec![Series {
                name: "bases",
                mark: Mark::Line,
                points: cumulative.map(|&(d, share)| (f64::from(d), 100.0 * share)).collect(),
            }],
            y_end: Some(100.0),
            bands: Vec::new(),
        },
    );
}

/// The bases that any read covers.
fn covered(histogram: &DepthHistogram) -> DepthHistogram {
    let mut covered = DepthHistogram::default();
    for (depth, bases) in histogram.iter().filter(|(depth, _)| *depth > 0) {
        covered.add(depth, bases);
    }
    covered
}

/// For every depth from 0 to the greatest the share of bases that reach it.
fn reached(histogram: &DepthHistogram) -> Vec<(u32, f64)> {
    let total = histogram.total().max(1) as f64;
    let mut left = histogram.total();
    let deepest = histogram.iter().next_back().map_or(0, |(depth, _)| depth);
    let mut reached = Vec::new();
    for depth in 0..=deepest {
        reached.push((depth, left as f64 / total));
        left -= histogram.count(depth);
        if (left as f64) < TAIL * TAIL * total {
            break;
        }
    }
    reached
}

fn contigs(page: &mut Page, depth: &DepthQc) {
    let longest = depth.contigs.iter().map(|contig| contig.length).max().unwrap_or(0);
    let long = |length: u32| f64::from(length) >= SHORT_CONTIG * f64::from(longest);
    let shown: Vec<_> = depth.contigs.iter().filter(|contig| long(contig.length)).collect();
    if shown.is_empty() {
        return;
    }
    section(page, "Depth by contig");
    let points = shown.iter().enumerate().map(|(i, c)| ((i + 1) as f64, c.whole.mean()));
    draw(
        page,
        &Plot {
            title: "Mean depth of each contig, in the order of the table",
            axes: ["number of the contig", "mean depth"],
            series: vec![Series { name: "mean", mark: Mark::Bars, points: points.collect() }],
            y_end: None,
            bands: Vec::new(),
        },
    );
    let rows = shown.iter().enumerate().map(|(i, contig)| {
        vec![
            Cell::figure((i + 1).to_string()),
            contig.name.as_str().into(),
            Cell::figure(grouped(u64::from(contig.length))),
            Cell::figure(format!("{:.2}x", contig.whole.mean())),
            Cell::figure(contig.whole.max.to_string()),
        ]
    });
    page.table(
        "Contigs",
        &["No.", "Contig", "Length, bp", "Mean depth", "Greatest"],
        rows.collect(),
    );
    let left = depth.contigs.len() - shown.len();
    if left > 0 {
        page.element("p", &format!("{left} short contigs are not shown; qc.json has them all."));
    }
    page.markup("</section>\n");
}

const fn name(orientation: PairOrientation) -> &'static str {
    match orientation {
        PairOrientation::Fr => "towards each other",
        PairOrientation::Rf => "away from each other",
        PairOrientation::Tandem => "in one direction",
    }
}

fn insert_sizes(page: &mut Page, sizes: &[InsertSizes]) {
    section(page, "Insert size");
    let series = sizes.iter().map(|sizes| Series {
        name: name(sizes.orientation),
        mark: Mark::Line,
        points: sizes.histogram.iter().map(|&(bp, n)| (f64::from(bp), n as f64)).collect(),
    });
    draw(
        page,
        &Plot {
            title: "Pairs by insert size",
            axes: ["insert size, bp", "pairs"],
            series: series.collect(),
            y_end: None,
            bands: Vec::new(),
        },
    );
    let rows = sizes.iter().map(|sizes| {
        vec![
            name(sizes.orientation).into(),
            Cell::figure(grouped(sizes.pairs)),
            Cell::figure(format!("{}", sizes.median)),
            Cell::figure(format!("{:.1}", sizes.mean)),
            Cell::figure(format!("{:.1}", sizes.standard_deviation)),
            Cell::figure(format!("{} to {}", sizes.min, sizes.max)),
        ]
    });
    let head = ["Reads lie", "Pairs", "Median, bp", "Mean, bp", "SD, bp", "Range, bp"];
    page.table("Insert size by orientation", &head, rows.collect());
    page.markup("</section>\n");
}

fn gc_bias(page: &mut Page, bias: &GcBias) {
    section(page, "GC bias");
    page.element(
        "p",
        &format!("AT dropout {:.2}, GC dropout {:.2}.", bias.at_dropout, bias.gc_dropout),
    );
    let all: u64 = bias.bins.iter().map(|bin| bin.windows).sum();
    let seen = bias.bins.iter().filter(|bin| bin.windows > 0);
    // Contents that hardly any window has would only show noise.
    let common = |windows: u64| windows as f64 >= RARE_GC * all as f64;
    let points = seen.clone().filter(|bin| common(bin.windows));
    draw(
        page,
        &Plot {
            title: "Coverage by GC content of the reference, as a multiple of the mean",
            axes: ["GC content, %", "normalised coverage"],
            series: vec![Series {
                name: "coverage",
                mark: Mark::Line,
                points: points.map(|bin| (f64::from(bin.gc), bin.normalized_coverage)).collect(),
            }],
            y_end: Some(2.0),
            bands: Vec::new(),
        },
    );
    let rows = seen.filter(|bin| bin.gc % 5 == 0).map(|bin| {
        vec![
            Cell::figure(format!("{} %", bin.gc)),
            Cell::figure(grouped(bin.windows)),
            Cell::figure(grouped(bin.read_starts)),
            Cell::figure(format!("{:.3}", bin.normalized_coverage)),
        ]
    });
    let head = ["GC content", "Windows", "Reads", "Normalised coverage"];
    page.table("Every fifth percentage of GC", &head, rows.collect());
    page.markup("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::qc::{ContigDepth, DepthSummary};

    #[test]
    fn the_page_shows_the_numbers_it_was_given_and_nothing_runs() {
        let mut histogram = DepthHistogram::default();
        histogram.add(0, 10);
        histogram.add(30, 90);
        let whole: DepthSummary = histogram.summary();
        let contig = ContigDepth {
            name: "<chr1>".into(),
            length: 100,
            has_records: true,
            whole,
            histogram,
            ..ContigDepth::default()
        };
        let depth = DepthQc { contigs: vec![contig], total: whole, ..DepthQc::default() };
        let qc = SampleQc { sample: "s&1".into(), depth: Some(depth), ..SampleQc::default() };
        let page = render(&qc);
        for part in ["Sample s&amp;1", "90.00 %", "27.00x", "&lt;chr1&gt;", "<svg role=\"img\""] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"));
    }

    #[test]
    fn shares_fall_from_one() {
        let mut histogram = DepthHistogram::default();
        histogram.add(1, 1);
        histogram.add(3, 3);
        assert_eq!(reached(&histogram), [(0, 1.0), (1, 1.0), (2, 0.75), (3, 0.75)]);
    }
}
