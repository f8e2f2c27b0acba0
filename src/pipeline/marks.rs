//! What the marks of somatic variants look at: repeats and duplications as the case gives them, reads of the tumour and of a
//! panel of normals at every candidate.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::evidence::Limits;
use crate::inputs::Inputs;
use crate::inputs::tumour::READS;
use crate::io::store::{Cursor, Found, Store};
use crate::model::candidate::{Annotated, Candidate};
use crate::model::evidence::ReadEvidence;
use crate::model::problem::Problem;
use crate::model::sample::Role;
use crate::model::variant::{Variant, VariantKind};
use crate::policy::Policy;
use crate::policy::marks::AbsentSite;
use crate::tier::marks::{MarkInputs, NormalReads};

use super::evidence;

/// Brings together what marks look at.
///
/// # Errors
///
/// A damaged alignment, reference or panel of normals.
pub(super) fn inputs<'a>(
    case: &Case,
    policy: &Policy,
    (inputs, threads): (&'a Inputs, usize),
    candidates: &[Candidate],
) -> Result<MarkInputs<'a>, Problem> {
    let files = &inputs.tumour;
    let normals = match &files.panel_of_normals {
        Some(store) => {
            let snvs: Vec<&Annotated> = candidates
                .iter()
                .map(|candidate| &candidate.annotated)
                .filter(|one| one.variant.kind() == VariantKind::Snv)
                .collect();
            Some(normals(case, policy, (inputs, threads), (store, &snvs))?)
        }
        None => None,
    };
    Ok(MarkInputs {
        simple_repeats: files.simple_repeats.as_ref(),
        segmental_duplications: files.segmental_duplications.as_ref(),
        lost: None,
        normals,
    })
}

/// Reads of tumour and normals at SNVs. A site that the panel does not list is left out, unless the policy counts it as normals
/// without reads.
fn normals(
    case: &Case,
    policy: &Policy,
    (inputs, threads): (&Inputs, usize),
    (store, snvs): (&std::sync::Arc<Store>, &[&Annotated]),
) -> Result<BTreeMap<Variant, Option<NormalReads>>, Problem> {
    let contigs = store.contigs(&inputs.contigs)?;
    let Some(column) = store.population(READS) else { return Ok(BTreeMap::new()) };
    let absent = policy.panel_of_normals.as_ref().map(|rules| rules.absent_site.value);
    let tumour = tumour(case, policy, (inputs, threads), snvs)?;
    let mut cursor = store.cursor();
    let mut all = BTreeMap::new();
    for (one, (counted, by_caller)) in snvs.iter().zip(tumour) {
        let contig = contigs.get(one.variant.contig.0 as usize).copied().flatten();
        let found = of_site(&mut cursor, (contig, column), &one.variant)?;
        let known = match (found, absent) {
            (None, Some(AbsentSite::NoReads)) => Some((0, 0)),
            (found, _) => found,
        };
        if let Some(normals) = known {
            let reads = counted.map(|tumour| NormalReads { tumour, normals, by_caller });
            all.insert(one.variant.clone(), reads);
        }
    }
    Ok(all)
}

/// ALT reads and depth of the normals; `None` for a site that the panel does not list.
///
/// METHOD: where no normal shows the base, it has no read, and the depth is the largest of the site's other bases.
fn of_site(
    cursor: &mut Cursor,
    (contig, column): (Option<usize>, usize),
    variant: &Variant,
) -> Result<Option<(u32, u32)>, Problem> {
    let reference = variant.reference.as_bytes();
    let mut depth = None;
    for base in [b"A", b"C", b"G", b"T"] {
        let found = cursor.find(contig, variant.position.0, reference, base)?;
        if !matches!(found, Found::Row(_)) {
            continue;
        }
        let record = cursor.record(found);
        let numbers = record.and_then(|record| record.populations.get(column).copied());
        let numbers = numbers.unwrap_or_default();
        let (Some(count), Some(total)) = (numbers.count, numbers.total) else { continue };
        if base == variant.alternate.as_bytes() {
            return Ok(Some((count, total)));
        }
        depth = depth.max(Some(total));
    }
    Ok(depth.map(|depth| (0, depth)))
}

/// The tumour's ALT reads and depth at each SNV, and whether the caller counted them.
type Counted = Vec<(Option<(u32, u32)>, bool)>;

fn tumour(
    case: &Case,
    policy: &Policy,
    (inputs, threads): (&Inputs, usize),
    snvs: &[&Annotated],
) -> Result<Counted, Problem> {
    let Some((member, _)) = case.family.with_role(Role::Tumour) else { return Ok(Vec::new()) };
    let by_caller = |one: &&Annotated| {
        let call = one.calls.get(usize::from(member.0))?;
        Some((call.alternate_depth?, call.alternate_depth? + call.reference_depth?))
    };
    let alignment = inputs.alignments.iter().find(|alignment| alignment.member == member);
    let (Some(alignment), Some(limits)) = (alignment, limits(policy)) else {
        return Ok(snvs.iter().map(|one| (by_caller(one), true)).collect());
    };
    let variants: Vec<&Variant> = snvs.iter().map(|one| &one.variant).collect();
    let answers = evidence::read(case, (inputs, threads), (alignment, &limits), &variants)?;
    let counted = snvs.iter().zip(answers).map(|(one, answer)| match answer {
        ReadEvidence::Counted(reads) => (Some((reads.alternate.count(), reads.depth())), false),
        ReadEvidence::NotRead(_) => (by_caller(one), true),
    });
    Ok(counted.collect())
}

/// The limits of counting for a panel of normals; bases of SNVs need no more of them.
fn limits(policy: &Policy) -> Option<Limits> {
    let rules = policy.panel_of_normals.as_ref()?;
    let reads = policy.reads.as_ref()?;
    Some(Limits {
        min_mapping_quality: rules.min_mapping_quality.value as u8,
        min_base_quality: rules.min_base_quality.value as u16,
        max_depth: rules.max_depth.value as u32,
        ..Limits::new(reads)
    })
}
