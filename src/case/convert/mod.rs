//! A case written down for other programs, one form a file. Paths are written as absolute ones, since nobody knows where
//! the text will lie. No form but `case.toml` can say what people consented to.

use std::path::Path;

use super::Case;
use crate::model::sample::MemberId;

mod exomiser;
mod json;
mod pedigree;
mod phenopacket;
mod toml;

pub use exomiser::job as exomiser_job;
pub use json::value as json;
pub use pedigree::text as pedigree;
pub use phenopacket::family as phenopacket;
pub use toml::document as case_toml;

/// A path from the root.
fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

/// The id of a member. Who was left out has a number instead: that person's names go nowhere.
fn id_of(case: &Case, id: MemberId) -> String {
    let member = case.family.get(id);
    match member.consent.left_out {
        Some(_) => format!("left-out-{}", id.0 + 1),
        None => member.id.clone(),
    }
}

/// How another program knows a member: by the sample, else by the id.
fn name(case: &Case, id: MemberId) -> String {
    case.family.get(id).sample.clone().unwrap_or_else(|| id_of(case, id))
}

#[cfg(test)]
mod tests {
    use super::super::{Draft, document};
    use super::*;

    fn without_mother() -> Case {
        let text = "[case]\nid = \"T\"\nkind = \"family\"\nassembly = \"GRCh38\"\nvariants = [\"t.vcf\"]\nwithdrawn = [\"HER-ID\"]\nleave_out = true\n\
            [[member]]\nid = \"C\"\nsample = \"S\"\nrole = \"proband\"\nmother = \"HER-ID\"\n[member.consent]\nprimary = true\n\
            [[member]]\nid = \"HER-ID\"\nsample = \"HER-SAMPLE\"\nrole = \"mother\"\n[member.consent]\nprimary = true\n";
        let (draft, problems) = document::draft(text, Path::new("case.toml"));
        assert!(problems.0.is_empty(), "{problems}");
        draft.map(Draft::resolve).unwrap().unwrap()
    }

    #[test]
    fn who_was_left_out_has_no_name_in_any_form() {
        let case = without_mother();
        let job = exomiser_job(&case, Path::new("t.ped")).unwrap().to_string();
        let packet = phenopacket(&case, "2026-01-02T03:04:05Z").unwrap().to_string();
        for text in [pedigree(&case).unwrap(), packet, case_toml(&case), json(&case).to_string()] {
            assert!(text.contains("left-out-2"), "{text}");
            assert!(!text.contains("HER-"), "{text}");
        }
        assert!(!job.contains("HER-"), "{job}");
    }
}
