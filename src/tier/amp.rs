//! Evidence tiers (AMP/ASCO/CAP) of a tumour's events by CIViC's evidence items. They stand beside the domains and never change
//! them. What matches a variant and what makes a tier is in `EXPLANATION`.

use crate::model::annotation::GeneRef;
use crate::model::civic::{CivicChange, CivicItem, CivicTable};
use crate::model::contig::{Assembly, ContigClass};
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::grade::CallEvent;
use crate::model::hgvs;
use crate::model::panel::DomainLists;
use crate::model::results::amp::{AmpEvent, AmpEvidence, AmpResults, AmpTier, DiseaseMatch};
use crate::model::results::{CandidateResult, CaseResults, EventResult, StructuralResult};
use crate::policy::amp::AmpPolicy;

use super::tumour_structural::{AMPLIFICATION, FUSION, HOMOZYGOUS};

/// Text for `tierline explain amp`.
pub(super) const EXPLANATION: Explanation = Explanation {
    id: "amp",
    kind: ExplanationKind::Rule,
    title: "Evidence tiers I to IV (AMP/ASCO/CAP) by evidence items of CIViC",
    what: "Items of the file that the case names ([tumour] civic) are held against every reported event: by coordinates (one \
           exact variant, same assembly), by the protein's change, by its residue, or by gene (Mutation, Truncating, \
           Loss-of-function, Amplification, Loss of both copies, Fusion). Strong evidence (levels A and B) in the case's disease \
           or in cancer of any kind is Tier I; strong in another disease, or weak (C to E) in the case's, Tier II; weak in another \
           Tier III. Without the case's disease weak evidence is Tier III and strong outside pan-cancer Tier II. A protein-changing \
           variant without evidence in a gene with a role in cancer, rarer than amp.max_frequency, an amplified oncogene, and a \
           suppressor of which both copies are gone are Tier III; a variant from amp.common on is Tier IV. Diseases are compared \
           by id or name, without an ontology: name the broader ones too.",
    sources: &["pcgr", "ours"],
    fires: "BRAF V600E, level A for melanoma, in a case of melanoma: Tier I.",
    does_not: "The same in a case of another disease: Tier II.",
};

/// What items are held against.
pub struct AmpInputs<'a> {
    /// The items.
    pub table: &'a CivicTable,
    /// Diseases of the case, ids or names.
    pub diseases: &'a [String],
    /// Lists with the roles of genes.
    pub lists: &'a DomainLists,
    /// The rules.
    pub rules: &'a AmpPolicy,
}

/// Gives every event of the results its evidence tier.
pub fn annotate(results: &mut CaseResults, inputs: &AmpInputs<'_>) {
    let assembly = results.case.assembly;
    let items = &inputs.table.items;
    let other = |item: &&CivicItem| item.place.as_ref().is_some_and(|p| p.assembly != assembly);
    let mut events = Vec::new();
    for candidate in &results.candidates {
        for event in &candidate.events {
            let seen = Seen::Small { candidate, event, assembly };
            events.extend(inputs.event(&event.id, &event.gene, &seen));
        }
    }
    for variant in &results.structural {
        for event in &variant.events {
            let Some(gene) = &event.gene else { continue };
            let seen = Seen::Structural { variant, event };
            events.extend(inputs.event(&event.id, gene, &seen));
        }
    }
    events.sort_by_key(|event| event.tier);
    results.amp = Some(AmpResults {
        sha256: inputs.table.sha256.clone(),
        diseases: inputs.diseases.to_vec(),
        rows: inputs.table.rows,
        compared: items.len() as u64,
        passed_over: inputs.table.passed_over.clone(),
        other_assembly: items.iter().filter(other).count() as u64,
        events,
    });
}

/// One event with its variant.
enum Seen<'a> {
    Small { candidate: &'a CandidateResult, event: &'a EventResult, assembly: Assembly },
    Structural { variant: &'a StructuralResult, event: &'a CallEvent },
}

/// Terms that end or skip a protein.
const TRUNCATING: [&str; 4] =
    ["stop_gained", "frameshift_variant", "splice_acceptor_variant", "splice_donor_variant"];

