//! Aligned bases against the reference under them: both are packed two a byte, so that a difference is what an
//! exclusive-or leaves. They are counted in whole vectors and looked up sixteen at a time.
//!
//! Bases are equal when their codes are: an ambiguous base equals itself only, N equals N. This is how htsjdk compares.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use crate::model::read::{ReadBlock, ReadFacts, ReadView, ReferenceSpan, flag};
use crate::model::read_block::places;

use super::facts::Found;

use super::vectors::{Task, Vectors, dispatch};

/// The lowest bit of each of a word's sixteen codes.
const LOWEST: u64 = 0x1111_1111_1111_1111;

/// Fills [`ReadFacts::mismatches`] in for the records of one contig, and the sums of their groups. Plain records that are
/// not among [`Found::looked_at`] are known to be equal to the reference.
pub fn prepare(block: &ReadBlock<'_>, reference: ReferenceSpan<'_>, found: &mut Found) {
    dispatch(Mismatches { block, reference, found });
}

/// The work of [`prepare`].
struct Mismatches<'a> {
    block: &'a ReadBlock<'a>,
    reference: ReferenceSpan<'a>,
    found: &'a mut Found,
}

impl Task for Mismatches<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { block, reference, found } = self;
        let Found { facts, groups, looked_at, .. } = found;
        for i in looked_at.iter() {
            let (Some(read), Some(facts)) = (block.get(i), facts.get_mut(i)) else { continue };
            match plain(read, facts, reference) {
                Some((own, under)) => {
                    let whole = Part { first: 0, own, under, bases: read.base_count() };
                    facts.mismatches = whole.differing(vectors);
                }
                None => in_stretches(vectors, read, facts, reference),
            }
            if let Some(group) = groups.get_mut(facts.group) {
                group.mismatches += u64::from(facts.mismatches);
            }
        }
        for i in places(block.len(), groups.others()) {
            if let (Some(read), Some(facts)) = (block.get(i), facts.get_mut(i)) {
                in_stretches(vectors, read, facts, reference);
            }
        }
    }
}

/// Counts the mismatches of a read of any operations.
#[inline(always)]
fn in_stretches<V: Vectors>(
    vectors: V,
    read: ReadView<'_>,
    facts: &mut ReadFacts,
    reference: ReferenceSpan<'_>,
) {
    stretches(
        read,
        Some(reference),
        #[inline(always)]
        |stretch| {
            stretch.parts(
                read.packed_sequence(),
                Some(reference),
                #[inline(always)]
                |part| facts.mismatches += part.differing(vectors),
            );
        },
    );
}

/// The packed bases of a plain read and the codes under them; `None` where the reference ends before the read does.
#[inline(always)]
fn plain<'a>(
    read: ReadView<'a>,
    facts: &ReadFacts,
    reference: ReferenceSpan<'a>,
) -> Option<(&'a [u8], &'a [u8])> {
    let own = read.packed_sequence();
    Some((own, codes_under(read, facts, own.len(), reference)?))
}

/// The codes under so many packed bytes of a plain read; `None` where the reference ends before the read does.
#[inline(always)]
pub(super) fn codes_under<'a>(
    read: ReadView<'_>,
    facts: &ReadFacts,
    bytes: usize,
    reference: ReferenceSpan<'a>,
) -> Option<&'a [u8]> {
    let under = reference.packed_from(read.position() as u32)?.get(..bytes)?;
    (facts.end <= reference.end()).then_some(under)
}

/// Bases that are aligned without a gap: a stretch of `M`, `=` or `X`, or as much of it as the reference has.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    /// Place of its first base in the read.
    at: usize,
    /// 0-based position under it.
    position: u32,
    length: u32,
}

/// Packed bases and the codes under them, for who adds up whole vectors of them.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a> {
    /// 1 when the first half byte belongs not to them, otherwise 0.
    pub(super) skipped: usize,
    /// Half bytes with that one.
    pub(super) halves: usize,
    /// Whether an N counts as a difference.
    pub(super) no_calls: bool,
    /// More may follow.
    pub(super) own: &'a [u8],
    /// More may follow.
    pub(super) under: &'a [u8],
}

impl Stretch {
    /// That of a read that aligns from end to end.
    #[inline(always)]
    pub(super) fn whole(read: ReadView<'_>) -> Self {
        Self { at: 0, position: read.position() as u32, length: read.base_count() as u32 }
    }

