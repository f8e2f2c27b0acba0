//! Green panel genes that the annotation never names: their variants, if any, could not be seen.

use std::collections::BTreeSet;

use crate::model::annotation::GeneRef;
use crate::model::panel::PanelSet;
use crate::model::results::GenesNotAnnotated;

/// For each panel the green genes that no consequence of any file names, whatever filters dropped.
pub(super) fn not_annotated(
    panels: &PanelSet,
    named: &BTreeSet<GeneRef>,
) -> Vec<GenesNotAnnotated> {
    let mut lists: Vec<GenesNotAnnotated> = Vec::new();
    for (panel, gene) in unseen(panels, named) {
        let panel = &panels.panels()[panel];
        let symbol = panel.genes[gene].symbol.clone();
        match lists.last_mut() {
            Some(list) if list.panel == panel.id => list.genes.push(symbol),
            _ => lists.push(GenesNotAnnotated { panel: panel.id.clone(), genes: vec![symbol] }),
        }
    }
    lists
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::panel::{Confidence, Panel, PanelGene};

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
