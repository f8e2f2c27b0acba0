//! ACMG/AMP evidence that the data hold, one code a file. Nothing here classifies: every code stands with what it rests on,
//! for the scientist who does.

mod ba1;
mod bp4;
mod bs1;
mod computational;
mod de_novo;
mod frequencies;
mod pm2;
mod pm3;
mod pm6;
mod pp3;
mod ps2;
mod pvs1;
#[cfg(test)]
mod tests;

use crate::model::candidate::TieringMode;
use crate::model::explain::Explanation;
use crate::model::reason::Reason;
use crate::model::results::acmg::{AcmgEvidence, EvidenceType, Strength};
use crate::model::results::{CandidateResult, CaseResults, EventResult};
use crate::policy::acmg::AcmgPolicy;

/// What a code looks at.
pub struct Looked<'a> {
    /// The whole case, for partners, panels and identity.
    pub results: &'a CaseResults,
    /// The variant.
    pub candidate: &'a CandidateResult,
    /// Under which event.
    pub event: &'a EventResult,
    /// Limits and strengths.
    pub rules: &'a AcmgPolicy,
}

/// What a code is by the guideline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// `PM2`.
    pub code: &'static str,
    /// For or against.
    pub kind: EvidenceType,
    /// What sort of evidence.
    pub category: &'static str,
    /// Weight that the guideline gives it.
    pub weight: Strength,
    /// Number behind its letters.
    pub modifier: u8,
}

/// A code that applies: its strength by the policy, and what it rests on.
pub struct Applies {
    /// `None` where a person decides.
    pub strength: Option<Strength>,
    /// What it rests on.
    pub inputs: Vec<Reason>,
}

/// One code.
pub trait Code: Send + Sync {
    /// What it is by the guideline.
    fn kind(&self) -> Kind;
    /// The code in words.
    fn explain(&self) -> &'static Explanation;
    /// Whether the data meet it; `None` also where they do not tell.
    fn look(&self, looked: &Looked<'_>) -> Option<Applies>;
}

/// All codes, for before against.
pub const CODES: &[&dyn Code] = &[
    &pvs1::Pvs1,
    &ps2::Ps2,
    &pm2::Pm2,
    &pm3::Pm3,
    &pm6::Pm6,
    &pp3::Pp3,
    &ba1::Ba1,
    &bs1::Bs1,
    &bp4::Bp4,
];

/// Adds to every germline event what evidence the data hold for it.
pub fn annotate(results: &mut CaseResults, rules: Option<&AcmgPolicy>) {
    let Some(rules) = rules else { return };
    let all: Vec<Vec<Vec<AcmgEvidence>>> = results
        .candidates
        .iter()
        .map(|candidate| {
            let of = |event| evidence(&Looked { results, candidate, event, rules });
            candidate.events.iter().map(of).collect()
        })
        .collect();
    for (candidate, evidence) in results.candidates.iter_mut().zip(all) {
        for (event, evidence) in candidate.events.iter_mut().zip(evidence) {
            event.evidence = evidence;
        }
    }
}

fn evidence(looked: &Looked<'_>) -> Vec<AcmgEvidence> {
    let found = CODES.iter().filter_map(|code| {
        let Applies { strength, inputs } = code.look(looked)?;
        let Kind { code, kind, category, weight, modifier } = code.kind();
        Some(AcmgEvidence {
            code: code.into(),
            kind,
            category: category.into(),
            weight,
            modifier,
            activation_strength: strength,
            inputs,
        })
    });
    found.collect()
}

/// Both alleles are needed under this mode.
fn is_recessive(mode: TieringMode) -> bool {
    matches!(mode, TieringMode::Biallelic | TieringMode::XlinkedBiallelic)
}
