//! `germline1_loss`. What it says, its source and examples stand in [`EXPLANATION`].

use super::known::{own_gene, rarity};
use super::{PertinentRule, PertinentSeeker, Subject};
use crate::model::candidate::Tier;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

const ID: &str = "germline1_loss";

/// Text for `tierline explain germline1_loss`.
const EXPLANATION: Explanation = Explanation {
    id: ID,
    kind: ExplanationKind::Rule,
    title: "Germline Tier 1: a predicted loss of function, in a gene of the disease's panels",
    what: "In the germline calls of the normal sample, a term of pertinent.loss_terms in the transcript that counts of a green \
           gene of the case's germline_panels whose loss causes disease, unless ClinVar calls the variant benign or likely \
           benign with at least pertinent.min_stars stars. A gene's loss counts unless its panel says that losses do not \
           cause the disease, or lists it as an oncogene; the sources do not say how such genes are told.",
    sources: &["gel2mdt", "opencga", "ours"],
    fires: "A frameshift in BRCA2 that ClinVar does not know.",
    does_not: "A stop in the last exon of BRCA2 that an expert panel calls benign.",
};

/// The rule.
pub(super) struct Loss;

impl PertinentRule for Loss {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn tier(&self) -> Tier {
        Tier::Tier1
    }

    fn reasons(&self, subject: &Subject<'_>, cx: &PertinentSeeker<'_>) -> Vec<Reason> {
        let rules = cx.rules;
        let mut reasons = own_gene(ID, subject);
        let counted = if subject.counts { subject.terms.clone() } else { Vec::new() };
        let (terms, source) = (rules.loss_terms.value.clone(), &rules.loss_terms.source);
        reasons.push(
            Reason::new(ID, counted, Comparison::OneOf, terms, source)
                .text("Consequence in the transcript that counts."),
        );
        let mechanism = subject.own.iter().any(|gene| rules.loss_counts(gene));
        reasons.push(
            Reason::new(ID, mechanism, Comparison::Equals, true, "ours")
                .text("Loss of the gene causes disease."),
        );
        reasons.push(not_benign(ID, subject, cx));
        reasons.extend(rarity(ID, subject, cx));
        reasons
    }
}

/// ClinVar does not call the variant benign by a review that counts.
pub(super) fn not_benign(rule: &str, subject: &Subject<'_>, cx: &PertinentSeeker<'_>) -> Reason {
    let benign = cx.rules.is_benign(subject.variant.clinvar.as_ref());
    Reason::new(rule, benign, Comparison::Equals, false, &cx.rules.min_stars.source)
        .text("ClinVar calls the variant benign or likely benign with enough stars.")
}
