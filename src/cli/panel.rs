//! `tierline panel`: what a panel file holds.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::case::PanelChoice;
use crate::io::panels;
use crate::model::panel::{Confidence, Panel, PanelGene};

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
}

/// Runs the subcommand.
///
/// # Errors
///
/// When a file cannot be read or is no panel.
pub fn run(args: &PanelArgs) -> anyhow::Result<ExitCode> {
    let PanelCommand::Show { files } = &args.command;
    let mut problems = crate::model::problem::Problems::default();
    let mut shown = String::new();
    for file in files {
        let choice = PanelChoice::parse(file);
        match panels::read(&choice.path, choice.only.as_deref()) {
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
        ("regions", panel.regions.to_string()),
        ("strs", panel.strs.to_string()),
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
    text.push('\n');
    text
}

/// The mode as results name it.
fn mode_word(gene: &PanelGene) -> String {
    serde_json::to_value(gene.mode)
        .ok()
        .and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}
