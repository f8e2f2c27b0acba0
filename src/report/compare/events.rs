//! The events of two results, brought together by variant and gene.

use std::collections::BTreeMap;

use crate::model::annotation::GeneRef;
use crate::model::results::{CandidateResult, CaseResults, EventResult, VariantResult};

use super::super::text;
use super::name;

/// An event, with its partner when it is one of a pair.
#[derive(Clone, Debug)]
pub(super) struct Told<'a> {
    pub(super) event: &'a EventResult,
    partner: Option<String>,
}

/// One variant in one gene in one of the results.
#[derive(Clone, Debug)]
pub(super) struct Placed<'a> {
    pub(super) events: Vec<Told<'a>>,
}

/// One variant in one gene in both results.
#[derive(Clone, Debug)]
pub(super) struct Unit<'a> {
    pub(super) gene: GeneRef,
    pub(super) old: Option<Placed<'a>>,
    pub(super) new: Option<Placed<'a>>,
    /// The variant in the older results, whether or not it has events of this gene there.
    pub(super) old_candidate: Option<&'a CandidateResult>,
    /// The same in the newer results.
    pub(super) new_candidate: Option<&'a CandidateResult>,
}

impl<'a> Unit<'a> {
    /// The variant, as the newer results name it where they hold it.
    pub(super) fn variant(&self) -> &'a VariantResult {
        const NONE: &VariantResult = &VariantResult {
            contig: String::new(),
            position: 0,
            reference: String::new(),
            alternate: String::new(),
        };
        self.new_candidate.or(self.old_candidate).map_or(NONE, |candidate| &candidate.variant)
    }

    /// The events of both sides.
    pub(super) fn events(&self) -> impl Iterator<Item = &'a EventResult> {
        let sides = self.old.iter().chain(&self.new);
        sides.flat_map(|placed| &placed.events).map(|told| told.event)
    }
}

/// The same place whatever the contigs are called.
type Place = (String, u32, String, String);

/// A contig without the prefix that some files give it.
pub(super) fn bare(contig: &str) -> String {
    let bare = contig.strip_prefix("chr").unwrap_or(contig);
    if bare == "M" { "MT".into() } else { bare.into() }
}

fn place(variant: &VariantResult) -> Place {
    let VariantResult { contig, position, reference, alternate } = variant;
    (bare(contig), *position, reference.clone(), alternate.clone())
}

/// True when two names may mean one gene: they share the surest name that both give.
pub(super) fn same_gene(a: &GeneRef, b: &GeneRef) -> bool {
    if let (Some(a), Some(b)) = (&a.ensembl, &b.ensembl) {
        return a == b;
    }
    if let (Some(a), Some(b)) = (&a.hgnc, &b.hgnc) {
        return a == b;
    }
    a.symbol.is_some() && a.symbol == b.symbol
}

/// Every variant and gene that either result reports.
pub(super) fn units<'a>(old: &'a CaseResults, new: &'a CaseResults) -> Vec<Unit<'a>> {
    let mut places: BTreeMap<Place, [Option<&'a CandidateResult>; 2]> = BTreeMap::new();
    for (side, results) in [old, new].into_iter().enumerate() {
        for candidate in &results.candidates {
            places.entry(place(&candidate.variant)).or_default()[side] = Some(candidate);
        }
    }
    let partners = [partners(old), partners(new)];
    let mut all = Vec::new();
    for [was, is] in places.into_values() {
        let mut genes: Vec<GeneRef> = Vec::new();
        for event in is.iter().chain(&was).flat_map(|candidate| &candidate.events) {
            if !genes.iter().any(|gene| same_gene(gene, &event.gene)) {
                genes.push(event.gene.clone());
            }
        }
        for gene in genes {
            let (old, new) = (placed(was, &gene, &partners[0]), placed(is, &gene, &partners[1]));
            all.push(Unit { gene, old, new, old_candidate: was, new_candidate: is });
        }
    }
    all
}

/// The variants of each group.
fn partners(results: &CaseResults) -> BTreeMap<u32, Vec<&VariantResult>> {
    let mut groups: BTreeMap<u32, Vec<&VariantResult>> = BTreeMap::new();
    for candidate in &results.candidates {
        for group in candidate.events.iter().filter_map(|event| event.group) {
            let variants = groups.entry(group).or_default();
            if !variants.contains(&&candidate.variant) {
                variants.push(&candidate.variant);
            }
        }
    }
    groups
}

fn placed<'a>(
    candidate: Option<&'a CandidateResult>,
    gene: &GeneRef,
    groups: &BTreeMap<u32, Vec<&VariantResult>>,
) -> Option<Placed<'a>> {
    let candidate = candidate?;
    let own = candidate.events.iter().filter(|event| same_gene(&event.gene, gene));
    let events: Vec<Told<'a>> = own
        .map(|event| {
            let group = event.group.and_then(|group| groups.get(&group));
            let mut others = group.into_iter().flatten().filter(|v| ***v != candidate.variant);
            Told { event, partner: others.next().map(|variant| name(variant)) }
        })
        .collect();
    (!events.is_empty()).then_some(Placed { events })
}

