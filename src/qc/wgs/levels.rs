//! How often each base quality occurs. Sequencers of today write a handful of levels, which whole vectors count at once;
//! other data goes to a table.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use super::super::lanes::LANES;
use super::super::vectors::{PAIRS, Task, Vectors, dispatch};
use super::bases::{Bases, Depth};
use super::batch::Batch;
use super::segments::PASSES;
use super::{MIN_BASE_QUALITY, UNFILTERED_ABOVE};

/// Levels that are counted by comparing; beyond that a table is faster.
const MAX_LEVELS: usize = 8;
/// Levels that fit into registers beside the bases: those that sequencers of today write, and 0 for no base.
const FEW_LEVELS: [usize; 2] = [4, 5];
/// Stands for lanes of no base, and is therefore no level.
const NO_BASE: u8 = u8::MAX;
/// Steps after which 8-bit counters are emptied.
const BEFORE_OVERFLOW: usize = 255;
/// Qualities that have one of these bits are not counted in pairs.
const NO_PAIR: u8 = !63;

/// Bases that are counted at once.
const MOST: usize = BEFORE_OVERFLOW * LANES;

/// What free places of levels hold.
const NONE: [u8; MAX_LEVELS] = {
    let mut values = [NO_BASE; MAX_LEVELS];
    let mut i = 0;
    while i < MAX_LEVELS {
        values[i] -= 1 + i as u8;
        i += 1;
    }
    values
};
/// Lanes after which tables are emptied: far fewer than they can count, and far more than a read has.
const MOST_TABULATED: u32 = 1 << 30;

/// Counts of qualities 0 to 255.
pub(super) type Counts = [u64; 256];

/// Counts qualities.
#[derive(Debug)]
pub(super) struct Levels {
    /// Levels seen so far in the task, and values that no base has in places that are free: no two are equal.
    values: [u8; MAX_LEVELS],
    /// The same, each in every lane.
    vectors: [[u8; LANES]; MAX_LEVELS],
    known: usize,
    /// How often each level occurred in each lane since these were last emptied. Together the levels of a lane occurred
    /// once a step: lanes of no base count as the first level.
    lanes: [[u8; LANES]; MAX_LEVELS],
    /// Steps since then.
    steps: usize,
    /// Lanes of no base since then.
    empty: u64,
    /// How often each level occurred before.
    counts: [u64; MAX_LEVELS],
    /// Whether there are more levels than can be compared with.
    many: bool,
    /// How often qualities occurred before, but for what the tables hold.
    totals: Box<Counts>,
    tables: Box<[[u32; 256]; 4]>,
    /// Where the machine has it, instead of `pairs`.
    batch: Option<Batch>,
    /// How often two neighbours had these qualities, in turn: equal pairs would wait for each other in one table.
    pairs: [Box<[u32; PAIRS]>; 2],
    /// Lanes of no base that count as quality 0 in `pairs` or `tables`.
    padding: u64,
    /// Lanes in `pairs` and `tables`.
    tabulated: u32,
}

impl Default for Levels {
    fn default() -> Self {
        Self {
            values: NONE,
            vectors: NONE.map(|value| [value; LANES]),
            known: 0,
            lanes: [[0; LANES]; MAX_LEVELS],
            steps: 0,
            empty: 0,
            counts: [0; MAX_LEVELS],
            many: false,
            totals: Box::new([0; 256]),
            tables: Box::new([[0; 256]; 4]),
            batch: Batch::of_this_machine(),
            pairs: [Box::new([0; PAIRS]), Box::new([0; PAIRS])],
            padding: 0,
            tabulated: 0,
        }
    }
}

