//! A command line that can stand in a report: without folders, and without the identifiers of the case.

use crate::case::Case;

/// What stands in place of an identifier.
const REDACTED: &str = "[redacted]";

/// Every identifier that the case holds: its id, participants (sequenced or not, left out or not), samples. Longest first,
/// so that no identifier hides within another.
pub fn identifiers(case: &Case) -> Vec<&str> {
    let members = case.family.members.iter();
    let mut all: Vec<&str> = members
        .flat_map(|member| member.sample.iter().chain([&member.id]))
        .chain(&case.referred.hidden)
        .chain([&case.id])
        .map(String::as_str)
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

    #[test]
    fn whoever_was_left_out_is_known_by_every_name() {
        let text = "[case]\nid = \"T\"\nkind = \"family\"\nassembly = \"GRCh38\"\nwithdrawn = [\"HER-ID\"]\nleave_out = true\n\
            [[member]]\nid = \"C\"\nsample = \"S\"\nrole = \"proband\"\nfather = \"HIS-ID\"\n[member.consent]\nprimary = true\n\
            [[member]]\nid = \"HIS-ID\"\nrole = \"father\"\n\
            [[member]]\nid = \"HER-ID\"\nsample = \"HER-SAMPLE\"\nrole = \"mother\"\n[member.consent]\nprimary = true\n";
        let case = crate::case::document::draft(text, std::path::Path::new("case.toml")).0;
        let case = case.unwrap().resolve().unwrap();
        assert_eq!(identifiers(&case), ["HER-SAMPLE", "HER-ID", "HIS-ID", "C", "S", "T"]);
        let arguments = ["--bam=HER-SAMPLE=x.bam".to_owned(), "HIS-ID.vcf".to_owned()];
        assert_eq!(
            command(&arguments, &identifiers(&case)),
            ["--bam=[redacted]=x.bam", "[redacted].vcf"]
        );
    }
}
