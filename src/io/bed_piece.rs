//! Lines of a BED track, formatted and compressed a stretch of one contig at a time, by any thread. Lines lie in cells of the
//! contig, each compressed on its own, so that the bytes do not depend on how many cells a stretch has.

use super::bed_deflate::{BedDeflater, Line, MAX_LINE};
use super::bgzf::{self, Deflater, WRITE_BLOCK_BYTES};

/// Bases of the smallest index window, as a power of two.
pub(super) const MIN_SHIFT: u32 = 14;
/// Longest line, bytes; what goes beyond is cut.
const MAX_LINE_BYTES: usize = 4096;
/// Longest contig name that is written whole. A longer one cannot come from a file that samtools would index.
const MAX_NAME: usize = 2048;
/// Bytes copied at once for a contig name; longer names are copied in a second step.
const SHORT_NAME: usize = 16;
/// Bytes of a number.
const DIGITS: usize = 12;
/// A cell of fewer lines is not compressed alone: blocks of a few lines would make thinly covered files several times as
/// large. The track joins such cells.
const FEW_LINES: usize = 128;

/// A stretch of one contig's lines, compressed but for cells of few lines, with what the index needs to know.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    bytes: Vec<u8>,
    /// Where each block starts in `bytes`, and its plain length.
    blocks: Vec<(u32, u32)>,
    marks: Vec<Mark>,
    few: Vec<FewLines>,
}

/// Lines that are not compressed yet.
#[derive(Clone, Debug)]
pub(super) struct FewLines {
    /// Compressed bytes, and marks, that come before them.
    at: usize,
    marks: usize,
    text: Vec<u8>,
    lines: Vec<PlainLine>,
}

/// A line of a text.
#[derive(Clone, Copy, Debug)]
struct PlainLine {
    /// 0-based half-open, bp.
    start: u32,
    end: u32,
    /// Where its fourth column begins in the text, and where that ends.
    rest: u32,
    rest_end: u32,
}

impl FewLines {
    /// Start, end (0-based half-open, bp) and what follows them of each line.
    pub(super) fn iter(&self) -> impl Iterator<Item = ((u32, u32), &[u8])> {
        self.lines.iter().map(|line| {
            let rest = self.text.get(line.rest as usize..line.rest_end as usize);
            ((line.start, line.end), rest.unwrap_or_default())
        })
    }
}

/// Whole BGZF blocks of a piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Blocks<'a> {
    /// Where they begin among the piece's compressed bytes.
    pub(super) at: usize,
    pub(super) bytes: &'a [u8],
    /// The marks of their lines.
    pub(super) marks: &'a [Mark],
}

/// A part of a piece.
#[derive(Clone, Copy, Debug)]
pub(super) enum PiecePart<'a> {
    Blocks(Blocks<'a>),
    Lines(&'a FewLines),
}

/// A place in a piece: the number of the block, and plain bytes in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    block: u32,
    within: u32,
}

/// Neighbouring lines that fall into one index bin: their span in bp, 0-based half-open, and their place in the piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) from: Place,
    pub(super) to: Place,
}

impl Piece {
    /// Its parts in order, without empty ones.
    pub(super) fn parts(&self) -> impl Iterator<Item = PiecePart<'_>> {
        let ends = self.few.iter().map(|few| (few.at, few.marks, Some(few)));
        let end = std::iter::once((self.bytes.len(), self.marks.len(), None));
        let starts = self.few.iter().map(|few| (few.at, few.marks));
        let parts = std::iter::once((0, 0)).chain(starts).zip(ends.chain(end));
        parts.flat_map(|((at, mark), (to, to_mark, few))| {
            let (bytes, marks) = (&self.bytes[at..to], &self.marks[mark..to_mark]);
            let blocks = (at < to).then_some(PiecePart::Blocks(Blocks { at, bytes, marks }));
            blocks.into_iter().chain(few.map(PiecePart::Lines))
        })
    }

    /// The start of a place's block in the compressed bytes, and the plain bytes before the place in it. The end of a
    /// block is the start of the next.
    pub(super) fn locate(&self, place: Place) -> (u64, u64) {
        match self.blocks.get(place.block as usize) {
            Some(&(at, plain)) if place.within < plain => (at.into(), place.within.into()),
            _ => match self.blocks.get(place.block as usize + 1) {
                Some(&(at, _)) => (at.into(), 0),
                None => (self.bytes.len() as u64, 0),
            },
        }
    }
}

