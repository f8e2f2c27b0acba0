//! The record of a command without a case: `NAME.run.json` and `NAME.manifest.sha256` beside its results. Each name has its
//! own, so that commands into one folder, one after the other or at once, leave each other's alone; all of them add to the
//! folder's `status.jsonl`.

use std::path::Path;

use crate::io::{digest, sink};
use crate::model::problem::Problem;
use crate::model::results::{OutputDigest, RunRecord};
use crate::model::written::WrittenFile;

use super::{manifest, pretty};

/// What a name adds to that of the results, of the record and of the manifest.
pub const ENDS: [&str; 2] = [RECORD, MANIFEST];
/// The record's.
pub const RECORD: &str = ".run.json";
const MANIFEST: &str = ".manifest.sha256";

/// Digests of those of the files that are there, sorted by name; names below the folder, with `/`. Those of `written` are
/// not read again.
///
/// # Errors
///
/// When one cannot be read.
pub fn digests(
    folder: &Path,
    mut names: Vec<String>,
    written: &[WrittenFile],
) -> Result<Vec<OutputDigest>, Problem> {
    names.sort_unstable();
    names.dedup();
    let there = names.into_iter().filter(|file| folder.join(file).is_file());
    there
        .map(|file| {
            let found = digest::of_output(&folder.join(&file), written)?;
            Ok(OutputDigest { file, bytes: found.bytes, sha256: found.sha256 })
        })
        .collect()
}

/// Writes the record, then the manifest, whose presence tells that the results of this name are complete.
///
/// # Errors
///
/// When the folder cannot be written.
pub fn write(folder: &Path, name: &str, record: &RunRecord) -> Result<(), Problem> {
    let file = format!("{name}{RECORD}");
    let bytes = pretty(record)?;
    sink::write_whole(folder.join(&file), &bytes)?;
    let own = OutputDigest { file, bytes: bytes.len() as u64, sha256: digest::sha256_hex(&bytes) };
    let text = manifest::text(record, record.outputs.iter().chain([&own]));
    sink::write_whole(folder.join(format!("{name}{MANIFEST}")), text.as_bytes())
}

/// Whether this is the manifest of a name.
pub(super) fn is_manifest(name: &str) -> bool {
    name.ends_with(MANIFEST)
}
