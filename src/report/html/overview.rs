//! The head of the page: what was found, in whom, with what, and what was not looked at.

use crate::model::notice::NoticeKind;
use crate::model::results::{
    AnalysisDecision, CaseResults, ConsentRecord, MemberSummary, PanelSummary,
};
use crate::model::sample::Role;
use crate::report::{index_member, limits, text};

use super::page::Page;

pub(super) fn banner(page: &mut Page, results: &CaseResults) {
    page.markup("<header>\n<p class=\"kicker\">Whole-genome variant report · ");
    page.text(kind(&results.case.kind)).markup("</p>\n<h1>Case ");
    page.text(&results.case.id).markup("</h1>\n</header>\n");
}

/// Whose page it is, on every printed one.
pub(super) fn foot(results: &CaseResults) -> String {
    let sample = index_member(results).and_then(|member| member.sample.as_deref());
    let sample = sample.map_or_else(String::new, |sample| format!(", sample {sample}"));
    format!("Case {}{sample}, {}", results.case.id, results.case.assembly)
}

pub(super) fn summary(page: &mut Page, results: &CaseResults) {
    page.markup("<section aria-labelledby=\"h-summary\">\n<h2 id=\"h-summary\">Summary</h2>\n");
    page.markup("<dl class=\"summary\">\n<div><dt>Found</dt><dd><strong>");
    page.text(&count_line(results)).markup("</strong>");
    for line in other_count_lines(results) {
        page.markup(" <strong>").text(&line).markup("</strong>");
    }
    if let Some(line) = possible_line(results) {
        page.markup(" <strong class=\"flag\">").text(&line).markup("</strong>");
    }
    page.markup("</dd></div>\n");
    let index = |m: &&MemberSummary| matches!(m.role, Role::Proband | Role::Tumour);
    let (people, others): (Vec<_>, Vec<_>) = results.case.members.iter().partition(index);
    page.pairs("Person", &people.iter().map(|m| person(results, m)).collect::<Vec<_>>());
    if !others.is_empty() {
        let title = if limits::is_tumour(results) { "Compared with" } else { "Relatives" };
        page.pairs(title, &others.iter().map(|m| person(results, m)).collect::<Vec<_>>());
    }
    for (title, lines) in [
        ("Tumour sample", super::biomarkers::sample_lines(results)),
        ("Biomarkers", super::biomarkers::summary_lines(results)),
    ] {
        if limits::is_tumour(results) && !lines.is_empty() {
            page.pairs(title, &lines);
        }
    }
    let title = if limits::is_tumour(results) { "Gene lists" } else { "Panels" };
    page.pairs(title, &panel_lines(results));
    page.pairs("Quality", &quality(results));
    page.pairs("Rules", &rules(results));
    page.pairs("Consent", &consent(results));
    let gaps = limits::not_assessed(results).len();
    page.pair("Not assessed", &format!("{gaps} points, in the box below. They are not negative."));
    page.markup("</dl>\n");
    not_assessed(page, results);
    page.markup("<p class=\"limits\"><strong>Decision support.</strong> ");
    page.markup("This page lists variants by rule; it makes no diagnosis. Every finding needs ");
    page.markup("review by a qualified clinical scientist, and confirmation where local practice ");
    page.markup(
        "asks for it. A gene without a finding here is not a gene without a variant.</p>\n",
    );
    page.markup("</section>\n");
}

fn kind(word: &str) -> &str {
    match word {
        "family" => "Family",
        "singleton" => "Singleton",
        "tumour-normal" => "Tumour with matched normal",
        "tumour-only" => "Tumour without normal",
        other => other,
    }
}

/// `3 variants: 2 in Tier 1, 1 in Tier 3.`
pub(super) fn count_line(results: &CaseResults) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for candidate in &results.candidates {
        let grade = text::grade(candidate.tier, candidate.domain);
        match counts.iter_mut().find(|(known, _)| *known == grade) {
            Some((_, n)) => *n += 1,
            None => counts.push((grade, 1)),
        }
    }
    if counts.is_empty() && limits::is_tumour(results) {
        return "No somatic small variant met the rules in what was assessed.".into();
    }
    if counts.is_empty() {
        return "No variant met the rules in what was assessed.".into();
    }
    let total = results.candidates.len();
    let plural = if total == 1 { "variant" } else { "variants" };
    let parts: Vec<String> = counts.iter().map(|(grade, n)| format!("{n} in {grade}")).collect();
    format!("{total} {plural}: {}.", parts.join(", "))
}

/// What was found beside small variants, one line each.
pub(super) fn other_count_lines(results: &CaseResults) -> impl Iterator<Item = String> {
    let lines = [
        super::structural::count_line(results),
        super::chromosomes::count_line(results),
        super::germline::count_line(results),
        super::additional::count_line(results),
    ];
    lines.into_iter().flatten()
}

pub(super) fn possible_line(results: &CaseResults) -> Option<String> {
    let possible =
        results.candidates.iter().filter(|c| c.events.first().is_some_and(|e| e.possible));
    match possible.count() {
        0 => None,
        n => Some(format!("{n} only possible: a genotype is missing or in doubt")),
    }
}

