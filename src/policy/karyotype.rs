//! Limits that tell sex chromosomes, as data (`presets/karyotype.toml`) with a source beside every number.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::Sourced;
use crate::model::problem::{Problem, ProblemKind};

const TEXT: &str = include_str!("presets/karyotype.toml");

/// All limits.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KaryotypeLimits {
    /// Name.
    pub id: String,
    /// Version, changed whenever an answer can change.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// Source id to citation.
    pub sources: BTreeMap<String, String>,
    /// Depth.
    pub depth: DepthLimits,
    /// Heterozygosity of X.
    pub heterozygosity: HeterozygosityLimits,
    /// Ranges, which do not overlap.
    #[serde(rename = "karyotype")]
    pub karyotypes: Vec<KaryotypeRange>,
}

/// When depths tell anything.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepthLimits {
    /// Least depth of autosomes.
    pub min_autosomes: Sourced<f64>,
}

/// Heterozygous sites of X for each homozygous alternate one.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeterozygosityLimits {
    /// Least number of sites of X with a genotype.
    pub min_sites: Sourced<u32>,
    /// Less than this is one X.
    pub one_x_below: Sourced<f64>,
    /// More than this is two or more.
    pub two_x_above: Sourced<f64>,
}

/// One karyotype.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KaryotypeRange {
    /// `XX`.
    pub name: String,
    /// Number of X.
    pub x_copies: u8,
    /// Number of Y.
    pub y_copies: u8,
    /// Depth of X over that of autosomes: from the first to below the second.
    pub x: [f64; 2],
    /// The same of Y.
    pub y: [f64; 2],
    /// Source id.
    pub source: String,
}

/// The limits that ship with the program, read once.
///
/// # Errors
///
/// When the preset does not read, which a test rules out.
pub fn limits() -> Result<&'static KaryotypeLimits, Problem> {
    static LIMITS: LazyLock<Result<KaryotypeLimits, Problem>> = LazyLock::new(|| {
        toml::from_str(TEXT).map_err(|e| {
            Problem::new(ProblemKind::Internal, format!("preset karyotype: {}", e.message()))
        })
    });
    LIMITS.as_ref().map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_sources_and_do_not_overlap() {
        let limits = limits().unwrap();
        let sources = limits.karyotypes.iter().map(|range| &range.source).chain([
            &limits.depth.min_autosomes.source,
            &limits.heterozygosity.min_sites.source,
            &limits.heterozygosity.one_x_below.source,
            &limits.heterozygosity.two_x_above.source,
        ]);
        for source in sources {
            assert!(limits.sources.contains_key(source), "{source}");
        }
        let apart = |a: [f64; 2], b: [f64; 2]| a[1] <= b[0] || b[1] <= a[0];
        for (i, a) in limits.karyotypes.iter().enumerate() {
            for b in &limits.karyotypes[..i] {
                assert!(apart(a.x, b.x) || apart(a.y, b.y), "{} {}", a.name, b.name);
            }
        }
    }
}
