//! Words and numbers as all reports write them.

use serde::Serialize;

use crate::model::candidate::{Domain, Tier, TieringMode};
use crate::model::grade::{CallEvent, Grade};
use crate::model::reason::{Comparison, Reason, Value};
use crate::model::results::{
    CandidateResult, EventResult, FrequencyResult, FrequencyStatus, ScoreResult, VariantResult,
};
use crate::model::sample::Role;

/// The word that JSON uses for a value of one of our enums.
pub(super) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A number without needless digits: `12`, `0.0004`, `1e-7`.
pub(super) fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 1e-4 { format!("{value:e}") } else { format!("{value}") }
}

/// A score of a predictor: `revel=0.81`.
pub(super) fn score(score: &ScoreResult) -> String {
    format!("{}={}", score.id, score.value.map_or_else(|| "no number".into(), number))
}

/// A value of a reason.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Flag(true) => "yes".into(),
        Value::Flag(false) => "no".into(),
        Value::Number(n) => number(*n),
        Value::Text(text) => text.clone(),
        Value::Texts(texts) if texts.is_empty() => "none".into(),
        Value::Texts(texts) => texts.join(", "),
        Value::Missing => "not known".into(),
    }
}

/// A comparison in words that stand before the limit.
pub(super) fn comparison(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::AtMost => "at most",
        Comparison::AtLeast => "at least",
        Comparison::Below => "below",
        Comparison::Equals => "equal to",
        Comparison::OneOf => "one of",
        Comparison::NoneOf => "none of",
    }
}

/// A reason in one line: `tier1: consequence stop_gained, one of ...: holds`.
pub(super) fn reason(reason: &Reason) -> String {
    let verdict = if reason.holds { "holds" } else { "does not hold" };
    format!(
        "{}: {} {} {}: {verdict}",
        reason.rule,
        value(&reason.observed),
        comparison(reason.comparison),
        value(&reason.limit)
    )
}

/// `Tier 1`, `Domain 2`, `Untiered`.
pub(super) fn grade(tier: Option<Tier>, domain: Option<Domain>) -> &'static str {
    match (tier, domain) {
        (Some(Tier::Tier1), _) => "Tier 1",
        (Some(Tier::Tier2), _) => "Tier 2",
        (Some(Tier::Tier3), _) => "Tier 3",
        (None, Some(Domain::Domain1)) => "Domain 1",
        (None, Some(Domain::Domain2)) => "Domain 2",
        (None, Some(Domain::Domain3)) => "Domain 3",
        (None, None) => "Untiered",
    }
}

/// Sorts best first: tiers before domains before none.
pub(super) fn rank(tier: Option<Tier>, domain: Option<Domain>) -> impl Ord {
    (tier.is_none(), tier, domain.is_none(), domain)
}

/// Where a tier of copy-number variants or repeats stands among all tiers; see [`rank_of`].
fn grade_rank(grade: Option<Grade>) -> u8 {
    match grade {
        Some(Grade::Tier1) => 0,
        Some(Grade::TierA) => 1,
        Some(Grade::Tier2) => 2,
        Some(Grade::TierB) => 3,
        Some(Grade::Null) => 8,
        None => 9,
    }
}

/// Where an event of copy-number variants or repeats stands: by its tier, else by its domain; see [`rank_of`].
pub(super) fn call_rank(event: &CallEvent) -> u8 {
    match (event.tier, event.domain) {
        (None, Some(_)) => rank_of(None, event.domain),
        (tier, _) => grade_rank(tier),
    }
}

/// The same for small variants: Tier 1, A, 2, B, 3, domains, Null, none.
pub(super) fn rank_of(tier: Option<Tier>, domain: Option<Domain>) -> u8 {
    match (tier, domain) {
        (Some(Tier::Tier1), _) => 0,
        (Some(Tier::Tier2), _) => 2,
        (Some(Tier::Tier3), _) => 4,
        (None, Some(domain)) => 5 + domain as u8,
        (None, None) => 9,
    }
}

/// A mode of inheritance for people.
pub(super) fn mode(mode: TieringMode) -> &'static str {
    match mode {
        TieringMode::Biallelic => "Biallelic",
        TieringMode::MonoallelicNotImprinted => "Monoallelic, not imprinted",
        TieringMode::MonoallelicMaternallyImprinted => "Monoallelic, maternally imprinted",
        TieringMode::MonoallelicPaternallyImprinted => "Monoallelic, paternally imprinted",
        TieringMode::XlinkedBiallelic => "X-linked, biallelic in females",
        TieringMode::XlinkedMonoallelic => "X-linked, monoallelic in females",
        TieringMode::Mitochondrial => "Mitochondrial",
        TieringMode::Ylinked => "Y-linked",
        TieringMode::Na => "Not applicable",
    }
}

/// A role for people.
pub(super) fn role(role: Role) -> &'static str {
    match role {
        Role::Proband => "Proband",
        Role::Mother => "Mother",
        Role::Father => "Father",
        Role::Sibling => "Sibling",
        Role::Relative => "Relative",
        Role::Tumour => "Tumour",
        Role::Normal => "Normal",
    }
}

/// `0.00012`, `not listed`, `not assessed`.
pub(super) fn frequency(frequency: &FrequencyResult) -> String {
    match (frequency.status, frequency.value) {
        (FrequencyStatus::Observed, Some(value)) => number(value),
        (FrequencyStatus::AbsentFromSource, _) => "not listed".into(),
        (FrequencyStatus::NotAssessed | FrequencyStatus::Observed, _) => "not assessed".into(),
    }
}

/// The largest frequency that is known; `None` when none is.
pub(super) fn largest_frequency(candidate: &CandidateResult) -> Option<(&FrequencyResult, f64)> {
    candidate
        .frequencies
        .iter()
        .filter_map(|frequency| frequency.value.map(|value| (frequency, value)))
        .fold(None, |best, item| match best {
            Some((_, known)) if item.1 <= known => best,
            _ => Some(item),
        })
}

/// `chr20:1234 A>T`.
pub(super) fn variant(candidate: &CandidateResult) -> String {
    place(&candidate.variant)
}

/// The same of a variant alone.
pub(super) fn place(variant: &VariantResult) -> String {
    let VariantResult { contig, position, reference, alternate } = variant;
    format!("{contig}:{position} {reference}>{alternate}")
}

/// A change with the sequence that it counts on, as HGVS wants it; `None` when that is not known.
pub(super) fn with_sequence(sequence: Option<&str>, change: &str) -> Option<String> {
    if change.contains(':') {
        return Some(change.to_owned());
    }
    sequence.map(|sequence| format!("{sequence}:{change}"))
}

/// Names of the terms that qualify, joined as VCF annotations do.
pub(super) fn terms(event: &EventResult) -> String {
    event.terms.iter().map(|term| term.name.as_str()).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(number(0.0), "0");
        assert_eq!(number(30.0), "30");
        assert_eq!(number(0.001), "0.001");
        assert_eq!(number(0.000_004), "4e-6");
    }

    #[test]
    fn tiers_come_before_domains_before_none() {
        let mut all = [
            (None, None),
            (None, Some(Domain::Domain1)),
            (Some(Tier::Tier3), None),
            (Some(Tier::Tier1), None),
        ];
        all.sort_by_key(|&(tier, domain)| rank(tier, domain));
        let grades = all.map(|(tier, domain)| grade(tier, domain));
        assert_eq!(grades, ["Tier 1", "Tier 3", "Domain 1", "Untiered"]);
    }
}
