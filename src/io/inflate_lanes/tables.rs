//! Decoding tables of all lanes in one array, so that one gathering load reads a cell for each lane.
//!
//! A cell is 64 bits: byte 0 the bits that a step takes for the code and its extra bits together, byte 1 those of the code
//! alone, bytes 2 and 3 the least length or distance, byte 4 the literal, byte 5 flags, bytes 6 and 7 the mask of the
//! extra bits. A literal has length 1. A code that is longer than its table's index leads [`MORE`] on: byte 1 is then the
//! mask of the bits that pick the cell and byte 4 half the place of the cells, among the lane's further ones.

use super::super::huffman::reversed;

/// Blocks that are decoded at once.
pub(super) const LANES: usize = 16;
/// Bits that index a lane's first table of literals and lengths, and of distances.
pub(super) const LITERAL_BITS: u32 = 10;
pub(super) const DISTANCE_BITS: u32 = 9;
/// Further cells of a lane, for longer codes: those of literals and lengths, and as many of distances.
pub(super) const MORE_CELLS: usize = 512;

/// Where a kind of cells begins; those of a lane stand side by side.
pub(super) const DISTANCES: usize = LANES << LITERAL_BITS;
pub(super) const MORE_LITERALS: usize = DISTANCES + (LANES << DISTANCE_BITS);
pub(super) const MORE_DISTANCES: usize = MORE_LITERALS + LANES * MORE_CELLS;
const CELLS: usize = MORE_DISTANCES + LANES * MORE_CELLS;

/// Not a match: a literal, or nothing yet.
pub(super) const NO_MATCH: u64 = 1 << 43;
/// A literal; with byte 4 the part of a token that tells it.
pub(super) const LITERAL: u64 = 1 << 40;
/// The step only picks further cells.
pub(super) const MORE: u64 = 1 << 41;
/// The block has ended; the cell leads to itself and takes no bits.
pub(super) const END: u64 = 1 << 42;

/// Longest code.
const MAX_BITS: usize = 15;
/// Symbols that a block may have codes for (RFC 1951, section 3.2.5). The last two of both kinds stand for nothing there; they
/// are what libdeflate takes them for.
pub(super) const LITERALS: usize = 288;
pub(super) const DISTANCE_CODES: usize = 32;
const END_SYMBOL: usize = 256;

/// What the symbols mean, without the bits of their codes.
static LITERAL_CELLS: [u64; LITERALS] = literal_cells();
static DISTANCE_CELLS: [u64; DISTANCE_CODES] = distance_cells();

const fn literal_cells() -> [u64; LITERALS] {
    let mut cells = [0; LITERALS];
    let mut i = 0;
    while i < END_SYMBOL {
        cells[i] = NO_MATCH | LITERAL | (i as u64) << 32 | 1 << 16;
        i += 1;
    }
    // The first further cell is the end.
    cells[END_SYMBOL] = NO_MATCH | MORE;
    let (mut i, mut base) = (0, 3);
    while i < LITERALS - END_SYMBOL - 1 {
        let extra = if i < 8 || i >= 28 { 0 } else { i as u64 / 4 - 1 };
        // The last one is 258 alone, though the codes before it reach that far.
        let least = if i >= 28 { 258 } else { base };
        cells[END_SYMBOL + 1 + i] = ((1 << extra) - 1) << 48 | least << 16 | extra;
        base += 1 << extra;
        i += 1;
    }
    cells
}

const fn distance_cells() -> [u64; DISTANCE_CODES] {
    let mut cells = [0; DISTANCE_CODES];
    let (mut i, mut base) = (0, 1);
    while i < DISTANCE_CODES {
        let extra = if i < 4 { 0 } else { i as u64 / 2 - 1 };
        if i < 30 {
            cells[i] = ((1 << extra) - 1) << 48 | base << 16 | extra;
            base += 1 << extra;
        } else {
            cells[i] = cells[29];
        }
        i += 1;
    }
    cells
}

/// The tables of all lanes.
pub(super) struct Tables {
    /// Every index that the kernel makes of a lane's base and mask is below this array's length.
    cells: Box<[u64]>,
}

