//! One BCF record: checked whole, but written as text only as far as somebody reads it. Most records of a genome are dropped by
//! FILTER or by a frequency, and of these neither INFO nor the sample columns ever become text.

use std::cell::OnceCell;

use super::bcf::{Cursor, Dictionaries, Values, width};
use super::bcf_numbers::{write_float, write_integer};

/// One record.
#[derive(Debug)]
pub(super) struct BcfRow<'a> {
    dictionaries: &'a Dictionaries,
    contig: &'a str,
    /// POS, 1-based.
    position: i64,
    quality: u32,
    /// ID, REF and ALT as typed values.
    names: &'a [u8],
    alleles: u32,
    /// ID, REF, ALT and FILTER where they stand in the record as text.
    texts: [Column<'a>; 4],
    filters: Values<'a>,
    /// INFO: number of items, and the items.
    items: u32,
    info: &'a [u8],
    formats: u32,
    samples: usize,
    individual: &'a [u8],
    /// The columns CHROM to INFO, with their ends.
    site: OnceCell<(Vec<u8>, [u32; 8])>,
    /// FORMAT and the sample columns.
    calls: OnceCell<Vec<u8>>,
}

/// A column of a record.
#[derive(Clone, Copy, Debug)]
enum Column<'a> {
    /// As it stands there.
    Text(&'a [u8]),
    /// Values of which the text must be written.
    ToWrite,
}

/// Places in [`BcfRow::texts`].
const REF: usize = 1;
const ALT: usize = 2;
const FILTER: usize = 3;

impl<'a> BcfRow<'a> {
    /// Finds the parts of a record and checks all of them; `None` when it does not follow the format.
    pub(super) fn new(
        dictionaries: &'a Dictionaries,
        shared: &'a [u8],
        individual: &'a [u8],
    ) -> Option<Self> {
        let mut cursor = Cursor(shared);
        let contig = dictionaries.contig(cursor.u32()? as usize)?;
        let position = i64::from(cursor.u32()? as i32) + 1;
        let _reference_length = cursor.u32()?;
        let quality = cursor.u32()?;
        let counts = cursor.u32()?;
        let (alleles, items) = (counts >> 16, counts & 0xffff);
        let counts = cursor.u32()?;
        let (formats, samples) = (counts >> 24, (counts & 0x00ff_ffff) as usize);
        if samples != dictionaries.samples {
            return None;
        }
        let names = cursor.0;
        let id = text(cursor.values()?)?;
        let mut texts = [id, Column::Text(b"."), Column::Text(b"."), Column::ToWrite];
        for i in 0..alleles {
            let allele = text(cursor.values()?)?;
            // Several ALTs stand apart and must be joined.
            texts[if i == 0 { REF } else { ALT }] = if i < 2 { allele } else { Column::ToWrite };
        }
        let names = &names[..names.len() - cursor.0.len()];
        let filters = cursor.values()?;
        texts[FILTER] = one_filter(dictionaries, filters)?;
        let info = cursor.0;
        for _ in 0..items {
            dictionaries.name(cursor.key()?)?;
            text(cursor.values()?)?;
        }
        let info = &info[..info.len() - cursor.0.len()];
        let row = Self {
            dictionaries,
            contig,
            position,
            quality,
            names,
            alleles,
            texts,
            filters,
            items,
            info,
            formats: if samples == 0 { 0 } else { formats },
            samples,
            individual,
            site: OnceCell::new(),
            calls: OnceCell::new(),
        };
        row.fields().all(|field| field.is_some()).then_some(row)
    }

