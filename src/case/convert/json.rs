//! A case as JSON, for programs that want to know what was understood.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::super::{CallFile, Case, PanelChoice, PolicyChoice, consent, role_word};
use super::{absolute, id_of};
use crate::model::sample::MemberId;

/// The whole case, with identifiers.
pub fn value(case: &Case) -> Value {
    let files = |files: &[CallFile]| -> Vec<Value> {
        let one = |file: &CallFile| json!({ "path": absolute(&file.path), "member": file.member.map(|id| id.0 + 1) });
        files.iter().map(one).collect()
    };
    let one = |choice: &PanelChoice| json!({ "path": absolute(&choice.path), "only": choice.only });
    let all = |choices: &[PanelChoice]| choices.iter().map(one).collect::<Vec<_>>();
    let (tumour, biomarkers) = (&case.tumour, &case.biomarkers);
    let file = |path: &Option<PathBuf>| path.as_deref().map(absolute);
    let policy = match &case.policy {
        None => case.kind.default_preset().to_owned(),
        Some(PolicyChoice::Preset(name)) => name.clone(),
        Some(PolicyChoice::File(path)) => absolute(path),
    };
    json!({
        "id": case.id,
        "kind": case.kind,
        "assembly": case.assembly,
        "policy": policy,
        "penetrance": case.penetrance,
        "reference": file(&case.reference),
        "regions": file(&case.regions),
        "genes": file(&case.genes),
        "panels": all(&case.panels),
        "domain1": file(&case.domain1),
        "domain2": if tumour.no_default_list { Some("none".to_owned()) } else { file(&case.domain2) },
        "additionalFindings": case.additional_findings.as_ref().map(one),
        "carrier": case.carrier.as_ref().map(one),
        "frequencies": case.frequencies.iter().map(|path| absolute(path)).collect::<Vec<_>>(),
        "clinvar": file(&case.clinvar),
        "tumour": {
            "simpleRepeats": file(&tumour.simple_repeats),
            "segmentalDuplications": file(&tumour.segmental_duplications),
            "panelOfNormals": file(&tumour.panel_of_normals),
            "germlinePanels": all(&tumour.germline_panels),
            "germlinePanelsWider": all(&tumour.germline_panels_wider),
            "civic": file(&tumour.civic),
            "disease": tumour.disease,
        },
        "signatures": file(&biomarkers.signatures),
        "microsatellites": file(&biomarkers.microsatellites),
        "purity": biomarkers.purity.map(|share| f64::from(share) / 10_000.0),
        "codes": case.referred.codes,
        "variants": case.variants.iter().map(|path| absolute(path)).collect::<Vec<_>>(),
        "structuralVariants": files(&case.structural_variants),
        "repeats": files(&case.repeats),
        "sketches": files(&case.sketches),
        "members": members(case),
        "notices": case.referred.notices,
    })
}

fn members(case: &Case) -> Vec<Value> {
    let one = |(id, member): (MemberId, &crate::model::sample::Member)| {
        json!({
            "id": id_of(case, id),
            "sample": member.sample,
            "role": role_word(member.role),
            "sex": member.sex,
            "affected": member.affected,
            "father": member.father.map(|id| id_of(case, id)),
            "mother": member.mother.map(|id| id_of(case, id)),
            "alignment": member.alignment.as_deref().map(absolute),
            "variants": member.variants.as_deref().map(absolute),
            "hpo": member.hpo,
            "xCopies": member.x_copies(),
            "adult": member.adult,
            "identicalTwins": member.identical_twins,
            "consent": member.consent,
            "decision": consent::decide(id, member),
        })
    };
    case.family.iter().map(one).collect()
}
