//! Outputs appear whole or not at all: every file is written under a temporary name in its own folder and renamed when
//! it is complete. What an interrupted run leaves is removed by [`remove_unfinished`], which the signal
//! handler calls.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::model::problem::Problem;
use crate::model::written::FileState;

/// Temporary files that are being written now.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
static SERIAL: AtomicU64 = AtomicU64::new(0);

/// Write buffer, bytes: large enough that the system call does not show in profiles.
const BUFFER_BYTES: usize = 1 << 18;

/// Refuses an output that would take the place of an input; links and other spellings of a path are seen through.
///
/// # Errors
///
/// The first such output.
pub fn spare_inputs<'a>(
    inputs: impl IntoIterator<Item = &'a Path>,
    outputs: impl IntoIterator<Item = PathBuf>,
) -> Result<(), Problem> {
    let taken: Vec<PathBuf> =
        inputs.into_iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let lost = outputs
        .into_iter()
        .find(|output| fs::canonicalize(output).is_ok_and(|path| taken.contains(&path)));
    lost.map_or(Ok(()), |output| {
        Err(Problem::usage("this output is an input of the run and would replace it")
            .in_file(output.display())
            .help("give another --output"))
    })
}

/// Names of the files in a folder, sorted; none when it cannot be read.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort_unstable();
    names
}

