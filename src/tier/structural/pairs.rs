//! Compound heterozygotes across kinds: a small variant, a copy-number variant of Tier A and a repeat beyond normal, two of them
//! in one green gene of recessive disease, on an autosome or, with two X, on X. Where copy-number variants and repeats lie is not known from their callers, so that a pair is
//! possible; a homozygous small variant within a heterozygous deletion lies on the other copy for certain.

use super::repeats::ONE_ALLELE;
use super::{Calls, OtherFindings, proband};
use crate::model::candidate::{Annotated, Penetrance, TieringMode};
use crate::model::coord::Span;
use crate::model::grade::{CallEvent, Entity, Grade};
use crate::model::panel::PanelHit;
use crate::model::reason::{Comparison, Reason};
use crate::model::structural::{Evidence, StructuralKind, StructuralVariant};
use crate::tier::genes::GeneHit;
use crate::tier::germline::{self, Found, Prepared, gene_events, prepare};
use crate::tier::inheritance::{Fit, Place, Tri};
use crate::tier::{Plan, TierContext, Tiering};

const MODEL: &str = "CompoundHeterozygous";
const OPPOSITE: &str = "hemizygous_opposite_deletion";

/// Bases of a small variant, 0-based half-open.
fn span(annotated: &Annotated) -> Span {
    let start = annotated.variant.position.to_pos0().0;
    Span::new(start, start + annotated.variant.reference.len().max(1) as u32)
}

fn within(annotated: &Annotated, loss: &StructuralVariant) -> bool {
    loss.contig == annotated.variant.contig && loss.span().overlaps(span(annotated))
}

/// The proband's call shows the ALT on every copy that was read.
fn reads_as_homozygous(annotated: &Annotated, cx: &TierContext<'_>) -> bool {
    let member = cx.kin.proband.map(|i| &cx.kin.all[i]);
    let call = member.and_then(|member| member.call(annotated));
    call.is_some_and(|call| {
        let dosage = call.dosage();
        dosage.ploidy > 0 && dosage.min == dosage.ploidy
    })
}

/// A homozygous call within a deletion of one copy is one copy: what was judged as two of them is only possible, and says why.
pub(super) fn mark_hemizygous(calls: &Calls<'_>, tiering: &mut Tiering, cx: &TierContext<'_>) {
    let Some(policy) = &cx.policy.structural else { return };
    let losses: Vec<&StructuralVariant> = calls
        .structural
        .iter()
        .filter(|loss| matches!(proband::place(loss, cx), Place::Autosomal | Place::X))
        .filter(|loss| proband::lost_one_of_two(loss, cx) == Tri::Yes)
        .filter(|loss| proband::passes(MODEL, loss, &policy.filters, cx).holds)
        .collect();
    for tiered in &mut tiering.tiered {
        let annotated = &tiered.candidate.annotated;
        if !reads_as_homozygous(annotated, cx) {
            continue;
        }
        let Some(loss) = losses.iter().find(|loss| within(annotated, loss)) else { continue };
        let text = format!(
            "a second copy: the call lies within a deletion of one copy ({}-{}), so that it is hemizygous, not homozygous",
            loss.start, loss.end
        );
        for event in &mut tiered.events {
            let two = ["SimpleRecessive", "UniparentalIsodisomy", "XLinkedSimpleRecessive"];
            if two.contains(&event.segregation.as_str()) && !event.missing.contains(&text) {
                event.possible = true;
                event.missing.push(text.clone());
            }
        }
    }
}

/// One partner.
#[derive(Clone, Copy)]
enum Partner<'a> {
    Small { index: usize, hit: &'a GeneHit },
    Copies { index: usize, event: usize },
    Repeat { index: usize, event: usize },
}

/// How two partners lie to one another.
struct Phase {
    missing: Vec<String>,
    reasons: Vec<Reason>,
    label: Option<&'static str>,
}

/// Adds the events of every pair to both partners.
pub(super) fn add(
    found: &mut OtherFindings,
    calls: &Calls<'_>,
    tiering: &mut Tiering,
    cx: &TierContext<'_>,
) {
    if calls.structural.is_empty() && calls.repeats.is_empty() {
        return;
    }
    let prepared: Vec<Prepared<'_>> =
        tiering.tiered.iter().map(|tiered| prepare(&tiered.candidate.annotated, cx)).collect();
    let groups = tiering.tiered.iter().flat_map(|tiered| &tiered.events);
    let mut group = groups.filter_map(|event| event.group).max().unwrap_or(0);
    let mut small_events = Vec::new();
    let (mut copies, mut repeats) = (Vec::new(), Vec::new());
    for at in genes(cx) {
        let partners = partners(&at, &prepared, found);
        let pairs = partners
            .iter()
            .enumerate()
            .flat_map(|(n, first)| partners[n + 1..].iter().map(move |second| (first, second)));
        for (first, second) in pairs {
            let Some(phase) = phase((first, second), (&prepared, found), &at) else { continue };
            group += 1;
            for partner in [first, second] {
                match *partner {
                    Partner::Small { index, hit } => {
                        let events = of_small(&prepared[index], hit, &phase, (&at, group));
                        small_events.push((index, events));
                    }
                    Partner::Copies { index, event } => {
                        let event = &found.structural[index].events[event];
                        copies.push((index, of_other(event, &phase, (&at, group))));
                    }
                    Partner::Repeat { index, event } => {
                        let event = &found.repeats[index].events[event];
                        repeats.push((index, of_other(event, &phase, (&at, group))));
                    }
                }
            }
        }
    }
    drop(prepared);
    for (index, events) in small_events {
        tiering.tiered[index].events.extend(events);
        germline::sort(&mut tiering.tiered[index].events);
    }
    for (index, event) in copies {
        found.structural[index].events.push(event);
        super::copy_number::sort(&mut found.structural[index].events);
    }
    for (index, event) in repeats {
        found.repeats[index].events.push(event);
        super::copy_number::sort(&mut found.repeats[index].events);
    }
}

