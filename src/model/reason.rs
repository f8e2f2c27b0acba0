//! Why something was kept, dropped, flagged or tiered: enough to compute the decision again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value in a [`Reason`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A word.
    Text(String),
    /// Several words.
    Texts(Vec<String>),
    /// Nothing was observed.
    Missing,
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Number(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<String>> for Value {
    fn from(value: Vec<String>) -> Self {
        Self::Texts(value)
    }
}

/// How an observed value is held against its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// observed <= limit; a missing value does not hold.
    AtMost,
    /// observed >= limit; a missing value does not hold.
    AtLeast,
    /// observed < limit; a missing value does not hold.
    Below,
    /// observed == limit.
    Equals,
    /// observed (or one of the observed) is one of the limit's words.
    OneOf,
    /// none of the observed is one of the limit's words.
    NoneOf,
}

impl Comparison {
    /// Whether the observation satisfies the limit.
    pub fn holds(self, observed: &Value, limit: &Value) -> bool {
        match (self, observed, limit) {
            (Self::AtMost, Value::Number(a), Value::Number(b)) => a <= b,
            (Self::AtLeast, Value::Number(a), Value::Number(b)) => a >= b,
            (Self::Below, Value::Number(a), Value::Number(b)) => a < b,
            (Self::AtMost | Self::AtLeast | Self::Below, _, _) => false,
            (Self::Equals, a, b) => a == b,
            (Self::OneOf, a, b) => shares_word(a, b),
            (Self::NoneOf, a, b) => !shares_word(a, b),
        }
    }
}

fn words(value: &Value) -> &[String] {
    match value {
        Value::Text(word) => std::slice::from_ref(word),
        Value::Texts(words) => words,
        Value::Flag(_) | Value::Number(_) | Value::Missing => &[],
    }
}

fn shares_word(a: &Value, b: &Value) -> bool {
    words(a).iter().any(|word| words(b).contains(word))
}

/// One step of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Id of the filter, model or rule (`tierline explain RULE` tells it).
    pub rule: String,
    /// What was seen.
    pub observed: Value,
    /// How it was compared.
    pub comparison: Comparison,
    /// With what.
    pub limit: Value,
    /// Whether the comparison held. Always `comparison.holds(observed, limit)`.
    pub holds: bool,
    /// Where the limit comes from: a source id of the policy.
    pub source: String,
    /// The same in words.
    pub text: String,
}

impl Reason {
    /// Compares, and keeps what was compared. `rule` and `source` are ids.
    pub fn new(
        rule: &str,
        observed: impl Into<Value>,
        comparison: Comparison,
        limit: impl Into<Value>,
        source: &str,
    ) -> Self {
        let (observed, limit) = (observed.into(), limit.into());
        let holds = comparison.holds(&observed, &limit);
        Self {
            rule: rule.into(),
            observed,
            comparison,
            limit,
            holds,
            source: source.into(),
            text: String::new(),
        }
    }

    /// The same with a sentence for people.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text = text.into();
        self
    }

    /// True when the stored verdict follows from the stored values.
    pub fn is_consistent(&self) -> bool {
        self.holds == self.comparison.holds(&self.observed, &self.limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_never_satisfy_a_numeric_limit() {
        for comparison in [Comparison::AtMost, Comparison::AtLeast, Comparison::Below] {
            assert!(!comparison.holds(&Value::Missing, &Value::Number(1.0)));
        }
    }

    #[test]
    fn words_meet_words() {
        let high = Value::Texts(vec!["stop_gained".into(), "frameshift_variant".into()]);
        assert!(Comparison::OneOf.holds(&"stop_gained".into(), &high));
        assert!(Comparison::NoneOf.holds(&"missense_variant".into(), &high));
    }
}
