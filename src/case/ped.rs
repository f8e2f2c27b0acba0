//! Pedigree files (PED, FAM): family, individual, father, mother, sex, phenotype, and, if wanted, identical twins.
//!
//! Columns are separated by tabs or blanks; `#` begins a comment or header; a byte order mark and CRLF pass. Sex is
//! 1 male, 2 female, anything of `0 -9 other unknown` unknown. Phenotype is 2 affected, 1 unaffected, `0 -9` unknown.
//! A seventh column may name identical (monozygotic) twins: the same word that begins with `MZ` in each of them (`MZ1`), and
//! `DZ`, `0` or `.` in everybody else; other seventh columns are refused, since nobody knows what they say.

use std::collections::BTreeMap;
use std::path::Path;

use super::{CaseForm, CaseKind, Draft, DraftMember};
use crate::model::problem::{Problem, Problems};
use crate::model::sample::{Affected, Role, Sex};

/// One individual as the file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PedRow {
    /// Line, from 1.
    pub line: usize,
    /// Family id.
    pub family: String,
    /// Individual id.
    pub id: String,
    /// Father's id; `None` for founders.
    pub father: Option<String>,
    /// Mother's id; `None` for founders.
    pub mother: Option<String>,
    /// Sex.
    pub sex: Sex,
    /// Disease status.
    pub affected: Affected,
    /// Group of identical twins, within the family.
    pub identical_twins: Option<String>,
}

/// The individuals with a row, in their order, then every parent that a row names and that has none: a parent's sample is to be
/// compared whether or not the file has a line for it. The column that names a parent tells its sex.
pub fn with_named_parents(mut rows: Vec<PedRow>) -> Vec<PedRow> {
    let mut more: Vec<PedRow> = Vec::new();
    for row in &rows {
        for (parent, sex) in [(&row.father, Sex::Male), (&row.mother, Sex::Female)] {
            let Some(id) = parent else { continue };
            let known = |own: &PedRow| own.family == row.family && own.id == *id;
            if !rows.iter().any(known) && !more.iter().any(known) {
                more.push(PedRow {
                    line: row.line,
                    family: row.family.clone(),
                    id: id.clone(),
                    father: None,
                    mother: None,
                    sex,
                    affected: Affected::Uncertain,
                    identical_twins: None,
                });
            }
        }
    }
    rows.extend(more);
    rows
}

/// Reads all individuals of a pedigree file, in its order.
///
/// # Errors
///
/// Every line with a wrong number of columns, an unknown code or an id already used in its family; a file without
/// individuals.
pub fn parse(text: &str, file: &str) -> Result<Vec<PedRow>, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Problems::default();
    let mut rows: Vec<PedRow> = Vec::new();
    let mut known: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (i, line) in text.lines().enumerate() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let columns = columns(trimmed);
        if rows.is_empty()
            && matches!(columns.len(), 6 | 7)
            && columns[4].eq_ignore_ascii_case("sex")
        {
            continue; // A header line without `#`.
        }
        match row(&columns, i + 1) {
            Ok(row) => {
                if let Some(first) = known.insert((row.family.clone(), row.id.clone()), row.line) {
                    let message = format!("this individual has a line already, line {first}");
                    problems.0.push(at_line(i + 1, Problem::bad_data(message), file));
                }
                rows.push(row);
            }
            Err(problem) => problems.0.push(at_line(i + 1, problem, file)),
        }
    }
    if rows.is_empty() && problems.0.is_empty() {
        problems.0.push(
            Problem::bad_data("no individual in this pedigree file").in_file(file).help(
                "one line each: family, individual, father, mother, sex (1 2 0), phenotype (2 1 0)",
            ),
        );
    }
    problems.into_result().map(|()| rows)
}

/// Whether a line looks like a row, or the header, of a pedigree file.
pub(super) fn is_row(line: &str) -> bool {
    let columns = columns(line);
    let sex =
        ["0", "1", "2", "3", "-9", "m", "f", "male", "female", "other", "unknown", ".", "sex"];
    matches!(columns.len(), 6 | 7) && sex.contains(&columns[4].to_ascii_lowercase().as_str())
}

