//! Gains, losses and losses of heterozygosity of a tumour.

use super::{Seen, event, listed, sort, tumour};
use crate::model::candidate::Domain;
use crate::model::grade::CallEvent;
use crate::model::reason::{Comparison, Reason};
use crate::model::sample::Role;
use crate::model::structural::StructuralKind;
use crate::policy::tumour_structural::TumourStructuralPolicy;
use crate::tier::expected_copies;

/// Label of an amplification.
pub(in crate::tier) const AMPLIFICATION: &str = "amplification";
/// Label of a homozygous deletion.
pub(in crate::tier) const HOMOZYGOUS: &str = "homozygous_deletion";
/// Label of a loss of one of two copies.
pub(super) const LOSS: &str = "loss";
/// Label of a copy-neutral loss of heterozygosity.
pub(super) const NEUTRAL: &str = "loss_of_heterozygosity";
/// Label of a gain of one parent's copies, the other's being lost.
pub(super) const GAIN_OF_ONE: &str = "gain_with_loss_of_heterozygosity";
/// Label of other gains.
const GAIN: &str = "gain";

/// What became of the copies, with what it was read from.
fn change(
    seen: &Seen<'_, '_>,
    ploidy: Option<f64>,
    policy: &TumourStructuralPolicy,
) -> (&'static str, Vec<Reason>) {
    let call = tumour(seen.variant, seen.cx);
    let copies = call.and_then(|call| call.copy_number).map(f64::from);
    let minor = call.and_then(|call| call.minor_copies).map(f64::from);
    let mut reasons = Vec::new();
    let lost = minor.is_some_and(|minor| minor < policy.lost_below.value);
    let mut below =
        |rule: &str, value: Option<f64>, limit: &crate::policy::Sourced<f64>, what: &str| {
            let Some(value) = value else { return false };
            let reason = Reason::new(rule, value, Comparison::Below, limit.value, &limit.source)
                .text(format!("{value} {what}; the limit is {}.", limit.value));
            let holds = reason.holds;
            reasons.push(reason);
            holds
        };
    let label = match seen.variant.kind {
        StructuralKind::Loss => {
            if below(HOMOZYGOUS, copies, &policy.homozygous_below, "copies") {
                HOMOZYGOUS
            } else {
                LOSS
            }
        }
        StructuralKind::NeutralLoss => NEUTRAL,
        _ => {
            let by_number = copies.is_some()
                && !below(AMPLIFICATION, copies, &policy.amplification_copies, "copies");
            let times =
                copies.zip(ploidy.filter(|n| *n > 0.0)).map(|(copies, ploidy)| copies / ploidy);
            let what = "times the ploidy";
            let by_ploidy = times.is_some()
                && !below(AMPLIFICATION, times, &policy.amplification_ploidies, what);
            match by_number || by_ploidy {
                true => AMPLIFICATION,
                false if lost => GAIN_OF_ONE,
                false => GAIN,
            }
        }
    };
    let what = "copies of the rarer allele";
    let _ = below(NEUTRAL, minor, &policy.lost_below, what);
    // Reasons tell why the label was given: what did not hold is turned round.
    for reason in reasons.iter_mut().filter(|reason| !reason.holds) {
        *reason = Reason::new(
            &reason.rule,
            reason.observed.clone(),
            Comparison::AtLeast,
            reason.limit.clone(),
            &reason.source,
        )
        .text(reason.text.clone());
    }
    (label, reasons)
}

/// Events of the genes whose exons it touches, and whether any gene was left out for being on no list.
pub(super) fn events(
    seen: &Seen<'_, '_>,
    ploidy: Option<f64>,
    policy: &TumourStructuralPolicy,
) -> (Vec<CallEvent>, bool) {
    let (variant, cx) = (seen.variant, seen.cx);
    let (label, reasons) = change(seen, ploidy, policy);
    let expected = cx.family.with_role(Role::Tumour).and_then(|(_, member)| {
        expected_copies((variant.contig, variant.start), member, cx.contigs, cx.assembly)
    });
    let expected = expected.map_or("not known".to_owned(), |n| n.to_string());
    let (mut events, mut other) = (Vec::new(), false);
    let span = variant.span();
    for gene in seen.map.touching(variant.contig, span).filter(|gene| gene.touched_by(span)) {
        let on = listed(&gene.gene, cx);
        if on.domain == Domain::Domain3 && !policy.copy_number_domain3.value {
            other = true;
            continue;
        }
        let mut own = reasons.clone();
        let source = &policy.copy_number_domain3.source;
        let touched = gene.touched_words(span);
        own.push(Reason::new("touches", true, Comparison::Equals, true, source).text(format!(
            "{} is touched in {touched}; copies expected there: {expected}.",
            gene.gene.shown()
        )));
        events.push(event(seen, gene, on, (label, own)));
    }
    sort(&mut events);
    (events, other)
}
