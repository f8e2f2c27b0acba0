//! Which reads count, and why others do not, in the order of CollectWgsMetrics.

#![allow(clippy::inline_always, reason = "a few instructions, called once a record")]

use crate::model::read::{ReadGroup, ReadView, SURE_MAPQ, flag};

use super::super::adapter::is_adapter;
use super::MIN_MAPQ;

/// Why a read does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It counts.
    Counts,
    /// It is left out, and nobody counts its bases.
    Silent,
    /// Its bases are counted for this reason: adapter, mapping quality, duplicate, unpaired.
    Excluded(usize),
}

/// Number of reasons of [`Verdict::Excluded`].
pub(super) const REASONS: usize = 4;

/// Whether an aligned record counts.
#[inline(always)]
pub(super) fn counts(read: ReadView<'_>) -> bool {
    flags_count(read.flags()) && read.mapq() >= MIN_MAPQ
}

/// Judges the records of a group; `None` for those that have to be looked at one by one.
pub(super) fn judge_group(group: &ReadGroup) -> Option<Verdict> {
    const { assert!(MIN_MAPQ == SURE_MAPQ) };
    group.sure.then(|| judge_flags(group.flags))
}

/// Whether aligned records with these flags count when their mapping quality is high enough.
#[inline(always)]
fn flags_count(flags: u16) -> bool {
    const LOOKED_AT: u16 = flag::SECONDARY
        | flag::UNMAPPED
        | flag::DUPLICATE
        | flag::PAIRED
        | flag::MATE_UNMAPPED
        | flag::QC_FAIL;
    flags & LOOKED_AT == flag::PAIRED
}

/// Judges an aligned record.
#[inline]
pub(super) fn judge(read: ReadView<'_>) -> Verdict {
    let (flags, mapq) = (read.flags(), read.mapq());
    if flags & (flag::SECONDARY | flag::UNMAPPED) == 0 && mapq < MIN_MAPQ {
        return Verdict::Excluded(usize::from(mapq != 0 || !is_adapter(read)));
    }
    judge_flags(flags)
}

/// Judges an aligned record with these flags whose mapping quality is high enough.
#[inline]
pub(super) fn judge_flags(flags: u16) -> Verdict {
    if flags & (flag::SECONDARY | flag::UNMAPPED) != 0 {
        return Verdict::Silent;
    }
    if flags & flag::DUPLICATE != 0 {
        return Verdict::Excluded(2);
    }
    if flags & (flag::PAIRED | flag::MATE_UNMAPPED) != flag::PAIRED {
        return Verdict::Excluded(3);
    }
    if flags_count(flags) { Verdict::Counts } else { Verdict::Silent }
}
