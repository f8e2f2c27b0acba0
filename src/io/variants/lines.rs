//! Records of one stretch of a file: lines with their fixed columns found, nothing parsed that is not asked for.

use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memrchr};

use super::bcf::{Dictionaries, some_records, whole_records};
use super::bcf_row::BcfRow;
use super::chunks::{Chunk, Payload, cut_record};
use super::header::Header;
use super::record::RawRecord;
use crate::io::bgzf::Inflater;
use crate::model::problem::Problem;

/// What readers of one file's stretches share.
#[derive(Clone, Debug)]
pub struct Kind {
    name: Arc<str>,
    dictionaries: Arc<Dictionaries>,
}

impl Kind {
    pub(super) fn new(name: &str, header: &Arc<Header>) -> Self {
        Self { name: name.into(), dictionaries: Arc::new(Dictionaries::new(header)) }
    }
}

/// Inflated bytes that are read together: few enough to stay in a core's own cache between inflating and reading.
const PART_BYTES: usize = 256 << 10;

/// Turns stretches into records; one for each worker, its buffers are reused.
pub struct ChunkReader {
    kind: Kind,
    inflater: Inflater,
    text: Vec<u8>,
    /// Inflated BCF records.
    records: Vec<u8>,
}

/// Bytes kept free before the inflated bytes of a BCF stretch, where the beginning of its first record is put: more than
/// records are long in most files.
const BEFORE_BYTES: usize = 64 << 10;

impl ChunkReader {
    /// A reader for the stretches of this file.
    pub fn new(kind: Kind) -> Self {
        Self { kind, inflater: Inflater::default(), text: Vec::new(), records: Vec::new() }
    }

