//! Stores: what a public database says of variants, in one local file that answers by position without a server. One
//! layout for population frequencies (gnomAD or any VCF) and for ClinVar.
//!
//! Layout, little-endian: the eight bytes of [`MAGIC`], `u32` [`VERSION`]; chunks of about 8,192 variants
//! of one contig, sorted, packed by columns (`chunk`, `column`); the index: `u32` length and JSON of [`Meta`], then for each
//! chunk its contig, first and last position, offset, length, number of variants, CRC-32 and SHA-256; at the end offset,
//! length and SHA-256 of the index and [`END_MAGIC`]. A position never lies in two chunks. The index holds the sums of all
//! chunks, so its own SHA-256 names the whole content ([`Store::digest`]) and is known without reading it.
//!
//! Numbers are packed in bits, not compressed, so that a chunk is ready as soon as it is read and a value is taken from its
//! place: a case asks for one of hundreds of variants. Files are read by position (`pread`), never mapped.

mod chunk;
mod column;
mod cursor;
mod meta;
mod writer;

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::bytes::{Bytes, put_number};
use super::digest::hex;
use crate::model::contig::{ContigId, ContigTable};
use crate::model::problem::{Problem, ProblemKind};

pub use chunk::{PackedNumbers, Row};
pub use cursor::{Cursor, Found, Numbers, Record, Stored};
pub(crate) use meta::Columns;
pub use meta::{Kind, Meta, StoreContig, StorePopulation, Tally};
pub use writer::StoreWriter;

use chunk::Chunk;

/// First bytes of a store. The first is no text, and the line ends tell when a transfer has changed them.
pub const MAGIC: [u8; 8] = *b"\x93tlst\r\n\x1a";
/// Last bytes of a store.
pub const END_MAGIC: [u8; 8] = *b"tlst-end";
/// Version of the layout.
pub const VERSION: u32 = 1;
const HEAD_BYTES: u64 = 8 + 4;
const TAIL_BYTES: u64 = 8 + 8 + 32 + 8;
/// Largest index and chunk that are read, bytes, so that a damaged length fills no memory. gnomAD v3.1 genomes, 759 million
/// variants, have an index of some 4 MB.
const MAX_PART_BYTES: u64 = 1 << 28;

/// Where a chunk is and what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    contig: u32,
    first: u32,
    last: u32,
    offset: u64,
    length: u32,
    rows: u32,
    crc: u32,
    sha256: [u8; 32],
}

impl Entry {
    fn put(&self, out: &mut Vec<u8>) {
        for number in [self.contig, self.first, self.last] {
            put_number(out, number.into());
        }
        put_number(out, self.offset);
        put_number(out, self.length.into());
        put_number(out, self.rows.into());
        out.extend(self.crc.to_le_bytes());
        out.extend(self.sha256);
    }

    fn take(rest: &mut Bytes<'_>) -> Result<Self, String> {
        Ok(Self {
            contig: rest.small()?,
            first: rest.small()?,
            last: rest.small()?,
            offset: rest.number()?,
            length: rest.small()?,
            rows: rest.small()?,
            crc: rest.u32()?,
            sha256: rest.take(32)?.try_into().map_err(|_| "a sum is cut")?,
        })
    }
}

/// Where the bytes of a store are.
#[derive(Debug)]
enum Backing {
    File(File),
    Memory(Vec<u8>),
}

impl Backing {
    fn read(&self, offset: u64, out: &mut [u8]) -> std::io::Result<()> {
        match self {
            Self::File(file) => file.read_exact_at(out, offset),
            Self::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                let part = bytes.get(start..).and_then(|rest| rest.get(..out.len()));
                out.copy_from_slice(part.ok_or(std::io::ErrorKind::UnexpectedEof)?);
                Ok(())
            }
        }
    }
}

/// An opened store, shared by all threads. Each asks through its own [`Cursor`].
#[derive(Debug)]
pub struct Store {
    name: String,
    backing: Backing,
    bytes: u64,
    digest: String,
    meta: Meta,
    columns: Columns,
    /// Sorted by contig and position; `starts` says where each contig's chunks begin.
    entries: Vec<Entry>,
    starts: Vec<usize>,
}

impl Store {
    /// Opens a store and reads its index.
    ///
    /// # Errors
    ///
    /// When the file is missing, is no store, is cut, was changed, or has another version of the layout.
    pub fn open(path: &Path) -> Result<Arc<Self>, Problem> {
        let name = path.display().to_string();
        let reading = |e: std::io::Error| Problem::reading(&name, &e);
        let file = File::open(path).map_err(reading)?;
        let bytes = file.metadata().map_err(reading)?.len();
        Self::new(&name, Backing::File(file), bytes).map_err(|problem| problem.in_file(&name))
    }

