//! Population frequencies and ClinVar as a file annotates them.

use super::header::Number;
use crate::model::annotation::{ClinVar, FrequencyValue, PATHOGENIC, PATHOGENIC_BY_SUBMISSIONS};

/// Frequency of ALT number `alternate` (of `alternates`) in the value of an INFO key; `None` when the key is absent.
/// Text that is no number from 0 to 1 is not assessed: it is not known to be rare.
pub(super) fn of_info(
    value: Option<&[u8]>,
    number: Number,
    alternate: usize,
    alternates: usize,
) -> FrequencyValue {
    let Some(value) = value else { return FrequencyValue::AbsentFromSource };
    let items = || value.split(|&b| b == b',');
    let per_alternate = match number {
        Number::PerAlternate => true,
        Number::PerAllele => {
            return greatest(items().nth(alternate).unwrap_or_default());
        }
        // Fields without a stated number are per ALT when they have as many values.
        _ => alternates > 1 && items().count() == alternates,
    };
    if per_alternate {
        return greatest(items().nth(alternate - 1).unwrap_or_default());
    }
    greatest_of(items().map(greatest))
}

/// Frequency in the field of an annotation entry. Old VEP writes `T:0.037&C:0.543`: then only the entry's own allele counts.
pub(super) fn of_entry(value: &[u8], allele: &[u8]) -> FrequencyValue {
    if !value.contains(&b':') {
        return greatest(value);
    }
    greatest_of(value.split(|&b| b == b'&').filter_map(|item| {
        let colon = memchr::memchr(b':', item)?;
        (&item[..colon] == allele).then(|| greatest(&item[colon + 1..]))
    }))
}

/// The greatest of values joined by `&` or `|`.
fn greatest(text: &[u8]) -> FrequencyValue {
    if let Some(value) = decimal(text).filter(|value| (0.0..=1.0).contains(value)) {
        return FrequencyValue::Observed(value);
    }
    if !text.iter().any(|byte| matches!(byte, b'&' | b'|')) {
        return single(text);
    }
    greatest_of(text.split(|byte| matches!(byte, b'&' | b'|')).map(single))
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Decimal digits that a double holds exactly, whatever they are.
const MOST_DIGITS: u32 = 15;

/// A number of at most [`MOST_DIGITS`] digits, as annotators write frequencies; `None` for anything else, which may still be a number.
///
/// Digits and power of ten are exact doubles, so that one division rounds as reading the text does (Clinger 1990).
pub(super) fn decimal(text: &[u8]) -> Option<f64> {
    let (mut digits, mut count, mut decimals, mut point) = (0_u64, 0_u32, 0_i32, false);
    let mut rest = text.iter();
    let mut exponent = 0;
    while let Some(&byte) = rest.next() {
        match byte {
            b'0'..=b'9' => {
                if count == MOST_DIGITS {
                    return None;
                }
                digits = digits * 10 + u64::from(byte - b'0');
                count += 1;
                decimals += i32::from(point);
            }
            b'.' if !point => point = true,
            b'e' | b'E' => {
                let tail = rest.as_slice();
                let (sign, power) = match tail {
                    [b'-', power @ ..] => (-1, power),
                    [b'+', power @ ..] | power => (1, power),
                };
                if !(1..=2).contains(&power.len()) || !power.iter().all(u8::is_ascii_digit) {
                    return None;
                }
                let power = power.iter().fold(0, |sum, &byte| sum * 10 + i32::from(byte - b'0'));
                exponent = sign * power;
                break;
            }
            _ => return None,
        }
    }
    if count == 0 {
        return None;
    }
    let power = exponent - decimals;
    let ten = *TENS.get(power.unsigned_abs() as usize)?;
    Some(if power < 0 { digits as f64 / ten } else { digits as f64 * ten })
}

/// One value: blank or `.` is a site that the source does not list.
fn single(text: &[u8]) -> FrequencyValue {
    if matches!(text, b"" | b".") {
        return FrequencyValue::AbsentFromSource;
    }
    let value = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse::<f64>().ok());
    // NaN lies in no range; -1 is one annotator's mark for "not there", another's for "not looked at".
    value
        .filter(|value| (0.0..=1.0).contains(value))
        .map_or(FrequencyValue::NotAssessed, FrequencyValue::Observed)
}

/// The greatest value; not assessed when one of them could not be read, since that one may be greater.
fn greatest_of(values: impl Iterator<Item = FrequencyValue>) -> FrequencyValue {
    use FrequencyValue::{AbsentFromSource, NotAssessed, Observed};
    values.fold(AbsentFromSource, |best, next| match (best, next) {
        (NotAssessed, _) | (_, NotAssessed) => NotAssessed,
        (Observed(a), Observed(b)) => Observed(a.max(b)),
        (AbsentFromSource, _) => next,
        (_, AbsentFromSource) => best,
    })
}

