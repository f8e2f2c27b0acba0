//! In which form a case is written down, by its content.

use std::path::Path;

use super::{CaseForm, json, ped};
use crate::model::problem::{Problem, Problems};

/// The form of a document. `path` only names it in problems.
///
/// # Errors
///
/// JSON that is none of the known documents, or no JSON.
pub fn of(text: &str, path: &Path) -> Result<CaseForm, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return Ok(if is_pedigree(text) { CaseForm::Pedigree } else { CaseForm::CaseToml });
    }
    let file = path.display().to_string();
    let value = json::parse(text, &file)?;
    let has = |keys: &[&str]| keys.iter().any(|key| value.get(key).is_some());
    if has(&["interpretationRequestId", "interpretationRequestVersion"]) {
        return Ok(CaseForm::InterpretationRequest);
    }
    if has(&["referralId", "referralUid", "referralTests"]) {
        return Ok(CaseForm::Referral);
    }
    if has(&["proband", "relatives", "subject", "phenotypicFeatures", "phenotypic_features"]) {
        return Ok(CaseForm::Phenopacket);
    }
    let help = "an InterpretationRequestRD or CancerInterpretationRequest (Genomics England), a Referral (NHS GMS), a Phenopacket or a Family of them";
    Err(Problem::bad_data("JSON that is no case").in_file(file).help(help).into())
}

/// Whether the first bytes of a file are those of a case document of any form.
pub fn is_case(head: &str) -> bool {
    let head = head.trim_start_matches('\u{feff}');
    let is_toml = |line: &str| ["[case]", "[[member]]", "[tumour]"].contains(&line.trim());
    head.trim_start().starts_with('{')
        || (!head.starts_with("##fileformat") && (head.lines().any(is_toml) || is_pedigree(head)))
}

/// Whether the first line that says something is a row of a pedigree.
fn is_pedigree(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let Some(first) = lines.find(|line| !line.starts_with('#')) else { return false };
    !first.starts_with('[') && !first.contains('=') && ped::is_row(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_tells_the_form() {
        for (text, form) in [
            ("[case]\nid = \"x\"\n", CaseForm::CaseToml),
            ("# F C 0 0 1 2\nid = 1\n", CaseForm::CaseToml),
            ("", CaseForm::CaseToml),
            ("#fam\nF\tC\t0\t0\t1\t2\n", CaseForm::Pedigree),
            ("\u{feff}F C 0 0 1 2\r\n", CaseForm::Pedigree),
            ("FID IID PAT MAT SEX PHENO\nF C 0 0 1 2\n", CaseForm::Pedigree),
            ("\n {\"interpretationRequestId\": \"1\"}", CaseForm::InterpretationRequest),
            ("{\"referralTests\": []}", CaseForm::Referral),
            ("{\"id\": \"x\", \"proband\": {}}", CaseForm::Phenopacket),
            ("{\"subject\": {}}", CaseForm::Phenopacket),
        ] {
            assert_eq!(of(text, Path::new("x")).unwrap(), form, "{text}");
        }
        let told = of("{\"resourceType\": \"Bundle\"}", Path::new("x.json")).unwrap_err();
        assert!(told.to_string().starts_with("x.json: JSON that is no case"), "{told}");
    }
}