    /// A store in memory; `name` stands for it in messages.
    ///
    /// # Errors
    ///
    /// As [`Store::open`].
    pub fn from_bytes(name: &str, bytes: Vec<u8>) -> Result<Arc<Self>, Problem> {
        let length = bytes.len() as u64;
        Self::new(name, Backing::Memory(bytes), length).map_err(|problem| problem.in_file(name))
    }

    /// True when the file begins as a store does.
    pub fn is_store(path: &Path) -> bool {
        let mut start = [0; MAGIC.len()];
        File::open(path).and_then(|file| file.read_exact_at(&mut start, 0)).is_ok()
            && start == MAGIC
    }

    fn new(name: &str, backing: Backing, bytes: u64) -> Result<Arc<Self>, Problem> {
        let again = "build the store again, or copy the file again";
        let reading = |e: std::io::Error| Problem::reading(name, &e);
        let cut = || Problem::bad_data(format!("is cut: {bytes} bytes")).help(again);
        let mut head = [0; HEAD_BYTES as usize];
        let known = bytes.min(HEAD_BYTES) as usize;
        backing.read(0, &mut head[..known]).map_err(reading)?;
        if !head.starts_with(&MAGIC) {
            let what = if bytes == 0 { "is empty" } else { "is no store" };
            return Err(Problem::bad_data(what).help(
                "a store is written by `tierline frequencies build` or `tierline clinvar build`",
            ));
        }
        if bytes < HEAD_BYTES + TAIL_BYTES {
            return Err(cut());
        }
        let version = u32::from_le_bytes([head[8], head[9], head[10], head[11]]);
        if version != VERSION {
            let message = format!("is a store of layout {version}; this program reads {VERSION}");
            return Err(Problem::bad_data(message)
                .help("build the store again, or use the version of tierline that wrote it"));
        }
        let mut tail = [0; TAIL_BYTES as usize];
        backing.read(bytes - TAIL_BYTES, &mut tail).map_err(reading)?;
        if !tail.ends_with(&END_MAGIC) {
            return Err(cut());
        }
        let mut rest = Bytes(&tail);
        let changed =
            || Problem::bad_data("was changed: its index has another check sum").help(again);
        let (Ok(offset), Ok(length)) = (rest.u64(), rest.u64()) else { return Err(changed()) };
        let ends = offset.checked_add(length).and_then(|end| end.checked_add(TAIL_BYTES));
        if ends != Some(bytes) || length > MAX_PART_BYTES || offset < HEAD_BYTES {
            return Err(changed());
        }
        let mut index = vec![0; length as usize];
        backing.read(offset, &mut index).map_err(reading)?;
        let sum = Sha256::digest(&index);
        if rest.take(32).ok() != Some(&sum[..]) {
            return Err(changed());
        }
        let (meta, entries) = read_index(&index, offset)
            .map_err(|what| Problem::bad_data(format!("is no store: {what}")).help(again))?;
        let starts = (0..=meta.contigs.len())
            .map(|contig| entries.partition_point(|entry| (entry.contig as usize) < contig))
            .collect();
        let columns = Columns::of(&meta.populations, &meta.texts);
        let (name, digest) = (name.to_owned(), hex(&sum));
        Ok(Arc::new(Self { name, backing, bytes, digest, meta, columns, entries, starts }))
    }

    /// The file as the user named it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Size in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of the index, which holds the SHA-256 of every chunk: the same for the same content.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What the store says about itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Number of chunks.
    pub fn chunks(&self) -> usize {
        self.entries.len()
    }

    /// Index of a population by name.
    pub fn population(&self, name: &str) -> Option<usize> {
        self.meta.populations.iter().position(|own| own.name.eq_ignore_ascii_case(name))
    }

