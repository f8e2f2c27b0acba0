//! In which cycles of the sequencer reads differ from the reference, for reads of one length that align from end to end:
//! whole vectors are compared and added up, with nothing to guess for each difference. Other reads are for who asks.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched function is compiled for the machine's vectors"
)]

use super::lanes::{self, LANES};

/// Reads by the cycles in which they differ.
#[derive(Debug, Default)]
pub(super) struct Cycles {
    /// Bases of the reads: those of the first one that was added.
    bases: usize,
    /// Forward and reverse reads.
    strands: [Strand; 2],
}

/// Reads of one strand.
#[derive(Debug, Default)]
struct Strand {
    /// Reads since the lanes were last emptied.
    reads: u8,
    /// For each byte of packed bases how many of these differ in the first and in the second base.
    lanes: [Vec<u8>; 2],
    /// The same of the last bytes, behind the last whole vector, in lanes of their own: what was just written cannot be
    /// read again at once where it lies across.
    last: [[u8; LANES]; 2],
    /// Reads that differ, by base, before.
    differing: Vec<u64>,
}

impl Cycles {
    /// Counts a read of this many bases in, packed two a byte, with the reference under it; false for a read of another
    /// length than the first one that was added, which is left out.
    #[inline(always)]
    pub(super) fn add(
        &mut self,
        reverse: bool,
        bases: usize,
        (own, under): (&[u8], &[u8]),
    ) -> bool {
        if bases != self.bases {
            if self.bases != 0 {
                return false;
            }
            self.begin(bases);
        }
        self.strands[usize::from(reverse)].add(bases, own, under);
        true
    }

    #[cold]
    fn begin(&mut self, bases: usize) {
        self.bases = bases;
        for strand in &mut self.strands {
            strand.lanes = std::array::from_fn(|_| vec![0; bases.div_ceil(2).max(LANES)]);
            strand.differing = vec![0; bases];
        }
    }

    /// Calls `each` with every 1-based cycle and the reads that differ in it.
    pub(super) fn each(&self, mut each: impl FnMut(usize, u64)) {
        for (strand, reverse) in self.strands.iter().zip([false, true]) {
            for (base, &differing) in strand.differing.iter().enumerate() {
                let cycle = if reverse { self.bases - base } else { base + 1 };
                each(cycle, differing + strand.waiting(self.bases, base));
            }
        }
    }
}

impl Strand {
    #[inline(always)]
    fn add(&mut self, bases: usize, own: &[u8], under: &[u8]) {
        if self.reads == u8::MAX {
            self.empty();
        }
        self.reads += 1;
        let whole = bases / 2;
        let (Some(own_whole), Some(under_whole)) = (own.get(..whole), under.get(..whole)) else {
            return;
        };
        let [first, second] = &mut self.lanes;
        let lanes = first.as_chunks_mut::<LANES>().0.iter_mut();
        let lanes = lanes.zip(second.as_chunks_mut::<LANES>().0);
        let chunks =
            own_whole.as_chunks::<LANES>().0.iter().zip(under_whole.as_chunks::<LANES>().0);
        for ((own, under), (first, second)) in chunks.zip(lanes) {
            step(own, under, first, second);
        }
        if let (Some(own), Some(under)) = (lanes::rest(own_whole), lanes::rest(under_whole)) {
            let [first, second] = &mut self.last;
            step(&own, &under, first, second);
        }
        if bases % 2 == 1
            && let (Some(own), Some(under)) = (own.get(whole), under.get(whole))
            && let Some(last) = first.get_mut(whole)
        {
            *last += u8::from((own ^ under) >> 4 != 0);
        }
    }

    /// Reads of so many bases that differ in a base since the lanes were last emptied.
    fn waiting(&self, bases: usize, base: usize) -> u64 {
        let (whole, byte) = (bases / 2, base / 2);
        let lane = self.lanes[base % 2].get(byte).copied().unwrap_or(0);
        let last = byte.checked_sub(whole.saturating_sub(LANES)).filter(|_| byte < whole);
        let last = last.and_then(|lane| self.last[base % 2].get(lane)).copied().unwrap_or(0);
        u64::from(lane) + u64::from(last)
    }

    #[cold]
    fn empty(&mut self) {
        for base in 0..self.differing.len() {
            self.differing[base] += self.waiting(self.differing.len(), base);
        }
        self.lanes.iter_mut().for_each(|lanes| lanes.fill(0));
        self.last = [[0; LANES]; 2];
        self.reads = 0;
    }
}

#[inline(always)]
fn step(own: &[u8; LANES], under: &[u8; LANES], first: &mut [u8; LANES], second: &mut [u8; LANES]) {
    for lane in 0..LANES {
        let bits = own[lane] ^ under[lane];
        first[lane] += u8::from(bits >= 0x10);
        second[lane] += u8::from(bits & 0xf != 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cycles_are_those_of_one_base_after_the_other(
            bases in 1_usize..200,
            reads in prop::collection::vec((any::<bool>(), any::<u64>()), 1..700),
        ) {
            let mut cycles = Cycles::default();
            let mut expected = vec![0; bases + 1];
            for (reverse, seed) in reads {
                // About one base in four differs.
                let under: Vec<u8> = (0..bases).map(|i| 1 << ((seed >> (i % 60)) & 3)).collect();
                let own: Vec<u8> = (0..bases).map(|i| if seed.rotate_left(i as u32).is_multiple_of(4) { 15 } else { under[i] }).collect();
                for i in (0..bases).filter(|&i| own[i] != under[i]) {
                    expected[if reverse { bases - i } else { i + 1 }] += 1;
                }
                let pack = |codes: &[u8], behind: u8| -> Vec<u8> {
                    codes.chunks(2).map(|two| two[0] << 4 | two.get(1).unwrap_or(&behind)).collect()
                };
                // Behind the last base the reference goes on.
                prop_assert!(cycles.add(reverse, bases, (&pack(&own, 0), &pack(&under, 8))));
                prop_assert!(!cycles.add(reverse, bases + 1, (&[0; 101], &[0; 101])));
            }
            let mut found = vec![0; bases + 1];
            cycles.each(|cycle, reads| found[cycle] += reads);
            prop_assert_eq!(found, expected);
        }
    }
}
