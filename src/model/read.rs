//! One alignment record, borrowed in the binary layout of BAM (SAM specification v1.6, section 4.2).
//!
//! Positions are 0-based. Nothing is decoded before it is asked for.

use std::ops::BitOr;

use super::bytes::find_near;
pub use super::cigar::{Cigar, Op, OpKind};
pub use super::read_block::{
    Chosen, Known, QualitySums, ReadBlock, ReadFacts, ReferenceSpan, views,
};
pub use super::read_groups::{QualityParts, ReadGroup, ReadGroups, SURE_MAPQ};
pub use super::read_pairs::ReadPairs;
use super::record_fault::RecordFault;

/// Flag bits of the SAM specification.
pub mod flag {
    /// The template has several segments.
    pub const PAIRED: u16 = 0x1;
    /// Each segment is aligned as the aligner expects.
    pub const PROPER_PAIR: u16 = 0x2;
    /// The read is not aligned.
    pub const UNMAPPED: u16 = 0x4;
    /// The mate is not aligned.
    pub const MATE_UNMAPPED: u16 = 0x8;
    /// The sequence is the reverse complement of what was read.
    pub const REVERSE: u16 = 0x10;
    /// As [`REVERSE`], for the mate.
    pub const MATE_REVERSE: u16 = 0x20;
    /// First segment of the template.
    pub const FIRST: u16 = 0x40;
    /// Last segment of the template.
    pub const SECOND: u16 = 0x80;
    /// A secondary alignment.
    pub const SECONDARY: u16 = 0x100;
    /// The platform's quality checks failed.
    pub const QC_FAIL: u16 = 0x200;
    /// A PCR or optical duplicate.
    pub const DUPLICATE: u16 = 0x400;
    /// A supplementary alignment.
    pub const SUPPLEMENTARY: u16 = 0x800;
    /// Values of the defined bits; higher bits are reserved.
    pub const VALUES: usize = 1 << 12;
}

/// The parts of a record that a reader has to provide. Each metric states its own; a CRAM decoder skips the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fields(u32);

impl Fields {
    /// Flag, contig, position and mapping quality.
    pub const CORE: Self = Self(1);
    /// Contig and position of the mate.
    pub const MATE: Self = Self(2);
    /// Template length.
    pub const TEMPLATE_LENGTH: Self = Self(4);
    /// The CIGAR.
    pub const CIGAR: Self = Self(8);
    /// The read name.
    pub const NAME: Self = Self(16);
    /// The bases.
    pub const SEQUENCE: Self = Self(32);
    /// The base qualities.
    pub const QUALITY: Self = Self(64);
    /// The read group tag.
    pub const READ_GROUP: Self = Self(128);
    /// All other tags.
    pub const TAGS: Self = Self(256);
    /// [`ReadFacts::end`] and the counts of bases by operation; fields side by side, see [`ReadBlock::steps`], and whether the
    /// block is sorted.
    pub const SPAN_FACTS: Self = Self(1 << 9 | Self::CORE.0 | Self::CIGAR.0);
    /// [`ReadFacts::quality`] and [`ReadFacts::aligned_quality`], or the sums of [`ReadGroup::quality`].
    pub const QUALITY_FACTS: Self = Self(1 << 10 | Self::CORE.0 | Self::CIGAR.0 | Self::QUALITY.0);
    /// What [`ReadFacts`] takes from tags: [`ReadFacts::edit_distance`], [`ReadFacts::mate_mapq`],
    /// [`ReadFacts::has_supplementary`], [`ReadFacts::noise`] and [`ReadFacts::original_quality`].
    pub const TAG_FACTS: Self = Self(1 << 11 | Self::CORE.0 | Self::TAGS.0);
    /// The reference under the records of a block, see [`ReadBlock::reference`].
    pub const REFERENCE: Self = Self(1 << 12 | Self::SPAN_FACTS.0);
    /// [`ReadFacts::no_calls`].
    pub const NO_CALL_FACTS: Self = Self(1 << 13 | Self::CORE.0 | Self::SEQUENCE.0);
    /// [`ReadFacts::no_calls`] and, where there is a reference, [`ReadFacts::mismatches`].
    pub const MISMATCH_FACTS: Self = Self(1 << 14 | Self::REFERENCE.0 | Self::NO_CALL_FACTS.0);

