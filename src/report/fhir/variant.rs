//! Small variants of the person of the case; findings beside the question; and, where nothing was found, that it was looked
//! for.

use super::builder::Builder;
use super::codes::{
    self, Answer, accession, coded, coding, concept, counted, hgvs, loinc, quantity, so, told,
};
use super::types::{
    CodeableConcept, Coding, Component, Extension, Observation, Reference, Resource,
};
use super::{Context, implication, index, stopped, structural};
use crate::model::annotation::GeneRef;
use crate::model::contig::{Assembly, ContigClass};
use crate::model::hgvs_genomic;
use crate::model::problem::Problem;
use crate::model::results::additional::AdditionalFinding;
use crate::model::results::pertinent::PertinentFinding;
use crate::model::results::{CallResult, CandidateResult, VariantInGene, VariantResult, Zygosity};
use crate::model::sample::Role;
use crate::model::variant::VariantKind;
use crate::report::{limits, shown, text};

/// Adds a finding for each variant and repeat, then what they mean; or that nothing was found.
pub(super) fn add(
    builder: &mut Builder,
    context: &Context<'_>,
    findings: &mut Vec<Reference>,
) -> Result<(), Problem> {
    let results = context.results;
    let Some(member) = index(results).map(|one| one.number) else { return Ok(()) };
    let none = results.candidates.is_empty()
        && results.structural.is_empty()
        && results.repeats.is_empty()
        && shown::pertinent(results).is_empty();
    if none {
        let Some(absent) = nothing(context, member) else { return Ok(()) };
        findings.push(codes::to(&builder.add(Resource::Observation(Box::new(absent)))?));
        return Ok(());
    }
    let mut addresses = Vec::new();
    for candidate in &results.candidates {
        let Some(variant) = small(context, candidate, member) else { continue };
        let address = builder.add(Resource::Observation(Box::new(variant)))?;
        findings.push(codes::to(&address));
        addresses.push((candidate, address));
    }
    let others = structural::add(builder, (context, member), findings)?;
    let found = implication::Found { candidates: &addresses, others: &others };
    implication::add(builder, (context, member), &found, findings)
}

/// That nothing was found in what was assessed; where identity checks stopped the case, that nothing was called.
fn nothing(context: &Context<'_>, member: u16) -> Option<Observation> {
    let results = context.results;
    let gaps = limits::not_assessed(results).len();
    let panels: Vec<String> = results
        .panels
        .iter()
        .map(|panel| format!("{} {} ({} green genes)", panel.name, panel.version, panel.green))
        .collect();
    let (answer, told) = if stopped(results) {
        (codes::NO_CALL, "Identity checks failed: nothing was assessed.".to_owned())
    } else {
        let told = format!(
            "No variant met the rules of {} {} in what was assessed: {}. {gaps} points were not assessed; they stand in \
             the study's notes and are not negative.",
            results.policy.id,
            results.policy.version,
            if panels.is_empty() { "no panel".into() } else { panels.join("; ") },
        );
        (codes::ABSENT, told)
    };
    Some(Observation {
        code: Some(assessment()),
        value_codeable_concept: Some(loinc(answer)),
        method: Some(loinc(codes::SEQUENCING)),
        component: vec![self::told(codes::own("conclusion-string"), told)],
        ..context.observation("variant", member)?
    })
}

/// Code of every variant.
pub(super) fn assessment() -> CodeableConcept {
    loinc(("69548-6", "Genetic variant assessment"))
}

/// Assembly, chromosome and sequence of a contig.
pub(super) fn place(context: &Context<'_>, contig: &str) -> Vec<Component> {
    let build = match context.results.case.assembly {
        Assembly::GRCh37 => ("LA14029-5", "GRCh37"),
        Assembly::GRCh38 => ("LA26806-2", "GRCh38"),
    };
    let assembly = ("62374-4", "Human reference sequence assembly version");
    let mut all = vec![coded(loinc(assembly), loinc(build))];
    let class = ContigClass::of_name(contig);
    if let Some(chromosome) = codes::chromosome(class) {
        all.push(coded(loinc(("48000-4", "Chromosome")), chromosome));
    } else {
        let location = ("48001-2", "Cytogenetic (chromosome) location");
        all.push(coded(loinc(location), codes::text(contig)));
    }
    if let Some(sequence) = context.accession(contig) {
        let reference = ("48013-7", "Genomic reference sequence [ID]");
        all.push(coded(loinc(reference), accession(sequence)));
    }
    all
}

