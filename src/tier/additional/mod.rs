//! Findings beside the question of the case: who may be looked at, what counts in them, and what must not stand among the
//! tiers. Consent fails closed: only an explicit yes of the person whose data are looked at opens anything.

mod couple;
mod decide;
mod person;
#[cfg(test)]
mod tests;
mod withhold;

use crate::model::candidate::{Annotated, Candidate, PanelRef};
use crate::model::contig::{Assembly, ContigTable};
use crate::model::genotype::{Call, as_printed};
use crate::model::panel::{Panel, PanelGene, PanelHit, PanelSet};
use crate::model::reason::{Comparison, Reason};
use crate::model::results::additional::{AdditionalFinding, FindingDecision, FindingKind};
use crate::model::results::candidate::genotype_text;
use crate::model::results::{VariantInGene, VariantResult, Zygosity};
use crate::model::sample::{Family, MemberId};
use crate::policy::additional::AdditionalPolicy;
use crate::policy::compiled::{Limits, Terms};
use crate::policy::{LimitClass, Policy};

use super::inheritance::Place;

pub use decide::{Asked, decisions};
pub use withhold::{has_closed, may_tell, withhold, withhold_others};

/// What findings are looked for with.
pub struct Seeker<'a> {
    /// Members.
    pub family: &'a Family,
    /// Who may be looked at for what.
    pub decisions: &'a [FindingDecision],
    /// The panels of both kinds.
    pub panels: &'a PanelSet,
    /// Which of them holds additional findings, by index.
    pub additional: Option<usize>,
    /// Which of them holds recessive genes for carrier status.
    pub carrier: Option<usize>,
    /// Contigs.
    pub contigs: &'a ContigTable,
    /// Assembly, for pseudoautosomal regions.
    pub assembly: Assembly,
    /// All rules.
    pub policy: &'a Policy,
    /// Those of findings beside the question.
    pub rules: &'a AdditionalPolicy,
}

/// A green gene of a panel in which a variant counts, with the transcript that stands for it.
struct GeneOf {
    hit: PanelHit,
    consequence: usize,
    reason: Reason,
}

/// Everything that was found, by member, kind and place. `candidates` are variants in the panels' genes that are known or
/// predicted losses; calls of members who may not be looked at are never touched.
pub fn findings(candidates: &[Candidate], seeker: &Seeker<'_>) -> Vec<AdditionalFinding> {
    let mut all = person::findings(candidates, seeker);
    all.extend(couple::findings(candidates, seeker));
    all.sort_by(|a, b| {
        let key = |f: &AdditionalFinding| {
            let VariantResult { contig, position, reference, alternate } = f.found.variant.clone();
            let place = seeker.contigs.resolve(&contig);
            (f.member, f.kind, place, position, reference, alternate, f.found.gene.clone())
        };
        key(a).cmp(&key(b))
    });
    all
}

