//! BCF records: where they begin, their typed values, and the names behind their numbers.
//!
//! Layout after the BCF 2.2 section of the VCF specification (samtools/hts-specs).

use super::bcf_numbers::{FLOAT_END, write_float, write_integer};
use super::bcf_row::BcfRow;
use super::header::Header;
use crate::model::problem::Problem;

/// Names that BCF records give by number.
#[derive(Debug)]
pub(super) struct Dictionaries {
    strings: Vec<String>,
    contigs: Vec<String>,
    /// Sample columns of the header, which every record has.
    pub(super) samples: usize,
}

/// Bytes of the two length words before a record.
const LENGTHS: usize = 8;

/// Bytes of the fixed fields at the start of the shared part.
const FIXED: usize = 24;

/// Bytes of `bytes` that are whole records.
pub(super) fn whole_records(bytes: &[u8]) -> Result<usize, Problem> {
    let mut end = 0;
    while let Some(lengths) = bytes.get(end..end + LENGTHS) {
        let shared = word(lengths) as usize;
        let individual = word(&lengths[4..]) as usize;
        // No record comes near 1 GiB; such a number means that the bytes are no record.
        if shared < FIXED || shared.max(individual) > 1 << 30 {
            return Err(Problem::bad_data(format!(
                "a BCF record claims {shared} and {individual} bytes: the file is damaged"
            ))
            .help("copy or write the file again"));
        }
        let next = end + LENGTHS + shared + individual;
        if next > bytes.len() {
            break;
        }
        end = next;
    }
    Ok(end)
}

/// Bytes of the first of these whole records that are worked on together: at least one, else about `target`.
pub(super) fn some_records(bytes: &[u8], target: usize) -> usize {
    let mut end = 0;
    while end < target.min(bytes.len()) {
        let Some(lengths) = bytes.get(end..end + LENGTHS) else { return bytes.len() };
        end += LENGTHS + word(lengths) as usize + word(&lengths[4..]) as usize;
    }
    end.min(bytes.len())
}

pub(super) fn word(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
}

/// A reader of bytes that ends with an error instead of a panic.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a>(pub(super) &'a [u8]);

/// Values of one type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values<'a> {
    /// 1, 2, 3 integers of 8, 16, 32 bits; 5 float; 7 characters; 0 none.
    pub(super) kind: u8,
    pub(super) bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4).map(word)
    }

    /// Type and number of values.
    pub(super) fn descriptor(&mut self) -> Option<(u8, usize)> {
        let byte = *self.take(1)?.first()?;
        let (kind, mut n) = (byte & 15, usize::from(byte >> 4));
        if n == 15 {
            n = usize::try_from(self.integer()?).ok()?;
        }
        Some((kind, n))
    }

    pub(super) fn values(&mut self) -> Option<Values<'a>> {
        let (kind, n) = self.descriptor()?;
        Some(Values { kind, bytes: self.take(n.checked_mul(width(kind)?)?)? })
    }

    /// A single typed integer.
    fn integer(&mut self) -> Option<i64> {
        let values = self.values()?;
        values.integers().next()?
    }

    /// The number of an INFO or FORMAT key; nearly all are written in one byte.
    #[inline]
    pub(super) fn key(&mut self) -> Option<usize> {
        if let [0x11, key @ 0..=127, rest @ ..] = self.0 {
            self.0 = rest;
            return Some(usize::from(*key));
        }
        usize::try_from(self.integer()?).ok()
    }
}

pub(super) fn width(kind: u8) -> Option<usize> {
    match kind {
        0 => Some(0),
        1 | 7 => Some(1),
        2 => Some(2),
        3 | 5 => Some(4),
        _ => None,
    }
}