/// First and last base, both counted from 1.
pub(super) fn span(first: u32, last: u32) -> [Component; 2] {
    let exact = ("81254-5", "Genomic allele start-end");
    [
        Component {
            code: Some(loinc(exact)),
            value_range: Some(codes::range(first, last)),
            ..Component::default()
        },
        coded(loinc(("92822-6", "Genomic coord system")), loinc(codes::ONE_BASED)),
    ]
}

pub(super) fn source_class(context: &Context<'_>) -> Component {
    let class = if limits::is_tumour(context.results) { codes::SOMATIC } else { codes::GERMLINE };
    coded(loinc(("48002-0", "Genomic source class")), loinc(class))
}

pub(super) fn studied(gene: &GeneRef) -> Component {
    coded(loinc(("48018-6", "Gene studied [ID]")), codes::gene(gene))
}

/// A substitution's name needs no reference; of other variants HGVS wants the rightmost place, which the results know where a
/// reference was given.
fn genomic_name(context: &Context<'_>, variant: &VariantResult) -> Option<String> {
    let sequence = context.accession(&variant.contig)?;
    let ([reference], [alternate]) = (variant.reference.as_bytes(), variant.alternate.as_bytes())
    else {
        return None;
    };
    // `*` and IUPAC codes are no bases to name.
    if ![reference, alternate].iter().all(|base| b"ACGT".contains(base)) {
        return None;
    }
    let prefix = hgvs_genomic::prefix(ContigClass::of_name(&variant.contig));
    let (reference, alternate) = (*reference as char, *alternate as char);
    Some(format!("{sequence}:{prefix}.{}{reference}>{alternate}", variant.position))
}

fn alleles(
    context: &Context<'_>,
    variant: &VariantResult,
    known: Option<&String>,
) -> Vec<Component> {
    let mut all = place(context, &variant.contig);
    if let Some(name) = known.cloned().or_else(|| genomic_name(context, variant)) {
        all.push(coded(loinc(("81290-9", "Genomic DNA change (gHGVS)")), hgvs(&name)));
    }
    let last = variant.position + (variant.reference.len() as u32).saturating_sub(1);
    all.extend(span(variant.position, last));
    all.push(told(loinc(("69547-8", "Genomic ref allele [ID]")), &*variant.reference));
    all.push(told(loinc(("69551-0", "Genomic alt allele [ID]")), &*variant.alternate));
    all
}

fn small(context: &Context<'_>, candidate: &CandidateResult, member: u16) -> Option<Observation> {
    let call = candidate.calls.iter().find(|call| call.member == member);
    let mut component = alleles(context, &candidate.variant, candidate.hgvs_g.as_ref());
    component.push(change(candidate.kind));
    component.push(source_class(context));
    let mut genes: Vec<&GeneRef> = Vec::new();
    for event in &candidate.events {
        if !genes.contains(&&event.gene) {
            genes.push(&event.gene);
        }
    }
    component.extend(genes.into_iter().map(studied));
    let first = candidate.events.first();
    let shown = first.and_then(|event| candidate.consequences.get(event.consequence as usize));
    if let Some(consequence) = shown {
        let transcript = consequence.transcript.as_deref();
        component.extend(names(
            transcript,
            consequence.hgvs_c.as_deref(),
            consequence.hgvs_p.as_deref(),
        ));
    }
    if let Some(call) = call {
        let mitochondrial =
            ContigClass::of_name(&candidate.variant.contig) == ContigClass::Mitochondrial;
        component.extend(genotype(call, mitochondrial));
    }
    component.extend(inheritance(candidate));
    component.extend(variation_codes(candidate));
    let answer = call.map_or(codes::INDETERMINATE, |call| presence(call.role, call.zygosity));
    let mut notes: Vec<String> = candidate.flags.clone();
    notes.extend(limits::not_assessed_of(candidate));
    Some(Observation {
        code: Some(assessment()),
        value_codeable_concept: Some(loinc(answer)),
        method: Some(loinc(codes::SEQUENCING)),
        note: notes.into_iter().map(codes::note).collect(),
        component,
        ..context.observation("variant", member)?
    })
}

/// The change in terms of the sequence ontology.
fn change(kind: VariantKind) -> Component {
    let (id, name) = match kind {
        VariantKind::Snv => ("SO:0001483", "SNV"),
        VariantKind::Mnv => ("SO:0002007", "MNV"),
        VariantKind::Insertion => ("SO:0000667", "insertion"),
        VariantKind::Deletion => ("SO:0000159", "deletion"),
        VariantKind::Delins => ("SO:1000032", "delins"),
        VariantKind::Symbolic => ("SO:0001059", "sequence_alteration"),
    };
    coded(loinc(("48019-4", "DNA change type")), so(id, name))
}

