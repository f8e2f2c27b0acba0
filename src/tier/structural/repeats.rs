//! Tiers of short tandem repeats: limits of the panels against the upper bound of each allele, in affected members.

use super::{Calls, tell};
use crate::model::candidate::TieringMode;
use crate::model::coord::Span;
use crate::model::grade::{CallEvent, Entity, EntityGap, Grade, RepeatFinding};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{EntityDetail, EntityKind, Panel, PanelEntity, PanelMode};
use crate::model::reason::{Comparison, Reason};
use crate::model::repeat::{RepeatAllele, RepeatCall, RepeatLocus, same_unit};
use crate::policy::structural::{PartnerLimit, RepeatPolicy};
use crate::tier::TierContext;
use crate::tier::inheritance::Place;
use crate::tier::inheritance::kin::Relative;

const TIER1: &str = "str_tier1";
const TIER2: &str = "str_tier2";

/// Label of a locus of a biallelic gene with one long allele: no tier of its own, but a partner for another variant.
pub(super) const ONE_ALLELE: &str = "one_allele";

/// A repeat of a panel with its limits.
struct Limits<'a> {
    panel: &'a Panel,
    entity: &'a PanelEntity,
    /// Least size that is not normal. METHOD: a limit of 0 would call every size abnormal; 1 stands for it.
    normal: u32,
    pathogenic: u32,
    mode: PanelMode,
}

impl Limits<'_> {
    fn grade(&self, units: u32) -> Option<Grade> {
        match units {
            n if n >= self.pathogenic => Some(Grade::Tier1),
            n if n >= self.normal => Some(Grade::Tier2),
            _ => None,
        }
    }
}

/// All loci that a rule reports; green repeats of the panels that cannot be assessed become gaps.
pub(super) fn tiers(
    calls: &Calls<'_>,
    policy: &RepeatPolicy,
    gaps: &mut Vec<EntityGap>,
    cx: &TierContext<'_>,
) -> (Vec<RepeatFinding>, Vec<Notice>) {
    let mut events: Vec<Vec<CallEvent>> = vec![Vec::new(); calls.repeats.len()];
    let mut shifted = 0;
    for panel in cx.panels.panels() {
        let strs = panel.entities.iter().filter(|entity| entity.kind == EntityKind::Str);
        for entity in strs.filter(|entity| entity.is_green()) {
            let mut gap = |why: String| {
                let (panel, entity) = (panel.name.clone(), entity.name.clone());
                gaps.push(EntityGap { panel, entity, why });
            };
            match locus_of(entity, calls.repeats, cx) {
                Err(why) => gap(why),
                Ok((index, same_bounds)) => {
                    shifted += u64::from(!same_bounds);
                    let EntityDetail::Repeat { normal, pathogenic, .. } = entity.detail else {
                        continue;
                    };
                    let mode = PanelMode::parse(&entity.mode_text);
                    let limits = Limits { panel, entity, normal: normal.max(1), pathogenic, mode };
                    match event(&calls.repeats[index], &limits, policy, cx) {
                        Ok(found) => events[index].extend(found),
                        Err(why) => gap(why),
                    }
                }
            }
        }
    }
    let found = calls.repeats.iter().zip(events).filter(|(_, events)| !events.is_empty());
    let found = found.map(|(locus, mut events)| {
        super::copy_number::sort(&mut events);
        RepeatFinding { locus: locus.clone(), events }
    });
    let mut notices = Vec::new();
    let text = "repeats of the panels were compared with loci of the same unit whose bounds in the file differ";
    tell(&mut notices, NoticeKind::Panel, shifted, text);
    (found.collect(), notices)
}

/// The locus of a panel's repeat, and whether its bounds are the same; or why there is none.
pub(super) fn locus_of(
    entity: &PanelEntity,
    loci: &[RepeatLocus],
    cx: &TierContext<'_>,
) -> Result<(usize, bool), String> {
    let EntityDetail::Repeat { unit, .. } = &entity.detail else {
        return Err("the panel gives no limits".into());
    };
    let Some(place) = entity.place(cx.assembly) else {
        return Err(format!("the panel gives no {} coordinates", cx.assembly));
    };
    let span = Span::from_one_based(place.start, place.end);
    let contig = cx.contigs.resolve(&place.contig);
    let here = || {
        let near =
            |locus: &RepeatLocus| Some(locus.contig) == contig && locus.span().overlaps(span);
        loci.iter().enumerate().filter(move |(_, locus)| near(locus))
    };
    let distance = |locus: &RepeatLocus| {
        locus.span().start.abs_diff(span.start) + locus.span().end.abs_diff(span.end)
    };
    let best = here()
        .filter(|(_, locus)| same_unit(&locus.unit, unit))
        .min_by_key(|(i, locus)| (distance(locus), *i));
    match best {
        Some((i, locus)) => Ok((i, locus.span() == span)),
        None => Err(match here().next() {
            Some((_, locus)) => format!(
                "the locus at its coordinates repeats {}, the panel says {unit}",
                locus.unit
            ),
            None => "not in the file".into(),
        }),
    }
}

