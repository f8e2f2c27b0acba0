//! Quality of the alignments, brought from what the pass over the reads found to the compact entries of results.

use crate::model::contig::ContigClass;
use crate::model::gene_coverage::{Coverage, GenesQc, PanelCoverage};
use crate::model::qc::{ContigDepth, DepthHistogram, DepthQc, DepthSummary, FlagCounts, SampleQc};
use crate::model::results::quality::{
    AlignmentDigest, ContigDepthResult, DEPTHS, DepthFigures, DepthResult, DepthShare, GENE_DEPTHS,
    GeneDepth, GeneFigures, PanelDepth, QualityResult, ReadCounts,
};
use crate::model::sample::{Member, MemberId};

use super::genes::tables;

/// Files with at most this many contigs have all of them in the results: the primary ones are 25, and small references
/// and panels of amplicons stay whole.
const FEW_CONTIGS: usize = 40;

/// The entry of one alignment of a member whose data may be shown.
pub(super) fn result(id: MemberId, member: &Member, qc: &SampleQc) -> QualityResult {
    QualityResult {
        member: id.0 + 1,
        role: member.role,
        sample: member.sample.clone().unwrap_or_else(|| qc.sample.clone()),
        input: AlignmentDigest {
            bytes: qc.input.size,
            header_sha256: qc.input.header_sha256.clone(),
            blocks_sha256: qc.input.blocks_sha256.clone(),
        },
        reads: qc.flags.as_ref().map(reads),
        depth: qc.depth.as_ref().map(depth),
        verdict: qc.verdict.clone(),
        panels: panels_of(qc),
        notes: qc.notes.clone(),
    }
}

/// Depth over each panel; empty without a gene model.
pub(super) fn panels_of(qc: &SampleQc) -> Vec<PanelDepth> {
    let Some(genes) = &qc.genes else { return Vec::new() };
    genes.panels.iter().enumerate().map(|(i, own)| panel(genes, i as u32, own)).collect()
}

fn panel(genes: &GenesQc, place: u32, panel: &PanelCoverage) -> PanelDepth {
    let own = genes.genes.iter().filter(|gene| gene.panels.contains(&place));
    let known = own.map(|gene| GeneDepth {
        symbol: gene.symbol.clone(),
        figures: gene_figures(&gene.whole),
        not_assessed: tables::not_assessed(gene),
    });
    let known: Vec<GeneDepth> = known.collect();
    let unknown = panel.not_assessed.iter().filter(|missed| {
        // Genes on absent contigs are known to the model.
        !known.iter().any(|gene| gene.symbol == missed.symbol)
    });
    let unknown = unknown.map(|missed| GeneDepth {
        symbol: missed.symbol.clone(),
        figures: GeneFigures::default(),
        not_assessed: Some(missed.reason.clone()),
    });
    let unknown: Vec<GeneDepth> = unknown.collect();
    let (assessed, absent): (Vec<_>, Vec<_>) =
        known.into_iter().partition(|gene| gene.figures.bases > 0);
    PanelDepth {
        id: panel.id.clone(),
        name: panel.name.clone(),
        version: panel.version.clone(),
        gap_below: genes.gap_below,
        whole: gene_figures(&panel.whole),
        genes: assessed.into_iter().chain(absent).chain(unknown).collect(),
    }
}

fn gene_figures(coverage: &Coverage) -> GeneFigures {
    let stats = &coverage.stats;
    let share = |depth| stats.share(depth).map(|share| DepthShare { depth, share });
    GeneFigures {
        bases: stats.bases,
        not_assessed_bases: coverage.not_assessed(),
        mean: stats.mean().map(|mean| rounded(mean, 4)),
        reached: GENE_DEPTHS.into_iter().filter_map(share).collect(),
        gaps: coverage.gaps,
        gap_bases: coverage.gap_bases,
    }
}

fn reads(counts: &FlagCounts) -> ReadCounts {
    ReadCounts {
        total: counts.total,
        primary: counts.primary,
        secondary: counts.secondary,
        supplementary: counts.supplementary,
        primary_duplicates: counts.primary_duplicates,
        primary_mapped: counts.primary_mapped,
        paired: counts.paired,
        properly_paired: counts.properly_paired,
        singletons: counts.singletons,
        different_contig: counts.different_contig,
    }
}

