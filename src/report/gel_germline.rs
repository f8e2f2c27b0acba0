//! Germline findings of a tumour's patient as `SmallVariant`s of the report models: calls of the normal sample with
//! `germline_variant` as origin, a tier and no domain.

use serde_json::{Value, json};

use crate::model::contig::ContigClass;
use crate::model::results::CaseResults;
use crate::model::results::pertinent::PertinentFinding;
use crate::model::sample::Role;

use super::gel::{gene_entity, so_term, zygosity};
use super::{shown, text};

/// All of them, numbered after the candidates.
pub(super) fn small_variants(results: &CaseResults) -> Vec<Value> {
    let findings = shown::pertinent(results).iter();
    findings.enumerate().map(|(i, finding)| small_variant(results, finding, i + 1)).collect()
}

fn small_variant(results: &CaseResults, finding: &PertinentFinding, serial: usize) -> Value {
    let variant = &finding.found.variant;
    let chromosome =
        ContigClass::of_name(&variant.contig).bare_name().unwrap_or_else(|| variant.contig.clone());
    let call = normal_call(results, finding);
    let terms: Vec<Value> = finding.found.terms.iter().map(|t| so_term(&t.id, &t.name)).collect();
    let mut entities = vec![gene_entity(&finding.found.gene)];
    entities.extend(
        finding.found.transcript.iter().map(|id| json!({ "type": "transcript", "ensemblId": id })),
    );
    let mut parts: Vec<String> = finding.reasons.iter().map(text::reason).collect();
    if finding.possible {
        parts.insert(0, format!("possible, not certain: {}", finding.missing.join(", ")));
    }
    let changes = |change: &Option<String>| change.iter().cloned().collect::<Vec<_>>();
    json!({
        "variantCoordinates": {
            "chromosome": chromosome,
            "position": variant.position,
            "reference": variant.reference,
            "alternate": variant.alternate,
            "assembly": results.case.assembly,
        },
        "variantCalls": call.into_iter().collect::<Vec<_>>(),
        "reportEvents": [{
            "reportEventId": format!("germline.{serial}"),
            "phenotypes": { "nonStandardPhenotype": [] },
            "variantConsequences": terms,
            "modeOfInheritance": "na",
            "genomicEntities": entities,
            "penetrance": "complete",
            "eventJustification": parts.join("; "),
            "tier": text::word(finding.tier),
            "domain": "NONE",
            "genePanel": {
                "panelIdentifier": finding.panel.id,
                "panelName": finding.panel.name,
                "panelVersion": finding.panel.version,
            },
        }],
        "variantAttributes": {
            "cdnaChanges": changes(&finding.found.hgvs_c),
            "proteinChanges": changes(&finding.found.hgvs_p),
        },
    })
}

/// The call of the normal sample.
fn normal_call(results: &CaseResults, finding: &PertinentFinding) -> Option<Value> {
    let member = results.case.members.iter().find(|member| member.role == Role::Normal)?;
    let mut call = json!({
        "participantId": member.id.as_ref()?,
        "sampleId": member.sample.as_ref()?,
        "zygosity": zygosity(finding.zygosity),
        "alleleOrigins": ["germline_variant"],
    });
    let counts =
        [("depthReference", finding.reference_depth), ("depthAlternate", finding.alternate_depth)];
    for (key, count) in counts {
        if let Some(count) = count {
            call[key] = json!(count);
        }
    }
    Some(call)
}
