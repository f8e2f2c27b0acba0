//! Brings what the stages found into [`CaseResults`], in a fixed order, and leaves out what consent does not allow.

use crate::case::consent::{self, Analysis};
use crate::model::annotation::{Consequence, Frequency, FrequencyValue};
use crate::model::candidate::{FilterCounts, ReportEvent, Tiered};
use crate::model::contig::{Assembly, ContigClass, ContigId, ContigTable};
use crate::model::genotype::{Call, as_printed};
use crate::model::grade::StructuralFinding;
use crate::model::identity::CaseIdentity;
use crate::model::notice::Notice;
use crate::model::panel::{Confidence, EntityKind, Panel, PanelSet};
use crate::model::qc::SampleQc;
use crate::model::results::additional::AdditionalResults;
use crate::model::results::candidate::genotype_text;
use crate::model::results::{
    AnalysisDecision, CallResult, CandidateResult, CaseResults, CaseSummary, ConsentRecord,
    ConsequenceResult, ContigSummary, EventResult, FrequencyResult, FrequencyStatus,
    GenesNotAnnotated, MemberSummary, PanelSummary, PolicySummary, Provenance, QualityResult,
    RemovedResult, SCHEMA_VERSION, ScoreResult, Tool, VariantResult, Zygosity,
};
use crate::model::sample::{Family, Member, MemberId};
use crate::policy::LimitClass;
use crate::policy::layers::Resolved;
use crate::tier::{OtherFindings, Removed, SingleAllele, TwoHit};

use super::{assemble_structural, evidence, quality, second_allele, text};

/// Everything that results are made of.
#[derive(Clone, Copy, Debug)]
pub struct Material<'a> {
    /// Id of the case (pseudonymous).
    pub case_id: &'a str,
    /// `family`, `singleton`, `tumour-normal` or `tumour-only`.
    pub kind: &'a str,
    /// Reference assembly.
    pub assembly: Assembly,
    /// Penetrance asked for; `None` for tumours.
    pub penetrance: Option<&'a str>,
    /// Members.
    pub family: &'a Family,
    /// The rules in force.
    pub policy: &'a Resolved,
    /// What differs from the preset.
    pub policy_changes: &'a [String],
    /// Gene panels.
    pub panels: &'a PanelSet,
    /// Contigs.
    pub contigs: &'a ContigTable,
    /// Names of the stores that frequencies may be from.
    pub stores: &'a [String],
    /// What was learnt about each alignment, with the member whose reads it holds.
    pub qc: &'a [(MemberId, SampleQc)],
    /// What identity checks found.
    pub identity: Option<&'a CaseIdentity>,
    /// What the filters counted.
    pub counts: &'a FilterCounts,
    /// Tiered variants; those without events are not reported.
    pub tiered: &'a [Tiered],
    /// Somatic variants that marks took from the list.
    pub removed: &'a [Removed],
    /// Tumour suppressors of which both copies may be hit.
    pub two_hits: &'a [TwoHit],
    /// Single alleles in genes of recessive disease.
    pub single_alleles: &'a [SingleAllele],
    /// Copy-number and structural variants and repeats; `None` when nobody looked.
    pub others: Option<&'a OtherFindings>,
    /// What was not assessed, mended or passed over.
    pub notices: &'a [Notice],
    /// Green genes that the annotation never names.
    pub genes_not_annotated: &'a [GenesNotAnnotated],
    /// Findings beside the question of the case.
    pub additional: Option<&'a AdditionalResults>,
    /// Where it all comes from.
    pub provenance: &'a Provenance,
}

