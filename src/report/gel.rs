//! `interpreted_genome.json`: an `InterpretedGenome` of the Genomics England report models. Only fields whose meaning is
//! the same in versions 6.0.0 to 6.2.0 are written, so one document validates under all of them; the version that it names
//! can be chosen. ACMG/AMP evidence is left out, since its record wants a classification, and this program makes none.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::annotation::GeneRef;
use crate::model::candidate::{Domain, Tier, TieringMode};
use crate::model::contig::ContigClass;
use crate::model::notice::NoticeKind;
use crate::model::problem::Problem;
use crate::model::results::{
    CallResult, CandidateResult, CaseResults, EventResult, FrequencyStatus, Zygosity,
};
use crate::model::sample::Role;
use crate::model::structural::StructuralKind;

use super::{
    OutputFile, Rendered, Source, Writer, chromosomes, gel_chromosomes, gel_germline,
    gel_structural, limits, pretty, shown, text,
};

/// Writes `interpreted_genome.json`.
#[derive(Debug)]
pub(super) struct Gel;

const FILES: &[OutputFile] = &[OutputFile {
    name: "interpreted_genome.json",
    deterministic: true,
    doc: "InterpretedGenome of the Genomics England report models, valid for 6.0.0 to 6.2.0",
}];

/// Version of the report models that the document is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GelVersion {
    /// 6.0.0.
    V600,
    /// 6.0.1.
    V601,
    /// 6.0.2.
    V602,
    /// 6.1.0.
    V610,
    /// 6.1.1.
    V611,
    /// 6.2.0.
    #[default]
    V620,
}

impl GelVersion {
    /// All versions, oldest first.
    pub const ALL: [Self; 6] =
        [Self::V600, Self::V601, Self::V602, Self::V610, Self::V611, Self::V620];

    /// `6.2.0`.
    pub fn word(self) -> &'static str {
        match self {
            Self::V600 => "6.0.0",
            Self::V601 => "6.0.1",
            Self::V602 => "6.0.2",
            Self::V610 => "6.1.0",
            Self::V611 => "6.1.1",
            Self::V620 => "6.2.0",
        }
    }

    /// The version of this name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.word() == word)
    }
}

/// How the document is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GelOptions {
    /// Version of the report models.
    pub version: GelVersion,
    /// `interpretationService`; the program's name when `None`.
    pub service: Option<String>,
    /// Time of the document, `2026-01-02T03:04:05.000000Z`, with which it is put into the envelope of a case as the CIP-API
    /// gives it (`cip_api_case.json`); `None` for no envelope.
    pub envelope: Option<String>,
}

/// Names that the model knows for `segregationPattern`.
const SEGREGATION_PATTERNS: &[&str] = &[
    "UniparentalIsodisomy",
    "SimpleRecessive",
    "CompoundHeterozygous",
    "deNovo",
    "InheritedAutosomalDominant",
    "InheritedAutosomalDominantMaternallyImprinted",
    "InheritedAutosomalDominantPaternallyImprinted",
    "XLinkedCompoundHeterozygous",
    "XLinkedSimpleRecessive",
    "XLinkedMonoallelic",
    "MitochondrialGenome",
];

impl Writer for Gel {
    fn id(&self) -> &'static str {
        "gel"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let genome = interpreted_genome(source.results, source.gel);
        Ok(vec![Rendered { name: FILES[0].name, bytes: pretty(&genome)? }])
    }
}

pub(super) fn interpreted_genome(results: &CaseResults, options: &GelOptions) -> Value {
    let mut variants: Vec<Value> =
        results.candidates.iter().map(|candidate| small_variant(results, candidate)).collect();
    variants.extend(gel_germline::small_variants(results));
    let mut genome = json!({
        "versionControl": { "gitVersionControl": options.version.word() },
        "interpretationRequestId": results.case.id,
        "interpretationRequestVersion": 1,
        "interpretationService": options.service.as_ref().unwrap_or(&results.tool.name),
        "variants": variants,
        "referenceDatabasesVersions": databases(results),
        "softwareVersions": software(results),
        "comments": comments(results),
    });
    gel_structural::add(&mut genome, results);
    gel_chromosomes::add(&mut genome, results);
    genome
}

/// A Sequence Ontology term.
pub(super) fn so_term(id: &str, name: &str) -> Value {
    json!({ "id": id, "name": name })
}

/// Databases that the inputs name, and the panels.
fn databases(results: &CaseResults) -> BTreeMap<String, String> {
    let mut all = results.provenance.databases.clone();
    for panel in &results.panels {
        all.insert(format!("{} panel {}", panel.source, panel.id), panel.version.clone());
    }
    all
}

