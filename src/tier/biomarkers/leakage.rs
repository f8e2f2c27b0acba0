//! Signs that germline variants are among the somatic ones.

use super::matrices::Snv;
use super::substitutions::substitution;
use crate::model::biomarkers::Assessed;
use crate::model::biomarkers::shape::{Leakage, Share};
use crate::model::mutation_type::SUBSTITUTIONS;
use crate::model::somatic_call::{Marks, SomaticCall, SomaticCalls};
use crate::policy::biomarkers::LeakagePolicy;

/// The report. `germline` tells of each variant in order whether the normal sample's own calls have it; `None` without such
/// calls.
pub(super) fn leakage(
    calls: &SomaticCalls,
    snvs: &[Snv],
    germline: Option<&[bool]>,
    rules: &LeakagePolicy,
) -> Leakage {
    let share = |asked: &dyn Fn(&SomaticCall<'_>) -> Option<bool>, missing: &str| {
        let answers = || calls.iter().filter_map(|call| asked(&call));
        let found =
            Share::new(answers().filter(|&holds| holds).count() as u64, answers().count() as u64);
        found.map_or_else(|| Assessed::not(missing), Assessed::Measured)
    };
    let known = |mark: Marks| {
        move |call: &SomaticCall<'_>| {
            call.marks.has(Marks::FREQUENCY_KNOWN).then(|| call.marks.has(mark))
        }
    };
    let no_frequency = "no variant has a population frequency";
    let [least, most] = rules.half.value;
    let half =
        |call: &SomaticCall<'_>| call.tumour.vaf().map(|share| (least..=most).contains(&share));
    let in_normal = |call: &SomaticCall<'_>| call.normal.alternate.map(|reads| reads > 0);
    let in_germline_calls = match germline {
        None => Assessed::not("the case gives no germline calls of the normal sample"),
        Some(found) => {
            let count = found.iter().filter(|&&holds| holds).count() as u64;
            Share::new(count, found.len() as u64)
                .map_or_else(|| Assessed::not("there are no variants"), Assessed::Measured)
        }
    };
    let mut leakage = Leakage {
        common: share(&known(Marks::COMMON), no_frequency),
        in_population: share(&known(Marks::IN_POPULATION), no_frequency),
        in_normal: share(&in_normal, "no variant tells the reads of a normal sample"),
        in_germline_calls,
        half: share(&half, "no variant tells the reads of the tumour"),
        transitions_to_transversions: ratio(snvs),
        warnings: Vec::new(),
    };
    leakage.warnings = warnings(&leakage, rules);
    leakage
}

fn ratio(snvs: &[Snv]) -> Option<f64> {
    let kinds = || snvs.iter().filter_map(|snv| substitution(snv.reference, snv.alternate));
    let all = kinds().count();
    let is_transition = |kind: usize| matches!(SUBSTITUTIONS[kind], "C>T" | "T>C");
    let transitions = kinds().filter(|seen| is_transition(seen.kind)).count();
    (all > transitions).then(|| transitions as f64 / (all - transitions) as f64)
}

fn warnings(leakage: &Leakage, rules: &LeakagePolicy) -> Vec<String> {
    let above = |found: &Assessed<Share>, most: f64, what: &str| {
        let found = found.measured().filter(|found| found.share > most)?;
        Some(format!(
            "{:.1} % of the somatic variants {what}, more than {:.1} %",
            100.0 * found.share,
            100.0 * most
        ))
    };
    [
        above(&leakage.common, rules.max_common_share.value, "are common in a population"),
        above(
            &leakage.in_germline_calls,
            rules.max_germline_share.value,
            "are among the germline calls of the normal sample",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
