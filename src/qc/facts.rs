//! What several metrics ask of every record, worked out once for all of them.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::read::{
    Chosen, Cigar, Fields, OpKind, QualitySums, ReadBlock, ReadFacts, ReadGroups, ReadPairs,
    ReadView, ReferenceSpan, SURE_MAPQ, TagValue, WholeMatch, flag,
};
use crate::model::read_block::places;
use crate::model::read_columns::{HAS_SUPPLEMENTARY, NO_BASES, ReadColumns};
use crate::model::tag_layout::{TagLayout, WantedTags};

use super::compare::codes_under;
use super::vectors::{Task, Vectors, dispatch};

/// What was worked out about the records of one block; the memory of the next one.
#[derive(Debug, Default)]
pub struct Found {
    /// What each record is asked for; empty when no metric asks.
    pub facts: Vec<ReadFacts>,
    /// Sums over plain records.
    pub groups: ReadGroups,
    /// Which records may lie over their mates.
    pub pairs: ReadPairs,
    /// Fields side by side.
    pub columns: ReadColumns,
    /// Places of the plain records that metrics look at one by one, see [`ReadBlock::looked_at`].
    pub looked_at: Chosen,
    /// How most records' tags are laid out.
    pub layout: TagLayout,
}

/// Works out the facts of a block's records that `needs` names, and what plain records have in common when it names all
/// that tells these. With a `reference` these are compared with it, while their bases are at hand; it may lack some of what
/// is under them.
pub fn prepare(
    needs: Fields,
    block: &ReadBlock<'_>,
    reference: Option<ReferenceSpan<'_>>,
    found: &mut Found,
) {
    let wanted =
        [Fields::SPAN_FACTS, Fields::QUALITY_FACTS, Fields::TAG_FACTS, Fields::NO_CALL_FACTS];
    if !wanted.iter().any(|&group| needs.contains(group)) {
        found.facts.clear();
        return;
    }
    found.groups.begin(if needs.contains(Fields::GROUPS) { usual_length(block) } else { 0 });
    if found.groups.bases() == 0 {
        found.facts.clear();
    }
    // What is left of the block before is written over.
    found.facts.resize(block.len(), ReadFacts::default());
    found.looked_at.begin(block.len());
    // Comparing and summing bytes gains most from the widest vectors that the machine has.
    let Found { facts, groups, looked_at, layout, .. } = found;
    if groups.bases() > 0 {
        dispatch(Plain { block, reference, facts, groups, looked_at, layout });
    }
    dispatch(Rest { needs, block, found });
}

/// How many bases most records have, most likely: the longest of three, since clipped and trimmed ones are shorter.
pub fn usual_length(block: &ReadBlock<'_>) -> u32 {
    let places = [0, block.len() / 2, block.len().saturating_sub(1)];
    let lengths = places.map(|i| block.get(i).map_or(0, ReadView::base_count));
    lengths.into_iter().max().unwrap_or(0) as u32
}

/// Looking for plain records. Not with `extend`: that would not be inlined.
struct Plain<'a> {
    block: &'a ReadBlock<'a>,
    reference: Option<ReferenceSpan<'a>>,
    facts: &'a mut [ReadFacts],
    groups: &'a mut ReadGroups,
    looked_at: &'a mut Chosen,
    layout: &'a mut TagLayout,
}

impl Task for Plain<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { block, reference, facts, groups, looked_at, layout } = self;
        let bases = groups.bases();
        for (place, (read, facts)) in block.iter().zip(facts).enumerate() {
            *facts = ReadFacts::default();
            let whole = read.whole_match(bases);
            let at = whole.map_or_else(|| read.with_tags().1, |whole| whole.tags);
            let usual = tags(vectors, layout, (read, at), facts);
            match whole.filter(|_| usual) {
                Some(whole) if join(vectors, (read, whole), facts, groups) => {
                    let equal = reference.is_none_or(
                        #[inline(always)]
                        |reference| is_equal(vectors, (read, whole), facts, reference),
                    );
                    looked_at.add(place, !equal | (read.mapq() == 0));
                }
                _ => groups.leave_out(place),
            }
        }
    }
}

/// All other work of [`prepare`].
struct Rest<'a> {
    needs: Fields,
    block: &'a ReadBlock<'a>,
    found: &'a mut Found,
}