fn software(results: &CaseResults) -> BTreeMap<String, String> {
    let mut all = results.provenance.software.clone();
    all.insert(results.tool.name.clone(), results.tool.version.clone());
    let policy = &results.policy;
    all.insert(format!("policy {}", policy.id), policy.version.clone());
    all.insert(format!("policy {} SHA-256", policy.id), policy.digest.clone());
    all
}

/// What was not assessed, then everything else that a reader was told.
fn comments(results: &CaseResults) -> Vec<String> {
    let gaps = limits::not_assessed(results).into_iter().map(|gap| format!("Not assessed: {gap}"));
    let others = results.notices.iter().filter(|notice| notice.kind != NoticeKind::NotAssessed);
    let neutral = results.structural.iter().filter(|one| one.kind == StructuralKind::NeutralLoss);
    let untold = match neutral.count() {
        0 => None,
        n => Some(format!(
            "Copy-neutral losses of heterozygosity, for which the model has no word, and which are not in it: {n}."
        )),
    };
    // The model's lists hold what is asserted; doubts and hints are told here, without the member's ids.
    let told = shown::chromosomes(results).flat_map(|member| {
        let findings = chromosomes::findings(member).into_iter().chain(member.notes.clone());
        findings.map(|told| format!("Member {}: {told}", member.member))
    });
    gaps.chain(untold).chain(told).chain(others.map(|notice| notice.text.clone())).collect()
}

fn small_variant(results: &CaseResults, candidate: &CandidateResult) -> Value {
    let variant = &candidate.variant;
    let chromosome =
        ContigClass::of_name(&variant.contig).bare_name().unwrap_or_else(|| variant.contig.clone());
    json!({
        "variantCoordinates": {
            "chromosome": chromosome,
            "position": variant.position,
            "reference": variant.reference,
            "alternate": variant.alternate,
            "assembly": results.case.assembly,
        },
        "variantCalls": candidate.calls.iter()
            .filter_map(|call| variant_call(results, candidate, call)).collect::<Vec<_>>(),
        "reportEvents": candidate.events.iter()
            .map(|event| report_event(candidate, event)).collect::<Vec<_>>(),
        "variantAttributes": attributes(candidate),
    })
}

/// A call of a member whose ids may be shown.
fn variant_call(
    results: &CaseResults,
    candidate: &CandidateResult,
    call: &CallResult,
) -> Option<Value> {
    let member = results.member(call.member)?;
    let mut object = Map::new();
    object.insert("participantId".into(), json!(member.id.as_ref()?));
    object.insert("sampleId".into(), json!(member.sample.as_ref()?));
    // A somatic caller need not write a genotype of the tumour: that is no missing call.
    let without = call.role == Role::Tumour && call.zygosity == Zygosity::Missing;
    let zygosity = if without { "na" } else { zygosity(call.zygosity) };
    object.insert("zygosity".into(), json!(zygosity));
    let mut optional = |key: &str, value: Value| {
        if !value.is_null() {
            object.insert(key.into(), value);
        }
    };
    optional("sampleVariantAlleleFrequency", json!(call.fraction));
    optional("depthReference", json!(call.reference_depth));
    optional("depthAlternate", json!(call.alternate_depth));
    optional("alleleOrigins", json!([origin(candidate, call)]));
    Some(Value::Object(object))
}

/// The model spells hemizygous its own way.
pub(super) fn zygosity(zygosity: Zygosity) -> &'static str {
    match zygosity {
        Zygosity::ReferenceHomozygous => "reference_homozygous",
        Zygosity::Heterozygous => "heterozygous",
        Zygosity::AlternateHomozygous => "alternate_homozygous",
        Zygosity::ReferenceHemizygous => "reference_hemizigous",
        Zygosity::AlternateHemizygous => "alternate_hemizigous",
        Zygosity::HalfMissingReference => "half_missing_reference",
        Zygosity::HalfMissingAlternate => "half_missing_alternate",
        Zygosity::OtherAlternate => "unk",
        Zygosity::Missing => "missing",
    }
}

fn origin(candidate: &CandidateResult, call: &CallResult) -> &'static str {
    let somatic = candidate.events.iter().any(|event| event.domain.is_some());
    let de_novo = candidate.events.iter().any(|e| e.segregation == "deNovo" && !e.possible);
    match call.role {
        Role::Tumour if somatic => "somatic_variant",
        Role::Proband if de_novo => "de_novo_variant",
        _ => "germline_variant",
    }
}

