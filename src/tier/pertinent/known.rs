//! `germline1_known`. What it says, its source and examples stand in [`EXPLANATION`].

use super::{PertinentRule, PertinentSeeker, Subject};
use crate::model::annotation::{ClinVar, PATHOGENIC, PATHOGENIC_BY_SUBMISSIONS};
use crate::model::candidate::Tier;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

/// Id of the rule.
pub(super) const ID: &str = "germline1_known";

/// Text for `tierline explain germline1_known`.
const EXPLANATION: Explanation = Explanation {
    id: ID,
    kind: ExplanationKind::Rule,
    title: "Germline Tier 1: known to cause cancer, in a gene of the disease's panels",
    what: "In the germline calls of the normal sample, a variant of any consequence in a green gene of the case's \
           germline_panels that ClinVar calls pathogenic or likely pathogenic with at least pertinent.min_stars stars. Where \
           the annotation has no review status the finding is possible, with what is missing. Words in conflict (conflicting, \
           or benign beside pathogenic) are not known to cause it.",
    sources: &["gel2mdt", "opencga"],
    fires: "A missense variant in BRCA1, pathogenic by an expert panel (3 stars).",
    does_not: "The same with one star.",
};

/// The rule.
pub(super) struct Known;

impl PertinentRule for Known {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn tier(&self) -> Tier {
        Tier::Tier1
    }

    fn reasons(&self, subject: &Subject<'_>, cx: &PertinentSeeker<'_>) -> Vec<Reason> {
        let clinvar = subject.variant.clinvar.as_ref();
        let words = clinvar.map(|clinvar| clinvar.significance.clone()).unwrap_or_default();
        let pathogenic: Vec<String> = PATHOGENIC.iter().map(|&word| word.to_owned()).collect();
        let conflict = clinvar.is_some_and(in_conflict);
        let mut reasons = own_gene(ID, subject);
        reasons.push(Reason::new(ID, words, Comparison::OneOf, pathogenic, "gel2mdt"));
        reasons.push(
            Reason::new(ID, conflict, Comparison::Equals, false, "ours")
                .text("The words of ClinVar contradict one another."),
        );
        let stars = clinvar.and_then(|clinvar| clinvar.stars);
        let least = &cx.rules.min_stars;
        reasons.push(match stars {
            Some(stars) => {
                Reason::new(ID, u32::from(stars), Comparison::AtLeast, least.value, &least.source)
                    .text("Review stars of ClinVar.")
            }
            None => Reason::new(ID, "not stated", Comparison::Equals, "not stated", "ours")
                .text("The annotation has no review status of ClinVar."),
        });
        reasons.extend(rarity(ID, subject, cx));
        reasons
    }
}

/// ClinVar's words contradict one another, and no rule of submissions settled it.
fn in_conflict(clinvar: &ClinVar) -> bool {
    let words = &clinvar.significance;
    let benign = ["benign", "likely_benign", "benign/likely_benign"];
    let against =
        |word: &String| word.starts_with("conflicting") || benign.contains(&word.as_str());
    words.iter().any(against) && !words.iter().any(|word| word == PATHOGENIC_BY_SUBMISSIONS)
}

/// The gene is green on a panel of the disease.
pub(super) fn own_gene(rule: &str, subject: &Subject<'_>) -> Vec<Reason> {
    let text = "Green gene of a panel of this disease.";
    vec![Reason::new(rule, !subject.own.is_empty(), Comparison::Equals, true, "gel2mdt").text(text)]
}

/// Tier 1 asks for rarity only where the policy does.
pub(super) fn rarity(
    rule: &str,
    subject: &Subject<'_>,
    cx: &PertinentSeeker<'_>,
) -> Option<Reason> {
    cx.rules.tier1_rare.value.then(|| rare(rule, subject, cx))
}

/// Rarer than the limit of the gene; what is not assessed passes, and is told as missing.
pub(super) fn rare(rule: &str, subject: &Subject<'_>, cx: &PertinentSeeker<'_>) -> Reason {
    let limit = if subject.is_biallelic() {
        &cx.rules.max_frequency_biallelic
    } else {
        &cx.rules.max_frequency
    };
    let Some(value) = subject.frequency else {
        let word = "not assessed";
        return Reason::new(rule, word, Comparison::Equals, word, "ours")
            .text("No population frequency is annotated: rarity was not checked.");
    };
    Reason::new(rule, value, Comparison::Below, limit.value, &limit.source)
        .text("Largest population frequency.")
}
