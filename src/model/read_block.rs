//! Records as they come to the metrics: a block of them in one buffer, with what several metrics ask of each worked out
//! once, and the reference under them.

use super::couples::Couples;
use super::read::ReadView;
use super::read_columns::{ReadColumns, Steps};
use super::read_groups::{ReadGroup, ReadGroups};
use super::read_pairs::ReadPairs;

/// Sums over base qualities. Qualities that are not known (255) count as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QualitySums {
    /// Sum of the phred values.
    pub sum: u32,
    /// Bases with a quality of at least 20.
    pub q20: u32,
    /// Bases with a quality of at least 30.
    pub q30: u32,
}

/// What several metrics ask of a record. Each group is there when a metric declares it among its fields; otherwise its
/// values are those of `Default`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadFacts {
    /// 0-based end (exclusive) of the aligned stretch; the position itself for a read that is not aligned.
    pub end: u32,
    /// Bases of `M`, `=` and `X`.
    pub aligned: u32,
    /// Bases of `I`.
    pub inserted: u32,
    /// Bases of `D`.
    pub deleted: u32,
    /// Bases of `S`.
    pub soft_clipped: u32,
    /// Bases of `H`.
    pub hard_clipped: u32,
    /// For a plain record the 1-based number of its group, which holds the sums over its qualities; 0 for another one.
    pub group: u16,
    /// Over all bases of the read; of a plain record nothing.
    pub quality: QualitySums,
    /// Over the bases of `M`, `=` and `X`; of a plain record nothing.
    pub aligned_quality: QualitySums,
    /// The tag `NM`.
    pub edit_distance: Option<u32>,
    /// The tag `MQ`: mapping quality of the mate.
    pub mate_mapq: Option<u8>,
    /// Whether the tag `SA` is there: the read has supplementary alignments.
    pub has_supplementary: bool,
    /// Whether the tag `XN` is 1: a read that its maker calls noise.
    pub noise: bool,
    /// Whether some base of the read, aligned or not, is N.
    pub no_calls: bool,
    /// Bases of `M`, `=` and `X` that differ from the reference; 0 where there is none.
    pub mismatches: u32,
    /// Over the qualities in the tag `OQ`: those from before recalibration.
    pub original_quality: Option<QualitySums>,
}

/// A stretch of one contig's reference, in BAM's 4-bit codes (`=ACMGRSVTWYHKDBN`; 15 is N).
#[derive(Clone, Copy, Debug)]
pub struct ReferenceSpan<'a> {
    /// Index of the contig in the alignment's header.
    pub contig: i32,
    /// 0-based position of the first code.
    pub start: u32,
    /// One code a byte.
    pub codes: &'a [u8],
    /// The same two a byte, high half first: `packed[0]` begins with the code at `start`, `packed[1]` with the next one.
    /// A last single code is followed by 0.
    pub packed: [&'a [u8]; 2],
}

impl<'a> ReferenceSpan<'a> {
    /// 0-based end (exclusive).
    pub fn end(&self) -> u32 {
        self.start + self.codes.len() as u32
    }

    /// The codes of `start..end` (0-based half-open); `None` unless all of them are here.
    #[inline]
    pub fn slice(&self, start: u32, end: u32) -> Option<&'a [u8]> {
        let from = start.checked_sub(self.start)? as usize;
        let to = end.checked_sub(self.start)? as usize;
        self.codes.get(from..to)
    }

    /// The codes from `position` on, two a byte, high half first: comparable with a read's packed bases.
    #[inline]
    pub fn packed_from(&self, position: u32) -> Option<&'a [u8]> {
        let from = position.checked_sub(self.start)? as usize;
        // Not an index, for which both would have to lie in memory.
        let [even, odd] = self.packed;
        if from.is_multiple_of(2) { even } else { odd }.get(from / 2..)
    }
}

/// Whole records in file order. Blocks that the pass hands to metrics hold records of one contig only.
#[derive(Clone, Copy, Debug)]
pub struct ReadBlock<'a> {
    reads: &'a [ReadView<'a>],
    known: Known<'a>,
}

