//! Where the bases of a read stand on the reference.

use crate::model::coord::Span;
use crate::model::read::{OpKind, ReadView};

/// The bases of BAM's 4-bit codes.
const LETTERS: &[u8; 16] = b"=ACMGRSVTWYHKDBN";

/// Base `i` of a read as a letter; N past its end.
pub(super) fn base(read: ReadView<'_>, i: usize) -> u8 {
    let packed = read.packed_sequence().get(i / 2).copied().unwrap_or(0xff);
    LETTERS[usize::from(if i.is_multiple_of(2) { packed >> 4 } else { packed & 15 })]
}

/// What a read has over a few neighbouring reference bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Over {
    /// It does not reach over all of them, or skips them.
    Not,
    /// Some of them are deleted, or bases are inserted between them.
    Indel,
    /// One base of the read on each: the index of the first.
    Bases(usize),
}

/// What the read has over `span`, which is not empty.
pub(super) fn over(read: ReadView<'_>, span: Span) -> Over {
    let mut at = read.position().max(0) as u32;
    if at > span.start || read.end() < span.end as i32 {
        return Over::Not;
    }
    let (mut query, mut first) = (0_usize, None);
    for op in read.cigar().iter() {
        let inside = at > span.start && at < span.end;
        if op.is_aligned() {
            let end = at.saturating_add(op.length);
            if first.is_none() && (at..end).contains(&span.start) {
                first = Some(query + (span.start - at) as usize);
            }
            if let Some(first) = first
                && end >= span.end
            {
                return Over::Bases(first);
            }
        } else if op.consumes_reference() {
            let touches = at < span.end && at.saturating_add(op.length) > span.start;
            match op.kind {
                _ if !touches => {}
                OpKind::Skip => return Over::Not,
                _ => return Over::Indel,
            }
        } else if op.kind == OpKind::Insertion && inside {
            return Over::Indel;
        }
        if op.consumes_reference() {
            at = at.saturating_add(op.length);
        }
        if op.consumes_read() {
            query += op.length as usize;
        }
    }
    Over::Not
}

/// The part of a read around a stretch of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// First base of the read (0-based).
    pub(super) from: usize,
    /// One past its last base.
    pub(super) to: usize,
    /// Bases that the read has more (insertions) or less (deletions) than the reference within the inner stretch.
    pub(super) net: i64,
}

/// The bases of a read that lie on `outer`, when the read reaches into `inner`. Clipped ends lie where they would without
/// an indel, and reach `spare` bases further out, since the missing indel may have moved them.
pub(super) fn part(read: ReadView<'_>, outer: Span, inner: Span, spare: u32) -> Option<Part> {
    let clip = |clipped: bool| if clipped { i64::from(spare) } else { 0 };
    let mut ops = read.cigar().iter().filter(|op| op.kind != OpKind::HardClip).peekable();
    let lead = ops.peek().filter(|op| op.kind == OpKind::SoftClip).map_or(0, |op| op.length);
    let first = i64::from(read.position()) - i64::from(lead);
    let (mut at, mut query) = (first, 0_i64);
    let (mut from, mut to, mut net) = (None, 0_i64, 0_i64);
    let (start, end) = (i64::from(outer.start), i64::from(outer.end));
    let near = |place: i64| place >= i64::from(inner.start) - 1 && place <= i64::from(inner.end);
    for (i, op) in ops.enumerate() {
        let length = i64::from(op.length);
        let clipped = op.kind == OpKind::SoftClip;
        if op.is_aligned() || clipped {
            let (low, high) = match (clipped, i) {
                (true, 0) => (start - clip(true), end),
                (true, _) => (start, end + clip(true)),
                _ => (start, end),
            };
            if from.is_none() && at < high && at + length > low {
                from = Some(query + (low - at).max(0));
            }
            if at < high && at + length > low {
                to = query + (high - at).min(length);
            }
            (at, query) = (at + length, query + length);
        } else if op.kind == OpKind::Insertion {
            if near(at) {
                net += length;
            }
            if from.is_some() && at < end {
                to = query + length;
            }
            query += length;
        } else if op.consumes_reference() {
            if op.kind == OpKind::Skip
                && at < i64::from(inner.end)
                && at + length > i64::from(inner.start)
            {
                return None;
            }
            if op.kind == OpKind::Deletion && (near(at) || near(at + length)) {
                net -= length;
            }
            at += length;
        }
    }
    let reaches = first < i64::from(inner.end) && at > i64::from(inner.start);
    let from = from.filter(|from| reaches && to > *from)?;
    Some(Part { from: from as usize, to: to as usize, net })
}
