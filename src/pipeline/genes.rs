//! Green panel genes that the annotation never names: their variants, if any, could not be seen.

use std::collections::BTreeSet;

use super::variants::Found;
use crate::exec::stream::named_genes;
use crate::inputs::Inputs;
use crate::model::annotation::GeneRef;
use crate::model::panel::{PanelGene, PanelSet};
use crate::model::problem::Problem;
use crate::model::results::GenesNotAnnotated;

/// For each panel the green genes that no consequence of any file names, whatever filters dropped.
///
/// # Errors
///
/// When a variant file cannot be read again.
pub(super) fn not_annotated(
    inputs: &Inputs,
    found: &Found,
    threads: usize,
) -> Result<Vec<GenesNotAnnotated>, Problem> {
    let panels = &inputs.panels;
    let mut missing = unseen(panels, &found.genes);
    if missing.is_empty() {
        return Ok(Vec::new());
    }
    // Consequences of dropped records were not read: only a search of whole files can tell.
    for variants in &inputs.variants {
        let wanted: Vec<(usize, GeneRef)> = missing
            .iter()
            .enumerate()
            .flat_map(|(i, &(panel, gene))| {
                names(&panels.panels()[panel].genes[gene]).into_iter().map(move |name| (i, name))
            })
            .collect();
        let refs: Vec<GeneRef> = wanted.iter().map(|(_, name)| name.clone()).collect();
        let named = named_genes(&variants.file, &variants.layout, &refs, threads)?;
        let there: BTreeSet<usize> =
            wanted.iter().zip(named).filter(|(_, named)| *named).map(|((i, _), _)| *i).collect();
        missing = missing
            .into_iter()
            .enumerate()
            .filter(|(i, _)| !there.contains(i))
            .map(|(_, place)| place)
            .collect();
    }
    let mut lists: Vec<GenesNotAnnotated> = Vec::new();
    for (panel, gene) in missing {
        let panel = &panels.panels()[panel];
        let symbol = panel.genes[gene].symbol.clone();
        match lists.last_mut() {
            Some(list) if list.panel == panel.id => list.genes.push(symbol),
            _ => lists.push(GenesNotAnnotated { panel: panel.id.clone(), genes: vec![symbol] }),
        }
    }
    Ok(lists)
}

/// Panel and gene indexes of the green genes that none of these names finds.
fn unseen(panels: &PanelSet, genes: &BTreeSet<GeneRef>) -> Vec<(usize, usize)> {
    let seen: BTreeSet<(usize, usize)> =
        genes.iter().flat_map(|gene| panels.find(gene)).map(|hit| (hit.panel, hit.gene)).collect();
    let all = panels.panels().iter().enumerate().flat_map(|(p, panel)| {
        panel.genes.iter().enumerate().filter(|(_, gene)| gene.is_green()).map(move |(g, _)| (p, g))
    });
    all.filter(|place| !seen.contains(place)).collect()
}

/// The names under which an annotation may know a panel gene.
fn names(gene: &PanelGene) -> Vec<GeneRef> {
    let by_symbol = GeneRef {
        ensembl: gene.ensembl.first().cloned(),
        hgnc: gene.hgnc.clone(),
        symbol: Some(gene.symbol.clone()),
    };
    let more = gene
        .ensembl
        .iter()
        .skip(1)
        .map(|id| GeneRef { ensembl: Some(id.clone()), ..GeneRef::default() });
    std::iter::once(by_symbol).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::panel::{Confidence, Panel};

    #[test]
    fn only_green_genes_are_missed() {
        let gene = |symbol: &str, confidence| PanelGene {
            symbol: symbol.into(),
            confidence: Some(confidence),
            ..PanelGene::default()
        };
        let genes = vec![
            gene("SEEN", Confidence::Green),
            gene("AMBER", Confidence::Amber),
            gene("MISSED", Confidence::Green),
        ];
        let panels = PanelSet::new(vec![Panel { genes, ..Panel::default() }]);
        let named = GeneRef { symbol: Some("SEEN".into()), ..GeneRef::default() };
        assert_eq!(unseen(&panels, &BTreeSet::from([named])), [(0, 2)]);
    }
}
