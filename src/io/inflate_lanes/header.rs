//! The head of a part of a DEFLATE stream, with the codes that it is written in (RFC 1951, sections 3.2.3 to 3.2.7).

use super::super::huffman::{ORDER, reversed};
use super::tables::{DISTANCE_CODES, LITERALS, Tables};

/// Bits of the longest code for lengths.
const INDEX_BITS: usize = 7;
/// Codes that are read from the bits that are there at once: 14 bits each at most, with extra bits.
const CODES_AT_ONCE: usize = 4;
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
    let mut all = [0_u8; LITERALS + DISTANCE_CODES];
    let all = &mut all[..literals + distances];
    position = lengths_of(all, &index, stream, position)?;
    let (mut of_literals, mut of_distances) = ([0; LITERALS], [0; DISTANCE_CODES]);
    of_literals[..literals].copy_from_slice(&all[..literals]);
    of_distances[..distances].copy_from_slice(&all[literals..]);
    tables.set(lane, &of_literals, &of_distances).then_some(Head { position, last })
}

/// Reads the lengths of all codes from bit `position` on; where they end.
fn lengths_of(
    all: &mut [u8],
    index: &[(u8, u8); 1 << INDEX_BITS],
    stream: &[u8],
    mut position: usize,
) -> Option<usize> {
    let mut i = 0;
    while i < all.len() {
        let mut bits = peek(stream, position)?;
        for _ in 0..CODES_AT_ONCE {
            let (symbol, taken) = index[(bits & 127) as usize];
            bits >>= taken;
            position += usize::from(taken);
            if let Some(length) = all.get_mut(i).filter(|_| symbol < 16) {
                *length = symbol;
                i += 1;
                continue;
            }
            if i == all.len() {
                position -= usize::from(taken);
                break;
            }
            let (times, more) = match symbol {
                16 => (3 + (bits & 3), 2),
                17 => (3 + (bits & 7), 3),
                _ => (11 + (bits & 127), 7),
            };
            let end = i + times as usize;
            if end > all.len() {
                return None;
            }
            if symbol == 16 {
                let value = *all[..i].last()?;
                all[i..end].iter_mut().for_each(|length| *length = value);
            }
            bits >>= more;
            position += more;
            i = end;
        }
    }
    Some(position)
}

/// The symbol and bits of each code for lengths, by the next bits of the stream.
fn index(lengths: &[u8; 19]) -> Option<[(u8, u8); 1 << INDEX_BITS]> {
    let mut index = [(0, 0); 1 << INDEX_BITS];
    let (mut code, mut left) = (0_u32, 1_i32 << INDEX_BITS);
    for bits in 1..=INDEX_BITS {
        for (symbol, _) in
            lengths.iter().enumerate().filter(|&(_, &length)| usize::from(length) == bits)
        {
            left -= 1 << (INDEX_BITS - bits);
            let first = reversed(code, bits as u32) as usize;
            for cell in index.get_mut(first..)?.iter_mut().step_by(1 << bits) {
                *cell = (symbol as u8, bits as u8);
            }
            code += 1;
        }
        code <<= 1;
    }
    (left == 0).then_some(index)
}

/// At least 57 bits from a bit on.
fn peek(stream: &[u8], position: usize) -> Option<u64> {
    let word = stream.get(position / 8..)?.first_chunk()?;
    Some(u64::from_le_bytes(*word) >> (position % 8))
}