impl Levels {
    /// Counts the qualities of bases, and the bases into the depth at their places: those that pass, and those that are
    /// seen. The bases are qualities, or codes under `CODES`, of which those of 0 are no level; depth must stay below 255.
    #[inline(always)]
    pub(super) fn add<V: Vectors, const CODES: bool>(
        &mut self,
        vectors: V,
        bases: Bases<'_>,
        depth: Depth<'_>,
    ) {
        let steps = bases.len().div_ceil(LANES);
        if self.known > FEW_LEVELS[1] || bases.len() > MOST {
            return dispatch(Many::<CODES> { levels: self, bases, depth });
        }
        self.begin(steps);
        let known = if self.known == FEW_LEVELS[1] {
            self.compare::<V, { FEW_LEVELS[1] }, CODES>(vectors, bases, depth)
        } else {
            self.compare::<V, { FEW_LEVELS[0] }, CODES>(vectors, bases, depth)
        };
        if !known {
            self.steps -= steps;
            self.learn::<CODES>(bases.own());
        }
    }

    /// Makes room for steps.
    #[inline(always)]
    fn begin(&mut self, steps: usize) {
        if self.steps + steps > BEFORE_OVERFLOW {
            self.empty();
        }
        self.steps += steps;
    }

    /// As [`Levels::add`], for any number of levels and of bases.
    #[inline(always)]
    fn add_many<V: Vectors, const CODES: bool>(
        &mut self,
        vectors: V,
        bases: Bases<'_>,
        depth: Depth<'_>,
    ) {
        let steps = bases.len().div_ceil(LANES);
        if self.many || steps > BEFORE_OVERFLOW {
            self.compare::<V, 0, CODES>(vectors, bases, depth);
            return match &mut self.batch {
                Some(batch) => batch.add::<V, CODES>(vectors, bases),
                None => self.tabulate_pairs::<V, CODES>(vectors, bases),
            };
        }
        self.begin(steps);
        if !self.compare::<V, MAX_LEVELS, CODES>(vectors, bases, depth) {
            self.steps -= steps;
            self.learn::<CODES>(bases.own());
        }
    }

    /// Counts the first `N` levels, or no level and says no when there are other ones; the depth in both cases.
    #[inline(always)]
    fn compare<V: Vectors, const N: usize, const CODES: bool>(
        &mut self,
        vectors: V,
        bases: Bases<'_>,
        depth: Depth<'_>,
    ) -> bool {
        let (Some(levels), Some(own)) =
            (self.vectors.first_chunk::<N>(), self.lanes.first_chunk_mut::<N>())
        else {
            return false;
        };
        let Some((wholes, last)) = bases.vectors() else { return true };
        let Depth { passing: (passing, last_passing), seen: (seen, last_seen) } = depth;
        // Before sums are in registers, which a call would empty.
        let (last, none) = last.load(vectors);
        let mut counter = Counter::<V, N, CODES>::new(vectors, levels, own);
        let mut gaps = vectors.splat(0);
        match (wholes, passing, seen) {
            // Most reads are this long: no loop.
            ([b0, b1, b2, b3], [p0, p1, p2, p3], [s0, s1, s2, s3]) if !CODES => {
                counter.add(vectors.load(b0), p0, s0);
                counter.add(vectors.load(b1), p1, s1);
                counter.add(vectors.load(b2), p2, s2);
                counter.add(vectors.load(b3), p3, s3);
            }
            (_, passing, seen) => {
                for ((chunk, passing), seen) in wholes.iter().zip(passing).zip(seen) {
                    let bases = vectors.load(chunk);
                    if CODES {
                        let none = vectors.equal(bases, vectors.splat(0));
                        gaps = vectors.sub(gaps, none);
                        counter.add_some(bases, none, (passing, seen));
                    } else {
                        counter.add(bases, passing, seen);
                    }
                }
            }
        }
        let mut empty = (LANES * (wholes.len() + 1) - bases.len()) as u64;
        if CODES {
            let none = vectors.equal(vectors.without(last, none), vectors.splat(0));
            gaps = vectors.sub(gaps, none);
            counter.add_some(last, none, (last_passing, last_seen));
            empty = sum(&vectors.store(gaps));
        } else {
            counter.add_some(last, none, (last_passing, last_seen));
        }
        let known = N > 0 && counter.sum_is(self.steps as u8);
        if known {
            counter.keep(own);
            self.empty += empty;
        }
        known
    }

