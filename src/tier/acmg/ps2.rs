//! PS2: De novo, with parentage confirmed. What it says stands in [`EXPLANATION`].

use super::de_novo::{confirmed, inputs};
use super::{Applies, Code, Kind, Looked};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain PS2`.
const EXPLANATION: Explanation = Explanation {
    id: "PS2",
    kind: ExplanationKind::Evidence,
    title: "De novo, with parentage confirmed",
    what: "De novo, and identity checks confirm both parents: every pair of child and parent passed, and nobody went on in spite of a failure. Whether the phenotype is specific enough for more or less strength is for a person.",
    sources: &["acmg-2015", "ours"],
    fires: "A de novo variant, parents confirmed by relatedness.",
    does_not: "A de novo variant without identity checks: that is PM6.",
};

/// The code.
pub(super) struct Ps2;

impl Code for Ps2 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Pathogenic,
            category: "de_novo_data",
            weight: Strength::Strong,
            modifier: 2,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let confirmed = confirmed(looked)?;
        let strength = &looked.rules.ps2_strength;
        confirmed.then(|| Applies {
            strength: Some(strength.value),
            inputs: inputs(EXPLANATION.id, confirmed, &strength.source),
        })
    }
}
