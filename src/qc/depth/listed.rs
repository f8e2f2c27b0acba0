//! Changes of depth as a list: those of a track that few reads change, where dense arrays would be mostly zeros, and those
//! that lie far from dense arrays.

/// Changes that are listed before they are settled for the first time.
const UNSETTLED: usize = 1 << 16;

/// Positions where depth changes, and by how much.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// Sorted, one a position and none of zero after [`Listed::settle`].
    changes: Vec<(u32, i32)>,
    /// Others, such as where reads end: nearly in order among themselves, as their starts are.
    ends: Vec<(u32, i32)>,
    /// How many there were when they were settled last.
    settled: usize,
}

impl Listed {
    /// Adds 1 over `start..end`.
    #[inline]
    pub(super) fn add_read(&mut self, start: u32, end: u32) {
        self.changes.push((start, 1));
        self.ends.push((end, -1));
        // However many reads lie in one place, what is listed follows the positions.
        if self.ends.len() >= UNSETTLED.max(self.settled) {
            self.settle();
        }
    }

    /// Adds 1 over each of these stretches.
    pub(super) fn add_blocks(&mut self, blocks: &[(u32, u32)]) {
        for &(start, end) in blocks {
            self.add_read(start, end);
        }
    }

    /// Notes a change.
    pub(super) fn add(&mut self, position: u32, change: i32) {
        self.changes.push((position, change));
    }

    /// Brings the changes in order.
    #[cold]
    pub(super) fn settle(&mut self) {
        self.changes.append(&mut self.ends);
        // Stable, since that merges what is sorted already.
        self.changes.sort_by_key(|&(position, _)| position);
        self.changes.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        self.changes.retain(|&(_, change)| change != 0);
        self.settled = self.changes.len();
    }

    /// In ascending order of position. After [`Listed::settle`].
    pub(super) fn changes(&self) -> &[(u32, i32)] {
        &self.changes
    }

    /// The sum of all changes.
    pub(super) fn total(&self) -> i64 {
        self.changes.iter().chain(&self.ends).map(|&(_, change)| i64::from(change)).sum()
    }

    /// Takes out every change at or after `position`. After [`Listed::settle`].
    pub(super) fn split_off(&mut self, position: u32) -> Self {
        let keep = self.changes.partition_point(|change| change.0 < position);
        Self { changes: self.changes.split_off(keep), ..Self::default() }
    }

    /// All changes; in order after [`Listed::settle`].
    pub(super) fn into_changes(self) -> Vec<(u32, i32)> {
        let Self { mut changes, mut ends, .. } = self;
        changes.append(&mut ends);
        changes
    }

    /// Adds the changes of another list, and settles.
    pub(super) fn absorb(&mut self, other: Self) {
        self.ends.append(&mut other.into_changes());
        self.settle();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn memory_follows_positions_not_reads() {
        let mut all = Listed::default();
        for i in 0..40 * UNSETTLED as u32 {
            all.add_read(i >> 12, (i >> 12) + 150);
        }
        assert!(all.changes.capacity().max(all.ends.capacity()) <= 4 * UNSETTLED);
        all.settle();
        let each = 1 << 12;
        let (first, last) = (all.changes()[0], *all.changes().last().unwrap());
        assert_eq!((first, last), ((0, each), (40 * (1 << 4) + 149, -each)));
    }

    proptest! {
        #[test]
        fn changes_are_those_of_dense_depth(
            reads in prop::collection::vec((0_u32..200, 0_u32..60), 0..80),
            singles in prop::collection::vec((0_u32..260, -2_i32..3), 0..10),
            cut in 0_u32..280,
        ) {
            let (mut all, mut dense) = (Listed::default(), [0_i32; 300]);
            for &(start, length) in &reads {
                all.add_read(start, start + length);
                dense[start as usize] += 1;
                dense[(start + length) as usize] -= 1;
            }
            for &(position, by) in &singles {
                all.add(position, by);
                dense[position as usize] += by;
            }
            let total = singles.iter().map(|&(_, by)| i64::from(by)).sum::<i64>();
            prop_assert_eq!(all.total(), total);
            all.settle();
            let expected: Vec<(u32, i32)> =
                (0..).zip(dense).filter(|&(_, change)| change != 0).collect();
            prop_assert_eq!(all.changes(), &expected[..]);
            let behind = all.split_off(cut);
            prop_assert!(all.changes().iter().all(|change| change.0 < cut));
            prop_assert!(behind.changes().iter().all(|change| change.0 >= cut));
            prop_assert_eq!(all.total() + behind.total(), total);
            all.absorb(behind);
            prop_assert_eq!(all.changes(), &expected[..]);
        }
    }
}
