//! Additional findings of one person: one copy in most genes, both where the panel's mode says so.

use std::collections::BTreeMap;

use super::{GeneOf, Seeker, is_recessive};
use crate::model::candidate::{Annotated, Candidate};
use crate::model::results::additional::{AdditionalFinding, FindingKind};
use crate::model::sample::MemberId;
use crate::tier::inheritance::Place;

const KIND: FindingKind = FindingKind::AdditionalFinding;

pub(super) fn findings(candidates: &[Candidate], seeker: &Seeker<'_>) -> Vec<AdditionalFinding> {
    let Some(panel) = seeker.additional else { return Vec::new() };
    let mut all = Vec::new();
    for (member, person) in seeker.family.iter() {
        if !seeker.looks(member, KIND) {
            continue;
        }
        // By gene: variants of which the person has one copy of two, where two are needed.
        let mut halves: BTreeMap<usize, Vec<(&Annotated, GeneOf)>> = BTreeMap::new();
        for Candidate { annotated, .. } in candidates {
            let Some(copies) = copies(seeker, annotated, member) else { continue };
            for gene in seeker.genes(annotated, panel) {
                let entry = seeker.panel_gene(gene.hit);
                if seeker.rules.is_for_adults(entry) && person.adult != Some(true) {
                    continue;
                }
                if is_recessive(entry) && copies == Copies::OneOfTwo {
                    halves.entry(gene.hit.gene).or_default().push((annotated, gene));
                } else {
                    all.push(seeker.finding((member, KIND), annotated, &gene, Vec::new()));
                }
            }
        }
        for variants in halves.into_values().filter(|variants| variants.len() > 1) {
            for (annotated, gene) in variants {
                let missing =
                    vec!["whether the gene's variants lie on different copies".to_owned()];
                all.push(seeker.finding((member, KIND), annotated, &gene, missing));
            }
        }
    }
    all
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copies {
    /// Heterozygous.
    OneOfTwo,
    /// Homozygous, or hemizygous.
    All,
}

/// How many copies the member surely carries; `None` for none and for calls that are not certain.
fn copies(seeker: &Seeker<'_>, variant: &Annotated, member: MemberId) -> Option<Copies> {
    let call = seeker.trusted(variant, member)?;
    let dosage = call.dosage();
    let n = dosage.exact().filter(|&n| n > 0)?;
    let one_copy = matches!(seeker.place(variant), Place::X | Place::Y)
        && seeker.family.get(member).x_copies() == Some(1);
    Some(if one_copy || n == dosage.ploidy { Copies::All } else { Copies::OneOfTwo })
}