/// Formats and compresses one piece. Reused from piece to piece.
pub struct PieceWriter {
    text: Vec<u8>,
    used: usize,
    /// What the lines of the open block repeat; not of use when one of them is too long.
    lines: Vec<Line>,
    any_long: bool,
    /// The first lines of the open block, as a cell of few lines keeps them.
    plain: Vec<PlainLine>,
    /// Contig name and tab, filled up to [`SHORT_NAME`].
    name: Vec<u8>,
    name_length: usize,
    start: Digits,
    end: Digits,
    /// The end of the line before.
    last: Option<u32>,
    /// Whether the next line begins a mark of its own.
    cut: bool,
    /// Blocks and marks of the piece where the cell began.
    cell: (usize, usize),
    fast: BedDeflater,
    general: Option<Deflater>,
    piece: Piece,
}

impl std::fmt::Debug for PieceWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PieceWriter").field("used", &self.used).finish_non_exhaustive()
    }
}

impl Default for PieceWriter {
    fn default() -> Self {
        Self {
            text: vec![0; WRITE_BLOCK_BYTES + MAX_LINE_BYTES],
            used: 0,
            lines: Vec::new(),
            any_long: false,
            plain: Vec::new(),
            name: vec![0; SHORT_NAME],
            name_length: 0,
            start: Digits::new(),
            end: Digits::new(),
            last: None,
            cut: false,
            cell: (0, 0),
            fast: BedDeflater::default(),
            general: None,
            piece: Piece::default(),
        }
    }
}

impl PieceWriter {
    /// Begins a piece about this contig.
    pub fn begin(&mut self, contig: &str) {
        self.flush();
        self.piece = Piece::default();
        self.fast.restart();
        self.name.clear();
        self.name.extend_from_slice(contig.as_bytes());
        self.name.truncate(MAX_NAME);
        self.name.push(b'\t');
        self.name_length = self.name.len();
        self.name.resize(self.name_length.max(SHORT_NAME), 0);
        (self.last, self.cut, self.cell) = (None, false, (0, 0));
    }

    /// Ends a cell: what follows is compressed as if a piece began here, and what was before does not depend on it.
    pub fn end_cell(&mut self) {
        let (blocks, marks) = self.cell;
        if self.piece.blocks.len() > blocks || self.lines.len() >= FEW_LINES {
            self.flush();
        } else if self.used > 0 {
            self.piece.marks.truncate(marks);
            let (at, text) = (self.piece.bytes.len(), self.text[..self.used].to_vec());
            let lines = std::mem::take(&mut self.plain);
            self.piece.few.push(FewLines { at, marks, text, lines });
            self.forget_lines();
        }
        self.fast.restart();
        (self.last, self.cut) = (None, true);
        self.cell = (self.piece.blocks.len(), self.piece.marks.len());
    }

    /// The finished piece, whose last cell ends here too; the writer is empty again.
    pub fn finish_cells(&mut self) -> Piece {
        self.end_cell();
        self.finish()
    }

    /// Adds the line `contig start end value`; `start..end` in bp, 0-based half-open.
    #[inline]
    pub fn value(&mut self, start: u32, end: u32, value: u32) {
        let mut at = self.place(start, end);
        let out = &mut self.text[self.used..];
        at += put_value(value, &mut out[at..at + DIGITS]);
        out[at] = b'\n';
        self.commit(at + 1, start, end);
    }

    /// Adds the line `contig start end rest`; `start..end` in bp, 0-based half-open.
    pub fn line(&mut self, start: u32, end: u32, rest: &[u8]) {
        let at = self.place(start, end);
        let rest = &rest[..rest.len().min(MAX_LINE_BYTES - 1 - at)];
        let out = &mut self.text[self.used + at..];
        out[..rest.len()].copy_from_slice(rest);
        out[rest.len()] = b'\n';
        self.commit(at + rest.len() + 1, start, end);
    }