/// A green gene of a panel whose disease needs two alleles, under one of the two modes that say so.
struct At<'a> {
    panel: usize,
    gene: usize,
    plan: &'a Plan<'a>,
    place: Place,
    cx: &'a TierContext<'a>,
}

/// Modes under which two alleles are needed, with the model of pairs and the place.
const RECESSIVE: [(TieringMode, &str, Place); 2] = [
    (TieringMode::Biallelic, MODEL, Place::Autosomal),
    (TieringMode::XlinkedBiallelic, "XLinkedCompoundHeterozygous", Place::X),
];

/// Every gene in which pairs are looked for, in the order of modes and panels.
fn genes<'a>(cx: &'a TierContext<'a>) -> Vec<At<'a>> {
    let mut all = Vec::new();
    for (mode, model, place) in RECESSIVE {
        let mut plans = cx.plans.iter();
        let plan = plans.find(|plan| plan.mode.id == mode && plan.model.id() == model);
        let Some(plan) = plan else { continue };
        for (panel, listed) in cx.panels.panels().iter().enumerate() {
            for (gene, entry) in listed.genes.iter().enumerate() {
                if entry.is_green() && plan.panel_modes.contains(&entry.mode) {
                    all.push(At { panel, gene, plan, place, cx });
                }
            }
        }
    }
    all
}

impl At<'_> {
    fn is(&self, hit: &PanelHit) -> bool {
        (hit.panel, hit.gene) == (self.panel, self.gene)
    }

    fn holds(&self, event: &CallEvent) -> bool {
        let panel = &self.cx.panels.panels()[self.panel];
        let names = event.gene.as_ref().map(|gene| self.cx.panels.find(gene)).unwrap_or_default();
        event.panel.as_ref() == Some(&panel.reference()) && names.iter().any(|hit| self.is(hit))
    }
}

/// The partners in one gene: small ones first, then copy-number variants, then repeats; each in the order of results.
fn partners<'a>(
    at: &At<'_>,
    prepared: &'a [Prepared<'_>],
    found: &OtherFindings,
) -> Vec<Partner<'a>> {
    let cx = at.cx;
    let mut small: Vec<(usize, &GeneHit)> = Vec::new();
    for (index, variant) in prepared.iter().enumerate() {
        let rare = !cx.limits.exceeds(&variant.annotated.frequencies, at.plan.mode.frequency);
        if !rare || variant.place != at.place {
            continue;
        }
        small.extend(
            variant
                .genes
                .iter()
                .filter(|hit| hit.panels.iter().any(|one| at.is(one)))
                .map(|hit| (index, hit)),
        );
    }
    small.sort_by(|(a, _), (b, _)| {
        prepared[*a].annotated.variant.cmp(&prepared[*b].annotated.variant)
    });
    let mut partners: Vec<Partner<'a>> =
        small.into_iter().map(|(index, hit)| Partner::Small { index, hit }).collect();
    for (index, finding) in found.structural.iter().enumerate() {
        // Both copies lost need no partner.
        let variant = &finding.variant;
        let whole = variant.kind == StructuralKind::Loss
            && proband::lost_one_of_two(variant, cx) == Tri::No;
        let here = |event: &CallEvent| {
            event.tier == Some(Grade::TierA)
                && matches!(event.entity, Entity::Gene(_))
                && at.holds(event)
        };
        if variant.evidence == Evidence::Depth
            && !whole
            && has_two_copies(at)
            && proband::place(variant, cx) == at.place
        {
            let event = finding.events.iter().position(here);
            partners.extend(event.map(|event| Partner::Copies { index, event }));
        }
    }
    for (index, finding) in found.repeats.iter().enumerate() {
        let here = |event: &CallEvent| {
            let one = event.label.as_deref() == Some(ONE_ALLELE);
            let proband = cx.kin.proband.map(|i| i as u16 + 1);
            one && at.holds(event) && proband.is_some_and(|number| event.members.contains(&number))
        };
        // A repeat on X is judged by itself.
        if at.place == Place::Autosomal && super::repeats::is_autosomal(&finding.locus, cx) {
            let event = finding.events.iter().position(here);
            partners.extend(event.map(|event| Partner::Repeat { index, event }));
        }
    }
    partners
}

