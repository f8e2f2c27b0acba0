//! Columns of whole numbers and of texts, packed so that one value is read without unpacking the others.
//!
//! A column of numbers holds each value less a base in a fixed number of bits. The few values that do not fit (below the
//! base, or too large) stand apart, found by their row; where there are any, all bits set marks them. Of the possible bases
//! and widths the smallest whole is taken, so the bytes follow from the values alone.

use crate::io::bytes::{Bytes, put_number};

/// Most rows of a column: rows that stand apart are named by two bytes.
pub(super) const MAX_ROWS: usize = u16::MAX as usize;

/// Bytes behind the packed bits, so that every value can be read as eight bytes.
const PAD: usize = 8;

/// Bytes of a value that stands apart: its row and itself.
const APART_BYTES: u64 = 2 + 4;

/// Bits that a number takes.
fn bits(value: u32) -> usize {
    (32 - value.leading_zeros()) as usize
}

/// How a column is packed.
#[derive(Clone, Copy, Debug)]
struct Packing {
    base: u32,
    width: usize,
    /// Bytes that it takes.
    cost: u64,
}

/// The cheapest packing above a base.
fn above(values: &[u32], base: u32) -> Packing {
    // By bits of `code + 1`, since all bits set is the mark of what stands apart.
    let (mut by_bits, mut below, mut most) = ([0_u64; 34], 0_u64, 0);
    for &value in values {
        match value.checked_sub(base) {
            Some(code) => {
                by_bits[bits(code.saturating_add(1))] += 1;
                most = most.max(code);
            }
            None => below += 1,
        }
    }
    let rows = values.len() as u64;
    let bytes = |width: usize| (rows * width as u64).div_ceil(8);
    let zeros = values.iter().filter(|value| **value == base).count() as u64;
    let mut best = Packing { base, width: 0, cost: (rows - zeros) * APART_BYTES };
    if below == 0 && bytes(bits(most)) < best.cost {
        best = Packing { base, width: bits(most), cost: bytes(bits(most)) };
    }
    for width in 1..32 {
        let apart = below + by_bits[width + 1..].iter().sum::<u64>();
        let cost = bytes(width) + apart * APART_BYTES;
        if cost < best.cost {
            best = Packing { base, width, cost };
        }
    }
    best
}

/// Appends a column of at most [`MAX_ROWS`] numbers.
pub(super) fn put(out: &mut Vec<u8>, values: &[u32]) {
    let least = values.iter().copied().min().unwrap_or(0);
    let filled = values.iter().copied().filter(|value| *value > 0).min().unwrap_or(0);
    let first = above(values, least);
    let second = above(values, filled);
    let Packing { base, width, .. } = if second.cost < first.cost { second } else { first };
    let code = |value: u32| value.checked_sub(base).map(u64::from);
    let fits_whole = values.iter().all(|&v| code(v).is_some_and(|code| code >> width == 0));
    let mark = (1_u64 << width) - 1;
    let fits = |value: u32| {
        code(value).is_some_and(|c| if fits_whole || width == 0 { c <= mark } else { c < mark })
    };
    let apart: Vec<(usize, u32)> =
        values.iter().copied().enumerate().filter(|(_, value)| !fits(*value)).collect();
    out.extend(base.to_le_bytes());
    out.push(width as u8);
    out.extend((apart.len() as u16).to_le_bytes());
    let start = out.len();
    out.resize(start + (values.len() * width).div_ceil(8) + PAD, 0);
    for (row, &value) in values.iter().enumerate().filter(|_| width > 0) {
        let code = if fits(value) { code(value).unwrap_or(mark) } else { mark };
        let bit = row * width;
        let at = start + bit / 8;
        let mut word = [0; 8];
        word.copy_from_slice(&out[at..at + 8]);
        let word = u64::from_le_bytes(word) | code << (bit % 8);
        out[at..at + 8].copy_from_slice(&word.to_le_bytes());
    }
    for (row, _) in &apart {
        out.extend((*row as u16).to_le_bytes());
    }
    for (_, value) in &apart {
        out.extend(value.to_le_bytes());
    }
}

/// Where a column of numbers stands in the bytes of its chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    base: u32,
    width: usize,
    apart: usize,
    bits: usize,
    rows: usize,
    values: usize,
}

impl Column {
    /// Finds the next column of `rows` numbers; `whole` is the length of the chunk that `rest` ends.
    pub(super) fn find(rest: &mut Bytes<'_>, whole: usize, rows: usize) -> Result<Self, String> {
        let base = rest.u32()?;
        let width = usize::from(rest.u8()?);
        let apart = rest.take(2)?;
        let apart = usize::from(u16::from_le_bytes([apart[0], apart[1]]));
        if width > 32 || apart > rows {
            return Err(format!("a column of {width} bits with {apart} of {rows} rows apart"));
        }
        let here = |rest: &Bytes<'_>| whole - rest.0.len();
        let bits = here(rest);
        rest.take((rows * width).div_ceil(8) + PAD)?;
        let apart_rows = here(rest);
        rest.take(2 * apart)?;
        let values = here(rest);
        rest.take(4 * apart)?;
        Ok(Self { base, width, apart, bits, rows: apart_rows, values })
    }