impl Task for Rest<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { needs, block, found } = self;
        let Found { facts, groups, pairs, columns, layout, .. } = found;
        let bases = groups.bases();
        if needs.contains(Fields::SPAN_FACTS) {
            columns.gather(block.reads(), facts, bases);
        }
        let others = groups.others();
        for place in places(block.len(), others) {
            let (Some(read), Some(facts)) = (block.get(place), facts.get_mut(place)) else {
                continue;
            };
            if bases == 0 && needs.contains(Fields::TAG_FACTS) {
                tags(vectors, layout, (read, read.with_tags().1), facts);
            }
            if needs.contains(Fields::SPAN_FACTS) {
                span(read, read.cigar(), facts);
                columns.correct(place, end(read, facts), more_marks(read, facts));
            }
            if needs.contains(Fields::NO_CALL_FACTS) {
                facts.no_calls = vectors.any_no_call(read.packed_sequence());
            }
            if needs.contains(Fields::QUALITY_FACTS) {
                qualities(vectors, read, read.cigar(), facts);
            }
        }
        if needs.contains(Fields::PAIR_FACTS) {
            pairs.find(block.reads(), facts, columns);
        }
    }
}

/// Counts a record whose tags are usual into its group if it is like most, see
/// [`ReadGroup`](crate::model::read::ReadGroup).
#[inline(always)]
fn join<V: Vectors>(
    vectors: V,
    (read, whole): (ReadView<'_>, WholeMatch<'_>),
    facts: &mut ReadFacts,
    groups: &mut ReadGroups,
) -> bool {
    let Ok(position) = u32::try_from(read.position()) else { return false };
    if read.flags() & flag::UNMAPPED != 0
        || read.mate_contig() != read.contig()
        || whole.qualities.first() == Some(&u8::MAX)
        || vectors.any_no_call(whole.packed)
    {
        return false;
    }
    facts.aligned = groups.bases();
    facts.end = position.saturating_add(facts.aligned);
    let mapq = read.mapq();
    let (number, group) = groups.find(read.flags(), mapq);
    facts.group = number;
    group.reads += 1;
    group.mapq += u64::from(mapq);
    group.mapq0 += u64::from(mapq == 0);
    let sure_mate = facts.mate_mapq.unwrap_or(0).min(mapq) >= SURE_MAPQ;
    group.sure_pairs += u64::from(sure_mate | facts.mate_mapq.is_none());
    group.edit_distance += u64::from(facts.edit_distance.unwrap_or(0));
    group.farthest = group.farthest.max(facts.end);
    vectors.add_qualities(whole.qualities, &mut group.quality);
    true
}

/// Whether a plain record is known to be equal to the reference.
#[inline(always)]
fn is_equal<V: Vectors>(
    vectors: V,
    (read, whole): (ReadView<'_>, WholeMatch<'_>),
    facts: &ReadFacts,
    reference: ReferenceSpan<'_>,
) -> bool {
    let under = codes_under(read, facts, whole.packed.len(), reference);
    under.is_some_and(|under| vectors.same(whole.packed, under))
}

#[inline(always)]
fn span(read: ReadView<'_>, cigar: Cigar<'_>, facts: &mut ReadFacts) {
    facts.end = read.position().max(0) as u32;
    if read.flags() & flag::UNMAPPED != 0 {
        return;
    }
    if let Some(length) = cigar.single_match() {
        facts.aligned = length;
        facts.end = facts.end.saturating_add(length);
        return;
    }
    for op in cigar.iter() {
        let count = match op.kind {
            OpKind::Match | OpKind::Equal | OpKind::Different => &mut facts.aligned,
            OpKind::Insertion => &mut facts.inserted,
            OpKind::Deletion => &mut facts.deleted,
            OpKind::SoftClip => &mut facts.soft_clipped,
            OpKind::HardClip => &mut facts.hard_clipped,
            OpKind::Skip | OpKind::Pad | OpKind::Unknown => &mut 0,
        };
        *count = count.saturating_add(op.length);
        if op.consumes_reference() {
            facts.end = facts.end.saturating_add(op.length);
        }
    }
}

/// The 0-based end (exclusive) of a record whose span is known: where its CIGAR would end if it is said not to be aligned.
#[inline]
fn end(read: ReadView<'_>, facts: &ReadFacts) -> i64 {
    let unmapped = read.flags() & flag::UNMAPPED != 0;
    i64::from(facts.end) + if unmapped { i64::from(read.cigar().span()) } else { 0 }
}

/// Marks of a record beside those of its fields, see [`ReadColumns::correct`].
#[inline]
fn more_marks(read: ReadView<'_>, facts: &ReadFacts) -> u32 {
    let no_bases = if read.base_count() > 0 { 0 } else { NO_BASES };
    no_bases | if facts.has_supplementary { HAS_SUPPLEMENTARY } else { 0 }
}