    /// Moves what the lanes counted into the sums.
    #[inline(never)]
    fn empty(&mut self) {
        for (sum, lanes) in self.counts.iter_mut().zip(&mut self.lanes) {
            *sum += self::sum(lanes);
            *lanes = [0; LANES];
        }
        self.counts[0] -= std::mem::take(&mut self.empty);
        self.steps = 0;
    }

    /// Keeps levels that were not seen before; the table counts the bases themselves.
    #[cold]
    fn learn<const CODES: bool>(&mut self, bases: &[u8]) {
        self.empty();
        for &base in bases {
            let quality = quality::<CODES>(base);
            // A free place may hold the value; it stays the only one that does.
            let held = self.values.iter().position(|&own| own == quality);
            let place = held.unwrap_or(self.known);
            if place < self.known || quality == NO_BASE || (CODES && base == 0) {
                continue;
            }
            if self.known == MAX_LEVELS {
                self.many = true;
                break;
            }
            self.values.swap(place, self.known);
            self.counts.swap(place, self.known);
            // What a free place counted has the value that it held.
            let before = std::mem::take(&mut self.counts[self.known]);
            self.totals[usize::from(self.values[self.known])] += before;
            self.values[self.known] = quality;
            self.known += 1;
        }
        self.vectors = self.values.map(|value| [value; LANES]);
        for part in bases.chunks(MOST_TABULATED as usize) {
            self.make_room(part.len());
            self.tabulate::<CODES>(part);
        }
    }

    /// Before so many lanes are counted in tables.
    #[inline(always)]
    fn make_room(&mut self, lanes: usize) {
        if self.tabulated > MOST_TABULATED {
            self.empty_tables();
        }
        self.tabulated = self.tabulated.saturating_add(lanes as u32);
    }

    #[cold]
    fn empty_tables(&mut self) {
        for table in self.tables.iter_mut() {
            for (sum, count) in self.totals.iter_mut().zip(table) {
                *sum += u64::from(std::mem::take(count));
            }
        }
        for pairs in &mut self.pairs {
            for (pair, count) in pairs.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
                self.totals[pair % 64] += u64::from(*count);
                self.totals[pair / 64] += u64::from(*count);
                *count = 0;
            }
        }
        self.totals[0] -= std::mem::take(&mut self.padding);
        if let Some(batch) = &mut self.batch {
            batch.empty(&mut self.totals);
        }
        self.tabulated = 0;
    }

    /// Counts in a table: four of them, since equal neighbours would wait for each other in one.
    #[inline(always)]
    fn tabulate<const CODES: bool>(&mut self, bases: &[u8]) {
        let (all, rest) = bases.as_chunks::<4>();
        for four in all {
            for (table, &base) in self.tables.iter_mut().zip(four) {
                table[usize::from(quality::<CODES>(base))] += 1;
            }
        }
        for &base in rest {
            self.tables[0][usize::from(quality::<CODES>(base))] += 1;
        }
    }

    /// As [`Levels::tabulate`], in half as many steps.
    #[inline(always)]
    fn tabulate_pairs<V: Vectors, const CODES: bool>(&mut self, vectors: V, bases: Bases<'_>) {
        let Some((wholes, last)) = bases.vectors() else { return };
        self.make_room(LANES * (wholes.len() + 1));
        for chunk in wholes {
            self.tabulate_vector::<V, CODES>(vectors, chunk);
        }
        let (last, none) = last.load(vectors);
        self.tabulate_vector::<V, CODES>(vectors, &vectors.store(vectors.without(last, none)));
        self.padding += (LANES * (wholes.len() + 1) - bases.len()) as u64;
    }

    #[inline(always)]
    fn tabulate_vector<V: Vectors, const CODES: bool>(&mut self, vectors: V, bases: &[u8; LANES]) {
        let qualities = qualities::<V, CODES>(vectors, vectors.load(bases));
        if vectors.some(vectors.and(qualities, vectors.splat(NO_PAIR))) {
            return self.tabulate::<CODES>(bases);
        }
        let [first, second] = &mut self.pairs;
        for word in vectors.pairs(qualities) {
            first[word as usize % PAIRS] += 1;
            second[(word >> 16) as usize % PAIRS] += 1;
            first[(word >> 32) as usize % PAIRS] += 1;
            second[(word >> 48) as usize % PAIRS] += 1;
        }
    }

    /// Counts one quality, if `counts`.
    #[inline(always)]
    pub(super) fn one(&mut self, quality: u8, counts: bool) {
        self.totals[usize::from(quality)] += u64::from(counts);
    }

    /// Forgets the levels of a task: those of the next one may be others, and fewer.
    pub(super) fn end_task(&mut self) {
        self.empty();
        for (level, count) in self.values.iter().zip(&mut self.counts) {
            self.totals[usize::from(*level)] += std::mem::take(count);
        }
        (self.values, self.vectors) = (NONE, NONE.map(|value| [value; LANES]));
        (self.known, self.many) = (0, false);
    }

    /// All counts so far.
    pub(super) fn finish(mut self) -> Box<Counts> {
        self.end_task();
        self.empty_tables();
        self.totals
    }
}

