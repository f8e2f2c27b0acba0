//! `structuralVariants`, `chromosomalRearrangements` and `shortTandemRepeats` of an `InterpretedGenome`.

use serde_json::{Map, Value, json};

use crate::model::contig::ContigClass;
use crate::model::grade::{CallEvent, Entity, Grade};
use crate::model::repeat::RepeatEvidence;
use crate::model::results::CaseResults;
use crate::model::results::structural::{
    MateResult, RepeatCallResult, RepeatResult, StructuralCallResult, StructuralResult,
};
use crate::model::sample::Role;
use crate::model::structural::{Evidence, StructuralKind};

use super::gel::{gene_entity, mode, so_term};
use super::text;

/// Adds the lists that are not empty.
pub(super) fn add(genome: &mut Value, results: &CaseResults) {
    // The model has no word for a copy-neutral loss of heterozygosity; a deletion it is not.
    let all = results.structural.iter().filter(|one| one.kind != StructuralKind::NeutralLoss);
    let (breakends, stretches): (Vec<_>, Vec<_>) =
        all.partition(|one| one.kind == StructuralKind::Breakend);
    let all: [(&str, Vec<Value>); 3] = [
        ("structuralVariants", stretches.into_iter().map(|one| structural(results, one)).collect()),
        (
            "chromosomalRearrangements",
            breakends.into_iter().map(|one| rearrangement(results, one)).collect(),
        ),
        ("shortTandemRepeats", results.repeats.iter().map(|one| repeat(results, one)).collect()),
    ];
    for (key, list) in all {
        if !list.is_empty() {
            genome[key] = json!(list);
        }
    }
}

fn bare(contig: &str) -> String {
    ContigClass::of_name(contig).bare_name().unwrap_or_else(|| contig.to_owned())
}

fn coordinates(results: &CaseResults, contig: &str, (start, end): (u32, u32)) -> Value {
    json!({
        "assembly": results.case.assembly,
        "chromosome": bare(contig),
        "start": start,
        "end": end,
    })
}

fn structural(results: &CaseResults, variant: &StructuralResult) -> Value {
    let kind = match variant.kind {
        StructuralKind::Loss | StructuralKind::NeutralLoss | StructuralKind::Breakend => "deletion",
        StructuralKind::Gain => "dup",
        StructuralKind::Insertion => "ins",
        StructuralKind::Inversion => "inv",
    };
    let mut place = coordinates(results, &variant.contig, (variant.start, variant.end));
    let intervals = [("ciStart", variant.start_interval), ("ciEnd", variant.end_interval)];
    for (key, interval) in intervals {
        if let Some([left, right]) = interval {
            place[key] = json!({ "left": left, "right": right });
        }
    }
    json!({
        "variantType": kind,
        "coordinates": place,
        "reportEvents": events(&variant.events, consequence(variant)),
        "variantCalls": calls(results, variant),
    })
}

/// Sequence Ontology terms of what changed: of a copy-number variant the change in copies.
pub(super) fn consequence(variant: &StructuralResult) -> (&'static str, &'static str) {
    match (variant.kind, variant.evidence) {
        (StructuralKind::Loss, Evidence::Depth) => ("SO:0001743", "copy_number_loss"),
        (StructuralKind::Gain, Evidence::Depth) => ("SO:0001742", "copy_number_gain"),
        (StructuralKind::NeutralLoss, _) => ("SO:0001786", "loss_of_heterozygosity"),
        (StructuralKind::Loss, _) => ("SO:0000159", "deletion"),
        (StructuralKind::Gain, _) => ("SO:1000035", "duplication"),
        (StructuralKind::Insertion, _) => ("SO:0000667", "insertion"),
        (StructuralKind::Inversion, _) => ("SO:1000036", "inversion"),
        (StructuralKind::Breakend, _) => ("SO:0000199", "translocation"),
    }
}

/// A breakend with the place of its mate. METHOD: `joined_after` and `runs_right` are the two directions of a junction (VCF 4.3,
/// section 5.4); the model names the ends that meet.
fn rearrangement(results: &CaseResults, variant: &StructuralResult) -> Value {
    let own = coordinates(results, &variant.contig, (variant.start, variant.end));
    let mates: Vec<Value> = variant
        .mate
        .iter()
        .map(|mate: &MateResult| {
            json!({
                "leftCoordinates": own,
                "rightCoordinates": coordinates(results, &mate.contig, (mate.position, mate.position)),
                "orientation": match (mate.joined_after, mate.runs_right) {
                    (true, true) | (false, false) => "start_end",
                    (true, false) => "end_end",
                    (false, true) => "start_start",
                },
            })
        })
        .collect();
    json!({
        "breakPoints": [{ "coordinates": own, "reference": variant.reference, "alternate": variant.alternate }],
        "rearrangements": mates,
        "reportEvents": events(&variant.events, consequence(variant)),
        "variantCalls": calls(results, variant),
    })
}

fn ids(results: &CaseResults, number: u16, zygosity: &str) -> Option<Map<String, Value>> {
    let member = results.member(number)?;
    let origin = match member.role {
        Role::Tumour => "somatic_variant",
        _ => "germline_variant",
    };
    let mut object = Map::new();
    object.insert("participantId".into(), json!(member.id.as_ref()?));
    object.insert("sampleId".into(), json!(member.sample.as_ref()?));
    object.insert("zygosity".into(), json!(zygosity));
    object.insert("alleleOrigins".into(), json!([origin]));
    Some(object)
}

