//! Germline pertinent findings of a tumour's patient: Tier 1 in genes of the disease's own panels, Tier 3 in the wider ones.
//! One file a rule; a rule applies exactly when all its reasons hold. Without consent nobody calls this.

pub(super) mod biallelic;
mod known;
mod loss;
#[cfg(test)]
mod tests;
mod wider;

use crate::model::annotation::{ClinVar, GeneRef};
use crate::model::candidate::{Annotated, Candidate, PanelRef, Tier};
use crate::model::contig::{Assembly, ContigTable};
use crate::model::explain::Explanation;
use crate::model::genotype::Call;
use crate::model::panel::{Panel, PanelGene, PanelHit, PanelMode, PanelSet};
use crate::model::reason::Reason;
use crate::model::results::candidate::genotype_text;
use crate::model::results::pertinent::PertinentFinding;
use crate::model::results::{VariantInGene, VariantResult, Zygosity};
use crate::model::sample::{Member, MemberId};
use crate::policy::Policy;
use crate::policy::compiled::{Terms, is_inside};
use crate::policy::pertinent::PertinentPolicy;

use super::inheritance::Place;

/// What findings are looked for with.
pub struct PertinentSeeker<'a> {
    /// The normal sample.
    pub normal: (MemberId, &'a Member),
    /// The panels of the disease, then the wider ones, then the genes of RNA ([`rna_panel`]).
    pub panels: &'a PanelSet,
    /// How many of them are of the disease.
    pub own: usize,
    /// Contigs.
    pub contigs: &'a ContigTable,
    /// Assembly, for pseudoautosomal regions.
    pub assembly: Assembly,
    /// All rules.
    pub policy: &'a Policy,
    /// Those of germline findings.
    pub rules: &'a PertinentPolicy,
}

/// One gene of one variant of the patient.
pub(super) struct Subject<'a> {
    variant: &'a Annotated,
    call: &'a Call,
    /// The transcript that stands for the gene.
    consequence: usize,
    /// Its terms as the policy names them.
    terms: Vec<String>,
    /// It has a term of the policy in a transcript that counts.
    counts: bool,
    /// Entries of the panels of the disease.
    own: Vec<&'a PanelGene>,
    /// That of the gene, for names of one gene by several ids: index of the panel and of the gene in it.
    entry: (usize, usize),
    /// The entry that is told, with its panel.
    shown: (&'a PanelGene, PanelRef),
    /// The product of the gene is RNA, by the policy.
    is_rna: bool,
    /// Largest population frequency; `None` when none is assessed.
    frequency: Option<f64>,
    /// The patient carries it on every copy.
    on_all: bool,
}

/// A rule of germline findings.
pub(super) trait PertinentRule: Sync {
    /// The rule in words.
    fn explain(&self) -> &'static Explanation;
    /// What it gives.
    fn tier(&self) -> Tier;
    /// What it looks at; it applies exactly when all of these hold.
    fn reasons(&self, subject: &Subject<'_>, cx: &PertinentSeeker<'_>) -> Vec<Reason>;
}

/// The rules in the order in which they are tried.
pub(super) const RULES: &[&dyn PertinentRule] = &[&known::Known, &loss::Loss, &wider::Wider];

/// What a subject earned before the other variants of its gene are looked at.
pub(super) struct Earned<'a> {
    subject: Subject<'a>,
    tier: Tier,
    reasons: Vec<Reason>,
    missing: Vec<String>,
    label: Option<&'static str>,
    partners: Vec<VariantResult>,
}

/// Everything that was found: Tier 1 before Tier 3, then by place; and how many calls were passed over as doubtful.
pub fn findings(
    candidates: &[Candidate],
    cx: &PertinentSeeker<'_>,
) -> (Vec<PertinentFinding>, u64) {
    let mut doubtful = 0;
    let mut earned: Vec<Earned<'_>> = Vec::new();
    for Candidate { annotated, .. } in candidates {
        let subjects = cx.subjects(annotated);
        if subjects.is_empty() {
            continue;
        }
        match cx.call(annotated) {
            Seen::Carried => earned.extend(subjects.into_iter().filter_map(|one| judge(one, cx))),
            Seen::Doubtful => doubtful += 1,
            Seen::Absent => {}
        }
    }
    biallelic::settle(&mut earned, cx);
    earned.sort_by(|a, b| {
        let key = |one: &Earned<'_>| (one.tier, one.subject.variant.variant.clone());
        key(a).cmp(&key(b)).then_with(|| a.subject.gene().cmp(b.subject.gene()))
    });
    (earned.iter().map(|one| cx.finding(one)).collect(), doubtful)
}

