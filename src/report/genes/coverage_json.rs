//! `CoverageAnalysisResults` of Genomics England's `org.gel.models.coverage` 0.1.0. All its values are true ones: the median and
//! quartiles of a transcript are those of its bases, and its mean is that of its bases, not of its exons. Positions are
//! 0-based half-open; `s` and `e` are the exon's own, `padded_s` and `padded_e` those that were counted. `union_tr` is the
//! union of the exons of the chosen transcripts, its parts numbered along the gene. `uncovered_genes` are genes of which no
//! base was assessed.

use std::io::{Result, Write};

use serde::Serialize;

use crate::model::gene_coverage::{Block, Coverage, GeneCoverage, GenesQc};
use crate::model::gene_model::Strand;

/// The transcript id of the union; the tool that the model comes from writes it so.
const UNION: &str = "union_tr";

#[derive(Serialize)]
struct Stats {
    avg: f64,
    sd: f64,
    med: f64,
    pct25: f64,
    pct75: f64,
    gte15x: f64,
    gte30x: f64,
    gte50x: f64,
    lt15x: f64,
    gc: Option<f64>,
    bases: u64,
    bases_lt_15x: u64,
    bases_gte_15x: u64,
    bases_gte_30x: u64,
    bases_gte_50x: u64,
    rmsd: Option<f64>,
}

/// Five digits, as that tool writes them.
fn rounded(value: Option<f64>) -> f64 {
    (value.unwrap_or(0.0) * 1e5).round() / 1e5
}

impl Stats {
    fn of(coverage: &Coverage) -> Self {
        let stats = &coverage.stats;
        let [_, gte15, _, gte30, gte50] = stats.at_least;
        let share =
            |part: u64| rounded((stats.bases > 0).then(|| part as f64 / stats.bases as f64));
        Self {
            avg: rounded(stats.mean()),
            sd: rounded(stats.sd()),
            med: rounded(stats.quartile(2)),
            pct25: rounded(stats.quartile(1)),
            pct75: rounded(stats.quartile(3)),
            gte15x: share(gte15),
            gte30x: share(gte30),
            gte50x: share(gte50),
            lt15x: share(stats.bases - gte15),
            gc: None,
            bases: stats.bases,
            bases_lt_15x: stats.bases - gte15,
            bases_gte_15x: gte15,
            bases_gte_30x: gte30,
            bases_gte_50x: gte50,
            rmsd: None,
        }
    }
}

#[derive(Serialize)]
struct Gap {
    s: u32,
    e: u32,
    l: u32,
}

#[derive(Serialize)]
struct Exon {
    #[serde(rename = "exon")]
    name: String,
    s: u32,
    padded_s: u32,
    e: u32,
    padded_e: u32,
    l: u32,
    gaps: Vec<Gap>,
    stats: Stats,
}

impl Exon {
    fn new(number: u32, (s, e): (u32, u32), block: &Block) -> Self {
        let gap =
            |span: &crate::model::coord::Span| Gap { s: span.start, e: span.end, l: span.len() };
        Self {
            name: format!("exon{number}"),
            s,
            padded_s: block.span.start,
            e,
            padded_e: block.span.end,
            l: e - s,
            gaps: block.gaps.iter().map(gap).collect(),
            stats: Stats::of(&block.whole),
        }
    }
}

#[derive(Serialize)]
struct Transcript<'a> {
    id: &'a str,
    stats: Stats,
    exons: Vec<Exon>,
}

#[derive(Serialize)]
struct Gene<'a> {
    name: &'a str,
    chr: &'a str,
    trs: Vec<Transcript<'a>>,
    union_tr: Transcript<'a>,
}

#[derive(Serialize)]
struct Chromosome<'a> {
    chr: &'a str,
    #[serde(flatten)]
    stats: ChromosomeStats,
}

