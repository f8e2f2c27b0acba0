//! The rules in words, for `tierline explain`.

use crate::model::explain::{Explanation, ExplanationKind};

/// All rules of this folder.
pub(in crate::tier) const ALL: &[&Explanation] =
    &[&AMPLIFICATION, &HOMOZYGOUS, &NEUTRAL, &FUSION, &TWO_HITS];

const AMPLIFICATION: Explanation = Explanation {
    id: "amplification",
    kind: ExplanationKind::Rule,
    title: "Amplification: many copies of a gene in the tumour",
    what: "A gain of the tumour that passes its FILTER, over an exon of a gene, with tumour_structural.amplification_copies copies \
           or more, or that many times the tumour's ploidy (tumour_structural.amplification_ploidies) where the caller tells it. \
           Fewer copies are a gain. The domain is that of the gene.",
    sources: &["pcgr", "gel-structural"],
    fires: "12 copies of an oncogene of domain 1.",
    does_not: "3 copies in a diploid tumour (a gain).",
};

const HOMOZYGOUS: Explanation = Explanation {
    id: "homozygous_deletion",
    kind: ExplanationKind::Rule,
    title: "Homozygous deletion: no copy of a gene is left in the tumour",
    what: "A loss of the tumour that passes its FILTER, over an exon of a gene, with fewer copies than \
           tumour_structural.homozygous_below. More copies, or an unknown number, are a loss.",
    sources: &["hmftools", "gel-structural"],
    fires: "0 copies of a tumour suppressor.",
    does_not: "1 copy (a loss).",
};

const NEUTRAL: Explanation = Explanation {
    id: "loss_of_heterozygosity",
    kind: ExplanationKind::Rule,
    title: "Loss of heterozygosity: both copies are of one parent",
    what: "As many copies as expected, all of one parent, by the kind of the record (SVTYPE LOH, CNLOH, no copy of the rarer \
           allele at two copies). A gain of which fewer copies of the rarer allele are left than tumour_structural.lost_below is \
           gain_with_loss_of_heterozygosity. The mark LossOfHeterozygosity tells small variants within copy-neutral ones.",
    sources: &["hmftools", "gel-structural"],
    fires: "2 copies, 0 of the rarer allele.",
    does_not: "2 copies, 1 of each parent.",
};

const FUSION: Explanation = Explanation {
    id: "fusion_candidate",
    kind: ExplanationKind::Rule,
    title: "Fusion candidate: a breakpoint joins two genes",
    what: "The two sides of a junction of the tumour lie in two different genes, introns included. Where the strands are known it is \
           told whether transcription of one runs into the other, and which gives the beginning. The reading frame is not looked \
           at. A gene of neither list is told when its partner is on one.",
    sources: &["gel-structural", "ours"],
    fires: "A breakend in an intron of one gene whose mate lies in another one.",
    does_not: "A deletion within one gene (a breakpoint).",
};

const TWO_HITS: Explanation = Explanation {
    id: "two_hits",
    kind: ExplanationKind::Rule,
    title: "Two hits: both copies of a tumour suppressor are hit",
    what: "A homozygous deletion, or a loss or loss of heterozygosity together with a truncating variant, in a gene that a list of \
           the case calls a tumour suppressor. A loss with a breakpoint, or two truncating variants or breakpoints, are possible \
           only: they may lie on one copy, or be one event. A deletion seen by its depth and by its breakpoints counts once.",
    sources: &["ours"],
    fires: "stop_gained and a loss of one copy.",
    does_not: "missense_variant and a loss of one copy.",
};