/// What is known about the records of a block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What was worked out about each record; empty when no metric asked for it.
    pub facts: &'a [ReadFacts],
    /// The groups of plain records; without them no record is plain.
    pub groups: Option<&'a ReadGroups>,
    /// Fields side by side; `None` when no metric asked for spans.
    pub columns: Option<&'a ReadColumns>,
    /// Places of the plain records that metrics look at one by one, see [`ReadBlock::looked_at`].
    pub looked_at: &'a [u32],
    /// Which records may lie over their mates; `None` when no metric asked for it.
    pub pairs: Option<&'a ReadPairs>,
    /// The reference under the records.
    pub reference: Option<ReferenceSpan<'a>>,
}

/// Places of some of a block's records, chosen without a branch.
#[derive(Debug, Default)]
pub struct Chosen {
    places: Vec<u32>,
    many: usize,
}

impl Chosen {
    /// None any more, of at most so many records.
    pub fn begin(&mut self, records: usize) {
        self.places.resize(records, 0);
        self.many = 0;
    }

    /// Adds a place if it belongs to them.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a few instructions for every record")]
    pub fn add(&mut self, place: usize, belongs: bool) {
        if let Some(next) = self.places.get_mut(self.many) {
            *next = place as u32;
            self.many += usize::from(belongs);
        }
    }

    /// The places in the order in which they came.
    pub fn places(&self) -> &[u32] {
        self.places.get(..self.many).unwrap_or_default()
    }

    /// The places, as indices.
    pub fn iter(&self) -> impl Iterator<Item = usize> + use<'_> {
        self.places().iter().map(|&place| place as usize)
    }
}

/// The records of `bytes` that start (after their `block_size`) at `starts`, each already checked.
pub fn views<'a>(bytes: &'a [u8], starts: &[u32]) -> Vec<ReadView<'a>> {
    // Collecting what may be left out would begin with room for four.
    let mut views = Vec::with_capacity(starts.len());
    views.extend(starts.iter().filter_map(|&start| view(bytes, start)));
    views
}

/// These places among so many records, or all.
#[inline]
pub fn places(records: usize, chosen: Option<&[u32]>) -> impl Iterator<Item = usize> + use<'_> {
    let count = chosen.map_or(records, <[u32]>::len);
    (0..count).map(move |i| chosen.and_then(|chosen| chosen.get(i)).map_or(i, |&i| i as usize))
}

