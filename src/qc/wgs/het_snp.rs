//! Theoretical sensitivity for heterozygous SNPs, as Picard's TheoreticalSensitivity simulates it: 10,000 rows of sums of
//! base qualities, drawn from their distribution with the random numbers of `java.util.Random` of seed 51.
//!
//! A draw tries bins at random until one is accepted. The stream of tries does not depend on what is accepted, so parts of
//! it can be searched apart from each other. After [`ROUND`] tries the lower half of the generator's 48 bits comes again,
//! and the upper one grows by what it grew the round before: places of a round are searched from round to round by adding
//! whole vectors of the uppermost 16 bits, and only those are looked at that may point to a bin that occurs.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use std::ops::Range;
use std::sync::Arc;

use super::super::vectors::{SPANS, STEPS, Task, Vectors, WORDS, dispatch};

/// Bins of base quality.
const BINS: usize = 127;
/// Rows of the simulation: Picard's SAMPLE_SIZE.
const ROWS: usize = 10_000;
/// Tries after which a draw is given up with quality 0: Picard's SAMPLING_MAX.
const MAX_TRIES: u32 = 600;
/// Logarithm (base 10) of the odds at which a SNP is called: Picard's LOG_ODDS_THRESHOLD.
const LOG_ODDS: f64 = 3.0;
/// Seed of the generator.
const SEED: u64 = 51;
/// The generator's factor and summand; its state has 48 bits.
const FACTOR: u64 = 0x5_DEEC_E66D;
const SUMMAND: u64 = 0xB;
/// Tries of a round: with four steps each, two rounds apart states differ by the same multiple of 2^23.
const ROUND: u32 = 1 << 21;
/// Places of a round that are searched together: few enough to stay near the first-level cache.
const PART: usize = 1 << 12;
/// Parts of a round.
const PARTS: u32 = ROUND / PART as u32;
/// Places that are looked at together, one a bit.
const TOGETHER: usize = 64;
/// Of these, that nearly always are all that may point to a bin that occurs.
const USUAL_HITS: usize = 4;
/// What upper bits may lack after all additions.
const LACKING: u64 = STEPS as u64 - 1;
/// Bits of a random number that come from the first of its two states; as many decide of nearly all tries.
const FIRST_BITS: u32 = 26;
/// Bits of a bin in [`Accepted`].
const BIN_BITS: u32 = 8;

/// What the draws need to know.
#[derive(Debug)]
pub(super) struct Wheel {
    /// The probability to accept each bin.
    accept: [f64; BINS],
    /// The same in parts of the first [`FIRST_BITS`] bits of a random number, rounded down.
    parts: [u32; BINS],
    /// Upper 16 bits, first and last, of the first of a try's four states that may lead to a bin that occurs; these bits may
    /// lack what the lower ones carried over in fewer than [`STEPS`] additions.
    spans: [(u16, u16); SPANS],
    /// Draws that are needed.
    draws: usize,
}

/// Tries of a part that were accepted, in order.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// Number of the try in its round, and in the lowest bits the bin.
    tries: Vec<u32>,
    /// The bins alone.
    bins: Vec<u8>,
    rounds: Vec<Round>,
}

/// A round of a part.
#[derive(Debug)]
struct Round {
    /// Where it ends among the accepted tries.
    end: usize,
    /// The most tries between two that were accepted one after the other.
    widest: u32,
}

/// Accepted tries of a part in one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found<'a> {
    /// As in [`Accepted`].
    tries: &'a [u32],
    bins: &'a [u8],
    /// As in [`Round`].
    widest: u32,
}

impl Accepted {
    /// Adds those of the next round.
    #[inline(always)]
    fn add(&mut self, tries: &[u32]) {
        let place = |found: u32| found >> BIN_BITS;
        let gaps = tries.windows(2).map(|two| place(two[1]) - place(two[0]) - 1);
        let widest = gaps.fold(0, u32::max);
        self.bins.extend(tries.iter().map(|&found| found as u8));
        self.tries.extend_from_slice(tries);
        self.rounds.push(Round { end: self.tries.len(), widest });
    }

