//! Vectors of machines with AVX2.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use std::arch::x86_64::__m256i;

use pulp::x86::V3;

use super::{
    LANES, QualityParts, QualitySums, SPANS, STEPS, TAG_WINDOW, Task, Vectors, WINDOW_BYTES, WORDS,
    dispatch, lanes,
};

/// Vectors whose lanes may count up to two each before a lane passes 255.
const MOST: usize = 127;
/// What each code adds to a window's sums: 1 for C and G, 16 for N.
const ADDS: [u8; LANES] = [
    0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    16,
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
        match qualities.as_chunks::<LANES>().0 {
            // Most reads are this long: no loop.
            [first, second, third, fourth] => {
                counts.add(v3, first);
                counts.add(v3, second);
                counts.add(v3, third);
                counts.add(v3, fourth);
            }
            all => {
                for chunk in all {
                    counts.add(v3, chunk);
                }
            }
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

/// Counts the qualities of a long read into sums.
#[inline(never)]
fn long(qualities: &[u8], all: &mut QualityParts) {
    dispatch(Long(qualities, all));
}

struct Long<'a>(&'a [u8], &'a mut QualityParts);

impl Task for Long<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        for part in self.0.chunks(MOST * LANES) {
            self.1.add(vectors.qualities(part));
        }
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
        if qualities.len() > MOST * LANES {
            return long(qualities, all);
        }
        let add = |sum: &mut [u64; 4], more: __m256i| {
            *sum = pulp::cast(self.avx2._mm256_add_epi64(pulp::cast(*sum), more));
        };
        let counts = Counts::of(self, qualities);
        add(&mut all.sum, counts.sum);
        add(&mut all.q20, sums(self, counts.q20));
        add(&mut all.q30, sums(self, counts.q30));
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
        match packed.as_chunks().0 {
            // Most reads are this long: no loop.
            [first, second] => found = most(most(found, first), second),
            all => {
                for chunk in all {
                    found = most(found, chunk);
                }
            }
        }
        let above = simd._mm256_subs_epu8(found, self.avx._mm256_set1_epi8(0xef_u8 as i8));
        self.avx._mm256_testz_si256(above, above) == 0
    }

    #[inline(always)]
    fn same(self, own: &[u8], under: &[u8]) -> bool {
        let simd = self.avx2;
        let (Some(last), Some(under_last)) = (own.last_chunk(), under.last_chunk()) else {
            return own == under;
        };
        // The last vector may overlap the one before.
        let differ =
            |own: &[u8; LANES], under: &[u8; LANES]| simd._mm256_xor_si256(load(own), load(under));
        let mut found = differ(last, under_last);
        let mut add = |own: &[u8; LANES], under: &[u8; LANES]| {
            found = simd._mm256_or_si256(found, differ(own, under));
        };
        match (own.as_chunks().0, under.as_chunks().0) {
            // Most reads are this long.
            ([first, second], [under_first, under_second]) => {
                add(first, under_first);
                add(second, under_second);
            }
            (all, under) => all.iter().zip(under).for_each(|(own, under)| add(own, under)),
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
            let (wholes, under_wholes) = (own.as_chunks::<LANES>().0, under.as_chunks::<LANES>().0);
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
        simd._mm256_movemask_epi8(simd._mm256_cmpeq_epi8(simd._mm256_max_epu8(bytes, least), bytes))
            as u32
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

    #[inline(always)]
    fn pairs(self, bytes: __m256i) -> [u64; LANES / 8] {
        let factors = self.avx._mm256_set1_epi16(64 << 8 | 1);
        pulp::cast(self.avx2._mm256_maddubs_epi16(bytes, factors))
    }
}
