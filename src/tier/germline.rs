//! Tiers of inherited disease: every candidate, gene, panel, mode and model.

use std::collections::BTreeMap;

use super::flags::flags;
use super::genes::{GeneHit, genes, is_known};
use super::inheritance::kin::Seen;
use super::inheritance::{Fit, Kin, ModelContext, Place, Scope, Tri, Unit};
use super::rules::{Award, Finding, standing};
use super::{Plan, TierContext, Tiering, place_of, single_allele};
use crate::model::annotation::ClinVar;
use crate::model::candidate::{
    Annotated, Candidate, PanelRef, Penetrance, ReportEvent, Tier, Tiered, TieringMode,
};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::reason::{Comparison, Reason};
use crate::policy::LimitClass;
use crate::policy::compiled::TermClass;

/// Most pairs of variants that are judged in one gene; what goes beyond is counted and told.
///
/// A rare-disease case has a handful of rare heterozygous variants a gene; a hundred (4,950 pairs) is a gene of artefacts.
pub const MAX_PAIRS_PER_GENE: usize = 5_000;

/// A candidate with what is worked out once.
pub(super) struct Prepared<'a> {
    pub(super) annotated: &'a Annotated,
    pub(super) place: Place,
    pub(super) genes: Vec<GeneHit>,
}

pub(super) fn prepare<'a>(annotated: &'a Annotated, cx: &TierContext<'_>) -> Prepared<'a> {
    let place = Place::of(&annotated.variant, cx.contigs, cx.assembly);
    Prepared { annotated, place, genes: genes(annotated, cx) }
}

/// Tiers all candidates of a case. The entries keep the order of the candidates; a candidate without events is untiered.
pub fn germline(candidates: Vec<Candidate>, cx: &TierContext<'_>) -> Tiering {
    let prepared: Vec<Prepared<'_>> =
        candidates.iter().map(|candidate| prepare(&candidate.annotated, cx)).collect();
    let mut events: Vec<Vec<ReportEvent>> =
        prepared.iter().map(|variant| single_events(variant, cx)).collect();
    let mut notices = pair_events(&prepared, cx, &mut events);
    notices.extend(not_judged(&prepared, cx));
    let single_alleles = single_allele::find(&prepared, &events, cx);
    drop(prepared);
    let tiered = candidates
        .into_iter()
        .zip(events)
        .map(|(candidate, mut events)| {
            sort(&mut events);
            Tiered { flags: flags(&candidate.annotated, cx), candidate, events }
        })
        .collect();
    Tiering { tiered, single_alleles, notices, ..Tiering::default() }
}

/// What no model or rule of the policy can answer, told whether or not such a variant was found: silence would read as "none".
fn not_judged(prepared: &[Prepared<'_>], cx: &TierContext<'_>) -> Vec<Notice> {
    let count = |wanted: &dyn Fn(&Prepared<'_>) -> bool| {
        prepared.iter().filter(|variant| wanted(variant)).count()
    };
    let at = |place| count(&|variant| variant.place == place && !variant.genes.is_empty());
    let imprinted = count(&|variant| {
        let mut hits = variant.genes.iter().flat_map(|gene| &gene.panels);
        hits.any(|&hit| {
            let gene = cx.panels.gene(hit);
            gene.is_green() && gene.mode.is_imprinted()
        })
    });
    let known = count(&|variant| {
        let clinvar = variant.annotated.clinvar.as_ref();
        variant.genes.is_empty() && clinvar.is_some_and(ClinVar::is_pathogenic)
    });
    let mut notices = Vec::new();
    let mut tell = |n: usize, text: String| {
        notices.push(Notice { kind: NoticeKind::NotAssessed, text, count: n as u64 });
    };
    for (place, word) in [(Place::Mitochondrial, "mitochondrial"), (Place::Y, "Y-linked")] {
        if cx.plans.iter().all(|plan| place_of(plan.mode.id) != Some(place)) {
            let n = at(place);
            tell(
                n,
                format!(
                    "{word} variants are not assessed: no model judges them; {n} were kept by the filters"
                ),
            );
        }
    }
    let imprinted_modes =
        [TieringMode::MonoallelicMaternallyImprinted, TieringMode::MonoallelicPaternallyImprinted];
    if !imprinted_modes.iter().all(|mode| cx.plans.iter().any(|plan| plan.mode.id == *mode)) {
        let text = format!(
            "imprinted genes: the parent of origin is not assessed; {imprinted} kept variants lie in green imprinted genes \
             and were judged as if not imprinted"
        );
        tell(imprinted, text);
    }
    if known > 0 {
        let text = format!(
            "{known} variants that ClinVar calls pathogenic or likely pathogenic have no consequence that counts: they have \
             no tier"
        );
        tell(known, text);
    }
    notices
}

pub(super) fn sort(events: &mut [ReportEvent]) {
    events.sort_by(|a, b| {
        let key = |e: &ReportEvent| (e.tier, e.gene.clone(), e.panel.clone(), e.mode);
        key(a)
            .cmp(&key(b))
            .then_with(|| a.segregation.cmp(&b.segregation))
            .then_with(|| (a.penetrance, a.group).cmp(&(b.penetrance, b.group)))
    });
}

/// Whether the variant is rare enough for a class, with the population that decides.
pub(super) fn frequency(variant: &Annotated, class: LimitClass, cx: &TierContext<'_>) -> Reason {
    let id = "frequency";
    match cx.limits.tightest(&variant.frequencies, class) {
        None => Reason::new(id, "not assessed", Comparison::Equals, "not assessed", "ours")
            .text("No population frequency is annotated: rarity was not checked."),
        Some(c) => Reason::new(id, c.value, c.comparison, c.limit, c.source).text(format!(
            "{} {}{} against {}.",
            c.population,
            c.value,
            c.from(),
            c.limit
        )),
    }
}

/// The first penetrance run under which the model stands.
fn first_standing(
    plan: &Plan<'_>,
    unit: &Unit<'_>,
    place: Place,
    cx: &TierContext<'_>,
) -> Option<(Penetrance, Fit)> {
    cx.penetrance.iter().find_map(|&penetrance| {
        let fit = plan.model.check(unit, &model_context(place, penetrance, cx));
        fit.stands().then_some((penetrance, fit))
    })
}

pub(super) fn model_context<'a>(
    place: Place,
    penetrance: Penetrance,
    cx: &'a TierContext<'_>,
) -> ModelContext<'a> {
    let (de_novo, reads) = (cx.policy.de_novo.as_ref(), cx.policy.reads.as_ref());
    ModelContext { kin: &cx.kin, place, penetrance, de_novo, reads }
}

