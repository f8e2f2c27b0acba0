//! Copy-number and structural variants as callers write them: losses, gains, insertions, inversions and breakends.
//! Positions are 1-based and inclusive. Germline and somatic callers fill the same types.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contig::ContigId;
use super::coord::{Pos1, Span};
use super::genotype::Genotype;

/// What changed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum StructuralKind {
    /// Fewer copies of a stretch.
    Loss,
    /// More copies of a stretch.
    Gain,
    /// As many copies as expected, but of one parent: loss of heterozygosity.
    NeutralLoss,
    /// Sequence put in between two bases.
    Insertion,
    /// A stretch turned round.
    Inversion,
    /// Two far places joined.
    Breakend,
}

impl StructuralKind {
    /// The symbolic ALT that VCF has for it.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Loss => "<DEL>",
            Self::Gain => "<DUP>",
            Self::NeutralLoss => "<CNV>",
            Self::Insertion => "<INS>",
            Self::Inversion => "<INV>",
            Self::Breakend => "<BND>",
        }
    }

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Loss => "loss",
            Self::Gain => "gain",
            Self::NeutralLoss => "copy-neutral loss of heterozygosity",
            Self::Insertion => "insertion",
            Self::Inversion => "inversion",
            Self::Breakend => "breakend",
        }
    }
}

/// How the caller saw it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Evidence {
    /// By the depth of reads: a copy-number caller.
    Depth,
    /// By reads across the breakpoints: a structural-variant caller.
    Breakpoints,
}

impl Evidence {
    /// `copy-number variant` or `structural variant`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Depth => "copy-number variant",
            Self::Breakpoints => "structural variant",
        }
    }
}

/// The other end of a breakend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mate {
    /// Its contig.
    pub contig: ContigId,
    /// Its position, 1-based.
    pub position: Pos1,
    /// True when the joined sequence runs on to the right of the mate's position (`[` in VCF).
    pub runs_right: bool,
    /// True when the joined sequence is put behind the base at this breakend, false when before it.
    pub joined_after: bool,
    /// True when the record of the mate is in the file as well; both are then one variant.
    pub recorded: bool,
}

/// Which ends of an inversion a junction joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvertedEnds {
    /// What is left of both of its ends.
    Left,
    /// What is right of both.
    Right,
}

/// What one member's column says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StructuralCall {
    /// Genotype seen from this ALT; empty when the caller gives none.
    pub genotype: Genotype,
    /// Number of copies of the stretch (CN).
    pub copy_number: Option<f32>,
    /// Copies of the rarer parental allele (MCN, or CN less MCC).
    pub minor_copies: Option<f32>,
    /// Genotype or copy-number quality, phred.
    pub quality: Option<f32>,
    /// Sample filter (FT), when it is not PASS.
    pub sample_filter: Option<String>,
    /// Read pairs that show the reference and the ALT (PR).
    pub pairs: Option<[u32; 2]>,
    /// Split reads that show the reference and the ALT (SR).
    pub splits: Option<[u32; 2]>,
}

/// A value of an INFO key that the policy names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KeyValue {
    /// The key, `CNV_AF`.
    pub key: String,
    /// Its value, 0 to 1.
    pub value: f64,
}

/// One copy-number or structural variant.
#[derive(Clone, Debug, PartialEq)]
pub struct StructuralVariant {
    /// Contig.
    pub contig: ContigId,
    /// First base that changed; of an insertion or breakend the base before it.
    pub start: Pos1,
    /// Last base that changed; of an insertion or breakend the same as `start`.
    pub end: Pos1,
    /// What changed.
    pub kind: StructuralKind,
    /// How it was seen.
    pub evidence: Evidence,
    /// Length put in, bp; insertions only, when known.
    pub inserted: Option<u32>,
    /// How far `start` may be off, bp to the left (0 or less) and to the right.
    pub start_interval: Option<[i32; 2]>,
    /// The same for `end`.
    pub end_interval: Option<[i32; 2]>,
    /// The other end of a breakend.
    pub mate: Option<Mate>,
    /// Of an inversion the one junction that the record stands for, where the caller writes two (Manta's INV3 and INV5).
    pub inverted: Option<InvertedEnds>,
    /// Id of the dialect that read it: `dragen-cnv`, `manta`.
    pub caller: String,
    /// ID of the record; `.` becomes empty.
    pub id: String,
    /// FILTER of the record; empty for `.`.
    pub filters: Vec<String>,
    /// QUAL of the record.
    pub quality: Option<f32>,
    /// INFO keys that the policy names, with their values.
    pub values: Vec<KeyValue>,
    /// Number of the file in the case, from 0 over structural files.
    pub file: u16,
    /// POS of the record.
    pub position: Pos1,
    /// First base of REF.
    pub reference: String,
    /// ALT as written.
    pub alternate: String,
    /// One entry a member of the case; `None` for members without a column.
    pub calls: Vec<Option<StructuralCall>>,
}

impl StructuralVariant {
    /// The stretch, 0-based half-open.
    pub fn span(&self) -> Span {
        Span::from_one_based(self.start.0, self.end.0)
    }

    /// Length of the stretch, or of what was put in, bp; `None` for breakends and insertions of unknown length.
    pub fn length(&self) -> Option<u32> {
        match self.kind {
            StructuralKind::Breakend => None,
            StructuralKind::Insertion => self.inserted,
            _ => Some(self.span().len()),
        }
    }

    /// The value of the first of some INFO keys that has one.
    pub fn value(&self, keys: &[String]) -> Option<&KeyValue> {
        keys.iter().find_map(|key| self.values.iter().find(|found| found.key == *key))
    }

    /// The order of results: place, kind, caller.
    pub fn order(&self) -> impl Ord + '_ {
        (self.contig, self.start, self.end, self.kind, self.evidence, &self.id, &self.alternate)
    }
}

/// Share of each of two stretches that the other covers; the smaller of both shares. 0 where they do not meet.
pub fn reciprocal_overlap(a: Span, b: Span) -> f64 {
    let longest = a.len().max(b.len());
    if longest == 0 { 0.0 } else { f64::from(overlap(a, b)) / f64::from(longest) }
}

/// Bases that two stretches share.
pub fn overlap(a: Span, b: Span) -> u32 {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlap_is_the_smaller_of_both_shares() {
        let one = Span::new(100, 200);
        assert!((reciprocal_overlap(one, Span::new(150, 250)) - 0.5).abs() < 1e-12);
        assert!((reciprocal_overlap(one, Span::new(100, 1100)) - 0.1).abs() < 1e-12);
        assert!(reciprocal_overlap(one, Span::new(200, 300)).abs() < 1e-12);
        assert!(reciprocal_overlap(Span::default(), Span::default()).abs() < 1e-12);
    }
}