/// What an affected member's call earns.
struct Earned {
    member: u16,
    grade: Option<Grade>,
    label: Option<&'static str>,
    reasons: Vec<Reason>,
    missing: Vec<String>,
}

/// The event of a repeat; none when all sizes are normal; an error when no affected member could be assessed.
fn event(
    locus: &RepeatLocus,
    limits: &Limits<'_>,
    policy: &RepeatPolicy,
    cx: &TierContext<'_>,
) -> Result<Option<CallEvent>, String> {
    let (mut earned, mut why, mut assessed) = (Vec::new(), None, false);
    for member in cx.kin.affected() {
        let call = locus.calls.get(member.index).and_then(Option::as_ref);
        match call {
            None => {
                why.get_or_insert_with(|| format!("no call of the {}", member.label));
            }
            Some(call) if call.alleles.is_empty() => {
                why.get_or_insert_with(|| format!("records of the {} disagree", member.label));
            }
            Some(call) => match filter(call, policy) {
                Err(filter) => why = Some(format!("FILTER {filter} for the {}", member.label)),
                Ok(passed) => {
                    assessed = true;
                    earned.extend(judge(locus, limits, (member, call, passed), policy));
                }
            },
        }
    }
    if !assessed {
        return Err(why.unwrap_or_else(|| "no affected member has a sample".into()));
    }
    let Some(best) = earned.iter().map(|one| (one.grade.is_none(), one.grade)).min() else {
        return Ok(None);
    };
    earned.retain(|one| (one.grade.is_none(), one.grade) == best);
    Ok(Some(combine(locus, limits, &earned, (policy, cx))))
}

