//! What variants mean: molecular consequences, diagnostic implications with tier or domain, and how partners of a compound
//! heterozygote lie to each other.

use std::collections::BTreeMap;

use super::builder::Builder;
use super::codes::{coded, coding, concept, loinc, own, so, text, to, told};
use super::types::{CodeableConcept, Coding, Component, Observation, Reference, Resource};
use super::{Context, structural, variant};
use crate::model::candidate::{PanelRef, TieringMode};
use crate::model::grade::CallEvent;
use crate::model::problem::Problem;
use crate::model::results::{CandidateResult, EventResult};
use crate::report::text as words;

const HPO: &str = "http://human-phenotype-ontology.org";
const PHASE: &str = "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs";

/// Everything reported of the person of the case, with the address of its finding.
pub(super) struct Found<'a> {
    pub(super) candidates: &'a [(&'a CandidateResult, String)],
    /// Copy-number and structural variants and repeats.
    pub(super) others: &'a [(&'a [CallEvent], String)],
}

/// Partners of one group, small or not.
#[derive(Default)]
struct Group {
    addresses: Vec<String>,
    uncertain: bool,
}

impl Found<'_> {
    fn groups(&self) -> BTreeMap<u32, Group> {
        let small = self.candidates.iter().flat_map(|(candidate, address)| {
            candidate.events.iter().map(move |event| (event.group, event.possible, address))
        });
        let others = self.others.iter().flat_map(|(events, address)| {
            events.iter().map(move |event| (event.group, event.possible, address))
        });
        let mut all: BTreeMap<u32, Group> = BTreeMap::new();
        for (group, possible, address) in small.chain(others) {
            let Some(group) = group else { continue };
            let group = all.entry(group).or_default();
            group.uncertain |= possible;
            if !group.addresses.contains(address) {
                group.addresses.push(address.clone());
            }
        }
        all
    }
}

/// Adds what the variants mean.
pub(super) fn add(
    builder: &mut Builder,
    (context, member): (&Context<'_>, u16),
    found: &Found<'_>,
    findings: &mut Vec<Reference>,
) -> Result<(), Problem> {
    let groups = found.groups();
    let mut all: Vec<Option<Observation>> = Vec::new();
    let imply = |all: &mut Vec<_>, implication: Implication<'_>, (group, address)| {
        let partners = Option::and_then(group, |group| groups.get(&group));
        let own = std::slice::from_ref(address);
        let from = partners.map_or(own, |group| group.addresses.as_slice());
        all.push(implication.observation(context, from, member));
    };
    for (candidate, address) in found.candidates {
        all.extend(molecular(context, (candidate, address), member).into_iter().map(Some));
        for event in &candidate.events {
            let told = Implication {
                told: of_event(event),
                panel: event.panel.as_ref(),
                mode: event.mode_of_inheritance,
            };
            imply(&mut all, told, (event.group, address));
        }
    }
    for (events, address) in found.others {
        for event in *events {
            let told = Implication {
                told: of_call(event, &structural::grade(event)),
                panel: event.panel.as_ref(),
                mode: event.mode_of_inheritance,
            };
            imply(&mut all, told, (event.group, address));
        }
    }
    for group in groups.values().filter(|group| group.addresses.len() == 2) {
        all.push(phase(context, (&group.addresses, !group.uncertain), member));
    }
    for observation in all.into_iter().flatten() {
        findings.push(to(&builder.add(Resource::Observation(Box::new(observation)))?));
    }
    Ok(())
}

/// One observation a transcript.
fn molecular(
    context: &Context<'_>,
    (candidate, address): (&CandidateResult, &str),
    member: u16,
) -> Vec<Observation> {
    let of = |consequence: &crate::model::results::ConsequenceResult| {
        let mut component = variant::names(
            consequence.transcript.as_deref(),
            consequence.hgvs_c.as_deref(),
            consequence.hgvs_p.as_deref(),
        );
        let terms = consequence.terms.iter();
        component
            .extend(terms.map(|term| coded(own("feature-consequence"), so(&term.id, &term.name))));
        Some(Observation {
            code: Some(own("molecular-consequence")),
            derived_from: vec![to(address)],
            component,
            ..context.observation("molecular-consequence", member)?
        })
    };
    candidate.consequences.iter().filter_map(of).collect()
}

