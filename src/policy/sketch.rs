//! What counts in a sketch, as data (`presets/sketch.toml`) with a source beside every number.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Sourced;
use crate::model::problem::{Problem, ProblemKind};

const TEXT: &str = include_str!("presets/sketch.toml");

/// Everything that counts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SketchLimits {
    /// Name.
    pub id: String,
    /// Version, changed whenever a sketch can change.
    pub version: String,
    /// One line for people.
    pub title: String,
    /// Source id to citation.
    pub sources: BTreeMap<String, String>,
    /// Reads.
    pub reads: ReadLimits,
    /// Bases.
    pub bases: BaseLimits,
    /// Depth.
    pub depth: DepthLimits,
}

/// Which reads count.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadLimits {
    /// Least mapping quality, phred.
    pub min_mapping_quality: Sourced<u8>,
    /// Reads with any of these flag bits do not count.
    pub exclude_flags: Sourced<u16>,
}

/// Which bases count.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaseLimits {
    /// Least base quality, phred.
    pub min_base_quality: Sourced<u8>,
    /// Most bases at one site.
    pub max_depth: Sourced<u16>,
    /// Greatest share of bases of neither allele without a remark.
    pub max_other_share: Sourced<f64>,
}

/// When depth by kind of chromosome is told.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DepthLimits {
    /// Least number of windows of autosomes with reads.
    pub min_windows: Sourced<u32>,
}

/// The limits that ship with the program.
///
/// # Errors
///
/// When the preset does not read, which a test rules out.
pub fn limits() -> Result<SketchLimits, Problem> {
    toml::from_str(TEXT)
        .map_err(|e| Problem::new(ProblemKind::Internal, format!("preset sketch: {}", e.message())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_source_that_is_told() {
        let limits = limits().unwrap();
        let (reads, bases) = (&limits.reads, &limits.bases);
        for source in [
            &reads.min_mapping_quality.source,
            &reads.exclude_flags.source,
            &bases.min_base_quality.source,
            &bases.max_depth.source,
            &bases.max_other_share.source,
            &limits.depth.min_windows.source,
        ] {
            assert!(limits.sources.contains_key(source), "{source}");
        }
        assert_eq!((&*limits.id, reads.exclude_flags.value), ("sketch", 0xF04));
    }
}
