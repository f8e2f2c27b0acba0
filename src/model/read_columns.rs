//! Fields of a block's records side by side: a loop over them takes eight records at once where one over records takes them
//! one by one.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into a dispatched closure is compiled for the machine's vectors"
)]

use super::read::{ReadFacts, ReadView};

/// Records a step of a loop over columns.
pub const STEP: usize = 32;

/// Above the flags in [`Step::marks`] is the mapping quality.
const MAPQ_BITS: u32 = 16;
/// In [`Step::marks`]: the mate is said to lie on another contig.
pub const OTHER_CONTIG: u32 = 1 << 24;
/// In [`Step::marks`]: the record has no bases.
pub const NO_BASES: u32 = 1 << 25;
/// In [`Step::marks`]: the record has supplementary alignments, as far as tags are looked at.
pub const HAS_SUPPLEMENTARY: u32 = 1 << 26;

/// The columns of one block.
#[derive(Debug, Default)]
pub struct ReadColumns {
    starts: Vec<i32>,
    lasts: Vec<i32>,
    mates: Vec<i32>,
    lengths: Vec<i32>,
    marks: Vec<u32>,
    groups: Vec<u16>,
    sorted: bool,
}

/// So many records side by side.
///
/// Behind a block's last record the step is filled up: with starts behind all others, no aligned base, no template length, no
/// group, and no mark but [`OTHER_CONTIG`]. Who looks a record up by its place finds none there.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// 0-based start; -1 for none.
    pub starts: &'a [i32; STEP],
    /// 0-based position of the last aligned base; the one before the start when there is none. Of a record that is said not to
    /// be aligned it is where its CIGAR would end. At most `i32::MAX`, which by the specification is no position.
    pub lasts: &'a [i32; STEP],
    /// 0-based position of the mate; -1 for none.
    pub mates: &'a [i32; STEP],
    /// Signed template length, bp; 0 when not known.
    pub lengths: &'a [i32; STEP],
    /// The flags, and above them the mapping quality, [`OTHER_CONTIG`], [`NO_BASES`] and [`HAS_SUPPLEMENTARY`].
    pub marks: &'a [u32; STEP],
    /// As [`ReadFacts::group`].
    pub groups: &'a [u16; STEP],
}

/// The mapping quality of a record with these [`Step::marks`], phred; 255 when not known.
#[inline(always)]
pub fn mapq(mark: u32) -> u32 {
    (mark >> MAPQ_BITS) & 0xff
}

impl ReadColumns {
    /// Takes these records in instead of those before, as if all of them were aligned from end to end over so many bases.
    #[inline(always)]
    pub fn gather(&mut self, reads: &[ReadView<'_>], facts: &[ReadFacts], bases: u32) {
        debug_assert_eq!(reads.len(), facts.len(), "each record has its facts");
        let room = reads.len().next_multiple_of(STEP);
        let Self { starts, lasts, mates, lengths, marks, groups, .. } = self;
        for column in [&mut *starts, mates, lengths] {
            column.resize(room, 0);
        }
        marks.resize(room, 0);
        groups.resize(room, 0);
        let places = starts.iter_mut().zip(mates.iter_mut()).zip(lengths.iter_mut());
        let own = places.zip(marks.iter_mut().zip(groups.iter_mut()));
        for ((read, facts), (((start, mate), length), (mark, group))) in
            reads.iter().zip(facts).zip(own)
        {
            (*start, *mate, *length) =
                (read.position(), read.mate_position(), read.template_length());
            let other = u32::from(read.contig() != read.mate_contig());
            let mapq = u32::from(read.mapq());
            *mark = u32::from(read.flags()) | (mapq << MAPQ_BITS) | (other * OTHER_CONTIG);
            *group = facts.group;
        }
        let behind = reads.len();
        starts[behind..].fill(i32::MAX);
        mates[behind..].fill(i32::MIN);
        lengths[behind..].fill(0);
        marks[behind..].fill(OTHER_CONTIG);
        groups[behind..].fill(0);
        lasts.clear();
        // What this makes of records without a place is written over: they are not aligned from end to end.
        let last = |&start: &i32| (start as u32).wrapping_add(bases).wrapping_sub(1);
        lasts.extend(starts.iter().map(|start| last(start).min(i32::MAX as u32) as i32));
        lasts[behind..].fill(-1);
        let pairs = starts.iter().zip(starts.get(1..).unwrap_or_default());
        self.sorted = pairs.fold(true, |sorted, (start, next)| sorted && start <= next);
    }

    /// Corrects a record that is not: its 0-based end (exclusive), and [`NO_BASES`] and [`HAS_SUPPLEMENTARY`].
    #[inline]
    pub fn correct(&mut self, place: usize, end: i64, more: u32) {
        if let (Some(last), Some(mark)) = (self.lasts.get_mut(place), self.marks.get_mut(place)) {
            *last = i32::try_from(end - 1).unwrap_or(i32::MAX);
            *mark |= more;
        }
    }

    /// So many records, by the number of the step from 0 on.
    #[inline(always)]
    pub fn step(&self, number: usize) -> Option<Step<'_>> {
        Some(Step {
            starts: self.starts.as_chunks().0.get(number)?,
            lasts: self.lasts.as_chunks().0.get(number)?,
            mates: self.mates.as_chunks().0.get(number)?,
            lengths: self.lengths.as_chunks().0.get(number)?,
            marks: self.marks.as_chunks().0.get(number)?,
            groups: self.groups.as_chunks().0.get(number)?,
        })
    }

    /// Start, last position and mate's start of a record, as in [`Step`]; of one behind the last some or none.
    #[inline]
    pub fn place(&self, place: usize) -> Option<(i32, i32, i32)> {
        Some((*self.starts.get(place)?, *self.lasts.get(place)?, *self.mates.get(place)?))
    }

    /// Whether no record starts before the one before it.
    pub fn is_sorted(&self) -> bool {
        self.sorted
    }
}

impl Step<'_> {
    /// A bit for each record of which something holds, told by its place in the step, the first one lowest.
    #[inline(always)]
    pub fn bits(self, holds: impl Fn(usize) -> bool) -> u32 {
        let mut bits = 0;
        for i in 0..STEP {
            bits |= u32::from(holds(i)) << i;
        }
        bits
    }
}

/// The steps of a block, with their numbers from 0 on.
#[derive(Debug)]
pub struct Steps<'a> {
    columns: Option<&'a ReadColumns>,
    next: usize,
}

impl<'a> Steps<'a> {
    /// Those of these columns.
    #[inline(always)]
    pub fn of(columns: Option<&'a ReadColumns>) -> Self {
        Self { columns, next: 0 }
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = (usize, Step<'a>);

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let number = self.next;
        self.next += 1;
        Some((number, self.columns?.step(number)?))
    }
}

/// The places of a step's records that these bits stand for, the first record lowest, as places in the block; the step's number
/// counts from 0.
#[inline(always)]
pub fn places_of(number: usize, bits: u32) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(
        #[inline(always)]
        move || {
            let place = number * STEP + left.trailing_zeros() as usize;
            let any = left != 0;
            left &= left.wrapping_sub(1);
            any.then_some(place)
        },
    )
}
