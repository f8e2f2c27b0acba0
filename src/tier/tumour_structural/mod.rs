//! Copy-number and structural variants of a tumour: domains by gene, amplifications and losses, candidates of fusions, second
//! hits of tumour suppressors.

mod breaks;
mod copies;
pub(super) mod explain;
#[cfg(test)]
mod tests;
mod two_hit;

use super::structural::gene_map::{GeneMap, MappedGene};
use super::structural::{Calls, tell};
use super::{OtherFindings, TierContext, Tiering};
use crate::model::annotation::GeneRef;
use crate::model::candidate::{Domain, PanelRef, TieringMode};
use crate::model::contig::ContigId;
use crate::model::coord::Span;
use crate::model::genotype::Dosage;
use crate::model::grade::{CallEvent, Entity, StructuralFinding, best_domain};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::{CancerRole, PanelSet};
use crate::model::reason::{Comparison, Reason};
use crate::model::regions::RegionSet;
use crate::model::sample::Role;
use crate::model::structural::{Evidence, StructuralCall, StructuralKind, StructuralVariant};
use crate::policy::Sourced;

pub(super) use breaks::FUSION;
pub(super) use copies::{AMPLIFICATION, HOMOZYGOUS};
pub use two_hit::TwoHit;

/// What was passed over.
#[derive(Default)]
struct Counts {
    not_the_tumour_s: u64,
    filtered: u64,
    no_gene: u64,
    other_genes: u64,
}

/// Gives every variant that the tumour carries its domains, and looks for genes that are hit twice. Nothing depends on the order
/// of the calls.
pub fn tumour_structural(
    calls: &Calls<'_>,
    tiering: &mut Tiering,
    cx: &TierContext<'_>,
) -> Option<OtherFindings> {
    let given = !calls.structural.is_empty() || calls.has_copy_number || calls.has_breakpoints;
    let policy = cx.policy.tumour_structural.as_ref();
    let (Some(policy), true) = (policy, given) else {
        if given {
            let text = "files of copy-number and structural variants were given, but the policy has no rule for tumours";
            tiering.notices.push(Notice::one(NoticeKind::NotAssessed, text));
            let mut found = OtherFindings::default();
            found.looked_for.why_not = Some("the policy has no rule for them".into());
            return Some(found);
        }
        return None;
    };
    let mut found = OtherFindings::default();
    let Some(model) = calls.genes else {
        let text = "copy-number and structural variants of the tumour were not compared with genes: the case gives no gene model (`genes`)";
        tiering.notices.push(Notice::one(NoticeKind::NotAssessed, text));
        found.looked_for.why_not = Some("the case gives no gene model".into());
        return Some(found);
    };
    found.looked_for.copy_number = calls.has_copy_number;
    found.looked_for.breakpoints = calls.has_breakpoints;
    let (map, notices) = GeneMap::new(Some(model), cx);
    tiering.notices.extend(notices);
    let mut counts = Counts::default();
    for variant in calls.structural {
        let Some(carried) = carried(variant, cx) else {
            counts.not_the_tumour_s += 1;
            continue;
        };
        let filter = filter(variant, &policy.filters, cx);
        if !filter.holds {
            counts.filtered += 1;
            continue;
        }
        let seen = Seen { variant, filter, carried, map: &map, cx };
        let (events, other_genes) = match variant.evidence {
            Evidence::Depth => copies::events(&seen, calls.ploidy, policy),
            Evidence::Breakpoints => breaks::events(&seen, policy),
        };
        if events.is_empty() {
            *(if other_genes { &mut counts.other_genes } else { &mut counts.no_gene }) += 1;
            continue;
        }
        let (variant, confirmed_by) = (variant.clone(), Vec::new());
        found.structural.push(StructuralFinding { variant, confirmed_by, events });
    }
    tiering.notices.extend(self::notices(&counts));
    found.structural.sort_by(|a, b| {
        let key = |finding: &StructuralFinding| {
            let best = best_domain(&finding.events);
            (best.is_none(), best)
        };
        key(a).cmp(&key(b)).then_with(|| a.variant.order().cmp(&b.variant.order()))
    });
    tiering.two_hits = two_hit::find(&found.structural, &tiering.tiered, cx);
    Some(found)
}

/// Stretches where the tumour has two copies of one parent, for the mark of small variants.
pub fn lost_heterozygosity(calls: &Calls<'_>, cx: &TierContext<'_>) -> Option<RegionSet> {
    let policy = cx.policy.tumour_structural.as_ref()?;
    let neutral = calls.structural.iter().filter(|variant| {
        variant.kind == StructuralKind::NeutralLoss
            && carried(variant, cx).is_some()
            && filter(variant, &policy.filters, cx).holds
    });
    let set = RegionSet::new(neutral.map(|variant| (variant.contig, variant.span())));
    let tells = |variant: &StructuralVariant| {
        variant.kind == StructuralKind::NeutralLoss
            || tumour(variant, cx).is_some_and(|call| call.minor_copies.is_some())
    };
    calls.structural.iter().any(tells).then_some(set)
}

