//! DEFLATE for BED lines in order, from the knowledge of what a line repeats: the contig's name and a start that was the end
//! of the line before, and an end that shares its high digits with the start. No search for matches, so it takes a
//! fraction of the time of a general compressor's fastest level, to about the same size.

use super::huffman::{self, Code, DISTANCES, LITERALS, MAX_BITS};

/// Longest line that can be described, bytes.
pub(super) const MAX_LINE: usize = 255;
/// Most plain bytes of a block.
const MAX_PLAIN: usize = 1 << 16;
/// Room for what [`MAX_PLAIN`] literals of [`MAX_BITS`] bits and the codes take, and for a last whole word.
const ROOM: usize = MAX_PLAIN * MAX_BITS / 8 + 1024;
/// Shortest match of DEFLATE.
const MIN_MATCH: usize = 3;
const END_OF_BLOCK: usize = 256;

/// What a line `name TAB start TAB end ... LF` repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Bytes of the line.
    pub(super) length: u8,
    /// Digits of its start.
    pub(super) start: u8,
    /// First digits that start and end share.
    pub(super) shared: u8,
    /// Whether its start is the end of the line before.
    pub(super) follows: bool,
}

/// Compresses blocks of lines; reused from block to block. Neighbouring blocks are much alike: the codes of the first block
/// serve those after it, as long as they have all that occurs there.
pub(super) struct BedDeflater {
    counts: Box<Counts>,
    writer: Box<Writer>,
    /// Code lengths for literals and lengths, and for distances; empty before the first block.
    lengths: [Vec<u8>; 2],
}

impl Default for BedDeflater {
    fn default() -> Self {
        let (counts, writer) = (Box::new(Counts::new()), Box::new(Writer::new()));
        Self { counts, writer, lengths: [Vec::new(), Vec::new()] }
    }
}

impl BedDeflater {
    /// Forgets the blocks before: what follows does not depend on them.
    pub(super) fn restart(&mut self) {
        self.lengths.iter_mut().for_each(Vec::clear);
    }

    /// The DEFLATE stream of `text`, which must be these lines; `name` is the length of the name and its tab, the same in
    /// all lines.
    pub(super) fn compress(&mut self, text: &[u8], lines: &[Line], name: usize) -> &[u8] {
        let known = !self.lengths[0].is_empty();
        if !known || !self.write(text, lines, name) {
            self.counts.clear();
            tokens(text, lines, name, &mut *self.counts);
            let (literals, distances) = self.counts.by_symbol();
            self.lengths =
                [literals.as_slice(), &distances].map(|counts| huffman::lengths(counts, MAX_BITS));
            let [literals, distances] = &self.lengths;
            self.writer.learn(literals, distances);
            self.write(text, lines, name);
        }
        self.writer.end()
    }

    /// Writes all lines with the codes that are there; false when these lack something.
    fn write(&mut self, text: &[u8], lines: &[Line], name: usize) -> bool {
        let [literals, distances] = &self.lengths;
        self.writer.begin(literals, distances);
        tokens(text, lines, name, &mut *self.writer);
        !self.writer.lacks
    }
}

/// Takes the parts of a DEFLATE stream.
trait Sink {
    fn literals(&mut self, bytes: &[u8]);
    fn copy(&mut self, length: usize, distance: usize);

    /// Copies what is long enough for a match.
    #[inline]
    fn repeat(&mut self, bytes: &[u8], distance: usize) {
        if bytes.len() >= MIN_MATCH {
            self.copy(bytes.len(), distance);
        } else {
            self.literals(bytes);
        }
    }
}

/// Takes lines apart. A line's end is written with the line after it, where it is part of a repeat; so the first repeat is
/// in the third line.
#[inline]
fn tokens(text: &[u8], lines: &[Line], name: usize, sink: &mut impl Sink) {
    let mut at = 0;
    let mut before = [None, None];
    for &line in lines {
        let end = (at + usize::from(line.length)).min(text.len());
        let digits = usize::from(line.start);
        let mut next = at.saturating_sub(1);
        if let [Some(_), Some(before)] = before {
            let Line { length, start, .. } = before;
            let distance = usize::from(length);
            // The end before lies a start and a tab behind the start before.
            if line.follows {
                sink.repeat(&text[next..next + name], distance);
                next += name;
                sink.repeat(&text[next..=next + digits], distance - usize::from(start) - 1);
                next += digits + 1;
            } else {
                sink.repeat(&text[next..=next + name], distance);
                next += name + 1;
                sink.literals(&text[next..next + digits]);
                next += digits;
            }
            let shared = usize::from(line.shared);
            if shared + 1 >= MIN_MATCH {
                sink.copy(shared + 1, digits + 1);
                next += shared + 1;
            }
        }
        sink.literals(&text[next..end.saturating_sub(1).max(next)]);
        at = end;
        before = [before[1], Some(line)];
    }
    sink.literals(&text[at.saturating_sub(1)..at]);
}

/// Longest distance: a line and its neighbour's length.
const MAX_DISTANCE: usize = 2 * MAX_LINE;

