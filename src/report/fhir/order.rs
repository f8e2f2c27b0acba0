//! What only the laboratory and the hospital know of an order: who the patient is, who reports, under which numbers. It comes as
//! a small TOML file of its own and goes into `fhir.json` alone: results and logs hold none of it, and no fault tells a value.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::problem::{Problem, Problems, nearest};

/// A key of the file.
struct Key {
    /// Section and name, with a dot between.
    name: &'static str,
    required: bool,
    fits: fn(&str) -> bool,
    /// What it is, and how it is written.
    what: &'static str,
}

macro_rules! keys {
    ($($name:literal $required:literal $fits:ident $what:literal;)+) => {
        &[$(Key { name: $name, required: $required, fits: $fits, what: $what }),+]
    };
}

/// Numbers need the address of who gave them, so that two laboratories never share one.
const KEYS: &[Key] = keys! {
    "patient.nhs_number" true is_nhs_number "NHS number of the person of the case, ten digits, as text";
    "patient.family" true is_text "family name";
    "patient.given" true is_text "given name";
    "patient.birth_date" true is_date "date of birth, YYYY-MM-DD, as text";
    "laboratory.ods_code" true is_ods_code "ODS code of the performing laboratory";
    "laboratory.name" false is_text "name of the performing laboratory";
    "report.system" true is_uri "URI of the laboratory's report numbers";
    "report.number" true is_text "report number";
    "report.document" true is_uri "URI of the laboratory's report as PDF";
    "order.system" true is_uri "URI of the laboratory's order numbers";
    "order.number" true is_text "order number of the laboratory (filler)";
    "order.test" true is_test "code of the National Genomic Test Directory, as R27.3";
    "order.placer_system" false is_uri "URI of the hospital's order numbers";
    "order.placer_number" false is_text "order number of the hospital (placer)";
    "order.placer_ods_code" false is_ods_code "ODS code of the hospital";
};

/// Keys that are given together or not at all.
const PLACER: [&str; 3] = ["order.placer_system", "order.placer_number", "order.placer_ods_code"];

/// An order. Its `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct FhirOrder(BTreeMap<&'static str, String>);

impl fmt::Debug for FhirOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FhirOrder").finish_non_exhaustive()
    }
}

impl FhirOrder {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// All keys that are missing, unknown or written otherwise, by their names.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| {
            let before = e.span().map_or(0, |span| span.start);
            let line = text.bytes().take(before).filter(|byte| *byte == b'\n').count() + 1;
            // The parser's own words may hold a value.
            Problem::bad_data("is no TOML").at(format!("line {line}"))
        })?;
        let mut problems = Problems::default();
        let mut known = BTreeMap::new();
        for (section, keys) in &table {
            let Some(keys) = keys.as_table() else {
                problems.0.push(unknown(section));
                continue;
            };
            for (key, value) in keys {
                let name = format!("{section}.{key}");
                let Some(own) = KEYS.iter().find(|own| own.name == name) else {
                    problems.0.push(unknown(&name));
                    continue;
                };
                let text = value.as_str().map(str::trim).filter(|text| (own.fits)(text));
                let Some(text) = text else {
                    let message = format!("`{}` is not {}", own.name, own.what);
                    problems.0.push(Problem::bad_data(message));
                    continue;
                };
                known.insert(own.name, text.to_owned());
            }
        }
        let stated = |name: &str| {
            let (section, key) = name.split_once('.').unwrap_or((name, ""));
            table.get(section).and_then(|keys| keys.get(key)).is_some()
        };
        let placer = PLACER.iter().any(|name| stated(name));
        for key in KEYS.iter().filter(|key| !stated(key.name)) {
            if key.required || (placer && PLACER.contains(&key.name)) {
                let (section, name) = key.name.split_once('.').unwrap_or((key.name, ""));
                let message = format!("`{name}` is missing from [{section}]: {}", key.what);
                let help = "the North West GMSA's draft demands it and no case knows it";
                problems.0.push(Problem::bad_data(message).help(help));
            }
        }
        problems.into_result()?;
        Ok(Self(known))
    }

    /// The value of a key, when it is given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The value of a required key.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }
}

/// What is no plain word may be a value that stands in the place of a key, and is not told.
fn unknown(name: &str) -> Problem {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '_' || c == '.';
    if !name.chars().all(is_plain) {
        let message = "a key that is no word of small letters";
        return Problem::bad_data(message).help("keys are written as `nhs_number`");
    }
    let problem = Problem::bad_data(format!("unknown key `{name}`"));
    match nearest(name, KEYS.iter().map(|key| key.name)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    }
}