    /// Its bases with all that follows them in the record, and the codes from there on. `None` where the reference begins or
    /// ends inside.
    #[inline(always)]
    pub(super) fn codes<'a>(
        self,
        read: ReadView<'a>,
        reference: ReferenceSpan<'a>,
    ) -> Option<Codes<'a>> {
        let bases = read.base_count();
        let (_, record) = read.without_tags();
        let sequence = record.get(record.len().checked_sub(bases + bases.div_ceil(2))?..)?;
        let skipped = self.at % 2;
        let position = self.position.checked_sub(skipped as u32)?;
        (self.position.saturating_add(self.length) <= reference.end()).then_some(())?;
        Some(Codes {
            skipped,
            halves: skipped + self.length as usize,
            no_calls: false,
            own: sequence.get(self.at / 2..)?,
            under: reference.packed_from(position)?,
        })
    }

    /// Calls `found` with the place of every base that differs from the reference or, if the read has `no_calls`, is N: its
    /// 0-based offset in the stretch. Without a reference these are the N.
    pub(super) fn oddities(
        self,
        read: ReadView<'_>,
        reference: Option<ReferenceSpan<'_>>,
        has_no_calls: bool,
        mut found: impl FnMut(u32),
    ) {
        self.parts(read.packed_sequence(), reference, |part| {
            part.words(
                #[inline(always)]
                |offset, bases, under| {
                    // Most words are equal.
                    if bases == under && !has_no_calls {
                        return;
                    }
                    each_place(differing(bases ^ under) | no_calls(bases), |i| found(offset + i));
                },
            );
        });
    }
}

/// Calls `found` with the 0-based place of every one of so many packed bases that is N.
#[inline(always)]
pub(super) fn no_call_places(packed: &[u8], bases: usize, mut found: impl FnMut(usize)) {
    let Some(own) = packed.get(..bases.div_ceil(2)) else { return };
    Part { first: 0, own, under: own, bases }.words(
        #[inline(always)]
        |offset, bases, _| each_place(no_calls(bases), |i| found((offset + i) as usize)),
    );
}

/// Calls `found` with the place of every base of a word that is marked by the lowest bit of its code.
#[inline(always)]
fn each_place(mut marked: u64, mut found: impl FnMut(u32)) {
    while marked != 0 {
        found(marked.leading_zeros() / 4);
        marked &= !(1 << marked.ilog2());
    }
}

/// For each code its lowest bit, when any of its bits is set.
#[inline(always)]
fn differing(bits: u64) -> u64 {
    let halves = bits | bits >> 1;
    (halves | halves >> 2) & LOWEST
}

/// For each code its lowest bit, when it is that of N.
#[inline(always)]
fn no_calls(codes: u64) -> u64 {
    let halves = codes & codes >> 1;
    halves & halves >> 2 & LOWEST
}

/// Packed bases and the codes under them.
#[derive(Clone, Copy)]
struct Part<'a> {
    /// Offset of the first base in its aligned stretch.
    first: u32,
    own: &'a [u8],
    under: &'a [u8],
    /// Number of bases; where it is odd, the last byte's second half is none.
    bases: usize,
}

/// Calls `each` with the stretches of a read that are aligned. What hangs over the end of the reference is left out.
#[inline(always)]
pub(super) fn stretches(
    read: ReadView<'_>,
    reference: Option<ReferenceSpan<'_>>,
    mut each: impl FnMut(Stretch),
) {
    let bases = read.base_count();
    let Ok(mut position) = u32::try_from(read.position()) else { return };
    if read.flags() & flag::UNMAPPED != 0 || bases == 0 {
        return;
    }
    let mut at = 0;
    for op in read.cigar().iter() {
        if op.is_aligned() {
            let mut length = op.length.min((bases - at.min(bases)) as u32);
            if let Some(reference) = reference {
                length = length.min(reference.end().saturating_sub(position));
            }
            each(Stretch { at, position, length });
        }
        if op.consumes_read() {
            at += op.length as usize;
        }
        if op.consumes_reference() {
            position = position.saturating_add(op.length);
        }
    }
}

