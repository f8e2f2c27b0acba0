//! Reads JSON documents key by key, noting every fault with its place (`$.pedigree.members[0].sex`) instead of stopping at
//! the first. Places hold keys and numbers only, and messages no identifier: both reach logs.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::Draft;
use crate::model::notice::{Notice, NoticeKind};
use crate::model::problem::{Problem, Problems, nearest};

/// A value in a document with its place.
#[derive(Clone, Debug)]
pub(super) struct Node<'v> {
    /// The value.
    pub(super) value: &'v Value,
    /// Where it stands.
    pub(super) path: String,
}

impl<'v> Node<'v> {
    /// The whole document.
    pub(super) fn root(value: &'v Value) -> Self {
        Self { value, path: "$".into() }
    }

    /// The value of a key; null counts as absent, as these models have it.
    pub(super) fn get(&self, key: &str) -> Option<Node<'v>> {
        let value = self.value.get(key).filter(|value| !value.is_null())?;
        Some(Node { value, path: format!("{}.{key}", self.path) })
    }

    /// The items of a list; none of anything else.
    pub(super) fn items(&self) -> Vec<Node<'v>> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(i, value)| Node { value, path: format!("{}[{i}]", self.path) }).collect()
    }

    /// What it is, in words.
    pub(super) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// The faults found in a document, and what its reader should know.
pub(super) struct Reader<'f> {
    file: &'f str,
    /// All faults, in the order found.
    pub(super) problems: Problems,
    /// What was passed over.
    pub(super) notices: Vec<Notice>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(file: &'f str) -> Self {
        Self { file, problems: Problems::default(), notices: Vec::new() }
    }

    /// The draft with what is to be told of it, or every fault.
    ///
    /// # Errors
    ///
    /// The faults noted.
    pub(super) fn finish(self, mut draft: Draft) -> Result<Draft, Problems> {
        self.problems.into_result()?;
        draft.referred.notices.extend(self.notices);
        Ok(draft)
    }

    /// Notes a fault at a value.
    pub(super) fn fault(&mut self, at: &Node<'_>, message: impl Into<String>, help: &str) {
        let problem = self.problem(at, message, help);
        self.problems.0.push(problem);
    }

    /// A fault at a value that may yet turn out to be none.
    pub(super) fn problem(&self, at: &Node<'_>, message: impl Into<String>, help: &str) -> Problem {
        let problem = Problem::bad_data(message).in_file(self.file).at(&at.path);
        if help.is_empty() { problem } else { problem.help(help) }
    }

    /// Notes that something was passed over; equal notes are counted.
    pub(super) fn note(&mut self, text: &str) {
        match self.notices.iter_mut().find(|notice| notice.text == text) {
            Some(notice) => notice.count += 1,
            None => self.notices.push(Notice::one(NoticeKind::Ignored, text)),
        }
    }

    /// Whether the value is an object; notes every key of it that is not among the known ones. A value is not shown: nobody
    /// knows what an unknown key holds.
    pub(super) fn object(&mut self, node: &Node<'_>, what: &str, known: &[&str]) -> bool {
        let Some(object) = node.value.as_object() else {
            self.fault(node, format!("{what} must be an object, found {}", node.kind()), "");
            return false;
        };
        for (key, value) in object {
            if known.contains(&key.as_str()) {
                continue;
            }
            let help = match nearest(key, known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? Else leave it out"),
                None => "leave it out, or write it as the model does".to_owned(),
            };
            let shown: String = key.chars().filter(|c| !c.is_control()).take(40).collect();
            let at = Node { value, path: node.path.clone() };
            self.fault(&at, format!("unknown key `{shown}` ({}) in {what}", at.kind()), &help);
        }
        true
    }

    /// Notes a key that has to be there and is not.
    pub(super) fn required(&mut self, node: &Node<'_>, what: &str, keys: &[&str]) {
        for key in keys.iter().filter(|key| node.get(key).is_none()) {
            self.fault(node, format!("{what} has no `{key}`"), "");
        }
    }

    fn wrong_kind(&mut self, node: &Node<'_>, expected: &str) {
        self.fault(node, format!("must be {expected}, found {}", node.kind()), "");
    }

    /// A text without control characters; an empty one counts as absent.
    pub(super) fn text(&mut self, node: &Node<'_>, key: &str) -> Option<String> {
        let found = node.get(key)?;
        let Some(text) = found.value.as_str() else {
            self.wrong_kind(&found, "a text");
            return None;
        };
        if text.chars().any(char::is_control) {
            self.fault(&found, "holds a control character", "");
            return None;
        }
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// A list of texts; absent is empty.
    pub(super) fn texts(&mut self, node: &Node<'_>, key: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.list(node, key) {
            match item.value.as_str() {
                Some(text) if !text.chars().any(char::is_control) => texts.push(text.to_owned()),
                Some(_) => self.fault(&item, "holds a control character", ""),
                None => self.wrong_kind(&item, "a text"),
            }
        }
        texts
    }

    /// A whole number.
    pub(super) fn integer(&mut self, node: &Node<'_>, key: &str) -> Option<i64> {
        let found = node.get(key)?;
        let number = found.value.as_i64();
        if number.is_none() {
            self.wrong_kind(&found, "a whole number");
        }
        number
    }

    /// True or false.
    pub(super) fn flag(&mut self, node: &Node<'_>, key: &str) -> Option<bool> {
        let found = node.get(key)?;
        let flag = found.value.as_bool();
        if flag.is_none() {
            self.wrong_kind(&found, "true or false");
        }
        flag
    }

    /// A list; absent is empty.
    pub(super) fn list<'v>(&mut self, node: &Node<'v>, key: &str) -> Vec<Node<'v>> {
        let Some(found) = node.get(key) else { return Vec::new() };
        if !found.value.is_array() {
            self.wrong_kind(&found, "a list");
        }
        found.items()
    }

    /// As [`Reader::word`], or the number of the word: protobuf writes its enums either way. The words stand in the order of
    /// their numbers.
    pub(super) fn enumerated<T: Copy>(
        &mut self,
        node: &Node<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let found = node.get(key)?;
        if !found.value.is_number() {
            return self.word(node, key, words);
        }
        let number = found.value.as_u64().and_then(|number| usize::try_from(number).ok());
        let meaning = number.and_then(|number| words.get(number)).map(|(_, meaning)| *meaning);
        if meaning.is_none() {
            let help = format!("expected 0 to {}, or a word", words.len().saturating_sub(1));
            self.fault(&found, format!("`{key}` is no number of its words"), &help);
        }
        meaning
    }

    /// One of some words, with what it means.
    pub(super) fn word<T: Copy>(
        &mut self,
        node: &Node<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let text = self.text(node, key)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| *word);
            // A value is shown only where it looks like one of the words: it may stand in a wrong place.
            let (message, help) = if let Some(near) = nearest(&text, known.clone()) {
                (format!("`{key}` is {text:?}"), format!("did you mean {near:?}?"))
            } else {
                let words = known.collect::<Vec<_>>().join(", ");
                (format!("`{key}` is none of the known words"), format!("expected one of {words}"))
            };
            if let Some(at) = node.get(key) {
                self.fault(&at, message, &help);
            }
        }
        found
    }
}

