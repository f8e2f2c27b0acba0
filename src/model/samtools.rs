//! What `samtools stats`, `idxstats` and `coverage` tell about one alignment file.

use schemars::JsonSchema;
use serde::Serialize;

/// Counts with the definitions of samtools 1.16: secondary records and records without a sequence count only where said,
/// supplementary ones only where said. `reads` are primary records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SamtoolsQc {
    /// Reads.
    pub sequences: u64,
    /// Whether records are in order of position on every contig.
    pub sorted: bool,
    /// First reads of pairs, and unpaired reads.
    pub first_fragments: u64,
    /// Last reads of pairs.
    pub last_fragments: u64,
    /// Mapped reads whose mate is mapped.
    pub mapped_and_paired: u64,
    /// Mapped reads without a mapped mate.
    pub mapped_single: u64,
    /// Unmapped reads.
    pub unmapped: u64,
    /// Mapped reads flagged as properly paired.
    pub properly_paired: u64,
    /// Reads of pairs.
    pub paired: u64,
    /// Duplicates, supplementary records among them.
    pub duplicates: u64,
    /// Mapped reads of mapping quality 0.
    pub mapq0: u64,
    /// Reads that failed the platform's checks.
    pub qc_failed: u64,
    /// Secondary records.
    pub secondary: u64,
    /// Supplementary records.
    pub supplementary: u64,
    /// Bases of reads, clipped ones among them.
    pub total_length: u64,
    /// Bases of first fragments.
    pub first_length: u64,
    /// Bases of last fragments.
    pub last_length: u64,
    /// Bases of mapped reads, clipped ones among them.
    pub bases_mapped: u64,
    /// Bases of `M`, `I`, `=` and `X`, supplementary records among them.
    pub bases_mapped_cigar: u64,
    /// Bases of duplicates.
    pub bases_duplicated: u64,
    /// Sum of the tags `NM`, supplementary records among them.
    pub mismatches: u64,
    /// Longest read, hard-clipped bases among them.
    pub max_length: u32,
    /// Longest first fragment.
    pub max_first_length: u32,
    /// Longest last fragment.
    pub max_last_length: u32,
    /// Sum of the base qualities of first and last fragments.
    pub quality_sum: u64,
    /// Pairs by distance and orientation.
    pub inserts: InsertSizes,
    /// Reads with the mate on another contig.
    pub different_contig_reads: u64,
    /// Records of each contig, in the order of the header.
    #[serde(skip)]
    pub contigs: Vec<ContigReads>,
    /// Records without a contig: mapped, unmapped by flag.
    #[serde(skip)]
    pub no_contig: [u64; 2],
    /// Whether the covered bases of `samtools coverage` follow from the depth that was computed in the same pass.
    #[serde(skip)]
    pub depth_fits: bool,
}

impl SamtoolsQc {
    /// Mapped reads.
    pub fn mapped(&self) -> u64 {
        self.mapped_and_paired + self.mapped_single
    }

    /// `part` as a share of the reads, 0 to 1; `None` without reads.
    pub fn share(&self, part: u64) -> Option<f64> {
        (self.sequences > 0).then(|| part as f64 / self.sequences as f64)
    }
}

/// Insert sizes of pairs as samtools sums them up: the template length of each read, a pair counted once, longer ones
/// counted as 8,000.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InsertSizes {
    /// Mean over the least 99 % of the pairs, bp.
    pub average: f64,
    /// Standard deviation over the same pairs, bp.
    pub standard_deviation: f64,
    /// Pairs that face each other.
    pub inward: u64,
    /// Pairs that face away.
    pub outward: u64,
    /// Pairs on one strand.
    pub other: u64,
}

/// Records of one contig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContigReads {
    /// Name in the alignment's header.
    pub name: String,
    /// Length, bp.
    pub length: u32,
    /// Records that are not flagged as unmapped.
    pub mapped: u64,
    /// Records that are flagged as unmapped and placed with their mates.
    pub unmapped: u64,
    /// Records without any of the flag bits 1796.
    pub counted: u64,
    /// Sum of their mapping qualities.
    pub mapq_sum: u64,
    /// Their bases of `M`, `=` and `X` on the contig.
    pub aligned: u64,
    /// Sum of those bases' qualities.
    pub quality_sum: u64,
}
