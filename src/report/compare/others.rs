//! Copy-number and structural variants and short tandem repeats in both results: which came, went, or changed tier or events, and
//! why.

use std::collections::BTreeMap;

use super::super::{shown, text};
use super::causes::Known;
use super::events::bare;
use super::other_causes::{self, Facts};
use crate::model::comparison::{Change, OtherMoved};
use crate::model::grade::{CallEvent, Grade, LookedFor};
use crate::model::results::CaseResults;
use crate::model::results::pertinent::PertinentFinding;
use crate::model::structural::Evidence;

/// What makes two calls the same: sort, contig, first and last base, what changed.
pub(super) type Key = (&'static str, String, u32, u32, String);

/// A call in one of the results.
pub(super) struct Seen<'a> {
    pub(super) contig: &'a str,
    tier: Option<Grade>,
    pub(super) events: &'a [CallEvent],
    pub(super) facts: Facts<'a>,
}

/// Everything that moved: into or out of the tiers first, then by place.
pub(super) fn moved(old: &CaseResults, new: &CaseResults, known: &Known<'_>) -> Vec<OtherMoved> {
    let mut both: BTreeMap<Key, [Option<Seen<'_>>; 2]> = BTreeMap::new();
    for (side, results) in [old, new].into_iter().enumerate() {
        for (key, seen) in calls(results) {
            both.entry(key).or_default()[side] = Some(seen);
        }
    }
    let mut all: Vec<OtherMoved> = both
        .iter()
        .filter_map(|(key, [was, is])| {
            let mut moved = of_one(key.clone(), was.as_ref(), is.as_ref())?;
            let other = other_causes::elsewhere(key, &both);
            moved.causes = other_causes::of((key, was.as_ref(), is.as_ref()), other, known);
            Some(moved)
        })
        .collect();
    let touched = |one: &OtherMoved| one.old.is_some() || one.new.is_some();
    all.sort_by_key(|one| !touched(one));
    all
}

fn calls(results: &CaseResults) -> impl Iterator<Item = (Key, Seen<'_>)> {
    let structural = results.structural.iter().map(|one| {
        let kind = if one.evidence == Evidence::Depth { "cnv" } else { "sv" };
        let mate = one.mate.as_ref().map(|mate| format!(" to {}:{}", mate.contig, mate.position));
        let what = text::word(one.kind) + &mate.unwrap_or_default();
        let key = (kind, bare(&one.contig), one.start, one.end, what);
        let facts = Facts::Structural(one);
        (key, Seen { contig: &one.contig, tier: one.tier, events: &one.events, facts })
    });
    let repeats = results.repeats.iter().map(|one| {
        let key = ("str", bare(&one.contig), one.start, one.end, one.unit.clone());
        let facts = Facts::Repeat(one);
        (key, Seen { contig: &one.contig, tier: one.tier, events: &one.events, facts })
    });
    structural.chain(repeats)
}

fn of_one(key: Key, was: Option<&Seen<'_>>, is: Option<&Seen<'_>>) -> Option<OtherMoved> {
    let (old, new) = (was.and_then(|seen| seen.tier), is.and_then(|seen| seen.tier));
    // The best tier is the least; none is behind all.
    let rank = |tier: Option<Grade>| (tier.is_none(), tier);
    let change = match (was, is) {
        (None, _) => Change::Gained,
        (_, None) => Change::Lost,
        _ if rank(new) < rank(old) => Change::Up,
        _ if rank(new) > rank(old) => Change::Down,
        _ => Change::Changed,
    };
    let words = |seen: Option<&Seen<'_>>| -> Vec<String> {
        let events = seen.map_or(&[][..], |seen| seen.events);
        let mut all: Vec<String> = events.iter().map(event).collect();
        all.sort();
        all.dedup();
        all
    };
    let (before, now) = (words(was), words(is));
    if change == Change::Changed && before == now {
        return None;
    }
    let only = |own: &[String], other: &[String]| -> Vec<String> {
        own.iter().filter(|word| !other.contains(word)).cloned().collect()
    };
    let contig = is.or(was)?.contig.to_owned();
    let (kind, _, start, end, what) = key;
    Some(OtherMoved {
        kind: kind.into(),
        contig,
        start,
        end,
        what,
        change,
        old,
        new,
        events_gained: only(&now, &before),
        events_lost: only(&before, &now),
        causes: Vec::new(),
    })
}

/// An event in words, without what depends on the other events of its results (its id and the number of its pair).
fn event(event: &CallEvent) -> String {
    let mut words = vec![
        event.tier.map_or_else(|| "no tier".into(), text::word),
        event.entity.shown(),
        text::word(event.mode_of_inheritance),
    ];
    words.extend((!event.segregation.is_empty()).then(|| event.segregation.clone()));
    words.extend(event.label.clone());
    words.extend(event.panel.as_ref().map(|panel| format!("{} {}", panel.name, panel.version)));
    if event.possible {
        words.push(format!("possible: {}", event.missing.join("; ")));
    }
    words.join(", ")
}

/// That germline findings of a tumour's patient differ: they are counted, and no cause is looked for.
pub(super) fn germline(old: &CaseResults, new: &CaseResults) -> Option<String> {
    let of = |results: &CaseResults| -> BTreeMap<_, _> {
        let one = |finding: &PertinentFinding| {
            let v = &finding.found.variant;
            let alleles = (v.reference.clone(), v.alternate.clone());
            let key = (bare(&v.contig), v.position, alleles, finding.found.gene.shown().to_owned());
            (key, (finding.tier, finding.possible))
        };
        shown::pertinent(results).iter().map(one).collect()
    };
    let (was, is) = (of(old), of(new));
    let gained = is.keys().filter(|key| !was.contains_key(key)).count();
    let lost = was.keys().filter(|key| !is.contains_key(key)).count();
    let changed = is.iter().filter(|(key, now)| was.get(key).is_some_and(|then| then != *now));
    let changed = changed.count();
    (gained + lost + changed > 0).then(|| {
        format!(
            "germline findings in the normal sample differ and are only counted here: {gained} gained, {lost} lost, \
             {changed} in another tier or doubt (germline.tsv lists them)"
        )
    })
}

/// Sorts that one of the results did not look for, so that what came or went says nothing about the rules.
pub(super) fn not_looked_for(old: &CaseResults, new: &CaseResults) -> Vec<String> {
    type Of = fn(&LookedFor) -> bool;
    let sorts: [(&str, Of); 3] = [
        ("copy-number variants", |looked| looked.copy_number),
        ("structural variants", |looked| looked.breakpoints),
        ("short tandem repeats", |looked| looked.repeats),
    ];
    let differs = |of: Of| -> Option<&'static str> {
        let [was, is] = [old, new].map(|results| results.looked_for.as_ref().is_some_and(of));
        (was != is).then_some(if is { "newer" } else { "older" })
    };
    let one = |(what, of): (&str, Of)| {
        differs(of).map(|which| format!("{what} were looked for in the {which} results only"))
    };
    sorts.into_iter().filter_map(one).collect()
}
