//! What differs between two runs as a whole.

use std::collections::BTreeMap;

use crate::model::comparison::{Cause, CauseKind, RunChange, Scope};
use crate::model::identity::CaseIdentity;
use crate::model::results::{
    AnalysisDecision, CaseResults, InputDigest, MemberSummary, PanelSummary, QualityResult,
};
use crate::model::verdict::Verdict;

use super::super::text;
use super::policy::Differs;

/// The differences, and what the records do not hold.
pub(super) fn changes(
    old: &CaseResults,
    new: &CaseResults,
    policies: Option<&[Differs]>,
) -> (Vec<RunChange>, Vec<String>) {
    let mut found = Found::default();
    identity(old, new, &mut found);
    members(old, new, &mut found);
    let penetrance = |results: &CaseResults| results.case.penetrance.clone().unwrap_or_default();
    found.note(
        true,
        CauseKind::Penetrance,
        "penetrance asked for",
        (penetrance(old), penetrance(new)),
    );
    policy(old, new, policies, &mut found);
    panels(old, new, &mut found);
    beside(old, new, &mut found);
    inputs(old, new, &mut found);
    stated("program", (&old.provenance.software, &new.provenance.software), &mut found);
    stated("database", (&old.provenance.databases, &new.provenance.databases), &mut found);
    let tool = |results: &CaseResults| format!("{} {}", results.tool.name, results.tool.version);
    found.note(true, CauseKind::Tool, "program that wrote the results", (tool(old), tool(new)));
    quality(old, new, &mut found);
    (found.changes, found.not_recorded)
}

#[derive(Default)]
struct Found {
    changes: Vec<RunChange>,
    not_recorded: Vec<String>,
}

impl Found {
    fn note(
        &mut self,
        may_move: bool,
        kind: CauseKind,
        what: impl Into<String>,
        (old, new): (String, String),
    ) {
        if old != new {
            let cause = Cause::new((Scope::Run, kind), what, (old, new));
            self.changes.push(RunChange { cause, may_move });
        }
    }
}

fn identity(old: &CaseResults, new: &CaseResults, found: &mut Found) {
    let kind = CauseKind::Identity;
    let stopped = |results: &CaseResults| {
        if super::is_stopped(results) { "stopped: nothing was tiered" } else { "went on" }
            .to_owned()
    };
    found.note(true, kind, "tiering after identity checks", (stopped(old), stopped(new)));
    let text = |results: &CaseResults, of: &dyn Fn(&CaseIdentity) -> String| {
        results.identity.as_ref().map_or_else(|| "not recorded".to_owned(), of)
    };
    let outcome = |results: &CaseResults| text(results, &|i| i.outcome.word().to_owned());
    found.note(false, kind, "outcome of identity checks", (outcome(old), outcome(new)));
    let reason = |results: &CaseResults| {
        text(results, &|i| i.override_reason.clone().unwrap_or_else(|| "none".into()))
    };
    found.note(
        false,
        kind,
        "reason to go on in spite of identity checks",
        (reason(old), reason(new)),
    );
}

/// Members by number; what the pedigree says of them, and whether they were analysed.
fn members(old: &CaseResults, new: &CaseResults, found: &mut Found) {
    let count = |results: &CaseResults| results.case.members.len().to_string();
    found.note(true, CauseKind::Member, "members of the case", (count(old), count(new)));
    for is in &new.case.members {
        let Some(was) = partner(is, old) else { continue };
        let name = format!("member {} ({})", is.number, text::word(is.role));
        let facts = |member: &MemberSummary, results: &CaseResults| {
            let consent = results.consent.iter().find(|c| c.member == member.number);
            let analysis = consent.map_or(AnalysisDecision::NoSample, |c| c.analysis);
            let x = member.x_copies.map_or_else(|| "not measured".to_owned(), |n| n.to_string());
            [
                ("sex", text::word(member.sex)),
                ("disease status", text::word(member.affected)),
                ("number of X", x),
                ("analysis", text::word(analysis)),
                ("consent to additional findings", yes(consent.is_some_and(|c| c.secondary))),
            ]
        };
        for ((what, was), (_, is)) in facts(was, old).into_iter().zip(facts(is, new)) {
            found.note(true, CauseKind::Member, format!("{what} of {name}"), (was, is));
        }
    }
}

fn yes(flag: bool) -> String {
    if flag { "yes" } else { "no" }.into()
}

/// The same member in the other results: by id, else by number and role.
fn partner<'a>(member: &MemberSummary, other: &'a CaseResults) -> Option<&'a MemberSummary> {
    let mut all = other.case.members.iter();
    let by_id = member.id.as_ref().and_then(|id| all.find(|m| m.id.as_ref() == Some(id)));
    let same = |m: &&MemberSummary| (m.number, m.role) == (member.number, member.role);
    by_id.or_else(|| other.case.members.iter().find(same))
}

