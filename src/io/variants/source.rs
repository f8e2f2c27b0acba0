//! Opening a variant file: what it is by its first bytes, its header, and the bytes behind the header.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use flate2::read::MultiGzDecoder;

use super::chunks::{Chunks, Feed};
use super::header::Header;
use crate::io::bgzf::{self, Inflater};
use crate::model::problem::Problem;

/// Bytes asked of the system at once.
pub(super) const READ_BYTES: usize = 1 << 20;

/// No header is longer; guards against files that only look like VCF.
const MAX_HEADER: usize = 1 << 28;

/// What a variant file is, by its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// VCF text.
    Vcf,
    /// VCF text in one gzip stream, which only one thread can inflate.
    VcfGzip,
    /// VCF text in BGZF blocks.
    VcfBgzf,
    /// BCF without compression.
    Bcf,
    /// BCF in BGZF blocks.
    BcfBgzf,
}

impl Format {
    /// True for both forms of BCF.
    pub fn is_bcf(self) -> bool {
        matches!(self, Self::Bcf | Self::BcfBgzf)
    }
}

/// An opened variant file: header read, records to come.
pub struct VariantFile {
    name: String,
    path: Option<PathBuf>,
    format: Format,
    header: Arc<Header>,
    header_lines: u64,
    /// The stream behind the header, until somebody takes it.
    rest: Mutex<Option<Feed>>,
}

impl std::fmt::Debug for VariantFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VariantFile")
            .field("name", &self.name)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl VariantFile {
    /// Opens a file, or standard input for `-`, and reads its header.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, is something else than VCF or BCF, is damaged, or has no whole header.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        if path.as_os_str() == "-" {
            return Self::from_reader("standard input", Box::new(io::stdin()));
        }
        let name = path.display().to_string();
        let file = File::open(path).map_err(|e| Problem::reading(&name, &e))?;
        let mut opened = Self::from_reader(&name, Box::new(file))?;
        if matches!(opened.format, Format::VcfBgzf | Format::BcfBgzf) {
            check_end(path).map_err(|p| p.in_file(&name))?;
        }
        opened.path = Some(path.to_owned());
        Ok(opened)
    }

    /// Reads from any stream; `name` stands for it in messages. The records can be taken only once.
    ///
    /// # Errors
    ///
    /// As [`VariantFile::open`].
    pub fn from_reader(name: &str, reader: Box<dyn Read + Send>) -> Result<Self, Problem> {
        let (format, feed, text) = open_feed(reader).map_err(|p| p.in_file(name))?;
        let header = Header::parse(&text).map_err(|p| p.in_file(name))?;
        Ok(Self {
            name: name.to_owned(),
            path: None,
            format,
            header: Arc::new(header),
            header_lines: memchr::memchr_iter(b'\n', &text).count() as u64,
            rest: Mutex::new(Some(feed)),
        })
    }

    /// The file as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the file is.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The header.
    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }

    /// Number of header lines, so that records can be named by line; 0 for BCF, whose records are counted from 1.
    pub fn header_lines(&self) -> u64 {
        if self.format.is_bcf() { 0 } else { self.header_lines }
    }

    /// Whether the records can be asked for more than once.
    pub fn can_be_read_again(&self) -> bool {
        self.path.is_some()
    }

    /// The records, in stretches that can be read by different threads. May be asked again for a file on disk.
    ///
    /// # Errors
    ///
    /// When a stream that cannot be read twice is asked again, or the file cannot be opened again.
    pub fn chunks(&self) -> Result<Chunks, Problem> {
        let taken = match self.rest.lock() {
            Ok(mut rest) => rest.take(),
            Err(poisoned) => poisoned.into_inner().take(),
        };
        let feed = match (taken, &self.path) {
            (Some(feed), _) => feed,
            (None, Some(path)) => {
                let file = File::open(path).map_err(|e| Problem::reading(&self.name, &e))?;
                open_feed(Box::new(file)).map_err(|p| p.in_file(&self.name))?.1
            }
            (None, None) => {
                return Err(Problem::usage("this input can be read only once")
                    .in_file(&self.name)
                    .help("write it to a file and name the file instead"));
            }
        };
        Ok(Chunks::new(feed, &self.name, &self.header))
    }
}