fn single_events(variant: &Prepared<'_>, cx: &TierContext<'_>) -> Vec<ReportEvent> {
    let mut events = Vec::new();
    if variant.genes.is_empty() {
        return events;
    }
    for plan in &cx.plans {
        let here = place_of(plan.mode.id) == Some(variant.place);
        if plan.model.scope() != Scope::Single || !here {
            continue;
        }
        if cx.limits.exceeds(&variant.annotated.frequencies, plan.mode.frequency) {
            continue;
        }
        let unit = Unit::Single(variant.annotated);
        let Some((penetrance, fit)) = first_standing(plan, &unit, variant.place, cx) else {
            continue;
        };
        let found = Found { plan, penetrance, fit: &fit, group: None };
        for hit in &variant.genes {
            events.extend(gene_events(variant, hit, &found, cx));
        }
    }
    events
}

/// A model that stands.
pub(super) struct Found<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) penetrance: Penetrance,
    pub(super) fit: &'a Fit,
    pub(super) group: Option<u32>,
}

/// One event a panel that lists the gene, or one without a panel.
pub(super) fn gene_events(
    variant: &Prepared<'_>,
    hit: &GeneHit,
    found: &Found<'_>,
    cx: &TierContext<'_>,
) -> Vec<ReportEvent> {
    let off_panel = [None];
    let on_panel: Vec<_> = hit.panels.iter().map(|&panel| Some(panel)).collect();
    let entries = if on_panel.is_empty() { &off_panel[..] } else { &on_panel };
    let mut events = Vec::new();
    for entry in entries {
        let finding = Finding {
            gene: &hit.gene,
            terms: &hit.names,
            class: hit.class,
            entry: entry.map(|panel| cx.panels.gene(panel)),
            panel_modes: found.plan.panel_modes,
            segregation: found.plan.model.id(),
            certain: matches!(found.fit, Fit::Fits(_)),
            known: is_known(variant.annotated, cx),
        };
        if found.plan.mode.matching_only && !finding.mode_matches_surely() {
            continue;
        }
        let Some((tier, rule_reasons)) = award(&finding, cx) else { continue };
        let (missing, model_reasons) = match found.fit {
            Fit::Fits(reasons) => (Vec::new(), reasons.clone()),
            Fit::Possible { missing, reasons } => (missing.clone(), reasons.clone()),
            Fit::Refuted(_) => continue,
        };
        let mut reasons = vec![frequency(variant.annotated, found.plan.mode.frequency, cx)];
        reasons.extend(model_reasons);
        reasons.extend(rule_reasons);
        reasons.extend(not_by_loss(&finding));
        let label = standing(&finding);
        events.push(ReportEvent {
            gene: hit.gene.clone(),
            consequence: hit.consequence,
            terms: hit.terms.clone(),
            panel: entry.map(|panel| {
                let panel = &cx.panels.panels()[panel.panel];
                let (id, name) = (panel.id.clone(), panel.name.clone());
                PanelRef { id, name, version: panel.version.clone() }
            }),
            mode: found.plan.mode.id,
            segregation: found.plan.model.id().to_owned(),
            possible: !missing.is_empty(),
            missing,
            penetrance: found.penetrance,
            tier: Some(tier),
            domain: None,
            label: (label != "green_match").then(|| label.to_owned()),
            group: found.group,
            reasons,
        });
    }
    events
}

