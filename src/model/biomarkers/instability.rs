//! Microsatellite instability.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Instability from somatic insertions and deletions within microsatellites.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IndelInstability {
    /// Insertions and deletions within microsatellites.
    pub indels: u64,
    /// Size of the genome, megabases.
    pub megabases: f64,
    /// Such indels a megabase.
    pub per_megabase: f64,
    /// Lower end of the exact 95 % Poisson interval, indels a megabase.
    pub low: f64,
    /// Upper end of the exact 95 % Poisson interval, indels a megabase.
    pub high: f64,
    /// Indels a megabase from which on the tumour is called unstable.
    pub threshold: f64,
    /// The threshold is reached.
    pub unstable: bool,
    /// Source id of the rule.
    pub source: String,
    /// Indels that could not be placed on the reference.
    pub not_assessed: u64,
}

/// Instability from the lengths of microsatellites in reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReadInstability {
    /// Where the microsatellites come from.
    pub sites_from: String,
    /// Microsatellites that were looked at.
    pub sites: u64,
    /// Those with enough reads in both samples.
    pub assessed: u64,
    /// Those whose lengths differ between tumour and normal.
    pub unstable_sites: u64,
    /// Percent of the assessed ones that are unstable.
    pub score: f64,
    /// Score from which on the tumour is called unstable; a cut-off is for one assay only.
    pub threshold: f64,
    /// The threshold is reached; `None` with fewer assessed sites than the policy asks for.
    pub unstable: Option<bool>,
    /// Least reads of either sample that a site needs.
    pub min_reads: u32,
    /// Largest false discovery rate of an unstable site.
    pub max_fdr: f64,
    /// Source id of the rule.
    pub source: String,
    /// The unstable sites, most certain first, at most 200.
    pub listed: Vec<UnstableSite>,
}

/// One unstable microsatellite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UnstableSite {
    /// Contig.
    pub contig: String,
    /// First base of the repeat, 1-based.
    pub position: u32,
    /// Repeated unit.
    pub unit: String,
    /// Units in the reference.
    pub units: u32,
    /// Reads of the tumour that span the repeat.
    pub tumour_reads: u32,
    /// Reads of the normal sample that span the repeat.
    pub normal_reads: u32,
    /// Chi-square of the two sets of lengths.
    pub chi_square: f64,
    /// Its p-value, corrected for the number of sites (Benjamini and Hochberg).
    pub fdr: f64,
}
