//! Records of a block that are like most: what metrics sum up over them is summed up once, for all of those that no metric
//! tells apart.

use super::read::flag;
use super::read_block::QualitySums;

/// Least mapping quality of a read that is surely placed: Picard's, for high quality alignments (2.27.5).
pub const SURE_MAPQ: u8 = 20;

/// Sums over base qualities, each in four parts: so vectors hold them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QualityParts {
    /// Parts of the sum of the phred values.
    pub sum: [u64; 4],
    /// Parts of the number of bases with a quality of at least 20.
    pub q20: [u64; 4],
    /// Parts of the number of bases with a quality of at least 30.
    pub q30: [u64; 4],
}

impl QualityParts {
    /// Counts one read in.
    #[inline]
    pub fn add(&mut self, read: QualitySums) {
        self.sum[0] += u64::from(read.sum);
        self.q20[0] += u64::from(read.q20);
        self.q30[0] += u64::from(read.q30);
    }

    /// The sum of the phred values.
    pub fn sum(&self) -> u64 {
        self.sum.iter().sum()
    }

    /// The number of bases with a quality of at least 20.
    pub fn q20(&self) -> u64 {
        self.q20.iter().sum()
    }

    /// The number of bases with a quality of at least 30.
    pub fn q30(&self) -> u64 {
        self.q30.iter().sum()
    }
}

/// Sums over the plain records of a block that have the same flags and are, or are not, surely placed.
///
/// A record is plain when it is aligned from end to end as one `M`, its mate is said to lie on the same contig, it has as
/// many bases as [`ReadGroups::bases`], knows all of its bases and qualities, and has none of the tags `OQ`, `SA` and
/// `XN`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadGroup {
    /// The defined bits of the flags.
    pub flags: u16,
    /// Whether the mapping quality is at least [`SURE_MAPQ`].
    pub sure: bool,
    /// Records; above 0.
    pub reads: u64,
    /// Sum of the mapping qualities.
    pub mapq: u64,
    /// Records with mapping quality 0.
    pub mapq0: u64,
    /// Records whose mate's mapping quality, the tag `MQ`, is missing or is, as their own, at least [`SURE_MAPQ`].
    pub sure_pairs: u64,
    /// Sum of the tags `NM`.
    pub edit_distance: u64,
    /// Bases that differ from the reference, when that was asked for.
    pub mismatches: u64,
    /// The farthest 0-based end (exclusive) of an aligned stretch.
    pub farthest: u32,
    /// Over all bases, which are all aligned.
    pub quality: QualityParts,
}

/// The groups of one block.
#[derive(Debug)]
pub struct ReadGroups {
    bases: u32,
    groups: Vec<ReadGroup>,
    /// Places of the records of no group, ascending.
    others: Vec<u32>,
    /// For each flags and sureness the 1-based number of the group; 0 for none.
    numbers: Box<[u16; 2 * flag::VALUES]>,
}

impl Default for ReadGroups {
    fn default() -> Self {
        Self {
            bases: 0,
            groups: Vec::new(),
            others: Vec::new(),
            numbers: Box::new([0; 2 * flag::VALUES]),
        }
    }
}

impl ReadGroups {
    /// Empties the groups, for plain records of this many bases; with 0 none is plain.
    pub fn begin(&mut self, bases: u32) {
        self.bases = bases;
        self.others.clear();
        for group in self.groups.drain(..) {
            self.numbers[place(group.flags, group.sure)] = 0;
        }
    }

    /// Number of bases of each plain record.
    #[inline]
    pub fn bases(&self) -> u32 {
        self.bases
    }

    /// Notes the place of a record that belongs to no group; places must ascend.
    #[inline]
    pub fn leave_out(&mut self, place: usize) {
        self.others.push(place as u32);
    }

    /// Places of the records that belong to no group, ascending; `None` when plain records are not looked for.
    pub fn others(&self) -> Option<&[u32]> {
        (self.bases > 0).then_some(&self.others)
    }

    /// The groups, in no order.
    pub fn all(&self) -> &[ReadGroup] {
        &self.groups
    }

    /// The 1-based number of the group of records with these flags and mapping quality, and the group.
    #[inline]
    pub fn find(&mut self, flags: u16, mapq: u8) -> (u16, &mut ReadGroup) {
        let sure = mapq >= SURE_MAPQ;
        let number = self.numbers[place(flags, sure)];
        let number = if number == 0 { self.add(flags, sure) } else { number };
        (number, &mut self.groups[usize::from(number) - 1])
    }

    #[cold]
    fn add(&mut self, flags: u16, sure: bool) -> u16 {
        let flags = flags % flag::VALUES as u16;
        self.groups.push(ReadGroup { flags, sure, ..ReadGroup::default() });
        let number = self.groups.len() as u16;
        self.numbers[place(flags, sure)] = number;
        number
    }

    /// The group of a number; `None` for 0.
    #[inline]
    pub fn get_mut(&mut self, number: u16) -> Option<&mut ReadGroup> {
        self.groups.get_mut(usize::from(number).wrapping_sub(1))
    }
}

#[inline]
fn place(flags: u16, sure: bool) -> usize {
    usize::from(flags) % flag::VALUES * 2 + usize::from(sure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_meet_by_flags_and_sureness() {
        let mut groups = ReadGroups::default();
        for block in 0..2 {
            groups.begin(150);
            let numbers = [(99, 60), (99, 20), (99, 19), (4095, 0), (4096 + 99, 30)]
                .map(|(flags, mapq)| groups.find(flags, mapq).0);
            assert_eq!(numbers, [1, 1, 2, 3, 1], "block {block}");
            let found = groups.all().iter().map(|group| (group.flags, group.sure));
            assert_eq!(found.collect::<Vec<_>>(), [(99, true), (99, false), (4095, false)]);
            assert!(groups.get_mut(0).is_none() && groups.get_mut(4).is_none());
        }
    }
}
