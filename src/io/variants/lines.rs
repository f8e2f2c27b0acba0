//! Records of one stretch of a file: lines with their fixed columns found, nothing parsed that is not asked for.

use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};

use super::bcf::{Dictionaries, some_records, whole_records};
use super::chunks::{Chunk, Payload, cut_record};
use super::header::Header;
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
        let Self { kind, text, records, .. } = self;
        let mut rest = &records[whole];
        while !rest.is_empty() {
            let (some, next) = rest.split_at(some_records(rest, PART_BYTES));
            rest = next;
            text.clear();
            kind.dictionaries.write_lines(some, text).map_err(|p| in_file(p, kind))?;
            give(&mut Lines::new(text, ordinal, kind))?;
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
    text: &'a [u8],
    at: usize,
    number: u64,
    serial: u64,
    file: &'a str,
    order: Order,
}

impl<'a> Lines<'a> {
    fn new(text: &'a [u8], ordinal: u64, kind: &'a Kind) -> Self {
        let (serial, order) = (ordinal << 32, Order::default());
        Self { text, at: 0, number: 0, serial, file: &kind.name, order }
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
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            self.at += end + 1;
            self.number += 1;
            let line = &rest[..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            let record = RawRecord::new(line, self.serial | self.number, self.file);
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

    /// All text of the stretch, whole lines.
    pub fn text(&self) -> &'a [u8] {
        self.text
    }
}

/// One record as its line, with the fixed columns found.
#[derive(Clone, Copy, Debug)]
pub struct RawRecord<'a> {
    line: &'a [u8],
    /// Ends of the columns CHROM to INFO.
    ends: [u32; 8],
    position: u32,
    serial: u64,
    file: &'a str,
}

impl<'a> RawRecord<'a> {
    /// Finds the columns of a line (without line end).
    ///
    /// # Errors
    ///
    /// When there are fewer than eight columns or POS is no number.
    pub fn new(line: &'a [u8], serial: u64, file: &'a str) -> Result<Self, Problem> {
        let mut ends = [line.len() as u32; 8];
        let mut found = 0;
        for (slot, tab) in ends.iter_mut().zip(memchr_iter(b'\t', line)) {
            *slot = tab as u32;
            found += 1;
        }
        let mut record = Self { line, ends, position: 0, serial, file };
        if found < 7 || line[0] == b'#' {
            return Err(record.not_a_record(found + 1));
        }
        let text = record.column(1);
        match parse_u32(text) {
            // The format allows no position beyond 2^31 - 1.
            Some(position) if i32::try_from(position).is_ok() => record.position = position,
            _ => {
                let text = String::from_utf8_lossy(text);
                return Err(record
                    .problem(format!("POS {text:?} is no position"))
                    .help("expected a whole number from 0 to 2147483647"));
            }
        }
        Ok(record)
    }

    fn not_a_record(&self, columns: usize) -> Problem {
        if self.line.starts_with(b"#") {
            return self
                .problem("a header line among the records")
                .help("files cannot be joined with cat; use bcftools concat");
        }
        let start = String::from_utf8_lossy(&self.line[..self.line.len().min(60)]).into_owned();
        self.problem(format!("{columns} columns where a VCF record has at least 8: {start:?}"))
            .help("columns are separated by tabs; is the line cut off?")
    }

    /// A fault of this record, placed at its contig and position.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        let problem = Problem::bad_data(message).in_file(self.file);
        if self.ends[1] > self.ends[0] {
            let text = |i| String::from_utf8_lossy(self.column(i)).into_owned();
            problem.at(format!("{}:{}", text(0), text(1)))
        } else {
            problem
        }
    }

    /// The same record with nothing but its line, to be kept.
    pub fn line(&self) -> &'a [u8] {
        self.line
    }

    /// A number that no other record of the file has; it grows from record to record.
    pub fn serial(&self) -> u64 {
        self.serial
    }

    fn column(&self, i: usize) -> &'a [u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize + 1 };
        self.line.get(start..self.ends[i] as usize).unwrap_or_default()
    }

    /// CHROM.
    pub fn contig(&self) -> &'a [u8] {
        self.column(0)
    }

    /// POS, 1-based; 0 is the telomere.
    pub fn position(&self) -> u32 {
        self.position
    }

    /// ID.
    pub fn id(&self) -> &'a [u8] {
        self.column(2)
    }

    /// REF.
    pub fn reference(&self) -> &'a [u8] {
        self.column(3)
    }

    /// ALT as written.
    pub fn alternates_text(&self) -> &'a [u8] {
        self.column(4)
    }

    /// The ALTs, in order; none for `.`.
    pub fn alternates(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let text = self.column(4);
        text.split(|&b| b == b',').filter(|&alternate| alternate != b".")
    }

    /// QUAL as written.
    pub fn quality(&self) -> &'a [u8] {
        self.column(5)
    }

    /// FILTER as written.
    pub fn filter(&self) -> &'a [u8] {
        self.column(6)
    }

    /// INFO as written.
    pub fn info(&self) -> &'a [u8] {
        self.column(7)
    }

    /// Last base of the record, 1-based: INFO END, or the end of REF when that is later or alone.
    pub fn end(&self) -> u32 {
        let stated = self
            .info()
            .split(|&b| b == b';')
            .find_map(|item| parse_u32(item.strip_prefix(b"END=")?))
            .unwrap_or(0);
        let length = self.reference().len().max(1) as u32;
        stated.max(self.position.saturating_add(length - 1))
    }

    /// FORMAT, and the sample columns behind it with the tabs between them; both empty without samples.
    pub fn format_and_samples(&self) -> (&'a [u8], &'a [u8]) {
        let rest = self.line.get(self.ends[7] as usize + 1..).unwrap_or_default();
        match memchr(b'\t', rest) {
            Some(tab) => (&rest[..tab], &rest[tab + 1..]),
            None => (rest, &[]),
        }
    }
}

/// A whole number of decimal digits; `None` for anything else or beyond `u32`.
pub(super) fn parse_u32(text: &[u8]) -> Option<u32> {
    if text.is_empty() || text.len() > 10 {
        return None;
    }
    let mut value = 0_u64;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    u32::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_and_faults_are_placed() {
        let line = b"20\t14370\trs1;rs2\tG\tA,C\t29\tPASS\tNS=3\tGT:DP\t0/1:3\t1|2:5";
        let record = RawRecord::new(line, 1, "x.vcf").unwrap();
        assert_eq!((record.contig(), record.position()), (&b"20"[..], 14370));
        assert_eq!(record.alternates().collect::<Vec<_>>(), [b"A", b"C"]);
        assert_eq!(record.info(), b"NS=3");
        assert_eq!(record.format_and_samples(), (&b"GT:DP"[..], &b"0/1:3\t1|2:5"[..]));
        assert_eq!(record.problem("x").to_string(), "x.vcf: 20:14370: x");
        let problem = RawRecord::new(b"20\t1x\t.\tA\tC\t.\t.\t.", 1, "x.vcf").unwrap_err();
        assert!(problem.to_string().contains("\"1x\""), "{problem}");
        assert!(RawRecord::new(b"20\t1\t.\tA", 1, "x.vcf").is_err());
        let sites_only = RawRecord::new(b"20\t1\t.\tA\tC\t.\t.\tDP=1", 1, "x").unwrap();
        assert_eq!(sites_only.format_and_samples(), (&b""[..], &b""[..]));
    }

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
