//! Phenopackets, schema version 2: a Family as a case, or one Phenopacket as a singleton. Every form of protobuf's JSON passes:
//! both spellings of keys (`individualId`, `individual_id`), enums as words or numbers, and what has its default left out or
//! written. They know no consent: that comes from elsewhere.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::gel::Locate;
use super::json::{self, Node, Reader};
use super::{CaseForm, CaseKind, Draft, DraftMember, karyotype, ped};
use crate::model::contig::Assembly;
use crate::model::problem::Problems;
use crate::model::sample::{Affected, Sex};

const FAMILY_KEYS: &[&str] = &[
    "id",
    "proband",
    "relatives",
    "consanguinousParents",
    "consanguinous_parents",
    "pedigree",
    "files",
    "metaData",
    "meta_data",
];
const PACKET_KEYS: &[&str] = &[
    "id",
    "subject",
    "phenotypicFeatures",
    "phenotypic_features",
    "measurements",
    "biosamples",
    "interpretations",
    "diseases",
    "medicalActions",
    "medical_actions",
    "files",
    "metaData",
    "meta_data",
];
const SUBJECT_KEYS: &[&str] = &[
    "id",
    "alternateIds",
    "alternate_ids",
    "dateOfBirth",
    "date_of_birth",
    "timeAtLastEncounter",
    "time_at_last_encounter",
    "vitalStatus",
    "vital_status",
    "sex",
    "karyotypicSex",
    "karyotypic_sex",
    "gender",
    "taxonomy",
];
const FEATURE_KEYS: &[&str] = &[
    "description",
    "type",
    "excluded",
    "severity",
    "modifiers",
    "onset",
    "resolution",
    "evidence",
];
const PERSON_KEYS: &[&str] = &[
    "familyId",
    "family_id",
    "individualId",
    "individual_id",
    "paternalId",
    "paternal_id",
    "maternalId",
    "maternal_id",
    "sex",
    "affectedStatus",
    "affected_status",
];
const FILE_KEYS: &[&str] = &[
    "uri",
    "individualToFileIdentifiers",
    "individual_to_file_identifiers",
    "fileAttributes",
    "file_attributes",
];

const SEXES: &[(&str, Sex)] = &[
    ("UNKNOWN_SEX", Sex::Unknown),
    ("FEMALE", Sex::Female),
    ("MALE", Sex::Male),
    ("OTHER_SEX", Sex::Unknown),
];
/// `MISSING` is what protobuf leaves out: nothing is stated.
const AFFECTED: &[(&str, Option<Affected>)] =
    &[("MISSING", None), ("UNAFFECTED", Some(Affected::No)), ("AFFECTED", Some(Affected::Yes))];

/// Reads a Family or a Phenopacket.
///
/// # Errors
///
/// Every fault of syntax, key and value, with its place in the document.
pub fn read(text: &str, path: &Path, locate: Locate<'_>) -> Result<Draft, Problems> {
    let file = path.display().to_string();
    let value = json::parse(text, &file)?;
    let mut reader = Reader::new(&file);
    let root = Node::root(&value);
    let mut draft = Draft::new(CaseForm::Phenopacket, path);
    if root.get("proband").is_some() || root.get("pedigree").is_some() {
        family(&mut reader, &root, &mut draft);
    } else {
        singleton(&mut reader, &root, &mut draft);
    }
    let of_members = packets(&mut reader, &root);
    for holder in std::iter::once(root).chain(of_members) {
        files(&mut reader, &holder, locate, &mut draft);
    }
    reader.finish(draft)
}

/// The spelling of a key that an object uses.
fn spelt<'k>(node: &Node<'_>, camel: &'k str, snake: &'k str) -> &'k str {
    if node.get(camel).is_some() { camel } else { snake }
}

/// The phenopackets within a family.
fn packets<'v>(reader: &mut Reader<'_>, root: &Node<'v>) -> Vec<Node<'v>> {
    root.get("proband").into_iter().chain(reader.list(root, "relatives")).collect()
}

fn singleton(reader: &mut Reader<'_>, root: &Node<'_>, draft: &mut Draft) {
    draft.kind = CaseKind::Singleton;
    draft.id = reader.text(root, "id").unwrap_or_default();
    if let Some(mut member) = packet(reader, root) {
        member.sample = Some(member.id.clone());
        draft.members.push(member);
        ped::give_roles(&mut draft.members, 0);
    }
    if draft.id.is_empty() {
        draft.id = draft.members.first().map(|member| member.id.clone()).unwrap_or_default();
    }
}