fn is_text(text: &str) -> bool {
    !text.is_empty() && text.len() <= 200 && !text.chars().any(char::is_control)
}

fn is_uri(text: &str) -> bool {
    let scheme =
        text.split_once(':').map_or("", |(scheme, rest)| if rest.is_empty() { "" } else { scheme });
    is_text(text)
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !text.contains(|c: char| c.is_whitespace() || "<>\"".contains(c))
}

/// Ten digits, the last of them a check digit: eleven less the weighted sum of the others modulo eleven (NHS Data Dictionary).
fn is_nhs_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if text.len() != 10 || digits.len() != 10 {
        return false;
    }
    // Ten times one digit stands for no number, and its check digit is always right.
    if digits.iter().all(|digit| *digit == digits[0]) {
        return false;
    }
    let sum: u32 =
        digits[..9].iter().zip((2..=10).rev()).map(|(digit, weight)| digit * weight).sum();
    (11 - sum % 11) % 11 == digits[9]
}

fn is_ods_code(text: &str) -> bool {
    (3..=10).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// A letter, the clinical indication, and the test where one is named.
fn is_test(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(rest) = text.strip_prefix(['R', 'M']) else { return false };
    match rest.split_once('.') {
        Some((indication, number)) => digits(indication) && digits(number),
        None => digits(rest),
    }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<Option<u32>> = text.split('-').map(|part| part.parse().ok()).collect();
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, byte)| match i {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let [Some(year), Some(month @ 1..=12), Some(day @ 1..)] = parts[..] else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    shape && day <= last && year >= 1_850
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Of a published test patient: nobody.
    pub(crate) const ORDER: &str = include_str!("../../../test-data/referrals/nw-gmsa-order.toml");

    fn faults(text: &str) -> Vec<String> {
        let problems = FhirOrder::parse(text).unwrap_err();
        problems.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_order_is_read_and_never_shown() {
        let order = FhirOrder::parse(ORDER).unwrap();
        assert_eq!(order.get("patient.nhs_number"), Some("9449305552"));
        assert!(!format!("{order:?}").contains("9449305552"));
        let less: String = ORDER
            .lines()
            .filter(|line| !line.starts_with("placer_"))
            .fold(String::new(), |text, line| text + line + "\n");
        assert!(FhirOrder::parse(&less).is_ok());
    }

    #[test]
    fn faults_name_keys_and_tell_no_value() {
        let all = faults("");
        assert_eq!(all.len(), KEYS.iter().filter(|key| key.required).count());
        assert!(all[0].contains("`nhs_number` is missing from [patient]"), "{all:?}");
        for (from, to, wanted) in [
            ("\"9449305552\"", "\"9449305553\"", "`patient.nhs_number` is not"),
            ("\"9449305552\"", "9449305552", "`patient.nhs_number` is not"),
            ("\"2008-09-20\"", "\"2008-02-30\"", "`patient.birth_date` is not"),
            ("\"699X0\"", "\"699x0\"", "`laboratory.ods_code` is not"),
            ("\"R27.3\"", "\"27.3\"", "`order.test` is not"),
            ("\"https://lab.example/orders\"", "\"orders\"", "`order.system` is not"),
            ("number = \"G-26-0001\"", "nummer = \"G-26-0001\"", "unknown key `report.nummer`"),
            ("placer_number = \"1601737\"", "", "`placer_number` is missing from [order]"),
            ("nhs_number =", "\"9449305552\" =", "a key that is no word"),
            ("[patient]", "[CHISLETT]", "a key that is no word"),
            ("\"9449305552\"", "\"0000000000\"", "`patient.nhs_number` is not"),
            ("\"9449305552\"", "\"1111111111\"", "`patient.nhs_number` is not"),
            ("[patient]", "[patient", "line 2: is no TOML"),
            ("[patient]", "patient = 1\n[other]", "unknown key `patient`"),
        ] {
            let text = ORDER.replacen(from, to, 1);
            assert_ne!(text, ORDER);
            let all = faults(&text);
            assert!(all.iter().any(|fault| fault.contains(wanted)), "{to}: {all:?}");
            for secret in ["944930555", "CHISLETT", "2008", "1601737"] {
                assert!(all.iter().all(|fault| !fault.contains(secret)), "{all:?}");
            }
        }
    }
}
