//! Gene models: GFF3, GTF, BED12 and BED with one exon a line, plain or gzip; which, the content tells.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::model::gene_model::GeneModel;
use crate::model::problem::{Problem, Problems};

mod bed12;
mod draft;
mod exon_bed;
mod gff3;
mod gtf;
mod lines;

use draft::Draft;

/// Bad lines that are told; more would hide the first.
const MAX_FAULTS: usize = 20;

/// Reads one kind of line into the draft.
trait LineReader {
    /// Reads the line of this 1-based number; the message of a fault names the value.
    fn line(&mut self, text: &str, number: usize, draft: &mut Draft) -> Result<(), String>;
    /// Whether the rest of the file holds no features.
    fn ended(&self) -> bool {
        false
    }
    /// What could only be settled with the whole file: message and line of each fault.
    fn end(&mut self, draft: &mut Draft) -> Vec<(usize, String)>;
}

/// Reads a file of gene models.
///
/// # Errors
///
/// A file that cannot be read, is of no known kind or holds no exon; else all bad lines together (the first twenty).
pub fn read(path: &Path) -> Result<GeneModel, Problems> {
    let shown = path.display().to_string();
    let mut file = Input::open(path).map_err(|e| Problem::reading(&shown, &e))?;
    parse(&mut file, &shown).map(|mut model| {
        model.sha256 = file.digest();
        model
    })
}

fn parse(input: &mut impl BufRead, shown: &str) -> Result<GeneModel, Problems> {
    let (mut draft, mut problems) = (Draft::default(), Problems::default());
    let mut reader: Option<(&'static str, Box<dyn LineReader>)> = None;
    let mut header = String::new();
    let mut fault = |line: usize, message: String| {
        if problems.0.len() < MAX_FAULTS {
            problems.0.push(Problem::bad_data(message).in_file(shown).at(format!("line {line}")));
        }
    };
    let (mut bytes, mut number) = (Vec::new(), 0);
    loop {
        bytes.clear();
        let read = input.read_until(b'\n', &mut bytes).map_err(|e| Problem::reading(shown, &e))?;
        if read == 0 {
            break;
        }
        number += 1;
        let text = String::from_utf8_lossy(&bytes);
        let text = text.trim_end_matches(['\n', '\r']);
        if text.trim().is_empty() {
            continue;
        }
        let is_comment = ["#", "track ", "browser "].iter().any(|start| text.starts_with(start));
        if is_comment && reader.is_none() {
            lines::pragma(text, &mut draft);
            text.clone_into(&mut header);
            continue;
        }
        let (_, reader) = match &mut reader {
            Some(known) => known,
            None => match kind(text, &header) {
                Some(kind) => reader.insert(kind),
                None => return Err(unknown(text, number, shown).into()),
            },
        };
        if is_comment {
            lines::pragma(text, &mut draft);
            if text.starts_with("##FASTA") {
                break;
            }
            continue;
        }
        if let Err(message) = reader.line(text, number, &mut draft) {
            fault(number, message);
        }
        if reader.ended() {
            break;
        }
    }
    let Some((format, mut reader)) = reader else {
        return Err(Problem::bad_data("holds no gene model").in_file(shown).into());
    };
    for (line, message) in reader.end(&mut draft).into_iter().chain(draft.faults()) {
        fault(line, message);
    }
    problems.into_result()?;
    let (genes, lengths) = draft.finish();
    if genes.is_empty() {
        return Err(Problem::bad_data("holds no exon").in_file(shown).into());
    }
    Ok(GeneModel { file: shown.to_owned(), format, sha256: String::new(), genes, lengths })
}

/// The reader that the first line of content calls for.
fn kind(text: &str, header: &str) -> Option<(&'static str, Box<dyn LineReader>)> {
    let columns: Vec<&str> = text.split('\t').collect();
    let is_number =
        |i: usize| columns.get(i).is_some_and(|text| text.trim().parse::<u32>().is_ok());
    if is_number(1) && is_number(2) {
        return match exon_bed::ExonBed::of(header, &columns) {
            Some(reader) => Some(("exon BED", Box::new(reader))),
            None if columns.len() >= 12 => Some(("BED12", Box::<bed12::Bed12>::default())),
            None => None,
        };
    }
    let attributes = columns.get(8).filter(|_| is_number(3) && is_number(4))?;
    let word = attributes.trim_start().split([' ', '=']).next().unwrap_or_default();
    let is_gtf = attributes.trim_start()[word.len()..].starts_with(' ');
    Some(if is_gtf {
        ("GTF", Box::<gtf::Gtf>::default())
    } else {
        ("GFF3", Box::<gff3::Gff3>::default())
    })
}

fn unknown(text: &str, number: usize, shown: &str) -> Problem {
    let start: String = text.chars().take(60).collect();
    Problem::bad_data(format!("{start:?} is no line of a known gene model"))
        .in_file(shown)
        .at(format!("line {number}"))
        .help("give GFF3, GTF, BED12, or BED whose fourth column is GENE|TRANSCRIPT|exonN")
}

/// The text of a file, unpacked when it is gzip, and the digest of its bytes.
struct Input {
    text: BufReader<Box<dyn Read>>,
    digest: std::rc::Rc<std::cell::RefCell<Sha256>>,
}

/// Digests what is read through it.
struct Digesting<R> {
    inner: R,
    digest: std::rc::Rc<std::cell::RefCell<Sha256>>,
}

impl<R: Read> Read for Digesting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.digest.borrow_mut().update(&buffer[..read]);
        Ok(read)
    }
}

impl Input {
    fn open(path: &Path) -> std::io::Result<Self> {
        let digest = std::rc::Rc::default();
        let file = Digesting { inner: File::open(path)?, digest: std::rc::Rc::clone(&digest) };
        let mut file = BufReader::with_capacity(1 << 16, file);
        let gzip = file.fill_buf()?.starts_with(&[31, 139]);
        let text: Box<dyn Read> = if gzip {
            Box::new(flate2::bufread::MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        Ok(Self { text: BufReader::with_capacity(1 << 16, text), digest })
    }

    /// Reads what is left and digests the whole.
    fn digest(mut self) -> String {
        // A rest that cannot be read is not the model's: the digest then covers what was.
        let _ = std::io::copy(&mut self.text, &mut std::io::sink());
        let digest = self.digest.borrow().clone();
        super::digest::hex(&digest.finalize())
    }
}

impl Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.text.read(buffer)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.text.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.text.consume(amount);
    }
}

#[cfg(test)]
mod tests;