/// The first rule that applies.
fn judge<'a>(subject: Subject<'a>, cx: &PertinentSeeker<'_>) -> Option<Earned<'a>> {
    let (tier, reasons) = RULES.iter().find_map(|rule| {
        let reasons = rule.reasons(&subject, cx);
        reasons.iter().all(|reason| reason.holds).then(|| (rule.tier(), reasons))
    })?;
    let mut missing = Vec::new();
    let known = reasons.iter().any(|reason| reason.rule == known::ID);
    if known && subject.variant.clinvar.as_ref().is_some_and(|clinvar| clinvar.stars.is_none()) {
        missing.push("review stars of ClinVar".to_owned());
    }
    if known && subject.is_only_beside() {
        missing.push(
            "which gene ClinVar speaks of: the variant lies beside this one, within another"
                .to_owned(),
        );
    }
    let limited = tier == Tier::Tier3 || cx.rules.tier1_rare.value;
    if limited && subject.frequency.is_none() {
        missing.push("population frequency".to_owned());
    }
    Some(Earned { subject, tier, reasons, missing, label: None, partners: Vec::new() })
}

/// Whether the patient carries a variant.
enum Seen {
    Carried,
    /// The call does not pass its own filter, or no read shows the ALT.
    Doubtful,
    Absent,
}

impl Subject<'_> {
    fn gene(&self) -> &GeneRef {
        &self.variant.consequences[self.consequence].gene
    }

    /// The variant lies within another gene, and of this one only up- or downstream.
    fn is_only_beside(&self) -> bool {
        let all = &self.variant.consequences;
        !is_inside(&all[self.consequence])
            && all.iter().any(|one| one.gene.key().is_some() && is_inside(one))
    }

    /// The gene's disease needs both copies, by every panel of the disease that lists it (else by the wider ones).
    fn is_biallelic(&self) -> bool {
        use PanelMode::{Biallelic, XLinkedBiallelic};
        let recessive = |gene: &PanelGene| matches!(gene.mode, Biallelic | XLinkedBiallelic);
        if self.own.is_empty() {
            recessive(self.shown.0)
        } else {
            self.own.iter().all(|gene| recessive(gene))
        }
    }
}

