//! What several metrics ask of every record, worked out once for all of them.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::read::{
    Cigar, Fields, OpKind, QualitySums, ReadBlock, ReadFacts, ReadView, TagValue, flag,
};

use super::compare;
use super::lanes::{self, LANES};

/// Works out the facts of a block's records that `needs` names.
pub fn prepare(needs: Fields, block: &ReadBlock<'_>, facts: &mut Vec<ReadFacts>) {
    facts.clear();
    let wanted =
        [Fields::SPAN_FACTS, Fields::QUALITY_FACTS, Fields::TAG_FACTS, Fields::NO_CALL_FACTS];
    if !wanted.iter().any(|&group| needs.contains(group)) {
        return;
    }
    // Comparing and summing bytes gains most from the widest vectors that the machine has.
    facts.resize(block.len(), ReadFacts::default());
    pulp::Arch::new().dispatch(Work { needs, block, facts });
}

/// The work of [`prepare`]. Not a closure, nor with `extend`: neither would be inlined.
struct Work<'a> {
    needs: Fields,
    block: &'a ReadBlock<'a>,
    facts: &'a mut [ReadFacts],
}

impl pulp::NullaryFnOnce for Work<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (read, facts) in self.block.iter().zip(self.facts) {
            *facts = of(self.needs, read);
        }
    }
}

#[inline(always)]
fn of(needs: Fields, read: ReadView<'_>) -> ReadFacts {
    let mut facts = ReadFacts::default();
    let cigar = read.cigar();
    if needs.contains(Fields::SPAN_FACTS) {
        span(read, cigar, &mut facts);
    }
    if needs.contains(Fields::QUALITY_FACTS) {
        qualities(read, cigar, &mut facts);
    }
    if needs.contains(Fields::TAG_FACTS) {
        tags(read, &mut facts);
    }
    if needs.contains(Fields::NO_CALL_FACTS) {
        facts.no_calls = compare::any_no_call(read.packed_sequence());
    }
    facts
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
fn qualities(read: ReadView<'_>, cigar: Cigar<'_>, facts: &mut ReadFacts) {
    let all = read.qualities();
    if all.first() == Some(&u8::MAX) {
        return;
    }
    facts.quality = sums(all);
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
            let part = sums(all.get(at..at + length).unwrap_or_default());
            facts.aligned_quality.sum += part.sum;
            facts.aligned_quality.q20 += part.q20;
            facts.aligned_quality.q30 += part.q30;
        }
        if op.consumes_read() {
            at += length;
        }
    }
}

/// Sums over qualities.
#[inline(always)]
fn sums(qualities: &[u8]) -> QualitySums {
    let mut sums = QualitySums::default();
    for part in qualities.chunks(STEPS * LANES) {
        let (chunks, _) = part.as_chunks::<LANES>();
        let mut lanes = Lanes::default();
        for chunk in chunks {
            lanes.add(chunk);
        }
        // Zeros behind the last bases count for nothing.
        if let Some(rest) = lanes::rest(part) {
            lanes.add(&rest);
        }
        let (mut q20, mut q30) = ([0; LANES], [0; LANES]);
        for lane in 0..LANES {
            q20[lane] = lanes.high[lane] & 0xf;
            q30[lane] = lanes.high[lane] >> 4;
        }
        sums.sum += lanes::wide_sum(&lanes.sum);
        sums.q20 += lanes::small_sum(&q20);
        sums.q30 += lanes::small_sum(&q30);
    }
    sums
}

/// Vectors that [`Lanes`] can take before a sum over its lanes passes what it may be.
const STEPS: usize = 7;

/// What the bases in each lane amount to.
struct Lanes {
    /// Sums of two lanes each.
    sum: [u16; LANES / 2],
    /// Bases of at least 20, and sixteen times those of at least 30.
    high: [u8; LANES],
}

impl Default for Lanes {
    #[inline(always)]
    fn default() -> Self {
        Self { sum: [0; LANES / 2], high: [0; LANES] }
    }
}

impl Lanes {
    #[inline(always)]
    fn add(&mut self, chunk: &[u8; LANES]) {
        for (lane, pair) in chunk.as_chunks::<2>().0.iter().enumerate() {
            let both = u16::from_le_bytes(*pair);
            self.sum[lane] += (both & 0xff) + (both >> 8);
        }
        for (high, &quality) in self.high.iter_mut().zip(chunk) {
            *high += u8::from(quality >= 20) + (u8::from(quality >= 30) << 4);
        }
    }
}

/// Sums over qualities written as in SAM: each as the character 33 above it.
fn of_text(text: &[u8]) -> QualitySums {
    let qualities: Vec<u8> = text.iter().map(|letter| letter.saturating_sub(b'!')).collect();
    sums(&qualities)
}

#[inline(always)]
fn tags(read: ReadView<'_>, facts: &mut ReadFacts) {
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn sums_equal_those_of_one_base_after_the_other(
            qualities in prop::collection::vec(0_u8..94, 0..20_000),
        ) {
            let least = |q: u8| qualities.iter().filter(|&&own| own >= q).count() as u32;
            let expected = QualitySums {
                sum: qualities.iter().map(|&q| u32::from(q)).sum(),
                q20: least(20),
                q30: least(30),
            };
            prop_assert_eq!(sums(&qualities), expected);
        }
    }
}