/// Names of all files below a folder, with `/`, sorted; links count as what they lead to, but folders behind links are not
/// entered.
///
/// # Errors
///
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> Result<Vec<String>, Problem> {
    let mut names = Vec::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((path, prefix)) = open.pop() {
        let reading = |e: io::Error| Problem::reading(path.display(), &e);
        for entry in fs::read_dir(&path).map_err(reading)? {
            let entry = entry.map_err(reading)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type().map_err(reading)?.is_dir() {
                open.push((entry.path(), format!("{name}/")));
            } else {
                names.push(name);
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Removes those of the files that are there, in order, but no folder and none of the `inputs`, by whatever path they are
/// called.
///
/// # Errors
///
/// When one cannot be removed.
pub fn remove(paths: &[PathBuf], inputs: &[&Path]) -> Result<(), Problem> {
    let kept: Vec<PathBuf> = inputs.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    for path in paths {
        let is_input = fs::canonicalize(path).is_ok_and(|path| kept.contains(&path));
        let is_file = fs::symlink_metadata(path).is_ok_and(|data| !data.is_dir());
        if is_file && !is_input {
            match fs::remove_file(path) {
                // Another process was quicker.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(|e| {
                    Problem::writing(path.display(), &e)
                        .help("remove this older result, or choose another -o")
                })?,
            }
        }
    }
    Ok(())
}

/// The final name of a file that a process began and left unfinished; `None` for other names, and while a process of this
/// machine with that number lives, which may still be writing.
pub fn abandoned(name: &str) -> Option<&str> {
    let (hidden, process) = name.strip_prefix('.')?.strip_suffix(".tmp")?.rsplit_once('.')?;
    let (process, serial) = process.split_once('-')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // Where there is no /proc, nobody is known to live.
    let is_alive = Path::new("/proc").join(process).exists();
    (is_number(process) && is_number(serial) && !is_alive).then_some(hidden)
}

/// A file under construction. [`AtomicFile::finish`] gives it its name; dropping it removes it.
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    temporary: PathBuf,
    writer: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Begins a file that will be called `target`.
    ///
    /// # Errors
    ///
    /// When the folder does not exist or cannot be written.
    pub fn create(target: impl Into<PathBuf>) -> Result<Self, Problem> {
        let target = target.into();
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let temporary =
            target.with_file_name(format!(".{name}.{}-{serial}.tmp", std::process::id()));
        // Created and listed under one lock, so that `remove_unfinished` misses none.
        let file = lock(|list| {
            let file = File::create(&temporary)?;
            list.push(temporary.clone());
            Ok(file)
        })
        .map_err(|e| Problem::writing(target.display(), &e))?;
        Ok(Self { target, temporary, writer: Some(BufWriter::with_capacity(BUFFER_BYTES, file)) })
    }

    /// The final name.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Flushes, then gives the file its name.
    ///
    /// # Errors
    ///
    /// When the rest cannot be written (a full disk) or the rename fails; the temporary file is removed then.
    pub fn finish(self) -> Result<(), Problem> {
        self.finish_known().map(drop)
    }

    /// As [`AtomicFile::finish`], and tells how the file stands under its name.
    ///
    /// # Errors
    ///
    /// As [`AtomicFile::finish`]; also when the file system does not tell, and the file has its name already.
    pub fn finish_known(mut self) -> Result<FileState, Problem> {
        let writer = self.writer.take();
        let result = (|| {
            let writer = writer.ok_or_else(|| io::Error::other("file is finished"))?;
            // No fsync: a crash of the machine may lose the file, never leave half of it under its name on
            // journalled file systems, and a sync a file would dominate small runs.
            let file = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
            fs::rename(&self.temporary, &self.target)?;
            lock(|list| list.retain(|path| *path != self.temporary));
            // Of the open file: another one may have taken the name already.
            state(&file)
        })();
        result.map_err(|e| Problem::writing(self.target.display(), &e))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.writer {
            Some(writer) => writer.write(bytes),
            None => Err(io::Error::other("file is finished")),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        let mut listed = false;
        lock(|list| {
            list.retain(|path| {
                let own = *path == self.temporary;
                listed |= own;
                !own
            });
        });
        if listed {
            drop(self.writer.take());
            // Nothing can be done about a failure here; the name is hidden and marked `.tmp`.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

fn lock<T>(change: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    change(&mut UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Removes every unfinished file and lets no other begin: for a process that is about to end by a signal.
pub fn remove_unfinished() {
    let mut list = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    for path in list.drain(..) {
        let _ = fs::remove_file(path);
    }
    std::mem::forget(list);
}

/// Writes a whole small file at once.
///
/// # Errors
///
/// As [`AtomicFile`].
pub fn write_whole(target: impl Into<PathBuf>, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = AtomicFile::create(target)?;
    let shown = file.target().display().to_string();
    file.write_all(bytes).map_err(|e| Problem::writing(shown, &e))?;
    file.finish()
}

/// How an open file stands now.
///
/// # Errors
///
/// When the file system does not tell.
pub fn state(file: &File) -> io::Result<FileState> {
    let data = file.metadata()?;
    Ok(FileState {
        device: data.dev(),
        inode: data.ino(),
        bytes: data.len(),
        modified: (data.mtime(), data.mtime_nsec()),
        changed: (data.ctime(), data.ctime_nsec()),
    })
}

/// Makes a folder and its parents.
///
/// # Errors
///
/// When a parent is a file or cannot be written.
pub fn make_folder(path: &Path) -> Result<(), Problem> {
    fs::create_dir_all(path).map_err(|e| {
        Problem::writing(path.display(), &e).help("choose another -o, or make the folder writable")
    })
}

/// A sample name as part of a file name: letters, digits, `.`, `_`, `+` and `-` stay, every other byte becomes `_`, and a
/// leading dot or dash is preceded by `_`. Real sample names hold spaces and slashes.
pub fn safe_file_name(name: &str) -> String {
    let mut safe: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._+-".contains(c) { c } else { '_' })
        .collect();
    if safe.is_empty() || safe.starts_with(['.', '-']) {
        safe.insert(0, '_');
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_only_when_finished() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("a.txt");
        let mut file = AtomicFile::create(&target).unwrap();
        file.write_all(b"half").unwrap();
        assert!(!target.exists());
        drop(file);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the temporary file is gone");
        write_whole(&target, b"whole").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_named() {
        let problem = AtomicFile::create("no/such/folder/x.txt").unwrap_err();
        assert_eq!(problem.kind.exit_code(), 73);
        assert!(problem.to_string().starts_with("no/such/folder/x.txt: cannot write"));
    }

    #[test]
    fn sample_names_become_safe() {
        assert_eq!(safe_file_name("HCC1954 BL/1"), "HCC1954_BL_1");
        assert_eq!(safe_file_name("../x"), "_.._x");
        assert_eq!(safe_file_name(""), "_");
    }

    #[test]
    fn an_output_never_takes_the_place_of_an_input() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("a.vcf");
        fs::write(&input, "x").unwrap();
        let spelt = folder.path().join(".").join("a.vcf");
        assert!(spare_inputs([input.as_path()], [spelt]).is_err());
        assert!(spare_inputs([input.as_path()], [folder.path().join("b.vcf")]).is_ok());
    }
}
