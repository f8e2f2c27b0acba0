//! In which cycles of the sequencer reads differ from the reference, for reads of one length: whole vectors of aligned
//! bases are compared and added up, with nothing to guess for each difference. Other reads are for who asks.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use super::compare::Codes;
use super::lanes::{self, LANES};
use super::vectors::Vectors;

/// The longest reads whose cycles are counted in vectors: of longer ones hardly two are equally long.
const MOST_BASES: usize = 1 << 12;
/// Stretches that are added up in bytes before these are emptied.
const MOST: u8 = u8::MAX;
/// Half bytes of a vector.
const HALVES: usize = 2 * LANES;

/// Reads by the cycles in which they differ from the reference or have an N.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    /// Bases of the reads: those of the first one that was added.
    bases: usize,
    /// Stretches of forward and reverse reads, and those of both that begin with the second half of a byte.
    kinds: [Kind; 4],
}

/// Stretches of one strand that begin alike.
#[derive(Debug, Default)]
struct Kind {
    /// Stretches since the lanes were last emptied.
    stretches: u8,
    /// For each byte of packed bases 256 less than how many of these differ in the first and in the second base.
    lanes: [Vec<u8>; 2],
    /// Stretches that differ, by half byte, before.
    differing: Vec<u64>,
}

impl Cycles {
    /// Counts an aligned stretch of a read of so many bases in, whose cycles are counted from the stretch's first base; false
    /// for a read of another length than the first one that was added, or of more than [`MOST_BASES`], and for a stretch
    /// that is followed by too few bytes, which are left out.
    #[inline(always)]
    pub(super) fn add<V: Vectors>(
        &mut self,
        vectors: V,
        (reverse, bases): (bool, usize),
        codes: &Codes<'_>,
    ) -> bool {
        if bases != self.bases {
            if self.bases != 0 || bases > MOST_BASES {
                return false;
            }
            self.begin(bases);
        }
        let kind = usize::from(reverse) + 2 * codes.skipped;
        let Some(kind) = self.kinds.get_mut(kind) else { return false };
        codes.halves <= bases && kind.add(vectors, codes)
    }

    #[cold]
    fn begin(&mut self, bases: usize) {
        self.bases = bases;
        for kind in &mut self.kinds {
            kind.lanes = std::array::from_fn(|_| vec![0; bases.div_ceil(HALVES) * LANES]);
            kind.differing = vec![0; bases];
        }
    }

    /// Calls `each` with every 1-based cycle and the stretches that differ in it.
    pub(super) fn each(&self, mut each: impl FnMut(usize, u64)) {
        for (number, kind) in self.kinds.iter().enumerate() {
            let (reverse, skipped) = (number % 2 == 1, number / 2);
            for (half, &differing) in kind.differing.iter().enumerate().skip(skipped) {
                let offset = half - skipped;
                let cycle = if reverse { self.bases - offset } else { offset + 1 };
                each(cycle, differing + kind.waiting(half));
            }
        }
    }
}

impl Kind {
    #[inline(always)]
    fn add<V: Vectors>(&mut self, vectors: V, codes: &Codes<'_>) -> bool {
        let (whole, left) = (codes.halves / HALVES, codes.halves % HALVES);
        let bytes = (whole + usize::from(left > 0)) * LANES;
        let (Some(own), Some(under)) = (codes.own.get(..bytes), codes.under.get(..bytes)) else {
            return false;
        };
        if self.stretches == MOST {
            self.empty();
        }
        self.stretches += 1;
        let step = Step { vectors, no_calls: codes.no_calls };
        let [first, second] = &mut self.lanes;
        let both = first.as_chunks_mut().0.iter_mut().zip(second.as_chunks_mut().0);
        let mut steps = own.as_chunks().0.iter().zip(under.as_chunks().0).zip(both);
        let none = vectors.splat(0);
        for (codes, lanes) in steps.by_ref().take(whole) {
            step.add(codes, lanes, [none; 2]);
        }
        if let Some((codes, lanes)) = steps.next() {
            let behind =
                |many: usize| lanes::ones_from(many).map_or(none, |ones| vectors.load(ones));
            step.add(codes, lanes, [behind(left.div_ceil(2)), behind(left / 2)]);
        }
        true
    }