/// Looks for the end-of-file block before any work begins. What cannot be sought (a pipe) is checked when it ends.
fn check_end(path: &Path) -> Result<(), Problem> {
    let Ok(mut file) = File::open(path) else { return Ok(()) };
    let Ok(size) = file.metadata().map(|data| if data.is_file() { data.len() } else { 0 }) else {
        return Ok(());
    };
    let mut last = [0; 28];
    if size < 28 || file.seek(SeekFrom::End(-28)).is_err() || file.read_exact(&mut last).is_err() {
        return Ok(());
    }
    if last == bgzf::EOF_BLOCK { Ok(()) } else { Err(bgzf::truncated(size)) }
}

/// Finds out what a stream is and reads its header: format, the rest, header text.
fn open_feed(mut reader: Box<dyn Read + Send>) -> Result<(Format, Feed, Vec<u8>), Problem> {
    let mut first = Vec::new();
    read_more(&mut reader, &mut first, 1 << 16)?;
    if first.is_empty() {
        return Err(Problem::bad_data("the file is empty")
            .help("a VCF has at least a header; was the program that wrote it interrupted?"));
    }
    if bgzf::block_size(&first).is_ok() {
        return open_bgzf(reader, first);
    }
    if bgzf::is_gzip(&first) {
        let decoder = MultiGzDecoder::new(Cursor::new(first).chain(reader));
        let mut reader: Box<dyn Read + Send> = Box::new(decoder);
        let mut first = Vec::new();
        read_more(&mut reader, &mut first, 1 << 16)?;
        return open_plain(reader, first, true);
    }
    open_plain(reader, first, false)
}

/// Reads until `bytes` holds at least `target` bytes or the stream ends; true at the end.
pub(super) fn read_more(
    reader: &mut impl Read,
    bytes: &mut Vec<u8>,
    target: usize,
) -> Result<bool, Problem> {
    if bytes.len() >= target {
        return Ok(false);
    }
    let missing = (target - bytes.len()) as u64;
    let got = reader.by_ref().take(missing).read_to_end(bytes).map_err(|e| match e.kind() {
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
            Problem::bad_data(format!("the compressed data are damaged or end too early ({e})"))
                .help("copy the file again and compare its checksum with the source")
        }
        _ => {
            let mut problem = Problem::reading("", &e);
            problem.file = None;
            problem
        }
    })?;
    Ok((got as u64) < missing)
}

fn open_bgzf(
    mut reader: Box<dyn Read + Send>,
    mut pending: Vec<u8>,
) -> Result<(Format, Feed, Vec<u8>), Problem> {
    let mut inflater = Inflater::default();
    let (mut text, mut at, mut offset) = (Vec::new(), 0, 0_u64);
    loop {
        // A block is at most 64 KiB; refill before one could be cut.
        if pending.len() - at < 1 << 16 {
            pending.drain(..at);
            at = 0;
            read_more(&mut reader, &mut pending, READ_BYTES)?;
        }
        if at == pending.len() {
            break;
        }
        let block_start = text.len();
        let size = inflater.append(&pending[at..], offset, &mut text)?;
        if let Some(end) = header_end(&text, block_start)? {
            pending.drain(..at);
            let (format, header) = split_header(&text, end)?;
            let skip = end - block_start;
            let feed = if format == Format::VcfBgzf {
                Feed::bgzf(reader, pending, offset, skip)
            } else {
                Feed::bcf_bgzf(reader, pending, offset, skip)
            };
            return Ok((format, feed, header));
        }
        at += size;
        offset += size as u64;
        if text.len() > MAX_HEADER {
            break;
        }
    }
    Err(no_header(&text))
}