    /// Those of the round that was searched as number `i` (0-based).
    fn round(&self, i: usize) -> Found<'_> {
        let start = if i == 0 { 0 } else { self.rounds[i - 1].end };
        let Round { end, widest } = self.rounds[i];
        Found { tries: &self.tries[start..end], bins: &self.bins[start..end], widest }
    }
}

impl Wheel {
    /// The wheel for a distribution of base qualities and a cap of depth; `None` when there are no bases.
    pub(super) fn new(qualities: &[u64], cap: usize) -> Option<Arc<Self>> {
        let total = qualities.iter().take(BINS).sum::<u64>() as f64;
        let shares: Vec<f64> =
            qualities.iter().take(BINS).map(|&count| count as f64 / total).collect();
        let most = shares.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return None;
        }
        let accept = std::array::from_fn(|bin| shares.get(bin).map_or(0.0, |share| share / most));
        Some(Arc::new(Self::of(&accept, ROWS * (cap + 1))))
    }

    /// The wheel that accepts each bin with this probability.
    fn of(accept: &[f64; BINS], draws: usize) -> Self {
        let parts = accept.map(|accept| (accept * f64::from(1 << FIRST_BITS)) as u32);
        Self { accept: *accept, parts, spans: spans(accept), draws }
    }

    /// Rounds of the stream that hold the draws, but for very bad luck.
    fn rounds(&self) -> u32 {
        let tries = BINS as f64 / self.accept.iter().sum::<f64>();
        let tries = self.draws as f64 * tries.min(f64::from(MAX_TRIES)) * 1.005;
        (tries / f64::from(ROUND)).ceil() as u32
    }

    /// Pieces of work: parts of all rounds.
    pub(super) fn pieces() -> u32 {
        PARTS
    }

    /// Searches one piece.
    pub(super) fn search(&self, part: u32) -> Accepted {
        self.search_rounds(part, 0..self.rounds())
    }

    fn search_rounds(&self, part: u32, rounds: Range<u32>) -> Accepted {
        dispatch(Search { wheel: self, part, rounds })
    }

    /// As [`Wheel::whole_try`], by the first bits of both random numbers where these tell.
    #[inline(always)]
    fn try_bin(&self, first: u64) -> (u8, bool) {
        // METHOD: number x of 53 bits begins with the 26 bits of its first state; 127 x lies in the bin of 127 times these bits
        // unless the rest carries, by less than 127. So with the third state and the probability, but for equal first bits.
        const ALL: u64 = (1 << FIRST_BITS) - 1;
        const TWO_STEPS: (u64, u64) = power(2);
        let product = (first >> 22) * BINS as u64;
        let bin = (product >> FIRST_BITS) as usize % BINS;
        let third = first.wrapping_mul(TWO_STEPS.0).wrapping_add(TWO_STEPS.1) >> 22 & ALL;
        let part = u64::from(self.parts[bin]);
        if product & ALL > ALL - 2 * BINS as u64 || third == part {
            return self.whole_try(first);
        }
        (bin as u8, third < part)
    }

    /// The bin of the try whose first state is given, and whether it is accepted.
    #[cold]
    fn whole_try(&self, first: u64) -> (u8, bool) {
        let next = |state: u64| state.wrapping_mul(FACTOR).wrapping_add(SUMMAND) & ((1 << 48) - 1);
        // 53 bits: as signed numbers they become floating point in one instruction.
        let double = |high: u64, low: u64| {
            (((high >> 22) << 27) + (low >> 21)) as i64 as f64 * (1.0 / (1_u64 << 53) as f64)
        };
        let second = next(first);
        let bin = (BINS as f64 * double(first, second)) as i32;
        let third = next(second);
        (bin as u8, double(third, next(third)) < self.accept[bin as usize])
    }

    /// The sensitivity, from the accepted tries of all pieces in order and how many bases have each unfiltered depth.
    pub(super) fn sensitivity(&self, pieces: &[Accepted], depths: &[u64]) -> f64 {
        let mut draws = Draws::with_room(self.draws + self.draws / 50);
        in_order(pieces, 0..self.rounds(), |first, found| draws.add(first, found));
        let mut next = self.rounds();
        while draws.bins.len() < self.draws {
            let rounds = next..next + 1;
            let parts: Vec<Accepted> =
                (0..PARTS).map(|part| self.search_rounds(part, rounds.clone())).collect();
            in_order(&parts, rounds, |first, found| draws.add(first, found));
            next += 1;
        }
        sensitivity(&draws.bins, depths)
    }
}

