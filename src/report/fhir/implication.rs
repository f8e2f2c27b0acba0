//! What variants mean: molecular consequences, diagnostic implications with tier or domain, and how partners of a compound
//! heterozygote lie to each other.

use std::collections::{BTreeMap, BTreeSet};

use super::builder::Builder;
use super::codes::{coded, coding, concept, loinc, own, so, text, to, told};
use super::types::{CodeableConcept, Coding, Component, Observation, Reference, Resource};
use super::{Context, variant};
use crate::model::candidate::{PanelRef, TieringMode};
use crate::model::grade::CallEvent;
use crate::model::problem::Problem;
use crate::model::results::{CandidateResult, EventResult};
use crate::report::text as words;

const HPO: &str = "http://human-phenotype-ontology.org";
const PHASE: &str = "http://terminology.hl7.org/CodeSystem/sequence-phase-relationship-cs";

/// Candidates with their addresses, and the addresses of the partners of each group.
pub(super) type Found<'a> = (&'a [(&'a CandidateResult, String)], &'a BTreeMap<u32, Vec<String>>);

/// Adds what the small variants mean.
pub(super) fn of_small(
    builder: &mut Builder,
    (context, member): (&Context<'_>, u16),
    (candidates, groups): Found<'_>,
    findings: &mut Vec<Reference>,
) -> Result<(), Problem> {
    let mut uncertain: BTreeSet<u32> = BTreeSet::new();
    for (candidate, address) in candidates {
        for consequence in molecular(context, (candidate, address), member) {
            findings.push(to(&builder.add(Resource::Observation(Box::new(consequence)))?));
        }
        for event in &candidate.events {
            let partners = event.group.and_then(|group| groups.get(&group));
            let own = std::slice::from_ref(address);
            let from = partners.map_or(own, Vec::as_slice);
            uncertain.extend(event.group.filter(|_| event.possible));
            let told = Implication {
                told: of_event(event),
                panel: event.panel.as_ref(),
                mode: event.mode_of_inheritance,
            };
            let Some(implication) = told.observation(context, from, member) else { continue };
            findings.push(to(&builder.add(Resource::Observation(Box::new(implication)))?));
        }
    }
    for (group, partners) in groups.iter().filter(|(_, partners)| partners.len() == 2) {
        let certain = !uncertain.contains(group);
        let Some(phase) = phase(context, (partners, certain), member) else { continue };
        findings.push(to(&builder.add(Resource::Observation(Box::new(phase)))?));
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
pub(super) struct Implication<'a> {
    pub(super) told: String,
    pub(super) panel: Option<&'a PanelRef>,
    pub(super) mode: TieringMode,
}

impl Implication<'_> {
    /// The observation, from the variants at these addresses.
    pub(super) fn observation(
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
pub(super) fn of_call(event: &CallEvent, grade: &str) -> String {
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

/// Partners of a compound heterozygote lie in trans where the family's genotypes say so.
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