fn open_plain(
    mut reader: Box<dyn Read + Send>,
    mut bytes: Vec<u8>,
    gzip: bool,
) -> Result<(Format, Feed, Vec<u8>), Problem> {
    let mut from = 0;
    loop {
        if let Some(end) = header_end(&bytes, from)? {
            let (format, header) = split_header(&bytes, end)?;
            let rest = bytes.split_off(end);
            if format == Format::BcfBgzf {
                return Ok((Format::Bcf, Feed::bcf_plain(reader, rest), header));
            }
            let format = if gzip { Format::VcfGzip } else { Format::Vcf };
            return Ok((format, Feed::text(reader, rest), header));
        }
        from = bytes.len();
        let target = bytes.len() + READ_BYTES;
        let ended = read_more(&mut reader, &mut bytes, target)?;
        if (ended && bytes.len() == from) || bytes.len() > MAX_HEADER {
            return Err(no_header(&bytes));
        }
    }
}

const BCF_MAGIC: &[u8] = b"BCF\x02";

/// Where the header ends in `bytes`, when they hold all of it; bytes before `from` are known to lack the end.
fn header_end(bytes: &[u8], from: usize) -> Result<Option<usize>, Problem> {
    if bytes.starts_with(BCF_MAGIC) {
        let Some(length) = bytes.get(5..9) else { return Ok(None) };
        let length = length.iter().rev().fold(0_usize, |n, &b| n << 8 | usize::from(b));
        if length > MAX_HEADER {
            return Err(Problem::bad_data(format!("the BCF header claims {length} bytes")));
        }
        return Ok((bytes.len() >= 9 + length).then_some(9 + length));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !text.is_empty() && text[0] != b'#' {
        return Err(not_vcf(bytes));
    }
    // The column line may have begun before `from`.
    let from = memchr::memrchr(b'\n', &bytes[..from]).unwrap_or(0);
    let lines = memchr::memchr_iter(b'\n', &bytes[from..]).map(|i| from + i + 1);
    let mut start = if from == 0 { 0 } else { from + 1 };
    for end in lines {
        if end <= start {
            continue;
        }
        let line = bytes[start..end].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes[start..end]);
        if line.starts_with(b"#CHROM") || !line.starts_with(b"#") {
            return Ok(Some(end));
        }
        start = end;
    }
    Ok(None)
}

/// The header text in the first `end` bytes, and whether they are VCF or BCF (taken as BGZF, the usual form).
fn split_header(bytes: &[u8], end: usize) -> Result<(Format, Vec<u8>), Problem> {
    if !bytes.starts_with(BCF_MAGIC) {
        return Ok((Format::VcfBgzf, bytes[..end].to_vec()));
    }
    let mut text = bytes[9..end].to_vec();
    while text.last() == Some(&0) {
        text.pop();
    }
    match bytes[4] {
        1 | 2 => Ok((Format::BcfBgzf, text)),
        minor => Err(Problem::bad_data(format!("BCF version 2.{minor} is not known"))
            .help("versions 2.1 and 2.2 are read")),
    }
}

fn no_header(bytes: &[u8]) -> Problem {
    // A last line without line end may be the column line itself.
    match Header::parse(bytes) {
        Err(problem) => problem,
        Ok(_) => Problem::bad_data("the file ends in the middle of the #CHROM line")
            .help("the file is truncated: copy or write it again"),
    }
}

/// Says what a file is that is no VCF.
fn not_vcf(bytes: &[u8]) -> Problem {
    const KNOWN: [(&[u8], &str); 8] = [
        (b"BAM\x01", "BAM alignments"),
        (b"CRAM", "CRAM alignments"),
        (b"BCF\x04", "BCF version 1"),
        (b"TBI\x01", "a tabix index"),
        (b"CSI\x01", "a CSI index"),
        (b"BZh", "bzip2 data"),
        (b"\x28\xb5\x2f\xfd", "zstd data"),
        (b"PK\x03\x04", "a ZIP archive"),
    ];
    let what = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what);
    let message = if let Some(what) = what {
        format!("expected VCF or BCF, found {what}")
    } else {
        // What it begins with may be a name.
        "expected VCF or BCF, found other text or data".to_owned()
    };
    Problem::bad_data(message).help("a VCF begins with ##fileformat=VCF")
}
