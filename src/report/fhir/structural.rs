//! Copy-number and structural variants and short tandem repeats of the person of the case.

use super::Context;
use super::builder::Builder;
use super::codes::{self, Answer, coded, counted, loinc, own, quantity, so, to, told};
use super::types::{Component, Extension, Observation, Reference, Resource};
use super::variant::{assessment, place, source_class, span, studied};
use crate::model::annotation::GeneRef;
use crate::model::grade::{CallEvent, Entity, Grade};
use crate::model::problem::Problem;
use crate::model::results::structural::{RepeatResult, StructuralCallResult, StructuralResult};
use crate::model::sample::Role;
use crate::model::structural::{Evidence, StructuralKind};
use crate::report::{gel_structural, text};

/// Adds a finding for each variant and repeat; returns what is said of each, with its address.
pub(super) fn add<'a>(
    builder: &mut Builder,
    (context, member): (&Context<'a>, u16),
    findings: &mut Vec<Reference>,
) -> Result<Vec<(&'a [CallEvent], String)>, Problem> {
    let structural = context.results.structural.iter();
    let all =
        structural.filter_map(|one| Some((variant(context, one, member)?, &one.events))).chain(
            context
                .results
                .repeats
                .iter()
                .filter_map(|one| Some((repeat(context, one, member)?, &one.events))),
        );
    let mut added = Vec::new();
    for (observation, events) in all {
        let address = builder.add(Resource::Observation(Box::new(observation)))?;
        findings.push(to(&address));
        added.push((events.as_slice(), address));
    }
    Ok(added)
}

/// Tier or domain in words.
pub(super) fn grade(event: &CallEvent) -> String {
    match (event.tier, event.domain) {
        (Some(Grade::Null), _) => "Tier Null".into(),
        (Some(tier), _) => text::word(tier),
        (None, Some(domain)) => text::word(domain),
        (None, None) => "Untiered".into(),
    }
}

fn genes(events: &[CallEvent]) -> Vec<Component> {
    let mut all: Vec<GeneRef> = Vec::new();
    for event in events {
        let symbol = |name: &str| GeneRef { symbol: Some(name.into()), ..GeneRef::default() };
        let own = match (&event.gene, &event.entity) {
            (Some(gene), _) => vec![gene.clone()],
            (None, Entity::Gene(name)) => vec![symbol(name)],
            (None, Entity::Genes(names)) => names.iter().map(|name| symbol(name)).collect(),
            (None, Entity::Region(_) | Entity::Repeat(_)) => Vec::new(),
        };
        for gene in own {
            if !all.contains(&gene) {
                all.push(gene);
            }
        }
    }
    all.iter().map(studied).collect()
}

fn variant(context: &Context<'_>, one: &StructuralResult, member: u16) -> Option<Observation> {
    let call = one.calls.iter().find(|call| call.member == member);
    let (id, name) = gel_structural::consequence(one);
    let mut component = place(context, &one.contig);
    component.extend(extent(one));
    component.push(coded(loinc(("48019-4", "DNA change type")), so(id, name)));
    component.push(source_class(context));
    component.extend(genes(&one.events));
    component.push(told(loinc(("69551-0", "Genomic alt allele [ID]")), &*one.alternate));
    if let Some(copies) = call.and_then(|call| call.copy_number) {
        let code = ("82155-3", "Genomic structural variant copy number");
        component.push(counted(loinc(code), quantity(copies, "copies", "1")));
    }
    if let Some(state) = call.and_then(state) {
        component.push(coded(loinc(("53034-5", "Allelic state")), loinc(state)));
    }
    Some(Observation {
        code: Some(assessment()),
        value_codeable_concept: Some(loinc(call.map_or(codes::NO_CALL, presence))),
        method: Some(loinc(codes::SEQUENCING)),
        note: notes(one).into_iter().map(codes::note).collect(),
        component,
        ..context.observation("variant", member)?
    })
}

/// Where it lies: exact where the caller states no interval, else the least stretch and the greatest.
fn extent(one: &StructuralResult) -> Vec<Component> {
    let [exact, system] = span(one.start, one.end);
    let (Some(start), Some(end)) = (one.start_interval, one.end_interval) else {
        return vec![exact, system];
    };
    let moved = |place: u32, by: i32| place.saturating_add_signed(by);
    let ranged = |code, first, last| Component {
        code: Some(loinc(code)),
        value_range: Some(codes::range(first, last)),
        ..Component::default()
    };
    let outer = (moved(one.start, start[0]), moved(one.end, end[1]));
    let inner = (moved(one.start, start[1]), moved(one.end, end[0]));
    let mut all = Vec::new();
    if inner.0 <= inner.1 {
        all.push(ranged(("81302-2", "Structural variant inner start and end"), inner.0, inner.1));
    }
    all.push(ranged(("81301-4", "Structural variant outer start and end"), outer.0, outer.1));
    all.push(system);
    all
}

