//! What the results do not speak of, in one place for all reports: not assessed is not absent.

use std::collections::BTreeMap;

use crate::model::identity::{Estimate, Relation};
use crate::model::notice::NoticeKind;
use crate::model::results::{
    AnalysisDecision, CandidateResult, CaseResults, FrequencyStatus, Zygosity,
};
use crate::model::sample::Role;
use crate::model::verdict::Outcome;

use super::{additional, chromosomes, germline, shown, text};

/// Every question of the case that was not assessed, one sentence each; never empty.
pub(super) fn not_assessed(results: &CaseResults) -> Vec<String> {
    let mut all = scope(results);
    all.extend(entities(results));
    let unlooked = results.looked_for.is_none();
    for panel in results.panels.iter().filter(|p| unlooked && p.regions + p.strs > 0) {
        all.push(format!(
            "Panel {} lists {} regions and {} short tandem repeats, which were not assessed{}{}.",
            panel.name,
            panel.regions,
            panel.strs,
            if panel.entities.is_empty() { "" } else { ": " },
            panel.entities.join(", ")
        ));
    }
    for unseen in &results.genes_not_annotated {
        all.push(format!(
            "Genes of panel {} not assessed, since the annotation never names them ({}): {}.",
            unseen.panel,
            unseen.genes.len(),
            unseen.genes.join(", ")
        ));
    }
    if !is_tumour(results) {
        all.extend(additional::not_looked_for(results.additional.as_ref()));
    }
    all.extend(identity(results));
    all.extend(consent(results));
    all.extend(quality(results));
    let notices = results.notices.iter().filter(|notice| notice.kind == NoticeKind::NotAssessed);
    all.extend(notices.map(|notice| sentence(&notice.text)));
    all
}

/// Green regions and repeats of the panels that were not assessed, one sentence a panel and reason.
fn entities(results: &CaseResults) -> Vec<String> {
    let gaps = results.looked_for.iter().flat_map(|looked| &looked.gaps);
    let mut by_why: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for gap in gaps {
        by_why.entry((&gap.panel, &gap.why)).or_default().push(&gap.entity);
    }
    let one = |((panel, why), names): ((&str, &str), Vec<&str>)| {
        let names = names.join(", ");
        format!("Green regions or repeats of panel {panel} were not assessed ({why}): {names}.")
    };
    by_why.into_iter().map(one).collect()
}

/// Kinds of findings that this program does not look for, whatever the inputs.
fn scope(results: &CaseResults) -> Vec<String> {
    let mut all = Vec::new();
    let mut other: Vec<&str> = Vec::new();
    if is_tumour(results) {
        all.extend(structural_scope(results));
        if results.biomarkers.is_none() {
            other.push(
                "Mutational burden, signatures, microsatellite instability and tumour purity were \
                not assessed.",
            );
        }
        all.extend(germline_scope(results));
        if !results.removed.is_empty() {
            all.push(format!(
                "{} somatic variants were removed by marks and have no domain; report.html lists them.",
                results.removed.len()
            ));
        }
    } else {
        all.extend(structural_scope(results));
        let looked = results.looked_for.as_ref();
        if !looked.is_some_and(|looked| looked.repeats) {
            other.push("Short tandem repeats were not looked for: no file of repeats was given.");
        }
        all.extend(chromosomes::not_assessed(results));
        other.push(
            "Pharmacogenomic findings were not looked for in any member, whatever was consented to.",
        );
    }
    all.extend(other.into_iter().map(str::to_owned));
    all
}

fn germline_scope(results: &CaseResults) -> Vec<String> {
    let found = results.pertinent.as_ref();
    let looked = found.is_some_and(|found| found.looked_for.why_not().is_none());
    if looked && !shown::germline_allowed(results) {
        let told = "Germline findings in the normal sample are not shown: these results record no consent to them.";
        return vec![told.into()];
    }
    germline::not_looked_for(found)
}