fn family(reader: &mut Reader<'_>, root: &Node<'_>, draft: &mut Draft) {
    if !reader.object(root, "a Family", FAMILY_KEYS) {
        return;
    }
    reader.required(root, "a Family", &["id", "proband"]);
    draft.id = reader.text(root, "id").unwrap_or_default();
    let mut known: Vec<DraftMember> = Vec::new();
    let mut proband = None;
    for node in packets(reader, root) {
        let Some(mut member) = packet(reader, &node) else { continue };
        member.sample = Some(member.id.clone());
        if known.iter().any(|other| other.id == member.id) {
            reader.fault(&node, "a second phenopacket of one individual", "join them");
            continue;
        }
        if node.path == "$.proband" {
            proband = Some(known.len());
        }
        known.push(member);
    }
    draft.members = known;
    if let Some(tree) = root.get("pedigree") {
        reader.object(&tree, "Pedigree", &["persons"]);
        let persons = reader.list(&tree, "persons");
        let mut in_tree = Vec::new();
        for person in &persons {
            self::person(reader, person, (&mut draft.members, &mut in_tree));
        }
        let is_proband = |person: &Node<'_>| {
            let key = spelt(person, "individualId", "individual_id");
            let id = person.get(key).and_then(|id| id.value.as_str().map(str::trim));
            proband.is_some_and(|index| id == Some(draft.members[index].id.as_str()))
        };
        if proband.is_some() && !persons.iter().any(is_proband) {
            let help = "add the row that names the parents";
            reader.fault(&tree, "the proband is no Person of the pedigree", help);
        }
    }
    if let Some(proband) = proband {
        ped::give_roles(&mut draft.members, proband);
    }
    draft.kind = if draft.members.len() == 1 { CaseKind::Singleton } else { CaseKind::Family };
}

/// The subject of a phenopacket with its phenotypes.
fn packet(reader: &mut Reader<'_>, node: &Node<'_>) -> Option<DraftMember> {
    if !reader.object(node, "a Phenopacket", PACKET_KEYS) {
        return None;
    }
    reader.required(node, "a Phenopacket", &["subject"]);
    let subject = node.get("subject")?;
    if !reader.object(&subject, "an Individual", SUBJECT_KEYS) {
        return None;
    }
    reader.required(&subject, "an Individual", &["id"]);
    let id = reader.text(&subject, "id")?;
    let key = spelt(&subject, "karyotypicSex", "karyotypic_sex");
    let mut karyotypes = karyotype::words(["UNKNOWN_KARYOTYPE", "OTHER_KARYOTYPE"]);
    // The schema's last number is that of the others.
    karyotypes[1..].rotate_left(1);
    let karyotype = reader.enumerated(&subject, key, &karyotypes).flatten();
    let key = spelt(&subject, "alternateIds", "alternate_ids");
    let aliases = reader.texts(&subject, key);
    Some(DraftMember {
        place: node.path.clone(),
        id,
        aliases,
        sex: reader.enumerated(&subject, "sex", SEXES).unwrap_or_default(),
        x_copies: karyotype.map(|(copies, _)| copies),
        karyotype_sex: karyotype.map(|(_, sex)| sex),
        hpo: phenotypes(reader, node),
        ..DraftMember::default()
    })
}

/// HPO terms, absent ones with a leading `!`; terms of other ontologies are passed over.
fn phenotypes(reader: &mut Reader<'_>, node: &Node<'_>) -> Vec<String> {
    let mut terms = Vec::new();
    let key = spelt(node, "phenotypicFeatures", "phenotypic_features");
    for feature in reader.list(node, key) {
        if !reader.object(&feature, "a PhenotypicFeature", FEATURE_KEYS) {
            continue;
        }
        reader.required(&feature, "a PhenotypicFeature", &["type"]);
        let Some(kind) = feature.get("type") else { continue };
        reader.object(&kind, "an OntologyClass", &["id", "label"]);
        let is_absent = reader.flag(&feature, "excluded") == Some(true);
        match reader.text(&kind, "id") {
            Some(id) if id.starts_with("HP:") => {
                terms.push(if is_absent { format!("!{id}") } else { id });
            }
            Some(_) => reader.note("phenotypes of other ontologies than HPO were passed over"),
            None => reader.fault(&kind, "an OntologyClass has no `id`", ""),
        }
    }
    terms
}

/// A row of the pedigree: adds to the member that it names, or is a member without a sample.
/// `known` tells which members had one.
fn person(
    reader: &mut Reader<'_>,
    node: &Node<'_>,
    (members, known): (&mut Vec<DraftMember>, &mut Vec<bool>),
) {
    if !reader.object(node, "a Person", PERSON_KEYS) {
        return;
    }
    let key = spelt(node, "individualId", "individual_id");
    let Some(id) = reader.text(node, key) else {
        return reader.fault(node, "a Person has no `individualId`", "");
    };
    let mut parent = |camel, snake| {
        let id = reader.text(node, spelt(node, camel, snake));
        id.filter(|id| !matches!(id.as_str(), "0" | "."))
    };
    let father = parent("paternalId", "paternal_id");
    let mother = parent("maternalId", "maternal_id");
    let sex = reader.enumerated(node, "sex", SEXES).unwrap_or_default();
    let status = spelt(node, "affectedStatus", "affected_status");
    let affected = reader.enumerated(node, status, AFFECTED).flatten();
    let index = members.iter().position(|member| member.id == id).unwrap_or_else(|| {
        let place = node.path.clone();
        members.push(DraftMember { place, id, ..DraftMember::default() });
        members.len() - 1
    });
    known.resize(members.len(), false);
    let member = &mut members[index];
    if std::mem::replace(&mut known[index], true) {
        return reader.fault(node, "a second Person with this `individualId`", "");
    }
    if member.sex != Sex::Unknown && sex != Sex::Unknown && member.sex != sex {
        let message = format!("`sex` differs from that of the individual ({})", member.place);
        reader.fault(node, message, "correct one of them");
    } else if member.sex == Sex::Unknown {
        member.sex = sex;
    }
    (member.father, member.mother, member.affected) = (father, mother, affected);
}