fn person(results: &CaseResults, member: &MemberSummary) -> String {
    let mut parts = vec![format!("{} {}", member.number, text::role(member.role))];
    let consent = results.consent.iter().find(|record| record.member == member.number);
    match (consent.map(|record| record.analysis), &member.sample) {
        (Some(AnalysisDecision::Refused), _) => parts.push("not analysed, no consent".into()),
        (Some(AnalysisDecision::Withdrawn), _) => parts.push("withdrawn, data not used".into()),
        (_, Some(sample)) => {
            parts.extend(member.id.as_ref().map(|id| format!("participant {id}")));
            parts.push(format!("sample {sample}"));
        }
        (_, None) => parts.push("not sequenced".into()),
    }
    parts.push(match text::word(member.sex) {
        sex if sex == "unknown" => "sex not stated".into(),
        sex => sex,
    });
    if !limits::is_tumour(results) {
        parts.push(match text::word(member.affected).as_str() {
            "yes" => "affected".into(),
            "no" => "not affected".into(),
            _ => "disease status uncertain".into(),
        });
    }
    parts.join(", ")
}

/// `Intellectual disability, version 7.12, GMS signed off`.
pub(super) fn panel_line(panel: &PanelSummary) -> String {
    let version = match panel.version.as_str() {
        "-" => "no version stated".to_owned(),
        version => format!("version {version}"),
    };
    let signed = if panel.signed_off { ", GMS signed off" } else { "" };
    format!("{}, {version}{signed}", panel.name)
}

fn panel_lines(results: &CaseResults) -> Vec<String> {
    if results.panels.is_empty() {
        return vec!["none".into()];
    }
    results
        .panels
        .iter()
        .map(|panel| format!("{} ({} green genes)", panel_line(panel), panel.green))
        .collect()
}

fn rules(results: &CaseResults) -> Vec<String> {
    let policy = &results.policy;
    let changes = match policy.changes.as_slice() {
        [] => String::new(),
        changes => format!(", CHANGED from its preset: {}", changes.join("; ")),
    };
    let first = format!("{} {}{changes}", policy.id, policy.version);
    let mut parts = vec![results.case.assembly.to_string()];
    parts.extend(results.case.penetrance.as_ref().map(|word| format!("penetrance {word}")));
    parts.push(format!("{} {}", results.tool.name, results.tool.version));
    vec![first, parts.join(", ")]
}

/// The verdict of every alignment, and of the comparison of the samples.
fn quality(results: &CaseResults) -> Vec<String> {
    let mut lines: Vec<String> = results
        .qc
        .iter()
        .map(|own| {
            let role = results.member(own.member).map_or("", |member| text::role(member.role));
            let verdict = own.verdict.as_ref().map_or_else(
                || "no limits, not judged".to_owned(),
                |verdict| {
                    format!("{} by {} {}", verdict.outcome.word(), verdict.set, verdict.version)
                },
            );
            format!("{} {role}: {verdict}", own.member)
        })
        .collect();
    if lines.is_empty() {
        lines.push("No alignment was read: quality not assessed".into());
    }
    lines.push(match &results.identity {
        Some(identity) => format!("Identity of the samples: {}", identity.outcome.word()),
        None => "Identity of the samples: not assessed".into(),
    });
    lines
}

fn consent(results: &CaseResults) -> Vec<String> {
    let of = |records: Vec<&ConsentRecord>| {
        let names: Vec<String> =
            records.iter().map(|r| format!("{} {}", r.member, text::role(r.role))).collect();
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let with = |pick: &dyn Fn(&ConsentRecord) -> bool| {
        of(results.consent.iter().filter(|record| pick(record)).collect())
    };
    let mut lines = vec![format!(
        "Analysis allowed: {}",
        with(&|record| record.analysis == AnalysisDecision::Allowed)
    )];
    let refused = with(&|record| record.analysis == AnalysisDecision::Refused);
    if refused != "nobody" {
        lines.push(format!("Analysis refused, data not used: {refused}"));
    }
    let withdrawn = with(&|record| record.analysis == AnalysisDecision::Withdrawn);
    if withdrawn != "nobody" {
        lines.push(format!("Withdrawn, data not used: {withdrawn}"));
    }
    lines.push(format!("Additional findings allowed: {}", with(&|record| record.secondary)));
    lines
}

fn not_assessed(page: &mut Page, results: &CaseResults) {
    page.markup("<div class=\"notice\">\n<h3>Not assessed</h3>\n");
    page.element(
        "p",
        "What is listed here was not looked at, or not fully. Not assessed does not mean absent.",
    );
    page.markup("<ul>\n");
    for gap in limits::not_assessed(results) {
        page.element("li", &gap);
    }
    page.markup("</ul>\n");
    let others: Vec<_> =
        results.notices.iter().filter(|notice| notice.kind != NoticeKind::NotAssessed).collect();
    if !others.is_empty() {
        page.markup("<h3>Notices on the inputs</h3>\n<ul>\n");
        for notice in others {
            page.element("li", &limits::sentence(&notice.text));
        }
        page.markup("</ul>\n");
    }
    page.markup("</div>\n");
}
