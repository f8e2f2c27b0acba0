//! Microsatellites: short units repeated in the reference.

use super::contig::ContigId;

/// One microsatellite of the reference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Microsatellite {
    /// Contig of the case's table.
    pub contig: ContigId,
    /// First base of the repeat, 0-based.
    pub start0: u32,
    /// The unit, 1 to 6 bp.
    pub unit: String,
    /// How often it stands there.
    pub units: u32,
}

impl Microsatellite {
    /// The base behind the repeat, 0-based.
    pub fn end0(&self) -> u32 {
        self.start0 + self.units * self.unit.len() as u32
    }
}

/// How many reads of a sample show each length of a microsatellite (bp), by ascending length.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lengths(pub std::collections::BTreeMap<u32, u32>);

impl Lengths {
    /// Adds a read.
    pub fn add(&mut self, length_bp: u32) {
        *self.0.entry(length_bp).or_default() += 1;
    }

    /// All reads.
    pub fn reads(&self) -> u32 {
        self.0.values().sum()
    }
}
