//! `tierline panel`: what a panel file holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::case::PanelChoice;
use crate::io::panels;
use crate::model::panel::{Confidence, EntityKind, Panel, PanelGene};
use crate::model::panel_change::{PanelChange, changes, rating};
use crate::model::problem::{Problem, Problems};

/// Looks into gene panels.
#[derive(Debug, Args)]
pub struct PanelArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: PanelCommand,
}

/// What to do with panels.
#[derive(Debug, Subcommand)]
pub enum PanelCommand {
    /// Prints id, version, counts by rating and modes of inheritance.
    Show {
        /// Panel files: PanelApp JSON, JSON Lines (FILE#ID for one of them), or gene lists.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<String>,
    },
    /// Tells what moved between two versions of a panel: genes, regions and repeats added or removed, ratings, modes of
    /// inheritance, penetrance, names.
    Diff {
        /// The old version (FILE, or FILE#ID).
        #[arg(value_name = "OLD")]
        old: String,
        /// The new version (FILE, or FILE#ID).
        #[arg(value_name = "NEW")]
        new: String,
    },
}

/// Runs the subcommand.
///
/// # Errors
///
/// When a file cannot be read or is no panel.
pub fn run(args: &PanelArgs) -> anyhow::Result<ExitCode> {
    let files = match &args.command {
        PanelCommand::Show { files } => files,
        PanelCommand::Diff { old, new } => {
            std::io::stdout().lock().write_all(diff(old, new)?.as_bytes())?;
            return Ok(ExitCode::SUCCESS);
        }
    };
    let mut problems = Problems::default();
    let mut shown = String::new();
    for file in files {
        let choice = PanelChoice::parse(file);
        match panels::read_all(&choice.path, choice.only.as_deref()) {
            Ok(panels) => shown.extend(panels.iter().map(show)),
            Err(more) => problems.0.extend(more.0),
        }
    }
    std::io::stdout().lock().write_all(shown.as_bytes())?;
    problems.into_result()?;
    Ok(ExitCode::SUCCESS)
}

/// The panel as a block of lines, `key<TAB>value`, then a table of modes.
fn show(panel: &Panel) -> String {
    let count = |wanted: Confidence| {
        let rated = |gene: &&PanelGene| gene.confidence.unwrap_or(Confidence::Green) == wanted;
        panel.genes.iter().filter(rated).count()
    };
    let without = panel.genes.iter().filter(|gene| gene.ensembl.is_empty()).count();
    let mut text = String::new();
    let signed_off = if panel.signed_off { "yes" } else { "no" };
    for (key, value) in [
        ("id", panel.id.clone()),
        ("name", panel.name.clone()),
        ("version", panel.version.clone()),
        ("source", panel.source.clone()),
        ("signed_off", signed_off.into()),
        ("genes", panel.genes.len().to_string()),
        ("green", count(Confidence::Green).to_string()),
        ("amber", count(Confidence::Amber).to_string()),
        ("red", count(Confidence::Red).to_string()),
        ("without_ensembl_id", without.to_string()),
        ("regions", panel.count(EntityKind::Region).to_string()),
        ("strs", panel.count(EntityKind::Str).to_string()),
        ("sha256", panel.sha256.clone()),
    ] {
        let _ = writeln!(text, "{key}\t{value}");
    }
    let mut modes: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for gene in &panel.genes {
        let counts = modes.entry(mode_word(gene)).or_default();
        counts[gene.confidence.unwrap_or(Confidence::Green) as usize] += 1;
    }
    let _ = writeln!(text, "#mode\tgreen\tamber\tred");
    for (mode, [green, amber, red]) in modes {
        let _ = writeln!(text, "{mode}\t{green}\t{amber}\t{red}");
    }
    if !panel.entities.is_empty() {
        let _ = writeln!(text, "#not_assessed\tname\trating\tmode");
    }
    for entity in &panel.entities {
        let rating = rating(entity.confidence);
        let (kind, name, mode) = (entity.kind.word(), &entity.name, &entity.mode_text);
        let _ = writeln!(text, "{kind}\t{name}\t{rating}\t{mode}");
    }
    text.push('\n');
    text
}

/// What moved, as a table: kind of change, gene or else, name, old and new value.
fn diff(old: &str, new: &str) -> Result<String, Problems> {
    let mut problems = Problems::default();
    let [old, new] = [old, new].map(|file| problems.collect(one(file)));
    problems.into_result()?;
    let mut text = "#change\tentity\tname\told\tnew\n".to_owned();
    if let (Some(old), Some(new)) = (old, new) {
        for PanelChange { kind, entity, name, old, new } in changes(&old, &new) {
            let _ = writeln!(text, "{}\t{entity}\t{name}\t{old}\t{new}", kind.word());
        }
    }
    Ok(text)
}

/// The one panel of a file.
fn one(file: &str) -> Result<Panel, Problem> {
    let choice = PanelChoice::parse(file);
    let found = panels::read_all(&choice.path, choice.only.as_deref());
    let mut panels = found.map_err(|mut more| more.0.remove(0))?;
    match (panels.len(), panels.pop()) {
        (1, Some(panel)) => Ok(panel),
        (n, _) => Err(Problem::usage(format!("{n} panels where one is compared"))
            .in_file(file)
            .help("name one of them: FILE#ID")),
    }
}

/// The mode as results name it.
fn mode_word(gene: &PanelGene) -> String {
    serde_json::to_value(gene.mode)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}
