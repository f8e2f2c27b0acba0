//! PM2: absent from populations, or very rare in them. What it says stands in [`EXPLANATION`].

use super::frequencies::largest;
use super::{Applies, Code, Kind, Looked, is_recessive};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain PM2`.
const EXPLANATION: Explanation = Explanation {
    id: "PM2",
    kind: ExplanationKind::Evidence,
    title: "Absent from population databases, or very rare",
    what: "The largest frequency among all assessed populations is at most the limit of the mode (acmg.pm2_dominant, \
           acmg.pm2_recessive). Where no population was assessed nothing is said. The guideline's moderate is used at \
           supporting, as the UK guideline has it.",
    sources: &["acmg-2015", "acgs-2024", "ours"],
    fires: "Not listed in any assessed population.",
    does_not: "A frequency of 0.0005 in one population, dominant.",
};

/// The code.
pub(super) struct Pm2;

impl Code for Pm2 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Pathogenic,
            category: "population_data",
            weight: Strength::Moderate,
            modifier: 2,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let found = largest(looked, &[])?;
        let rules = looked.rules;
        let recessive = is_recessive(looked.event.mode_of_inheritance);
        let limit = if recessive { &rules.pm2_recessive } else { &rules.pm2_dominant };
        let reason =
            Reason::new("PM2", found.value, Comparison::AtMost, limit.value, &limit.source)
                .text(format!("Largest known frequency: {} in {}.", found.value, found.population));
        let strength = Some(rules.pm2_strength.value);
        reason.holds.then(|| Applies { strength, inputs: vec![reason] })
    }
}