/// Transcript and changes on it; a change without the sequence that it counts on is no name.
pub(super) fn names(
    transcript: Option<&str>,
    coding_change: Option<&str>,
    protein_change: Option<&str>,
) -> Vec<Component> {
    let mut all = Vec::new();
    if let Some(id) = transcript {
        all.push(coded(loinc(("51958-7", "Transcript reference sequence [ID]")), accession(id)));
    }
    if let Some(name) = coding_change.and_then(|change| text::with_sequence(transcript, change)) {
        all.push(coded(loinc(("48004-6", "DNA change (c.HGVS)")), hgvs(&name)));
    }
    if let Some(name) = protein_change.filter(|name| name.contains(':')) {
        all.push(coded(loinc(("48005-3", "Amino acid change (pHGVS)")), hgvs(name)));
    }
    all
}

/// Whether the person has the variant. Somatic callers may write no genotype: what they report in a tumour is there.
fn presence(role: Role, zygosity: Zygosity) -> Answer {
    match zygosity {
        Zygosity::Missing if role == Role::Tumour => codes::PRESENT,
        Zygosity::Heterozygous
        | Zygosity::AlternateHomozygous
        | Zygosity::AlternateHemizygous
        | Zygosity::HalfMissingAlternate => codes::PRESENT,
        Zygosity::ReferenceHomozygous
        | Zygosity::ReferenceHemizygous
        | Zygosity::OtherAlternate => codes::ABSENT,
        Zygosity::HalfMissingReference => codes::INDETERMINATE,
        Zygosity::Missing => codes::NO_CALL,
    }
}

fn allelic_state(zygosity: Zygosity, mitochondrial: bool) -> Option<Component> {
    let answer = match (zygosity, mitochondrial) {
        (Zygosity::Heterozygous, true) => codes::HETEROPLASMIC,
        (Zygosity::AlternateHomozygous | Zygosity::AlternateHemizygous, true) => codes::HOMOPLASMIC,
        (Zygosity::Heterozygous, false) => codes::HETEROZYGOUS,
        (Zygosity::AlternateHomozygous, false) => codes::HOMOZYGOUS,
        (Zygosity::AlternateHemizygous, false) => codes::HEMIZYGOUS,
        _ => return None,
    };
    Some(coded(loinc(("53034-5", "Allelic state")), loinc(answer)))
}

/// Allelic state, share and depth. Of a tumour the genotype is the caller's guess and no state.
fn genotype(call: &CallResult, mitochondrial: bool) -> Vec<Component> {
    let mut all = Vec::new();
    if call.role != Role::Tumour {
        all.extend(allelic_state(call.zygosity, mitochondrial));
    }
    if let Some(share) = call.fraction {
        let code = loinc(("81258-6", "Sample variant allelic frequency [NFr]"));
        all.push(counted(code, quantity(share, "decimal", "1")));
    }
    if let Some(depth) = call.depth {
        let code = loinc(("82121-5", "Allelic read depth"));
        all.push(counted(code, quantity(depth.into(), "reads per base pair", "1")));
    }
    all
}

/// From which parent the variant is, where the parents' own calls tell.
fn inheritance(candidate: &CandidateResult) -> Vec<Component> {
    let of = |role| candidate.calls.iter().find(|call| call.role == role).map(|call| call.zygosity);
    let carries = |zygosity| match zygosity {
        Zygosity::Heterozygous | Zygosity::AlternateHomozygous | Zygosity::AlternateHemizygous => {
            Some(true)
        }
        Zygosity::ReferenceHomozygous | Zygosity::ReferenceHemizygous => Some(false),
        _ => None,
    };
    let de_novo = candidate.events.iter().any(|e| e.segregation == "deNovo" && !e.possible);
    let answer = match [Role::Mother, Role::Father].map(|role| of(role).and_then(carries)) {
        _ if de_novo => codes::DE_NOVO,
        [Some(true), Some(false)] => codes::MATERNAL,
        [Some(false), Some(true)] => codes::PATERNAL,
        _ => return Vec::new(),
    };
    vec![
        coded(loinc(("94186-4", "Variant inheritance")), loinc(answer)),
        coded(loinc(("82309-6", "Variant inheritance basis")), loinc(codes::MEASURED)),
    ]
}

