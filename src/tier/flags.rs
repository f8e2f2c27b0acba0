//! What a reader must know before a variant is believed: genotypes that no descent explains, and calls that the reads
//! contradict. Flags change no tier.

use super::TierContext;
use super::inheritance::{Place, Tri};
use crate::model::candidate::Annotated;

/// The flags of a variant, in words without identifiers.
pub(super) fn flags(variant: &Annotated, cx: &TierContext<'_>) -> Vec<String> {
    let place = Place::of(&variant.variant, cx.contigs, cx.assembly);
    let mut flags: Vec<String> = from_one_parent(variant, place, cx).into_iter().collect();
    let Some(policy) = &cx.policy.reads else { return flags };
    for member in cx.kin.all.iter().filter(|member| member.sequenced) {
        let conflict = member.call(variant).and_then(|call| policy.conflict(call));
        flags.extend(conflict.map(|conflict| format!("{}: {conflict}", member.label)));
    }
    flags
}

/// A homozygous child of one carrier, with what the reads of the parent who lacks it show.
fn from_one_parent(variant: &Annotated, place: Place, cx: &TierContext<'_>) -> Option<String> {
    let child = cx.kin.proband.map(|i| &cx.kin.all[i]).filter(|child| child.sequenced)?;
    if place != Place::Autosomal || child.seen(variant, place).all_copies() != Tri::Yes {
        return None;
    }
    let parents = cx.kin.parents(child);
    let with = |wanted: Tri| {
        let mut found = parents.iter().filter(|(_, parent)| {
            parent.is_some_and(|parent| parent.seen(variant, place).carries() == wanted)
        });
        found.next().copied()
    };
    let ((carrier, _), (other, lacking)) = (with(Tri::Yes)?, with(Tri::No)?);
    let reads = lacking.and_then(|parent| parent.call(variant)?.counted());
    let counts = reads.map_or(String::new(), |reads| {
        let (alternate, depth) = (reads.alternate.count(), reads.depth());
        format!("; {other}: {alternate} of {depth} reads have the ALT")
    });
    Some(format!(
        "homozygous, and only the {carrier} carries it: possible uniparental disomy or allele drop-out (or a deletion), not \
         a new mutation{counts}"
    ))
}
