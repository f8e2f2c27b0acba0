//! Which reads count, and why others do not, in the order of CollectWgsMetrics.

use std::sync::LazyLock;

use crate::model::read::{ReadView, flag};

use super::MIN_MAPQ;

/// Why a read does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts.
    Counts,
    /// It is left out, and nobody counts its bases.
    Silent,
    /// Its bases are counted for this reason: adapter, mapping quality, duplicate, unpaired.
    Excluded(usize),
}

/// Number of reasons of [`Verdict::Excluded`].
pub(super) const REASONS: usize = 4;

/// Judges an aligned record.
#[inline]
pub(super) fn judge(read: ReadView<'_>) -> Verdict {
    let (flags, mapq) = (read.flags(), read.mapq());
    if flags & (flag::SECONDARY | flag::UNMAPPED) != 0 {
        return Verdict::Silent;
    }
    if mapq < MIN_MAPQ {
        return Verdict::Excluded(usize::from(mapq != 0 || !is_adapter(read)));
    }
    if flags & flag::DUPLICATE != 0 {
        return Verdict::Excluded(2);
    }
    if flags & (flag::PAIRED | flag::MATE_UNMAPPED) != flag::PAIRED {
        return Verdict::Excluded(3);
    }
    if flags & flag::QC_FAIL != 0 { Verdict::Silent } else { Verdict::Counts }
}

/// Illumina's single-end, paired-end and indexed adapters, both ends.
const ADAPTERS: [&str; 4] = [
    "AATGATACGGCGACCACCGAGATCTACACTCTTTCCCTACACGACGCTCTTCCGATCT",
    "AGATCGGAAGAGCTCGTATGCCGTCTTCTGCTTG",
    "AGATCGGAAGAGCGGTTCAGCAGGAATGCCGAGACCGATCTCGTATGCCGTCTTCTGCTTG",
    "AGATCGGAAGAGCACACGTCTGAACTCCAGTCACNNNNNNNNATCTCGTATGCCGTCTTCTGCTTG",
];
/// Bases that are compared.
const WORD: usize = 16;
/// Mismatches that are allowed; words with more N than that are not used.
const MISMATCHES: u32 = 1;

/// All words of the adapters and of their reverse complements, four bits a base, with their halves sorted: a word that
/// differs in one base has one half in common.
struct Words {
    words: Vec<u64>,
    halves: Vec<u32>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut words = Vec::new();
    for adapter in ADAPTERS {
        let codes: Vec<u8> = adapter.bytes().map(code).collect();
        for word in codes.windows(WORD) {
            if word.iter().map(|&code| u32::from(code == 15)).sum::<u32>() <= MISMATCHES {
                words.push(pack(word.iter().copied()));
                words.push(pack(word.iter().rev().map(|&code| complement(code))));
            }
        }
    }
    words.sort_unstable();
    words.dedup();
    let mut halves: Vec<u32> =
        words.iter().flat_map(|word| [*word as u32, (*word >> 32) as u32]).collect();
    halves.sort_unstable();
    halves.dedup();
    Words { words, halves }
});

fn code(letter: u8) -> u8 {
    match letter {
        b'A' => 1,
        b'C' => 2,
        b'G' => 4,
        b'T' => 8,
        _ => 15,
    }
}

/// The code of the complement; codes of several bases stay as they are.
fn complement(code: u8) -> u8 {
    match code {
        1 => 8,
        2 => 4,
        4 => 2,
        8 => 1,
        other => other,
    }
}

fn pack(codes: impl Iterator<Item = u8>) -> u64 {
    codes.fold(0, |word, code| word << 4 | u64::from(code))
}

/// Whether a read begins, as it was sequenced, with a word of an adapter.
fn is_adapter(read: ReadView<'_>) -> bool {
    let bases = read.base_count();
    if bases < WORD {
        return false;
    }
    let packed = read.packed_sequence();
    let at = |i: usize| {
        let pair = packed.get(i / 2).copied().unwrap_or(0);
        if i.is_multiple_of(2) { pair >> 4 } else { pair & 15 }
    };
    let word = if read.flags() & flag::REVERSE != 0 {
        pack((1..=WORD).map(|i| complement(at(bases - i))))
    } else {
        pack((0..WORD).map(at))
    };
    let Words { words, halves } = &*WORDS;
    let half = |half: u32| halves.binary_search(&half).is_ok();
    (half(word as u32) || half((word >> 32) as u32))
        && words.iter().any(|own| {
            let x = own ^ word;
            let differing = (x | x >> 1 | x >> 2 | x >> 3) & 0x1111_1111_1111_1111;
            differing.count_ones() <= MISMATCHES
        })
}