impl AmpInputs<'_> {
    fn event(&self, id: &str, gene: &GeneRef, seen: &Seen<'_>) -> Option<AmpEvent> {
        let shown = gene.shown();
        let mut evidence: Vec<AmpEvidence> = self
            .table
            .items
            .iter()
            .filter(|item| item.gene.eq_ignore_ascii_case(shown))
            .filter_map(|item| Some(self.evidence(item, matched(item, seen)?)))
            .collect();
        let by_evidence = evidence.iter().map(|one| one.tier).min();
        let (tier, why) = match (seen.frequency(&self.rules.datasets.value), by_evidence) {
            // METHOD: what is common is benign whatever an item of its gene says; exact items are told beside it.
            (Some(frequency), _) if frequency >= self.rules.common.value => {
                (AmpTier::IV, format!("population frequency {frequency}"))
            }
            (_, Some(tier)) => {
                let n = evidence.iter().filter(|one| one.tier == tier).count();
                (tier, format!("{n} evidence items"))
            }
            (frequency, None) => (AmpTier::III, self.without_evidence(gene, seen, frequency)?),
        };
        for one in &mut evidence {
            one.defining = one.tier == tier;
        }
        evidence.sort_by_key(|one| (!one.defining, one.tier, one.level, one.item));
        Some(AmpEvent { event: id.into(), gene: shown.into(), tier, why, evidence })
    }

    fn evidence(&self, item: &CivicItem, matched_by: &str) -> AmpEvidence {
        let named = |list: &[String]| list.iter().any(|name| item.is_of_disease(name));
        let disease_match = if named(self.diseases) {
            DiseaseMatch::Same
        } else if named(&self.rules.pan_cancer.value) {
            DiseaseMatch::PanCancer
        } else {
            DiseaseMatch::Other
        };
        let is_strong = self.rules.strong.value.iter().any(|level| level.starts_with(item.level));
        let tier = match (is_strong, disease_match) {
            (true, DiseaseMatch::Same | DiseaseMatch::PanCancer) => AmpTier::I,
            (true, DiseaseMatch::Other) | (false, DiseaseMatch::Same) => AmpTier::II,
            (false, DiseaseMatch::PanCancer | DiseaseMatch::Other) => AmpTier::III,
        };
        AmpEvidence {
            item: item.id,
            variant: item.variant.clone(),
            matched_by: matched_by.into(),
            category: item.category,
            level: item.level,
            significance: item.significance.clone(),
            therapies: item.therapies.clone(),
            disease: item.disease.clone(),
            disease_match,
            tier,
            defining: false,
        }
    }

    /// Why an event is Tier III though no item applies.
    fn without_evidence(
        &self,
        gene: &GeneRef,
        seen: &Seen<'_>,
        frequency: Option<f64>,
    ) -> Option<String> {
        let lists = [&self.lists.domain1, &self.lists.domain2];
        let role = lists
            .into_iter()
            .find_map(|list| list.find(gene).into_iter().find_map(|hit| list.gene(hit).role))?;
        let holds = match seen {
            Seen::Small { .. } => {
                seen.changes_protein()
                    && frequency.is_some_and(|f| f < self.rules.max_frequency.value)
            }
            Seen::Structural { event, .. } => match event.label.as_deref() {
                Some(AMPLIFICATION) => role.is_oncogene(),
                Some(HOMOZYGOUS) => role.is_suppressor(),
                _ => false,
            },
        };
        holds.then(|| "no evidence item; the gene has a role in cancer".to_owned())
    }
}

