//! Checks of single values: ranges of numbers, names of the fields that population frequencies are read from.

use crate::model::problem::Problem;

/// INFO fields that hold the call set's own values in every caller.
pub const OWN_VALUES: &[&str] = &["AF", "AC", "AN", "MLEAF", "MLEAC"];

/// A number lies between two others, both included.
///
/// # Errors
///
/// One that does not, named by its key.
pub(super) fn in_range(key: &str, value: f64, least: f64, most: f64) -> Result<(), Problem> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let message = format!("`{key}` is {value}, but must be between {least} and {most}");
    Err(Problem::bad_data(message))
}

/// A field of a population frequency is named as the policy can read it.
///
/// # Errors
///
/// A name of another form, or of the call set's own values.
pub(super) fn check(field: &str) -> Result<(), Problem> {
    match field.split_once('/') {
        Some(("INFO", name)) if OWN_VALUES.contains(&name) => Err(Problem::bad_data(format!(
            "INFO/{name} is the family's own value, not a population frequency"
        ))
        .help("name the annotated field, for example CSQ/gnomADg_NFE_AF")),
        Some(("INFO" | "CSQ", name)) if !name.is_empty() => Ok(()),
        Some(("STORE", name))
            if name.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()) =>
        {
            Ok(())
        }
        _ => Err(Problem::bad_data(format!(
            "frequency field \"{field}\" is neither INFO/NAME nor CSQ/NAME nor STORE/DATASET/POPULATION"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_family_s_own_values_are_refused() {
        assert!(check("INFO/AF").unwrap_err().message.contains("own value"));
        assert!(check("CSQ/AF").is_ok(), "in CSQ it is the 1000 Genomes frequency");
    }
}
