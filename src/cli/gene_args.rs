//! Options about genes and panels that commands over alignments share.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::case::PanelChoice;
use crate::io::{gene_model, panels};
use crate::model::panel::{Confidence, PanelSet};
use crate::model::problem::Problems;
use crate::qc::genes::{GAP_BELOW, GeneSettings};

/// Which transcripts of a gene count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Transcripts {
    /// MANE, else the canonical one, else coding ones of the basic set, else coding ones, else all.
    Best,
    /// All, and genes that do not code for protein too.
    All,
}

/// Which genes of a panel count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Rating {
    /// Green ones, and all of plain lists.
    Green,
    /// Green and amber ones.
    Amber,
    /// All.
    Red,
}

/// Depth over genes and panels.
#[derive(Debug, Args)]
pub(super) struct GeneArgs {
    /// Gene model for depth over exons, transcripts and genes: GFF3, GTF, BED12, or BED with GENE|TRANSCRIPT|exonN; plain
    /// or gzip.
    #[arg(long, value_name = "FILE")]
    genes: Option<PathBuf>,
    /// Gene panel (PanelApp JSON, FILE#ID, gene list): only its genes count. May be given several times.
    #[arg(long, value_name = "FILE", requires = "genes")]
    panel: Vec<String>,
    /// Least rating of a panel's genes.
    #[arg(long, value_name = "RATING", default_value = "green", requires = "genes")]
    panel_rating: Rating,
    /// Bases added to both ends of every exon.
    #[arg(long, value_name = "BP", default_value_t = 0, requires = "genes",
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    padding: u32,
    /// Bases of a lesser depth are gaps.
    #[arg(long, value_name = "DEPTH", default_value_t = GAP_BELOW, requires = "genes")]
    gap_below: u32,
    /// Least length of a gap.
    #[arg(long, value_name = "BP", default_value_t = 1, requires = "genes")]
    gap_min: u32,
    /// Transcripts of each gene that count.
    #[arg(long, value_name = "WHICH", default_value = "best", requires = "genes")]
    transcripts: Transcripts,
}

impl GeneArgs {
    /// The files that it names.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let panels = self.panel.iter().map(|file| PanelChoice::parse(file).path);
        self.genes.iter().cloned().chain(panels).collect()
    }

    /// Whatever the numbers depend on beside the files; null without a model.
    pub(super) fn in_force(&self) -> Value {
        // Of a file of many panels one may be chosen.
        let panels: Vec<Option<String>> =
            self.panel.iter().map(|file| PanelChoice::parse(file).only).collect();
        self.genes.as_ref().map_or(Value::Null, |_| {
            json!({
                "panels": panels,
                "rating": self.least_rating(),
                "padding": self.padding,
                "gap_below": self.gap_below,
                "gap_min": self.gap_min,
                "all_transcripts": self.transcripts == Transcripts::All,
            })
        })
    }

    fn least_rating(&self) -> Confidence {
        match self.panel_rating {
            Rating::Green => Confidence::Green,
            Rating::Amber => Confidence::Amber,
            Rating::Red => Confidence::Red,
        }
    }

    /// Reads model and panels; `None` without a model, or with the faults in `problems`.
    pub(super) fn settings(&self, problems: &mut Problems) -> Option<GeneSettings> {
        let path = self.genes.as_ref()?;
        let mut all = Vec::new();
        for file in &self.panel {
            let choice = PanelChoice::parse(file);
            match panels::read_all(&choice.path, choice.only.as_deref()) {
                Ok(found) => all.extend(found),
                Err(more) => problems.0.extend(more.0),
            }
        }
        let model = gene_model::read(path).map_err(|more| problems.0.extend(more.0)).ok()?;
        let mut settings = GeneSettings::new(Arc::new(model), PanelSet::new(all));
        settings.padding = self.padding;
        settings.gap_below = self.gap_below;
        settings.gap_min = self.gap_min;
        settings.all_transcripts = self.transcripts == Transcripts::All;
        settings.rating = self.least_rating();
        Some(settings)
    }
}
