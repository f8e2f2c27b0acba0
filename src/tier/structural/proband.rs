//! What the proband's column of a copy-number or structural variant says.

use crate::model::reason::{Comparison, Reason};
use crate::model::structural::{StructuralCall, StructuralKind, StructuralVariant};
use crate::tier::TierContext;
use crate::tier::inheritance::{Place, Tri};

/// The proband's call.
pub(super) fn call<'a>(
    variant: &'a StructuralVariant,
    cx: &TierContext<'_>,
) -> Option<&'a StructuralCall> {
    variant.calls.get(cx.kin.proband?)?.as_ref()
}

/// Copies that the proband should have where the variant begins; `None` when the number of X is not known.
pub(super) fn expected(variant: &StructuralVariant, cx: &TierContext<'_>) -> Option<u8> {
    let member = &cx.family.members[cx.kin.proband?];
    crate::tier::expected_copies((variant.contig, variant.start), member, cx.contigs, cx.assembly)
}

/// Whether the proband carries it: by the genotype, else by the copy number.
pub(super) fn carries(variant: &StructuralVariant, cx: &TierContext<'_>) -> Tri {
    let Some(call) = call(variant, cx) else { return Tri::Unknown };
    let dosage = call.genotype.dosage();
    if dosage.carries() {
        return Tri::Yes;
    }
    if let (Some(copies), Some(expected)) = (call.copy_number, expected(variant, cx)) {
        let difference = copies - f32::from(expected);
        let changed = match variant.kind {
            StructuralKind::Loss => difference <= -0.5,
            StructuralKind::Gain => difference >= 0.5,
            _ => return if dosage.lacks() { Tri::No } else { Tri::Unknown },
        };
        return if changed { Tri::Yes } else { Tri::No };
    }
    if dosage.lacks() { Tri::No } else { Tri::Unknown }
}

/// One copy lost and one left, on an autosome or in a female's X; unknown without copy number and genotype.
pub(super) fn lost_one_of_two(variant: &StructuralVariant, cx: &TierContext<'_>) -> Tri {
    if variant.kind != StructuralKind::Loss || carries(variant, cx) == Tri::No {
        return Tri::No;
    }
    if expected(variant, cx) == Some(1) {
        return Tri::No;
    }
    let Some(call) = call(variant, cx) else { return Tri::Unknown };
    if let Some(copies) = call.copy_number {
        return if (0.5..1.5).contains(&copies) { Tri::Yes } else { Tri::No };
    }
    match call.genotype.dosage().exact() {
        Some(1) if call.genotype.alleles.len() == 2 => Tri::Yes,
        Some(_) => Tri::No,
        None => Tri::Unknown,
    }
}

/// FILTER of the record, and of the sample where it has one of its own.
pub(super) fn passes(
    rule: &str,
    variant: &StructuralVariant,
    filters: &crate::policy::Sourced<Vec<String>>,
    cx: &TierContext<'_>,
) -> Reason {
    let own = call(variant, cx).and_then(|call| call.sample_filter.clone());
    filter_reason(rule, variant, own, filters)
}

/// FILTER of the record, and that of a sample, against those that pass.
pub(in crate::tier) fn filter_reason(
    rule: &str,
    variant: &StructuralVariant,
    of_sample: Option<String>,
    filters: &crate::policy::Sourced<Vec<String>>,
) -> Reason {
    let mut all: Vec<String> = variant.filters.clone();
    all.extend(of_sample);
    let shown = if all.is_empty() { ".".to_owned() } else { all.join(";") };
    let bad = all.iter().find(|filter| !filters.value.contains(filter));
    let observed = match bad {
        Some(bad) => bad.clone(),
        None if all.is_empty() => ".".to_owned(),
        None => all[0].clone(),
    };
    let limit = filters.value.clone();
    Reason::new(rule, observed, Comparison::OneOf, limit, &filters.source)
        .text(format!("FILTER {shown}."))
}

/// The place of inheritance where the variant begins.
pub(super) fn place(variant: &StructuralVariant, cx: &TierContext<'_>) -> Place {
    Place::at(variant.contig, variant.start, cx.contigs, cx.assembly)
}
