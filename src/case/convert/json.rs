//! A case as JSON, for programs that want to know what was understood.

use serde_json::{Value, json};

use super::super::{CallFile, Case, PolicyChoice, consent, role_word};
use super::{absolute, id_of};

/// The whole case, with identifiers.
pub fn value(case: &Case) -> Value {
    let files = |files: &[CallFile]| -> Vec<Value> {
        let one = |file: &CallFile| json!({ "path": absolute(&file.path), "member": file.member.map(|id| id.0 + 1) });
        files.iter().map(one).collect()
    };
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
        "reference": case.reference.as_deref().map(absolute),
        "genes": case.genes.as_deref().map(absolute),
        "panels": case.panels.iter().map(|p| json!({ "path": absolute(&p.path), "only": p.only })).collect::<Vec<_>>(),
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
    let one = |(id, member): (_, &crate::model::sample::Member)| {
        json!({
            "id": member.id,
            "sample": member.sample,
            "role": role_word(member.role),
            "sex": member.sex,
            "affected": member.affected,
            "father": id_of(case, member.father),
            "mother": id_of(case, member.mother),
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