    /// For each contig of a case the number of the store's contig, `None` where the store says nothing.
    ///
    /// # Errors
    ///
    /// When a contig of the same name has another length: another build.
    pub fn contigs(&self, table: &ContigTable) -> Result<Vec<Option<usize>>, Problem> {
        let mut own = ContigTable::new();
        let mut numbers: Vec<(ContigId, usize)> = Vec::new();
        for (i, contig) in self.meta.contigs.iter().enumerate() {
            let id = own.add(&contig.name, contig.length).map_err(|e| {
                Problem::bad_data(e.to_string()).in_file(&self.name).help("build the store again")
            })?;
            numbers.push((id, i));
        }
        let mut found = Vec::new();
        for (_, contig) in table.iter() {
            let number = own.resolve(&contig.name).and_then(|id| {
                numbers.iter().find(|(known, _)| *known == id).map(|(_, number)| *number)
            });
            if let Some(theirs) = number.map(|number| &self.meta.contigs[number])
                && let (Some(a), Some(b)) = (theirs.length, contig.length)
                && a != b
            {
                let message = format!(
                    "contig {} is {a} bp in the store, but {} is {b} bp in the case",
                    theirs.name, contig.name
                );
                return Err(Problem::bad_data(message).in_file(&self.name).help(format!(
                    "the store is of {}; give one of the case's build",
                    self.meta.assembly
                )));
            }
            found.push(number);
        }
        Ok(found)
    }

    /// A reader of its own for one thread.
    pub fn cursor(self: &Arc<Self>) -> Cursor {
        Cursor::new(Arc::clone(self))
    }

    /// Reads every chunk and compares it with its sums and with the index.
    ///
    /// # Errors
    ///
    /// The first chunk that differs.
    pub fn verify(&self) -> Result<(), Problem> {
        for (number, entry) in self.entries.iter().enumerate() {
            let chunk = self.read(number)?;
            let fault = |what: String| {
                Problem::bad_data(format!("chunk {number}: {what}"))
                    .in_file(&self.name)
                    .help("build the store again, or copy the file again")
            };
            if Sha256::digest(&chunk.bytes)[..] != entry.sha256 {
                return Err(fault("was changed: its SHA-256 is another".into()));
            }
            chunk.check(entry.last).map_err(fault)?;
        }
        Ok(())
    }

    /// The chunk of a contig that may hold a position.
    fn chunk_at(&self, contig: usize, position: u32) -> Option<usize> {
        let (start, end) = (*self.starts.get(contig)?, *self.starts.get(contig + 1)?);
        let entries = &self.entries[start..end];
        let number = start + entries.partition_point(|entry| entry.last < position);
        (number < end && self.entries[number].first <= position).then_some(number)
    }

    fn read(&self, number: usize) -> Result<Chunk, Problem> {
        let entry = &self.entries[number];
        let mut bytes = vec![0; entry.length as usize];
        self.backing
            .read(entry.offset, &mut bytes)
            .map_err(|e| Problem::reading(&self.name, &e))?;
        let fault = |what: String| {
            let contig = &self.meta.contigs[entry.contig as usize].name;
            Problem::bad_data(format!("was changed: {what}"))
                .in_file(&self.name)
                .at(format!("chunk {number} ({contig}:{}-{})", entry.first, entry.last))
                .help("build the store again, or copy the file again")
        };
        if libdeflater::crc32(&bytes) != entry.crc {
            return Err(fault("a chunk has another check sum".into()));
        }
        let chunk = Chunk::new(bytes, entry.first, &self.columns).map_err(fault)?;
        if chunk.len() != entry.rows as usize {
            return Err(fault(format!("{} variants, not {}", chunk.len(), entry.rows)));
        }
        Ok(chunk)
    }
}

/// Meta and chunks of an index; the chunks must fill the file up to `end`, in order.
fn read_index(index: &[u8], end: u64) -> Result<(Meta, Vec<Entry>), String> {
    let mut rest = Bytes(index);
    let length = rest.u32()? as usize;
    let meta: Meta = serde_json::from_slice(rest.take(length)?).map_err(|e| e.to_string())?;
    let count = rest.count()?;
    let mut entries = Vec::new();
    let mut at = HEAD_BYTES;
    for _ in 0..count {
        let entry = Entry::take(&mut rest)?;
        if entry.offset != at || u64::from(entry.length) > MAX_PART_BYTES {
            return Err("its chunks do not follow one another".into());
        }
        at = at.checked_add(entry.length.into()).ok_or("its chunks have no end")?;
        if entry.contig as usize >= meta.contigs.len() || entry.first > entry.last {
            return Err("a chunk lies nowhere".into());
        }
        let follows = entries.last().is_none_or(|before: &Entry| {
            (before.contig, before.last) < (entry.contig, entry.first)
        });
        if !follows {
            return Err("its chunks are not in order".into());
        }
        entries.push(entry);
    }
    if at != end || !rest.0.is_empty() {
        return Err("its index does not fit".into());
    }
    Ok((meta, entries))
}

/// A fault of the program, not of its input.
fn internal(what: impl Into<String>) -> Problem {
    Problem::new(ProblemKind::Internal, what)
}

#[cfg(test)]
mod tests;