fn depth(depth: &DepthQc) -> DepthResult {
    let few = depth.contigs.len() <= FEW_CONTIGS;
    let contigs = depth
        .contigs
        .iter()
        .filter(|contig| few || !matches!(ContigClass::of_name(&contig.name), ContigClass::Other));
    DepthResult {
        corrections: depth.corrections.clone(),
        compat: depth.compat.clone(),
        total: figures(&depth.total, depth, |contig| &contig.histogram),
        regions: depth
            .total_regions
            .as_ref()
            .map(|regions| figures(regions, depth, |contig| &contig.region_histogram)),
        contigs: contigs
            .map(|contig| ContigDepthResult {
                name: contig.name.clone(),
                length: contig.length,
                mean: rounded(contig.whole.mean(), 4),
            })
            .collect(),
    }
}

fn figures(
    summary: &DepthSummary,
    depth: &DepthQc,
    histogram: impl Fn(&ContigDepth) -> &DepthHistogram,
) -> DepthFigures {
    let mut all = DepthHistogram::default();
    for contig in depth.contigs.iter().filter(|contig| contig.listed) {
        all.merge(histogram(contig));
    }
    DepthFigures {
        bases: summary.bases,
        mean: rounded(summary.mean(), 4),
        min: summary.min,
        max: summary.max,
        reached: reached(&all, summary.bases),
    }
}

/// Shares of bases; none where the histogram counts something else than these bases (means of windows).
fn reached(histogram: &DepthHistogram, bases: u64) -> Vec<DepthShare> {
    if bases == 0 || histogram.total() != bases {
        return Vec::new();
    }
    let share = |least: u32| {
        let counted: u64 =
            histogram.iter().filter(|&(depth, _)| depth >= least).map(|(_, n)| n).sum();
        DepthShare { depth: least, share: rounded(counted as f64 / bases as f64, 6) }
    };
    DEPTHS.iter().map(|&least| share(least)).collect()
}

/// Few digits, so that a value read from JSON is the value that was written.
fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contig(name: &str, depths: &[(u32, u64)], listed: bool) -> ContigDepth {
        let mut histogram = DepthHistogram::default();
        for &(depth, bases) in depths {
            histogram.add(depth, bases);
        }
        let whole = histogram.summary();
        let length = whole.bases as u32;
        ContigDepth { name: name.into(), length, listed, whole, histogram, ..Default::default() }
    }

    fn of(contigs: Vec<ContigDepth>) -> DepthResult {
        let mut total = DepthSummary::default();
        for contig in contigs.iter().filter(|contig| contig.listed) {
            total.merge(&contig.whole);
        }
        depth(&DepthQc { contigs, total, ..DepthQc::default() })
    }

    #[test]
    fn shares_count_the_bases_of_all_listed_contigs() {
        let two = of(vec![
            contig("chr1", &[(0, 1), (14, 2), (15, 3)], true),
            contig("chr2", &[(30, 1), (50, 1)], true),
            contig("chr3", &[(0, 92)], false),
        ]);
        let shares: Vec<f64> = two.total.reached.iter().map(|reached| reached.share).collect();
        assert_eq!(shares, [0.875, 0.875, 0.875, 0.625, 0.25, 0.25, 0.125]);
        assert_eq!((two.total.bases, two.total.mean, two.total.max), (8, 19.125, 50));
        assert_eq!((two.total.share(15), two.total.share(16)), (Some(0.625), None));
    }

    #[test]
    fn no_bases_have_no_shares() {
        let none = of(vec![contig("chr1", &[], true)]);
        assert_eq!((none.total.min, none.total.reached.len()), (None, 0));
    }

    #[test]
    fn means_of_windows_are_no_shares_of_bases() {
        let mut windows = DepthHistogram::default();
        windows.add(30, 2);
        assert!(reached(&windows, 1_000).is_empty());
        assert_eq!(reached(&windows, 2).len(), DEPTHS.len());
    }

    #[test]
    fn many_contigs_leave_the_primary_ones() {
        let names = ["chr1", "chrX", "chrM"].map(String::from);
        let decoys = (0..FEW_CONTIGS).map(|i| format!("chrUn_{i}"));
        let all = names.iter().cloned().chain(decoys);
        let result = of(all.map(|name| contig(&name, &[(1, 1)], true)).collect());
        let kept: Vec<&str> = result.contigs.iter().map(|contig| &*contig.name).collect();
        assert_eq!(kept, names);
        assert_eq!(result.total.bases, 3 + FEW_CONTIGS as u64, "the total holds all");
        assert_eq!(of(vec![contig("odd", &[(1, 1)], true)]).contigs.len(), 1);
    }
}
