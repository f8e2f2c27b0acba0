//! Files whose digest was taken while they were written, so that nobody has to read them again for it.

use std::path::PathBuf;

/// A file as it was when it got its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Its name with folders.
    pub path: PathBuf,
    /// SHA-256 of the bytes written, lower-case hex.
    pub sha256: String,
    /// How it stood then. One that stands otherwise now is another file, or was changed since.
    pub state: FileState,
}

/// What tells a file from another of its name, and from itself after a change, as the file system has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileState {
    /// Number of the device.
    pub device: u64,
    /// Number of the file on it.
    pub inode: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// Last change of the content: seconds since 1970, and nanoseconds.
    pub modified: (i64, i64),
    /// Last change of content, name or rights: seconds since 1970, and nanoseconds. Programs cannot set it; file systems
    /// tell it in ticks of their clocks.
    pub changed: (i64, i64),
}