impl Seeker<'_> {
    fn looks(&self, member: MemberId, kind: FindingKind) -> bool {
        decide::is_open(self.decisions, member, kind)
    }

    fn panel_gene(&self, hit: PanelHit) -> &PanelGene {
        self.panels.gene(hit)
    }

    fn panel_ref(&self, hit: PanelHit) -> PanelRef {
        let Panel { id, name, version, .. } = &self.panels.panels()[hit.panel];
        PanelRef { id: id.clone(), name: name.clone(), version: version.clone() }
    }

    /// Green genes of one panel in which the variant counts, each once.
    fn genes(&self, variant: &Annotated, panel: usize) -> Vec<GeneOf> {
        let terms = Terms::new(&self.policy.consequence);
        let all = &variant.consequences;
        let mut found: Vec<GeneOf> = Vec::new();
        for (i, consequence) in all.iter().enumerate() {
            if !terms.is_within_at(all, i) {
                continue;
            }
            let hits = self.panels.find(&consequence.gene);
            let Some(&hit) = hits.iter().find(|hit| hit.panel == panel) else { continue };
            let gene = self.panel_gene(hit);
            if !gene.is_green() {
                continue;
            }
            let Some(reason) = self.counts(variant, i, gene) else { continue };
            let rank = |i: usize| (!all[i].mane_select, !all[i].canonical, i);
            match found.iter_mut().find(|known| known.hit.gene == hit.gene) {
                Some(known) if rank(i) < rank(known.consequence) => {
                    (known.consequence, known.reason) = (i, reason);
                }
                Some(_) => {}
                None => found.push(GeneOf { hit, consequence: i, reason }),
            }
        }
        found
    }

    /// Why the variant counts in the gene; `None` when it does not.
    fn counts(&self, variant: &Annotated, i: usize, gene: &PanelGene) -> Option<Reason> {
        let rules = self.rules;
        if rules.is_known(variant.clinvar.as_ref()) {
            let words =
                variant.clinvar.iter().flat_map(|c| c.significance.clone()).collect::<Vec<_>>();
            let limit: Vec<String> =
                crate::model::annotation::PATHOGENIC.iter().map(|&word| word.to_owned()).collect();
            return Some(
                Reason::new("finding", words, Comparison::OneOf, limit, &rules.min_stars.source)
                    .text("ClinVar calls the variant pathogenic or likely pathogenic."),
            );
        }
        let consequence = &variant.consequences[i];
        let counted = self.policy.consequence.counts_biotype(consequence.biotype.as_deref());
        let terms: Vec<String> =
            consequence.terms.iter().map(|term| term.name().to_owned()).collect();
        let lost = terms.iter().any(|term| rules.loss_terms.value.contains(term));
        let limits = Limits::new(&self.policy.frequency);
        let class = if is_recessive(gene) { LimitClass::Recessive } else { LimitClass::Dominant };
        let rare = !limits.exceeds(&variant.frequencies, class);
        let benign = variant
            .clinvar
            .as_ref()
            .is_some_and(|clinvar| clinvar.significance.iter().any(|word| word.contains("benign")));
        (counted && lost && rare && !benign && rules.loss_counts(gene)).then(|| {
            let limit = rules.loss_terms.value.clone();
            Reason::new("finding", terms, Comparison::OneOf, limit, &rules.loss_of_function.source)
                .text("Rare, and predicted to lose the gene's function.")
        })
    }

    fn place(&self, variant: &Annotated) -> Place {
        Place::of(&variant.variant, self.contigs, self.assembly)
    }

    /// The call of a member when it is to be believed.
    fn trusted<'v>(&self, variant: &'v Annotated, member: MemberId) -> Option<&'v Call> {
        let call = variant.calls.get(usize::from(member.0))?;
        let least = self.policy.call.relative_genotype_quality.as_ref().map(|least| least.value);
        let doubtful = call.record_filter.is_some()
            || call.sample_filter.is_some()
            || matches!((call.genotype_quality, least), (Some(q), Some(least)) if as_printed(q) < least);
        (!doubtful).then_some(call)
    }

    fn finding(
        &self,
        (member, kind): (MemberId, FindingKind),
        variant: &Annotated,
        gene: &GeneOf,
        missing: Vec<String>,
    ) -> AdditionalFinding {
        let person = self.family.get(member);
        let call = &variant.calls[usize::from(member.0)];
        let single =
            matches!(self.place(variant), Place::X | Place::Y) && person.x_copies() == Some(1);
        let entry = self.panel_gene(gene.hit);
        AdditionalFinding {
            member: member.0 + 1,
            role: person.role,
            kind,
            found: VariantInGene::new(variant, gene.consequence, self.contigs),
            genotype: genotype_text(&call.genotype),
            zygosity: Zygosity::of(&call.genotype, call.origin, single),
            clinvar: variant.clinvar.clone(),
            panel: self.panel_ref(gene.hit),
            mode: entry.mode_text.clone(),
            possible: !missing.is_empty(),
            missing,
            reasons: vec![gene.reason.clone()],
        }
    }
}

/// The gene's disease needs both alleles.
fn is_recessive(gene: &PanelGene) -> bool {
    use crate::model::panel::PanelMode::{Biallelic, XLinkedBiallelic};
    matches!(gene.mode, Biallelic | XLinkedBiallelic)
}
