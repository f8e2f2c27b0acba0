//! `qc.json`: every value of quality control with its schema version.

use serde::Serialize;

use crate::model::qc::SampleQc;

/// Version of the layout; raised when a reader of the version before would misread the file.
pub const SCHEMA_VERSION: u32 = 1;

/// The file's content.
#[derive(Debug, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QcDocument<'a> {
    /// [`SCHEMA_VERSION`].
    schema_version: u32,
    /// The program.
    tool: Tool,
    /// The values.
    #[serde(flatten)]
    values: &'a SampleQc,
}

/// The program that made a file.
#[derive(Debug, Serialize, schemars::JsonSchema)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// The whole text.
///
/// # Errors
///
/// None in practice: every value can be written as JSON.
pub fn text(qc: &SampleQc) -> Result<String, serde_json::Error> {
    let tool = Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };
    let document = QcDocument { schema_version: SCHEMA_VERSION, tool, values: qc };
    serde_json::to_string_pretty(&document).map(|text| text + "\n")
}