fn notes(one: &StructuralResult) -> Vec<String> {
    let mut all = vec![match one.evidence {
        Evidence::Depth => "seen by depth".to_owned(),
        Evidence::Breakpoints => "seen by reads across breakpoints".to_owned(),
    }];
    all.extend(
        one.mate.as_ref().map(|mate| format!("joined to {}:{}", mate.contig, mate.position)),
    );
    if one.kind == StructuralKind::NeutralLoss {
        all.push("copy-neutral loss of heterozygosity: no copy is lost".into());
    }
    all
}

fn alleles(call: &StructuralCallResult) -> Vec<char> {
    call.genotype.chars().filter(|c| !matches!(c, '/' | '|')).collect()
}

/// Whether the person has it. A caller by depth may give copies and no genotype, a somatic one neither: what it reports in a
/// tumour is there.
fn presence(call: &StructuralCallResult) -> Answer {
    let alleles = alleles(call);
    let differs = match (call.copy_number, call.expected_copies) {
        (Some(copies), Some(expected)) => Some((copies - f64::from(expected)).abs() >= 0.5),
        _ => None,
    };
    match (alleles.contains(&'1'), differs) {
        (true, _) | (false, Some(true)) => codes::PRESENT,
        (false, _) if call.role == Role::Tumour && alleles.iter().all(|one| *one == '.') => {
            codes::PRESENT
        }
        (false, _) if alleles.contains(&'.') || alleles.is_empty() => codes::NO_CALL,
        (false, _) => codes::ABSENT,
    }
}

fn state(call: &StructuralCallResult) -> Option<Answer> {
    let alleles = alleles(call);
    if call.role == Role::Tumour || alleles.contains(&'.') {
        return None;
    }
    let carried = alleles.iter().filter(|allele| **allele == '1').count();
    match (carried, alleles.len(), call.expected_copies) {
        (0, _, _) => None,
        (n, all, Some(1)) if n == all => Some(codes::HEMIZYGOUS),
        (n, all, _) if n == all && all > 1 => Some(codes::HOMOZYGOUS),
        (n, all, _) if n < all => Some(codes::HETEROZYGOUS),
        _ => None,
    }
}

fn repeat(context: &Context<'_>, locus: &RepeatResult, member: u16) -> Option<Observation> {
    let call = locus.calls.iter().find(|call| call.member == member);
    let mut component = place(context, &locus.contig);
    component.extend(span(locus.start, locus.end));
    component.push(coded(
        loinc(("48019-4", "DNA change type")),
        so("SO:0002162", "short_tandem_repeat_expansion"),
    ));
    component.push(source_class(context));
    component.extend(genes(&locus.events));
    let alleles = call.map_or(&[][..], |call| &call.alleles);
    for (order, allele) in (1..).zip(alleles) {
        let order = || {
            vec![Extension {
                value_positive_int: Some(order),
                ..codes::extension("repeat-motif-order")
            }]
        };
        component.push(Component { extension: order(), ..told(own("repeat-motif"), &*locus.unit) });
        let units = counted(own("repeat-number"), quantity(allele.units.into(), "repeats", "1"));
        component.push(Component { extension: order(), ..units });
    }
    let interval = |allele: &crate::model::repeat::RepeatAllele| {
        allele.interval.map(|[low, high]| format!("{} repeats: {low} to {high}", allele.units))
    };
    let intervals: Vec<String> = alleles.iter().filter_map(interval).collect();
    let mut notes = vec![format!("locus {} of the caller's catalogue", locus.id)];
    if !intervals.is_empty() {
        notes.push(format!("confidence intervals of the alleles: {}", intervals.join("; ")));
    }
    let answer = if alleles.is_empty() { codes::NO_CALL } else { codes::PRESENT };
    Some(Observation {
        code: Some(assessment()),
        value_codeable_concept: Some(loinc(answer)),
        method: Some(loinc(codes::SEQUENCING)),
        note: notes.into_iter().map(codes::note).collect(),
        component,
        ..context.observation("variant", member)?
    })
}
