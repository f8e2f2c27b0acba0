//! BCF records written out as VCF lines, so that one reader serves both formats.
//!
//! Layout after the BCF 2.2 section of the VCF specification (samtools/hts-specs).

use std::io::Write;

use super::header::Header;
use crate::model::problem::Problem;

/// Names that BCF records give by number.
#[derive(Debug)]
pub(super) struct Dictionaries {
    strings: Vec<String>,
    contigs: Vec<String>,
}

/// Bytes of the two length words before a record.
const LENGTHS: usize = 8;

/// Bytes of the fixed fields at the start of the shared part.
const FIXED: usize = 24;

const FLOAT_MISSING: u32 = 0x7f80_0001;
const FLOAT_END: u32 = 0x7f80_0002;

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

fn word(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).rev().fold(0, |value, &byte| value << 8 | u32::from(byte))
}

/// A reader of bytes that ends with an error instead of a panic.
struct Cursor<'a>(&'a [u8]);

/// Values of one type.
#[derive(Clone, Copy)]
struct Values<'a> {
    /// 1, 2, 3 integers of 8, 16, 32 bits; 5 float; 7 characters; 0 none.
    kind: u8,
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(n)?;
        self.0 = tail;
        Some(head)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4).map(word)
    }

    /// Type and number of values.
    fn descriptor(&mut self) -> Option<(u8, usize)> {
        let byte = *self.take(1)?.first()?;
        let (kind, mut n) = (byte & 15, usize::from(byte >> 4));
        if n == 15 {
            n = usize::try_from(self.integer()?).ok()?;
        }
        Some((kind, n))
    }

    fn values(&mut self) -> Option<Values<'a>> {
        let (kind, n) = self.descriptor()?;
        Some(Values { kind, bytes: self.take(n.checked_mul(width(kind)?)?)? })
    }

    /// A single typed integer.
    fn integer(&mut self) -> Option<i64> {
        let values = self.values()?;
        values.integers().next()?
    }
}