/// Callers whose files the case does not give.
fn structural_scope(results: &CaseResults) -> Vec<String> {
    let looked = results.looked_for.as_ref();
    let stopped = results.identity.as_ref().is_some_and(|identity| identity.stopped);
    let why = looked.and_then(|looked| looked.why_not.as_deref());
    if let Some(why) = why.or(stopped.then_some("identity checks stopped the case")) {
        return vec![format!("Copy-number and structural variants were not assessed: {why}.")];
    }
    let copies = looked.is_some_and(|looked| looked.copy_number);
    let breaks = looked.is_some_and(|looked| looked.breakpoints);
    [
        (copies, "Copy-number variants were not looked for: no file of a copy-number caller was given."),
        (breaks, "Structural variants were not looked for: no file of a structural-variant caller was given."),
    ]
    .into_iter()
    .filter(|(looked, _)| !looked)
    .map(|(_, text)| text.to_owned())
    .collect()
}

/// What identity checks could not tell.
pub(super) fn identity(results: &CaseResults) -> Vec<String> {
    let Some(found) = &results.identity else {
        return vec![
            "The identity of the samples was not assessed: for sex, relatedness and contamination \
            there were neither reads at known sites nor calls of two members in one file."
                .to_owned(),
        ];
    };
    let named = |members: Vec<u16>| {
        let name = |number: &u16| {
            let role = results.member(*number).map_or("", |member| text::role(member.role));
            format!("{number} {role}").trim_end().to_owned()
        };
        members.iter().map(name).collect::<Vec<_>>().join(", ")
    };
    let analysed = results.consent.iter().filter(|own| own.analysis == AnalysisDecision::Allowed);
    let analysed: Vec<u16> = analysed.map(|record| record.member).collect();
    let without = |known: &dyn Fn(u16) -> bool| -> Vec<u16> {
        analysed.iter().copied().filter(|number| !known(*number)).collect()
    };
    let measured = |number| {
        let mut own = found.samples.iter().filter(|sample| sample.member == number);
        own.any(|own| own.identity.decisive().and_then(Estimate::measured).is_some())
    };
    let related = |number| {
        let mut own = found.pairs.iter().filter(|pair| pair.members.contains(&number));
        own.any(|pair| pair.relation != Relation::TooFewSites)
    };
    let told = |number| {
        let mut own = found.sexes.iter().filter(|sex| sex.member == number);
        own.any(|sex| sex.outcome != Outcome::NotAssessed)
    };
    let tumour = is_tumour(results);
    let mut all = Vec::new();
    let mut tell = |text: &str, members: Vec<u16>| {
        if !members.is_empty() {
            all.push(format!("{text} for members {}.", named(members)));
        }
    };
    tell("Contamination by another person was not assessed", without(&measured));
    let with_sex =
        |number| told(number) || tumour && found.sexes.iter().all(|sex| sex.member != number);
    tell("The stated sex was not compared with the sample", without(&with_sex));
    if !tumour && analysed.len() > 1 {
        tell("Relations to the other members were not assessed", without(&related));
    }
    let pair = found.tumour.as_ref();
    if tumour && analysed.len() > 1 && pair.is_none_or(|own| own.outcome == Outcome::NotAssessed) {
        all.push("Whether tumour and normal sample are one person was not assessed.".to_owned());
    }
    all
}

/// True for a tumour, with or without its normal.
pub(super) fn is_tumour(results: &CaseResults) -> bool {
    results.case.kind.starts_with("tumour")
}

fn consent(results: &CaseResults) -> impl Iterator<Item = String> {
    results.consent.iter().filter_map(|record| {
        let why = match record.analysis {
            AnalysisDecision::Refused => "no consent to be analysed is recorded",
            AnalysisDecision::Withdrawn => "consent was withdrawn",
            AnalysisDecision::Allowed | AnalysisDecision::NoSample => return None,
        };
        let (number, role) = (record.member, text::role(record.role));
        Some(format!("Member {number} ({role}) was not assessed: {why}."))
    })
}

