//! How two variants of one gene lie to one another: on one copy (cis) or on both (trans).

use super::kin::Relative;
use super::{Judge, ModelContext, Tri};
use crate::model::candidate::Annotated;
use crate::model::genotype::Allele;

/// How two variants lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Trans,
    Cis,
    Unknown,
}

/// An affected child must have the two on different copies.
pub(super) fn in_trans(
    judge: &mut Judge,
    child: &Relative,
    pair: (&Annotated, &Annotated),
    cx: &ModelContext<'_>,
) {
    let called = phase_of_calls(child, pair);
    let parental = phase_of_parents(child, pair, cx);
    let (word, verdict) = match (called, parental) {
        (Phase::Trans, Ok(Phase::Cis)) | (Phase::Cis, Ok(Phase::Trans)) => {
            ("phase and parents disagree", Tri::Unknown)
        }
        (Phase::Trans, _) | (_, Ok(Phase::Trans)) => ("trans", Tri::Yes),
        (Phase::Cis, _) | (_, Ok(Phase::Cis)) => ("cis", Tri::No),
        (Phase::Unknown, Err(())) => {
            judge.missing(format!(
                "{}: one is in neither parent, its copy is not known",
                child.label
            ));
            return;
        }
        (Phase::Unknown, Ok(Phase::Unknown)) => {
            if let Some(parent) = only_giver(child, pair, cx) {
                let text = "both only from the {parent}, so in cis unless one is new";
                judge.missing(format!("{}: {}", child.label, text.replace("{parent}", parent)));
            }
            let mut known = true;
            for (who, parent) in cx.kin.parents(child) {
                let why = match parent {
                    None => "not in the case".to_owned(),
                    Some(parent) => {
                        let at = [pair.0, pair.1];
                        let Some(open) = at.iter().find(|variant| {
                            parent.seen(variant, cx.place).carries() == Tri::Unknown
                        }) else {
                            continue;
                        };
                        parent.word(open, cx.place)
                    }
                };
                known = false;
                judge.missing(format!("{who} of {}: {why}", child.label));
            }
            if known {
                judge.missing(format!("{}: phase", child.label));
            }
            return;
        }
    };
    judge.member(&format!("{} pair", child.label), word, &["trans"], verdict);
}

/// The parent from whom both must come, unless one is new, while it is not known that this parent carries both.
fn only_giver(
    child: &Relative,
    (a, b): (&Annotated, &Annotated),
    cx: &ModelContext<'_>,
) -> Option<&'static str> {
    match (origins(child, a, cx), origins(child, b, cx)) {
        ([true, false], [true, false]) => Some("father"),
        ([false, true], [false, true]) => Some("mother"),
        _ => None,
    }
}

/// Under complete penetrance an unaffected member does not have the two on different copies.
///
/// METHOD: a parent or a sibling of an affected child who carries both refutes, also without known phase: where both lie on
/// one copy of a parent the child has them so too. A farther relative may well have both on one copy.
pub(super) fn unaffected_not_in_trans(
    judge: &mut Judge,
    pair: (&Annotated, &Annotated),
    cx: &ModelContext<'_>,
    concerns: fn(&Relative) -> bool,
) {
    for member in cx.kin.unaffected().filter(|member| concerns(member)) {
        let has = [pair.0, pair.1].map(|variant| member.seen(variant, cx.place).carries());
        let (word, verdict) = match has {
            [Tri::Yes, Tri::Yes] => match (near(member, cx), phase(member, pair, cx)) {
                (Near::Parent, _) | (_, Phase::Trans) | (Near::Sibling, Phase::Unknown) => {
                    ("both", Tri::No)
                }
                (_, Phase::Cis) => ("not both", Tri::Yes),
                (Near::Other, Phase::Unknown) => ("both, phase not known", Tri::Unknown),
            },
            [Tri::No, _] | [_, Tri::No] => ("not both", Tri::Yes),
            _ => ("not known whether both", Tri::Unknown),
        };
        let who = format!("unaffected {}", member.label);
        judge.member(&who, word, &["not both"], verdict);
    }
}

/// How near a member is to the affected.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Near {
    Parent,
    Sibling,
    Other,
}

