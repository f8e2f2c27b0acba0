//! CompoundHeterozygous: two variants of one gene, one on each copy. Autosomes and pseudoautosomal regions.
//!
//! | affected child (a, b) | father | mother | |
//! |---|---|---|---|
//! | 0/1, 0/1 | a | b | fits: trans |
//! | 0/1, 0/1 | a and b | neither | refuted: cis |
//! | 0/1, 0/1 | a | a and b | possible: a may be from either |
//! | 0/1, 0/1 | a | neither | possible: b is new, on a copy that is not known |
//! | 0/1, 0/1 | not known | b only | possible |
//! | 0/1, 0/1 | not known | neither | refuted: both from the father |
//! | 1/1, any | any | any | refuted: SimpleRecessive judges it |
//!
//! Phase within one phase set (PS, or PID of GATK), or two ALTs of one record (1/2), tells trans from cis without parents. Every affected member must carry
//! both; under complete penetrance no unaffected member carries both or is homozygous for one.

use super::kin::{self, Place, Relative, Seen};
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, refute};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::genotype::Allele;

/// Text for `tierline explain CompoundHeterozygous`.
const EXPLANATION: Explanation = Explanation {
    id: "CompoundHeterozygous",
    kind: ExplanationKind::Model,
    title: "Two variants of one gene, one on each copy",
    what: "Every affected member is heterozygous for both variants, and they lie on different copies: one from the father and \
           one from the mother, or so phased by the caller, or two ALTs of one record. Variants from one parent are in cis \
           and refuted. A variant that neither parent carries may be new on either copy: it fits where the caller's phase says \
           trans, and is possible without phase. Unknown parents leave it possible. Under \
           complete penetrance no unaffected member carries both.",
    sources: &["gel-moi", "ours"],
    fires: "Proband 0/1 and 0/1, father carries the first only, mother the second only.",
    does_not: "The father carries both and the mother neither.",
};

/// The model.
pub(super) struct CompoundHeterozygous;

/// How two variants lie to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Trans,
    Cis,
    Unknown,
}

impl Model for CompoundHeterozygous {
    fn id(&self) -> &'static str {
        EXPLANATION.id
    }

    fn scope(&self) -> Scope {
        Scope::Pair
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let Unit::Pair(a, b) = *unit else {
            return refute(self.id(), "single", "pair", "The model judges pairs of variants.");
        };
        if cx.place != Place::Autosomal {
            let text = "The model applies to autosomes and pseudoautosomal regions.";
            return refute(self.id(), cx.place.word(), Place::Autosomal.word(), text);
        }
        let mut judge = Judge::new(self.id());
        for variant in [a, b] {
            let at = (variant, cx.place);
            kin::affected_must(&mut judge, cx.kin, at, (Seen::one_copy, &["heterozygous"]));
            if cx.penetrance == Penetrance::Complete {
                kin::unaffected_must(&mut judge, cx.kin, at, (kin::not_all_copies, kin::NOT_ALL));
            }
        }
        if cx.penetrance == Penetrance::Complete {
            for member in cx.kin.unaffected() {
                let has = [a, b].map(|variant| member.seen(variant, cx.place).carries());
                let (word, verdict) = match has {
                    [Tri::Yes, Tri::Yes] => ("both", Tri::No),
                    [Tri::No, _] | [_, Tri::No] => ("not both", Tri::Yes),
                    _ => ("not known whether both", Tri::Unknown),
                };
                let who = format!("unaffected {}", member.label);
                judge.member(&who, word, &["not both"], verdict);
            }
        }
        for child in cx.kin.affected() {
            in_trans(&mut judge, child, (a, b), cx);
        }
        judge.finish()
    }
}

fn in_trans(
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
        ([true, false], [true, false]) | ([false, true], [false, true]) => Phase::Cis,
        _ => Phase::Unknown,
    })
}