/// Symbol, number of extra bits and their value of a match's length or distance.
#[derive(Clone, Copy)]
struct Place {
    symbol: u16,
    extra: u16,
    extra_bits: u32,
}

/// RFC 1951, section 3.2.5: steps of one for `plain` symbols, then `group` symbols for each further extra bit.
const fn places<const N: usize>(first: usize, plain: usize, group: usize, base: u16) -> [Place; N] {
    let mut table = [Place { symbol: 0, extra: 0, extra_bits: 0 }; N];
    let (mut value, mut symbol) = (first, 0);
    while value < N {
        let extra_bits = if symbol < plain { 0 } else { (symbol - plain) / group + 1 };
        let mut extra = 0;
        while extra < 1 << extra_bits && value < N {
            let (symbol, extra_bits) = (base + symbol as u16, extra_bits as u32);
            table[value] = Place { symbol, extra: extra as u16, extra_bits };
            value += 1;
            extra += 1;
        }
        symbol += 1;
    }
    table
}

/// A length of 258 has a symbol of its own, which no line needs: the longest is [`MAX_LINE`] + 1.
static LENGTH_PLACES: [Place; MAX_LINE + 2] = places(MIN_MATCH, 8, 4, 257);
static DISTANCE_PLACES: [Place; MAX_DISTANCE + 1] = places(1, 4, 2, 0);

/// Counts what occurs.
struct Counts {
    literals: [u32; 256],
    lengths: [u32; MAX_LINE + 2],
    distances: [u32; MAX_DISTANCE + 1],
}

impl Counts {
    fn new() -> Self {
        Self { literals: [0; 256], lengths: [0; MAX_LINE + 2], distances: [0; MAX_DISTANCE + 1] }
    }

    fn clear(&mut self) {
        *self = Self::new();
    }

    fn by_symbol(&self) -> ([u32; LITERALS], [u32; DISTANCES]) {
        let (mut literals, mut distances) = ([0; LITERALS], [0; DISTANCES]);
        literals[..256].copy_from_slice(&self.literals);
        literals[END_OF_BLOCK] = 1;
        for (count, place) in self.lengths.iter().zip(&LENGTH_PLACES).skip(MIN_MATCH) {
            literals[usize::from(place.symbol)] += count;
        }
        for (count, place) in self.distances.iter().zip(&DISTANCE_PLACES).skip(1) {
            distances[usize::from(place.symbol)] += count;
        }
        (literals, distances)
    }
}

impl Sink for Counts {
    #[inline]
    fn literals(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.literals[usize::from(byte)] += 1;
        }
    }

    #[inline]
    fn copy(&mut self, length: usize, distance: usize) {
        self.lengths[length] += 1;
        self.distances[distance] += 1;
    }
}

/// Writes codes.
struct Writer {
    out: Vec<u8>,
    at: usize,
    word: u64,
    bits: u32,
    /// Whether something was to be written that has no code.
    lacks: bool,
    literals: [Code; 256],
    end: Code,
    lengths: [Code; MAX_LINE + 2],
    distances: [Code; MAX_DISTANCE + 1],
}

impl Writer {
    fn new() -> Self {
        Self {
            out: vec![0; ROOM],
            at: 0,
            word: 0,
            bits: 0,
            lacks: false,
            literals: [Code::default(); 256],
            end: Code::default(),
            lengths: [Code::default(); MAX_LINE + 2],
            distances: [Code::default(); MAX_DISTANCE + 1],
        }
    }

    /// Begins a stream with the codes of these lengths, which were learnt.
    fn begin(&mut self, literals: &[u8], distances: &[u8]) {
        (self.at, self.word, self.bits, self.lacks) = (0, 0, 0, false);
        huffman::describe(literals, distances, |code| {
            self.put(code);
            self.flush();
        });
    }

    /// Makes the codes of these lengths.
    fn learn(&mut self, literals: &[u8], distances: &[u8]) {
        let (literals, distances) = (huffman::codes(literals), huffman::codes(distances));
        self.literals.copy_from_slice(&literals[..256]);
        self.end = literals[END_OF_BLOCK];
        let with_extra = |codes: &[Code], place: &Place| match codes[usize::from(place.symbol)] {
            none @ Code { count: 0, .. } => none,
            code => code.then(place.extra.into(), place.extra_bits),
        };
        for (code, place) in self.lengths.iter_mut().zip(&LENGTH_PLACES).skip(MIN_MATCH) {
            *code = with_extra(&literals, place);
        }
        for (code, place) in self.distances.iter_mut().zip(&DISTANCE_PLACES).skip(1) {
            *code = with_extra(&distances, place);
        }
    }

    fn end(&mut self) -> &[u8] {
        self.put(self.end);
        self.flush();
        self.at += usize::from(self.bits > 0);
        &self.out[..self.at]
    }

    #[inline]
    fn put(&mut self, code: Code) {
        self.word |= u64::from(code.bits) << self.bits;
        self.bits += code.count;
    }

