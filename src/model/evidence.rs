//! What a second look at the reads of one member shows of one variant. Counts are of fragments: overlapping mates count
//! once. Whole numbers only, so that sums do not depend on the order.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How reads were told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReadMethod {
    /// The bases at the site (one or several bases replaced by as many).
    Bases,
    /// The likelihood of each read under the two haplotypes (a pair hidden Markov model).
    Likelihood,
    /// The operations of the CIGAR as the aligner placed them: no reference was given.
    Cigar,
}

impl ReadMethod {
    /// The word that outputs use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bases => "bases",
            Self::Likelihood => "likelihood",
            Self::Cigar => "cigar",
        }
    }
}

/// Fragments that show one allele.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct AlleleReads {
    /// On the forward strand.
    pub forward: u32,
    /// On the reverse strand.
    pub reverse: u32,
    /// Sum of the base qualities at the site, phred; 0 for variants that change the length.
    pub base_quality_sum: u64,
    /// Sum of the mapping qualities, phred.
    pub mapping_quality_sum: u64,
}

impl AlleleReads {
    /// Fragments on both strands.
    pub fn count(&self) -> u32 {
        self.forward + self.reverse
    }

    /// Mean mapping quality, phred; `None` without fragments.
    pub fn mean_mapping_quality(&self) -> Option<f64> {
        (self.count() > 0).then(|| self.mapping_quality_sum as f64 / f64::from(self.count()))
    }

    /// Mean base quality, phred; `None` without fragments or without qualities.
    pub fn mean_base_quality(&self) -> Option<f64> {
        let known = self.count() > 0 && self.base_quality_sum > 0;
        known.then(|| self.base_quality_sum as f64 / f64::from(self.count()))
    }
}

/// Reads over the site that did not count, by the first cause that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct ExcludedReads {
    /// Duplicates.
    pub duplicate: u32,
    /// Secondary and supplementary alignments.
    pub not_primary: u32,
    /// Failed the platform's checks.
    pub failed: u32,
    /// Mapping quality below the limit.
    pub low_mapping_quality: u32,
    /// Base quality at the site below the limit, or no base (N).
    pub low_base_quality: u32,
    /// Beyond the most that are looked at in one place.
    pub beyond_cap: u32,
}

impl ExcludedReads {
    /// All of them.
    pub fn total(&self) -> u32 {
        self.duplicate
            + self.not_primary
            + self.failed
            + self.low_mapping_quality
            + self.low_base_quality
            + self.beyond_cap
    }
}

/// What the reads of one member show of one variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub struct SiteReads {
    /// How they were told apart.
    pub method: ReadMethod,
    /// Fragments with the reference.
    pub reference: AlleleReads,
    /// Fragments with the ALT.
    pub alternate: AlleleReads,
    /// Fragments with something else: another base, another length.
    pub other: AlleleReads,
    /// Fragments that fit reference and ALT about as well, such as those that end within a repeat.
    pub ambiguous: u32,
    /// Reads that did not count.
    pub excluded: ExcludedReads,
}

impl SiteReads {
    /// No read yet.
    pub fn new(method: ReadMethod) -> Self {
        Self {
            method,
            reference: AlleleReads::default(),
            alternate: AlleleReads::default(),
            other: AlleleReads::default(),
            ambiguous: 0,
            excluded: ExcludedReads::default(),
        }
    }

    /// Fragments that show an allele.
    pub fn depth(&self) -> u32 {
        self.reference.count() + self.alternate.count() + self.other.count()
    }

    /// Share of those with the ALT, 0 to 1; `None` without any.
    pub fn fraction(&self) -> Option<f64> {
        let depth = self.depth();
        (depth > 0).then(|| f64::from(self.alternate.count()) / f64::from(depth))
    }
}

/// Why the reads were not asked about a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotRead {
    /// The alignment has no such contig.
    NoContig,
    /// REF reaches beyond the contig's end.
    BeyondContig,
    /// REF is not what the reference has there.
    ReferenceDiffers,
    /// An allele without a sequence of its own, or with letters that are no bases.
    Symbolic,
    /// Longer than the policy's limit.
    TooLong,
    /// A replacement of another length, which a CIGAR cannot show: it needs the reference.
    NeedsReference,
}

impl NotRead {
    /// In words, as the end of a sentence that begins with "not read:".
    pub fn words(self) -> &'static str {
        match self {
            Self::NoContig => "the alignment has no such contig",
            Self::BeyondContig => "REF reaches beyond the contig's end",
            Self::ReferenceDiffers => "REF is not what the reference has there",
            Self::Symbolic => "an allele is no sequence of bases",
            Self::TooLong => "longer than the policy's limit",
            Self::NeedsReference => "a replacement of another length needs the reference",
        }
    }
}

/// What is known of a member's reads at a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadEvidence {
    /// They were counted.
    Counted(SiteReads),
    /// They could not be.
    NotRead(NotRead),
}

impl ReadEvidence {
    /// The counts.
    pub fn counted(&self) -> Option<&SiteReads> {
        match self {
            Self::Counted(reads) => Some(reads),
            Self::NotRead(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_fragments_that_show_an_allele() {
        let mut reads = SiteReads::new(ReadMethod::Bases);
        assert_eq!((reads.depth(), reads.fraction()), (0, None));
        reads.reference.forward = 2;
        reads.alternate =
            AlleleReads { forward: 1, reverse: 2, base_quality_sum: 90, mapping_quality_sum: 150 };
        reads.other.reverse = 1;
        reads.ambiguous = 7;
        reads.excluded.duplicate = 4;
        assert_eq!((reads.depth(), reads.fraction()), (6, Some(0.5)));
        assert_eq!(reads.alternate.mean_base_quality(), Some(30.0));
        assert_eq!(reads.alternate.mean_mapping_quality(), Some(50.0));
        assert_eq!(reads.other.mean_base_quality(), None);
        assert_eq!(reads.excluded.total(), 4);
    }
}
