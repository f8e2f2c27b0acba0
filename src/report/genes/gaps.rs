//! Gaps as BED: contig, start, end and the exons that each touches, `GENE|TRANSCRIPT|exonN` with commas between.

use std::io::{Result, Write};

use crate::model::coord::Span;
use crate::model::gene_coverage::{GeneCoverage, GenesQc};

/// One line a gap and gene, sorted by contig (in the order of the alignment), start, end and gene.
pub(super) fn write(genes: &GenesQc, out: &mut dyn Write) -> Result<()> {
    for of_contig in genes.genes.chunk_by(|a, b| a.contig == b.contig) {
        let mut gaps: Vec<(Span, usize)> = Vec::new();
        for (i, gene) in of_contig.iter().enumerate() {
            let blocks = gene.blocks.iter().filter_map(|&block| genes.blocks.get(block as usize));
            gaps.extend(blocks.flat_map(|block| &block.gaps).map(|&gap| (gap, i)));
        }
        gaps.sort_unstable();
        for (gap, i) in gaps {
            let gene = &of_contig[i];
            let names = touched(genes, gene, gap).join(",");
            writeln!(out, "{}\t{}\t{}\t{names}", gene.contig, gap.start, gap.end)?;
        }
    }
    Ok(())
}

fn touched(genes: &GenesQc, gene: &GeneCoverage, gap: Span) -> Vec<String> {
    let mut names = Vec::new();
    for transcript in &gene.transcripts {
        for exon in &transcript.exons {
            let block = genes.blocks.get(exon.block as usize);
            if block.is_some_and(|block| block.span.overlaps(gap)) {
                names.push(format!("{}|{}|exon{}", gene.symbol, transcript.id, exon.number));
            }
        }
    }
    names
}