impl Tables {
    pub(super) fn new() -> Self {
        let mut cells = vec![0; CELLS].into_boxed_slice();
        for lane in 0..LANES {
            cells[MORE_LITERALS + lane * MORE_CELLS] = NO_MATCH | MORE | END;
        }
        Self { cells }
    }

    /// All cells, [`CELLS`] of them.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// Sets a lane's tables to the codes of these lengths in bits, 0 for symbols that do not occur. False when a code is
    /// over-subscribed or incomplete, but for a single code of distances, which has one bit.
    pub(super) fn set(
        &mut self,
        lane: usize,
        literals: &[u8; LITERALS],
        distances: &[u8; DISTANCE_CODES],
    ) -> bool {
        let (first, more) = self.cells.split_at_mut(MORE_LITERALS);
        let (first_literals, first_distances) = first.split_at_mut(DISTANCES);
        let (more_literals, more_distances) = more.split_at_mut(LANES * MORE_CELLS);
        let literals = Code::new(literals, &LITERAL_CELLS);
        let distances = Code::new(distances, &DISTANCE_CELLS);
        let further = lane * MORE_CELLS..(lane + 1) * MORE_CELLS;
        literals.complete
            && (distances.complete || distances.lone())
            && literals.fill(
                Kind::Literals,
                &mut first_literals[lane << LITERAL_BITS..][..1 << LITERAL_BITS],
                &mut more_literals[further.clone()],
            )
            && distances.fill(
                Kind::Distances,
                &mut first_distances[lane << DISTANCE_BITS..][..1 << DISTANCE_BITS],
                &mut more_distances[further],
            )
    }
}

/// How a step reads on after a code that is longer than the index.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// In the next step, which begins behind the index's bits.
    Literals,
    /// In the same step, which still holds all bits.
    Distances,
}

/// A canonical code (RFC 1951, section 3.2.2).
struct Code<'a> {
    /// Symbols of each length in bits; at 0 those that do not occur.
    counts: [u16; MAX_BITS + 1],
    /// The symbols by their length, those that do not occur first.
    sorted: [u16; LITERALS],
    /// What the symbols mean.
    cells: &'a [u64],
    complete: bool,
}

/// Parts of an alphabet that are sorted side by side: one symbol's place need not wait for that of the one before.
const PARTS: usize = 4;

impl<'a> Code<'a> {
    /// Of the lengths of as many symbols as there are cells.
    fn new<const N: usize>(lengths: &[u8; N], cells: &'a [u64; N]) -> Self {
        let part = N / PARTS;
        let mut of_parts = [[0; MAX_BITS + 1]; PARTS];
        for (counts, lengths) in of_parts.iter_mut().zip(lengths.chunks_exact(part)) {
            for (bits, count) in (0..).zip(counts) {
                // At most 72, and in bytes many are counted at once.
                *count = lengths.iter().map(|&length| u8::from(length == bits)).sum::<u8>();
            }
        }
        let (mut counts, mut left, mut first) = ([0; MAX_BITS + 1], 1_i32, 0);
        let mut next = [[0_u16; MAX_BITS + 1]; PARTS];
        for bits in 0..=MAX_BITS {
            for (next, counts) in next.iter_mut().zip(&of_parts) {
                next[bits] = first;
                first += u16::from(counts[bits]);
            }
            counts[bits] = first - next[0][bits];
            if bits > 0 {
                // Once negative it stays so.
                left = (left << 1) - i32::from(counts[bits]);
            }
        }
        let mut sorted = [0; LITERALS];
        for i in 0..part {
            for (k, next) in next.iter_mut().enumerate() {
                let symbol = k * part + i;
                let place = &mut next[usize::from(lengths[symbol] & 15)];
                sorted[usize::from(*place) % LITERALS] = symbol as u16;
                *place += 1;
            }
        }
        Self { counts, sorted, cells, complete: left == 0 }
    }