impl<'a> ReadBlock<'a> {
    /// These records, each already checked.
    pub fn new(reads: &'a [ReadView<'a>]) -> Self {
        Self { reads, known: Known::default() }
    }

    /// The records `range` of the block, with what was worked out about them.
    #[must_use]
    pub fn prepared(&self, range: std::ops::Range<usize>, known: Known<'a>) -> Self {
        Self { reads: self.reads.get(range).unwrap_or_default(), known }
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.reads.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    /// Record `i`.
    #[inline]
    pub fn get(&self, i: usize) -> Option<ReadView<'a>> {
        self.reads.get(i).copied()
    }

    /// The records in file order, as they lie.
    pub fn reads(&self) -> &'a [ReadView<'a>] {
        self.reads
    }

    /// The records in file order.
    #[inline]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = ReadView<'a>> + use<'a> {
        self.reads.iter().copied()
    }

    /// What was worked out about record `i`; `None` unless a metric asked for facts.
    #[inline]
    pub fn facts(&self, i: usize) -> Option<&'a ReadFacts> {
        self.known.facts.get(i)
    }

    /// Fields of the records side by side; none unless a metric asked for [`Fields::SPAN_FACTS`].
    ///
    /// [`Fields::SPAN_FACTS`]: super::read::Fields::SPAN_FACTS
    #[inline(always)]
    #[allow(
        clippy::inline_always,
        reason = "what is not inlined is not compiled for the machine's vectors"
    )]
    pub fn steps(&self) -> Steps<'a> {
        Steps::of(self.known.columns)
    }

    /// Places of the plain records that have mapping quality 0 or, when a metric asked for [`Fields::MISMATCH_FACTS`] and there is a
    /// reference, may differ from it.
    ///
    /// [`Fields::MISMATCH_FACTS`]: super::read::Fields::MISMATCH_FACTS
    pub fn looked_at(&self) -> impl Iterator<Item = usize> + use<'a> {
        self.known.looked_at.iter().map(|&place| place as usize)
    }

    /// Whether it is known which records may lie over their mates.
    pub fn knows_mates(&self) -> bool {
        self.known.pairs.is_some()
    }

    /// The records with what was worked out about each; nothing unless a metric asked for facts.
    #[inline]
    pub fn with_facts(&self) -> impl Iterator<Item = (ReadView<'a>, &'a ReadFacts)> + use<'a> {
        // A copy before both are there would be asked for being there.
        self.reads.iter().zip(self.known.facts).map(|(read, facts)| (*read, facts))
    }

    /// The records that belong to no group, with what was worked out about each.
    #[inline]
    pub fn others(&self) -> impl Iterator<Item = (ReadView<'a>, &'a ReadFacts)> + use<'a> {
        self.chosen_with_facts(self.known.groups.and_then(ReadGroups::others))
    }

    /// The records that belong to no group, also where no metric asked for facts.
    #[inline]
    pub fn ungrouped(&self) -> impl Iterator<Item = ReadView<'a>> + use<'a> {
        let reads = self.reads;
        places(self.reads.len(), self.known.groups.and_then(ReadGroups::others))
            .filter_map(move |i| reads.get(i).copied())
    }

    /// The records that may share bases with their mates, but for [`ReadBlock::couples`]; all when the mate of any may start at
    /// `first` or before, or when no metric asked for mates.
    #[inline]
    pub fn near_mates(
        &self,
        first: u32,
    ) -> impl Iterator<Item = (ReadView<'a>, &'a ReadFacts)> + use<'a> {
        self.chosen_with_facts(self.known.pairs.and_then(|pairs| pairs.single(first)))
    }

    /// Records that are each other's only mates, the earlier one first; none where [`ReadBlock::near_mates`] tells all records.
    #[inline]
    pub fn couples(
        &self,
        first: u32,
    ) -> impl Iterator<Item = [(ReadView<'a>, &'a ReadFacts); 2]> + use<'a> {
        let pairs = self.known.pairs.filter(|pairs| pairs.single(first).is_some());
        let found = pairs.map_or(&[][..], |pairs| pairs.couples().found());
        let (reads, facts) = (self.reads, self.known.facts);
        let of = move |place: u32| Some((*reads.get(place as usize)?, facts.get(place as usize)?));
        found.iter().filter_map(move |&[first, second]| Some([of(first)?, of(second)?]))
    }

    /// The mates of the block's records, by their places; `None` when no metric asked for mates.
    pub fn mates(&self) -> Option<&'a Couples> {
        self.known.pairs.map(ReadPairs::couples)
    }

    /// Whether it is known that no record starts before the one before it; false unless a metric asked for
    /// [`Fields::SPAN_FACTS`].
    ///
    /// [`Fields::SPAN_FACTS`]: super::read::Fields::SPAN_FACTS
    pub fn is_known_sorted(&self) -> bool {
        self.known.columns.is_some_and(ReadColumns::is_sorted)
    }

    /// The records at these places, or all, with what was worked out about each.
    #[inline]
    fn chosen_with_facts(
        &self,
        chosen: Option<&'a [u32]>,
    ) -> impl Iterator<Item = (ReadView<'a>, &'a ReadFacts)> + use<'a> {
        let (reads, facts) = (self.reads, self.known.facts);
        places(self.reads.len(), chosen).filter_map(move |i| Some((*reads.get(i)?, facts.get(i)?)))
    }

    /// The groups of plain records.
    pub fn groups(&self) -> &'a [ReadGroup] {
        self.known.groups.map_or(&[], ReadGroups::all)
    }

    /// Number of bases of each plain record.
    pub fn plain_bases(&self) -> u32 {
        self.known.groups.map_or(0, ReadGroups::bases)
    }

    /// The reference under the block's records, with at least [`REFERENCE_MARGIN_BP`] more on both sides where the contig has
    /// them. `None` when no metric asked for it, the reference lacks the contig, or the records are not placed. A read
    /// that spans more than the window holds reaches beyond it.
    pub fn reference(&self) -> Option<ReferenceSpan<'a>> {
        self.known.reference
    }
}

/// Reference bases beside the records of a block, bp.
pub const REFERENCE_MARGIN_BP: u32 = 256;

#[inline]
fn view(bytes: &[u8], start: u32) -> Option<ReadView<'_>> {
    let start = start as usize;
    let size = bytes.get(start - 4..start)?.try_into().ok().map(u32::from_le_bytes)?;
    ReadView::new(bytes.get(start..start + size as usize)?)
}
