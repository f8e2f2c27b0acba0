//! A command line that can stand in a report: without folders, and without the identifiers of the case.

use crate::model::results::CaseResults;

/// What stands in place of an identifier.
const REDACTED: &str = "[redacted]";

/// Every identifier that the case holds: its id, participants, samples. Longest first, so that no identifier hides
/// within another.
pub fn identifiers(results: &CaseResults) -> Vec<&str> {
    let members = results.case.members.iter();
    let mut all: Vec<&str> = members
        .flat_map(|member| [member.id.as_deref(), member.sample.as_deref()])
        .flatten()
        .chain([results.case.id.as_str()])
        .filter(|id| !id.is_empty())
        .collect();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    all.dedup();
    all
}

/// The arguments with folders cut off and identifiers replaced. Short identifiers (one or two characters) are replaced
/// only where they are a whole word, since they would otherwise tear words apart.
pub fn command(arguments: &[String], identifiers: &[&str]) -> Vec<String> {
    arguments
        .iter()
        .map(|argument| {
            let (key, value) = match argument.split_once('=') {
                Some((key, value)) if key.starts_with('-') => (format!("{key}="), value),
                _ => (String::new(), argument.as_str()),
            };
            format!("{key}{}", words(without_folders(value), identifiers))
        })
        .collect()
}

fn without_folders(value: &str) -> &str {
    let name = value.trim_end_matches('/').rsplit('/').next().unwrap_or(value);
    if name.is_empty() { value } else { name }
}

fn words(value: &str, identifiers: &[&str]) -> String {
    let mut text = value.to_owned();
    for identifier in identifiers {
        text = if identifier.chars().count() > 2 {
            text.replace(identifier, REDACTED)
        } else if text == *identifier {
            REDACTED.into()
        } else {
            text
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_identifiers_go() {
        let arguments = [
            "tierline",
            "run",
            "/data/patients/SMITH/NA12878_trio.toml",
            "--output=/out/NA12878",
            "-t",
            "8",
            "relative/NA1/",
            "/",
        ]
        .map(String::from);
        assert_eq!(
            command(&arguments, &["NA12878", "8", "NA1"]),
            [
                "tierline",
                "run",
                "[redacted]_trio.toml",
                "--output=[redacted]",
                "-t",
                "[redacted]",
                "[redacted]",
                "/"
            ]
        );
    }
}
