//! Consent that is missing or was withdrawn: the case is refused, or, where that is asked for, run without the person.
//! What stays of such a member is the place in the tree.

use super::{Draft, DraftMember, shown};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{Consent, LeftOut, Role};

/// Reads a list of withdrawn participants: one id a line, `#` comments. What a line may mean counts all together, since an id
/// that is missed is a person analysed against their will: the whole line, every cell of it (by tab, comma, semicolon or bar)
/// and its first word. Sorted, each once.
pub fn parse(text: &str) -> Vec<String> {
    let lines = text.split(['\n', '\r']).map(clean).filter(|line| !line.starts_with('#'));
    let mut ids: Vec<String> = lines
        .flat_map(|line| {
            let cells = line.split(['\t', ',', ';', '|']);
            cells.chain([line]).chain(line.split_whitespace().next()).map(clean)
        })
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// A name without what surrounds it: white space, quotes, byte order marks and characters without a width.
fn clean(text: &str) -> &str {
    let is_around = |c: char| {
        c.is_whitespace()
            || matches!(c, '"' | '\'' | '`' | '\u{2018}'..='\u{201f}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    text.trim_matches(is_around)
}

fn is_same(one: &str, other: &str) -> bool {
    clean(one).eq_ignore_ascii_case(clean(other))
}

impl Draft {
    /// Whether [`Draft::resolve`] leaves this member out, so that no file of theirs is to be opened.
    pub fn is_left_out(&self, member: &DraftMember) -> bool {
        self.leave_out
            && !is_index(member)
            && reason(member, &self.withdrawn, self.leave_out).is_some()
    }

    /// Takes out the members who have withdrawn, and, where asked for, those who did not consent; gives the faults of those
    /// who cannot be taken out. Any name of a person on the list counts: the id, that of any sample, other ids of the record.
    pub(super) fn take_out(&mut self) -> Problems {
        let mut problems = Problems::default();
        for index in 0..self.members.len() {
            let member = &self.members[index];
            let Some(why) = reason(member, &self.withdrawn, self.leave_out) else { continue };
            let is_index = is_index(member);
            if is_index || !self.leave_out {
                if why == LeftOut::Withdrawn {
                    let message = format!(
                        "{}: has withdrawn: the case is refused",
                        shown(index, member.role)
                    );
                    let help = if is_index {
                        "without this person there is no case"
                    } else {
                        "--leave-out runs the case without this member"
                    };
                    let problem = Problem::bad_data(message).in_file(&self.origin).help(help);
                    problems.0.push(problem.at(&member.place));
                }
                continue;
            }
            let member = &mut self.members[index];
            let names = [&member.id].into_iter().chain(&member.sample).chain(&member.aliases);
            self.referred.hidden.extend(names.cloned());
            strip(member, why);
        }
        problems
    }
}

/// Without whom there is no case.
fn is_index(member: &DraftMember) -> bool {
    matches!(member.role, Some(Role::Proband | Role::Tumour | Role::Normal))
}

fn reason(member: &DraftMember, withdrawn: &[String], leave_out: bool) -> Option<LeftOut> {
    let mut names = member.sample.iter().chain(&member.aliases).chain([&member.id]);
    if names.any(|name| withdrawn.iter().any(|id| is_same(id, name))) {
        return Some(LeftOut::Withdrawn);
    }
    let refused = leave_out && member.sample.is_some() && !member.consent.primary.allows();
    refused.then_some(LeftOut::NoConsent)
}

/// Leaves of a member what the tree needs. Who has withdrawn has no disease status either.
fn strip(member: &mut DraftMember, why: LeftOut) {
    let known = std::mem::take(member);
    *member = DraftMember {
        place: known.place,
        id: known.id,
        role: known.role,
        sex: known.sex,
        affected: known.affected.filter(|_| why == LeftOut::NoConsent),
        father: known.father,
        mother: known.mother,
        identical_twins: known.identical_twins,
        consent: Consent {
            source: known.consent.source,
            left_out: Some(why),
            ..Consent::default()
        },
        ..DraftMember::default()
    };
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::consent::{Analysis, decisions};
    use super::super::document;
    use super::*;
    use crate::model::sample::Affected;

    fn trio(mother: &str) -> Draft {
        let member = |id: &str, role: &str, primary: &str| {
            format!(
                "[[member]]\nid = \"{id}\"\nsample = \"S{id}\"\nrole = \"{role}\"\naffected = \"yes\"\n[member.consent]\nprimary = {primary}\n"
            )
        };
        let text = "[case]\nid = \"T\"\nkind = \"family\"\nassembly = \"GRCh38\"\n".to_owned()
            + &member("C", "proband", "true")
            + &member("M", "mother", mother);
        document::draft(&text, Path::new("case.toml")).0.unwrap()
    }

    #[test]
    fn the_list_is_a_column() {
        let list = "\u{feff}participant_id,date\n# nobody\n\"P 1\",2020\nP2\t2021\n\n P3 \n";
        let ids = parse(list);
        for id in ["participant_id", "P 1", "P2", "P3"] {
            assert!(ids.iter().any(|known| known == id), "{id}: {ids:?}");
        }
        assert!(!ids.iter().any(|id| id.contains("nobody")), "{ids:?}");
        for line in [
            "P-1;2021-03-04",
            "X\rP-1\rY",
            "P-1 2021",
            "'P-1'",
            "x|P-1",
            "2021,P-1",
            "P-1\u{200b}",
            "\u{feff}\u{feff}P-1",
            " \u{a0}p-1",
        ] {
            let ids = parse(line);
            assert!(ids.iter().any(|id| is_same(id, "P-1 ")), "{line:?}: {ids:?}");
        }
        assert!(parse("\u{feff}\n# nobody\n \"\"\n").is_empty());
    }

    #[test]
    fn every_name_of_a_person_counts() {
        let mut draft = trio("true");
        draft.members[1].aliases = vec!["OTHER".into()];
        (draft.withdrawn, draft.leave_out) = (vec!["other".into()], true);
        let case = draft.resolve().unwrap();
        assert_eq!(decisions(&case.family)[1].analysis, Analysis::Withdrawn);
        assert_eq!(case.referred.hidden, ["M", "SM", "OTHER"]);
    }

    #[test]
    fn who_has_withdrawn_stops_the_case_or_leaves_it() {
        for id in ["M", "m", "SM"] {
            let mut draft = trio("true");
            draft.withdrawn = vec!["X".into(), id.into()];
            let told = draft.clone().resolve().unwrap_err().to_string();
            assert!(told.contains("member 2 (mother): has withdrawn"), "{told}");
            draft.leave_out = true;
            let case = draft.resolve().unwrap();
            assert_eq!(decisions(&case.family)[1].analysis, Analysis::Withdrawn);
            let mother = &case.family.members[1];
            assert_eq!((mother.sample.as_ref(), mother.affected), (None, Affected::default()));
        }
    }

    #[test]
    fn without_the_proband_there_is_no_case() {
        let mut draft = trio("true");
        (draft.withdrawn, draft.leave_out) = (vec!["C".into()], true);
        let told = draft.resolve().unwrap_err().to_string();
        assert!(told.contains("without this person there is no case"), "{told}");
    }

    #[test]
    fn relatives_without_consent_are_left_out_where_that_is_asked_for() {
        let mut draft = trio("false");
        assert!(draft.clone().resolve().unwrap_err().to_string().contains("no explicit consent"));
        draft.leave_out = true;
        let case = draft.resolve().unwrap();
        let decisions = decisions(&case.family);
        assert_eq!(decisions[1].analysis, Analysis::Refused);
        assert_eq!(decisions[0].analysis, Analysis::Allowed);
    }
}
