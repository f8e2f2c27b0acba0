//! Sums over the bytes of one read in whole vectors, with the instructions that add bytes up and look them up, which
//! compilers do not find by themselves.
//!
//! Loops that call these are a [`Task`]: it is compiled once for machines with AVX2 and once for all others, whose
//! results are the same.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use crate::model::read::{QualityParts, QualitySums};
use crate::model::tag_layout::{TAG_WINDOW, zero_bytes};

use super::lanes::{self, LANES};

/// Bytes of packed bases in a window of [`Vectors::window`].
pub(super) const WINDOW_BYTES: usize = 50;

/// Numbers of [`Vectors::inside`].
pub(super) const WORDS: usize = 32;
/// Steps of [`Vectors::inside`].
pub(super) const STEPS: usize = 16;
/// Spans of [`Vectors::inside`].
pub(super) const SPANS: usize = 3;
/// Numbers of [`Vectors::pairs`] are below this.
pub(super) const PAIRS: usize = 64 * 64;

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
    fn same(self, own: &[u8], under: &[u8]) -> bool;
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
    /// These bytes, with zeros where the other ones are ones; these are ones or zeros in each lane.
    #[inline(always)]
    fn without(self, bytes: Self::Bytes, ones: Self::Bytes) -> Self::Bytes {
        self.sub(self.or(bytes, ones), ones)
    }
    /// Ones where both are equal.
    fn equal(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Ones where, as signed numbers, `one` is above `other`.
    fn above(self, one: Self::Bytes, other: Self::Bytes) -> Self::Bytes;
    /// Whether some lane is not 0.
    fn some(self, bytes: Self::Bytes) -> bool;
    /// Two neighbours each, which are below 64, as one number: the first one, and 64 times the second one. Four of these
    /// numbers stand in a word, the first one lowest.
    fn pairs(self, bytes: Self::Bytes) -> [u64; LANES / 8];
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
    fn same(self, own: &[u8], under: &[u8]) -> bool {
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

    #[inline(always)]
    fn pairs(self, bytes: [u8; LANES]) -> [u64; LANES / 8] {
        let mut words = [0; LANES / 8];
        for (word, bytes) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            for [first, second] in bytes.as_chunks().0.iter().rev() {
                *word = *word << 16 | u64::from(*second) << 6 | u64::from(*first);
            }
        }
        words
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

pub(super) mod planes;
#[cfg(target_arch = "x86_64")]
mod v3;

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

    type Found = (QualitySums, [u64; 3], u32, (u32, u32), u32, [u32; STEPS], [bool; 2], u64);

    impl Task for All<'_> {
        type Output = Found;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> Found {
            let Self(own, under) = self;
            let mut parts = QualityParts::default();
            vectors.add_qualities(own, &mut parts);
            vectors.add_qualities(under, &mut parts);
            (
                vectors.qualities(own),
                [parts.sum(), parts.q20(), parts.q30()],
                vectors.differing(own, under),
                vectors.window(own.first_chunk().unwrap()),
                vectors.at_least(own.first_chunk().unwrap(), 30),
                vectors.inside(
                    &words(own),
                    &words(under),
                    &[(7, 999), (0xf000, 5), (PLANTED, PLANTED)],
                ),
                [vectors.any_no_call(own), vectors.same(own, under)],
                // A few of the bytes become zeros.
                vectors.zeros(&std::array::from_fn(|i| own.get(i).map_or(1, |byte| byte & 7))),
            )
        }
    }

    /// What single operations on vectors make of these bytes.
    struct Each([u8; LANES], [u8; LANES]);

    impl Task for Each {
        type Output = ([[u8; LANES]; 5], [bool; 2], [u64; LANES / 8]);

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
                vectors.pairs(vectors.and(one, vectors.splat(63))),
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
                let pairs = one.chunks(2).map(|pair| u16::from(pair[0] % 64) + 64 * u16::from(pair[1] % 64));
                let found: Vec<u8> = found.2.iter().flat_map(|word| word.to_le_bytes()).collect();
                prop_assert_eq!(found, pairs.flat_map(u16::to_le_bytes).collect::<Vec<_>>());
            }
        }
    }

    proptest! {
        #[test]
        fn vectors_find_what_single_bytes_do(
            own in prop_oneof![
                // Around the lengths that have no loop.
                3 => prop::collection::vec(any::<u8>(), 50..200),
                1 => prop::collection::vec(any::<u8>(), 50..20_000),
            ],
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
            prop_assert_eq!(expected.5[0] & 1, 1);
            prop_assert_eq!(dispatch(All(&own, &under)), expected);
        }
    }
}