fn report_event(candidate: &CandidateResult, event: &EventResult) -> Value {
    let mut object = Map::new();
    object.insert("reportEventId".into(), json!(event.id));
    object.insert("phenotypes".into(), json!({ "nonStandardPhenotype": [] }));
    let consequences: Vec<Value> =
        event.terms.iter().map(|term| so_term(&term.id, &term.name)).collect();
    object.insert("variantConsequences".into(), json!(consequences));
    object.insert("modeOfInheritance".into(), mode(event.mode_of_inheritance));
    object.insert("genomicEntities".into(), json!(entities(event)));
    object.insert("penetrance".into(), json!(event.penetrance));
    object.insert("eventJustification".into(), json!(justification(event)));
    object.insert("tier".into(), json!(tier(event.tier)));
    object.insert("domain".into(), json!(domain(event.domain)));
    if let Some(panel) = &event.panel {
        object.insert(
            "genePanel".into(),
            json!({
                "panelIdentifier": panel.id,
                "panelName": panel.name,
                "panelVersion": panel.version,
            }),
        );
    }
    if SEGREGATION_PATTERNS.contains(&event.segregation.as_str()) {
        object.insert("segregationPattern".into(), json!(event.segregation));
    }
    if let Some(group) = event.group {
        object.insert("groupOfVariants".into(), json!(group));
    }
    if let Some(quality) = index_call(candidate).and_then(|call| call.denovo_quality)
        && event.segregation == "deNovo"
    {
        object.insert("deNovoQualityScore".into(), json!(quality));
    }
    Value::Object(object)
}

/// The model has no word for Y.
pub(super) fn mode(mode: TieringMode) -> Value {
    if mode == TieringMode::Ylinked { json!("unknown") } else { json!(mode) }
}

fn index_call(candidate: &CandidateResult) -> Option<&CallResult> {
    candidate.calls.iter().find(|call| matches!(call.role, Role::Proband | Role::Tumour))
}

/// The model has one word for both, by position: `TIER1` to `TIER3`, or `NONE`.
fn tier(tier: Option<Tier>) -> String {
    tier.map_or_else(|| "NONE".into(), text::word)
}

fn domain(domain: Option<Domain>) -> String {
    domain.map_or_else(|| "NONE".into(), text::word)
}

fn entities(event: &EventResult) -> Vec<Value> {
    let mut all = vec![gene_entity(&event.gene)];
    if let Some(transcript) = &event.transcript {
        let mut entity = json!({ "type": "transcript", "ensemblId": transcript });
        if let Some(symbol) = &event.gene.symbol {
            entity["geneSymbol"] = json!(symbol);
        }
        all.push(entity);
    }
    all
}

pub(super) fn gene_entity(gene: &GeneRef) -> Value {
    let mut entity = json!({ "type": "gene" });
    if let Some(id) = &gene.ensembl {
        entity["ensemblId"] = json!(id);
    }
    if let Some(symbol) = &gene.symbol {
        entity["geneSymbol"] = json!(symbol);
    }
    if let Some(id) = &gene.hgnc {
        entity["otherIds"] = json!([{ "source": "HGNC", "identifier": id }]);
    }
    entity
}

fn justification(event: &EventResult) -> String {
    let mut parts: Vec<String> = event.reasons.iter().map(text::reason).collect();
    if event.possible {
        parts.insert(0, format!("possible, not certain: {}", event.missing.join(", ")));
    }
    parts.join("; ")
}

/// Names of the variant and its observed frequencies. Frequencies that are not assessed are left out, never given as 0.
fn attributes(candidate: &CandidateResult) -> Value {
    let mut object = Map::new();
    let hgvs = |pick: fn(&crate::model::results::ConsequenceResult) -> Option<&String>| {
        candidate.consequences.iter().filter_map(pick).cloned().collect::<Vec<_>>()
    };
    let known = [
        ("cdnaChanges", hgvs(|consequence| consequence.hgvs_c.as_ref())),
        ("proteinChanges", hgvs(|consequence| consequence.hgvs_p.as_ref())),
    ];
    for (key, changes) in known {
        if !changes.is_empty() {
            object.insert(key.into(), json!(changes));
        }
    }
    if let Some(id) = candidate.ids.iter().find(|id| id.starts_with("rs")) {
        object.insert("variantIdentifiers".into(), json!({ "dbSnpId": id }));
    }
    let frequencies: Vec<Value> = candidate
        .frequencies
        .iter()
        .filter(|frequency| frequency.status == FrequencyStatus::Observed)
        .filter_map(|f| {
            Some(json!({
                "study": f.dataset, "population": f.population, "alternateFrequency": f.value?,
            }))
        })
        .collect();
    if !frequencies.is_empty() {
        object.insert("alleleFrequencies".into(), json!(frequencies));
    }
    Value::Object(object)
}
