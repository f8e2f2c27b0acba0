//! VCF lines as BCF records: each value in the type that the header gives it.
//!
//! Layout after the BCF 2.2 section of the VCF specification (samtools/hts-specs); the widths of integers are chosen as
//! htslib does.

use std::collections::HashMap;

use super::header::{Field, Header};
use super::record::RawRecord;
use crate::model::problem::Problem;

const FLOAT_MISSING: u32 = 0x7f80_0001;
const FLOAT_END: u32 = 0x7f80_0002;
/// Type codes of values: integers of 8, 16 and 32 bits, floats, characters.
const INTEGERS: [u8; 3] = [1, 2, 3];
const FLOAT: u8 = 5;
const TEXT: u8 = 7;
/// Beyond these the lowest values of a type have meanings of their own (missing, end of vector, reserved).
const LIMITS: [(i64, i64); 3] = [(-120, 127), (-32_760, 32_767), (-2_147_483_640, 2_147_483_647)];

/// How values are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Flag,
    Integer,
    Float,
    Text,
}

impl Kind {
    fn of(field: &Field) -> Self {
        match field.kind.as_str() {
            "Flag" => Self::Flag,
            "Integer" => Self::Integer,
            "Float" => Self::Float,
            _ => Self::Text,
        }
    }
}

/// One integer of a vector.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Int {
    Value(i64),
    Missing,
    End,
}

/// Reads the values (first) of a key (second).
type Reader = fn(&[u8], &[u8]) -> Result<Vec<Int>, Problem>;

/// Writes records under one header.
pub(super) struct Encoder {
    head: Vec<u8>,
    contigs: HashMap<Vec<u8>, usize>,
    names: HashMap<Vec<u8>, usize>,
    infos: HashMap<Vec<u8>, Kind>,
    formats: HashMap<Vec<u8>, Kind>,
    samples: usize,
}

impl Encoder {
    pub(super) fn new(header: &Header) -> Self {
        let numbered = |names: Vec<String>| -> HashMap<Vec<u8>, usize> {
            let named = names.into_iter().enumerate().filter(|(_, name)| !name.is_empty());
            named.map(|(i, name)| (name.into_bytes(), i)).collect()
        };
        let kinds = |fields: &[Field]| {
            fields.iter().map(|field| (field.id.clone().into_bytes(), Kind::of(field))).collect()
        };
        let mut encoder = Self {
            head: Vec::new(),
            contigs: numbered(header.contig_dictionary()),
            names: numbered(header.dictionary.clone()),
            infos: kinds(&header.infos),
            formats: kinds(&header.formats),
            samples: header.samples.len(),
        };
        let text = encoder.header_text(header);
        encoder.head.extend(b"BCF\x02\x02");
        encoder.head.extend((text.len() as u32 + 1).to_le_bytes());
        encoder.head.extend(text.as_bytes());
        encoder.head.push(0);
        encoder
    }

    /// Magic number and header.
    pub(super) fn head(&self) -> &[u8] {
        &self.head
    }

    /// Number of a contig in records.
    pub(super) fn contig(&self, name: &[u8]) -> Option<usize> {
        self.contigs.get(name).copied()
    }

    /// Contigs by number.
    pub(super) fn contig_count(&self) -> usize {
        self.contigs.values().max().map_or(0, |last| last + 1)
    }

    /// The header with the number of every name, so that no reader has to count lines.
    fn header_text(&self, header: &Header) -> String {
        let has_pass = header.filters.iter().any(|name| name == "PASS");
        let pass = "##FILTER=<ID=PASS,Description=\"All filters passed\">".to_owned();
        let mut text = String::new();
        for (i, line) in header.lines.iter().enumerate() {
            text.push_str(&self.numbered(line));
            text.push('\n');
            if i == 0 && !has_pass {
                text.push_str(&self.numbered(&pass));
                text.push('\n');
            }
        }
        let bare = Header { lines: Vec::new(), ..header.clone() };
        text + &bare.to_text(&[], &header.samples)
    }

    fn numbered(&self, line: &str) -> String {
        let table = ["##FILTER=<", "##INFO=<", "##FORMAT=<"]
            .iter()
            .any(|start| line.starts_with(start))
            .then_some(&self.names)
            .or_else(|| line.starts_with("##contig=<").then_some(&self.contigs));
        let id = line.split(['<', ',', '>']).find_map(|part| part.strip_prefix("ID="));
        let number = table.zip(id).and_then(|(table, id)| table.get(id.as_bytes()));
        match (number, line.strip_suffix('>')) {
            (Some(number), Some(open)) if !line.contains(",IDX=") => {
                format!("{open},IDX={number}>")
            }
            _ => line.to_owned(),
        }
    }