    /// CHROM.
    pub(super) fn contig(&self) -> &'a [u8] {
        self.contig.as_bytes()
    }

    /// POS, 1-based.
    pub(super) fn position(&self) -> i64 {
        self.position
    }

    /// INFO as typed items.
    pub(super) fn info(&self) -> &'a [u8] {
        self.info
    }

    /// A column from CHROM (0) to INFO (7) as text.
    pub(super) fn column(&self, i: usize) -> &[u8] {
        let text = match i {
            2..=4 => self.texts[i - 2],
            6 => self.texts[FILTER],
            0 => Column::Text(self.contig()),
            _ => Column::ToWrite,
        };
        match text {
            Column::Text(text) => text,
            Column::ToWrite => {
                let (line, ends) = self.site();
                let start = if i == 0 { 0 } else { ends[i - 1] as usize + 1 };
                line.get(start..ends[i] as usize).unwrap_or_default()
            }
        }
    }

    /// FORMAT and the sample columns with tabs between them; empty without samples.
    pub(super) fn calls(&self) -> &[u8] {
        self.calls.get_or_init(|| {
            let mut out = Vec::with_capacity(2 * self.individual.len());
            self.write_calls(&mut out);
            out
        })
    }

    /// Writes the line, without line end.
    pub(super) fn write_line(&self, out: &mut Vec<u8>) {
        self.write_site(out);
        if self.samples > 0 {
            out.push(b'\t');
            self.write_calls(out);
        }
    }

    fn site(&self) -> &(Vec<u8>, [u32; 8]) {
        self.site.get_or_init(|| {
            let mut line = Vec::with_capacity(2 * self.info.len() + 64);
            let ends = self.write_site(&mut line);
            (line, ends)
        })
    }

    /// Writes the columns CHROM to INFO; where they end, if `out` was empty.
    fn write_site(&self, out: &mut Vec<u8>) -> [u32; 8] {
        let mut ends = [0; 8];
        let mut cursor = Cursor(self.names);
        // What was checked when the record was found is there.
        let mut next = |out: &mut Vec<u8>| match cursor.values() {
            Some(values) => values.write(out),
            None => out.push(b'.'),
        };
        for (i, end) in ends.iter_mut().enumerate() {
            if i > 0 {
                out.push(b'\t');
            }
            match i {
                0 => out.extend_from_slice(self.contig()),
                1 => write_integer(self.position, out),
                2 => next(out),
                3 if self.alleles > 0 => next(out),
                4 if self.alleles > 1 => {
                    next(out);
                    for _ in 2..self.alleles {
                        out.push(b',');
                        next(out);
                    }
                }
                5 => write_float(self.quality, out),
                6 => self.write_filters(out),
                7 => self.write_info(out),
                _ => out.push(b'.'),
            }
            *end = out.len() as u32;
        }
        ends
    }

    fn write_filters(&self, out: &mut Vec<u8>) {
        let names = self.filters.integers().flatten();
        let names = names.filter_map(|i| self.dictionaries.name(usize::try_from(i).ok()?));
        let start = out.len();
        for name in names {
            if out.len() > start {
                out.push(b';');
            }
            out.extend_from_slice(name.as_bytes());
        }
        if out.len() == start {
            out.push(b'.');
        }
    }

    fn write_info(&self, out: &mut Vec<u8>) {
        let mut cursor = Cursor(self.info);
        let item = |cursor: &mut Cursor<'a>| {
            Some((self.dictionaries.name(cursor.key()?)?, cursor.values()?))
        };
        let start = out.len();
        while let Some((name, values)) = item(&mut cursor) {
            if out.len() > start {
                out.push(b';');
            }
            out.extend_from_slice(name.as_bytes());
            // Flags have no value, or the value 1 in older files without type.
            if values.kind != 0 {
                out.push(b'=');
                values.write(out);
            }
        }
        if self.items == 0 {
            out.push(b'.');
        }
    }

    /// The fields of FORMAT; `None`, and then nothing more, for one that does not follow the format.
    fn fields(&self) -> impl Iterator<Item = Option<Field<'a>>> + use<'a> {
        let (dictionaries, samples) = (self.dictionaries, self.samples);
        let mut cursor = Cursor(self.individual);
        let mut next = move || {
            let name = dictionaries.name(cursor.key()?)?;
            let (kind, n) = cursor.descriptor()?;
            let each = n.checked_mul(width(kind)?)?;
            let values = Values { kind, bytes: cursor.take(each.checked_mul(samples)?)? };
            (!values.breaks_lines()).then_some(Field { name, each, values })
        };
        let mut broken = false;
        (0..self.formats).map_while(move |_| {
            let field = if broken { return None } else { next() };
            broken = field.is_none();
            Some(field)
        })
    }

    fn write_calls(&self, out: &mut Vec<u8>) {
        let fields: Vec<Field<'_>> = self.fields().flatten().collect();
        if fields.is_empty() && self.samples > 0 {
            // As htslib writes a record without any field: a dot for FORMAT and for each sample.
            out.push(b'.');
            (0..self.samples).for_each(|_| out.extend_from_slice(b"\t."));
            return;
        }
        for (i, field) in fields.iter().enumerate() {
            if i > 0 {
                out.push(b':');
            }
            out.extend_from_slice(field.name.as_bytes());
        }
        for sample in 0..self.samples {
            for (i, field) in fields.iter().enumerate() {
                out.push(if i == 0 { b'\t' } else { b':' });
                let bytes = &field.values.bytes[sample * field.each..][..field.each];
                let values = Values { kind: field.values.kind, bytes };
                if field.name == "GT" && values.kind != 7 {
                    values.write_genotype(out);
                } else {
                    values.write(out);
                }
            }
        }
    }
}

/// A field of FORMAT with the values of all samples.
struct Field<'a> {
    name: &'a str,
    /// Bytes of one sample.
    each: usize,
    values: Values<'a>,
}

/// The column of some values; `None` for text that breaks the line.
#[inline]
fn text(values: Values<'_>) -> Option<Column<'_>> {
    (!values.breaks_lines()).then(|| values.plain().map_or(Column::ToWrite, Column::Text))
}

/// FILTER, of which one name or none stands for itself; `None` for a number without a name.
fn one_filter<'a>(dictionaries: &'a Dictionaries, filters: Values<'a>) -> Option<Column<'a>> {
    let mut found: &[u8] = b".";
    let mut count = 0;
    for index in filters.integers() {
        found = dictionaries.name(usize::try_from(index?).ok()?)?.as_bytes();
        count += 1;
    }
    Some(if count < 2 { Column::Text(found) } else { Column::ToWrite })
}
