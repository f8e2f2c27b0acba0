//! `tierline compare`: what moved between two results of one case, and why. Causes are named only where the two records
//! differ; where nothing differs that is said.

use serde_json::Value;

use crate::model::comparison::{
    COMPARE_VERSION, Change, Comparison, Grade, MoveCounts, Moved, Side,
};
use crate::model::problem::{Problem, Problems};
use crate::model::results::{CaseResults, RunRecord, Tool, VariantResult};
use crate::model::sample::Role;

mod causes;
mod chromosomes;
mod events;
mod other_causes;
mod others;
mod policy;
mod runs;
#[cfg(test)]
mod tests;
mod write;

pub use write::{json, schema, table, tsv};

use causes::Known;
use events::{Placed, Unit, units};

/// One of the two results as it was read.
#[derive(Clone, Debug)]
pub struct Given {
    /// The results.
    pub results: CaseResults,
    /// The record of the run that lies beside them, if there is one: it holds the policy where older results do not.
    pub run: Option<RunRecord>,
}

impl Given {
    /// The resolved policy, from the results or from the record of the same run.
    fn policy(&self) -> Option<&Value> {
        let own = self.results.policy.values.as_ref();
        let run = self.run.as_ref().filter(|run| run.policy_digest == self.results.policy.digest);
        own.or_else(|| run.map(|run| &run.policy))
    }
}

/// Compares two results of one case. `other_members` lets the two differ in who belongs to the case, beyond the proband.
///
/// # Errors
///
/// When the two are not of one case: other id, kind, assembly, or other members. The errors name what differs and no
/// identifier.
pub fn compare(old: &Given, new: &Given, other_members: bool) -> Result<Comparison, Problems> {
    same_case(&old.results, &new.results, other_members)?;
    let policies = match (old.policy(), new.policy()) {
        (Some(was), Some(is)) => Some(policy::differences(was, is)),
        _ => None,
    };
    let (runs, mut not_recorded) = runs::changes(&old.results, &new.results, policies.as_deref());
    let known = Known::new(&old.results, &new.results, policies.as_deref(), &runs);
    not_recorded.extend(others::not_looked_for(&old.results, &new.results));
    not_recorded.extend(others::germline(&old.results, &new.results));
    let mut counts = MoveCounts::default();
    let mut moved: Vec<(Key, Moved)> = Vec::new();
    for unit in units(&old.results, &new.results) {
        match of_unit(&unit, &known) {
            Some(found) => {
                count(&mut counts, &found);
                moved.push((key(&found, &unit, &known), found));
            }
            None => counts.unchanged += 1,
        }
    }
    moved.sort_by(|(a, _), (b, _)| a.cmp(b));
    let moved = moved.into_iter().map(|(_, moved)| moved).collect();
    not_recorded.extend(chromosomes::not_looked_for(&old.results, &new.results));
    let mut others = others::moved(&old.results, &new.results, &known);
    others.extend(chromosomes::moved(&old.results, &new.results));
    Ok(Comparison {
        schema_version: COMPARE_VERSION.into(),
        tool: Tool::this(),
        case: new.results.case.id.clone(),
        assembly: new.results.case.assembly,
        old: side(&old.results),
        new: side(&new.results),
        counts,
        runs,
        not_recorded,
        moved,
        others,
    })
}

fn side(results: &CaseResults) -> Side {
    Side {
        tool: results.tool.clone(),
        schema_version: results.schema_version.clone(),
        policy: format!("{} {}", results.policy.id, results.policy.version),
        policy_digest: results.policy.digest.clone(),
        variants: results.candidates.len() as u64,
        events: results.candidates.iter().map(|candidate| candidate.events.len() as u64).sum(),
        stopped: is_stopped(results),
    }
}

fn is_stopped(results: &CaseResults) -> bool {
    results.identity.as_ref().is_some_and(|identity| identity.stopped)
}

/// What makes two results those of one case.
fn same_case(old: &CaseResults, new: &CaseResults, other_members: bool) -> Result<(), Problems> {
    let mut problems = Problems::default();
    let mut differs = |what: &str| {
        let problem = Problem::bad_data(format!("the two results differ in {what}"))
            .help("compare takes two results of one case");
        problems.0.push(problem);
    };
    if old.case.id != new.case.id {
        differs("the id of the case");
    }
    if old.case.kind.starts_with("tumour") != new.case.kind.starts_with("tumour") {
        differs("the kind of case: one is a tumour, the other inherited disease");
    }
    if old.case.assembly != new.case.assembly {
        let (was, is) = (old.case.assembly, new.case.assembly);
        differs(&format!("the reference assembly, {was:?} and {is:?}"));
    }
    let members = (&old.case.members, &new.case.members);
    if !other_members && members.0.len() != members.1.len() {
        let (was, is) = (members.0.len(), members.1.len());
        differs(&format!(
            "the family, {was} and {is} members (--other-members goes on when relatives came or left)"
        ));
    } else if !other_members {
        for (was, is) in members.0.iter().zip(members.1) {
            let id = matches!((&was.id, &is.id), (Some(a), Some(b)) if a != b);
            if was.role != is.role {
                differs(&format!("the role of member {}", was.number));
            } else if id {
                differs(&format!("who member {} is", was.number));
            }
        }
    }
    let index = |results: &CaseResults| {
        let mut all = results.case.members.iter();
        all.find(|member| matches!(member.role, Role::Proband | Role::Tumour))
            .and_then(|m| m.id.clone())
    };
    if other_members && matches!((index(old), index(new)), (Some(a), Some(b)) if a != b) {
        differs("who the proband is");
    }
    problems.into_result()
}