fn width(kind: u8) -> Option<usize> {
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
    fn integers(self) -> impl Iterator<Item = Option<i64>> + use<'a> {
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

    fn text(self) -> &'a [u8] {
        let end = memchr::memchr(0, self.bytes).unwrap_or(self.bytes.len());
        &self.bytes[..end]
    }

    /// Writes comma-separated values, `.` for none.
    fn write(self, out: &mut Vec<u8>) {
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
    fn write_genotype(self, out: &mut Vec<u8>) {
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

fn write_integer(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Decimal places that [`write_decimal`] tries: more than frequencies and qualities mostly have.
const MOST_PLACES: usize = 6;

/// Writes a number that has at most [`MOST_PLACES`] decimal places in its shortest form; false, with nothing written, for others.
/// Such numbers are nearly all, and trying is several times faster than finding the shortest form of any number.
fn write_decimal(value: f32, out: &mut Vec<u8>) -> bool {
    let exact = f64::from(value.abs());
    if !(1e-5..1e6).contains(&exact) {
        return false;
    }
    let mut scale = 1.0;
    for places in 0..=MOST_PLACES {
        // Both are whole numbers below 2^53, so that one division rounds once.
        let digits = (exact * scale).round();
        if ((digits / scale) as f32).to_bits() == value.abs().to_bits() {
            if value < 0.0 {
                out.push(b'-');
            }
            let (digits, scale) = (digits as i64, scale as i64);
            write_integer(digits / scale, out);
            if places > 0 {
                out.push(b'.');
                let start = out.len();
                out.resize(start + places, b'0');
                let mut rest = digits % scale;
                for place in out[start..].iter_mut().rev() {
                    *place = b'0' + (rest % 10) as u8;
                    rest /= 10;
                }
            }
            return true;
        }
        scale *= 10.0;
    }
    false
}

/// The shortest text that reads back as the same single-precision number.
fn write_float(bits: u32, out: &mut Vec<u8>) {
    let value = f32::from_bits(bits);
    if write_decimal(value, out) {
        return;
    }
    if bits == FLOAT_MISSING {
        out.push(b'.');
    } else if value != 0.0 && !(1e-5..1e15).contains(&value.abs()) {
        // Writing to memory does not fail.
        let _ = write!(out, "{value:e}");
    } else {
        let _ = write!(out, "{value}");
    }
}

impl Dictionaries {
    pub(super) fn new(header: &Header) -> Self {
        Self { strings: header.dictionary.clone(), contigs: header.contig_dictionary() }
    }

    /// Writes whole records as lines.
    pub(super) fn write_lines(&self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        let mut rest = bytes;
        while let Some((lengths, body)) = rest.split_at_checked(LENGTHS) {
            let shared = word(lengths) as usize;
            let individual = word(&lengths[4..]) as usize;
            let start = out.len();
            let record = body.split_at_checked(shared + individual);
            let written = record.and_then(|(record, next)| {
                rest = next;
                let (shared, individual) = record.split_at_checked(shared)?;
                self.write_line(shared, individual, out)
            });
            if written.is_none() {
                let line = String::from_utf8_lossy(&out[start..]).into_owned();
                let place = line.splitn(3, '\t').take(2).collect::<Vec<_>>().join(":");
                return Err(Problem::bad_data("a BCF record does not follow the format")
                    .at(if place.is_empty() { "first fields of a record".into() } else { place })
                    .help("write the file again: bcftools view -Ob"));
            }
            out.push(b'\n');
        }
        Ok(())
    }

    fn write_line(&self, shared: &[u8], individual: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mut cursor = Cursor(shared);
        let contig = self.contigs.get(cursor.u32()? as usize).filter(|name| !name.is_empty())?;
        out.extend_from_slice(contig.as_bytes());
        out.push(b'\t');
        write_integer(i64::from(cursor.u32()? as i32) + 1, out);
        let _reference_length = cursor.u32()?;
        let quality = cursor.u32()?;
        let counts = cursor.u32()?;
        let (alleles, infos) = (counts >> 16, counts & 0xffff);
        let counts = cursor.u32()?;
        let (formats, samples) = (counts >> 24, (counts & 0x00ff_ffff) as usize);
        out.push(b'\t');
        cursor.values()?.write(out);
        for i in 0..alleles.max(2) {
            out.push(if i < 2 { b'\t' } else { b',' });
            if i < alleles {
                cursor.values()?.write(out);
            } else {
                out.push(b'.');
            }
        }
        out.push(b'\t');
        write_float(quality, out);
        out.push(b'\t');
        self.write_filters(cursor.values()?, out)?;
        out.push(b'\t');
        self.write_info(&mut cursor, infos, out)?;
        if formats > 0 && samples > 0 {
            self.write_samples(Cursor(individual), formats, samples, out)?;
        }
        Some(())
    }

    fn name(&self, index: i64) -> Option<&str> {
        let name = self.strings.get(usize::try_from(index).ok()?)?;
        (!name.is_empty()).then_some(name)
    }

    fn write_filters(&self, values: Values, out: &mut Vec<u8>) -> Option<()> {
        let start = out.len();
        for value in values.integers() {
            if out.len() > start {
                out.push(b';');
            }
            out.extend_from_slice(self.name(value?)?.as_bytes());
        }
        if out.len() == start {
            out.push(b'.');
        }
        Some(())
    }

    fn write_info(&self, cursor: &mut Cursor, infos: u32, out: &mut Vec<u8>) -> Option<()> {
        for i in 0..infos {
            if i > 0 {
                out.push(b';');
            }
            out.extend_from_slice(self.name(cursor.integer()?)?.as_bytes());
            let values = cursor.values()?;
            // Flags have no value, or the value 1 in older files without type.
            if values.kind != 0 {
                out.push(b'=');
                values.write(out);
            }
        }
        if infos == 0 {
            out.push(b'.');
        }
        Some(())
    }

    fn write_samples(
        &self,
        mut cursor: Cursor,
        formats: u32,
        samples: usize,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let mut columns = Vec::with_capacity(formats as usize);
        for i in 0..formats {
            let name = self.name(cursor.integer()?)?;
            let (kind, n) = cursor.descriptor()?;
            let each = n.checked_mul(width(kind)?)?;
            columns.push((name == "GT", kind, each, cursor.take(each.checked_mul(samples)?)?));
            out.push(if i == 0 { b'\t' } else { b':' });
            out.extend_from_slice(name.as_bytes());
        }
        for sample in 0..samples {
            for (i, &(genotype, kind, each, bytes)) in columns.iter().enumerate() {
                out.push(if i == 0 { b'\t' } else { b':' });
                let values = Values { kind, bytes: &bytes[sample * each..][..each] };
                if genotype && kind != 7 {
                    values.write_genotype(out);
                } else {
                    values.write(out);
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn the_fast_way_writes_what_the_general_one_does() {
        let check = |value: f32| {
            let mut out = Vec::new();
            if write_decimal(value, &mut out) {
                assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
                return true;
            }
            false
        };
        let mut state = 1_u64;
        let mut fast = 0;
        for i in 0..200_000_u32 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let drawn = (state >> 33) as u32;
            // Numbers as files have them, of up to eight places, and any others.
            let places = 10_f64.powi((i % 9) as i32);
            let value = (f64::from(drawn % 2_000_000) / places) as f32;
            fast += u32::from(check(if i % 7 == 0 { -value } else { value }));
            check(f32::from_bits(drawn.wrapping_mul(2)));
        }
        assert!(fast > 100_000, "{fast}");
        for odd in [0.0, -0.0, f32::NAN, f32::INFINITY, 9.99e-6, 1e6, f32::MIN_POSITIVE] {
            assert!(!check(odd), "{odd}");
        }
        assert!(check(2e-5) && check(999_999.0) && check(0.5));
    }

    #[test]
    fn numbers_are_written_as_short_as_they_read_back() {
        let text = |bits| {
            let mut out = Vec::new();
            write_float(bits, &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(0.333_f32.to_bits()), "0.333");
        assert_eq!(text(1.5e-7_f32.to_bits()), "1.5e-7");
        assert_eq!(text(FLOAT_MISSING), ".");
    }
}