impl<'a> Values<'a> {
    /// Integers; `None` for missing; ends at the end-of-vector value.
    pub(super) fn integers(self) -> impl Iterator<Item = Option<i64>> + use<'a> {
        let width = width(self.kind).unwrap_or(1).max(1);
        let kind = self.kind;
        self.bytes.chunks_exact(width).map_while(move |bytes| {
            let (value, lowest) = match kind {
                1 => (i64::from(bytes[0] as i8), i64::from(i8::MIN)),
                2 => (i64::from(word(bytes) as u16 as i16), i64::from(i16::MIN)),
                _ => (i64::from(word(bytes) as i32), i64::from(i32::MIN)),
            };
            match value - lowest {
                0 => Some(None),
                1 => None,
                _ => Some(Some(value)),
            }
        })
    }

    pub(super) fn text(self) -> &'a [u8] {
        let end = memchr::memchr(0, self.bytes).unwrap_or(self.bytes.len());
        &self.bytes[..end]
    }

    /// The values as they stand in a line, where that needs no writing; `None` for numbers.
    pub(super) fn plain(self) -> Option<&'a [u8]> {
        match (self.kind, self.text()) {
            (0, _) | (7, b"") => Some(b"."),
            (7, text) => Some(text),
            _ => None,
        }
    }

    /// Text with a line end or a tab inside, which no column can hold.
    pub(super) fn breaks_lines(self) -> bool {
        self.kind == 7 && memchr::memchr2(b'\n', b'\t', self.bytes).is_some()
    }

    /// Writes comma-separated values, `.` for none.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let start = out.len();
        match self.kind {
            7 => out.extend_from_slice(self.text()),
            5 => {
                for bytes in self.bytes.chunks_exact(4) {
                    let bits = word(bytes);
                    if bits == FLOAT_END {
                        break;
                    }
                    separate(out, start);
                    write_float(bits, out);
                }
            }
            1..=3 => {
                for value in self.integers() {
                    separate(out, start);
                    match value {
                        Some(value) => write_integer(value, out),
                        None => out.push(b'.'),
                    }
                }
            }
            _ => {}
        }
        if out.len() == start {
            out.push(b'.');
        }
    }

    /// Writes a genotype.
    pub(super) fn write_genotype(self, out: &mut Vec<u8>) {
        let start = out.len();
        for value in self.integers() {
            // A missing value inside a vector is written as an allele not called.
            let value = value.unwrap_or(0);
            if out.len() > start {
                out.push(if value & 1 == 1 { b'|' } else { b'/' });
            }
            match (value >> 1) - 1 {
                allele @ 0.. => write_integer(allele, out),
                _ => out.push(b'.'),
            }
        }
        if out.len() == start {
            out.push(b'.');
        }
    }
}

fn separate(out: &mut Vec<u8>, start: usize) {
    if out.len() > start {
        out.push(b',');
    }
}

impl Dictionaries {
    pub(super) fn new(header: &Header) -> Self {
        Self {
            strings: header.dictionary.clone(),
            contigs: header.contig_dictionary(),
            samples: header.samples.len(),
        }
    }

    /// The name of a FILTER, INFO or FORMAT key.
    #[inline]
    pub(super) fn name(&self, index: usize) -> Option<&str> {
        self.strings.get(index).filter(|name| !name.is_empty()).map(String::as_str)
    }

    pub(super) fn contig(&self, index: usize) -> Option<&str> {
        self.contigs.get(index).filter(|name| !name.is_empty()).map(String::as_str)
    }

