//! Somatic small variants of a whole genome as compact integers: every one that passed, before panels and consequences.

use super::contig::ContigId;
use super::coord::Span;
use super::regions::RegionSet;

/// Reads of one sample at one variant; unknown where the caller does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AlleleReads {
    /// Reads with the reference.
    pub reference: Option<u32>,
    /// Reads with the ALT.
    pub alternate: Option<u32>,
    /// The caller's own share of reads with the ALT, 0 to 1.
    pub fraction: Option<f32>,
}

impl AlleleReads {
    /// Share of reads with the ALT, 0 to 1: of both counts, else as the caller tells; `None` when neither is there.
    pub fn vaf(&self) -> Option<f64> {
        match (self.reference, self.alternate) {
            (Some(reference), Some(alternate)) if reference > 0 || alternate > 0 => {
                let (reference, alternate) = (f64::from(reference), f64::from(alternate));
                Some(alternate / (reference + alternate))
            }
            _ => self.fraction.map(f64::from),
        }
    }

    /// Reads with either allele; `None` when one count is unknown.
    pub fn depth(&self) -> Option<u32> {
        Some(self.reference?.saturating_add(self.alternate?))
    }
}

/// What the annotation says of a variant, as far as biomarkers ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks(u8);

impl Marks {
    /// A transcript that counts has a term that changes the protein or a splice site.
    pub const NON_SYNONYMOUS: Self = Self(1);
    /// A transcript that counts has a term within coding sequence, synonymous ones too.
    pub const CODING: Self = Self(1 << 1);
    /// A transcript that counts has a missense term.
    pub const MISSENSE: Self = Self(1 << 2);
    /// The record has any consequence.
    pub const ANNOTATED: Self = Self(1 << 3);
    /// A population frequency is known (absence from a present source is one).
    pub const FREQUENCY_KNOWN: Self = Self(1 << 4);
    /// Common in a population.
    pub const COMMON: Self = Self(1 << 5);
    /// Seen in a population at all.
    pub const IN_POPULATION: Self = Self(1 << 6);

    /// Adds a mark.
    pub fn set(&mut self, mark: Self, holds: bool) {
        self.0 |= if holds { mark.0 } else { 0 };
    }

    /// Whether a mark is set.
    pub fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }
}

/// One stored variant: its alleles lie in the common arena.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Stored {
    contig: ContigId,
    position: u32,
    alleles: usize,
    reference_bp: u16,
    alternate_bp: u16,
    tumour: AlleleReads,
    normal: AlleleReads,
    marks: Marks,
}

/// One variant with its alleles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SomaticCall<'a> {
    /// Contig of the case's table.
    pub contig: ContigId,
    /// Position of the first reference base, 1-based.
    pub position: u32,
    /// Reference allele, upper case.
    pub reference: &'a [u8],
    /// Alternate allele, upper case.
    pub alternate: &'a [u8],
    /// Reads of the tumour.
    pub tumour: AlleleReads,
    /// Reads of the normal sample; unknown without one.
    pub normal: AlleleReads,
    /// What the annotation says.
    pub marks: Marks,
}

impl SomaticCall<'_> {
    /// One base for another.
    pub fn is_snv(&self) -> bool {
        self.reference.len() == 1 && self.alternate.len() == 1
    }

    /// Insertion or deletion behind one shared base.
    pub fn is_indel(&self) -> bool {
        let (r, a) = (self.reference, self.alternate);
        r.len() != a.len() && (r.len() == 1 || a.len() == 1) && r.first() == a.first()
    }

    /// A base of REF lies within the regions.
    pub fn lies_in(&self, regions: &RegionSet) -> bool {
        let start = self.position.saturating_sub(1);
        let end = start + (self.reference.len() as u32).max(1);
        regions.overlapping(self.contig, Span::new(start, end)).is_some()
    }

    /// Bases more (insertion) or fewer (deletion) than the reference, bp.
    pub fn length_change(&self) -> i64 {
        self.alternate.len() as i64 - self.reference.len() as i64
    }
}

/// Somatic variants, each once and in order after [`SomaticCalls::settle`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SomaticCalls {
    calls: Vec<Stored>,
    alleles: Vec<u8>,
    /// Variants that were not taken: symbolic ones, and alleles beyond 65,535 bp.
    pub not_taken: u64,
}