    /// Inflates a stretch.
    ///
    /// # Errors
    ///
    /// When a block is damaged or a BCF record is no record.
    pub fn lines(&mut self, chunk: Chunk) -> Result<Lines<'_>, Problem> {
        let ordinal = chunk.ordinal;
        let start = self.fill(chunk.payload).map_err(|problem| problem.in_file(&self.kind.name))?;
        Ok(Lines::new(&self.text[start..], ordinal, &self.kind))
    }

    /// Inflates a stretch and gives its records to `work`, some at a time, which is faster than [`ChunkReader::lines`]:
    /// returns what was read, and whatever `work` returns at a fault.
    ///
    /// # Errors
    ///
    /// As [`ChunkReader::lines`] or `work`.
    pub fn parts(
        &mut self,
        chunk: Chunk,
        mut work: impl FnMut(&mut Lines<'_>) -> Result<(), Problem>,
    ) -> (Seen, Result<(), Problem>) {
        let mut seen = Seen::default();
        let mut give = |lines: &mut Lines<'_>| {
            lines.number = seen.lines;
            let result = work(lines);
            seen.lines = lines.number;
            seen.order.join(&lines.order);
            result
        };
        let result = match chunk.payload {
            Payload::Blocks { .. } => self.blocks(chunk, &mut give),
            Payload::BcfBlocks { .. } => self.bcf_blocks(chunk, &mut give),
            _ => self.lines(chunk).and_then(|mut lines| give(&mut lines)),
        };
        (seen, result)
    }

    fn blocks(
        &mut self,
        chunk: Chunk,
        give: &mut dyn FnMut(&mut Lines<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let Chunk { ordinal, payload: Payload::Blocks { bytes, mut offset, mut skip, tail } } =
            chunk
        else {
            return Ok(());
        };
        let Self { kind, inflater, text, .. } = self;
        text.clear();
        let mut at = 0;
        while at < bytes.len() {
            let size = inflater
                .append(&bytes[at..], offset, text)
                .map_err(|problem| problem.in_file(&kind.name))?;
            at += size;
            offset += size as u64;
            if text.len() < PART_BYTES || skip > text.len() {
                continue;
            }
            if let Some(last) = memrchr(b'\n', &text[skip..]) {
                let end = skip + last + 1;
                give(&mut Lines::new(&text[skip..end], ordinal, kind))?;
                text.drain(..end);
                skip = 0;
            }
        }
        text.extend_from_slice(&tail);
        give(&mut Lines::new(&text[skip.min(text.len())..], ordinal, kind))
    }

    fn bcf_blocks(
        &mut self,
        chunk: Chunk,
        give: &mut dyn FnMut(&mut Lines<'_>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let ordinal = chunk.ordinal;
        let in_file = |problem: Problem, kind: &Kind| problem.in_file(&kind.name);
        let whole = self.inflate_bcf(chunk.payload).map_err(|p| in_file(p, &self.kind))?;
        let Self { kind, records, .. } = self;
        let mut rest = &records[whole];
        while !rest.is_empty() {
            let (some, next) = rest.split_at(some_records(rest, PART_BYTES));
            rest = next;
            let (rows, fault) = kind.dictionaries.rows(some);
            let fault = fault.map(|p| in_file(p, kind));
            give(&mut Lines::of(Source::Rows(rows.iter(), fault), ordinal, kind))?;
        }
        Ok(())
    }

    /// Inflates a stretch of BCF and brings it together with what the one before left over; returns where its whole records
    /// stand in `records`.
    fn inflate_bcf(&mut self, payload: Payload) -> Result<Range<usize>, Problem> {
        let Payload::BcfBlocks { bytes, mut offset, skip, mut relay, last } = payload else {
            return Ok(0..0);
        };
        let records = &mut self.records;
        records.clear();
        records.resize(BEFORE_BYTES, 0);
        let mut at = 0;
        while at < bytes.len() {
            let size = self.inflater.append(&bytes[at..], offset, records)?;
            at += size;
            offset += size as u64;
        }
        drop(bytes);
        let before = relay.take().ok_or_else(|| {
            Problem::bad_data("what stands before this part of the file could not be read")
        })?;
        let mut start = BEFORE_BYTES + skip.min(records.len() - BEFORE_BYTES);
        if let Some(earlier) = start.checked_sub(before.len()) {
            records[earlier..start].copy_from_slice(&before);
            start = earlier;
        } else {
            records.splice(..start, before);
            start = 0;
        }
        let end = start + whole_records(&records[start..])?;
        if last && end < records.len() {
            return Err(cut_record());
        }
        relay.give(&records[end..]);
        Ok(start..end)
    }

    /// Inflates into the buffer; returns where the first line begins.
    fn fill(&mut self, payload: Payload) -> Result<usize, Problem> {
        self.text.clear();
        match payload {
            Payload::Blocks { bytes, mut offset, skip, tail } => {
                let mut at = 0;
                while at < bytes.len() {
                    let size = self.inflater.append(&bytes[at..], offset, &mut self.text)?;
                    at += size;
                    offset += size as u64;
                }
                self.text.extend_from_slice(&tail);
                return Ok(skip.min(self.text.len()));
            }
            Payload::Text(text) => self.text = text,
            Payload::Bcf(bytes) => self.kind.dictionaries.write_lines(&bytes, &mut self.text)?,
            blocks @ Payload::BcfBlocks { .. } => {
                let whole = self.inflate_bcf(blocks)?;
                self.kind.dictionaries.write_lines(&self.records[whole], &mut self.text)?;
            }
        }
        Ok(0)
    }
}

/// What was read of a stretch.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Lines begun, a faulty one included.
    pub lines: u64,
    /// What the records say about the order of the file.
    pub order: Order,
}

/// What the records of a stretch, or of all stretches so far, say about the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Contigs in the order met; followed only while the file is sorted.
    contigs: Vec<Vec<u8>>,
    first: u32,
    last: u32,
    /// The first record that stands before its predecessor, or the contig that comes back.
    pub unsorted: Option<String>,
}

impl Order {
    pub(super) fn note(&mut self, contig: &[u8], position: u32) {
        if self.unsorted.is_some() {
            return;
        }
        let known = self.contigs.last().is_some_and(|last| last.as_slice() == contig);
        if known && position < self.last {
            self.unsorted = Some(format!("{}:{position}", String::from_utf8_lossy(contig)));
        } else if !known && self.contigs.iter().any(|name| name.as_slice() == contig) {
            self.unsorted = Some(String::from_utf8_lossy(contig).into_owned());
        } else if !known {
            if self.contigs.is_empty() {
                self.first = position;
            }
            self.contigs.push(contig.to_vec());
        }
        self.last = position;
    }

