//! What several metrics ask of every record, worked out once for all of them.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::read::{
    self, Cigar, Fields, OpKind, QualitySums, ReadBlock, ReadFacts, ReadView, TagValue, flag,
};

use super::compare;
use super::lanes::LANES;
use super::vectors::{Task, Vectors, dispatch};

/// Works out the facts of a block's records that `needs` names.
pub fn prepare(needs: Fields, block: &ReadBlock<'_>, facts: &mut Vec<ReadFacts>) {
    let wanted =
        [Fields::SPAN_FACTS, Fields::QUALITY_FACTS, Fields::TAG_FACTS, Fields::NO_CALL_FACTS];
    if !wanted.iter().any(|&group| needs.contains(group)) {
        facts.clear();
        return;
    }
    // Those of the block before are written over.
    facts.resize(block.len(), ReadFacts::default());
    // Comparing and summing bytes gains most from the widest vectors that the machine has.
    dispatch(Work { needs, block, facts });
}

/// The work of [`prepare`]. Not with `extend`: that would not be inlined.
struct Work<'a> {
    needs: Fields,
    block: &'a ReadBlock<'a>,
    facts: &'a mut [ReadFacts],
}

impl Task for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        for (read, facts) in self.block.iter().zip(self.facts) {
            of(vectors, self.needs, read, facts);
        }
    }
}

#[inline(always)]
fn of<V: Vectors>(vectors: V, needs: Fields, read: ReadView<'_>, facts: &mut ReadFacts) {
    *facts = ReadFacts::default();
    let cigar = read.cigar();
    if needs.contains(Fields::SPAN_FACTS) {
        span(read, cigar, facts);
    }
    if needs.contains(Fields::QUALITY_FACTS) {
        qualities(vectors, read, cigar, facts);
    }
    if needs.contains(Fields::TAG_FACTS) {
        tags(vectors, read, facts);
    }
    if needs.contains(Fields::NO_CALL_FACTS) {
        facts.no_calls = compare::any_no_call(read.packed_sequence());
    }
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

/// A bit for a tag's key: most others that are common have bits that none of the wanted ones has.
const fn tag_bit([a, b]: [u8; 2]) -> u64 {
    1 << ((a ^ b << 2) & 63)
}

/// The bits of the tags that are looked at.
const WANTED_TAGS: u64 =
    tag_bit(*b"NM") | tag_bit(*b"MQ") | tag_bit(*b"OQ") | tag_bit(*b"XN") | tag_bit(*b"SA");

/// [`read::text_end`](crate::model::read::text_end) for texts of which most end within a vector.
#[inline(always)]
fn text_end<V: Vectors>(vectors: V, bytes: &[u8], from: usize) -> Option<usize> {
    // A vector that would reach beyond the end begins earlier: most records are longer than one.
    let start = from.min(bytes.len().saturating_sub(LANES));
    let mut rest = from;
    if let Some(chunk) = bytes.get(start..).and_then(<[u8]>::first_chunk::<LANES>) {
        let zeros = !vectors.at_least(chunk, 1) >> (from - start).min(LANES - 1);
        if zeros != 0 && from < bytes.len() {
            return Some(from + zeros.trailing_zeros() as usize);
        }
        // What was looked at need not be looked at again.
        rest = from.max(start + LANES);
    }
    read::text_end(bytes, rest)
}

#[inline(always)]
fn tags<V: Vectors>(vectors: V, read: ReadView<'_>, facts: &mut ReadFacts) {
    read.chosen_tags(
        #[inline(always)]
        |key| {
            WANTED_TAGS & tag_bit(key) != 0 && matches!(&key, b"NM" | b"MQ" | b"OQ" | b"XN" | b"SA")
        },
        #[inline(always)]
        |bytes, from| text_end(vectors, bytes, from),
        #[inline(always)]
        |key, value| match (&key, value) {
            (b"NM", TagValue::Integer(distance)) => {
                facts.edit_distance = u32::try_from(distance).ok();
            }
            (b"MQ", TagValue::Integer(mapq)) => facts.mate_mapq = u8::try_from(mapq).ok(),
            (b"OQ", TagValue::Text(text)) => facts.original_quality = Some(of_text(text)),
            (b"XN", value) => facts.noise = value == TagValue::Integer(1),
            (b"SA", _) => facts.has_supplementary = true,
            _ => {}
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Ends<'a>(&'a [u8], usize);

    impl Task for Ends<'_> {
        type Output = Option<usize>;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> Option<usize> {
            text_end(vectors, self.0, self.1)
        }
    }

    proptest! {
        #[test]
        fn texts_end_where_the_next_zero_is(
            bytes in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 65, 255, 65, 66]), 0..90),
            late in 0_usize..90,
            from in 0_usize..100,
        ) {
            let mut one = vec![7; bytes.len()];
            if let Some(byte) = one.get_mut(late) {
                *byte = 0;
            }
            for bytes in [&bytes, &one] {
                let rest = bytes.get(from..);
                let expected = rest.and_then(|rest| rest.iter().position(|&byte| byte == 0));
                prop_assert_eq!(dispatch(Ends(bytes, from)), expected.map(|i| from + i));
            }
        }
    }
}