/// The bins that were drawn.
struct Draws {
    bins: Vec<u8>,
    /// Tries so far, up to the last draw.
    tries: u32,
}

impl Draws {
    fn with_room(draws: usize) -> Self {
        Self { bins: Vec::with_capacity(draws), tries: 0 }
    }

    /// Adds the accepted tries of one part of a round, which begins with try `first`.
    fn add(&mut self, first: u32, Found { tries, bins, widest }: Found<'_>) {
        let place = |found: u32| found >> BIN_BITS;
        let (Some(&earliest), Some(&last)) = (tries.first(), tries.last()) else { return };
        if widest.max(first + place(earliest) - self.tries) < MAX_TRIES {
            // Nearly always.
            self.bins.extend_from_slice(bins);
        } else {
            for &found in tries {
                let number = first + place(found);
                let given_up = (number - self.tries) / MAX_TRIES;
                self.bins.extend(std::iter::repeat_n(0, given_up as usize));
                self.bins.push(found as u8);
                self.tries = number + 1;
            }
        }
        self.tries = first + place(last) + 1;
    }
}

/// Calls `each` with the accepted tries of all parts and the number of the first try of their round, in the order of their
/// numbers; the rounds are those that were searched.
fn in_order(parts: &[Accepted], rounds: Range<u32>, mut each: impl FnMut(u32, Found<'_>)) {
    for (i, round) in rounds.enumerate() {
        for part in parts {
            each(round * ROUND, part.round(i));
        }
    }
}

/// The spans of [`Wheel::spans`]; of too many the nearest ones become one.
fn spans(accept: &[f64; BINS]) -> [(u16, u16); SPANS] {
    let mut bins: Vec<Range<u64>> = Vec::new();
    for bin in (0..BINS).filter(|&bin| accept[bin] > 0.0).map(|bin| bin as u64) {
        match bins.last_mut() {
            Some(span) if span.end == bin => span.end += 1,
            _ => bins.push(bin..bin + 1),
        }
    }
    while bins.len() > SPANS
        && let Some(next) = (1..bins.len()).min_by_key(|&i| bins[i].start - bins[i - 1].end)
    {
        bins[next - 1].end = bins.remove(next).end;
    }
    let span = |bins: &Range<u64>| {
        let (first, end) =
            ((bins.start << 16) / BINS as u64, (bins.end << 16).div_ceil(BINS as u64));
        let length = (end - first - 1 + LACKING).min(u16::MAX.into());
        let first = (first as u16).wrapping_sub(LACKING as u16);
        (first, first.wrapping_add(length as u16))
    };
    std::array::from_fn(|i| bins.get(i).or(bins.last()).map_or((0, u16::MAX), span))
}

/// The search of a part through rounds.
struct Search<'a> {
    wheel: &'a Wheel,
    part: u32,
    rounds: Range<u32>,
}

