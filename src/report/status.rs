//! `status.jsonl`: one event a line, by a published JSON Schema (`status.schema.json` beside this file); read back as a
//! table for people, JSON for programs, or FHIR Tasks.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::fhir::{self, FhirOrder};
use crate::model::status::{STATUS_VERSION, StatusEvent, Step, TaskState};

/// Name of the file in an output folder.
pub const FILE: &str = "status.jsonl";

/// The JSON Schema of one line, as the types give it.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(StatusEvent)
}

/// Reads lines; gives the events, and how many lines are none (cut off, or of another major version).
pub fn read(lines: &[String]) -> (Vec<StatusEvent>, usize) {
    let major = |text: &str| text.split('.').next().map(str::to_owned);
    let events: Vec<StatusEvent> = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<StatusEvent>(line).ok())
        .filter(|event| major(&event.schema_version) == major(STATUS_VERSION))
        .collect();
    let others = lines.iter().filter(|line| !line.trim().is_empty()).count() - events.len();
    (events, others)
}

/// Where a folder stands: its newest run.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The folder, as the user named it.
    pub folder: String,
    /// Events of the newest run, in order.
    pub events: Vec<StatusEvent>,
    /// Of each earlier run that did not complete, where it was left, in order. Whether a later one made good for it cannot
    /// be told: events hold no names.
    pub earlier: Vec<StatusEvent>,
    /// Lines that are no events.
    pub unreadable: usize,
}

impl Standing {
    /// Of all events of a folder: those of the run that began last.
    pub fn of(folder: &str, lines: &[String]) -> Self {
        let (all, unreadable) = read(lines);
        // Runs into one folder may overlap: the one that began last counts.
        let mut began: Vec<(&str, &str)> = Vec::new();
        for event in &all {
            if began.iter().all(|(_, run)| *run != event.run) {
                began.push((&event.time, &event.run));
            }
        }
        let run = began.iter().max().map(|(_, run)| (*run).to_owned());
        let (events, others): (Vec<StatusEvent>, Vec<StatusEvent>) =
            all.into_iter().partition(|event| Some(&event.run) == run.as_ref());
        Self { folder: folder.to_owned(), events, earlier: left(others), unreadable }
    }

    /// The event that says where the run stands: the one that ended it, else the newest.
    pub fn now(&self) -> Option<&StatusEvent> {
        self.events.iter().rev().find(|event| is_end(event)).or(self.events.last())
    }

    /// Whether the run has ended; that a step of it has is not the end.
    pub fn is_over(&self) -> bool {
        self.now().is_some_and(is_end)
    }
}

fn is_end(event: &StatusEvent) -> bool {
    event.step == Step::Case && event.state.is_end()
}

/// Where each of several runs was left, but for those that completed, in the order in which they began.
fn left(events: Vec<StatusEvent>) -> Vec<StatusEvent> {
    let mut order: Vec<String> = Vec::new();
    let mut now: BTreeMap<String, StatusEvent> = BTreeMap::new();
    for event in events {
        match now.entry(event.run.clone()) {
            Entry::Vacant(place) => {
                order.push(event.run.clone());
                place.insert(event);
            }
            Entry::Occupied(mut place) if !is_end(place.get()) || is_end(&event) => {
                place.insert(event);
            }
            Entry::Occupied(_) => {}
        }
    }
    let completed = |event: &StatusEvent| is_end(event) && event.state == TaskState::Completed;
    order.iter().filter_map(|run| now.remove(run)).filter(|event| !completed(event)).collect()
}