#[inline(always)]
fn qualities<V: Vectors>(vectors: V, read: ReadView<'_>, cigar: Cigar<'_>, facts: &mut ReadFacts) {
    let all = read.qualities();
    if all.first() == Some(&u8::MAX) {
        return;
    }
    facts.quality = vectors.qualities(all);
    if read.flags() & flag::UNMAPPED != 0 {
        return;
    }
    if cigar.single_match().is_some() {
        facts.aligned_quality = facts.quality;
        return;
    }
    let mut at = 0;
    for op in cigar.iter() {
        let length = op.length as usize;
        if op.is_aligned() {
            let part = vectors.qualities(all.get(at..at + length).unwrap_or_default());
            facts.aligned_quality.sum += part.sum;
            facts.aligned_quality.q20 += part.q20;
            facts.aligned_quality.q30 += part.q30;
        }
        if op.consumes_read() {
            at += length;
        }
    }
}

/// Sums over qualities written as in SAM: each as the character 33 above it.
#[inline(never)]
fn of_text(text: &[u8]) -> QualitySums {
    let qualities: Vec<u8> = text.iter().map(|letter| letter.saturating_sub(b'!')).collect();
    dispatch(OfText(&qualities))
}

struct OfText<'a>(&'a [u8]);

impl Task for OfText<'_> {
    type Output = QualitySums;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> QualitySums {
        vectors.qualities(self.0)
    }
}

/// The tags that are looked at.
const WANTED: WantedTags =
    WantedTags { numbers: [*b"NM", *b"MQ", *b"XN"], others: &[*b"SA", *b"OQ"] };