impl Task for Search<'_> {
    type Output = Accepted;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Accepted {
        let Self { wheel, part, rounds } = self;
        let first = part * PART as u32;
        // For each place the upper 32 and the lower 16 bits of the state, and what a round adds to the upper ones.
        let (mut high, mut growth, mut low) = ([0; PART], [0; PART], [0; PART]);
        // The states' 48 bits are kept in the upper end of 64, where the product drops what exceeds them.
        let steps = |tries: u64| {
            let (factor, summand) = power(4 * tries);
            move |state: u64| state.wrapping_mul(factor).wrapping_add(summand << 16)
        };
        let begin = power(4 * u64::from(first + ROUND * rounds.start) + 1);
        let mut state = ((SEED ^ FACTOR).wrapping_mul(begin.0).wrapping_add(begin.1)) << 16;
        let (next, later) = (steps(1), steps(ROUND.into()));
        for ((high, low), growth) in high.iter_mut().zip(&mut low).zip(&mut growth) {
            (*high, *low) = ((state >> 32) as u32, (state >> 16) as u16);
            *growth = (later(state).wrapping_sub(state) >> 32) as u32;
            state = next(state);
        }
        let mut found = Accepted::default();
        let mut masks = [[0; PART / WORDS]; STEPS];
        let (mut hits, mut some) = ([0_u16; PART + TOGETHER], [0_u32; PART]);
        for start in rounds.clone().step_by(STEPS) {
            let places = high.as_chunks::<WORDS>().0.iter().zip(growth.as_chunks::<WORDS>().0);
            for (i, (high, growth)) in places.enumerate() {
                let own = vectors.inside(&upper(high), &upper(growth), &wheel.spans);
                for (masks, own) in masks.iter_mut().zip(own) {
                    masks[i] = own;
                }
            }
            for (round, masks) in (start..rounds.end).zip(&masks) {
                let count = list(masks, &mut hits);
                let mut accepted = 0;
                for &place in &hits[..count] {
                    let at = usize::from(place) % PART;
                    let high = high[at].wrapping_add((round - start).wrapping_mul(growth[at]));
                    // Whether a try is accepted cannot be guessed.
                    let (bin, accept) = wheel.try_bin(u64::from(high) << 16 | u64::from(low[at]));
                    some[accepted % PART] = (first + u32::from(place)) << BIN_BITS | u32::from(bin);
                    accepted += usize::from(accept);
                }
                found.add(&some[..accepted]);
            }
            for (high, growth) in high.iter_mut().zip(&growth) {
                *high = high.wrapping_add(growth.wrapping_mul(STEPS as u32));
            }
        }
        found
    }
}

/// The upper halves.
#[inline(always)]
fn upper(numbers: &[u32; WORDS]) -> [u16; WORDS] {
    let mut halves = [0; WORDS];
    for (half, number) in halves.iter_mut().zip(numbers) {
        *half = (number >> 16) as u16;
    }
    halves
}

/// Lists which bits are set; returns how many.
#[inline(always)]
fn list(masks: &[u32; PART / WORDS], hits: &mut [u16; PART + TOGETHER]) -> usize {
    let mut count = 0;
    for (i, &[low, high]) in masks.as_chunks::<{ TOGETHER / WORDS }>().0.iter().enumerate() {
        let mut bits = u64::from(high) << WORDS | u64::from(low);
        let ones = bits.count_ones() as usize;
        let mut set = |hits: &mut [u16]| {
            for hit in hits {
                *hit = (i * TOGETHER) as u16 + bits.trailing_zeros() as u16;
                bits &= bits.wrapping_sub(1);
            }
        };
        if let Some(hits) = hits[count..].first_chunk_mut::<TOGETHER>() {
            // How many there are cannot be guessed: what is too much is overwritten.
            set(&mut hits[..USUAL_HITS]);
            if ones > USUAL_HITS {
                set(&mut hits[USUAL_HITS..ones]);
            }
        }
        count += ones;
    }
    count
}

/// The generator's factor and summand for that many steps at once.
const fn power(mut steps: u64) -> (u64, u64) {
    let (mut factor, mut summand) = (1_u64, 0_u64);
    let (mut f, mut s) = (FACTOR, SUMMAND);
    while steps > 0 {
        if steps & 1 == 1 {
            factor = factor.wrapping_mul(f);
            summand = summand.wrapping_mul(f).wrapping_add(s);
        }
        s = s.wrapping_mul(f).wrapping_add(s);
        f = f.wrapping_mul(f);
        steps >>= 1;
    }
    (factor, summand)
}