impl Stretch {
    /// Calls `each` with its parts; without a reference the codes under the bases are the same.
    #[inline(always)]
    fn parts(
        self,
        sequence: &[u8],
        reference: Option<ReferenceSpan<'_>>,
        mut each: impl FnMut(Part<'_>),
    ) {
        let Self { at, position, length } = self;
        let mut first = 0;
        if at % 2 == 1 && length > 0 {
            // A stretch that begins inside a byte: its first base alone.
            let base = sequence.get(at / 2).map_or(0, |pair| pair & 0xf);
            let code = match reference {
                Some(reference) => {
                    reference.slice(position, position + 1).map_or(base, |one| one[0])
                }
                None => base,
            };
            each(Part { first, own: &[base << 4], under: &[code << 4], bases: 1 });
            first = 1;
        }
        let (from, bases) = (at.div_ceil(2), (length - first) as usize);
        let bytes = bases.div_ceil(2);
        let Some(own) = sequence.get(from..from + bytes) else { return };
        let under = match reference {
            Some(reference) => reference.packed_from(position + first),
            None => Some(own),
        };
        let Some(under) = under.and_then(|under| under.get(..bytes)) else { return };
        each(Part { first, own, under, bases });
    }
}

impl Part<'_> {
    /// How many bases differ.
    #[inline(always)]
    fn differing<V: Vectors>(self, vectors: V) -> u32 {
        let whole = self.bases / 2;
        let mut count = vectors.differing(&self.own[..whole], &self.under[..whole]);
        if self.bases % 2 == 1
            && let (Some(own), Some(under)) = (self.own.get(whole), self.under.get(whole))
        {
            count += u32::from((own ^ under) >> 4 != 0);
        }
        count
    }

    /// Calls `each` with up to sixteen bases at a time, first ones in the highest bits, and the codes under them, with the
    /// offset of the first in its aligned stretch. Where fewer are left the others are 0 in both.
    #[inline(always)]
    fn words(self, mut each: impl FnMut(u32, u64, u64)) {
        let Self { first, own, under, bases } = self;
        let ((own_words, _), (under_words, _)) = (own.as_chunks::<8>(), under.as_chunks::<8>());
        let whole = bases / 16;
        for (i, (own, under)) in own_words.iter().zip(under_words).take(whole).enumerate() {
            each(first + 16 * i as u32, u64::from_be_bytes(*own), u64::from_be_bytes(*under));
        }
        let left = bases % 16;
        if left > 0 {
            let mask = !0_u64 << (64 - 4 * left);
            let last = |bytes: &[u8]| {
                let word = match bytes.last_chunk() {
                    Some(chunk) => u64::from_be_bytes(*chunk),
                    None => bytes.iter().fold(0, |word, &byte| word << 8 | u64::from(byte)),
                };
                word << (64 - 8 * (bytes.len() - 8 * whole)) & mask
            };
            each(first + 16 * whole as u32, last(own), last(under));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::vectors::{Portable, dispatch};
    use super::*;
    use crate::model::read::{FIXED_BYTES, Fields};
    use proptest::prelude::*;

    fn pack(codes: &[u8]) -> Vec<u8> {
        codes.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
    }

    /// A record of these bases, with qualities behind them.
    fn record(codes: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; FIXED_BYTES];
        bytes[8] = 2;
        bytes[16..20].copy_from_slice(&(codes.len() as u32).to_le_bytes());
        bytes.extend(b"r\0");
        bytes.extend(pack(codes));
        bytes.extend(codes.iter().map(|_| 0xff));
        bytes
    }

    struct Differing<'a>(Stretch, ReadView<'a>, ReferenceSpan<'a>);

    impl Task for Differing<'_> {
        type Output = u32;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> u32 {
            let mut count = 0;
            let sequence = self.1.packed_sequence();
            self.0.parts(sequence, Some(self.2), |part| count += part.differing(vectors));
            count
        }
    }