    /// Writes the first three columns, with a tab after each; returns their length.
    #[inline]
    fn place(&mut self, start: u32, end: u32) -> usize {
        if self.last == Some(start) {
            self.start = self.end;
        } else {
            self.start.set(start);
        }
        self.end.set(end);
        let out = &mut self.text[self.used..];
        out[..SHORT_NAME].copy_from_slice(&self.name[..SHORT_NAME]);
        if self.name_length > SHORT_NAME {
            out[..self.name_length].copy_from_slice(&self.name);
        }
        let mut at = self.name_length;
        for number in [&self.start, &self.end] {
            out[at..at + DIGITS].copy_from_slice(&number.bytes);
            at += number.length;
            out[at] = b'\t';
            at += 1;
        }
        at
    }

    /// Accepts the first `length` bytes after the used ones as a line.
    #[inline]
    fn commit(&mut self, length: usize, start: u32, end: u32) {
        if self.used + length > WRITE_BLOCK_BYTES && self.used > 0 {
            let line = self.used..self.used + length;
            self.flush();
            self.text.copy_within(line, 0);
        }
        self.any_long |= length > MAX_LINE;
        if self.lines.len() < FEW_LINES {
            let columns = self.name_length + self.start.length + self.end.length + 2;
            let (rest, rest_end) = (self.used + columns, self.used + length - 1);
            let (rest, rest_end) = (rest as u32, rest_end as u32);
            self.plain.push(PlainLine { start, end, rest, rest_end });
        }
        self.lines.push(Line {
            length: length as u8,
            start: self.start.length as u8,
            shared: self.start.shared(&self.end),
            follows: self.last == Some(start),
        });
        self.last = Some(end);
        let block = self.piece.blocks.len() as u32;
        let from = Place { block, within: self.used as u32 };
        self.used += length;
        let to = Place { block, within: self.used as u32 };
        let window = start >> MIN_SHIFT;
        let last = end.saturating_sub(1) >> MIN_SHIFT;
        let cut = std::mem::take(&mut self.cut);
        match self.piece.marks.last_mut() {
            Some(mark)
                if !cut
                    && window == last
                    && mark.start >> MIN_SHIFT == window
                    && mark.end.saturating_sub(1) >> MIN_SHIFT == window =>
            {
                mark.end = mark.end.max(end);
                mark.to = to;
            }
            _ => self.piece.marks.push(Mark { start, end, from, to }),
        }
    }

    fn flush(&mut self) {
        if self.used == 0 {
            return;
        }
        let (plain, bytes) = (&self.text[..self.used], &mut self.piece.bytes);
        self.piece.blocks.push((bytes.len() as u32, plain.len() as u32));
        let whole = !self.any_long && {
            let body = self.fast.compress(plain, &self.lines, self.name_length);
            bgzf::put_block(plain, body, bytes)
        };
        if !whole {
            self.general.get_or_insert_default().block(plain, bytes);
        }
        self.forget_lines();
    }

    fn forget_lines(&mut self) {
        self.lines.clear();
        self.plain.clear();
        (self.used, self.any_long) = (0, false);
    }

    /// Compressed bytes so far.
    pub(super) fn compressed(&self) -> usize {
        self.piece.bytes.len()
    }

    /// The finished piece, with all lines compressed; the writer is empty again.
    pub fn finish(&mut self) -> Piece {
        self.flush();
        self.last = None;
        std::mem::take(&mut self.piece)
    }
}

/// A number as text: only its last four digits are formatted anew while the others stay.
#[derive(Clone, Copy)]
struct Digits {
    bytes: [u8; DIGITS],
    length: usize,
    /// The number without its last four digits, and how many digits that has.
    high: u32,
    high_length: usize,
    /// The last four digits.
    low: [u8; 4],
}

const fn digit(value: usize) -> u8 {
    b'0' + (value % 10) as u8
}

static FOUR_DIGITS: [[u8; 4]; 10_000] = {
    let mut table = [[0; 4]; 10_000];
    let mut i = 0;
    while i < 10_000 {
        table[i] = [digit(i / 1000), digit(i / 100), digit(i / 10), digit(i)];
        i += 1;
    }
    table
};

impl Digits {
    fn new() -> Self {
        Self { bytes: [0; DIGITS], length: 0, high: u32::MAX, high_length: 0, low: [0; 4] }
    }

