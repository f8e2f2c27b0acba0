//! `Pedigree` and its `PedigreeMember`s. Parents are found by the integer `pedigreeId`, not by the participant's id;
//! members may stand in the tree without a sample.

use std::collections::BTreeMap;

use super::super::json::{Node, Reader};
use super::super::{DraftMember, karyotype, ped};
use super::{SEXES, Sample, consent, names, names_of_samples, samples};
use crate::model::sample::Affected;

const KEYS: &[&str] = &[
    "versionControl",
    "LDPCode",
    "familyId",
    "members",
    "analysisPanels",
    "diseasePenetrances",
    "readyForAnalysis",
    "familyQCState",
];
const MEMBER_KEYS: &[&str] = &[
    "pedigreeId",
    "isProband",
    "participantId",
    "participantQCState",
    "gelSuperFamilyId",
    "sex",
    "personKaryotypicSex",
    "yearOfBirth",
    "fatherId",
    "motherId",
    "superFatherId",
    "superMotherId",
    "twinGroup",
    "monozygotic",
    "adoptedStatus",
    "lifeStatus",
    "consanguineousParents",
    "affectionStatus",
    "disorderList",
    "hpoTermList",
    "ancestries",
    "consentStatus",
    "testConsentStatus",
    "samples",
    "inbreedingCoefficient",
    "additionalInformation",
    "lastMenstrualPeriod",
    "diagnosticDetails",
    "participantUid",
    "clinicalEthnicities",
    "previousTreatment",
];

const AFFECTED: &[(&str, Affected)] = &[
    ("AFFECTED", Affected::Yes),
    ("UNAFFECTED", Affected::No),
    ("UNCERTAIN", Affected::Uncertain),
];
const TERNARY: &[(&str, Option<bool>)] =
    &[("yes", Some(true)), ("no", Some(false)), ("unknown", None)];
const ADOPTED: &[(&str, bool)] =
    &[("notadopted", false), ("adoptedin", true), ("adoptedout", false)];

/// What a member's record says before the others are looked at.
struct Known {
    draft: DraftMember,
    number: Option<i64>,
    father: Option<i64>,
    mother: Option<i64>,
    is_proband: bool,
}

/// The members of a pedigree with their roles towards the proband. `of_test` are the samples of a referral's test; where
/// there are any, other samples of the members are not looked at. `named` are samples that files name.
pub(super) fn members(
    reader: &mut Reader<'_>,
    pedigree: &Node<'_>,
    of_test: &[Sample],
    named: &[&str],
) -> Vec<DraftMember> {
    if !reader.object(pedigree, "Pedigree", KEYS) {
        return Vec::new();
    }
    reader.required(pedigree, "Pedigree", &["members"]);
    if reader.flag(pedigree, "readyForAnalysis") == Some(false) {
        reader.note("the pedigree is not marked as ready for analysis");
    }
    let items = reader.list(pedigree, "members");
    let mut known = Vec::new();
    for item in &items {
        if let Some(member) = member(reader, item, (of_test, named)) {
            known.push((item, member));
        }
    }
    if known.len() == items.len() {
        let is_known =
            |sample: &Sample| known.iter().any(|(_, own)| own.draft.aliases.contains(&sample.id));
        for _ in of_test.iter().filter(|sample| !is_known(sample)) {
            let message = "a germline sample of the test belongs to no member";
            let help = "give its `participantId`, or list it in `samples` of the member";
            reader.fault(pedigree, message, help);
        }
    }
    let numbers = numbers(reader, &known);
    for i in 0..known.len() {
        let (item, member) = &known[i];
        let of = |reader: &mut Reader<'_>, key: &str, number: Option<i64>| {
            parent(reader, item, key, (number, &numbers)).map(|i| known[i].1.draft.id.clone())
        };
        let father = of(reader, "fatherId", member.father);
        let mother = of(reader, "motherId", member.mother);
        (known[i].1.draft.father, known[i].1.draft.mother) = (father, mother);
    }
    let probands: Vec<usize> = (0..known.len()).filter(|&i| known[i].1.is_proband).collect();
    let proband = match probands.as_slice() {
        [one] => *one,
        [] => {
            let help = "exactly one member has `isProband`: true";
            reader.fault(pedigree, "no member of the pedigree is the proband", help);
            return Vec::new();
        }
        [first, second, ..] => {
            let message = format!("a second proband: {} is one already", known[*first].0.path);
            let help = "exactly one member has `isProband`: true";
            let at = known[*second].0.clone();
            reader.fault(&at, message, help);
            return Vec::new();
        }
    };
    let mut members: Vec<DraftMember> = known.into_iter().map(|(_, known)| known.draft).collect();
    ped::give_roles(&mut members, proband);
    members
}

/// Places of the members by their number in the pedigree.
fn numbers(reader: &mut Reader<'_>, known: &[(&Node<'_>, Known)]) -> BTreeMap<i64, usize> {
    let mut numbers = BTreeMap::new();
    for (i, (item, member)) in known.iter().enumerate() {
        let Some(number) = member.number else { continue };
        if let Some(first) = numbers.insert(number, i) {
            let message = format!("`pedigreeId` {number} is that of {} too", known[first].0.path);
            reader.fault(item, message, "give every member another number");
        }
    }
    numbers
}

/// The member that a parent's number names.
fn parent(
    reader: &mut Reader<'_>,
    item: &Node<'_>,
    key: &str,
    (number, numbers): (Option<i64>, &BTreeMap<i64, usize>),
) -> Option<usize> {
    let number = number?;
    let found = numbers.get(&number).copied();
    if found.is_none() {
        let at = item.get(key).unwrap_or_else(|| item.clone());
        let message = format!("`{key}` is {number}, which is no `pedigreeId` of the pedigree");
        let help = "add the parent as a member (samples may be absent), or make it null";
        reader.fault(&at, message, help);
    }
    found
}

