//! What PP3 and BP4 share: which score decides, and what the others say.

use super::{Applies, Looked};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::ScoreResult;
use crate::model::results::acmg::Strength;
use crate::policy::acmg::ScorePolicy;

/// The strongest interval of one side that a value reaches, with its limit.
type Interval = fn(&ScorePolicy, f64) -> Option<(Strength, f64)>;

/// The side of the intervals that a code looks at.
#[derive(Clone, Copy)]
pub(super) struct Side {
    /// `PP3` or `BP4`.
    pub(super) code: &'static str,
    /// How the value is held against the limit.
    pub(super) comparison: Comparison,
    /// The strongest interval that a value reaches, with its limit.
    pub(super) interval: Interval,
    /// The interval of another deciding score that speaks against the code.
    pub(super) refuted_by: Option<Interval>,
    /// Whether a score of another mechanism counts where the deciding one lies between its intervals.
    pub(super) beside: bool,
}

/// The deciding score's interval first, then the values of all others. `None` where no score decides, or between the intervals.
pub(super) fn look(looked: &Looked<'_>, side: Side) -> Option<Applies> {
    let consequence = looked.candidate.consequences.get(looked.event.consequence as usize)?;
    let has = |terms: &[String]| consequence.terms.iter().any(|term| terms.contains(&term.name));
    // What takes the protein away is PVS1's matter, and is not counted a second time.
    if has(&looked.rules.null_terms.value) {
        return None;
    }
    let value_of = |policy: &ScorePolicy| {
        consequence.scores.iter().find(|score| score.id == policy.id).and_then(|score| score.value)
    };
    let mut deciding = looked.rules.scores.iter().filter(|policy| has(&policy.decides.value));
    let (policy, value) = deciding.find_map(|policy| Some((policy, value_of(policy)?)))?;
    let own = (side.interval)(policy, value).map(|found| (policy, value, found));
    // METHOD: a protein predictor between its intervals says nothing, and nothing at all of splicing: a splice predictor beside it is
    // no second choice of one kind of evidence.
    let open = policy.pathogenic(value).is_none() && policy.benign(value).is_none();
    let mut others = looked.rules.scores.iter().filter(|other| {
        side.beside && open && other.beside.as_ref().is_some_and(|terms| has(&terms.value))
    });
    let beside = || {
        others.find_map(|other| {
            let value = value_of(other)?;
            Some((other, value, (side.interval)(other, value)?))
        })
    };
    let (policy, value, (strength, limit)) = own.or_else(beside)?;
    // A change that spares the protein's fold may still break the transcript.
    let refuted = |other: &ScorePolicy| {
        let opposite = side.refuted_by.zip(value_of(other));
        let decides = !other.decides.value.is_empty() && other.id != policy.id;
        decides && opposite.is_some_and(|(interval, value)| interval(other, value).is_some())
    };
    if looked.rules.scores.iter().any(refuted) {
        return None;
    }
    let text = format!("{} {value} decides: {}.", policy.title, strength.name().replace('_', " "));
    let decides = Reason::new(side.code, value, side.comparison, limit, &policy.source).text(text);
    let others = consequence.scores.iter().filter(|score| score.id != policy.id);
    let shown = others.filter_map(|score| shown(looked, side, score));
    Some(Applies {
        strength: Some(strength),
        inputs: std::iter::once(decides).chain(shown).collect(),
    })
}

/// A score that does not decide, with what it would say on this side.
fn shown(looked: &Looked<'_>, side: Side, score: &ScoreResult) -> Option<Reason> {
    let policy = looked.rules.scores.iter().find(|policy| policy.id == score.id)?;
    let value = score.value?;
    let says = match (side.interval)(policy, value) {
        Some((strength, _)) => format!("would be {}_{}", side.code, strength.name()),
        None => format!("would not be {}", side.code),
    };
    let text = format!("{} {value} is shown only: {says}.", policy.title);
    Some(Reason::new(side.code, value, Comparison::Equals, value, &policy.source).text(text))
}
