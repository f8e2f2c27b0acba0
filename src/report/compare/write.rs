//! A comparison as text for people, as a table and as JSON with a schema of its own (`compare.schema.json`).

use std::fmt::Write as _;

use crate::model::comparison::{Cause, Change, Comparison, Grade, Moved, Scope, Side};
use crate::model::grade;
use crate::model::problem::Problem;

use super::super::{pretty, tsv};
use super::name;

/// Said where the records differ in nothing that may have moved a variant.
const NO_CAUSE: &str = "cause not found in the records";

/// `compare.json`.
///
/// # Errors
///
/// When the comparison cannot be written as JSON.
pub fn json(comparison: &Comparison) -> Result<Vec<u8>, Problem> {
    pretty(comparison)
}

/// The JSON Schema of `compare.json`, as the types give it.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Comparison)
}

fn word(change: Change) -> &'static str {
    match change {
        Change::Gained => "gained",
        Change::Up => "up",
        Change::Down => "down",
        Change::Lost => "lost",
        Change::Changed => "changed",
    }
}

fn grade(grade: Option<Grade>) -> &'static str {
    grade.map_or("-", Grade::shown)
}

fn causes(causes: &[Cause]) -> String {
    if causes.is_empty() {
        return NO_CAUSE.into();
    }
    let lines: Vec<String> =
        causes.iter().map(|c| format!("[{}] {}", c.scope.word(), c.line())).collect();
    lines.join("; ")
}

/// `compare.tsv`: one row a variant and gene.
pub fn tsv(comparison: &Comparison) -> String {
    let mut text = "change\told\tnew\tchrom\tpos\tref\talt\tgene\tlook\tevents_gained\tevents_lost\tevents_changed\tcauses\tmade_by\n"
        .to_owned();
    let made_by = made_by(comparison);
    for moved in &comparison.moved {
        let variant = &moved.variant;
        let cells = [
            word(moved.change).to_owned(),
            grade(moved.old).into(),
            grade(moved.new).into(),
            variant.contig.clone(),
            variant.position.to_string(),
            variant.reference.clone(),
            variant.alternate.clone(),
            moved.gene.shown().into(),
            moved.look.clone().unwrap_or_default(),
            moved.events_gained.join("; "),
            moved.events_lost.join("; "),
            moved.events_changed.join("; "),
            causes(&moved.causes),
        ];
        row(&mut text, cells, &made_by);
    }
    for moved in &comparison.others {
        let cells = [
            word(moved.change).to_owned(),
            other_grade(moved.old),
            other_grade(moved.new),
            moved.contig.clone(),
            moved.start.to_string(),
            String::new(),
            format!("{} {} to {}", moved.kind, moved.what, moved.end),
            String::new(),
            String::new(),
            moved.events_gained.join("; "),
            moved.events_lost.join("; "),
            String::new(),
            causes(&moved.causes),
        ];
        row(&mut text, cells, &made_by);
    }
    text
}

/// The program that compared, and the rules of both results.
fn made_by(comparison: &Comparison) -> String {
    let Comparison { tool, old, new, .. } = comparison;
    let rules = |side: &Side| format!("{} sha256:{}", side.policy, side.policy_digest);
    format!("{} {}; old {}; new {}", tool.name, tool.version, rules(old), rules(new))
}

fn row(text: &mut String, cells: [String; 13], made_by: &str) {
    let cells = cells.into_iter().chain([made_by.to_owned()]);
    let cells: Vec<String> = cells.map(|text| tsv::cell(Some(text))).collect();
    text.push_str(&cells.join("\t"));
    text.push('\n');
}

fn other_grade(grade: Option<grade::Grade>) -> String {
    grade.map_or_else(|| "-".into(), super::super::text::word)
}

/// The comparison for a person to read.
pub fn table(comparison: &Comparison) -> String {
    let mut text = String::new();
    let Comparison { old, new, counts, .. } = comparison;
    for (when, side) in [("old", old), ("new", new)] {
        let stopped = if side.stopped { ", stopped by identity checks" } else { "" };
        let _ = writeln!(
            text,
            "{when}: {} {}, {}, {} variants with {} events{stopped}",
            side.tool.name, side.tool.version, side.policy, side.variants, side.events
        );
    }
    let _ = writeln!(
        text,
        "{} into Tier or Domain 1 and 2, {} out of them; {} gained, {} lost, {} up, {} down, {} changed, {} as before",
        counts.into_best,
        counts.out_of_best,
        counts.gained,
        counts.lost,
        counts.up,
        counts.down,
        counts.changed,
        counts.unchanged
    );
    for moved in &comparison.moved {
        entry(&mut text, moved);
    }
    for moved in &comparison.others {
        let (was, is) = (other_grade(moved.old), other_grade(moved.new));
        let (kind, what, change) = (&moved.kind, &moved.what, word(moved.change));
        let place = format!("{}:{}-{} {kind} {what}", moved.contig, moved.start, moved.end);
        let _ = writeln!(text, "\n{change:7} {was} > {is}  {}", escaped(&place));
        for (mark, events) in [('+', &moved.events_gained), ('-', &moved.events_lost)] {
            for event in events {
                let _ = writeln!(text, "  event {mark} {}", escaped(event));
            }
        }
        cause_lines(&mut text, &moved.causes);
    }
    if !comparison.runs.is_empty() {
        text.push_str("\ndiffers between the runs:\n");
    }
    for change in &comparison.runs {
        let mark = if change.may_move { "" } else { " (moves no tier of itself)" };
        let _ = writeln!(text, "  {}{mark}", escaped(&change.cause.line()));
    }
    if !comparison.not_recorded.is_empty() {
        text.push_str("\nnot in the records:\n");
    }
    for gap in &comparison.not_recorded {
        let _ = writeln!(text, "  {}", escaped(gap));
    }
    text
}

fn entry(text: &mut String, moved: &Moved) {
    let (was, is) = (grade(moved.old), grade(moved.new));
    let _ = writeln!(
        text,
        "\n{:7} {was} > {is}  {} {}",
        word(moved.change),
        escaped(&name(&moved.variant)),
        escaped(moved.gene.shown())
    );
    let mut line = |head: &str, words: &str| {
        let _ = writeln!(text, "  {head:7} {}", escaped(words));
    };
    if let Some(look) = &moved.look {
        line("look", look);
    }
    moved.events_gained.iter().for_each(|event| line("event +", event));
    moved.events_lost.iter().for_each(|event| line("event -", event));
    moved.events_changed.iter().for_each(|event| line("event ~", event));
    cause_lines(text, &moved.causes);
}

fn cause_lines(text: &mut String, causes: &[Cause]) {
    let mut line = |head: &str, words: &str| {
        let _ = writeln!(text, "  {head:7} {}", escaped(words));
    };
    if causes.is_empty() {
        line("cause", NO_CAUSE);
    }
    for cause in causes {
        let head = if cause.scope == Scope::Run { "perhaps" } else { "cause" };
        line(head, &cause.line());
    }
}

/// No content of a file can write to the terminal but printable text.
fn escaped(text: &str) -> String {
    tsv::escape(text)
}