/// A table for people: folder, state, step, reason, when, counts.
pub fn table(standings: &[Standing]) -> String {
    let mut rows =
        vec![["folder", "state", "step", "reason", "since", "counts"].map(str::to_owned)];
    for standing in standings {
        let Some(now) = standing.now() else {
            let none = ["-", "unknown", "-", "-", "-", "-"].map(str::to_owned);
            let mut row = none;
            row[0].clone_from(&standing.folder);
            rows.push(row);
            continue;
        };
        let counts: Vec<String> =
            now.counts.iter().map(|(what, count)| format!("{what} {count}")).collect();
        rows.push([
            standing.folder.clone(),
            now.state.word().to_owned(),
            now.step.word().to_owned(),
            now.reason.map_or("-", crate::model::status::StateReason::word).to_owned(),
            now.time.clone(),
            if counts.is_empty() { "-".to_owned() } else { counts.join(", ") },
        ]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..6).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    for standing in standings {
        for event in &standing.earlier {
            let (step, state) = (event.step.word(), event.state.word());
            let (folder, time) = (&standing.folder, &event.time);
            let _ =
                writeln!(text, "{folder}: an earlier command was left at {step} {state}, {time}");
        }
    }
    text
}

/// One event as a line for people.
pub fn line(folder: &str, event: &StatusEvent) -> String {
    let who = match (event.member, event.role) {
        (Some(member), Some(role)) => format!(" member {member} ({})", role.word()),
        (Some(number), None) => format!(" file {number}"),
        _ => String::new(),
    };
    let reason = event.reason.map_or(String::new(), |reason| format!(": {}", reason.word()));
    let (time, step, state) = (&event.time, event.step.word(), event.state.word());
    format!("{time}  {folder}  {step}{who} {state}{reason}\n")
}

/// For programs.
pub fn json(standings: &[Standing]) -> Value {
    let one = |standing: &Standing| {
        json!({
            "folder": standing.folder,
            "now": standing.now(),
            "events": standing.events,
            "earlier": standing.earlier,
            "unreadableLines": standing.unreadable,
        })
    };
    standings.iter().map(one).collect()
}

/// What a Task is about, where the user tells: the events know no patient and no order.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Reference to the request, `ServiceRequest/ID`.
    pub request: Option<String>,
    /// The order after the North West GMSA's draft.
    pub order: Option<FhirOrder>,
}

/// A Bundle of FHIR R4 Tasks, one a folder, each with what was told of it.
pub fn fhir(standings: &[Standing], asked: &[Asked]) -> Value {
    let entries: Vec<Value> =
        standings.iter().zip(asked).filter_map(|(standing, asked)| task(standing, asked)).collect();
    json!({ "resourceType": "Bundle", "type": "collection", "entry": entries })
}

/// One entry: the state of the case is that of the Task, what a step says of itself stands in words.
fn task(standing: &Standing, asked: &Asked) -> Option<Value> {
    let (first, now) = (standing.events.first()?, standing.now()?);
    let of_case = now.step == Step::Case;
    let business = match (of_case, now.reason) {
        (true, _) => now.step.word().to_owned(),
        (false, None) => format!("{} {}", now.step.word(), now.state.word()),
        (false, Some(reason)) => {
            format!("{} {}: {}", now.step.word(), now.state.word(), reason.word())
        }
    };
    let mut task = json!({
        "resourceType": "Task",
        "id": first.run,
        "identifier": [{ "system": "urn:tierline:run", "value": first.run }],
        "status": fhir_status(now),
        "intent": "order",
        "description": "Analysis of a whole-genome case",
        "authoredOn": first.time,
        "lastModified": now.time,
        "businessStatus": { "text": business },
    });
    if let Some(order) = &asked.order {
        fhir::fill_task(&mut task, order);
    }
    if let Some(request) = &asked.request {
        task["focus"]["reference"] = json!(request);
    }
    if let Some(reason) = now.reason.filter(|_| of_case) {
        task["statusReason"] = json!({ "text": reason.word() });
    }
    // A case on hold may go on.
    if standing.is_over() && now.state != TaskState::OnHold {
        task["executionPeriod"] = json!({ "start": first.time, "end": now.time });
    }
    let outputs: Vec<Value> = now
        .counts
        .iter()
        .map(|(what, count)| json!({ "type": { "text": what }, "valueUnsignedInt": count }))
        .collect();
    if !outputs.is_empty() {
        task["output"] = outputs.into();
    }
    Some(json!({ "fullUrl": format!("urn:uuid:{}", first.run), "resource": task }))
}

