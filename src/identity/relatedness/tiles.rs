//! Counts of many pairs. A piece of work is a few rows of the triangle of pairs; whoever has threads hands pieces out.

#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatched closure is compiled for the machine's vectors"
)]

use super::bits::GenotypeBits;
use crate::model::identity::PairCounts;

/// Samples of a row. Their planes and those of as many columns fit a core's second-level cache.
const ROWS: usize = 32;

/// A pair of samples, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// The first sample.
    pub a: u32,
    /// The second, a greater index.
    pub b: u32,
    /// What was counted.
    pub counts: PairCounts,
}

/// Number of pieces for so many samples.
pub fn pieces(samples: usize) -> usize {
    samples.div_ceil(ROWS)
}

/// All pairs of piece number `piece`, in order of both samples: those of its rows with every sample that follows. With
/// `least` only pairs of at least this kinship.
pub fn piece(samples: &[GenotypeBits], piece: usize, least: Option<f64>) -> Vec<Pair> {
    pulp::Arch::new().dispatch(Work { samples, piece, least })
}

/// The work on a piece. Not a closure: what calls one that could be called again is not inlined.
struct Work<'a> {
    samples: &'a [GenotypeBits],
    piece: usize,
    least: Option<f64>,
}

impl pulp::NullaryFnOnce for Work<'_> {
    type Output = Vec<Pair>;

    #[inline(always)]
    fn call(self) -> Vec<Pair> {
        let rows = self.piece * ROWS..((self.piece + 1) * ROWS).min(self.samples.len());
        let mut kept = Vec::new();
        for first in (rows.start..self.samples.len()).step_by(ROWS) {
            let columns = first..(first + ROWS).min(self.samples.len());
            for a in rows.clone() {
                for b in columns.start.max(a + 1)..columns.end {
                    let (one, other) = (&self.samples[a], &self.samples[b]);
                    if self.least.is_none_or(|least| is_near(one, other, least)) {
                        let counts = one.pair(other);
                        kept.push(Pair { a: a as u32, b: b as u32, counts });
                    }
                }
            }
        }
        kept.sort_unstable();
        kept
    }
}

/// Whether the kinship is at least so great: half the counting of a whole pair, for pairs that nobody wants.
#[inline(always)]
fn is_near(one: &GenotypeBits, other: &GenotypeBits, least: f64) -> bool {
    let (one, other) = (&one.autosomes, &other.autosomes);
    let (mut shared, mut opposite, mut hets) = (0_u64, 0_u64, 0_u64);
    for ([ref_a, het_a, alt_a], [ref_b, het_b, alt_b]) in one.zip(other) {
        shared += u64::from((het_a & het_b).count_ones());
        opposite += u64::from((ref_a & alt_b | alt_a & ref_b).count_ones());
        hets += u64::from((het_a & (ref_b | het_b | alt_b)).count_ones());
        hets += u64::from((het_b & (ref_a | het_a | alt_a)).count_ones());
    }
    hets > 0 && shared as f64 - 2.0 * opposite as f64 >= least * hets as f64
}