    /// Which records may share bases with their mates, see [`ReadPairs`].
    pub const PAIR_FACTS: Self = Self(1 << 15 | Self::SPAN_FACTS.0 | Self::MATE.0 | Self::NAME.0);

    /// What has to be known to tell which records are plain, see [`ReadGroup`].
    pub const GROUPS: Self = Self(
        Self::SPAN_FACTS.0
            | Self::QUALITY_FACTS.0
            | Self::TAG_FACTS.0
            | Self::NO_CALL_FACTS.0
            | Self::MATE.0,
    );

    /// True when every part of `other` is in this set.
    pub fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Fields {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Bytes of a record before its variable part.
pub const FIXED_BYTES: usize = 32;

/// One record. The accessors trust [`ReadView::check`], which whoever brings the bytes in calls once a record; on bytes
/// that were never checked they return empty slices rather than panic.
#[derive(Clone, Copy, Debug)]
pub struct ReadView<'a> {
    head: &'a [u8; FIXED_BYTES],
    rest: &'a [u8],
}

impl<'a> ReadView<'a> {
    /// The record in these bytes (without the leading `block_size`); `None` when they are too few.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let (head, rest) = bytes.split_first_chunk::<FIXED_BYTES>()?;
        Some(Self { head, rest })
    }

    /// Compares the record's inner lengths with its size and with each other; `contigs` is the number of contigs in the
    /// header.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    #[allow(
        clippy::inline_always,
        reason = "called once a record, which would go through memory to get there"
    )]
    #[inline(always)]
    pub fn check(self, contigs: usize) -> Result<(), RecordFault> {
        // "None" is -1; what lies below it becomes a great number.
        let in_header = |contig: i32| contig.wrapping_add(1) as u32 as usize <= contigs;
        let sound = self.head[8] != 0
            && self.i32_at(16) >= 0
            && self.tags_start() <= self.rest.len()
            && self.has_cigar_of_its_bases()
            && in_header(self.contig())
            && in_header(self.mate_contig())
            && self.position() >= -1;
        // In parts, which stay in registers: a record that is called with as a whole has to be in memory.
        if sound { Ok(()) } else { Err(ReadView::fault(self.head, self.rest, contigs)) }
    }

    /// The first thing that is wrong with a record that is not sound.
    #[cold]
    #[inline(never)]
    fn fault(head: &[u8; FIXED_BYTES], rest: &[u8], contigs: usize) -> RecordFault {
        let read = ReadView { head, rest };
        let outside = |contig: i32| contig < -1 || contig >= contigs as i32;
        let (needs, has) = (read.tags_start(), read.rest.len());
        if read.head[8] == 0 {
            RecordFault::Unnamed
        } else if read.i32_at(16) < 0 {
            RecordFault::Bases(read.i32_at(16))
        } else if needs > has {
            RecordFault::Lengths { needs, has }
        } else if !read.has_cigar_of_its_bases() {
            RecordFault::Cigar { cigar: read.cigar().read_bases(), bases: read.base_count() }
        } else if outside(read.contig()) {
            RecordFault::Contig { contig: read.contig(), contigs }
        } else if outside(read.mate_contig()) {
            RecordFault::Mate { contig: read.mate_contig(), contigs }
        } else {
            RecordFault::Position(read.position())
        }
    }

    #[inline]
    fn i32_at(self, at: usize) -> i32 {
        i32::from_le_bytes(self.bytes_at(at))
    }

    #[inline]
    fn u16_at(self, at: usize) -> u16 {
        u16::from_le_bytes(self.bytes_at(at))
    }

    /// Bytes of the fixed part, loaded at once.
    #[inline]
    fn bytes_at<const N: usize>(self, at: usize) -> [u8; N] {
        self.head.get(at..).and_then(<[u8]>::first_chunk).copied().unwrap_or([0; N])
    }

    /// Index of the contig in the file's header; -1 for none.
    #[inline]
    pub fn contig(self) -> i32 {
        self.i32_at(0)
    }

    /// 0-based position of the first aligned base; -1 for none.
    #[inline]
    pub fn position(self) -> i32 {
        self.i32_at(4)
    }

    /// Mapping quality, phred; 255 when not known.
    #[inline]
    pub fn mapq(self) -> u8 {
        self.head[9]
    }

    /// The flag bits, see [`flag`].
    #[inline]
    pub fn flags(self) -> u16 {
        self.u16_at(14)
    }

    /// Contig of the mate; -1 for none.
    #[inline]
    pub fn mate_contig(self) -> i32 {
        self.i32_at(20)
    }

    /// 0-based position of the mate; -1 for none.
    #[inline]
    pub fn mate_position(self) -> i32 {
        self.i32_at(24)
    }

    /// Signed template length, bp; 0 when not known.
    #[inline]
    pub fn template_length(self) -> i32 {
        self.i32_at(28)
    }

    /// Number of bases.
    #[inline]
    pub fn base_count(self) -> usize {
        self.i32_at(16).max(0) as usize
    }

    #[inline]
    fn op_count(self) -> usize {
        usize::from(self.u16_at(12))
    }

    #[inline]
    fn part(self, start: usize, length: usize) -> &'a [u8] {
        self.rest.get(start..start + length).unwrap_or_default()
    }

    /// The read name, without its final NUL.
    #[inline]
    pub fn name(self) -> &'a [u8] {
        self.part(0, usize::from(self.head[8]).saturating_sub(1))
    }

    /// The CIGAR operations in order. A CIGAR of more than 65,535 operations is taken from the `CG` tag.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a few instructions, several times a record")]
    pub fn cigar(self) -> Cigar<'a> {
        let ops = self.part(usize::from(self.head[8]), 4 * self.op_count());
        let cigar = Cigar(ops);
        // The code of `N` is 3: few reads of two operations skip any reference.
        let may_be_long = ops.len() == 8 && ops[4] & 0xf == 3;
        if may_be_long { self.long_cigar().unwrap_or(cigar) } else { cigar }
    }

    /// The real CIGAR of a record whose own is the placeholder `<bases>S<span>N`.
    #[inline(never)]
    fn long_cigar(self) -> Option<Cigar<'a>> {
        let mut own = Cigar(self.part(usize::from(self.head[8]), 8)).iter();
        let (clip, skip) = (own.next()?, own.next()?);
        if clip.kind != OpKind::SoftClip
            || clip.length as usize != self.base_count()
            || skip.kind != OpKind::Skip
        {
            return None;
        }
        match self.tag(*b"CG")? {
            TagValue::Integers { kind: b'I', bytes } => Some(Cigar(bytes)),
            _ => None,
        }
    }

    /// Whether the CIGAR covers all bases. Without bases or CIGAR there is nothing to compare, and that of a read without an
    /// alignment means nothing.
    #[inline]
    fn has_cigar_of_its_bases(self) -> bool {
        // Most are one `M`, whose code is 0.
        let name_end = usize::from(self.head[8]);
        let first = self.rest.get(name_end..).and_then(<[u8]>::first_chunk);
        let is_whole = |op: &[u8; 4]| u32::from_le_bytes(*op) as usize == self.base_count() << 4;
        (self.op_count() == 1 && first.is_some_and(is_whole))
            || Self::covers_bases(self.head, self.rest)
    }

    /// As [`ReadView::has_cigar_of_its_bases`], of any CIGAR.
    #[inline(never)]
    fn covers_bases(head: &[u8; FIXED_BYTES], rest: &[u8]) -> bool {
        let read = ReadView { head, rest };
        let (cigar, bases) = (read.cigar(), read.base_count());
        let unmapped = read.flags() & flag::UNMAPPED != 0;
        cigar.is_empty() || bases == 0 || cigar.read_bases() == bases as u64 || unmapped
    }

    #[inline]
    fn sequence_start(self) -> usize {
        usize::from(self.head[8]) + 4 * self.op_count()
    }

    #[inline]
    fn tags_start(self) -> usize {
        let bases = self.base_count();
        self.sequence_start() + bases.div_ceil(2) + bases
    }

    /// The bases, two a byte, high half first, coded `=ACMGRSVTWYHKDBN`.
    #[inline]
    pub fn packed_sequence(self) -> &'a [u8] {
        self.part(self.sequence_start(), self.base_count().div_ceil(2))
    }

    /// Base qualities, phred, one a base; 255 throughout when not known.
    #[inline]
    pub fn qualities(self) -> &'a [u8] {
        let bases = self.base_count();
        self.part(self.sequence_start() + bases.div_ceil(2), bases)
    }

    /// The record without its tags: the fixed part, then name, CIGAR, bases and qualities. Together they are again the bytes
    /// of a record.
    #[inline]
    pub fn without_tags(self) -> (&'a [u8; FIXED_BYTES], &'a [u8]) {
        (self.head, self.part(0, self.tags_start()))
    }

    /// What a record holds that is aligned from end to end as one `M` of so many bases; `None` for any other.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a few instructions for every record")]
    pub fn whole_match(self, bases: u32) -> Option<WholeMatch<'a>> {
        if self.op_count() != 1 || self.i32_at(16) as u32 != bases {
            return None;
        }
        let own = usize::from(self.head[8]);
        let tags = own + 4 + bases.div_ceil(2) as usize + bases as usize;
        let (op, rest) = self.rest.get(own..tags)?.split_first_chunk()?;
        let (packed, qualities) = rest.split_at_checked(bases.div_ceil(2) as usize)?;
        // The code of `M` is 0.
        let is_whole = u64::from(u32::from_le_bytes(*op)) == u64::from(bases) << 4;
        is_whole.then_some(WholeMatch { packed, qualities, tags })
    }

    /// The qualities of a record of one CIGAR operation and so many bases, and all that follows them.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "a few instructions for every record")]
    pub fn from_qualities(self, bases: usize) -> Option<&'a [u8]> {
        self.rest.get(usize::from(self.head[8]) + 4 + bases.div_ceil(2)..)
    }

    /// The tags in order, up to the first damaged one.
    #[inline]
    pub fn tags(self) -> impl Iterator<Item = ([u8; 2], TagValue<'a>)> + use<'a> {
        let mut rest = self.rest.get(self.tags_start()..).unwrap_or_default();
        std::iter::from_fn(
            #[inline(always)]
            move || {
                let [a, b, kind, value @ ..] = rest else { return None };
                let (parsed, after) = TagValue::parse(*kind, value)?;
                rest = after;
                Some(([*a, *b], parsed))
            },
        )
    }

    /// What follows the fixed part, and where in it the tags begin: not behind its end in records that were checked.
    #[inline]
    pub fn with_tags(self) -> (&'a [u8], usize) {
        (self.rest, self.tags_start())
    }

    /// The tag's value; `None` when the record does not have it or its tags are damaged.
    pub fn tag(self, key: [u8; 2]) -> Option<TagValue<'a>> {
        self.tags().find_map(|(own, value)| (own == key).then_some(value))
    }

    /// 0-based end (exclusive) of the aligned stretch, counted as htslib does: at least one base.
    #[inline]
    pub fn end(self) -> i32 {
        let span = if self.flags() & flag::UNMAPPED != 0 { 0 } else { self.cigar().span() };
        self.position().saturating_add((span.max(1)).min(i32::MAX as u32) as i32)
    }
}

