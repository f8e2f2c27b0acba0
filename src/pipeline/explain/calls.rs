//! Why a copy-number or structural variant or a short tandem repeat of a case got its tier, or has none.

use super::super::additional::Beside;
use super::super::{structural, tiers, variants};
use crate::case::Case;
use crate::inputs::{self, Inputs};
use crate::model::candidate::Candidate;
use crate::model::coord::Span;
use crate::model::grade::CallEvent;
use crate::model::notice::Notice;
use crate::model::problem::{Problem, Problems};
use crate::model::structural::Evidence;
use crate::policy::layers::Resolved;
use crate::tier::additional::{has_closed, withhold_others};

/// One call that was asked about.
#[derive(Clone, Debug)]
pub struct CallTold {
    /// `1:10100001-10110001`, 1-based, both ends included.
    pub place: String,
    /// `cnv DRAGEN:LOSS:1 loss`: sort, id of the record, what changed.
    pub name: String,
    /// Its events, best first; empty when it is not reported.
    pub events: Vec<CallEvent>,
    /// Why it is not reported, as the notices of a case tell it.
    pub passed_over: Vec<Notice>,
}

/// What is known of a place.
#[derive(Clone, Debug)]
pub struct CallStory {
    /// One entry a call; empty when no file holds one, or nothing may be told of it.
    pub told: Vec<CallTold>,
    /// True when there are genes of which nothing may be told for want of consent.
    pub closed: bool,
}

/// Contig, first and last base of `CONTIG:START-END`; `None` for any other text.
pub fn place(text: &str) -> Option<(&str, u32, u32)> {
    let (contig, span) = text.rsplit_once(':')?;
    let (start, end) = span.split_once('-')?;
    let (start, end) = (start.parse().ok()?, end.parse().ok()?);
    (!contig.is_empty() && 0 < start && start <= end).then_some((contig, start, end))
}

/// Tells the story of the calls from `start` to `end` (1-based, both included), as the results name them.
///
/// # Errors
///
/// Faults of the inputs, or an unknown contig.
pub fn calls(
    case: &Case,
    policy: &Resolved,
    (options, threads): (&inputs::Options, usize),
    (contig, start, end): (&str, u32, u32),
) -> Result<CallStory, Problems> {
    let inputs = inputs::open(case, &policy.policy, options)?;
    let Some(id) = inputs.contigs.resolve(contig) else {
        let message = format!("contig \"{contig}\" is in none of the case's files");
        return Err(Problem::usage(message).into());
    };
    let at = (id, Span::from_one_based(start, end));
    let candidates = variants::find(case, &policy.policy, &inputs, (threads, None))?.candidates;
    Ok(look(case, policy, (&inputs, threads), (candidates, &|one, _| one.place() == at))?)
}

/// Whether a call is asked about, by what it is and by its events that may be told.
pub(super) type Asked<'a> = dyn Fn(&structural::One<'_>, &[CallEvent]) -> bool + 'a;

/// The calls of a case that are asked about. `candidates` are the variants that the filters keep: they may be partners.
///
/// # Errors
///
/// A damaged file or a malformed record.
pub(super) fn look(
    case: &Case,
    policy: &Resolved,
    (inputs, threads): (&Inputs, usize),
    (candidates, asked): (Vec<Candidate>, &Asked<'_>),
) -> Result<CallStory, Problem> {
    let all = structural::find(case, &policy.policy, inputs)?;
    let found = tiers(case, policy, (inputs, threads), (candidates, &all))?.1;
    let mut found = found.unwrap_or_default();
    let beside = Beside::new(case, inputs, &policy.policy, false);
    let seeker = beside.seeker();
    let closed = seeker.as_ref().is_some_and(|seeker| has_closed(&inputs.panels, seeker));
    if let Some(seeker) = &seeker {
        withhold_others(&mut found, &inputs.panels, seeker);
    }
    let mut told = Vec::new();
    for one in all.all() {
        let reported = one.events(&found);
        if !asked(&one, &reported) {
            continue;
        }
        // A call that is withheld must look as one that is not there.
        if reported.is_empty() && closed {
            continue;
        }
        let passed_over = if reported.is_empty() {
            alone(case, policy, (inputs, threads), &one)?
        } else {
            Vec::new()
        };
        let (contig, span) = one.place();
        let contig = inputs.contigs.name(contig);
        let place = format!("{contig}:{}-{}", span.start + 1, span.end);
        told.push(CallTold { place, name: one.name(), events: reported, passed_over });
    }
    Ok(CallStory { told, closed })
}

/// What the rules say of the call as if it were the only one.
fn alone(
    case: &Case,
    policy: &Resolved,
    inputs: (&Inputs, usize),
    one: &structural::One<'_>,
) -> Result<Vec<Notice>, Problem> {
    let (tiering, _) = tiers(case, policy, inputs, (Vec::new(), &one.alone()))?;
    Ok(tiering.notices)
}

impl structural::One<'_> {
    fn name(&self) -> String {
        match self {
            Self::Structural(one) => {
                let sort = if one.evidence == Evidence::Depth { "cnv" } else { "sv" };
                format!("{sort} {} {}", one.id, one.kind.symbol())
            }
            Self::Repeat(one) => format!("str {} {}", one.id, one.unit),
        }
    }
}