/// The results of a case; what only tumours have is added to them.
pub fn assemble(material: &Material<'_>) -> CaseResults {
    let mut order: Vec<&Tiered> =
        material.tiered.iter().filter(|tiered| !tiered.events.is_empty()).collect();
    order.sort_by(|a, b| {
        let key = |t: &Tiered| text::rank(t.tier(), t.domain());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.candidate.annotated.variant.cmp(&b.candidate.annotated.variant))
    });
    let candidates: Vec<CandidateResult> =
        order.iter().enumerate().map(|(i, tiered)| candidate(material, tiered, i + 1)).collect();
    CaseResults {
        schema_version: SCHEMA_VERSION.into(),
        tool: Tool::this(),
        case: CaseSummary {
            id: material.case_id.into(),
            kind: material.kind.into(),
            assembly: material.assembly,
            penetrance: material.penetrance.map(Into::into),
            members: material.family.iter().map(|(id, m)| member(material.family, id, m)).collect(),
        },
        policy: policy(material),
        panels: material.panels.panels().iter().map(panel).collect(),
        contigs: contigs(material, &candidates),
        qc: quality(material),
        identity: material.identity.cloned(),
        consent: material.family.iter().map(|(id, m)| consent_record(id, m)).collect(),
        notices: material.notices.to_vec(),
        genes_not_annotated: material.genes_not_annotated.to_vec(),
        filter_counts: material.counts.clone(),
        candidates,
        removed: material.removed.iter().map(|removed| self::removed(material, removed)).collect(),
        biomarkers: None,
        additional: material.additional.cloned(),
        pertinent: None,
        amp: None,
        second_alleles: second_allele::join(material, material.single_alleles),
        two_hits: assemble_structural::two_hits(material),
        structural: assemble_structural::structural(material),
        repeats: assemble_structural::repeats(material),
        looked_for: material.others.map(|found| found.looked_for.clone()),
        chromosomes: None,
        provenance: material.provenance.clone(),
    }
}

/// Members are numbered from 1 for people.
pub(super) fn number(id: MemberId) -> u16 {
    id.0 + 1
}

pub(super) fn may_show(id: MemberId, member: &Member) -> bool {
    consent::decide(id, member).analysis == Analysis::Allowed
}

/// Entries of the members whose data may be shown.
fn quality(material: &Material<'_>) -> Vec<QualityResult> {
    let of_member = |(id, qc): &(MemberId, SampleQc)| {
        let member = material.family.get(*id);
        may_show(*id, member).then(|| quality::result(*id, member, qc))
    };
    material.qc.iter().filter_map(of_member).collect()
}

fn consent_record(id: MemberId, member: &Member) -> ConsentRecord {
    let decision = consent::decide(id, member);
    ConsentRecord {
        member: number(id),
        role: decision.role,
        analysis: match decision.analysis {
            Analysis::Allowed => AnalysisDecision::Allowed,
            Analysis::Refused => AnalysisDecision::Refused,
            Analysis::Withdrawn => AnalysisDecision::Withdrawn,
            Analysis::NoSample => AnalysisDecision::NoSample,
        },
        secondary: decision.secondary,
        carrier: decision.carrier,
        pharmacogenomics: decision.pharmacogenomics,
        germline: decision.germline,
        source: member.consent.source,
    }
}

fn member(family: &Family, id: MemberId, member: &Member) -> MemberSummary {
    let shown = may_show(id, member);
    let hpo = |present: bool| {
        let terms = member.hpo.iter().filter(|term| shown && term.present == present);
        terms.map(|term| term.id.clone()).collect()
    };
    MemberSummary {
        number: number(id),
        role: member.role,
        sex: member.sex,
        affected: member.affected,
        id: shown.then(|| member.id.clone()),
        sample: member.sample.clone().filter(|_| shown),
        x_copies: member.x_copies.filter(|_| shown),
        identical_twin_of: family.twins_of(id).map(number).collect(),
        hpo_present: hpo(true),
        hpo_absent: hpo(false),
    }
}

fn policy(material: &Material<'_>) -> PolicySummary {
    let Resolved { policy, preset, digest } = material.policy;
    PolicySummary {
        id: policy.id.clone(),
        version: policy.version.clone(),
        title: policy.title.clone(),
        preset: preset.clone(),
        digest: digest.clone(),
        changes: material.policy_changes.to_vec(),
        sources: policy.sources.clone(),
        values: serde_json::to_value(policy).ok(),
    }
}

fn panel(panel: &Panel) -> PanelSummary {
    let rated = |confidence| {
        panel.genes.iter().filter(|gene| gene.confidence == Some(confidence)).count() as u32
    };
    PanelSummary {
        id: panel.id.clone(),
        name: panel.name.clone(),
        version: panel.version.clone(),
        signed_off: panel.signed_off,
        source: panel.source.clone(),
        sha256: panel.sha256.clone(),
        green: panel.genes.iter().filter(|gene| gene.is_green()).count() as u32,
        amber: rated(Confidence::Amber),
        red: rated(Confidence::Red),
        regions: panel.count(EntityKind::Region),
        strs: panel.count(EntityKind::Str),
        entities: panel.entities.iter().map(|entity| entity.name.clone()).collect(),
        genes: Some(panel.genes.iter().map(Into::into).collect()),
    }
}

