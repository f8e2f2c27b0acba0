//! Tiers of copy-number variants, structural variants and short tandem repeats, and their pairs with small variants.

mod breakpoints;
mod copy_number;
pub(super) mod explain;
pub(super) mod gene_map;
mod pairs;
pub(super) mod proband;
mod repeats;

use super::{TierContext, Tiering};
use crate::model::gene_model::GeneModel;
use crate::model::grade::{LookedFor, RepeatFinding, StructuralFinding};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::panel::EntityKind;
use crate::model::repeat::RepeatLocus;
use crate::model::structural::{Evidence, StructuralVariant};

use gene_map::GeneMap;

/// The calls of a case besides its small variants.
#[derive(Clone, Copy, Debug, Default)]
pub struct Calls<'a> {
    /// Copy-number and structural variants, in the order of results.
    pub structural: &'a [StructuralVariant],
    /// Short tandem repeats, in the order of results.
    pub repeats: &'a [RepeatLocus],
    /// Gene model, when the case has one.
    pub genes: Option<&'a GeneModel>,
    /// A file of a caller that sees copy numbers by depth was given.
    pub has_copy_number: bool,
    /// A file of a caller that sees breakpoints was given.
    pub has_breakpoints: bool,
    /// A file of repeats was given.
    pub has_repeats: bool,
    /// Mean number of copies in the tumour, where its copy-number caller tells it.
    pub ploidy: Option<f64>,
}

/// What was found besides small variants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OtherFindings {
    /// Copy-number and structural variants, best first.
    pub structural: Vec<StructuralFinding>,
    /// Short tandem repeats, best first.
    pub repeats: Vec<RepeatFinding>,
    /// What was looked for.
    pub looked_for: LookedFor,
}

/// Tiers all of it, pairs it with the small variants of `tiering`, and adds the notices there. Nothing depends on the order of
/// the calls.
pub fn structural(calls: &Calls<'_>, tiering: &mut Tiering, cx: &TierContext<'_>) -> OtherFindings {
    let mut found = OtherFindings::default();
    let given = !calls.structural.is_empty() || calls.has_copy_number || calls.has_breakpoints;
    if let (Some(policy), true) = (&cx.policy.structural, given) {
        let (map, notices) = GeneMap::new(calls.genes, cx);
        tiering.notices.extend(notices);
        let (copies, notices) = copy_number::tiers(calls, policy, &map, cx);
        found.structural = copies;
        tiering.notices.extend(notices);
        let (more, notices) = breakpoints::tiers(calls, policy, &map, cx);
        found.structural.extend(more);
        tiering.notices.extend(notices);
        found.looked_for.copy_number = calls.has_copy_number;
        found.looked_for.breakpoints = calls.has_breakpoints;
    } else if given {
        tiering.notices.push(no_rule("copy-number and structural variants"));
    }
    if let (Some(policy), true) = (&cx.policy.repeat, calls.has_repeats) {
        let (loci, mut notices) = repeats::tiers(calls, policy, &mut found.looked_for.gaps, cx);
        found.repeats = loci;
        tiering.notices.append(&mut notices);
        found.looked_for.repeats = true;
    } else if calls.has_repeats {
        tiering.notices.push(no_rule("short tandem repeats"));
    }
    gaps(&mut found.looked_for, cx);
    pairs::mark_hemizygous(calls, tiering, cx);
    pairs::add(&mut found, calls, tiering, cx);
    found.structural.retain(|finding| !finding.events.is_empty());
    found.repeats.retain(|finding| !finding.events.is_empty());
    found.structural.sort_by(|a, b| {
        rank(&a.events)
            .cmp(&rank(&b.events))
            .then_with(|| a.variant.order().cmp(&b.variant.order()))
    });
    found.repeats.sort_by(|a, b| {
        rank(&a.events).cmp(&rank(&b.events)).then_with(|| a.locus.order().cmp(&b.locus.order()))
    });
    found
}

fn rank(events: &[crate::model::grade::CallEvent]) -> impl Ord + use<> {
    let best = crate::model::grade::best(events);
    (best.is_none(), best)
}

fn no_rule(what: &str) -> Notice {
    let text = format!("files of {what} were given, but the policy has no rule for them");
    Notice::one(NoticeKind::NotAssessed, text)
}

/// Green regions that no copy-number variant could be held against.
fn gaps(looked: &mut LookedFor, cx: &TierContext<'_>) {
    for panel in cx.panels.panels() {
        let mut gap = |entity: &crate::model::panel::PanelEntity, why: &str| {
            looked.gaps.push(crate::model::grade::EntityGap {
                panel: panel.name.clone(),
                entity: entity.name.clone(),
                why: why.to_owned(),
            });
        };
        for entity in panel.entities.iter().filter(|entity| entity.is_green()) {
            match entity.kind {
                EntityKind::Str if !looked.repeats => gap(entity, "no file of repeats"),
                EntityKind::Str => {}
                EntityKind::Region if !looked.copy_number => {
                    gap(entity, "no file of copy-number variants");
                }
                EntityKind::Region => {
                    if let Some(why) = copy_number::not_comparable(entity, cx) {
                        gap(entity, &why);
                    }
                }
            }
        }
    }
    looked.gaps.sort();
    looked.gaps.dedup();
}

/// Adds a notice unless it speaks of nothing.
pub(super) fn tell(notices: &mut Vec<Notice>, kind: NoticeKind, n: u64, text: &str) {
    if n > 0 {
        notices.push(Notice::many(kind, n, text));
    }
}

/// Variants of one caller class.
fn seen_by<'a>(
    calls: &Calls<'a>,
    evidence: Evidence,
) -> impl Iterator<Item = &'a StructuralVariant> {
    calls.structural.iter().filter(move |variant| variant.evidence == evidence)
}
