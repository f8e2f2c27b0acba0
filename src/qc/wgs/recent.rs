//! Whether depth may pass the cap at the start of a read, without looking at depth: only where the read that came about
//! as many reads ago as the cap may still reach.

#![allow(clippy::inline_always, reason = "a few instructions, called once a read that counts")]

use super::COVERAGE_CAP;

/// Reads from one mark to the next.
const STEP: u32 = 15;
/// Marks that are kept. The oldest is the start of a read that came less than `STEP * MARKS` reads ago.
const MARKS: usize = 16;

const _: () = assert!(STEP as usize * MARKS <= COVERAGE_CAP as usize);

/// Starts of reads that count, now and then one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    marks: [u32; MARKS],
    /// The mark that is replaced next.
    oldest: usize,
    /// Reads until then.
    left: u32,
    /// The longest read of the contig so far, or that may come, bp.
    longest: u32,
    /// Where the reads up to the oldest mark have ended.
    ended: u32,
}

impl Recent {
    /// No read of the contig so far is longer, bp.
    pub(super) fn longest(&self) -> u32 {
        self.longest
    }

    /// Notes a read of some length, bp; starts must not decrease. Says whether depth may pass the cap from its start on.
    /// Marks of another contig at worst say so in vain.
    #[inline(always)]
    pub(super) fn note(&mut self, start: u32, length: u32) -> bool {
        self.expect(length);
        let deep = !self.note_thin(start);
        self.left -= u32::from(deep);
        deep
    }

    /// Reads of this length, bp, may come.
    pub(super) fn expect(&mut self, length: u32) {
        if length > self.longest {
            self.longest = length;
            self.look();
        }
    }

    /// As [`Recent::note`] for a read of an expected length, when depth surely does not pass the cap; otherwise says no and
    /// notes nothing.
    #[inline(always)]
    pub(super) fn note_thin(&mut self, start: u32) -> bool {
        if self.left == 0 {
            self.turn(start);
        }
        if start < self.ended {
            return false;
        }
        self.left -= 1;
        true
    }

    /// Replaces the oldest mark.
    #[inline(never)]
    fn turn(&mut self, start: u32) {
        self.marks[self.oldest] = start;
        self.oldest = (self.oldest + 1) % MARKS;
        self.left = STEP;
        self.look();
    }

    fn look(&mut self) {
        self.ended = self.marks[self.oldest].saturating_add(self.longest);
    }

    /// Another contig begins.
    pub(super) fn clear(&mut self) {
        self.longest = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn where_depth_passes_the_cap_it_was_said(
            reads in prop::collection::vec((0_u32..3, 1_u32..200, any::<bool>()), 1..3000),
        ) {
            let mut recent = Recent::default();
            let mut depth = vec![0_u32; 9000];
            let mut start = 0;
            for (step, length, expected) in reads {
                start += step;
                let mut thin = false;
                if expected {
                    recent.expect(length);
                    thin = recent.note_thin(start);
                }
                let deep = !thin && recent.note(start, length);
                prop_assert!(deep || thin || !expected);
                for depth in &mut depth[start as usize..(start + length) as usize] {
                    *depth += 1;
                    prop_assert!(deep || *depth <= u32::from(COVERAGE_CAP));
                }
            }
        }

        #[test]
        fn thin_depth_is_not_deep(length in 1_u32..500) {
            let mut recent = Recent::default();
            let deep: Vec<bool> = (0..2000).map(|i| recent.note(i * 3, length)).collect();
            prop_assert!(!deep[STEP as usize * MARKS..].contains(&true));
        }
    }
}