/// ClinVar from the texts of significance and review status; `None` when there is no significance.
pub(super) fn clinvar(significance: &[u8], review: Option<&[u8]>) -> Option<ClinVar> {
    let text = String::from_utf8_lossy(significance).to_ascii_lowercase();
    let text = whole_words(&text);
    let mut words: Vec<String> = text
        .split(['|', '/', '&', ',', ';'])
        .map(|word| word.trim_matches(['_', ' ']))
        .filter(|word| !word.is_empty() && *word != ".")
        .map(|word| old_code(word).unwrap_or(word).to_owned())
        .collect();
    words.sort_unstable();
    words.dedup();
    if words.is_empty() {
        return None;
    }
    let stars: Vec<u8> = review.map(stars).unwrap_or_default();
    // METHOD: older files list several submissions with their own states. When these disagree in significance, the
    // weakest review state counts, since it is not known to which word the better one belongs.
    let stars = if words.len() == 1 { stars.iter().max() } else { stars.iter().min() };
    Some(ClinVar { significance: words, stars: stars.copied(), ..ClinVar::default() })
}

/// `Pathogenic,_low_penetrance` is one word.
fn whole_words(text: &str) -> String {
    text.replace(",_low_penetrance", "_low_penetrance")
        .replace("&_low_penetrance", "_low_penetrance")
}

/// Adds what single submissions say (`Pathogenic(3)|Benign(1)`). Where they conflict and a rule is given (least pathogenic,
/// most benign ones), a variant within it gets the word [`PATHOGENIC_BY_SUBMISSIONS`].
pub(super) fn with_submissions(
    mut clinvar: ClinVar,
    text: &[u8],
    rule: Option<(u32, u32)>,
) -> ClinVar {
    let text = String::from_utf8_lossy(text).to_ascii_lowercase();
    let text = whole_words(&text);
    for item in text.split(['|', ',', '&']) {
        let Some((word, count)) = item.trim_end_matches(')').rsplit_once('(') else { continue };
        if let Ok(count) = count.parse::<u32>() {
            let word = word.trim_matches(['_', ' ']).to_owned();
            let sum = clinvar.submissions.entry(word).or_default();
            *sum = sum.saturating_add(count);
        }
    }
    let sum = |is: &dyn Fn(&str) -> bool| {
        let own = clinvar.submissions.iter().filter(|(word, _)| is(word));
        own.fold(0_u32, |sum, (_, count)| sum.saturating_add(*count))
    };
    let pathogenic = sum(&|word| PATHOGENIC.contains(&word));
    let benign = sum(&|word| matches!(word, "benign" | "likely_benign"));
    let conflicts = clinvar.significance.iter().any(|word| word.starts_with("conflicting"));
    if rule.is_some_and(|(least, most)| conflicts && pathogenic >= least && benign <= most) {
        clinvar.significance.push(PATHOGENIC_BY_SUBMISSIONS.to_owned());
        clinvar.significance.sort_unstable();
    }
    clinvar
}

/// Numbers of ClinVar files before 2017.
fn old_code(word: &str) -> Option<&'static str> {
    Some(match word {
        "0" => "uncertain_significance",
        "1" => "not_provided",
        "2" => "benign",
        "3" => "likely_benign",
        "4" => "likely_pathogenic",
        "5" => "pathogenic",
        "6" => "drug_response",
        "7" => "histocompatibility",
        "255" => "other",
        _ => return None,
    })
}

/// Review stars of each state. A state's own commas are followed by `_` (`criteria_provided,_single_submitter`); VEP
/// writes `&` for them.
fn stars(review: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(review).to_ascii_lowercase();
    let text = text.replace(",_", " ").replace("&_", " ");
    text.split(['|', ',', '&', ';']).filter_map(stars_of).collect()
}