impl Seen<'_> {
    /// The largest population frequency of these datasets; `None` when none is assessed.
    fn frequency(&self, datasets: &[String]) -> Option<f64> {
        let Self::Small { candidate, .. } = self else { return None };
        let of = candidate.frequencies.iter().filter(|one| datasets.contains(&one.dataset));
        of.filter_map(|frequency| frequency.value).reduce(f64::max)
    }

    fn changes_protein(&self) -> bool {
        let Self::Small { event, .. } = self else { return false };
        let beside = [
            "splice_region_variant",
            "splice_donor_5th_base_variant",
            "splice_donor_region_variant",
        ];
        event.terms.iter().any(|term| !beside.contains(&term.name.as_str()))
    }

    fn truncates(&self) -> bool {
        let Self::Small { event, .. } = self else { return false };
        event.terms.iter().any(|term| TRUNCATING.contains(&term.name.as_str()))
    }

    /// The protein's change in one-letter code without `p.`, upper case.
    fn protein(&self) -> Option<String> {
        let Self::Small { candidate, event, .. } = self else { return None };
        let consequence = candidate.consequences.get(event.consequence as usize)?;
        let change = hgvs::short(&hgvs::change(consequence.hgvs_p.as_deref()?));
        Some(change.trim_start_matches("p.").trim_matches(['(', ')']).to_ascii_uppercase())
    }

    fn is_labelled(&self, wanted: &str) -> bool {
        matches!(self, Self::Structural { event, .. } if event.label.as_deref() == Some(wanted))
    }
}

/// How an item of the event's gene fits its variant; `None` when it does not.
fn matched(item: &CivicItem, seen: &Seen<'_>) -> Option<&'static str> {
    if let (Some(place), Seen::Small { candidate, assembly, .. }) = (&item.place, seen)
        && place.assembly == *assembly
    {
        let variant = &candidate.variant;
        let name = ContigClass::of_name(&variant.contig).bare_name();
        let is_it = name.as_deref().unwrap_or(&variant.contig) == place.contig
            && (variant.position, &variant.reference, &variant.alternate)
                == (place.position, &place.reference, &place.alternate);
        if is_it {
            return Some("coordinates");
        }
    }
    let holds = |is_so: bool, word: &'static str| is_so.then_some(word);
    match &item.change {
        CivicChange::Protein(all) => {
            let own = seen.protein()?;
            holds(all.iter().any(|one| is_same(one, &own)), "protein")
        }
        CivicChange::Residue(place) => {
            let own = seen.protein()?;
            let rest = own.strip_prefix(place.as_str())?;
            let is_other = rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_uppercase());
            holds(is_other, "residue")
        }
        CivicChange::Mutation => holds(seen.changes_protein(), "gene"),
        CivicChange::Truncating => holds(seen.truncates(), "gene"),
        CivicChange::LossOfFunction => {
            holds(seen.truncates() || seen.is_labelled(HOMOZYGOUS), "gene")
        }
        CivicChange::Amplification => holds(seen.is_labelled(AMPLIFICATION), "gene"),
        CivicChange::Loss => holds(seen.is_labelled(HOMOZYGOUS), "gene"),
        CivicChange::Fusion(partner) => {
            let Seen::Structural { variant, event } = seen else { return None };
            let beside = |name: &String| {
                variant.events.iter().any(|other| {
                    other.id != event.id
                        && other.label.as_deref() == Some(FUSION)
                        && other.gene.as_ref().is_some_and(|g| g.shown().eq_ignore_ascii_case(name))
                })
            };
            let with = partner.as_ref().is_none_or(beside);
            holds(seen.is_labelled(FUSION) && with, "gene")
        }
    }
}

/// The same protein change; of a frameshift only its first residue is compared, since the rest is written in several ways.
fn is_same(item: &str, own: &str) -> bool {
    if let (Some((mine, _)), Some((theirs, _))) = (item.split_once("FS"), own.split_once("FS")) {
        let place = |text: &str| {
            let digits = text.bytes().skip(1).take_while(u8::is_ascii_digit).count();
            text.get(..=digits).map(str::to_owned)
        };
        return place(mine).is_some() && place(mine) == place(theirs);
    }
    item == own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameshifts_are_compared_by_their_first_residue() {
        assert!(is_same("Q61FS", "Q61RFS*5") && is_same("V600E", "V600E"));
        assert!(
            !is_same("Q61FS", "Q62RFS*5") && !is_same("Q61FS", "Q61R") && !is_same("Q6FS", "Q61FS")
        );
    }
}