/// Bases of many levels.
struct Many<'a, const CODES: bool> {
    levels: &'a mut Levels,
    bases: Bases<'a>,
    depth: Depth<'a>,
}

impl<const CODES: bool> Task for Many<'_, CODES> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        self.levels.add_many::<V, CODES>(vectors, self.bases, self.depth);
    }
}

/// The sum of all lanes, four at once in a word: below 2^16.
#[inline(always)]
pub(super) fn sum(lanes: &[u8; LANES]) -> u64 {
    const ONES: u64 = 0x0001_0001_0001_0001;
    const EVERY_OTHER: u64 = 0x00ff_00ff_00ff_00ff;
    let words = lanes.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
    let pairs: u64 = words.map(|word| (word & EVERY_OTHER) + ((word >> 8) & EVERY_OTHER)).sum();
    pairs.wrapping_mul(ONES) >> 48
}

/// The quality of a base, or of its code.
#[inline(always)]
fn quality<const CODES: bool>(base: u8) -> u8 {
    if CODES { base & !PASSES } else { base }
}

/// As [`quality`], of a vector.
#[inline(always)]
pub(super) fn qualities<V: Vectors, const CODES: bool>(vectors: V, bases: V::Bytes) -> V::Bytes {
    if CODES { vectors.and(bases, vectors.splat(!PASSES)) } else { bases }
}

/// Counts vectors by `N` levels.
struct Counter<V: Vectors, const N: usize, const CODES: bool> {
    vectors: V,
    levels: [V::Bytes; N],
    sums: [V::Bytes; N],
}

impl<V: Vectors, const N: usize, const CODES: bool> Counter<V, N, CODES> {
    #[inline(always)]
    fn new(vectors: V, values: &[[u8; LANES]; N], before: &[[u8; LANES]; N]) -> Self {
        let (mut levels, mut sums) = ([vectors.splat(0); N], [vectors.splat(0); N]);
        for i in 0..N {
            (levels[i], sums[i]) = (vectors.load(&values[i]), vectors.load(&before[i]));
        }
        Self { vectors, levels, sums }
    }

    /// Counts a vector of bases.
    #[inline(always)]
    fn add(&mut self, bases: V::Bytes, passing: &mut [u8; LANES], seen: &mut [u8; LANES]) {
        let qualities = qualities::<V, CODES>(self.vectors, bases);
        self.count(qualities);
        self.mark(bases, qualities, (passing, seen));
    }

    /// Counts those bases of a vector that are not under ones.
    #[inline(always)]
    fn add_some(
        &mut self,
        bases: V::Bytes,
        none: V::Bytes,
        depth: (&mut [u8; LANES], &mut [u8; LANES]),
    ) {
        let vectors = self.vectors;
        // Zeros, which neither pass nor are seen, and in their place what is no level.
        let bases = vectors.without(bases, none);
        let qualities = qualities::<V, CODES>(vectors, bases);
        self.mark(bases, qualities, depth);
        self.count(vectors.or(qualities, none));
        if let Some(first) = self.sums.first_mut() {
            *first = vectors.sub(*first, none);
        }
    }

