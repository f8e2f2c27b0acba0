//! Tiers of copy-number variants: quality, rarity, regions and genes of the panels. Modes of inheritance play no part.

use super::gene_map::{GeneMap, MappedGene};
use super::{Calls, proband, seen_by, tell};
use crate::model::candidate::TieringMode;
use crate::model::coord::Span;
use crate::model::grade::{CallEvent, Entity, Grade, StructuralFinding};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{Confidence, EntityDetail, PanelEntity, RegionChange};
use crate::model::reason::{Comparison, Reason};
use crate::model::structural::{
    Evidence, StructuralKind, StructuralVariant, overlap, reciprocal_overlap,
};
use crate::policy::structural::{StructuralPolicy, TierB};
use crate::tier::TierContext;
use crate::tier::inheritance::Tri;

const A: &str = "cnv_tier_a";
const B: &str = "cnv_tier_b";
const NULL: &str = "cnv_tier_null";

/// What was passed over.
#[derive(Default)]
struct Counts {
    not_called: u64,
    not_carried: u64,
    filtered: u64,
    short: u64,
    common: u64,
    neutral: u64,
    no_gene: u64,
    not_rated: u64,
}

/// A variant that may be reported, with what holds of it whatever it overlaps.
struct Judged<'a> {
    variant: &'a StructuralVariant,
    span: Span,
    /// Sure enough for a tier.
    quality: Reason,
    filter: Reason,
    rarity: Vec<Reason>,
    policy: &'a StructuralPolicy,
}

/// All copy-number variants of the proband that a rule reports.
pub(super) fn tiers(
    calls: &Calls<'_>,
    policy: &StructuralPolicy,
    map: &GeneMap,
    cx: &TierContext<'_>,
) -> (Vec<StructuralFinding>, Vec<Notice>) {
    let mut counts = Counts::default();
    let mut found = Vec::new();
    for variant in seen_by(calls, Evidence::Depth) {
        let Some(filter) = may_report(variant, policy, &mut counts, cx) else { continue };
        let (confirmed_by, share) = confirmed(variant, calls, policy, cx);
        let rarity = rarity(variant, policy);
        counts.not_rated +=
            u64::from(rarity.iter().any(|reason| reason.observed == "not assessed".into()));
        if rarity.iter().any(|reason| !reason.holds) {
            counts.common += 1;
            continue;
        }
        let quality = quality(variant, (share, calls.has_breakpoints), policy);
        let judged = Judged { variant, span: variant.span(), quality, filter, rarity, policy };
        let mut events = regions(&judged, cx);
        events.extend(genes(&judged, map, cx));
        sort(&mut events);
        if events.is_empty() {
            counts.no_gene += 1;
            continue;
        }
        found.push(StructuralFinding { variant: variant.clone(), confirmed_by, events });
    }
    (found, notices(&counts))
}

fn notices(counts: &Counts) -> Vec<Notice> {
    use NoticeKind::{Ignored, NotAssessed};
    let mut all = Vec::new();
    tell(
        &mut all,
        NotAssessed,
        counts.not_called,
        "copy-number variants have no call of the proband",
    );
    tell(
        &mut all,
        Ignored,
        counts.not_carried,
        "copy-number variants are not the proband's, and were not tiered",
    );
    tell(
        &mut all,
        Ignored,
        counts.filtered,
        "copy-number variants failed their FILTER, and were not tiered",
    );
    tell(
        &mut all,
        Ignored,
        counts.short,
        "copy-number variants are shorter than the policy reports",
    );
    tell(&mut all, Ignored, counts.common, "copy-number variants are too common by both measures");
    tell(
        &mut all,
        NotAssessed,
        counts.not_rated,
        "copy-number variants have no frequency (the INFO keys of structural.af_keys and structural.auc_keys): rarity was not checked",
    );
    tell(
        &mut all,
        NotAssessed,
        counts.neutral,
        "copy-neutral losses of heterozygosity have no rule and were not tiered",
    );
    tell(
        &mut all,
        Ignored,
        counts.no_gene,
        "copy-number variants touch no known gene and no region of a panel",
    );
    all
}

/// The reason about FILTER, for a loss or gain of the proband that is long enough and passes.
fn may_report(
    variant: &StructuralVariant,
    policy: &StructuralPolicy,
    counts: &mut Counts,
    cx: &TierContext<'_>,
) -> Option<Reason> {
    let filter = proband::passes(A, variant, &policy.filters, cx);
    let count = match (variant.kind, proband::carries(variant, cx)) {
        (_, Tri::Unknown) => &mut counts.not_called,
        (_, Tri::No) => &mut counts.not_carried,
        (StructuralKind::NeutralLoss, _) => &mut counts.neutral,
        _ if !filter.holds => &mut counts.filtered,
        _ if variant.length().is_none_or(|bp| bp < policy.min_reported_bp.value) => {
            &mut counts.short
        }
        _ => return Some(filter),
    };
    *count += 1;
    None
}

