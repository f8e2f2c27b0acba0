//! The record of one run: what went in, what came out, when, with which settings. Only this differs between two runs
//! of one case.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Tool;

/// One input file by content. Holds the file's own name, never its folders.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InputDigest {
    /// What it is to the case: `case`, `pedigree`, `panel`, `variants`, `alignment`, `reference`, `policy`, `regions`.
    pub role: String,
    /// Name of the file without folders.
    pub file: String,
    /// Number of the member it belongs to, 1-based; `None` for files of the whole case.
    pub member: Option<u16>,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content, lower-case hex; `None` for files that are not read whole.
    pub sha256: Option<String>,
    /// MD5 of the content, lower-case hex, when the referral gives one to compare or full digests are asked for.
    pub md5: Option<String>,
}

/// One output file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutputDigest {
    /// Name below the output folder.
    pub file: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the content, lower-case hex.
    pub sha256: String,
}

/// What `run.json` holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunRecord {
    /// Version of this layout, `major.minor`.
    #[serde(rename = "schemaVersion")]
    pub schema_version: String,
    /// Id of the run; the same in every line of `status.jsonl`.
    pub run: String,
    /// The program.
    pub tool: Tool,
    /// Start, UTC, RFC 3339 with seconds.
    pub started: String,
    /// End, UTC, RFC 3339 with seconds.
    pub ended: String,
    /// Worker threads.
    pub threads: u16,
    /// The command line without folders and identifiers.
    pub command: Vec<String>,
    /// The resolved policy: every rule and threshold with its source.
    pub policy: serde_json::Value,
    /// SHA-256 of the resolved policy, lower-case hex.
    pub policy_digest: String,
    /// Input files in the order of the case.
    pub inputs: Vec<InputDigest>,
    /// Files of this run: those below `qc`, then reports in the order rendered, which are filled in when they are.
    pub outputs: Vec<OutputDigest>,
}
