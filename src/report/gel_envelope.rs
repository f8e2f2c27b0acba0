//! `cip_api_case.json`: the interpreted genome within a case as the CIP-API of Genomics England gives it, for programs that
//! read such cases (re-analysis of Tier 3, for one). Only what such a reader looks at is there: the state of the case and
//! the document with its time. Written when asked for.

use serde_json::json;

use crate::model::problem::Problem;
use crate::report::limits;

use super::{OutputFile, Rendered, Source, Writer, gel, pretty};

/// Writes `cip_api_case.json`.
#[derive(Debug)]
pub(super) struct Envelope;

const FILES: &[OutputFile] = &[OutputFile {
    name: "cip_api_case.json",
    deterministic: true,
    doc: "the interpreted genome within a case as the CIP-API gives it; only when asked for",
}];

impl Writer for Envelope {
    fn id(&self) -> &'static str {
        "gel-envelope"
    }

    fn files(&self) -> &'static [OutputFile] {
        FILES
    }

    fn render(&self, source: &Source<'_>) -> Result<Vec<Rendered>, Problem> {
        let Some(created) = &source.gel.envelope else { return Ok(Vec::new()) };
        let results = source.results;
        let kind = if limits::is_tumour(results) { "cancer" } else { "raredisease" };
        let case = json!({
            "interpretation_request_id": results.case.id,
            "version": 1,
            "sample_type": kind,
            "assembly": results.case.assembly,
            "status": [{ "created_at": created, "status": "sent_to_gmcs", "user": results.tool.name }],
            "interpreted_genome": [{
                "created_at": created,
                "interpreted_genome_data": gel::interpreted_genome(results, source.gel),
            }],
            // What people sign stands here; this program writes none of it.
            "clinical_report": [],
        });
        Ok(vec![Rendered { name: FILES[0].name, bytes: pretty(&case)? }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::report::{GelOptions, GelVersion};

    #[test]
    fn it_is_written_when_asked_for_alone() {
        let results = fixture::trio();
        assert!(Envelope.render(&Source::of(&results)).unwrap().is_empty());
        let gel = GelOptions {
            version: GelVersion::V601,
            service: Some("genomics_england_tiering".into()),
            envelope: Some("2026-01-02T03:04:05.000000Z".into()),
        };
        let source = Source { gel: &gel, ..Source::of(&results) };
        let files = Envelope.render(&source).unwrap();
        let case: serde_json::Value = serde_json::from_slice(&files[0].bytes).unwrap();
        assert_eq!(case["status"][0]["status"], "sent_to_gmcs");
        let genome = &case["interpreted_genome"][0];
        assert_eq!(genome["created_at"], "2026-01-02T03:04:05.000000Z");
        let data = &genome["interpreted_genome_data"];
        assert_eq!(data["interpretationService"], "genomics_england_tiering");
        assert_eq!(data["versionControl"]["gitVersionControl"], "6.0.1");
    }
}