    proptest! {
        #[test]
        fn records_differ_where_single_bases_do(
            reads in prop::collection::vec(
                (0_usize..150, prop::collection::vec((0_usize..80, 1_u8..16), 0..4), any::<bool>()),
                1..20,
            ),
            likely in prop::option::of((0_usize..40, 100_usize..260)),
        ) {
            let codes: Vec<u8> = (0..260_u32).map(|i| 1 << (i.wrapping_mul(0x9e37_79b9) >> 30)).collect();
            let mut records = Vec::new();
            for (start, changes, clipped) in &reads {
                let mut bases = codes[*start..start + 80].to_vec();
                for (place, code) in changes {
                    bases[*place] = *code;
                }
                let mut bytes = record(&bases);
                bytes[4..8].copy_from_slice(&(*start as u32).to_le_bytes());
                bytes[9] = 60;
                let op = if *clipped { vec![80 << 4 | 7_u32] } else { vec![80 << 4] };
                bytes[12] = op.len() as u8;
                bytes.splice(FIXED_BYTES + 2..FIXED_BYTES + 2, op.into_iter().flat_map(u32::to_le_bytes));
                let qualities = bytes.len() - 80;
                bytes[qualities..].fill(30);
                records.push((bytes, bases));
            }
            let views: Vec<_> = records.iter().map(|(bytes, _)| ReadView::new(bytes).unwrap()).collect();
            let block = ReadBlock::new(&views);
            let packed = [pack(&codes), pack(&codes[1..])];
            let whole = ReferenceSpan { contig: 0, start: 0, codes: &codes, packed: [&packed[0], &packed[1]] };
            // What is at hand for plain records may lack some of what is under them.
            let (from, to) = likely.unwrap_or((0, 260));
            let own = &codes[from..to];
            let own_packed = [pack(own), pack(&own[1..])];
            let at_hand = ReferenceSpan {
                contig: 0, start: from as u32, codes: own, packed: [&own_packed[0], &own_packed[1]],
            };
            let mut found = Found::default();
            super::super::facts::prepare(Fields::GROUPS, &block, Some(at_hand), &mut found);
            prepare(&block, whole, &mut found);
            let mut sum = 0;
            for (i, ((start, ..), (_, bases))) in reads.iter().zip(&records).enumerate() {
                let under = &codes[*start..start + 80];
                let count = bases.iter().zip(under).filter(|(own, under)| own != under).count();
                prop_assert_eq!(found.facts[i].mismatches, count as u32, "record {}", i);
                sum += if found.facts[i].group > 0 { count as u64 } else { 0 };
            }
            prop_assert_eq!(found.groups.all().iter().map(|group| group.mismatches).sum::<u64>(), sum);
        }

        #[test]
        fn stretches_differ_where_single_bases_do(
            codes in prop::collection::vec(prop::sample::select(vec![1_u8, 2, 4, 8, 15, 5]), 1..300),
            changes in prop::collection::vec((0_usize..300, 1_u8..16), 0..6),
            at in 0_usize..20,
            behind in 0_usize..40,
            position in 0_u32..9,
        ) {
            let mut read = codes.clone();
            for (place, code) in changes {
                let place = place % read.len();
                read[place] = code;
            }
            let at = at.min(read.len());
            let end = read.len() - behind.min(read.len() - at);
            let mut under = vec![8_u8; position as usize];
            // The reference ends with the stretch or goes on.
            under.extend(&codes[at..if behind % 2 == 0 { end } else { codes.len() }]);
            let packed = [pack(&under), pack(under.get(1..).unwrap_or_default())];
            let reference = ReferenceSpan {
                contig: 0, start: 0, codes: &under, packed: [&packed[0], &packed[1]],
            };
            let (bytes, length) = (record(&read), (end - at) as u32);
            let view = ReadView::new(&bytes).unwrap();
            let stretch = Stretch { at, position, length };
            let differ = |&i: &u32| read[at + i as usize] != codes[at + i as usize];
            let count = (0..length).filter(differ).count() as u32;
            prop_assert_eq!(dispatch(Differing(stretch, view, reference)), count);
            prop_assert_eq!(Differing(stretch, view, reference).run(Portable), count);
            for no_calls in [read.contains(&15), true] {
                let mut found = Vec::new();
                stretch.oddities(view, Some(reference), no_calls, |offset| found.push(offset));
                let odd = |i: &u32| differ(i) || no_calls && read[at + *i as usize] == 15;
                prop_assert_eq!(found, (0..length).filter(odd).collect::<Vec<_>>());
            }
            if let Some(Codes { skipped, halves, own, under, .. }) = stretch.codes(view, reference) {
                prop_assert_eq!((skipped, halves), (at % 2, length as usize + at % 2));
                let half = |bytes: &[u8], i: usize| bytes[i / 2] >> (4 - i % 2 * 4) & 0xf;
                for i in 0..length as usize {
                    prop_assert_eq!(half(own, skipped + i), read[at + i]);
                    prop_assert_eq!(half(under, skipped + i), codes[at + i]);
                }
            } else {
                prop_assert!(position == 0 && at % 2 == 1);
            }
            prop_assert_eq!(Portable.any_no_call(&pack(&read)), read.contains(&15));
        }
    }
}