/// Stretches whose copies the tumour changed, by records of copy number that pass; `None` where no file tells copy numbers.
pub fn altered_copies(calls: &Calls<'_>, cx: &TierContext<'_>) -> Option<RegionSet> {
    let policy = cx.policy.tumour_structural.as_ref().filter(|_| calls.has_copy_number)?;
    let altered = calls.structural.iter().filter(|variant| {
        variant.evidence == Evidence::Depth
            && carried(variant, cx).is_some()
            && filter(variant, &policy.filters, cx).holds
    });
    Some(RegionSet::new(altered.map(|variant| (variant.contig, variant.span()))))
}

/// A variant of the tumour that passes, with what its genes are looked up in.
struct Seen<'a, 'c> {
    variant: &'a StructuralVariant,
    filter: Reason,
    carried: Reason,
    map: &'a GeneMap,
    cx: &'a TierContext<'c>,
}

/// The tumour's column.
fn tumour<'a>(variant: &'a StructuralVariant, cx: &TierContext<'_>) -> Option<&'a StructuralCall> {
    let (id, _) = cx.family.with_role(Role::Tumour)?;
    variant.calls.get(usize::from(id.0))?.as_ref()
}

/// What the tumour's column shows; `None` when it shows that the variant is not the tumour's.
///
/// METHOD: a genotype decides; without one reads over the breakpoints do, or another number of copies. Somatic callers that write
/// none of them list what they believe.
fn carried(variant: &StructuralVariant, cx: &TierContext<'_>) -> Option<Reason> {
    let call = tumour(variant, cx)?;
    let reads = [call.pairs, call.splits].into_iter().flatten().map(|[_, alternate]| alternate);
    let word = match (call.genotype.alleles.is_empty(), call.genotype.dosage()) {
        (false, dosage) if dosage.carries() => "genotype",
        (false, dosage) if Dosage::lacks(dosage) && call.copy_number.is_none() => return None,
        _ => match reads.reduce(|a, b| a + b) {
            Some(0) => return None,
            Some(_) => "reads",
            None if call.copy_number.is_some() => "number of copies",
            None => "listed without genotype or reads",
        },
    };
    let words = ["genotype", "reads", "number of copies", "listed without genotype or reads"];
    let accepted = words.map(str::to_owned).to_vec();
    let reason = Reason::new("carried", word, Comparison::OneOf, accepted, "ours");
    Some(reason.text(format!("Tumour: {word}.")))
}

/// FILTER of the record, and of the tumour's column where it has one of its own.
fn filter(
    variant: &StructuralVariant,
    filters: &Sourced<Vec<String>>,
    cx: &TierContext<'_>,
) -> Reason {
    let own = tumour(variant, cx).and_then(|call| call.sample_filter.clone());
    super::structural::proband::filter_reason("pass", variant, own, filters)
}

/// The list that a gene is on, with its domain and role.
struct Listed {
    domain: Domain,
    panel: Option<PanelRef>,
    role: Option<CancerRole>,
}

fn listed(gene: &GeneRef, cx: &TierContext<'_>) -> Listed {
    let on = |list: &PanelSet| {
        let hit = list.find(gene).into_iter().next()?;
        Some((list.panels()[hit.panel].reference(), list.gene(hit).role))
    };
    let role = || {
        [&cx.lists.domain1, &cx.lists.domain2].into_iter().filter_map(on).find_map(|(_, role)| role)
    };
    for (domain, list) in
        [(Domain::Domain1, &cx.lists.domain1), (Domain::Domain2, &cx.lists.domain2)]
    {
        if let Some((panel, _)) = on(list) {
            return Listed { domain, panel: Some(panel), role: role() };
        }
    }
    Listed { domain: Domain::Domain3, panel: None, role: None }
}

/// One event of a gene.
fn event(
    seen: &Seen<'_, '_>,
    gene: &MappedGene,
    listed: Listed,
    (label, own): (&str, Vec<Reason>),
) -> CallEvent {
    let mut reasons = vec![seen.filter.clone(), seen.carried.clone()];
    reasons.extend(own);
    CallEvent {
        id: String::new(),
        domain: Some(listed.domain),
        tier: None,
        entity: Entity::Gene(gene.gene.shown().to_owned()),
        gene: Some(gene.gene.clone()),
        panel: listed.panel,
        mode_of_inheritance: TieringMode::Na,
        segregation: String::new(),
        possible: false,
        missing: Vec::new(),
        label: Some(label.to_owned()),
        group: None,
        members: Vec::new(),
        repeat_limits: None,
        reasons,
    }
}

/// Genes that a base lies in, introns included.
fn genes_at(map: &GeneMap, contig: ContigId, position: u32) -> Vec<&MappedGene> {
    map.touching(contig, Span::from_one_based(position, position)).collect()
}

fn sort(events: &mut [CallEvent]) {
    events.sort_by(|a, b| (a.domain, &a.gene).cmp(&(b.domain, &b.gene)));
}

fn notices(counts: &Counts) -> Vec<Notice> {
    let mut all = Vec::new();
    for (n, text) in [
        (
            counts.not_the_tumour_s,
            "copy-number and structural variants are not the tumour's, and are not reported",
        ),
        (
            counts.filtered,
            "copy-number and structural variants failed their FILTER, and are not reported",
        ),
        (counts.no_gene, "copy-number and structural variants touch no gene, and are not reported"),
        (
            counts.other_genes,
            "copy-number and structural variants touch genes of neither list alone, which the policy does not report",
        ),
    ] {
        tell(&mut all, NoticeKind::Ignored, n, text);
    }
    all
}