    /// The cells of the symbols that occur, by length.
    fn cells(&self) -> impl Iterator<Item = u64> {
        self.sorted[usize::from(self.counts[0])..]
            .iter()
            .map(|&symbol| self.cells[usize::from(symbol)])
    }

    /// A single code of one bit, which stands for both bits.
    fn lone(&self) -> bool {
        self.counts[1] == 1 && self.counts[2..].iter().all(|&count| count == 0)
    }

    /// Writes the cells of the code. False when `more` is too small, which it is for no complete code.
    fn fill(&self, kind: Kind, first: &mut [u64], more: &mut [u64]) -> bool {
        if !self.complete {
            let lone = self.cells().next().unwrap_or_default();
            first.fill(with_bits(lone, 1));
            return true;
        }
        let index_bits = first.len().trailing_zeros() as usize;
        let mut sorted = self.cells();
        let mut code = 0_u32;
        for bits in 1..=index_bits {
            // A table of one bit more is that of one bit less, twice.
            let half = 1 << (bits - 1);
            first.copy_within(..half, half);
            for cell in sorted.by_ref().take(usize::from(self.counts[bits])) {
                let place = REVERSED[code as usize] >> (LITERAL_BITS as usize - bits);
                first[usize::from(place)] = with_bits(cell, bits);
                code += 1;
            }
            code <<= 1;
        }
        self.fill_more(kind, (first, more), code, sorted)
    }

    /// The cells of the codes that are longer than the index; `code` is the first of these.
    fn fill_more(
        &self,
        kind: Kind,
        (first, more): (&mut [u64], &mut [u64]),
        mut code: u32,
        mut sorted: impl Iterator<Item = u64>,
    ) -> bool {
        let index_bits = first.len().trailing_zeros() as usize;
        // The first cells are taken: the first one by the end.
        let (mut next, mut start, mut size, mut prefix) = (2, 0, 0, usize::MAX);
        for bits in index_bits + 1..=MAX_BITS {
            let taken = if kind == Kind::Literals { bits - index_bits } else { bits };
            for i in 0..self.counts[bits] {
                let Some(cell) = sorted.next() else { return false };
                let place = reversed(code, bits as u32) as usize;
                code += 1;
                if place & (first.len() - 1) != prefix {
                    prefix = place & (first.len() - 1);
                    size = 1 << self.bits_behind(index_bits, bits, i);
                    // A place is or-ed to the bits that pick the cell.
                    start = usize::next_multiple_of(next, size);
                    next = start + size;
                    if next > more.len() {
                        return false;
                    }
                    let before = if kind == Kind::Literals { index_bits } else { 0 };
                    let mask = (size - 1) << 8;
                    first[prefix] =
                        NO_MATCH | MORE | ((start / 2) as u64) << 32 | (mask | before) as u64;
                }
                for cells in more[start..start + size][place >> index_bits..]
                    .chunks_mut(1 << (bits - index_bits))
                {
                    cells[0] = with_bits(cell, taken);
                }
            }
            code <<= 1;
        }
        true
    }

    /// How many bits pick a cell behind an index: `done` codes of `bits` bits are told already, the next one is the first
    /// of those behind the index.
    fn bits_behind(&self, index_bits: usize, bits: usize, done: u16) -> usize {
        let mut behind = bits - index_bits;
        let mut room = usize::from(self.counts[bits] - done);
        while room < 1 << behind && index_bits + behind < MAX_BITS {
            behind += 1;
            room = (room << 1) + usize::from(self.counts[index_bits + behind]);
        }
        behind
    }
}

/// A cell of a code of so many bits.
fn with_bits(cell: u64, bits: usize) -> u64 {
    // The end has no bits that pick a cell.
    let code = if cell & MORE == 0 { bits << 8 } else { 0 };
    cell + (code + bits) as u64
}

/// All that index a table of literals, last bit first.
static REVERSED: [u16; 1 << LITERAL_BITS] = {
    let mut codes = [0; 1 << LITERAL_BITS];
    let mut code = 0;
    while code < codes.len() {
        codes[code] = reversed(code as u32, LITERAL_BITS) as u16;
        code += 1;
    }
    codes
};