/// The proband may have two copies of the gene: with one X there is no pair.
fn has_two_copies(at: &At<'_>) -> bool {
    let proband = at.cx.kin.proband.map(|i| &at.cx.kin.all[i]);
    at.place != Place::X || proband.is_some_and(|proband| proband.x_copies != Some(1))
}

/// How two partners of different kinds lie to one another; `None` when they are no pair.
fn phase(
    (first, second): (&Partner<'_>, &Partner<'_>),
    (prepared, found): (&[Prepared<'_>], &OtherFindings),
    at: &At<'_>,
) -> Option<Phase> {
    let unknown = |what: &str| Phase {
        missing: vec![format!("on which copy the {what} lies is not known")],
        reasons: Vec::new(),
        label: None,
    };
    match (first, second) {
        (Partner::Small { index, .. }, Partner::Copies { index: copies, .. }) => {
            let (annotated, other) =
                (prepared[*index].annotated, &found.structural[*copies].variant);
            if other.kind == StructuralKind::Loss && within(annotated, other) {
                return opposite(annotated, other, at);
            }
            may_be_one_of_two(annotated, at).then(|| unknown("copy-number variant"))
        }
        (Partner::Small { index, .. }, Partner::Repeat { .. }) => {
            may_be_one_of_two(prepared[*index].annotated, at).then(|| unknown("repeat"))
        }
        (Partner::Copies { .. }, Partner::Repeat { .. }) => {
            Some(unknown("copy-number variant, and on which the repeat"))
        }
        _ => None,
    }
}

/// Every affected member may be heterozygous, and no unaffected one is homozygous.
fn may_be_one_of_two(annotated: &Annotated, at: &At<'_>) -> bool {
    at.cx.kin.affected().all(|member| member.seen(annotated, at.place).one_copy() != Tri::No)
        && no_healthy_homozygote(annotated, at)
}

/// On X every healthy man with the variant is one.
fn no_healthy_homozygote(annotated: &Annotated, at: &At<'_>) -> bool {
    at.cx.penetrance.contains(&Penetrance::Incomplete)
        || at
            .cx
            .kin
            .unaffected()
            .all(|member| member.seen(annotated, at.place).all_copies() != Tri::Yes)
}

/// A small variant where the proband has one copy left.
fn opposite(annotated: &Annotated, loss: &StructuralVariant, at: &At<'_>) -> Option<Phase> {
    let cx = at.cx;
    let member = cx.kin.proband.map(|i| &cx.kin.all[i])?;
    if member.seen(annotated, at.place).carries() != Tri::Yes
        || !no_healthy_homozygote(annotated, at)
    {
        return None;
    }
    if !reads_as_homozygous(annotated, cx) {
        let text = "which call is right: a heterozygous call lies within a deletion of one copy";
        return Some(Phase { missing: vec![text.into()], reasons: Vec::new(), label: None });
    }
    let mut missing = Vec::new();
    if proband::lost_one_of_two(loss, cx) != Tri::Yes {
        missing.push("how many copies the deletion leaves".to_owned());
    }
    let reason = Reason::new(MODEL, OPPOSITE, Comparison::Equals, OPPOSITE, "ours")
        .text("The only copy left beside the deletion has the small variant: its call is hemizygous, on the other copy.");
    Some(Phase { missing, reasons: vec![reason], label: Some(OPPOSITE) })
}

/// The events of the small partner under the panel of the gene.
fn of_small(
    variant: &Prepared<'_>,
    hit: &GeneHit,
    phase: &Phase,
    (at, group): (&At<'_>, u32),
) -> Vec<crate::model::candidate::ReportEvent> {
    let fit = if phase.missing.is_empty() {
        Fit::Fits(phase.reasons.clone())
    } else {
        Fit::Possible { missing: phase.missing.clone(), reasons: phase.reasons.clone() }
    };
    let penetrance = at.cx.penetrance.first().copied().unwrap_or_default();
    let found = Found { plan: at.plan, penetrance, fit: &fit, group: Some(group) };
    let panel = at.cx.panels.panels()[at.panel].reference();
    let mut events = gene_events(variant, hit, &found, at.cx);
    events.retain(|event| event.panel.as_ref() == Some(&panel));
    for event in &mut events {
        event.label = phase.label.map(str::to_owned).or_else(|| event.label.take());
    }
    events
}

/// The event of the other partner: its own with the group and what the pair lacks. A repeat of one long allele keeps having no
/// tier; its partner's events tell the tier of the pair.
fn of_other(event: &CallEvent, phase: &Phase, (at, group): (&At<'_>, u32)) -> CallEvent {
    let mut event = event.clone();
    event.mode_of_inheritance = at.plan.mode.id;
    at.plan.model.id().clone_into(&mut event.segregation);
    event.group = Some(group);
    event.missing.extend(phase.missing.iter().cloned());
    event.possible = !event.missing.is_empty();
    event.label = phase.label.map(str::to_owned);
    event.reasons.extend(phase.reasons.iter().cloned());
    event
}
