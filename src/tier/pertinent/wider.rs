//! `germline3`. What it says, its source and examples stand in [`EXPLANATION`].

use super::known::rare;
use super::loss::not_benign;
use super::{PertinentRule, PertinentSeeker, Subject};
use crate::model::candidate::Tier;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};

const ID: &str = "germline3";

/// Text for `tierline explain germline3`.
const EXPLANATION: Explanation = Explanation {
    id: ID,
    kind: ExplanationKind::Rule,
    title: "Germline Tier 3: rare, in a gene of any cancer susceptibility panel",
    what: "In the germline calls of the normal sample, a reported consequence in the transcript that counts (or an exon of a \
           gene of pertinent.rna_genes) in a green gene of any germline panel, rarer than pertinent.max_frequency (genes whose \
           disease needs both copies: pertinent.max_frequency_biallelic), unless ClinVar calls it benign or likely benign with \
           at least pertinent.min_stars stars, and not in Tier 1.",
    sources: &["gel2mdt", "opencga"],
    fires: "A missense variant of uncertain significance at 0.0001 in PALB2.",
    does_not: "The same at 0.006, or one that an expert panel calls benign.",
};

/// The rule.
pub(super) struct Wider;

impl PertinentRule for Wider {
    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn tier(&self) -> Tier {
        Tier::Tier3
    }

    fn reasons(&self, subject: &Subject<'_>, cx: &PertinentSeeker<'_>) -> Vec<Reason> {
        let lists = &cx.policy.consequence;
        let mut limit: Vec<String> =
            [&lists.high.value, &lists.moderate.value].into_iter().flatten().cloned().collect();
        if subject.is_rna {
            limit.extend(cx.rules.rna_terms.value.iter().cloned());
        }
        let reported =
            if subject.counts || subject.is_rna { subject.terms.clone() } else { Vec::new() };
        vec![
            Reason::new(ID, reported, Comparison::OneOf, limit, &lists.high.source)
                .text("Consequence in the transcript that counts."),
            not_benign(ID, subject, cx),
            rare(ID, subject, cx),
        ]
    }
}
