//! BED files (UCSC): tab-separated contig, start, end (0-based half-open) and optionally a name. Plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::Path;

use crate::model::coord::Span;
use crate::model::problem::{Problem, Problems};

use super::text;

/// First bytes that tell whether a file can be a BED.
const HEAD_BYTES: u64 = 1 << 10;

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
/// All bad lines together (the first twenty of them), a file that cannot be read, or one of another kind, which is named.
pub fn read(path: &Path) -> Result<Vec<BedLine>, Problems> {
    let shown = path.display();
    let failed = |e: &std::io::Error| Problems::from(Problem::reading(&shown, e));
    let mut file = BufReader::new(File::open(path).map_err(|e| failed(&e))?);
    let gzip = file.fill_buf().map_err(|e| failed(&e))?.starts_with(&[31, 139]);
    let mut reader: Box<dyn Read> =
        if gzip { Box::new(flate2::bufread::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut head = Vec::new();
    reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head).map_err(|e| failed(&e))?;
    if let Some(instead) = text::no_table(&head) {
        return Err(Problem::bad_data(format!("is {instead}, no BED"))
            .in_file(&shown)
            .help("give a BED: lines of contig, start and end with tabs between, plain or gzip")
            .into());
    }
    let reader = Cursor::new(head).chain(reader);
    let (mut lines, mut problems) = (Vec::new(), Problems::default());
    for (i, line) in BufReader::new(reader).split(b'\n').enumerate() {
        let line = line.map_err(|e| failed(&e))?;
        let content = String::from_utf8_lossy(&line);
        let content = content.trim_end_matches('\r');
        if content.trim().is_empty()
            || ["#", "track ", "browser "].iter().any(|prefix| content.starts_with(prefix))
        {
            continue;
        }
        match parse(content, i + 1) {
            Ok(parsed) => lines.push(parsed),
            Err(message) if problems.0.len() < 20 => problems
                .0
                .push(Problem::bad_data(message).in_file(&shown).at(format!("line {}", i + 1))),
            Err(_) => {}
        }
    }
    problems.into_result().map(|()| lines)
}

fn parse(content: &str, line: usize) -> Result<BedLine, String> {
    let mut columns = content.split('\t');
    let contig = columns.next().unwrap_or_default().to_owned();
    let mut number = |what: &str| {
        let column = columns.next().ok_or_else(|| {
            format!("has no {what} (three columns, tabs): {}", text::excerpt(content))
        })?;
        let column = column.trim();
        column
            .parse::<u32>()
            .map_err(|_| format!("{what} {} is no position", text::excerpt(column)))
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
        assert!(problems.to_string().contains("has no start (three columns, tabs): \"20 1 2\""));
    }

    #[test]
    fn files_of_another_kind_are_named_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.bed");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, b"BAM\x01SECRET").unwrap();
        let long = format!("20\t1\t{}\u{1b}[2J", "9".repeat(60));
        for (bytes, expected) in [
            (gzip.finish().unwrap(), "a.bed: is a BAM file, no BED"),
            (b"CRAM\x03\x00SECRET\n".to_vec(), "is a CRAM file, no BED"),
            (b"##fileformat=VCFv4.2\n20\t1\tSECRET\n".to_vec(), "is a VCF file, no BED"),
            (b"SECRET\x00\x01\n".to_vec(), "is binary data, no BED"),
            (long.into_bytes(), "line 1: end \"9999999999999999999999999999999999999999\"... is"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let told = read(&path).unwrap_err().to_string();
            assert!(told.contains(expected) && !told.contains("SECRET"), "{told}");
            assert!(!told.contains('\u{1b}'), "{told}");
        }
    }
}
