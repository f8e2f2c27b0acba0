//! Sums over the bytes of one read in whole vectors, with the instructions that add bytes up and look them up, which
//! compilers do not find by themselves.
//!
//! Loops that call these are a [`Task`]: it is compiled once for machines with AVX2 and once for all others, whose
//! results are the same.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use crate::model::read::{QualityParts, QualitySums, TAG_WINDOW, zero_bytes};

use super::lanes::{self, LANES};

/// Bytes of packed bases in a window of [`Vectors::window`].
pub(super) const WINDOW_BYTES: usize = 50;

/// Numbers of [`Vectors::inside`].
pub(super) const WORDS: usize = 32;
/// Steps of [`Vectors::inside`].
pub(super) const STEPS: usize = 16;
/// Spans of [`Vectors::inside`].
pub(super) const SPANS: usize = 3;

/// The lowest bit of each of a word's sixteen codes.
const LOWEST: u64 = 0x1111_1111_1111_1111;

/// Work that is compiled for the machine's vectors.
pub(super) trait Task {
    /// What it returns.
    type Output;
    /// Does it. Must be `#[inline(always)]`, as all that it calls in its loops.
    fn run<V: Vectors>(self, vectors: V) -> Self::Output;
}

/// Does a task with the best vectors that the machine has.
#[inline]
pub(super) fn dispatch<T: Task>(task: T) -> T::Output {
    #[cfg(target_arch = "x86_64")]
    if let Some(v3) = pulp::x86::V3::try_new() {
        return v3.vectorize(OnV3 { task, v3 });
    }
    task.run(Portable)
}

/// What the machine's vectors do for one read.
pub(super) trait Vectors: Copy {
    /// Sums over qualities.
    fn qualities(self, qualities: &[u8]) -> QualitySums;
    /// Counts qualities into sums.
    fn add_qualities(self, qualities: &[u8], sums: &mut QualityParts);
    /// Whether some of the packed bases is N; a last half byte does not matter when it is 0.
    fn any_no_call(self, packed: &[u8]) -> bool;
    /// Whether both are the same bytes; they are equally many.
    fn equal(self, own: &[u8], under: &[u8]) -> bool;
    /// A bit for each byte that is 0, the first byte lowest.
    fn zeros(self, bytes: &[u8; TAG_WINDOW]) -> u64;
    /// How many of the packed bases of two equally long stretches differ.
    fn differing(self, own: &[u8], under: &[u8]) -> u32;
    /// How many bases of a window are G or C, and how many N.
    fn window(self, packed: &[u8; WINDOW_BYTES]) -> (u32, u32);
    /// A bit for each lane whose byte is at least `least`, the first lane lowest.
    fn at_least(self, bytes: &[u8; LANES], least: u8) -> u32;
    /// For each step a bit for each number that lies in one of the spans (first and last), the first number lowest. Between
    /// two steps every number grows by its own growth.
    fn inside(
        self,
        numbers: &[u16; WORDS],
        growth: &[u16; WORDS],
        spans: &[(u16, u16); SPANS],
    ) -> [u32; STEPS];

