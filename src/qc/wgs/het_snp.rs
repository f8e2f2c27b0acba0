//! Theoretical sensitivity for heterozygous SNPs, as Picard's TheoreticalSensitivity simulates it: 10,000 rows of sums of
//! base qualities, drawn from their distribution with the random numbers of `java.util.Random` of seed 51.
//!
//! A draw tries bins at random until one is accepted. The stream of tries does not depend on what is accepted, so pieces of
//! it can be searched apart from each other, and only one step in four of the generator is looked at where it does not
//! point to a bin that occurs.

use std::sync::Arc;

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
/// Tries a piece.
const PIECE: u32 = 1 << 22;
/// Streams that a piece is searched in at once.
const STREAMS: usize = 4;
/// Leading bits of a state by which bins are told apart in the first place.
const BUCKET_BITS: u32 = 12;

/// What the draws need to know.
#[derive(Debug)]
pub(super) struct Wheel {
    /// The probability to accept each bin.
    accept: [f64; BINS],
    /// For the leading bits of the first of a try's four states: whether they may lead to a bin that occurs.
    may: Box<[bool; 1 << BUCKET_BITS]>,
    /// Draws that are needed.
    draws: usize,
}

/// The tries of one piece that were accepted: number of the try in the stream, and bin.
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
        let mut may = Box::new([false; 1 << BUCKET_BITS]);
        for (bucket, may) in may.iter_mut().enumerate() {
            let first = (BINS * bucket) >> BUCKET_BITS;
            let last = ((BINS * (bucket + 1)) >> BUCKET_BITS).min(BINS - 1);
            *may = accept[first..=last].iter().any(|&p| p > 0.0);
        }
        Some(Arc::new(Self { accept, may, draws: ROWS * (cap + 1) }))
    }

    /// Pieces of the stream that hold the draws, but for very bad luck.
    pub(super) fn pieces(&self) -> u32 {
        let tries = BINS as f64 / self.accept.iter().sum::<f64>();
        let tries = self.draws as f64 * tries.min(f64::from(MAX_TRIES)) * 1.005;
        (tries / f64::from(PIECE)).ceil() as u32
    }

    /// Searches one piece of the stream.
    pub(super) fn search(&self, piece: u32) -> Accepted {
        let part = PIECE / STREAMS as u32;
        let first = |stream: usize| piece * PIECE + stream as u32 * part;
        // The states' 48 bits are kept in the upper end of 64, where the product drops what exceeds them.
        let mut states: [u64; STREAMS] = std::array::from_fn(|stream| {
            let (factor, summand) = power(4 * u64::from(first(stream)) + 1);
            ((SEED ^ FACTOR).wrapping_mul(factor).wrapping_add(summand)) << 16
        });
        let (factor, summand) = power(4);
        let summand = summand << 16;
        let mut found: [Accepted; STREAMS] = Default::default();
        for i in 0..part {
            for (stream, state) in states.iter_mut().enumerate() {
                if self.may[(*state >> (64 - BUCKET_BITS)) as usize]
                    && let Some(bin) = self.accepted(*state >> 16)
                {
                    found[stream].push((first(stream) + i, bin));
                }
                *state = state.wrapping_mul(factor).wrapping_add(summand);
            }
        }
        found.concat()
    }

    /// The bin of the try whose first state is given, if it is accepted.
    fn accepted(&self, first: u64) -> Option<u8> {
        let next = |state: u64| state.wrapping_mul(FACTOR).wrapping_add(SUMMAND) & ((1 << 48) - 1);
        let double = |high: u64, low: u64| {
            (((high >> 22) << 27) + (low >> 21)) as f64 * (1.0 / (1_u64 << 53) as f64)
        };
        let second = next(first);
        let bin = (BINS as f64 * double(first, second)) as usize;
        let third = next(second);
        (double(third, next(third)) < self.accept[bin]).then_some(bin as u8)
    }

    /// The sensitivity, from the accepted tries of all pieces in order and how many bases have each unfiltered depth.
    pub(super) fn sensitivity(&self, mut pieces: Vec<Accepted>, depths: &[u64]) -> f64 {
        let mut draws = Vec::with_capacity(self.draws);
        let (mut done, mut next) = (0, 0);
        let mut searched = std::mem::take(&mut pieces).into_iter();
        while draws.len() < self.draws {
            let piece = searched.next().unwrap_or_else(|| self.search(next));
            next += 1;
            for (number, bin) in piece {
                let given_up = (number - done) / MAX_TRIES;
                draws.extend(std::iter::repeat_n(0, given_up as usize));
                draws.push(bin);
                done = number + 1;
            }
        }
        sensitivity(&draws, depths)
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
        let expected = tries(&wheel.accept, PIECE + 1000);
        let mut found = wheel.search(0);
        found.extend(wheel.search(1).into_iter().filter(|(number, _)| *number < PIECE + 1000));
        assert_eq!(found, expected);
        assert!(Wheel::new(&[0; 256], 250).is_none());
    }

    #[test]
    fn phred_values_are_rounded_as_java_rounds() {
        assert_eq!([0.0, 1.0, 0.5, 0.1, -0.1].map(phred), [-1, 0, 3, 10, 0]);
    }
}
