//! The ends of regions that are sorted by their starts, so that those which reach beyond a place are found without a walk
//! over the others: one region as long as its contig would otherwise hold all of them up.

/// Entries that one entry of the next level stands for.
const FAN: usize = 16;

/// The ends, and above them levels in which each entry is the greatest of [`FAN`] of the level below.
#[derive(Clone, Debug, Default)]
pub(super) struct Ends {
    levels: Vec<Vec<u32>>,
}

impl Ends {
    pub(super) fn new(ends: Vec<u32>) -> Self {
        let mut levels = vec![ends];
        while let Some(below) = levels.last().filter(|below| below.len() > FAN) {
            let above = below.chunks(FAN).map(|part| part.iter().copied().max().unwrap_or(0));
            levels.push(above.collect());
        }
        Self { levels }
    }

    /// The regions before number `until` that end behind `place`, in their order.
    pub(super) fn beyond(&self, place: u32, until: usize) -> impl Iterator<Item = usize> + '_ {
        let mut from = 0;
        std::iter::from_fn(move || {
            let found = self.next(from, place).filter(|&found| found < until)?;
            from = found + 1;
            Some(found)
        })
    }

    /// The first region from number `i` on that ends behind `place`.
    fn next(&self, mut i: usize, place: u32) -> Option<usize> {
        let (mut level, mut climbs) = (0, true);
        loop {
            while climbs && i.is_multiple_of(FAN) && level + 1 < self.levels.len() {
                i /= FAN;
                level += 1;
            }
            climbs = *self.levels.get(level)?.get(i)? <= place;
            if climbs {
                i += 1;
            } else if level == 0 {
                return Some(i);
            } else {
                i *= FAN;
                level -= 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn those_beyond_a_place_are_found_as_by_a_walk(
            mut ends in prop::collection::vec(0_u32..50, 0..700),
            long in prop::collection::vec((0_usize..700, 50_u32..200), 0..4),
            place in 0_u32..200,
            until in 0_usize..720,
        ) {
            for (at, end) in long {
                if let Some(own) = ends.get_mut(at) {
                    *own = end;
                }
            }
            let walk = ends.iter().enumerate().take(until).filter(|(_, end)| **end > place);
            let walked: Vec<usize> = walk.map(|(i, _)| i).collect();
            let found: Vec<usize> = Ends::new(ends.clone()).beyond(place, until).collect();
            prop_assert_eq!(found, walked);
        }
    }
}