    /// Appends one record, given as its line without line end.
    pub(super) fn record(&self, line: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        let record = RawRecord::new(line, 0, "")?;
        let start = out.len();
        out.extend([0; 8]);
        let contig = known(&self.contigs, ("contig", record.contig()))?;
        out.extend((contig as u32).to_le_bytes());
        out.extend(record.position().wrapping_sub(1).to_le_bytes());
        let covered = record.end().saturating_sub(record.position()) + 1;
        out.extend(covered.to_le_bytes());
        out.extend(float(record.quality(), "QUAL")?.to_le_bytes());
        let alternates = record.alternates_text();
        let alternates: Vec<&[u8]> = match alternates {
            b"." | b"" => Vec::new(),
            text => text.split(|&b| b == b',').collect(),
        };
        let info: Vec<&[u8]> = match record.info() {
            b"." | b"" => Vec::new(),
            text => text.split(|&b| b == b';').filter(|item| !item.is_empty()).collect(),
        };
        let (format, samples) = record.format_and_samples();
        let keys: Vec<&[u8]> = match format {
            b"" | b"." => Vec::new(),
            text => text.split(|&b| b == b':').collect(),
        };
        out.extend((info.len() as u16).to_le_bytes());
        out.extend((alternates.len() as u16 + 1).to_le_bytes());
        out.extend((self.samples as u32 | (keys.len() as u32) << 24).to_le_bytes());
        let id = if record.id() == b"." { b"" } else { record.id() };
        text(id, out);
        for allele in std::iter::once(record.reference()).chain(alternates) {
            text(allele, out);
        }
        self.filters(record.filter(), out)?;
        for item in info {
            self.info(item, out)?;
        }
        let shared = out.len() - start - 8;
        self.columns(&keys, samples, out)?;
        let individual = out.len() - start - 8 - shared;
        out[start..start + 4].copy_from_slice(&(shared as u32).to_le_bytes());
        out[start + 4..start + 8].copy_from_slice(&(individual as u32).to_le_bytes());
        Ok(())
    }

    fn filters(&self, filter: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        let mut numbers = Vec::new();
        if !matches!(filter, b"." | b"") {
            for name in filter.split(|&b| b == b';') {
                let number = known(&self.names, ("FILTER", name))?;
                numbers.push(Int::Value(number as i64));
            }
        }
        if numbers.is_empty() {
            out.push(0);
        } else {
            integers(&[numbers], out);
        }
        Ok(())
    }

    fn info(&self, item: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        let equals = memchr::memchr(b'=', item);
        let (key, value) = match equals {
            Some(at) => (&item[..at], &item[at + 1..]),
            None => (item, &b""[..]),
        };
        let kind = *self.infos.get(key).ok_or_else(|| undescribed("INFO key", key))?;
        let number = known(&self.names, ("INFO key", key))?;
        integers(&[vec![Int::Value(number as i64)]], out);
        match kind {
            _ if equals.is_none() => out.push(0),
            Kind::Flag => out.push(0),
            Kind::Integer => integers(&[whole(value, key)?], out),
            Kind::Float => floats(&[numbers(value, key)?], out),
            Kind::Text => text(value, out),
        }
        Ok(())
    }

    fn columns(&self, keys: &[&[u8]], samples: &[u8], out: &mut Vec<u8>) -> Result<(), Problem> {
        if keys.is_empty() || self.samples == 0 {
            return Ok(());
        }
        let columns: Vec<Vec<&[u8]>> = samples
            .split(|&b| b == b'\t')
            .map(|column| column.split(|&b| b == b':').collect())
            .collect();
        if columns.len() != self.samples {
            return Err(Problem::bad_data(format!(
                "{} sample columns where the header names {} samples",
                columns.len(),
                self.samples
            )));
        }
        for (i, key) in keys.iter().enumerate() {
            let kind = *self.formats.get(*key).ok_or_else(|| undescribed("FORMAT key", key))?;
            let number = known(&self.names, ("FORMAT key", key))?;
            integers(&[vec![Int::Value(number as i64)]], out);
            // A column may end before its last keys.
            let values: Vec<&[u8]> =
                columns.iter().map(|column| column.get(i).copied().unwrap_or(b".")).collect();
            let each = |read: Reader| {
                values.iter().map(|value| read(value, key)).collect::<Result<Vec<_>, Problem>>()
            };
            match kind {
                _ if *key == b"GT" => integers(&each(genotype)?, out),
                Kind::Integer => integers(&each(whole)?, out),
                Kind::Float => {
                    let read = values.iter().map(|value| numbers(value, key));
                    floats(&read.collect::<Result<Vec<_>, Problem>>()?, out);
                }
                Kind::Text | Kind::Flag => texts(&values, out),
            }
        }
        Ok(())
    }
}

fn known(table: &HashMap<Vec<u8>, usize>, (what, name): (&str, &[u8])) -> Result<usize, Problem> {
    table.get(name).copied().ok_or_else(|| undescribed(what, name))
}

fn undescribed(what: &str, name: &[u8]) -> Problem {
    let name = String::from_utf8_lossy(name).into_owned();
    Problem::bad_data(format!("the header does not describe {what} {name:?}, which BCF needs"))
        .help("add its line to the header (bcftools annotate -h), or write VCF with -O z")
}

