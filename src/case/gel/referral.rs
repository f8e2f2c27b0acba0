//! `Referral` of the NHS Genomic Medicine Service, participant models 1.2 and 1.3: a pedigree or a cancer participant with
//! the tests that were ordered. It names neither files nor an assembly.

use std::path::Path;

use super::super::json::{self, Node, Reader};
use super::super::{CaseForm, Draft};
use super::{Choice, cancer, panels, pedigree, penetrance, request, samples};
use crate::model::problem::Problems;

const KEYS: &[&str] = &[
    "referralId",
    "referralUid",
    "referralTests",
    "requester",
    "orderingDate",
    "pedigree",
    "cancerParticipant",
    "clinicalIndication",
    "collection",
];
const TEST_KEYS: &[&str] = &[
    "referralTestId",
    "referralTestOrderingDate",
    "clinicalIndicationTest",
    "tumourSamples",
    "germlineSamples",
    "analysisPanels",
    "interpreter",
    "processingLab",
    "priority",
    "pipelineStartDate",
    "diseasePenetrances",
    "matchedSamples",
];
const INDICATION_KEYS: &[&str] = &[
    "clinicalIndicationUid",
    "clinicalIndicationCode",
    "clinicalIndicationFullName",
    "clinicalIndicationVersionNumber",
];
const TEST_TYPE_KEYS: &[&str] = &[
    "clinicalIndicationTestTypeId",
    "clinicalIndicationTestTypeCode",
    "testTypeId",
    "testTypeName",
    "technology",
];

/// Reads a referral.
///
/// # Errors
///
/// Every fault of syntax, key and value, with its place in the document.
pub fn read(text: &str, path: &Path, choice: &Choice<'_>) -> Result<Draft, Problems> {
    let file = path.display().to_string();
    let value = json::parse(text, &file)?;
    let mut reader = Reader::new(&file);
    let root = Node::root(&value);
    let mut draft = Draft::new(CaseForm::Referral, path);
    referral(&mut reader, &root, choice, &mut draft);
    reader.finish(draft)
}

fn referral(reader: &mut Reader<'_>, root: &Node<'_>, choice: &Choice<'_>, draft: &mut Draft) {
    if !reader.object(root, "a referral", KEYS) {
        return;
    }
    reader.required(root, "a referral", &["referralId", "referralTests", "clinicalIndication"]);
    draft.id = reader.text(root, "referralId").unwrap_or_default();
    if let Some(indication) = root.get("clinicalIndication") {
        reader.object(&indication, "ClinicalIndication", INDICATION_KEYS);
        draft.referred.codes.extend(reader.text(&indication, "clinicalIndicationCode"));
    }
    let Some((test, code)) = test(reader, root, choice.test) else { return };
    if let Some(code) = code.filter(|code| !draft.referred.codes.contains(code)) {
        draft.referred.codes.insert(0, code);
    }
    draft.referred.orders = panels(reader, &test);
    draft.penetrance = penetrance(reader, &test);
    let tumours = samples(reader, &test, "tumourSamples");
    let germline = samples(reader, &test, "germlineSamples");
    match (root.get("pedigree"), root.get("cancerParticipant")) {
        (Some(tree), None) => {
            draft.members = pedigree::members(reader, &tree, &germline, &[]);
            draft.kind = request::family_kind(&draft.members);
            if draft.referred.orders.is_empty() {
                draft.referred.orders = panels(reader, &tree);
            }
            draft.penetrance = draft.penetrance.or(penetrance(reader, &tree));
        }
        (None, Some(person)) => {
            let of_test = cancer::OfTest { tumours, germline, node: &test };
            let found = cancer::members(reader, &person, Some(of_test), choice.tumour);
            if let Some((kind, members)) = found {
                (draft.kind, draft.members) = (kind, members);
            }
        }
        (None, None) => {
            let help = "a referral has one of them";
            reader.fault(root, "neither `pedigree` nor `cancerParticipant`", help);
        }
        (Some(_), Some(_)) => {
            reader.fault(root, "both `pedigree` and `cancerParticipant`", "leave one of them out");
        }
    }
}

/// The test looked at, and its code: the only one, or the one that is wanted by id or code.
fn test<'v>(
    reader: &mut Reader<'_>,
    root: &Node<'v>,
    wanted: Option<&str>,
) -> Option<(Node<'v>, Option<String>)> {
    let mut tests: Vec<(Node<'v>, Option<String>, Option<String>)> = Vec::new();
    for item in reader.list(root, "referralTests") {
        if !reader.object(&item, "ReferralTest", TEST_KEYS) {
            continue;
        }
        reader.required(&item, "ReferralTest", &["referralTestId", "clinicalIndicationTest"]);
        let code = item.get("clinicalIndicationTest").and_then(|kind| {
            reader.object(&kind, "ClinicalIndicationTest", TEST_TYPE_KEYS);
            reader.text(&kind, "clinicalIndicationTestTypeCode")
        });
        let id = reader.text(&item, "referralTestId");
        tests.push((item, id, code));
    }
    let count = tests.len();
    let codes: Vec<String> = tests.iter().filter_map(|(_, _, code)| code.clone()).collect();
    let is_wanted = |(_, id, code): &(Node<'v>, Option<String>, Option<String>)| {
        wanted.is_none() || id.as_deref() == wanted || code.as_deref() == wanted
    };
    tests.retain(is_wanted);
    if tests.len() == 1 {
        return tests.pop().map(|(item, _, code)| (item, code));
    }
    let message = match (count, wanted) {
        (0, _) => "no test was ordered".to_owned(),
        (_, Some(_)) => format!("--test names {} of {count} tests", tests.len()),
        (_, None) => format!("{count} tests were ordered"),
    };
    let help = format!("name the one to run: --test ID or CODE ({})", codes.join(", "));
    reader.fault(root, message, &help);
    None
}
