//! The panels as MultiQC custom content: a table with one row a sample and panel.

use std::io::{Result, Write};

use crate::model::gene_coverage::{GenesQc, LEVELS};

use super::tables::percent;

pub(super) fn write(genes: &GenesQc, sample: &str, out: &mut dyn Write) -> Result<()> {
    let threshold = genes.gap_below;
    writeln!(out, "# id: tierline_panels")?;
    writeln!(out, "# section_name: Panel coverage")?;
    writeln!(
        out,
        "# description: 'Depth over the genes of each panel (tierline), mapping quality 11 and more, without duplicates; \
         gaps are below {threshold}x.'"
    )?;
    writeln!(out, "# plot_type: table")?;
    let levels: Vec<String> = LEVELS.iter().map(|level| format!("at least {level}x (%)")).collect();
    writeln!(
        out,
        "Sample\tGenes\tNot assessed\tMean depth\tMedian depth\t{}\tGaps\tGap bases",
        levels.join("\t")
    )?;
    for panel in &genes.panels {
        let stats = &panel.whole.stats;
        let figure = |value: Option<f64>| value.map_or_else(String::new, |v| format!("{v:.2}"));
        let shares: Vec<String> =
            LEVELS.iter().map(|&level| percent(&panel.whole, level).replace("NA", "")).collect();
        writeln!(
            out,
            "{sample} panel {} v{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
            panel.id,
            panel.version,
            panel.genes,
            panel.not_assessed.len(),
            figure(stats.mean()),
            figure(stats.quartile(2)),
            shares.join("\t"),
            panel.whole.gaps,
            panel.whole.gap_bases
        )?;
    }
    Ok(())
}
