//! The tables, tab-separated with one header line.

use std::io::{Result, Write};

use crate::model::gene_coverage::{Coverage, GeneCoverage, GenesQc, LEVELS};
use crate::model::gene_model::Strand;

/// The columns of values, in every table.
fn value_head() -> String {
    let levels: Vec<String> = LEVELS.iter().map(|level| format!("pct_{level}x")).collect();
    let levels = levels.join("\t");
    format!("bases\tmean\tmedian\tq1\tq3\tmin\tsd\t{levels}\tgaps\tgap_bases\tnot_assessed_bases")
}

fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "NA".into(), |value| format!("{value:.2}"))
}

/// The share of bases that reach a depth, in percent.
pub(super) fn percent(coverage: &Coverage, level: u32) -> String {
    number(coverage.stats.share(level).map(|share| share * 100.0))
}

fn values(coverage: &Coverage) -> String {
    let stats = &coverage.stats;
    let least = if stats.bases == 0 { "NA".into() } else { stats.min.to_string() };
    let mut columns = vec![
        stats.bases.to_string(),
        number(stats.mean()),
        number(stats.quartile(2)),
        number(stats.quartile(1)),
        number(stats.quartile(3)),
        least,
        number(stats.sd()),
    ];
    columns.extend(LEVELS.map(|level| percent(coverage, level)));
    columns.extend(
        [coverage.gaps, coverage.gap_bases, coverage.not_assessed()].map(|n| n.to_string()),
    );
    columns.join("\t")
}

fn strand(gene: &GeneCoverage) -> &'static str {
    match gene.strand {
        Some(Strand::Forward) => "+",
        Some(Strand::Reverse) => "-",
        None => ".",
    }
}

/// Why no base of the gene, or not every base, could be looked at; `None` when all were.
pub(in crate::report) fn not_assessed(gene: &GeneCoverage) -> Option<String> {
    let whole = &gene.whole;
    if !gene.has_contig {
        Some(format!("not assessed: contig {} is not in the alignment", gene.contig))
    } else if whole.stats.bases == 0 {
        Some(format!("not assessed: behind the end of contig {}", gene.contig))
    } else if whole.not_assessed() > 0 {
        Some("partly assessed: bases behind the end of the contig".into())
    } else {
        None
    }
}

pub(super) fn panels(genes: &GenesQc, out: &mut dyn Write) -> Result<()> {
    let head = value_head();
    writeln!(
        out,
        "#panel\tname\tversion\tgenes\tgenes_not_assessed\tgenes_with_gaps\t{head}\tnot_assessed"
    )?;
    for (i, panel) in genes.panels.iter().enumerate() {
        let own = genes.genes.iter().filter(|gene| gene.panels.contains(&(i as u32)));
        let with_gaps = own.filter(|gene| gene.whole.gaps > 0).count();
        let missed: Vec<&str> = panel.not_assessed.iter().map(|gene| &*gene.symbol).collect();
        let names = if missed.is_empty() { ".".into() } else { missed.join(",") };
        let (id, name, version) = (&panel.id, &panel.name, &panel.version);
        writeln!(
            out,
            "{id}\t{name}\t{version}\t{}\t{}\t{with_gaps}\t{}\t{names}",
            panel.genes,
            missed.len(),
            values(&panel.whole)
        )?;
    }
    Ok(())
}

pub(super) fn genes(genes: &GenesQc, out: &mut dyn Write) -> Result<()> {
    let head = value_head();
    writeln!(
        out,
        "#gene\tgene_id\tcontig\tstart\tend\tstrand\ttranscripts\tpanels\t{head}\tstatus"
    )?;
    for gene in &genes.genes {
        let asking = gene.panels.iter().filter_map(|&i| genes.panels.get(i as usize));
        let panels: Vec<&str> = asking.map(|panel| &*panel.id).collect();
        let panels = if panels.is_empty() { ".".into() } else { panels.join(",") };
        let transcripts: Vec<&str> = gene.transcripts.iter().map(|t| &*t.id).collect();
        writeln!(
            out,
            "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{panels}\t{}\t{}",
            gene.symbol,
            gene.id,
            gene.contig,
            gene.span.start,
            gene.span.end,
            strand(gene),
            transcripts.join(","),
            values(&gene.whole),
            not_assessed(gene).unwrap_or_else(|| "assessed".into())
        )?;
    }
    let nothing = values(&Coverage::default());
    for panel in &genes.panels {
        // Genes on absent contigs have their row above: the model knows them.
        let missing = panel.not_assessed.iter();
        for gene in missing.filter(|missed| !genes.genes.iter().any(|g| g.symbol == missed.symbol))
        {
            let (symbol, reason) = (&gene.symbol, &gene.reason);
            let id = &panel.id;
            writeln!(out, "{symbol}\t.\t.\t.\t.\t.\t.\t{id}\t{nothing}\tnot assessed: {reason}")?;
        }
    }
    Ok(())
}

pub(super) fn transcripts(genes: &GenesQc, out: &mut dyn Write) -> Result<()> {
    let head = value_head();
    writeln!(out, "#gene\ttranscript\tmark\tcontig\tstrand\texons\t{head}")?;
    for gene in &genes.genes {
        for transcript in &gene.transcripts {
            writeln!(
                out,
                "{}\t{}\t{}\t{}\t{}\t{}\t{}",
                gene.symbol,
                transcript.id,
                transcript.mark.word(),
                gene.contig,
                strand(gene),
                transcript.exons.len(),
                values(&transcript.whole)
            )?;
        }
    }
    Ok(())
}

pub(super) fn exons(genes: &GenesQc, out: &mut dyn Write) -> Result<()> {
    let head = value_head();
    writeln!(out, "#contig\tstart\tend\tgene\ttranscript\texon\tstrand\t{head}")?;
    for gene in &genes.genes {
        for transcript in &gene.transcripts {
            for exon in &transcript.exons {
                let Some(block) = genes.blocks.get(exon.block as usize) else { continue };
                writeln!(
                    out,
                    "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                    gene.contig,
                    block.span.start,
                    block.span.end,
                    gene.symbol,
                    transcript.id,
                    exon.number,
                    strand(gene),
                    values(&block.whole)
                )?;
            }
        }
    }
    Ok(())
}
