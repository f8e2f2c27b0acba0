//! What a sample looks like at a list of known sites: the little that identity checks need, taken while reads go by or from
//! calls, small enough to keep for every sample ever seen.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where on the genome a site lies, as far as the number of copies goes.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum SiteRegion {
    /// Two copies in everybody: autosomes and the pseudo-autosomal regions.
    #[default]
    Autosome,
    /// X outside the pseudo-autosomal regions.
    X,
    /// Y outside the pseudo-autosomal regions.
    Y,
}

/// A common single-nucleotide variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    /// Contig name without a leading `chr`.
    pub contig: String,
    /// 0-based position.
    pub position: u32,
    /// Reference base, one of `ACGT`.
    pub reference: u8,
    /// Alternate base, one of `ACGT`.
    pub alternate: u8,
    /// Frequency of the alternate allele in all populations together, 0 to 1.
    pub frequency: f64,
    /// How the number of copies goes.
    pub region: SiteRegion,
}

/// How allele frequencies change with ancestry: the frequency of site `i` in a person with principal components `p` is
/// `(mean[i] + sum over k of loadings[i][k] * p[k]) / 2`.
///
/// Source: Zhang et al. 2020, Genome Research 30:185 (VerifyBamID2), whose resource files hold these numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AncestryModel {
    /// Mean number of alternate alleles, 0 to 2, a site (`.mu`).
    pub mean: Vec<f64>,
    /// Loadings, `components` a site, site after site (`.UD`).
    pub loadings: Vec<f64>,
    /// Number of principal components.
    pub components: usize,
}

/// A list of sites, in order of contig and position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteList {
    /// Name for people: a file's name, or that of a built-in list.
    pub name: String,
    /// `GRCh37` or `GRCh38`, when the list says.
    pub build: Option<String>,
    /// SHA-256 over contig, position and alleles of every site: sketches of one digest can be compared site by site.
    pub digest: String,
    /// The sites.
    pub sites: Vec<Site>,
    /// Ancestry, when the list has it.
    pub ancestry: Option<AncestryModel>,
}

/// Bases of one kind and quality at one site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualityCount {
    /// Which allele they show.
    pub allele: SiteAllele,
    /// Base quality, phred.
    pub quality: u8,
    /// How many there are.
    pub count: u16,
}

/// What a base shows at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SiteAllele {
    /// The reference base.
    Reference,
    /// The alternate base.
    Alternate,
    /// Another base.
    Other,
}

/// A called genotype at a site.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum SiteGenotype {
    /// Not called, or neither allele fits.
    #[default]
    Unknown,
    /// Two reference alleles.
    HomRef,
    /// One of each.
    Het,
    /// Two alternate alleles.
    HomAlt,
}

/// One site of one sample.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SiteCounts {
    /// Bases that show the reference allele.
    pub reference: u32,
    /// Bases that show the alternate allele.
    pub alternate: u32,
    /// Bases that show anything else.
    pub other: u32,
    /// The same bases by quality, in order of allele and quality; empty when counts come from calls.
    pub qualities: Vec<QualityCount>,
    /// The caller's genotype, when the sketch was made from calls.
    pub called: Option<SiteGenotype>,
}

impl SiteCounts {
    /// Bases that show one of the two alleles.
    pub fn depth(&self) -> u32 {
        self.reference.saturating_add(self.alternate)
    }
}

/// Typical depth by kind of contig, of reads that count: medians over windows, the mean of the mitochondrial genome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChromosomeDepth {
    /// Autosomes.
    pub autosomes: f64,
    /// X outside the pseudo-autosomal regions.
    pub x: f64,
    /// Y outside the pseudo-autosomal regions.
    pub y: f64,
    /// Mitochondrial genome.
    pub mitochondrial: f64,
}

/// What a sketch says at first sight, for results that do not hold the sketch itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SketchSummary {
    /// Name of the list of sites.
    pub list: String,
    /// Its build, when it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<String>,
    /// Its digest: sketches of one digest can be compared site by site.
    pub sites_sha256: String,
    /// Number of sites.
    pub sites: u64,
    /// Sites with a base that counts.
    pub covered: u64,
    /// Mean number of bases that count, over all sites of autosomes.
    pub mean_depth: f64,
    /// Depth by kind of contig.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<ChromosomeDepth>,
    /// Sex chromosomes by their depth (`XX`, `XY`, ...), or `undetermined`.
    pub karyotype: String,
}

/// What a sketch was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", tag = "kind")]
pub enum SketchSource {
    /// Aligned reads, with the least qualities of bases and mappings that counted.
    Reads {
        /// Least base quality, phred.
        min_base_quality: u8,
        /// Least mapping quality, phred.
        min_mapping_quality: u8,
    },
    /// A file of calls.
    Calls,
}

/// One sample at one list of sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Sketch {
    /// The sample's name.
    pub sample: String,
    /// What it was made from.
    pub source: SketchSource,
    /// The sites.
    pub sites: Arc<SiteList>,
    /// One entry a site of the list.
    pub counts: Vec<SiteCounts>,
    /// Depth by kind of contig; absent when made from calls.
    pub depth: Option<ChromosomeDepth>,
}