/// Reads JSON text in which no object has a key twice: of two answers to one consent question nobody could tell which
/// counts.
///
/// # Errors
///
/// Where the text is no JSON, or a key stands twice.
pub(super) fn parse(text: &str, file: &str) -> Result<Value, Problem> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str::<Strict>(text).map(|strict| strict.0).map_err(|error| {
        // The library's own message may quote what stands there.
        let what = if error.is_data() { "a key stands twice in one object" } else { "not JSON" };
        let place = format!("line {}, column {}", error.line().max(1), error.column());
        Problem::bad_data(what).in_file(file).at(place)
    })
}

/// A value without keys that stand twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Self)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_stands_twice_is_refused_wherever_it_is() {
        let twice = "{\"a\": [{\"yes\": true,\n \"yes\": false}]}";
        let told = parse(twice, "x.json").unwrap_err().to_string();
        assert!(told.starts_with("x.json: line 2, column"), "{told}");
        assert!(told.ends_with("a key stands twice in one object"), "{told}");
        assert!(parse("{\"a\": {\"b\": 1}, \"c\": {\"b\": -2.5}}", "x").is_ok());
        assert!(parse("{\"a\": ", "x").unwrap_err().to_string().contains("not JSON"));
    }

    #[test]
    fn places_lead_to_the_value() {
        let value = parse("{\"a\": [{\"b\": \"x\"}], \"n\": null}", "x").unwrap();
        let mut reader = Reader::new("x");
        let root = Node::root(&value);
        let item = &reader.list(&root, "a")[0];
        assert_eq!(item.path, "$.a[0]");
        assert!(root.get("n").is_none(), "null is absent");
        assert_eq!(reader.word(item, "b", &[("y", 1)]), None);
        assert_eq!(
            reader.problems.to_string(),
            "x: $.a[0].b: `b` is none of the known words\n  help: expected one of y"
        );
    }
}
