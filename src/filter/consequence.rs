//! `consequence`: effect on a gene. What it says, its source and examples stand in [`EXPLANATION`].

use super::{Decision, Filter, FilterContext};
use crate::model::annotation::{ClinVar, PATHOGENIC};
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain consequence`.
const EXPLANATION: Explanation = Explanation {
    id: "consequence",
    kind: ExplanationKind::Filter,
    title: "High or moderate impact on a transcript that counts",
    what: "Keeps a variant when a transcript of a biotype that the policy counts (for somatic cases the canonical one, where \
           the annotation marks one) has a high or moderate term of the policy, or when ClinVar calls the variant \
           pathogenic or likely pathogenic, or when it lies in an exon of a panel gene whose product is RNA.",
    sources: &["gel-tiers", "gel-biotypes", "gel-cancer-consequences", "ours"],
    fires: "synonymous_variant in every transcript: dropped.",
    does_not: "stop_gained in one protein_coding transcript: kept.",
};

/// The filter.
pub(super) struct ConsequenceFilter;

fn clinvar_words(variant: &Annotated) -> &[String] {
    variant.clinvar.as_ref().map_or(&[], |clinvar| clinvar.significance.as_slice())
}

/// Terms that count in genes whose product is RNA.
fn policy_rna<'a>(cx: &FilterContext<'a>) -> &'a [String] {
    cx.policy.non_coding.as_ref().map_or(&[], |policy| policy.terms.value.as_slice())
}

/// Consequence `i` is one in a panel gene whose product is RNA.
fn in_rna_gene(variant: &Annotated, i: usize, cx: &FilterContext<'_>) -> bool {
    let all = &variant.consequences;
    cx.rna_genes.is_some_and(|panels| {
        cx.terms.is_non_coding_at(all, i) && panels.lists_rna_gene(&all[i].gene)
    })
}

impl Filter for ConsequenceFilter {
    fn needs(&self) -> Part {
        Part::Consequences
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        let all = &variant.consequences;
        let counts = (0..all.len()).any(|i| cx.terms.class_at(all, i).is_some());
        let known = || variant.clinvar.as_ref().is_some_and(ClinVar::is_pathogenic);
        let rna = || (0..all.len()).any(|i| in_rna_gene(variant, i, cx));
        Decision::keep_if(counts || known() || rna())
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        let all = &variant.consequences;
        let policy = &cx.policy.consequence;
        let counted = (0..all.len()).filter(|&i| cx.terms.class_at(all, i).is_some());
        let terms = counted.flat_map(|i| &all[i].terms);
        let mut seen: Vec<String> = terms
            .filter(|&&term| cx.terms.class(term).is_some())
            .map(|&term| policy.resolve(term).to_owned())
            .collect();
        let text = if seen.is_empty() {
            let mut words: Vec<&str> =
                all.iter().flat_map(|c| &c.terms).map(|term| term.name()).collect();
            words.sort_unstable();
            words.dedup();
            format!(
                "No transcript that counts has a reported term; annotated: {}.",
                words.join(", ")
            )
        } else {
            format!(
                "{} of {} transcripts count with a reported term.",
                (0..all.len()).filter(|&i| cx.terms.class_at(all, i).is_some()).count(),
                all.len()
            )
        };
        let rna: &[String] = policy_rna(cx);
        let of_rna = (0..all.len()).filter(|&i| in_rna_gene(variant, i, cx));
        let words = of_rna.flat_map(|i| &all[i].terms).map(|term| term.name().to_owned());
        seen.extend(words.filter(|word| rna.contains(word)));
        seen.extend(clinvar_words(variant).iter().cloned());
        seen.sort_unstable();
        seen.dedup();
        let limit: Vec<String> = [&policy.high.value, &policy.moderate.value]
            .into_iter()
            .flatten()
            .cloned()
            .chain(rna.iter().cloned())
            .chain(PATHOGENIC.iter().map(|&word| word.to_owned()))
            .collect();
        vec![Reason::new(self.id(), seen, Comparison::OneOf, limit, &policy.high.source).text(text)]
    }
}
