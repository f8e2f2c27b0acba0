//! Small text inputs (documents, pedigrees, panels, gene lists), read whole with their digest.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::model::problem::Problem;

/// Largest small input, bytes: fifty times the largest public panel file (about 1 MB), so that an alignment given by
/// mistake is refused before it fills memory.
const MAX_BYTES: u64 = 64 << 20;

/// What of a file tells its kind, bytes: comments of people come before the first line that says something.
const HEAD_BYTES: u64 = 8 << 10;

/// A small input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallText {
    /// Content.
    pub text: String,
    /// SHA-256 of the bytes, lower-case hex.
    pub sha256: String,
}

/// Reads a small text file.
///
/// # Errors
///
/// When it is missing, no regular file, larger than 64 MiB, or not UTF-8 text; what it is instead is named if known.
pub fn read(path: &Path) -> Result<SmallText, Problem> {
    let shown = path.display();
    let reading = |e: std::io::Error| Problem::reading(&shown, &e);
    let file = File::open(path).map_err(reading)?;
    let kind = file.metadata().map_err(reading)?;
    if kind.is_dir() {
        return Err(Problem::missing("is a folder, not a file").in_file(shown));
    }
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(reading)?;
    if let Some(instead) = binary_kind(&bytes) {
        let message = format!("is {instead}, not text");
        return Err(Problem::bad_data(message).in_file(shown));
    }
    if bytes.len() as u64 > MAX_BYTES {
        let message =
            format!("more than {} MiB: too large for this kind of input", MAX_BYTES >> 20);
        return Err(Problem::bad_data(message).in_file(shown));
    }
    let sha256 = super::digest::hex(&Sha256::digest(&bytes));
    let text = String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = 1 + String::from_utf8_lossy(before).matches('\n').count();
        Problem::bad_data("not UTF-8 text").in_file(&shown).at(format!("line {line}"))
    })?;
    Ok(SmallText { text, sha256 })
}

/// The first bytes of a file as text, at most 8 KiB; `None` when it cannot be read or is no text.
pub fn head(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut bytes).ok()?;
    let is_text = binary_kind(&bytes).is_none() && !bytes.contains(&0);
    is_text.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

/// Checks that a file is there, is a regular file and can be opened.
///
/// # Errors
///
/// When it is not.
pub fn check_file(path: &Path) -> Result<(), Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    let kind = File::open(path).and_then(|file| file.metadata()).map_err(reading)?;
    if kind.is_file() {
        return Ok(());
    }
    Err(Problem::missing("is not a regular file").in_file(path.display()))
}

/// The first 40 characters of what a file holds, quoted, with escapes for what is no plain text: for messages, since it may
/// be anything.
pub fn excerpt(text: &str) -> String {
    let start: String = text.chars().take(40).collect();
    let more = if start.len() < text.len() { "..." } else { "" };
    format!("{start:?}{more}")
}

/// What of another sort begins with these bytes, plain or unpacked, where a table of text is wanted.
pub(super) fn no_table(first: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 9] = [
        (b"BAM\x01", "a BAM file"),
        (b"BCF\x02", "a BCF file"),
        (b"BAI\x01", "an index (BAI)"),
        (b"CSI\x01", "an index (CSI)"),
        (b"TBI\x01", "an index (tabix)"),
        (b"@HD\t", "SAM text"),
        (b"@SQ\t", "SAM text"),
        (b"##fileformat=VCF", "a VCF file"),
        (b">", "FASTA text"),
    ];
    let known = kinds.iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, kind)| *kind);
    let binary = || first.contains(&0).then_some("binary data");
    known.or_else(|| binary_kind(first)).or_else(binary)
}

/// What a file is by its first bytes, when it is one of the binary kinds met in this field.
fn binary_kind(bytes: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 6] = [
        (b"\x1f\x8b", "compressed (gzip); decompress it first"),
        (b"CRAM", "a CRAM file"),
        (b"PK\x03\x04", "a zip archive or spreadsheet"),
        (b"%PDF", "a PDF"),
        (b"\xff\xfe", "UTF-16 text; save it as UTF-8"),
        (b"\xfe\xff", "UTF-16 text; save it as UTF-8"),
    ];
    kinds.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, "abc").unwrap();
        let small = read(&path).unwrap();
        assert_eq!(small.text, "abc");
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; // FIPS 180-2, B.1
        assert_eq!(small.sha256, known);
    }

    #[test]
    fn excerpts_are_short_and_plain() {
        assert_eq!(excerpt("chr20"), "\"chr20\"");
        assert_eq!(excerpt("a\u{1b}[2J\u{0}\n\""), "\"a\\u{1b}[2J\\0\\n\\\"\"");
        assert_eq!(excerpt(&"é".repeat(41)), format!("\"{}\"...", "é".repeat(40)));
    }

    #[test]
    fn what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for (bytes, expected) in [
            (&b"\x1f\x8b\x08"[..], "is compressed (gzip)"),
            (b"PK\x03\x04", "zip archive"),
            (b"a\nb\n\xff", "line 3: not UTF-8 text"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let problem = read(&path).unwrap_err();
            assert!(problem.to_string().contains(expected), "{problem}");
            assert_eq!(problem.kind.exit_code(), 65);
        }
        assert_eq!(read(folder.path()).unwrap_err().kind.exit_code(), 66);
        assert_eq!(read(&folder.path().join("none")).unwrap_err().kind.exit_code(), 66);
    }
}
