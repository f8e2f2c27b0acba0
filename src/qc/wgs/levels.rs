//! How often each base quality occurs. Sequencers of today write a handful of levels, which whole vectors count at once;
//! other data goes to a table.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

/// Bases a step.
pub(super) const LANES: usize = 32;
/// Levels that are counted by comparing; beyond that a table is faster.
const MAX_LEVELS: usize = 8;
/// Steps after which 8-bit counters are emptied.
const BEFORE_OVERFLOW: u8 = 255;

/// Counts of qualities 0 to 255.
pub(super) type Counts = [u64; 256];

/// Counts qualities.
#[derive(Debug)]
pub(super) struct Levels {
    /// Levels seen so far.
    levels: [u8; MAX_LEVELS],
    known: usize,
    lanes: [[u8; LANES]; MAX_LEVELS],
    steps: u8,
    /// Whether there are more levels than can be compared with.
    many: bool,
    tables: Box<[[u32; 256]; 4]>,
    counts: Box<Counts>,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            levels: [0; MAX_LEVELS],
            known: 0,
            lanes: [[0; LANES]; MAX_LEVELS],
            steps: 0,
            many: false,
            tables: Box::new([[0; 256]; 4]),
            counts: Box::new([0; 256]),
        }
    }
}

impl Levels {
    /// Counts the qualities of a step, those whose mask is 255; the others' mask is 0.
    #[inline(always)]
    pub(super) fn add(&mut self, qualities: &[u8; LANES], mask: &[u8; LANES]) {
        if self.many {
            self.tabulate(qualities, mask);
            return;
        }
        if self.steps == BEFORE_OVERFLOW {
            self.empty();
        }
        let mut strange = *mask;
        for (level, counts) in self.levels[..self.known].iter().zip(&mut self.lanes) {
            for lane in 0..LANES {
                let equal = u8::from(qualities[lane] == *level).wrapping_neg() & mask[lane];
                counts[lane] = counts[lane].wrapping_sub(equal);
                strange[lane] ^= equal;
            }
        }
        self.steps += 1;
        if strange.iter().fold(0, |any, &lane| any | lane) != 0 {
            self.learn(qualities, &strange);
        }
    }

    /// Counts qualities of levels that were not seen before, and keeps the levels.
    #[cold]
    fn learn(&mut self, qualities: &[u8; LANES], strange: &[u8; LANES]) {
        for (&quality, &mask) in qualities.iter().zip(strange) {
            if mask == 0 {
                continue;
            }
            self.counts[usize::from(quality)] += 1;
            if self.levels[..self.known].contains(&quality) {
                continue;
            }
            match self.levels.get_mut(self.known) {
                Some(level) => {
                    *level = quality;
                    self.known += 1;
                }
                None => self.many = true,
            }
        }
    }

    #[inline(always)]
    fn tabulate(&mut self, qualities: &[u8; LANES], mask: &[u8; LANES]) {
        let (all, _) = qualities.as_chunks::<4>();
        let (masks, _) = mask.as_chunks::<4>();
        for (four, masks) in all.iter().zip(masks) {
            for i in 0..4 {
                self.tables[i][usize::from(four[i])] += u32::from(masks[i] & 1);
            }
        }
    }

    fn empty(&mut self) {
        for (level, lanes) in self.levels[..self.known].iter().zip(&mut self.lanes) {
            let sum: u64 = lanes.iter().map(|&count| u64::from(count)).sum();
            self.counts[usize::from(*level)] += sum;
            *lanes = [0; LANES];
        }
        self.steps = 0;
    }

    /// All counts so far.
    pub(super) fn finish(mut self) -> Box<Counts> {
        self.empty();
        for table in self.tables.iter() {
            for (sum, &count) in self.counts.iter_mut().zip(table) {
                *sum += u64::from(count);
            }
        }
        self.counts
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
            rest in 0..=LANES,
        ) {
            let mut levels = Levels::default();
            let mut expected = [0; 256];
            let all: Vec<u8> = few.iter().chain(&many).copied().collect();
            let mask: [u8; LANES] = std::array::from_fn(|lane| if lane < rest { 255 } else { 0 });
            for chunk in all.as_chunks::<LANES>().0 {
                levels.add(chunk, &mask);
                chunk[..rest].iter().for_each(|&q| expected[usize::from(q)] += 1);
            }
            prop_assert_eq!(&*levels.finish(), &expected);
        }
    }
}