fn near(member: &Relative, cx: &ModelContext<'_>) -> Near {
    let own = Some(member.index);
    let shares = |a: Option<usize>, b: Option<usize>| a.is_some() && a == b;
    if cx.kin.affected().any(|child| [child.father, child.mother].contains(&own)) {
        Near::Parent
    } else if cx
        .kin
        .affected()
        .any(|child| shares(child.father, member.father) || shares(child.mother, member.mother))
    {
        Near::Sibling
    } else {
        Near::Other
    }
}

/// What the caller's phase says, else what the parents say.
fn phase(member: &Relative, pair: (&Annotated, &Annotated), cx: &ModelContext<'_>) -> Phase {
    match phase_of_calls(member, pair) {
        Phase::Unknown => phase_of_parents(member, pair, cx).unwrap_or(Phase::Unknown),
        called => called,
    }
}

/// Which copy the ALT lies on, by the caller's phase.
fn phase_of_calls(child: &Relative, (a, b): (&Annotated, &Annotated)) -> Phase {
    let (Some(first), Some(second)) = (child.call(a), child.call(b)) else { return Phase::Unknown };
    let same_record = (a.record.file, a.record.position, &a.record.reference, &a.record.alternates)
        == (b.record.file, b.record.position, &b.record.reference, &b.record.alternates);
    let numbers_differ = a.record.alternate_number != b.record.alternate_number;
    if same_record
        && numbers_differ
        && !a.record.alternates.is_empty()
        && first.genotype.dosage().carries()
        && second.genotype.dosage().carries()
        && first.genotype.alleles.len() == 2
    {
        return Phase::Trans;
    }
    // A `|` without a phase set says nothing about another record.
    let same_set = first.phase_set.is_some()
        && first.phase_set == second.phase_set
        && a.variant.contig == b.variant.contig;
    if !(first.genotype.phased && second.genotype.phased && same_set) {
        return Phase::Unknown;
    }
    let place = |alleles: &[Allele]| alleles.iter().position(|&one| one == Allele::Alternate);
    match (place(&first.genotype.alleles), place(&second.genotype.alleles)) {
        (Some(x), Some(y)) if x == y => Phase::Cis,
        (Some(_), Some(_)) => Phase::Trans,
        _ => Phase::Unknown,
    }
}

/// Which parents may have given a variant to a heterozygous child: [father, mother].
fn origins(child: &Relative, variant: &Annotated, cx: &ModelContext<'_>) -> [bool; 2] {
    let parents = cx.kin.parents(child).map(|(_, parent)| parent);
    let seen = parents.map(|parent| parent.map(|parent| parent.seen(variant, cx.place)));
    let may = seen.map(|seen| seen.is_none_or(|seen| seen.carries() != Tri::No));
    let must = seen.map(|seen| seen.is_some_and(|seen| seen.all_copies() == Tri::Yes));
    // A homozygous parent gives it for certain, so that the child's one copy is not the other parent's.
    if must[0] == must[1] { may } else { must }
}

/// `Err` when one of the variants can come from neither parent.
fn phase_of_parents(
    child: &Relative,
    (a, b): (&Annotated, &Annotated),
    cx: &ModelContext<'_>,
) -> Result<Phase, ()> {
    // Trans needs two known carriers: what one parent lacks may be new rather than from the other, unknown parent.
    let known = |variant: &Annotated, parent: usize| {
        let parent = cx.kin.parents(child)[parent].1;
        parent.is_some_and(|parent| parent.seen(variant, cx.place).carries() == Tri::Yes)
    };
    let (from_a, from_b) = (origins(child, a, cx), origins(child, b, cx));
    Ok(match (from_a, from_b) {
        ([false, false], _) | (_, [false, false]) => return Err(()),
        ([true, false], [false, true]) if !(known(a, 0) && known(b, 1)) => Phase::Unknown,
        ([false, true], [true, false]) if !(known(a, 1) && known(b, 0)) => Phase::Unknown,
        ([true, false], [false, true]) | ([false, true], [true, false]) => Phase::Trans,
        // Cis needs a parent who surely carries both: what a parent not known seems to have given may be new.
        ([true, false], [true, false]) if !(known(a, 0) && known(b, 0)) => Phase::Unknown,
        ([false, true], [false, true]) if !(known(a, 1) && known(b, 1)) => Phase::Unknown,
        ([true, false], [true, false]) | ([false, true], [false, true]) => Phase::Cis,
        _ => Phase::Unknown,
    })
}
