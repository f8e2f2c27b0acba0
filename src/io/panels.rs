//! Opens a panel file of any kind: PanelApp JSON, several of them, or a plain gene list; which, the content tells.

use std::path::Path;

use super::{gene_list, panelapp, text};
use crate::model::panel::Panel;
use crate::model::problem::{Problem, Problems};

/// Reads the panels of a file; with `only`, the one of that id.
///
/// # Errors
///
/// As the readers of the kinds; an id that the file does not hold, with those it holds.
pub fn read(path: &Path, only: Option<&str>) -> Result<Vec<Panel>, Problems> {
    let shown = path.display().to_string();
    let small = text::read(path)?;
    let first = small.text.trim_start_matches('\u{feff}').trim_start().chars().next();
    let mut panels = if matches!(first, Some('{' | '[' | '<')) {
        panelapp::parse(&small.text, &shown, &small.sha256)?
    } else {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        vec![gene_list::parse(&small.text, &shown, &stem, &small.sha256)?]
    };
    if let Some(id) = only {
        let known: Vec<String> = panels.iter().map(|panel| panel.id.clone()).collect();
        panels.retain(|panel| panel.id == id);
        if panels.is_empty() {
            let problem = Problem::bad_data(format!("no panel {id:?} in this file"))
                .in_file(shown)
                .help(format!("it holds {}", known.join(", ")));
            return Err(problem.into());
        }
    }
    Ok(panels)
}
