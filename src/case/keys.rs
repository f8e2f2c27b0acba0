//! Reads the tables of a TOML document key by key, noting every fault with its line instead of stopping at the first.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::problem::{Problem, Problems, nearest};

/// The document under reading and the faults found so far.
pub(super) struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    /// All faults, in the order found.
    pub(super) problems: Problems,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a str, text: &'a str) -> Self {
        Self { file, text, problems: Problems::default() }
    }

    /// The document as a table; `None` when its syntax is wrong, with every fault noted.
    pub(super) fn document(&mut self) -> Option<Spanned<DeTable<'a>>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            let at = error.span().map_or(0, |span| span.start);
            self.fault(at, format!("not TOML: {}", error.message()));
        }
        errors.is_empty().then_some(table)
    }

    /// `line 7`, for a byte offset.
    pub(super) fn place(&self, at: usize) -> String {
        let before = self.text.bytes().take(at);
        format!("line {}", 1 + before.filter(|&b| b == b'\n').count())
    }

    /// Notes a fault at a byte offset, for more to be said of it.
    pub(super) fn fault(&mut self, at: usize, message: impl Into<String>) {
        let problem = Problem::bad_data(message).in_file(self.file).at(self.place(at));
        self.problems.0.push(problem);
    }

    fn fault_help(&mut self, at: usize, message: String, help: String) {
        let problem = Problem::bad_data(message).in_file(self.file).at(self.place(at)).help(help);
        self.problems.0.push(problem);
    }

    /// Notes every key that is not known, with the nearest known one.
    pub(super) fn only(&mut self, table: &DeTable<'a>, whole: &str, known: &[&str]) {
        let mut unknown: Vec<(usize, &str)> = table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .map(|key| (key.span().start, key.get_ref().as_ref()))
            .collect();
        unknown.sort_unstable();
        for (at, key) in unknown {
            let help = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("{whole} takes {}", known.join(", ")),
            };
            self.fault_help(at, format!("unknown key `{key}` in {whole}"), help);
        }
    }

    fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'a>>, expected: &str) {
        let found = value.get_ref().type_str();
        self.fault(value.span().start, format!("`{key}` must be {expected}, found {found}"));
    }

    /// A text that is not empty.
    pub(super) fn text(&mut self, table: &DeTable<'a>, key: &str) -> Option<Spanned<String>> {
        let value = table.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong_type(key, value, "a text in quotes");
            return None;
        };
        if text.trim().is_empty() {
            self.fault(value.span().start, format!("`{key}` is empty"));
            return None;
        }
        if text.contains(['\0', '\n', '\r', '\t']) {
            self.fault(value.span().start, format!("`{key}` holds a control character"));
            return None;
        }
        Some(Spanned::new(value.span(), text.to_owned()))
    }

    /// A list of texts; absent is empty.
    pub(super) fn texts(&mut self, table: &DeTable<'a>, key: &str) -> Vec<Spanned<String>> {
        let Some(value) = table.get(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(key, value, "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list {
            match item.get_ref().as_str() {
                Some(text) if !text.trim().is_empty() => {
                    texts.push(Spanned::new(item.span(), text.to_owned()));
                }
                Some(_) => self.fault(item.span().start, format!("`{key}` holds an empty text")),
                None => self.wrong_type(key, item, "a list of texts"),
            }
        }
        texts
    }

    /// A whole number of 0 to 255.
    pub(super) fn small(&mut self, table: &DeTable<'a>, key: &str) -> Option<u8> {
        let value = table.get(key)?;
        let number = value.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
        if number.is_none() {
            self.wrong_type(key, value, "a small whole number");
        }
        number
    }

    /// A share from 0 to 1, in ten-thousandths.
    pub(super) fn share(&mut self, table: &DeTable<'a>, key: &str) -> Option<u16> {
        let value = table.get(key)?;
        let number = match value.get_ref() {
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        let share = number.filter(|share| *share > 0.0 && *share <= 1.0);
        if share.is_none() {
            self.fault(value.span().start, format!("`{key}` must be a number above 0 and up to 1"));
        }
        share.map(|share| (share * 10_000.0).round() as u16)
    }

    /// True or false.
    pub(super) fn flag(&mut self, table: &DeTable<'a>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(key, value, "true or false");
        }
        flag
    }

    /// A text that must be one of some words.
    pub(super) fn word<T>(
        &mut self,
        table: &DeTable<'a>,
        key: &str,
        parse: impl Fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let text = self.text(table, key)?;
        let parsed = parse(text.get_ref().trim());
        if parsed.is_none() {
            let lower = text.get_ref().to_ascii_lowercase();
            // A value is shown only where it looks like one of the words: it may stand in a wrong place.
            let (message, help) = match nearest(&lower, words.iter().copied()) {
                Some(near) => (
                    format!("`{key}` is {:?}", text.get_ref()),
                    format!("did you mean \"{near}\"?"),
                ),
                None => (
                    format!("`{key}` is none of the known words"),
                    format!("expected one of {}", words.join(", ")),
                ),
            };
            self.fault_help(text.span().start, message, help);
        }
        parsed
    }
}
