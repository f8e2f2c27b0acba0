//! The head of a part of a DEFLATE stream, with the codes that it is written in (RFC 1951, sections 3.2.3 to 3.2.7).

use super::super::huffman::{ORDER, reversed};
use super::tables::{DISTANCE_CODES, LITERALS, Tables};

/// Bits of the longest code for lengths.
const INDEX_BITS: usize = 7;
/// Codes that are read from the bits that are there at once: 14 bits each at most, with extra bits.
const CODES_AT_ONCE: usize = 4;
/// Places that a length is written over at once.
const WRITTEN: usize = 16;
/// Lengths of all codes, and behind them as many as the last code for lengths may repeat.
const LENGTHS: usize = LITERALS + DISTANCE_CODES + 138;
/// Stands for the length before, and for that before the first.
const SAME: u8 = 16;
const NOTHING_BEFORE: u8 = u8::MAX;
/// Types of parts: with the codes that all know, and with codes of their own.
const FIXED: u64 = 1;
const DYNAMIC: u64 = 2;

/// The lengths of the codes that all know.
static FIXED_LITERALS: [u8; LITERALS] = {
    let mut lengths = [8; LITERALS];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lengths
};

/// A code for lengths, by the bits that it begins with.
#[derive(Clone, Copy, Default)]
struct Cell {
    /// The length, or [`SAME`].
    value: u8,
    /// Bits of the code.
    taken: u8,
    /// How often the length occurs at least, and how many bits behind the code tell how much more often.
    least: u8,
    more: u8,
}

/// A head that was read.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// Where the codes begin, bit.
    pub(super) position: usize,
    /// No part follows.
    pub(super) last: bool,
}

/// Reads the head at bit `position` of a stream and sets the lane's tables. `None` for bytes that are stored, or codes that
/// cannot be.
pub(super) fn read(
    tables: &mut Tables,
    lane: usize,
    stream: &[u8],
    mut position: usize,
) -> Option<Head> {
    let bits = peek(stream, position)?;
    let last = bits & 1 == 1;
    match bits >> 1 & 3 {
        FIXED => {
            let set = tables.set(lane, &FIXED_LITERALS, &[5; DISTANCE_CODES]);
            return set.then_some(Head { position: position + 3, last });
        }
        DYNAMIC => {}
        _ => return None,
    }
    let literals = (bits >> 3 & 31) as usize + 257;
    let distances = (bits >> 8 & 31) as usize + 1;
    let lengths = (bits >> 13 & 15) as usize + 4;
    position += 17;
    let mut of_lengths = [0_u8; 19];
    // 57 bits of 3 are there at once.
    let bits = peek(stream, position)?;
    for (i, &place) in ORDER.iter().enumerate().take(lengths) {
        of_lengths[place] = (bits >> (3 * i) & 7) as u8;
    }
    position += 3 * lengths;
    let index = index(&of_lengths)?;
    let mut all = [0; LENGTHS];
    position = lengths_of((&mut all, literals + distances), &index, stream, position)?;
    let (mut of_literals, mut of_distances) = ([0; LITERALS], [0; DISTANCE_CODES]);
    of_literals[..literals].copy_from_slice(&all[..literals]);
    of_distances[..distances].copy_from_slice(&all[literals..][..distances]);
    tables.set(lane, &of_literals, &of_distances).then_some(Head { position, last })
}

/// Reads so many lengths of codes from bit `position` on; where they end.
// METHOD: a length that stands for itself and one that is repeated take the same way, since which comes next is hard to foresee:
// each is written over as many places as most repeats have, and what follows writes over those that were too many.
fn lengths_of(
    (all, many): (&mut [u8; LENGTHS], usize),
    index: &[Cell; 1 << INDEX_BITS],
    stream: &[u8],
    mut position: usize,
) -> Option<usize> {
    let (mut i, mut before) = (0, NOTHING_BEFORE);
    while i < many {
        let mut bits = peek(stream, position)?;
        for _ in 0..CODES_AT_ONCE {
            if i >= many {
                break;
            }
            let Cell { value, taken, least, more } = index[(bits & 127) as usize];
            let times = usize::from(least) + (bits >> taken) as usize % (1 << more);
            before = if value == SAME { before } else { value };
            let places = all.get_mut(i..)?;
            *places.first_chunk_mut::<WRITTEN>()? = [before; WRITTEN];
            if times > WRITTEN {
                places.get_mut(..times)?.fill(before);
            }
            i += times;
            bits >>= taken + more;
            position += usize::from(taken + more);
        }
    }
    (i == many && all[0] != NOTHING_BEFORE).then_some(position)
}

/// What the codes for lengths mean (RFC 1951, section 3.2.7): the length, [`SAME`] for that of before; how often at least, and
/// how many bits tell how much more often.
const fn meaning(symbol: usize) -> (u8, u8, u8) {
    match symbol {
        16 => (SAME, 3, 2),
        17 => (0, 3, 3),
        18 => (0, 11, 7),
        _ => (symbol as u8, 1, 0),
    }
}

/// What each code for lengths means, by the next bits of the stream.
fn index(lengths: &[u8; 19]) -> Option<[Cell; 1 << INDEX_BITS]> {
    let mut counts = [0_u32; INDEX_BITS + 1];
    for &length in lengths {
        counts[usize::from(length)] += 1;
    }
    // The first code of each length.
    let (mut next, mut used) = ([0; INDEX_BITS + 1], 0);
    for bits in 1..=INDEX_BITS {
        next[bits] = used >> (INDEX_BITS - bits);
        used += counts[bits] << (INDEX_BITS - bits);
    }
    if used != 1 << INDEX_BITS {
        return None;
    }
    let mut index = [Cell::default(); 1 << INDEX_BITS];
    for (symbol, &taken) in lengths.iter().enumerate().filter(|&(_, &length)| length > 0) {
        let (value, least, more) = meaning(symbol);
        let code = &mut next[usize::from(taken)];
        let first = reversed(*code, taken.into()) as usize;
        *code += 1;
        for cell in index.get_mut(first..)?.iter_mut().step_by(1 << taken) {
            *cell = Cell { value, taken, least, more };
        }
    }
    Some(index)
}

/// At least 57 bits from a bit on.
fn peek(stream: &[u8], position: usize) -> Option<u64> {
    let word = stream.get(position / 8..)?.first_chunk()?;
    Some(u64::from_le_bytes(*word) >> (position % 8))
}
