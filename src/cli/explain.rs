//! `tierline explain`: what a filter, model, rule or metric says, and why a variant of a case got its tier or is not there.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::case_options::{CaseOptions, threads};
use super::document_args::DocumentArgs;
use crate::filter;
use crate::identity::chromosomes;
use crate::inputs;
use crate::model::explain::{Explanation, ExplanationKind};
use crate::model::problem::{Problem, nearest};
use crate::model::reason::{Comparison, Reason, Value};
use crate::pipeline::explain::calls::{self, CallStory, CallTold};
use crate::pipeline::explain::gene::{self, GeneStory};
use crate::pipeline::explain::{Story, Told, variant};
use crate::qc::METRICS;
use crate::tier;

/// Explain a filter, model, rule or metric, or one variant of a case.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// Id of a filter, model, rule or metric; with --variant a case document. Without anything: lists all ids.
    pub what: Option<String>,
    /// The variant, CONTIG:POSITION:REF:ALT; of a copy-number or structural variant or a repeat its first and last base,
    /// CONTIG:START-END. Positions count from 1.
    #[arg(long, requires = "what")]
    pub variant: Option<String>,
    /// The gene, by symbol, HGNC id or Ensembl id: its panels, every variant in it and what keeps each from a tier.
    #[arg(long, requires = "what", conflicts_with = "variant")]
    pub gene: Option<String>,
    /// Of every variant of the gene all that filters, models and rules see, not only what drops it.
    #[arg(long, requires = "gene")]
    pub all: bool,
    /// Results of a run of the case (results.json or its folder), for the depth over the gene.
    #[arg(long, requires = "gene", value_name = "DIR|FILE")]
    pub results: Option<PathBuf>,
    /// Worker threads; by default all that this process may use.
    #[arg(short, long)]
    pub threads: Option<usize>,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub options: CaseOptions,
    #[command(flatten)]
    #[expect(missing_docs, reason = "its fields are the documented options")]
    pub document: DocumentArgs,
}

