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
const BEFORE_OVERFLOW: usize = 255;

/// Counts of qualities 0 to 255.
pub(super) type Counts = [u64; 256];

/// Counts qualities.
#[derive(Debug)]
pub(super) struct Levels {
    /// Levels seen so far, and how often.
    seen: [(u8, u64); MAX_LEVELS],
    known: usize,
    /// Whether there are more levels than can be compared with.
    many: bool,
    tables: Box<[[u32; 256]; 4]>,
}

impl Default for Levels {
    fn default() -> Self {
        let tables = Box::new([[0; 256]; 4]);
        Self { seen: [(0, 0); MAX_LEVELS], known: 0, many: false, tables }
    }
}

impl Levels {
    /// Counts the qualities of a read.
    #[inline(always)]
    pub(super) fn add(&mut self, qualities: &[u8]) {
        if !self.many {
            let mut missing = qualities.len();
            let mut found = [0; MAX_LEVELS];
            for (found, (level, _)) in found.iter_mut().zip(&self.seen[..self.known]) {
                *found = equal(qualities, *level);
                missing -= *found;
            }
            if missing == 0 {
                for ((_, count), found) in self.seen.iter_mut().zip(found) {
                    *count += found as u64;
                }
                return;
            }
            self.learn(qualities);
        }
        self.tabulate(qualities);
    }

    /// Keeps levels that were not seen before; the table counts the read itself.
    #[cold]
    fn learn(&mut self, qualities: &[u8]) {
        for &quality in qualities {
            if self.seen[..self.known].iter().any(|(level, _)| *level == quality) {
                continue;
            }
            match self.seen.get_mut(self.known) {
                Some(level) => {
                    level.0 = quality;
                    self.known += 1;
                }
                None => self.many = true,
            }
        }
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
    pub(super) fn finish(self) -> Box<Counts> {
        let mut counts = Box::new([0; 256]);
        for (level, count) in &self.seen[..self.known] {
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

/// How many bytes equal a level.
#[inline(always)]
fn equal(bytes: &[u8], level: u8) -> usize {
    let (chunks, rest) = bytes.as_chunks::<LANES>();
    let mut sum = rest.iter().map(|&byte| usize::from(byte == level)).sum::<usize>();
    for chunks in chunks.chunks(BEFORE_OVERFLOW) {
        let mut counts = [0_u8; LANES];
        for chunk in chunks {
            for lane in 0..LANES {
                counts[lane] += u8::from(chunk[lane] == level);
            }
        }
        sum += counts.iter().map(|&count| usize::from(count)).sum::<usize>();
    }
    sum
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
            let all: Vec<u8> = few.iter().chain(&many).copied().collect();
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
