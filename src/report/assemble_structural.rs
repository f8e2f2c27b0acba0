//! Copy-number and structural variants and repeats as `results.json` holds them.

use super::assemble::{Material, may_show, number, shortest};
use crate::model::grade::{self, CallEvent};
use crate::model::results::candidate::genotype_text;
use crate::model::results::structural::{
    MateResult, RepeatCallResult, RepeatResult, StructuralCallResult, StructuralResult,
    TwoHitResult,
};
use crate::model::sample::{Member, MemberId};
use crate::tier::{TwoHit, expected_copies};

/// Members with data that may be shown.
fn shown<'a>(material: &Material<'a>) -> impl Iterator<Item = (MemberId, &'a Member)> {
    let family = material.family;
    family.iter().filter(|(id, member)| member.sample.is_some() && may_show(*id, member))
}

/// `S3.1`: number of the variant and of its event.
fn named(events: &[CallEvent], letter: char, serial: usize) -> Vec<CallEvent> {
    let named = |(i, event): (usize, &CallEvent)| CallEvent {
        id: format!("{letter}{serial}.{}", i + 1),
        ..event.clone()
    };
    events.iter().enumerate().map(named).collect()
}

pub(super) fn structural(material: &Material<'_>) -> Vec<StructuralResult> {
    let Some(found) = material.others else { return Vec::new() };
    let result = |(i, finding): (usize, &grade::StructuralFinding)| {
        let variant = &finding.variant;
        let calls = shown(material).filter_map(|(id, member)| {
            let call = variant.calls.get(usize::from(id.0))?.as_ref()?;
            let place = (variant.contig, variant.start);
            Some(StructuralCallResult {
                member: number(id),
                role: member.role,
                genotype: genotype_text(&call.genotype),
                expected_copies: expected_copies(
                    place,
                    member,
                    material.contigs,
                    material.assembly,
                ),
                copy_number: call.copy_number.and_then(shortest),
                quality: call.quality.and_then(shortest),
                sample_filter: call.sample_filter.clone(),
                pairs: call.pairs,
                splits: call.splits,
            })
        });
        StructuralResult {
            contig: material.contigs.name(variant.contig).into(),
            start: variant.start.0,
            end: variant.end.0,
            kind: variant.kind,
            evidence: variant.evidence,
            length: variant.length(),
            start_interval: variant.start_interval,
            end_interval: variant.end_interval,
            mate: variant.mate.as_ref().map(|mate| MateResult {
                contig: material.contigs.name(mate.contig).into(),
                position: mate.position.0,
                runs_right: mate.runs_right,
                joined_after: mate.joined_after,
                recorded: mate.recorded,
            }),
            caller: variant.caller.clone(),
            id: variant.id.clone(),
            file: variant.file + 1,
            position: variant.position.0,
            reference: variant.reference.clone(),
            alternate: variant.alternate.clone(),
            filters: variant.filters.clone(),
            quality: variant.quality.and_then(shortest),
            values: variant.values.clone(),
            confirmed_by: finding.confirmed_by.clone(),
            tier: grade::best(&finding.events),
            events: named(&finding.events, 'S', i + 1),
            calls: calls.collect(),
        }
    };
    found.structural.iter().enumerate().map(result).collect()
}

pub(super) fn two_hits(material: &Material<'_>) -> Vec<TwoHitResult> {
    let result = |hit: &TwoHit| TwoHitResult {
        gene: hit.gene.clone(),
        hits: hit.hits.clone(),
        certain: hit.certain,
    };
    material.two_hits.iter().map(result).collect()
}

pub(super) fn repeats(material: &Material<'_>) -> Vec<RepeatResult> {
    let Some(found) = material.others else { return Vec::new() };
    let result = |(i, finding): (usize, &grade::RepeatFinding)| {
        let locus = &finding.locus;
        let calls = shown(material).filter_map(|(id, member)| {
            let call = locus.calls.get(usize::from(id.0))?.as_ref()?;
            Some(RepeatCallResult {
                member: number(id),
                role: member.role,
                alleles: call.alleles.clone(),
                filters: call.filters.clone(),
                coverage: call.coverage.and_then(shortest),
            })
        });
        RepeatResult {
            contig: material.contigs.name(locus.contig).into(),
            start: locus.start.0,
            end: locus.end.0,
            unit: locus.unit.clone(),
            id: locus.id.clone(),
            reference_units: locus.reference_units,
            reference: locus.reference.clone(),
            caller: locus.caller.clone(),
            file: locus.file + 1,
            tier: grade::best(&finding.events),
            events: named(&finding.events, 'R', i + 1),
            calls: calls.collect(),
        }
    };
    found.repeats.iter().enumerate().map(result).collect()
}
