//! The `.crai` index (CRAM format specification v3.1, section 12), read for the places where containers begin.

use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::model::problem::Problem;

use super::container::{Frame, NoContainer};

/// Starts of an index that are looked up in the file: enough to meet an index of another file, few enough to cost nothing.
const PROBES: usize = 64;

/// A place where a container begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CutPoint {
    /// Byte of the file.
    pub(crate) offset: u64,
    /// Contig of a read in it; -1 for reads without a place.
    pub(crate) contig: i32,
    /// 1-based start of that contig's reads in it, bp.
    pub(crate) start: i32,
}

/// The containers of an index, in file order, without repeats; a sample of them was looked up in the file.
///
/// # Errors
///
/// An index that cannot be read or belongs to another file.
pub(crate) fn read(path: &Path, frame: &Frame, contigs: usize) -> Result<Vec<CutPoint>, Problem> {
    let bytes = fs::read(path).map_err(|e| Problem::reading(path.display(), &e))?;
    let mut text = bytes;
    if text.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        MultiGzDecoder::new(text.as_slice())
            .read_to_end(&mut plain)
            .map_err(|e| misfit(path, format!("it is damaged ({e})")))?;
        text = plain;
    }
    let mut points = Vec::new();
    for (i, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if !line.is_empty() {
            let point = parse(line, contigs);
            points.push(point.ok_or_else(|| {
                misfit(path, "the line is not one of this file's index")
                    .at(format!("line {}", i + 1))
            })?);
        }
    }
    points.sort_unstable();
    points.dedup_by_key(|point| point.offset);
    check(path, frame, &points)?;
    Ok(points)
}

/// Contig, start, span, byte of the container, byte of the slice after its header, bytes of the slice.
fn parse(line: &[u8], contigs: usize) -> Option<CutPoint> {
    let line = std::str::from_utf8(line).ok()?;
    let mut parts = line.split('\t').map(str::parse::<i64>);
    let mut next = || parts.next()?.ok();
    let (contig, start, _span, offset) = (next()?, next()?, next()?, next()?);
    let (_slice, _bytes) = (next()?, next()?);
    if !(-1..contigs as i64).contains(&contig) {
        return None;
    }
    Some(CutPoint {
        offset: u64::try_from(offset).ok()?,
        contig: contig as i32,
        start: i32::try_from(start).ok()?,
    })
}

fn check(path: &Path, frame: &Frame, points: &[CutPoint]) -> Result<(), Problem> {
    if let Some(beyond) = points.last().filter(|point| point.offset >= frame.size) {
        let message =
            format!("it points to byte {}, but the file has {}", beyond.offset, frame.size);
        return Err(misfit(path, message));
    }
    let step = points.len().div_ceil(PROBES).max(1);
    for point in points.iter().step_by(step) {
        if frame.probe(point.offset)? == Err(NoContainer) {
            return Err(misfit(path, format!("no container begins at byte {}", point.offset)));
        }
    }
    Ok(())
}

/// The fault of an index that does not fit its file.
pub(crate) fn misfit(path: &Path, message: impl std::fmt::Display) -> Problem {
    Problem::bad_data(format!("the index does not fit its file: {message}"))
        .in_file(path.display())
        .help("make it again: samtools index")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_index() {
        let point = |offset, contig, start| Some(CutPoint { offset, contig, start });
        assert_eq!(parse(b"1\t100\t5000\t26500\t310\t9000", 2), point(26_500, 1, 100));
        assert_eq!(parse(b"-1\t0\t1\t99\t310\t9000", 2), point(99, -1, 0));
        for bad in ["2\t1\t1\t99\t1\t1", "0\t1\t1\t-1\t1\t1", "0\t1\t1\t99\t1", "a\tb", "\u{fffd}"]
        {
            assert_eq!(parse(bad.as_bytes(), 2), None, "{bad}");
        }
    }
}