fn calls(results: &CaseResults, variant: &StructuralResult) -> Vec<Value> {
    let call = |call: &StructuralCallResult| {
        let mut object = ids(results, call.member, zygosity(call))?;
        if let Some(copies) = call.copy_number {
            object.insert(
                "numberOfCopies".into(),
                json!([{ "numberOfCopies": copies.round() as i64 }]),
            );
        }
        Some(Value::Object(object))
    };
    variant.calls.iter().filter_map(call).collect()
}

fn zygosity(call: &StructuralCallResult) -> &'static str {
    if call.role == Role::Tumour {
        return "na";
    }
    let alleles: Vec<char> = call.genotype.chars().filter(|c| !matches!(c, '/' | '|')).collect();
    let alternate = alleles.iter().filter(|allele| **allele == '1').count();
    let single = call.expected_copies == Some(1);
    match (alternate, alleles.len()) {
        (_, 0) => "unk",
        (0, _) if alleles.contains(&'.') => "missing",
        (0, _) if single => "reference_hemizigous",
        (0, _) => "reference_homozygous",
        (n, all) if n == all && single => "alternate_hemizigous",
        (n, all) if n == all && all > 1 => "alternate_homozygous",
        _ if alleles.contains(&'.') => "half_missing_alternate",
        (_, 1) => "unk",
        _ => "heterozygous",
    }
}

fn repeat(results: &CaseResults, locus: &RepeatResult) -> Value {
    let call = |call: &RepeatCallResult| {
        // The sizes say more than a word for zygosity could: none of them need be that of the reference.
        let mut object = ids(results, call.member, "na")?;
        let copies: Vec<Value> = call
            .alleles
            .iter()
            .map(|allele| {
                let mut copies = json!({ "numberOfCopies": allele.units });
                if let Some([low, high]) = allele.interval {
                    copies["confidenceIntervalMinimum"] = json!(low);
                    copies["confidenceIntervalMaximum"] = json!(high);
                }
                copies
            })
            .collect();
        object.insert("numberOfCopies".into(), json!(copies));
        let mut reads: Vec<&str> = call
            .alleles
            .iter()
            .filter_map(|allele| allele.evidence)
            .map(|evidence| match evidence {
                RepeatEvidence::Spanning => "spanning",
                RepeatEvidence::Flanking => "flanking",
                RepeatEvidence::InRepeat => "inrepeat",
            })
            .collect();
        reads.sort_unstable();
        reads.dedup();
        object.insert("supportingReadTypes".into(), json!(reads));
        Some(Value::Object(object))
    };
    let mut object = json!({
        "coordinates": coordinates(results, &locus.contig, (locus.start, locus.end)),
        "reportEvents": events(&locus.events, ("SO:0002162", "short_tandem_repeat_expansion")),
        "variantCalls": locus.calls.iter().filter_map(call).collect::<Vec<_>>(),
    });
    if let Some([normal, pathogenic]) = locus.events.iter().find_map(|event| event.repeat_limits) {
        object["shortTandemRepeatReferenceData"] = json!({
            "repeatedSequence": locus.unit,
            "pathogenic_number_of_repeats_threshold": pathogenic,
            "normal_number_of_repeats_threshold": normal,
        });
    }
    object
}

fn events(events: &[CallEvent], consequence: (&str, &str)) -> Vec<Value> {
    events.iter().map(|one| event(one, consequence)).collect()
}

fn event(event: &CallEvent, (id, name): (&str, &str)) -> Value {
    let mut justification: Vec<String> = event.reasons.iter().map(text::reason).collect();
    if event.possible {
        justification.insert(0, format!("possible, not certain: {}", event.missing.join(", ")));
    }
    if event.tier == Some(Grade::Null) {
        justification.insert(0, "Tier Null, for which the model has no word".into());
    }
    let mut object = json!({
        "reportEventId": event.id,
        "phenotypes": { "nonStandardPhenotype": [] },
        "variantConsequences": [so_term(id, name)],
        "modeOfInheritance": mode(event.mode_of_inheritance),
        "genomicEntities": entities(event),
        "eventJustification": justification.join("; "),
        "tier": match event.tier {
            None | Some(Grade::Null) => "NONE".to_owned(),
            Some(grade) => text::word(grade),
        },
        "domain": event.domain.map_or_else(|| "NONE".to_owned(), text::word),
    });
    if let Some(panel) = &event.panel {
        object["genePanel"] = json!({
            "panelIdentifier": panel.id,
            "panelName": panel.name,
            "panelVersion": panel.version,
        });
    }
    if !event.segregation.is_empty() {
        object["segregationPattern"] = json!(event.segregation);
    }
    if let Some(group) = event.group {
        object["groupOfVariants"] = json!(group);
    }
    object
}

fn entities(event: &CallEvent) -> Vec<Value> {
    let region = |name: &str| json!({ "type": "genomic_region", "otherIds": [{ "source": "PanelApp", "identifier": name }] });
    match (&event.entity, &event.gene) {
        (Entity::Region(name), _) | (Entity::Repeat(name), None) => vec![region(name)],
        (Entity::Repeat(name), Some(gene)) => vec![gene_entity(gene), region(name)],
        (Entity::Gene(_), Some(gene)) => vec![gene_entity(gene)],
        (Entity::Gene(name), None) => vec![json!({ "type": "gene", "geneSymbol": name })],
        (Entity::Genes(names), _) => {
            names.iter().map(|name| json!({ "type": "gene", "geneSymbol": name })).collect()
        }
    }
}
