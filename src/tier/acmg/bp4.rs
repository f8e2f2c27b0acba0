//! BP4: a calibrated score speaks against damage. What it says stands in [`EXPLANATION`].

use super::computational::{Side, look};
use super::{Applies, Code, Kind, Looked};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::Comparison;
use crate::model::results::acmg::{EvidenceType, Strength};
use crate::policy::acmg::ScorePolicy;

/// Text for `tierline explain BP4`.
const EXPLANATION: Explanation = Explanation {
    id: "BP4",
    kind: ExplanationKind::Evidence,
    title: "A calibrated predictor speaks against damage",
    what: "The score that decides about the consequence (as for PP3) reaches an interval that was calibrated for BP4; the \
           strongest one gives the strength. A missense variant whose REVEL is low may still change splicing: where another \
           deciding score (SpliceAI) reaches an interval of PP3, BP4 is not listed.",
    sources: &["acmg-2015", "pejaver-2022", "walker-2023", "ours"],
    fires: "A missense variant with REVEL 0.10 (moderate).",
    does_not: "A missense variant with REVEL 0.50, without a score, or with REVEL 0.10 and SpliceAI 0.95.",
};

/// The code.
pub(super) struct Bp4;

impl Code for Bp4 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Benign,
            category: "computational_and_predictive_data",
            weight: Strength::Supporting,
            modifier: 4,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let (comparison, interval) = (Comparison::AtMost, ScorePolicy::benign);
        let refuted_by = Some(ScorePolicy::pathogenic as _);
        look(looked, Side { code: EXPLANATION.id, comparison, interval, refuted_by, beside: false })
    }
}
