//! `phenopacket.json`: a GA4GH Phenopacket (schema 2.0) of the person of the case with the variants as candidates. Nothing is
//! interpreted: no diagnosis, no pathogenicity. The diseases of relatives and their data stay out.

use serde_json::{Map, Value, json};

use crate::model::annotation::GeneRef;
use crate::model::contig::ContigClass;
use crate::model::problem::Problem;
use crate::model::results::pertinent::PertinentFinding;
use crate::model::results::structural::{RepeatResult, StructuralResult};
use crate::model::results::{CandidateResult, CaseResults, MemberSummary, Zygosity};
use crate::model::sample::{Role, Sex};

use super::{
    OutputFile, Rendered, Source, Writer, gel_structural, limits, pretty, shown, text, tsv_other,
};

/// Writes `phenopacket.json`.
#[derive(Debug)]
pub(super) struct Phenopacket;

const FILES: &[OutputFile] = &[OutputFile {
    name: "phenopacket.json",
    // It holds the time of the run, which the schema asks for.
    deterministic: false,
    doc: "GA4GH Phenopacket 2.0 of the person with the variants as candidates; no diagnosis",
}];

impl Writer for Phenopacket {
    fn id(&self) -> &'static str {
        "phenopacket"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let packet = packet(source.results, source.created);
        Ok(vec![Rendered { name: FILES[0].name, bytes: pretty(&packet)? }])
    }
}

fn packet(results: &CaseResults, created: Option<&str>) -> Value {
    let person = super::index_member(results);
    let mut packet = json!({ "id": results.case.id });
    if let Some((member, id)) = person.and_then(|member| Some((member, member.id.as_ref()?))) {
        packet["subject"] = json!({ "id": id, "sex": sex(member.sex) });
        let features = features(member);
        if !features.is_empty() {
            packet["phenotypicFeatures"] = json!(features);
        }
        if let Some(sample) = &member.sample {
            packet["biosamples"] = json!([biosample(id, sample, member.role)]);
        }
        packet["interpretations"] = json!([interpretation(results, member, id)]);
    }
    packet["metaData"] = meta_data(results, created);
    packet
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => "FEMALE",
        Sex::Male => "MALE",
        Sex::Unknown => "UNKNOWN_SEX",
    }
}

/// Present terms, then those stated to be absent. Their labels are not known here.
fn features(member: &MemberSummary) -> Vec<Value> {
    let present = member.hpo_present.iter().map(|id| json!({ "type": { "id": id } }));
    let absent = member.hpo_absent.iter();
    present.chain(absent.map(|id| json!({ "type": { "id": id }, "excluded": true }))).collect()
}

fn biosample(id: &str, sample: &str, role: Role) -> Value {
    let mut biosample = json!({ "id": sample, "individualId": id });
    if role == Role::Tumour {
        biosample["materialSample"] = json!({ "id": "EFO:0009656", "label": "neoplastic sample" });
    }
    biosample
}

fn interpretation(results: &CaseResults, member: &MemberSummary, id: &str) -> Value {
    let subject = member.sample.as_deref().unwrap_or(id);
    let small = results.candidates.iter().map(|one| genomic(subject, &small(results, member, one)));
    let structural =
        results.structural.iter().map(|one| genomic(subject, &structural(results, one)));
    let repeats = results.repeats.iter().map(|one| genomic(subject, &repeat(results, member, one)));
    // What somebody was born with is of the person, not of the tumour.
    let born_with = shown::pertinent(results).iter();
    let born_with = born_with.map(|one| genomic(id, &born_with_descriptor(results, one)));
    let all: Vec<Value> = small.chain(structural).chain(repeats).chain(born_with).collect();
    let beside = match shown::additional(results).filter(|one| one.member == member.number).count()
    {
        0 => String::new(),
        n => format!(" Findings beside the question are in additional.tsv alone: {n}."),
    };
    let status = if results.identity.as_ref().is_some_and(|identity| identity.stopped) {
        "UNKNOWN_PROGRESS"
    } else {
        "IN_PROGRESS"
    };
    let gaps = limits::not_assessed(results);
    json!({
        "id": results.case.id,
        "progressStatus": status,
        "diagnosis": { "genomicInterpretations": all },
        "summary": format!(
            "Variants by rule ({} {}), none interpreted.{beside} Not assessed: {}",
            results.policy.id, results.policy.version, gaps.join(" ")
        ),
    })
}

fn genomic(subject: &str, descriptor: &Value) -> Value {
    json!({
        "subjectOrBiosampleId": subject,
        "interpretationStatus": "CANDIDATE",
        "variantInterpretation": {
            "acmgPathogenicityClassification": "NOT_PROVIDED",
            "therapeuticActionability": "UNKNOWN_ACTIONABILITY",
            "variationDescriptor": descriptor,
        },
    })
}

