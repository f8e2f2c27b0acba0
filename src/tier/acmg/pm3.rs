//! PM3: in trans with a known cause, recessive. What it says stands in [`EXPLANATION`].

use super::{Applies, Code, Kind, Looked};
use crate::model::annotation::ClinVar;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain PM3`.
const EXPLANATION: Explanation = Explanation {
    id: "PM3",
    kind: ExplanationKind::Evidence,
    title: "In trans with a variant that is known to cause the recessive disease",
    what: "The variant is one of a compound heterozygous pair for certain, and ClinVar calls its partner pathogenic or likely \
           pathogenic. That the pair lies in trans rests on the parents' genotypes or on phase sets.",
    sources: &["acmg-2015", "ours"],
    fires: "A missense variant from the mother, a pathogenic stop from the father.",
    does_not: "The same pair in a singleton without phase: trans is only possible.",
};

/// The code.
pub(super) struct Pm3;

impl Code for Pm3 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Pathogenic,
            category: "allelic_data",
            weight: Strength::Moderate,
            modifier: 3,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let (event, own) = (looked.event, &looked.candidate.variant);
        let group = event.group.filter(|_| !event.possible)?;
        let mut others = looked.results.candidates.iter().filter(|other| {
            other.variant != *own && other.events.iter().any(|e| e.group == Some(group))
        });
        let partner =
            others.find(|other| other.clinvar.as_ref().is_some_and(ClinVar::is_pathogenic))?;
        let words = partner.clinvar.iter().flat_map(|clinvar| clinvar.significance.clone());
        let limit: Vec<String> =
            crate::model::annotation::PATHOGENIC.iter().map(|&word| word.to_owned()).collect();
        let strength = &looked.rules.pm3_strength;
        let words: Vec<String> = words.collect();
        let text = format!(
            "Pair {group}, with the variant at {} {}>{}.",
            partner.variant.position, partner.variant.reference, partner.variant.alternate
        );
        let reason =
            Reason::new("PM3", words, Comparison::OneOf, limit, &strength.source).text(text);
        Some(Applies { strength: Some(strength.value), inputs: vec![reason] })
    }
}
