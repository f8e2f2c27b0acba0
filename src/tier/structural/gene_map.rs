//! Where genes lie: of the case's gene model, else of the panels themselves.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::annotation::GeneRef;
use crate::model::contig::ContigId;
use crate::model::coord::Span;
use crate::model::gene_model::{Gene, GeneModel, Strand};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::PanelHit;
use crate::tier::TierContext;

/// One gene at one place.
#[derive(Clone, Debug)]
pub(in crate::tier) struct MappedGene {
    pub(in crate::tier) gene: GeneRef,
    /// Entries in the applied panels.
    pub(in crate::tier) panels: Vec<PanelHit>,
    /// From the first to the last base, 0-based half-open.
    pub(in crate::tier) span: Span,
    /// Exons of all transcripts; empty when only the panel says where the gene lies.
    pub(in crate::tier) exons: Vec<Span>,
    pub(in crate::tier) strand: Option<Strand>,
}

impl MappedGene {
    /// How many exons a stretch touches; `None` when exons are not known.
    pub(in crate::tier) fn exons_in(&self, span: Span) -> Option<usize> {
        (!self.exons.is_empty())
            .then(|| self.exons.iter().filter(|exon| exon.overlaps(span)).count())
    }

    /// Touches an exon; where exons are not known, the gene.
    pub(in crate::tier) fn touched_by(&self, span: Span) -> bool {
        self.exons_in(span).map_or_else(|| self.span.overlaps(span), |n| n > 0)
    }

    /// `3 of 12 exons`, `no exon of 12`, `exons not known`.
    pub(in crate::tier) fn touched_words(&self, span: Span) -> String {
        match self.exons_in(span) {
            None => "which exons is not known without a gene model".into(),
            Some(0) => format!("none of its {} exons", self.exons.len()),
            Some(n) => format!("{n} of its {} exons", self.exons.len()),
        }
    }
}

/// All genes by contig, sorted by start.
#[derive(Debug, Default)]
pub(in crate::tier) struct GeneMap {
    by_contig: BTreeMap<ContigId, Vec<MappedGene>>,
}

impl GeneMap {
    /// From the gene model, and for panel genes that it lacks (or all of them, without a model) from the places that PanelApp
    /// gives for the case's assembly. What was used is told.
    pub(in crate::tier) fn new(
        model: Option<&GeneModel>,
        cx: &TierContext<'_>,
    ) -> (Self, Vec<Notice>) {
        let mut map = Self::default();
        let mut known: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut passed_over = 0;
        for gene in model.map(|model| model.genes.as_slice()).unwrap_or_default() {
            let Some(contig) = cx.contigs.resolve(&gene.contig) else { continue };
            let Some(mapped) = of_model(gene, cx) else { continue };
            // What a panel or a list of cancer genes names counts whatever it is.
            if mapped.panels.is_empty()
                && !cx.lists.hold(&mapped.gene)
                && !is_considered(gene.biotype.as_deref(), cx)
            {
                passed_over += 1;
                continue;
            }
            known.extend(mapped.panels.iter().map(|hit| (hit.panel, hit.gene)));
            map.by_contig.entry(contig).or_default().push(mapped);
        }
        let (mut used, mut nowhere) = (0, 0);
        let mut taken: BTreeSet<(ContigId, Span, Vec<PanelHit>)> = BTreeSet::new();
        for (p, panel) in cx.panels.panels().iter().enumerate() {
            for (g, gene) in panel.genes.iter().enumerate() {
                if known.contains(&(p, g)) {
                    continue;
                }
                let place = gene.place(cx.assembly);
                let place =
                    place.and_then(|place| Some((cx.contigs.resolve(&place.contig)?, place)));
                let Some((contig, place)) = place else {
                    nowhere += u64::from(gene.is_green());
                    continue;
                };
                let gene = GeneRef {
                    ensembl: gene.ensembl.first().cloned(),
                    hgnc: gene.hgnc.clone(),
                    symbol: Some(gene.symbol.clone()),
                };
                let (panels, span) =
                    (cx.panels.find(&gene), Span::from_one_based(place.start, place.end));
                used += 1;
                if taken.insert((contig, span, panels.clone())) {
                    let mapped = MappedGene { gene, panels, span, exons: Vec::new(), strand: None };
                    map.by_contig.entry(contig).or_default().push(mapped);
                }
            }
        }
        for genes in map.by_contig.values_mut() {
            genes.sort_by(|a, b| (a.span, &a.gene).cmp(&(b.span, &b.gene)));
        }
        let mut notices = notices((model.is_some(), used, nowhere));
        if passed_over > 0 {
            let text = "genes on no panel or list have a biotype that the policy does not consider: copy-number and structural \
                        variants were not compared with them";
            notices.push(Notice::many(NoticeKind::Ignored, passed_over, text));
        }
        (map, notices)
    }

    /// Genes that a stretch touches, in their order.
    pub(in crate::tier) fn touching(
        &self,
        contig: ContigId,
        span: Span,
    ) -> impl Iterator<Item = &MappedGene> {
        let genes = self.by_contig.get(&contig).map(Vec::as_slice).unwrap_or_default();
        genes.iter().filter(move |gene| gene.span.overlaps(span))
    }
}

fn notices((has_model, used, nowhere): (bool, u64, u64)) -> Vec<Notice> {
    let mut notices = Vec::new();
    if !has_model {
        let text = "overlap of copy-number and structural variants with genes by the places that the panels give, from first to \
                    last base: exons, and genes on no panel, are not known without a gene model (`genes`)";
        notices.push(Notice::one(NoticeKind::NotAssessed, text));
    } else if used > 0 {
        let text = "panel genes are not in the gene model; for overlap with copy-number and structural variants the places of \
                    the panels were taken";
        notices.push(Notice::many(NoticeKind::Panel, used, text));
    }
    if nowhere > 0 {
        let text = "green genes have no known place: copy-number and structural variants were not compared with them";
        notices.push(Notice::many(NoticeKind::NotAssessed, nowhere, text));
    }
    notices
}

/// Of a biotype that counts; a gene whose biotype the model does not state counts.
fn is_considered(biotype: Option<&str>, cx: &TierContext<'_>) -> bool {
    let rna = cx.policy.non_coding.as_ref().map(|policy| &policy.biotypes.value);
    let is_rna = |biotype: &str| rna.is_some_and(|list| list.iter().any(|one| one == biotype));
    cx.policy.consequence.counts_biotype(biotype) || biotype.is_some_and(is_rna)
}

fn of_model(gene: &Gene, cx: &TierContext<'_>) -> Option<MappedGene> {
    let exons = gene.transcripts.iter().flat_map(|transcript| &transcript.exons);
    let all: BTreeSet<Span> = exons.map(|exon| exon.span).collect();
    // Exons of several transcripts that overlap are one.
    let mut exons: Vec<Span> = Vec::new();
    for span in all {
        match exons.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => exons.push(span),
        }
    }
    let span = Span::new(exons.first()?.start, exons.last()?.end);
    let names = gene.names();
    let strand = gene.strand;
    Some(MappedGene { panels: cx.panels.find(&names), gene: names, span, exons, strand })
}
