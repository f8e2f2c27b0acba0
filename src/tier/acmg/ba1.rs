//! BA1: too common for any rare disease. What it says stands in [`EXPLANATION`].

use super::frequencies::largest;
use super::{Applies, Code, Kind, Looked};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain BA1`.
const EXPLANATION: Explanation = Explanation {
    id: "BA1",
    kind: ExplanationKind::Evidence,
    title: "More common in a population than any rare disease",
    what: "A frequency of at least acmg.ba1 in an assessed population that is not too small (acmg.small_populations).",
    sources: &["acmg-2015", "ours"],
    fires: "A frequency of 0.08 in one population.",
    does_not: "A frequency of 0.08 in a group of a few hundred people only.",
};

/// The code.
pub(super) struct Ba1;

impl Code for Ba1 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Benign,
            category: "population_data",
            weight: Strength::StandAlone,
            modifier: 1,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let found = largest(looked, &looked.rules.small_populations.value)?;
        let limit = &looked.rules.ba1;
        let reason =
            Reason::new("BA1", found.value, Comparison::AtLeast, limit.value, &limit.source)
                .text(format!("Largest known frequency: {} in {}.", found.value, found.population));
        let strength = Some(Strength::StandAlone);
        reason.holds.then(|| Applies { strength, inputs: vec![reason] })
    }
}