impl SomaticCalls {
    /// Adds a variant.
    pub fn push(&mut self, call: &SomaticCall<'_>) {
        let lengths = (u16::try_from(call.reference.len()), u16::try_from(call.alternate.len()));
        let (Ok(reference_bp), Ok(alternate_bp)) = lengths else {
            self.not_taken += 1;
            return;
        };
        let alleles = self.alleles.len();
        self.alleles.extend_from_slice(call.reference);
        self.alleles.extend_from_slice(call.alternate);
        let SomaticCall { contig, position, tumour, normal, marks, .. } = *call;
        self.calls.push(Stored {
            contig,
            position,
            alleles,
            reference_bp,
            alternate_bp,
            tumour,
            normal,
            marks,
        });
    }

    /// Adds the variants of another stretch.
    pub fn append(&mut self, other: &Self) {
        let shift = self.alleles.len();
        self.alleles.extend_from_slice(&other.alleles);
        let moved =
            other.calls.iter().map(|call| Stored { alleles: call.alleles + shift, ..*call });
        self.calls.extend(moved);
        self.not_taken += other.not_taken;
    }

    /// Sorts by contig, position and alleles, and keeps of a variant that came several times the one with most reads.
    /// Returns how many were dropped. The outcome does not depend on the order in which variants came.
    pub fn settle(&mut self) -> u64 {
        let mut calls = std::mem::take(&mut self.calls);
        let before = calls.len();
        let key = |call: &Stored| {
            let reads = call.tumour.depth().unwrap_or(0);
            let normal = call.normal.depth().unwrap_or(0);
            let alternate = call.tumour.alternate.unwrap_or(0);
            std::cmp::Reverse((reads, normal, alternate, call.marks.0))
        };
        calls.sort_by(|a, b| self.place(a).cmp(&self.place(b)).then_with(|| key(a).cmp(&key(b))));
        calls.dedup_by(|b, a| self.place(a) == self.place(b));
        self.calls = calls;
        (before - self.calls.len()) as u64
    }

    fn place<'a>(&'a self, call: &Stored) -> (ContigId, u32, &'a [u8], &'a [u8]) {
        let seen = self.view(call);
        (seen.contig, seen.position, seen.reference, seen.alternate)
    }

    fn view(&self, call: &Stored) -> SomaticCall<'_> {
        let from = call.alleles;
        let (middle, end) = (
            from + usize::from(call.reference_bp),
            from + usize::from(call.reference_bp) + usize::from(call.alternate_bp),
        );
        SomaticCall {
            contig: call.contig,
            position: call.position,
            reference: &self.alleles[from..middle],
            alternate: &self.alleles[middle..end],
            tumour: call.tumour,
            normal: call.normal,
            marks: call.marks,
        }
    }

    /// All variants in order.
    pub fn iter(&self) -> impl Iterator<Item = SomaticCall<'_>> + Clone {
        self.calls.iter().map(|call| self.view(call))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.calls.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(position: u32, alternate: &[u8], alternate_reads: u32) -> SomaticCall<'_> {
        SomaticCall {
            contig: ContigId(0),
            position,
            reference: b"A",
            alternate,
            tumour: AlleleReads {
                reference: Some(10),
                alternate: Some(alternate_reads),
                fraction: None,
            },
            normal: AlleleReads::default(),
            marks: Marks::default(),
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let all = [call(9, b"C", 3), call(2, b"AT", 1), call(9, b"C", 7), call(2, b"G", 1)];
        let settled = |order: &[usize]| {
            let mut whole = SomaticCalls::default();
            for &i in order {
                let mut one = SomaticCalls::default();
                one.push(&all[i]);
                whole.append(&one);
            }
            assert_eq!(whole.settle(), 1);
            whole.iter().map(|c| (c.position, c.alternate.to_vec(), c.tumour)).collect::<Vec<_>>()
        };
        let first = settled(&[0, 1, 2, 3]);
        assert_eq!(first, settled(&[3, 2, 1, 0]));
        assert_eq!(first.len(), 3);
        assert_eq!(first[2].2.alternate, Some(7), "the record with more reads stays");
    }

    #[test]
    fn the_share_is_of_both_counts_else_the_caller_s() {
        assert_eq!(call(1, b"C", 10).tumour.vaf(), Some(0.5));
        let told = AlleleReads { fraction: Some(0.25), ..AlleleReads::default() };
        assert_eq!((told.vaf(), AlleleReads::default().vaf()), (Some(0.25), None));
    }
}
