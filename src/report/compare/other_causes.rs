//! Recorded differences that may have moved a copy-number or structural variant or a repeat: of the call, of its genes, regions and
//! repeats on the panels, of the runs.

use std::collections::BTreeMap;

use super::super::text;
use super::causes::{Known, PanelPair, on_panel};
use super::others::{Key, Seen};
use super::policy::Differs;
use crate::model::annotation::GeneRef;
use crate::model::comparison::{Cause, CauseKind, Scope};
use crate::model::grade::{CallEvent, Entity, LookedFor};
use crate::model::repeat::RepeatAllele;
use crate::model::results::structural::{RepeatResult, StructuralResult};
use crate::model::results::{CaseResults, PanelSummary};
use crate::model::structural::StructuralKind;

/// A call as a result holds it.
#[derive(Clone, Copy)]
pub(super) enum Facts<'a> {
    Structural(&'a StructuralResult),
    Repeat(&'a RepeatResult),
}

/// Share of each other that two calls overlap which may be one call with other ends.
const SAME_CALL: f64 = 0.5;

/// A call of the same sort that stands in one of the results only and overlaps this one, which stands in the other only.
pub(super) fn elsewhere<'k>(
    key: &Key,
    both: &'k BTreeMap<Key, [Option<Seen<'_>>; 2]>,
) -> Option<&'k Key> {
    let lone = |sides: &[Option<Seen<'_>>; 2]| match sides {
        [Some(_), None] => Some(0),
        [None, Some(_)] => Some(1),
        _ => None,
    };
    let own = lone(both.get(key)?)?;
    let (kind, contig, start, end, what) = key;
    let shared = |other: &Key| {
        let common =
            (f64::from(*end.min(&other.3)) - f64::from(*start.max(&other.2)) + 1.0).max(0.0);
        let longest = end.saturating_sub(*start).max(other.3.saturating_sub(other.2));
        common / (f64::from(longest) + 1.0)
    };
    let same = |other: &Key| (&other.0, &other.1, &other.4) == (kind, contig, what);
    let others = both.iter().filter(|(other, sides)| {
        same(other) && lone(sides).is_some_and(|side| side != own) && shared(other) >= SAME_CALL
    });
    others.map(|(other, _)| other).max_by(|a, b| shared(a).total_cmp(&shared(b)))
}

/// Every recorded difference that may have moved the call, the nearest first.
pub(super) fn of(
    (key, was, is): (&Key, Option<&Seen<'_>>, Option<&Seen<'_>>),
    elsewhere: Option<&Key>,
    known: &Known<'_>,
) -> Vec<Cause> {
    let mut all = Vec::new();
    if let (Some(was), Some(is)) = (was, is) {
        facts(was, is, &mut all);
    } else {
        came_or_went((key, was.is_some()), elsewhere, known, &mut all);
    }
    let both = || [was, is].into_iter().flatten();
    let events: Vec<&CallEvent> = both().flat_map(|seen| seen.events).collect();
    for pair in &known.panels {
        entities(pair, &events, &mut all);
    }
    repeat_limits(was, is, &mut all);
    for differs in known.policies.into_iter().flatten() {
        let (kind, what) = if let Some(what) = both().find_map(|seen| limit(differs, seen)) {
            ((Scope::Variant, CauseKind::Frequency), what)
        } else if concerns(differs, key, &events) {
            ((Scope::Run, CauseKind::Policy), differs.key.clone())
        } else {
            continue;
        };
        all.push(Cause::new(kind, what, (differs.old.clone(), differs.new.clone())));
    }
    let runs = known.runs.iter().filter(|change| change.may_move);
    let is_pair = events.iter().any(|event| !event.segregation.is_empty());
    let concerned = runs.filter(|change| may_concern(&change.cause, (key, is_pair)));
    all.extend(concerned.map(|change| change.cause.clone()));
    all.sort();
    all.dedup();
    all
}

/// What is recorded of the call on both sides.
fn facts(was: &Seen<'_>, is: &Seen<'_>, all: &mut Vec<Cause>) {
    let (old, new) = (was.facts.texts(), is.facts.texts());
    let mut names: Vec<&(CauseKind, String)> = new.keys().chain(old.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        let text = |side: &BTreeMap<(CauseKind, String), String>| {
            side.get(name).cloned().unwrap_or_else(|| "not recorded".into())
        };
        let (was, is) = (text(&old), text(&new));
        if was != is {
            all.push(Cause::new((Scope::Variant, name.0), name.1.clone(), (was, is)));
        }
    }
}