/// A pedigree file as a case: people alone, every individual under its id as sample. Assembly, files and consent come from
/// elsewhere.
///
/// # Errors
///
/// As [`parse`] and [`members`].
pub fn draft(text: &str, path: &Path, choice: Choice<'_>) -> Result<Draft, Problems> {
    let file = path.display().to_string();
    let rows = parse(text, &file)?;
    let members = members(&rows, choice, &file)?;
    let is_member = |row: &&PedRow| members.first().is_some_and(|member| row.id == member.id);
    Ok(Draft {
        id: rows.iter().find(is_member).map(|row| row.family.clone()).unwrap_or_default(),
        kind: if members.len() == 1 { CaseKind::Singleton } else { CaseKind::Family },
        members,
        ..Draft::new(CaseForm::Pedigree, path)
    })
}

fn at_line(line: usize, problem: Problem, file: &str) -> Problem {
    problem.in_file(file).at(format!("line {line}"))
}

/// Tabs separate when they make six or seven columns, so that ids may hold blanks; otherwise any white space does.
fn columns(line: &str) -> Vec<&str> {
    let by_tab: Vec<&str> = line.split('\t').map(str::trim).collect();
    if matches!(by_tab.len(), 6 | 7) { by_tab } else { line.split_whitespace().collect() }
}

fn row(columns: &[&str], line: usize) -> Result<PedRow, Problem> {
    let &[family, id, father, mother, sex, phenotype, ref more @ ..] = columns else {
        return Err(number_of_columns(columns.len()));
    };
    let identical_twins = match more {
        [] => None,
        [word] => twins(word)?,
        _ => return Err(number_of_columns(columns.len())),
    };
    if id.is_empty() || id == "0" {
        return Err(Problem::bad_data("the individual has no id"));
    }
    let sex = match sex.to_ascii_lowercase().as_str() {
        "1" | "m" | "male" => Sex::Male,
        "2" | "f" | "female" => Sex::Female,
        "0" | "-9" | "3" | "other" | "unknown" | "." => Sex::Unknown,
        _ => {
            let message = format!("the sex (column 5) is {}", cell(sex));
            return Err(Problem::bad_data(message).help("1 male, 2 female, 0 unknown"));
        }
    };
    let affected = match phenotype {
        "2" => Affected::Yes,
        "1" => Affected::No,
        "0" | "-9" | "." => Affected::Uncertain,
        _ => {
            let message = format!("the phenotype (column 6) is {}", cell(phenotype));
            let help =
                "2 affected, 1 unaffected, 0 or -9 unknown; quantitative traits are not read";
            return Err(Problem::bad_data(message).help(help));
        }
    };
    let parent = |id: &str| (!matches!(id, "0" | "-9" | "." | "")).then(|| id.to_owned());
    Ok(PedRow {
        line,
        family: family.to_owned(),
        id: id.to_owned(),
        father: parent(father),
        mother: parent(mother),
        sex,
        affected,
        identical_twins,
    })
}

/// A cell for people: nothing longer than a code, since names may stand in a wrong column.
fn cell(text: &str) -> String {
    if text.chars().count() <= 3 { format!("{text:?}") } else { "none of the known codes".into() }
}

fn number_of_columns(count: usize) -> Problem {
    Problem::bad_data(format!("{count} columns instead of 6"))
        .help("family, individual, father, mother, sex, phenotype; 0 for no father or mother")
}

/// The group that a seventh column names.
fn twins(word: &str) -> Result<Option<String>, Problem> {
    let upper = word.to_ascii_uppercase();
    if upper.starts_with("MZ") {
        return Ok(Some(upper));
    }
    if upper.starts_with("DZ") || matches!(upper.as_str(), "0" | "." | "-9" | "") {
        return Ok(None);
    }
    let message = format!("the seventh column is {}", cell(word));
    Err(Problem::bad_data(message)
        .help("the same word MZ1 in identical twins, 0 in everybody else; or leave the column out"))
}