/// Structural variants of the same kind that the proband carries, that pass, and that overlap enough; and the largest overlap.
fn confirmed(
    variant: &StructuralVariant,
    calls: &Calls<'_>,
    policy: &StructuralPolicy,
    cx: &TierContext<'_>,
) -> (Vec<String>, Option<f64>) {
    let (mut ids, mut largest) = (Vec::new(), None);
    for other in seen_by(calls, Evidence::Breakpoints) {
        let same = other.kind == variant.kind && other.contig == variant.contig;
        if !same
            || proband::carries(other, cx) != Tri::Yes
            || !proband::passes(A, other, &policy.filters, cx).holds
        {
            continue;
        }
        let share = reciprocal_overlap(variant.span(), other.span());
        largest = Some(share.max(largest.unwrap_or(0.0)));
        if share >= policy.reciprocal_overlap.value {
            ids.push(other.id.clone());
        }
    }
    (ids, largest.filter(|share| *share > 0.0))
}

/// Longer than one caller alone may say, or seen by a second one.
fn quality(
    variant: &StructuralVariant,
    (share, has_breakpoints): (Option<f64>, bool),
    policy: &StructuralPolicy,
) -> Reason {
    let length = variant.length().unwrap_or(0);
    let alone = policy.alone_above_bp.value;
    if length > alone {
        let source = &policy.alone_above_bp.source;
        return Reason::new(A, length, Comparison::AtLeast, alone.saturating_add(1), source)
            .text(format!("{length} bp, more than {alone}: one caller is enough."));
    }
    let least = policy.reciprocal_overlap.value;
    let text = match (share, has_breakpoints) {
        (Some(share), _) => format!(
            "{length} bp, at most {alone}: a structural variant of the same kind overlaps it reciprocally by {:.0} %.",
            share * 100.0
        ),
        (None, true) => format!(
            "{length} bp, at most {alone}, and no structural variant of the same kind overlaps it."
        ),
        (None, false) => format!(
            "{length} bp, at most {alone}: needs a structural-variant caller that agrees, and no file of one was given."
        ),
    };
    let observed = share.map_or(crate::model::reason::Value::Missing, Into::into);
    Reason::new(A, observed, Comparison::AtLeast, least, &policy.reciprocal_overlap.source)
        .text(text)
}

/// METHOD: a variant fails only when both measures exceed the limit, so that one alone, or none, never excludes it.
pub(super) fn rarity(variant: &StructuralVariant, policy: &StructuralPolicy) -> Vec<Reason> {
    let limit =
        if variant.kind == StructuralKind::Loss { &policy.max_loss } else { &policy.max_gain };
    let values = [&policy.af_keys, &policy.auc_keys].map(|keys| variant.value(&keys.value));
    let known: Vec<_> = values.into_iter().flatten().collect();
    let word = variant.kind.word();
    let shown: Vec<String> =
        known.iter().map(|value| format!("{} {}", value.key, value.value)).collect();
    let reason = match known.as_slice() {
        [] => Reason::new(A, "not assessed", Comparison::Equals, "not assessed", "ours")
            .text("No frequency of the copy number is annotated: rarity was not checked."),
        [_] => Reason::new(A, "one measure", Comparison::Equals, "one measure", "ours").text(format!(
            "{} against {} for a {word}; the other measure is not annotated, and one alone does not exclude.",
            shown[0], limit.value
        )),
        many => {
            let least = many.iter().map(|value| value.value).fold(f64::INFINITY, f64::min);
            Reason::new(A, least, Comparison::AtMost, limit.value, &limit.source).text(format!(
                "{} against {} for a {word}: too common only when both exceed it.",
                shown.join(", "),
                limit.value
            ))
        }
    };
    vec![reason]
}

/// Why a region cannot be compared with copy-number variants of this case.
pub(super) fn not_comparable(entity: &PanelEntity, cx: &TierContext<'_>) -> Option<String> {
    match entity.detail {
        EntityDetail::Region { change: RegionChange::Other, .. } | EntityDetail::None => {
            return Some("neither cnv_loss nor cnv_gain".into());
        }
        EntityDetail::Region { .. } | EntityDetail::Repeat { .. } => {}
    }
    match entity.place(cx.assembly) {
        None => Some(format!("the panel gives no {} coordinates", cx.assembly)),
        Some(place) if cx.contigs.resolve(&place.contig).is_none() => {
            Some("its contig is in no file of the case".into())
        }
        Some(_) => None,
    }
}

