//! Reads that are adapter: those that begin with a piece of an Illumina adapter, with one difference at most.
//!
//! The adapters are Picard's default (single end, paired end, indexed, both ends of each); a piece is sixteen bases, in
//! either direction.

use std::sync::LazyLock;

use crate::model::read::{ReadView, flag};

/// Bases that are compared.
const PIECE: usize = 16;
/// The adapters; N is the index.
const ADAPTERS: [&[u8]; 4] = [
    b"AATGATACGGCGACCACCGAGATCTACACTCTTTCCCTACACGACGCTCTTCCGATCT",
    b"AGATCGGAAGAGCTCGTATGCCGTCTTCTGCTTG",
    b"AGATCGGAAGAGCGGTTCAGCAGGAATGCCGAGACCGATCTCGTATGCCGTCTTCTGCTTG",
    b"AGATCGGAAGAGCACACGTCTGAACTCCAGTCACNNNNNNNNATCTCGTATGCCGTCTTCTGCTTG",
];

static PIECES: LazyLock<Pieces> = LazyLock::new(Pieces::new);

/// All pieces in BAM's codes, the first base in the highest bits.
struct Pieces {
    codes: Vec<u64>,
    /// For the hash of half a piece whether there is one: with one difference at most, one half is equal.
    halves: Vec<u64>,
}

/// Whether the read is adapter. Only reads that are not aligned, or with mapping quality 0, can be.
pub(super) fn is_adapter(read: ReadView<'_>) -> bool {
    let unmapped = read.flags() & flag::UNMAPPED != 0;
    if !unmapped && read.mapq() != 0 {
        return false;
    }
    // The pieces hold both directions, so that the end of a turned read need not be turned back.
    let turned = !unmapped && read.flags() & flag::REVERSE != 0;
    let bases = read.base_count();
    let start = if turned { bases.saturating_sub(PIECE) } else { 0 };
    let Some(bytes) = read.packed_sequence().get(start / 2..) else { return false };
    let Some((first, rest)) = bytes.split_first_chunk::<8>() else { return false };
    let mut word = u64::from_be_bytes(*first);
    if start % 2 == 1 {
        word = word << 4 | u64::from(rest.first().map_or(0, |pair| pair >> 4));
    }
    bases >= PIECE && PIECES.holds(word)
}

impl Pieces {
    fn new() -> Self {
        let mut codes = Vec::new();
        for piece in ADAPTERS.iter().flat_map(|adapter| adapter.windows(PIECE)) {
            if piece.split(|&base| base == b'N').count() <= 2 {
                let code = |base: &u8| match base {
                    b'A' => 1,
                    b'C' => 2,
                    b'G' => 4,
                    b'T' => 8,
                    _ => 15_u64,
                };
                let forward = piece.iter().fold(0, |word, base| word << 4 | code(base));
                // Turning a word's bits round gives each base's complement: A 0001, C 0010, G 0100, T 1000.
                codes.extend([forward, forward.reverse_bits()]);
            }
        }
        codes.sort_unstable();
        codes.dedup();
        let mut halves = vec![0; 1 << 10];
        for half in codes.iter().flat_map(|&code| [code as u32, (code >> 32) as u32]) {
            let (word, bit) = place(half);
            halves[word] |= bit;
        }
        Self { codes, halves }
    }

    fn holds(&self, word: u64) -> bool {
        let near = [word as u32, (word >> 32) as u32].iter().any(|&half| {
            let (at, bit) = place(half);
            self.halves[at] & bit != 0
        });
        near && self.codes.iter().any(|code| {
            let bits = code ^ word;
            let halves = bits | bits >> 1;
            ((halves | halves >> 2) & 0x1111_1111_1111_1111).count_ones() <= 1
        })
    }
}

/// Word and bit of a hash of 16 bits (multiplicative, with the golden ratio).
fn place(half: u32) -> (usize, u64) {
    let hash = half.wrapping_mul(0x9e37_79b9) >> 16;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(bases: &[u8; 16]) -> u64 {
        bases.iter().fold(0, |word, base| {
            let at = b"=ACMGRSVTWYHKDBN".iter().position(|letter| letter == base).unwrap();
            word << 4 | at as u64
        })
    }

    #[test]
    fn one_difference_is_adapter_and_two_are_not() {
        assert!(PIECES.holds(word(b"AGATCGGAAGAGCTCG")));
        assert!(PIECES.holds(word(b"AGATCGGAAGAGCTCT")));
        assert!(PIECES.holds(word(b"AGATCGGATGAGCTCG")));
        assert!(!PIECES.holds(word(b"AGATCGGATGAGCTCT")));
        assert!(PIECES.holds(word(b"CGAGCTCTTCCGATCT")), "the other direction");
        assert!(!PIECES.holds(word(b"ACGTACGTACGTACGT")));
    }
}