    /// Appends the next stretch.
    pub fn join(&mut self, next: &Self) {
        for (i, contig) in next.contigs.iter().enumerate() {
            self.note(contig, if i == 0 { next.first } else { 0 });
        }
        if !next.contigs.is_empty() {
            self.last = next.last;
        }
        if self.unsorted.is_none() {
            self.unsorted.clone_from(&next.unsorted);
        }
    }
}

/// The records of one stretch.
#[derive(Debug)]
pub struct Lines<'a> {
    source: Source<'a>,
    number: u64,
    serial: u64,
    file: &'a str,
    order: Order,
}

/// Where records come from.
#[derive(Debug)]
enum Source<'a> {
    /// Whole lines.
    Text(&'a [u8]),
    /// BCF records, and the fault behind them.
    Rows(std::slice::Iter<'a, BcfRow<'a>>, Option<Problem>),
}

impl<'a> Source<'a> {
    /// The next record; `None` at the end. Of a line that is empty nothing is made.
    fn next(&mut self, serial: u64, file: &'a str) -> Option<Next<'a>> {
        match self {
            Self::Text(rest) => {
                if rest.is_empty() {
                    return None;
                }
                let end = memchr(b'\n', rest);
                let line = &rest[..end.unwrap_or(rest.len())];
                *rest = end.map_or(&[], |end| &rest[end + 1..]);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                Some((!line.is_empty()).then(|| RawRecord::new(line, serial, file)))
            }
            Self::Rows(rows, fault) => match rows.next() {
                Some(row) => Some(Some(RawRecord::of_row(row, serial, file))),
                None => fault.take().map(|fault| Some(Err(fault))),
            },
        }
    }
}

/// A record or its fault; `None` for an empty line.
type Next<'a> = Option<Result<RawRecord<'a>, Problem>>;

impl<'a> Lines<'a> {
    fn new(text: &'a [u8], ordinal: u64, kind: &'a Kind) -> Self {
        Self::of(Source::Text(text), ordinal, kind)
    }

    fn of(source: Source<'a>, ordinal: u64, kind: &'a Kind) -> Self {
        let (serial, order) = (ordinal << 32, Order::default());
        Self { source, number: 0, serial, file: &kind.name, order }
    }

    /// The next record; `None` at the end of the stretch. Empty lines are passed over.
    ///
    /// # Errors
    ///
    /// When a line lacks its fixed columns or its position is no number. The fault names contig and position when
    /// they are there; the line is added by whoever knows how many lines came before ([`Lines::number`]).
    #[expect(
        clippy::should_implement_trait,
        reason = "records borrow from the stretch and can fail"
    )]
    pub fn next(&mut self) -> Option<Result<RawRecord<'a>, Problem>> {
        loop {
            let record = self.source.next(self.serial | (self.number + 1), self.file)?;
            self.number += 1;
            let Some(record) = record else { continue };
            if let Ok(record) = &record {
                self.order.note(record.contig(), record.position());
            }
            return Some(record);
        }
    }

    /// Number of the line that came last, from 1 within the stretch; at the end the number of lines.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What these records say about the order of the file.
    pub fn order(&self) -> &Order {
        &self.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disorder_is_seen_within_and_between_stretches() {
        let order = |records: &[(&str, u32)]| {
            let mut order = Order::default();
            for (contig, position) in records {
                order.note(contig.as_bytes(), *position);
            }
            order
        };
        let mut file = Order::default();
        for part in [order(&[("1", 5), ("1", 9)]), order(&[("1", 9), ("2", 1)]), order(&[("2", 3)])]
        {
            file.join(&part);
        }
        assert_eq!(file.unsorted, None);
        file.join(&order(&[("2", 2)]));
        assert_eq!(file.unsorted.as_deref(), Some("2:2"));
        let mut file = order(&[("1", 5), ("2", 9)]);
        file.join(&order(&[("1", 9)]));
        assert_eq!(file.unsorted.as_deref(), Some("1"));
        assert_eq!(order(&[("1", 5), ("1", 4)]).unsorted.as_deref(), Some("1:4"));
    }
}
