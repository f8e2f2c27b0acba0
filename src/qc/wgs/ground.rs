//! What holds for the reads of a whole block: which bases of the reference are known, and which reads are like most.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use memchr::memchr;

use crate::io::reference::CODE_N;
use crate::model::read::{ReadBlock, ReadFacts, ReferenceSpan, flag};
use crate::model::read_columns::Step;

use super::NEAR_BP;
use super::filter::{REASONS, Verdict, judge_group};
use super::kept::Link;

/// What lies under a block.
pub(super) struct Ground<'a> {
    /// Start of its first placed record.
    pub(super) start: u32,
    reference: Option<ReferenceSpan<'a>>,
    /// No base from the start to here is unknown; 0 when some may be.
    pub(super) known_end: u32,
}

impl<'a> Ground<'a> {
    /// What lies under a block whose first placed record starts here.
    #[inline(always)]
    pub(super) fn of(block: &ReadBlock<'a>, start: u32) -> Self {
        let reference = block.reference();
        let Some(span) = reference else { return Self { start, reference, known_end: u32::MAX } };
        let position = |i| u32::try_from(block.get(i)?.position()).ok();
        let last = (0..block.len()).rev().find_map(position).unwrap_or(start);
        let end = last.saturating_add(NEAR_BP).min(span.end());
        let known = span.slice(start, end).is_some_and(|codes| memchr(CODE_N, codes).is_none());
        Self { start, reference, known_end: if known { end } else { 0 } }
    }

    /// The reference, when some base under a read may be unknown.
    pub(super) fn unknown(&self, link: &Link) -> Option<ReferenceSpan<'a>> {
        self.reference.filter(|_| link.end > self.known_end)
    }
}

/// Whether a reference base is here and known.
pub(super) fn is_known(span: ReferenceSpan<'_>, position: u32) -> bool {
    let index = position.checked_sub(span.start);
    index.and_then(|i| span.codes.get(i as usize)).is_some_and(|&code| code != CODE_N)
}

/// The plain reads of a block that count and are no supplementary alignments, and those of which all is known at once.
#[derive(Clone, Copy, Default)]
pub(super) struct Usual {
    /// A bit for each of their groups, by number.
    groups: u64,
    /// A bit for each group that does not count, whatever else is true of a read of it.
    out: u64,
    /// Bases that are excluded with these, by reason.
    pub(super) excluded: [u64; REASONS],
    /// Number of bases of each.
    pub(super) bases: u32,
    /// Those that start here or before lie over known bases only.
    last: u32,
}

impl Usual {
    /// Those of a block; `None` when there are none.
    pub(super) fn of(block: &ReadBlock<'_>, ground: &Ground<'_>) -> Option<Self> {
        let (bases, groups) = (block.plain_bases(), block.groups());
        let last = ground.known_end.checked_sub(bases)?;
        if bases > NEAR_BP || groups.len() >= u64::BITS as usize {
            return None;
        }
        let mut usual = Self { bases, last, ..Self::default() };
        for (number, group) in (1..).zip(groups) {
            match judge_group(group) {
                None => {}
                Some(Verdict::Counts) => {
                    let is_usual = group.flags & flag::SUPPLEMENTARY == 0;
                    usual.groups |= u64::from(is_usual) << number;
                }
                Some(verdict) => {
                    usual.out |= 1 << number;
                    if let Verdict::Excluded(reason) = verdict {
                        usual.excluded[reason] += group.reads * u64::from(bases);
                    }
                }
            }
        }
        Some(usual)
    }

    /// A bit for each record of a step that is of a group that does not count, the first one lowest.
    #[inline(always)]
    pub(super) fn out(&self, step: Step<'_>) -> u32 {
        step.bits(
            #[inline(always)]
            |i| self.out.wrapping_shr(step.groups[i].into()) & 1 != 0,
        )
    }

    /// Whether a read is one of them.
    #[inline(always)]
    pub(super) fn holds(&self, facts: &ReadFacts) -> bool {
        self.groups.wrapping_shr(facts.group.into()) & 1 == 1
    }

    /// A bit for each of them in a step that lies well and whose mate is said not to start on it, nor less far before it than
    /// the longest read that waits; the first one lowest.
    #[inline(always)]
    pub(super) fn thin(&self, step: Step<'_>, longest: u32) -> u32 {
        step.bits(
            #[inline(always)]
            |i| {
                let start = step.starts[i] as u32;
                let ahead = (step.mates[i] as u32).wrapping_sub(start);
                let apart = u32::from(ahead.wrapping_add(longest) >= longest + self.bases);
                let holds = self.groups.wrapping_shr(step.groups[i].into()) as u32 & 1;
                apart & holds & self.lies_well(start) != 0
            },
        )
    }

    /// A bit for each of them in a step that lies well, but for these; the first one lowest.
    #[inline(always)]
    pub(super) fn thin_but(&self, step: Step<'_>, these: u32) -> u32 {
        let thin = step.bits(
            #[inline(always)]
            |i| {
                let holds = self.groups.wrapping_shr(step.groups[i].into()) as u32 & 1;
                holds & self.lies_well(step.starts[i] as u32) != 0
            },
        );
        thin & !these
    }

    /// 1 for one of them that lies over known bases only, 0 for another one.
    #[inline(always)]
    pub(super) fn lies_well(&self, start: u32) -> u32 {
        u32::from(start <= self.last)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::model::read::ReadView;
    use crate::model::read_columns::ReadColumns;

    /// Whether a plain read is thin where nothing else keeps it from that.
    pub(in super::super) fn is_thin(read: ReadView<'_>, bases: u32, longest: u32) -> bool {
        let mut columns = ReadColumns::default();
        columns.gather(&[read], &[ReadFacts { group: 1, ..ReadFacts::default() }], bases);
        let usual = Usual { groups: 2, bases, last: u32::MAX, ..Usual::default() };
        let step = columns.step(0).unwrap();
        let start = read.position() as u32;
        // Neither a read of another group, nor one over unknown bases.
        assert_eq!(Usual { groups: 4, ..usual }.thin(step, longest), 0);
        assert_eq!(
            Usual { last: start.wrapping_sub(1), ..usual }.thin(step, longest)
                & u32::from(start > 0),
            0
        );
        usual.thin(step, longest) == 1
    }
}