/// Runs it.
///
/// # Errors
///
/// An unknown id, or all faults of the case's inputs.
pub fn run(args: &ExplainArgs) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    if let (Some(case), Some(name)) = (&args.what, &args.gene) {
        let case = inputs::load_case(&PathBuf::from(case), &args.document.over())?;
        let policy = inputs::load_policy(&case, &args.options.set)?;
        let results =
            args.results.as_ref().map(|path| gene::results_of(path, &case)).transpose()?;
        let how = (&args.options.inputs(), threads(args.threads));
        let story = gene::gene(&case, &policy, how, (name, results.as_ref()))?;
        gene_story(&mut out, &story, args.all)?;
        return Ok(ExitCode::SUCCESS);
    }
    match (&args.what, &args.variant) {
        (None, _) => list(&mut out)?,
        (Some(id), None) => one(&mut out, id)?,
        (Some(case), Some(text)) => {
            let case = inputs::load_case(&PathBuf::from(case), &args.document.over())?;
            let policy = inputs::load_policy(&case, &args.options.set)?;
            let how = (&args.options.inputs(), threads(args.threads));
            if let Some(place) = calls::place(text) {
                call_story(&mut out, text, &calls::calls(&case, &policy, how, place)?)?;
                return Ok(ExitCode::SUCCESS);
            }
            story(&mut out, text, &variant(&case, &policy, how, text)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn explanations() -> impl Iterator<Item = &'static Explanation> {
    let filters = filter::FILTERS.iter().map(|filter| filter.explain());
    filters.chain(tier::explanations()).chain(chromosomes::EXPLANATIONS)
}

fn kind(explanation: &Explanation) -> &'static str {
    match explanation.kind {
        ExplanationKind::Filter => "filter",
        ExplanationKind::Model => "model",
        ExplanationKind::Rule => "rule",
        ExplanationKind::Evidence => "evidence",
        ExplanationKind::Mark => "mark",
        ExplanationKind::Biomarker => "biomarker",
        ExplanationKind::Finding => "finding",
    }
}

fn list(out: &mut impl Write) -> std::io::Result<()> {
    for explanation in explanations() {
        writeln!(out, "{:9} {:28} {}", kind(explanation), explanation.id, explanation.title)?;
    }
    for metric in METRICS {
        writeln!(out, "{:9} {:28} {}", "metric", metric.id, metric.about)?;
    }
    Ok(())
}

fn one(out: &mut impl Write, id: &str) -> anyhow::Result<()> {
    if let Some(explanation) = explanations().find(|explanation| explanation.id == id) {
        let Explanation { title, what, fires, does_not, .. } = explanation;
        writeln!(
            out,
            "{} {id}: {title}\n\n{what}\n\nFires: {fires}\nDoes not: {does_not}",
            kind(explanation)
        )?;
        writeln!(out, "Sources: {}", explanation.sources.join(", "))?;
        return Ok(());
    }
    if let Some(metric) = METRICS.iter().find(|metric| metric.id == id) {
        writeln!(out, "metric {id}: {}", metric.about)?;
        return Ok(());
    }
    let ids: Vec<&str> = explanations().map(|e| e.id).chain(METRICS.iter().map(|m| m.id)).collect();
    let problem = Problem::usage(format!("nothing is called \"{id}\""));
    Err(match nearest(id, ids) {
        Some(near) => {
            problem.help(format!("did you mean \"{near}\"? `tierline explain` lists all"))
        }
        None => problem.help("`tierline explain` lists all ids"),
    }
    .into())
}

fn story(out: &mut impl Write, text: &str, story: &Story) -> std::io::Result<()> {
    for notice in &story.notices {
        writeln!(out, "note: {}", notice.text)?;
    }
    if story.told.is_empty() && story.closed {
        writeln!(
            out,
            "{text}: nothing is told: no variant file of the case holds it, or it lies in a gene of additional findings that no \
             applied panel lists as green, and not every member consented to them."
        )?;
    } else if story.told.is_empty() {
        writeln!(out, "{text}: no variant file of the case holds it, as written or normalised.")?;
    }
    for told in &story.told {
        record(out, told)?;
    }
    Ok(())
}

/// The calls of copy-number and structural variants and repeats at a place.
fn call_story(out: &mut impl Write, text: &str, story: &CallStory) -> std::io::Result<()> {
    if story.told.is_empty() && story.closed {
        writeln!(
            out,
            "{text}: nothing is told: no file of the case holds a copy-number or structural variant or repeat with these ends, or \
             it is told only for a gene of additional findings to which not every member consented."
        )?;
    } else if story.told.is_empty() {
        writeln!(
            out,
            "{text}: no file of the case holds a copy-number or structural variant or repeat with these ends."
        )?;
    }
    story.told.iter().try_for_each(|told| call(out, told))
}

/// One copy-number or structural variant or repeat.
fn call(out: &mut impl Write, told: &CallTold) -> std::io::Result<()> {
    writeln!(out, "\n{} {}", told.place, told.name)?;
    if told.events.is_empty() {
        writeln!(out, "not reported; of this call alone the rules say:")?;
        told.passed_over.iter().try_for_each(|notice| writeln!(out, "  {}", notice.text))?;
    }
    for event in &told.events {
        let level = event.tier.map(|tier| format!("{tier:?}"));
        let level = level.or_else(|| event.domain.map(|domain| format!("{domain:?}")));
        let level = level.unwrap_or_else(|| "no tier".into());
        let panel = event.panel.as_ref().map_or("no panel", |panel| &panel.name);
        writeln!(out, "{level}: {} {} ({panel})", event.entity.shown(), event.segregation)?;
        event.reasons.iter().try_for_each(|reason| line(out, reason))?;
        event.missing.iter().try_for_each(|missing| writeln!(out, "  missing: {missing}"))?;
    }
    Ok(())
}

/// The gene's panels, variants and depth; a dropped variant in one line unless `all` is asked for.
fn gene_story(out: &mut impl Write, story: &GeneStory, all: bool) -> std::io::Result<()> {
    writeln!(out, "gene {}", story.symbol)?;
    for panel in &story.panels {
        writeln!(out, "panel {panel}")?;
    }
    if story.panels.is_empty() {
        writeln!(out, "the case has no panel")?;
    }
    for line in &story.coverage {
        writeln!(out, "depth {line}")?;
    }
    if story.closed {
        return writeln!(
            out,
            "nothing is told of its variants: a gene of additional findings that no applied panel lists as green, and not every \
             member consented to them"
        );
    }
    let dropped = story.told.iter().filter(|told| told.dropped_by.is_some()).count();
    let (n, kept) = (story.told.len(), story.told.len() - dropped);
    writeln!(out, "{n} variants in the files: {kept} kept, {dropped} dropped by filters")?;
    if !story.calls.is_empty() {
        let reported = story.calls.iter().filter(|told| !told.events.is_empty()).count();
        let n = story.calls.len();
        writeln!(
            out,
            "{n} copy-number or structural variants or repeats over it: {reported} reported"
        )?;
    }
    for change in &story.changes {
        writeln!(out, "note: {change}")?;
    }
    for told in story.told.iter().filter(|told| all || told.dropped_by.is_none()) {
        record(out, told)?;
    }
    let silent = |told: &&CallTold| !all && told.events.is_empty();
    story.calls.iter().filter(|told| !silent(told)).try_for_each(|told| call(out, told))?;
    if story.calls.iter().any(|told| silent(&told)) {
        writeln!(out, "\nover the gene, but not reported (--all tells why):")?;
    }
    for told in story.calls.iter().filter(silent) {
        writeln!(out, "{} {}", told.place, told.name)?;
    }
    if dropped > 0 && !all {
        writeln!(out, "\ndropped, with the first filter that does (--all tells everything):")?;
    }
    for told in story.told.iter().filter(|told| !all && told.dropped_by.is_some()) {
        let Told { variant, contig, .. } = told;
        let id = told.dropped_by.unwrap_or_default();
        write!(out, "{contig}:{}:{}:{}", variant.position, variant.reference, variant.alternate)?;
        match told.filters.iter().find(|reason| reason.rule == id && !reason.holds) {
            Some(reason) => line(out, reason)?,
            None => writeln!(out, "  {id}")?,
        }
    }
    Ok(())
}

fn record(out: &mut impl Write, told: &Told) -> std::io::Result<()> {
    let Told { variant, contig, .. } = told;
    writeln!(out, "\n{contig}:{}:{}:{}", variant.position, variant.reference, variant.alternate)?;
    let events = told.tiered.as_ref().map_or(&[][..], |tiered| &tiered.events);
    match told.dropped_by {
        Some(id) => {
            writeln!(out, "dropped by the filter {id}, the first that does:")?;
            let mut own = told.filters.iter().filter(|reason| reason.rule == id && !reason.holds);
            own.try_for_each(|reason| line(out, reason))?;
        }
        None if !told.removed_by.is_empty() => {
            writeln!(
                out,
                "kept by the filters, removed by the mark {}",
                told.removed_by.join(", ")
            )?;
        }
        None if events.is_empty() => {
            writeln!(out, "kept by the filters, but no model and rule gives it a tier")?;
        }
        None => {}
    }
    for event in events {
        let level = event
            .tier
            .map(|tier| format!("{tier:?}"))
            .or_else(|| event.domain.map(|domain| format!("{domain:?}")))
            .unwrap_or_default();
        let panel = event.panel.as_ref().map_or("no panel", |panel| &panel.name);
        writeln!(out, "{level}: {} {} ({panel})", event.gene.shown(), event.segregation)?;
    }
    reads(out, told)?;
    writeln!(out, "filters:")?;
    told.filters.iter().try_for_each(|reason| line(out, reason))?;
    writeln!(out, "models and rules, as if no filter dropped it:")?;
    told.tiering.iter().try_for_each(|reason| line(out, reason))
}

/// What the members' reads show, by role, and the flags of the variant.
fn reads(out: &mut impl Write, told: &Told) -> std::io::Result<()> {
    if !told.reads.is_empty() {
        writeln!(out, "reads:")?;
    }
    told.reads.iter().try_for_each(|words| writeln!(out, "  {words}"))?;
    let flags = told.tiered.iter().flat_map(|tiered| &tiered.flags);
    flags.into_iter().try_for_each(|flag| writeln!(out, "flag: {flag}"))
}

fn line(out: &mut impl Write, reason: &Reason) -> std::io::Result<()> {
    let mark = if reason.holds { "yes" } else { "no " };
    let compared = match reason.comparison {
        Comparison::AtMost => "at most",
        Comparison::AtLeast => "at least",
        Comparison::Below => "below",
        Comparison::Equals => "is",
        Comparison::OneOf => "one of",
        Comparison::NoneOf => "none of",
    };
    let (observed, limit) = (value(&reason.observed), value(&reason.limit));
    let text = if reason.text.is_empty() { String::new() } else { format!(" {}", reason.text) };
    writeln!(
        out,
        "  {mark} {}:{text} [{observed} {compared} {limit}; {}]",
        reason.rule, reason.source
    )
}

fn value(value: &Value) -> String {
    match value {
        Value::Flag(flag) => if *flag { "yes" } else { "no" }.into(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Texts(texts) => texts.join(", "),
        Value::Missing => "nothing".into(),
    }
}