fn member(reader: &mut Reader<'_>, item: &Node<'_>, of: (&[Sample], &[&str])) -> Option<Known> {
    if !reader.object(item, "PedigreeMember", MEMBER_KEYS) {
        return None;
    }
    reader.required(item, "PedigreeMember", &["sex"]);
    let number = reader.integer(item, "pedigreeId");
    let participant = reader.text(item, "participantId");
    let karyotype =
        reader.word(item, "personKaryotypicSex", &karyotype::words(["UNKNOWN", "OTHER"])).flatten();
    let adopted_in = reader.word(item, "adoptedStatus", ADOPTED) == Some(true);
    let (mut father, mut mother) =
        (reader.integer(item, "fatherId"), reader.integer(item, "motherId"));
    if adopted_in && (father.is_some() || mother.is_some()) {
        reader.note("parents of members who were adopted into the family are no genetic parents");
        (father, mother) = (None, None);
    }
    let Some(id) = participant.clone().or_else(|| number.map(|n| format!("pedigree-{n}"))) else {
        let message = "neither `participantId` nor `pedigreeId`";
        reader.fault(item, message, "a member needs one of them");
        return None;
    };
    let (sample, undecided) = match sample(reader, item, participant.as_deref(), of) {
        Ok(sample) => (sample, None),
        Err(message) => (None, Some(message)),
    };
    let draft = DraftMember {
        place: item.path.clone(),
        id,
        sample,
        aliases: aliases(item, participant.as_deref(), of.0),
        undecided,
        sex: reader.word(item, "sex", SEXES).unwrap_or_default(),
        affected: reader.word(item, "affectionStatus", AFFECTED),
        hpo: phenotypes(reader, item),
        consent: consent(reader, item),
        x_copies: karyotype.map(|(copies, _)| copies),
        karyotype_sex: karyotype.map(|(_, sex)| sex),
        identical_twins: twins(reader, item),
        ..DraftMember::default()
    };
    let is_proband = reader.flag(item, "isProband") == Some(true);
    Some(Known { draft, number, father, mother, is_proband })
}

/// Other names of a member: all samples of the record and of the test, not only the one that is looked at.
fn aliases(item: &Node<'_>, participant: Option<&str>, of_test: &[Sample]) -> Vec<String> {
    let mut all = names_of_samples(item, "samples");
    all.extend(names(item, &["participantUid"]));
    let is_own = |sample: &&Sample| {
        (participant.is_some() && sample.participant.as_deref() == participant)
            || all.contains(&sample.id)
    };
    let of_test: Vec<&Sample> = of_test.iter().filter(is_own).collect();
    all.extend(of_test.into_iter().flat_map(|sample| sample.names.iter().cloned()));
    all
}

/// The group of a member who is an identical twin.
fn twins(reader: &mut Reader<'_>, item: &Node<'_>) -> Option<String> {
    let group = reader.integer(item, "twinGroup");
    let is_identical = reader.word(item, "monozygotic", TERNARY).flatten() == Some(true);
    group.filter(|_| is_identical).map(|group| format!("MZ{group}"))
}

/// The one sample of a member: of a test's samples, else of the member's own, and of several the one that files name. What
/// cannot be decided here is told in words.
fn sample(
    reader: &mut Reader<'_>,
    item: &Node<'_>,
    participant: Option<&str>,
    (of_test, named): (&[Sample], &[&str]),
) -> Result<Option<String>, String> {
    let own = samples(reader, item, "samples");
    let mut all: Vec<String> = if of_test.is_empty() {
        own.into_iter().map(|sample| sample.id).collect()
    } else {
        let is_own = |sample: &&Sample| {
            sample.participant.as_deref().is_some_and(|id| Some(id) == participant)
                || own.iter().any(|known| known.id == sample.id)
        };
        of_test.iter().filter(is_own).map(|sample| sample.id.clone()).collect()
    };
    if all.len() > 1 {
        let in_files: Vec<String> =
            all.iter().filter(|id| named.contains(&id.as_str())).cloned().collect();
        if in_files.len() == 1 {
            reader.note("samples of members that no file names were passed over");
            all = in_files;
        }
    }
    match all.len() {
        0 | 1 => Ok(all.pop()),
        several => Err(format!("{several} germline samples of one member")),
    }
}

/// Terms of the list, absent ones with a leading `!`; those whose presence is unknown say nothing.
fn phenotypes(reader: &mut Reader<'_>, item: &Node<'_>) -> Vec<String> {
    const KEYS: &[&str] = &["term", "termPresence", "hpoBuildNumber", "modifiers", "ageOfOnset"];
    let mut terms = Vec::new();
    for entry in reader.list(item, "hpoTermList") {
        if !reader.object(&entry, "HpoTerm", KEYS) {
            continue;
        }
        reader.required(&entry, "HpoTerm", &["term"]);
        let Some(term) = reader.text(&entry, "term") else { continue };
        // A term without a word on its presence is one that the record lists.
        let presence = match entry.get("termPresence") {
            None => Some(true),
            Some(_) => reader.word(&entry, "termPresence", TERNARY).flatten(),
        };
        match presence {
            Some(true) => terms.push(term),
            Some(false) => terms.push(format!("!{term}")),
            None => reader.note("phenotypes of unknown presence were passed over"),
        }
    }
    terms
}