/// Which part of a pedigree file a case is about.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// The family; needed when the file holds several.
    pub family: Option<&'a str>,
    /// The proband; needed when the file does not single one out.
    pub proband: Option<&'a str>,
}

/// The members of the chosen family with roles towards the proband. Every individual counts as sequenced under its id;
/// the caller removes the sample of those without data.
///
/// The proband is the one named, else the only affected individual with a parent in the file, else the only affected
/// individual. The one named is affected unless the file says otherwise.
///
/// # Errors
///
/// When there is no such family or proband, or no single one.
pub fn members(
    rows: &[PedRow],
    choice: Choice<'_>,
    file: &str,
) -> Result<Vec<DraftMember>, Problem> {
    let rows = family(rows, choice).map_err(|problem| problem.in_file(file))?;
    let proband = proband(&rows, choice.proband).map_err(|problem| problem.in_file(file))?;
    let mut members: Vec<DraftMember> = rows
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let is_named = i == proband && choice.proband.is_some();
            let affected = match row.affected {
                Affected::Uncertain if is_named => Affected::Yes,
                stated => stated,
            };
            DraftMember {
                place: format!("line {}", row.line),
                id: row.id.clone(),
                sample: Some(row.id.clone()),
                sex: row.sex,
                affected: Some(affected),
                father: row.father.clone(),
                mother: row.mother.clone(),
                identical_twins: row.identical_twins.clone(),
                ..DraftMember::default()
            }
        })
        .collect();
    give_roles(&mut members, proband);
    Ok(members)
}

fn family<'r>(rows: &'r [PedRow], choice: Choice<'_>) -> Result<Vec<&'r PedRow>, Problem> {
    let mut families: Vec<&str> = rows.iter().map(|row| row.family.as_str()).collect();
    families.sort_unstable();
    families.dedup();
    let wanted = match (choice.family, choice.proband, families.as_slice()) {
        (Some(name), _, _) if families.contains(&name) => name,
        (Some(_), _, _) => {
            let message = "--family names no family of this pedigree file".to_owned();
            return Err(Problem::usage(message));
        }
        (None, _, [only]) => only,
        (None, Some(id), _) => {
            let mut holding: Vec<&str> =
                rows.iter().filter(|row| row.id == id).map(|row| row.family.as_str()).collect();
            holding.dedup();
            match holding[..] {
                [family] => family,
                _ => return Err(which_family(families.len())),
            }
        }
        _ => return Err(which_family(families.len())),
    };
    Ok(rows.iter().filter(|row| row.family == wanted).collect())
}

fn which_family(count: usize) -> Problem {
    Problem::usage(format!("{count} families in this pedigree file"))
        .help("name the one to analyse with --family")
}

fn proband(rows: &[&PedRow], named: Option<&str>) -> Result<usize, Problem> {
    if let Some(id) = named {
        let found = rows.iter().position(|row| row.id == id);
        return found.ok_or_else(|| Problem::usage("--proband names nobody of the family"));
    }
    let is_affected = |row: &&PedRow| row.affected == Affected::Yes;
    let affected: Vec<usize> = (0..rows.len()).filter(|&i| is_affected(&rows[i])).collect();
    let children: Vec<usize> = affected
        .iter()
        .copied()
        .filter(|&i| rows[i].father.is_some() || rows[i].mother.is_some())
        .collect();
    match (children.as_slice(), affected.as_slice()) {
        ([only], _) | ([], [only]) => Ok(*only),
        ([], []) => Err(Problem::bad_data("nobody of the family is affected (phenotype 2)")
            .help("name the proband with --proband")),
        ([], several) | (several, _) => {
            let message = format!("{} affected individuals could be the proband", several.len());
            Err(Problem::bad_data(message).help("name the proband with --proband"))
        }
    }
}