/// The variant and gene with all that is told of its move; `None` when nothing moved.
fn of_unit(unit: &Unit<'_>, known: &Known<'_>) -> Option<Moved> {
    let (was, is) = (grade(unit.old.as_ref()), grade(unit.new.as_ref()));
    let events = events::differences(unit);
    let change = match (was, is) {
        (None, None) => return None,
        (None, Some(_)) => Change::Gained,
        (Some(_), None) => Change::Lost,
        (Some(was), Some(is)) if is < was => Change::Up,
        (Some(was), Some(is)) if is > was => Change::Down,
        _ if events.is_empty() => return None,
        _ => Change::Changed,
    };
    Some(Moved {
        variant: unit.variant().clone(),
        gene: unit.gene.clone(),
        change,
        old: was,
        new: is,
        look: look(change, (was, is), unit.variant()),
        causes: known.causes(unit),
        events_gained: events.gained,
        events_lost: events.lost,
        events_changed: events.changed,
    })
}

fn grade(side: Option<&Placed<'_>>) -> Option<Grade> {
    let events = side.into_iter().flat_map(|placed| &placed.events);
    let of = |event: &events::Told<'_>| {
        let event = event.event;
        event.tier.map(Grade::Tier).or_else(|| event.domain.map(Grade::Domain))
    };
    events.filter_map(of).min()
}

fn look(
    change: Change,
    (was, is): (Option<Grade>, Option<Grade>),
    variant: &VariantResult,
) -> Option<String> {
    let best = |grade: Option<Grade>| grade.filter(|grade| grade.is_best());
    let name = name(variant);
    match (change, best(was), best(is)) {
        (Change::Gained, _, Some(is)) => Some(format!("new in {}: assess it", is.shown())),
        (Change::Up, _, Some(is)) => Some(format!("risen to {}: assess it", is.shown())),
        (Change::Lost, Some(was), _) => Some(format!(
            "was {} and is not reported now: see whether it was reported out; `tierline explain CASE --variant {name}` \
             tells what keeps it back",
            was.shown()
        )),
        (Change::Down, Some(was), _) => {
            Some(format!("fell from {}: see whether it was reported out", was.shown()))
        }
        (_, _, Some(is)) => Some(format!("still {}, on other events", is.shown())),
        _ => None,
    }
}

/// `chr20:1234:A:T`.
fn name(variant: &VariantResult) -> String {
    let VariantResult { contig, position, reference, alternate } = variant;
    format!("{contig}:{position}:{reference}:{alternate}")
}

fn count(counts: &mut MoveCounts, moved: &Moved) {
    let best = |grade: Option<Grade>| grade.is_some_and(Grade::is_best);
    let better = matches!(moved.change, Change::Gained | Change::Up);
    let worse = matches!(moved.change, Change::Lost | Change::Down);
    counts.into_best += u64::from(better && best(moved.new));
    counts.out_of_best += u64::from(worse && best(moved.old));
    *match moved.change {
        Change::Gained => &mut counts.gained,
        Change::Lost => &mut counts.lost,
        Change::Up => &mut counts.up,
        Change::Down => &mut counts.down,
        Change::Changed => &mut counts.changed,
    } += 1;
}

/// Sorts what a scientist looks at first: new Tier 1, new Tier 2, what left them, what changed within them, the rest; then
/// by place.
type Key = (u8, Option<Grade>, usize, u32, String, String);

fn key(moved: &Moved, unit: &Unit<'_>, known: &Known<'_>) -> Key {
    let best = |grade: Option<Grade>| grade.is_some_and(Grade::is_best);
    let (class, grade) = match moved.change {
        Change::Gained | Change::Up if best(moved.new) => (0, moved.new),
        Change::Lost | Change::Down if best(moved.old) => (1, moved.old),
        Change::Changed if best(moved.new) => (2, moved.new),
        Change::Gained | Change::Up => (3, moved.new),
        Change::Lost | Change::Down => (4, moved.old),
        Change::Changed => (5, moved.new),
    };
    let variant = unit.variant();
    let contig = known.contig_rank(&variant.contig);
    let gene = moved.gene.shown().to_owned();
    (
        class,
        grade,
        contig,
        variant.position,
        format!("{}>{}", variant.reference, variant.alternate),
        gene,
    )
}
