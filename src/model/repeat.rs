//! Short tandem repeats as callers write them: how many units each allele of a locus has, and how surely.
//! Positions are 1-based and inclusive; sizes are numbers of repeat units.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contig::ContigId;
use super::coord::{Pos1, Span};

/// Reads behind an allele (SO of ExpansionHunter).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum RepeatEvidence {
    /// Reads that span the whole repeat.
    Spanning,
    /// Reads that reach into it.
    Flanking,
    /// Reads that lie within it altogether.
    InRepeat,
}

/// One allele of a locus.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct RepeatAllele {
    /// Number of units, the likeliest.
    pub units: u32,
    /// Confidence interval, least and most units; absent when the caller gives none.
    pub interval: Option<[u32; 2]>,
    /// The longest kind of reads behind it.
    pub evidence: Option<RepeatEvidence>,
    /// Spanning reads (ADSP).
    pub spanning: Option<u32>,
    /// Flanking reads (ADFL).
    pub flanking: Option<u32>,
    /// In-repeat reads (ADIR).
    pub in_repeat: Option<u32>,
}

impl RepeatAllele {
    /// The upper bound of the interval, else the number itself.
    pub fn upper(&self) -> u32 {
        self.interval.map_or(self.units, |[_, most]| most)
    }
}

/// What one member's column says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RepeatCall {
    /// One entry a copy, in the order of the file; empty when nothing was called.
    pub alleles: Vec<RepeatAllele>,
    /// FILTER of the record that holds the call; empty for `.`.
    pub filters: Vec<String>,
    /// Depth of the locus (LC).
    pub coverage: Option<f32>,
}

/// One locus of a repeat file.
#[derive(Clone, Debug, PartialEq)]
pub struct RepeatLocus {
    /// Contig.
    pub contig: ContigId,
    /// First base of the repeat in the reference.
    pub start: Pos1,
    /// Last base of the repeat in the reference.
    pub end: Pos1,
    /// Unit in the direction of the reference, upper case, IUPAC letters allowed.
    pub unit: String,
    /// Name in the caller's catalogue.
    pub id: String,
    /// Units in the reference, when stated.
    pub reference_units: Option<u32>,
    /// First base of REF, the base before the repeat.
    pub reference: String,
    /// Id of the dialect that read it: `expansion-hunter`.
    pub caller: String,
    /// Number of the file in the case, from 0 over repeat files.
    pub file: u16,
    /// One entry a member of the case; `None` for members without a call.
    pub calls: Vec<Option<RepeatCall>>,
}

impl RepeatLocus {
    /// The stretch, 0-based half-open.
    pub fn span(&self) -> Span {
        Span::from_one_based(self.start.0, self.end.0)
    }

    /// The order of results.
    pub fn order(&self) -> impl Ord + '_ {
        (self.contig, self.start, self.end, &self.unit, &self.id)
    }
}

/// The bases that an IUPAC letter stands for, as bits A, C, G, T; 0 for anything else.
fn bases(letter: u8) -> u8 {
    match letter.to_ascii_uppercase() {
        b'A' => 1,
        b'C' => 2,
        b'G' => 4,
        b'T' | b'U' => 8,
        b'R' => 5,
        b'Y' => 10,
        b'S' => 6,
        b'W' => 9,
        b'K' => 12,
        b'M' => 3,
        b'B' => 14,
        b'D' => 13,
        b'H' => 11,
        b'V' => 7,
        b'N' => 15,
        _ => 0,
    }
}

/// The other strand.
fn complement(bits: u8) -> u8 {
    (bits & 1) << 3 | (bits & 2) << 1 | (bits & 4) >> 1 | (bits & 8) >> 3
}

/// True when two units spell the same repeat: `CAG`, `AGC`, `CTG` and `GCN` do, whichever strand and whichever base each
/// begins with.
pub fn same_unit(a: &str, b: &str) -> bool {
    let read = |unit: &str| unit.bytes().map(bases).collect::<Vec<u8>>();
    let (a, b) = (read(a), read(b));
    if a.len() != b.len() || a.is_empty() || a.iter().chain(&b).any(|&bits| bits == 0) {
        return false;
    }
    let other: Vec<u8> = b.iter().rev().map(|&bits| complement(bits)).collect();
    let fits = |unit: &[u8], turn: usize| {
        a.iter().zip(unit.iter().cycle().skip(turn)).all(|(x, y)| x & y != 0)
    };
    (0..b.len()).any(|turn| fits(&b, turn) || fits(&other, turn))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_the_same_in_any_rotation_and_strand() {
        for (a, b) in [
            ("CAG", "CAG"),
            ("CAG", "AGC"),
            ("CAG", "CTG"),
            ("CAG", "GCT"),
            ("GCN", "GCA"),
            ("GCN", "CGG"),
            ("CCCCGCCCCGCG", "CGCGGGGCGGGG"),
            ("GGGGCC", "GGCCCC"),
        ] {
            assert!(same_unit(a, b) && same_unit(b, a), "{a} {b}");
        }
        for (a, b) in
            [("CAG", "GGA"), ("CAG", "CAGC"), ("", ""), ("CAG", "C1G"), ("TTTCA", "TTTTA")]
        {
            assert!(!same_unit(a, b), "{a} {b}");
        }
    }

    #[test]
    fn the_upper_bound_is_that_of_the_interval() {
        let allele = RepeatAllele {
            units: 38,
            interval: Some([36, 41]),
            evidence: None,
            spanning: None,
            flanking: None,
            in_repeat: None,
        };
        assert_eq!(allele.upper(), 41);
        assert_eq!(RepeatAllele { interval: None, ..allele }.upper(), 38);
    }
}