/// Members whose variants were read but not their alignments.
fn quality(results: &CaseResults) -> Option<String> {
    let unread: Vec<String> = results
        .consent
        .iter()
        .filter(|record| record.analysis == AnalysisDecision::Allowed)
        .filter(|record| results.qc.iter().all(|qc| qc.member != record.member))
        .map(|record| format!("{} {}", record.member, text::role(record.role)))
        .collect();
    (!unread.is_empty()).then(|| {
        format!("Quality of the reads was not assessed for members {}.", unread.join(", "))
    })
}

/// What could not be told about one variant, a few words each; empty when everything could.
pub(super) fn not_assessed_of(candidate: &CandidateResult) -> Vec<String> {
    let mut all = Vec::new();
    let mut titles: Vec<&str> = Vec::new();
    for frequency in &candidate.frequencies {
        if !titles.contains(&frequency.title.as_str()) {
            titles.push(&frequency.title);
        }
    }
    for title in titles {
        let own = || candidate.frequencies.iter().filter(|f| f.title == title);
        let unknown: Vec<&str> = own()
            .filter(|f| f.status == FrequencyStatus::NotAssessed)
            .map(|f| f.population.as_str())
            .collect();
        if unknown.len() == own().count() {
            all.push(format!("frequency in {title} not assessed"));
        } else if !unknown.is_empty() {
            all.push(format!("frequency in {title} not assessed for {}", unknown.join(", ")));
        }
    }
    if candidate.frequencies.is_empty() {
        all.push("population frequency not assessed".into());
    }
    for call in candidate.calls.iter().filter(|call| call.zygosity == Zygosity::Missing) {
        let (number, role) = (call.member, text::word(call.role));
        let why = if call.role == Role::Tumour { "the caller writes none" } else { "no call" };
        all.push(format!("genotype of member {number} ({role}) not assessed: {why}"));
    }
    all
}

/// With a capital letter and a full stop; names with capitals of their own (`gnomAD`) stay as they are.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let first = text.split(' ').next().unwrap_or_default();
    let mut chars = text.chars();
    let mut sentence: String = if first.chars().skip(1).any(char::is_uppercase) {
        String::new()
    } else {
        chars.next().into_iter().flat_map(char::to_uppercase).collect()
    };
    sentence.push_str(chars.as_str());
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn every_gap_of_the_case_is_told() {
        let mut results = fixture::trio();
        results.identity = None;
        results.qc.remove(1);
        results.consent[2].analysis = AnalysisDecision::Refused;
        let all = not_assessed(&results).join("\n");
        for gap in [
            "Copy-number variants",
            "sex, relatedness and contamination",
            "3 regions and 2 short tandem repeats",
            "ASXL3",
            "Member 3 (Father) was not assessed",
            "for members 2 Mother.",
            "internal cohort",
        ] {
            assert!(all.contains(gap), "{gap} in {all}");
        }
        assert!(not_assessed(&fixture::tumour()).join(" ").contains("Mutational burden"));
    }

    #[test]
    fn what_identity_checks_told_is_no_gap_and_the_rest_is() {
        let results = fixture::trio();
        let gaps = identity(&results);
        assert_eq!(
            gaps,
            [
                "Contamination by another person was not assessed for members 3 Father.",
                "The stated sex was not compared with the sample for members 3 Father.",
            ]
        );
    }

    #[test]
    fn gaps_of_a_variant_name_dataset_and_member() {
        let on_x = &fixture::trio().candidates[3];
        let gaps = not_assessed_of(on_x).join("; ");
        assert!(gaps.contains("genotype of member 2 (mother) not assessed: no call"), "{gaps}");
        assert!(gaps.contains("not assessed"), "{gaps}");
        let bare = CandidateResult { frequencies: Vec::new(), calls: Vec::new(), ..on_x.clone() };
        assert_eq!(not_assessed_of(&bare), ["population frequency not assessed"]);
    }

    #[test]
    fn notices_become_sentences() {
        assert_eq!(sentence("internal cohort not assessed"), "Internal cohort not assessed.");
        assert_eq!(sentence("Done."), "Done.");
        assert_eq!(sentence("gnomAD exomes not assessed"), "gnomAD exomes not assessed.");
        assert_eq!(sentence(""), ".");
    }
}