    /// Whole records, up to the first that does not follow the format.
    pub(super) fn rows<'r>(&'r self, bytes: &'r [u8]) -> (Vec<BcfRow<'r>>, Option<Problem>) {
        let mut rows = Vec::new();
        let mut rest = bytes;
        while let Some((lengths, body)) = rest.split_at_checked(LENGTHS) {
            let shared = word(lengths) as usize;
            let individual = word(&lengths[4..]) as usize;
            let Some((record, next)) = body.split_at_checked(shared + individual) else { break };
            rest = next;
            let (shared, individual) = record.split_at(shared);
            match BcfRow::new(self, shared, individual) {
                Some(row) => rows.push(row),
                None => return (rows, Some(self.fault(shared))),
            }
        }
        (rows, None)
    }

    fn fault(&self, shared: &[u8]) -> Problem {
        let mut cursor = Cursor(shared);
        let contig = cursor.u32().and_then(|i| self.contig(i as usize));
        let place = contig.zip(cursor.u32());
        let place =
            place.map(|(contig, start)| format!("{contig}:{}", i64::from(start as i32) + 1));
        Problem::bad_data("a BCF record does not follow the format")
            .at(place.unwrap_or_else(|| "first fields of a record".into()))
            .help("write the file again: bcftools view -Ob")
    }

    /// Writes whole records as lines.
    pub(super) fn write_lines(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        let (rows, fault) = self.rows(bytes);
        for row in rows {
            row.write_line(out);
            out.push(b'\n');
        }
        fault.map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::RawRecord;
    use super::*;

    fn dictionaries() -> Dictionaries {
        let text = b"##contig=<ID=20>\n##INFO=<ID=DP,Number=1,Type=Integer,Description=\"d\">\n\
            ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"d\">\n\
            #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n";
        Dictionaries::new(&Header::parse(text).unwrap())
    }

    fn record() -> Vec<u8> {
        let mut shared = Vec::new();
        for value in [0, 99, 1, 30.5_f32.to_bits(), 2 << 16 | 1, 1 << 24 | 1] {
            shared.extend(u32::to_le_bytes(value));
        }
        shared.extend([0x07, 0x17, b'A', 0x17, b'C', 0x11, 0, 0x11, 1, 0x11, 17]);
        let individual = [0x11, 2, 0x21, 2, 5];
        let mut bytes = (shared.len() as u32).to_le_bytes().to_vec();
        bytes.extend((individual.len() as u32).to_le_bytes());
        bytes.extend(shared);
        bytes.extend(individual);
        bytes
    }

    #[test]
    fn a_record_becomes_its_line() {
        let bytes = record();
        assert_eq!(whole_records(&bytes).unwrap(), bytes.len());
        assert_eq!(whole_records(&bytes[..bytes.len() - 1]).unwrap(), 0);
        let mut out = Vec::new();
        dictionaries().write_lines(&bytes, &mut out).unwrap();
        let line = String::from_utf8(out).unwrap();
        assert_eq!(line, "20\t100\t.\tA\tC\t30.5\tPASS\tDP=17\tGT\t0|1\n");
    }

    #[test]
    fn columns_of_a_record_are_those_of_its_line() {
        let (dictionaries, bytes) = (dictionaries(), record());
        let (rows, fault) = dictionaries.rows(&bytes);
        assert!(fault.is_none());
        let record = RawRecord::of_row(&rows[0], 1, "x").unwrap();
        let text = b"20\t100\t.\tA\tC\t30.5\tPASS\tDP=17\tGT\t0|1";
        let line = RawRecord::new(text, 1, "x").unwrap();
        let columns = |r: &RawRecord| {
            let text = [r.contig(), r.id(), r.reference(), r.alternates_text(), r.quality()];
            (text.map(<[u8]>::to_vec), r.filter().to_vec(), r.info().to_vec(), r.position())
        };
        assert_eq!(columns(&record), columns(&line));
        assert_eq!(record.format_and_samples(), line.format_and_samples());
        assert_eq!(record.problem("x").to_string(), line.problem("x").to_string());
    }

    #[test]
    fn a_line_end_inside_a_value_is_a_fault() {
        let dictionaries = dictionaries();
        for byte in [b'\n', b'\t'] {
            let mut bytes = record();
            let place = bytes.iter().position(|&b| b == b'C').unwrap();
            bytes[place] = byte;
            let problem = dictionaries.write_lines(&bytes, &mut Vec::new()).unwrap_err();
            assert!(problem.to_string().contains("20:100"), "{problem}");
        }
    }

    #[test]
    fn damaged_records_are_faults_and_no_panic() {
        let dictionaries = dictionaries();
        let whole = record();
        for i in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[i] ^= 1 << bit;
                if let Ok(end) = whole_records(&bytes) {
                    let _ = dictionaries.write_lines(&bytes[..end], &mut Vec::new());
                }
            }
        }
        let mut bytes = whole;
        bytes[8] = 9;
        assert!(dictionaries.write_lines(&bytes, &mut Vec::new()).is_err());
    }
}
