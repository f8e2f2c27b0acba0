//! deNovo: new in the child. Autosomes, pseudoautosomal regions, X and Y.
//!
//! | child | father | mother | |
//! |---|---|---|---|
//! | 0/1 | 0/0 | 0/0 | fits, with the evidence below |
//! | 0/1 | 0/1 | any | refuted: inherited |
//! | 1/1 | 0/1 | 0/0 | refuted: uniparental disomy or a lost allele |
//! | 0/1 | ./. or not in the case | 0/0 | possible |
//! | 0/1 | not known | not known | refuted: nothing speaks for a new mutation |
//! | 1/1 | 0/0 | 0/0 | possible: two events, or a parent's allele dropped out |
//! | 1 (X, one copy) | any | 0/0 | fits: the X is the mother's |
//! | 1 (Y) | 0 | any | fits: the Y is the father's |
//!
//! Evidence: the caller's label where there is one; else genotype quality and depth of child and parents, share of ALT reads of a
//! heterozygous child, ALT reads of the parents together, and the caller's quality (DQ) where it gives one. A grandparent
//! who carries it speaks for a missed parent and leaves it possible. The second look at the reads is [`de_novo_reads`]'s. Values that are missing, too low or out of range leave it possible; the
//! label `Inherited` and, on autosomes, too many parental reads refute it. Other affected members must carry it, unaffected ones
//! (complete) lack it.

use super::de_novo_reads;
use super::kin::{self, Place, Relative};
use super::lineage::carrier_beyond;
use super::{Fit, Judge, Model, ModelContext, Scope, Tri, Unit, refute, single};
use crate::model::candidate::{Annotated, Penetrance};
use crate::model::evidence::SiteReads;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::genotype::{Call, as_printed};
use crate::model::reason::{Comparison, Reason};
use crate::policy::reads::ReadPolicy;
use crate::policy::{DeNovoPolicy, Sourced};

/// Text for `tierline explain deNovo`.
pub(super) const EXPLANATION: Explanation = Explanation {
    id: "deNovo",
    kind: ExplanationKind::Model,
    title: "New in the affected child",
    what: "The proband carries the variant and both parents surely lack it (for a son on X: the mother; on Y: the father). The caller's \
           de novo label decides where there is one; else genotype quality, depth, the share of reads and parental reads of \
           the policy must hold for it to be certain; too many parental reads on an autosome refute it. Where the reads of \
           the members were looked at, a parent whose reads carry it and a child whose reads all lack it refute it; a few \
           parental reads, and whatever contradicts the caller's word, leave it possible. One parent without a \
           genotype leaves it possible; a homozygous child of one carrier is not de novo. Every other affected member must \
           carry it too.",
    sources: &["gel-moi", "dragen-dn", "ours"],
    fires: "Proband 0/1 (GQ 99, 14 of 30 reads), parents 0/0 without ALT reads.",
    does_not: "Proband 1/1, mother 0/1, father 0/0; or parents 0/0 with five ALT reads.",
};

/// The word of FORMAT DN for a call that a parent explains.
const INHERITED: &str = "Inherited";

/// The model.
pub(super) struct DeNovo;

impl Model for DeNovo {
    fn scope(&self) -> Scope {
        Scope::Single
    }

    fn explain(&self) -> &'static Explanation {
        &EXPLANATION
    }

    fn check(&self, unit: &Unit<'_>, cx: &ModelContext<'_>) -> Fit {
        let variant = match single(self.id(), unit, cx, &[Place::Autosomal, Place::X, Place::Y]) {
            Ok(variant) => variant,
            Err(fit) => return fit,
        };
        let child = cx.kin.proband.map(|i| &cx.kin.all[i]).filter(|child| child.sequenced);
        let Some(child) = child else {
            let text = "The case has no proband with a sample.";
            return refute(self.id(), "no proband", "proband", text);
        };
        let at = (variant, cx.place);
        let mut judge = Judge::new(self.id());
        let carries = child.seen(variant, cx.place).carries();
        let word = child.word(variant, cx.place);
        judge.member(&child.label, &word, kin::PRESENT, carries);
        kin::affected_must(&mut judge, cx.kin, at, (kin::Seen::carries, kin::PRESENT));
        if cx.penetrance == Penetrance::Complete {
            kin::unaffected_must(&mut judge, cx.kin, at, (kin::lacks, kin::ABSENT));
        }
        let parents = match givers(&mut judge, child, at, cx) {
            Ok(parents) => parents,
            Err(fit) => return fit,
        };
        if cx.place == Place::Y && child.has_y == Tri::No {
            judge.member(&child.label, "female", &["male"], Tri::No);
        }
        if let Some(ancestor) = carrier_beyond(cx.kin, child, at) {
            judge.missing(format!("parents: called absent, but {} carries it", ancestor.label));
        }
        if let Some(policy) = cx.de_novo {
            evidence(&mut judge, (child, &parents), at, (policy, cx.reads));
        }
        judge.finish()
    }
}

