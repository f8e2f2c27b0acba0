//! Which genes and which of their transcripts count.

use std::collections::BTreeMap;

use crate::model::contig::ContigClass;
use crate::model::gene_model::{Gene, Mark, Transcript};
use crate::model::panel::MatchedBy;

use super::GeneSettings;

/// The genes of the model that count, with the panels that ask for each.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// Gene of the model and the panels that ask for it, ascending.
    pub(super) genes: BTreeMap<usize, Vec<u32>>,
    /// For each panel its genes: symbol, and the genes of the model that it means.
    pub(super) panels: Vec<Vec<(String, Vec<usize>)>>,
}

/// Chooses. Without a panel these are all genes that code for protein, when the model tells; with panels theirs.
pub(super) fn genes(settings: &GeneSettings) -> Chosen {
    let model = &settings.model.genes;
    let panels = settings.panels.panels();
    if panels.is_empty() {
        let codes = |gene: &Gene| gene.transcripts.iter().any(|t| t.cds.is_some());
        let all = settings.all_transcripts || !model.iter().any(codes);
        let chosen = model.iter().enumerate().filter(|(_, gene)| all || codes(gene));
        let genes = chosen.map(|(i, _)| (i, Vec::new())).collect();
        return Chosen { genes, panels: Vec::new() };
    }
    let mut found: BTreeMap<(usize, usize), (MatchedBy, Vec<usize>)> = BTreeMap::new();
    for (i, gene) in model.iter().enumerate() {
        for hit in settings.panels.find(&gene.names()) {
            let entry = found.entry((hit.panel, hit.gene)).or_insert((hit.by, Vec::new()));
            if hit.by < entry.0 {
                *entry = (hit.by, Vec::new());
            }
            if hit.by == entry.0 {
                entry.1.push(i);
            }
        }
    }
    let mut chosen = Chosen::default();
    for (p, panel) in panels.iter().enumerate() {
        let mut listed = Vec::new();
        for (g, gene) in panel.genes.iter().enumerate() {
            if gene.confidence.is_some_and(|confidence| confidence > settings.rating) {
                continue;
            }
            let mut meant = found.remove(&(p, g)).map(|(_, meant)| meant).unwrap_or_default();
            prefer_x(model, &mut meant);
            for &i in &meant {
                let asking = chosen.genes.entry(i).or_default();
                if asking.last() != Some(&(p as u32)) {
                    asking.push(p as u32);
                }
            }
            listed.push((gene.symbol.clone(), meant));
        }
        chosen.panels.push(listed);
    }
    chosen
}

/// METHOD: of a gene in the pseudoautosomal regions the copy on X is meant; the one on Y has no reads where it is masked.
fn prefer_x(model: &[Gene], meant: &mut Vec<usize>) {
    let class = |i: usize| ContigClass::of_name(&model[i].contig);
    if meant.iter().any(|&i| class(i) == ContigClass::X) {
        meant.retain(|&i| class(i) != ContigClass::Y);
    }
}

/// The transcripts that stand for the gene: those of the first group that is not empty.
// METHOD: MANE Select and Plus Clinical; the canonical one; coding ones of the basic set; coding ones; the basic set; all.
pub(super) fn transcripts(gene: &Gene, all: bool) -> Vec<&Transcript> {
    let groups: [fn(&Transcript) -> bool; 5] = [
        |t| t.mark <= Mark::ManePlusClinical,
        |t| t.mark == Mark::Canonical,
        |t| t.mark <= Mark::Basic && t.cds.is_some(),
        |t| t.cds.is_some(),
        |t| t.mark <= Mark::Basic,
    ];
    let of_group = |group: &fn(&Transcript) -> bool| -> Vec<&Transcript> {
        gene.transcripts.iter().filter(|t| group(t)).collect()
    };
    let chosen = groups.iter().filter(|_| !all).map(of_group).find(|found| !found.is_empty());
    chosen.unwrap_or_else(|| gene.transcripts.iter().collect())
}
