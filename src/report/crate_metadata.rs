//! `ro-crate-metadata.json`: the output folder as an RO-Crate 1.1 after the profile Process Run Crate 0.5: which program made
//! which files of what, when. Inputs are named by what they are to the case, since file names may hold identifiers.

use serde_json::{Value, json};

use crate::model::problem::Problem;
use crate::model::results::{InputDigest, OutputDigest, RunRecord};

use super::{OutputFile, Rendered, Source, WRITERS, Writer, pretty};

/// Writes the metadata of a run; nothing when reports are rendered again later.
#[derive(Debug)]
pub(super) struct CrateMetadata;

const NAME: &str = "ro-crate-metadata.json";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
const SPECIFICATION: &str = "https://w3id.org/ro/crate/1.1";
const ACTION: &str = "#run";
const PROGRAM: &str = concat!("urn:tierline:", env!("CARGO_PKG_VERSION"));
/// The folder whose file names are those of samples: it stands for its files.
const QUALITY: &str = "qc/";
const LICENCE: &str = "#use";

const FILES: &[OutputFile] = &[OutputFile {
    name: NAME,
    deterministic: false,
    doc: "the folder as an RO-Crate: program, inputs by digest, outputs, times",
}];

impl Writer for CrateMetadata {
    fn id(&self) -> &'static str {
        "crate"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let Some(run) = source.run else { return Ok(Vec::new()) };
        let outputs: Vec<&OutputDigest> = run.outputs.iter().chain(source.outputs).collect();
        Ok(vec![Rendered { name: NAME, bytes: pretty(&document(run, &outputs))? }])
    }
}

#[expect(clippy::too_many_lines, reason = "one entity of the crate after the other")]
fn document(run: &RunRecord, outputs: &[&OutputDigest]) -> Value {
    let is_quality = |output: &&&OutputDigest| output.file.starts_with(QUALITY);
    let named = || outputs.iter().filter(|output| !is_quality(output));
    let mut parts: Vec<Value> = named().map(|output| reference(&output.file)).collect();
    let quality = outputs.iter().filter(is_quality).count();
    if quality > 0 {
        parts.push(reference(QUALITY));
    }
    let inputs: Vec<Value> =
        (1..=run.inputs.len()).map(|number| reference(&input_id(number))).collect();
    let mut graph = vec![
        json!({
            "@id": NAME,
            "@type": "CreativeWork",
            "about": reference("./"),
            "conformsTo": reference(SPECIFICATION),
        }),
        json!({
            "@id": "./",
            "@type": "Dataset",
            "name": "Results of a whole-genome case",
            "description": "Quality verdicts, panel-filtered variants and tiers of one case, made by tierline; decision support, not a diagnosis",
            "datePublished": run.ended,
            "license": reference(LICENCE),
            "conformsTo": reference(PROFILE),
            "hasPart": parts,
            "mentions": reference(ACTION),
        }),
        json!({
            "@id": LICENCE,
            "@type": "CreativeWork",
            "name": "Clinical data",
            "description": "Use is governed by the consent of the people concerned and the rules of the laboratory",
        }),
        json!({
            "@id": PROFILE,
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        }),
        json!({
            "@id": PROGRAM,
            "@type": "SoftwareApplication",
            "name": run.tool.name,
            "softwareVersion": run.tool.version,
            "identifier": format!("policy {}", run.policy_digest),
        }),
        json!({
            "@id": ACTION,
            "@type": "CreateAction",
            "name": format!("Run of {} {}", run.tool.name, run.tool.version),
            "identifier": run.run,
            "description": run.command.join(" "),
            "instrument": reference(PROGRAM),
            "object": inputs,
            "result": parts,
            "startTime": run.started,
            "endTime": run.ended,
            "actionStatus": "http://schema.org/CompletedActionStatus",
        }),
    ];
    graph.extend(run.inputs.iter().enumerate().map(|(i, own)| input(i + 1, own)));
    graph.extend(named().map(|own| output(own)));
    if quality > 0 {
        graph.push(json!({
            "@id": QUALITY,
            "@type": "Dataset",
            "name": QUALITY,
            "description": format!("figures of the samples' reads, {quality} files; manifest.sha256 has their sums"),
        }));
    }
    json!({ "@context": format!("{SPECIFICATION}/context"), "@graph": graph })
}

fn reference(id: &str) -> Value {
    json!({ "@id": id })
}

fn input_id(number: usize) -> String {
    format!("#input-{number}")
}

fn input(number: usize, own: &InputDigest) -> Value {
    let name = match own.member {
        Some(member) => format!("{} of member {member}", own.role),
        None => own.role.clone(),
    };
    let mut entity = json!({
        "@id": input_id(number),
        "@type": "CreativeWork",
        "name": name,
        "contentSize": own.bytes.to_string(),
    });
    if let Some(sha256) = &own.sha256 {
        entity["sha256"] = json!(sha256);
    }
    entity
}

fn output(own: &OutputDigest) -> Value {
    let known = WRITERS.iter().flat_map(|writer| writer.files());
    let doc = known.clone().find(|file| file.name == own.file).map(|file| file.doc);
    json!({
        "@id": own.file,
        "@type": "File",
        "name": own.file,
        "description": doc.unwrap_or("another file of the run"),
        "encodingFormat": encoding(&own.file),
        "contentSize": own.bytes.to_string(),
        "sha256": own.sha256,
    })
}

/// Media type by the end of the name.
fn encoding(name: &str) -> &'static str {
    let end = name.rsplit('.').next().unwrap_or_default();
    match end {
        "json" => "application/json",
        "html" => "text/html",
        "tsv" => "text/tab-separated-values",
        "gz" => "application/gzip",
        "txt" | "bed" | "selfSM" | "maf" => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_samples_in_files_of_the_quality_folder_are_not_told() {
        let file = |name: &str| OutputDigest { file: name.into(), bytes: 1, sha256: "00".into() };
        let outputs = [file("tiers.tsv"), file("qc/NA12878.qc.json"), file("qc/NA12878.stats")];
        let outputs: Vec<&OutputDigest> = outputs.iter().collect();
        let text = document(&super::super::fixture::run(), &outputs).to_string();
        assert!(text.contains("tiers.tsv") && text.contains("2 files"), "{text}");
        assert!(!text.contains("NA12878"), "{text}");
    }
}