/// Parents who could have given the variant, each of whom must lack it.
fn givers<'a>(
    judge: &mut Judge,
    child: &Relative,
    (variant, place): (&Annotated, Place),
    cx: &ModelContext<'a>,
) -> Result<Vec<&'a Relative>, Fit> {
    let [father, mother] = cx.kin.parents(child);
    // A son has no X from his father; a daughter with one X may, and so may a child whose number of X is not known.
    let needed: &[_] = match place {
        Place::X if child.x_from_mother => &[mother],
        Place::Y => &[father],
        _ => &[father, mother],
    };
    let seen = |parent: Option<&Relative>| {
        parent.map_or(Tri::Unknown, |parent| parent.seen(variant, place).carries())
    };
    // A doubtful call that lacks it speaks for a new mutation, though not for certain.
    let says_absent = |parent: Option<&Relative>| {
        parent.is_some_and(|parent| parent.written_absent(variant, place))
    };
    if needed.iter().all(|(_, parent)| seen(*parent) == Tri::Unknown && !says_absent(*parent)) {
        let text = "No parent has a genotype: nothing speaks for a new mutation.";
        return Err(refute(EXPLANATION.id, "parents not known", "parents known", text));
    }
    let carriers = needed.iter().filter(|(_, parent)| seen(*parent) == Tri::Yes).count();
    let lacking = needed.iter().filter(|(_, parent)| seen(*parent) == Tri::No).count();
    let all = child.seen(variant, place).all_copies();
    if place == Place::Autosomal && all == Tri::Yes && carriers == 1 && lacking == 1 {
        let text = "The child is homozygous and one parent carries it: uniparental disomy, a deletion or a dropped \
                    allele, not a new mutation.";
        return Err(refute(EXPLANATION.id, "one parent carries it", "both parents lack it", text));
    }
    if place == Place::Autosomal && all == Tri::Yes {
        judge.missing(format!(
            "{}: homozygous, so two events, or a parent's allele or the other copy is not seen",
            child.label
        ));
    }
    let mut parents = Vec::new();
    for (who, parent) in needed {
        match parent {
            Some(parent) => {
                let word = parent.word(variant, place);
                judge.member(who, &word, kin::ABSENT, kin::lacks(parent.seen(variant, place)));
                parents.push(*parent);
            }
            None => judge.missing(format!("{who}: not in the case")),
        }
    }
    Ok(parents)
}

fn evidence(
    judge: &mut Judge,
    (child, parents): (&Relative, &[&Relative]),
    (variant, place): (&Annotated, Place),
    (policy, reads): (&DeNovoPolicy, Option<&ReadPolicy>),
) {
    let Some(call) = child.call(variant) else { return };
    let seen = de_novo_reads::Seen::of((child, parents), variant, reads);
    if let Some(label) = &call.denovo_label {
        labelled(judge, label, policy, &seen);
    }
    if let (Some(least), Some(quality)) = (&policy.min_caller_quality, call.denovo_quality) {
        let quality = Some(as_printed(quality));
        at_least(judge, &child.label, ("de novo quality of the caller", quality), least);
    }
    if call.denovo_label.is_none() {
        for member in std::iter::once(child).chain(parents.iter().copied()) {
            values(judge, member, variant, policy);
        }
        share(judge, child, (variant, place), policy);
        parental_reads(judge, parents, (variant, place), (policy, &seen));
    }
    seen.judge(judge, (call.denovo_label.as_deref(), place), policy);
}

/// The caller's word on the child's call.
fn labelled(judge: &mut Judge, label: &str, policy: &DeNovoPolicy, seen: &de_novo_reads::Seen<'_>) {
    let listed = &policy.caller_labels;
    let text = format!("The caller labels the child's call {label}.");
    let reason =
        Reason::new(EXPLANATION.id, label, Comparison::OneOf, listed.value.clone(), &listed.source);
    // METHOD: only the caller's word "Inherited" contradicts, and not against the reads of both parents. A de novo pattern
    // of low quality (LowDQ) is not certain, yet not inherited; of a word that nobody listed nothing is known.
    if reason.holds {
        judge.reason(reason.text(text));
    } else if label != INHERITED {
        judge.missing(format!("caller: labelled {label}"));
    } else if let Some(counts) = seen.parents_lack() {
        judge
            .missing(format!("conflict: the caller labels the child's call {label}, but {counts}"));
    } else {
        judge.reason(reason.text(text));
    }
}

