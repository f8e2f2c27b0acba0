//! `InterpretationRequestRD` and `CancerInterpretationRequest`, report models 6.0.0 to 6.2.0.

use std::path::Path;

use super::super::json::{self, Node, Reader};
use super::super::{CaseForm, CaseKind, Draft, DraftMember};
use super::{Choice, cancer, files, panels, pedigree, penetrance};
use crate::model::contig::Assembly;
use crate::model::problem::Problems;

const KEYS: &[&str] = &[
    "versionControl",
    "interpretationRequestId",
    "interpretationRequestVersion",
    "internalStudyId",
    "familyInternalId",
    "participantInternalId",
    "genomeAssembly",
    "workspace",
    "bams",
    "vcfs",
    "bigWigs",
    "pedigreeDiagram",
    "annotationFile",
    "otherFiles",
    "pedigree",
    "cancerParticipant",
    "otherFamilyHistory",
    "genePanelsCoverage",
    "interpretationFlags",
    "participantsInterpretationFlags",
    "additionalInfo",
];
const ASSEMBLIES: &[(&str, Assembly)] =
    &[("GRCh38", Assembly::GRCh38), ("GRCh37", Assembly::GRCh37)];

/// Reads an interpretation request.
///
/// # Errors
///
/// Every fault of syntax, key and value, with its place in the document.
pub fn read(text: &str, path: &Path, choice: &Choice<'_>) -> Result<Draft, Problems> {
    let file = path.display().to_string();
    let value = json::parse(text, &file)?;
    let mut reader = Reader::new(&file);
    let root = Node::root(&value);
    let mut draft = Draft::new(CaseForm::InterpretationRequest, path);
    request(&mut reader, &root, choice, &mut draft);
    reader.finish(draft)
}

fn request(reader: &mut Reader<'_>, root: &Node<'_>, choice: &Choice<'_>, draft: &mut Draft) {
    if !reader.object(root, "an interpretation request", KEYS) {
        return;
    }
    let required = ["interpretationRequestId", "interpretationRequestVersion", "genomeAssembly"];
    reader.required(root, "an interpretation request", &required);
    let version = reader.integer(root, "interpretationRequestVersion");
    if let Some(id) = reader.text(root, "interpretationRequestId") {
        draft.id = version.map_or(id.clone(), |version| format!("{id}-{version}"));
    }
    draft.assembly = reader.word(root, "genomeAssembly", ASSEMBLIES);
    let mut sums = Vec::new();
    let named = files::read(reader, root, choice.locate, &mut sums);
    draft.referred.checksums = sums;
    let samples = files::samples(&named);
    match (root.get("pedigree"), root.get("cancerParticipant")) {
        (Some(tree), None) => {
            draft.members = pedigree::members(reader, &tree, &[], &samples);
            draft.kind = family_kind(&draft.members);
            draft.referred.orders = panels(reader, &tree);
            draft.penetrance = penetrance(reader, &tree);
        }
        (None, Some(person)) => {
            if let Some((kind, members)) = cancer::members(reader, &person, None, choice.tumour) {
                (draft.kind, draft.members) = (kind, members);
            }
        }
        (None, None) => {
            let help =
                "a request for a rare disease has `pedigree`, one for a tumour `cancerParticipant`";
            reader.fault(root, "neither `pedigree` nor `cancerParticipant`", help);
        }
        (Some(_), Some(_)) => {
            reader.fault(root, "both `pedigree` and `cancerParticipant`", "leave one of them out");
        }
    }
    files::assign(reader, root, named, draft);
}

/// One sequenced member makes a singleton.
pub(super) fn family_kind(members: &[DraftMember]) -> CaseKind {
    if members.len() == 1 { CaseKind::Singleton } else { CaseKind::Family }
}
