//! Some thousand variants of one contig, column by column.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::column::{Column, MAX_ROWS, Texts, put, put_texts};
use super::meta::Columns;
use crate::io::bytes::{Bytes, put_number};

/// One variant of a store under construction. Rows by the hundred thousand wait for their order, so each takes no more room than
/// it needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// 1-based position of the first reference base.
    pub position: u32,
    /// Reference and alternate allele, upper case, joined by `>`.
    pub alleles: Box<[u8]>,
    /// FILTER (`PASS` when nothing failed), then the store's texts.
    pub texts: Box<[Cow<'static, str>]>,
    /// Whole numbers plus one, 0 for a missing one.
    pub numbers: PackedNumbers,
    /// Frequencies from 0 to 1; `None` for a missing one.
    pub fractions: Box<[Option<f64>]>,
}

/// Whole numbers, each in as many bytes as it needs: counts of most variants are small.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackedNumbers(Box<[u8]>);

impl PackedNumbers {
    /// Packs numbers.
    pub fn new(numbers: &[u32]) -> Self {
        let mut bytes = Vec::with_capacity(numbers.len() * 3);
        for &number in numbers {
            put_number(&mut bytes, number.into());
        }
        Self(bytes.into_boxed_slice())
    }

    /// The numbers in their order.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        let mut rest = Bytes(&self.0);
        std::iter::from_fn(move || rest.small::<u32>().ok())
    }
}

impl Row {
    /// Order within a contig.
    pub(super) fn key(&self) -> (u32, &[u8]) {
        (self.position, &self.alleles)
    }

    /// True when the site passed the source's filters, or had none.
    pub(super) fn passed(&self) -> bool {
        self.texts.first().is_none_or(|text| text == "PASS")
    }
}

/// Packs rows, at most [`MAX_ROWS`], sorted by position.
pub(super) fn encode(rows: &[Row], columns: &Columns) -> Vec<u8> {
    debug_assert!(rows.len() <= MAX_ROWS);
    let mut out = Vec::new();
    let first = rows.first().map_or(0, |row| row.position);
    put_number(&mut out, rows.len() as u64);
    let positions: Vec<u32> = rows.iter().map(|row| row.position - first).collect();
    put(&mut out, &positions);
    put_words(&mut out, rows.iter().map(|row| &*row.alleles));
    for text in 0..columns.texts {
        put_words(&mut out, rows.iter().map(|row| row.texts[text].as_bytes()));
    }
    let mut numbers = vec![Vec::with_capacity(rows.len()); columns.numbers];
    for row in rows {
        numbers.iter_mut().zip(row.numbers.iter()).for_each(|(column, value)| column.push(value));
    }
    for column in &numbers {
        put(&mut out, column);
    }
    for fraction in 0..columns.fractions {
        put_fractions(&mut out, rows.iter().map(|row| row.fractions[fraction]));
    }
    out
}

/// Texts as a list of the different ones and each row's number in it.
fn put_words<'a>(out: &mut Vec<u8>, words: impl Iterator<Item = &'a [u8]> + Clone) {
    let different: BTreeSet<&[u8]> = words.clone().collect();
    let list: Vec<&[u8]> = different.into_iter().collect();
    let number: BTreeMap<&[u8], u32> =
        list.iter().enumerate().map(|(i, word)| (*word, i as u32)).collect();
    put_texts(out, &list);
    let numbers: Vec<u32> = words.map(|word| number[word]).collect();
    put(out, &numbers);
}

/// Fractions as a list of the different ones and each row's place in it from 1, 0 for a missing one.
fn put_fractions(out: &mut Vec<u8>, values: impl Iterator<Item = Option<f64>> + Clone) {
    // Fractions are not negative, so that their bits are in their order.
    let different: BTreeSet<u64> = values.clone().flatten().map(f64::to_bits).collect();
    let list: Vec<u64> = different.into_iter().collect();
    put_number(out, list.len() as u64);
    out.extend(list.iter().flat_map(|bits| bits.to_le_bytes()));
    let places: Vec<u32> = values
        .map(|value| {
            value.map_or(0, |v| list.binary_search(&v.to_bits()).map_or(0, |i| i as u32 + 1))
        })
        .collect();
    put(out, &places);
}

/// Where a column of fractions stands.
#[derive(Clone, Copy, Debug)]
struct Fractions {
    list: usize,
    count: usize,
    places: Column,
}

/// A chunk that was read and found whole. Its numbers stay packed.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    pub(super) bytes: Vec<u8>,
    first: u32,
    rows: usize,
    positions: Column,
    alleles: (Texts, Column),
    texts: Vec<(Texts, Column)>,
    numbers: Vec<Column>,
    fractions: Vec<Fractions>,
}