fn contigs(material: &Material<'_>, candidates: &[CandidateResult]) -> Vec<ContigSummary> {
    let table: &ContigTable = material.contigs;
    let other = |id| {
        material.others.is_some_and(|found| {
            let mate = |finding: &StructuralFinding| {
                finding.variant.mate.as_ref().is_some_and(|mate| mate.contig == id)
            };
            found.structural.iter().any(|one| one.variant.contig == id || mate(one))
                || found.repeats.iter().any(|one| one.locus.contig == id)
        })
    };
    table
        .iter()
        .filter(|(id, contig)| {
            contig.class != ContigClass::Other
                || other(*id)
                || candidates.iter().any(|candidate| candidate.variant.contig == contig.name)
        })
        .map(|(_, contig)| ContigSummary { name: contig.name.clone(), length: contig.length })
        .collect()
}

fn removed(material: &Material<'_>, removed: &Removed) -> RemovedResult {
    let tiered = &removed.tiered;
    let mut genes: Vec<String> =
        tiered.events.iter().map(|event| event.gene.shown().to_owned()).collect();
    genes.dedup();
    RemovedResult {
        variant: VariantResult::new(&tiered.candidate.annotated.variant, material.contigs),
        domain: tiered.domain(),
        genes,
        removed_by: removed.by.clone(),
        flags: tiered.flags.clone(),
    }
}

fn candidate(material: &Material<'_>, tiered: &Tiered, serial: usize) -> CandidateResult {
    let annotated = &tiered.candidate.annotated;
    let variant = &annotated.variant;
    let mut shown: Vec<usize> = tiered.events.iter().map(|event| event.consequence).collect();
    shown.sort_unstable();
    shown.dedup();
    shown.retain(|&i| i < annotated.consequences.len());
    let events = tiered.events.iter().enumerate().map(|(i, e)| {
        let transcript =
            annotated.consequences.get(e.consequence).and_then(|c| c.transcript.clone());
        let place = shown.iter().position(|&i| i == e.consequence).unwrap_or_default();
        event(e, format!("{serial}.{}", i + 1), place as u32, transcript)
    });
    CandidateResult {
        variant: VariantResult::new(variant, material.contigs),
        kind: variant.kind(),
        vrs: None,
        hgvs_g: None,
        normalisation: annotated.normalisation,
        record: annotated.record.clone(),
        ids: annotated.ids.clone(),
        quality: annotated.quality.and_then(shortest),
        filters: annotated.filters.clone(),
        tier: tiered.tier(),
        domain: tiered.domain(),
        events: events.collect(),
        flags: tiered.flags.clone(),
        reasons: tiered.candidate.reasons.clone(),
        calls: calls(material, tiered),
        evidence: evidence::of_members(material, &annotated.calls),
        consequences: shown
            .iter()
            .map(|&i| consequence(material, &annotated.consequences[i]))
            .collect(),
        other_consequences: (annotated.consequences.len() - shown.len()) as u32,
        frequencies: frequencies(material, variant.contig, &annotated.frequencies),
        clinvar: annotated.clinvar.clone(),
    }
}

fn event(
    event: &ReportEvent,
    id: String,
    consequence: u32,
    transcript: Option<String>,
) -> EventResult {
    EventResult {
        id,
        gene: event.gene.clone(),
        consequence,
        transcript,
        terms: event.terms.iter().map(|&term| term.into()).collect(),
        panel: event.panel.clone(),
        mode_of_inheritance: event.mode,
        segregation: event.segregation.clone(),
        possible: event.possible,
        missing: event.missing.clone(),
        penetrance: event.penetrance,
        tier: event.tier,
        domain: event.domain,
        label: event.label.clone(),
        group: event.group,
        reasons: event.reasons.clone(),
        evidence: Vec::new(),
    }
}

fn consequence(material: &Material<'_>, consequence: &Consequence) -> ConsequenceResult {
    let listed = material.policy.policy.acmg.as_ref().map_or(&[][..], |acmg| &acmg.scores);
    let scores = consequence.scores.iter().filter_map(|score| {
        let policy = listed.get(usize::from(score.score))?;
        Some(ScoreResult { id: policy.id.clone(), title: policy.title.clone(), value: score.value })
    });
    ConsequenceResult {
        scores: scores.collect(),
        terms: consequence.terms.iter().map(|&term| term.into()).collect(),
        impact: consequence.impact(),
        gene: consequence.gene.clone(),
        transcript: consequence.transcript.clone(),
        biotype: consequence.biotype.clone(),
        hgvs_c: consequence.hgvs_c.clone(),
        hgvs_p: consequence.hgvs_p.clone(),
        exon: consequence.exon.clone(),
        canonical: consequence.canonical,
        mane_select: consequence.mane_select,
        source: consequence.source,
    }
}

