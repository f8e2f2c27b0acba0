//! The panels that a referral orders, found among the panel files of the case: by a map of codes (R27.3, R27), or by id,
//! hash or name. What is ordered and not found is a fault: without it nothing could be tier 1 or 2.

use std::path::Path;

use crate::case::{CaseForm, Draft, PanelChoice, PanelOrder};
use crate::io::panels;
use crate::model::panel::Panel;
use crate::model::problem::{Problem, Problems};

/// Puts into `draft.panels` those that are ordered.
///
/// # Errors
///
/// Every order that no file answers, or with another version; files that cannot be read.
pub(super) fn apply(draft: &mut Draft) -> Result<(), Problems> {
    let (orders, codes) = (&draft.referred.orders, &draft.referred.codes);
    if orders.is_empty() && codes.is_empty() {
        return Ok(());
    }
    let mut problems = Problems::default();
    let (mut chosen, mut found): (Vec<PanelChoice>, Vec<Panel>) = (Vec::new(), Vec::new());
    for choice in &draft.panels {
        let answer = match &choice.only {
            Some(_) => panels::read_all(&choice.path, choice.only.as_deref())
                .map(|panels| (vec![choice.clone()], panels)),
            None => open(choice, orders, codes),
        };
        match answer {
            Ok((choices, panels)) => {
                chosen.extend(choices);
                found.extend(panels);
            }
            Err(more) => problems.0.extend(more.0),
        }
    }
    for order in orders {
        if let Err(problem) = answered(order, &found) {
            problems.0.push(problem.in_file(&draft.origin).at(&order.place));
        }
    }
    let is_bare = draft.panels.is_empty() && orders.is_empty() && !draft.kind.is_cancer();
    if is_bare && draft.form == CaseForm::Referral {
        let message = format!("{} is ordered, and no panel was given", codes.join(", "));
        let help = "give the panels (--panel FILE), or a map of codes to panels (--panel MAP)";
        problems.0.push(Problem::missing(message).in_file(&draft.origin).help(help));
    }
    draft.panels = chosen;
    problems.into_result()
}

/// The choices that a file without a chosen panel stands for: of a map those of the first code it holds, of several panels
/// the ordered ones, and a single panel as it is.
fn open(
    choice: &PanelChoice,
    orders: &[PanelOrder],
    codes: &[String],
) -> Result<(Vec<PanelChoice>, Vec<Panel>), Problems> {
    let path = choice.path.as_path();
    if let Some(known) = panels::codes(path)? {
        let Some(code) = codes.iter().find(|code| known.contains(code)) else {
            let message = format!("no code of the referral ({}) in this map", codes.join(", "));
            let problem = Problem::bad_data(message).in_file(path.display());
            return Err(problem.help("add a line for it, or name the panels").into());
        };
        return Ok((vec![only(path, code)], panels::read_all(path, Some(code))?));
    }
    let all = panels::read(path, None)?;
    if all.len() == 1 || orders.is_empty() {
        return Ok((vec![choice.clone()], all));
    }
    let wanted: Vec<Panel> =
        all.into_iter().filter(|panel| orders.iter().any(|order| is_meant(order, panel))).collect();
    let mut choices: Vec<PanelChoice> = wanted.iter().map(|panel| only(path, &panel.id)).collect();
    choices.dedup();
    Ok((choices, wanted))
}

fn only(path: &Path, id: &str) -> PanelChoice {
    PanelChoice { path: path.to_owned(), only: Some(id.to_owned()) }
}

fn is_meant(order: &PanelOrder, panel: &Panel) -> bool {
    match &order.id {
        Some(id) => *id == panel.id,
        None => order.name == panel.id || order.name.eq_ignore_ascii_case(&panel.name),
    }
}

fn answered(order: &PanelOrder, found: &[Panel]) -> Result<(), Problem> {
    let meant: Vec<&Panel> = found.iter().filter(|panel| is_meant(order, panel)).collect();
    let which = match &order.id {
        Some(id) => format!("panel {id} ({})", order.name),
        None => format!("panel {:?}", order.name),
    };
    if meant.is_empty() {
        let message = format!("{which} is ordered, and no panel file given holds it");
        return Err(Problem::missing(message)
            .help("--panel FILE, or `panels` in --with FILE, with PanelApp's JSON of this panel"));
    }
    let Some(version) = &order.version else { return Ok(()) };
    // Beside the version that is ordered no other one is applied either.
    let Some(other) = meant.iter().find(|panel| panel.version != *version) else { return Ok(()) };
    let message =
        format!("{which} is ordered in version {version}, the file has {}", other.version);
    Err(Problem::bad_data(message).help("give that version, or have the order changed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beside_the_version_that_is_ordered_no_other_is_applied() {
        let order = PanelOrder {
            id: Some("1".into()),
            name: "P".into(),
            version: Some("1.4".into()),
            place: String::new(),
        };
        let panel =
            |version: &str| Panel { id: "1".into(), version: version.into(), ..Panel::default() };
        assert!(answered(&order, &[panel("1.4")]).is_ok());
        let told = answered(&order, &[panel("1.4"), panel("1.3")]).unwrap_err().to_string();
        assert!(told.contains("ordered in version 1.4, the file has 1.3"), "{told}");
    }
}