/// Why a call stands in one of the results only, as far as the records tell.
fn came_or_went(
    (key, went): (&Key, bool),
    elsewhere: Option<&Key>,
    known: &Known<'_>,
    all: &mut Vec<Cause>,
) {
    let kind = (Scope::Variant, CauseKind::Call);
    let place = |key: &Key| format!("{}-{}", key.2, key.3);
    let mut note = |what: &str, here: String, there: String| {
        let texts = if went { (here, there) } else { (there, here) };
        all.push(Cause::new(kind, what, texts));
    };
    if let Some(other) = elsewhere {
        note("a call of the same sort with other ends", place(key), place(other));
    }
    let looked = |results: &CaseResults| {
        results.looked_for.as_ref().is_some_and(|looked| is_looked_for(looked, key.0))
    };
    let word = |looked: bool| if looked { "yes" } else { "no" };
    let (was, is) = (looked(known.old), looked(known.new));
    if was != is {
        let what = format!("{} looked for", sort(key.0));
        all.push(Cause::new(kind, what, (word(was), word(is))));
    }
}

fn sort(kind: &str) -> &'static str {
    match kind {
        "cnv" => "copy-number variants",
        "sv" => "structural variants",
        _ => "short tandem repeats",
    }
}

fn is_looked_for(looked: &LookedFor, kind: &str) -> bool {
    match kind {
        "cnv" => looked.copy_number,
        "sv" => looked.breakpoints,
        _ => looked.repeats,
    }
}

impl Facts<'_> {
    /// What may decide about the call, by name.
    fn texts(&self) -> BTreeMap<(CauseKind, String), String> {
        let mut all = BTreeMap::new();
        match self {
            Self::Structural(one) => {
                all.insert((CauseKind::Call, "FILTER".to_owned()), one.filters.join(";"));
                let confirmed = one.confirmed_by.len().to_string();
                let what = "structural variants that confirm it".to_owned();
                all.insert((CauseKind::Call, what), confirmed);
                for value in &one.values {
                    let what = format!("frequency {}", value.key);
                    all.insert((CauseKind::Frequency, what), value.value.to_string());
                }
                for call in &one.calls {
                    let what =
                        format!("call of member {} ({})", call.member, text::word(call.role));
                    let copies = call.copy_number.map(|n| format!("{n} copies"));
                    let filter = call.sample_filter.clone();
                    let words = [Some(call.genotype.clone()), copies, filter];
                    let words: Vec<String> = words.into_iter().flatten().collect();
                    all.insert((CauseKind::Call, what), words.join(", "));
                }
            }
            Self::Repeat(one) => {
                for call in &one.calls {
                    let what =
                        format!("call of member {} ({})", call.member, text::word(call.role));
                    let sizes: Vec<String> = call.alleles.iter().map(size).collect();
                    let filters = call.filters.join(";");
                    let words = format!("{} units, FILTER {filters}", sizes.join("/"));
                    all.insert((CauseKind::Call, what), words);
                }
            }
        }
        all
    }
}

/// `38 (36-41)`.
fn size(allele: &RepeatAllele) -> String {
    let interval = allele.interval.map(|[least, most]| format!(" ({least}-{most})"));
    format!("{}{}", allele.units, interval.unwrap_or_default())
}

/// The genes, regions and repeats of the events on one panel, before and now.
fn entities(pair: &PanelPair<'_>, events: &[&CallEvent], all: &mut Vec<Cause>) {
    for event in events {
        match &event.entity {
            Entity::Region(name) => listed(pair, ("region", name), all),
            Entity::Repeat(name) => listed(pair, ("repeat", name), all),
            Entity::Gene(name) => {
                let gene = GeneRef { symbol: Some(name.clone()), ..GeneRef::default() };
                on_panel(pair, event.gene.as_ref().unwrap_or(&gene), all);
            }
            Entity::Genes(names) => {
                for name in names {
                    let gene = GeneRef { symbol: Some(name.clone()), ..GeneRef::default() };
                    on_panel(pair, &gene, all);
                }
            }
        }
    }
}