    #[inline]
    fn set(&mut self, value: u32) {
        let high = value / 10_000;
        if high != self.high {
            self.high = high;
            self.high_length = if high == 0 { 0 } else { write_number(high, &mut self.bytes) };
        }
        if high == 0 {
            self.length = write_number(value, &mut self.bytes);
        } else {
            self.low = FOUR_DIGITS[(value % 10_000) as usize];
            self.bytes[self.high_length..self.high_length + 4].copy_from_slice(&self.low);
            self.length = self.high_length + 4;
        }
    }

    /// How many first digits the other number has too; may be told short.
    #[inline]
    fn shared(&self, other: &Self) -> u8 {
        if self.high != other.high || self.high == 0 {
            return 0;
        }
        let differ = u32::from_le_bytes(self.low) ^ u32::from_le_bytes(other.low);
        (self.high_length + differ.trailing_zeros() as usize / 8) as u8
    }
}

#[inline]
fn write_number(value: u32, bytes: &mut [u8; DIGITS]) -> usize {
    let length = value.checked_ilog10().map_or(1, |log| log as usize + 1);
    let mut rest = value;
    for byte in bytes[..length].iter_mut().rev() {
        *byte = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    length
}

#[inline]
fn put_value(value: u32, out: &mut [u8]) -> usize {
    let low = FOUR_DIGITS[(value % 10_000) as usize];
    if value < 10 {
        out[0] = low[3];
        1
    } else if value < 100 {
        out[..2].copy_from_slice(&low[2..]);
        2
    } else {
        let mut digits = [0; DIGITS];
        let length = write_number(value, &mut digits);
        out[..DIGITS].copy_from_slice(&digits);
        length
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::Read;

    use super::*;

    #[test]
    fn numbers_are_written_as_the_standard_library_writes_them() {
        let mut digits = Digits::new();
        for value in [0, 7, 9_999, 10_000, 10_001, 19_999, 20_000, 248_956_422, u32::MAX, 3] {
            digits.set(value);
            assert_eq!(&digits.bytes[..digits.length], value.to_string().as_bytes());
            let mut out = [0; DIGITS];
            let length = put_value(value, &mut out);
            assert_eq!(&out[..length], value.to_string().as_bytes());
        }
    }

    fn plain(piece: &Piece) -> Vec<u8> {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(&piece.bytes[..]).read_to_end(&mut plain).unwrap();
        plain
    }

    #[test]
    fn lines_of_every_shape_come_back_and_marks_point_at_them() {
        let mut writer = PieceWriter::default();
        for name in ["1", "X", "chr20", "HLA-DRB1*15:03:01:02", &"n".repeat(3000)] {
            writer.begin(name);
            let shown = &name[..name.len().min(MAX_NAME)];
            let mut expected = String::new();
            let mut at = 9_000;
            for i in 0..9_000_u32 {
                let (start, end) = (at + u32::from(i % 7 == 0) * 3, at + 5 + i % 900);
                match i % 5 {
                    0 => writer.line(start, end, b"exon 1\t0.25"),
                    _ => writer.value(start, end, i % 1300),
                }
                let _ = match i % 5 {
                    0 => writeln!(expected, "{shown}\t{start}\t{end}\texon 1\t0.25"),
                    _ => writeln!(expected, "{shown}\t{start}\t{end}\t{}", i % 1300),
                };
                at = end;
            }
            let piece = writer.finish();
            assert!(plain(&piece) == expected.as_bytes(), "{name}");
            let mut inflater = bgzf::Inflater::default();
            let mut block = vec![0; bgzf::MAX_BLOCK_BYTES];
            for mark in &piece.marks {
                let (at, within) = piece.locate(mark.from);
                inflater.block(&piece.bytes[at as usize..], &mut block).unwrap();
                let line = format!("{shown}\t{}\t", mark.start);
                assert!(block[within as usize..].starts_with(line.as_bytes()), "{line}");
            }
        }
    }

    #[test]
    fn a_line_without_end_is_cut() {
        let mut writer = PieceWriter::default();
        writer.begin("a");
        writer.line(1, 2, &[b'x'; 9000]);
        writer.value(2, 3, 4);
        let text = plain(&writer.finish());
        assert_eq!(text.len(), MAX_LINE_BYTES + b"a\t2\t3\t4\n".len());
        assert!(text.ends_with(b"x\na\t2\t3\t4\n"));
    }
}
