//! `panel`: genes of the applied panels. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Decision, Filter, FilterContext, PanelGenes};
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::panel::PanelSet;
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain panel`.
const EXPLANATION: Explanation = Explanation {
    id: "panel",
    kind: ExplanationKind::Filter,
    title: "In a gene of an applied panel",
    what: "Keeps a variant with an annotated effect on a gene that an applied panel rates green (or, if so asked, lists at \
           all); genes of plain lists count as green. Genes are found by Ensembl id, HGNC id, symbol, alias. Whole-case \
           runs do not use this filter, since Tier 3 reaches beyond the panels.",
    sources: &["gel-tiers", "ours"],
    fires: "A variant in a gene that no panel names: dropped.",
    does_not: "A variant in a green gene, found under its former symbol: kept.",
};

/// The filter.
pub(super) struct InPanel;

fn in_panel(panels: &PanelSet, genes: PanelGenes, variant: &Annotated, i: usize) -> bool {
    let all = &variant.consequences;
    // Transcripts of one gene stand together; each gene is looked up once.
    if i > 0 && all[i - 1].gene == all[i].gene {
        return false;
    }
    panels
        .find(&all[i].gene)
        .into_iter()
        .any(|hit| genes == PanelGenes::Any || panels.gene(hit).is_green())
}

impl Filter for InPanel {
    fn needs(&self) -> Part {
        Part::Consequences
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        let Some(panels) = cx.panels else { return Decision::Keep };
        let mut places = 0..variant.consequences.len();
        Decision::keep_if(places.any(|i| in_panel(panels, cx.panel_genes, variant, i)))
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        let Some(panels) = cx.panels else {
            let word = "no panel";
            return vec![
                Reason::new(self.id(), word, Comparison::Equals, word, "ours")
                    .text("No panel is applied."),
            ];
        };
        let mut genes: Vec<String> = (0..variant.consequences.len())
            .filter(|&i| in_panel(panels, cx.panel_genes, variant, i))
            .map(|i| variant.consequences[i].gene.shown().to_owned())
            .collect();
        genes.sort_unstable();
        genes.dedup();
        let text = if genes.is_empty() {
            "No gene of the variant is on an applied panel.".to_owned()
        } else {
            format!("On an applied panel: {}.", genes.join(", "))
        };
        let observed = !genes.is_empty();
        vec![Reason::new(self.id(), observed, Comparison::Equals, true, "gel-tiers").text(text)]
    }
}