impl Chunk {
    /// Finds the columns. `first` is the position of the first row.
    pub(super) fn new(bytes: Vec<u8>, first: u32, columns: &Columns) -> Result<Self, String> {
        let whole = bytes.len();
        let mut rest = Bytes(&bytes);
        let rows = rest.small::<usize>()?;
        if rows == 0 || rows > MAX_ROWS {
            return Err(format!("a chunk of {rows} variants"));
        }
        let positions = Column::find(&mut rest, whole, rows)?;
        let words = |rest: &mut Bytes<'_>| {
            let texts = Texts::find(rest, whole)?;
            Ok::<_, String>((texts, Column::find(rest, whole, rows)?))
        };
        let alleles = words(&mut rest)?;
        let texts = (0..columns.texts).map(|_| words(&mut rest)).collect::<Result<_, _>>()?;
        let numbers = (0..columns.numbers)
            .map(|_| Column::find(&mut rest, whole, rows))
            .collect::<Result<_, _>>()?;
        let mut fractions = Vec::new();
        for _ in 0..columns.fractions {
            let count = rest.count()?;
            let list = whole - rest.0.len();
            rest.take(count.checked_mul(8).ok_or("too many fractions")?)?;
            let places = Column::find(&mut rest, whole, rows)?;
            fractions.push(Fractions { list, count, places });
        }
        if !rest.0.is_empty() {
            return Err(format!("{} bytes behind its columns", rest.0.len()));
        }
        Ok(Self { bytes, first, rows, positions, alleles, texts, numbers, fractions })
    }

    /// Number of variants.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// Position of a row, 1-based.
    #[inline]
    pub(super) fn position(&self, row: usize) -> u32 {
        self.first.saturating_add(self.positions.get(&self.bytes, row))
    }

    /// Alleles of a row, `REF>ALT`.
    #[inline]
    pub(super) fn alleles(&self, row: usize) -> &[u8] {
        let (texts, numbers) = &self.alleles;
        texts.get(&self.bytes, numbers.get(&self.bytes, row) as usize)
    }

    /// The first row at or behind a position, looked for from row `from` on (which must not lie behind it).
    #[inline]
    pub(super) fn lower_bound(&self, from: usize, position: u32) -> usize {
        let (mut low, mut step) = (from, 1);
        // Sorted questions are near: steps that double, then halves.
        while low + step < self.rows && self.position(low + step) < position {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(self.rows);
        while low < high {
            let middle = low.midpoint(high);
            if self.position(middle) < position { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Number (in the list of the column) and text of a row; text column 0 is FILTER.
    pub(super) fn text(&self, column: usize, row: usize) -> &[u8] {
        self.texts.get(column).map_or(&[], |(texts, numbers)| {
            texts.get(&self.bytes, numbers.get(&self.bytes, row) as usize)
        })
    }

    /// A whole number; `None` when it is missing.
    #[inline]
    pub(super) fn number(&self, column: usize, row: usize) -> Option<u32> {
        self.numbers.get(column)?.get(&self.bytes, row).checked_sub(1)
    }

    /// A fraction; `None` when it is missing.
    #[inline]
    pub(super) fn fraction(&self, column: usize, row: usize) -> Option<f64> {
        let fractions = self.fractions.get(column)?;
        let place = (fractions.places.get(&self.bytes, row) as usize).checked_sub(1)?;
        if place >= fractions.count {
            return None;
        }
        let at = fractions.list + 8 * place;
        let bits = self.bytes.get(at..at + 8)?.try_into().ok()?;
        Some(f64::from_bits(u64::from_le_bytes(bits)))
    }

    /// What order and sums cannot tell: rows out of order, alleles that are none, values that no source can have.
    pub(super) fn check(&self, last: u32) -> Result<(), String> {
        let mut before: Option<(u32, &[u8])> = None;
        for row in 0..self.rows {
            let key = (self.position(row), self.alleles(row));
            if before.is_some_and(|before| before >= key) {
                return Err(format!("row {row} is not behind the one before"));
            }
            if !key.1.contains(&b'>') {
                return Err(format!("row {row} has no alleles"));
            }
            before = Some(key);
            for column in 0..self.fractions.len() {
                if self.fraction(column, row).is_some_and(|value| !(0.0..=1.0).contains(&value)) {
                    return Err(format!("row {row} has a frequency outside 0 to 1"));
                }
            }
        }
        let ends = (self.position(0), self.position(self.rows - 1));
        if ends != (self.first, last) {
            return Err(format!("positions {} to {} where the index says {last}", ends.0, ends.1));
        }
        Ok(())
    }
}