/// Calls of the members whose data may be shown.
fn calls(material: &Material<'_>, tiered: &Tiered) -> Vec<CallResult> {
    let annotated = &tiered.candidate.annotated;
    let variant = &annotated.variant;
    let class = material.contigs.class(variant.contig);
    let par =
        material.contigs.is_par(material.assembly, variant.contig, variant.position.to_pos0());
    let members = material.family.iter().zip(&annotated.calls);
    members
        .filter(|((id, member), _)| member.sample.is_some() && may_show(*id, member))
        .map(|((id, member), call)| {
            let single = !par && is_single_copy(class, member);
            call_result(id, member, call, single)
        })
        .collect()
}

/// True where the member has one copy: X and Y outside the pseudoautosomal regions of a member with one X.
fn is_single_copy(class: ContigClass, member: &Member) -> bool {
    matches!(class, ContigClass::X | ContigClass::Y) && member.x_copies() == Some(1)
}

fn call_result(id: MemberId, member: &Member, call: &Call, single_copy: bool) -> CallResult {
    CallResult {
        member: number(id),
        role: member.role,
        genotype: genotype_text(&call.genotype),
        zygosity: Zygosity::of(&call.genotype, call.origin, single_copy),
        depth: call.depth,
        reference_depth: call.reference_depth,
        alternate_depth: call.alternate_depth,
        fraction: call
            .fraction()
            .filter(|fraction| fraction.is_finite())
            .map(|fraction| (f64::from(fraction) * 1e4).round() / 1e4),
        genotype_quality: call.genotype_quality.and_then(shortest),
        phase_set: call.phase_set.clone(),
        denovo_label: call.denovo_label.clone(),
        denovo_quality: call.denovo_quality.and_then(shortest),
        sample_filter: call.sample_filter.clone(),
        origin: call.origin,
    }
}

fn frequencies(
    material: &Material<'_>,
    contig: ContigId,
    frequencies: &[Frequency],
) -> Vec<FrequencyResult> {
    let is_mitochondrial = material.contigs.class(contig) == ContigClass::Mitochondrial;
    let populations = material.policy.policy.frequency.populations();
    let is_assessed = |dataset: &str| {
        frequencies.iter().any(|frequency| {
            let population = populations.get(usize::from(frequency.population.0));
            population.is_some_and(|p| p.dataset.id == dataset)
                && frequency.value != FrequencyValue::NotAssessed
        })
    };
    frequencies
        .iter()
        .filter_map(|frequency| {
            let population = populations.get(usize::from(frequency.population.0))?;
            // Mitochondrial genomes cannot tell of a nuclear variant: that is no gap.
            let mut classes = population.population.limits.keys();
            if frequency.value == FrequencyValue::NotAssessed
                && !is_mitochondrial
                && !population.population.limits.is_empty()
                && classes.all(|class| *class == LimitClass::Mitochondrial)
            {
                return None;
            }
            // A stand-in is of interest only where it stands in.
            if let (Some(main), FrequencyValue::NotAssessed) =
                (&population.dataset.fallback_for, frequency.value)
                && is_assessed(main)
            {
                return None;
            }
            Some(FrequencyResult {
                dataset: population.dataset.id.clone(),
                title: population.dataset.title.clone(),
                population: population.population.name.clone(),
                status: match frequency.value {
                    FrequencyValue::Observed(_) => FrequencyStatus::Observed,
                    FrequencyValue::AbsentFromSource => FrequencyStatus::AbsentFromSource,
                    FrequencyValue::NotAssessed => FrequencyStatus::NotAssessed,
                },
                value: frequency.value.assessed().filter(|value| value.is_finite()),
                store: frequency.store.and_then(|i| material.stores.get(usize::from(i)).cloned()),
            })
        })
        .collect()
}

/// The double that prints as the single does: 0.1 stays 0.1. `None` for values that JSON cannot hold.
pub(super) fn shortest(value: f32) -> Option<f64> {
    Some(as_printed(value)).filter(|value| value.is_finite())
}