/// Fills in what a record's tags tell, which begin at this place behind the fixed part; false when plain records have none
/// of these.
#[inline(always)]
fn tags<V: Vectors>(
    vectors: V,
    layout: &mut TagLayout,
    (read, at): (ReadView<'_>, usize),
    facts: &mut ReadFacts,
) -> bool {
    let (bytes, _) = read.with_tags();
    let numbers = layout.numbers(
        bytes,
        at,
        #[inline(always)]
        |bytes| vectors.zeros(bytes),
    );
    let Some([distance, mapq, noise]) = numbers else { return step_through(layout, read, facts) };
    facts.edit_distance = distance.and_then(|distance| u32::try_from(distance).ok());
    facts.mate_mapq = mapq.and_then(|mapq| u8::try_from(mapq).ok());
    facts.noise = noise == Some(1);
    !facts.noise
}

/// As [`tags`], with a look at each.
#[inline(never)]
fn step_through(layout: &mut TagLayout, read: ReadView<'_>, facts: &mut ReadFacts) -> bool {
    for (key, value) in read.tags() {
        match (&key, value) {
            (b"NM", TagValue::Integer(distance)) => {
                facts.edit_distance = u32::try_from(distance).ok();
            }
            (b"MQ", TagValue::Integer(mapq)) => facts.mate_mapq = u8::try_from(mapq).ok(),
            (b"OQ", TagValue::Text(text)) => facts.original_quality = Some(of_text(text)),
            (b"XN", value) => facts.noise = value == TagValue::Integer(1),
            (b"SA", _) => facts.has_supplementary = true,
            _ => {}
        }
    }
    layout.learn(read, &WANTED);
    !(facts.noise | facts.has_supplementary) && facts.original_quality.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read::{FIXED_BYTES, QualityParts};
    use proptest::prelude::*;

    /// A placed record without bases but with these tags.
    fn with_tags(tags: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[8] = 2;
        bytes.extend(b"r\0");
        bytes.extend(tags);
        bytes
    }

    /// What [`tags`] finds by looking at every tag.
    fn expected(read: ReadView<'_>) -> ReadFacts {
        let mut facts = ReadFacts::default();
        for (key, value) in read.tags() {
            match (&key, value) {
                (b"NM", TagValue::Integer(value)) => {
                    facts.edit_distance = u32::try_from(value).ok();
                }
                (b"MQ", TagValue::Integer(value)) => facts.mate_mapq = u8::try_from(value).ok(),
                (b"XN", value) => facts.noise = value == TagValue::Integer(1),
                (b"SA", _) => facts.has_supplementary = true,
                _ => {}
            }
        }
        facts
    }

    struct OfTags<'a>(ReadView<'a>, &'a mut TagLayout);

    impl Task for OfTags<'_> {
        type Output = ReadFacts;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> ReadFacts {
            let mut facts = ReadFacts::default();
            tags(vectors, self.1, (self.0, self.0.with_tags().1), &mut facts);
            facts
        }
    }

    /// Key and kind of a tag.
    type Head = ([u8; 2], u8);

    /// A tag whose value is made from a number.
    fn tag((key, kind): Head, number: u32) -> Vec<u8> {
        let text = "ACGT0123456789".repeat(7);
        let length = number as usize % 90;
        let value = match kind {
            b'A' | b'c' | b'C' => vec![number as u8],
            b's' | b'S' => (number as u16).to_le_bytes().to_vec(),
            b'i' | b'I' | b'f' => number.to_le_bytes().to_vec(),
            b'Z' => [&text.as_bytes()[..length], &[0]].concat(),
            _ => [&b"C"[..], &(length as u32).to_le_bytes(), &text.as_bytes()[..length]].concat(),
        };
        [&key[..], &[kind], &value].concat()
    }

    fn head() -> impl Strategy<Value = Head> {
        let key =
            prop::sample::select(vec![*b"NM", *b"MQ", *b"XN", *b"SA", *b"MD", *b"RG", *b"BB"]);
        (key, prop::sample::select(b"AcCCCsSiIfZZZZB".to_vec()))
    }

    proptest! {
        #[test]
        fn tags_are_found_among_others(
            layouts in prop::collection::vec(prop::collection::vec(head(), 0..12), 1..3),
            records in prop::collection::vec((any::<usize>(), any::<u32>(), 0_usize..40), 1..12),
        ) {
            let mut layout = TagLayout::default();
            for (which, seed, cut) in records {
                let heads = &layouts[which % layouts.len()];
                let numbers = (1_u32..).map(|i| seed.rotate_left(i * 5));
                let tags: Vec<u8> = heads.iter().zip(numbers).flat_map(|(&head, n)| tag(head, n)).collect();
                let whole = tags.len() - cut.saturating_sub(30).min(tags.len());
                // As long as records are, or shorter than all that is looked at together.
                for name in [1, 80] {
                    let mut bytes = with_tags(&[]);
                    bytes.truncate(FIXED_BYTES);
                    bytes[8] = name + 1;
                    bytes.extend(vec![b'r'; name.into()]);
                    bytes.push(0);
                    bytes.extend(&tags[..whole]);
                    let read = ReadView::new(&bytes).unwrap();
                    prop_assert_eq!(dispatch(OfTags(read, &mut layout)), expected(read));
                }
            }
        }

        #[test]
        fn plain_records_are_summed_up_in_groups(
            records in prop::collection::vec(
                (prop::sample::select(vec![99_u16, 147, 1123, 73]), 0_u8..61, 0_u8..6, 0_u8..4),
                1..40,
            ),
        ) {
            const BASES: usize = 70;
            let mut all = Vec::new();
            for &(flags, mapq, odd, distance) in &records {
                let mut bytes = with_tags(&[]);
                (bytes[9], bytes[12]) = (mapq, 1);
                bytes[14..16].copy_from_slice(&flags.to_le_bytes());
                bytes[16] = BASES as u8;
                // Another contig of the mate makes it no plain record.
                bytes[20] = u8::from(odd == 1);
                bytes.extend(((BASES as u32) << 4).to_le_bytes());
                bytes.extend([if odd == 2 { 0x1f } else { 0x24 }; BASES / 2]);
                bytes.extend((0..BASES as u8).map(|i| (i + mapq) % 41));
                bytes.extend([b'N', b'M', b'C', distance]);
                if odd == 3 {
                    bytes.extend(b"SAZx\0");
                }
                all.push(bytes);
            }
            let views: Vec<_> = all.iter().map(|bytes| ReadView::new(bytes).unwrap()).collect();
            let mut found = Found::default();
            prepare(Fields::GROUPS, &ReadBlock::new(&views), None, &mut found);
            let mut seen = 0;
            for (i, group) in found.groups.all().iter().enumerate() {
                let mut sums = [0; 3];
                let mut quality = QualityParts::default();
                for (record, facts) in records.iter().zip(&found.facts) {
                    if usize::from(facts.group) == i + 1 {
                        prop_assert_eq!((group.flags, group.sure), (record.0, record.1 >= 20));
                        prop_assert!(record.2 == 0 || record.2 > 3);
                        sums[0] += 1;
                        sums[1] += u64::from(record.1);
                        sums[2] += u64::from(record.3);
                        let own: Vec<u8> = (0..BASES as u8).map(|i| (i + record.1) % 41).collect();
                        quality.add(dispatch(OfText(&own)));
                    }
                }
                prop_assert_eq!(sums, [group.reads, group.mapq, group.edit_distance]);
                let of = |parts: &QualityParts| (parts.sum(), parts.q20(), parts.q30());
                prop_assert_eq!(of(&quality), of(&group.quality));
                seen += sums[0];
            }
            let plain = records.iter().filter(|record| record.2 == 0 || record.2 > 3).count();
            prop_assert_eq!(seen, plain as u64);
            let others = found.facts.iter().filter(|facts| facts.group == 0);
            prop_assert!(others.clone().all(|facts| facts.quality.sum > 0));
            prop_assert_eq!(others.count() + plain, records.len());
        }
    }
}
