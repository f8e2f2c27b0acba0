//! The reads over one place as a small picture. The same reads are left out as are not counted; a base of low quality is
//! drawn all the same.

use super::limits::Limits;
use super::place;
use crate::model::coord::Span;
use crate::model::picture::{MOST_READS, PicturedInsertion, PicturedRead, ReadPicture};
use crate::model::read::{OpKind, ReadView, flag};

/// Reads that are never drawn.
const NOT_DRAWN: u16 =
    flag::UNMAPPED | flag::DUPLICATE | flag::SECONDARY | flag::SUPPLEMENTARY | flag::QC_FAIL;

/// Collects the reads of one place.
#[derive(Debug)]
pub struct Painter<'a> {
    window: Span,
    limits: &'a Limits,
    reads: Vec<PicturedRead>,
    beyond: u32,
}

impl<'a> Painter<'a> {
    /// An empty picture of a window (0-based half-open).
    pub fn new(window: Span, limits: &'a Limits) -> Self {
        Self { window, limits, reads: Vec::new(), beyond: 0 }
    }

    /// Adds a read that may lie in the window.
    pub fn add(&mut self, read: ReadView<'_>) {
        if read.flags() & NOT_DRAWN != 0 || read.mapq() < self.limits.min_mapping_quality {
            return;
        }
        let Some(pictured) = pictured(read, self.window) else { return };
        if self.reads.len() < self.limits.max_depth as usize {
            self.reads.push(pictured);
        } else {
            self.beyond += 1;
        }
    }

    /// The picture over these reference bases.
    pub fn finish(self, reference: Option<String>) -> ReadPicture {
        let (all, kept) = (self.reads.len(), self.reads.len().min(MOST_READS));
        // Evenly spread over the order of the file, so that no start is preferred.
        let chosen = |i: usize| kept > 0 && (i * kept) / all != ((i + 1) * kept) / all;
        let mut reads = self.reads;
        let mut i = 0;
        reads.retain(|_| {
            i += 1;
            chosen(i - 1)
        });
        let left_out = (all - reads.len()) as u32 + self.beyond;
        ReadPicture { start: self.window.start + 1, reference, reads, left_out }
    }
}

/// A read cut to the window; `None` when it has no aligned base there.
fn pictured(read: ReadView<'_>, window: Span) -> Option<PicturedRead> {
    let mut at = u32::try_from(read.position()).ok()?;
    if at >= window.end || read.end() <= window.start as i32 {
        return None;
    }
    let first = at.max(window.start);
    let mut drawn = PicturedRead {
        offset: first - window.start,
        reverse: read.flags() & flag::REVERSE != 0,
        ..PicturedRead::default()
    };
    let mut query = 0_usize;
    for op in read.cigar().iter() {
        if op.consumes_reference() {
            for i in 0..op.length {
                let place = at + i;
                if place >= window.start && place < window.end {
                    drawn.bases.push(match op.kind {
                        OpKind::Deletion => '-',
                        OpKind::Skip => '~',
                        _ => place::base(read, query + i as usize) as char,
                    });
                }
                if place >= window.end {
                    break;
                }
            }
            at = at.saturating_add(op.length);
        } else if op.kind == OpKind::Insertion && at > window.start && at <= window.end {
            drawn
                .insertions
                .push(PicturedInsertion { after: at - 1 - window.start, length: op.length });
        }
        if op.consumes_read() {
            query += op.length as usize;
        }
    }
    (!drawn.bases.is_empty()).then_some(drawn)
}
