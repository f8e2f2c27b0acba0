//! What integration tests share: the real data, the oracle programs, the built binary, scratch folders, gunzip.
//!
//! Real data and oracles may be absent on a developer's machine: then a test says on stderr that it was skipped and
//! returns. `TIERLINE_REQUIRE_SHARED=1` and `TIERLINE_REQUIRE_ORACLES=1` (set in CI) turn a skip into a failure.
#![allow(dead_code, reason = "every test program uses its own part of these helpers")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot be set up should stop, and a skip should be seen"
)]

use std::env;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the package: where cargo runs the test, else where it was built.
pub(crate) fn root() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), Into::into)
}

/// The folder that holds `data/` with real samples: `TIERLINE_SHARED`, else `../shared` beside the package.
///
/// `None`, with a line on stderr, when there is none. Panics instead under `TIERLINE_REQUIRE_SHARED=1`.
pub(crate) fn shared() -> Option<PathBuf> {
    let folder =
        env::var_os("TIERLINE_SHARED").map_or_else(|| root().join("../shared"), Into::into);
    if folder.join("data").is_dir() {
        return Some(folder);
    }
    missing("TIERLINE_REQUIRE_SHARED", &format!("no real data in {}", folder.display()))
}

/// A file of the real data, by its path below `data/`. A data folder without the file is a failure, not a skip.
pub(crate) fn shared_file(below_data: &str) -> Option<PathBuf> {
    let path = shared()?.join("data").join(below_data);
    assert!(path.exists(), "the data folder has no {below_data}");
    Some(path)
}

/// An independent program of that name from `PATH`.
///
/// `None`, with a line on stderr, when there is none. Panics instead under `TIERLINE_REQUIRE_ORACLES=1`.
pub(crate) fn oracle(name: &str) -> Option<PathBuf> {
    let found = env::var_os("PATH").and_then(|path| {
        env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
    });
    found.or_else(|| missing("TIERLINE_REQUIRE_ORACLES", &format!("{name} is not installed")))
}

fn missing<T>(required_by: &str, what: &str) -> Option<T> {
    assert!(env::var_os(required_by).is_none_or(|v| v != "1"), "{what}, and {required_by}=1");
    eprintln!("skipped: {what}");
    None
}

/// The program under test, without the caller's logging and colour settings.
pub(crate) fn tierline() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tierline"));
    command.env_remove("RUST_LOG").env("NO_COLOR", "1");
    command
}

/// A scratch folder that goes away with the value.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a scratch folder")
}

/// Runs a command; panics with its stderr when it does not succeed.
pub(crate) fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// The text that a successful command prints on stdout.
pub(crate) fn stdout_of(command: &mut Command) -> String {
    String::from_utf8(run(command).stdout).expect("UTF-8 on stdout")
}

/// The bytes of a gzip or BGZF file (all members), or of a plain file.
pub(crate) fn gunzip(path: &Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return bytes;
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_end(&mut plain)
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    plain
}

/// As [`gunzip`], as text.
pub(crate) fn gunzip_text(path: &Path) -> String {
    String::from_utf8(gunzip(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every BAM of the real data; none, with a line on stderr, where there is no data.
pub(crate) fn real_alignments() -> Vec<PathBuf> {
    let Some(shared) = shared() else { return Vec::new() };
    let mut found = Vec::new();
    for folder in ["data/reads", "data/reads/manta", "data/reads/strelka"] {
        let entries = std::fs::read_dir(shared.join(folder)).expect("the folder of reads");
        found.extend(entries.map(|entry| entry.expect("an entry").path()));
    }
    found.retain(|path| path.extension().is_some_and(|extension| extension == "bam"));
    found.sort();
    assert!(found.len() >= 10, "the data folder has its BAM files");
    found
}

/// Writes SAM text as a sorted, indexed BAM of this name.
pub(crate) fn sorted_bam(samtools: &Path, folder: &Path, name: &str, sam: &str) -> PathBuf {
    let (text, path) = (folder.join(format!("{name}.sam")), folder.join(format!("{name}.bam")));
    std::fs::write(&text, sam).expect("the SAM");
    run(Command::new(samtools).args(["sort", "-o"]).arg(&path).arg(&text));
    run(Command::new(samtools).arg("index").arg(&path));
    path
}

/// How many files a command left in a folder, but for the events that say how it ended.
pub(crate) fn results_left(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.filter(|entry| entry.as_ref().is_ok_and(|e| e.file_name() != "status.jsonl")).count()
}

/// A SAM header with these contigs.
pub(crate) fn sam_header(contigs: &[(&str, u32)]) -> String {
    let lines = contigs.iter().map(|(name, length)| format!("@SQ\tSN:{name}\tLN:{length}\n"));
    lines.fold("@HD\tVN:1.6\tSO:coordinate\n".to_owned(), |text, line| text + &line)
}
