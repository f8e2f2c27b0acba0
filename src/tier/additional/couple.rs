//! Carrier status: of a couple in recessive genes, of the mother in X-linked ones.

use std::collections::{BTreeMap, BTreeSet};

use super::{GeneOf, Seeker};
use crate::model::candidate::{Annotated, Candidate};
use crate::model::panel::PanelMode;
use crate::model::results::additional::{AdditionalFinding, FindingKind};
use crate::model::sample::{MemberId, Role};
use crate::tier::inheritance::Place;

/// By gene of the panel, the variants that one parent carries.
type Carried<'v> = BTreeMap<usize, Vec<(&'v Annotated, GeneOf)>>;

pub(super) fn findings(candidates: &[Candidate], seeker: &Seeker<'_>) -> Vec<AdditionalFinding> {
    let Some(panel) = seeker.carrier else { return Vec::new() };
    let mut all = Vec::new();
    let parents = [Role::Mother, Role::Father].map(|role| seeker.family.with_role(role));
    if let [Some((mother, _)), Some((father, _))] = parents {
        let kind = FindingKind::CarrierStatus;
        if seeker.looks(mother, kind) && seeker.looks(father, kind) {
            let both =
                [mother, father].map(|id| (id, carried(candidates, seeker, (panel, id), kind)));
            let genes = |i: usize| both[i].1.keys().copied().collect::<BTreeSet<usize>>();
            let shared: BTreeSet<usize> = genes(0).intersection(&genes(1)).copied().collect();
            for (id, genes) in both {
                for (gene, variants) in genes {
                    if seeker.rules.both_partners.value && !shared.contains(&gene) {
                        continue;
                    }
                    let told = |(variant, gene): &(&Annotated, GeneOf)| {
                        seeker.finding((id, kind), variant, gene, Vec::new())
                    };
                    all.extend(variants.iter().map(told));
                }
            }
        }
    }
    if let Some((mother, _)) = parents[0] {
        let kind = FindingKind::CarrierStatusX;
        if seeker.looks(mother, kind) {
            let own = carried(candidates, seeker, (panel, mother), kind);
            for (variant, gene) in own.into_values().flatten() {
                all.push(seeker.finding((mother, kind), variant, &gene, Vec::new()));
            }
        }
    }
    all
}

/// What one parent carries on one of two copies, in genes of the kind.
fn carried<'v>(
    candidates: &'v [Candidate],
    seeker: &Seeker<'_>,
    (panel, member): (usize, MemberId),
    kind: FindingKind,
) -> Carried<'v> {
    use PanelMode::{
        Biallelic, Both, BothMoreSevereBiallelic, XLinkedBiallelic, XLinkedMonoallelic,
    };
    let mut all = Carried::new();
    for Candidate { annotated, .. } in candidates {
        let place = seeker.place(annotated);
        let wanted = if kind == FindingKind::CarrierStatus { Place::Autosomal } else { Place::X };
        let Some(call) = seeker.trusted(annotated, member) else { continue };
        let dosage = call.dosage();
        if place != wanted || dosage.ploidy != 2 || dosage.exact() != Some(1) {
            continue;
        }
        for gene in seeker.genes(annotated, panel) {
            let mode = seeker.panel_gene(gene.hit).mode;
            let counts = match wanted {
                Place::X => matches!(mode, XLinkedBiallelic | XLinkedMonoallelic),
                _ => matches!(mode, Biallelic | Both | BothMoreSevereBiallelic),
            };
            if counts {
                all.entry(gene.hit.gene).or_default().push((annotated, gene));
            }
        }
    }
    all
}