fn gene_context(gene: &GeneRef) -> Option<Value> {
    let id = gene.hgnc.as_ref().or(gene.ensembl.as_ref())?;
    Some(json!({ "valueId": id, "symbol": gene.shown() }))
}

fn small(results: &CaseResults, member: &MemberSummary, candidate: &CandidateResult) -> Value {
    let variant = &candidate.variant;
    let event = candidate.events.first();
    let mut object = Map::new();
    let own = event.map_or_else(|| text::variant(candidate), |event| format!("event-{}", event.id));
    let id = candidate.vrs.as_ref().map_or(own, |allele| allele.id.clone());
    object.insert("id".into(), json!(id));
    object.insert("label".into(), json!(text::variant(candidate)));
    if let Some(event) = event {
        let doubt = if event.possible {
            format!(", possible, not certain: {}", event.missing.join(", "))
        } else {
            String::new()
        };
        let grade = text::grade(event.tier, event.domain);
        object.insert("description".into(), json!(format!("{grade}{doubt}")));
    }
    if let Some(gene) = event.and_then(|event| gene_context(&event.gene)) {
        object.insert("geneContext".into(), gene);
    }
    let consequence = event.and_then(|e| candidate.consequences.get(e.consequence as usize));
    let mut names = genomic_expression(candidate.hgvs_g.as_deref());
    names.extend(consequence.into_iter().flat_map(|one| {
        expressions([&one.transcript, &one.hgvs_c, &one.hgvs_p].map(Option::as_deref))
    }));
    if !names.is_empty() {
        object.insert("expressions".into(), json!(names));
    }
    object.insert(
        "vcfRecord".into(),
        json!({
            "genomeAssembly": results.case.assembly,
            "chrom": variant.contig,
            "pos": variant.position.to_string(),
            "ref": variant.reference,
            "alt": variant.alternate,
            "qual": candidate.quality.map_or_else(|| ".".to_owned(), text::number),
            "filter": if candidate.filters.is_empty() { ".".to_owned() } else { candidate.filters.join(";") },
        }),
    );
    object.insert("moleculeContext".into(), json!("genomic"));
    let call = candidate.calls.iter().find(|call| call.member == member.number);
    let mitochondrial = ContigClass::of_name(&variant.contig) == ContigClass::Mitochondrial;
    if let Some(state) = call
        .filter(|call| call.role != Role::Tumour && !mitochondrial)
        .and_then(|call| state(call.zygosity))
    {
        object.insert("allelicState".into(), state);
    }
    Value::Object(object)
}

fn genomic_expression(name: Option<&str>) -> Vec<Value> {
    name.into_iter().map(|name| json!({ "syntax": "hgvs.g", "value": name })).collect()
}

/// HGVS names with the sequence that they count on; one without is no name.
fn expressions([transcript, coding, protein]: [Option<&str>; 3]) -> Vec<Value> {
    let coding = coding.and_then(|change| text::with_sequence(transcript, change));
    let protein = protein.filter(|name| name.contains(':')).map(str::to_owned);
    let named =
        |(syntax, name): (&str, Option<String>)| Some(json!({ "syntax": syntax, "value": name? }));
    [("hgvs.c", coding), ("hgvs.p", protein)].into_iter().filter_map(named).collect()
}

/// A germline finding in the normal sample of a tumour.
fn born_with_descriptor(results: &CaseResults, finding: &PertinentFinding) -> Value {
    let variant = &finding.found.variant;
    let doubt = if finding.possible {
        format!(", possible, not certain: {}", finding.missing.join(", "))
    } else {
        String::new()
    };
    let tier = text::grade(Some(finding.tier), None);
    let place = text::place(variant);
    let mut object = json!({
        "id": format!("germline-{place}"),
        "label": place,
        "description": format!("germline finding in the normal sample, {tier}{doubt}"),
        "vcfRecord": {
            "genomeAssembly": results.case.assembly,
            "chrom": variant.contig,
            "pos": variant.position.to_string(),
            "ref": variant.reference,
            "alt": variant.alternate,
        },
        "moleculeContext": "genomic",
    });
    let names = [&finding.found.transcript, &finding.found.hgvs_c, &finding.found.hgvs_p]
        .map(Option::as_deref);
    let mitochondrial = ContigClass::of_name(&variant.contig) == ContigClass::Mitochondrial;
    let genomic = genomic_expression(finding.found.hgvs_g.as_deref());
    let expressions = Some([genomic, expressions(names)].concat()).filter(|all| !all.is_empty());
    for (key, value) in [
        ("geneContext", gene_context(&finding.found.gene)),
        ("expressions", expressions.map(Value::from)),
        ("allelicState", state(finding.zygosity).filter(|_| !mitochondrial)),
    ] {
        if let Some(value) = value {
            object[key] = value;
        }
    }
    object
}

