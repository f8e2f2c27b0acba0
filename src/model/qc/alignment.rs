//! How the reads of one alignment file align.

use schemars::JsonSchema;
use serde::Serialize;

/// Which reads a row is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReadCategory {
    /// Reads that have no mate.
    #[default]
    Unpaired,
    /// First reads of pairs.
    FirstOfPair,
    /// Second reads of pairs.
    SecondOfPair,
    /// Both.
    Pair,
}

/// How reads align, by category.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlignmentSummary {
    /// Whether bases were compared with a reference; otherwise nothing counts as different.
    pub compared: bool,
    /// The categories that have reads.
    pub categories: Vec<AlignmentCategory>,
    /// Paired reads by their length, and by that without clipped ends.
    #[serde(skip)]
    pub paired_lengths: [Vec<(u32, u64)>; 2],
    /// The same of unpaired reads.
    #[serde(skip)]
    pub unpaired_lengths: [Vec<(u32, u64)>; 2],
}

/// How reads of one category align. The names are Picard's: `pct` is a share from 0 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AlignmentCategory {
    /// Which reads.
    pub category: ReadCategory,
    /// Primary reads.
    pub total_reads: u64,
    /// Those that passed the platform's checks (PF).
    pub pf_reads: u64,
    /// Their share.
    pub pct_pf_reads: f64,
    /// PF reads that the tag `XN` calls noise.
    pub pf_noise_reads: u64,
    /// PF reads that are aligned.
    pub pf_reads_aligned: u64,
    /// Their share of PF reads.
    pub pct_pf_reads_aligned: f64,
    /// Bases of `M`, `=` and `X` of aligned PF reads.
    pub pf_aligned_bases: u64,
    /// Aligned PF reads with a mapping quality of at least 20 (HQ).
    pub pf_hq_aligned_reads: u64,
    /// Their aligned bases.
    pub pf_hq_aligned_bases: u64,
    /// Those of them with a quality of at least 20.
    pub pf_hq_aligned_q20_bases: u64,
    /// Median over aligned PF reads of mismatches, taken as 0 for those that are not HQ.
    pub pf_hq_median_mismatches: f64,
    /// Share of aligned bases that differ from the reference.
    pub pf_mismatch_rate: f64,
    /// The same over HQ reads.
    pub pf_hq_error_rate: f64,
    /// Insertions and deletions, each counted once, by aligned bases.
    pub pf_indel_rate: f64,
    /// Mean length of PF reads with their clipped ends, bp.
    pub mean_read_length: f64,
    /// Standard deviation of it; none for a single read.
    pub sd_read_length: f64,
    /// Median of it.
    pub median_read_length: f64,
    /// Median absolute deviation of it.
    pub mad_read_length: f64,
    /// The least.
    pub min_read_length: u32,
    /// The greatest.
    pub max_read_length: u32,
    /// Mean length of PF reads without clipped ends, 0 for reads that are not aligned, bp.
    pub mean_aligned_read_length: f64,
    /// Aligned PF reads with an aligned mate.
    pub reads_aligned_in_pairs: u64,
    /// Their share of aligned PF reads.
    pub pct_reads_aligned_in_pairs: f64,
    /// Aligned PF reads of pairs that are not flagged as proper.
    pub pf_reads_improper_pairs: u64,
    /// Their share of aligned PF reads.
    pub pct_pf_reads_improper_pairs: f64,
    /// Cycles in which at least 80 % of the reads are N or differ from the reference.
    pub bad_cycles: u64,
    /// Share of aligned PF reads on the forward strand.
    pub strand_balance: f64,
    /// Share of surely placed reads that are far from their mate, lie oddly towards it, or have a supplementary alignment.
    pub pct_chimeras: f64,
    /// Share of PF reads that begin as adapter.
    pub pct_adapter: f64,
    /// Soft-clipped bases of aligned PF reads by all bases of PF reads.
    pub pct_softclip: f64,
    /// Hard-clipped bases of PF reads by all their other bases.
    pub pct_hardclip: f64,
    /// Mean length, bp, of the soft clip at the end of those reads that have one there.
    pub avg_pos_3prime_softclip_length: f64,
}

impl AlignmentCategory {
    /// A category without reads.
    pub fn empty(category: ReadCategory) -> Self {
        Self { category, ..Self::default() }
    }
}
