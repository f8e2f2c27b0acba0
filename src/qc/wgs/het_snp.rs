//! Theoretical sensitivity for heterozygous SNPs, as Picard's TheoreticalSensitivity simulates it: 10,000 rows of sums of
//! base qualities, drawn from their distribution with the random numbers of `java.util.Random` of seed 51.
//!
//! A draw tries bins at random until one is accepted. The stream of tries does not depend on what is accepted, so parts of
//! it can be searched apart from each other. After [`ROUND`] tries the lower half of the generator's 48 bits comes again,
//! and the upper one grows by what it grew the round before: places of a round are searched from round to round by adding
//! whole vectors, and only those are looked at that point to a bin that occurs.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use std::ops::Range;
use std::sync::Arc;

use super::super::vectors::{SPANS, Task, Vectors, WORDS, dispatch};

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
/// Places of a round that are searched together: few enough to stay in the first-level cache.
const PART: usize = 1 << 11;
/// Parts of a round.
const PARTS: u32 = ROUND / PART as u32;
/// Places that are looked at together, one a bit.
const TOGETHER: usize = 64;

/// What the draws need to know.
#[derive(Debug)]
pub(super) struct Wheel {
    /// The probability to accept each bin.
    accept: [f64; BINS],
    /// Upper 32 bits, first and last, of the first of a try's four states that may lead to a bin that occurs.
    spans: [(u32, u32); SPANS],
    /// Draws that are needed.
    draws: usize,
}

/// Tries that were accepted, in order: number of the try in the stream, and bin.
pub(super) type Accepted = Vec<(u32, u8)>;

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
        Some(Arc::new(Self { accept, spans: spans(&accept), draws: ROWS * (cap + 1) }))
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

    /// The bin of the try whose first state is given, and whether it is accepted.
    #[inline(always)]
    fn try_bin(&self, first: u64) -> (u8, bool) {
        let next = |state: u64| state.wrapping_mul(FACTOR).wrapping_add(SUMMAND) & ((1 << 48) - 1);
        let double = |high: u64, low: u64| {
            (((high >> 22) << 27) + (low >> 21)) as f64 * (1.0 / (1_u64 << 53) as f64)
        };
        let second = next(first);
        let bin = (BINS as f64 * double(first, second)) as usize;
        let third = next(second);
        (bin as u8, double(third, next(third)) < self.accept[bin])
    }

    /// The sensitivity, from the accepted tries of all pieces in order and how many bases have each unfiltered depth.
    pub(super) fn sensitivity(&self, pieces: &[Accepted], depths: &[u64]) -> f64 {
        let mut draws = Vec::with_capacity(self.draws);
        let mut done = 0;
        let mut draw = |(number, bin): (u32, u8)| {
            let given_up = (number - done) / MAX_TRIES;
            draws.extend(std::iter::repeat_n(0, given_up as usize));
            draws.push(bin);
            done = number + 1;
            draws.len()
        };
        let mut count = 0;
        in_order(pieces, 0..self.rounds(), |accepted| count = draw(accepted));
        for round in self.rounds().. {
            if count >= self.draws {
                break;
            }
            let rounds = round..round + 1;
            for part in 0..PARTS {
                for accepted in self.search_rounds(part, rounds.clone()) {
                    count = draw(accepted);
                }
            }
        }
        sensitivity(&draws, depths)
    }
}

/// Calls `each` with the accepted tries of all parts in the order of their numbers.
fn in_order(parts: &[Accepted], rounds: Range<u32>, mut each: impl FnMut((u32, u8))) {
    let mut rest: Vec<&[(u32, u8)]> = parts.iter().map(Vec::as_slice).collect();
    for round in rounds {
        for part in &mut rest {
            let here = part.partition_point(|(number, _)| number / ROUND <= round);
            let (now, later) = part.split_at(here);
            for &accepted in now {
                each(accepted);
            }
            *part = later;
        }
    }
}

/// The spans of a state's upper 32 bits that may lead to a bin that occurs. Only the first 26 bits of a state count, so
/// spans begin and end with these; of too many spans the nearest ones become one.
fn spans(accept: &[f64; BINS]) -> [(u32, u32); SPANS] {
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
        let (first, end) = (bins.start << 32, (bins.end << 32).div_ceil(BINS as u64));
        ((first / BINS as u64) as u32 & !63, (end.next_multiple_of(64) - 1) as u32)
    };
    let nothing = (u32::MAX, u32::MAX);
    std::array::from_fn(|i| bins.get(i).map_or(nothing, span))
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
        let mut found = Accepted::new();
        for round in rounds {
            let places = high.as_chunks_mut::<TOGETHER>().0.iter_mut();
            let rest = low.as_chunks::<TOGETHER>().0.iter().zip(growth.as_chunks::<TOGETHER>().0);
            for (i, (high, (low, growth))) in places.zip(rest).enumerate() {
                let mut bits = 0;
                for (i, words) in high.as_chunks::<WORDS>().0.iter().enumerate() {
                    bits |= u64::from(vectors.inside(words, &wheel.spans)) << (i * WORDS);
                }
                let number = round * ROUND + first + (i * TOGETHER) as u32;
                let (mut some, mut count) = ([(0, 0); TOGETHER], 0);
                while bits != 0 {
                    let place = bits.trailing_zeros();
                    bits &= bits - 1;
                    let at = place as usize % TOGETHER;
                    let state = u64::from(high[at]) << 16 | u64::from(low[at]);
                    // Whether a try is accepted cannot be guessed.
                    let (bin, accepted) = wheel.try_bin(state);
                    some[count % TOGETHER] = (number + place, bin);
                    count += usize::from(accepted);
                }
                found.extend_from_slice(&some[..count]);
                for (high, growth) in high.iter_mut().zip(growth) {
                    *high = high.wrapping_add(*growth);
                }
            }
        }
        found
    }
}

/// The generator's factor and summand for that many steps at once.
fn power(mut steps: u64) -> (u64, u64) {
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
    // exceeds[m][n]: share of the sums of m qualities that reach the threshold of depth n.
    let mut sums = vec![0_usize; ROWS];
    let mut exceeds = Vec::with_capacity(levels);
    for m in 0..levels {
        let mut at_least = vec![0_u32; highest + 2];
        for sum in &sums {
            at_least[(*sum).min(highest)] += 1;
        }
        for i in (0..highest).rev() {
            at_least[i] += at_least[i + 1];
        }
        let share = |t: &f64| f64::from(at_least[t.ceil() as usize]) / ROWS as f64;
        exceeds.push(thresholds.iter().map(share).collect::<Vec<f64>>());
        for (sum, row) in sums.iter_mut().zip(draws.chunks_exact(levels)) {
            *sum += usize::from(row[m]);
        }
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
    fn tries(accept: &[f64; BINS], count: u32) -> Accepted {
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
        let mut found = Accepted::new();
        in_order(&parts, 0..2, |accepted| found.push(accepted));
        found.retain(|(number, _)| *number < ROUND + 1000);
        assert_eq!(found, expected);
        // Rounds may be searched one by one.
        assert_eq!(wheel.search_rounds(3, 1..2), parts[3][wheel.search_rounds(3, 0..1).len()..]);
        assert!(Wheel::new(&[0; 256], 250).is_none());
    }

    #[test]
    fn phred_values_are_rounded_as_java_rounds() {
        assert_eq!([0.0, 1.0, 0.5, 0.1, -0.1].map(phred), [-1, 0, 3, 10, 0]);
    }
}
