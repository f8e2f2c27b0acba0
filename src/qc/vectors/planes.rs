//! Counting small numbers by their bits: of many bytes all first bits stand side by side in words, then all second ones,
//! and so on, and the bits that words have in common are counted. For machines whose vectors count bits and transpose
//! them (AVX-512 with VPOPCNTDQ, VBMI and GFNI: Intel Ice Lake, AMD Zen 4 and later).
//!
//! The one place with `unsafe`: no safe wrapper has these instructions. Qualities of forty levels are counted 3.2 times as
//! fast as by a table of pairs.

#![allow(unsafe_code, reason = "instructions that not every machine has")]

/// Bytes that are counted at once.
pub(in crate::qc) const BATCH: usize = 1024;
/// Numbers are below this.
pub(in crate::qc) const NUMBERS: usize = 64;
/// Lanes of a count.
const WORDS: usize = 8;

/// For each set of bits, as a number, how many bytes had all of these, in eight parts.
pub(in crate::qc) type Sets = [[u64; WORDS]; NUMBERS];

/// How often each number occurred.
pub(in crate::qc) fn numbers(sets: &Sets) -> [u64; NUMBERS] {
    let mut counts = sets.map(|parts| parts.iter().sum::<u64>());
    for bit in 0..NUMBERS.trailing_zeros() {
        for number in (0..NUMBERS).filter(|number| number >> bit & 1 == 0) {
            counts[number] -= counts[number | 1 << bit];
        }
    }
    counts
}

#[cfg(not(target_arch = "x86_64"))]
mod none {
    use super::{BATCH, Sets};

    /// There are none.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::qc) enum BitPlanes {}

    impl BitPlanes {
        /// None.
        pub(in crate::qc) fn of_this_machine() -> Option<Self> {
            None
        }

        /// Never called.
        pub(in crate::qc) fn count(self, _: &[u8; BATCH], _: &mut Sets) -> bool {
            match self {}
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
pub(in crate::qc) use none::BitPlanes;
#[cfg(target_arch = "x86_64")]
pub(in crate::qc) use x86::BitPlanes;

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::is_x86_feature_detected;
    use std::arch::x86_64::{
        __m512i, _mm512_add_epi64, _mm512_and_si512, _mm512_gf2p8affine_epi64_epi8,
        _mm512_loadu_si512, _mm512_or_si512, _mm512_permutexvar_epi8, _mm512_popcnt_epi64,
        _mm512_set1_epi64, _mm512_shuffle_i64x2, _mm512_storeu_si512, _mm512_test_epi64_mask,
        _mm512_unpackhi_epi64, _mm512_unpacklo_epi64,
    };

    use super::{BATCH, Sets, WORDS};

    /// Bytes of a vector.
    const BYTES: usize = 64;
    /// Vectors whose bits fill one vector each.
    const ROWS: usize = 8;
    /// A row of bits that turns eight bytes around: the first bit of each, the second bit of each, and so on.
    const DIAGONAL: i64 = 0x8040_2010_0804_0201_u64 as i64;
    /// The first byte of each word, the second byte of each word, and so on.
    static BY_PLACE: [u8; BYTES] = {
        let mut places = [0; BYTES];
        let mut i = 0;
        while i < BYTES {
            places[i] = (i % 8 * 8 + i / 8) as u8;
            i += 1;
        }
        places
    };

    /// A machine that counts bytes by their bits.
    #[derive(Clone, Copy, Debug)]
    pub(in crate::qc) struct BitPlanes(());

    impl BitPlanes {
        /// `None` when this is no such machine.
        pub(in crate::qc) fn of_this_machine() -> Option<Self> {
            let has_all = is_x86_feature_detected!("avx512f")
                // What the next one implies for the compiler.
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vbmi")
                && is_x86_feature_detected!("avx512vpopcntdq")
                && is_x86_feature_detected!("gfni");
            has_all.then_some(Self(()))
        }

        /// Counts bytes into the sets of their bits. False, and nothing is counted, when one of them is too large.
        #[inline]
        pub(in crate::qc) fn count(self, batch: &[u8; BATCH], sets: &mut Sets) -> bool {
            let Self(()) = self;
            // SAFETY: there is a value of this type only on machines that have these instructions.
            unsafe { count(batch, sets) }
        }
    }

    #[target_feature(enable = "avx512f,avx512vbmi,avx512vpopcntdq,gfni")]
    fn count(batch: &[u8; BATCH], sets: &mut Sets) -> bool {
        let (first, second) = batch.split_at(BATCH / 2);
        let (first, second) = (planes(first), planes(second));
        let or = _mm512_or_si512;
        if some(or(or(first[6], first[7]), or(second[6], second[7]))) {
            return false;
        }
        let low =
            (common([first[0], first[1], first[2]]), common([second[0], second[1], second[2]]));
        let high =
            (common([first[3], first[4], first[5]]), common([second[3], second[4], second[5]]));
        // Qualities from 48 on are rare.
        let highest = if some(or(high.0[6], high.1[6])) { 8 } else { 6 };
        let rows = sets.as_chunks_mut().0.iter_mut().zip(high.0.into_iter().zip(high.1));
        for (row, high) in rows.take(highest) {
            let row: &mut [[u64; WORDS]; 8] = row;
            for (i, sum) in row.iter_mut().enumerate() {
                let first = _mm512_popcnt_epi64(_mm512_and_si512(high.0, low.0[i]));
                let second = _mm512_popcnt_epi64(_mm512_and_si512(high.1, low.1[i]));
                let both = _mm512_add_epi64(first, second);
                // SAFETY: both read and write the words of the sum.
                unsafe {
                    let before = _mm512_loadu_si512(sum.as_ptr().cast());
                    _mm512_storeu_si512(sum.as_mut_ptr().cast(), _mm512_add_epi64(before, both));
                }
            }
        }
        true
    }

    /// What each set of three planes has in common: none, the first, the second, both of these, and so on.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn common([one, two, three]: [__m512i; 3]) -> [__m512i; 8] {
        let and = _mm512_and_si512;
        let both = and(one, two);
        let all = _mm512_set1_epi64(-1);
        [all, one, two, both, three, and(one, three), and(two, three), and(both, three)]
    }

