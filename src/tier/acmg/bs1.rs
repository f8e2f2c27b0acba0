//! BS1: more common than the disease allows. What it says stands in [`EXPLANATION`].

use super::frequencies::largest;
use super::{Applies, Code, Kind, Looked, is_recessive};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain BS1`.
const EXPLANATION: Explanation = Explanation {
    id: "BS1",
    kind: ExplanationKind::Evidence,
    title: "More common than expected for the disease",
    what: "A frequency of at least acmg.bs1_dominant or acmg.bs1_recessive, by the mode, in an assessed population that is not \
           too small, and below acmg.ba1. What a disease allows depends on the disease: the limits are defaults of this program.",
    sources: &["acmg-2015", "ours"],
    fires: "A frequency of 0.02 in one population, recessive.",
    does_not: "A frequency of 0.08: that is BA1.",
};

/// The code.
pub(super) struct Bs1;

impl Code for Bs1 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Benign,
            category: "population_data",
            weight: Strength::Strong,
            modifier: 1,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let rules = looked.rules;
        let found = largest(looked, &rules.small_populations.value)?;
        let recessive = is_recessive(looked.event.mode_of_inheritance);
        let limit = if recessive { &rules.bs1_recessive } else { &rules.bs1_dominant };
        let least =
            Reason::new("BS1", found.value, Comparison::AtLeast, limit.value, &limit.source)
                .text(format!("Largest known frequency: {} in {}.", found.value, found.population));
        let below =
            Reason::new("BS1", found.value, Comparison::Below, rules.ba1.value, &rules.ba1.source);
        let strength = Some(Strength::Strong);
        (least.holds && below.holds).then(|| Applies { strength, inputs: vec![least, below] })
    }
}