/// A short tandem repeat with the sizes of the person's alleles.
fn repeat(results: &CaseResults, member: &MemberSummary, locus: &RepeatResult) -> Value {
    let call = locus.calls.iter().find(|call| call.member == member.number);
    let sizes = call.map_or_else(|| "no call".into(), |call| tsv_other::sizes(&call.alleles));
    let place = format!("{}:{}-{}", locus.contig, locus.start, locus.end);
    let own = locus.events.first();
    let mut object = json!({
        "id": own.map_or_else(|| place.clone(), |event| format!("event-{}", event.id)),
        "label": format!("{place} {} {sizes}", locus.unit),
        "structuralType": { "id": "SO:0002162", "label": "short_tandem_repeat_expansion" },
        "vcfRecord": {
            "genomeAssembly": results.case.assembly,
            "chrom": locus.contig,
            // The record of a repeat begins with the base before it.
            "pos": locus.start.saturating_sub(1).to_string(),
            "ref": locus.reference,
            "alt": "<STR>",
            "info": format!("END={};RU={}", locus.end, locus.unit),
        },
        "moleculeContext": "genomic",
    });
    if let Some(gene) = own.and_then(|event| event.gene.as_ref()).and_then(gene_context) {
        object["geneContext"] = gene;
    }
    object
}

fn state(zygosity: Zygosity) -> Option<Value> {
    let (id, label) = match zygosity {
        Zygosity::Heterozygous => ("GENO:0000135", "heterozygous"),
        Zygosity::AlternateHomozygous => ("GENO:0000136", "homozygous"),
        Zygosity::AlternateHemizygous => ("GENO:0000134", "hemizygous"),
        _ => return None,
    };
    Some(json!({ "id": id, "label": label }))
}

fn structural(results: &CaseResults, variant: &StructuralResult) -> Value {
    let (id, label) = gel_structural::consequence(variant);
    let own = variant.events.first();
    let place =
        format!("{}:{}-{} {}", variant.contig, variant.start, variant.end, variant.kind.word());
    let mut object = json!({
        "id": own.map_or_else(|| place.clone(), |event| format!("event-{}", event.id)),
        "label": place,
        "structuralType": { "id": id, "label": label },
        "vcfRecord": {
            "genomeAssembly": results.case.assembly,
            "chrom": variant.contig,
            "pos": variant.position.to_string(),
            "ref": variant.reference,
            "alt": variant.alternate,
            "info": format!("END={}", variant.end),
        },
        "moleculeContext": "genomic",
    });
    if let Some(gene) = own.and_then(|event| event.gene.as_ref()).and_then(gene_context) {
        object["geneContext"] = gene;
    }
    object
}

fn meta_data(results: &CaseResults, created: Option<&str>) -> Value {
    let resource = |id: &str, name: &str, prefix: &str| {
        json!({
            "id": id,
            "name": name,
            "url": format!("http://purl.obolibrary.org/obo/{id}.owl"),
            "version": "not stated",
            "namespacePrefix": prefix,
            "iriPrefix": format!("http://purl.obolibrary.org/obo/{prefix}_"),
        })
    };
    let mut meta = json!({
        "createdBy": results.made_by(),
        "resources": [
            resource("hp", "Human Phenotype Ontology", "HP"),
            resource("geno", "Genotype Ontology", "GENO"),
            resource("so", "Sequence types and features ontology", "SO"),
        ],
        "phenopacketSchemaVersion": "2.0",
    });
    // Only the record of a run knows a time.
    if let Some(created) = created {
        meta["created"] = json!(created);
    }
    meta
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::model::sample::ConsentAnswer;

    #[test]
    fn candidates_are_not_interpreted() {
        let packet = packet(&fixture::trio(), Some("2026-01-02T03:09:59Z"));
        let all = &packet["interpretations"][0]["diagnosis"]["genomicInterpretations"];
        assert_eq!(all.as_array().unwrap().len(), 4);
        let first = &all[0]["variantInterpretation"];
        assert_eq!(all[0]["interpretationStatus"], "CANDIDATE");
        assert_eq!(first["acmgPathogenicityClassification"], "NOT_PROVIDED");
        assert_eq!(first["variationDescriptor"]["allelicState"]["id"], "GENO:0000135");
        assert_eq!(packet["phenotypicFeatures"][1]["excluded"], true);
        assert_eq!(packet["metaData"]["created"], "2026-01-02T03:09:59Z");
    }

    #[test]
    fn relatives_and_a_refused_proband_are_not_in_it() {
        let text = packet(&fixture::trio(), None).to_string();
        assert!(text.contains("trio-child") && !text.contains("trio-mother"));
        let refused =
            fixture::trio_with(|family| family.members[0].consent.primary = ConsentAnswer::No);
        let packet = packet(&refused, None);
        assert!(packet.get("subject").is_none() && packet.get("interpretations").is_none());
    }
}