/// A SNP is called when the alternative reads' qualities sum up to the threshold of the depth; half of the reads are
/// alternative on average.
fn sensitivity(draws: &[u8], depths: &[u64]) -> f64 {
    let levels = depths.len();
    let thresholds: Vec<f64> =
        (0..levels).map(|n| 10.0 * (n as f64 * 2_f64.log10() + LOG_ODDS)).collect();
    let highest = thresholds.last().copied().unwrap_or(0.0).ceil() as usize;
    // counts[m][s]: how many sums of m qualities are s. Sums only grow: those that reach all thresholds are what is left.
    let mut counts = vec![vec![0_u32; highest]; levels];
    for row in draws.chunks_exact(levels).take(ROWS) {
        let mut sum = 0;
        for (counts, &quality) in counts.iter_mut().zip(row) {
            let Some(count) = counts.get_mut(sum) else { break };
            *count += 1;
            sum += usize::from(quality);
        }
    }
    // exceeds[m][n]: share of the sums of m qualities that reach the threshold of depth n.
    let mut exceeds = Vec::with_capacity(levels);
    for counts in counts {
        let mut below = vec![0; highest + 1];
        for (i, count) in counts.into_iter().enumerate() {
            below[i + 1] = below[i] + count;
        }
        let share = |t: &f64| f64::from(ROWS as u32 - below[t.ceil() as usize]) / ROWS as f64;
        exceeds.push(thresholds.iter().map(share).collect::<Vec<f64>>());
    }
    let total = depths.iter().sum::<u64>() as f64;
    let (mut result, mut binomial) = (0.0, Vec::<f64>::new());
    for (n, &bases) in depths.iter().enumerate() {
        let mut row = vec![0.5_f64.powi(n as i32)];
        row.extend((1..n).map(|m| (n as f64 * 0.5 / m as f64) * binomial[m - 1]));
        if n > 0 {
            row.push(row[0]);
        }
        binomial = row;
        let share = bases as f64 / total;
        for (m, p) in binomial.iter().enumerate() {
            result += share * p * exceeds[m][n];
        }
    }
    result
}

