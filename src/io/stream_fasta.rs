//! Reading a FASTA from start to end, one contig at a time; plain, gzip or BGZF.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::model::problem::Problem;

/// Calls `each(name, bases)` for every contig, bases in upper case. The whole contig is in memory while it is looked at.
///
/// # Errors
///
/// When the file cannot be read, does not begin with `>`, or `each` fails.
pub fn for_each_contig(
    path: &Path,
    mut each: impl FnMut(&str, &[u8]) -> Result<(), Problem>,
) -> Result<(), Problem> {
    let fault = |e: &std::io::Error| Problem::reading(path.display(), e);
    let mut file = BufReader::new(File::open(path).map_err(|e| fault(&e))?);
    let packed = file.fill_buf().map_err(|e| fault(&e))?.starts_with(&[0x1f, 0x8b]);
    let source: Box<dyn Read> =
        if packed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut source = BufReader::with_capacity(1 << 18, source);
    let mut name: Option<String> = None;
    let mut bases = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = source.read_until(b'\n', &mut line).map_err(|e| fault(&e))?;
        let text = line.trim_ascii_end();
        if read == 0 || text.starts_with(b">") {
            if let Some(name) = &name {
                each(name, &bases)?;
            }
            bases.clear();
            if read == 0 {
                break;
            }
            let title = String::from_utf8_lossy(&text[1..]).into_owned();
            name = Some(title.split_whitespace().next().unwrap_or_default().to_owned());
        } else if name.is_some() {
            let start = bases.len();
            bases.extend_from_slice(text);
            bases[start..].make_ascii_uppercase();
        } else if !text.is_empty() {
            return Err(Problem::bad_data("not a FASTA: the first line does not begin with '>'")
                .in_file(path.display()));
        }
    }
    if name.is_none() {
        return Err(Problem::bad_data("an empty FASTA").in_file(path.display()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_and_packed_files_give_the_same_contigs() {
        let folder = tempfile::tempdir().unwrap();
        let text = b">a x y\nacgt\nNN\n\n>b\n>c\nT\r\n";
        let packed = crate::io::bgzf_writer::compress_all(text, 6).unwrap();
        for bytes in [text.to_vec(), packed] {
            let path = folder.path().join("f.fa");
            std::fs::write(&path, bytes).unwrap();
            let mut seen = Vec::new();
            for_each_contig(&path, |name, bases| {
                seen.push((name.to_owned(), String::from_utf8_lossy(bases).into_owned()));
                Ok(())
            })
            .unwrap();
            let expected = [("a", "ACGTNN"), ("b", ""), ("c", "T")];
            assert_eq!(seen, expected.map(|(n, s)| (n.to_owned(), s.to_owned())));
        }
    }
}
