//! `results.json`: the results themselves, with a published JSON Schema (`results.schema.json` beside this file).

use crate::model::picture::ReadPicture;
use crate::model::problem::Problem;
use crate::model::results::{CaseResults, SCHEMA_VERSION};

use super::{OutputFile, Rendered, Source, Writer, pretty};

/// Writes `results.json`.
#[derive(Debug)]
pub(super) struct Json;

const FILES: &[OutputFile] = &[OutputFile {
    name: "results.json",
    deterministic: true,
    doc: "everything that was found; all other reports can be rendered from it",
}];

impl Writer for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        Ok(vec![Rendered { name: FILES[0].name, bytes: pretty(source.results)? }])
    }
}

/// The JSON Schema of `results.json`, as the types give it.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(CaseResults)
}

/// Reads `results.json` text and checks what the writers rely on.
///
/// # Errors
///
/// When the text is no such file, is of another major version, or contradicts itself.
pub fn read(text: &str) -> Result<CaseResults, Problem> {
    #[derive(serde::Deserialize)]
    struct Version {
        #[serde(rename = "schemaVersion")]
        schema_version: String,
    }
    let place = |e: serde_json::Error| {
        Problem::bad_data(format!("not a results file: {e}"))
            .help("give the results.json that `tierline` wrote")
    };
    let version = serde_json::from_str::<Version>(text).map_err(place)?.schema_version;
    let major = |text: &str| text.split('.').next().map(str::to_owned);
    if major(&version) != major(SCHEMA_VERSION) {
        return Err(Problem::bad_data(format!("schemaVersion {version} cannot be read"))
            .help(format!("this program reads {SCHEMA_VERSION}; run the case again")));
    }
    let results = serde_json::from_str(text).map_err(place)?;
    check(&results)?;
    Ok(results)
}

/// What is true of every file that this program wrote, and what the writers rely on.
fn check(results: &CaseResults) -> Result<(), Problem> {
    for (i, candidate) in results.candidates.iter().enumerate() {
        let place = format!("candidates[{i}]");
        let variant = &candidate.variant;
        for (name, text) in [
            ("contig", &variant.contig),
            ("reference", &variant.reference),
            ("alternate", &variant.alternate),
        ] {
            if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Problem::bad_data(format!("{name} {text:?} is no VCF text")).at(place));
            }
        }
        if !results.contigs.iter().any(|contig| contig.name == variant.contig) {
            return Err(
                Problem::bad_data(format!("contig {:?} is not listed", variant.contig)).at(place)
            );
        }
        let mut pictures = candidate.evidence.iter().filter_map(|own| own.picture.as_ref());
        if !pictures.all(ReadPicture::is_sound) {
            let message = "a picture of reads does not fit its window";
            return Err(Problem::bad_data(message).at(place));
        }
        for event in &candidate.events {
            if candidate.consequences.len() <= event.consequence as usize {
                let message = format!("event {} names no consequence", event.id);
                return Err(Problem::bad_data(message).at(place));
            }
        }
        for call in &candidate.calls {
            if results.member(call.member).is_none() {
                let message = format!("a call names member {}, who is not there", call.member);
                return Err(Problem::bad_data(message).at(place));
            }
        }
    }
    Ok(())
}
