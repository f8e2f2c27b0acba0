//! The genes that a variant touches with a consequence that counts.

use super::TierContext;
use crate::model::annotation::GeneRef;
use crate::model::candidate::Annotated;
use crate::model::panel::PanelHit;
use crate::model::so::SoTerm;
use crate::policy::compiled::TermClass;

/// One gene of a variant.
#[derive(Clone, Debug)]
pub(super) struct GeneHit {
    pub(super) gene: GeneRef,
    /// Most severe class among the transcripts that count.
    pub(super) class: TermClass,
    /// The transcript that stands for the gene.
    pub(super) consequence: usize,
    /// Its terms that count.
    pub(super) terms: Vec<SoTerm>,
    /// The same as the policy names them.
    pub(super) names: Vec<String>,
    /// Entries in the applied panels.
    pub(super) panels: Vec<PanelHit>,
}

/// ClinVar calls the variant pathogenic, by a review that the policy accepts.
pub(super) fn is_known(variant: &Annotated, cx: &TierContext<'_>) -> bool {
    cx.policy.known.as_ref().is_some_and(|policy| policy.counts(variant.clinvar.as_ref()))
}

/// Genes in the order of the annotation.
pub(super) fn genes(variant: &Annotated, cx: &TierContext<'_>) -> Vec<GeneHit> {
    let all = &variant.consequences;
    let mut found: Vec<GeneHit> = Vec::new();
    // METHOD: MANE Select, then canonical, then the first, among the transcripts of the gene's most severe class.
    let known = is_known(variant, cx);
    let rank = |i: usize, class: TermClass| (class, !all[i].mane_select, !all[i].canonical, i);
    for i in 0..all.len() {
        let gene = &all[i].gene;
        let on_panel = || cx.panels.lists_rna_gene(gene);
        let class = cx.terms.class_at(all, i);
        let class = match class {
            Some(class) => class,
            None if cx.terms.is_non_coding_at(all, i) && on_panel() => TermClass::NonCoding,
            None if known && cx.terms.is_within_at(all, i) => TermClass::Known,
            None => continue,
        };
        match found.iter_mut().find(|hit| hit.gene.key() == gene.key()) {
            Some(hit) => {
                if rank(i, class) < rank(hit.consequence, hit.class) {
                    hit.class = class;
                    hit.consequence = i;
                }
            }
            None => found.push(GeneHit {
                gene: gene.clone(),
                class,
                consequence: i,
                terms: Vec::new(),
                names: Vec::new(),
                panels: cx.panels.find(gene),
            }),
        }
    }
    for hit in &mut found {
        let terms = all[hit.consequence].terms.iter().copied();
        // Of RNA genes and known variants the annotation's own terms stand, since none is in a list.
        let listed =
            |term: &SoTerm| cx.terms.class(*term).is_some() || hit.class >= TermClass::NonCoding;
        hit.terms = terms.filter(listed).collect();
        let policy = &cx.policy.consequence;
        hit.names = hit.terms.iter().map(|&term| policy.resolve(term).to_owned()).collect();
    }
    found
}
