//! Consent that is missing or was withdrawn: the case is refused, or, where that is asked for, run without the person.
//! What stays of such a member is the place in the tree.

use super::{Draft, DraftMember, shown};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{Consent, LeftOut, Role};

/// Reads a list of withdrawn participants: one id a line, `#` comments; of a table the first column counts, by tab or comma.
pub fn parse(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = |line: &str| {
        let cell = line.split(['\t', ',']).next().unwrap_or_default();
        cell.trim().trim_matches('"').trim().to_owned()
    };
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.map(first).filter(|id| !id.is_empty()).collect()
}

impl Draft {
    /// Takes out the members who have withdrawn, and, where asked for, those who did not consent; gives the faults of those
    /// who cannot be taken out. A sample's name on the list counts as its person.
    pub(super) fn take_out(&mut self) -> Problems {
        let mut problems = Problems::default();
        for index in 0..self.members.len() {
            let member = &self.members[index];
            let Some(why) = reason(member, &self.withdrawn, self.leave_out) else { continue };
            let is_index = matches!(member.role, Some(Role::Proband | Role::Tumour | Role::Normal));
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
            strip(&mut self.members[index], why);
        }
        problems
    }
}

fn reason(member: &DraftMember, withdrawn: &[String], leave_out: bool) -> Option<LeftOut> {
    let is_named = |id: &String| {
        id.eq_ignore_ascii_case(&member.id)
            || member.sample.as_ref().is_some_and(|sample| id.eq_ignore_ascii_case(sample))
    };
    if withdrawn.iter().any(is_named) {
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
        assert_eq!(parse(list), ["participant_id", "P 1", "P2", "P3"]);
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