/// Files of a Family or Phenopacket, by their attribute `fileFormat`, else by the end of their name.
fn files(reader: &mut Reader<'_>, holder: &Node<'_>, locate: Locate<'_>, draft: &mut Draft) {
    for item in reader.list(holder, "files") {
        if !reader.object(&item, "a File", FILE_KEYS) {
            continue;
        }
        let Some(uri) = reader.text(&item, "uri") else {
            reader.fault(&item, "a File has no `uri`", "");
            continue;
        };
        let attributes = item.get(spelt(&item, "fileAttributes", "file_attributes"));
        let attribute = |name: &str| {
            let value = attributes.as_ref().and_then(|node| node.value.get(name));
            value.and_then(Value::as_str).map(str::to_ascii_lowercase)
        };
        let end = uri.to_ascii_lowercase();
        let is = |format: &str| match attribute("fileFormat") {
            Some(stated) => stated.trim_start_matches('.').starts_with(format),
            None => end.trim_end_matches(".gz").ends_with(&format!(".{format}")),
        };
        let (calls, reads) = (is("vcf") || is("bcf"), is("bam") || is("cram"));
        if !calls && !reads {
            reader.note("files that are neither reads nor calls were passed over");
            continue;
        }
        assembly(reader, &item, attribute("genomeAssembly").as_deref(), draft);
        let named = identifiers(reader, &item, draft);
        let Some(path) = locate(&uri) else {
            let help = "give the folder that holds the files: --files DIR";
            let problem = reader.problem(&item, "`uri` is not on this machine", help);
            match named.as_slice() {
                // No fault when the one whose file it is is left out.
                [only] => draft.members[*only].faults.push(problem),
                _ => reader.problems.0.push(problem),
            }
            continue;
        };
        if calls {
            give_calls(draft, path, &named);
        } else if let Some(message) = give_reads(draft, path, &named) {
            reader.fault(
                &item,
                message,
                "name the one individual in `individualToFileIdentifiers`",
            );
        }
    }
}

/// The build of a file, which is that of the case.
fn assembly(reader: &mut Reader<'_>, item: &Node<'_>, stated: Option<&str>, draft: &mut Draft) {
    let Some(stated) = stated else { return };
    match (Assembly::parse(stated), draft.assembly) {
        (None, _) => {
            let message = "`genomeAssembly` is no assembly known here";
            reader.fault(item, message, "GRCh37 or GRCh38");
        }
        (found, None) => draft.assembly = found,
        (found, known) if found != known => {
            reader.fault(item, "`genomeAssembly` differs from that of another file", "");
        }
        _ => {}
    }
}

/// The members that a file holds, each then sequenced under the name in the file.
fn identifiers(reader: &mut Reader<'_>, item: &Node<'_>, draft: &mut Draft) -> Vec<usize> {
    let key = spelt(item, "individualToFileIdentifiers", "individual_to_file_identifiers");
    let map = item.get(key).and_then(|node| node.value.as_object());
    let mut named = Vec::new();
    for (individual, sample) in map.into_iter().flatten() {
        let Some(index) = draft.members.iter().position(|member| member.id == *individual) else {
            let message = "`individualToFileIdentifiers` names nobody of the family";
            let help = "its keys are ids of individuals, its values their names in the file";
            reader.fault(item, message, help);
            continue;
        };
        if let Some(sample) = sample.as_str().filter(|sample| !sample.is_empty()) {
            draft.members[index].aliases.push(sample.to_owned());
            draft.members[index].sample = Some(sample.to_owned());
        }
        named.push(index);
    }
    named
}

fn give_calls(draft: &mut Draft, path: PathBuf, named: &[usize]) {
    match named {
        [only] if draft.members.len() > 1 && draft.members[*only].variants.is_none() => {
            draft.members[*only].variants = Some(path);
        }
        [only] if draft.members.len() > 1 => draft.members[*only].more_variants.push(path),
        _ if draft.variants.contains(&path) => {}
        _ => draft.variants.push(path),
    }
}

/// Gives a file of reads to its member, or says why that cannot be done.
fn give_reads(draft: &mut Draft, path: PathBuf, named: &[usize]) -> Option<&'static str> {
    let index = match named {
        [only] => *only,
        [] if draft.members.len() == 1 => 0,
        _ => return Some("a file of reads belongs to one individual"),
    };
    let member = draft.members.get_mut(index)?;
    match &member.alignment {
        Some(known) if *known != path => Some("a second file of reads of one individual"),
        _ => {
            member.alignment = Some(path);
            None
        }
    }
}
