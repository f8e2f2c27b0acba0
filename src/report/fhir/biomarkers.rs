//! Mutational burden and microsatellite instability of a tumour. What was not assessed is in the report's notes.

use super::builder::Builder;
use super::codes::{self, coded, coding, concept, loinc, own, quantity, to, told};
use super::types::{Observation, Quantity, Reference, Resource};
use super::{Context, index};
use crate::model::problem::Problem;

const ONTOLOGY: &str =
    "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/molecular-biomarker-ontology-cs";

/// Adds what was measured.
pub(super) fn add(
    builder: &mut Builder,
    context: &Context<'_>,
    findings: &mut Vec<Reference>,
) -> Result<(), Problem> {
    let Some(found) = &context.results.biomarkers else { return Ok(()) };
    let Some(member) = index(context.results).map(|one| one.number) else { return Ok(()) };
    let mut all: Vec<Option<Observation>> = Vec::new();
    for burden in &found.burden {
        let Some(value) = burden.value.measured() else { continue };
        let told = format!(
            "{}: {} mutations in {} Mb ({}), 95 % interval {:.4} to {:.4} a megabase",
            burden.title,
            value.mutations,
            value.megabases,
            value.denominator,
            value.low,
            value.high
        );
        let code = ("94076-7", "Mutations/Megabase [# Ratio] in Tumor");
        let quantity = quantity(value.per_megabase, "mutations per megabase", "1/1000000{Base}");
        all.push(one(context, member, (code, Some(quantity), told)));
    }
    if let Some(value) = found.instability_of_reads.measured() {
        let verdict = match value.unstable {
            Some(true) => "at or above the threshold",
            Some(false) => "below the threshold",
            None => "too few sites to tell",
        };
        let told = format!(
            "{} of {} microsatellites differ in length between tumour and normal, score {}; threshold {}: {verdict}",
            value.unstable_sites, value.assessed, value.score, value.threshold
        );
        let code = (
            "81695-9",
            "Microsatellite instability [Interpretation] in Cancer specimen Qualitative",
        );
        all.push(one(context, member, (code, None, told)));
    }
    for observation in all.into_iter().flatten() {
        findings.push(to(&builder.add(Resource::Observation(Box::new(observation)))?));
    }
    Ok(())
}

fn one(
    context: &Context<'_>,
    member: u16,
    (code, value, told): (codes::Answer, Option<Quantity>, String),
) -> Option<Observation> {
    Some(Observation {
        category: codes::biomarker_categories(),
        code: Some(loinc(code)),
        value_quantity: value,
        component: vec![
            coded(own("biomarker-category"), concept(coding(ONTOLOGY, "molgen"))),
            self::told(own("conclusion-string"), told),
        ],
        ..context.observation("molecular-biomarker", member)?
    })
}
