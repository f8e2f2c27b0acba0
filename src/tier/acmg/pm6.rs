//! PM6: De novo, with parentage assumed. What it says stands in [`EXPLANATION`].

use super::de_novo::{confirmed, inputs};
use super::{Applies, Code, Kind, Looked};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::results::acmg::{EvidenceType, Strength};

/// Text for `tierline explain PM6`.
const EXPLANATION: Explanation = Explanation {
    id: "PM6",
    kind: ExplanationKind::Evidence,
    title: "De novo, with parentage assumed",
    what: "De novo for certain by the genotypes, but parentage rests on what the case states: identity checks were not made or did not pass.",
    sources: &["acmg-2015", "ours"],
    fires: "A de novo variant in a case without identity checks.",
    does_not: "A variant that is only possibly de novo, since a parent has no call.",
};

/// The code.
pub(super) struct Pm6;

impl Code for Pm6 {
    fn kind(&self) -> Kind {
        Kind {
            code: EXPLANATION.id,
            kind: EvidenceType::Pathogenic,
            category: "de_novo_data",
            weight: Strength::Moderate,
            modifier: 6,
        }
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn look(&self, looked: &Looked<'_>) -> Option<Applies> {
        let confirmed = confirmed(looked)?;
        let strength = &looked.rules.pm6_strength;
        (!confirmed).then(|| Applies {
            strength: Some(strength.value),
            inputs: inputs(EXPLANATION.id, confirmed, &strength.source),
        })
    }
}
