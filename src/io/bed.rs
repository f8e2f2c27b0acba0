//! BED files (UCSC): tab-separated contig, start, end (0-based half-open) and optionally a name. Plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::model::coord::Span;
use crate::model::problem::{Problem, Problems};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BedLine {
    /// Contig name as the file has it.
    pub contig: String,
    /// The bases.
    pub span: Span,
    /// The fourth column, if any.
    pub name: Option<String>,
    /// 1-based line number.
    pub line: usize,
}

/// Reads a whole file. Lines that begin with `#`, `track ` or `browser ` and empty lines are skipped.
///
/// # Errors
///
/// All bad lines together (the first twenty of them), or a file that cannot be read.
pub fn read(path: &Path) -> Result<Vec<BedLine>, Problems> {
    let shown = path.display();
    let failed = |e: &std::io::Error| Problems::from(Problem::reading(&shown, e));
    let mut file = BufReader::new(File::open(path).map_err(|e| failed(&e))?);
    let gzip = file.fill_buf().map_err(|e| failed(&e))?.starts_with(&[31, 139]);
    let reader: Box<dyn Read> =
        if gzip { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let (mut lines, mut problems) = (Vec::new(), Problems::default());
    for (i, line) in BufReader::new(reader).split(b'\n').enumerate() {
        let line = line.map_err(|e| failed(&e))?;
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches('\r');
        if text.trim().is_empty()
            || ["#", "track ", "browser "].iter().any(|prefix| text.starts_with(prefix))
        {
            continue;
        }
        match parse(text, i + 1) {
            Ok(parsed) => lines.push(parsed),
            Err(message) if problems.0.len() < 20 => problems
                .0
                .push(Problem::bad_data(message).in_file(&shown).at(format!("line {}", i + 1))),
            Err(_) => {}
        }
    }
    problems.into_result().map(|()| lines)
}

fn parse(text: &str, line: usize) -> Result<BedLine, String> {
    let mut columns = text.split('\t');
    let contig = columns.next().unwrap_or_default().to_owned();
    let mut number = |what: &str| {
        let column =
            columns.next().ok_or_else(|| format!("has no {what} (three columns, tabs)"))?;
        let column = column.trim();
        column.parse::<u32>().map_err(|_| format!("{what} {column:?} is no position"))
    };
    let (start, end) = (number("start")?, number("end")?);
    if start > end {
        return Err(format!("starts at {start}, behind its end {end}"));
    }
    let name =
        columns.next().map(|name| name.trim_end().to_owned()).filter(|name| !name.is_empty());
    Ok(BedLine { contig, span: Span { start, end }, name, line })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_skipped_and_bad_lines_reported_together() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bed");
        std::fs::write(&path, "track x\n#c\n\n20\t5\t9\tex on\t0\r\n20\t1\t2\n").unwrap();
        let lines = read(&path).unwrap();
        assert_eq!((lines[0].name.as_deref(), lines[0].line), (Some("ex on"), 4));
        assert_eq!(lines[1].span, Span { start: 1, end: 2 });
        std::fs::write(&path, "20\t9\t5\n20 1 2\n20\tx\t2\n").unwrap();
        let problems = read(&path).unwrap_err();
        assert_eq!(problems.0.len(), 3);
        assert!(problems.to_string().contains("line 1: starts at 9, behind its end 5"));
    }
}