fn combine(
    locus: &RepeatLocus,
    limits: &Limits<'_>,
    earned: &[Earned],
    (policy, cx): (&RepeatPolicy, &TierContext<'_>),
) -> CallEvent {
    let EntityDetail::Repeat { gene, .. } = &limits.entity.detail else {
        return empty(limits);
    };
    let mut reasons: Vec<Reason> = earned.iter().flat_map(|one| one.reasons.clone()).collect();
    let bounds = format!(
        "{}-{} in the file, {} in the panel; unit {} there.",
        locus.start,
        locus.end,
        limits
            .entity
            .place(cx.assembly)
            .map_or_else(String::new, |p| format!("{}-{}", p.start, p.end)),
        locus.unit
    );
    let rule = if earned.iter().any(|one| one.grade == Some(Grade::Tier1)) { TIER1 } else { TIER2 };
    reasons.push(
        Reason::new(rule, "green", Comparison::Equals, "green", "gel-str")
            .text(format!("{} is green on the panel. {bounds}", limits.entity.name)),
    );
    let symbol = gene.symbol.as_deref().unwrap_or_default();
    if let Some(note) = policy.notes.value.get(symbol) {
        let source = &policy.notes.source;
        reasons
            .push(Reason::new(rule, "told", Comparison::Equals, "told", source).text(note.clone()));
    }
    let missing: Vec<String> = earned.iter().flat_map(|one| one.missing.clone()).collect();
    CallEvent {
        tier: earned.first().and_then(|one| one.grade),
        gene: Some(gene.clone()),
        mode_of_inheritance: mode(limits.mode),
        possible: !missing.is_empty(),
        missing,
        label: earned.first().and_then(|one| one.label).map(str::to_owned),
        members: earned.iter().map(|one| one.member).collect(),
        reasons,
        ..empty(limits)
    }
}

fn empty(limits: &Limits<'_>) -> CallEvent {
    CallEvent {
        id: String::new(),
        domain: None,
        tier: None,
        entity: Entity::Repeat(limits.entity.name.clone()),
        gene: None,
        panel: Some(limits.panel.reference()),
        mode_of_inheritance: TieringMode::Na,
        segregation: String::new(),
        possible: false,
        missing: Vec::new(),
        label: None,
        group: None,
        members: Vec::new(),
        repeat_limits: Some([limits.normal, limits.pathogenic]),
        reasons: Vec::new(),
    }
}

/// The tiering mode that a panel's mode stands for.
fn mode(mode: PanelMode) -> TieringMode {
    match mode {
        PanelMode::Biallelic => TieringMode::Biallelic,
        PanelMode::XLinkedBiallelic => TieringMode::XlinkedBiallelic,
        PanelMode::XLinkedMonoallelic => TieringMode::XlinkedMonoallelic,
        PanelMode::MonoallelicMaternallyImprinted => TieringMode::MonoallelicMaternallyImprinted,
        PanelMode::MonoallelicPaternallyImprinted => TieringMode::MonoallelicPaternallyImprinted,
        PanelMode::MonoallelicNotImprinted
        | PanelMode::Monoallelic
        | PanelMode::Both
        | PanelMode::BothMoreSevereBiallelic => TieringMode::MonoallelicNotImprinted,
        PanelMode::Mitochondrial | PanelMode::Unknown => TieringMode::Na,
    }
}

/// The reason about FILTER, or the filter that failed.
fn filter(call: &RepeatCall, policy: &RepeatPolicy) -> Result<Reason, String> {
    let listed = &policy.filters.value;
    let observed = call.filters.iter().find(|filter| !listed.contains(filter));
    let observed = observed.or(call.filters.first()).map_or(".", String::as_str);
    let reason =
        Reason::new(TIER1, observed, Comparison::OneOf, listed.clone(), &policy.filters.source)
            .text(format!("FILTER {}.", call.filters.join(";")));
    if reason.holds { Ok(reason) } else { Err(observed.to_owned()) }
}

/// Holds one member's alleles against the limits; `None` when they are normal.
///
/// METHOD: where both alleles are needed (the recessive mode under incomplete penetrance: unaffected members are not asked) the
/// shorter one decides, else the longer one. One X has one allele.
fn judge(
    locus: &RepeatLocus,
    limits: &Limits<'_>,
    (member, call, passed): (&Relative, &RepeatCall, Reason),
    policy: &RepeatPolicy,
) -> Option<Earned> {
    let mut alleles: Vec<&RepeatAllele> = call.alleles.iter().collect();
    alleles.sort_by_key(|allele| std::cmp::Reverse(allele.upper()));
    let longest = *alleles.first()?;
    let both = match limits.mode {
        PanelMode::Biallelic => true,
        PanelMode::XLinkedBiallelic => alleles.len() > 1,
        _ => false,
    };
    let single_allele = both && alleles.len() < 2;
    let decisive = if both { alleles.last().copied()? } else { longest };
    let grade = limits.grade(decisive.upper()).filter(|_| !single_allele);
    let partner = match policy.partner_limit.value {
        PartnerLimit::Normal => limits.normal,
        PartnerLimit::Pathogenic => limits.pathogenic,
    };
    let is_partner = both && grade.is_none() && longest.upper() >= partner;
    if grade.is_none() && !is_partner {
        return None;
    }
    let (allele, least) = match grade {
        Some(Grade::Tier1) => (decisive, limits.pathogenic),
        Some(_) => (decisive, limits.normal),
        None => (longest, partner),
    };
    let rule = if grade == Some(Grade::Tier1) { TIER1 } else { TIER2 };
    let mut reasons = vec![Reason { rule: rule.to_owned(), ..passed }];
    let which = match (both, grade) {
        (true, Some(_)) => "shorter of both alleles, as both are needed",
        (true, None) => "longer allele; the other is normal, and both are needed",
        (false, _) => "longest allele",
    };
    reasons.push(Reason::new(rule, allele.upper(), Comparison::AtLeast, least, "gel-str").text(
        format!(
            "{}: {which}: {} of {}; normal below {}, pathogenic from {}.",
            member.label,
            size(allele),
            locus.unit,
            limits.normal,
            limits.pathogenic
        ),
    ));
    let mut missing = Vec::new();
    if allele.interval.is_none() {
        missing.push(format!(
            "confidence interval of the {}: the size itself was taken",
            member.label
        ));
    }
    if limits.mode == PanelMode::Unknown {
        missing.push("mode of inheritance of the panel".to_owned());
    }
    if single_allele {
        missing.push(format!("second allele of the {}", member.label));
    }
    let label = grade.is_none().then_some(ONE_ALLELE);
    Some(Earned { member: member.index as u16 + 1, grade, label, reasons, missing })
}

/// `41 units (36 to 44)`.
fn size(allele: &RepeatAllele) -> String {
    match allele.interval {
        Some([low, high]) => format!("{} units ({low} to {high})", allele.units),
        None => format!("{} units", allele.units),
    }
}

/// Autosomal, for pairs.
pub(super) fn is_autosomal(locus: &RepeatLocus, cx: &TierContext<'_>) -> bool {
    Place::at(locus.contig, locus.start, cx.contigs, cx.assembly) == Place::Autosomal
}