    /// Stretches that differ in a half byte since the lanes were last emptied.
    fn waiting(&self, half: usize) -> u64 {
        self.lanes[half % 2].get(half / 2).map_or(0, |&lane| u64::from(lane.wrapping_neg()))
    }

    #[cold]
    fn empty(&mut self) {
        for half in 0..self.differing.len() {
            self.differing[half] += self.waiting(half);
        }
        self.lanes.iter_mut().for_each(|lanes| lanes.fill(0));
        self.stretches = 0;
    }
}

/// How a vector is added up.
#[derive(Clone, Copy)]
struct Step<V> {
    vectors: V,
    no_calls: bool,
}

impl<V: Vectors> Step<V> {
    /// Takes one off the lanes of each half byte that differs. What lies `behind` the last ones does not.
    #[inline(always)]
    fn add(
        self,
        (own, under): (&[u8; LANES], &[u8; LANES]),
        (first, second): (&mut [u8; LANES], &mut [u8; LANES]),
        behind: [V::Bytes; 2],
    ) {
        let Self { vectors, no_calls } = self;
        let (own, under) = (vectors.load(own), vectors.load(under));
        for ((lanes, half), behind) in [first, second].into_iter().zip([0xf0, 0xf]).zip(behind) {
            let half = vectors.splat(half);
            let (own, under) = (vectors.and(own, half), vectors.and(under, half));
            let mut equal = vectors.equal(own, under);
            if no_calls {
                equal = vectors.sub(equal, vectors.and(equal, vectors.equal(own, half)));
            }
            let equal = vectors.or(equal, behind);
            let more = vectors.sub(vectors.load(lanes), equal);
            *lanes = vectors.store(vectors.sub(more, vectors.splat(1)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{Portable, Task, dispatch};
    use super::*;
    use proptest::prelude::*;

    struct Add<'a>(&'a mut Cycles, (bool, usize), Codes<'a>);

    impl Task for Add<'_> {
        type Output = bool;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> bool {
            self.0.add(vectors, self.1, &self.2)
        }
    }

    proptest! {
        #[test]
        fn cycles_are_those_of_one_base_after_the_other(
            bases in 1_usize..200,
            stretches in prop::collection::vec((any::<bool>(), any::<u64>(), 0_usize..200), 1..1100),
            no_calls in any::<bool>(),
        ) {
            let (mut cycles, mut portable) = (Cycles::default(), Cycles::default());
            let mut expected = vec![0; bases + 1];
            for (reverse, seed, from) in stretches {
                let (from, to) = (from.min(bases), bases - seed as usize % (bases - from.min(bases) + 1));
                // About one base in four differs, and some are N in both.
                let under: Vec<u8> = (0..bases + HALVES)
                    .map(|i| if (seed >> (i % 50)) & 31 == 7 { 15 } else { 1 << ((seed >> (i % 60)) & 3) })
                    .collect();
                let differs = |i: usize| seed.rotate_left(i as u32).is_multiple_of(4);
                let own: Vec<u8> = under.iter().enumerate()
                    .map(|(i, &code)| if differs(i) { 5 } else { code })
                    .collect();
                for i in (from..to).filter(|&i| own[i] != under[i] || own[i] == 15 && no_calls) {
                    expected[if reverse { bases - (i - from) } else { i - from + 1 }] += 1;
                }
                let skipped = from % 2;
                let pack = |codes: &[u8]| -> Vec<u8> {
                    codes[from - skipped..].chunks(2).map(|two| two[0] << 4 | two.get(1).unwrap_or(&0)).collect()
                };
                let (own, under) = (pack(&own), pack(&under));
                let codes = Codes { skipped, halves: to - from + skipped, no_calls, own: &own, under: &under };
                prop_assert!(cycles.bases == 0 || !dispatch(Add(&mut cycles, (reverse, bases + 1), codes)));
                prop_assert!(dispatch(Add(&mut cycles, (reverse, bases), codes)));
                prop_assert!(Add(&mut portable, (reverse, bases), codes).run(Portable));
                let short = Codes { own: &[0; LANES - 1], ..codes };
                prop_assert!(codes.halves == 0 || !dispatch(Add(&mut cycles, (reverse, bases), short)));
            }
            for cycles in [cycles, portable] {
                let mut found = vec![0; bases + 1];
                cycles.each(|cycle, reads| found[cycle] += reads);
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
