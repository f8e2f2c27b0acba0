//! Quality of the alignments in results: one compact entry a file. Histograms and tracks stay in the files below `qc/`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::sample::Role;
use super::super::verdict::Verdict;

/// Depths at which the share of bases is told. 1 is any coverage; 10, 15, 20 and 30 are the usual limits of germline
/// genomes, 50 one for tumours.
pub const DEPTHS: [u32; 7] = [1, 5, 10, 15, 20, 30, 50];

/// Depths at which the share of a gene's bases is told.
pub const GENE_DEPTHS: [u32; 3] = [15, 20, 30];

/// What quality control learnt about one alignment of one member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QualityResult {
    /// Number of the member, 1-based.
    pub member: u16,
    /// What the member is to the case.
    pub role: Role,
    /// Name of the sample in the input files.
    pub sample: String,
    /// What was read.
    pub input: AlignmentDigest,
    /// Counts of records by flag; `None` when not counted.
    pub reads: Option<ReadCounts>,
    /// Depth of coverage; `None` when not computed.
    pub depth: Option<DepthResult>,
    /// The figures against a named set of limits; `None` when no set belongs to the policy and none was asked for.
    #[serde(default)]
    pub verdict: Option<Verdict>,
    /// Depth over the case's panels; empty without a gene model.
    #[serde(default)]
    pub panels: Vec<PanelDepth>,
    /// Remarks on the file.
    pub notes: Vec<String>,
}

/// Depth over the genes of one panel: reads of mapping quality 11 and more, no duplicates, overlapping mates once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PanelDepth {
    /// PanelApp id, or the file's stem.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Bases of a lesser depth are gaps.
    pub gap_below: u32,
    /// All its genes together, each base once.
    pub whole: GeneFigures,
    /// Each gene, in the order of the alignment's contigs; those without any assessed base last.
    pub genes: Vec<GeneDepth>,
}

/// Depth over one gene.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeneDepth {
    /// Symbol.
    pub symbol: String,
    /// The values.
    pub figures: GeneFigures,
    /// Why no base, or not every base, could be assessed.
    pub not_assessed: Option<String>,
}

/// Depth over the exons of a gene, or of a panel's genes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GeneFigures {
    /// Bases that were assessed.
    pub bases: u64,
    /// Bases that could not be assessed.
    pub not_assessed_bases: u64,
    /// Mean depth, to four digits after the point; `None` without bases.
    pub mean: Option<f64>,
    /// Share of the assessed bases that reach each of [`GENE_DEPTHS`], cut after four digits, so that 1 means every base;
    /// empty without bases.
    pub reached: Vec<DepthShare>,
    /// Runs of bases below the gap threshold.
    pub gaps: u64,
    /// Bases in them.
    pub gap_bases: u64,
}

impl GeneFigures {
    /// The share of bases with at least this depth, when it was computed.
    pub fn share(&self, depth: u32) -> Option<f64> {
        self.reached.iter().find(|reached| reached.depth == depth).map(|reached| reached.share)
    }
}

/// An alignment file by content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AlignmentDigest {
    /// Size in bytes; `None` for a stream.
    pub bytes: Option<u64>,
    /// SHA-256 of the SAM header text and the contig list, lower-case hex.
    pub header_sha256: String,
    /// SHA-256 over checksum and length of every BGZF block (or container and block of CRAM) in file order, lower-case hex.
    pub blocks_sha256: Option<String>,
}

/// Counts of records, each `[passed, failed]` by the quality-check flag, as `samtools flagstat` defines them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadCounts {
    /// All records.
    pub total: [u64; 2],
    /// Records that are neither secondary nor supplementary: one a read.
    pub primary: [u64; 2],
    /// Secondary alignments.
    pub secondary: [u64; 2],
    /// Supplementary alignments.
    pub supplementary: [u64; 2],
    /// Duplicates among primary records.
    pub primary_duplicates: [u64; 2],
    /// Mapped primary records.
    pub primary_mapped: [u64; 2],
    /// Primary records of paired templates.
    pub paired: [u64; 2],
    /// Properly paired primary records.
    pub properly_paired: [u64; 2],
    /// Paired and mapped primary records whose mate is unmapped.
    pub singletons: [u64; 2],
    /// Pairs' primary records with the mate on another contig.
    pub different_contig: [u64; 2],
}

/// Depth of coverage of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepthResult {
    /// Where the numbers differ on purpose from those of mosdepth.
    pub corrections: Vec<String>,
    /// The mosdepth version whose numbers were reproduced, if any.
    pub compat: Option<String>,
    /// Over all contigs with records.
    pub total: DepthFigures,
    /// Over the target regions, when the case has any.
    pub regions: Option<DepthFigures>,
    /// Contigs in the order of the file: all when there are few, else the primary ones.
    pub contigs: Vec<ContigDepthResult>,
}

/// Depth over a set of bases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepthFigures {
    /// Number of bases.
    pub bases: u64,
    /// Mean depth, to four digits after the point.
    pub mean: f64,
    /// Least depth; `None` without bases.
    pub min: Option<u32>,
    /// Greatest depth.
    pub max: u32,
    /// Share of the bases that reach each of [`DEPTHS`]; empty without bases or where no histogram was kept.
    pub reached: Vec<DepthShare>,
}

impl DepthFigures {
    /// The share of bases with at least this depth, when it was computed.
    pub fn share(&self, depth: u32) -> Option<f64> {
        self.reached.iter().find(|reached| reached.depth == depth).map(|reached| reached.share)
    }
}

/// The share of bases that reach a depth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DepthShare {
    /// Least depth, reads.
    pub depth: u32,
    /// Share of bases, 0 to 1, to six digits after the point.
    pub share: f64,
}

/// Depth over one contig.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ContigDepthResult {
    /// Name in the alignment's header.
    pub name: String,
    /// Length, bp.
    pub length: u32,
    /// Mean depth, to four digits after the point.
    pub mean: f64,
}