    /// The value of a row that the column has.
    #[inline]
    pub(super) fn get(&self, bytes: &[u8], row: usize) -> u32 {
        let bit = row * self.width;
        let at = self.bits + bit / 8;
        let word = bytes.get(at..at + 8).and_then(|word| word.try_into().ok());
        let word = u64::from_le_bytes(word.unwrap_or_default());
        let mark = (1_u64 << self.width) - 1;
        let code = (word >> (bit % 8)) & mark;
        if self.apart > 0
            && code == mark
            && let Some(value) = self.find_apart(bytes, row)
        {
            return value;
        }
        self.base.wrapping_add(code as u32)
    }

    fn find_apart(&self, bytes: &[u8], row: usize) -> Option<u32> {
        let row_at = |i: usize| {
            let at = self.rows + 2 * i;
            bytes.get(at..at + 2).map_or(0, |two| usize::from(u16::from_le_bytes([two[0], two[1]])))
        };
        let (mut low, mut high) = (0, self.apart);
        while low < high {
            let middle = low.midpoint(high);
            if row_at(middle) < row { low = middle + 1 } else { high = middle }
        }
        let at = self.values + 4 * low;
        let value = bytes.get(at..at + 4)?.try_into().ok()?;
        (low < self.apart && row_at(low) == row).then(|| u32::from_le_bytes(value))
    }
}

/// Appends a list of texts.
pub(super) fn put_texts(out: &mut Vec<u8>, texts: &[&[u8]]) {
    put_number(out, texts.len() as u64);
    put_number(out, texts.iter().map(|text| text.len() as u64).sum());
    let mut end = 0_u32;
    for text in texts {
        end += text.len() as u32;
        out.extend(end.to_le_bytes());
    }
    out.extend(texts.iter().copied().flatten());
}

/// Where a list of texts stands in the bytes of its chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts {
    count: usize,
    ends: usize,
    text: usize,
    bytes: usize,
}

impl Texts {
    /// Finds the next list.
    pub(super) fn find(rest: &mut Bytes<'_>, whole: usize) -> Result<Self, String> {
        let count = rest.count()?;
        let bytes = rest.small::<usize>()?;
        let ends = whole - rest.0.len();
        rest.take(4 * count)?;
        let text = whole - rest.0.len();
        rest.take(bytes)?;
        Ok(Self { count, ends, text, bytes })
    }

    fn end(&self, bytes: &[u8], i: usize) -> usize {
        let at = self.ends + 4 * i;
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
        four.map_or(0, |four| u32::from_le_bytes(four) as usize)
    }

    /// A text by its number; empty when the list has no such text.
    #[inline]
    pub(super) fn get<'a>(&self, bytes: &'a [u8], i: usize) -> &'a [u8] {
        if i >= self.count {
            return &[];
        }
        let start = if i == 0 { 0 } else { self.end(bytes, i - 1) };
        let end = self.end(bytes, i).min(self.bytes);
        bytes.get(self.text + start..self.text + end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn there_and_back(values: &[u32]) -> usize {
        let mut bytes = vec![9; 3];
        put(&mut bytes, values);
        let mut rest = Bytes(&bytes[3..]);
        let column = Column::find(&mut rest, bytes.len(), values.len()).unwrap();
        assert!(rest.0.is_empty());
        for (row, &value) in values.iter().enumerate() {
            assert_eq!(column.get(&bytes, row), value, "row {row} of {values:?}");
        }
        bytes.len() - 3
    }

    proptest! {
        #[test]
        fn numbers_come_back(
            values in prop::collection::vec(prop_oneof![0_u32..4, 150_000_u32..152_000, any::<u32>()], 0..400),
            small in prop::collection::vec(0_u32..9, 0..200),
        ) {
            there_and_back(&values);
            there_and_back(&small);
        }
    }

    #[test]
    fn columns_are_as_small_as_they_can_be() {
        let head = 4 + 1 + 2 + PAD;
        assert_eq!(there_and_back(&[7; 1000]), head);
        let mut mostly = vec![0; 8000];
        mostly[17] = 5000;
        assert_eq!(there_and_back(&mostly), head + 6, "one value stands apart");
        // Missing values (0) do not widen numbers that lie close together.
        let mut totals: Vec<u32> = (0..8000).map(|i| 150_000 + i % 100).collect();
        totals[3] = 0;
        assert_eq!(there_and_back(&totals), head + 7000 + 6);
        for values in [vec![u32::MAX], vec![0, u32::MAX], vec![1, 2, 3], vec![]] {
            there_and_back(&values);
        }
    }

    #[test]
    fn texts_come_back() {
        let mut bytes = Vec::new();
        put_texts(&mut bytes, &[b"A>C", b"", b"AT>A"]);
        let texts = Texts::find(&mut Bytes(&bytes), bytes.len()).unwrap();
        let all: Vec<&[u8]> = (0..4).map(|i| texts.get(&bytes, i)).collect();
        assert_eq!(all, [&b"A>C"[..], b"", b"AT>A", b""]);
    }
}
