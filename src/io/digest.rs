//! Digests of files and bytes, lower-case hex.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::model::problem::Problem;
use crate::model::written::WrittenFile;

use super::sink;

/// Read buffer, bytes: large enough that system calls do not show beside the hash.
const BUFFER_BYTES: usize = 1 << 17;

/// Digests of one file's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// Reads a file once and gives its digest.
///
/// # Errors
///
/// When the file is missing or cannot be read.
pub fn of_file(path: &Path) -> Result<FileDigest, Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    of_reader(File::open(path).map_err(reading)?).map_err(reading)
}

/// Digest of an output: the one of `written` while it is still that file, unchanged, else its bytes are read.
///
/// # Errors
///
/// When the file is missing or cannot be read.
pub fn of_output(path: &Path, written: &[WrittenFile]) -> Result<FileDigest, Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    let file = File::open(path).map_err(reading)?;
    let state = sink::state(&file).map_err(reading)?;
    match written.iter().find(|known| known.path == path && known.state == state) {
        Some(known) => Ok(FileDigest { bytes: state.bytes, sha256: known.sha256.clone() }),
        None => of_reader(file).map_err(reading),
    }
}

/// Digests of all that a reader yields.
///
/// # Errors
///
/// Those of the reader.
pub fn of_reader(mut reader: impl Read) -> std::io::Result<FileDigest> {
    let (mut sha256, mut bytes) = (Sha256::new(), 0);
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => {
                sha256.update(&buffer[..n]);
                bytes += n as u64;
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(FileDigest { bytes, sha256: hex(&sha256.finalize()) })
}

/// Reads a file once and gives its MD5, lower-case hex.
///
/// # Errors
///
/// When the file is missing or cannot be read.
pub fn md5_of_file(path: &Path) -> Result<String, Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    let mut file = File::open(path).map_err(reading)?;
    let mut sum = md5::Md5::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => sum.update(&buffer[..n]),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(reading(e)),
        }
    }
    Ok(hex(&sum.finalize()))
}

/// SHA-256 of bytes, lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes as lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::model::written::FileState;

    #[test]
    fn digests_are_those_of_the_standards() {
        let digest = of_reader("abc".as_bytes()).unwrap();
        assert_eq!(digest.bytes, 3);
        // FIPS 180-2 appendix B.1 and RFC 1321 appendix A.5.
        assert_eq!(
            digest.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(sha256_hex(b"abc"), digest.sha256);
    }

    #[test]
    fn a_file_longer_than_the_buffer_is_read_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("long");
        let bytes = vec![7; BUFFER_BYTES * 2 + 5];
        std::fs::write(&path, &bytes).unwrap();
        let digest = of_file(&path).unwrap();
        assert_eq!((digest.bytes, digest.sha256), (bytes.len() as u64, sha256_hex(&bytes)));
    }

    /// A file that was written, with a digest that it does not have.
    fn written() -> (tempfile::TempDir, [WrittenFile; 1]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let mut file = sink::AtomicFile::create(&path).unwrap();
        file.write_all(b"abc").unwrap();
        let state = file.finish_known().unwrap();
        (folder, [WrittenFile { path, sha256: "as written".into(), state }])
    }

    #[test]
    fn an_output_is_told_as_written_until_it_is_another() {
        let (folder, known) = written();
        let WrittenFile { path, state, .. } = known[0].clone();
        let told = |path: &Path| of_output(path, &known).unwrap().sha256;
        assert_eq!(of_output(&path, &[]).unwrap(), of_file(&path).unwrap());
        assert_eq!(told(&path), "as written");
        let short = FileState { bytes: 2, ..state };
        let short = [WrittenFile { state: short, ..known[0].clone() }];
        assert_eq!(of_output(&path, &short).unwrap().sha256, sha256_hex(b"abc"), "a byte too many");
        // The same file under another name.
        let link = folder.path().join("b");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(told(&link), sha256_hex(b"abc"));
        // Written over in its place, by as many bytes, after a tick of the clock of file systems (10 ms at most).
        std::thread::sleep(std::time::Duration::from_millis(50));
        std::fs::write(&path, "abd").unwrap();
        assert_eq!(told(&path), sha256_hex(b"abd"));
        std::fs::File::open(&path).unwrap().set_modified(known_time(&state)).unwrap();
        assert_eq!(told(&path), sha256_hex(b"abd"), "a time that was set back deceives nobody");
    }

    #[test]
    fn an_output_that_another_file_replaced_is_read() {
        let (_folder, known) = written();
        let path = known[0].path.clone();
        sink::write_whole(&path, b"abd").unwrap();
        assert_eq!(of_output(&path, &known).unwrap().sha256, sha256_hex(b"abd"));
        std::fs::remove_file(&path).unwrap();
        assert!(of_output(&path, &known).is_err());
    }

    fn known_time(state: &FileState) -> std::time::SystemTime {
        let (seconds, nanoseconds) = state.modified;
        std::time::UNIX_EPOCH + std::time::Duration::new(seconds as u64, nanoseconds as u32)
    }

    #[test]
    fn a_missing_file_is_named() {
        let problem = of_file(Path::new("no/such/file")).unwrap_err();
        assert_eq!(problem.kind.exit_code(), 66);
        assert!(problem.to_string().starts_with("no/such/file: "));
    }
}
