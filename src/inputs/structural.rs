//! Files of copy-number and structural variants and of short tandem repeats: contigs, sample columns.

use std::collections::BTreeSet;

use super::contigs::Contigs;
use super::variants::{column, no_column, no_member, open_file};
use super::{CaseCalls, shown};
use crate::case::{CallFile, Case};
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{MemberId, Role};

/// Opens files of one sort; `what` names the sort in notices.
pub(super) fn open(
    (case, files): (&Case, &[CallFile]),
    what: &str,
    contigs: &mut Contigs,
    notices: &mut Vec<Notice>,
    problems: &mut Problems,
) -> Vec<CaseCalls> {
    let mut opened = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files {
        if !seen.insert(file) {
            let text = format!("a file of {what} was given twice and is read once");
            notices.push(Notice::one(NoticeKind::Duplicate, text));
            continue;
        }
        let Some(variants) = open_file(&file.path, contigs, problems) else { continue };
        let header = variants.header();
        if let Some(found) = header.assembly().filter(|found| *found != case.assembly) {
            let message = format!("of {found}; the case says {}", case.assembly);
            let help = "correct `assembly`, or give the file of that build";
            problems.0.push(Problem::bad_data(message).in_file(shown(&file.path)).help(help));
            continue;
        }
        let members = case.family.iter().filter(|(id, member)| {
            member.sample.is_some() && file.member.is_none_or(|own| own == *id)
        });
        let mut columns: Vec<(usize, MemberId)> = members
            .filter_map(|(id, _)| Some((header.column(&column(case, id, header)?)?, id)))
            .collect();
        if columns.is_empty() {
            let problem = match file.member {
                Some(id) => {
                    let sample = case.family.get(id).sample.as_deref().unwrap_or_default();
                    no_column(case, id, sample, header).in_file(shown(&file.path))
                }
                None => no_member(case, header, &file.path),
            };
            problems.0.push(problem);
            continue;
        }
        // The person whose disease is looked into comes first.
        columns.sort_by_key(|(_, id)| {
            (!matches!(case.family.get(*id).role, Role::Proband | Role::Tumour), *id)
        });
        opened.push(CaseCalls { path: file.path.clone(), file: variants, columns });
    }
    let index = case.index_member().map(|(id, _)| id);
    let has_index = |file: &CaseCalls| file.columns.iter().any(|(_, id)| Some(*id) == index);
    if !opened.is_empty() && !opened.iter().any(has_index) {
        let text = format!(
            "no file of {what} has a column of the proband: nothing could be found in them"
        );
        notices.push(Notice::one(NoticeKind::NotAssessed, text));
    }
    opened
}