/// What differs between the events of two sides, in words.
#[derive(Clone, Debug, Default)]
pub(super) struct EventDifferences {
    pub(super) gained: Vec<String>,
    pub(super) lost: Vec<String>,
    pub(super) changed: Vec<String>,
}

impl EventDifferences {
    pub(super) fn is_empty(&self) -> bool {
        self.gained.is_empty() && self.lost.is_empty() && self.changed.is_empty()
    }
}

/// What makes two events the same: panel, mode, pattern and partner.
fn identity(told: &Told<'_>) -> (Option<String>, String, String, Option<String>) {
    let event = told.event;
    let partner = told.partner.as_ref().map(|name| bare(name));
    let panel = event.panel.as_ref().map(|panel| panel.id.clone());
    (panel, text::word(event.mode_of_inheritance), event.segregation.clone(), partner)
}

pub(super) fn differences(unit: &Unit<'_>) -> EventDifferences {
    let none = Vec::new();
    let old = unit.old.as_ref().map_or(&none, |placed| &placed.events);
    let new = unit.new.as_ref().map_or(&none, |placed| &placed.events);
    let mut left: Vec<&Told<'_>> = old.iter().collect();
    let mut found = EventDifferences::default();
    for told in new {
        let Some(at) = left.iter().position(|was| identity(was) == identity(told)) else {
            found.gained.push(shown(told));
            continue;
        };
        let was = left.remove(at);
        let parts = properties(was.event).into_iter().zip(properties(told.event));
        let parts: Vec<String> = parts
            .filter(|((_, was), (_, is))| was != is)
            .map(|((what, was), (_, is))| format!("{what} {was} > {is}"))
            .collect();
        if !parts.is_empty() {
            found.changed.push(format!("{}: {}", shown(told), parts.join(", ")));
        }
    }
    found.lost.extend(left.into_iter().map(shown));
    found
}

/// Properties of an event that matter when they differ.
fn properties(event: &EventResult) -> [(&'static str, String); 7] {
    let grade = text::grade(event.tier, event.domain).to_owned();
    let words = |words: Vec<&str>| if words.is_empty() { "-".into() } else { words.join("&") };
    let sure = if event.possible { "possible" } else { "certain" };
    [
        ("tier", grade),
        ("genotypes", sure.into()),
        ("missing", words(event.missing.iter().map(String::as_str).collect())),
        ("penetrance", text::word(event.penetrance)),
        ("label", event.label.clone().unwrap_or_else(|| "-".into())),
        ("terms", words(event.terms.iter().map(|term| term.name.as_str()).collect())),
        ("transcript", event.transcript.clone().unwrap_or_else(|| "-".into())),
    ]
}

/// An event in words, without identifiers.
fn shown(told: &Told<'_>) -> String {
    let event = told.event;
    let panel = event
        .panel
        .as_ref()
        .map_or_else(|| "no panel".to_owned(), |panel| format!("{} {}", panel.name, panel.version));
    let pattern = if event.segregation.is_empty() { "somatic" } else { &event.segregation };
    let grade = text::grade(event.tier, event.domain);
    let partner = told.partner.as_ref().map(|name| format!(" with {name}")).unwrap_or_default();
    format!("{grade} {pattern}{partner} ({panel})")
}
