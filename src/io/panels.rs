//! Opens a panel file of any kind: PanelApp JSON, several of them, or a plain gene list; which, the content tells. A map of
//! R-codes (codes of the National Genomic Test Directory) is a table with the columns `r_code` and `panel`, one panel file
//! a row, relative to the map; `MAP#R59` stands for the panels of that code.

use std::path::{Path, PathBuf};

use super::{gene_list, panelapp, text};
use crate::model::panel::Panel;
use crate::model::problem::{Problem, Problems, nearest};

/// Column names of a map of R-codes.
const MAP_COLUMNS: [&str; 2] = ["r_code", "panel"];

/// A panel file with the id of the one panel wanted of it.
pub type Choice = (PathBuf, Option<String>);

/// The codes of a map of codes; `None` when the file is none.
///
/// # Errors
///
/// When the file cannot be read.
pub fn codes(path: &Path) -> Result<Option<Vec<String>>, Problem> {
    let small = text::read(path)?;
    let mut lines = small.text.trim_start_matches('\u{feff}').lines();
    if !lines.next().is_some_and(is_map_header) {
        return Ok(None);
    }
    let code = |line: &str| line.split('\t').next().unwrap_or_default().trim().to_owned();
    let rows = lines.filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    Ok(Some(rows.map(code).collect()))
}

fn is_map_header(line: &str) -> bool {
    let mut names = line.trim_start_matches('#').split('\t').map(str::trim);
    MAP_COLUMNS.iter().all(|wanted| names.next() == Some(wanted))
}

/// The panel files that a choice stands for: those of an R-code when the file is a map of R-codes, else the file itself.
///
/// # Errors
///
/// A file that cannot be read, a map without the wanted code (with near ones), a line of a map that is not two columns.
pub fn expand(path: &Path, only: Option<&str>) -> Result<Vec<Choice>, Problems> {
    let small = text::read(path)?;
    let mut lines = small.text.trim_start_matches('\u{feff}').lines().enumerate();
    if !lines.next().is_some_and(|(_, line)| is_map_header(line)) {
        return Ok(vec![(path.to_owned(), only.map(str::to_owned))]);
    }
    let shown = path.display().to_string();
    let (mut codes, mut found) = (Vec::new(), Vec::new());
    let mut problems = Problems::default();
    for (i, line) in lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#')) {
        let mut cells = line.split('\t').map(str::trim);
        let (Some(code), Some(panel)) = (cells.next(), cells.next().filter(|p| !p.is_empty()))
        else {
            let problem = Problem::bad_data("no panel file beside the R-code").in_file(&shown);
            problems.0.push(problem.at(format!("line {}", i + 1)));
            continue;
        };
        codes.push(code.to_owned());
        if only == Some(code) {
            let (file, id) = match panel.rsplit_once('#') {
                Some((file, id)) if !file.is_empty() && !id.is_empty() => (file, Some(id)),
                _ => (panel, None),
            };
            let file = path.parent().unwrap_or(Path::new("")).join(file);
            found.push((file, id.map(str::to_owned)));
        }
    }
    if found.is_empty() && problems.0.is_empty() {
        let message = match only {
            Some(code) => format!("no R-code {code:?} in this map"),
            None => "a map of R-codes, of which none is named".to_owned(),
        };
        let near = only.and_then(|code| nearest(code, codes.iter().map(String::as_str)));
        let help = match near {
            Some(code) => format!("did you mean {code}?"),
            None => format!("write FILE#CODE; it holds {}", codes.join(", ")),
        };
        problems.0.push(Problem::bad_data(message).in_file(&shown).help(help));
    }
    problems.into_result().map(|()| found)
}

/// Reads the panels that a choice stands for, through a map of R-codes if the file is one.
///
/// # Errors
///
/// As [`expand`] and [`read`].
pub fn read_all(path: &Path, only: Option<&str>) -> Result<Vec<Panel>, Problems> {
    let mut problems = Problems::default();
    let mut all = Vec::new();
    for (path, only) in expand(path, only)? {
        match read(&path, only.as_deref()) {
            Ok(panels) => all.extend(panels),
            Err(more) => problems.0.extend(more.0),
        }
    }
    problems.into_result().map(|()| all)
}

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