/// Names of the variant in databases.
fn variation_codes(candidate: &CandidateResult) -> Vec<Component> {
    let code = || loinc(("81252-9", "Discrete genetic variant"));
    let snp = "http://www.ncbi.nlm.nih.gov/projects/SNP";
    let ids = candidate.ids.iter().filter(|id| is_rs(id));
    let computed = candidate
        .vrs
        .iter()
        .map(|allele| concept(coding("https://w3id.org/ga4gh/vrs", &allele.id)));
    ids.map(|id| concept(coding(snp, id))).chain(computed).map(|id| coded(code(), id)).collect()
}

fn is_rs(id: &str) -> bool {
    id.strip_prefix("rs").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// Adds the findings beside the question, each of a member who said yes to its kind; that is asked here once more.
pub(super) fn add_secondary(
    builder: &mut Builder,
    context: &Context<'_>,
    findings: &mut Vec<Reference>,
) -> Result<(), Problem> {
    for finding in shown::additional(context.results) {
        let Some(observation) = secondary(context, finding) else { continue };
        findings.push(codes::to(&builder.add(Resource::Observation(Box::new(observation)))?));
    }
    Ok(())
}

/// Adds the germline findings in the normal sample of a tumour, whose patient said yes to them; that too is asked once more.
pub(super) fn add_germline(
    builder: &mut Builder,
    context: &Context<'_>,
    findings: &mut Vec<Reference>,
) -> Result<(), Problem> {
    let mut members = context.results.case.members.iter();
    let Some(normal) = members.find(|member| member.role == Role::Normal) else { return Ok(()) };
    for finding in shown::pertinent(context.results) {
        let Some(observation) = germline(context, finding, normal.number) else { continue };
        findings.push(codes::to(&builder.add(Resource::Observation(Box::new(observation)))?));
    }
    Ok(())
}

fn germline(context: &Context<'_>, finding: &PertinentFinding, member: u16) -> Option<Observation> {
    let mut component = born_with(context, &finding.found, finding.zygosity);
    let mut told = format!(
        "germline finding in the normal sample; {}, panel {} {}",
        text::grade(Some(finding.tier), None),
        finding.panel.name,
        finding.panel.version
    );
    told.extend(finding.label.iter().map(|label| format!("; {}", label.replace('_', " "))));
    if finding.possible {
        told.push_str("; possible, not certain: ");
        told.push_str(&finding.missing.join(", "));
    }
    component.push(self::told(codes::own("conclusion-string"), told));
    Some(Observation {
        code: Some(assessment()),
        value_codeable_concept: Some(loinc(presence(Role::Normal, finding.zygosity))),
        method: Some(loinc(codes::SEQUENCING)),
        note: finding.reasons.iter().map(text::reason).map(codes::note).collect(),
        component,
        ..context.observation("variant", member)?
    })
}

/// What a variant that somebody was born with is, beside the question or in the normal sample of a tumour.
fn born_with(context: &Context<'_>, found: &VariantInGene, zygosity: Zygosity) -> Vec<Component> {
    let mut all = alleles(context, &found.variant, found.hgvs_g.as_ref());
    all.push(coded(loinc(("48002-0", "Genomic source class")), loinc(codes::GERMLINE)));
    all.push(studied(&found.gene));
    let [transcript, coding, protein] =
        [&found.transcript, &found.hgvs_c, &found.hgvs_p].map(Option::as_deref);
    all.extend(names(transcript, coding, protein));
    let class = ContigClass::of_name(&found.variant.contig);
    all.extend(allelic_state(zygosity, class == ContigClass::Mitochondrial));
    all
}

fn secondary(context: &Context<'_>, finding: &AdditionalFinding) -> Option<Observation> {
    let mut component = born_with(context, &finding.found, finding.zygosity);
    let why: Vec<String> = finding.reasons.iter().map(text::reason).collect();
    let mut told =
        format!("{}, panel {} {}", finding.kind.shown(), finding.panel.name, finding.panel.version);
    if finding.possible {
        told.push_str("; possible, not certain: ");
        told.push_str(&finding.missing.join(", "));
    }
    component.push(self::told(codes::own("conclusion-string"), told));
    Some(Observation {
        extension: vec![Extension {
            url: Some(
                "http://hl7.org/fhir/StructureDefinition/observation-secondaryFinding".into(),
            ),
            value_codeable_concept: Some(CodeableConcept {
                coding: Vec::<Coding>::new(),
                text: Some(finding.kind.shown().into()),
            }),
            ..Extension::default()
        }],
        code: Some(assessment()),
        value_codeable_concept: Some(loinc(presence(finding.role, finding.zygosity))),
        method: Some(loinc(codes::SEQUENCING)),
        note: why.into_iter().map(codes::note).collect(),
        component,
        ..context.observation("variant", finding.member)?
    })
}
