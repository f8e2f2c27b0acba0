//! A case as a Family of Phenopackets, schema version 2.

use serde_json::{Map, Value, json};

use super::super::{Case, karyotype};
use super::{absolute, id_of};
use crate::model::problem::Problem;
use crate::model::sample::{Affected, Member, MemberId, Role, Sex};

/// The Family; `created` is the time, RFC 3339 in UTC.
///
/// # Errors
///
/// A tumour case, which is no family.
pub fn family(case: &Case, created: &str) -> Result<Value, Problem> {
    if case.kind.is_cancer() {
        let message = format!("a {} case is no family", case.kind.word());
        return Err(Problem::usage(message).help("--to toml"));
    }
    let mut proband = Value::Null;
    let (mut relatives, mut persons) = (Vec::new(), Vec::new());
    for (id, member) in case.family.iter() {
        let own = id_of(case, id);
        let parent = |id: Option<MemberId>| id.map_or("0".to_owned(), |id| id_of(case, id));
        let packet = json!({
            "id": format!("{}.{own}", case.id),
            "subject": { "id": own, "sex": sex(member.sex), "karyotypicSex": karyotypic_sex(member) },
            "phenotypicFeatures": features(member),
            "metaData": meta_data(created),
        });
        match member.role {
            Role::Proband => proband = packet,
            // Members without a sample stand in the pedigree alone.
            _ if member.sample.is_some() || !member.hpo.is_empty() => relatives.push(packet),
            _ => {}
        }
        persons.push(json!({
            "familyId": case.id,
            "individualId": own,
            "paternalId": parent(member.father),
            "maternalId": parent(member.mother),
            "sex": sex(member.sex),
            "affectedStatus": match member.affected {
                Affected::Yes => "AFFECTED",
                Affected::No => "UNAFFECTED",
                Affected::Uncertain => "MISSING",
            },
        }));
    }
    Ok(json!({
        "id": case.id,
        "proband": proband,
        "relatives": relatives,
        "pedigree": { "persons": persons },
        "files": files(case),
        "metaData": meta_data(created),
    }))
}

fn sex(sex: Sex) -> &'static str {
    match sex {
        Sex::Male => "MALE",
        Sex::Female => "FEMALE",
        Sex::Unknown => "UNKNOWN_SEX",
    }
}

/// The karyotype that a stated number of X makes; nothing is read out of the sex alone.
fn karyotypic_sex(member: &Member) -> &'static str {
    let copies = member.x_copies;
    copies.and_then(|copies| karyotype::word(copies, member.sex)).unwrap_or("UNKNOWN_KARYOTYPE")
}

fn features(member: &Member) -> Vec<Value> {
    let feature = |term: &crate::model::sample::HpoTerm| {
        // The label is required by the schema's own checks; the id is what counts.
        json!({ "type": { "id": term.id, "label": term.id }, "excluded": !term.present })
    };
    member.hpo.iter().map(feature).collect()
}

/// The variant files and alignments, each with the names that its members have in it.
fn files(case: &Case) -> Vec<Value> {
    let joint: Map<String, Value> = case
        .family
        .iter()
        .filter(|(_, member)| member.variants.is_none())
        .filter_map(|(_, member)| Some((member.id.clone(), Value::from(member.sample.clone()?))))
        .collect();
    let one = |path: &std::path::Path, format: &str, names: Map<String, Value>| {
        json!({
            "uri": format!("file://{}", absolute(path)),
            "individualToFileIdentifiers": names,
            "fileAttributes": { "fileFormat": format, "genomeAssembly": case.assembly.to_string() },
        })
    };
    let mut files: Vec<Value> =
        case.variants.iter().map(|path| one(path, "vcf", joint.clone())).collect();
    for (_, member) in case.family.iter() {
        let names = || {
            let sample = member.sample.clone().unwrap_or_default();
            Map::from_iter([(member.id.clone(), Value::from(sample))])
        };
        files.extend(member.variants.iter().map(|path| one(path, "vcf", names())));
        files.extend(member.alignment.iter().map(|path| {
            let is_cram = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("cram"));
            one(path, if is_cram { "cram" } else { "bam" }, names())
        }));
    }
    files
}

fn meta_data(created: &str) -> Value {
    json!({
        "created": created,
        "createdBy": concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
        "resources": [{
            "id": "hp",
            "name": "Human Phenotype Ontology",
            "url": "http://purl.obolibrary.org/obo/hp.owl",
            "version": "not stated",
            "namespacePrefix": "HP",
            "iriPrefix": "http://purl.obolibrary.org/obo/HP_",
        }],
        "phenopacketSchemaVersion": "2.0",
    })
}
