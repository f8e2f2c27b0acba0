//! `germline_biallelic`. What it says, its source and examples stand in [`EXPLANATION`].

use std::collections::BTreeMap;

use super::{Earned, PertinentSeeker, Subject};
use crate::model::candidate::{Annotated, Tier};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::genotype::{Allele, Call};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::VariantResult;
use crate::policy::pertinent::Partner;

const ID: &str = "germline_biallelic";

/// What a variant of Tier 3 is called that lacks its second hit.
const LABEL: &str = "one_variant_of_two";

/// Text for `tierline explain germline_biallelic`.
pub(in crate::tier) const EXPLANATION: Explanation = Explanation {
    id: ID,
    kind: ExplanationKind::Rule,
    title: "Germline Tier 1 in a gene whose disease needs both copies",
    what: "A variant of Tier 1 in a gene that every panel of the disease calls biallelic stays there when the patient has it \
           on every copy, or has another distinct variant in the gene (pertinent.partner says which) that is not known to \
           lie on the same copy. Where their phase is unknown the finding is possible. Otherwise it is Tier 3, labelled \
           one_variant_of_two. Two variants on one copy are one hit; a variant never counts as its own partner.",
    sources: &["opencga", "ours"],
    fires: "Two pathogenic heterozygous variants in MUTYH, phase unknown: Tier 1, possible.",
    does_not: "One pathogenic heterozygous variant in MUTYH: Tier 3.",
};

/// How the second variant lies to the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Trans,
    Unknown,
    Cis,
}

/// Demotes Tier 1 in biallelic genes that lacks its second hit, and names the partners of what stays.
pub(super) fn settle(all: &mut [Earned<'_>], cx: &PertinentSeeker<'_>) {
    let mut by_gene: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
    for (i, one) in all.iter().enumerate() {
        by_gene.entry(one.subject.entry).or_default().push(i);
    }
    // Every verdict rests on the tiers before any was changed.
    let mut verdicts = Vec::new();
    for indexes in by_gene.values() {
        for &i in indexes {
            let one = &all[i];
            if one.tier == Tier::Tier1 && one.subject.is_biallelic() && !one.subject.on_all {
                let counts = |j: &usize| match cx.rules.partner.value {
                    Partner::Tier1 => all[*j].tier == Tier::Tier1,
                    Partner::Reported => true,
                };
                let others = indexes.iter().copied().filter(|&j| j != i).filter(counts);
                let partners: Vec<(usize, Phase)> = others
                    .map(|j| (j, phase(one, &all[j], indexes.iter().map(|&k| &all[k]))))
                    .filter(|p| p.1 != Phase::Cis)
                    .collect();
                verdicts.push((i, partners));
            }
        }
    }
    for (i, partners) in verdicts {
        let told = partners
            .iter()
            .map(|(j, _)| VariantResult::new(&all[*j].subject.variant.variant, cx.contigs))
            .collect();
        let best = partners.iter().map(|(_, phase)| *phase).min();
        let one = &mut all[i];
        let source = &cx.rules.partner.source;
        let found = partners.len() as u32;
        one.reasons.push(
            Reason::new(ID, found, Comparison::AtLeast, 1_u32, source)
                .text("Other variants of the gene that are not known to lie on the same copy."),
        );
        match best {
            None => {
                one.tier = Tier::Tier3;
                one.label = Some(LABEL);
                if one.subject.call.dosage().exact().is_none() {
                    one.missing.push("the other copy's allele".into());
                }
            }
            Some(phase) => {
                one.partners = told;
                if phase == Phase::Unknown {
                    one.missing.push("whether the gene's variants lie on different copies".into());
                }
            }
        }
    }
}

fn phase<'a, 'b: 'a>(
    one: &Earned<'_>,
    other: &Earned<'_>,
    mut all: impl Iterator<Item = &'a Earned<'b>>,
) -> Phase {
    if other.subject.on_all {
        return Phase::Trans;
    }
    let (a, b) = (&one.subject, &other.subject);
    if alleles_of_one_record(a.variant, b.variant) && a.call.genotype.has_other() {
        return Phase::Trans;
    }
    // METHOD: a caller may tell one event twice, as a substitution of several bases and as its parts: that is one hit.
    if all.any(|whole| is_part(a, &whole.subject) && is_part(b, &whole.subject)) {
        return Phase::Cis;
    }
    phase_of_calls((a.call, a.variant), (b.call, b.variant))
}

/// A substitution is the other one, or some bases of it.
fn is_part(part: &Subject<'_>, whole: &Subject<'_>) -> bool {
    let (own, of) = (&part.variant.variant, &whole.variant.variant);
    let (reference, alternate) = (own.reference.as_bytes(), own.alternate.as_bytes());
    let plain = [own, of].iter().all(|one| one.reference.len() == one.alternate.len());
    let Some(offset) = own.position.0.checked_sub(of.position.0) else { return false };
    let bases = offset as usize..offset as usize + reference.len();
    own.contig == of.contig
        && plain
        && of.reference.as_bytes().get(bases.clone()) == Some(reference)
        && of.alternate.as_bytes().get(bases) == Some(alternate)
        && ![part, whole].iter().any(|one| one.call.genotype.has_other())
}

/// Two ALTs of one record.
fn alleles_of_one_record(a: &Annotated, b: &Annotated) -> bool {
    let key = |one: &Annotated| {
        let record = &one.record;
        (record.file, record.position, record.reference.clone(), record.alternates.clone())
    };
    key(a) == key(b)
        && !a.record.alternates.is_empty()
        && a.record.alternate_number != b.record.alternate_number
}

/// As the caller phased them: only within one phase set, which a `|` alone does not name.
fn phase_of_calls((a, at): (&Call, &Annotated), (b, beside): (&Call, &Annotated)) -> Phase {
    let same_set = a.phase_set.is_some()
        && a.phase_set == b.phase_set
        && at.variant.contig == beside.variant.contig;
    if !(a.genotype.phased && b.genotype.phased && same_set) {
        return Phase::Unknown;
    }
    let place = |call: &Call| call.genotype.alleles.iter().position(|&x| x == Allele::Alternate);
    match (place(a), place(b)) {
        (Some(x), Some(y)) if x == y => Phase::Cis,
        (Some(_), Some(_)) => Phase::Trans,
        _ => Phase::Unknown,
    }
}
