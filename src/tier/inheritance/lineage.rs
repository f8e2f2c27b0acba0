//! Descent: from which parent a member has a variant, and who shares a maternal line.

use super::Tri;
use super::kin::{Kin, Place, Relative};
use crate::model::candidate::Annotated;

/// From whom a member has the variant, as far as the genotypes tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Only the father can have given it.
    Father,
    /// Only the mother can have given it.
    Mother,
    /// A homozygous member of two carriers: both gave it.
    Both,
    /// Both parents surely lack it.
    New,
    /// Not known, with what is missing.
    Open(Vec<String>),
}

/// What is known of one parent.
fn gave(parent: Option<&Relative>, at: (&Annotated, Place), reads: Option<f64>) -> (Tri, Tri) {
    let Some(parent) = parent else { return (Tri::Unknown, Tri::Unknown) };
    let seen = parent.seen(at.0, at.1);
    let carries = match seen.carries() {
        Tri::No if has_reads(parent, at.0, reads) => Tri::Unknown,
        carries => carries,
    };
    (carries, seen.all_copies())
}

/// More ALT reads than the de novo limit allows, by the caller or by the second look at the reads.
///
/// METHOD: a parent called reference with more ALT reads than the de novo limit may be a missed or mosaic carrier.
pub(super) fn has_reads(parent: &Relative, variant: &Annotated, most: Option<f64>) -> bool {
    let called = parent.call(variant).and_then(|call| call.alternate_depth);
    let counted = parent.call(variant).and_then(|call| call.counted());
    let reads = called.max(counted.map(|reads| reads.alternate.count()));
    reads.zip(most).is_some_and(|(n, most)| f64::from(n) > most)
}

/// From whom `child`, a carrier, has the variant. `reads` is the policy's limit of parental ALT reads.
pub(super) fn origin(
    kin: &Kin,
    child: &Relative,
    at: (&Annotated, Place),
    reads: Option<f64>,
) -> Origin {
    let parents = kin.parents(child);
    let [(father, father_all), (mother, mother_all)] =
        parents.map(|(_, parent)| gave(parent, at, reads));
    let all = child.seen(at.0, at.1).all_copies();
    match (father, mother) {
        (Tri::No, Tri::No) => Origin::New,
        (Tri::Yes, Tri::No) => Origin::Father,
        (Tri::No, Tri::Yes) => Origin::Mother,
        (Tri::Yes, Tri::Yes) if all == Tri::Yes => Origin::Both,
        // A homozygous parent surely gave it, so that the one copy of a heterozygous child is not the other parent's.
        _ if all == Tri::No && father_all == Tri::Yes && mother_all != Tri::Yes => Origin::Father,
        _ if all == Tri::No && mother_all == Tri::Yes && father_all != Tri::Yes => Origin::Mother,
        (Tri::Yes, Tri::Yes) => {
            Origin::Open(vec![format!("{}: both parents carry it, phase", child.label)])
        }
        _ => Origin::Open(
            parents
                .into_iter()
                .zip([father, mother])
                .filter(|(_, carries)| *carries == Tri::Unknown)
                .map(|((who, parent), _)| {
                    let why = match parent {
                        None => "not in the case".to_owned(),
                        Some(parent) if parent.seen(at.0, at.1).carries() == Tri::No => {
                            "called absent, but reads show it".to_owned()
                        }
                        Some(parent) => parent.word(at.0, at.1),
                    };
                    format!("{who} of {}: {why}", child.label)
                })
                .collect(),
        ),
    }
}

/// The first known woman of a member's maternal line; the member itself when the case knows no mother of it.
fn root(kin: &Kin, member: &Relative) -> usize {
    let mut at = member;
    // A line is no longer than the family: a circle in the tree ends here.
    for _ in 0..kin.all.len() {
        match at.mother.and_then(|i| kin.all.get(i)) {
            Some(mother) => at = mother,
            None => break,
        }
    }
    at.index
}

/// Both descend from one woman through women only, so that they share a mitochondrial genome.
pub(super) fn share_maternal_line(kin: &Kin, a: &Relative, b: &Relative) -> bool {
    root(kin, a) == root(kin, b)
}

/// An ancestor of a parent of `child` carries the variant although that parent is called without it: the label of the
/// ancestor.
pub(super) fn carrier_beyond<'a>(
    kin: &'a Kin,
    child: &Relative,
    at: (&Annotated, Place),
) -> Option<&'a Relative> {
    let mut open: Vec<&Relative> =
        kin.parents(child).into_iter().filter_map(|(_, parent)| parent).collect();
    let mut seen = vec![child.index];
    while let Some(member) = open.pop() {
        if seen.contains(&member.index) {
            continue;
        }
        seen.push(member.index);
        for (_, ancestor) in kin.parents(member) {
            let Some(ancestor) = ancestor else { continue };
            if ancestor.seen(at.0, at.1).carries() == Tri::Yes {
                return Some(ancestor);
            }
            open.push(ancestor);
        }
    }
    None
}