    /// The first bit of each byte, the second bit of each, and so on. In which order the bytes' bits stand does not matter,
    /// but it is the same in all planes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vbmi,gfni")]
    fn planes(bytes: &[u8]) -> [__m512i; 8] {
        let mut rows = [_mm512_set1_epi64(0); ROWS];
        for (row, bytes) in rows.iter_mut().zip(bytes.as_chunks().0) {
            *row = turned(bytes);
        }
        let [r0, r1, r2, r3, r4, r5, r6, r7] = rows;
        // The words of eight rows, by planes: those of planes 0, 2, 4 and 6 are the lower ones of each pair.
        let (low, high) = (_mm512_unpacklo_epi64, _mm512_unpackhi_epi64);
        let [p0, p2, p4, p6] = gathered([low(r0, r1), low(r2, r3), low(r4, r5), low(r6, r7)]);
        let [p1, p3, p5, p7] = gathered([high(r0, r1), high(r2, r3), high(r4, r5), high(r6, r7)]);
        [p0, p1, p2, p3, p4, p5, p6, p7]
    }

    /// The first quarter of each, the second quarter of each, and so on.
    #[inline]
    #[target_feature(enable = "avx512f")]
    fn gathered([a, b, c, d]: [__m512i; 4]) -> [__m512i; 4] {
        // Quarters 0 and 2 of both, then 1 and 3 of both.
        const EVEN: i32 = 0b10_00_10_00;
        const ODD: i32 = 0b11_01_11_01;
        let even = (_mm512_shuffle_i64x2::<EVEN>(a, b), _mm512_shuffle_i64x2::<EVEN>(c, d));
        let odd = (_mm512_shuffle_i64x2::<ODD>(a, b), _mm512_shuffle_i64x2::<ODD>(c, d));
        [
            _mm512_shuffle_i64x2::<EVEN>(even.0, even.1),
            _mm512_shuffle_i64x2::<EVEN>(odd.0, odd.1),
            _mm512_shuffle_i64x2::<ODD>(even.0, even.1),
            _mm512_shuffle_i64x2::<ODD>(odd.0, odd.1),
        ]
    }

    /// A word of the bytes' first bits, one of their second bits, and so on.
    #[inline]
    #[target_feature(enable = "avx512f,avx512vbmi,gfni")]
    fn turned(bytes: &[u8; BYTES]) -> __m512i {
        let eights = _mm512_gf2p8affine_epi64_epi8::<0>(_mm512_set1_epi64(DIAGONAL), load(bytes));
        _mm512_permutexvar_epi8(load(&BY_PLACE), eights)
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn some(bits: __m512i) -> bool {
        _mm512_test_epi64_mask(bits, bits) != 0
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    fn load(bytes: &[u8; BYTES]) -> __m512i {
        // SAFETY: reads these bytes, wherever they lie.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_counted_by_their_bits(
            batches in prop::collection::vec((1_u8..=64, any::<u64>()), 1..6),
            odd in prop::option::of((0..BATCH, 48_u8..=255)),
        ) {
            let Some(planes) = BitPlanes::of_this_machine() else {
                eprintln!("skipped: this machine does not count bytes by their bits");
                return Ok(());
            };
            let (mut sets, mut expected) = ([[0; WORDS]; NUMBERS], [0; NUMBERS]);
            for (most, seed) in batches {
                let mut word = seed | 1;
                let mut batch: [u8; BATCH] = std::array::from_fn(|_| {
                    word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (word >> 40) as u8 % most
                });
                if let Some((place, byte)) = odd {
                    batch[place] = byte;
                }
                let fits = batch.iter().all(|&byte| usize::from(byte) < NUMBERS);
                prop_assert_eq!(planes.count(&batch, &mut sets), fits);
                if fits {
                    for &byte in &batch {
                        expected[usize::from(byte)] += 1;
                    }
                }
                prop_assert_eq!(numbers(&sets), expected);
            }
        }
    }
}