impl PertinentSeeker<'_> {
    fn member(&self) -> usize {
        usize::from(self.normal.0.0)
    }

    fn call(&self, variant: &Annotated) -> Seen {
        let Some(call) = variant.calls.get(self.member()) else { return Seen::Absent };
        if !call.dosage().carries() {
            return Seen::Absent;
        }
        let least = self.rules.min_alternate_reads.value;
        let unseen = call.alternate_depth.is_some_and(|reads| f64::from(reads) < least);
        if unseen || call.sample_filter.is_some() || call.record_filter.is_some() {
            return Seen::Doubtful;
        }
        Seen::Carried
    }

    /// Genes of the panels in which the variant lies, each once.
    fn subjects<'a>(&'a self, variant: &'a Annotated) -> Vec<Subject<'a>> {
        let Some(call) = variant.calls.get(self.member()) else { return Vec::new() };
        let terms = Terms::new(&self.policy.consequence);
        let all = &variant.consequences;
        // METHOD: what is known to cause disease counts by any consequence, also beside the gene or in a transcript of another
        // biotype.
        let known = variant.clinvar.as_ref().is_some_and(ClinVar::is_pathogenic);
        // METHOD: the transcript with a term that counts, then one that the variant lies within, of a biotype that counts
        // before others; then MANE Select, then canonical, then the first.
        let rank = |i: usize| {
            (
                terms.class_at(all, i).map_or(u8::MAX, |c| c as u8),
                !is_inside(&all[i]),
                !terms.is_within_at(all, i),
                !all[i].mane_select,
                !all[i].canonical,
                i,
            )
        };
        let mut chosen: Vec<(usize, PanelHit)> = Vec::new();
        for i in 0..all.len() {
            let within = known
                || terms.class_at(all, i).is_some()
                || terms.is_within_at(all, i)
                || self.is_rna_exon(variant, i);
            if !within {
                continue;
            }
            // The same gene may stand by several ids, as in merged caches of VEP: the entry of the panel tells.
            let Some(&hit) = self.green(&all[i].gene).first() else { continue };
            let same =
                |one: &&mut (usize, PanelHit)| (one.1.panel, one.1.gene) == (hit.panel, hit.gene);
            match chosen.iter_mut().find(same) {
                Some(one) if rank(i) < rank(one.0) => *one = (i, hit),
                Some(_) => {}
                None => chosen.push((i, hit)),
            }
        }
        let subject =
            |(i, _): (usize, _)| self.subject((variant, call), i, terms.class_at(all, i).is_some());
        chosen.into_iter().filter_map(subject).collect()
    }

    /// Green entries of a gene, those of the disease's panels first.
    fn green(&self, gene: &GeneRef) -> Vec<PanelHit> {
        let mut green = self.panels.find(gene);
        green.retain(|hit| self.panels.gene(*hit).is_green());
        green.sort_by_key(|hit| hit.panel);
        green
    }

    fn subject<'a>(
        &'a self,
        (variant, call): (&'a Annotated, &'a Call),
        consequence: usize,
        counts: bool,
    ) -> Option<Subject<'a>> {
        let one = &variant.consequences[consequence];
        let green = self.green(&one.gene);
        let first = *green.first()?;
        let panel = self.panels.panels()[first.panel].reference();
        let policy = &self.policy.consequence;
        let dosage = call.dosage();
        let single = matches!(self.place(variant), Place::X | Place::Y)
            && self.normal.1.x_copies() == Some(1);
        Some(Subject {
            variant,
            call,
            consequence,
            terms: one.terms.iter().map(|&term| policy.resolve(term).to_owned()).collect(),
            counts,
            own: green
                .iter()
                .filter(|hit| hit.panel < self.own)
                .map(|hit| self.panels.gene(*hit))
                .collect(),
            entry: (first.panel, first.gene),
            shown: (self.panels.gene(first), panel),
            is_rna: self.is_rna_exon(variant, consequence),
            frequency: self.frequency(variant),
            on_all: single || dosage.exact().is_some_and(|n| n == dosage.ploidy),
        })
    }

    /// An exon of one of the policy's genes of RNA.
    fn is_rna_exon(&self, variant: &Annotated, i: usize) -> bool {
        let one = &variant.consequences[i];
        let listed = self.rules.rna_genes.value.iter().any(|(symbol, id)| {
            one.gene.ensembl.as_ref() == Some(id) || one.gene.symbol.as_ref() == Some(symbol)
        });
        listed && one.terms.iter().any(|t| self.rules.rna_terms.value.iter().any(|x| x == t.name()))
    }

    /// The largest frequency of the rules' datasets.
    fn frequency(&self, variant: &Annotated) -> Option<f64> {
        let populations = self.policy.frequency.populations();
        let counts = |i: usize| {
            populations.get(i).is_some_and(|p| self.rules.datasets.value.contains(&p.dataset.id))
        };
        let of = variant.frequencies.iter().filter(|f| counts(usize::from(f.population.0)));
        of.filter_map(|frequency| frequency.value.assessed()).reduce(f64::max)
    }

    fn place(&self, variant: &Annotated) -> Place {
        Place::of(&variant.variant, self.contigs, self.assembly)
    }

    fn finding(&self, earned: &Earned<'_>) -> PertinentFinding {
        let Subject { variant, call, consequence, shown: (entry, panel), .. } = &earned.subject;
        let single = matches!(self.place(variant), Place::X | Place::Y)
            && self.normal.1.x_copies() == Some(1);
        PertinentFinding {
            tier: earned.tier,
            found: VariantInGene::new(variant, *consequence, self.contigs),
            genotype: genotype_text(&call.genotype),
            zygosity: Zygosity::of(&call.genotype, call.origin, single),
            reference_depth: call.reference_depth,
            alternate_depth: call.alternate_depth,
            clinvar: variant.clinvar.clone(),
            frequency: earned.subject.frequency,
            panel: panel.clone(),
            mode: entry.mode_text.clone(),
            label: earned.label.map(str::to_owned),
            partners: earned.partners.clone(),
            possible: !earned.missing.is_empty(),
            missing: earned.missing.clone(),
            reasons: earned.reasons.clone(),
        }
    }
}

/// The policy's genes of RNA as a panel, which stands behind the wider ones.
pub fn rna_panel(rules: &PertinentPolicy) -> Panel {
    let gene = |(symbol, id): (&String, &String)| PanelGene {
        symbol: symbol.clone(),
        ensembl: vec![id.clone()],
        ..PanelGene::default()
    };
    Panel {
        id: "rna".into(),
        name: "Genes of RNA".into(),
        version: "-".into(),
        genes: rules.rna_genes.value.iter().map(gene).collect(),
        ..Panel::default()
    }
}

/// Explanations of the rules, and of what both copies mean.
pub(super) fn explanations() -> impl Iterator<Item = &'static Explanation> {
    RULES.iter().map(|rule| rule.explain()).chain([&biallelic::EXPLANATION])
}
