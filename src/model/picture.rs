//! The reads over one place, small enough to be kept with the results and drawn on a page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Bases on each side of the place that are kept.
pub const FLANK_BP: u32 = 20;
/// Most reads that are kept.
pub const MOST_READS: usize = 40;

/// Bases put in between two columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PicturedInsertion {
    /// Column after which they stand, from 0.
    pub after: u32,
    /// Length, bp.
    pub length: u32,
}

/// One read within the window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PicturedRead {
    /// Column of its first base, from 0.
    pub offset: u32,
    /// Its bases, a letter a column; `-` deleted, `~` skipped.
    pub bases: String,
    /// True on the reverse strand.
    pub reverse: bool,
    /// What it has between columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub insertions: Vec<PicturedInsertion>,
}

/// The reads of one member over one place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadPicture {
    /// First base of the window, 1-based.
    pub start: u32,
    /// The reference over the window; absent when none was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Reads in the order of the file; of more than [`MOST_READS`] as many, evenly spread.
    pub reads: Vec<PicturedRead>,
    /// Reads that are not kept.
    pub left_out: u32,
}

impl ReadPicture {
    /// True when everything lies within a window of the width that is drawn.
    pub fn is_sound(&self) -> bool {
        let most = (2 * FLANK_BP + 1) as usize;
        let fits = |offset: u32, bases: &str| {
            bases.is_ascii() && (offset as usize).saturating_add(bases.len()) <= most
        };
        self.reads.len() <= MOST_READS
            && self.reference.as_ref().is_none_or(|bases| fits(0, bases))
            && self.reads.iter().all(|read| {
                fits(read.offset, &read.bases)
                    && read.insertions.iter().all(|own| (own.after as usize) < most)
            })
    }

    /// Number of columns.
    pub fn width(&self) -> u32 {
        let reads = self.reads.iter().map(|read| read.offset + read.bases.len() as u32);
        let own = self.reference.as_ref().map_or(0, |bases| bases.len() as u32);
        reads.max().unwrap_or(0).max(own)
    }
}