/// A region or repeat on one panel. Of these a result records the names only: where both versions list it, the version is all that
/// can be told.
fn listed(pair: &PanelPair<'_>, (sort, name): (&str, &String), all: &mut Vec<Cause>) {
    let (was, is) =
        (pair.old.as_ref().map(|(panel, _)| *panel), pair.new.as_ref().map(|(panel, _)| *panel));
    let lists = |panel: Option<&PanelSummary>| panel.is_some_and(|p| p.entities.contains(name));
    let word = |panel: Option<&PanelSummary>| match panel {
        None => "not applied".to_owned(),
        Some(panel) if lists(Some(panel)) => format!("listed in {}", panel.version),
        Some(panel) => format!("not listed in {}", panel.version),
    };
    let texts = (word(was), word(is));
    if lists(was) != lists(is) {
        let what = format!("{sort} {name} on panel {}", pair.name);
        all.push(Cause::new((Scope::Gene, CauseKind::Panel), what, texts));
    } else if let (Some(was), Some(is)) = (was, is)
        && lists(Some(was))
        && was.sha256 != is.sha256
    {
        let what =
            format!("panel {} (rating and limits of its {sort}s are not recorded)", pair.name);
        let texts = (was.version.clone(), is.version.clone());
        all.push(Cause::new((Scope::Run, CauseKind::Panel), what, texts));
    }
}

/// Limits of a repeat that both sides record for one panel.
fn repeat_limits(was: Option<&Seen<'_>>, is: Option<&Seen<'_>>, all: &mut Vec<Cause>) {
    let (Some(was), Some(is)) = (was, is) else { return };
    for now in is.events {
        let (Some(limits), Some(panel)) = (now.repeat_limits, &now.panel) else { continue };
        let same = |event: &&CallEvent| {
            event.entity == now.entity && event.panel.as_ref().is_some_and(|p| p.id == panel.id)
        };
        let before = was.events.iter().find(same).and_then(|event| event.repeat_limits);
        if let Some(before) = before.filter(|before| *before != limits) {
            let what = format!("limits of {} on panel {}", now.entity.shown(), panel.name);
            let text = |[normal, pathogenic]: [u32; 2]| format!("{normal} and {pathogenic} units");
            let texts = (text(before), text(limits));
            all.push(Cause::new((Scope::Gene, CauseKind::Panel), what, texts));
        }
    }
}

/// The limit in words, where it is one of the call's kind and what is recorded of the call lies between both values.
fn limit(differs: &Differs, seen: &Seen<'_>) -> Option<String> {
    let Facts::Structural(one) = seen.facts else { return None };
    let own = match one.kind {
        StructuralKind::Loss => "structural.max_loss",
        StructuralKind::Gain => "structural.max_gain",
        _ => return None,
    };
    let (was, is) = (differs.old.parse::<f64>().ok()?, differs.new.parse::<f64>().ok()?);
    if differs.key != own || one.values.len() < 2 {
        return None;
    }
    // Too common is only what both measures say: the lesser one decides.
    let least = one.values.iter().min_by(|a, b| a.value.total_cmp(&b.value))?;
    ((least.value > was) != (least.value > is))
        .then(|| format!("{own} (the call has {} {})", least.key, least.value))
}

/// Whether a value of the policy can concern a call of this sort.
fn concerns(differs: &Differs, key: &Key, events: &[&CallEvent]) -> bool {
    let is_pair = events.iter().any(|event| !event.segregation.is_empty());
    if let Some(mode) = differs.mode() {
        return events.iter().any(|event| text::word(event.mode_of_inheritance) == mode);
    }
    let head = differs.key.split('.').next().unwrap_or_default();
    match head {
        // A limit is told with the call where its frequency lies between both values.
        _ if matches!(differs.key.as_str(), "structural.max_loss" | "structural.max_gain") => {
            is_pair && key.0 == "str"
        }
        "structural" | "tumour_structural" => key.0 != "str" || is_pair,
        "repeat" => key.0 == "str" || is_pair,
        // Which genes count at all.
        "consequence" | "non_coding" => differs.key.contains("biotypes") || is_pair,
        "call" | "frequency" | "filters" | "rules" | "known" => is_pair,
        _ => false,
    }
}

/// Whether a difference between the runs can concern a call of this sort.
fn may_concern(cause: &Cause, (key, is_pair): (&Key, bool)) -> bool {
    let of = |role: &str| cause.what.starts_with(&format!("{role} file "));
    match cause.kind {
        CauseKind::Input if of("structural variants") => key.0 != "str" || is_pair,
        CauseKind::Input if of("repeats") => key.0 == "str" || is_pair,
        // Genes lie where the model says.
        CauseKind::Input if of("variants") => is_pair,
        CauseKind::Input => of("genes") && (key.0 != "str" || is_pair),
        _ => true,
    }
}