    #[inline(always)]
    fn count(&mut self, qualities: V::Bytes) {
        for (sum, level) in self.sums.iter_mut().zip(self.levels) {
            *sum = self.vectors.sub(*sum, self.vectors.equal(qualities, level));
        }
    }

    /// Counts bases into the depth. Qualities from 128 on do not exist; as signed bytes they are below every threshold.
    #[inline(always)]
    fn mark(
        &self,
        bases: V::Bytes,
        qualities: V::Bytes,
        (passing, seen): (&mut [u8; LANES], &mut [u8; LANES]),
    ) {
        let vectors = self.vectors;
        let passes = if CODES {
            vectors.above(vectors.splat(0), bases)
        } else {
            vectors.above(bases, vectors.splat(MIN_BASE_QUALITY - 1))
        };
        let counts = vectors.above(qualities, vectors.splat(UNFILTERED_ABOVE as u8));
        *passing = vectors.store(vectors.sub(vectors.load(passing), passes));
        *seen = vectors.store(vectors.sub(vectors.load(seen), counts));
    }

    /// Whether in every lane the levels together occurred so often: once a step, where each base is of a level.
    #[inline(always)]
    fn sum_is(&self, steps: u8) -> bool {
        let mut left = self.vectors.splat(steps);
        for sum in self.sums {
            left = self.vectors.sub(left, sum);
        }
        !self.vectors.some(left)
    }

    #[inline(always)]
    fn keep(&self, lanes: &mut [[u8; LANES]; N]) {
        for (lanes, sum) in lanes.iter_mut().zip(self.sums) {
            *lanes = self.vectors.store(sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::vectors::Portable;
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn counts_are_those_of_one_base_after_the_other(
            few in prop::collection::vec(prop::sample::select(vec![2_u8, 11, 25, 37]), 0..20_000),
            many in prop::collection::vec(0_u8..94, 0..6000),
            most in prop::sample::select(vec![47_u8, 63, 93]),
            length in prop_oneof![5 => 1_usize..300, 1 => 1_usize..3000],
            by_bits in any::<bool>(),
        ) {
            let mut levels = Levels::default();
            // As on machines that have it or not.
            levels.batch = levels.batch.filter(|_| by_bits);
            let many: Vec<u8> = many.iter().map(|&quality| quality.min(most)).collect();
            let mut expected = [0; 256];
            // Values that free places hold, which are none of a real base.
            let odd = [255, 250];
            let all: Vec<u8> = odd.iter().chain(&few).chain(&many).copied().collect();
            let mut depth = [vec![0; 3100], vec![0; 3100]];
            let mut marked = [vec![0; 3100], vec![0; 3100]];
            for (i, read) in all.chunks(length).enumerate() {
                let [passing, seen] = &mut depth;
                let codes: Vec<u8> = read.iter().map(|q| q & !PASSES | q << 7).collect();
                let as_codes = i % 3 == 0;
                if as_codes {
                    let bases = Bases::first_of(&codes, read.len()).unwrap();
                    let depth = Depth::of(bases, (passing, seen), 0).unwrap();
                    levels.add::<_, true>(Portable, bases, depth);
                } else {
                    let bases = Bases::first_of(&all[i * length..], read.len()).unwrap();
                    let depth = Depth::of(bases, (passing, seen), 0).unwrap();
                    levels.add::<_, false>(Portable, bases, depth);
                }
                for (at, &q) in read.iter().enumerate() {
                    let plain = if as_codes { q & !PASSES } else { q };
                    expected[usize::from(plain)] += 1;
                    marked[0][at] += u8::from(if as_codes { q & 1 == 1 } else { (20..128).contains(&q) });
                    marked[1][at] += u8::from((3..128).contains(&plain));
                }
                if i % 200 == 0 {
                    prop_assert_eq!(&depth, &marked);
                    depth.iter_mut().chain(&mut marked).for_each(|depth| depth.fill(0));
                }
            }
            prop_assert_eq!(&depth, &marked);
            levels.one(7, true);
            levels.one(8, false);
            expected[7] += 1;
            // Codes of 0 are no bases, and do not always count.
            prop_assert_eq!(&levels.finish()[1..], &expected[1..]);
        }
    }
}