fn no_number(value: &[u8], key: &[u8], kind: &str) -> Problem {
    let [value, key] = [value, key].map(|text| String::from_utf8_lossy(text).into_owned());
    Problem::bad_data(format!("{key}: {value:?} is no {kind} that BCF can hold"))
        .help("correct its Type in the header, or write VCF with -O z")
}

/// A type and how many values of it follow.
fn descriptor(kind: u8, count: usize, out: &mut Vec<u8>) {
    if count < 15 {
        out.push((count as u8) << 4 | kind);
    } else {
        out.push(15 << 4 | kind);
        integers(&[vec![Int::Value(count as i64)]], out);
    }
}

/// Vectors of integers, one a sample, in the narrowest type that holds all, padded to the longest.
fn integers(vectors: &[Vec<Int>], out: &mut Vec<u8>) {
    let values = || {
        vectors.iter().flatten().filter_map(|value| match value {
            Int::Value(value) => Some(*value),
            _ => None,
        })
    };
    let (low, high) = (values().min().unwrap_or(0), values().max().unwrap_or(0));
    let width = LIMITS.iter().position(|(least, most)| low >= *least && high <= *most);
    let width = width.unwrap_or(LIMITS.len() - 1);
    let longest = vectors.iter().map(Vec::len).max().unwrap_or(0);
    descriptor(INTEGERS[width], longest, out);
    let bytes = 1 << width;
    // The two lowest values of each width.
    let lowest = -1_i64 << (8 * bytes - 1);
    for vector in vectors {
        for i in 0..longest {
            let value = match vector.get(i).copied().unwrap_or(Int::End) {
                Int::Value(value) => value,
                Int::Missing => lowest,
                Int::End => lowest + 1,
            };
            out.extend(&value.to_le_bytes()[..bytes]);
        }
    }
}

fn floats(vectors: &[Vec<u32>], out: &mut Vec<u8>) {
    let longest = vectors.iter().map(Vec::len).max().unwrap_or(0);
    descriptor(FLOAT, longest, out);
    for vector in vectors {
        for i in 0..longest {
            out.extend(vector.get(i).copied().unwrap_or(FLOAT_END).to_le_bytes());
        }
    }
}

fn text(value: &[u8], out: &mut Vec<u8>) {
    descriptor(TEXT, value.len(), out);
    out.extend_from_slice(value);
}

fn texts(values: &[&[u8]], out: &mut Vec<u8>) {
    let longest = values.iter().map(|value| value.len()).max().unwrap_or(0);
    descriptor(TEXT, longest, out);
    for value in values {
        out.extend_from_slice(value);
        out.resize(out.len() + longest - value.len(), 0);
    }
}

/// Whole numbers separated by commas.
fn whole(value: &[u8], key: &[u8]) -> Result<Vec<Int>, Problem> {
    let (least, most) = LIMITS[2];
    value
        .split(|&b| b == b',')
        .map(|item| {
            if matches!(item, b"." | b"") {
                return Ok(Int::Missing);
            }
            let number = std::str::from_utf8(item).ok().and_then(|text| text.parse::<i64>().ok());
            let number = number.filter(|number| (least..=most).contains(number));
            number.map(Int::Value).ok_or_else(|| no_number(item, key, "whole number"))
        })
        .collect()
}

/// Numbers separated by commas, as bits of single precision.
fn numbers(value: &[u8], key: &[u8]) -> Result<Vec<u32>, Problem> {
    let name = String::from_utf8_lossy(key);
    value.split(|&b| b == b',').map(|item| float(item, &name)).collect()
}

fn float(item: &[u8], key: &str) -> Result<u32, Problem> {
    if matches!(item, b"." | b"") {
        return Ok(FLOAT_MISSING);
    }
    let number = std::str::from_utf8(item).ok().and_then(|text| text.parse::<f64>().ok());
    // Any NaN of the text becomes the one that is neither "missing" nor "end of vector".
    let single = number.map(|number| if number.is_nan() { f32::NAN } else { number as f32 });
    single.map(f32::to_bits).ok_or_else(|| no_number(item, key.as_bytes(), "number"))
}

/// Alleles as twice their number plus two, with a lowest bit for `|` before them.
fn genotype(value: &[u8], key: &[u8]) -> Result<Vec<Int>, Problem> {
    let mut alleles = Vec::new();
    let mut from = 0;
    let mut phased = 0;
    let marks = value.iter().enumerate().filter(|(_, b)| matches!(b, b'/' | b'|'));
    for (end, mark) in marks.map(|(i, &b)| (i, b)).chain([(value.len(), b'/')]) {
        let allele = &value[from..end];
        // VCF 4.4 allows a mark before the first allele.
        if !(allele.is_empty() && from == 0 && end == 0 && value.len() > 1) {
            let number = match allele {
                b"." => 0,
                _ => match whole(allele, key)?[..] {
                    [Int::Value(number @ 0..=0x3fff_fffe)] => (number + 1) << 1,
                    _ => return Err(no_number(value, key, "genotype")),
                },
            };
            alleles.push(Int::Value(number | phased));
        }
        phased = i64::from(mark == b'|');
        from = end + 1;
    }
    Ok(alleles)
}