fn stars_of(state: &str) -> Option<u8> {
    let has = |word: &str| state.contains(word);
    let state_is = |words: &[&str]| words.contains(&state.trim_matches(['_', ' ']));
    if has("practice_guideline") || state_is(&["guideline"]) {
        Some(4)
    } else if has("expert_panel") || state_is(&["exp"]) {
        Some(3)
    } else if (has("multiple_submitters") && has("no_conflicts")) || state_is(&["mult"]) {
        Some(2)
    } else if has("conflicting") || has("single_submitter") || state_is(&["conf", "single"]) {
        Some(1)
    } else if has("no_assertion") || has("no_criteria") || has("no_classification") {
        Some(0)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FrequencyValue::{AbsentFromSource, NotAssessed, Observed};

    #[test]
    fn short_numbers_are_read_as_the_standard_library_reads_them() {
        for text in [
            "0",
            "1",
            "0.5",
            ".5",
            "5.",
            "0.0003487",
            "3.487e-04",
            "6.57e-6",
            "1E2",
            "1e+1",
            "0.1e-21",
        ] {
            assert_eq!(decimal(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for text in [
            "",
            ".",
            "e5",
            "1e",
            "1e-",
            "1e-123",
            "1.2.3",
            "-1",
            "nan",
            "1 ",
            "0.1234567890123456",
            "184467440737095516160.1",
        ] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
        let mut state = 1_u64;
        for _ in 0..20_000 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let text =
                format!("{}.{:012}e-{}", state >> 63, state % 1_000_000_000_000, state >> 59);
            let expected: f64 = text.parse().unwrap();
            assert_eq!(decimal(text.as_bytes()).unwrap_or(expected).to_bits(), expected.to_bits());
        }
    }

    #[test]
    fn info_values_are_taken_by_alternate() {
        let a = Number::PerAlternate;
        assert_eq!(of_info(Some(b"0.1,0.2"), a, 2, 2), Observed(0.2));
        assert_eq!(of_info(Some(b"0.1,."), a, 2, 2), AbsentFromSource);
        assert_eq!(of_info(Some(b"0.1"), a, 2, 2), AbsentFromSource);
        assert_eq!(of_info(None, a, 1, 1), AbsentFromSource);
        assert_eq!(of_info(Some(b"0.01&0.3"), Number::Fixed(1), 1, 1), Observed(0.3));
        assert_eq!(of_info(Some(b"0.1,0.2"), Number::Unknown, 1, 2), Observed(0.1));
        assert_eq!(of_info(Some(b"1e-5"), a, 1, 1), Observed(1e-5));
        assert_eq!(of_info(Some(b"."), a, 1, 1), AbsentFromSource);
        assert_eq!(of_info(Some(b".&0.2"), a, 1, 1), Observed(0.2));
        assert_eq!(of_info(Some(b".&0.2&bad"), a, 1, 1), NotAssessed);
    }

    #[test]
    fn what_is_no_frequency_is_not_assessed() {
        for text in ["-1", "nan", "1.5", "0,5", "low", "inf", "0.1.2"] {
            let found = of_info(Some(text.as_bytes()), Number::Fixed(1), 1, 1);
            assert_eq!(found, NotAssessed, "{text}");
            assert_eq!(of_entry(text.as_bytes(), b"T"), NotAssessed, "{text}");
        }
    }

    #[test]
    fn entry_values_may_carry_alleles() {
        assert_eq!(of_entry(b"0.02", b"T"), Observed(0.02));
        assert_eq!(of_entry(b"", b"T"), AbsentFromSource);
        assert_eq!(of_entry(b"T:0.037&C:0.543", b"C"), Observed(0.543));
        assert_eq!(of_entry(b"T:0.037", b"C"), AbsentFromSource);
    }

    #[test]
    fn clinvar_in_old_and_new_words() {
        let read = |significance: &str, review: &str| {
            let found = clinvar(significance.as_bytes(), Some(review.as_bytes())).unwrap();
            (found.significance.join(" "), found.stars)
        };
        let cases = [
            (
                "Pathogenic/Likely_pathogenic",
                "criteria_provided,_multiple_submitters,_no_conflicts",
                ("likely_pathogenic pathogenic", Some(2)),
            ),
            ("5|2", "no_criteria|mult", ("benign pathogenic", Some(0))),
            ("0,0", "single,single", ("uncertain_significance", Some(1))),
            (
                "Uncertain_significance",
                "criteria_provided&_single_submitter",
                ("uncertain_significance", Some(1)),
            ),
            (
                "Conflicting_interpretations_of_pathogenicity",
                "_conflicting_interpretations",
                ("conflicting_interpretations_of_pathogenicity", Some(1)),
            ),
            ("Pathogenic", "reviewed_by_expert_panel", ("pathogenic", Some(3))),
            ("Pathogenic", "no_assertion_criteria_provided", ("pathogenic", Some(0))),
        ];
        for (significance, review, (words, stars)) in cases {
            assert_eq!(read(significance, review), (words.to_owned(), stars), "{significance}");
        }
        let low = "Pathogenic/Pathogenic,_low_penetrance|other";
        assert_eq!(read(low, "."), ("other pathogenic pathogenic_low_penetrance".into(), None));
        assert_eq!(clinvar(b".", None), None);
        assert_eq!(clinvar(b"benign&drug_response", None).unwrap().stars, None);
    }
    #[test]
    fn conflicting_submissions_are_counted_by_the_rule() {
        let conflicting = b"Conflicting_classifications_of_pathogenicity";
        let read = |text: &str, rule| {
            let found =
                clinvar(conflicting, Some(b"criteria_provided,_conflicting_classifications"));
            with_submissions(found.unwrap(), text.as_bytes(), rule)
        };
        let rule = Some((1, 1));
        for (text, rule, counts) in [
            ("Pathogenic(3)|Uncertain_significance(2)", rule, true),
            ("Likely_pathogenic(1)|Benign(1)", rule, true),
            ("Pathogenic,_low_penetrance(1),Likely_benign(1)", rule, true),
            ("Pathogenic(5)|Benign(1)|Likely_benign(1)", rule, false),
            ("Uncertain_significance(2)|Benign(1)", rule, false),
            ("Pathogenic(3)|Uncertain_significance(2)", None, false),
            ("", rule, false),
        ] {
            let found = read(text, rule);
            assert_eq!((found.is_pathogenic(), found.stars), (counts, Some(1)), "{text}");
        }
        assert_eq!(
            read("Pathogenic(3)|Benign(x)", None).submissions,
            [("pathogenic".into(), 3)].into()
        );
        let agreed = clinvar(b"Benign", None).unwrap();
        assert!(!with_submissions(agreed, b"Pathogenic(1)", rule).is_pathogenic());
    }
}
