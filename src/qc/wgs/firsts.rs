//! The first bases at each position near a task's begin: those that depth counts up to the cap.

use super::kept::Link;
use super::segments::PASSES;
use super::{COVERAGE_CAP, NEAR_BP, UNFILTERED_ABOVE};

/// Bases of a position that may be in the unfiltered depth.
const MOST: usize = COVERAGE_CAP as usize;

/// Qualities of the first bases in the unfiltered depth, position by position, in file order.
#[derive(Debug, Default)]
pub(super) struct Firsts {
    /// How many each position has.
    many: Vec<u8>,
    /// Room for [`MOST`] of each position.
    qualities: Vec<u8>,
}

impl Firsts {
    /// Adds the next read, by its codes, of a stretch that starts at `first`.
    pub(super) fn add(&mut self, first: u32, (link, codes): (&Link, &[u8])) {
        let at = link.start.saturating_sub(first) as usize;
        // No read of an earlier task reaches farther.
        let positions = self.many.len().max((at + codes.len()).min(NEAR_BP as usize));
        self.many.resize(positions, 0);
        self.qualities.resize(positions * MOST, 0);
        let rooms = self.qualities.chunks_mut(MOST).skip(at);
        for ((many, room), code) in self.many.iter_mut().skip(at).zip(rooms).zip(codes) {
            let quality = code & !PASSES;
            if let Some(place) = room.get_mut(usize::from(*many))
                && quality as i8 > UNFILTERED_ABOVE
            {
                (*place, *many) = (quality, *many + 1);
            }
        }
    }

    /// The qualities of one position after the other, from the first position of the stretch on.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let all = self.many.iter().zip(self.qualities.chunks(MOST));
        all.map(|(&many, room)| room.get(..usize::from(many)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bases_are_those_up_to_the_cap() {
        let mut firsts = Firsts::default();
        for read in 0..600_u32 {
            // Every third base is in no depth, and every read begins one position behind the one before for a while.
            let start = 100 + read.min(4);
            let quality = (read % 60 + 3) as u8;
            let link = Link { start, end: start + 3, ..Link::default() };
            firsts.add(100, (&link, &[quality, 2, quality | PASSES]));
        }
        let found: Vec<&[u8]> = firsts.iter().collect();
        assert_eq!(found.len(), 7);
        let quality = |read: u32| (read % 60 + 3) as u8;
        assert_eq!(found[..4], [&[3][..], &[4], &[3, 5], &[4, 6]]);
        let last: Vec<u8> = (4..4 + 250).map(quality).collect();
        assert_eq!(found[6], last);
        let both: Vec<u8> = std::iter::once(quality(2)).chain((4..4 + 249).map(quality)).collect();
        assert_eq!(found[4], both);
        assert_eq!(found[5], [quality(3)]);
    }
}