/// Gives every member the role towards the proband that fathers and mothers make.
pub(super) fn give_roles(members: &mut [DraftMember], proband: usize) {
    let Some(of) = members.get(proband) else { return };
    let (father, mother) = (of.father.clone(), of.mother.clone());
    let shares = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
    for (index, member) in members.iter_mut().enumerate() {
        member.role = Some(if index == proband {
            Role::Proband
        } else if father.as_ref() == Some(&member.id) {
            Role::Father
        } else if mother.as_ref() == Some(&member.id) {
            Role::Mother
        } else if shares(&member.father, &father) || shares(&member.mother, &mother) {
            Role::Sibling
        } else {
            Role::Relative
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(text: &str, choice: Choice<'_>) -> Result<Vec<(String, Role)>, String> {
        let rows = parse(text, "x.ped").map_err(|e| e.to_string())?;
        let members = members(&rows, choice, "x.ped").map_err(|e| e.to_string())?;
        Ok(members.into_iter().map(|m| (m.id, m.role.unwrap())).collect())
    }

    const TRIO: &str = "\u{feff}#fam id pat mat sex phen\r\nF\tC 1\tD\tM\t1\t2\r\nF\tD\t0\t0\t1\t1\r\nF\tM\t0\t0\t2\t-9\r\n";

    #[test]
    fn a_trio_with_mark_comments_and_crlf() {
        let found = roles(TRIO, Choice::default()).unwrap();
        let expected = [("C 1", Role::Proband), ("D", Role::Father), ("M", Role::Mother)];
        assert_eq!(found, expected.map(|(id, role)| (id.to_owned(), role)));
        let rows = parse(TRIO, "x.ped").unwrap();
        assert_eq!(rows[2].affected, Affected::Uncertain);
        assert_eq!((rows[0].sex, rows[2].sex), (Sex::Male, Sex::Female));
    }

    #[test]
    fn a_larger_family_in_any_order() {
        let text = "F gran 0 0 2 1\nF M 0 gran 2 1\nF sib D M 2 1\nF C D M 1 2\nF half D X 0 0\nF D 0 0 1 1\nF X 0 0 2 1";
        let found = roles(text, Choice::default()).unwrap();
        let of = |id: &str| found.iter().find(|(name, _)| name == id).unwrap().1;
        assert_eq!(of("gran"), Role::Relative);
        assert_eq!((of("sib"), of("half")), (Role::Sibling, Role::Sibling));
        assert_eq!((of("M"), of("D"), of("X")), (Role::Mother, Role::Father, Role::Relative));
    }

    #[test]
    fn wrong_files_say_where_and_what() {
        let choice = Choice::default();
        let cases = [
            ("F C 0 0 1\n", "x.ped: line 1: 5 columns instead of 6"),
            ("F C 0 0 1 2 A A\n", "x.ped: line 1: 8 columns instead of 6"),
            ("F C 0 0 7 2\n", "x.ped: line 1: the sex (column 5) is \"7\""),
            ("F C 0 0 1 1.5\n", "x.ped: line 1: the phenotype (column 6) is \"1.5\""),
            ("F 0 0 0 1 2\n", "x.ped: line 1: the individual has no id"),
            (
                "F C 0 0 1 2\n\nF C 0 0 1 2\n",
                "x.ped: line 3: this individual has a line already, line 1",
            ),
            ("# nothing\n", "x.ped: no individual"),
            ("F C 0 0 1 1\n", "x.ped: nobody of the family is affected"),
            ("F A 0 0 1 2\nF B 0 0 1 2\n", "x.ped: 2 affected individuals could be the proband"),
            ("F A 0 0 1 2\nG B 0 0 1 2\n", "x.ped: 2 families"),
        ];
        for (text, expected) in cases {
            let error = roles(text, choice).unwrap_err();
            assert!(error.starts_with(expected), "{text:?}: {error}");
        }
    }

    #[test]
    fn a_seventh_column_names_identical_twins() {
        let text = "F C D M 1 2 MZ1\nF B D M 1 1 mz1\nF E D M 2 1 DZ\nF D 0 0 1 1 0\nF M 0 0 2 1\n";
        let rows = parse(text, "x.ped").unwrap();
        let groups: Vec<Option<&str>> =
            rows.iter().map(|row| row.identical_twins.as_deref()).collect();
        assert_eq!(groups, [Some("MZ1"), Some("MZ1"), None, None, None]);
        let error = parse("F C D M 1 2 HP:1\n", "x.ped").unwrap_err().to_string();
        assert!(error.contains("line 1: the seventh column is none of the known codes"), "{error}");
        let header = "FID IID FAT MOT SEX PHENO TWINS\nF C 0 0 1 2 0\n";
        assert_eq!(parse(header, "x.ped").unwrap().len(), 1);
    }

    #[test]
    fn a_choice_settles_what_the_file_leaves_open() {
        let two = "F A 0 0 1 2\nF B 0 0 1 0\nG Z 0 0 1 2\n";
        let named = Choice { proband: Some("B"), ..Choice::default() };
        let rows = parse(two, "x.ped").unwrap();
        let chosen = members(&rows, named, "x.ped").unwrap();
        assert_eq!(chosen.len(), 2, "the family of the proband");
        assert_eq!(chosen[1].affected, Some(Affected::Yes), "the one named is affected");
        let family = Choice { family: Some("G"), ..Choice::default() };
        assert_eq!(roles(two, family).unwrap(), [("Z".to_owned(), Role::Proband)]);
        let nobody = Choice { family: Some("G"), proband: Some("A") };
        assert!(roles(two, nobody).unwrap_err().contains("names nobody"));
    }

    fn any_row() -> impl proptest::strategy::Strategy<Value = PedRow> {
        use proptest::prelude::*;
        let id = "[A-Za-z][A-Za-z0-9_.-]{0,8}";
        let parent = proptest::option::of(id);
        let sex = prop_oneof![Just(Sex::Male), Just(Sex::Female), Just(Sex::Unknown)];
        let affected =
            prop_oneof![Just(Affected::Yes), Just(Affected::No), Just(Affected::Uncertain)];
        (id, id, parent.clone(), parent, sex, affected).prop_map(
            |(family, id, father, mother, sex, affected)| PedRow {
                line: 0,
                family,
                id,
                father,
                mother,
                sex,
                affected,
                identical_twins: None,
            },
        )
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config {
            rng_algorithm: proptest::test_runner::RngAlgorithm::ChaCha,
            failure_persistence: None,
            ..proptest::test_runner::Config::with_cases(200)
        })]

        #[test]
        fn what_is_written_is_read_whatever_the_separator_and_line_end(
            mut rows in proptest::collection::vec(any_row(), 1..12),
            separator in "(\t| |  )",
            end in "(\n|\r\n)",
        ) {
            let mut text = String::new();
            for (i, row) in rows.iter_mut().enumerate() {
                row.id = format!("{}{i}", row.id);
                row.line = i + 1;
                let parent = |id: &Option<String>| id.clone().unwrap_or("0".into());
                let columns = [
                    row.family.clone(),
                    row.id.clone(),
                    parent(&row.father),
                    parent(&row.mother),
                    (match row.sex { Sex::Male => 1, Sex::Female => 2, Sex::Unknown => 0 }).to_string(),
                    (match row.affected { Affected::Yes => 2, Affected::No => 1, Affected::Uncertain => -9 })
                        .to_string(),
                ];
                text += &columns.join(&separator);
                text += &end;
            }
            proptest::prop_assert_eq!(parse(&text, "x").unwrap(), rows);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[F0-9 \t\n\r#.A-C-]{0,80}") {
            if let Ok(rows) = parse(&text, "x") {
                let _ = members(&rows, Choice::default(), "x");
            }
        }
    }
}