/// What one event says.
struct Implication<'a> {
    told: String,
    panel: Option<&'a PanelRef>,
    mode: TieringMode,
}

impl Implication<'_> {
    /// The observation, from the variants at these addresses.
    fn observation(
        self,
        context: &Context<'_>,
        from: &[String],
        member: u16,
    ) -> Option<Observation> {
        let mut component: Vec<Component> = Vec::new();
        if let Some(panel) = self.panel {
            // The panel's disease is what was asked for; the variant itself predicts nothing yet.
            let phenotype =
                format!("{} (panel {}, version {})", panel.name, panel.id, panel.version);
            let code = ("81259-4", "Associated phenotype");
            component.push(coded(loinc(code), text(phenotype)));
        }
        if let Some(mode) = inheritance(self.mode) {
            component.push(coded(own("condition-inheritance"), mode));
        }
        component.push(told(own("conclusion-string"), self.told));
        Some(Observation {
            code: Some(own("diagnostic-implication")),
            derived_from: from.iter().map(|address| to(address)).collect(),
            component,
            ..context.observation("diagnostic-implication", member)?
        })
    }
}

fn of_event(event: &EventResult) -> String {
    let grade = words::grade(event.tier, event.domain);
    sentence(grade, (event.possible, &event.missing), (event.label.as_deref(), &event.segregation))
}

/// Of a copy-number or structural variant or a repeat.
fn of_call(event: &CallEvent, grade: &str) -> String {
    sentence(grade, (event.possible, &event.missing), (event.label.as_deref(), &event.segregation))
}

fn sentence(
    grade: &str,
    (possible, missing): (bool, &[String]),
    (label, segregation): (Option<&str>, &str),
) -> String {
    let mut parts = vec![grade.to_owned()];
    if possible {
        parts.push(format!("possible, not certain: {}", missing.join(", ")));
    }
    if !segregation.is_empty() {
        parts.push(format!("segregation {segregation}"));
    }
    parts.extend(label.map(|label| label.replace('_', " ")));
    parts.push("by rule, no classification".into());
    parts.join("; ")
}

/// The inheritance under which the rule looked, in terms of the phenotype ontology; `None` where none fits.
fn inheritance(mode: TieringMode) -> Option<CodeableConcept> {
    let (code, display) = match mode {
        TieringMode::Biallelic => ("HP:0000007", "Autosomal recessive inheritance"),
        TieringMode::MonoallelicNotImprinted => ("HP:0000006", "Autosomal dominant inheritance"),
        TieringMode::MonoallelicPaternallyImprinted => {
            ("HP:0012274", "Autosomal dominant inheritance with paternal imprinting")
        }
        TieringMode::MonoallelicMaternallyImprinted => {
            ("HP:0012275", "Autosomal dominant inheritance with maternal imprinting")
        }
        TieringMode::XlinkedBiallelic => ("HP:0001419", "X-linked recessive inheritance"),
        TieringMode::XlinkedMonoallelic => ("HP:0001423", "X-linked dominant inheritance"),
        TieringMode::Mitochondrial => ("HP:0001427", "Mitochondrial inheritance"),
        TieringMode::Ylinked => ("HP:0001450", "Y-linked inheritance"),
        TieringMode::Na => return None,
    };
    Some(concept(Coding { display: Some(display.into()), ..coding(HPO, code) }))
}

/// Partners of a pair lie in trans where tiering was certain of it.
fn phase(
    context: &Context<'_>,
    (partners, certain): (&[String], bool),
    member: u16,
) -> Option<Observation> {
    let word = if certain { "Trans" } else { "Indeterminate" };
    Some(Observation {
        code: Some(loinc(("82120-7", "Allelic phase"))),
        value_codeable_concept: Some(concept(coding(PHASE, word))),
        derived_from: partners.iter().map(|address| to(address)).collect(),
        ..context.observation("sequence-phase-relationship", member)?
    })
}
