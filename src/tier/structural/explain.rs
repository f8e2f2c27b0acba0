//! The rules in words, for `tierline explain`.

use crate::model::explain::{Explanation, ExplanationKind};

/// All rules of this folder.
pub(in crate::tier) const ALL: &[&Explanation] =
    &[&CNV_TIER_A, &CNV_TIER_B, &CNV_TIER_NULL, &STRUCTURAL_VARIANT, &STR_TIER1, &STR_TIER2];

const CNV_TIER_A: Explanation = Explanation {
    id: "cnv_tier_a",
    kind: ExplanationKind::Rule,
    title: "Tier A: a rare copy-number variant over a green region or gene",
    what: "A loss or gain of the proband with a FILTER that passes, longer than structural.alone_above_bp, or from \
           structural.min_reported_bp on where a structural variant of the same kind overlaps it reciprocally by \
           structural.reciprocal_overlap. It covers a green region of an applied panel of the same type as far as the region asks, \
           or touches a green gene. It is too common only when both frequencies exceed the limit of its kind; a frequency that is \
           not annotated is not assessed. Modes of inheritance and relatives play no part.",
    sources: &["gel-cnv", "ours"],
    fires: "A loss of 15 kb, PASS, over an exon of a green gene.",
    does_not: "A loss of 8 kb that no structural-variant caller saw (Tier Null).",
};

const CNV_TIER_B: Explanation = Explanation {
    id: "cnv_tier_b",
    kind: ExplanationKind::Rule,
    title: "Tier B: as Tier A, over what structural.tier_b lists",
    what: "No public text says what Tier B holds, so that by default nothing does. structural.tier_b may list amber_gene, \
           amber_region and partly_covered_region (a green region covered less than it asks); everything else is as for Tier A.",
    sources: &["ours"],
    fires: "A loss of 15 kb over an amber gene, with --set structural.tier_b=[\"amber_gene\"].",
    does_not: "The same by the preset alone (Tier Null).",
};

const CNV_TIER_NULL: Explanation = Explanation {
    id: "cnv_tier_null",
    kind: ExplanationKind::Rule,
    title: "Tier Null: a copy-number variant over other genes, or not sure enough",
    what: "A loss or gain of the proband that passes and is long enough to be reported, over genes that no panel lists as green, or \
           over a green gene or region but neither long enough for one caller nor confirmed by a second one.",
    sources: &["gel-cnv", "ours"],
    fires: "A gain of 50 kb over genes on no panel.",
    does_not: "A loss of 1.5 kb (not reported).",
};

const STRUCTURAL_VARIANT: Explanation = Explanation {
    id: "structural_variant",
    kind: ExplanationKind::Rule,
    title: "A structural variant that touches an exon of a green gene",
    what: "A deletion, duplication or insertion of the proband over an exon of a green gene, or an inversion or breakend whose \
           breakpoint lies in one. No public rule gives it a tier: it is reported without one, or with Tier B by \
           structural.breakpoint_tier. Without a gene model the whole gene counts.",
    sources: &["ours"],
    fires: "A deletion of 300 bp that takes an exon of a green gene away.",
    does_not: "An insertion between two exons.",
};

const STR_TIER1: Explanation = Explanation {
    id: "str_tier1",
    kind: ExplanationKind::Rule,
    title: "Tier 1: a repeat of pathogenic size",
    what: "A locus that an applied panel lists as green, found by coordinates and unit (any rotation, either strand), in an affected \
           member, FILTER passed. The upper bound of the confidence interval reaches the panel's pathogenic number: of the longest \
           allele, or of both where the panel's mode is biallelic (on X: where there are two). Unaffected members are not asked.",
    sources: &["gel-str", "ours"],
    fires: "HTT 38 units (36 to 41), pathogenic from 40.",
    does_not: "FXN with one allele of 900 units and one of 9: one_allele, no tier of its own.",
};

const STR_TIER2: Explanation = Explanation {
    id: "str_tier2",
    kind: ExplanationKind::Rule,
    title: "Tier 2: a repeat beyond normal size",
    what: "As str_tier1, but the upper bound reaches the panel's normal number only. A normal number of 0 is read as 1.",
    sources: &["gel-str", "ours"],
    fires: "HTT 35 units (34 to 37), normal below 36, pathogenic from 40.",
    does_not: "HTT 17 units.",
};
