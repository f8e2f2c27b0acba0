//! Genomic coordinates as types, so that 0-based and 1-based numbers cannot be mixed up.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A 0-based position on a contig.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pos0(pub u32);

/// A 1-based position on a contig, as in VCF and SAM text. 0 stands for "before the first base" (telomere), as VCF allows.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(transparent)]
pub struct Pos1(pub u32);

impl Pos0 {
    /// The same base, 1-based.
    pub fn to_pos1(self) -> Pos1 {
        Pos1(self.0 + 1)
    }
}

impl Pos1 {
    /// The same base, 0-based; position 0 (telomere) becomes 0.
    pub fn to_pos0(self) -> Pos0 {
        Pos0(self.0.saturating_sub(1))
    }
}

impl fmt::Display for Pos1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A stretch of a contig, 0-based half-open: bases `start .. end`.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
pub struct Span {
    /// First base, 0-based.
    pub start: u32,
    /// One past the last base, 0-based.
    pub end: u32,
}

impl Span {
    /// The stretch `start .. end`, 0-based half-open.
    pub fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// The stretch of 1-based inclusive bounds, as PAR tables and region strings are written.
    pub fn from_one_based(first: u32, last: u32) -> Self {
        Self { start: first.saturating_sub(1), end: last }
    }

    /// Number of bases; 0 when `end <= start`.
    pub fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// True when no base is inside.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// True when the base is inside.
    pub fn contains(self, position: Pos0) -> bool {
        self.start <= position.0 && position.0 < self.end
    }

    /// True when at least one base is shared.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_based_bounds_become_half_open() {
        let par = Span::from_one_based(10_001, 2_781_479);
        assert_eq!(par, Span::new(10_000, 2_781_479));
        assert!(par.contains(Pos1(10_001).to_pos0()) && par.contains(Pos1(2_781_479).to_pos0()));
        assert!(!par.contains(Pos1(10_000).to_pos0()) && !par.contains(Pos1(2_781_480).to_pos0()));
    }

    #[test]
    fn touching_spans_do_not_overlap() {
        assert!(!Span::new(0, 10).overlaps(Span::new(10, 20)));
        assert!(Span::new(0, 11).overlaps(Span::new(10, 20)));
    }
}