/// One event a region of the same type, green or, if the policy says so, less.
fn regions(judged: &Judged<'_>, cx: &TierContext<'_>) -> Vec<CallEvent> {
    let variant = judged.variant;
    let mut events = Vec::new();
    for panel in cx.panels.panels() {
        for entity in &panel.entities {
            let EntityDetail::Region { change, required_overlap } = entity.detail else { continue };
            let same = matches!(
                (change, variant.kind),
                (RegionChange::Loss, StructuralKind::Loss)
                    | (RegionChange::Gain, StructuralKind::Gain)
            );
            let Some(place) = entity.place(cx.assembly).filter(|_| same) else { continue };
            if cx.contigs.resolve(&place.contig) != Some(variant.contig) {
                continue;
            }
            let region = Span::from_one_based(place.start, place.end);
            let shared = overlap(region, judged.span);
            if shared == 0 {
                continue;
            }
            let percent = 100.0 * f64::from(shared) / f64::from(region.len());
            let default = &judged.policy.region_overlap_percent;
            let stated = required_overlap.map(|required| (required, "gel-cnv"));
            let (required, source) = stated.unwrap_or((default.value, &default.source));
            let covered = Reason::new(A, percent, Comparison::AtLeast, required, source)
                .text(format!("Covers {percent:.1} % of region {}.", entity.name));
            let rating = rating(entity.confidence, &format!("Region {}", entity.name));
            let wanted =
                if covered.holds { TierB::AmberRegion } else { TierB::PartlyCoveredRegion };
            let is_b = if covered.holds {
                entity.confidence == Some(Confidence::Amber)
            } else {
                entity.is_green()
            };
            let grade = if covered.holds && entity.is_green() {
                Some(Grade::TierA)
            } else if is_b && judged.policy.tier_b.value.contains(&wanted) {
                Some(Grade::TierB)
            } else {
                None
            };
            let Some(grade) = grade else { continue };
            let mut event =
                event(judged, grade, Entity::Region(entity.name.clone()), vec![rating, covered]);
            event.panel = Some(panel.reference());
            events.push(event);
        }
    }
    events
}

fn rating(confidence: Option<Confidence>, what: &str) -> Reason {
    let word = match confidence {
        None | Some(Confidence::Green) => "green",
        Some(Confidence::Amber) => "amber",
        Some(Confidence::Red) => "red",
    };
    Reason::new(A, word, Comparison::Equals, "green", "gel-cnv")
        .text(format!("{what} is {word} on the panel."))
}

/// One event a green (or amber, for Tier B) gene and panel, and one for all other genes together.
fn genes(judged: &Judged<'_>, map: &GeneMap, cx: &TierContext<'_>) -> Vec<CallEvent> {
    let mut events = Vec::new();
    let mut others: Vec<String> = Vec::new();
    for gene in map.touching(judged.variant.contig, judged.span) {
        let mut graded = false;
        for &hit in &gene.panels {
            let entry = cx.panels.gene(hit);
            let amber = entry.confidence == Some(Confidence::Amber);
            let grade = if entry.is_green() {
                Grade::TierA
            } else if amber && judged.policy.tier_b.value.contains(&TierB::AmberGene) {
                Grade::TierB
            } else {
                continue;
            };
            graded = true;
            let what = format!("{} ({})", entry.symbol, gene.touched_words(judged.span));
            let reasons = vec![rating(entry.confidence, &what)];
            let mut event = event(judged, grade, Entity::Gene(entry.symbol.clone()), reasons);
            event.gene = Some(gene.gene.clone());
            event.panel = Some(cx.panels.panels()[hit.panel].reference());
            events.push(event);
        }
        if !graded {
            others.push(gene.gene.shown().to_owned());
        }
    }
    if !others.is_empty() {
        others.sort();
        others.dedup();
        let n = u32::try_from(others.len()).unwrap_or(u32::MAX);
        let reason = Reason::new(NULL, n, Comparison::AtLeast, 1_u32, "gel-cnv")
            .text(format!("{n} genes that no applied panel lists as green."));
        events.push(event(judged, Grade::Null, Entity::Genes(others), vec![reason]));
    }
    events
}

/// An event of this tier, or of Tier Null where the call is not sure enough for one.
fn event(judged: &Judged<'_>, grade: Grade, entity: Entity, own: Vec<Reason>) -> CallEvent {
    let sure = judged.quality.holds;
    let tier = if sure { grade } else { Grade::Null };
    let rule = match tier {
        Grade::TierA => A,
        Grade::TierB => B,
        _ => NULL,
    };
    let shared = [&judged.filter, &judged.quality].into_iter().chain(&judged.rarity);
    let mut reasons: Vec<Reason> = shared.cloned().collect();
    reasons.extend(own);
    for reason in &mut reasons {
        rule.clone_into(&mut reason.rule);
    }
    CallEvent {
        id: String::new(),
        domain: None,
        tier: Some(tier),
        entity,
        gene: None,
        panel: None,
        mode_of_inheritance: TieringMode::Na,
        segregation: String::new(),
        possible: false,
        missing: Vec::new(),
        label: (!sure).then(|| "one_caller".to_owned()),
        group: None,
        members: Vec::new(),
        repeat_limits: None,
        reasons,
    }
}

/// Best first; of one tier in the order of what they speak of.
pub(super) fn sort(events: &mut [CallEvent]) {
    events.sort_by(|a, b| {
        let key = |e: &CallEvent| {
            let region = matches!(e.entity, Entity::Region(_));
            ((e.tier.is_none(), e.tier), e.group, !region, e.entity.shown(), e.panel.clone())
        };
        key(a).cmp(&key(b))
    });
}

/// Green entries of a mapped gene.
pub(super) fn green<'a>(
    gene: &'a MappedGene,
    cx: &'a TierContext<'_>,
) -> impl Iterator<Item = crate::model::panel::PanelHit> + 'a {
    gene.panels.iter().copied().filter(|&hit| cx.panels.gene(hit).is_green())
}
