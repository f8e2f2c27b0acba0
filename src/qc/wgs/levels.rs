//! How often each base quality occurs. Sequencers of today write a handful of levels, which whole vectors count at once;
//! other data goes to a table.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use super::super::lanes::{self, LANES};

/// Levels that are counted by comparing; beyond that a table is faster.
const MAX_LEVELS: usize = 8;
/// Levels that fit into registers beside the bases: the four that sequencers of today write, and 0 for no base.
const FEW_LEVELS: usize = 5;
/// Steps after which 8-bit counters are emptied.
const BEFORE_OVERFLOW: usize = 255;

/// Counts of qualities 0 to 255.
pub(super) type Counts = [u64; 256];

/// Counts qualities.
#[derive(Debug)]
pub(super) struct Levels {
    /// Levels seen so far; places that are free hold values that no base has, each its own.
    values: [u8; MAX_LEVELS],
    known: usize,
    /// How often each level occurred in each lane since these were last emptied.
    lanes: [[u8; LANES]; MAX_LEVELS],
    /// Steps since then.
    steps: usize,
    /// How often each level occurred before.
    counts: [u64; MAX_LEVELS],
    /// Whether there are more levels than can be compared with.
    many: bool,
    tables: Box<[[u32; 256]; 4]>,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            values: std::array::from_fn(|i| u8::MAX - i as u8),
            known: 0,
            lanes: [[0; LANES]; MAX_LEVELS],
            steps: 0,
            counts: [0; MAX_LEVELS],
            many: false,
            tables: Box::new([[0; 256]; 4]),
        }
    }
}

impl Levels {
    /// Counts the qualities of a read.
    #[inline(always)]
    pub(super) fn add(&mut self, qualities: &[u8]) {
        if self.many {
            return self.tabulate(qualities);
        }
        for part in qualities.chunks(BEFORE_OVERFLOW / 2 * LANES) {
            let steps = part.len().div_ceil(LANES);
            if self.steps + steps > BEFORE_OVERFLOW {
                self.empty();
            }
            self.steps += steps;
            let known = if self.known <= FEW_LEVELS {
                compare::<FEW_LEVELS>(&self.values, &mut self.lanes, part)
            } else {
                compare::<MAX_LEVELS>(&self.values, &mut self.lanes, part)
            };
            if !known {
                self.learn(part);
            }
        }
    }

    /// Moves what the lanes counted into the sums.
    fn empty(&mut self) {
        for (sum, lanes) in self.counts.iter_mut().zip(&mut self.lanes) {
            *sum += lanes.iter().map(|&count| u64::from(count)).sum::<u64>();
            *lanes = [0; LANES];
        }
        self.steps = 0;
    }

    /// Keeps levels that were not seen before; the table counts the read itself.
    #[cold]
    fn learn(&mut self, qualities: &[u8]) {
        self.empty();
        for &quality in qualities {
            if self.values[..self.known].contains(&quality) {
                continue;
            }
            match self.values.get_mut(self.known) {
                Some(level) => {
                    // What a free place counted has the value that it held.
                    let before = std::mem::take(&mut self.counts[self.known]);
                    self.tables[0][usize::from(*level)] += before as u32;
                    *level = quality;
                    self.known += 1;
                }
                None => self.many = true,
            }
        }
        self.tabulate(qualities);
    }

    /// Counts in a table: four of them, since equal neighbours would wait for each other in one.
    #[inline(always)]
    fn tabulate(&mut self, qualities: &[u8]) {
        let (all, rest) = qualities.as_chunks::<4>();
        for four in all {
            for (table, &quality) in self.tables.iter_mut().zip(four) {
                table[usize::from(quality)] += 1;
            }
        }
        for &quality in rest {
            self.tables[0][usize::from(quality)] += 1;
        }
    }

    /// Counts one quality, if `counts`.
    #[inline(always)]
    pub(super) fn one(&mut self, quality: u8, counts: bool) {
        self.tables[0][usize::from(quality)] += u32::from(counts);
    }

    /// All counts so far.
    pub(super) fn finish(mut self) -> Box<Counts> {
        self.empty();
        let mut counts = Box::new([0; 256]);
        for (level, count) in self.values.iter().zip(self.counts) {
            counts[usize::from(*level)] += count;
        }
        for table in self.tables.iter() {
            for (sum, &count) in counts.iter_mut().zip(table) {
                *sum += u64::from(count);
            }
        }
        counts
    }
}

/// Counts the first `N` levels in qualities; counts nothing and says no when there are other ones.
#[inline(always)]
fn compare<const N: usize>(
    levels: &[u8; MAX_LEVELS],
    counters: &mut [[u8; LANES]; MAX_LEVELS],
    qualities: &[u8],
) -> bool {
    let (chunks, _) = qualities.as_chunks::<LANES>();
    let own: &mut [[u8; LANES]; N] = match counters.first_chunk_mut() {
        Some(own) => own,
        None => return false,
    };
    let mut sums = *own;
    let mut all = [u8::MAX; LANES];
    for chunk in chunks {
        step(chunk, levels, &mut sums, &mut all);
    }
    if let Some((mut last, mask)) = lanes::last(qualities) {
        // Lanes of no base become a level, which is taken back.
        for lane in 0..LANES {
            last[lane] = last[lane] & mask[lane] | levels[0] & !mask[lane];
        }
        step(&last, levels, &mut sums, &mut all);
        for lane in 0..LANES {
            sums[0][lane] = sums[0][lane].wrapping_add(mask[lane] & 1).wrapping_sub(1);
        }
    }
    let known = all.iter().fold(u8::MAX, |all, &lane| all & lane) == u8::MAX;
    if known {
        *own = sums;
    }
    known
}

/// Counts one vector.
#[inline(always)]
fn step<const N: usize>(
    chunk: &[u8; LANES],
    levels: &[u8; MAX_LEVELS],
    sums: &mut [[u8; LANES]; N],
    all: &mut [u8; LANES],
) {
    let mut any = [0; LANES];
    for (sums, &level) in sums.iter_mut().zip(levels) {
        for lane in 0..LANES {
            let equal = u8::from(chunk[lane] == level);
            sums[lane] += equal;
            any[lane] |= equal.wrapping_neg();
        }
    }
    for lane in 0..LANES {
        all[lane] &= any[lane];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_those_of_one_base_after_the_other(
            few in prop::collection::vec(prop::sample::select(vec![2_u8, 11, 25, 37]), 0..20_000),
            many in prop::collection::vec(0_u8..94, 0..3000),
            length in 1_usize..300,
        ) {
            let mut levels = Levels::default();
            let mut expected = [0; 256];
            // Values that free places hold, which are none of a real base.
            let odd = [255, 250];
            let all: Vec<u8> = odd.iter().chain(&few).chain(&many).copied().collect();
            for read in all.chunks(length) {
                levels.add(read);
                for &q in read {
                    expected[usize::from(q)] += 1;
                }
            }
            levels.one(7, true);
            levels.one(8, false);
            expected[7] += 1;
            prop_assert_eq!(&*levels.finish(), &expected);
        }
    }
}