/// Quality and depth of one member. METHOD: where there is no genotype quality, each read without the ALT halves the chance
/// that the member is heterozygous.
fn values(judge: &mut Judge, member: &Relative, variant: &Annotated, policy: &DeNovoPolicy) {
    let call = member.call(variant);
    let counted = call.and_then(|call| call.counted());
    let by_reads = counted
        .filter(|reads| reads.alternate.count() == 0)
        .map(|reads| (f64::from(reads.reference.count()) * 10.0 * 2_f64.log10()).round());
    let stated = call.and_then(|call| call.genotype_quality).map(as_printed);
    let depth = call.and_then(|call| call.depth).or(counted.map(SiteReads::depth)).map(f64::from);
    let what = match (stated, by_reads) {
        (None, Some(_)) => "genotype quality by its reads",
        _ => "genotype quality",
    };
    let quality = stated.or(by_reads);
    at_least(judge, &member.label, (what, quality), &policy.min_genotype_quality);
    at_least(judge, &member.label, ("depth", depth), &policy.min_depth);
}

/// Share of ALT reads in the child.
fn share(
    judge: &mut Judge,
    child: &Relative,
    (variant, place): (&Annotated, Place),
    policy: &DeNovoPolicy,
) {
    let call = child.call(variant);
    let counted = call.and_then(|call| call.counted()).and_then(SiteReads::fraction);
    let Some(share) = call.and_then(Call::fraction).map(as_printed).or(counted) else {
        judge.missing(format!("{}: no share of ALT reads", child.label));
        return;
    };
    let (low, high) = (&policy.min_alternate_fraction, &policy.max_alternate_fraction);
    let mut limits = vec![(Comparison::AtLeast, low)];
    if child.seen(variant, place).one_copy() == Tri::Yes {
        limits.push((Comparison::AtMost, high));
    }
    // METHOD: an unusual share takes certainty away (mosaicism, a duplication), it does not contradict.
    for (comparison, limit) in limits {
        let text = format!("{}: share of ALT reads {share:.2}", child.label);
        let reason = Reason::new(EXPLANATION.id, share, comparison, limit.value, &limit.source);
        if reason.holds {
            judge.reason(reason.text(format!("{text}.")));
        } else {
            judge.missing(format!("{text} is beyond {}", limit.value));
        }
    }
}

/// ALT reads of the parents by the caller; what the reads themselves show is judged after it.
fn parental_reads(
    judge: &mut Judge,
    parents: &[&Relative],
    (variant, place): (&Annotated, Place),
    (policy, seen): (&DeNovoPolicy, &de_novo_reads::Seen<'_>),
) {
    let calls = parents.iter().filter_map(|parent| parent.call(variant));
    let counts: Vec<Option<u32>> = calls.map(|call| call.alternate_depth).collect();
    if counts.iter().all(Option::is_none) && seen.has_parents() {
        return;
    }
    if counts.iter().flatten().count() < parents.len() && !seen.has_parents() {
        judge.missing("parents: ALT reads not counted");
    }
    let most = &policy.max_parental_alternate_reads;
    let sum: u32 = counts.iter().flatten().sum();
    let text = format!("Parents: {sum} ALT reads together.");
    let reason = Reason::new(EXPLANATION.id, sum, Comparison::AtMost, most.value, &most.source);
    // METHOD: a missed or mosaic parent is judged by InheritedAutosomalDominant; X has no such model, so that the variant
    // stays possible here. So it does where the caller's count and the reads disagree.
    if reason.holds {
        judge.reason(reason.text(text));
    } else if seen.has_parents() && f64::from(seen.parental_alternate()) <= most.value {
        judge.missing(format!(
            "conflict: parents: {sum} ALT reads together by the caller, more than {}; {}",
            most.value,
            seen.parents()
        ));
    } else if place == Place::X {
        judge.missing(format!("parents: {sum} ALT reads together, more than {}", most.value));
    } else {
        judge.reason(reason.text(text));
    }
}

/// Too low or missing leaves the model possible: it takes certainty away, it does not contradict.
fn at_least(
    judge: &mut Judge,
    who: &str,
    (what, value): (&str, Option<f64>),
    least: &Sourced<f64>,
) {
    match value {
        None => judge.missing(format!("{who}: no {what}")),
        Some(value) if value < least.value => {
            judge.missing(format!("{who}: {what} {value} is below {}", least.value));
        }
        Some(value) => {
            let (limit, source) = (least.value, &least.source);
            let reason = Reason::new(EXPLANATION.id, value, Comparison::AtLeast, limit, source);
            judge.reason(reason.text(format!("{who}: {what} {value}.")));
        }
    }
}
