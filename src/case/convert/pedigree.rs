//! A case as a pedigree file (PED), individuals under the names of their samples.

use super::super::{Case, role_word};
use super::name;
use crate::model::problem::Problem;
use crate::model::sample::{Affected, MemberId, Role, Sex};

/// Six columns by tab, and a seventh where the case has identical twins.
///
/// # Errors
///
/// A tumour case, which is no family; a name that holds a tab or a line end.
pub fn text(case: &Case) -> Result<String, Problem> {
    if case.kind.is_cancer() {
        let message = format!("a {} case is no pedigree", case.kind.word());
        return Err(Problem::usage(message).help("--to toml"));
    }
    let has_twins = case.family.iter().any(|(_, member)| member.identical_twins.is_some());
    let family = cell(if case.id.is_empty() { "family" } else { &case.id }, "the case's id")?;
    let mut text = "#family\tindividual\tfather\tmother\tsex\tphenotype".to_owned();
    text.push_str(if has_twins { "\ttwins\n" } else { "\n" });
    for (id, member) in case.family.iter() {
        let parent = |id: Option<MemberId>| id.map_or("0".to_owned(), |id| name(case, id));
        let (own, father, mother) = (name(case, id), parent(member.father), parent(member.mother));
        let sex = match member.sex {
            Sex::Male => "1",
            Sex::Female => "2",
            Sex::Unknown => "0",
        };
        let affected = match member.affected {
            Affected::Yes => "2",
            Affected::No => "1",
            Affected::Uncertain if member.role == Role::Proband => "2",
            Affected::Uncertain => "0",
        };
        let whose = format!("the {}'s name", role_word(member.role));
        let mut row =
            vec![family.as_str(), own.as_str(), father.as_str(), mother.as_str(), sex, affected];
        let twins = member.identical_twins.as_deref().map_or("0".to_owned(), twin_word);
        if has_twins {
            row.push(&twins);
        }
        cell(&own, &whose)?;
        text.push_str(&row.join("\t"));
        text.push('\n');
    }
    Ok(text)
}

/// The word of the seventh column, which begins with MZ.
fn twin_word(group: &str) -> String {
    let upper = group.to_ascii_uppercase();
    if upper.starts_with("MZ") { upper } else { format!("MZ{upper}") }
}

fn cell(text: &str, what: &str) -> Result<String, Problem> {
    if text.contains(['\t', '\n', '\r']) || text.starts_with('#') || text == "0" {
        let message = format!("{what} cannot stand in a pedigree file");
        return Err(Problem::bad_data(message).help("--to toml or phenopacket"));
    }
    Ok(text.to_owned())
}
