//! `pertinent`: what may be a germline finding of a tumour's patient. What it says, its source and examples stand in
//! [`EXPLANATION`].

use super::{Decision, Filter, FilterContext};
use crate::model::annotation::ClinVar;
use crate::model::candidate::{Annotated, Part};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Text for `tierline explain pertinent`.
const EXPLANATION: Explanation = Explanation {
    id: "pertinent",
    kind: ExplanationKind::Filter,
    title: "Known to cause disease, or a consequence that counts, in the germline calls of a tumour's patient",
    what: "Keeps a variant that ClinVar calls pathogenic or likely pathogenic, or whose transcript that counts has a term of \
           the policy, or one of the terms of genes whose product is RNA. Used for germline findings only, which are looked \
           for with the patient's consent; the rules behind it (explain germline1_known) decide.",
    sources: &["opencga", "gel-cancer-consequences"],
    fires: "An intron variant that ClinVar does not know: dropped.",
    does_not: "A missense variant: kept for the rules.",
};

/// The filter.
pub(super) struct Pertinent;

impl Pertinent {
    fn words(variant: &Annotated, cx: &FilterContext<'_>) -> Vec<&'static str> {
        let all = &variant.consequences;
        let rna = cx.policy.pertinent.as_ref().map(|rules| &rules.rna_terms.value);
        let is_rna = |name: &str| rna.is_some_and(|terms| terms.iter().any(|term| term == name));
        let mut terms = all.iter().flat_map(|consequence| &consequence.terms);
        let found = [
            ("known", variant.clinvar.as_ref().is_some_and(ClinVar::is_pathogenic)),
            ("consequence", (0..all.len()).any(|i| cx.terms.class_at(all, i).is_some())),
            ("RNA", terms.any(|term| is_rna(term.name()))),
        ];
        found.into_iter().filter(|(_, is_so)| *is_so).map(|(word, _)| word).collect()
    }
}

impl Filter for Pertinent {
    fn needs(&self) -> Part {
        Part::Consequences
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Decision {
        Decision::keep_if(!Self::words(variant, cx).is_empty())
    }

    fn reasons(&self, variant: &Annotated, cx: &FilterContext<'_>) -> Vec<Reason> {
        let words = |list: &[&str]| list.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let limit = words(&["known", "consequence", "RNA"]);
        let found = words(&Self::words(variant, cx));
        vec![Reason::new(self.id(), found, Comparison::OneOf, limit, "opencga")]
    }
}
