//! Writing a store: rows come nearly in order, leave in order, and become chunks.

use std::collections::VecDeque;
use std::io::Write;

use libdeflater::crc32;
use sha2::{Digest, Sha256};

use super::chunk::{Row, encode};
use super::column::MAX_ROWS;
use super::{Columns, END_MAGIC, Entry, MAGIC, Meta, StoreContig, VERSION, internal, put_number};
use crate::model::problem::Problem;

/// Variants of a chunk: large enough that the index of a genome stays small, small enough that a question that meets a chunk
/// for the first time reads little. More only where one position has more.
pub(super) const CHUNK_ROWS: usize = 8_192;

/// Bytes of alleles after which a chunk ends early, so that long insertions do not make it huge.
const CHUNK_ALLELE_BYTES: usize = 1 << 20;

/// How far normalising may move a variant to the left of its record, bp: rows wait until nothing can come before them.
pub(super) const MOVED_AT_MOST_BP: u32 = 1 << 16;

/// A store under construction.
pub struct StoreWriter<W: Write> {
    out: W,
    name: String,
    offset: u64,
    columns: Columns,
    meta: Meta,
    entries: Vec<Entry>,
    /// Rows that wait for others that may still come before them, sorted.
    waiting: VecDeque<Row>,
    /// Rows of the chunk under construction.
    rows: Vec<Row>,
    allele_bytes: usize,
    /// Position behind which rows have already left.
    left: u32,
}

impl<W: Write> StoreWriter<W> {
    /// Begins a store; contigs and counts of `meta` are filled in as rows come. `name` stands for the output in messages.
    ///
    /// # Errors
    ///
    /// When nothing can be written.
    pub fn new(out: W, name: &str, meta: Meta) -> Result<Self, Problem> {
        let columns = Columns::of(&meta.populations, &meta.texts);
        let mut writer = Self {
            out,
            name: name.to_owned(),
            offset: 0,
            columns,
            meta,
            entries: Vec::new(),
            waiting: VecDeque::new(),
            rows: Vec::new(),
            allele_bytes: 0,
            left: 0,
        };
        writer.write(&MAGIC)?;
        writer.write(&VERSION.to_le_bytes())?;
        Ok(writer)
    }

    /// The store so far.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Counts of the source.
    pub fn tally(&mut self) -> &mut super::Tally {
        &mut self.meta.tally
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.offset += bytes.len() as u64;
        self.out.write_all(bytes).map_err(|e| Problem::writing(&self.name, &e))
    }

    /// Ends the contig under construction and begins another one.
    ///
    /// # Errors
    ///
    /// When a chunk cannot be written.
    pub fn begin(&mut self, name: &str, length: Option<u32>) -> Result<(), Problem> {
        self.end_contig()?;
        self.left = 0;
        self.meta.contigs.push(StoreContig { name: name.to_owned(), length, variants: 0 });
        Ok(())
    }

    /// Takes a row of the contig; rows may come in any order from the position of [`StoreWriter::pass`] on, and where a reference moves
    /// them, within 65,536 bp before it.
    ///
    /// # Errors
    ///
    /// The row itself when rows behind it have left already.
    pub fn push(&mut self, row: Row) -> Result<(), Row> {
        if row.position < self.left {
            return Err(row);
        }
        // Rows come nearly sorted: the place is at the end or near it.
        let mut place = self.waiting.len();
        while place > 0 && self.waiting[place - 1].key() > row.key() {
            place -= 1;
        }
        if place > 0 && self.waiting[place - 1].key() == row.key() {
            self.meta.tally.duplicates += 1;
            let known = &mut self.waiting[place - 1];
            if better(&row, known) {
                *known = row;
            }
        } else {
            self.waiting.insert(place, row);
        }
        Ok(())
    }

    /// Says that no record before this position will come any more.
    ///
    /// # Errors
    ///
    /// When a chunk cannot be written.
    pub fn pass(&mut self, position: u32) -> Result<(), Problem> {
        // Without a reference nothing is moved to the left: the simplest form of a variant begins at its record or behind it.
        let moved = if self.meta.left_aligned { MOVED_AT_MOST_BP } else { 0 };
        self.release(position.saturating_sub(moved))
    }

    fn release(&mut self, before: u32) -> Result<(), Problem> {
        while self.waiting.front().is_some_and(|row| row.position < before) {
            let Some(row) = self.waiting.pop_front() else { break };
            let same = self.rows.last().is_some_and(|last| last.position == row.position);
            let full = self.rows.len() >= CHUNK_ROWS || self.allele_bytes >= CHUNK_ALLELE_BYTES;
            if full && !same {
                self.end_chunk()?;
            }
            if self.rows.len() == MAX_ROWS {
                let message = format!("more than {MAX_ROWS} variants at position {}", row.position);
                return Err(Problem::bad_data(message).in_file(&self.name));
            }
            self.allele_bytes += row.alleles.len();
            self.rows.push(row);
        }
        self.left = self.left.max(before);
        Ok(())
    }

    fn end_chunk(&mut self) -> Result<(), Problem> {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else {
            return Ok(());
        };
        let (first, last) = (first.position, last.position);
        let bytes = encode(&self.rows, &self.columns);
        let contig = self.meta.contigs.len().checked_sub(1);
        let contig = contig.ok_or_else(|| internal("a row without a contig"))?;
        self.entries.push(Entry {
            contig: contig as u32,
            first,
            last,
            offset: self.offset,
            length: bytes.len() as u32,
            rows: self.rows.len() as u32,
            crc: crc32(&bytes),
            sha256: Sha256::digest(&bytes).into(),
        });
        let rows = self.rows.len() as u64;
        self.meta.contigs[contig].variants += rows;
        self.meta.tally.variants += rows;
        let failed = self.rows.iter().filter(|row| !row.passed()).count();
        self.meta.tally.failed += failed as u64;
        self.rows.clear();
        self.allele_bytes = 0;
        self.write(&bytes)
    }

    fn end_contig(&mut self) -> Result<(), Problem> {
        self.release(u32::MAX)?;
        self.end_chunk()
    }

    /// Writes the index; the store is whole then.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(W, Meta), Problem> {
        self.end_contig()?;
        let json = serde_json::to_vec(&self.meta).map_err(|e| internal(e.to_string()))?;
        let mut index = Vec::new();
        index.extend((json.len() as u32).to_le_bytes());
        index.extend(json);
        put_number(&mut index, self.entries.len() as u64);
        self.entries.iter().for_each(|entry| entry.put(&mut index));
        let offset = self.offset;
        self.write(&index)?;
        let mut tail = Vec::new();
        tail.extend(offset.to_le_bytes());
        tail.extend((index.len() as u64).to_le_bytes());
        tail.extend(Sha256::digest(&index));
        tail.extend(END_MAGIC);
        self.write(&tail)?;
        self.out.flush().map_err(|e| Problem::writing(&self.name, &e))?;
        Ok((self.out, self.meta))
    }
}

/// Of two rows of one variant: one that passed before one that failed, then the one with more alleles counted, then the
/// first.
fn better(new: &Row, known: &Row) -> bool {
    let rank = |row: &Row| (row.passed(), row.numbers.iter().max().unwrap_or(0));
    rank(new) > rank(known)
}