/// The phred value of an error, as Picard rounds it: without any error it is -1.
pub(super) fn phred(error: f64) -> i32 {
    let value = (-10.0 * error.log10() + 0.5).floor();
    if value == f64::INFINITY { -1 } else { value as i32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first numbers of `new java.util.Random(51)`, one step after the other.
    fn tries(accept: &[f64; BINS], count: u32) -> Vec<(u32, u8)> {
        let mut state = SEED ^ FACTOR;
        let mut next = |bits: u32| {
            state = state.wrapping_mul(FACTOR).wrapping_add(SUMMAND) & ((1 << 48) - 1);
            state >> (48 - bits)
        };
        let mut double = || ((next(26) << 27) + next(27)) as f64 / (1_u64 << 53) as f64;
        let mut accepted = Vec::new();
        for number in 0..count {
            let bin = (BINS as f64 * double()) as usize;
            if double() < accept[bin] {
                accepted.push((number, bin as u8));
            }
        }
        accepted
    }

    #[test]
    fn pieces_hold_what_one_step_after_the_other_finds() {
        let mut qualities = [0; 256];
        (qualities[11], qualities[25], qualities[37]) = (30, 41, 977);
        let wheel = Wheel::new(&qualities, 250).unwrap();
        let expected = tries(&wheel.accept, ROUND + 1000);
        let parts: Vec<Accepted> = (0..PARTS).map(|part| wheel.search_rounds(part, 0..2)).collect();
        let mut found = Vec::new();
        in_order(&parts, 0..2, |first, tries| {
            let places = tries.tries.iter().map(|&found| first + (found >> BIN_BITS));
            found.extend(places.zip(tries.bins.iter().copied()));
        });
        found.retain(|(number, _)| *number < ROUND + 1000);
        assert_eq!(found, expected);
        // Rounds may be searched one by one.
        let all = wheel.search_rounds(3, 0..2 * STEPS as u32 + 1);
        assert_eq!(all.round(1), parts[3].round(1));
        for i in 0..=2 * STEPS {
            let rounds = i as u32..i as u32 + 1;
            assert_eq!(wheel.search_rounds(3, rounds).round(0), all.round(i), "{i}");
        }
        assert!(Wheel::new(&[0; 256], 250).is_none());
    }

    #[test]
    fn draws_are_given_up_after_enough_tries() {
        let (mut draws, mut given, mut done) = (Draws::with_room(0), Vec::new(), 0);
        let all = [0, 5, 604, 605, 1206, 4000, 4095, 4096, 4700, 9000, 9600, 10_200_u32];
        for (part, first) in (0..3).map(|part| (part, part * PART as u32)) {
            let own = all.iter().filter(|&&number| (number / PART as u32) == part);
            let found: Vec<u32> =
                own.map(|&number| (number - first) << BIN_BITS | (number & 63)).collect();
            let mut accepted = Accepted::default();
            accepted.add(&found);
            draws.add(first, accepted.round(0));
        }
        for number in all {
            given.extend(std::iter::repeat_n(0, ((number - done) / MAX_TRIES) as usize));
            given.push((number & 63) as u8);
            done = number + 1;
        }
        assert_eq!(draws.bins, given);
    }

    #[test]
    fn first_bits_tell_what_whole_numbers_do() {
        let mut accept = [0.0; BINS];
        (accept[0], accept[25], accept[37], accept[126]) = (0.25, 1.0, 0.3, 1e-9);
        let wheel = Wheel::of(&accept, 0);
        // Around the ends of bins, and any.
        let ends = (0..=BINS as u64).map(|bin| (bin << 48) / BINS as u64);
        let near =
            ends.flat_map(|end| (-300..300_i64).map(move |by| end.wrapping_add_signed(by << 17)));
        let any = (0..200_000_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        for first in near.chain(any).map(|state| state & ((1 << 48) - 1)) {
            assert_eq!(wheel.try_bin(first), wheel.whole_try(first), "{first}");
        }
    }

    #[test]
    fn spans_hold_every_try_of_a_bin_that_occurs() {
        let sets: [&[usize]; 7] = [
            &[0],
            &[126],
            &[37],
            &[0, 126],
            &[2, 12, 23, 37],
            &[0, 1, 60, 61, 90, 126],
            &[5, 7, 9, 11, 80],
        ];
        for bins in sets {
            let mut accept = [0.0; BINS];
            for &bin in bins {
                accept[bin] = 1.0;
            }
            let spans = spans(&accept);
            let inside = |high: u16| {
                spans
                    .iter()
                    .any(|&(first, last)| high.wrapping_sub(first) <= last.wrapping_sub(first))
            };
            let states = |bin: u64| {
                let bins = BINS as u64;
                (bin << 16) / bins..((bin + 1) << 16).div_ceil(bins)
            };
            for high in bins.iter().flat_map(|&bin| states(bin as u64)) {
                for lacking in 0..=LACKING {
                    assert!(inside((high as u16).wrapping_sub(lacking as u16)), "{bins:?} {high}");
                }
            }
        }
        let two = spans(&std::array::from_fn(|bin| if bin == 3 || bin == 90 { 1.0 } else { 0.0 }));
        assert!(two.iter().all(|&(first, last)| last.wrapping_sub(first) < 700), "{two:?}");
        assert!(
            spans(&[1.0; BINS]).iter().any(|&(first, last)| last.wrapping_sub(first) == u16::MAX)
        );
    }

    #[test]
    fn phred_values_are_rounded_as_java_rounds() {
        assert_eq!([0.0, 1.0, 0.5, 0.1, -0.1].map(phred), [-1, 0, 3, 10, 0]);
    }
}