fn policy(old: &CaseResults, new: &CaseResults, policies: Option<&[Differs]>, found: &mut Found) {
    let kind = CauseKind::Policy;
    let version =
        |results: &CaseResults| format!("{} {}", results.policy.id, results.policy.version);
    let digests = (old.policy.digest.clone(), new.policy.digest.clone());
    if digests.0 == digests.1 {
        return;
    }
    found.note(false, kind, "policy", (version(old), version(new)));
    let Some(policies) = policies else {
        found.note(true, kind, "policy digest", digests);
        let gap = "The rules and values of a policy: a results file is of a layout before 1.3, and no run.json of its run \
                   lies beside it.";
        found.not_recorded.push(gap.into());
        return;
    };
    // Which of these concern a variant is told with it.
    for differs in policies {
        found.note(false, kind, differs.key.clone(), (differs.old.clone(), differs.new.clone()));
    }
}

/// Panels by id. Where both record their genes, what concerns a variant is told with it.
fn panels(old: &CaseResults, new: &CaseResults, found: &mut Found) {
    let kind = CauseKind::Panel;
    let shown = |panel: Option<&PanelSummary>| {
        panel.map_or_else(String::new, |panel| {
            let digest = panel.sha256.get(..12).unwrap_or(&panel.sha256);
            format!("{} ({digest})", panel.version)
        })
    };
    let mut names: Vec<(&str, &str)> = Vec::new();
    for panel in new.panels.iter().chain(&old.panels) {
        if !names.iter().any(|(id, _)| *id == panel.id) {
            names.push((&panel.id, &panel.name));
        }
    }
    for (id, name) in names {
        let of = |results: &'_ CaseResults| results.panels.iter().find(|p| p.id == id).cloned();
        let (was, is) = (of(old), of(new));
        let recorded = [&was, &is].iter().all(|p| p.as_ref().is_none_or(|p| p.genes.is_some()));
        let texts = (shown(was.as_ref()), shown(is.as_ref()));
        if !recorded && texts.0 != texts.1 {
            found.not_recorded.push(format!(
                "The genes of panel {name}: a results file is of a layout before 1.3."
            ));
        }
        found.note(!recorded, kind, format!("panel {name}"), texts);
    }
}

/// Panels of findings beside the question: their genes are kept off the tiers.
fn beside(old: &CaseResults, new: &CaseResults, found: &mut Found) {
    let shown = |results: &CaseResults| {
        let panel = results.additional.as_ref().and_then(|all| all.additional_panel.as_ref());
        panel.map_or_else(String::new, |panel| format!("{} {}", panel.name, panel.version))
    };
    found.note(true, CauseKind::Panel, "panel of additional findings", (shown(old), shown(new)));
}

/// Input files by role, member and order; where their content tells nothing else, a digest is all that differs.
fn inputs(old: &CaseResults, new: &CaseResults, found: &mut Found) {
    type Key = (String, Option<u16>, usize);
    let keyed = |results: &CaseResults| {
        let mut seen: BTreeMap<(String, Option<u16>), usize> = BTreeMap::new();
        let mut all: BTreeMap<Key, InputDigest> = BTreeMap::new();
        for input in &results.provenance.inputs {
            let n = seen.entry((input.role.clone(), input.member)).or_default();
            *n += 1;
            all.insert((input.role.clone(), input.member, *n), input.clone());
        }
        all
    };
    let (was, is) = (keyed(old), keyed(new));
    let mut keys: Vec<&Key> = was.keys().chain(is.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        let (role, member, n) = key;
        let text = |side: &BTreeMap<Key, InputDigest>| {
            side.get(key).map_or_else(String::new, |input| {
                let digest = input.sha256.as_deref().unwrap_or("no digest");
                format!("{} bytes {}", input.bytes, digest.get(..12).unwrap_or(digest))
            })
        };
        let of = member.map(|n| format!(" of member {n}")).unwrap_or_default();
        // What case, pedigree, panels and policy say stands in the results itself.
        let may_move = !matches!(
            role.as_str(),
            "case" | "pedigree" | "panel" | "policy" | "additional findings" | "carrier"
        );
        found.note(
            may_move,
            CauseKind::Input,
            format!("{role} file {n}{of}"),
            (text(&was), text(&is)),
        );
    }
}

fn stated(
    what: &str,
    (old, new): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    found: &mut Found,
) {
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort();
    names.dedup();
    for name in names {
        // Panels are compared gene by gene.
        if name.starts_with("PanelApp ") || name.starts_with("gene list ") {
            continue;
        }
        let text = |side: &BTreeMap<String, String>| side.get(name).cloned().unwrap_or_default();
        found.note(true, CauseKind::Database, format!("{what} {name}"), (text(old), text(new)));
    }
}

/// Verdicts move no tier; a scientist still has to see them.
fn quality(old: &CaseResults, new: &CaseResults, found: &mut Found) {
    let verdict = |results: &CaseResults, number: u16| {
        let all = |qc: &&QualityResult| qc.member == number;
        let verdict = results.qc.iter().find(all).and_then(|qc| qc.verdict.as_ref());
        verdict.map_or_else(String::new, Verdict::line)
    };
    let mut numbers: Vec<u16> = old.qc.iter().chain(&new.qc).map(|qc| qc.member).collect();
    numbers.sort_unstable();
    numbers.dedup();
    for number in numbers {
        let what = format!("quality verdict of member {number}");
        found.note(false, CauseKind::Quality, what, (verdict(old, number), verdict(new, number)));
    }
}