/// PanelApp's word on genes in which a loss of function does not cause the disease: told beside a high-impact variant. No
/// public tiering rule uses it, so that it changes no tier.
fn not_by_loss(finding: &Finding<'_>) -> Option<Reason> {
    let text = finding.entry?.mode_of_pathogenicity.as_deref()?;
    let told =
        finding.class == TermClass::High && text.to_ascii_uppercase().contains("DO NOT CAUSE");
    let id = "mode_of_pathogenicity";
    told.then(|| {
        let text = format!("The panel says: {text}.");
        let word = "loss of function does not cause it";
        Reason::new(id, word, Comparison::Equals, word, "ours").text(text)
    })
}

/// The first rule of the policy whose reasons all hold.
fn award(finding: &Finding<'_>, cx: &TierContext<'_>) -> Option<(Tier, Vec<Reason>)> {
    cx.rules.iter().find_map(|rule| {
        let Award::Tier(tier) = rule.award() else { return None };
        let reasons = rule.reasons(finding, cx);
        reasons.iter().all(|reason| reason.holds).then_some((tier, reasons))
    })
}

/// Every affected member may be heterozygous: without that no pair can stand. With one X one of the two is enough.
fn may_pair(annotated: &Annotated, place: Place, kin: &Kin) -> bool {
    kin.affected().all(|member| {
        let one_x = place == Place::X && member.x_copies == Some(1);
        one_x || Seen::one_copy(member.seen(annotated, place)) != Tri::No
    })
}

fn pair_events(
    prepared: &[Prepared<'_>],
    cx: &TierContext<'_>,
    events: &mut [Vec<ReportEvent>],
) -> Vec<Notice> {
    let mut notices = Vec::new();
    let mut group = 0;
    for plan in cx.plans.iter().filter(|plan| plan.model.scope() == Scope::Pair) {
        // Genes by key and variants by position, so that groups do not depend on the order of the candidates.
        let mut by_gene: BTreeMap<&str, Vec<(usize, &GeneHit)>> = BTreeMap::new();
        for (i, variant) in prepared.iter().enumerate() {
            let rare = !cx.limits.exceeds(&variant.annotated.frequencies, plan.mode.frequency);
            let here = place_of(plan.mode.id) == Some(variant.place);
            if !(here && rare && may_pair(variant.annotated, variant.place, &cx.kin)) {
                continue;
            }
            for hit in &variant.genes {
                let Some(key) = hit.gene.key() else { continue };
                by_gene.entry(key).or_default().push((i, hit));
            }
        }
        for variants in by_gene.values_mut() {
            variants.sort_by(|(a, _), (b, _)| {
                prepared[*a].annotated.variant.cmp(&prepared[*b].annotated.variant)
            });
            let skipped = gene_pairs(variants, (plan, prepared, cx), &mut group, events);
            if skipped > 0 {
                // A gene that no panel asks about may be one of which nothing may be told, not even that it has variants.
                let is_asked =
                    |hit: &GeneHit| hit.panels.iter().any(|&one| cx.panels.gene(one).is_green());
                let asked = variants.iter().find(|(_, hit)| is_asked(hit));
                let text = format!(
                    "{} has {} variants; pairs beyond {MAX_PAIRS_PER_GENE} were not judged as {}",
                    asked.map_or("a gene that is green on no panel", |(_, hit)| hit.gene.shown()),
                    variants.len(),
                    plan.model.id()
                );
                notices.push(Notice { kind: NoticeKind::NotAssessed, text, count: skipped as u64 });
            }
        }
    }
    notices
}

/// Judges the pairs of one gene; returns how many were left out.
fn gene_pairs(
    variants: &[(usize, &GeneHit)],
    (plan, prepared, cx): (&Plan<'_>, &[Prepared<'_>], &TierContext<'_>),
    group: &mut u32,
    events: &mut [Vec<ReportEvent>],
) -> usize {
    let total = variants.len() * variants.len().saturating_sub(1) / 2;
    let pairs = variants
        .iter()
        .enumerate()
        .flat_map(|(n, first)| variants[n + 1..].iter().map(move |second| (first, second)));
    for ((i, first), (j, second)) in pairs.take(MAX_PAIRS_PER_GENE) {
        let (a, b) = (&prepared[*i], &prepared[*j]);
        let unit = Unit::Pair(a.annotated, b.annotated);
        let Some((penetrance, fit)) = first_standing(plan, &unit, a.place, cx) else { continue };
        *group += 1;
        let found = Found { plan, penetrance, fit: &fit, group: Some(*group) };
        events[*i].extend(gene_events(a, first, &found, cx));
        events[*j].extend(gene_events(b, second, &found, cx));
    }
    total.saturating_sub(MAX_PAIRS_PER_GENE)
}