/// The model gives contigs no counts but `bases`.
#[derive(Serialize)]
struct ChromosomeStats {
    avg: f64,
    sd: f64,
    med: f64,
    gc: Option<f64>,
    pct75: f64,
    pct25: f64,
    bases: u64,
    gte50x: f64,
    gte30x: f64,
    gte15x: f64,
    lt15x: f64,
    rmsd: Option<f64>,
}

#[derive(Serialize)]
struct CodingRegion<'a> {
    stats: Stats,
    chrs: Vec<Chromosome<'a>>,
}

#[derive(Serialize)]
struct Uncovered<'a> {
    chr: &'a str,
    name: &'a str,
    s: Option<u32>,
    e: Option<u32>,
}

fn chromosome<'a>(chr: &'a str, coverage: &Coverage) -> Chromosome<'a> {
    let Stats {
        avg, sd, med, pct25, pct75, gte15x, gte30x, gte50x, lt15x, gc, bases, rmsd, ..
    } = Stats::of(coverage);
    let stats = ChromosomeStats {
        avg,
        sd,
        med,
        gc,
        pct75,
        pct25,
        bases,
        gte50x,
        gte30x,
        gte15x,
        lt15x,
        rmsd,
    };
    Chromosome { chr, stats }
}

fn gene<'a>(genes: &'a GenesQc, gene: &'a GeneCoverage) -> Gene<'a> {
    let block = |at: u32| genes.blocks.get(at as usize);
    let trs = gene.transcripts.iter().map(|transcript| Transcript {
        id: &transcript.id,
        stats: Stats::of(&transcript.whole),
        exons: transcript
            .exons
            .iter()
            .filter_map(|exon| {
                let own = (exon.span.start, exon.span.end);
                block(exon.block).map(|block| Exon::new(exon.number, own, block))
            })
            .collect(),
    });
    let parts = gene.blocks.len() as u32;
    let union = gene.blocks.iter().zip(0..).filter_map(|(&at, i)| {
        let number = if gene.strand == Some(Strand::Reverse) { parts - i } else { i + 1 };
        block(at).map(|block| Exon::new(number, (block.span.start, block.span.end), block))
    });
    Gene {
        name: &gene.symbol,
        chr: &gene.contig,
        trs: trs.collect(),
        union_tr: Transcript { id: UNION, stats: Stats::of(&gene.whole), exons: union.collect() },
    }
}

fn uncovered(genes: &GenesQc) -> Vec<Uncovered<'_>> {
    let known = genes.genes.iter().filter(|gene| gene.whole.stats.bases == 0);
    let known = known.map(|gene| Uncovered {
        chr: &gene.contig,
        name: &gene.symbol,
        s: Some(gene.span.start),
        e: Some(gene.span.end),
    });
    let mut all: Vec<Uncovered<'_>> = known.collect();
    for missed in genes.panels.iter().flat_map(|panel| &panel.not_assessed) {
        if !all.iter().any(|gene| gene.name == missed.symbol) {
            // The model wants a contig, and nobody knows one.
            all.push(Uncovered { chr: "unknown", name: &missed.symbol, s: None, e: None });
        }
    }
    all
}

/// Writes gene by gene: all genes of a genome need no document in memory.
pub(super) fn write(genes: &GenesQc, out: &mut dyn Write) -> Result<()> {
    out.write_all(b"{\"genes\":[")?;
    let covered = genes.genes.iter().filter(|gene| gene.whole.stats.bases > 0);
    for (i, own) in covered.enumerate() {
        out.write_all(if i == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, &gene(genes, own))?;
    }
    let region = (genes.whole.stats.bases > 0).then(|| CodingRegion {
        stats: Stats::of(&genes.whole),
        chrs: genes.contigs.iter().map(|(name, coverage)| chromosome(name, coverage)).collect(),
    });
    out.write_all(b"],\n\"coding_region\":")?;
    serde_json::to_writer(&mut *out, &region)?;
    out.write_all(b",\n\"whole_genome\":null,\n\"uncovered_genes\":")?;
    serde_json::to_writer(&mut *out, &uncovered(genes))?;
    out.write_all(b"}\n")
}