/// The parts of a record that is aligned from end to end.
#[derive(Clone, Copy, Debug)]
pub struct WholeMatch<'a> {
    /// As [`ReadView::packed_sequence`].
    pub packed: &'a [u8],
    /// As [`ReadView::qualities`].
    pub qualities: &'a [u8],
    /// Where the tags begin behind the fixed part, as in [`ReadView::with_tags`].
    pub tags: usize,
}

/// The value of a tag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TagValue<'a> {
    /// A character.
    Char(u8),
    /// An integer of any width.
    Integer(i64),
    /// A number with a fraction.
    Float(f32),
    /// Text without its final NUL, also hexadecimal text.
    Text(&'a [u8]),
    /// An array: its element kind (`cCsSiIf`) and its little-endian bytes.
    Integers {
        /// Kind of the elements.
        kind: u8,
        /// The elements.
        bytes: &'a [u8],
    },
}

impl<'a> TagValue<'a> {
    #[inline]
    pub(super) fn parse(kind: u8, value: &'a [u8]) -> Option<(Self, &'a [u8])> {
        Some(match kind {
            b'A' => (Self::Char(*value.first()?), value.get(1..)?),
            b'c' => (Self::Integer(i64::from(*value.first()? as i8)), value.get(1..)?),
            b'C' => (Self::Integer(i64::from(*value.first()?)), value.get(1..)?),
            b's' | b'S' => {
                let (bytes, after) = value.split_first_chunk::<2>()?;
                let number = u16::from_le_bytes(*bytes);
                let number =
                    if kind == b's' { i64::from(number as i16) } else { i64::from(number) };
                (Self::Integer(number), after)
            }
            b'i' | b'I' | b'f' => {
                let (bytes, after) = value.split_first_chunk::<4>()?;
                let number = u32::from_le_bytes(*bytes);
                let parsed = match kind {
                    b'i' => Self::Integer(i64::from(number as i32)),
                    b'I' => Self::Integer(i64::from(number)),
                    _ => Self::Float(f32::from_bits(number)),
                };
                (parsed, after)
            }
            b'Z' | b'H' => {
                let end = find_near(0, value)?;
                (Self::Text(&value[..end]), &value[end + 1..])
            }
            b'B' => {
                let (&element, value) = value.split_first()?;
                let (count, value) = value.split_first_chunk::<4>()?;
                let width = match element {
                    b'c' | b'C' => 1,
                    b's' | b'S' => 2,
                    b'i' | b'I' | b'f' => 4,
                    _ => return None,
                };
                let length = (u32::from_le_bytes(*count) as usize).checked_mul(width)?;
                let bytes = value.get(..length)?;
                (Self::Integers { kind: element, bytes }, &value[length..])
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record of 4 bases with the given operations (code, length) and tags.
    fn record(ops: &[(u32, u32)], tags: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for value in [0_i32, 100] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend([3, 60, 0, 0]);
        bytes.extend((ops.len() as u16).to_le_bytes());
        bytes.extend(99_u16.to_le_bytes());
        for value in [4_i32, 0, 150, 54] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(b"r1\0");
        for &(code, length) in ops {
            bytes.extend((length << 4 | code).to_le_bytes());
        }
        bytes.extend([0x12, 0x48, 30, 31, 32, 33]);
        bytes.extend(tags);
        bytes
    }

    #[test]
    fn fields_lie_where_the_specification_says() {
        let bytes = record(&[(4, 1), (0, 3), (2, 7)], b"NMC\x02RGZg1\0");
        let read = ReadView::new(&bytes).unwrap();
        assert_eq!(read.check(1), Ok(()));
        assert_eq!((read.contig(), read.position(), read.end()), (0, 100, 110));
        assert_eq!((read.mapq(), read.flags(), read.template_length()), (60, 99, 54));
        assert_eq!((read.mate_contig(), read.mate_position()), (0, 150));
        assert_eq!((read.name(), read.qualities()), (&b"r1"[..], &[30, 31, 32, 33][..]));
        assert_eq!(read.packed_sequence(), [0x12, 0x48]);
        assert_eq!(read.tag(*b"RG"), Some(TagValue::Text(b"g1")));
        assert_eq!(read.tag(*b"NM"), Some(TagValue::Integer(2)));
        assert_eq!(read.tag(*b"XX"), None);
    }

    #[test]
    fn a_long_cigar_is_taken_from_its_tag() {
        let mut tags = b"CGBI\x02\0\0\0".to_vec();
        tags.extend((4_u32 << 4).to_le_bytes());
        tags.extend((9_u32 << 4 | 2).to_le_bytes());
        let bytes = record(&[(4, 4), (3, 13)], &tags);
        let read = ReadView::new(&bytes).unwrap();
        assert_eq!(read.cigar().iter().next(), Some(Op { kind: OpKind::Match, length: 4 }));
        assert_eq!(read.end(), 113);
        let plain = record(&[(4, 3), (3, 13)], &tags);
        assert_eq!(ReadView::new(&plain).unwrap().cigar().iter().count(), 2);
    }

    #[test]
    fn a_record_of_one_match_is_taken_apart() {
        let whole = |ops: &[(u32, u32)], bases| {
            let bytes = record(ops, b"NMC\x02");
            let read = ReadView::new(&bytes).unwrap();
            let found = read.whole_match(bases);
            if let Some(WholeMatch { packed, qualities, tags }) = found {
                assert_eq!((packed, qualities), (read.packed_sequence(), read.qualities()));
                assert_eq!(tags, read.with_tags().1);
            }
            found.is_some()
        };
        assert!(whole(&[(0, 4)], 4));
        assert!(!whole(&[(0, 4)], 3));
        for ops in [&[(7, 4)][..], &[(0, 5)], &[(4, 1), (0, 3)], &[(0, 4), (2, 1)], &[]] {
            assert!(!whole(ops, 4), "{ops:?}");
        }
        let bytes = record(&[(0, 4)], b"");
        for cut in 1..=6 {
            let read = ReadView::new(&bytes[..bytes.len() - cut]).unwrap();
            assert!(read.whole_match(4).is_none());
        }
    }

    #[test]
    fn damage_is_told_before_it_is_read() {
        let mut bytes = record(&[(0, 4)], b"");
        assert!(ReadView::new(&bytes).unwrap().check(0).is_err(), "contig out of range");
        bytes[16] = 200;
        assert!(ReadView::new(&bytes).unwrap().check(1).is_err(), "too many bases");
        assert!(ReadView::new(&bytes[..31]).is_none());
        assert_eq!(ReadView::new(&bytes).unwrap().qualities(), b"", "no panic on unchecked bytes");
    }

    #[test]
    fn a_cigar_covers_the_bases_that_are_there() {
        let check = |ops: &[(u32, u32)], flags: u16, bases: i32| {
            let mut bytes = record(ops, b"");
            bytes[14..16].copy_from_slice(&flags.to_le_bytes());
            bytes[16..20].copy_from_slice(&bases.to_le_bytes());
            ReadView::new(&bytes).unwrap().check(1)
        };
        let covers = [(4, 1), (0, 1), (1, 1), (2, 9), (3, 9), (7, 1), (5, 9)];
        for ops in [&[(0, 4)][..], &[(8, 4)], &[], &covers] {
            assert_eq!(check(ops, 99, 4), Ok(()), "{ops:?}");
        }
        for ops in [&[(0, 3)][..], &[(0, 5)], &[(2, 4)], &covers[1..]] {
            let what = check(ops, 99, 4).unwrap_err();
            assert!(matches!(what, RecordFault::Cigar { bases: 4, .. }), "{ops:?}: {what}");
            assert_eq!(check(ops, flag::PAIRED | flag::UNMAPPED, 4), Ok(()), "{ops:?}");
            assert_eq!(check(ops, 99, 0), Ok(()), "{ops:?}");
        }
        assert_eq!(check(&[(0, 4)], 99, -4), Err(RecordFault::Bases(-4)));
    }

    #[test]
    fn a_cut_tag_is_no_value() {
        for tags in [&b"RGZabc"[..], b"XBBI\xff\xff\xff\xff", b"XX?", b"NMi\0"] {
            let bytes = record(&[(0, 4)], tags);
            let read = ReadView::new(&bytes).unwrap();
            assert_eq!(read.tag(*b"ZZ"), None);
        }
    }
}
