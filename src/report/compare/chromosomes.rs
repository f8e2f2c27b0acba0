//! Whole chromosomes in both results: uniparental disomy and numbers of copies that came, went or changed.

use std::collections::BTreeMap;

use super::super::{chromosomes, shown, text};
use crate::model::comparison::{Change, OtherMoved};
use crate::model::results::CaseResults;
use crate::model::results::chromosomes::ParentSegment;

/// Kind, member, chromosome.
type Key = (&'static str, u16, String);

/// What one of the results says: first and last base, in words, the details.
type Said = (u32, u32, String, Vec<String>);

/// Everything that moved, in the order of members and chromosomes.
pub(super) fn moved(old: &CaseResults, new: &CaseResults) -> Vec<OtherMoved> {
    let mut both: BTreeMap<Key, [Option<Said>; 2]> = BTreeMap::new();
    for (side, results) in [old, new].into_iter().enumerate() {
        for (key, said) in findings(results) {
            both.entry(key).or_default()[side] = Some(said);
        }
    }
    both.into_iter().filter_map(|(key, [was, is])| of_one(key, was, is)).collect()
}

fn of_one(key: Key, was: Option<Said>, is: Option<Said>) -> Option<OtherMoved> {
    let change = match (&was, &is) {
        (None, _) => Change::Gained,
        (_, None) => Change::Lost,
        (Some(was), Some(is)) if was == is => return None,
        _ => Change::Changed,
    };
    let details = |said: &Option<Said>| {
        said.as_ref().map(|(_, _, what, details)| format!("{what}: {}", details.join("; ")))
    };
    let (before, now) = (details(&was), details(&is));
    let (kind, _, chromosome) = key;
    let (start, end, what, _) = is.or(was)?;
    Some(OtherMoved {
        kind: kind.into(),
        contig: chromosome,
        start,
        end,
        what,
        change,
        old: None,
        new: None,
        events_gained: now.into_iter().collect(),
        events_lost: before.into_iter().collect(),
        causes: Vec::new(),
    })
}

fn findings(results: &CaseResults) -> Vec<(Key, Said)> {
    let mut all = Vec::new();
    for member in shown::chromosomes(results) {
        for own in member.chromosomes.iter().filter(|own| own.inheritance.is_finding()) {
            let segment = |one: &ParentSegment| {
                let (origin, kind) = (one.origin.word(), one.kind.word());
                format!("{}-{} {origin} {kind}", one.start, one.end)
            };
            let key = ("upd", member.member, own.chromosome.clone());
            let start = own.segments.first().map_or(1, |one| one.start);
            let end = own.segments.last().map_or(start, |one| one.end);
            let details = own.segments.iter().map(segment).collect();
            all.push((key, (start, end, text::word(own.inheritance), details)));
        }
        for (own, copies) in chromosomes::aneuploid(member) {
            let key = ("copies", member.member, own.chromosome.clone());
            let said = format!("{copies} copies");
            all.push((key, (1, own.length.unwrap_or(1), said, vec!["by depth".into()])));
        }
    }
    all
}

/// That whole chromosomes were assessed in one of the results only.
pub(super) fn not_looked_for(old: &CaseResults, new: &CaseResults) -> Option<String> {
    let [was, is] = [old, new].map(|results| shown::chromosomes(results).next().is_some());
    let which = if is { "newer" } else { "older" };
    (was != is).then(|| format!("whole chromosomes were assessed in the {which} results only"))
}