/// The states of the case are FHIR's own words; while a step of it ends or fails, the case goes on.
fn fhir_status(now: &StatusEvent) -> &'static str {
    match (now.step, now.state) {
        (Step::Case, state) => state.word(),
        (Step::Inputs, TaskState::Accepted) => TaskState::Accepted.word(),
        _ => TaskState::InProgress.word(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(run: &str, time: &str, step: &str, state: &str) -> String {
        format!(
            "{{\"schemaVersion\":\"1.0\",\"time\":\"{time}\",\"run\":\"{run}\",\"step\":\"{step}\",\"state\":\"{state}\",\"tool\":{{\"name\":\"tierline\",\"version\":\"0\"}}}}"
        )
    }

    #[test]
    fn the_schema_is_published() {
        let path = "src/report/status.schema.json";
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if std::env::var_os("TIERLINE_UPDATE_SCHEMA").is_some() {
            std::fs::write(path, &text).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(path).unwrap(),
            text,
            "TIERLINE_UPDATE_SCHEMA=1 renews it"
        );
    }

    #[test]
    fn a_step_that_ended_is_not_the_end() {
        let mut lines = vec![
            event("a", "2026-01-01T00:00:00.000Z", "inputs", "accepted"),
            event("a", "2026-01-01T00:00:01.000Z", "variants", "completed"),
        ];
        let standing = Standing::of("x", &lines);
        assert!(!standing.is_over());
        let task = &fhir(&[standing], &[Asked::default()])["entry"][0]["resource"];
        assert_eq!(task["status"], "in-progress");
        assert!(task.get("executionPeriod").is_none());
        lines.push(event("a", "2026-01-01T00:00:02.000Z", "case", "completed"));
        let standing = Standing::of("x", &lines);
        assert!(standing.is_over());
        assert_eq!(
            fhir(&[standing], &[Asked::default()])["entry"][0]["resource"]["status"],
            "completed"
        );
    }

    #[test]
    fn the_newest_run_counts_and_broken_lines_are_counted() {
        let lines = [
            event("a", "2026-01-01T00:00:00.000Z", "case", "received"),
            event("b", "2026-01-02T00:00:00.000Z", "case", "received"),
            "{\"schemaVersion\":\"1.0\",\"ti".to_owned(),
            event("b", "2026-01-02T00:00:01.000Z", "case", "completed"),
            event("a", "2026-01-02T00:00:02.000Z", "case", "failed"),
        ];
        let standing = Standing::of("out", &lines);
        assert_eq!(standing.now().unwrap().state, TaskState::Completed);
        assert_eq!((standing.events.len(), standing.unreadable), (2, 1));
        let shown = table(std::slice::from_ref(&standing));
        assert!(shown.lines().nth(1).unwrap().starts_with("out     completed  case"), "{shown}");
        // An earlier failure is not hidden by a later success, and a success is no news.
        let told = "out: an earlier command was left at case failed, 2026-01-02T00:00:02.000Z";
        assert_eq!(shown.lines().nth(2), Some(told), "{shown}");
        assert_eq!(json(std::slice::from_ref(&standing))[0]["earlier"][0]["run"], "a");
        let [_, b, _, end, _] = lines;
        let later = event("c", "2026-01-03T00:00:00.000Z", "case", "received");
        assert_eq!(Standing::of("out", &[b, end, later]).earlier, []);
        let asked = Asked { request: Some("ServiceRequest/1".into()), order: None };
        let bundle = fhir(&[standing], &[asked]);
        assert_eq!(bundle["entry"][0]["resource"]["status"], "completed");
        assert_eq!(bundle["entry"][0]["resource"]["focus"]["reference"], "ServiceRequest/1");
    }
    #[test]
    fn a_step_that_ends_does_not_end_the_task() {
        let time = "2026-01-01T00:00:00.000Z";
        let after = |events: &[(&str, &str)]| {
            let lines: Vec<String> =
                events.iter().map(|(step, state)| event("a", time, step, state)).collect();
            let bundle = fhir(&[Standing::of("out", &lines)], &[Asked::default()]);
            let task = &bundle["entry"][0]["resource"];
            (task["status"].clone(), task["executionPeriod"].is_null())
        };
        let received = ("case", "received");
        for (last, status, open) in [
            (received, "received", true),
            (("inputs", "accepted"), "accepted", true),
            (("variants", "completed"), "in-progress", true),
            (("reads", "failed"), "in-progress", true),
            (("identity", "failed"), "in-progress", true),
            (("case", "on-hold"), "on-hold", true),
            (("case", "completed"), "completed", false),
            (("case", "failed"), "failed", false),
            (("case", "rejected"), "rejected", false),
        ] {
            assert_eq!(after(&[received, last]), (status.into(), open), "{last:?}");
        }
    }
}
