//! Recorded differences that may have moved a variant: of the variant itself, of its gene on the panels, of the runs.

use std::collections::BTreeMap;

use crate::model::annotation::GeneRef;
use crate::model::comparison::{Cause, CauseKind, RunChange, Scope};
use crate::model::genotype::CallOrigin;
use crate::model::panel::{Panel, PanelGene, PanelSet};
use crate::model::panel_change;
use crate::model::results::{
    CandidateResult, CaseResults, FrequencyResult, FrequencyStatus, PanelSummary,
};
use crate::model::sample::Role;

use super::super::text;
use super::events::{Unit, bare, same_gene};
use super::policy::Differs;

/// What both results say, prepared once.
pub(super) struct Known<'a> {
    pub(super) old: &'a CaseResults,
    pub(super) new: &'a CaseResults,
    pub(super) policies: Option<&'a [Differs]>,
    pub(super) runs: &'a [RunChange],
    pub(super) panels: Vec<PanelPair<'a>>,
    contigs: BTreeMap<String, usize>,
}

/// One panel in both results.
pub(super) struct PanelPair<'a> {
    pub(super) name: String,
    pub(super) old: Option<(&'a PanelSummary, PanelSet)>,
    pub(super) new: Option<(&'a PanelSummary, PanelSet)>,
}

fn indexed(panel: &PanelSummary) -> (&PanelSummary, PanelSet) {
    let genes = panel.genes.iter().flatten().map(PanelGene::from).collect();
    let whole = Panel { id: panel.id.clone(), genes, ..Panel::default() };
    (panel, PanelSet::new(vec![whole]))
}

impl<'a> Known<'a> {
    pub(super) fn new(
        old: &'a CaseResults,
        new: &'a CaseResults,
        policies: Option<&'a [Differs]>,
        runs: &'a [RunChange],
    ) -> Self {
        let mut panels: Vec<PanelPair<'a>> = new
            .panels
            .iter()
            .map(|panel| PanelPair {
                name: panel.name.clone(),
                old: old.panels.iter().find(|was| was.id == panel.id).map(indexed),
                new: Some(indexed(panel)),
            })
            .collect();
        let gone = old.panels.iter().filter(|was| new.panels.iter().all(|is| is.id != was.id));
        panels.extend(gone.map(|panel| PanelPair {
            name: panel.name.clone(),
            old: Some(indexed(panel)),
            new: None,
        }));
        let contigs = new.contigs.iter().chain(&old.contigs);
        let mut ranks = BTreeMap::new();
        for (i, contig) in contigs.enumerate() {
            ranks.entry(bare(&contig.name)).or_insert(i);
        }
        Self { old, new, policies, runs, panels, contigs: ranks }
    }

    /// Where a contig stands in the order of the results.
    pub(super) fn contig_rank(&self, contig: &str) -> usize {
        self.contigs.get(&bare(contig)).copied().unwrap_or(usize::MAX)
    }

    /// Every recorded difference that may have moved the variant, the nearest first.
    pub(super) fn causes(&self, unit: &Unit<'_>) -> Vec<Cause> {
        let mut all = Vec::new();
        if let (Some(was), Some(is)) = (unit.old_candidate, unit.new_candidate) {
            facts(was, is, &unit.gene, &mut all);
        }
        self.limits(unit, &mut all);
        for pair in &self.panels {
            on_panel(pair, &unit.gene, &mut all);
        }
        self.named(&unit.gene, &mut all);
        let run = self.runs.iter().filter(|change| change.may_move);
        all.extend(run.map(|change| change.cause.clone()));
        let policies = self.policies.into_iter().flatten();
        let run = (Scope::Run, CauseKind::Policy);
        all.extend(
            policies
                .filter(|differs| concerns(differs, unit))
                .map(|d| Cause::new(run, d.key.clone(), (d.old.clone(), d.new.clone()))),
        );
        all.sort();
        all.dedup();
        all
    }

    /// Limits of frequencies that differ and lie on either side of what is recorded of the variant.
    fn limits(&self, unit: &Unit<'_>, all: &mut Vec<Cause>) {
        for differs in self.policies.into_iter().flatten() {
            let Some((dataset, population, was, is)) = differs.limit() else { continue };
            let Some(value) = recorded(unit, dataset, population) else { continue };
            if (value > was) != (value > is) {
                let what = format!("limit of {dataset} {population} (the variant has {value})");
                let texts = (differs.old.clone(), differs.new.clone());
                all.push(Cause::new((Scope::Variant, CauseKind::Frequency), what, texts));
            }
        }
    }

    /// Whether the annotation names the gene at all.
    fn named(&self, gene: &GeneRef, all: &mut Vec<Cause>) {
        let unnamed = |results: &CaseResults| {
            let mut lists = results.genes_not_annotated.iter();
            gene.symbol.as_ref().is_some_and(|s| lists.any(|list| list.genes.contains(s)))
        };
        let word = |unnamed: bool| if unnamed { "not named" } else { "named" };
        let (was, is) = (unnamed(self.old), unnamed(self.new));
        if was != is {
            let kind = (Scope::Gene, CauseKind::Annotation);
            all.push(Cause::new(kind, "gene in the annotation", (word(was), word(is))));
        }
    }
}

/// The largest value that either result records for the population.
fn recorded(unit: &Unit<'_>, dataset: &str, population: &str) -> Option<f64> {
    let candidate = unit.new_candidate.or(unit.old_candidate)?;
    let mut all = candidate.frequencies.iter();
    all.find(|f| f.dataset == dataset && f.population == population)?.value
}

/// Whether a value of the policy can concern the variant.
fn concerns(differs: &Differs, unit: &Unit<'_>) -> bool {
    // A limit is told with the variant where its value is known.
    if let Some((dataset, population, ..)) = differs.limit() {
        return recorded(unit, dataset, population).is_none();
    }
    if let Some(mode) = differs.mode() {
        return unit.events().any(|event| text::word(event.mode_of_inheritance) == mode);
    }
    let both = [unit.old_candidate, unit.new_candidate];
    match differs.key.split('.').next().unwrap_or_default() {
        "de_novo" => unit.events().any(|event| event.segregation == "deNovo"),
        "known" => both.iter().any(|c| c.is_none_or(|candidate| candidate.clinvar.is_some())),
        // What these sections decide is no tier.
        "acmg" | "additional" | "carrier" => false,
        _ => true,
    }
}

/// What is recorded of the variant on both sides.
fn facts(was: &CandidateResult, is: &CandidateResult, gene: &GeneRef, all: &mut Vec<Cause>) {
    frequencies(was, is, all);
    let mut note = |kind, what: String, old: String, new: String| {
        if old != new {
            all.push(Cause::new((Scope::Variant, kind), what, (old, new)));
        }
    };
    note(CauseKind::Clinvar, "ClinVar".into(), clinvar(was), clinvar(is));
    note(CauseKind::Call, "FILTER".into(), was.filters.join(";"), is.filters.join(";"));
    let (old, new) = (terms(was, gene), terms(is, gene));
    for transcript in old.keys().chain(new.keys().filter(|name| !old.contains_key(*name))) {
        let text = |side: &BTreeMap<String, String>| side.get(transcript).cloned();
        // A transcript that one side does not show may stand unshown: only what both show can differ.
        if let (Some(was), Some(is)) = (text(&old), text(&new)) {
            note(CauseKind::Consequence, format!("consequence on {transcript}"), was, is);
        }
    }
    if old.keys().all(|name| !new.contains_key(name)) {
        let list = |side: &BTreeMap<String, String>| {
            let shown: Vec<String> =
                side.iter().map(|(name, terms)| format!("{name} {terms}")).collect();
            shown.join(", ")
        };
        note(CauseKind::Consequence, "consequences reported".into(), list(&old), list(&new));
    }
    let (old, new) = (calls(was), calls(is));
    for ((number, role), call) in &new {
        let what = format!("genotype of member {number} ({})", text::word(*role));
        let before = old.get(&(*number, *role)).cloned();
        note(CauseKind::Call, what, before.unwrap_or_else(|| "no call".into()), call.clone());
    }
}

/// Population frequencies; one that a side does not hold is no frequency of 0.
fn frequencies(was: &CandidateResult, is: &CandidateResult, all: &mut Vec<Cause>) {
    let same = |a: &FrequencyResult, b: &FrequencyResult| {
        a.dataset == b.dataset && a.population == b.population
    };
    let gone = was.frequencies.iter().filter(|f| {
        f.status != FrequencyStatus::NotAssessed && !is.frequencies.iter().any(|g| same(f, g))
    });
    for frequency in is.frequencies.iter().chain(gone) {
        let text = |side: &CandidateResult| {
            let found = side.frequencies.iter().find(|f| same(f, frequency));
            found.map_or_else(|| "not recorded".to_owned(), text::frequency)
        };
        let (old, new) = (text(was), text(is));
        if old != new {
            let what = format!("frequency in {} {}", frequency.title, frequency.population);
            all.push(Cause::new((Scope::Variant, CauseKind::Frequency), what, (old, new)));
        }
    }
}

fn clinvar(candidate: &CandidateResult) -> String {
    candidate.clinvar.as_ref().map_or_else(String::new, |clinvar| {
        let stars = clinvar.stars.map(|n| format!(" ({n} stars)")).unwrap_or_default();
        format!("{}{stars}", clinvar.significance.join(", "))
    })
}

/// Transcript (without version) to terms, in this gene.
fn terms(candidate: &CandidateResult, gene: &GeneRef) -> BTreeMap<String, String> {
    let own = candidate.consequences.iter().filter(|c| same_gene(&c.gene, gene));
    own.map(|consequence| {
        let name = consequence.transcript.as_deref().unwrap_or("-");
        let name = name.split('.').next().unwrap_or(name).to_owned();
        let words: Vec<&str> = consequence.terms.iter().map(|term| term.name.as_str()).collect();
        (name, words.join("&"))
    })
    .collect()
}

/// Genotype, and what the caller says of it, by member.
fn calls(candidate: &CandidateResult) -> BTreeMap<(u16, Role), String> {
    let all = candidate.calls.iter().map(|call| {
        let mut text = call.genotype.clone();
        if let Some(label) = &call.denovo_label {
            text = format!("{text} {label}");
        }
        if call.genotype == "." || call.origin != CallOrigin::Record {
            text = format!("{text} ({})", text::word(call.origin));
        }
        ((call.member, call.role), text)
    });
    all.collect()
}

/// The gene on one panel, before and now.
pub(super) fn on_panel(pair: &PanelPair<'_>, gene: &GeneRef, all: &mut Vec<Cause>) {
    let kind = (Scope::Gene, CauseKind::Panel);
    let entry = |side: &Option<(&PanelSummary, PanelSet)>| {
        side.as_ref().and_then(|(_, set)| Some(set.gene(*set.find(gene).first()?).clone()))
    };
    let recorded = [&pair.old, &pair.new]
        .iter()
        .all(|side| side.as_ref().is_none_or(|(panel, _)| panel.genes.is_some()));
    if !recorded {
        return;
    }
    let (was, is) = (entry(&pair.old), entry(&pair.new));
    let rated =
        |gene: &PanelGene| format!("{}, {}", panel_change::rating(gene.confidence), gene.mode_text);
    let name = &pair.name;
    match (&pair.old, &pair.new, was, is) {
        (None, Some((panel, _)), _, Some(is)) => {
            let what = format!("panel {name} {} applied to the case", panel.version);
            all.push(Cause::new(kind, what, ("no", format!("yes: {}", rated(&is)))));
        }
        (Some((panel, _)), None, Some(was), _) => {
            let what = format!("panel {name} {} applied to the case", panel.version);
            all.push(Cause::new(kind, what, (format!("yes: {}", rated(&was)), "no")));
        }
        (Some((old, _)), Some((new, _)), was, is) => {
            let one = |gene: Option<PanelGene>| Panel {
                genes: gene.into_iter().collect(),
                ..Panel::default()
            };
            let versions = format!("panel {name} {} > {}", old.version, new.version);
            for change in panel_change::changes(&one(was), &one(is)) {
                let what = format!("{versions}, gene {}", change.kind.word());
                all.push(Cause::new(kind, what, (change.old, change.new)));
            }
        }
        _ => {}
    }
}