    /// Bytes in a register, for loops that a compiler would not keep there.
    type Bytes: Copy;
    /// These bytes.
    fn load(self, bytes: &[u8; LANES]) -> Self::Bytes;
    /// As bytes in memory.
    fn store(self, bytes: Self::Bytes) -> [u8; LANES];
    /// The same byte in every lane.
    fn splat(self, byte: u8) -> Self::Bytes;
    /// `one - other`, around the end.
    fn sub(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Bits that both have.
    fn and(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Bits that one of them has.
    fn or(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Ones where both are equal.
    fn equal(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Ones where, as signed numbers, `one` is above `other`.
    fn above(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Whether some lane is not 0.
    fn some(self, bytes: Self::Bytes) -> bool;
}

/// Any machine.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Vectors for Portable {
    #[inline(always)]
    fn qualities(self, qualities: &[u8]) -> QualitySums {
        let mut sums = QualitySums::default();
        for &quality in qualities {
            sums.sum += u32::from(quality);
            sums.q20 += u32::from(quality >= 20);
            sums.q30 += u32::from(quality >= 30);
        }
        sums
    }

    #[inline(always)]
    fn add_qualities(self, qualities: &[u8], sums: &mut QualityParts) {
        sums.add(self.qualities(qualities));
    }

    #[inline(always)]
    fn any_no_call(self, packed: &[u8]) -> bool {
        packed.iter().any(|&pair| pair >= 0xf0 || pair & 0xf == 0xf)
    }

    #[inline(always)]
    fn equal(self, own: &[u8], under: &[u8]) -> bool {
        own == under
    }

    #[inline(always)]
    fn zeros(self, bytes: &[u8; TAG_WINDOW]) -> u64 {
        zero_bytes(bytes)
    }

    #[inline(always)]
    fn differing(self, own: &[u8], under: &[u8]) -> u32 {
        let of = |bits: u8| u32::from(bits & 0xf != 0) + u32::from(bits & 0xf0 != 0);
        own.iter().zip(under).map(|(own, under)| of(own ^ under)).sum()
    }

    #[inline(always)]
    fn window(self, packed: &[u8; WINDOW_BYTES]) -> (u32, u32) {
        let (words, rest) = packed.as_chunks::<8>();
        let last = rest.iter().fold(0, |word, &byte| word << 8 | u64::from(byte));
        let (mut gc, mut n) = (0, 0);
        for word in words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]) {
            // C is 2 and G is 4: one of the two middle bits and none of the others.
            gc += ((word >> 1 ^ word >> 2) & !(word | word >> 3) & LOWEST).count_ones();
            let both = word & word >> 1;
            n += (both & both >> 2 & LOWEST).count_ones();
        }
        (gc, n)
    }

    #[inline(always)]
    fn at_least(self, bytes: &[u8; LANES], least: u8) -> u32 {
        let bit = |(lane, &byte): (usize, &u8)| u32::from(byte >= least) << lane;
        bytes.iter().enumerate().map(bit).fold(0, |bits, bit| bits | bit)
    }

    #[inline(always)]
    fn inside(
        self,
        numbers: &[u16; WORDS],
        growth: &[u16; WORDS],
        spans: &[(u16, u16); SPANS],
    ) -> [u32; STEPS] {
        let within = |number: u16| {
            let of = |&(first, last)| number.wrapping_sub(first) <= u16::wrapping_sub(last, first);
            spans.iter().any(of)
        };
        let mut numbers = *numbers;
        let mut all = [0; STEPS];
        for bits in &mut all {
            for (i, (number, growth)) in numbers.iter_mut().zip(growth).enumerate() {
                *bits |= u32::from(within(*number)) << i;
                *number = number.wrapping_add(*growth);
            }
        }
        all
    }

    type Bytes = [u8; LANES];

    #[inline(always)]
    fn load(self, bytes: &[u8; LANES]) -> [u8; LANES] {
        *bytes
    }

    #[inline(always)]
    fn store(self, bytes: [u8; LANES]) -> [u8; LANES] {
        bytes
    }

    #[inline(always)]
    fn splat(self, byte: u8) -> [u8; LANES] {
        [byte; LANES]
    }

    #[inline(always)]
    fn sub(self, one: [u8; LANES], other: [u8; LANES]) -> [u8; LANES] {
        lanewise(one, other, u8::wrapping_sub)
    }

    #[inline(always)]
    fn and(self, one: [u8; LANES], other: [u8; LANES]) -> [u8; LANES] {
        lanewise(one, other, |one, other| one & other)
    }

    #[inline(always)]
    fn or(self, one: [u8; LANES], other: [u8; LANES]) -> [u8; LANES] {
        lanewise(one, other, |one, other| one | other)
    }

    #[inline(always)]
    fn equal(self, one: [u8; LANES], other: [u8; LANES]) -> [u8; LANES] {
        lanewise(one, other, |one, other| u8::from(one == other).wrapping_neg())
    }

    #[inline(always)]
    fn above(self, one: [u8; LANES], other: [u8; LANES]) -> [u8; LANES] {
        lanewise(one, other, |one, other| u8::from(one as i8 > other as i8).wrapping_neg())
    }

    #[inline(always)]
    fn some(self, bytes: [u8; LANES]) -> bool {
        lanes::some(&bytes)
    }
}

#[inline(always)]
fn lanewise(mut one: [u8; LANES], other: [u8; LANES], of: impl Fn(u8, u8) -> u8) -> [u8; LANES] {
    for (one, other) in one.iter_mut().zip(other) {
        *one = of(*one, other);
    }
    one
}

#[cfg(target_arch = "x86_64")]
struct OnV3<T> {
    task: T,
    v3: pulp::x86::V3,
}

#[cfg(target_arch = "x86_64")]
impl<T: Task> pulp::NullaryFnOnce for OnV3<T> {
    type Output = T::Output;

    #[inline(always)]
    fn call(self) -> T::Output {
        self.task.run(self.v3)
    }
}

#[cfg(target_arch = "x86_64")]
mod v3 {
    use std::arch::x86_64::__m256i;

    use pulp::x86::V3;

    use super::{
        LANES, QualityParts, QualitySums, SPANS, STEPS, TAG_WINDOW, Vectors, WINDOW_BYTES, WORDS,
        lanes,
    };

    /// Vectors whose lanes may count up to two each before a lane passes 255.
    const MOST: usize = 127;
    /// What each code adds to a window's sums: 1 for C and G, 16 for N.
    const ADDS: [u8; LANES] = [
        0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 16,
    ];

    #[inline(always)]
    fn load(bytes: &[u8; LANES]) -> __m256i {
        pulp::cast(*bytes)
    }

    /// The sum of the four words.
    #[inline(always)]
    fn total(words: __m256i) -> u64 {
        let words: [u64; 4] = pulp::cast(words);
        (words[0] + words[1]) + (words[2] + words[3])
    }

    /// The sums of eight bytes each.
    #[inline(always)]
    fn sums(v3: V3, bytes: __m256i) -> __m256i {
        v3.avx2._mm256_sad_epu8(bytes, v3.avx._mm256_setzero_si256())
    }

    #[derive(Clone, Copy)]
    struct Counts {
        sum: __m256i,
        q20: __m256i,
        q30: __m256i,
    }

    impl Counts {
        /// Of at most [`MOST`] vectors.
        #[inline(always)]
        fn of(v3: V3, qualities: &[u8]) -> Self {
            let zero = v3.avx._mm256_setzero_si256();
            let mut counts = Self { sum: zero, q20: zero, q30: zero };
            for chunk in qualities.as_chunks::<LANES>().0 {
                counts.add(v3, chunk);
            }
            // Zeros behind the last bases count for nothing.
            if let Some(rest) = lanes::rest(qualities) {
                counts.add(v3, &rest);
            }
            counts
        }

        #[inline(always)]
        fn add(&mut self, v3: V3, chunk: &[u8; LANES]) {
            let (simd, bytes) = (v3.avx2, load(chunk));
            let at_least = |least: i8| {
                let least = v3.avx._mm256_set1_epi8(least);
                simd._mm256_cmpeq_epi8(simd._mm256_max_epu8(bytes, least), bytes)
            };
            self.sum = simd._mm256_add_epi64(self.sum, sums(v3, bytes));
            self.q20 = simd._mm256_sub_epi8(self.q20, at_least(20));
            self.q30 = simd._mm256_sub_epi8(self.q30, at_least(30));
        }
    }

    impl Vectors for V3 {
        #[inline(always)]
        fn qualities(self, qualities: &[u8]) -> QualitySums {
            let mut all = QualitySums::default();
            for part in qualities.chunks(MOST * LANES) {
                let counts = Counts::of(self, part);
                // Sums stay below 2^20, both counts below 2^12.
                let q20 = self.avx2._mm256_slli_epi64::<24>(sums(self, counts.q20));
                let q30 = self.avx2._mm256_slli_epi64::<44>(sums(self, counts.q30));
                let both = self.avx2._mm256_or_si256(q20, q30);
                let word = total(self.avx2._mm256_or_si256(both, counts.sum));
                all.sum += (word & 0xff_ffff) as u32;
                all.q20 += (word >> 24 & 0xf_ffff) as u32;
                all.q30 += (word >> 44) as u32;
            }
            all
        }

        #[inline(always)]
        fn add_qualities(self, qualities: &[u8], all: &mut QualityParts) {
            let add = |sum: &mut [u64; 4], more: __m256i| {
                *sum = pulp::cast(self.avx2._mm256_add_epi64(pulp::cast(*sum), more));
            };
            // Most reads are one part.
            let mut left = qualities;
            while !left.is_empty() {
                let (part, rest) = left.split_at(left.len().min(MOST * LANES));
                left = rest;
                let counts = Counts::of(self, part);
                add(&mut all.sum, counts.sum);
                add(&mut all.q20, sums(self, counts.q20));
                add(&mut all.q30, sums(self, counts.q30));
            }
        }

        #[inline(always)]
        fn any_no_call(self, packed: &[u8]) -> bool {
            let simd = self.avx2;
            let Some(last) = packed.last_chunk() else {
                return packed.iter().any(|&pair| pair >= 0xf0 || pair & 0xf == 0xf);
            };
            // The last vector may overlap the one before. Where a second base is N, its byte is great once it moved up.
            let most = |most: __m256i, chunk: &[u8; LANES]| {
                let bytes = load(chunk);
                let second = simd._mm256_slli_epi16::<4>(bytes);
                simd._mm256_max_epu8(most, simd._mm256_max_epu8(bytes, second))
            };
            let mut found = most(self.avx._mm256_setzero_si256(), last);
            for chunk in packed.as_chunks::<LANES>().0 {
                found = most(found, chunk);
            }
            let above = simd._mm256_subs_epu8(found, self.avx._mm256_set1_epi8(0xef_u8 as i8));
            self.avx._mm256_testz_si256(above, above) == 0
        }

        #[inline(always)]
        fn equal(self, own: &[u8], under: &[u8]) -> bool {
            let simd = self.avx2;
            let (Some(last), Some(under_last)) = (own.last_chunk(), under.last_chunk()) else {
                return own == under;
            };
            // The last vector may overlap the one before.
            let differ = |own: &[u8; LANES], under: &[u8; LANES]| {
                simd._mm256_xor_si256(load(own), load(under))
            };
            let mut found = differ(last, under_last);
            let chunks = own.as_chunks().0.iter().zip(under.as_chunks().0);
            for (own, under) in chunks {
                found = simd._mm256_or_si256(found, differ(own, under));
            }
            own.len() == under.len() && self.avx._mm256_testz_si256(found, found) == 1
        }

        #[inline(always)]
        fn zeros(self, bytes: &[u8; TAG_WINDOW]) -> u64 {
            let zero = self.avx._mm256_setzero_si256();
            let (parts, _) = bytes.as_chunks();
            let of = |part: &[u8; LANES]| {
                let equal = self.avx2._mm256_cmpeq_epi8(load(part), zero);
                u64::from(self.avx2._mm256_movemask_epi8(equal) as u32)
            };
            parts.iter().rev().fold(0, |bits, part| bits << LANES | of(part))
        }

        #[inline(always)]
        fn differing(self, own: &[u8], under: &[u8]) -> u32 {
            let zero = self.avx._mm256_setzero_si256();
            let low = self.avx._mm256_set1_epi8(0xf);
            let simd = self.avx2;
            let mut count = 0;
            let mut left = (own, under);
            while !left.0.is_empty() && !left.1.is_empty() {
                // Most reads are one part.
                let bytes = left.0.len().min(left.1.len()).min(MOST * LANES);
                let ((own, own_rest), (under, under_rest)) =
                    (left.0.split_at(bytes), left.1.split_at(bytes));
                let mut equal = zero;
                let mut add = |own: &[u8; LANES], under: &[u8; LANES]| {
                    let bits = simd._mm256_xor_si256(load(own), load(under));
                    let first = simd._mm256_andnot_si256(low, bits);
                    let second = simd._mm256_and_si256(low, bits);
                    equal = simd._mm256_sub_epi8(equal, simd._mm256_cmpeq_epi8(first, zero));
                    equal = simd._mm256_sub_epi8(equal, simd._mm256_cmpeq_epi8(second, zero));
                };
                let (wholes, under_wholes) =
                    (own.as_chunks::<LANES>().0, under.as_chunks::<LANES>().0);
                for (own, under) in wholes.iter().zip(under_wholes) {
                    add(own, under);
                }
                if let (Some(own), Some(under)) = (lanes::rest(own), lanes::rest(under)) {
                    add(&own, &under);
                }
                let lanes = bytes.next_multiple_of(LANES);
                count += 2 * lanes as u32 - total(sums(self, equal)) as u32;
                left = (own_rest, under_rest);
            }
            count
        }

        #[inline(always)]
        fn window(self, packed: &[u8; WINDOW_BYTES]) -> (u32, u32) {
            let (simd, low) = (self.avx2, self.avx._mm256_set1_epi8(0xf));
            let of = |bytes: __m256i| {
                let first = simd._mm256_and_si256(low, simd._mm256_srli_epi16::<4>(bytes));
                let second = simd._mm256_and_si256(low, bytes);
                let of = |codes| simd._mm256_shuffle_epi8(load(&ADDS), codes);
                simd._mm256_add_epi8(of(first), of(second))
            };
            let first = packed.first_chunk::<LANES>().map_or([0; LANES], |first| *first);
            let last = lanes::rest(packed).unwrap_or_default();
            let both = simd._mm256_add_epi8(of(load(&first)), of(load(&last)));
            let high = simd._mm256_andnot_si256(low, both);
            if self.avx._mm256_testz_si256(high, high) == 1 {
                // No N, which is usual.
                return (total(sums(self, both)) as u32, 0);
            }
            let gc = simd._mm256_and_si256(low, both);
            let n = simd._mm256_and_si256(low, simd._mm256_srli_epi16::<4>(both));
            let n = simd._mm256_slli_epi64::<32>(sums(self, n));
            let word = total(simd._mm256_or_si256(n, sums(self, gc)));
            (word as u32, (word >> 32) as u32)
        }

        #[inline(always)]
        fn at_least(self, bytes: &[u8; LANES], least: u8) -> u32 {
            let (simd, bytes) = (self.avx2, load(bytes));
            let least = self.avx._mm256_set1_epi8(least as i8);
            simd._mm256_movemask_epi8(
                simd._mm256_cmpeq_epi8(simd._mm256_max_epu8(bytes, least), bytes),
            ) as u32
        }

        #[inline(always)]
        fn inside(
            self,
            numbers: &[u16; WORDS],
            growth: &[u16; WORDS],
            spans: &[(u16, u16); SPANS],
        ) -> [u32; STEPS] {
            let (simd, zero) = (self.avx2, self.avx._mm256_setzero_si256());
            let all = |number: u16| self.avx._mm256_set1_epi16(number as i16);
            let [one, two, three] =
                spans.map(|(first, last)| (all(first), all(last.wrapping_sub(first))));
            let [mut low, mut high]: [__m256i; 2] = pulp::cast(*numbers);
            let [low_growth, high_growth]: [__m256i; 2] = pulp::cast(*growth);
            let within = |numbers: __m256i| {
                // By how much a number lies beyond a span.
                let beyond = |(first, length): (__m256i, __m256i)| {
                    simd._mm256_subs_epu16(simd._mm256_sub_epi16(numbers, first), length)
                };
                let least = simd._mm256_min_epu16(beyond(one), beyond(two));
                simd._mm256_cmpeq_epi16(simd._mm256_min_epu16(least, beyond(three)), zero)
            };
            let mut found = [0; STEPS];
            for bits in &mut found {
                // Narrowing goes by halves of vectors: their middle quarters change places.
                let both = simd._mm256_packs_epi16(within(low), within(high));
                let both = simd._mm256_permute4x64_epi64::<0b1101_1000>(both);
                *bits = simd._mm256_movemask_epi8(both) as u32;
                low = simd._mm256_add_epi16(low, low_growth);
                high = simd._mm256_add_epi16(high, high_growth);
            }
            found
        }

        type Bytes = __m256i;

        #[inline(always)]
        fn load(self, bytes: &[u8; LANES]) -> __m256i {
            load(bytes)
        }

        #[inline(always)]
        fn store(self, bytes: __m256i) -> [u8; LANES] {
            pulp::cast(bytes)
        }

        #[inline(always)]
        fn splat(self, byte: u8) -> __m256i {
            self.avx._mm256_set1_epi8(byte as i8)
        }

        #[inline(always)]
        fn sub(self, one: __m256i, other: __m256i) -> __m256i {
            self.avx2._mm256_sub_epi8(one, other)
        }

        #[inline(always)]
        fn and(self, one: __m256i, other: __m256i) -> __m256i {
            self.avx2._mm256_and_si256(one, other)
        }

        #[inline(always)]
        fn or(self, one: __m256i, other: __m256i) -> __m256i {
            self.avx2._mm256_or_si256(one, other)
        }

        #[inline(always)]
        fn equal(self, one: __m256i, other: __m256i) -> __m256i {
            self.avx2._mm256_cmpeq_epi8(one, other)
        }

        #[inline(always)]
        fn above(self, one: __m256i, other: __m256i) -> __m256i {
            self.avx2._mm256_cmpgt_epi8(one, other)
        }

        #[inline(always)]
        fn some(self, bytes: __m256i) -> bool {
            self.avx._mm256_testz_si256(bytes, bytes) == 0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(bytes: &[u8]) -> [u16; WORDS] {
        std::array::from_fn(|i| u16::from_le_bytes([bytes[i], bytes[i + 10]]))
    }

    /// A number that is alone in its span.
    const PLANTED: u16 = 2000;

    /// Calls what the machine's vectors do for these bytes.
    struct All<'a>(&'a [u8], &'a [u8]);

    type Found = (QualitySums, u32, (u32, u32), u32, [u32; STEPS], [bool; 2], u64);

    impl Task for All<'_> {
        type Output = Found;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> Found {
            let Self(own, under) = self;
            (
                vectors.qualities(own),
                vectors.differing(own, under),
                vectors.window(own.first_chunk().unwrap()),
                vectors.at_least(own.first_chunk().unwrap(), 30),
                vectors.inside(
                    &words(own),
                    &words(under),
                    &[(7, 999), (0xf000, 5), (PLANTED, PLANTED)],
                ),
                [vectors.any_no_call(own), vectors.equal(own, under)],
                // A few of the bytes become zeros.
                vectors.zeros(&std::array::from_fn(|i| own.get(i).map_or(1, |byte| byte & 7))),
            )
        }
    }

    /// What single operations on vectors make of these bytes.
    struct Each([u8; LANES], [u8; LANES]);

    impl Task for Each {
        type Output = ([[u8; LANES]; 5], [bool; 2]);

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> Self::Output {
            let (one, other) = (vectors.load(&self.0), vectors.load(&self.1));
            let [first, ..] = self.0;
            let lone = vectors.and(one, vectors.equal(one, vectors.splat(first)));
            (
                [
                    vectors.sub(one, other),
                    vectors.and(one, other),
                    vectors.or(one, other),
                    vectors.equal(one, other),
                    vectors.above(one, other),
                ]
                .map(|bytes| vectors.store(bytes)),
                [vectors.some(lone), vectors.some(vectors.sub(one, one))],
            )
        }
    }

    proptest! {
        #[test]
        fn single_operations_agree(
            one in prop::array::uniform32(any::<u8>()),
            other in prop::array::uniform32(prop::sample::select(vec![0_u8, 1, 2, 127, 128, 255])),
        ) {
            for (one, other) in [(one, other), (other, one), (other, [2; LANES])] {
                let found = dispatch(Each(one, other));
                prop_assert_eq!(found, Each(one, other).run(Portable));
                prop_assert_eq!(found.1, [one[0] != 0, false]);
                let above: Vec<u8> = one.iter().zip(&other)
                    .map(|(&one, &other)| if (one as i8) > other as i8 { 255 } else { 0 })
                    .collect();
                prop_assert_eq!(&found.0[4][..], &above);
            }
        }
    }

    proptest! {
        #[test]
        fn vectors_find_what_single_bytes_do(
            own in prop::collection::vec(any::<u8>(), 50..20_000),
            changes in prop::collection::vec((0_usize..20_000, any::<u8>()), 0..9),
            most in 1_u8..=255,
        ) {
            let mut own: Vec<u8> = own.iter().map(|&byte| if byte < 9 { 0xff } else { byte.min(most) }).collect();
            // The first of the numbers.
            [own[0], own[10]] = PLANTED.to_le_bytes();
            let mut under = own.clone();
            for (place, byte) in changes {
                let place = place % under.len();
                under[place] = byte;
            }
            let expected = All(&own, &under).run(Portable);
            prop_assert_eq!(expected.4[0] & 1, 1);
            prop_assert_eq!(dispatch(All(&own, &under)), expected);
        }
    }
}
