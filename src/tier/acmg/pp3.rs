//! PP3: a calibrated score speaks for damage. What it says stands in [`EXPLANATION`].

use super::computational::{Side, look};
use super::{Applies, Code, Kind, Looked};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::Comparison;
use crate::model::results::acmg::{EvidenceType, Strength};
use crate::policy::acmg::ScorePolicy;

/// Text for `tierline explain PP3`.
const EXPLANATION: Explanation = Explanation {
    id: "PP3",
    kind: ExplanationKind::Evidence,
    title: "A calibrated predictor speaks for damage",
    what: "The score that decides about the consequence (acmg.score, the first whose `decides` names one of its terms and that \
           has a value) reaches an interval that was calibrated for PP3; the strongest one gives the strength. One score \
           decides; the others that the annotation has are listed beside it. A score that is missing is not assessed. Where \
           the deciding score lies between its intervals, one of another mechanism whose `beside` names a term decides instead: a \
           missense variant of uncertain REVEL may change splicing. Not for null variants, which are PVS1's. Splice predictions and PVS1, or PM1 and a strong PP3, are not to be added up: that \
           is for a person.",
    sources: &["acmg-2015", "pejaver-2022", "walker-2023", "ours"],
    fires: "A missense variant with REVEL 0.80 (moderate); one with REVEL 0.50 and SpliceAI 0.60 (supporting).",
    does_not: "A missense variant with REVEL 0.50 and SpliceAI 0.10, or with CADD 30 and no REVEL.",
};

/// The code.
pub(super) struct Pp3;

impl Code for Pp3 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Pathogenic,
            category: "computational_and_predictive_data",
            weight: Strength::Supporting,
            modifier: 3,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let (comparison, interval) = (Comparison::AtLeast, ScorePolicy::pathogenic);
        look(
            looked,
            Side { code: EXPLANATION.id, comparison, interval, refuted_by: None, beside: true },
        )
    }
}
