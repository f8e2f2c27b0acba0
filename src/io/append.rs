//! Files that many processes add lines to: each line is one write to a file opened for appending, under a lock where the
//! file system has any, so that lines of several writers never mix.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::model::problem::{Problem, ProblemKind};

/// Longest line, bytes with its end. A local file system appends a write of this size whole (POSIX write, O_APPEND); many
/// file servers do too, but none promises it.
const MAX_LINE_BYTES: usize = 4_096;

/// How long a lock is waited for; a writer holds it for as long as one write takes.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

/// Adds one line, which holds no line end, to a file that is made when missing.
///
/// # Errors
///
/// When the file cannot be written, or the line is too long to be written at once.
pub fn line(path: &Path, line: &str) -> Result<(), Problem> {
    let writing = |e: std::io::Error| Problem::writing(path.display(), &e);
    let bytes = format!("{line}\n");
    if bytes.len() > MAX_LINE_BYTES || line.contains('\n') {
        let message = format!("a line of {} bytes cannot be added at once", bytes.len());
        return Err(Problem::new(ProblemKind::Internal, message).in_file(path.display()));
    }
    let mut file =
        OpenOptions::new().read(true).append(true).create(true).open(path).map_err(writing)?;
    wait_for_lock(&file);
    // A writer that was ended amid a line leaves it without its end: the next one must not be glued to it.
    let mut last = [b'\n'];
    if file.seek(SeekFrom::End(0)).map_err(writing)? > 0 {
        file.seek(SeekFrom::End(-1)).and_then(|_| file.read_exact(&mut last)).map_err(writing)?;
    }
    let bytes = if last == [b'\n'] { bytes } else { format!("\n{bytes}") };
    let written = file.write(bytes.as_bytes()).map_err(writing)?;
    if written != bytes.len() {
        let error = std::io::Error::other("the line was cut off (is the disk full?)");
        return Err(writing(error));
    }
    Ok(())
}

/// A write grows a file page by page: without a lock, a line being written would look like one that was cut off. No run waits
/// longer for it than [`LONGEST_WAIT`]. Where there are no locks, or a writer that holds one sleeps, an empty line may come
/// of it, and readers pass over those. Closing the file gives the lock back.
fn wait_for_lock(file: &File) {
    let begin = Instant::now();
    while let Err(TryLockError::WouldBlock) = file.try_lock()
        && begin.elapsed() < LONGEST_WAIT
    {
        std::hint::spin_loop();
    }
}

/// Whole lines of a file from a byte on, and the byte after the last of them: a line without its end is not there yet. From
/// the beginning where the file has become shorter than that.
///
/// # Errors
///
/// When the file is missing or cannot be read.
pub fn lines_from(path: &Path, from: u64) -> Result<(Vec<String>, u64), Problem> {
    let reading = |e: std::io::Error| Problem::reading(path.display(), &e);
    let mut file = File::open(path).map_err(reading)?;
    // A shorter file is another one under the same name: it is read from its beginning.
    let from = if file.metadata().map_err(reading)?.len() < from { 0 } else { from };
    file.seek(SeekFrom::Start(from)).map_err(reading)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(reading)?;
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    let lines = String::from_utf8_lossy(&bytes[..end]).lines().map(str::to_owned).collect();
    Ok((lines, from + end as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_added_and_read_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        line(&path, "one").unwrap();
        line(&path, "two").unwrap();
        let (lines, end) = lines_from(&path, 0).unwrap();
        assert_eq!((lines, end), (vec!["one".to_owned(), "two".to_owned()], 8));
        std::fs::write(&path, "one\ntwo\nthr").unwrap();
        assert_eq!(lines_from(&path, end).unwrap(), (Vec::new(), 8), "half a line is no line");
        line(&path, "four").unwrap();
        assert_eq!(lines_from(&path, end).unwrap().0, ["thr", "four"], "nothing is glued to it");
        std::fs::write(&path, "new\n").unwrap();
        assert_eq!(lines_from(&path, end).unwrap(), (vec!["new".to_owned()], 4), "another file");
        assert!(line(&path, &"x".repeat(MAX_LINE_BYTES)).is_err());
        assert!(line(&path, "a\nb").is_err());
    }

    #[test]
    fn a_line_being_written_is_not_one_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        // Lines that cross pages: those are the ones of which others see a part.
        let text = "x".repeat(3_000);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..250).for_each(|_| line(&path, &text).unwrap()));
            }
        });
        let (lines, _) = lines_from(&path, 0).unwrap();
        assert_eq!(lines.len(), 1_000);
        assert!(lines.iter().all(|line| *line == text));
    }

    #[test]
    fn a_writer_that_sleeps_holds_nobody_up_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        line(&path, "one").unwrap();
        let sleeper = File::open(&path).unwrap();
        sleeper.lock().unwrap();
        line(&path, "two").unwrap();
        assert_eq!(lines_from(&path, 0).unwrap().0, ["one", "two"]);
    }
}
