//! `CancerParticipant`: one person, tumour and germline samples, and which of them belong together.

use super::super::json::{Node, Reader};
use super::super::{CaseKind, DraftMember};
use super::{SEXES, Sample, consent, names, names_of_samples, samples};
use crate::model::sample::{Affected, Consent, Role};

const KEYS: &[&str] = &[
    "yearOfBirth",
    "morphology",
    "readyForAnalysis",
    "consentStatus",
    "testConsentStatus",
    "center",
    "individualId",
    "participantId",
    "primaryDiagnosisDisease",
    "primaryDiagnosisSubDisease",
    "sex",
    "additionalInformation",
    "assignedICD10",
    "tumourSamples",
    "germlineSamples",
    "matchedSamples",
    "versionControl",
    "participantUid",
    "tumours",
    "previousTreatment",
];

/// The samples of a referral's test, where it names any.
pub(super) struct OfTest<'a, 'v> {
    /// Tumour samples.
    pub(super) tumours: Vec<Sample>,
    /// Germline samples.
    pub(super) germline: Vec<Sample>,
    /// Holds `matchedSamples`.
    pub(super) node: &'a Node<'v>,
}

/// Tumour and normal sample of the participant, and what sort of case they make; `None` with a fault where that cannot be
/// told. `wanted` is the sample of the one tumour wanted of several.
pub(super) fn members(
    reader: &mut Reader<'_>,
    person: &Node<'_>,
    of_test: Option<OfTest<'_, '_>>,
    wanted: Option<&str>,
) -> Option<(CaseKind, Vec<DraftMember>)> {
    if !reader.object(person, "CancerParticipant", KEYS) {
        return None;
    }
    reader.required(person, "CancerParticipant", &["sex"]);
    if reader.flag(person, "readyForAnalysis") == Some(false) {
        reader.note("the participant is not marked as ready for analysis");
    }
    let (mut tumours, mut germline) =
        (samples(reader, person, "tumourSamples"), samples(reader, person, "germlineSamples"));
    let mut pairs = matched(reader, person);
    let mut aliases = names(person, &["participantId", "individualId", "participantUid"]);
    for list in ["tumourSamples", "germlineSamples"] {
        let of_test = of_test.as_ref().map(|test| names_of_samples(test.node, list));
        aliases.extend(of_test.into_iter().flatten().chain(names_of_samples(person, list)));
    }
    if let Some(test) = of_test {
        if !test.tumours.is_empty() {
            tumours = test.tumours;
        }
        if !test.germline.is_empty() {
            germline = test.germline;
        } else if !germline.is_empty() {
            reader.note("the test names no germline sample: that of the participant is taken");
        }
        pairs.extend(matched(reader, test.node));
    }
    let participant = reader.text(person, "participantId");
    let id = participant.or_else(|| reader.text(person, "individualId"));
    let Some(id) = id else {
        let message = "neither `participantId` nor `individualId`";
        reader.fault(person, message, "a participant needs one of them");
        return None;
    };
    let tumour = tumour(reader, person, &tumours, wanted)?;
    let normal = normal(reader, person, &germline, (&pairs, &tumour)).ok()?;
    let sex = reader.word(person, "sex", SEXES).unwrap_or_default();
    // A cancer record has no question of its own for germline findings that pertain to the disease. Genomics England's primary
    // question covers these, and nothing beyond.
    let said = consent(reader, person);
    if said.primary.allows() {
        reader.note("the primary consent of the cancer record is taken to cover germline findings that pertain to the disease");
    }
    let consent = Consent { germline: said.primary, ..said };
    let one = |sample: String, role: Role| DraftMember {
        place: person.path.clone(),
        id: id.clone(),
        sample: Some(sample),
        aliases: aliases.clone(),
        role: Some(role),
        sex,
        // Both are samples of the person with the tumour.
        affected: Some(Affected::Yes),
        consent,
        ..DraftMember::default()
    };
    let kind = if normal.is_some() { CaseKind::TumourNormal } else { CaseKind::TumourOnly };
    let normal = normal.map(|sample| one(sample, Role::Normal));
    Some((kind, std::iter::once(one(tumour, Role::Tumour)).chain(normal).collect()))
}

/// Tumour and germline sample.
type Pair = (Option<String>, Option<String>);

/// Tumour and germline sample of each entry of `matchedSamples`.
fn matched(reader: &mut Reader<'_>, of: &Node<'_>) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for item in reader.list(of, "matchedSamples") {
        if reader.object(&item, "MatchedSamples", &["germlineSampleId", "tumourSampleId"]) {
            let tumour = reader.text(&item, "tumourSampleId");
            pairs.push((tumour, reader.text(&item, "germlineSampleId")));
        }
    }
    pairs
}

/// The tumour looked at: the only one, or the one that is wanted.
fn tumour(
    reader: &mut Reader<'_>,
    person: &Node<'_>,
    tumours: &[Sample],
    wanted: Option<&str>,
) -> Option<String> {
    let chosen = match (tumours, wanted) {
        (_, Some(wanted)) => tumours.iter().find(|sample| sample.id == wanted),
        ([one], None) => Some(one),
        _ => None,
    };
    if chosen.is_none() {
        let message = match (tumours.len(), wanted) {
            (0, _) => "no tumour sample of DNA".to_owned(),
            (_, Some(_)) => "--tumour names no tumour sample of the participant".to_owned(),
            (count, None) => format!("{count} tumour samples of one participant"),
        };
        reader.fault(person, message, "name the one to analyse: --tumour SAMPLE");
    }
    chosen.map(|sample| sample.id.clone())
}

/// The normal sample that belongs to the tumour: the one matched with it, else the only one. An error is a fault that was noted.
fn normal(
    reader: &mut Reader<'_>,
    person: &Node<'_>,
    germline: &[Sample],
    (pairs, tumour): (&[Pair], &str),
) -> Result<Option<String>, ()> {
    let mut matched: Vec<&str> = pairs
        .iter()
        .filter(|(of, _)| of.as_deref() == Some(tumour))
        .filter_map(|(_, normal)| normal.as_deref())
        .collect();
    matched.sort_unstable();
    matched.dedup();
    match (matched.as_slice(), germline) {
        ([one], _) if germline.iter().any(|sample| sample.id == *one) => {
            Ok(Some((*one).to_owned()))
        }
        ([_], _) => {
            let message = "`matchedSamples` names a germline sample that is not listed";
            reader.fault(person, message, "add it to `germlineSamples`, or correct its name");
            Err(())
        }
        ([], []) => Ok(None),
        ([], [one]) if pairs.is_empty() => Ok(Some(one.id.clone())),
        _ => {
            let message = "which germline sample belongs to the tumour cannot be told";
            let help = "match the tumour with exactly one sample in `matchedSamples`";
            reader.fault(person, message, help);
            Err(())
        }
    }
}