    /// Puts the code of a symbol, or notes that there is none.
    #[inline]
    fn put_known(&mut self, code: Code) {
        self.lacks |= code.count == 0;
        self.put(code);
    }

    /// Writes whole bytes out: fewer than 8 bits stay.
    #[inline]
    fn flush(&mut self) {
        if let Some(room) = self.out.get_mut(self.at..).and_then(<[u8]>::first_chunk_mut::<8>) {
            *room = self.word.to_le_bytes();
        }
        self.at += (self.bits / 8) as usize;
        self.word >>= self.bits & !7;
        self.bits &= 7;
    }
}

impl Sink for Writer {
    #[inline]
    fn literals(&mut self, bytes: &[u8]) {
        for some in bytes.chunks(4) {
            for &byte in some {
                self.put_known(self.literals[usize::from(byte)]);
            }
            self.flush();
        }
    }

    #[inline]
    fn copy(&mut self, length: usize, distance: usize) {
        self.put_known(self.lengths[length]);
        self.put_known(self.distances[distance]);
        self.flush();
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn shared(a: &str, b: &str) -> usize {
        a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
    }

    /// Lines from places and values as their writer makes them.
    fn lines(name: &str, rows: &[(u32, u32, String)]) -> (String, Vec<Line>) {
        let (mut text, mut lines, mut last) = (String::new(), Vec::new(), None);
        for (start, end, value) in rows {
            let before = text.len();
            let _ = writeln!(text, "{name}\t{start}\t{end}\t{value}");
            let (start_text, end_text) = (start.to_string(), end.to_string());
            lines.push(Line {
                length: (text.len() - before) as u8,
                start: start_text.len() as u8,
                shared: shared(&start_text, &end_text) as u8,
                follows: last == Some(*start),
            });
            last = Some(*end);
        }
        (text, lines)
    }

    fn inflate(bytes: &[u8], plain: usize) -> Vec<u8> {
        let mut out = vec![0; plain];
        let read = libdeflater::Decompressor::new().deflate_decompress(bytes, &mut out).unwrap();
        assert_eq!(read, plain);
        let mut again = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(bytes), &mut again)
            .unwrap();
        assert_eq!(again, out, "two decoders agree");
        out
    }

    proptest! {
        #[test]
        fn any_lines_come_back(
            name in "[!-~]{1,60}",
            steps in proptest::collection::vec((0_u32..3, 0_u32..3000, "[ -~]{0,40}"), 0..300),
            first in 0_u32..4_000_000_000,
        ) {
            let mut at = first;
            let rows: Vec<(u32, u32, String)> = steps
                .into_iter()
                .map(|(gap, length, value)| {
                    let start = at + gap / 2 * 7;
                    at = start + length;
                    (start, at, value)
                })
                .collect();
            let (text, lines) = lines(&name, &rows);
            let mut deflater = BedDeflater::default();
            let bytes = deflater.compress(text.as_bytes(), &lines, name.len() + 1).to_vec();
            prop_assert_eq!(inflate(&bytes, text.len()), text.as_bytes());
            deflater.restart();
            let again = deflater.compress(text.as_bytes(), &lines, name.len() + 1);
            prop_assert_eq!(again, bytes, "a piece does not depend on the one before");
        }

        #[test]
        fn codes_of_the_block_before_serve_or_are_made_anew(
            blocks in proptest::collection::vec(
                proptest::collection::vec((0_u32..2, 1_u32..60, "[0-9]{1,2}|[a-z]{1,9}"), 1..60),
                2..6,
            ),
        ) {
            let (mut at, mut deflater) = (9_990, BedDeflater::default());
            for block in blocks {
                let rows: Vec<(u32, u32, String)> = block
                    .into_iter()
                    .map(|(gap, length, value)| {
                        let start = at + gap * 5;
                        at = start + length;
                        (start, at, value)
                    })
                    .collect();
                let (text, lines) = lines("chr20", &rows);
                let bytes = deflater.compress(text.as_bytes(), &lines, 6).to_vec();
                prop_assert_eq!(inflate(&bytes, text.len()), text.as_bytes());
            }
        }
    }

    #[test]
    fn depth_runs_take_about_the_room_of_a_general_compressor_s_fastest_level() {
        let mut rows = Vec::new();
        let mut at = 17_000_123_u32;
        for i in 0..2500_u32 {
            let next = at + 1 + i.wrapping_mul(2_654_435_761) % 7;
            let depth = 25 + (i.wrapping_mul(40_503) >> 4) % 11;
            rows.push((at, next, depth.to_string()));
            at = next;
        }
        let (text, lines) = lines("chr20", &rows);
        let mut general =
            libdeflater::Compressor::new(libdeflater::CompressionLvl::new(1).unwrap());
        let mut out = vec![0; text.len()];
        let theirs = general.deflate_compress(text.as_bytes(), &mut out).unwrap();
        let ours = BedDeflater::default().compress(text.as_bytes(), &lines, 6).len();
        assert!(ours * 10 <= theirs * 11, "{ours} against {theirs} bytes");
    }
}
